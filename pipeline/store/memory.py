"""The translation memory: what people signed, and what was imported from TMX, found again by its English.

Takes   signed units out of the transaction that signed them; units of an imported file
Gives   entries by source hash (exact), and the sources that are alike (fuzzy) with their score
Always  an index: all of it is rebuilt from the ledger. A source is stored once, its targets of all locales hang on it,
        so one fuzzy look-up serves every locale; what a look-up finds is scored by pipeline/similarity.py alone

A fuzzy look-up reads only the sources that share one of their rarest words with the text, and have about its length:
the *prefix filter* of similarity joins. Which word is rarer is frozen: counted when the memory has 1,000 sources, and
again each time that it has four times as many, when all sources are indexed anew. What is found does not depend on it
but for texts that share hardly a word; how fast it is found does.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa

from pipeline.similarity import (
    LEAST_PERCENT,
    folded,
    folded_score,
    lengths_within,
    lookup_words,
    rarest,
)
from pipeline.store.schema import MEMORY_ORDER, MEMORY_SOURCE, MEMORY_TARGET, MEMORY_WORD, META

FIRST_ORDER = 1_000
"""With fewer sources no order is needed: every word is rare."""
_MANY = 500
"""Values in one statement."""
_BULK = 20_000
"""Rows in one go when the index is built again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEntry:
    """One translation in the memory."""

    source_hash: str
    source: str
    locale: str
    target: str
    slug: str = ""
    """The article and number of the unit that it was signed in."""
    number: int = 0
    """Of an imported one: its place in the file, from 1."""
    file: str = ""
    """The SHA-256 of the TMX file that it was imported from; empty for a signed one."""
    context_hash: str = ""
    """Where it was signed (Segment.context_hash)."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Signed: {"policy", "signatures": [{"by", "role", "time"}]}. Imported: {"name", …}, see imported.py."""

    @property
    def signed(self) -> bool:
        """Whether people signed it here; an imported one is nobody's word."""
        return not self.file

    @property
    def place(self) -> str:
        """Where it stands, for people: `first:0003`, or `old-site.tmx:12`."""
        return f"{self.slug}:{self.number:04d}" if self.signed else f"{self.provenance['name']}:{self.number}"

    @property
    def said_by(self) -> str:
        """Who answers for it, in words: `signed by ana and dr-vega, 2026-06-01`; or that nobody does."""
        if not self.signed:
            return "imported, signed by nobody here"
        signatures = self.provenance["signatures"]
        people = " and ".join(dict.fromkeys(signature["by"] for signature in signatures))
        return f"signed by {people}, {max(signature['time'] for signature in signatures)[:10]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A source in the memory that is like the one looked up."""

    source_id: int
    source_hash: str
    source: str
    score_percent: int
    """100 only if the texts are equal."""


