"""Find the words and phrases of a table in a text.

Takes   phrases as tables write them (docs/checks.md): `izquierd*`, `at least`, `# mil millones`; a text with its tags
Gives   where each label's phrases stand, the longest at each place
Always  time grows with the text, not with the table: phrases are looked up by their first word

A word is a run of letters, a run of digits or one other mark; blanks, hyphens and apostrophes only part them, so
`breast-feeding` is `breast feeding` and `l'hôpital` is `l hôpital`. Letter case means nothing.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from pipeline.model import tags_of
from review.checks.words_in_text import Words, lower_words

_WORD = re.compile(r"[^\W\d_]+(?:·[^\W\d_]+)*|\d+|[^\w\s'’‘\-‐‑]")
Label = TypeVar("Label", bound=Hashable)


@lru_cache(maxsize=1 << 10)
def words_of(text: str) -> Words:
    """The words and marks of a text, its tags left out."""
    if "<" in text:
        parts, end = [], 0
        for tag in tags_of(text):
            parts += [text[end : tag.start()], " " * len(tag[0])]
            end = tag.end()
        text = "".join([*parts, text[end:]])
    return Words(text, lower_words(_WORD, text), _WORD)


class PhraseMatch(NamedTuple, Generic[Label]):
    """A phrase of a label, as words `[first, end)`."""

    label: Label
    first: int
    end: int


class _Starting(NamedTuple, Generic[Label]):
    """The phrases that begin with one word."""

    alone: tuple[Label, ...]
    """Of the word itself."""
    longer: bool
    """Whether there are others."""
    by_second: dict[str, list[tuple[tuple[str, ...], Label]]]
    """Of longer phrases: second word → the rest from the second on."""
    open: list[tuple[tuple[str, ...], Label]]
    """Of longer phrases whose second word has a `*` or `#`."""


class Phrases(Generic[Label]):
    """Phrases with their labels, compiled once for a language.

    >>> phrases = Phrases([("at least", "bound"), ("left*", "side")])
    >>> [match.label for match in phrases.matches(words_of("At least the left-handed"))]
    ['bound', 'side']
    """

    def __init__(self, phrases: Iterable[tuple[str, Label]]) -> None:
        """Raises ValueError for a phrase without a word."""
        self._by_word: dict[str, list[tuple[tuple[str, ...], Label]]] = {}
        self._by_stem: dict[str, list[tuple[tuple[str, ...], Label]]] = {}
        self._by_end: dict[str, list[tuple[tuple[str, ...], Label]]] = {}
        for phrase, label in phrases:
            first, *rest = _pattern(phrase)
            entry = (tuple(rest), label)
            if first.endswith("*"):
                self._by_stem.setdefault(first[:-1], []).append(entry)
            elif first.startswith("*"):
                self._by_end.setdefault(first[1:], []).append(entry)
            else:
                self._by_word.setdefault(first, []).append(entry)
        self._stem_lengths = sorted({len(stem) for stem in self._by_stem})
        self._end_lengths = sorted({len(end) for end in self._by_end})
        self._heads = frozenset(stem[:_HEAD] for stem in self._by_stem)
        self._tails = frozenset(end[-_TAIL:] for end in self._by_end)
        self._known = _Known(self._starting_with)

    def matches(self, words: Words) -> list[PhraseMatch[Label]]:
        """Every phrase that stands in a text, also within another one, by place."""
        lower = words.lower
        found: list[PhraseMatch[Label]] = []
        for at, starting in enumerate(map(self._known.__getitem__, lower)):  # most words begin no phrase
            if starting is None:
                continue
            for label in starting.alone:
                found.append(PhraseMatch(label, at, at + 1))
            if not starting.longer or at + 1 == len(lower):
                continue
            for rest, label in (*starting.by_second.get(lower[at + 1], ()), *starting.open):
                end = at + 1 + len(rest)
                if end <= len(lower) and all(map(_fits, rest, lower[at + 1 : end])):
                    found.append(PhraseMatch(label, at, end))
        return found

    def _starting_with(self, word: str) -> _Starting[Label] | None:
        """The phrases whose first word this may be."""
        if word not in self._by_word and not word.isdecimal() and not self._may_have_stem_or_end(word):
            return None
        entries = list(self._by_word.get(word, ()))
        if word.isdecimal():
            for length in range(1, min(len(word), _MOST_DIGITS) + 1):
                entries += self._by_word.get("#" * length, ())
        for length in self._stem_lengths:
            if length > len(word):
                break
            entries += self._by_stem.get(word[:length], ())
        for length in self._end_lengths:
            if length >= len(word):
                break
            entries += self._by_end.get(word[-length:], ())
        if not entries:
            return None
        longer = any(rest for rest, _ in entries)
        starting = _Starting[Label](tuple(label for rest, label in entries if not rest), longer, {}, [])
        for rest, label in entries:
            if rest and set(rest[0]).isdisjoint("*#"):
                starting.by_second.setdefault(rest[0], []).append((rest, label))
            elif rest:
                starting.open.append((rest, label))
        return starting

    def _may_have_stem_or_end(self, word: str) -> bool:
        """Whether a word begins or ends as one of the table's: most do not, and are done with."""
        heads, tails = self._heads, self._tails
        begins = word[:_HEAD] in heads or word[: _HEAD - 1] in heads or word[0] in heads
        return begins or word[-_TAIL:] in tails or word[-1] in tails


class _Known(dict[str, _Starting[Label] | None]):
    """Word → the phrases that it may begin, found when it is first asked for, since texts repeat their words."""

    def __init__(self, find: Callable[[str], _Starting[Label] | None]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> _Starting[Label] | None:
        if len(self) > _MOST_KNOWN:  # words never end, memory does
            self.clear()
        found = self[word] = self._find(word)
        return found


_HEAD = 3
"""Letters of a stem that tell most words from it; a shorter stem is its own head."""
_TAIL = 2
"""The same of an ending."""
_MOST_KNOWN = 1 << 16
_MOST_DIGITS = 6
_PATTERN = re.compile(r"[^\W\d_]+(?:·[^\W\d_]+)*\*?|\*[^\W\d_]+|\d+|#+|\*|[^\w\s'’‘\-‐‑,]")


def _pattern(phrase: str) -> list[str]:
    words = _PATTERN.findall(phrase.lower())
    if not words or words[0] == "*":
        raise ValueError(f"{phrase!r} does not begin with a word")
    return words


def _fits(pattern: str, word: str) -> bool:
    if pattern[0] == "#":  # as many digits, or more
        return word.isdecimal() and len(word) >= len(pattern)
    if pattern.endswith("*"):
        return word.startswith(pattern[:-1])
    return word.endswith(pattern[1:]) if pattern.startswith("*") else word == pattern


def split_list(text: str) -> list[str]:
    """The phrases of a table's line, which commas part."""
    return [phrase for part in text.split(",") if (phrase := part.strip())]
