"""The ledger: an append-only chain of events, one line of canonical JSON each.

Takes   what happened, in order
Gives   lines that anybody can check with nothing but SHA-256: each event holds the hash of the line before it
Always  a line is exactly the RFC 8785 form of its event; a chain is one file, `ledger/<chain>.jsonl`

A chain proves order, not honesty: whoever holds the only copy could write another one. Publish the heads.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.errors import LedgerError
from pipeline.store.event_shapes import misshapen

MAX_LINE_BYTES = 64 * 1024 * 1024
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_CHAIN = re.compile(r"[0-9a-f]{12}")


class EventKind(StrEnum):
    """What can happen. A kind that this version does not know is refused: it could take a sign-off back."""

    REVISION = "revision"
    """An article as it stood: its bytes' hash, its segments' numbers and hashes, the new segments' texts."""
    EXPORT = "export"
    """A PO file as it was written: the base of every later merge, with the origin of each text."""
    TEXT = "text"
    """A person's text became the current one of a unit (proposed)."""
    KEPT = "kept"
    """A returned text that did not become current (held, stale, conflict), kept with the reason."""
    QUESTION = "question"
    """A reviewer is unsure and asks: the unit is held until that person signs or rewrites it."""
    ANSWER = "answer"
    """A content lead answered questions on a unit: they hold it no longer."""
    CHOICE = "choice"
    """A person chose between texts in conflict; the others are kept, and current no more."""
    EDITORIAL = "editorial"
    """A content lead declared that an edit of the English changed nothing: the text and its sign-offs go on."""
    RETRACTION = "retraction"
    """A signer took back sign-offs of their own on a unit."""
    REVOCATION = "revocation"
    """All sign-offs of a person since a day count no more, in whatever store they were made."""
    REDACTION = "redaction"
    """A person's name and proofs were erased beside the chain: by whom, why, and under which hashes they stood."""
    SIGN_OFF = "sign-off"
    """A named person answers for exactly one source and one target text."""
    RETURNED = "returned"
    """A file came back: its hash, by whom, attested how, and what became of it."""
    ROSTER = "roster"
    """The people who may act from now on; their names stand beside the chain, under a salted hash."""
    POLICY = "policy"
    """A policy's whole text, under the id that sign-offs name."""
    PINS = "pins"
    """Which texts pages hold, sentence by sentence; releases name them by their hash."""
    RELEASE = "release"
    """A site was built: which revision and which texts each page holds."""
    MEMORY = "memory"
    """A translation memory was imported: its bytes' hash, and which of its languages stands for which locale."""
    PACK = "pack"
    """Files for one reviewer were sent, given more time, or recalled: who has what."""
    WAIVER = "waiver"
    """Findings on exactly one pair of texts count no more: waived (errors) or dismissed, by whom and why."""
    WITHDRAWAL = "withdrawal"
    """A pair of texts is poisoned for good: no sign-off on it counts, and nothing offers it again."""


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> bytes:
    """RFC 8785 JSON of texts, whole numbers, lists and objects with ASCII keys: one value, one sequence of bytes.

    For just these the standard library's encoder writes what RFC 8785 asks for (a test holds the two together, over
    anything that can be in an event), at fifty times the speed of one written in Python.
    """
    return _CANONICAL.encode(value).encode()


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def timestamp(moment: datetime) -> str:
    """UTC to the second, `2026-01-31T12:00:00Z`; sorts as text."""
    return moment.astimezone(UTC).strftime(_TIME)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened, as it stands in a chain."""

    chain: str
    """The id of the store that wrote it, and the name of its file."""
    seq: int
    """From 1, without gaps."""
    prev: str
    """The hash of the line before; empty for the first."""
    time: str
    kind: EventKind
    body: Mapping[str, Any]

    @cached_property
    def line(self) -> bytes:
        """Its canonical JSON, without a line feed."""
        return canonical(
            {
                "body": self.body,
                "chain": self.chain,
                "kind": self.kind.value,
                "prev": self.prev,
                "seq": self.seq,
                "time": self.time,
            }
        )

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the line's bytes."""
        return hashlib.sha256(self.line).hexdigest()


def _no_fraction(text: str) -> int:
    raise ValueError(f"{text} is no whole number")


def _plain_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) or not "".join(found).isascii():
        raise ValueError("an object has a key twice, or one that is not ASCII")
    return found


_STRICT = json.JSONDecoder(parse_float=_no_fraction, parse_constant=_no_fraction, object_pairs_hook=_plain_object)


