"""Numbers that a text says in words: `three`, `treinta y cinco`, `quatre-vingt-dix`, `two hundred and five`.

Takes   a text, tags and all, and a language that has a table `numbers`
Gives   each number said exactly, with its place and value; which values its looser words may stand for
Always  in time linear in the text; nothing for a language without a table
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from review.checks.tables import table
from review.checks.words_in_text import words_in


@dataclass(frozen=True, slots=True)
class NumberWord:
    """A number in words, [start, end) in code points."""

    start: int
    end: int
    written: str
    value: int


@dataclass(frozen=True, slots=True)
class NumberTable:
    """A language's table, ready to use."""

    exact: Mapping[str, int]
    """Word → value, of words that say just this number."""
    loose: Mapping[str, tuple[int, ...]]
    """Word → values that it may stand for: halves, ordinals, pairs, and words that mostly mean something else."""
    powers: Mapping[str, int]
    """Word → the factor that it multiplies by."""
    scales: Mapping[str, int]
    """Those of `powers` that stand behind digits: 42 mil. Not French cent: 50 cents are money."""
    words: frozenset[str]
    """Every exact word and magnitude; of one with a hyphen its parts."""
    pattern: re.Pattern[str]
    """Any exact word or magnitude."""
    between: re.Pattern[str]
    """What stands between the parts of one number."""
    tens: frozenset[int]
    """After which tens numbers up to 19 may be added: French soixante-dix, quatre-vingt-dix."""


@lru_cache(maxsize=32)
def number_table(language: str) -> NumberTable | None:
    """The table of a language, or None."""
    read = table(language, "numbers")
    if not read:
        return None
    mostly_else = frozenset(read.get("not_numbers", ()))
    exact = {word: int(value) for value, words in read["words"].items() for word in words.split()}
    loose: dict[str, tuple[int, ...]] = {word: (exact.pop(word),) for word in mostly_else if word in exact}
    for value, words in read["also"].items():
        for word in words.split():
            loose[word] = (*loose.get(word, ()), int(value))
    powers = {word: 10**power for word, power in read["magnitudes"].items()}
    words = sorted({*exact, *powers}, key=len, reverse=True)
    joiner = re.escape(read.get("joiner", "")) or "-"
    return NumberTable(
        exact=exact,
        loose=loose,
        powers=powers,
        scales={word: power for word, power in powers.items() if power >= 1000 or word == "hundred"},
        words=frozenset(part for word in words for part in word.split("-")),
        pattern=re.compile(rf"(?<![\w.,])(?:{'|'.join(map(re.escape, words))})(?![\w])", re.IGNORECASE),
        between=re.compile(rf"[\s\u00a0-]{{1,2}}(?:{joiner}[\s\u00a0-])?"),
        tens=frozenset((60, 80)) if language == "fr" else frozenset(),
    )


def number_words(text: str, language: str) -> tuple[NumberWord, ...]:
    """Every number that is said in words, magnitudes behind digits (`3 million`) left out.

    >>> [(word.written, word.value) for word in number_words("Twenty-five men and two hundred and five women", "en")]
    [('Twenty-five', 25), ('two hundred and five', 205)]
    """
    known = number_table(language)
    words = words_in(text)
    if known is None or known.words.isdisjoint(words.lower):
        return ()
    return tuple(_composed(words.text, known))


def _composed(text: str, known: NumberTable) -> Iterator[NumberWord]:
    """Adjacent words put together as far as they make one number."""
    start = end = -1
    total = current = 0
    for match in known.pattern.finditer(text):
        word = match[0].lower()
        factor, value = known.powers.get(word, 0), known.exact.get(word, -1)
        joined = end >= 0 and known.between.fullmatch(text, end, match.start()) is not None
        if joined and factor and (current or factor > 100):
            pass
        elif joined and value >= 0 and _may_add(current or total, value, known):
            factor = 0
        else:
            if end >= 0:
                yield NumberWord(start, end, text[start:end], total + current)
            start, end, total, current = -1, -1, 0, 0
            if factor and _behind_digits(text, match.start()):
                continue
            start = match.start()
            if value >= 0:
                factor = 0
        end = match.end()
        if not factor:
            current = current * value if current == 4 and value == 20 else current + value  # quatre-vingt
        elif factor == 100:
            current = max(current, 1) * 100
        elif factor > total:  # mil millones
            total, current = ((total + current) or 1) * factor, 0
        else:
            total, current = total + max(current, 1) * factor, 0
    if end >= 0:
        yield NumberWord(start, end, text[start:end], total + current)


def _may_add(before: int, value: int, known: NumberTable) -> bool:
    """Whether the second may be the lower digits of the first: 20 and 5, 60 and 15 in French, 1000 and 200."""
    if before == 4 and value == 20 and known.tens:
        return True
    room = 1
    while before and before % (room * 10) == 0:
        room *= 10
    return 0 < value < (20 if before in known.tens else room)


def _behind_digits(text: str, at: int) -> bool:
    return text[max(0, at - 2) : at].strip(" \u00a0\u202f-")[-1:].isdigit()


def knows_numbers(language: str) -> bool:
    """Whether the language has a table of number words."""
    return number_table(language) is not None


def magnitudes(language: str) -> Mapping[str, int]:
    """The words that multiply a number in digits before them; empty for a language without a table."""
    known = number_table(language)
    return known.scales if known else {}


def values_that_words_may_mean(text: str, language: str) -> Counter[int]:
    """How often each value may be meant by a word of the text, exact or loose."""
    known = number_table(language)
    said = Counter[int]()
    if known is None:
        return said
    for word in words_in(text).lower:
        for value in known.loose.get(word, ()):
            said[value] += 1
        if word in known.exact:
            said[known.exact[word]] += 1
        if word in known.powers:
            said[known.powers[word]] += 1
    return said
