"""Lay two revisions of an article side by side: which sentence is which, and which came from which.

Takes   the sentences of the revision before and of today, in reading order, and those that were in the article once
Gives   an Alignment: equal sentences paired wherever they stand, those that moved, those that came back, and for each
        edited, split or merged one where it comes from
Always  as many equal sentences are paired as can be, each with one; the same input gives the same answer; the work
        grows with the number of sentences (n log n), whatever they hold

Equal sentences are told apart by their neighbours: a sentence that is there once on both sides is an anchor, and what
stands beside an anchor on both sides belongs together (the idea of Bram Cohen's patience diff). Difflib is not used: it
is quadratic and worse on sentences that occur often, and knows no moves.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from pipeline.model import visible_text

LIKE = 0.5
"""From this likeness on a sentence is the edited form of another one, wherever it stands."""
LIKE_IN_PLACE = 0.35
"""The same where both stand between the same neighbours."""
PART = 0.6
"""This share of a sentence's letters must be in another one to be a part of it that was split off or merged in."""
MOST_WORDS = 400
"""Of a sentence, so many words from its start are compared."""
COMMON = 50
"""A word that more unpaired sentences than this have says nothing about which two belong together."""
VOTERS, VOTED, NEAR = 12, 5, 3
"""Of a sentence, so many of its rarest words vote; so many of the elected are compared, and so many on either side of
the place where it would have stood."""
SHORT = 3
"""Sentences of so many words are compared by their place alone: `Daily` and `Weekly` have no letter in common."""

_WORD = re.compile(r"\w+")


class Sentence(Protocol):
    """What is laid side by side."""

    @property
    def source_hash(self) -> str:
        """Its identity."""

    @property
    def source(self) -> str:
        """Its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Which sentence of today is which of before; all by their index in the sequences that were given."""

    kept: Mapping[int, int]
    """Today's index → the index before, of sentences that are equal."""
    moved: frozenset[int]
    """Those of `kept`, by today's index, that stand in another order: the fewest that explain it."""
    restored: Mapping[int, int]
    """Today's index → the index among those that were in the article once."""
    origins: Mapping[int, tuple[int, ...]]
    """Today's index → the indices before that it comes from, the likest first.

    One for an edited sentence, the same one for both halves of a split, several for a merged one.
    """


def align(before: Sequence[Sentence], today: Sequence[Sentence], gone: Sequence[Sentence] = ()) -> Alignment:
    """Lay two revisions side by side; `gone` holds the sentences that neither need have, in the order of their age."""
    kept = _Pairs(before, today)
    kept.from_the_start()
    if len(kept.of) == len(before) == len(today):
        return Alignment(kept=kept.of, moved=frozenset(), restored={}, origins={})
    kept.anchors()
    kept.beside()
    if kept.open_repeats():
        # What stands beside an edited sentence tells repeated ones apart as well.
        settled = kept.hashes_today & kept.hashes_before
        free_before = [i for i in kept.free_before() if before[i].source_hash not in settled]
        free_today = [i for i in kept.free_today() if today[i].source_hash not in settled]
        edited = _Likeness(before, today, kept.of).origins(free_before, free_today)
        kept.beside({new: old[0] for new, old in edited.items()})
        kept.in_order()
    restored = _restored(today, kept.free_today(), gone)
    free_today = [index for index in kept.free_today() if index not in restored]
    return Alignment(
        kept=kept.of,
        moved=frozenset(kept.of.keys() - in_place(kept.of)),
        restored=restored,
        origins=_Likeness(before, today, kept.of).origins(kept.free_before(), free_today),
    )


