"""The events of the store, as its `event` table has them.

Takes   a connection inside a transaction
Gives   events by kind, article and locale; lines, ends of chains, what was said since
Always  in the order of the union, whichever chain came first; nothing is written here
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from pipeline.store.ledger import Event, EventKind, stored_event
from pipeline.store.schema import EVENT


class EventTable:
    """Reads of the `event` table: the lowest floor of a Transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def head(self, chain: str) -> tuple[int, str, str, int]:
        """The end of a chain: the last event's number, hash and time, and the chain's length in bytes."""
        row = self.connection.execute(
            sa.select(EVENT.c.seq, EVENT.c.hash, EVENT.c.time, EVENT.c.end)
            .where(EVENT.c.chain == chain)
            .order_by(EVENT.c.seq.desc())
            .limit(1)
        ).first()
        return (row.seq, row.hash, row.time, row.end) if row else (0, "", "", 0)

    def events(self, *kinds: EventKind, slug: str | None = None, locale: str | None = None) -> list[Event]:
        """The events of some kinds, in the order of the union; of one article or locale if named."""
        return list(self.each_event(*kinds, slug=slug, locale=locale))

    def each_event(self, *kinds: EventKind, slug: str | None = None, locale: str | None = None) -> Iterator[Event]:
        """The same, one in memory at a time."""
        query = sa.select(EVENT.c.line, EVENT.c.hash).order_by(EVENT.c.time, EVENT.c.chain, EVENT.c.seq)
        if kinds:
            query = query.where(EVENT.c.kind.in_([kind.value for kind in kinds]))
        if slug is not None:
            query = query.where(EVENT.c.slug == slug)
        if locale is not None:
            query = query.where(EVENT.c.locale == locale)
        for row in self.connection.execute(query):
            yield stored_event(row.line, row.hash)

    def events_naming(self, text: str, *kinds: EventKind) -> list[Event]:
        """The events of some kinds whose line holds this ASCII text, in the order of the union; the others unread."""
        holds = sa.func.instr(EVENT.c.line, sa.literal(text.encode("ascii"), sa.LargeBinary)) > 0
        query = sa.select(EVENT.c.line, EVENT.c.hash).where(EVENT.c.kind.in_([k.value for k in kinds]), holds)
        rows = self.connection.execute(query.order_by(EVENT.c.time, EVENT.c.chain, EVENT.c.seq))
        return [stored_event(row.line, row.hash) for row in rows]

    def lines(self, chain: str | None = None, after_end: int = 0) -> Iterator[bytes]:
        """Ledger lines without line feed: of one chain from a byte on, or of the union in its order."""
        query = sa.select(EVENT.c.line)
        if chain is None:
            query = query.order_by(EVENT.c.time, EVENT.c.chain, EVENT.c.seq)
        else:
            query = query.where(EVENT.c.chain == chain, EVENT.c.end > after_end).order_by(EVENT.c.seq)
        for row in self.connection.execute(query):
            yield row.line

    def heads(self) -> dict[str, str]:
        """The hash of each chain's last event: what a release publishes."""
        return {row.chain: row.hash for row in self._ends()}

    def _ends(self) -> Iterable[sa.Row[Any]]:
        """Chain, hash and time of each chain's last event, by chain."""
        last = sa.select(EVENT.c.chain, sa.func.max(EVENT.c.seq).label("seq")).group_by(EVENT.c.chain).subquery()
        return self.connection.execute(
            sa.select(EVENT.c.chain, EVENT.c.hash, EVENT.c.time)
            .join(last, sa.and_(EVENT.c.chain == last.c.chain, EVENT.c.seq == last.c.seq))
            .order_by(EVENT.c.chain)
        )

    def last_event(self, kind: EventKind, known: Event | None = None) -> Event | None:
        """The newest event of a kind, in the order of the union; the others are not read.

        `known` itself if that is the one: a release has a line for each sentence of a site.
        """
        newest = sa.select(EVENT.c.hash).where(EVENT.c.kind == kind.value)
        order = (EVENT.c.time.desc(), EVENT.c.chain.desc(), EVENT.c.seq.desc())
        found = self.connection.execute(newest.order_by(*order).limit(1)).scalar_one_or_none()
        if found is None or (known and known.hash == found):
            return known if found else None
        line = self.connection.execute(sa.select(EVENT.c.line).where(EVENT.c.hash == found)).scalar_one()
        return stored_event(line, found)

    def said_since(self, heads: Mapping[str, str]) -> list[tuple[EventKind, str, str]] | None:
        """What every event behind some chains' ends is about: (kind, slug, locale), empty texts for none.

        None if one of these ends is not in its chain here: then nobody knows what was said since.
        """
        found = sa.select(EVENT.c.chain, EVENT.c.hash, EVENT.c.seq).where(EVENT.c.hash.in_(list(heads.values())))
        ends = {row.chain: row.seq for row in self.connection.execute(found) if heads.get(row.chain) == row.hash}
        if ends.keys() != heads.keys():
            return None
        said: list[tuple[EventKind, str, str]] = []
        for chain in self.heads():
            query = sa.select(EVENT.c.kind, EVENT.c.slug, EVENT.c.locale).where(
                EVENT.c.chain == chain, EVENT.c.seq > ends.get(chain, 0)
            )
            said += [(EventKind(row.kind), row.slug, row.locale) for row in self.connection.execute(query)]
        return said
