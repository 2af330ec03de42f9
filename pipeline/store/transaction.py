"""One transaction of the store: append events, and index them in the tables.

Takes   a connection inside a transaction
Gives   what the floors below read (events.py, articles.py, exports.py, units.py), and the acts that write
Always  an event and the rows that index it are written together; `current` follows before the commit
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from pipeline.errors import LedgerError, PolicyError
from pipeline.model import text_hash
from pipeline.store.exports import exported_text
from pipeline.store.history import UNIT_KINDS, PolicyBook, Projection, UnitKey
from pipeline.store.imported import imported_entries, memory_path
from pipeline.store.ledger import Event, EventKind, digest, timestamp
from pipeline.store.memory import imported_targets, replace_file_entries
from pipeline.store.schema import CURRENT, EVENT, EXPORTED, OUTBOX, SEGMENT
from pipeline.store.units import UnitTables

Clock = Callable[[], datetime]


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


class Transaction(UnitTables):
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
        super().__init__(connection, ledger, projection=projection, policies=policies)
        self.chain, self.clock = chain, clock
        self._under: dict[str, str] | None = None
        self._last: tuple[int, str, str, int] | None = None
        self._others: str | None = None

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

    def withdraw(self, *, source: str, target: str, locale: str, by: str, reason: str, entered_by: str = "") -> Event:
        """Poison a pair of texts for good: no sign-off on it counts, no memory and no engine offers it again."""
        pair = {"source": source, "source_hash": text_hash(source), "target": target, "target_hash": text_hash(target)}
        typed = {"entered_by": entered_by} if entered_by else {}
        return self.append(EventKind.WITHDRAWAL, {**pair, **typed, "locale": locale, "by": by, "reason": reason})

    def keep_beside(self, path: str, data: bytes) -> None:
        """Put a file beside the chains (`personal/<hash>.json`), if and when this transaction is kept."""
        self.connection.execute(OUTBOX.delete().where(OUTBOX.c.path == path))
        self.connection.execute(OUTBOX.insert().values(path=path, data=data))

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
            times = [row.time for row in self._ends() if row.chain != self.chain]
            self._others = max((time for time in times if time <= tomorrow), default="")
        after = timestamp(datetime.fromisoformat(self._others) + timedelta(seconds=1)) if self._others else ""
        return max(ours, after, (self._last or self.head(self.chain))[2])

    def ahead(self) -> str:
        """The time of the newest event, if it is more than an hour ahead of this machine's clock; else empty.

        One of the two clocks is wrong then. A smaller difference between two machines is nothing to speak of.
        """
        newest = max((row.time for row in self._ends()), default="")
        return newest if newest > timestamp(self.clock() + timedelta(hours=1)) else ""

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

    # -- the tables follow --------------------------------------------------------------------------------------------

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

    def _index_revision(self, event: Event) -> None:
        self._insert_segments(event)
        if event.chain != self.chain:
            self._settle_numbers(event)
        self._index_rename(event)
        self._keep_newest_revision(event.body["slug"])

    def _index_rename(self, event: Event) -> None:
        """A rename, or news from elsewhere about a slug that took part in one, may move units to another article."""
        renamed = self._insert_rename(event)
        slugs = self._renamed_slugs()
        if renamed or (event.chain != self.chain and event.body["slug"] in slugs):
            there = CURRENT.c.slug.in_(slugs)
            # Also where nothing was ever said of a unit: it has only come through that name, and the memory knows it.
            rows = self.connection.execute(sa.select(CURRENT.c.slug, CURRENT.c.number, CURRENT.c.locale).where(there))
            self._touched |= {UnitKey(row.slug, row.number, row.locale) for row in rows}
            self.connection.execute(CURRENT.delete().where(there))
            self._touched |= self._units(EVENT.c.slug.in_(slugs)) | self._exported_units(slugs)

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
        units = self._units(EVENT.c.slug == slug) | self._exported_units({slug})
        self._touched |= {key for key in units if key.number in given}

    def _index_export(self, event: Event) -> None:
        body = event.body
        keys = self._insert_exported(event)
        self._touched.update(keys)
        if event.chain == self.chain and self.event_count(body["slug"], body["locale"]) == 1:
            known = self._source_hashes({body["slug"]})
            self._begun = {
                key: exported_text(event, entry)
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
