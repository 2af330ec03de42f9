"""The numbers of the source are in the target and no others, compared by value.

`0.125` is `0,125` in Spanish; `1,191` is 1191 in English and 1.191 in Portuguese. Numbers are compared as multisets,
both ways. What a text says in words (three, twice, a million, siglo XX) may stand for a number on the other side.
Where a reading is not sure (a language without number words here, a number inside a name, an ordinal, the same number
said once more), a finding is a warning instead of an error.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from pipeline.model import Finding, Locale, Severity
from pipeline.numerals import localize_numbers
from review.checks.blanked import without_codes_and_tags
from review.checks.context import Context
from review.checks.number_words_in_text import knows_numbers, magnitudes, values_that_words_may_mean
from review.checks.numbers_in_text import Number, decimal_symbols, numbers_in, pieces
from review.checks.quantities import is_converted

_DIGIT = re.compile(r"\d")
_ROMAN = re.compile(r"\b[IVXLC]{1,8}(?=e?\b)")  # French has XXe


def numbers_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for each number on one side only, for 5 mg read as 0.5 mg can harm; a WARNING where unsure."""
    if not _DIGIT.search(source) and not _DIGIT.search(target):
        return
    source_locale, target_locale = context.source_locale, context.target_locale
    languages = {source_locale.language, target_locale.language}
    words_known = scaled = all(
        map(knows_numbers, languages)
    )  # else "5 million" and what it is in the other language are both 5
    sources, targets = numbers_in(source, source_locale, scaled), numbers_in(target, target_locale, scaled)
    missing, surplus = _difference(sources, targets)
    missing = _not_in_words(missing, target, target_locale)
    surplus = _not_in_words(surplus, source, source_locale)

    if (missing or surplus) and (_NUMERIC_DATE.search(source) or _NUMERIC_DATE.search(target)):
        missing = _no_months(missing, target, target_locale)
        surplus = _no_months(surplus, source, source_locale)
    surplus = [item for item in surplus if not _is_version(item[0], source, target)]
    same = {number.written for number, _ in missing} & {number.written for number, _ in surplus}

    def severity(number: Number, value: Decimal, elsewhere: set[Decimal], others: _Open) -> Severity:
        if number.in_a_name and (number.written in same or not others):
            return Severity.NOTE  # Table1.1 became Tabla1.1, or COVID-19 is said less often
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
    yield from _unclear_groups(sources, targets, context)
    in_source, in_target = ({value for number in side for value in number.readings[0]} for side in (sources, targets))
    gone = [(number, severity(number, value, in_target, surplus)) for number, value in missing]
    new = [(number, severity(number, value, in_source, missing)) for number, value in surplus]
    if len(gone) == len(new):  # each is taken for what became of the other
        for (one, harm), (other, harm_there) in zip(gone, new, strict=True):
            converted = len(gone) < MOST_CONVERTED and is_converted(
                (source, one.span, source_locale), (target, other.span, target_locale)
            )
            yield Finding(
                check="numbers_kept",
                severity=Severity.WARNING if converted else min(harm, harm_there, key=_HARM.index),
                source_span=one.span,
                target_span=other.span,
                message=f"the source says {_with_unit(one, source, source_locale)},"
                f" the translation {_with_unit(other, target, target_locale)}",
            )
        return
    for number, harm in gone:
        yield Finding(
            check="numbers_kept",
            severity=harm,
            source_span=number.span,
            message=f"the source has {_with_unit(number, source, source_locale)}, the translation does not",
        )
    for number, harm in new:
        yield Finding(
            check="numbers_kept",
            severity=harm,
            target_span=number.span,
            message=f"the translation has {_with_unit(number, target, target_locale)}, the source does not",
        )


LONGEST_SAID = 40
"""Characters of a number that a message repeats."""
MOST_CONVERTED = 30
"""In a text with more changed numbers none is taken for a converted one."""
_HARM = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_UNIT = re.compile(r"[ \u00a0\u202f]?(?:%|(?:[mkµμn]?[gl]|m?cg|mL|dl|h|IU|UI|mmol|°[CF])(?!\w))")
_NEXT_WORD = re.compile(r"[ \u00a0\u202f-]?([^\W\d_]+)")


def _with_unit(number: Number, text: str, locale: Locale) -> str:
    """The number with the sign, short unit or magnitude behind it, as a person would say it: 0.125 mg, 3 million."""
    behind = _UNIT.match(text, number.span[1])
    if behind is None and (word := _NEXT_WORD.match(text, number.span[1])):
        behind = word if word[1].lower() in magnitudes(locale.language) else None
    written = number.written if len(number.written) <= LONGEST_SAID else f"{number.written[:LONGEST_SAID]}…"
    return written + (behind[0] if behind else "")


