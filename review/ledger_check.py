"""Is the ledger whole? Files, store and cached states against each other.

Takes   an open store
Gives   how many events and heads there are, and a sentence for each thing that is wrong
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import LedgerError, PolicyError
from pipeline.store import Store
from pipeline.store.imported import memory_path
from pipeline.store.ledger import Event, EventKind, heads, read_ledger
from review.roster import personal_fields
from review.signoffs import why_not_entitled


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerReport:
    """What a check of the ledger found."""

    events: int
    heads: dict[str, str]
    wrong: tuple[str, ...]


def check_ledger(store: Store) -> LedgerReport:
    """Walk every chain in `ledger/`, compare it with the store, rebuild every cached state."""
    wrong = list(store.quick_check())
    try:
        events = read_ledger(store.ledger)
    except LedgerError as error:
        return LedgerReport(events=0, heads={}, wrong=(*wrong, str(error)))
    in_files = heads(events)
    with store.read() as transaction:
        in_store = transaction.heads()
        wrong += transaction.check_current()
        facts = transaction.facts()
    wrong += [
        f"{chain}.jsonl: the file in ledger/ and the store do not end with the same event"
        for chain in sorted(in_files.keys() | in_store.keys())
        if in_files.get(chain) != in_store.get(chain)
    ]
    for event in events:
        if event.kind is EventKind.SIGN_OFF and (reason := why_not_entitled(event.body, facts, event.time[:10])):
            wrong.append(f"sign-off {event.hash[:12]} of {event.chain}:{event.seq} does not count: {reason}")
    wrong += _wrong_files(store.ledger, events)
    return LedgerReport(events=len(events), heads=in_files, wrong=tuple(wrong))


def _wrong_files(ledger: Path, events: Sequence[Event]) -> Iterator[str]:
    """What is missing or changed beside the chains. Personal fields may be missing: they can be erased."""
    revisions: dict[Path, Event] = {}
    named_files: dict[Path, Event] = {}
    personal: set[str] = set()
    for event in events:
        if event.kind is EventKind.REVISION:
            path = ledger / "revisions" / f"{event.body['sha256']}.{event.body['format']}"
            revisions.setdefault(path, event)
        if event.kind is EventKind.ROSTER:
            personal |= {entry["personal"] for entry in event.body["people"]}
        if event.kind is EventKind.MEMORY:
            named_files.setdefault(ledger / memory_path(event.body["file"]), event)
    for path, event in (revisions | named_files).items():
        what = "revision" if path in revisions else "translation memory"
        named = f"the {what} that event {event.seq} of {event.chain} names"
        if not path.is_file():
            yield f"{path}: {named} is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != path.stem:
            yield f"{path}: {named} was changed"
    for personal_hash in sorted(personal):
        try:
            personal_fields(ledger, personal_hash)
        except PolicyError as error:
            yield str(error)
