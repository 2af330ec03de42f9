"""A number said in words is the same number in the target, in words or in digits: three is not `cuatro`.

Words that are gone without another number in their place are left alone: `the two of them` may be `ambos`, and halves,
pairs and ordinals may stand for a number. What is written in digits is the part of `numbers_kept`.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from pipeline.model import Finding, Locale, Severity
from review.checks.context import Context
from review.checks.number_words_in_text import NumberWord, number_table, number_words, values_that_words_may_mean
from review.checks.numbers_in_text import numbers_in
from review.checks.stakes import holds_dose
from review.checks.tables import measured


def number_words_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for a number word in the place of another; of one that the source has in no form only beside a dose."""
    here, there = context.source_locale, context.target_locale
    if not (number_table(here.language) and number_table(there.language)):
        return
    found = number_words(target, there.language)
    if not found:
        return
    wanted = number_words(source, here.language)
    looser = tuple(
        values_that_words_may_mean(text, language)
        for text, language in zip((source, target), (here.language, there.language), strict=True)
    )
    looser[0].subtract(word.value for word in wanted)
    looser[1].subtract(word.value for word in found)
    surplus = _left(found, wanted, _values_in_digits(source, here), looser[0], looser[1])
    if not surplus:
        return
    missing = _left(wanted, found, _values_in_digits(target, there), looser[1], looser[0])
    sure, dose = measured(there.language, "numbers"), holds_dose(source)
    for at, other in enumerate(surplus):
        one = missing[at] if at < len(missing) else None
        said = f"the source says {one.written}" if one else "the source has no such number"
        yield Finding(
            check="number_words_kept",
            severity=Severity.ERROR if sure and (one or dose) else Severity.WARNING,
            message=f"{said}, the translation says {other.written}",
            source_span=(one.start, one.end) if one else None,
            target_span=(other.start, other.end),
        )


def _values_in_digits(text: str, locale: Locale) -> Counter[Decimal]:
    """Every value that digits of the text may mean, those in names (SARS-CoV-2) left out."""
    return Counter(
        value
        for number in numbers_in(text, locale)
        if not number.unsure
        for value in {v for reading in number.readings for v in reading}
    )


def _left(
    words: tuple[NumberWord, ...],
    others: tuple[NumberWord, ...],
    digits: Counter[Decimal],
    looser: Counter[int],
    own_looser: Counter[int],
) -> list[NumberWord]:
    """The words whose value the other side says in no form, each form used once; its looser words stand for ours."""
    there = Counter(word.value for word in others)
    left = []
    for word in words:
        if there[word.value] > 0:
            there[word.value] -= 1
        elif not digits[Decimal(word.value)] and looser[word.value] <= own_looser[word.value]:
            left.append(word)
    return left
