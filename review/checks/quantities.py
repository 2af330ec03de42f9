"""The amounts of a text: each number with its value, its place, and the unit behind it.

Takes   a text, tags and all, and its locale
Gives   its amounts in order; the units that it names anywhere, also without a number
Always  a range and a list share the unit of their last number; in time linear in the text; remembered, for several
        checks ask
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from pipeline.model import Locale
from review.checks.blanked import without_codes_and_tags
from review.checks.number_words_in_text import number_table, number_words
from review.checks.numbers_in_text import numbers_in
from review.checks.tables import table
from review.checks.words_in_text import words_in

KIND_OF: Mapping[str, str] = {
    unit: kind
    for kind, units in {
        "mass": "mg mcg ng g kg oz lb",
        "volume": "ml dl l µl teaspoon tablespoon",
        "substance": "mmol mcmol iu",
        "time": "second minute hour day week month year",
        "temperature": "celsius fahrenheit",
        "length": "nm µm mm cm m km ft inch mile",
        "share": "percent",
        "form": "tablet capsule drop puff",
    }.items()
    for unit in units.split()
}
"""Unit → what it measures, the same in every language."""


class Amount(NamedTuple):  # as Number is
    """A number as it stands in a text."""

    start: int
    end: int
    """[start, end) in code points, of the number alone."""
    written: str
    values: tuple[Decimal, ...]
    """What it may be read as, the likeliest first."""
    in_words: bool
    exact: bool
    """False for words such as one, a, both: they carry a unit, and are not asked for."""
    unit: str = ""
    """The name of its unit in the table, "" if none is known."""
    unit_span: tuple[int, int] = (0, 0)
    shared: bool = False
    """Whether the unit stands behind a later number of its list or range."""


@dataclass(frozen=True, slots=True)
class _Units:
    behind_number: re.Pattern[str]
    alone: Mapping[str, str]
    """Form of one word → unit, of those that are looked for without a number."""
    name_of: Mapping[str, str]


@lru_cache(maxsize=32)
def _units(language: str) -> _Units | None:
    """A language's units, ready to use; None if it has no table."""
    read = table(language, "units")
    if not read:
        return None
    name_of = {form.casefold(): name for name, forms in read["units"].items() for form in forms}
    as_written = {form if len(form) == 1 else form.casefold() for forms in read["units"].values() for form in forms}
    forms = sorted(as_written, key=lambda form: (-len(form), form))
    words = [
        form
        for form in forms
        if len(form) >= _SHORTEST_ALONE
        and KIND_OF.get(name_of[form]) in _NAMED
        and form not in read.get("ambiguous", ())
    ]
    ends = r"(?![\w'’])"

    def written(form: str) -> str:
        """A single capital means its unit only as a capital (U: Spanish has `7 u 8`), and not in U.S."""
        return rf"(?-i:{form})(?!\.\w)" if len(form) == 1 and form.isupper() else re.escape(form)

    return _Units(
        behind_number=re.compile(rf"[\s\u00a0\u202f-]{{0,2}}({'|'.join(map(written, forms))}){ends}", re.IGNORECASE),
        alone={form: name_of[form] for form in words},
        name_of=name_of,
    )


_SHORTEST_ALONE = 3
"""Letters of a unit's form that is looked for without a number: `g`, `h` or `an` alone may be anything."""
_NAMED = frozenset(("mass", "volume", "time", "form"))
"""The kinds of units that are looked for without a number."""
_SHARES = re.compile(r"[\s\u00a0,;/–—-]{0,3}(?:[^\W\d_]{1,4}\s)?[\s\u00a0]?")
"""What stands between the numbers of one range or list: `3-7 days`, `4, 6 y 8 semanas`, `20 a 25 %`."""


