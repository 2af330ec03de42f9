"""Take a TMX file into the memory, and give what is signed out as one.

Takes   a file from another tool, or from another Signoff; which locales to write
Gives   a report of what was taken and what was not, each with line and reason; a file's bytes
Always  an imported text is nobody's word: at most a draft. The file itself is kept in `ledger/memory/` under its hash,
        and an event names it, so the memory that is built again is the same; the same file twice is taken once; one
        transaction a file. Only what stands signed is written out, with who signed it, and without a clock
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import Workspace
from pipeline.errors import LocaleError, TmxError
from pipeline.model import Locale
from pipeline.store import Store, Transaction
from pipeline.store.imported import memory_path
from pipeline.store.ledger import Event, EventKind
from pipeline.store.memory import MemoryEntry, all_entries, count_entries
from pipeline.tmx import MAX_BYTES, LeftOut, Pair, TmxUnit, read_tmx, write_tmx


@dataclass(frozen=True, slots=True, kw_only=True)
class TmxImport:
    """What became of an imported file."""

    file: str
    sha256: str
    known: bool
    """Whether it was in the memory already, just so: then nothing was done."""
    units: int
    translations: dict[str, int]
    """How many translations were taken, by locale."""
    left_out: list[LeftOut]


def import_tmx(workspace: Workspace, store: Store, path: Path, *, by: str) -> TmxImport:
    """Take a TMX file into the memory. Raises TmxError; then nothing of it is taken. `by` is who typed the command."""
    if not path.is_file():
        raise TmxError(str(path), 1, "is no plain file; nothing was read")
    if path.stat().st_size > MAX_BYTES:
        raise TmxError(str(path), 1, f"is larger than {MAX_BYTES // 1024**2} MB: export it in parts")
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    languages: Counter[str] = Counter()
    left_out: list[LeftOut] = []
    units = 0
    for unit in read_tmx(data, str(path)):
        if isinstance(unit, TmxUnit):
            units += 1
            languages.update({text.language for text in unit.texts})
        else:
            left_out.append(unit)
    locales = _locales(workspace, languages, left_out)
    body = {
        "file": sha256,
        "name": "".join(letter if letter.isprintable() else "?" for letter in path.name),  # it stands in comments
        "source_locale": workspace.settings.source_locale.tag,
        "locales": [{"language": language, "locale": locale} for language, locale in sorted(locales.items())],
        "by": by,
    }
    with store.write() as transaction:
        known = _known(transaction, body)
        if known is None:
            transaction.keep_beside(memory_path(sha256), data)
            transaction.append(EventKind.MEMORY, body)
        elif not count_entries(transaction.connection, sha256):  # its event came from elsewhere before its file did
            transaction.index_memory(known)
        taken = count_entries(transaction.connection, sha256)
    if not taken:
        left_out.append(
            LeftOut(line=1, reason=f"no unit has a text in {body['source_locale']} and in another language")
        )
    return TmxImport(
        file=str(path), sha256=sha256, known=known is not None, units=units, translations=taken, left_out=left_out
    )


def _known(transaction: Transaction, body: Mapping[str, Any]) -> Event | None:
    """The newest event about this file, if it says just this and the file is kept."""
    before = [event for event in transaction.events(EventKind.MEMORY) if event.body["file"] == body["file"]]
    if before and all(before[-1].body[key] == body[key] for key in ("source_locale", "locales")):
        return before[-1] if (transaction.ledger / memory_path(body["file"])).is_file() else None
    return None


def _locales(workspace: Workspace, languages: Counter[str], left_out: list[LeftOut]) -> dict[str, str]:
    """Which locale a language of the file stands for.

    A tag that the workspace has is that locale. Another is the one of the same language, where either of the two names
    no region: `es-419` is taken for `es`, `pt-PT` never for `pt-BR`.
    """
    parsed: dict[str, Locale] = {}
    for language, times in sorted(languages.items()):
        try:
            parsed[language] = Locale.parse(language.replace("_", "-"))
        except LocaleError:
            left_out.append(LeftOut(line=1, reason=f"{times} texts in {language!r}, which is no language that we know"))
    settings = workspace.settings
    ours = (settings.source_locale, *(target.locale for target in settings.targets))
    found = {}
    for language, locale in parsed.items():
        near = [own for own in ours if own.language == locale.language and own.language in (own.tag, locale.tag)]
        found[language] = locale.tag if locale in ours or len(near) != 1 else near[0].tag
    return found


def export_tmx(
    workspace: Workspace, store: Store, locales: Sequence[Locale], version: str
) -> tuple[bytes, int, list[str]]:
    """What stands signed in some locales as a TMX file: its bytes, how many translations, why some are not in it."""
    with store.read() as transaction:
        facts = transaction.facts()
        entries = [
            entry
            for entry in all_entries(transaction.connection, [locale.tag for locale in locales])
            if entry.signed and not facts.why_withdrawn(entry.source, entry.target, entry.locale)
        ]
    data, left_out = write_tmx(_pairs(entries), workspace.settings.source_locale.tag, version)
    return data, len(entries) - len(left_out), left_out


def _pairs(entries: Sequence[MemoryEntry]) -> Iterator[Pair]:
    for entry in entries:
        signatures = entry.provenance["signatures"]
        first, last = signatures[0], signatures[-1]
        about = {
            "creationid": first["by"],
            "creationdate": _compact(first["time"]),
            "changeid": last["by"],
            "changedate": _compact(last["time"]),
        }
        props = [("x-policy", entry.provenance["policy"])]
        props += [("x-signed-by", f"{s['by']} ({s['role']}) {s['time']}") for s in signatures]
        yield Pair(
            unit=entry.place,
            source=entry.source,
            locale=entry.locale,
            target=entry.target,
            about=about,
            props=tuple(props),
        )


def _compact(time: str) -> str:
    """A time as TMX writes it: `20260131T120000Z`."""
    return time.replace("-", "").replace(":", "")
