"""Is the ledger whole? Files, store and cached states against each other.

Takes   an open store
Gives   how many events and heads there are, and a sentence for each thing that is wrong
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import LedgerError, PolicyError
from pipeline.store import Store, Transaction
from pipeline.store.history import Facts, facts_of
from pipeline.store.imported import memory_path
from pipeline.store.ledger import Event, EventKind, check_links, heads, read_ledger, read_lines
from review.policy import POLICIES
from review.roster import personal_fields
from review.signoffs import ACTS, why_may_not_act, why_not_entitled
from review.statements import wrong_signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerReport:
    """What a check of the ledger found."""

    events: int
    heads: dict[str, str]
    wrong: tuple[str, ...]
    warnings: tuple[str, ...] = ()


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
        ahead = clock_warning(transaction)
    wrong += [
        f"{chain}.jsonl: the file in ledger/ and the store do not end with the same event"
        for chain in sorted(in_files.keys() | in_store.keys())
        if in_files.get(chain) != in_store.get(chain)
    ]
    wrong += wrong_acts(events, facts)
    wrong += _wrong_files(store.ledger, events)
    return LedgerReport(events=len(events), heads=in_files, wrong=tuple(wrong), warnings=(ahead,) if ahead else ())


def clock_warning(transaction: Transaction) -> str:
    """That the ledger is ahead of this machine's clock, and what that does, as a sentence; empty if it is not."""
    ahead = transaction.ahead()
    if not ahead:
        return ""
    ours = transaction.clock().strftime("%Y-%m-%d %H:%M")
    says = f"the ledger has an event of {ahead[:10]} {ahead[11:16]}, and this machine's clock says {ours}"
    if transaction.now() < ahead:
        return f"{says}: one of the two clocks is wrong, and that of the other copy is not followed"
    return (
        f"{says}: one of the two is wrong; until then all that is written here bears that time, so that a "
        "qualification or a review that ends before counts as expired"
    )


def wrong_acts(events: Sequence[Event], facts: Facts, keys: Mapping[str, str] | None = None) -> Iterator[str]:
    """Sign-offs, waivers and other acts by people who may not act so, and signatures not theirs: a sentence each.

    `keys` are the people's public keys as somebody else keeps them.
    """
    for event in events:
        reason = ""
        if event.kind in (EventKind.SIGN_OFF, EventKind.WAIVER):
            reason = why_not_entitled(event.body, facts, event.time[:10])
        elif event.kind in ACTS:
            reason = why_may_not_act(event.kind, event.body, facts)
        if reason:
            yield f"{event.kind} {event.hash[:12]} of {event.chain}:{event.seq} does not count: {reason}"
    for event, reason in wrong_signatures(events, keys):
        yield f"sign-off {event.hash[:12]} of {event.chain}:{event.seq} is not signed: {reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport(LedgerReport):
    """What a check of an exported ledger found, with nothing but the file and the roster."""

    sign_offs: int
    by_key: int
    """How many of them rest on a signature by the person's own key."""
    typed_by_others: int
    """How many of the rest somebody else entered."""


def check_exported(
    data: bytes,
    where: str,
    keys: Mapping[str, str] | None = None,
    profiles: Mapping[str, Mapping[str, Any]] | None = None,
) -> ExportReport:
    """Check an exported ledger alone: every line and link, who was entitled to what, every signature by a key.

    `keys` are the public keys of the roster by person, if somebody has it from elsewhere; `profiles` the policies that
    count, if more do than those that come with Signoff. No store is looked at.
    """
    try:
        events = check_links(read_lines(data, where), where)
    except LedgerError as error:
        return ExportReport(events=0, heads={}, wrong=(str(error),), sign_offs=0, by_key=0, typed_by_others=0)
    known = profiles or {id_: policy.profile() for id_, policy in POLICIES.items()}
    wrong = tuple(wrong_acts(events, facts_of(events, known), keys))
    signed = [event.body for event in events if event.kind is EventKind.SIGN_OFF]
    by_hand = [body for body in signed if not body.get("statement")]
    return ExportReport(
        events=len(events),
        heads=heads(events),
        wrong=wrong,
        sign_offs=len(signed),
        by_key=len(signed) - len(by_hand),
        typed_by_others=sum(body["attested_by"] != body["by"] for body in by_hand),
    )


def _wrong_files(ledger: Path, events: Sequence[Event]) -> Iterator[str]:
    """What is missing or changed beside the chains. Personal fields may be missing: they can be erased."""
    revisions: dict[Path, Event] = {}
    named_files: dict[Path, Event] = {}
    personal: set[str] = set()
    redacted = {hash_ for e in events if e.kind is EventKind.REDACTION for hash_ in e.body["personal"]}
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
    for personal_hash in sorted(personal & redacted):
        if (ledger / "personal" / f"{personal_hash}.json").exists():
            yield f"{ledger / 'personal' / personal_hash}.json: was redacted and is there again: remove it"
    for personal_hash in sorted(personal - redacted):
        try:
            personal_fields(ledger, personal_hash)
        except PolicyError as error:
            yield str(error)
