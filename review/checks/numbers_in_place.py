"""Two numbers of the source do not stand in each other's place in the target.

Both texts have the same numbers, so `numbers_kept` says nothing. Translations do change the order of clauses; then the
words around a number move with it. Where two numbers changed their order and the words around each are those of the
other, they were exchanged.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from pipeline.model import Finding, Locale, Severity
from review.checks.blanked import without_codes_and_tags
from review.checks.context import Context
from review.checks.numeric_dates import numeric_dates
from review.checks.quantities import Amount, amounts
from review.checks.tables import table

MOST_NUMBERS = 24
"""In a segment with more, only the first are compared: a table of results, whose cells are segments elsewhere."""
_WORDS_AROUND = 4
_WORD = re.compile(r"[^\W\d_]{2,}|[()\[\]%°/:]|[$€£]")
_DIGITS = re.compile(r"\d\D+\d")
_STEM = 4
"""Letters by which words of related languages are known again: patients, pacientes."""


def numbers_in_place(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR where the words around do not say that the order is right; a WARNING for a year, or a name's number."""
    here, there = context.source_locale, context.target_locale
    if not _DIGITS.search(source) or not _DIGITS.search(target):
        return
    pairs = _pairs(_out_of_dates(source, here), _out_of_dates(target, there))
    if len(pairs) < 2:
        return
    places = [other.start for _, other in pairs]
    if places == sorted(places):
        return
    swap = _swap(places)
    if swap is None:
        return
    (one, one_there), (two, two_there) = pairs[swap[0]], pairs[swap[1]]
    if one.unit == one_there.unit != two.unit == two_there.unit and one.unit and two.unit:
        return  # 38 °C (100,4 °F): each kept its own
    around = [_around(source, one, here.language), _around(source, two, here.language)]
    around_there = [_around(target, one_there, there.language), _around(target, two_there, there.language)]
    straight = _alike(around[0], around_there[0]) + _alike(around[1], around_there[1])
    crossed = _alike(around[0], around_there[1]) + _alike(around[1], around_there[0])
    if crossed < straight:
        return
    doubtful = _in_a_name(source, one) or _in_a_name(source, two) or _is_year(one) != _is_year(two)
    sure = crossed > straight or not doubtful
    yield Finding(
        check="numbers_in_place",
        severity=Severity.ERROR if sure else Severity.WARNING,
        message=f"{one.written} and {two.written} stand in the other order in the translation: were they exchanged?",
        source_span=(one.start, two.end),
        target_span=(min(one_there.start, two_there.start), max(one_there.end, two_there.end)),
    )


def _out_of_dates(text: str, locale: Locale) -> Sequence[Amount]:
    """The amounts that are no part of a date in digits, whose order is its locale's (dates_kept)."""
    dates = numeric_dates(text, locale)
    if not dates:
        return amounts(text, locale)
    starts = [date.start for date in dates]
    found = amounts(text, locale)
    before = [dates[bisect_right(starts, amount.start) - 1] for amount in found]
    return [a for a, date in zip(found, before, strict=True) if not date.start <= a.start < date.end]


def _pairs(sources: Sequence[Amount], targets: Sequence[Amount]) -> list[tuple[Amount, Amount]]:
    """The numbers that each text has exactly once, in the source's order."""
    once = [_once(side) for side in (sources, targets)]
    pairs = [(amount, once[1][value]) for value, amount in once[0].items() if value in once[1]]
    return [(one, other) for one, other in pairs if _digits(one) == _digits(other)][:MOST_NUMBERS]  # 7 p.m. is not 19 h


def _digits(amount: Amount) -> str:
    return "".join(filter(str.isdigit, amount.written))


def _once(side: Sequence[Amount]) -> dict[Decimal, Amount]:
    counts = Counter(value for amount in side for value in amount.values)
    return {a.values[0]: a for a in side if a.values and not a.in_words and counts[a.values[0]] == 1}


def _swap(places: Sequence[int]) -> tuple[int, int] | None:
    """The two that would put the places in order if they were exchanged; None if it takes more than that."""
    wanted = sorted(places)
    wrong = [at for at, (place, right) in enumerate(zip(places, wanted, strict=True)) if place != right]
    return (wrong[0], wrong[1]) if len(wrong) == 2 else None


def _is_year(amount: Amount) -> bool:
    """Whether it looks like a year, which is easily said at another place."""
    return len(amount.written) == 4 and amount.written[:2] in ("18", "19", "20") and not amount.unit


def _in_a_name(text: str, amount: Amount) -> bool:
    """Whether a letter stands before it, as in COVID-19."""
    return text[: amount.start].rstrip("-")[-1:].isalpha()


def _around(text: str, amount: Amount, language: str) -> Counter[str]:
    plain = without_codes_and_tags(text)
    before = _WORD.findall(plain[max(0, amount.start - 60) : amount.start])[-_WORDS_AROUND:]
    after = _WORD.findall(plain[amount.end : amount.end + 60])[:_WORDS_AROUND]
    known = Counter(f"unit {amount.unit}" for _ in range(2) if amount.unit)
    months = _months(language)
    for side, words in (("<", before[::-1]), (">", after)):
        for distance, word in enumerate(words):
            lower = word.lower()
            stem = f"month {months[lower]}" if lower in months else _folded(lower)[:_STEM]
            known[stem] += 2 if distance < 2 else 1
            if not word[0].isalpha() and distance == 0:
                known[side + word] += 2
    return known


@lru_cache(maxsize=1 << 14)
def _folded(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@lru_cache(maxsize=32)
def _months(language: str) -> dict[str, str]:
    return {word: n for n, words in table(language, "calendar").get("months", {}).items() for word in words.split()}


def _alike(one: Counter[str], other: Counter[str]) -> int:
    return sum((one & other).values())