class _Pairs:
    """Pairs of equal sentences, found step by step; a pair that is made stays."""

    def __init__(self, before: Sequence[Sentence], today: Sequence[Sentence]) -> None:
        self.before = [sentence.source_hash for sentence in before]
        self.today = [sentence.source_hash for sentence in today]
        self.hashes_before, self.hashes_today = set(self.before), set(self.today)
        self.of: dict[int, int] = {}
        self.taken: set[int] = set()

    def free_before(self) -> list[int]:
        return [index for index in range(len(self.before)) if index not in self.taken]

    def free_today(self) -> list[int]:
        return [index for index in range(len(self.today)) if index not in self.of]

    def pair(self, new: int, old: int) -> None:
        self.of[new] = old
        self.taken.add(old)

    def fits(self, new: int, old: int) -> bool:
        """Whether two free places hold the same sentence."""
        return (
            0 <= new < len(self.today)
            and 0 <= old < len(self.before)
            and new not in self.of
            and old not in self.taken
            and self.today[new] == self.before[old]
        )

    def from_the_start(self) -> None:
        """What both revisions begin with."""
        self._walk(-1, -1, 1)

    def anchors(self) -> None:
        """Sentences that are there once on either side, wherever they stand."""
        times_before, times_today = Counter(self.before), Counter(self.today)
        place = {source_hash: index for index, source_hash in enumerate(self.before)}
        for new in self.free_today():
            source_hash = self.today[new]
            if times_before[source_hash] == times_today[source_hash] == 1 and self.fits(new, place[source_hash]):
                self.pair(new, place[source_hash])

    def beside(self, anchors: Mapping[int, int] | None = None) -> None:
        """What follows an anchor on both sides, then what stands before it: a sign-off knows what it follows."""
        for new, old in sorted((self.of if anchors is None else anchors).items()):
            self._walk(new, old, 1)
        self._walk(len(self.today), len(self.before), -1)
        for new, old in sorted((self.of if anchors is None else anchors).items(), reverse=True):
            self._walk(new, old, -1)

    def _walk(self, new: int, old: int, step: int) -> None:
        while self.fits(new + step, old + step):
            new, old = new + step, old + step
            self.pair(new, old)

    def open_repeats(self) -> bool:
        """Whether there is an equal sentence on both sides that is not paired yet."""
        free = {self.before[index] for index in self.free_before()}
        return any(self.today[index] in free for index in self.free_today())

    def in_order(self) -> None:
        """What is left: each with the next equal one after that which the sentence before it is paired with."""
        places: dict[str, list[int]] = defaultdict(list)
        for old in self.free_before():
            places[self.before[old]].append(old)
        follows = -1
        for new in range(len(self.today)):
            if new not in self.of and (free := places.get(self.today[new])):
                self.pair(new, free.pop(bisect_right(free, follows) % len(free)))
            follows = self.of.get(new, follows)


def in_place(pairs: Mapping[int, int]) -> set[int]:
    """Of pairs {today: before} the most that ascend on both sides, by today's index (Fredman 1975, n log n)."""
    ends: list[int] = []
    at: list[int] = []
    previous: dict[int, int] = {}
    for new in sorted(pairs):
        length = bisect_left(ends, pairs[new])
        if length:
            previous[new] = at[length - 1]
        ends[length : length + 1] = [pairs[new]]
        at[length : length + 1] = [new]
    stay: set[int] = set()
    new_or_none = at[-1] if at else None
    while new_or_none is not None:
        stay.add(new_or_none)
        new_or_none = previous.get(new_or_none)
    return stay


