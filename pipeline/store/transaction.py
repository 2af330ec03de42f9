"""One transaction of the store: append events, and read what they come to.

Takes   a connection inside a transaction
Gives   events, units, articles, revisions
Always  an event and the rows that index it are written together; `current` follows before the commit
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from pipeline.durable import keep_file
from pipeline.errors import LedgerError, PolicyError, StoreError
from pipeline.model import Origin, OriginKind, ReviewState, text_hash
from pipeline.store.history import (
    FACTS_FROM,
    UNIT_KINDS,
    Current,
    Exported,
    Facts,
    Other,
    PolicyBook,
    Projection,
    UnitHistory,
    UnitKey,
    facts_of,
)
from pipeline.store.imported import imported_entries, memory_path
from pipeline.store.ledger import Event, EventKind, digest, in_order, stored_event, timestamp
from pipeline.store.memory import (
    MemoryEntry,
    imported_targets,
    replace_file_entries,
    signed_entries,
    update_units,
)
from pipeline.store.renames import FIELD as RENAMED_FROM
from pipeline.store.renames import NONE as NO_RENAMES
from pipeline.store.renames import Renames
from pipeline.store.schema import (
    ARTICLE,
    CURRENT,
    EVENT,
    EXPORTED,
    OUTBOX,
    RENAMED,
    REVISION,
    SEGMENT,
    WRITTEN,
)

Clock = Callable[[], datetime]

_JUDGED = (EventKind.ANSWER, EventKind.CHOICE, EventKind.EDITORIAL, EventKind.SIGN_OFF)
"""Acts that count only if the roster entry and policy that they name allow it."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An article as its newest revision event holds it."""

    sha256: str
    format: str
    rules: Mapping[str, Any]
    """As `rules_json` writes them."""
    numbers: tuple[int, ...]
    """Of its segments, in reading order."""


FEW = 50
"""So many units of an article are asked for by their numbers."""


MANY = 2000
"""Units whose histories are in memory at a time: each is ten kilobytes or more, and a change of policy touches all."""


class TextThatWas(NamedTuple):
    """A pair of texts, and a place where it was. A tuple: there are as many as events."""

    slug: str
    """For an imported one its place in the memory, `old-site.tmx:12`."""
    number: int
    """0 where it is no unit's."""
    locale: str
    source: str
    target: str
    kind: str
    """`draft`, `text` (a person's), `sign-off`, `memory` (imported)."""


