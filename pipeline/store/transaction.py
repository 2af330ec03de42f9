"""One transaction of the store: append events, and read what they come to.

Takes   a connection inside a transaction
Gives   events, units, articles, revisions
Always  an event and the rows that index it are written together; `current` follows before the commit
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.durable import keep_file
from pipeline.errors import StoreError
from pipeline.model import Origin, OriginKind, ReviewState
from pipeline.store.history import (
    Current,
    Exported,
    Facts,
    Other,
    Projection,
    UnitHistory,
    UnitKey,
)
from pipeline.store.ledger import Event, EventKind, digest, timestamp
from pipeline.store.schema import (
    ARTICLE,
    CURRENT,
    EVENT,
    EXPORTED,
    REVISION,
    SEGMENT,
)

Clock = Callable[[], datetime]

UNIT_KINDS = (EventKind.TEXT, EventKind.KEPT, EventKind.SIGN_OFF)


def origin_json(origin: Origin) -> dict[str, Any]:
    """An origin as it stands in events and tables."""
    return {
        "kind": origin.kind.value,
        "name": origin.name,
        "version": origin.version,
        "doubts": list(origin.doubts),
    }


def origin_from(value: Mapping[str, Any]) -> Origin:
    """Undo `origin_json`."""
    return Origin(
        kind=OriginKind(value["kind"]), name=value["name"], version=value["version"], doubts=tuple(value["doubts"])
    )


class Transaction:
    """Reads and writes that happen together or not at all. Given by `Store.read` and `Store.write`."""

    def __init__(
        self, connection: sa.Connection, *, chain: str, clock: Clock, projection: Projection, ledger: Path
    ) -> None:
        self.connection, self.chain, self.clock, self.projection, self.ledger = (
            connection,
            chain,
            clock,
            projection,
            ledger,
        )
        self._touched: set[UnitKey] = set()
        self._facts: Facts | None = None
        self._last: tuple[int, str, str, int] | None = None

    # -- events ---------------------------------------------------------------------------------------------------

    def append(self, kind: EventKind, body: Mapping[str, Any]) -> Event:
        """Add an event to this store's own chain; the tables that index it follow in the same transaction."""
        seq, prev, last_time, end = self._last or self.head(self.chain)
        event = Event(
            chain=self.chain,
            seq=seq + 1,
            prev=prev,
            time=max(timestamp(self.clock()), last_time),
            kind=kind,
            body=body,
        )
        self._last = (event.seq, event.hash, event.time, self.index(event, end))
        return event

    def head(self, chain: str) -> tuple[int, str, str, int]:
        """The end of a chain: the last event's number, hash and time, and the chain's length in bytes."""
        row = self.connection.execute(
            sa.select(EVENT.c.seq, EVENT.c.hash, EVENT.c.time, EVENT.c.end)
            .where(EVENT.c.chain == chain)
            .order_by(EVENT.c.seq.desc())
            .limit(1)
        ).first()
        return (row.seq, row.hash, row.time, row.end) if row else (0, "", "", 0)

    def index(self, event: Event, end: int) -> int:
        """Put an event that is linked already into its tables; returns the chain's length in bytes after it."""
        line = event.line
        end += len(line) + 1
        body = event.body
        self.connection.execute(
            EVENT.insert().values(
                hash=event.hash,
                chain=event.chain,
                seq=event.seq,
                time=event.time,
                kind=event.kind.value,
                line=line,
                end=end,
                slug=str(body.get("slug") or ""),
                number=int(body.get("number") or 0),
                locale=str(body.get("locale") or ""),
            )
        )
        match event.kind:
            case EventKind.REVISION:
                self._index_revision(body)
            case EventKind.EXPORT:
                self._index_export(event)
            case EventKind.TEXT | EventKind.KEPT | EventKind.SIGN_OFF if body.get("number"):
                self._touched.add(UnitKey(body["slug"], body["number"], body["locale"]))
            case EventKind.ROSTER | EventKind.POLICY:
                self._facts = None
        return end

    def _index_revision(self, body: Mapping[str, Any]) -> None:
        for new in body["new"]:
            self.connection.execute(
                sa.text(
                    "INSERT INTO segment (slug, number, source_hash, source, predecessor) "
                    "VALUES (:slug, :number, :source_hash, :source, :predecessor) ON CONFLICT DO NOTHING"
                ),
                {"slug": body["slug"], **new},
            )
        values = {
            "in_id": body["in_id"],
            "sha256": body["sha256"],
            "format": body["format"],
            "rules": json.dumps(body["rules"]),
            "numbers": json.dumps(body["numbers"]),
            "next_number": body["next_number"],
        }
        done = self.connection.execute(ARTICLE.update().where(ARTICLE.c.slug == body["slug"]).values(**values))
        if not done.rowcount:
            self.connection.execute(ARTICLE.insert().values(slug=body["slug"], **values))

    def _index_export(self, event: Event) -> None:
        body = event.body
        rows = [
            {
                "event": event.hash,
                "slug": body["slug"],
                "number": entry["number"],
                "locale": body["locale"],
                "export_id": body["export_id"],
                "time": event.time,
                "target": entry["target"],
                "origin": json.dumps(entry["origin"], sort_keys=True),
            }
            for entry in body["entries"]
        ]
        if rows:
            self.connection.execute(EXPORTED.insert(), rows)
        self._touched.update(UnitKey(row["slug"], row["number"], row["locale"]) for row in rows)

    def events(self, *kinds: EventKind, slug: str | None = None, locale: str | None = None) -> list[Event]:
        """The events of some kinds, in the order of the union; of one article or locale if named."""
        query = sa.select(EVENT.c.line, EVENT.c.hash).order_by(EVENT.c.time, EVENT.c.chain, EVENT.c.seq)
        if kinds:
            query = query.where(EVENT.c.kind.in_([kind.value for kind in kinds]))
        if slug is not None:
            query = query.where(EVENT.c.slug == slug)
        if locale is not None:
            query = query.where(EVENT.c.locale == locale)
        return [_event(row.line) for row in self.connection.execute(query)]

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
        last = sa.select(EVENT.c.chain, sa.func.max(EVENT.c.seq).label("seq")).group_by(EVENT.c.chain).subquery()
        rows = self.connection.execute(
            sa.select(EVENT.c.chain, EVENT.c.hash)
            .join(last, sa.and_(EVENT.c.chain == last.c.chain, EVENT.c.seq == last.c.seq))
            .order_by(EVENT.c.chain)
        )
        return {row.chain: row.hash for row in rows}

    def facts(self) -> Facts:
        """Roster entries and policies that were ever in force."""
        if self._facts is None:
            entries: dict[str, Mapping[str, Any]] = {}
            policies: dict[str, Mapping[str, Any]] = {}
            for event in self.events(EventKind.ROSTER, EventKind.POLICY):
                if event.kind is EventKind.POLICY:
                    policies[event.body["id"]] = event.body["profile"]
                else:
                    entries |= {digest(entry): entry for entry in event.body["people"]}
            self._facts = Facts(roster_entries=entries, policies=policies)
        return self._facts

    # -- units ----------------------------------------------------------------------------------------------------

    def histories(self, keys: Iterable[UnitKey]) -> dict[UnitKey, UnitHistory]:
        """What the ledger says about each of some units."""
        wanted = set(keys)
        found: dict[UnitKey, tuple[list[Exported], list[Event]]] = {key: ([], []) for key in wanted}
        for slug, locale in sorted({(key.slug, key.locale) for key in wanted}):
            numbers = [key.number for key in wanted if (key.slug, key.locale) == (slug, locale)]
            for start in range(0, len(numbers), 500):
                some = numbers[start : start + 500]
                exported = sa.select(EXPORTED).where(
                    EXPORTED.c.slug == slug, EXPORTED.c.locale == locale, EXPORTED.c.number.in_(some)
                )
                for row in self.connection.execute(exported.order_by(EXPORTED.c.time, EXPORTED.c.event)):
                    found[UnitKey(slug, row.number, locale)][0].append(
                        Exported(
                            event=row.event,
                            export_id=row.export_id,
                            time=row.time,
                            target=row.target,
                            origin=origin_from(json.loads(row.origin)),
                        )
                    )
                events = sa.select(EVENT.c.line, EVENT.c.number).where(
                    EVENT.c.slug == slug,
                    EVENT.c.locale == locale,
                    EVENT.c.number.in_(some),
                    EVENT.c.kind.in_([kind.value for kind in UNIT_KINDS]),
                )
                for row in self.connection.execute(events.order_by(EVENT.c.time, EVENT.c.chain, EVENT.c.seq)):
                    found[UnitKey(slug, row.number, locale)][1].append(_event(row.line))
        return {
            key: UnitHistory(key=key, exports=tuple(exports), events=tuple(events))
            for key, (exports, events) in found.items()
        }

    def judge(self, history: UnitHistory) -> Current:
        """Where a unit stands by its history."""
        return self.projection(history, self.facts())

    def project(self) -> None:
        """Bring `current` up to date for the units that this transaction touched. Called before the commit."""
        touched, self._touched = self._touched, set()
        facts = self.facts() if touched else Facts()
        for key, history in self.histories(touched).items():
            row = self._current_row(key, self.projection(history, facts))
            self.connection.execute(
                CURRENT.delete().where(
                    CURRENT.c.slug == key.slug, CURRENT.c.number == key.number, CURRENT.c.locale == key.locale
                )
            )
            self.connection.execute(CURRENT.insert().values(**row))

    def _current_row(self, key: UnitKey, current: Current) -> dict[str, Any]:
        source_hash = self.connection.execute(
            sa.select(SEGMENT.c.source_hash).where(SEGMENT.c.slug == key.slug, SEGMENT.c.number == key.number)
        ).scalar_one_or_none()
        return {
            "slug": key.slug,
            "number": key.number,
            "locale": key.locale,
            "source_hash": source_hash or "",
            "target": current.target,
            "origin": json.dumps(origin_json(current.origin), sort_keys=True),
            "state": current.state.value,
            "text_event": current.text_event,
            "others": json.dumps([[other.event, other.by, other.target] for other in current.others]),
        }

    def current(self, slug: str, locale: str) -> dict[int, Current]:
        """Where the units of an article stand in a locale, by segment number."""
        rows = self.connection.execute(sa.select(CURRENT).where(CURRENT.c.slug == slug, CURRENT.c.locale == locale))
        return {row.number: _current(row) for row in rows}

    def signed_targets(self, source_hashes: Iterable[str], locale: str) -> list[tuple[str, str, int, str]]:
        """What stands signed for some sources in a locale: (source hash, slug, number, target), in a fixed order."""
        hashes = sorted(set(source_hashes))
        found: list[tuple[str, str, int, str]] = []
        for start in range(0, len(hashes), 500):
            query = sa.select(CURRENT).where(
                CURRENT.c.source_hash.in_(hashes[start : start + 500]),
                CURRENT.c.locale == locale,
                CURRENT.c.state == ReviewState.SIGNED_OFF.value,
            )
            rows = self.connection.execute(query.order_by(CURRENT.c.slug, CURRENT.c.number))
            found += [(row.source_hash, row.slug, row.number, row.target) for row in rows]
        return found

    def last_export(self, slug: str, locale: str) -> tuple[str, str]:
        """The export id and file hash of the newest export of an article in a locale; empty texts for none."""
        exports = self.events(EventKind.EXPORT, slug=slug, locale=locale)
        return (exports[-1].body["export_id"], exports[-1].body["file"]) if exports else ("", "")

    def known_files(self, slug: str, locale: str) -> set[str]:
        """Hashes of PO files that may be replaced: every export of ours, and every file that was taken back."""
        files = {event.body["file"] for event in self.events(EventKind.EXPORT, slug=slug, locale=locale)}
        returned = self.events(EventKind.RETURNED, slug=slug, locale=locale)
        return files | {event.body["file"] for event in returned if event.body["outcome"] != "refused"}

    def check_current(self) -> list[str]:
        """Rebuild every row of `current` from the events and name those that differ."""
        rows = {
            UnitKey(row.slug, row.number, row.locale): dict(row._mapping)
            for row in self.connection.execute(sa.select(CURRENT))
        }
        keys = {
            UnitKey(row.slug, row.number, row.locale)
            for row in self.connection.execute(
                sa.union(
                    sa.select(EXPORTED.c.slug, EXPORTED.c.number, EXPORTED.c.locale),
                    sa.select(EVENT.c.slug, EVENT.c.number, EVENT.c.locale).where(
                        EVENT.c.kind.in_([kind.value for kind in UNIT_KINDS]), EVENT.c.number > 0
                    ),
                )
            )
        }
        facts = self.facts()
        histories = self.histories(keys)
        wrong = [
            f"{key.slug}:{key.number:04d} in {key.locale}: the cached state is not what the ledger says"
            for key, history in sorted(histories.items())
            if rows.get(key) != self._current_row(key, self.projection(history, facts))
        ]
        return wrong + [
            f"{key.slug}:{key.number:04d} in {key.locale}: not in the ledger" for key in rows if key not in keys
        ]

    # -- articles -------------------------------------------------------------------------------------------------

    def article(
        self, slug: str
    ) -> tuple[tuple[str, dict[str, Any], list[int], int] | None, list[tuple[int, str, str, int]]]:
        """What is known of an article: (revision, rules, numbers in order, next number), and every segment it ever had.

        A segment is (number, source hash, source, predecessor).
        """
        row = self.connection.execute(sa.select(ARTICLE).where(ARTICLE.c.slug == slug)).first()
        segments = self.connection.execute(sa.select(SEGMENT).where(SEGMENT.c.slug == slug).order_by(SEGMENT.c.number))
        known = (row.sha256, json.loads(row.rules), json.loads(row.numbers), row.next_number) if row else None
        return known, [(s.number, s.source_hash, s.source, s.predecessor) for s in segments]

    def keep_revision(self, sha256: str, format_: str, data: bytes) -> None:
        """Keep an article revision's bytes, in the store and beside the chains; before the event that names it."""
        keep_file(self.ledger / "revisions" / f"{sha256}.{format_}", data)
        known = sa.select(REVISION.c.sha256).where(REVISION.c.sha256 == sha256, REVISION.c.format == format_)
        if self.connection.execute(known).first() is None:
            self.connection.execute(REVISION.insert().values(sha256=sha256, format=format_, data=data))

    def revision(self, sha256: str, format_: str) -> bytes:
        """The bytes of a revision. Raises StoreError if nobody kept them."""
        query = sa.select(REVISION.c.data).where(REVISION.c.sha256 == sha256, REVISION.c.format == format_)
        data = self.connection.execute(query).scalar_one_or_none()
        if data is None:
            path = self.ledger / "revisions" / f"{sha256}.{format_}"
            if not path.is_file():
                raise StoreError(
                    f"{path}: this revision of an article is missing: bring ledger/revisions back from git"
                )
            data = path.read_bytes()
        return bytes(data)


def _event(line: bytes) -> Event:
    fields = json.loads(line)
    return Event(**{**fields, "kind": EventKind(fields["kind"])})


def _current(row: sa.Row[Any]) -> Current:
    return Current(
        target=row.target,
        origin=origin_from(json.loads(row.origin)),
        state=ReviewState(row.state),
        text_event=row.text_event,
        others=tuple(Other(event=event, by=by, target=target) for event, by, target in json.loads(row.others)),
    )
