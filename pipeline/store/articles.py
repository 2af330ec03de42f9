"""The articles and segments of the store, and the bytes of every revision.

Takes   revision events that are in the `event` table already
Gives   what is known of an article: its segments with their numbers, its newest revision, the slugs that it had
Always  a number is given once; what a renamed article took along is the new one's and no other's
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.durable import keep_file
from pipeline.errors import StoreError
from pipeline.store.events import EventTable
from pipeline.store.ledger import Event, EventKind, in_order, stored_event
from pipeline.store.renames import FIELD as RENAMED_FROM
from pipeline.store.renames import NONE as NO_RENAMES
from pipeline.store.renames import Renames
from pipeline.store.schema import ARTICLE, EVENT, RENAMED, REVISION, SEGMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An article as its newest revision event holds it."""

    sha256: str
    format: str
    rules: Mapping[str, Any]
    """As `rules_json` writes them."""
    numbers: tuple[int, ...]
    """Of its segments, in reading order."""


class ArticleTables(EventTable):
    """The tables `article`, `segment`, `renamed` and `revision`, and the folder `ledger/revisions`."""

    def __init__(self, connection: sa.Connection, ledger: Path) -> None:
        super().__init__(connection)
        self.ledger = ledger
        self._renames: Renames | None = None

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

    @property
    def renames(self) -> Renames:
        """Which units live under another slug than the one they were spoken of."""
        if self._renames is None:
            revisions = [e for slug in self._renamed_slugs() for e in self.events(EventKind.REVISION, slug=slug)]
            self._renames = Renames(in_order(revisions)) if revisions else NO_RENAMES
        return self._renames

    def _renamed_slugs(self) -> set[str]:
        rows = self.connection.execute(sa.select(RENAMED.c.slug, RENAMED.c.old_slug))
        return {slug for row in rows for slug in row}

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

    def _source_hashes(self, slugs: Iterable[str]) -> dict[tuple[str, int], str]:
        found: dict[tuple[str, int], str] = {}
        for slug in slugs:
            query = sa.select(SEGMENT.c.number, SEGMENT.c.source_hash).where(SEGMENT.c.slug == slug)
            found |= {(slug, row.number): row.source_hash for row in self.connection.execute(query)}
        return found

    # -- what a revision event puts in --------------------------------------------------------------------------------

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

    def _insert_rename(self, event: Event) -> bool:
        """Note which article a revision says that it was before; returns whether it says so."""
        origin = event.body.get(RENAMED_FROM)
        if origin:
            values = {"event": event.hash, "slug": event.body["slug"], "old_slug": origin["slug"]}
            self.connection.execute(RENAMED.insert().values(**values))
        self._renames = None
        return bool(origin)

    def _keep_newest_revision(self, slug: str) -> None:
        """What is known of an article is what its newest revision says: in the order of the union, not of arrival."""
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


def _predecessors(segment: sa.Row[Any]) -> tuple[int, ...]:
    return (segment.predecessor, *json.loads(segment.other_predecessors)) if segment.predecessor else ()
