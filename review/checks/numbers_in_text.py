"""Numbers that a text writes in digits: `0.125`, `1,191`, `42 mil`, `3 p.m.`.

Takes   a text, tags and all, and its locale
Gives   each number with its place and every list of values that it can be read as; decimal signs are CLDR's
Always  in time linear in the text; remembered, for several checks ask
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel.numbers import get_decimal_symbol

from pipeline.model import Locale
from review.checks.blanked import without_codes_and_tags
from review.checks.number_words_in_text import magnitudes

_BLANK = "\u0020\u00a0\u2009\u202f"
_NUMBER = re.compile(rf"(?<![\w.,٫'’)\]\"%])[.,]\d+(?!\d|[.,]\d)|\d+(?:[.,٫٬'’]\d+|[{_BLANK}]\d{{3}}(?!\d))*")
"""The first kind is a decimal without its zero, `.5`."""
_DIGIT = re.compile(r"\d")
_GROUPED = re.compile(rf"\d{{1,3}}([.,٬'’{_BLANK}])\d{{3}}(?:\1\d{{3}})*")
_ORDINAL_TAIL = re.compile(r"(?:st|nd|rd|th)\b")
_YEAR_BEFORE = re.compile(r"(?<!\d)(\d\d)\d\d[-–/]\Z")
_AFTERNOON = re.compile(rf"(?::\d\d)?[{_BLANK}]?[pP]\.?[{_BLANK}]?[mM]\b")


class Number(NamedTuple):  # there are many, and a tuple is made three times as fast as a frozen data class
    """A number as it stands in a text, and every list of values that it can be read as, the likeliest first."""

    written: str
    span: tuple[int, int]
    readings: tuple[tuple[Decimal, ...], ...]
    unsure: bool
    in_a_name: bool = False
    """Whether it is part of a word: COVID-19, Table1."""


@lru_cache(maxsize=1 << 12)
def numbers_in(text: str, locale: Locale, scaled: bool = True) -> tuple[Number, ...]:
    """All numbers written with digits; `scaled` multiplies by the words behind them (42 mil).

    A hyphen before a number is a hyphen: IL-6, 5-10, COVID-19.
    """
    plain = without_codes_and_tags(text)
    if not _DIGIT.search(plain):
        return ()
    found: list[Number] = []
    factors, symbols = magnitudes(locale.language) if scaled else {}, decimal_symbols(locale)
    for match in _NUMBER.finditer(plain):
        before, after = plain[max(0, match.start() - 6) : match.start()], plain[match.end() : match.end() + 40]
        factor = _magnitude(after, factors)
        readings = list(_readings(match[0], symbols))
        if factor != 1:
            readings = [(reading[0] * factor,) if len(reading) == 1 else reading for reading in readings]
        if _AFTERNOON.match(after) and readings[0][0] < 12:
            readings.insert(0, (readings[0][0] + 12,))  # 3 p.m. is 15 h
        if (year := _YEAR_BEFORE.search(before)) and re.fullmatch(r"\d\d", match[0]):
            readings.append((Decimal(year[1] + match[0]),))  # 2019-20 may be 2019-2020
        in_a_name = before[-1:].isalpha() or after[:1].isupper()
        unsure = in_a_name or bool(_ORDINAL_TAIL.match(after))
        found.append(Number(match[0], match.span(), tuple(readings), unsure, in_a_name))
    return tuple(found)


@lru_cache(maxsize=1 << 12)
def _readings(written: str, symbols: tuple[str, ...]) -> tuple[tuple[Decimal, ...], ...]:
    """Every list of values that digits can mean with these decimal symbols: one number, or several side by side.

    >>> _readings("1,191", (",",))
    ((Decimal('1.191'),),)
    >>> _readings("2 500", (".",))
    ((Decimal('2500'),), (Decimal('2'), Decimal('500')))
    """
    if written[0] in ".,":  # .5 is 0.5 in every language, and ten times less than 5
        rest = written[1:]
        return ((Decimal(f"0.{rest}"),),) if rest.isdecimal() else (pieces(written),)
    readings: list[tuple[Decimal, ...]] = []
    for decimal in symbols:
        whole, comma, fraction = written.rpartition(decimal) if written.count(decimal) == 1 else (written, "", "")
        groups = _GROUPED.fullmatch(whole)
        if (whole.isdecimal() or (groups and groups[1] != decimal)) and (not comma or fraction.isdecimal()):
            digits = "".join(re.findall(r"\d", whole))
            readings.append((Decimal(f"{digits}.{fraction}") if comma else Decimal(digits),))
    if not readings or " " in written:
        readings.append(pieces(written))
    return tuple(dict.fromkeys(readings))


def pieces(written: str) -> tuple[Decimal, ...]:
    """The runs of digits, each a number of its own: a date, a version, a list."""
    return tuple(Decimal(piece) for piece in re.findall(r"\d+", written))


@lru_cache(maxsize=64)
def decimal_symbols(locale: Locale) -> tuple[str, ...]:
    """CLDR's, and in American Spanish both: its countries differ, and so do their writers."""
    symbol: str = get_decimal_symbol(locale.babel)
    american_spanish = locale.language == "es" and locale.tag not in ("es", "es-ES")
    return (symbol, "." if symbol == "," else ",") if american_spanish else (symbol,)


_WORD_BEHIND = re.compile(rf"[{_BLANK}-]?([^\W\d_]+)")


def _magnitude(after: str, factors: Mapping[str, int]) -> int:
    """The factor that the words after a number give it: 1000 for `42 mil`, 10**9 for `3 mil millones`."""
    factor = 1
    while (word := _WORD_BEHIND.match(after)) and word[1].lower() in factors:
        factor *= factors[word[1].lower()]
        after = after[word.end() :]
    return factor
