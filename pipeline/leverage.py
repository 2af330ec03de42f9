"""Use again what people signed, and what was imported: exact and fuzzy matches out of the translation memory.

Takes   the segments of an article that need a text in a locale
Gives   exact matches: a text with where it came from; fuzzy matches: hints, a line each for the reviewer's comment
Always  a match is a proposal that somebody must sign in its new place, never signed by itself; a fuzzy match is never
        a text of the unit; what was withdrawn is offered by neither

| match | when |
|---|---|
| exact in context | the same source hash, under the same headings and behind the same sentence (`context_hash`) |
| exact | the same source hash: the text, and what its placeables stand for |
| fuzzy | 75 to 99 percent alike (pipeline/similarity.py) |
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.changes import word_changes
from pipeline.model import Origin, OriginKind, Segment, tags_of
from pipeline.store import Transaction
from pipeline.store.memory import (
    MemoryEntry,
    Similar,
    entries_of,
    exact_entries,
    memory_version,
    similar_sources,
)

MOST_HINTS = 2
"""Fuzzy matches shown to a reviewer for one segment."""

MOST_KEPT = 10_000
"""Looked-up texts that a run keeps for its other locales: an article's locales follow each other."""


class MatchKind(StrEnum):
    """How a segment was found in the memory."""

    IN_CONTEXT = "exact in context"
    EXACT = "exact"
    FUZZY = "fuzzy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A translation in the memory for a text that was looked up."""

    kind: MatchKind
    score_percent: int
    """100 for an exact match, at most 99 for a fuzzy one."""
    entry: MemoryEntry


def exact_matches(
    transaction: Transaction, segments: Iterable[Segment], target_locale: str
) -> dict[int, tuple[str, Origin]]:
    """For each segment whose source the memory has: a target and its origin, by the segment's number.

    A match in context comes before one without, a signed one before an imported one, then the first by article and
    number: the same store gives the same answer. Where people signed different targets, the origin's doubts say so.
    """
    wanted = list(segments)
    by_source = _exact(transaction, wanted, target_locale)
    return {
        segment.number: _proposal(segment, by_source[segment.source_hash])
        for segment in wanted
        if segment.source_hash in by_source
    }


def best_matches(
    transaction: Transaction, segments: Sequence[Segment], target_locale: str, similar: Mapping[str, Sequence[Similar]]
) -> dict[int, Match]:
    """For each segment that the memory helps with: its best match, by the segment's number.

    `similar` is what `similar_sources` gave for their sources; a text that is not in it has no fuzzy match.
    """
    exact = _exact(transaction, segments, target_locale)
    fuzzy = matches(transaction, {s.source: similar[s.source] for s in segments if s.source in similar}, target_locale)
    best: dict[int, Match] = {}
    for segment in segments:
        if segment.source_hash in exact:
            entry = _best(segment, exact[segment.source_hash])
            kind = MatchKind.IN_CONTEXT if in_context(segment, entry) else MatchKind.EXACT
            best[segment.number] = Match(kind=kind, score_percent=100, entry=entry)
        elif found := fuzzy.get(segment.source):
            best[segment.number] = replace(
                found[0], kind=MatchKind.FUZZY, score_percent=min(found[0].score_percent, 99)
            )
    return best


def _exact(transaction: Transaction, segments: Sequence[Segment], target_locale: str) -> dict[str, list[MemoryEntry]]:
    """What the memory has of some sources and may be used, by source hash."""
    if not memory_version(transaction.connection, target_locale):
        return {}
    hashes = {segment.source_hash for segment in segments}
    found: dict[str, list[MemoryEntry]] = {}
    for entry in _usable(transaction, exact_entries(transaction.connection, hashes, target_locale)):
        if _same_tags(entry.source, entry.target):
            found.setdefault(entry.source_hash, []).append(entry)
    return found


def _best(segment: Segment, entries: Sequence[MemoryEntry]) -> MemoryEntry:
    return min(entries, key=lambda entry: (not in_context(segment, entry), not entry.signed))


def in_context(segment: Segment, entry: MemoryEntry) -> bool:
    """Whether an exact match was signed where the segment stands: same headings above, same sentence before."""
    return entry.signed and entry.context_hash == segment.context_hash


