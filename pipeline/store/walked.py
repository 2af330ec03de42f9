"""A `ledger/` folder read once, line by line, for whoever judges it without a store.

Takes   the chains of a ledger folder
Gives   the few events that hold for everything, and on demand those about one article
Always  every line and link was checked before anything is given; what is read again is what was checked; the memory
        needed does not grow with what was said, but for 44 bytes an event, and the place of each page's pins
"""

import hashlib
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import LedgerError
from pipeline.store.history import FACTS_FROM, UNIT_KINDS
from pipeline.store.ledger import MAX_LINE_BYTES, Event, EventKind, in_order, linked, parse_event, stored_event
from pipeline.store.pins import Pins, pins_in
from pipeline.store.renames import FIELD as RENAMED_FROM

_ABOUT = (EventKind.REVISION, *UNIT_KINDS)
_BY_KIND = (EventKind.EXPORT, EventKind.RELEASE, EventKind.RETURNED, EventKind.WAIVER)
_PLACE = struct.Struct("<IQ32s")
"""Where an event lies: the chain's place in `_paths`, the byte in its file, the line's hash."""


class WalkedLedger:
    """The events of a folder, in the order of the union. Raises LedgerError for what is broken."""

    def __init__(self, folder: Path) -> None:
        self._paths = sorted(folder.glob("*.jsonl"))
        self._places: dict[tuple[EventKind | None, str], bytearray] = defaultdict(bytearray)
        self.general: list[Event] = []
        """Those of FACTS_FROM: rosters, policies, withdrawals, revocations and redactions."""
        self.release: Event | None = None
        """The newest."""
        self._last_pins: tuple[bytes, Event | None] = b"", None
        self.renamed: set[str] = set()
        """Every slug that took part in a rename."""
        for index, path in enumerate(self._paths):
            for event, offset in walk_chain(path):
                self._take(event, index, offset)
        self.general = in_order(self.general)

    def _take(self, event: Event, index: int, offset: int) -> None:
        if event.kind in FACTS_FROM:
            self.general.append(event)
        elif event.kind is EventKind.RELEASE:
            self.release = event if self.release is None else in_order([self.release, event])[-1]
        if event.kind is EventKind.RETURNED and not event.body.get("statement"):
            return
        if event.kind is EventKind.PINS:
            for pins in event.body["pins"]:
                self._places[event.kind, pins] = bytearray(_PLACE.pack(index, offset, bytes.fromhex(event.hash)))
        if event.kind in _ABOUT or event.kind in _BY_KIND:
            of = event.kind if event.kind in _BY_KIND else None
            named = event.body.get("slug", "")
            if event.kind is EventKind.RETURNED:
                named = hashlib.sha256(event.body["statement"].encode()).hexdigest()
            self._places[of, named] += _PLACE.pack(index, offset, bytes.fromhex(event.hash))
            if RENAMED_FROM in event.body:
                self.renamed |= {event.body["slug"], event.body[RENAMED_FROM]["slug"]}

    def about(self, slug: str) -> list[Event]:
        """The revisions of an article and what was written and signed in it, under this very slug."""
        return in_order(list(self._read(None, slug)))

    def exports(self, slug: str) -> list[Event]:
        """The PO files of an article that went out, under this very slug."""
        return in_order(list(self._read(EventKind.EXPORT, slug)))

    def waivers(self, slug: str) -> list[Event]:
        """The waivers of findings on an article's texts, under this very slug."""
        return in_order(list(self._read(EventKind.WAIVER, slug)))

    def returned(self, statement: str) -> list[Event]:
        """The returned files that came with a signed statement, by the statement's hash."""
        return in_order(list(self._read(EventKind.RETURNED, statement)))

    def pins(self, page: Mapping[str, Any]) -> Pins:
        """What a page holds, as a release event has it. Raises LedgerError."""
        return pins_in(page, self._holding_pins)

    def _holding_pins(self, hash_: str) -> Event | None:
        place = bytes(self._places.get((EventKind.PINS, hash_), b""))
        if place and self._last_pins[0] != place:  # neighbours are asked for one after the other
            self._last_pins = place, next(self._read(EventKind.PINS, hash_))
        return self._last_pins[1] if place else None

    def releases(self) -> Iterator[Event]:
        """Every release, one at a time; in order as long as one store published."""
        return self._read(EventKind.RELEASE, "")

    def _read(self, kind: EventKind | None, slug: str) -> Iterator[Event]:
        places: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        for index, offset, digest in _PLACE.iter_unpack(self._places.get((kind, slug), b"")):
            places[index].append((offset, digest))
        for index, lines in places.items():
            with self._paths[index].open("rb") as file:
                for offset, digest in lines:
                    file.seek(offset)
                    line = file.readline(MAX_LINE_BYTES + 1).removesuffix(b"\n")
                    if hashlib.sha256(line).digest() != digest:
                        raise LedgerError(f"{self._paths[index]}: was changed while it was read: try again")
                    yield stored_event(line, digest.hex())


def walk_chain(path: Path) -> Iterator[tuple[Event, int]]:
    """The events of one chain's file, each with the byte that it begins at."""
    offsets: list[int] = []  # of the line that is being checked

    def lines() -> Iterator[tuple[Event, str]]:
        with path.open("rb") as file:
            number = offset = 0
            while line := file.readline(MAX_LINE_BYTES + 2):
                number += 1
                if len(line) > MAX_LINE_BYTES + 1:
                    raise LedgerError(f"{path.name}:{number}: the line is longer than {MAX_LINE_BYTES} bytes")
                if not line.endswith(b"\n"):
                    raise LedgerError(f"{path.name}:{number}: the last line is cut off")
                event = parse_event(line[:-1], f"{path.name}:{number}")
                if event.chain != path.stem:
                    raise LedgerError(f"{path.name}: holds events of another chain")
                offsets.append(offset)
                offset += len(line)
                yield event, event.hash

    for event in linked(lines(), path.name):
        yield event, offsets.pop()
