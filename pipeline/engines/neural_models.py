"""Find the neural models in a folder that the user names, and say what each of them is.

Takes   a folder with one folder per model: OPUS-MT converted for CTranslate2, or an unpacked Argos package
Gives   the Models there, by folder name, with languages as far as they are declared
Always  only JSON and names are read here, within limits; nothing of a model folder is executed or unpickled, and a
        folder that is no model, or is incomplete, is named with what is missing

An OPUS-MT folder holds model.bin, config.json, a vocabulary, source.spm and target.spm, and has no word about its
languages but its name (`opus-mt-en-es`). An Argos folder holds metadata.json, sentencepiece.model and model/.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.errors import EngineError, LocaleError
from pipeline.model import Locale

MOST_JSON_BYTES = 1 << 20
"""Of a config.json or metadata.json."""
MOST_VOCABULARY_BYTES = 64 << 20
MOST_FOLDERS = 1000
"""In the user's folder: with more, it is not a folder of models."""
_PAIR_IN_NAME = re.compile(r"(?:^|[-_])([a-z]{2,3})[-_]([a-z]{2,3}(?:[-_][A-Z]{2})?)(?:[-_][0-9][0-9_.]*)?$")
"""`opus-mt-en-es`, `en-pt-BR`, `translate-en_es-1_9`; not `opus-mt-en-ROMANCE`."""
_VOCABULARIES = ("source_vocabulary", "shared_vocabulary")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model folder, complete by its file names; nothing of it is loaded yet."""

    name: str
    """The folder's."""
    folder: Path
    """Where model.bin lies."""
    source_spm: Path
    target_spm: Path
    pair: tuple[str, str] | None
    """The locales that it declares or is named after; None if neither says."""
    adds_end: bool
    """Whether `</s>` must be put after the source by hand."""
    prefix: str = ""
    """What the target begins with (Argos: `target_prefix`); empty for most."""

    @property
    def files(self) -> tuple[Path, ...]:
        """All that its drafts depend on."""
        inside = (*self.folder.glob("*.json"), *self.folder.glob("*.txt"), self.folder / "model.bin")
        return tuple(sorted({*inside, self.source_spm, self.target_spm}))

    def hash(self) -> str:
        """12 hex digits over names and bytes of its files; read again only when one of them has changed."""
        return _hash(tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in self.files))

    def vocabulary(self) -> frozenset[str]:
        """The source pieces that the model knows. Raises EngineError."""
        for name in _VOCABULARIES:
            if (path := self.folder / f"{name}.json").is_file():
                tokens = _read_json(path, MOST_VOCABULARY_BYTES)
                if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
                    raise EngineError(f"{path} is not a list of tokens: convert the model again")
                return frozenset(tokens)
            if (path := self.folder / f"{name}.txt").is_file():
                return frozenset(_read(path, MOST_VOCABULARY_BYTES).decode(errors="replace").split("\n"))
        raise EngineError(f"{self.folder} has no vocabulary: convert the model again")


def find_models(folder: Path) -> dict[str, Model | str]:
    """The models of a folder by name; for a folder that will not do, what is wrong with it. Raises EngineError.

    The folder itself may be a single model.
    """
    if not folder.is_dir():
        raise EngineError(f"the folder of models {folder} is not there: see [engine.neural] models in signoff.toml")
    if (folder / "model.bin").is_file() or (folder / "metadata.json").is_file():
        return {folder.name: _model(folder) or f"{folder} is no model"}
    inside = sorted(path for path in folder.iterdir() if path.is_dir() or path.suffix == ".argosmodel")
    if len(inside) > MOST_FOLDERS:
        raise EngineError(f"{folder} holds {len(inside)} folders: name one that holds only models")
    return {path.name: found for path in inside if (found := _model(path))}


def _model(folder: Path) -> Model | str | None:
    """The model of a folder; what is wrong with it; None if nothing in it looks like a model."""
    try:
        if folder.suffix == ".argosmodel" and folder.is_file():
            return f"{folder} is packed: unpack it with `unzip {folder.name}`"
        if (folder / "metadata.json").is_file():
            return _argos(folder)
        if (folder / "model.bin").is_file() or (folder / "source.spm").is_file():
            return _opus(folder)
    except EngineError as error:
        return str(error)
    return None


def _opus(folder: Path) -> Model | str:
    source, target = folder / "source.spm", folder / "target.spm"
    if missing := _missing(folder, source, target):
        return f"{missing} is missing: convert the model again, with --copy_files source.spm target.spm"
    config = _read_table(folder / "config.json")
    name = _PAIR_IN_NAME.search(folder.name)
    pair = _pair(name[1], name[2].replace("_", "-")) if name else None
    # ct2-opus-mt-converter leaves the end mark to CTranslate2, ct2-transformers-converter to whoever asks.
    ends = not config.get("add_source_eos", False)
    return Model(name=folder.name, folder=folder, source_spm=source, target_spm=target, pair=pair, adds_end=ends)


def _argos(folder: Path) -> Model | str:
    data = _read_table(folder / "metadata.json")
    pieces = folder / "sentencepiece.model"
    if (folder / "bpe.model").is_file() and not pieces.is_file():
        return f"{folder} cuts words by bpe.model, which is not supported: choose a package with sentencepiece.model"
    if missing := _missing(folder / "model", pieces):
        return f"{missing} is missing: install the Argos package again"
    source, target, prefix = (data.get(key, "") for key in ("from_code", "to_code", "target_prefix"))
    if not all(isinstance(value, str) for value in (source, target, prefix)):
        return f"{folder / 'metadata.json'} does not name its languages as texts: install the Argos package again"
    return Model(
        name=folder.name,
        folder=folder / "model",
        source_spm=pieces,
        target_spm=pieces,
        pair=_pair(source, target),
        adds_end=False,
        prefix=prefix,
    )


def _missing(folder: Path, *pieces: Path) -> Path | None:
    vocabulary = [folder / f"{name}.{ending}" for name in _VOCABULARIES for ending in ("json", "txt")]
    for path in (folder / "model.bin", folder / "config.json", *pieces):
        if not path.is_file():
            return path
    return None if any(path.is_file() for path in vocabulary) else folder / "shared_vocabulary.json"


def _pair(source: str, target: str) -> tuple[str, str] | None:
    try:
        return Locale.parse(source).tag, Locale.parse(target).tag
    except LocaleError:
        return None


def _read(path: Path, most_bytes: int) -> bytes:
    try:
        if path.stat().st_size > most_bytes:
            raise EngineError(f"{path} has more than {most_bytes} bytes: it is not what it should be")
        return path.read_bytes()
    except OSError as error:
        raise EngineError(f"{path} cannot be read: {error.strerror}") from error


def _read_json(path: Path, most_bytes: int = MOST_JSON_BYTES) -> Any:
    try:
        return json.loads(_read(path, most_bytes))
    except (ValueError, RecursionError) as error:
        raise EngineError(f"{path} is not JSON: get the model again") from error


def _read_table(path: Path) -> Mapping[str, Any]:
    value = _read_json(path)
    if not isinstance(value, dict):
        raise EngineError(f"{path} is not a JSON object: get the model again")
    return value


@cache
def _hash(files: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, size, _ in files:
        digest.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]
