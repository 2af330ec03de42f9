"""How much a unit needs somebody: points, and the reasons that they are the sum of.

Takes   a unit's risk and its rules, what the checks found, where its text stands
Gives   reasons as a reviewer reads them, their points; a class of the order of work for the PO file
Always  the points are the sum of what POINTS says of the reasons, and nothing else: `signoff triage` sorts by them.
        A PO file says the class, not the rank: one unit's change leaves all other entries as they are
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Reason:
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
    return sum(POINTS[kind] * min(count, MOST_COUNTED) for kind, count in Counter(r.kind for r in why).items())


def order_note(why: Sequence[Reason]) -> str:
    """The class, and in a few words why: `order: 1 of 3 - critical, 1 error, 2 doubts`; "" for what comes last."""
    class_ = next((number for number, least in enumerate(CLASSES, 1) if points(why) >= least), 0)
    counts = Counter(reason.kind for reason in why if reason.kind not in ("critical", "not read"))
    said = ["critical"] if any(reason.kind == "critical" for reason in why) else []
    said += [f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items()]
    return f"order: {class_} of {len(CLASSES)} - {', '.join(said)}" if class_ else ""