_Open = list[tuple[Number, Decimal]]


def _difference(sources: Sequence[Number], targets: Sequence[Number]) -> tuple[_Open, _Open]:
    """What is left on either side when equal values are taken away; each number is read as fits the other side."""
    # [1,2] is no number in English, so what looks the same in the target is copied and none either
    lists = {number.written for number in sources if len(number.readings[0]) > 1}
    targets = [
        number._replace(readings=(pieces(number.written),)) if number.written in lists else number for number in targets
    ]
    possible = {value for number in targets for reading in number.readings for value in reading}
    left: defaultdict[Decimal, list[Number]] = defaultdict(list)
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


def _copied(missing: _Open, surplus: _Open, context: Context) -> list[tuple[Number, Number, str]]:
    """Take out of both lists what was copied with its separators, and say how the target's language writes it."""
    found: list[tuple[Number, Number, str]] = []
    for item in list(missing):
        number = item[0]
        twin = next((other for other in surplus if other[0].written == number.written), None)
        if twin is None or number.unsure:
            continue
        right = localize_numbers(number.written, number.written, context.source_locale, context.target_locale)
        if right != number.written:
            missing.remove(item)
            surplus.remove(twin)
            found.append((number, twin[0], right))
    return found


_NUMERIC_DATE = re.compile(r"(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?!\d)")


def _no_months(numbers: _Open, other_text: str, locale: Locale) -> _Open:
    """Those that are no month which the other text names: 05/03/2021 for March 5, 2021."""
    from review.checks.dates_kept import months_named

    months = months_named(other_text, locale.language) if numbers else frozenset()
    return [item for item in numbers if item[1] not in months]


def _is_version(number: Number, source: str, target: str) -> bool:
    """Whether a number stands unchanged behind the same name and has no unit: `Foo 2.0`."""
    name = re.search(r"[A-Z][\w+.-]{1,30}[*_ ]{1,4}\Z", target[max(0, number.span[0] - 36) : number.span[0]])
    if name is None or _UNIT.match(target, number.span[1]):
        return False
    return re.search(rf"{re.escape(name[0] + number.written)}(?![\d.,]\d|\d)", source) is not None


_ENGLISH_GROUP = re.compile(r"\d{1,3},\d{3}")
_POINT_COUNTRIES = frozenset("MX US PR GT HN NI PA SV DO".split())  # noqa: SIM905 - one line
"""Where Spanish writes 66,576 for what others write 66 576 or 66.576."""


def _unclear_groups(sources: Sequence[Number], targets: Sequence[Number], context: Context) -> Iterator[Finding]:
    """A WARNING for a number such as 66,576 in Spanish for all of Latin America: half of its readers see 66.576 in it.

    An ERROR where the same text writes its decimals with a comma; so is 4.8 there.
    """
    locale = context.target_locale
    if locale.language != "es" or len(decimal_symbols(locale)) == 1 or locale.tag[-2:] in _POINT_COUNTRIES:
        return
    copied = {number.written for number in sources if _ENGLISH_GROUP.fullmatch(number.written)}
    comma = any(re.fullmatch(r"\d+,(?:\d{1,2}|\d{4,})", number.written) for number in targets)
    for number in targets if comma else ():
        if re.fullmatch(r"\d+\.\d{1,2}", number.written) and not number.unsure:
            yield Finding(
                check="numbers_kept",
                severity=Severity.ERROR,
                target_span=number.span,
                message=f"{number.written} has a decimal point where the same text has decimal commas",
            )
    for number in targets:
        if number.written in copied:
            yield Finding(
                check="numbers_kept",
                severity=Severity.ERROR if comma else Severity.WARNING,
                target_span=number.span,
                message=f"{number.written} may be read as a decimal: write {number.written.replace(',', ' ')}",
            )


def _place(item: tuple[Number, Decimal]) -> tuple[int, int]:
    return item[0].span


def _reading(number: Number, fits: Callable[[Decimal], bool]) -> tuple[Decimal, ...]:
    """The first reading of which all values fit, or the likeliest."""
    return next((reading for reading in number.readings if all(map(fits, reading))), number.readings[0])


def _not_in_words(numbers: _Open, text: str, locale: Locale) -> _Open:
    """Those that the other side does not say in words or in Roman numerals, each word used once."""
    said = Counter[Decimal | int](values_that_words_may_mean(without_codes_and_tags(text), locale.language))
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


def _roman(numeral: str) -> int:
    """The value of a Roman numeral, also of one that is not well formed.

    >>> _roman("XIV")
    14
    """
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[letter] for letter in numeral]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))