@lru_cache(maxsize=1 << 12)
def amounts(text: str, locale: Locale) -> tuple[Amount, ...]:
    """Every number of a text, in digits or in words, with its unit.

    >>> [(str(a.values[0]), a.unit) for a in amounts("Take 2.5 mg for 3 to 7 days", Locale.parse("en"))]
    [('2.5', 'mg'), ('3', 'day'), ('7', 'day')]
    """
    found = [
        Amount(
            start=number.span[0],
            end=number.span[1],
            written=number.written,
            values=tuple(reading[0] for reading in number.readings if len(reading) == 1),
            in_words=False,
            exact=True,
        )
        for number in numbers_in(text, locale)
    ]
    language = locale.language
    for word in number_words(text, language):
        found.append(Amount(word.start, word.end, word.written, (Decimal(word.value),), in_words=True, exact=True))
    found.sort(key=lambda amount: amount.start)
    units = _units(language)
    return tuple(_with_units(without_codes_and_tags(text), found, units)) if units and found else tuple(found)


def _with_units(plain: str, found: list[Amount], units: _Units) -> list[Amount]:
    later: Amount | None = None
    done: list[Amount] = []
    for amount in reversed(found):
        match = units.behind_number.match(plain, amount.end)
        if match and (match[0] != "s" or amount.in_words):  # the 1860s
            amount = amount._replace(unit=units.name_of[match[1].casefold()], unit_span=match.span(1))
        elif later and later.unit and _SHARES.fullmatch(plain, amount.end, later.start):
            amount = amount._replace(unit=later.unit, unit_span=later.unit_span, shared=True)
        later = amount
        done.append(amount)
    return done[::-1]


@lru_cache(maxsize=1 << 12)
def units_named(text: str, language: str) -> Mapping[str, tuple[int, int]]:
    """Each unit that the text names in a word, with or without a number: unit → where first."""
    units = _units(language)
    words = words_in(text)
    if units is None or units.alone.keys().isdisjoint(words.lower):
        return {}
    found: dict[str, tuple[int, int]] = {}
    for word, span in zip(words.lower, words.spans, strict=True):
        if word in units.alone:
            found.setdefault(units.alone[word], span)
    return found


def times_named(unit: str, text: str, locale: Locale) -> int:
    """How often a text says a unit, with a number or without."""
    units = _units(locale.language)
    if units is None:
        return 0
    words = words_in(text)
    places = {start for word, (start, _) in zip(words.lower, words.spans, strict=True) if units.alone.get(word) == unit}
    return len(places | {amount.unit_span[0] for amount in amounts(text, locale) if amount.unit == unit})


def knows_units(language: str) -> bool:
    """Whether the language has a table of units."""
    return _units(language) is not None


def knows_words(language: str) -> bool:
    """Whether the language has a table of number words."""
    return number_table(language) is not None


METRIC: Mapping[tuple[str, str], float] = {
    ("oz", "ml"): 29.57,
    ("oz", "g"): 28.35,
    ("lb", "kg"): 0.4536,
    ("ft", "m"): 0.3048,
    ("ft", "cm"): 30.48,
    ("inch", "cm"): 2.54,
    ("inch", "mm"): 25.4,
    ("mile", "km"): 1.609,
}
"""(unit of everyday English, metric unit): how many of the second make the first. Units of medicine are not here."""
NEAR = 0.15
"""How far from exact a conversion may be: 8 oz of water are 240 ml, or 250."""

Place = tuple[str, tuple[int, int], Locale]
"""A text, where a number stands in it, and its locale."""


def is_converted(here: Place, there: Place) -> bool:
    """Whether a number is another one because its unit became a metric one, as people do with water, height and weight.

    >>> en, es = Locale.parse("en"), Locale.parse("es")
    >>> is_converted(("8 oz", (0, 1), en), ("240 ml", (0, 3), es))
    True
    """
    one, other = _at(here), _at(there)
    if one is None or other is None:
        return False
    if (one.unit, other.unit) == ("fahrenheit", "celsius"):
        return abs((float(one.values[0]) - 32) / 1.8 - float(other.values[0])) < 1
    factor = METRIC.get((one.unit, other.unit))
    exact = float(one.values[0]) * factor if factor else 0.0
    return bool(factor) and abs(float(other.values[0]) - exact) <= NEAR * exact


def _at(place: Place) -> Amount | None:
    text, span, locale = place
    return next((a for a in amounts(text, locale) if (a.start, a.end) == span and a.values), None)
