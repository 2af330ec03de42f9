"""The releases of a workspace, and the way back to an earlier one.

Takes   the release events of the ledger
Gives   a line per release; a new release with what still stands of an older one
Always  a rollback brings back no withdrawn text and no page whose sign-offs do not stand any more; it is a new release,
        in the ledger before the site changes in one step
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Workspace
from pipeline.errors import PublishError
from pipeline.export import Judges
from pipeline.store import Store
from pipeline.store.ledger import Event, EventKind
from review.publisher import Cause, ReleaseName
from review.putting_out import PublishReport, publishing
from review.roster import Person
from review.standing_pages import put_standing_out, standing_pages

LEAST_HEX = 4
"""So many digits of a release's id must be typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release, for people."""

    id: str
    """The hash of its event, 64 hex digits."""
    time: str
    by: str
    """Whose name it bears; empty for nobody's."""
    cause: str
    """`publish`, `withdrawal`, `rollback`."""
    pages: int
    restores: str
    """Of a rollback, the release that it went back to."""
    newest: bool


def releases(store: Store) -> list[Release]:
    """Every release, the oldest first."""
    with store.read() as transaction:
        newest = transaction.last_event(EventKind.RELEASE)
        return [
            Release(
                id=event.hash,
                time=event.time,
                by=event.body.get("by", ""),
                cause=event.body.get("cause", Cause.PUBLISH.value),
                pages=len(event.body["pages"]),
                restores=event.body.get("restores", ""),
                newest=newest is not None and event.hash == newest.hash,
            )
            for event in transaction.each_event(EventKind.RELEASE)
        ]


def rollback(
    workspace: Workspace, store: Store, judges: Judges, release: str, *, publisher: Person | None, out: Path
) -> PublishReport:
    """Make what still stands of an earlier release the site. Raises PublishError, WorkspaceBusyError.

    `release` is the beginning of its id. The next `publish` goes on from today's texts again.
    """
    with publishing(workspace):
        with store.read() as transaction:
            found = _named(transaction.each_event(EventKind.RELEASE), release)
        name = ReleaseName(person=publisher, cause=Cause.ROLLBACK, restores=found.hash)
        with store.read() as transaction:
            standing = standing_pages(workspace, transaction, judges, found.body["pages"])
        return put_standing_out(workspace, store, standing, out, name)


def _named(events: Iterable[Event], release: str) -> Event:
    fits = [event for event in events if len(release) >= LEAST_HEX and event.hash.startswith(release)]
    if len(fits) != 1:
        what = f"{len(fits)} releases begin with" if fits else "there is no release"
        raise PublishError(
            f"{what} {release!r}: `signoff release list` names them all; type {LEAST_HEX} digits or more"
        )
    return fits[0]