def some(values: Iterable[Any], size: int = _MANY) -> Iterator[list[Any]]:
    """The values in lists of at most `size`."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


_ENTRY = sa.select(MEMORY_TARGET, MEMORY_SOURCE.c.source_hash, MEMORY_SOURCE.c.source).join(
    MEMORY_SOURCE, MEMORY_SOURCE.c.id == MEMORY_TARGET.c.source_id
)
_IN_ORDER = (MEMORY_TARGET.c.file, MEMORY_TARGET.c.slug, MEMORY_TARGET.c.number, MEMORY_TARGET.c.locale)
"""Signed ones first."""


def _entry(row: sa.Row[Any]) -> MemoryEntry:
    return MemoryEntry(
        source_hash=row.source_hash,
        source=row.source,
        locale=row.locale,
        target=row.target,
        slug=row.slug,
        number=row.number,
        file=row.file,
        context_hash=row.context_hash,
        provenance=json.loads(row.provenance),
    )


# -- writing ----------------------------------------------------------------------------------------------------------


def update_units(connection: sa.Connection, units: Mapping[tuple[str, int, str], MemoryEntry | None]) -> None:
    """Bring units (slug, number, locale) up to date: what the memory holds of each, None for nothing.

    A unit that stands as before is not touched, so that the memory's version stays.
    """
    known = _known_units(connection, units)
    changed = sorted(place for place, entry in units.items() if known.get(place) != entry)
    _forget(connection, [(*place, known[place].source_hash) for place in changed if place in known])
    remember(connection, [entry for place in changed if (entry := units[place])])


def replace_file_entries(connection: sa.Connection, file: str, entries: Iterable[MemoryEntry]) -> int:
    """Put the entries of an imported file in, in the place of those that it has; returns how many."""
    old = sa.select(MEMORY_TARGET.c.source_id, MEMORY_TARGET.c.locale).where(MEMORY_TARGET.c.file == file)
    rows = connection.execute(old).all()
    connection.execute(MEMORY_TARGET.delete().where(MEMORY_TARGET.c.file == file))
    count = remember(connection, entries)
    _drop_unused(connection, {row.source_id for row in rows})
    _changed(connection, {row.locale for row in rows})
    return count


def _known_units(
    connection: sa.Connection, units: Iterable[tuple[str, int, str]]
) -> dict[tuple[str, int, str], MemoryEntry]:
    numbers: dict[tuple[str, str], list[int]] = {}
    for slug, number, locale in units:
        numbers.setdefault((slug, locale), []).append(number)
    found = {}
    for (slug, locale), all_numbers in numbers.items():
        for part in some(all_numbers):
            here = (MEMORY_TARGET.c.file == "", MEMORY_TARGET.c.slug == slug, MEMORY_TARGET.c.locale == locale)
            for row in connection.execute(_ENTRY.where(*here, MEMORY_TARGET.c.number.in_(part))):
                found[slug, row.number, locale] = _entry(row)
    return found


def _forget(connection: sa.Connection, units: Sequence[tuple[str, int, str, str]]) -> None:
    """Take units (slug, number, locale, source hash) out, and sources that nothing hangs on any more."""
    if not units:
        return
    place = "file = '' AND slug = :slug AND number = :number AND locale = :locale"
    places = [dict(zip(("slug", "number", "locale"), unit, strict=False)) for unit in units]
    connection.execute(sa.text(f"DELETE FROM memory_target WHERE {place}"), places)  # noqa: S608 - no value is in it
    _changed(connection, {unit[2] for unit in units})
    hashes = MEMORY_SOURCE.c.source_hash.in_(sa.bindparam("hashes", expanding=True))
    ids: set[int] = set()
    for part in some(sorted({unit[3] for unit in units})):
        ids.update(connection.execute(sa.select(MEMORY_SOURCE.c.id).where(hashes), {"hashes": part}).scalars())
    _drop_unused(connection, ids)


def _drop_unused(connection: sa.Connection, source_ids: Iterable[int]) -> None:
    """Take out those of some sources that no translation hangs on."""
    used = sa.select(MEMORY_TARGET.c.source_id).where(MEMORY_TARGET.c.source_id == MEMORY_SOURCE.c.id).exists()
    for ids in some(sorted(source_ids)):
        alone = connection.execute(sa.select(MEMORY_SOURCE).where(MEMORY_SOURCE.c.id.in_(ids), ~used)).all()
        if words := _indexed(connection, [(row.id, row.source) for row in alone]):
            word = "word = :word AND length = :length AND source_id = :source_id"
            connection.execute(sa.text(f"DELETE FROM memory_word WHERE {word}"), words)  # noqa: S608
        connection.execute(MEMORY_SOURCE.delete().where(MEMORY_SOURCE.c.id.in_([row.id for row in alone])))


def remember(connection: sa.Connection, entries: Iterable[MemoryEntry]) -> int:
    """Put entries in, of the places that they name; returns how many. Their places must be free."""
    count, new_sources, locales = 0, [], set()
    for part in some(entries):
        ids, new = _source_ids(connection, {entry.source_hash: entry.source for entry in part})
        new_sources += new
        locales |= {entry.locale for entry in part}
        rows = [
            {
                "file": entry.file,
                "slug": entry.slug,
                "number": entry.number,
                "locale": entry.locale,
                "source_id": ids[entry.source_hash],
                "target": entry.target,
                "context_hash": entry.context_hash,
                "provenance": json.dumps(entry.provenance, ensure_ascii=False, sort_keys=True),
            }
            for entry in part
        ]
        connection.execute(MEMORY_TARGET.insert(), rows)
        count += len(rows)
    if new_sources:
        _index(connection, new_sources)
    _changed(connection, locales)
    return count


def _source_ids(connection: sa.Connection, sources: Mapping[str, str]) -> tuple[dict[str, int], list[tuple[int, str]]]:
    """The numbers of some sources by hash, and those that are new with their text; these are inserted."""
    query = sa.select(MEMORY_SOURCE.c.source_hash, MEMORY_SOURCE.c.id)
    rows = connection.execute(query.where(MEMORY_SOURCE.c.source_hash.in_(sources)))
    ids: dict[str, int] = {row.source_hash: row.id for row in rows}
    wanted = {source_hash: int(source_hash[:16], 16) >> 1 for source_hash in sources if source_hash not in ids}
    if not wanted:
        return ids, []
    query = sa.select(MEMORY_SOURCE.c.id).where(MEMORY_SOURCE.c.id.in_(wanted.values()))
    taken = set(connection.execute(query).scalars())
    for source_hash, number in sorted(wanted.items()):
        while number in taken:  # once in a thousand million memories of a hundred thousand sources
            number += 1
        taken.add(number)
        ids[source_hash] = number
    rows_new = [{"id": ids[h], "source_hash": h, "source": sources[h]} for h in sorted(wanted)]
    connection.execute(MEMORY_SOURCE.insert(), rows_new)
    return ids, [(ids[source_hash], sources[source_hash]) for source_hash in sorted(wanted)]


def _index(connection: sa.Connection, sources: Sequence[tuple[int, str]]) -> None:
    """Make new sources findable; all of them anew when the memory has outgrown its frozen order."""
    count = connection.execute(sa.select(sa.func.count()).select_from(MEMORY_SOURCE)).scalar_one()
    if count >= max(FIRST_ORDER, 4 * _number(connection, "memory order of")):
        build_index(connection)
        return
    for part in some(sources, _BULK):
        if words := _indexed(connection, part):
            connection.execute(MEMORY_WORD.insert(), words)


def build_index(connection: sa.Connection) -> None:
    """Count the words, freeze their order, index every source."""
    connection.execute(MEMORY_WORD.delete())
    connection.execute(MEMORY_ORDER.delete())
    frequency: Counter[int] = Counter()
    count = 0
    for _, source in _sources(connection):
        frequency.update(lookup_words(source))
        count += 1
    orders = ({"word": word, "frequency": times} for word, times in sorted(frequency.items()) if count >= FIRST_ORDER)
    for part in some(orders, _BULK):
        connection.execute(MEMORY_ORDER.insert(), part)
    frozen = dict(frequency) if count >= FIRST_ORDER else {}
    # By way of a table without an order, so that the one with an order is written from its start to its end.
    _HEAP.create(connection)
    for part in some(_sources(connection), _BULK):
        if words := [row for number, source in part for row in _words_of(number, source, frozen)]:
            connection.execute(_HEAP.insert(), words)
    columns = (_HEAP.c.word, _HEAP.c.length, _HEAP.c.source_id)
    connection.execute(MEMORY_WORD.insert().from_select(columns, sa.select(*columns).order_by(*columns)))
    _HEAP.drop(connection)
    _keep_number(connection, "memory order of", count if count >= FIRST_ORDER else 0)


_HEAP = sa.Table(
    "memory_word_heap",
    sa.MetaData(),
    *(sa.Column(column.name, column.type, nullable=False) for column in MEMORY_WORD.c),
    prefixes=["TEMPORARY"],
)


def _sources(connection: sa.Connection) -> Iterator[tuple[int, str]]:
    last = -1
    query = sa.select(MEMORY_SOURCE.c.id, MEMORY_SOURCE.c.source).order_by(MEMORY_SOURCE.c.id).limit(_BULK)
    while rows := connection.execute(query.where(MEMORY_SOURCE.c.id > last)).all():
        for row in rows:
            yield row.id, row.source
        last = rows[-1].id


def _indexed(connection: sa.Connection, sources: Sequence[tuple[int, str]]) -> list[dict[str, int]]:
    """The rows of `memory_word` for some sources, by today's order."""
    words = set().union(*(lookup_words(source) for _, source in sources)) if sources else set()
    frequency = _frequencies(connection, words)
    return [row for number, source in sources for row in _words_of(number, source, frequency)]


