"""How much a unit needs somebody: points, and the reasons that they are the sum of.

Takes   a unit's risk and its rules, what the checks found, where its text stands
Gives   reasons as a reviewer reads them, their points; a class of the order of work for the PO file
Always  the points are the sum of what POINTS says of the reasons, and nothing else: `signoff triage` sorts by them.
        A PO file says the class, not the rank: one unit's change leaves all other entries as they are
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline.engines import REPAIRED
from pipeline.model import Finding, ReviewState, Risk, Severity
from pipeline.store.history import Current

POINTS = {"critical": 8, "error": 6, "doubt": 3, "warning": 2, "not read": 1}
"""A critical segment comes before one with any single finding; with a finding, before all others."""
MOST_COUNTED = 3
"""So many errors, doubts or warnings count, so that a long sentence with many small doubts is not the first."""
CLASSES = (10, 6, 2)
"""From so many points on a unit is of class 1, 2, 3: a critical one with a finding or a doubt; a critical one, or one
with an error; one with a doubt or a warning. All others come last and have none."""


class Reason(NamedTuple):
    """Why a unit needs somebody."""

    kind: str
    """A key of POINTS."""
    said: str
    """As a reviewer reads it: `critical (dose)`, `error: …`, `doubt: …`."""


def reasons(risk: Risk, rules: Sequence[str], found: Sequence[Finding], current: Current | None) -> tuple[Reason, ...]:
    """Every reason there is; `current` None is a unit without a text."""
    said = [Reason("critical", f"critical ({', '.join(rules)})")] if risk is Risk.CRITICAL else []
    for kind in (Severity.ERROR, Severity.WARNING):
        said += [Reason(kind.value, f"{kind.value}: {one.message}") for one in found if one.severity is kind]
    said += [Reason("doubt", doubt_note(doubt)) for doubt in (current.origin.doubts if current else ())]
    if current and current.state is ReviewState.DRAFT:
        said.append(Reason("not read", "a draft that nobody has read"))
    return tuple(said)


def doubt_note(doubt: str) -> str:
    """A machine's doubt as a reviewer reads it; a repair says itself that it is one."""
    return doubt if doubt.startswith(REPAIRED) else f"doubt: {doubt}"


def points(why: Sequence[Reason]) -> int:
    """The points of all reasons, of each kind MOST_COUNTED at most."""
    return _points(_counts(why))


def order_note(why: Sequence[Reason]) -> str:
    """The class, and in a few words why: `order: 1 of 3 - critical, 1 error, 2 doubts`; "" for what comes last."""
    counts = _counts(why)
    sum_ = _points(counts)
    if sum_ < CLASSES[-1]:
        return ""
    class_ = next(number for number, least in enumerate(CLASSES, 1) if sum_ >= least)
    said = ["critical"] if "critical" in counts else []
    said += [f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in counts.items() if kind not in ("critical", "not read")]
    return f"order: {class_} of {len(CLASSES)} - {', '.join(said)}"


def _counts(why: Sequence[Reason]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for kind, _ in why:
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def _points(counts: Mapping[str, int]) -> int:
    return sum(POINTS[kind] * min(count, MOST_COUNTED) for kind, count in counts.items())
