"""Who lets a release out, rolls one back, or takes a text off the site.

Takes   the id that a person types, the roster of signoff.toml
Gives   what a release event says about who made it and why
Always  where the roster has a publisher, no release goes out without one's name; to take something away, any name on
        the roster will do
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pipeline.config import Workspace
from pipeline.errors import PolicyError
from pipeline.model import Locale
from pipeline.store import Transaction
from pipeline.store.history import Facts
from pipeline.store.ledger import Event
from review.policy import Role
from review.roster import Person, on_roster, record_roster, roster_of


class Cause(StrEnum):
    """Why there is a release."""

    PUBLISH = "publish"
    WITHDRAWAL = "withdrawal"
    ROLLBACK = "rollback"


def publisher_named(workspace: Workspace, by: str, locales: Sequence[Locale], today: date) -> Person | None:
    """The publisher of a release in some locales. Raises PolicyError if `by` may not, or nobody is named who must.

    None where nobody is named and the roster has no publisher: then a release bears no name.
    """
    if not by:
        known = sorted(p.id for p in roster_of(workspace).values() if Role.PUBLISHER in p.roles)
        if known:
            raise PolicyError(f"a release bears its publisher's name: add --by ID; publishers are: {', '.join(known)}")
        return None
    person = on_roster(roster_of(workspace), by)
    if why := why_no_publisher(person, locales, today):
        raise PolicyError(f"{why}: see [[person]] in signoff.toml")
    return person


def why_no_publisher(person: Person, locales: Sequence[Locale], today: date) -> str:
    """Why a person may not publish in some locales today, as a sentence; empty if they may."""
    if Role.PUBLISHER not in person.roles:
        return f"{person.id} is no publisher"
    if not any(q.valid_from <= today and (q.valid_to is None or today <= q.valid_to) for q in person.qualifications):
        return f"{person.id} has no qualification that is valid on {today}"
    if missing := [locale.tag for locale in locales if locale not in person.locales]:
        return f"{person.id} may not publish in {', '.join(missing)}"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseName:
    """Who makes a release, and why."""

    person: Person | None
    """None where nobody is named."""
    cause: Cause
    restores: str = ""
    """Of a rollback, the release that it goes back to."""

    def record(self, workspace: Workspace, transaction: Transaction) -> Mapping[str, str]:
        """What the release event says of it; today's roster goes into the ledger first if it is not there."""
        entries = record_roster(transaction, workspace.ledger, roster_of(workspace))
        said = {"cause": self.cause.value} | ({"restores": self.restores} if self.restores else {})
        return said | ({"by": self.person.id, "roster_entry": entries[self.person.id]} if self.person else {})


def why_not_let_out(release: Event, roster: Sequence[Mapping[str, Any]], facts: Facts) -> str:
    """Why nobody who may has let a release out, as a sentence; empty if somebody has. From the ledger alone.

    `roster` are the entries that were in force when it was made.
    """
    by, taken_down = release.body.get("by", ""), release.body.get("cause") == Cause.WITHDRAWAL.value
    publishers = [entry for entry in roster if Role.PUBLISHER.value in entry["roles"]]
    if not by:
        return "the roster has a publisher, and the release bears no publisher's name" if publishers else ""
    entry = facts.roster_entries.get(release.body.get("roster_entry", ""))
    if entry is None or entry["id"] != by or entry not in roster:
        return f"the release bears the name of {by}, who was not on the roster"
    if entry["stand_in"] and not release.body["demo"]:
        return f"the release bears the name of {by}, who is a stand-in, not a person"
    if taken_down:
        return ""
    if entry not in publishers:
        return f"the release bears the name of {by}, who was no publisher"
    day = release.time[:10]
    if not any(q["valid_from"] <= day and (not q["valid_to"] or day <= q["valid_to"]) for q in entry["qualifications"]):
        return f"the release bears the name of {by}, who had no qualification that was valid on {day}"
    return ""