def _restored(today: Sequence[Sentence], free: Iterable[int], gone: Sequence[Sentence]) -> dict[int, int]:
    """Sentences that come back, each as the oldest equal one that is not back yet."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for index in range(len(gone) - 1, -1, -1):
        waiting[gone[index].source_hash].append(index)
    return {new: same.pop() for new in free if (same := waiting.get(today[new].source_hash))}


@lru_cache(maxsize=1 << 14)
def _words(source: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(visible_text(source).casefold())[:MOST_WORDS])


def _letters(words: Iterable[str]) -> int:
    return sum(map(len, words))


def shared_letters(one: Sequence[str], other: Sequence[str]) -> int:
    """How many letters are in words that both have in the same order."""
    from rapidfuzz.distance import LCSseq  # only where the English changed: it takes a moment to load

    blocks = LCSseq.editops(one, other).as_matching_blocks()
    return sum(_letters(one[block.a : block.a + block.size]) for block in blocks)


@dataclass(frozen=True, slots=True, order=True)
class _Candidate:
    """Two sentences that may belong together; the likest sorts first, then what is in its place, then the nearest."""

    unlike: float
    elsewhere: bool
    distance: int
    new: int
    old: int
    shared: int = field(compare=False)


class _Likeness:
    """Finds where the sentences that have no equal come from."""

    def __init__(self, before: Sequence[Sentence], today: Sequence[Sentence], kept: Mapping[int, int]) -> None:
        self.before, self.today = before, today
        stay = in_place(kept)
        self.fixed = sorted(stay)
        self.fixed_before = [kept[new] for new in self.fixed]

    def origins(self, free_before: Sequence[int], free_today: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """For each free sentence of today the free ones before that it comes from, if any."""
        if not free_before or not free_today:
            return {}
        candidates = self._candidates(free_before, free_today)
        heirs: dict[int, list[int]] = {}
        found: dict[int, list[int]] = {}
        for candidate in candidates:
            like = self._belong(candidate)
            if like and candidate.new not in found and candidate.old not in heirs:
                found[candidate.new] = [candidate.old]
                heirs[candidate.old] = [candidate.new]
        for candidate in candidates:
            if candidate.new not in found and self._split_off(candidate, heirs.get(candidate.old, [])):
                found[candidate.new] = [candidate.old]
                heirs[candidate.old].append(candidate.new)
            elif candidate.old not in heirs and self._merged_in(candidate, found.get(candidate.new, [])):
                found[candidate.new].append(candidate.old)
                heirs[candidate.old] = [candidate.new]
        return {new: tuple(old) for new, old in sorted(found.items())}

    def _belong(self, candidate: _Candidate) -> bool:
        if candidate.unlike <= 1 - LIKE or (not candidate.elsewhere and candidate.unlike <= 1 - LIKE_IN_PLACE):
            return True
        return not candidate.elsewhere and self._short_in_place(candidate)

    def _short_in_place(self, candidate: _Candidate) -> bool:
        """Whether one short text stands alone where another one stood alone."""
        old, new = self._gap(candidate.new)
        alone = len(old) == len(new) == 1
        texts = (self.before[candidate.old].source, self.today[candidate.new].source)
        return alone and all(len(_words(text)) <= SHORT for text in texts)

    def _split_off(self, candidate: _Candidate, halves: Sequence[int]) -> bool:
        """Whether a sentence holds what its neighbours, edited forms of the same one, do not hold of it."""
        near = [half for half in halves if abs(half - candidate.new) <= len(halves)]
        return bool(near) and self._adds(
            _words(self.before[candidate.old].source),
            [_words(self.today[half].source) for half in sorted(near)],
            [_words(self.today[half].source) for half in sorted([*near, candidate.new])],
            _words(self.today[candidate.new].source),
            candidate.shared,
        )

    def _merged_in(self, candidate: _Candidate, parts: Sequence[int]) -> bool:
        """Whether a sentence that is gone went into the one that its neighbour became."""
        near = [part for part in parts if abs(part - candidate.old) <= len(parts)]
        return bool(near) and self._adds(
            _words(self.today[candidate.new].source),
            [_words(self.before[part].source) for part in sorted(near)],
            [_words(self.before[part].source) for part in sorted([*near, candidate.old])],
            _words(self.before[candidate.old].source),
            candidate.shared,
        )

    @staticmethod
    def _adds(
        whole: Sequence[str],
        without: Sequence[Sequence[str]],
        together: Sequence[Sequence[str]],
        part: Sequence[str],
        shared: int,
    ) -> bool:
        """Whether most of a part is in the whole, and in a place of it that the other parts do not cover."""
        if not part or shared < PART * _letters(part) or _letters(map("".join, together)) > 2 * _letters(whole):
            return False
        covered = shared_letters(whole, [word for words in without for word in words])
        return shared_letters(whole, [word for words in together for word in words]) >= covered + PART * shared

    def _gap(self, new: int) -> tuple[range, range]:
        """The places before and today between the nearest neighbours that stayed where they were."""
        after = bisect_right(self.fixed, new)
        start = (self.fixed_before[after - 1] + 1, self.fixed[after - 1] + 1) if after else (0, 0)
        at_end = after == len(self.fixed)
        end = (len(self.before), len(self.today)) if at_end else (self.fixed_before[after], self.fixed[after])
        return range(start[0], end[0]), range(start[1], end[1])

    def _candidates(self, free_before: Sequence[int], free_today: Sequence[int]) -> list[_Candidate]:
        """For each sentence of today those before that have its rarest words, or stood where it stands."""
        having: dict[str, list[int]] = defaultdict(list)
        for old in free_before:
            for word in set(_words(self.before[old].source)):
                having[word].append(old)
        candidates = []
        for new in free_today:
            old_gap, new_gap = self._gap(new)
            place = old_gap.start + new - new_gap.start
            at = bisect_left(free_before, place)
            near = free_before[max(0, at - NEAR) : at + NEAR + 1]
            chosen = dict.fromkeys([*self._elected(new, having, place), *near])
            candidates += [self._candidate(new, old, abs(old - place), old_gap) for old in chosen]
        return sorted(candidates)

    def _elected(self, new: int, having: Mapping[str, Sequence[int]], place: int) -> list[int]:
        """The sentences that share most of a sentence's rarest words."""
        known = {word: having[word] for word in _words(self.today[new].source) if word in having}
        rare = sorted((word for word in known if len(known[word]) <= COMMON), key=lambda word: (len(known[word]), word))
        votes = Counter(old for word in rare[:VOTERS] for old in known[word])
        return sorted(votes, key=lambda old: (-votes[old], abs(old - place), old))[:VOTED]

    def _candidate(self, new: int, old: int, distance: int, gap: Collection[int]) -> _Candidate:
        one, other = _words(self.before[old].source), _words(self.today[new].source)
        shared, all_letters = shared_letters(one, other), _letters(one) + _letters(other)
        return _Candidate(
            unlike=1 - (2 * shared / all_letters if all_letters else 1.0),
            elsewhere=old not in gap,
            distance=distance,
            new=new,
            old=old,
            shared=shared,
        )
