"""Which sentences a page of a release holds, with which texts: its pins.

Takes   a page as a release event has it, and the ledger
Gives   number and target hash of each of its sentences, in reading order
Always  a release names them by their hash, and they stand in the ledger once for all releases that hold the page just
        so; what is found under a hash has that hash. The first releases held each page's pins themselves (`units`)

So a release of 3,000 pages is a line of 0.6 MB, where it was one of 19 MB each time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.errors import LedgerError
from pipeline.store.ledger import Event, EventKind, canonical, digest, stored_event
from pipeline.store.schema import EVENT
from pipeline.store.transaction import Transaction

Pins = Sequence[tuple[int, str]]
"""Number and target hash of each sentence; an empty hash: the page shows it in the original."""
PinsOf = Callable[[Mapping[str, Any]], Pins]
"""The pins of a page as a release event has it. Raises LedgerError if the ledger has them not."""

IN_ONE_EVENT = 10_000
"""About so many pins stand in one line, those of a hundred pages or so: it is read for any of them."""


def pins_line(pins: Pins) -> bytes:
    """Pins as bytes: their hash is that of these."""
    return canonical([list(pin) for pin in pins])


def page_as_pinned(page: Mapping[str, Any]) -> dict[str, Any]:
    """A page of a release with its pins' hash, also one of the first releases: equal for pages that are the same."""
    if "pins" in page:
        return dict(page)
    return {**{key: value for key, value in page.items() if key != "units"}, "pins": digest(page["units"])}


def pin_bodies(lists: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """The bodies of the events that hold pins, by their hashes."""
    some: dict[str, Sequence[Any]] = {}
    size = 0
    for hash_, pins in lists.items():
        some[hash_] = pins
        size += len(pins)
        if size >= IN_ONE_EVENT:
            yield {"pins": some}
            some, size = {}, 0
    if some:
        yield {"pins": some}


def pins_in(page: Mapping[str, Any], find: Callable[[str], Event | None]) -> Pins:
    """The pins of a page; `find` gives the event that holds those of a hash. Raises LedgerError."""
    if "pins" not in page:
        return [(number, target_hash) for number, target_hash in page["units"]]
    hash_ = str(page["pins"])
    event = find(hash_)
    listed = event.body["pins"].get(hash_) if event else None
    if listed is None or digest(listed) != hash_:
        raise LedgerError(
            f"the ledger does not hold which texts a release has on the page {page['slug']} in {page['locale']}: "
            "bring ledger/ back from git"
        )
    return [(number, target_hash) for number, target_hash in listed]


class StoredPins:
    """The pins that a store's ledger holds. Where they stand is looked up when the first are asked for."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._places: dict[str, str] | None = None
        self._last: Event | None = None

    def __call__(self, page: Mapping[str, Any]) -> Pins:
        """The pins of a page as a release event has it. Raises LedgerError."""
        return pins_in(page, self._event)

    def _event(self, hash_: str) -> Event | None:
        if self._places is None:
            held = self._transaction.each_event(EventKind.PINS)
            self._places = {pins: event.hash for event in held for pins in event.body["pins"]}
        place = self._places.get(hash_)
        if place and (self._last is None or self._last.hash != place):  # neighbours are asked for one after the other
            line = sa.select(EVENT.c.line).where(EVENT.c.hash == place)
            self._last = stored_event(self._transaction.connection.execute(line).scalar_one(), place)
        return self._last if place else None
