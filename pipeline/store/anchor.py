"""The ledger's heads, written down to be kept elsewhere: what proves later that nobody wrote the ledger anew.

Takes   the files of `ledger/`; later, an anchor that was made from them, or a release.json
Gives   an anchor: how far each chain went, and the hash of its last event then; later, what does not follow from it
Always  the same ledger gives the same bytes (no clock); a chain that only grew still agrees with every anchor of it

A chain alone proves order, not honesty: whoever holds the only copy can write another one. A copy of its heads in other
hands is what they cannot change.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import LedgerError
from pipeline.store.event_shapes import HASH
from pipeline.store.ledger import Event
from pipeline.store.walked import walk_chain

FORMAT = 1
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a chain ended."""

    hash: str
    events: int | None = None
    """How many events it had; None where nobody wrote that down, as in a release.json."""
    time: str = ""
    """The moment of the last one."""


Anchor = Mapping[str, Head]
"""By chain."""


def heads_of(ledger: Path) -> dict[str, Head]:
    """The heads of a `ledger/` folder. Raises LedgerError for a broken one, and for one without a chain."""
    found: dict[str, Head] = {}
    for event in _events(ledger):
        found[event.chain] = Head(hash=event.hash, events=event.seq, time=event.time)
    if not found:
        raise LedgerError(f"{ledger}: has no chain yet: there is nothing to hold on to")
    return found


def anchor_bytes(heads: Anchor) -> bytes:
    """An anchor as a file: UTF-8 JSON, a chain a line."""
    chains = {chain: {"events": h.events, "head": h.hash, "time": h.time} for chain, h in sorted(heads.items())}
    lines = ",\n".join(f"  {json.dumps(chain)}: {json.dumps(head)}" for chain, head in chains.items())
    return f'{{\n "signoff-anchor": {FORMAT},\n "chains": {{\n{lines}\n }}\n}}\n'.encode()


def read_anchor(path: Path) -> dict[str, Head]:
    """An anchor that somebody kept; an archived release.json of a site is one, too. Raises LedgerError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES} bytes")
        said = json.loads(path.read_bytes())
        if "signoff-anchor" in said:
            if said["signoff-anchor"] != FORMAT:
                raise ValueError("it is of a version that this Signoff does not know")
            found = {c: Head(hash=h["head"], events=h["events"], time=h["time"]) for c, h in said["chains"].items()}
        else:
            found = {chain: Head(hash=head) for chain, head in said["release"]["heads"].items()}
        if not found or not all(_sound(head) for head in found.values()):
            raise ValueError("it names no head, or one that is no hash")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = error if type(error) is ValueError else "it is no JSON of that shape"  # ours say what is wrong
        raise LedgerError(
            f"{path}: not an anchor ({why}): `signoff ledger anchor` writes one, and a release.json is one"
        ) from error
    return found


def _sound(head: Head) -> bool:
    counted = head.events is None or (type(head.events) is int and head.events > 0)
    return counted and isinstance(head.time, str) and isinstance(head.hash, str) and bool(HASH.fullmatch(head.hash))


def broken_anchors(ledger: Path, anchor: Anchor) -> list[str]:
    """What of an anchor the ledger does not bear out, a sentence for each chain; empty: it only grew since.

    Raises LedgerError for a broken ledger.
    """
    wanted = {head.hash: chain for chain, head in anchor.items()}
    found: dict[str, Event] = {}
    lengths: dict[str, int] = {}
    for event in _events(ledger):
        lengths[event.chain] = event.seq
        if wanted.get(event.hash) == event.chain:
            found[event.chain] = event
    wrong = []
    for chain, head in sorted(anchor.items()):
        there = found.get(chain)
        if there is not None and head.events in (None, there.seq):
            continue
        when = f" on {head.time}" if head.time else ""
        if chain not in lengths:
            wrong.append(f"the anchor names the chain {chain}, which ended{when} with {head.hash}: it is not there")
        elif head.events is not None and lengths[chain] < head.events:
            wrong.append(f"chain {chain} had {head.events} events{when} and has {lengths[chain]}: some were cut off")
        else:
            wrong.append(f"chain {chain} ended{when} with {head.hash}, which is not in it: it was written anew since")
    return wrong


def _events(ledger: Path) -> Iterator[Event]:
    for path in sorted(ledger.glob("*.jsonl")):
        yield from (event for event, _ in walk_chain(path))