class Transaction:
    """Reads and writes that happen together or not at all. Given by `Store.read` and `Store.write`."""

    def __init__(
        self,
        connection: sa.Connection,
        *,
        chain: str,
        clock: Clock,
        projection: Projection,
        ledger: Path,
        policies: PolicyBook | None = None,
    ) -> None:
        self.connection, self.chain, self.clock, self.projection, self.ledger = (
            connection,
            chain,
            clock,
            projection,
            ledger,
        )
        self._touched: set[UnitKey] = set()
        self._begun: dict[UnitKey, Exported] = {}
        """Units of which nothing is known but the export that this transaction has just written."""
        self.policies = policies
        self._under: dict[str, str] | None = None
        self._facts: Facts | None = None
        self._renames: Renames | None = None
        self._last: tuple[int, str, str, int] | None = None
        self._others: str | None = None

    # -- events ---------------------------------------------------------------------------------------------------

    def append(self, kind: EventKind, body: Mapping[str, Any]) -> Event:
        """Add an event to this store's own chain; the tables that index it follow in the same transaction.

        Every event says under which policy it was made. Raises PolicyError as `under_policy` does.
        """
        body = {**self.under_policy(), **body}
        seq, prev, _, end = self._last or self.head(self.chain)
        event = Event(
            chain=self.chain,
            seq=seq + 1,
            prev=prev,
            time=self.now(),
            kind=kind,
            body=body,
        )
        self._last = (event.seq, event.hash, event.time, self.index(event, end))
        return event

    def under_policy(self) -> Mapping[str, str]:
        """What an event says of the policy in force: its id, which holds its version, and the hash of its profile.

        Its text is in the ledger before the first event under it. Raises PolicyError for a text that was changed after
        something was done under it. Empty for a tool that only drafts and knows of no policy.
        """
        if self._under is None:
            if self.policies is None:
                return {}
            id_ = self.policies.in_force
            profile = self.policies.profiles[id_]
            facts = self.facts()
            self._under = {"policy": id_, "policy_hash": digest(profile)}
            if id_ not in facts.policies:
                if id_ in facts.other_policies and id_ in self.policies.own:
                    self._under = None
                    raise PolicyError(
                        f"policies/{id_}.toml is not what the ledger has under this id: a policy never changes once "
                        "something was done under it; bring the file back, and give the new one an id of its own"
                    )
                self.append(EventKind.POLICY, {"id": id_, "profile": profile})
        return self._under

    def now(self) -> str:
        """The time that the next event bears: the clock's, but later than what this store has seen of others.

        So an event sorts after all that was known when it was made, however the clocks of two stores differ. A clock
        that is more than a day ahead of ours is wrong, and is not followed.
        """
        ours = timestamp(self.clock())
        if self._others is None:
            tomorrow = timestamp(self.clock() + timedelta(days=1))
            times = (time for chain, time in self._last_times().items() if chain != self.chain)
            self._others = max((time for time in times if time <= tomorrow), default="")
        after = timestamp(datetime.fromisoformat(self._others) + timedelta(seconds=1)) if self._others else ""
        return max(ours, after, (self._last or self.head(self.chain))[2])

    def ahead(self) -> str:
        """The time of the newest event, if it is more than an hour ahead of this machine's clock; else empty.

        One of the two clocks is wrong then. A smaller difference between two machines is nothing to speak of.
        """
        newest = max(self._last_times().values(), default="")
        return newest if newest > timestamp(self.clock() + timedelta(hours=1)) else ""

    def _last_times(self) -> dict[str, str]:
        """The time of each chain's last event; within a chain times never go back."""
        last = sa.select(EVENT.c.chain, sa.func.max(EVENT.c.seq).label("seq")).group_by(EVENT.c.chain).subquery()
        here = sa.and_(EVENT.c.chain == last.c.chain, EVENT.c.seq == last.c.seq)
        rows = self.connection.execute(sa.select(EVENT.c.chain, EVENT.c.time).join(last, here))
        return {row.chain: row.time for row in rows}

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
            EVENT.insert(),  # without .values(): a statement that is built once, not once an event
            {
                "hash": event.hash,
                "chain": event.chain,
                "seq": event.seq,
                "time": event.time,
                "kind": event.kind.value,
                "line": line,
                "end": end,
                "slug": str(body.get("slug") or ""),
                "number": int(body.get("number") or 0),
                "locale": str(body.get("locale") or ""),
            },
        )
        self._begun = {}
        match event.kind:
            case EventKind.REVISION:
                self._index_revision(event)
            case EventKind.EXPORT:
                self._index_export(event)
            case kind if kind in UNIT_KINDS and body.get("number"):
                self._touched.add(UnitKey(body["slug"], body["number"], body["locale"]))
            case EventKind.ROSTER | EventKind.POLICY:
                self._facts = None
                # A sign-off in a third chain may have waited for it.
                if event.chain != self.chain or event.kind is EventKind.POLICY:
                    self.touch_judged()
            case EventKind.MEMORY:
                self.index_memory(event)
            case EventKind.REDACTION:
                self._facts = None
            case EventKind.REVOCATION:
                self._facts = None
                self._touched |= self._units(EVENT.c.kind == EventKind.SIGN_OFF.value)
            case EventKind.WITHDRAWAL:
                self._facts = None
                signed = EVENT.c.kind == EventKind.SIGN_OFF.value
                self._touched |= self._units(signed, EVENT.c.locale == body["locale"])
        if event.chain != self.chain:
            self._others = None
        return end

    def _units(self, *conditions: sa.ColumnElement[bool]) -> set[UnitKey]:
        """The units of some events."""
        query = sa.select(EVENT.c.slug, EVENT.c.number, EVENT.c.locale).distinct()
        rows = self.connection.execute(query.where(EVENT.c.number > 0, *conditions))
        return {UnitKey(row.slug, row.number, row.locale) for row in rows}

    def _index_revision(self, event: Event) -> None:
        slug = event.body["slug"]
        self._insert_segments(event)
        if event.chain != self.chain:
            self._settle_numbers(event)
        self._index_rename(event)
        # The newest in the order of the union, which is not the last to arrive.
        newest = (
            sa.select(EVENT.c.line, EVENT.c.hash)
            .where(EVENT.c.slug == slug, EVENT.c.kind == EventKind.REVISION.value)
            .order_by(EVENT.c.time.desc(), EVENT.c.chain.desc(), EVENT.c.seq.desc())
            .limit(1)
        )
        row = self.connection.execute(newest).one()
        body = stored_event(row.line, row.hash).body
        highest = sa.select(sa.func.max(SEGMENT.c.number)).where(SEGMENT.c.slug == slug)
        values = {
            "in_id": body["in_id"],
            "sha256": body["sha256"],
            "format": body["format"],
            "rules": json.dumps(body["rules"]),
            "numbers": json.dumps(body["numbers"]),
            "next_number": max(body["next_number"], 1 + (self.connection.execute(highest).scalar_one() or 0)),
        }
        done = self.connection.execute(ARTICLE.update().where(ARTICLE.c.slug == slug).values(**values))
        if not done.rowcount:
            self.connection.execute(ARTICLE.insert().values(slug=slug, **values))

    def _index_rename(self, event: Event) -> None:
        """A rename, or news from elsewhere about a slug that took part in one, may move units to another article."""
        slug, origin = event.body["slug"], event.body.get(RENAMED_FROM)
        if origin:
            self.connection.execute(RENAMED.insert().values(event=event.hash, slug=slug, old_slug=origin["slug"]))
        self._renames = None
        slugs = self._renamed_slugs()
        if origin or (event.chain != self.chain and slug in slugs):
            self.connection.execute(CURRENT.delete().where(CURRENT.c.slug.in_(slugs)))
            self._touched |= self._units(EVENT.c.slug.in_(slugs))
            exported = sa.select(EXPORTED.c.slug, EXPORTED.c.number, EXPORTED.c.locale).distinct()
            rows = self.connection.execute(exported.where(EXPORTED.c.slug.in_(slugs)))
            self._touched |= {UnitKey(row.slug, row.number, row.locale) for row in rows}

    def _renamed_slugs(self) -> set[str]:
        rows = self.connection.execute(sa.select(RENAMED.c.slug, RENAMED.c.old_slug))
        return {slug for row in rows for slug in row}

    @property
    def renames(self) -> Renames:
        """Which units live under another slug than the one they were spoken of."""
        if self._renames is None:
            revisions = [e for slug in self._renamed_slugs() for e in self.events(EventKind.REVISION, slug=slug)]
            self._renames = Renames(in_order(revisions)) if revisions else NO_RENAMES
        return self._renames

    def _insert_segments(self, event: Event) -> None:
        if event.body["new"]:
            self.connection.execute(
                sa.text(
                    "INSERT INTO segment (slug, number, source_hash, source, predecessor, other_predecessors) "
                    "VALUES (:slug, :number, :source_hash, :source, :predecessor, :others) ON CONFLICT DO NOTHING"
                ),
                [
                    {"slug": event.body["slug"], "others": json.dumps(new.get("other_predecessors", [])), **new}
                    for new in event.body["new"]
                ],
            )

    def _settle_numbers(self, event: Event) -> None:
        """Two stores may have given one number to two sentences, each before it knew of the other.

        The older revision keeps the number; the other sentence gets a new one at the next run. What was said of it
        under the old number stays in the ledger and is nobody's current text: `histories` looks at the source hash.
        """
        slug, given = event.body["slug"], {new["number"]: new["source_hash"] for new in event.body["new"]}
        known = self._source_hashes({slug})
        if any(known[slug, number] != source_hash for number, source_hash in given.items()):
            self.connection.execute(SEGMENT.delete().where(SEGMENT.c.slug == slug))
            for revision in self.events(EventKind.REVISION, slug=slug):
                self._insert_segments(revision)
        self._touched |= {key for key in self._units(EVENT.c.slug == slug) if key.number in given}
        exported = sa.select(EXPORTED.c.number, EXPORTED.c.locale).where(EXPORTED.c.slug == slug).distinct()
        rows = self.connection.execute(exported)
        self._touched |= {UnitKey(slug, row.number, row.locale) for row in rows if row.number in given}

    def _index_export(self, event: Event) -> None:
        body = event.body
        rows = [
            {
                "event": event.hash,
                "slug": body["slug"],
                "number": entry["number"],
                "locale": body["locale"],
                "source_hash": entry["source_hash"],
                "export_id": body["export_id"],
                "target": entry["target"],
                "origin": json.dumps(entry["origin"], sort_keys=True),
            }
            for entry in body["entries"]
        ]
        if rows:
            self.connection.execute(EXPORTED.insert(), rows)
        keys = [UnitKey(row["slug"], row["number"], row["locale"]) for row in rows]
        self._touched.update(keys)
        if event.chain == self.chain and self.event_count(body["slug"], body["locale"]) == 1:
            known = self._source_hashes({body["slug"]})
            self._begun = {
                key: _exported(event, entry)
                for key, entry in zip(keys, body["entries"], strict=True)
                if known.get((key.slug, key.number)) == entry["source_hash"]
            }

    def index_memory(self, event: Event) -> None:
        """Put an imported file into the memory, as the newest event says that names it.

        Without the file nothing is put in: `ledger verify` names it. A memory gives drafts only.
        """
        name = memory_path(event.body["file"])
        waiting = self.connection.execute(sa.select(OUTBOX.c.data).where(OUTBOX.c.path == name)).scalar_one_or_none()
        path = self.ledger / name
        if waiting is None and not path.is_file():
            return
        data = bytes(waiting) if waiting is not None else path.read_bytes()
        if hashlib.sha256(data).hexdigest() != event.body["file"]:
            raise LedgerError(f"{path}: is not the file that its name says: bring it back from git")
        newest = [e for e in self.events(EventKind.MEMORY) if e.body["file"] == event.body["file"]][-1]
        replace_file_entries(self.connection, newest.body["file"], imported_entries(data, newest.body))

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
        last = sa.select(EVENT.c.chain, sa.func.max(EVENT.c.seq).label("seq")).group_by(EVENT.c.chain).subquery()
        rows = self.connection.execute(
            sa.select(EVENT.c.chain, EVENT.c.hash)
            .join(last, sa.and_(EVENT.c.chain == last.c.chain, EVENT.c.seq == last.c.seq))
            .order_by(EVENT.c.chain)
        )
        return {row.chain: row.hash for row in rows}

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

    def facts(self) -> Facts:
        """Roster entries and policies that were ever in force."""
        if self._facts is None:
            known = self.policies.profiles if self.policies else {}
            self._facts = facts_of(self.events(*FACTS_FROM), known)
        return self._facts

    def withdraw(self, *, source: str, target: str, locale: str, by: str, reason: str, entered_by: str = "") -> Event:
        """Poison a pair of texts for good: no sign-off on it counts, no memory and no engine offers it again."""
        pair = {"source": source, "source_hash": text_hash(source), "target": target, "target_hash": text_hash(target)}
        typed = {"entered_by": entered_by} if entered_by else {}
        return self.append(EventKind.WITHDRAWAL, {**pair, **typed, "locale": locale, "by": by, "reason": reason})

    def texts_that_were(self) -> Iterator[TextThatWas]:
        """Every pair of texts that there ever was, with where: drafts that went out, people's texts, the memory's."""
        exported = sa.select(EXPORTED.c.slug, EXPORTED.c.number, EXPORTED.c.locale, EXPORTED.c.target, SEGMENT.c.source)
        of_segment = sa.and_(
            SEGMENT.c.slug == EXPORTED.c.slug,
            SEGMENT.c.number == EXPORTED.c.number,
            SEGMENT.c.source_hash == EXPORTED.c.source_hash,
        )
        for row in self.connection.execute(exported.join(SEGMENT, of_segment).where(EXPORTED.c.target != "")):
            yield TextThatWas(row.slug, row.number, row.locale, row.source, row.target, "draft")
        kinds = [kind.value for kind in (EventKind.TEXT, EventKind.KEPT, EventKind.EDITORIAL, EventKind.SIGN_OFF)]
        for line in self.connection.execute(sa.select(EVENT.c.line).where(EVENT.c.kind.in_(kinds))).scalars():
            fields = json.loads(line)
            body = fields["body"]
            kind = fields["kind"] if fields["kind"] == EventKind.SIGN_OFF.value else "text"
            if body["target"]:
                yield TextThatWas(body["slug"], body["number"], body["locale"], body["source"], body["target"], kind)
        for entry in imported_targets(self.connection):
            yield TextThatWas(entry.place, 0, entry.locale, entry.source, entry.target, "memory")

    def keep_beside(self, path: str, data: bytes) -> None:
        """Put a file beside the chains (`personal/<hash>.json`), if and when this transaction is kept."""
        self.connection.execute(OUTBOX.delete().where(OUTBOX.c.path == path))
        self.connection.execute(OUTBOX.insert().values(path=path, data=data))

    # -- units ----------------------------------------------------------------------------------------------------

    def histories(self, keys: Iterable[UnitKey]) -> dict[UnitKey, UnitHistory]:
        """What the ledger says about each of some units: of their number, and of the sentence that has it."""
        wanted = set(keys)
        begun = {key: UnitHistory(key=key, exports=(self._begun[key],)) for key in wanted & self._begun.keys()}
        wanted -= begun.keys()
        sources = self._source_hashes({key.slug for key in wanted})
        exports: dict[UnitKey, list[tuple[tuple[str, str, int], Exported]]] = {key: [] for key in wanted}
        events: dict[UnitKey, list[Event]] = {key: [] for key in wanted}
        asked: dict[tuple[str, str], dict[int, UnitKey]] = {}
        for key in wanted:
            for slug in self.renames.places(key.slug, key.number):
                asked.setdefault((slug, key.locale), {})[key.number] = key
        for (slug, locale), by_number in sorted(asked.items()):
            # Many by reading all of the article: a long list of numbers costs more than the rows that it keeps out.
            few = len(by_number) <= FEW
            exported = (
                sa.select(EXPORTED, EVENT.c.time, EVENT.c.chain, EVENT.c.seq)
                .join(EVENT, EVENT.c.hash == EXPORTED.c.event)
                .where(EXPORTED.c.slug == slug, EXPORTED.c.locale == locale)
            )
            for row in self.connection.execute(exported.where(EXPORTED.c.number.in_(by_number)) if few else exported):
                if row.number not in by_number:
                    continue
                key = by_number[row.number]
                if row.source_hash != sources.get((key.slug, key.number), row.source_hash):
                    continue
                out = Exported(
                    event=row.event,
                    export_id=row.export_id,
                    time=row.time,
                    target=row.target,
                    origin=origin_from(json.loads(row.origin)),
                )
                exports[key].append(((row.time, row.chain, row.seq), out))
            said = sa.select(EVENT.c.line, EVENT.c.hash, EVENT.c.number).where(
                EVENT.c.slug == slug, EVENT.c.locale == locale, EVENT.c.kind.in_([kind.value for kind in UNIT_KINDS])
            )
            for row in self.connection.execute(said.where(EVENT.c.number.in_(by_number)) if few else said):
                if row.number not in by_number:
                    continue
                key = by_number[row.number]
                event = stored_event(row.line, row.hash)
                said_of = event.body.get("source_hash") or text_hash(event.body["source"])
                if said_of == sources.get((key.slug, key.number), said_of):
                    events[key].append(event)
        found = begun | {
            key: UnitHistory(
                key=key,
                exports=tuple(out for _, out in sorted(exports[key], key=lambda pair: pair[0])),
                events=tuple(in_order(events[key])),
            )
            for key in wanted
        }
        return self._with_formers(found)

    def _with_formers(self, found: dict[UnitKey, UnitHistory]) -> dict[UnitKey, UnitHistory]:
        """With the histories of what units were before an editorial change; a former number is always lower."""
        named = {
            (key, UnitKey(key.slug, event.body["former"], key.locale))
            for key, history in found.items()
            for event in history.events
            if event.kind is EventKind.EDITORIAL and 0 < event.body["former"] < key.number
        }
        if named:
            known = self.histories({former for _, former in named})
            for key in {key for key, _ in named}:
                formers = {former.number: known[former] for heir, former in named if heir == key}
                found[key] = replace(found[key], formers=formers)
        return found

    def judge(self, history: UnitHistory) -> Current:
        """Where a unit stands by its history."""
        return self.projection(history, self.facts())

    def touch_signed(self) -> None:
        """Have every unit that stands signed judged again before the commit, and so put into the memory."""
        signed = sa.select(CURRENT.c.slug, CURRENT.c.number, CURRENT.c.locale)
        rows = self.connection.execute(signed.where(CURRENT.c.state == ReviewState.SIGNED_OFF.value))
        self._touched |= {UnitKey(row.slug, row.number, row.locale) for row in rows}

    def touch_judged(self) -> None:
        """Have every unit that somebody acted on judged again before the commit."""
        self._touched |= self._units(EVENT.c.kind.in_([kind.value for kind in _JUDGED]))

    def project(self) -> None:
        """Bring `current` up to date for the units that this transaction touched. Called before the commit."""
        touched, self._touched = self._touched, set()
        if not touched:
            return
        at_home = self._with_heirs(self._at_home(touched))
        known = (at_home | touched) - self._begun.keys()
        if known:
            gone = sa.text("DELETE FROM current WHERE slug = :s AND number = :n AND locale = :l")
            places = [{"s": key.slug, "n": key.number, "l": key.locale} for key in known]
            self.connection.execute(gone, places)
        left = known - at_home  # where a renamed article had them
        update_units(self.connection, {(k.slug, k.number, k.locale): None for k in left})
        for some in _whole_articles(at_home):
            self._project(some)

    def _project(self, keys: set[UnitKey]) -> None:
        """The rows of `current`, and what the memory holds, of some units that have no row."""
        facts = self.facts()
        sources = self._source_hashes({key.slug for key in keys})
        histories = self.histories(keys)
        stand = {key: self.projection(history, facts) for key, history in histories.items()}
        self.connection.execute(
            CURRENT.insert(), [_current_row(key, current, sources) for key, current in stand.items()]
        )
        memory = {key: _memory_entry(histories[key], stand[key]) for key in keys - self._begun.keys()}
        update_units(self.connection, {(k.slug, k.number, k.locale): entry for k, entry in memory.items()})

    def _with_heirs(self, keys: set[UnitKey]) -> set[UnitKey]:
        """With the units that take sign-offs over from these, since an edit of the English changed nothing."""
        heirs = [
            (UnitKey(e.body["slug"], e.body["former"], e.body["locale"]), e.body["number"])
            for e in self.events(EventKind.EDITORIAL)
        ]
        found = set(keys)
        for former, number in sorted(heirs, key=lambda pair: pair[1]):  # a former number is always lower
            home = self._at_home([former]).pop()
            if home in found:
                found.add(UnitKey(home.slug, number, home.locale))
        return found

    def _at_home(self, keys: Iterable[UnitKey]) -> set[UnitKey]:
        """Units under the slug that they have now."""
        return {UnitKey(self.renames.home(key.slug, key.number), key.number, key.locale) for key in keys}

    def _source_hashes(self, slugs: Iterable[str]) -> dict[tuple[str, int], str]:
        found: dict[tuple[str, int], str] = {}
        for slug in slugs:
            query = sa.select(SEGMENT.c.number, SEGMENT.c.source_hash).where(SEGMENT.c.slug == slug)
            found |= {(slug, row.number): row.source_hash for row in self.connection.execute(query)}
        return found

    def current(self, slug: str, locale: str) -> dict[int, Current]:
        """Where the units of an article stand in a locale, by segment number."""
        rows = self.connection.execute(sa.select(CURRENT).where(CURRENT.c.slug == slug, CURRENT.c.locale == locale))
        return {row.number: _current(row) for row in rows}

    def locales_of(self, slug: str) -> list[str]:
        """The target locales in which an article has or had texts, sorted."""
        return list(
            self.connection.execute(
                sa.select(CURRENT.c.locale).where(CURRENT.c.slug == slug).distinct().order_by(CURRENT.c.locale)
            ).scalars()
        )

    def last_export(self, slug: str, locale: str) -> tuple[str, str]:
        """The export id and file hash of the newest export of an article in a locale; empty texts for none."""
        exports = self.whole_exports(slug, locale)
        return (exports[-1].body["export_id"], exports[-1].body["file"]) if exports else ("", "")

    def whole_exports(self, slug: str, locale: str) -> list[Event]:
        """The exports of an article in a locale as `run` wrote them; those of packs hold parts."""
        exports = self.events(EventKind.EXPORT, slug=slug, locale=locale)
        return [event for event in exports if "pack" not in event.body]

    def event_count(self, slug: str, locale: str) -> int:
        """How many events there are about an article in a locale: the same number, the same events."""
        about = (EVENT.c.slug.in_(self.renames.names(slug)), EVENT.c.locale == locale)
        return int(self.connection.execute(sa.select(sa.func.count()).where(*about)).scalar_one())

    def event_counts(self) -> dict[tuple[str, str], int]:
        """`event_count` of every article and locale; without the articles that were ever renamed."""
        query = sa.select(EVENT.c.slug, EVENT.c.locale, sa.func.count().label("events")).group_by(
            EVENT.c.slug, EVENT.c.locale
        )
        renamed = self._renamed_slugs()
        return {(row.slug, row.locale): row.events for row in self.connection.execute(query) if row.slug not in renamed}

    def without_text(self) -> dict[tuple[str, str], set[int]]:
        """The units that went out without a text, by article and locale."""
        query = sa.select(CURRENT.c.slug, CURRENT.c.locale, CURRENT.c.number).where(CURRENT.c.target == "")
        found: dict[tuple[str, str], set[int]] = {}
        for row in self.connection.execute(query):
            found.setdefault((row.slug, row.locale), set()).add(row.number)
        return found

    def newest_revisions(self) -> dict[str, Revision]:
        """The newest revision of every article there ever was, by its slug."""
        query = sa.select(ARTICLE.c.slug, ARTICLE.c.sha256, ARTICLE.c.format, ARTICLE.c.rules, ARTICLE.c.numbers)
        rules: dict[str, dict[str, Any]] = {}
        return {
            row.slug: Revision(
                sha256=row.sha256,
                format=row.format,
                rules=rules.get(row.rules) or rules.setdefault(row.rules, json.loads(row.rules)),
                numbers=tuple(json.loads(row.numbers)),
            )
            for row in self.connection.execute(query)
        }

    def all_written(self) -> dict[tuple[str, str], tuple[str, str]]:
        """`written` of every article and locale."""
        return {
            (row.slug, row.locale): (row.made_from, row.file) for row in self.connection.execute(sa.select(WRITTEN))
        }

    def written(self, slug: str, locale: str) -> tuple[str, str]:
        """What the PO file was last made from, and its hash; empty texts if that is not known."""
        query = sa.select(WRITTEN.c.made_from, WRITTEN.c.file).where(WRITTEN.c.slug == slug, WRITTEN.c.locale == locale)
        row = self.connection.execute(query).first()
        return (row.made_from, row.file) if row else ("", "")

    def keep_written(self, slug: str, locale: str, made_from: str, file: str) -> None:
        """Remember what a PO file was made from."""
        self.connection.execute(WRITTEN.delete().where(WRITTEN.c.slug == slug, WRITTEN.c.locale == locale))
        self.connection.execute(WRITTEN.insert().values(slug=slug, locale=locale, made_from=made_from, file=file))

    def known_files(self, slug: str, locale: str) -> set[str]:
        """Hashes of PO files that may be replaced: every export of ours, and every file that was taken back."""
        kinds = (EventKind.EXPORT, EventKind.RETURNED)
        events = [e for name in self.renames.names(slug) for e in self.events(*kinds, slug=name, locale=locale)]
        return {e.body["file"] for e in events if e.body.get("outcome") != "refused"}

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
        keys = self._at_home(keys)
        facts = self.facts()
        histories = self.histories(keys)
        sources = self._source_hashes({key.slug for key in keys})
        stand = {key: self.projection(history, facts) for key, history in sorted(histories.items())}
        wrong = [
            f"{key.slug}:{key.number:04d} in {key.locale}: the cached state is not what the ledger says"
            for key, current in stand.items()
            if rows.get(key) != _current_row(key, current, sources)
        ]
        signed = {key: entry for key in stand if (entry := _memory_entry(histories[key], stand[key]))}
        remembered = {UnitKey(e.slug, e.number, e.locale): e for e in signed_entries(self.connection)}
        wrong += [
            f"{key.slug}:{key.number:04d} in {key.locale}: the translation memory is not what the ledger says"
            for key in sorted(signed.keys() | remembered.keys())
            if signed.get(key) != remembered.get(key)
        ]
        return wrong + [
            f"{key.slug}:{key.number:04d} in {key.locale}: not in the ledger" for key in rows if key not in keys
        ]

    # -- articles -------------------------------------------------------------------------------------------------

    def article(
        self, slug: str
    ) -> tuple[tuple[str, dict[str, Any], list[int], int] | None, list[tuple[int, str, str, tuple[int, ...]]]]:
        """What is known of an article: (revision, rules, numbers in order, next number), and every segment it ever had.

        A segment is (number, source hash, source, predecessors).
        """
        row = self.connection.execute(sa.select(ARTICLE).where(ARTICLE.c.slug == slug)).first()
        found = self.connection.execute(sa.select(SEGMENT).where(SEGMENT.c.slug == slug).order_by(SEGMENT.c.number))
        # What a renamed article took along is not this one's, though it had its slug once.
        segments = [s for s in found if self.renames.home(slug, s.number) == slug]
        ours = {s.number for s in segments}
        numbers = [number for number in json.loads(row.numbers) if number in ours] if row else []
        known = (row.sha256, json.loads(row.rules), numbers, row.next_number) if row else None
        return known, [(s.number, s.source_hash, s.source, _predecessors(s)) for s in segments]

    def articles(self) -> list[str]:
        """The slug of every article there ever was under its newest name, sorted."""
        slugs = self.connection.execute(sa.select(ARTICLE.c.slug).order_by(ARTICLE.c.slug)).scalars()
        left = self.renames.left()
        return [slug for slug in slugs if slug not in left]

    def keep_revision(self, sha256: str, format_: str, data: bytes) -> None:
        """Keep an article revision's bytes, in the store and beside the chains; before the event that names it."""
        keep_file(self.ledger / "revisions" / f"{sha256}.{format_}", data)
        known = sa.select(REVISION.c.sha256).where(REVISION.c.sha256 == sha256, REVISION.c.format == format_)
        if self.connection.execute(known).first() is None:
            self.connection.execute(REVISION.insert().values(sha256=sha256, format=format_, data=data))

    def revision(self, sha256: str, format_: str) -> bytes:
        """The bytes of a revision. Raises StoreError if nobody kept them, or somebody changed them."""
        query = sa.select(REVISION.c.data).where(REVISION.c.sha256 == sha256, REVISION.c.format == format_)
        data = self.connection.execute(query).scalar_one_or_none()
        if data is None:
            path = self.ledger / "revisions" / f"{sha256}.{format_}"
            if not path.is_file():
                raise StoreError(
                    f"{path}: this revision of an article is missing: bring ledger/revisions back from git"
                )
            data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreError(
                f"revision {sha256[:12]}… of an article was changed after it was kept: bring ledger/revisions back "
                "from git and move .signoff/ away: the next command builds it again"
            )
        return bytes(data)