def _proposal(segment: Segment, entries: Sequence[MemoryEntry]) -> tuple[str, Origin]:
    best = _best(segment, entries)
    kind = "exact match in context" if in_context(segment, best) else "exact match"
    said = "signed there" if best.signed else best.said_by
    others = dict.fromkeys((e.target, e.place, e.signed) for e in entries if e.target != best.target)
    return best.target, Origin(
        kind=OriginKind.MEMORY,
        name=best.place,
        version=f"{kind}, {said}",
        doubts=tuple(
            f"{'signed' if signed else 'imported'} otherwise in {where}: {target}" for target, where, signed in others
        ),
    )


def _same_tags(source: str, target: str) -> bool:
    """Whether a target has just the tags of its source; an imported one may not."""
    return sorted(tag[0] for tag in tags_of(source)) == sorted(tag[0] for tag in tags_of(target))


def _usable(transaction: Transaction, entries: Iterable[MemoryEntry]) -> list[MemoryEntry]:
    facts = transaction.facts()
    return [e for e in entries if not facts.why_withdrawn(e.source, e.target, e.locale)]


def matches(
    transaction: Transaction, similar: Mapping[str, Sequence[Similar]], target_locale: str
) -> dict[str, list[Match]]:
    """What the memory has in a locale for texts whose similar sources were looked up, best first.

    `similar` is what `similar_sources` gave: one look-up serves every locale.
    """
    ids = {alike.source_id for found in similar.values() for alike in found}
    entries = entries_of(transaction.connection, ids, target_locale)
    return {
        text: [
            Match(
                kind=MatchKind.EXACT if alike.score_percent == 100 else MatchKind.FUZZY,
                score_percent=alike.score_percent,
                entry=entry,
            )
            for alike in found
            for entry in _usable(transaction, entries.get(alike.source_id, ()))
        ]
        for text, found in similar.items()
    }


def search(
    transaction: Transaction, text: str, target_locales: Iterable[str], least_percent: int, most: int
) -> list[Match]:
    """The best matches of a text in some locales, best first, then by locale and place."""
    similar = similar_sources(transaction.connection, [text], least_percent)
    found = [match for locale in target_locales for match in matches(transaction, similar, locale).get(text, ())]
    return sorted(found, key=lambda m: (-m.score_percent, m.entry.source, m.entry.locale, m.entry.place))[:most]


class FuzzyHints:
    """The fuzzy matches of a run: each text is looked up once, whatever the number of its locales."""

    def __init__(self) -> None:
        self._similar: dict[str, list[Similar]] = {}
        self._versions: dict[str, int] = {}

    def of(self, transaction: Transaction, segments: Sequence[Segment], target_locale: str) -> dict[int, list[str]]:
        """A line for each of the best matches of a segment, by its number; nothing for a segment without any."""
        version = memory_version(transaction.connection, target_locale)
        if not version or not segments:
            return {}
        grown = self._versions.setdefault(target_locale, version) != version  # somebody signed while this run goes on
        if grown or len(self._similar) > MOST_KEPT:
            self._similar.clear()
            self._versions[target_locale] = version
        new = {s.source for s in segments} - self._similar.keys()
        self._similar |= {text: [] for text in new} | similar_sources(transaction.connection, sorted(new))
        found = matches(transaction, {s.source: self._similar[s.source] for s in segments}, target_locale)
        hints: dict[int, list[str]] = {}
        for segment in segments:
            # The same words over another link or code are no exact match, and are shown as the nearest to one.
            fuzzy = [m for m in found[segment.source] if m.entry.source_hash != segment.source_hash]
            lines = dict.fromkeys(hint(segment.source, match) for match in fuzzy)
            if lines:
                hints[segment.number] = list(lines)[:MOST_HINTS]
        return hints


def hint(source: str, match: Match) -> str:
    """A fuzzy match as the reviewer reads it: score, the differing words, what changed loudly, the memory's target.

    `88 % like: Take {-3-}{+2+} tablets. — NUMBER CHANGED = Tome 3 comprimidos. (first:0003, signed by ana, 2026-06-01)`
    """
    entry, score = match.entry, min(match.score_percent, 99)
    changes = word_changes(entry.source, source)
    warnings = f" — {', '.join(changes.warnings)}" if changes.warnings else ""
    return (
        f"{score} % like: {changes.marked or ' '.join(entry.source.split())}{warnings} = "
        f"{' '.join(entry.target.split())} ({entry.place}, {entry.said_by})"
    )
