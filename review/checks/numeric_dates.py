"""Dates that are written in digits: 03/07/2021, 7.3.21, 2021-03-07.

Takes   a text and its locale
Gives   each such date with what it may mean, the likeliest reading first: English without a country, and that of the
        United States, has the month before the day; all others have the day first
Always  only days and months that exist; nothing for a version or a range of numbers
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.model import Locale

_DATE = re.compile(
    r"(?<![\w./-])(?:(\d{4})([./-])(\d{1,2})\2(\d{1,2})|(\d{1,2})([./-])(\d{1,2})\6(\d{4}|\d\d))(?![\w/-]|[.,]\d)"
)
_SIGN = re.compile(r"\d[./-]\d{1,2}[./-]\d")
_MONTH_FIRST = frozenset(("en", "en-US", "en-PH", "en-PR"))
_MONTHS, _DAYS = 12, 31


@dataclass(frozen=True, slots=True)
class DayMonth:
    """One day of one year; of the year the last two digits."""

    day: int
    month: int
    year: int


@dataclass(frozen=True, slots=True)
class NumericDate:
    """A date as it stands in a text, [start, end) in code points."""

    start: int
    end: int
    readings: tuple[DayMonth, ...]
    """The likeliest first; empty where only the other order of day and month would make a day."""


@lru_cache(maxsize=1 << 10)
def numeric_dates(text: str, locale: Locale) -> tuple[NumericDate, ...]:
    """Every date in digits.

    >>> [d.readings[0] for d in numeric_dates("on 03/07/2021", Locale.parse("en"))]
    [DayMonth(day=7, month=3, year=21)]
    >>> [d.readings for d in numeric_dates("el 12/25/2021", Locale.parse("es"))]
    [()]
    """
    if not _SIGN.search(text):
        return ()
    return tuple(found for match in _DATE.finditer(text) if (found := _date(match, locale)))


def _date(match: re.Match[str], locale: Locale) -> NumericDate | None:
    if match[1]:
        iso = DayMonth(int(match[4]), int(match[3]), int(match[1]) % 100)
        return NumericDate(*match.span(), (iso,)) if _exists(iso) else None
    one, two, year = int(match[5]), int(match[7]), int(match[8]) % 100
    if match[6] == "." and len(match[8]) < len("2021") and locale.language != "de":
        return None  # 3.12.11 is a version
    day_first, month_first = DayMonth(one, two, year), DayMonth(two, one, year)
    if not (_exists(day_first) or _exists(month_first)):
        return None
    likely = (month_first, day_first) if locale.tag in _MONTH_FIRST else (day_first,)
    return NumericDate(*match.span(), tuple(dict.fromkeys(filter(_exists, likely))))


def _exists(date: DayMonth) -> bool:
    return 1 <= date.month <= _MONTHS and 1 <= date.day <= _DAYS