def _words_of(number: int, source: str, frequency: Mapping[int, int]) -> list[dict[str, int]]:
    length = len(folded(source))
    return [{"word": word, "length": length, "source_id": number} for word in rarest(lookup_words(source), frequency)]


def _frequencies(connection: sa.Connection, words: Iterable[int]) -> dict[int, int]:
    if not _number(connection, "memory order of"):
        return {}
    found: dict[int, int] = {}
    for part in some(sorted(words)):
        query = sa.select(MEMORY_ORDER.c.word, MEMORY_ORDER.c.frequency).where(MEMORY_ORDER.c.word.in_(part))
        found.update((row.word, row.frequency) for row in connection.execute(query))
    return found


# -- versions ---------------------------------------------------------------------------------------------------------


def memory_version(connection: sa.Connection, locale: str) -> int:
    """A number that changes whenever the memory of a locale does; 0 while it is empty."""
    return _number(connection, f"memory of {locale}")


def _changed(connection: sa.Connection, locales: Iterable[str]) -> None:
    for locale in sorted(locales):
        _keep_number(connection, f"memory of {locale}", memory_version(connection, locale) + 1)


def _number(connection: sa.Connection, key: str) -> int:
    found = connection.execute(sa.select(META.c.value).where(META.c.key == key)).scalar_one_or_none()
    return int(found or 0)


def _keep_number(connection: sa.Connection, key: str, number: int) -> None:
    connection.execute(META.delete().where(META.c.key == key))
    connection.execute(META.insert().values(key=key, value=str(number)))


# -- reading ----------------------------------------------------------------------------------------------------------


