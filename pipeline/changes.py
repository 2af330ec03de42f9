"""Show a reviewer which words of an English sentence changed, and say loudly when a number or a negation did.

Takes   the former source and today's
Gives   today's with the differing words marked, `take {-2-}{+3+} tablets`, and warnings
Always  the marked text holds every word of both; nothing here is ever read back; bounded work on texts of any length

English only, as the sources are. The cues err on the loud side: a warning too many costs a look.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.model import visible_text

NUMBER_CHANGED = "NUMBER CHANGED"
UNIT_CHANGED = "UNIT CHANGED"
NEGATION_CHANGED = "NEGATION CHANGED"

CONTEXT = 6
"""So many unchanged words are shown on either side of a change."""
MOST_COMPARED = 4_000_000
"""Texts whose word counts multiply to more than this, equal starts and ends aside, are shown as wholly replaced."""

_TOKEN = re.compile(r"</?[a-z]\d{1,4}/?>|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\s\w]|_+")
_NUMBER_WORDS = {
    word: value if "." in value else f"{value}."
    for value, words in {
        "0": "zero",
        "0.5": "half",
        "1": "one once single",
        "2": "two twice both double",
        "3": "three thrice triple",
        "4": "four",
        "5": "five",
        "6": "six",
        "7": "seven",
        "8": "eight",
        "9": "nine",
        "10": "ten",
        "11": "eleven",
        "12": "twelve dozen",
        "15": "fifteen",
        "20": "twenty",
        "30": "thirty",
        "40": "forty",
        "50": "fifty",
        "60": "sixty",
        "90": "ninety",
        "100": "hundred",
        "1000": "thousand",
        "1000000": "million",
    }.items()
    for word in words.split()
}
_UNITS = (
    "mg mcg µg μg ug g kg ng ml l dl cl iu mmol meq mm cm mmhg milligram milligrams microgram micrograms gram grams "
    "kilogram kilograms milliliter milliliters millilitre millilitres liter liters litre litres "
    "second seconds minute minutes hour hours day days daily week weeks weekly month months monthly year years "
    "hourly nightly tablet tablets capsule capsules drop drops puff puffs teaspoon teaspoons tablespoon tablespoons "
    "pound pounds ounce ounces mile miles %"
)
_NEGATIONS = "not no never none neither nor nobody nothing nowhere without avoid unless except hardly rarely"
_UNIT_WORDS, _NEGATION_WORDS = frozenset(_UNITS.split()), frozenset(_NEGATIONS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an edit did to a sentence."""

    marked: str
    """Today's sentence, `{-gone-}` and `{+come+}` marked, long unchanged stretches `…`; empty if no word differs."""
    warnings: tuple[str, ...] = ()
    """NUMBER_CHANGED, UNIT_CHANGED, NEGATION_CHANGED, those that hold."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


def word_changes(former: str, source: str) -> Changes:
    """Which words differ between a former source and today's.

    >>> word_changes("Take 2 tablets.", "Take 3 tablets.")
    Changes(marked='Take {-2-}{+3+} tablets.', warnings=('NUMBER CHANGED',))
    """
    old, new = _tokens(former), _tokens(source)
    parts: list[str] = []
    gone: list[list[str]] = []
    come: list[list[str]] = []
    at_old = at_new = 0
    for start_old, start_new, size in [*_equal([t.text for t in old], [t.text for t in new]), (len(old), len(new), 0)]:
        if start_old > at_old or start_new > at_new:
            gone.append([token.text.casefold() for token in old[at_old:start_old]])
            come.append([token.text.casefold() for token in new[at_new:start_new]])
            was = _marked(former, old, at_old, start_old, "-")
            now = _marked(source, new, at_new, start_new, "+")
            parts += [was, now.lstrip() if was else now]
        if size:
            first_word = start_new == 0 and bool(parts) and _blank_before(old, start_old)
            parts += [" " if first_word else "", _unchanged(source, new, start_new, start_new + size)]
        at_old, at_new = start_old + size, start_new + size
    if not gone:
        return Changes(marked="")
    warnings = [
        warning
        for warning, meaning in (
            (NUMBER_CHANGED, _numbers),
            (UNIT_CHANGED, _units),
            (NEGATION_CHANGED, _negations),
        )
        if any(meaning(was) != meaning(now) for was, now in zip(gone, come, strict=True))
    ]
    return Changes(marked="".join(parts).strip(), warnings=tuple(warnings))


@lru_cache(maxsize=1 << 13)  # a source is counted for each of its locales
def word_count(source: str) -> int:
    """The words of a source as translators are paid for them: what stands between blanks and has a letter or a digit.

    Tags and lone dashes are no words.

    >>> word_count("Take <b1>5 mg</b1> – <x2/> slow-release.")
    4
    """
    return sum(any(map(str.isalnum, word)) for word in visible_text(source).split())


def _tokens(text: str) -> list[_Token]:
    return [_Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(text)]


def _equal(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """The equal stretches: (start in the former, start today, size), ascending."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    if head:
        yield 0, 0, head
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(inner_old) * len(inner_new) <= MOST_COMPARED:
        from rapidfuzz.distance import LCSseq  # only where the English changed: it takes a moment to load

        for block in LCSseq.editops(inner_old, inner_new).as_matching_blocks():
            if block.size:
                yield head + block.a, head + block.b, block.size
    if tail:
        yield len(old) - tail, len(new) - tail, tail


def _marked(text: str, tokens: Sequence[_Token], start: int, end: int, sign: str) -> str:
    """The tokens [start, end) as they stand in their text, between marks; the blank before them stays outside."""
    if start == end:
        return ""
    blank = " " if _blank_before(tokens, start) else ""
    return f"{blank}{{{sign}{text[tokens[start].start : tokens[end - 1].end]}{sign}}}"


def _blank_before(tokens: Sequence[_Token], index: int) -> bool:
    return 0 < index < len(tokens) and tokens[index].start > tokens[index - 1].end


def _unchanged(text: str, tokens: Sequence[_Token], start: int, end: int) -> str:
    """The tokens [start, end) with the blank before them, shortened where they are many."""
    begin = tokens[start - 1].end if start else tokens[start].start
    first, last = start == 0, end == len(tokens)
    shown = (not first) * CONTEXT + (not last) * CONTEXT
    if end - start <= shown + 2:
        return text[begin : tokens[end - 1].end]
    left = "" if first else text[begin : tokens[start + CONTEXT - 1].end] + " "
    right = "" if last else " " + text[tokens[end - CONTEXT].start : tokens[end - 1].end]
    return f"{left}…{right}"


def _numbers(words: Sequence[str]) -> Counter[str]:
    """The values that are said: `2` and `two` are one, `1,000` is 1000; `1.2.3` is itself."""
    return Counter(value for word in words if (value := _value(word)))


def _value(word: str) -> str:
    if word in _NUMBER_WORDS:
        return _NUMBER_WORDS[word]
    if not word[:1].isdecimal():
        return word if word.isnumeric() else ""
    whole, _, fraction = word.replace(",", "").partition(".")
    return f"{whole.lstrip('0') or '0'}.{fraction.rstrip('0')}"


def _units(words: Sequence[str]) -> Counter[str]:
    return Counter(word for word in words if word in _UNIT_WORDS)


def _negations(words: Sequence[str]) -> Counter[str]:
    """The words that turn a sentence round; `don't`, `cannot` and `not` are one."""
    plain = ["not" if word.replace("’", "'").endswith("n't") or word == "cannot" else word for word in words]
    return Counter(word for word in plain if word in _NEGATION_WORDS)