def _exported(event: Event, entry: Mapping[str, Any]) -> Exported:
    return Exported(
        event=event.hash,
        export_id=event.body["export_id"],
        time=event.time,
        target=entry["target"],
        origin=origin_from(entry["origin"]),
    )


def _whole_articles(keys: Iterable[UnitKey]) -> Iterator[set[UnitKey]]:
    """Units in portions of about `MANY`, those of an article together: they are read, and lead to one another."""
    portion: set[UnitKey] = set()
    for _, of_article in groupby(sorted(keys, key=lambda key: key.slug), key=lambda key: key.slug):
        portion.update(of_article)
        if len(portion) >= MANY:
            yield portion
            portion = set()
    if portion:
        yield portion


def _predecessors(segment: sa.Row[Any]) -> tuple[int, ...]:
    return (segment.predecessor, *json.loads(segment.other_predecessors)) if segment.predecessor else ()


def _memory_entry(history: UnitHistory, current: Current) -> MemoryEntry | None:
    """What the memory holds of a unit: its text while it stands signed off; None otherwise."""
    if current.state is not ReviewState.SIGNED_OFF:
        return None
    signed = [event for event in history.sign_offs() if event.hash in current.signatures]
    last = signed[-1].body
    # An editorial event names today's English for sign-offs that name the former one.
    own = [e.body for e in history.events if e.kind in (EventKind.EDITORIAL, EventKind.SIGN_OFF)]
    pair = [body for body in own if body["target"] == current.target][-1]
    return MemoryEntry(
        source_hash=pair["source_hash"],
        source=pair["source"],
        locale=history.key.locale,
        target=current.target,
        slug=history.key.slug,
        number=history.key.number,
        context_hash=last["context_hash"],
        provenance={
            "policy": last["policy"],
            "signatures": [
                {"by": event.body["by"], "role": event.body["role"], "time": event.time} for event in signed
            ],
        },
    )


def _current_row(key: UnitKey, current: Current, sources: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    return {
        "slug": key.slug,
        "number": key.number,
        "locale": key.locale,
        "source_hash": sources.get((key.slug, key.number), ""),
        "target": current.target,
        "origin": json.dumps(origin_json(current.origin), sort_keys=True),
        "state": current.state.value,
        "text_event": current.text_event,
        "questions": json.dumps([*current.questions, *current.answers])
        if current.questions or current.answers
        else "[]",
        "others": json.dumps([[o.event, o.by, o.target] for o in current.others]) if current.others else "[]",
    }


def _current(row: sa.Row[Any]) -> Current:
    questions = json.loads(row.questions)  # open ones are texts, answered ones pairs
    return Current(
        target=row.target,
        origin=origin_from(json.loads(row.origin)),
        state=ReviewState(row.state),
        text_event=row.text_event,
        questions=tuple(open_ for open_ in questions if isinstance(open_, str)),
        answers=tuple((asked[0], asked[1]) for asked in questions if isinstance(asked, list)),
        others=tuple(Other(event=event, by=by, target=target) for event, by, target in json.loads(row.others)),
    )