def exact_entries(connection: sa.Connection, source_hashes: Iterable[str], locale: str) -> list[MemoryEntry]:
    """The entries of some sources in a locale: signed ones first, then by article and number."""
    found: list[MemoryEntry] = []
    for part in some(sorted(set(source_hashes))):
        query = _ENTRY.where(MEMORY_SOURCE.c.source_hash.in_(part), MEMORY_TARGET.c.locale == locale)
        found += [_entry(row) for row in connection.execute(query.order_by(*_IN_ORDER))]
    return found


def entries_of(connection: sa.Connection, source_ids: Iterable[int], locale: str) -> dict[int, list[MemoryEntry]]:
    """The entries of some sources in a locale, by the source's number; signed ones first."""
    found: dict[int, list[MemoryEntry]] = {}
    for part in some(sorted(set(source_ids))):
        query = _ENTRY.where(MEMORY_TARGET.c.source_id.in_(part), MEMORY_TARGET.c.locale == locale)
        for row in connection.execute(query.order_by(*_IN_ORDER)):
            found.setdefault(row.source_id, []).append(_entry(row))
    return found


def all_entries(connection: sa.Connection, locales: Iterable[str]) -> Iterator[MemoryEntry]:
    """Every entry of some locales, signed ones first, by article and number."""
    for row in connection.execute(_ENTRY.where(MEMORY_TARGET.c.locale.in_(list(locales))).order_by(*_IN_ORDER)):
        yield _entry(row)


def count_entries(connection: sa.Connection, file: str) -> dict[str, int]:
    """How many entries an imported file has, by locale."""
    count = sa.select(MEMORY_TARGET.c.locale, sa.func.count().label("times")).where(MEMORY_TARGET.c.file == file)
    rows = connection.execute(count.group_by(MEMORY_TARGET.c.locale).order_by(MEMORY_TARGET.c.locale))
    return {row.locale: row.times for row in rows}


def signed_entries(connection: sa.Connection) -> Iterator[MemoryEntry]:
    """Every signed entry."""
    for row in connection.execute(_ENTRY.where(MEMORY_TARGET.c.file == "")):
        yield _entry(row)


def signed_on(connection: sa.Connection, slug: str, locale: str) -> dict[int, str]:
    """The day of the newest sign-off of each signed unit of an article in a locale, by its number."""
    here = (MEMORY_TARGET.c.file == "", MEMORY_TARGET.c.slug == slug, MEMORY_TARGET.c.locale == locale)
    rows = connection.execute(sa.select(MEMORY_TARGET.c.number, MEMORY_TARGET.c.provenance).where(*here))
    return {row.number: max(s["time"] for s in json.loads(row.provenance)["signatures"])[:10] for row in rows}


def imported_targets(connection: sa.Connection) -> Iterator[MemoryEntry]:
    """Every imported entry."""
    for row in connection.execute(_ENTRY.where(MEMORY_TARGET.c.file != "")):
        yield _entry(row)


_CANDIDATES = sa.select(MEMORY_SOURCE.c.id, MEMORY_SOURCE.c.source_hash, MEMORY_SOURCE.c.source).where(
    MEMORY_SOURCE.c.id.in_(
        sa.select(MEMORY_WORD.c.source_id).where(
            MEMORY_WORD.c.word.in_(sa.bindparam("words", expanding=True)),
            MEMORY_WORD.c.length.between(sa.bindparam("shortest"), sa.bindparam("longest")),
        )
    )
)


def similar_sources(
    connection: sa.Connection, texts: Iterable[str], least_percent: int = LEAST_PERCENT
) -> dict[str, list[Similar]]:
    """For each text the sources that are at least so much alike, the best first; a text without any is left out."""
    wanted = {text: lookup_words(text) for text in texts}
    frequency = _frequencies(connection, set().union(*wanted.values()))
    found = {}
    for text, words in wanted.items():
        # Words that the order does not know are mistyped, or new and rare: they cost next to nothing, and must not
        # crowd out those that can be found.
        known = rarest({word for word in words if word in frequency}, frequency)
        words = {*known, *(word for word in words if word not in frequency)}
        if words and (alike := _similar(connection, text, words, least_percent)):
            found[text] = alike
    return found


def _similar(connection: sa.Connection, text: str, words: set[int], least_percent: int) -> list[Similar]:
    looked_up = folded(text)
    shortest, longest = lengths_within(len(looked_up), least_percent)
    place = {"words": sorted(words), "shortest": shortest, "longest": longest}
    found = []
    for number, source_hash, source in connection.execute(_CANDIDATES, place):
        score = folded_score(looked_up, folded(source), equal=source == text, least_percent=least_percent)
        if score >= 0:
            found.append(Similar(source_id=number, source_hash=source_hash, source=source, score_percent=score))
    return sorted(found, key=lambda alike: (-alike.score_percent, alike.source))
