"""The numbers of the source are in the target and no others, compared by value.

`0.125` is `0,125` in Spanish; `1,191` is 1191 in English and 1.191 in Portuguese. Numbers are compared as multisets,
both ways. What a text says in words (three, twice, a million, siglo XX) may stand for a number on the other side.
Where a reading is not sure (a language without number words here, a number inside a name, an ordinal, the same number
said once more), a finding is a warning instead of an error.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from babel.numbers import get_decimal_symbol

from pipeline.model import Finding, Locale, Severity, tags_of
from pipeline.numerals import localize_numbers
from pipeline.protected import ProtectedKind, protected_spans
from review.checks.context import Context
from review.checks.number_words import MAGNITUDES, SMALL_NUMBERS

_BLANK = "\u0020\u00a0\u2009\u202f"
_NUMBER = re.compile(rf"\d+(?:[.,٫٬'’]\d+|[{_BLANK}]\d{{3}}(?!\d))*")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")
_GROUPED = re.compile(rf"\d{{1,3}}([.,٬'’{_BLANK}])\d{{3}}(?:\1\d{{3}})*")
_ROMAN = re.compile(r"\b[IVXLC]{1,8}(?=e?\b)")  # French has XXe
_ORDINAL_TAIL = re.compile(r"(?:st|nd|rd|th)\b")
_YEAR_BEFORE = re.compile(r"(?<!\d)(\d\d)\d\d[-–/]\Z")
_AFTERNOON = re.compile(rf"(?::\d\d)?[{_BLANK}]?[pP]\.?[{_BLANK}]?[mM]\b")


@dataclass(frozen=True, slots=True)
class _Number:
    """A number as it stands in a text, and every list of values that it can be read as, the likeliest first."""

    written: str
    span: tuple[int, int]
    readings: tuple[tuple[Decimal, ...], ...]
    unsure: bool


def numbers_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for each number on one side only, for 5 mg read as 0.5 mg can harm; a WARNING where unsure."""
    if not _DIGIT.search(source) and not _DIGIT.search(target):
        return
    source_locale, target_locale = context.source_locale, context.target_locale
    languages = {source_locale.language, target_locale.language}
    scaled = languages <= MAGNITUDES.keys()  # else "5 million" and what it is in the other language are both 5
    sources, targets = _numbers(source, source_locale, scaled=scaled), _numbers(target, target_locale, scaled=scaled)
    missing, surplus = _difference(sources, targets)
    missing = _not_in_words(missing, target, target_locale)
    surplus = _not_in_words(surplus, source, source_locale)
    words_known = languages <= SMALL_NUMBERS.keys()

    def severity(number: _Number, value: Decimal, elsewhere: set[Decimal]) -> Severity:
        maybe_in_words = not words_known and value <= 100 and value == int(value)
        unsure = number.unsure or value in elsewhere or maybe_in_words
        return Severity.WARNING if unsure else Severity.ERROR

    for number, other, right in _copied(missing, surplus, context):
        yield Finding(
            check="numbers_kept",
            severity=Severity.ERROR,
            source_span=number.span,
            target_span=other.span,
            message=f"{other.written} is written as in {source_locale}: in {target_locale} write {right}",
        )
    in_source, in_target = ({value for number in side for value in number.readings[0]} for side in (sources, targets))
    for number, value in missing:
        yield Finding(
            check="numbers_kept",
            severity=severity(number, value, in_target),
            source_span=number.span,
            message=f"the source has {number.written}, the target does not",
        )
    for number, value in surplus:
        yield Finding(
            check="numbers_kept",
            severity=severity(number, value, in_source),
            target_span=number.span,
            message=f"the target has {number.written}, the source does not",
        )


_Open = list[tuple[_Number, Decimal]]


def _difference(sources: list[_Number], targets: list[_Number]) -> tuple[_Open, _Open]:
    """What is left on either side when equal values are taken away; each number is read as fits the other side."""
    # [1,2] is no number in English, so what looks the same in the target is copied and none either
    lists = {number.written for number in sources if len(number.readings[0]) > 1}
    targets = [
        replace(number, readings=(_pieces(number.written),)) if number.written in lists else number
        for number in targets
    ]
    possible = {value for number in targets for reading in number.readings for value in reading}
    left: defaultdict[Decimal, list[_Number]] = defaultdict(list)
    for number in reversed(sources):
        for value in _reading(number, possible.__contains__):
            left[value].append(number)
    surplus: _Open = []
    for number in sorted(targets, key=lambda number: len(number.readings)):
        for value in _reading(number, lambda value: bool(left.get(value))):
            if left.get(value):
                left[value].pop()
            else:
                surplus.append((number, value))
    missing = [(number, value) for value, numbers in left.items() for number in numbers]
    return sorted(missing, key=_place), sorted(surplus, key=_place)


def _copied(missing: _Open, surplus: _Open, context: Context) -> list[tuple[_Number, _Number, str]]:
    """Take out of both lists what was copied with its separators, and say how the target's language writes it."""
    found: list[tuple[_Number, _Number, str]] = []
    for item in list(missing):
        number = item[0]
        right = localize_numbers(number.written, number.written, context.source_locale, context.target_locale)
        twin = next((other for other in surplus if other[0].written == number.written), None)
        if twin and right != number.written and not number.unsure:
            missing.remove(item)
            surplus.remove(twin)
            found.append((number, twin[0], right))
    return found


