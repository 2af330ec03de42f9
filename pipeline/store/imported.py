"""Imported translation memories: what a TMX file comes to in the memory.

Takes   the file's bytes, and the event that names it
Gives   memory entries, which nobody here has signed
Always  a function of both: the memory that is built again from the ledger is the same
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipeline.model import text_hash
from pipeline.store.memory import MemoryEntry

if TYPE_CHECKING:
    from pipeline.tmx import TmxText, TmxUnit


def memory_path(sha256: str) -> str:
    """Where an imported file lies below `ledger/`."""
    return f"memory/{sha256}.tmx"


def imported_entries(data: bytes, body: Mapping[str, Any]) -> Iterator[MemoryEntry]:
    """The entries of an imported file, by the languages that its event (kind `memory`) gives a locale."""
    from pipeline.tmx import TmxUnit, read_tmx  # an XML reader, only for whoever imports

    locales = {known["language"]: known["locale"] for known in body["locales"]}
    for unit in read_tmx(data, body["name"]):
        if isinstance(unit, TmxUnit):
            yield from _entries(unit, locales, body)


def _entries(unit: "TmxUnit", locales: Mapping[str, str], body: Mapping[str, Any]) -> Iterator[MemoryEntry]:
    # Of `es` and `es-419`, both taken for `es`, the one that is called so.
    texts = sorted(unit.texts, key=lambda text: locales.get(text.language) != text.language)
    source = next((text for text in texts if locales.get(text.language) == body["source_locale"]), None)
    taken: set[str] = set()
    for text in texts if source else ():
        locale = locales.get(text.language, "")
        if source and locale and locale != body["source_locale"] and locale not in taken:
            taken.add(locale)
            yield MemoryEntry(
                # What stands behind its placeables nobody knows: only a source without such is an exact match.
                source_hash=text_hash(source.text),
                source=source.text,
                locale=locale,
                target=text.text,
                number=unit.number,
                file=body["file"],
                provenance=_provenance(unit, text, str(body["name"])),
            )


def _provenance(unit: "TmxUnit", text: "TmxText", name: str) -> dict[str, Any]:
    return {
        "name": name,
        "source_language": unit.source_language,
        "language": text.language,
        "unit": dict(unit.about),
        "text": dict(text.about),
        "props": [list(prop) for prop in (*unit.props, *text.props)],
        "notes": [*unit.notes, *text.notes],
    }
