"""Months, days of the week and dates in digits are the same in the target.

A date in digits is read as its locale writes it: 03/07/2021 is 7 March in American English and 3 July in Spanish,
French or Portuguese. English without a country may mean either; then a date that is only copied is asked about.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from pipeline.model import Finding, Severity
from review.checks.context import Context
from review.checks.numeric_dates import DayMonth, numeric_dates
from review.checks.tables import measured, table
from review.checks.words_in_text import words_in


def dates_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for a month or a weekday of the source that is another one in the target."""
    here, there = context.source_locale.language, context.target_locale.language
    for part in ("months", "weekdays"):
        before = _named(source, here, part)
        if not before:
            continue
        after = _named(target, there, part)
        counts = [Counter(number for number, _ in side) for side in (before, after)]
        gone, new = counts[0] - counts[1], counts[1] - counts[0]
        for number, other in zip(gone, new, strict=False):
            span, where = _last(before, number), _last(after, other)
            one, two = source[slice(*span)], target[slice(*where)]
            yield Finding(
                check="dates_kept",
                severity=Severity.ERROR if measured(there, "calendar") else Severity.WARNING,
                message=f"the source says {one}, the translation {two}",
                source_span=span,
                target_span=where,
            )
    yield from _in_digits(source, target, context)


def _in_digits(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for a date in digits with day and month exchanged; a WARNING for one that the source might mean."""
    found = numeric_dates(target, context.target_locale)
    if not found or context.target_locale.tag in _EITHER_ORDER:
        return
    dates = numeric_dates(source, context.source_locale)
    likely = {date.readings[0] for date in dates if date.readings}
    possible = likely.union(*(date.readings for date in dates))
    days = _days_named(source, context.source_locale.language)
    sure = measured(context.target_locale.language, "calendar")
    for date in found:
        written = target[date.start : date.end]
        if not date.readings:
            severity, what = Severity.ERROR, f"{written} is no date here, where the day stands before the month"
        elif date.readings[0] in likely or (date.readings[0].day, date.readings[0].month) in days:
            continue
        elif date.readings[0] in possible:
            severity, what = Severity.WARNING, f"{written} is read here with the day first: does the English mean that?"
        elif (date.readings[0].month, date.readings[0].day) in days or _exchanged(date.readings[0]) in possible:
            severity, what = Severity.ERROR, f"{written} is read here with the day first: not the source's date"
        else:
            continue  # numbers_kept says it
        yield Finding(
            check="dates_kept",
            severity=severity if sure else Severity.WARNING,
            message=what,
            target_span=(date.start, date.end),
        )


def _exchanged(date: DayMonth) -> DayMonth:
    return DayMonth(date.month, date.day, date.year)


_EITHER_ORDER = frozenset(("es-US", "es-PR", "fr-CA", "es-PA"))
"""Where people write both."""
_DAY_NEARBY = re.compile(
    r"\A[\s.]{1,3}(\d{1,2})(?:st|nd|rd|th)?(?![\d:])|(?<!\d)(\d{1,2})(?:st|nd|rd|th)?\s(?:of\s)?\Z"
)


def _days_named(text: str, language: str) -> frozenset[tuple[int, int]]:
    """(day, month) of each date with its month in words: March 7, 7 March."""
    found = set()
    for number, (start, end) in _named(text, language, "months"):
        for part in (text[end : end + 8], text[max(0, start - 9) : start]):
            for match in _DAY_NEARBY.finditer(part):
                found.add((int(match[1] or match[2]), int(number)))
    return frozenset(found)


def months_named(text: str, language: str) -> frozenset[int]:
    """The numbers of the months that a text names."""
    return frozenset(int(number) for number, _ in _named(text, language, "months"))


_Named = list[tuple[str, tuple[int, int]]]


def _last(named: _Named, number: str) -> tuple[int, int]:
    return next(span for name, span in reversed(named) if name == number)


def _named(text: str, language: str, part: str) -> _Named:
    """Each month or weekday that the text names: (its number, where)."""
    pattern, numbers, firsts = _calendar(language, part)
    if pattern is None or firsts.isdisjoint(words_in(text).lower):
        return []
    return [
        (numbers[match[0].lower()], match.span())
        for match in pattern.finditer(text)
        if language != "en" or match[0][0].isupper()  # march, may
    ]


@lru_cache(maxsize=64)
def _calendar(language: str, part: str) -> tuple[re.Pattern[str] | None, Mapping[str, str], frozenset[str]]:
    """Any name, the number of each, and the words that a text with one must have (of segunda-feira the first)."""
    numbers = {word: n for n, words in table(language, "calendar").get(part, {}).items() for word in words.split()}
    if not numbers:
        return None, {}, frozenset()
    firsts = frozenset(word.split("-")[0] for word in numbers)
    words = "|".join(map(re.escape, sorted(numbers, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE), numbers, firsts
