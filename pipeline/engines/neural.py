"""Draft with neural models on this machine: OPUS-MT or Argos Translate, run by CTranslate2. Nothing leaves it.

Takes   texts; `[engine.neural]` of signoff.toml: the folder of models, which the user fills (docs/draft.md says how)
Gives   one Draft or Failure per text, in order
Always  nothing is imported or loaded before the first draft; equal texts give equal drafts (a fixed beam, no sampling);
        no text is cut short: one that is too long, or that the model does not come to the end of, is a Failure

Placeables do not travel through the model (alignment.py says why and how they come back). A model that is corrupt is
named in one sentence. Texts are batched by tokens, so a long one beside many short ones does not exhaust the memory.
"""

import importlib.util
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

from pipeline.engines import ALONE, Draft, Failure, Limits, Missing, Serves, Settings, refuse_unknown_settings
from pipeline.engines.alignment import BLANK, Bare, put_back, take_out
from pipeline.engines.neural_models import Model, find_models
from pipeline.errors import EngineError, LocaleError
from pipeline.model import Locale

RECIPE = 1
"""Part of the version: raise it whenever this adapter would draft the same text differently."""
BEAM = 4
MOST_TOKENS = 500
"""Of a source, and of a draft: Marian's models know 512 places."""
BATCH_TOKENS = 4096
MOST_THREADS = 64
PACKAGES = ("ctranslate2", "sentencepiece")
NOT_INSTALLED = "the neural engine is not installed: pip install 'signoff[neural]'"
_END = "</s>"
_BYTE = "<0x"


