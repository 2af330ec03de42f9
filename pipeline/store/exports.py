"""What went out: the texts of every export, and the PO files as they were last written.

Takes   export events that are in the `event` table already; what a PO file was made from
Gives   exports of an article and locale, the files that may be replaced, whether there is anything new since
Always  a file that is none of ours and was never taken back is not among the known ones
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from pipeline.model import Origin, OriginKind
from pipeline.store.articles import ArticleTables
from pipeline.store.history import Exported, UnitKey
from pipeline.store.ledger import Event, EventKind
from pipeline.store.schema import EVENT, EXPORTED, WRITTEN


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


class ExportTables(ArticleTables):
    """The tables `exported` and `written`."""

    def last_export(self, slug: str, locale: str) -> tuple[str, str]:
        """The export id and file hash of the newest export of an article in a locale; empty texts for none."""
        exports = self.whole_exports(slug, locale)
        return (exports[-1].body["export_id"], exports[-1].body["file"]) if exports else ("", "")

    def whole_exports(self, slug: str, locale: str) -> list[Event]:
        """The exports of an article in a locale as `run` wrote them; those of packs hold parts."""
        exports = self.events(EventKind.EXPORT, slug=slug, locale=locale)
        return [event for event in exports if "pack" not in event.body]

    def known_files(self, slug: str, locale: str) -> set[str]:
        """Hashes of PO files that may be replaced: every export of ours, and every file that was taken back."""
        kinds = (EventKind.EXPORT, EventKind.RETURNED)
        events = [e for name in self.renames.names(slug) for e in self.events(*kinds, slug=name, locale=locale)]
        return {e.body["file"] for e in events if e.body.get("outcome") != "refused"}

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

    def written(self, slug: str, locale: str) -> tuple[str, str]:
        """What the PO file was last made from, and its hash; empty texts if that is not known."""
        query = sa.select(WRITTEN.c.made_from, WRITTEN.c.file).where(WRITTEN.c.slug == slug, WRITTEN.c.locale == locale)
        row = self.connection.execute(query).first()
        return (row.made_from, row.file) if row else ("", "")

    def all_written(self) -> dict[tuple[str, str], tuple[str, str]]:
        """`written` of every article and locale."""
        return {
            (row.slug, row.locale): (row.made_from, row.file) for row in self.connection.execute(sa.select(WRITTEN))
        }

    def keep_written(self, slug: str, locale: str, made_from: str, file: str) -> None:
        """Remember what a PO file was made from."""
        self.connection.execute(WRITTEN.delete().where(WRITTEN.c.slug == slug, WRITTEN.c.locale == locale))
        self.connection.execute(WRITTEN.insert().values(slug=slug, locale=locale, made_from=made_from, file=file))

    def _exported_units(self, slugs: Iterable[str]) -> set[UnitKey]:
        """The units of some articles that ever went out."""
        query = sa.select(EXPORTED.c.slug, EXPORTED.c.number, EXPORTED.c.locale).distinct()
        rows = self.connection.execute(query.where(EXPORTED.c.slug.in_(slugs)))
        return {UnitKey(row.slug, row.number, row.locale) for row in rows}

    def _insert_exported(self, event: Event) -> list[UnitKey]:
        """Put the texts of an export in; returns whose they are, in its order."""
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
        return [UnitKey(row["slug"], row["number"], row["locale"]) for row in rows]


def exported_text(event: Event, entry: Mapping[str, Any]) -> Exported:
    """What an export event says of one unit."""
    return Exported(
        event=event.hash,
        export_id=event.body["export_id"],
        time=event.time,
        target=entry["target"],
        origin=origin_from(entry["origin"]),
    )
