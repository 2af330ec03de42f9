"""Each quantity of the source has its unit in the target: 5 mg is not 5 g, 20 % is not 20, six hours are not six days.

Compared are pairs of value and unit; what is not kept in value is the part of `numbers_kept`. A unit that stands
without a number (per hour, for days) is compared as a contrast: one is gone, and another of its kind is new.
"""

import re
from collections.abc import Iterator, Mapping

from pipeline.model import Finding, Severity
from review.checks.context import Context
from review.checks.quantities import KIND_OF, Amount, amounts, knows_units, times_named, units_named
from review.checks.stakes import holds_dose
from review.checks.tables import measured

_NEEDS_UNIT = frozenset(("mass", "volume", "substance", "share", "temperature"))
"""Kinds without which a number is another amount; "6 to 8 (hours)" is often said once."""


_MAY_BE_LOST = frozenset(("time", "form"))
"""Kinds that a number keeps, if they stand nowhere else in the text: 30 minutes, 2 tablets."""
_A_WORD = 3
"""Letters of a unit that is none but a unit."""
MOST_AMOUNTS = 300
"""Of a longer list of numbers only the first are compared: each is looked for among the others."""
_AGE = re.compile(r"\b(?:ag(?:e|ed|es|ing)|older|younger|old)\b", re.IGNORECASE)
"""Where a number without a unit is years."""


def quantities_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for a number that has another unit, or lost one that it needs; a WARNING where a unit alone differs."""
    here, there = context.source_locale, context.target_locale
    if not (knows_units(here.language) and knows_units(there.language)):
        return
    sources = amounts(source, here)[:MOST_AMOUNTS]
    if not sources and not units_named(source, here.language):
        return
    targets = amounts(target, there)[:MOST_AMOUNTS]
    told: set[str] = set()
    sure = measured(there.language, "units")
    for one, other in _unlike(sources, targets):
        needed = KIND_OF.get(one.unit) in _NEEDS_UNIT
        if not other.unit and one.unit == "year" and _AGE.search(source):
            continue  # mayores de 60
        wanted = source[slice(*one.unit_span)]
        if not other.unit and not needed and (len(wanted) < _A_WORD or KIND_OF.get(one.unit) not in _MAY_BE_LOST):
            continue  # $5 m
        if not other.unit and not needed and _as_often(one.unit, source, target, context):
            continue  # 14 derniers jours
        if not other.unit and len(wanted) > 1 and target[other.end :].lstrip(" \u00a0\u202f-").startswith(wanted):
            continue  # a form that the table does not have: 5 mgs
        told |= {one.unit, other.unit}
        hard = needed or holds_dose(source)
        if other.unit:
            found = target[other.unit_span[0] : other.unit_span[1]]
            message = f"the source says {one.written} {wanted}, the translation {other.written} {found}"
        else:
            message = f"the source says {one.written} {wanted}, the translation {other.written} without it"
        yield Finding(
            check="quantities_kept",
            severity=Severity.ERROR if sure and (other.unit or hard) else Severity.WARNING,
            message=message,
            source_span=(one.start, max(one.end, one.unit_span[1])),
            target_span=(other.start, max(other.end, other.unit_span[1])),
        )
    for other in _units_of_its_own(sources, targets, units_named(source, here.language)):
        told.add(other.unit)
        said = target[other.start : other.unit_span[1]]
        yield Finding(
            check="quantities_kept",
            severity=Severity.ERROR if sure and _AGE.search(source) else Severity.WARNING,
            message=f"the translation says {said}, the source {other.written} without a unit",
            target_span=(other.start, other.unit_span[1]),
        )
    yield from _named_otherwise(source, target, sources, targets, told, context)


def _as_often(unit: str, source: str, target: str, context: Context) -> bool:
    """Whether the target says a unit as often as the source: it may stand at another place."""
    here, there = context.source_locale, context.target_locale
    return times_named(unit, target, there) >= times_named(unit, source, here)


def _unlike(sources: tuple[Amount, ...], targets: tuple[Amount, ...]) -> Iterator[tuple[Amount, Amount]]:
    """Pairs of equal value of which the units differ, or the source's has a unit and the target's none."""
    if not any(amount.unit for amount in sources):
        return
    free = list(targets)
    open_ones: list[Amount] = []
    for amount in sources:
        same = _first(free, amount, amount.unit)
        if same is None:
            open_ones.append(amount)
        else:
            free.remove(same)
    for amount in open_ones:
        if not amount.unit or amount.shared:
            continue
        unlike = [other for other in free if _equal(amount, other) and not other.shared]
        if unlike:
            other = next((other for other in unlike if other.unit), unlike[0])
            if other.unit or not other.in_words:
                free.remove(other)
                yield amount, other


def _units_of_its_own(
    sources: tuple[Amount, ...], targets: tuple[Amount, ...], named: Mapping[str, tuple[int, int]]
) -> Iterator[Amount]:
    """Amounts of the target whose number the source has without a unit; an age may get its years."""
    bare = {value for amount in sources if not amount.unit and not amount.in_words for value in amount.values}
    known = {amount.unit for amount in sources} | named.keys() | {"", "year", "hour"}  # aged 40; 8 a.m. is 8 h
    for other in targets:
        if other.unit not in known and not other.in_words and not bare.isdisjoint(other.values):
            yield other


def _first(amounts_: list[Amount], like: Amount, unit: str) -> Amount | None:
    """The first of equal value with this unit; a shared unit fits any that is there, or none."""
    equal = [other for other in amounts_ if _equal(like, other)]
    return next((other for other in equal if other.unit == unit), None) or next(
        (other for other in equal if (like.shared and not other.unit) or (other.shared and not unit)), None
    )


def _equal(one: Amount, other: Amount) -> bool:
    return any(value in other.values for value in one.values)


def _named_otherwise(
    source: str,
    target: str,
    sources: tuple[Amount, ...],
    targets: tuple[Amount, ...],
    told: set[str],
    context: Context,
) -> Iterator[Finding]:
    """A unit that the target does not name anywhere, while it names another of the kind that the source does not."""
    before = dict(units_named(source, context.source_locale.language))
    after = dict(units_named(target, context.target_locale.language))
    if not before or not after:
        return
    with_number = ({a.unit: a.unit_span for a in side if a.unit} for side in (sources, targets))
    all_before, all_after = (named | numbered for named, numbered in zip((before, after), with_number, strict=True))
    gone = {unit: span for unit, span in before.items() if unit not in all_after and unit not in told}
    new = {unit: span for unit, span in after.items() if unit not in all_before and unit not in told}
    for unit, span in gone.items():
        for other, where in new.items():
            if KIND_OF.get(unit) == KIND_OF.get(other):
                hard = holds_dose(source) and measured(context.target_locale.language, "units")
                yield Finding(
                    check="quantities_kept",
                    severity=Severity.ERROR if hard else Severity.WARNING,
                    message=f"the source says {source[slice(*span)]}, the translation {target[slice(*where)]}",
                    source_span=span,
                    target_span=where,
                )
                break
