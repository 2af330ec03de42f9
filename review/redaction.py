"""Erase a person's name and proofs, for good, without breaking what they signed.

Takes   the id of somebody who is off the roster; who asks for it, and why
Gives   what would be erased and which pages name them, before anything is done; then the act in the ledger
Always  the act is in the ledger before a file is gone, so whatever is cut off, the same command ends the work; the
        chain stays whole, the sign-offs stand, and from then on the id is shown wherever the name was

What stays is the id, the roles, and what qualified them (kind, by whom verified, from when to when): the page is
answered for by a person who was qualified, and no longer by a name.
"""

from dataclasses import dataclass
from datetime import date

from pipeline.config import Workspace
from pipeline.errors import PolicyError
from pipeline.store import Store, Transaction
from pipeline.store.ledger import EventKind
from review.acts import AffectedPage, affected_by_revocation, in_words
from review.policy import Role
from review.roster import roster_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What is erased, or would be."""

    person: str
    files: tuple[str, ...]
    """Below `ledger/`; those that are there."""
    pages: tuple[AffectedPage, ...]
    """With sentences that they signed: the live ones name them until the site is published again."""
    done: bool


def planned_redaction(workspace: Workspace, store: Store, person: str) -> Redaction:
    """What `redact` would do. Raises PolicyError for somebody who was never on the roster, or still is."""
    with store.read() as transaction:
        hashes = _hashes(workspace, transaction, person)
    pages = tuple(affected_by_revocation(store, person, date.min))
    return Redaction(person=person, files=_there(workspace, hashes), pages=pages, done=False)


def redact(workspace: Workspace, store: Store, *, person: str, by: str, reason: str) -> Redaction:
    """Erase what can be erased of a person. Raises PolicyError for who may not, and for whom it may not be done."""
    people = roster_of(workspace)
    if by not in people or not {Role.CONTENT_LEAD, Role.PUBLISHER} & set(people[by].roles):
        raise PolicyError(f"{by} may not redact: that is for a content lead or a publisher of the roster")
    words = in_words(reason)
    plan = planned_redaction(workspace, store, person)
    with store.write() as transaction:
        hashes = _hashes(workspace, transaction, person)
        if not hashes <= transaction.facts().redacted:
            body = {"person": person, "personal": sorted(hashes), "by": by, "reason": words}
            transaction.append(EventKind.REDACTION, body)
    for name in _there(workspace, hashes):
        (workspace.ledger / name).unlink(missing_ok=True)
    store.overwrite_freed()
    return Redaction(person=person, files=plan.files, pages=plan.pages, done=True)


def _hashes(workspace: Workspace, transaction: Transaction, person: str) -> set[str]:
    """The hashes under which a person's names and proofs ever stood."""
    if person in roster_of(workspace):
        raise PolicyError(
            f"{person} is on the roster in signoff.toml: take the [[person]] out first, or the next command would "
            "write the name anew"
        )
    entries = transaction.facts().roster_entries.values()
    found = {str(entry["personal"]) for entry in entries if entry["id"] == person}
    if not found:
        raise PolicyError(f"{person!r} was never on the roster")
    return found


def _there(workspace: Workspace, hashes: set[str]) -> tuple[str, ...]:
    names = (f"personal/{personal}.json" for personal in sorted(hashes))
    return tuple(name for name in names if (workspace.ledger / name).is_file())