@dataclass(frozen=True, slots=True)
class _Leg:
    """One model of a route."""

    model: Model
    token: str
    """Names the target language to a model of several, `>>pob<<`; empty for most."""

    @property
    def before(self) -> list[str]:
        """What goes before the source's pieces."""
        return [self.token] if self.token else []


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A model in memory."""

    translator: Any
    source: Any
    target: Any
    vocabulary: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Cut:
    """One text as a model gets it."""

    bare: Bare
    pieces: Sequence[str]


@dataclass(frozen=True, slots=True)
class _LegDraft:
    """One text after one model."""

    text: str
    unknown: tuple[str, ...]
    guessed: tuple[str, ...]
    """The characters of placeables whose place is the model's attention's."""


class Neural:
    """Models of one folder. Thread-safe: calls take turns in CTranslate2's own queue, each on `threads` threads."""

    name = "neural"
    leaves_the_machine = False
    max_characters = 1_000
    contextual = False
    # So many texts are made durable at once; more would hardly be faster, since CTranslate2 batches by BATCH_TOKENS.
    limits = Limits(batch_texts=32, batch_characters=4_000, in_flight=1, call_s=4.0, deadline_s=600.0)

    def __init__(self, settings: Settings) -> None:
        """Settings: `models`, `threads` (at most 4), `pivot`, and per target locale `model.<tag>`, `token.<tag>`."""
        plain = {key: value for key, value in settings.items() if not key.startswith(("model.", "token."))}
        refuse_unknown_settings(self.name, plain, frozenset({"models", "threads", "pivot"}))
        self._folder = Path(settings["models"]).expanduser() if settings.get("models") else None
        self._named = _by_locale(settings, "model")
        self._tokens = _by_locale(settings, "token")
        self._threads = _threads(settings.get("threads", ""))
        try:
            self._pivot = Locale.parse(settings["pivot"]) if settings.get("pivot") else None
        except LocaleError as error:
            raise EngineError(f"engine 'neural': pivot: {error}") from error
        self._lock = threading.Lock()
        self._loaded: dict[Path, _Loaded] = {}
        self._closed = False

    def __enter__(self) -> "Neural":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory of all models back."""
        with self._lock:
            self._closed = True
            self._loaded.clear()

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Whether the packages and the models' files are there; loads nothing."""
        try:
            self._route(source_locale, target_locale)
        except EngineError as error:
            return Missing(str(error))
        return Serves()

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        """`ctranslate2 4.8.5, opus-mt-en-es 0123456789ab, beam 4, recipe 1`: the hash is that of the model's files."""
        legs = self._route(source_locale, target_locale)
        models = " / ".join(
            f"{leg.model.name} {leg.model.hash()}{f' {leg.token}' if leg.token else ''}" for leg in legs
        )
        return f"ctranslate2 {package_version('ctranslate2')}, {models}, beam {BEAM}, recipe {RECIPE}"

    def prepare(self, source_locale: Locale, target_locale: Locale) -> None:
        """Load the models of a pair."""
        for leg in self._route(source_locale, target_locale):
            self._load(leg.model)

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """Draft texts. Raises EngineError if the pair cannot be served or a model cannot be loaded."""
        route = self._route(source_locale, target_locale)
        version = self.version(source_locale, target_locale)
        results: list[list[_LegDraft | Failure]] = []
        sent: list[str | Failure] = list(texts)
        for leg in route:
            results.append(self._leg(leg, sent))
            sent = [result if isinstance(result, Failure) else result.text for result in results[-1]]
        return [_as_draft(legs, version) for legs in zip(*results, strict=True)]

    # -- which models

    def _route(self, source_locale: Locale, target_locale: Locale) -> tuple[_Leg, ...]:
        """One model, or two through the declared pivot. Raises EngineError that says what to do."""
        if any(importlib.util.find_spec(package) is None for package in PACKAGES):
            raise EngineError(NOT_INSTALLED)
        if self._folder is None:
            raise EngineError('the neural engine needs models: set models = "a folder" below [engine.neural]')
        models = find_models(self._folder)
        if direct := self._model(models, source_locale, target_locale):
            return (_Leg(direct, _of_locale(self._tokens, target_locale)),)
        if self._pivot and self._pivot.language not in (source_locale.language, target_locale.language):
            first = self._model(models, source_locale, self._pivot)
            second = self._model(models, self._pivot, target_locale)
            if first and second:
                return (
                    _Leg(first, _of_locale(self._tokens, self._pivot)),
                    _Leg(second, _of_locale(self._tokens, target_locale)),
                )
        wrong = [problem for problem in models.values() if isinstance(problem, str)]
        raise EngineError(
            f"no model in {self._folder} drafts {source_locale} → {target_locale}: put one there named such as "
            f"opus-mt-{source_locale.language}-{target_locale.language}, or name its folder below [engine.neural.model]"
            + "".join(f"; {problem}" for problem in wrong)
        )

    def _model(self, models: Mapping[str, Model | str], source: Locale, target: Locale) -> Model | None:
        """The model that signoff.toml names for the target, else the one that is named after the pair."""
        if name := _of_locale(self._named, target):
            found = models.get(name)
            if found is None:
                raise EngineError(f"the model {name!r} for {target} is not in {self._folder}")
            if isinstance(found, str):
                raise EngineError(found)
            if found.pair is None or Locale.parse(found.pair[0]).language == source.language:
                return found
        for wanted in dict.fromkeys((target.tag, target.language)):
            fits = [
                model
                for model in models.values()
                if isinstance(model, Model)
                and model.pair
                and model.pair in ((source.tag, wanted), (source.language, wanted))
            ]
            if len(fits) > 1:
                names = ", ".join(model.name for model in fits)
                raise EngineError(f"several models fit {target}: {names}; name one below [engine.neural.model]")
            if fits:
                return fits[0]
        return None

    # -- one model

    def _load(self, model: Model) -> _Loaded:
        """The model in memory, loaded once. Raises EngineError."""
        with self._lock:
            if self._closed:
                raise EngineError("the engine neural is closed")
            if model.folder not in self._loaded:
                self._loaded[model.folder] = _load(model, self._threads)
            return self._loaded[model.folder]

    def _leg(self, leg: _Leg, texts: Sequence[str | Failure]) -> list[_LegDraft | Failure]:
        """All texts through one model; failures of the leg before stay."""
        loaded = self._load(leg.model)
        if leg.token and leg.token not in loaded.vocabulary:
            raise EngineError(f"the model {leg.model.name} does not know the token {leg.token}: [engine.neural.token]")
        cut = [text if isinstance(text, Failure) else _cut(loaded, text) for text in texts]
        answers = iter(_decode(loaded, leg, [item.pieces for item in cut if isinstance(item, _Cut)]))
        return [item if isinstance(item, Failure) else _read(loaded, leg, item, next(answers)) for item in cut]


def _load(model: Model, threads: int) -> _Loaded:
    """Read a model into memory. Raises EngineError in one sentence, whatever is wrong with its files."""
    import ctranslate2
    import sentencepiece

    try:
        return _Loaded(
            ctranslate2.Translator(str(model.folder), device="cpu", inter_threads=1, intra_threads=threads),
            sentencepiece.SentencePieceProcessor(model_file=str(model.source_spm)),
            sentencepiece.SentencePieceProcessor(model_file=str(model.target_spm)),
            model.vocabulary(),
        )
    except (RuntimeError, ValueError, OSError) as error:  # both libraries raise these for files of any kind
        said = str(error).partition("\n")[0]
        raise EngineError(f"the model {model.name} cannot be loaded ({said}): get it again") from error


def _cut(loaded: _Loaded, text: str) -> _Cut | Failure:
    """The text's pieces, or why it cannot be sent."""
    bare = take_out(text)
    pieces = loaded.source.encode(bare.text, out_type=str)
    if len(pieces) > MOST_TOKENS:
        return Failure(reason=f"is {len(pieces)} pieces long, and a model takes {MOST_TOKENS}", final=True)
    return _Cut(bare, pieces) if pieces else Failure(reason="is empty to the model", final=True)


