"""Is the ledger whole? Files, store and cached states against each other.

Takes   an open store
Gives   how many events and heads there are, and a sentence for each thing that is wrong
"""

from dataclasses import dataclass

from pipeline.errors import LedgerError
from pipeline.store import Store
from pipeline.store.ledger import EventKind, heads, read_ledger
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
    with store.read() as transaction:
        if transaction.heads() != heads(events):
            wrong.append("the store and the files in ledger/ do not end with the same events")
        wrong += transaction.check_current()
        facts = transaction.facts()
    for event in events:
        if event.kind is EventKind.SIGN_OFF and (reason := why_not_entitled(event.body, facts, event.time[:10])):
            wrong.append(f"sign-off {event.hash[:12]} of {event.chain}:{event.seq} does not count: {reason}")
        if event.kind is EventKind.REVISION:
            path = store.ledger / "revisions" / f"{event.body['sha256']}.{event.body['format']}"
            if not path.is_file():
                wrong.append(f"{path}: the revision that event {event.seq} of {event.chain} names is missing")
        if event.kind is EventKind.ROSTER:
            for entry in event.body["people"]:
                personal_fields(store.ledger, entry["personal"])
    return LedgerReport(events=len(events), heads=heads(events), wrong=tuple(wrong))
