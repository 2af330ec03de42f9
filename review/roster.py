"""The roster: the people who may act, what qualifies them, and for how long.

Takes   the [[person]] tables of signoff.toml
Gives   Persons; the roster as it stands in the ledger, names beside the chain
Always  a name or a proof never enters the chain: it stands in ledger/personal/ under a salted hash and can be erased
        there without breaking anything
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.config import Table, Workspace
from pipeline.errors import PolicyError
from pipeline.model import Locale
from pipeline.store import Transaction
from pipeline.store.history import Facts
from pipeline.store.ledger import EventKind, canonical, digest
from review.policy import Role, roles_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """Why a person may judge medical text in a language."""

    basis: str
    """What kind: a degree, a certificate, a licence."""
    domain: str
    """What it qualifies for: `psychiatry`, `medical translation en-es`; empty if it does not say."""
    proof: str
    """Where the proof can be seen: a register number, a file reference. Personal."""
    verified_by: str
    valid_from: date
    valid_to: date | None
    """The last day, inclusive; None for no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody on the roster."""

    id: str
    name: str
    stand_in: bool
    """Whether this is a stand-in for a demonstration and no person at all."""
    roles: tuple[Role, ...]
    locales: tuple[Locale, ...]
    qualifications: tuple[Qualification, ...]
    public_key: str = ""
    """The person's own OpenSSH key as `ssh-ed25519 AAAA…`, without its comment; empty if they have none here."""

    def qualified_on(self, day: date) -> bool:
        """Whether one of the qualifications is valid on a day."""
        return bool(self.domains_on(day))

    def domains_on(self, day: date) -> tuple[str, ...]:
        """What each qualification that is valid on a day is for; empty where it does not say."""
        valid = (q for q in self.qualifications if q.valid_from <= day and (q.valid_to is None or day <= q.valid_to))
        return tuple(q.domain for q in valid)

    def personal(self) -> dict[str, Any]:
        """The fields that can be erased."""
        return {"name": self.name, "proofs": [qualification.proof for qualification in self.qualifications]}

    def entry(self, personal_hash: str) -> dict[str, Any]:
        """The roster entry as it stands in the ledger; its digest is what a sign-off names."""
        return {
            "id": self.id,
            "stand_in": self.stand_in,
            "roles": [role.value for role in self.roles],
            "locales": [locale.tag for locale in self.locales],
            "qualifications": [
                {
                    "basis": q.basis,
                    "verified_by": q.verified_by,
                    "valid_from": q.valid_from.isoformat(),
                    "valid_to": q.valid_to.isoformat() if q.valid_to else "",
                    # only where there is one, so that entries of people without stay what old ledgers say they are
                    **({"domain": q.domain} if q.domain else {}),
                }
                for q in self.qualifications
            ],
            "personal": personal_hash,
            **({"public_key": self.public_key} if self.public_key else {}),
        }


def roster_of(workspace: Workspace) -> dict[str, Person]:
    """The people of `signoff.toml` by id. Raises ConfigError with the line of a mistake."""
    people: dict[str, Person] = {}
    for table in workspace.people:
        person = _person(table)
        if person.id in people:
            raise table.error("id", f"person {person.id!r} is there twice")
        if person.stand_in and not workspace.settings.demo:
            raise table.error(
                "stand_in", "a stand-in is no person: only a workspace with [site] demo = true may have one"
            )
        for other in people.values():
            if person.public_key and person.public_key == other.public_key:
                raise table.error("public_key", f"is the key of {other.id} too: a key must be one person's alone")
        people[person.id] = person
    return people


def on_roster(people: Mapping[str, Person], id_: str) -> Person:
    """The person of an id. Raises PolicyError with who is there."""
    if id_ not in people:
        known = ", ".join(people) or "nobody yet: add [[person]] to signoff.toml"
        raise PolicyError(f"{id_!r} is not on the roster; there are: {known}")
    return people[id_]


