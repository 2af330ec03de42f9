"""Months and days of the week are the same in the target."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from pipeline.model import Finding, Severity
from review.checks.context import Context
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