def _place(item: tuple[_Number, Decimal]) -> tuple[int, int]:
    return item[0].span


def _reading(number: _Number, fits: Callable[[Decimal], bool]) -> tuple[Decimal, ...]:
    """The first reading of which all values fit, or the likeliest."""
    return next((reading for reading in number.readings if all(map(fits, reading))), number.readings[0])


def _not_in_words(numbers: _Open, text: str, locale: Locale) -> _Open:
    """Those that the other side does not say in words or in Roman numerals, each word used once."""
    known, large = SMALL_NUMBERS.get(locale.language, {}), MAGNITUDES.get(locale.language, {})
    words = [word.lower() for word in _WORD.findall(_without_tags(text))]
    said = Counter(Decimal(known[word]) for word in words if word in known)
    said.update(Decimal(large[word]) for word in words if word in large)
    said.update(Decimal(_roman(match[0])) for match in _ROMAN.finditer(text))
    left: _Open = []
    for number, value in numbers:
        tens_and_ones = (value - value % 10, value % 10) if 20 < value < 100 else (value,)  # treinta y cinco
        needed = (value,) if said[value] else tens_and_ones
        if all(said[part] for part in needed):
            said.subtract(needed)
        else:
            left.append((number, value))
    return left


def _numbers(text: str, locale: Locale, *, scaled: bool) -> list[_Number]:
    """All numbers written with digits. A hyphen before one is a hyphen: IL-6, 5-10, COVID-19."""
    plain = _without_codes(_without_tags(text))
    found = []
    for match in _NUMBER.finditer(plain):
        before, after = plain[max(0, match.start() - 6) : match.start()], plain[match.end() : match.end() + 40]
        factor = _magnitude(after, locale) if scaled else 1
        readings = [(reading[0] * factor,) if len(reading) == 1 else reading for reading in _readings(match[0], locale)]
        if _AFTERNOON.match(after) and readings[0][0] < 12:
            readings.append((readings[0][0] + 12,))  # 3 p.m. may be 15 h
        if (year := _YEAR_BEFORE.search(before)) and re.fullmatch(r"\d\d", match[0]):
            readings.append((Decimal(year[1] + match[0]),))  # 2019-20 may be 2019-2020
        in_a_name = before[-1:].isalpha() or after[:1].isupper()
        unsure = in_a_name or bool(_ORDINAL_TAIL.match(after))
        found.append(_Number(match[0], match.span(), tuple(readings), unsure))
    return found


def _readings(written: str, locale: Locale) -> tuple[tuple[Decimal, ...], ...]:
    """Every list of values that the digits can mean in the locale: one number, or several that stand side by side.

    >>> _readings("1,191", Locale.parse("pt-BR"))
    ((Decimal('1.191'),),)
    >>> _readings("2 500", Locale.parse("en"))
    ((Decimal('2500'),), (Decimal('2'), Decimal('500')))
    """
    readings: list[tuple[Decimal, ...]] = []
    for decimal in _decimal_symbols(locale):
        whole, comma, fraction = written.rpartition(decimal) if written.count(decimal) == 1 else (written, "", "")
        groups = _GROUPED.fullmatch(whole)
        if (whole.isdecimal() or (groups and groups[1] != decimal)) and (not comma or fraction.isdecimal()):
            digits = "".join(re.findall(r"\d", whole))
            readings.append((Decimal(f"{digits}.{fraction}") if comma else Decimal(digits),))
    if not readings or " " in written:
        readings.append(_pieces(written))
    return tuple(dict.fromkeys(readings))


def _pieces(written: str) -> tuple[Decimal, ...]:
    """The runs of digits, each a number of its own: a date, a version, a list."""
    return tuple(Decimal(piece) for piece in re.findall(r"\d+", written))


def _decimal_symbols(locale: Locale) -> tuple[str, ...]:
    """CLDR's, and in American Spanish both: its countries differ, and so do their writers."""
    symbol: str = get_decimal_symbol(locale.babel)
    american_spanish = locale.language == "es" and locale.tag not in ("es", "es-ES")
    return (symbol, "." if symbol == "," else ",") if american_spanish else (symbol,)


def _magnitude(after: str, locale: Locale) -> int:
    """The factor that the words after a number give it: 1000 for `42 mil`, 10**9 for `3 mil millones`."""
    factors = MAGNITUDES.get(locale.language, {})
    factor = 1
    while (word := re.match(rf"[{_BLANK}-]?([^\W\d_]+)", after)) and word[1].lower() in factors:
        factor *= factors[word[1].lower()]
        after = after[word.end() :]
    return factor


def _without_tags(text: str) -> str:
    """The text with as many line feeds in the place of each tag, so that a tag's number is none of the text."""
    characters = list(text)
    for tag in tags_of(text):
        characters[tag.start() : tag.end()] = "\n" * len(tag[0])
    return "".join(characters)


def _without_codes(text: str) -> str:
    """The text without the digits of addresses and codes: F13.20 is no number, and `protected_kept` looks at it."""
    characters = list(text)
    for span in protected_spans(text):
        if span.kind in (ProtectedKind.URL, ProtectedKind.EMAIL, ProtectedKind.CODE):
            characters[span.start : span.end] = "\n" * (span.end - span.start)
    return "".join(characters)


def _roman(numeral: str) -> int:
    """The value of a Roman numeral, also of one that is not well formed.

    >>> _roman("XIV")
    14
    """
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[letter] for letter in numeral]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))
