"""Take over what still stands of a release: for a withdrawal, and for going back to an older one.

Takes   the pages of a release, as its event has them
Gives   those that stand today, and what became of the others; and the release of them
Always  no text comes on a page that was not on it, and what does not stand any more is gone or shown in the original
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.config import Workspace
from pipeline.export import Judges
from pipeline.publish.site import Written
from pipeline.store import Store, Transaction
from review.page_desk import PageDesk, PageOutcome, PlannedPage
from review.publisher import ReleaseName
from review.putting_out import PublishReport, put_out
from review.today import Today


@dataclass(slots=True, kw_only=True)
class Standing:
    """What is left of a release."""

    desk: PageDesk
    pinned: list[PlannedPage] = field(default_factory=list)
    outcomes: list[PageOutcome] = field(default_factory=list)


def standing_pages(
    workspace: Workspace,
    transaction: Transaction,
    judges: Judges,
    bodies: Sequence[Mapping[str, Any]],
    withdrawn: Mapping[tuple[str, str, str], str] | None = None,
) -> Standing:
    """What is left of a release's pages now: those that still stand, and what became of the others.

    A page that does not stand whole any more is gone, or by the page policy shows these passages in the original. No
    text comes on a page that was not on it. `withdrawn` are pairs to be judged as withdrawn before they are.
    """
    desk = PageDesk(workspace, transaction, judges, Today(workspace))
    if withdrawn:
        desk.facts = replace(desk.facts, withdrawn={**desk.facts.withdrawn, **withdrawn})
    standing = Standing(desk=desk)
    for body in bodies:
        pages, outcome = desk.standing(body)
        standing.pinned += pages
        standing.outcomes.append(outcome)
    return standing


def put_standing_out(
    workspace: Workspace, store: Store, standing: Standing, out: Path, name: ReleaseName
) -> PublishReport:
    """Make what is left of a release the site. The caller holds the lock of `publishing`."""
    last, written = put_out(workspace, store, standing.desk, standing.pinned, standing.outcomes, out, name)
    report = PublishReport(release=last.hash[:12], out=out, written=written is Written.RELEASED)
    report.pages = standing.outcomes
    return report
