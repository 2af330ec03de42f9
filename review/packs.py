"""Packs: what each reviewer was sent, until when, and what of it is still out.

Takes   the ledger: packs that were sent, extended and recalled, and the files that came back
Gives   the packs as they stand; for a returned file, whether anything of it may be taken
Always  no unit is in two open packs; what comes back from a recalled pack is held unit by unit, and kept
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pipeline.errors import PackError
from pipeline.store import Transaction
from pipeline.store.ledger import Event, EventKind
from review.merge import Merged, Result

State = Literal["open", "answered", "recalled"]

ANSWERED = frozenset({Result.SIGNED, Result.PROPOSED, Result.SEEN, Result.STALE, Result.CONFLICT})
"""What came of an entry that needs nothing more from the person who had it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """One article's file in a pack."""

    slug: str
    """As the article was called when it was sent."""
    export_id: str
    name: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What one reviewer was sent, and how it stands."""

    id: str
    reviewer: str
    locale: str
    format: str
    sent: str
    """When, `2026-01-31T12:00:00Z`."""
    by: str
    """Who sent it."""
    due: str
    """The last day, `2026-02-14`; empty if none was said."""
    policy: str
    """Under which policy it was sent."""
    files: tuple[SentFile, ...]
    recalled: str = ""
    """By whom, when and why, as a sentence; empty while it is not."""
    out: frozenset[tuple[str, int]] = frozenset()
    """The units (slug, number) that still wait for an answer."""

    @property
    def state(self) -> State:
        """Whether something is out with the reviewer."""
        return "recalled" if self.recalled else "open" if self.out else "answered"

    @property
    def units(self) -> int:
        """How many it was sent with."""
        return sum(len(file.numbers) for file in self.files)

    def overdue(self, today: str) -> bool:
        """Whether it should have been back before this day, `2026-01-31`."""
        return self.state == "open" and self.due != "" and self.due < today


def read_packs(transaction: Transaction) -> dict[str, Pack]:
    """Every pack there ever was, by id, in the order in which they were sent."""
    packs = _packs_without_returns(transaction)
    answered, today = _answered(transaction, packs.values()), _Today(transaction)
    return {
        id_: replace(pack, out=frozenset(unit for unit in today.units(pack) if (id_, unit) not in answered))
        for id_, pack in packs.items()
    }


def _packs_without_returns(transaction: Transaction) -> dict[str, Pack]:
    """What was done to the packs, without a look at what came back."""
    packs: dict[str, Pack] = {}
    for event in transaction.events(EventKind.PACK):
        body = event.body
        if body["act"] == "sent":
            packs.setdefault(body["pack"], pack_of(event))
        elif body["pack"] in packs and body["act"] == "extended":
            packs[body["pack"]] = replace(packs[body["pack"]], due=body["due"])
        elif body["pack"] in packs and not packs[body["pack"]].recalled:
            why = f": {body['reason']}" if body["reason"] else ""
            recalled = f"recalled by {body['by']} on {event.time[:10]}{why}"
            packs[body["pack"]] = replace(packs[body["pack"]], recalled=recalled)
    return packs


def pack_of(event: Event) -> Pack:
    """The pack of a `sent` event, as it was sent."""
    body = event.body
    return Pack(
        id=body["pack"],
        reviewer=body["reviewer"],
        locale=body["locale"],
        format=body.get("format", "po"),
        sent=event.time,
        by=body["by"],
        due=body["due"],
        policy=body.get("policy", ""),
        files=tuple(
            SentFile(slug=f["slug"], export_id=f["export_id"], name=f["name"], numbers=tuple(f["numbers"]))
            for f in body["files"]
        ),
    )


class _Today:
    """Today's English, asked once per article."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.numbers: dict[str, frozenset[int]] = {}

    def units(self, pack: Pack) -> Iterable[tuple[str, int]]:
        """The units of a pack that are in today's English, under the slugs that their articles have now."""
        for file in () if pack.recalled else pack.files:
            for number in file.numbers:
                home = self.transaction.renames.home(file.slug, number)
                if home not in self.numbers:
                    row, _ = self.transaction.article(home)
                    self.numbers[home] = frozenset(row[2]) if row else frozenset()
                if number in self.numbers[home]:
                    yield home, number


def _answered(transaction: Transaction, packs: Iterable[Pack]) -> set[tuple[str, tuple[str, int]]]:
    """Which units of which packs came back with an answer."""
    exports = {file.export_id: (pack.id, file.slug) for pack in packs for file in pack.files}
    found: set[tuple[str, tuple[str, int]]] = set()
    for event in transaction.events(EventKind.RETURNED) if exports else ():
        pack_id, slug = exports.get(event.body["export_id"], ("", ""))
        for entry in event.body.get("entries", ()) if pack_id else ():
            # What she asks waits for somebody else now; with the answer it goes out again.
            done = entry["result"] in ANSWERED or entry.get("questions")
            if done and (number := _number(entry["id"])):
                found.add((pack_id, (transaction.renames.home(slug, number), number)))
    return found


def _number(id_: str) -> int:
    parts = id_.split(":")
    return int(parts[1]) if len(parts) == 3 and re.fullmatch(r"[0-9]{1,9}", parts[1]) else 0


def find_pack(packs: Mapping[str, Pack], id_: str) -> Pack:
    """The pack of an id, or of its beginning if only one has it. Raises PackError."""
    found = [packs[id_]] if id_ in packs else [pack for name, pack in packs.items() if id_ and name.startswith(id_)]
    if len(found) != 1:
        known = ", ".join(found.id for found in found or packs.values() if found.state == "open")
        raise PackError(
            f"{'several packs begin' if found else 'no pack is called'} {id_!r}; open are: {known or 'none'}"
        )
    return found[0]


def why_held_back(transaction: Transaction, export: Mapping[str, Any] | None, by: str) -> str:
    """Why nothing of a returned file may be taken, as a sentence; empty if all may.

    `export` is the body of its export event, `by` whose review it is. The merge goes on, and holds each unit.
    """
    if export is None or "pack" not in export:
        return ""
    pack = _packs_without_returns(transaction).get(export["pack"])
    if pack is None:
        return ""
    if pack.recalled:
        return f"pack {pack.id} was {pack.recalled}"
    return f"pack {pack.id} was sent to {pack.reviewer}, not to {by}" if pack.reviewer != by else ""


def held_back(merged: Merged, why: str, *, has_text: bool) -> Merged:
    """What becomes of an entry whose file is held back: its text is kept, nothing is taken and nothing is signed."""
    if not why or not (merged.becomes_current or merged.approves or merged.result is Result.CONFLICT):
        return merged
    keep = has_text and (merged.keep or merged.becomes_current)
    said = "kept, not taken" if keep else "nothing new in it, not signed"
    return replace(
        merged, result=Result.HELD, reason=f"{why}: {said}", becomes_current=False, keep=keep, approves=False
    )