def _decode(loaded: _Loaded, leg: _Leg, cut: Sequence[Sequence[str]]) -> Sequence[Any]:
    """The model's answers with their end tokens and attention. Raises EngineError."""
    if not cut:
        return []
    model = leg.model
    asked = [[*leg.before, *pieces, *([_END] if model.adds_end else [])] for pieces in cut]
    try:
        answers: Sequence[Any] = loaded.translator.translate_batch(
            asked,
            target_prefix=[[model.prefix]] * len(asked) if model.prefix else None,
            max_batch_size=BATCH_TOKENS,
            batch_type="tokens",
            beam_size=BEAM,
            max_input_length=0,  # never cut a source
            max_decoding_length=MOST_TOKENS,
            return_end_token=True,
            return_attention=True,
            replace_unknowns=True,
        )
    except (RuntimeError, ValueError) as error:
        said = str(error).partition("\n")[0]
        raise EngineError(f"the model {model.name} broke ({said}): get it again, or choose another") from error
    return answers


def _read(loaded: _Loaded, leg: _Leg, cut: _Cut, answer: Any) -> _LegDraft | Failure:
    """What the model answered to one text, if it came to its end."""
    tokens, attention = answer.hypotheses[0], answer.attention[0]
    if not tokens or tokens[-1] != _END:
        return Failure(reason=f"the model came to no end within {MOST_TOKENS} pieces", final=True)
    first = 1 if leg.model.prefix and tokens[0] == leg.model.prefix else 0
    tokens, attention = tokens[first:-1], attention[first:-1]
    unknown = _unknown_words(cut.pieces, loaded.vocabulary)
    if any(token.startswith(_BYTE) for token in tokens):  # parts of characters: where they stand is not known
        return _LegDraft(loaded.target.decode(tokens), unknown, ())
    skip = len(leg.before)
    looks = [row[skip : skip + len(cut.pieces)] for row in attention]
    text, placed = put_back(cut.bare, lambda part: loaded.source.encode(part, out_type=str), cut.pieces, tokens, looks)
    if not text.strip():
        return Failure(reason="the model answered nothing", final=True)
    return _LegDraft(text, unknown, tuple(mark.character for mark in placed))


def _unknown_words(pieces: Sequence[str], vocabulary: frozenset[str]) -> tuple[str, ...]:
    """The words with a piece that the model has never seen: it may say anything for them."""
    words: list[tuple[str, bool]] = []
    for piece in pieces:
        known = piece in vocabulary
        if piece.startswith(BLANK) or not words:
            words.append((piece.lstrip(BLANK), known))
        else:
            words[-1] = words[-1][0] + piece, words[-1][1] and known
    return tuple(dict.fromkeys(word for word, known in words if not known and word))


def _as_draft(legs: Sequence[_LegDraft | Failure], version: str) -> Draft | Failure:
    """The last leg's text with the doubts of all legs."""
    doubts, text, guessed = list[str](), "", dict[str, None]()
    for leg in legs:
        if isinstance(leg, Failure):
            return leg
        doubts += [f"outside of the model's vocabulary: {', '.join(leg.unknown)}"] if leg.unknown else []
        guessed |= dict.fromkeys(leg.guessed)
        text = leg.text
    doubts += [
        f"the {'place' if ord(character) & ~0xFF == ALONE else 'extent'} of {character} is a guess"
        for character in guessed
        if character in text
    ]
    return Draft(text=text, engine=Neural.name, version=version, doubts=tuple(dict.fromkeys(doubts)))


def _by_locale(settings: Settings, kind: str) -> dict[Locale, str]:
    """`{pt-BR: ">>pob<<"}` of the settings `token.pt-BR = ">>pob<<"`."""
    found = {}
    for key, value in settings.items():
        if key.startswith(f"{kind}."):
            try:
                found[Locale.parse(key.removeprefix(f"{kind}."))] = value
            except LocaleError as error:
                raise EngineError(f"engine 'neural': [engine.neural.{kind}]: {error}") from error
    return found


def _of_locale(values: Mapping[Locale, str], locale: Locale) -> str:
    """What is set for a locale, or for its bare language."""
    return values.get(locale) or values.get(Locale.parse(locale.language), "")


def _threads(written: str) -> int:
    if not written:
        return min(4, os.cpu_count() or 1)
    if not written.isdecimal() or not 1 <= int(written) <= MOST_THREADS:
        raise EngineError(f"engine 'neural': threads is a number from 1 to {MOST_THREADS}, not {written!r}")
    return int(written)
