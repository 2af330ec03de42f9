"""Write the numbers of a draft as its locale writes them: the machine copied `0.5`, a Spanish reader expects `0,5`.

Takes   a source, its draft, both locales
Gives   the draft with every number that was copied from the source in the target locale's separators (CLDR)
Always  only separators change, never a digit; what is no plain number (phones, versions, dates) stays as it is
"""

import re
from functools import cache

from babel.numbers import get_decimal_symbol, get_group_symbol

from pipeline.model import Locale

NO_GROUP_OF_FOUR = frozenset({"ca", "es", "eu", "gl", "hu", "it", "pl", "pt-PT"})
"""Locales that write 1191, not 1.191, while 76.577 has its point: CLDR's minimumGroupingDigits 2."""


def localize_numbers(source: str, draft: str, source_locale: Locale, target_locale: Locale) -> str:
    """The draft with the source's copied numbers written for the target locale.

    >>> localize_numbers("Take 0.5 mg.", "Tome 0.5 mg.", Locale("en"), Locale("es"))
    'Tome 0,5 mg.'
    """
    if not _DIGIT.search(source):
        return draft
    symbols = _symbols(source_locale)
    plain = _with_separators(*symbols)
    copied = {found[0] for found in plain.finditer(source)}
    return plain.sub(
        lambda found: _written(found[0], symbols, target_locale) if found[0] in copied else found[0], draft
    )


_DIGIT = re.compile(r"\d")


@cache
def _with_separators(point: str, group: str) -> re.Pattern[str]:
    """Plain numbers that have a separator: others are written alike everywhere."""
    return re.compile(
        rf"(?<![\w.,:/-])(?:\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(point)}\d+)?|\d+{re.escape(point)}\d+)"
        rf"(?![\w:/-]|[.,]\d)"
    )


@cache
def _symbols(locale: Locale) -> tuple[str, str]:
    return get_decimal_symbol(locale.babel), get_group_symbol(locale.babel)


def _written(number: str, source_symbols: tuple[str, str], target_locale: Locale) -> str:
    point, group = source_symbols
    target_point, target_group = _symbols(target_locale)
    whole, _, fraction = number.partition(point)
    digits = whole.replace(group, "")
    if group in whole:
        sparse = len(digits) == 4 and {target_locale.tag, target_locale.language} & NO_GROUP_OF_FOUR
        whole = digits if sparse else whole.replace(group, target_group)
    return whole + (target_point + fraction if fraction else "")