def _person(table: Table) -> Person:
    roles = roles_in(table, "roles")
    qualifications = []
    for inner in table.tables("qualification"):
        valid_from = inner.day("valid_from")
        if valid_from is None:
            raise inner.error("valid_from", "a qualification needs valid_from = 2026-01-31 (a date without quotes)")
        qualifications.append(
            Qualification(
                basis=inner.string("basis"),
                domain=inner.string("domain", ""),
                proof=inner.string("proof", ""),
                verified_by=inner.string("verified_by"),
                valid_from=valid_from,
                valid_to=inner.day("valid_to"),
            )
        )
        if (ends := qualifications[-1].valid_to) and ends < valid_from:
            raise inner.error("valid_to", f"the qualification ends on {ends}, before it begins on {valid_from}")
        inner.done()
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,40}", table.string("id")):
        raise table.error("id", "an id has letters A to Z, digits, and . _ - only: no two may look alike")
    person = Person(
        id=table.string("id"),
        name=table.string("name"),
        stand_in=table.flag("stand_in"),
        roles=roles,
        locales=table.locales("locales"),
        qualifications=tuple(qualifications),
        public_key=_public_key(table),
    )
    table.done()
    return person


_KEY_KINDS = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)


def _public_key(table: Table) -> str:
    """The `public_key` of a person without its comment. Raises ConfigError unless it is one line of a `.pub` file."""
    kind, _, rest = table.string("public_key", "").strip().partition(" ")
    if not kind:
        return ""
    blob = rest.split(" ")[0]
    try:
        data = base64.b64decode(blob, validate=True)
    except ValueError:
        data = b""
    # RFC 4253, section 6.6: a key begins with its own kind, as a string with its length in four bytes before it.
    if kind not in _KEY_KINDS or not data.startswith(len(kind).to_bytes(4, "big") + kind.encode()):
        raise table.error(
            "public_key",
            "is no OpenSSH public key: write the one line of the person's .pub file, such as "
            '"ssh-ed25519 AAAA… ana@example.org"; never the private key',
        )
    return f"{kind} {blob}"


def personal_fields(ledger: Path, personal_hash: str) -> dict[str, Any] | None:
    """The erasable fields behind a hash; None if erased. Raises PolicyError if they are not what the hash says."""
    path = ledger / "personal" / f"{personal_hash}.json"
    if not path.is_file():
        return None
    data = path.read_bytes()
    # The file is the canonical JSON itself, so its hash is that of its bytes.
    if hashlib.sha256(data).hexdigest() != personal_hash:
        raise PolicyError(f"{path}: these personal fields are not the ones that the ledger names")
    return {key: value for key, value in json.loads(data).items() if key != "salt"}


def record_roster(transaction: Transaction, ledger: Path, people: Mapping[str, Person]) -> dict[str, str]:
    """Append the roster if the newest one in the ledger differs; returns each person's entry hash."""
    rosters = transaction.events(EventKind.ROSTER)
    entries: Sequence[Mapping[str, Any]] = rosters[-1].body["people"] if rosters else ()
    known = {entry["id"]: entry for entry in entries}
    now = []
    for person in people.values():
        personal_hash = _known_personal(ledger, known.get(person.id), person) or _keep_personal(transaction, person)
        now.append(person.entry(personal_hash))
    if list(entries) != now:
        transaction.append(EventKind.ROSTER, {"people": now})
    transaction.under_policy()  # so that whoever is to act can be judged by it
    return {entry["id"]: digest(entry) for entry in now}


def _known_personal(ledger: Path, entry: Mapping[str, Any] | None, person: Person) -> str:
    if entry is None or personal_fields(ledger, entry["personal"]) != person.personal():
        return ""
    return str(entry["personal"])


def _keep_personal(transaction: Transaction, person: Person) -> str:
    kept = {"salt": secrets.token_hex(16), **person.personal()}
    transaction.keep_beside(f"personal/{digest(kept)}.json", canonical(kept))
    return digest(kept)


def signer_name(ledger: Path, facts: Facts, entry: str, by: str) -> str:
    """The name behind a roster entry; the id where the personal fields were erased."""
    roster_entry = facts.roster_entries.get(entry)
    if roster_entry and roster_entry["personal"] in facts.redacted:
        return by
    fields = personal_fields(ledger, str(roster_entry["personal"])) if roster_entry else None
    return str(fields["name"]) if fields else by