def stored_event(line: bytes, line_hash: str) -> Event:
    """An event out of the store, where it was checked when it came in."""
    fields = json.loads(line.decode())  # of bytes, json would find out the encoding each time
    event = Event.__new__(Event)  # as many as there are lines: a frozen class's own way takes five times as long
    event.__dict__.update(fields, kind=EventKind(fields["kind"]), line=line, hash=line_hash)
    return event


def parse_event(line: bytes, where: str) -> Event:
    """Read one line (without line feed). Raises LedgerError unless it is exactly what an Event would write."""
    try:
        fields = _STRICT.decode(line.decode())
        event = Event(
            chain=str(fields["chain"]),
            seq=int(fields["seq"]),
            prev=str(fields["prev"]),
            time=str(fields["time"]),
            kind=EventKind(fields["kind"]),
            body=fields["body"],
        )
        if not _MOMENT.fullmatch(event.time):
            raise ValueError(f"its time is {event.time!r:.40}")
        datetime.fromisoformat(event.time)
        if not _CHAIN.fullmatch(event.chain):  # it becomes a file's name
            raise ValueError(f"a chain cannot be called {event.chain!r}")
        if wrong := misshapen(event.kind.value, event.body):
            raise ValueError(wrong)
        same = event.line == line
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LedgerError(
            f"{where}: not an event that this version of Signoff knows ({error}): "
            "was the file changed by hand, or written by a newer version?"
        ) from error
    if not same:
        raise LedgerError(f"{where}: not in canonical form: the line was changed after it was written")
    return event


def read_lines(data: bytes, where: str) -> Iterator[tuple[Event, str]]:
    """The events of a ledger file's bytes with their hashes; checks form, not links. Raises LedgerError."""
    if data and not data.endswith(b"\n"):
        last = data.count(b"\n") + 1
        raise LedgerError(f"{where}:{last}: the last line is cut off")
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        if len(line) > MAX_LINE_BYTES:
            raise LedgerError(f"{where}:{number}: the line is longer than {MAX_LINE_BYTES} bytes")
        yield parse_event(line, f"{where}:{number}"), hashlib.sha256(line).hexdigest()


def check_links(events: Iterator[tuple[Event, str]], where: str) -> list[Event]:
    """All events of `linked`."""
    return list(linked(events, where))


def linked(events: Iterator[tuple[Event, str]], where: str) -> Iterator[Event]:
    """Walk chains (possibly several, interleaved): numbered from 1 without gaps, each linked to the one before.

    Raises LedgerError naming the line of the first event that is missing, moved or changed, or whose neighbour is.
    """
    heads: dict[str, tuple[int, str, str]] = {}
    for number, (event, line_hash) in enumerate(events, 1):
        seq, head, time = heads.get(event.chain, (0, "", ""))
        if event.seq != seq + 1:
            raise LedgerError(
                f"{where}:{number}: chain {event.chain} goes from event {seq} to {event.seq}: "
                "events were removed or moved"
            )
        if event.prev != head:
            raise LedgerError(
                f"{where}:{number}: event {event.seq} of chain {event.chain} does not hold the hash of the one "
                "before: one of the two was changed"
            )
        if event.time < time:
            raise LedgerError(
                f"{where}:{number}: event {event.seq} of chain {event.chain} is older than the one before"
            )
        heads[event.chain] = (event.seq, line_hash, event.time)
        yield event


def read_ledger(folder: Path) -> list[Event]:
    """All events of a `ledger/` folder, checked, in the one order that everybody sees: time, chain, number.

    Raises LedgerError; a file must be named after its chain.
    """
    events: list[Event] = []
    for path in sorted(folder.glob("*.jsonl")):
        chain = check_links(read_lines(path.read_bytes(), path.name), path.name)
        if any(event.chain != path.stem for event in chain):
            raise LedgerError(f"{path.name}: holds events of another chain")
        events.extend(chain)
    return in_order(events)


def in_order(events: list[Event]) -> list[Event]:
    """Time, then chain, then number: the order of the union, whatever order the chains arrived in."""
    return sorted(events, key=lambda event: (event.time, event.chain, event.seq))


def heads(events: list[Event]) -> dict[str, str]:
    """The hash of each chain's last event."""
    last: dict[str, Event] = {}
    for event in events:
        if event.chain not in last or event.seq > last[event.chain].seq:
            last[event.chain] = event
    return {chain: event.hash for chain, event in sorted(last.items())}
