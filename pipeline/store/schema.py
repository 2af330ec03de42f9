"""The tables of the store and the steps that bring an older store up to today.

Everything but the caches `cached_draft`, `back_translation` and `written` can be rebuilt from `ledger/`: the events are
the truth, the other tables are indexes of them. A migration is a function in MIGRATIONS; its number is its place there,
and it is never changed once released.
"""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

META = Table("meta", METADATA, Column("key", String, primary_key=True), Column("value", Text, nullable=False))

EVENT = Table(
    "event",
    METADATA,
    Column("hash", String(64), primary_key=True),
    Column("chain", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("time", String, nullable=False),
    Column("kind", String, nullable=False),
    # The bytes of the chain's file up to and with this event's line feed: tells at once whether a file is up to date.
    Column("end", Integer, nullable=False),
    # The unit or article it is about; empty where it is about neither.
    Column("slug", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("locale", String, nullable=False),
    # Last, since SQLite must read through a long value to reach what stands behind it.
    Column("line", LargeBinary, nullable=False),
    UniqueConstraint("chain", "seq"),
    Index("event_end", "chain", "end"),
    Index("event_unit", "slug", "locale", "number"),
    Index("event_kind", "kind", "time"),
)

REVISION = Table(
    "revision",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("format", String, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

ARTICLE = Table(
    "article",
    METADATA,
    Column("slug", String, primary_key=True),
    # Of all files in source_content/ at one time only one may have it; a renamed article leaves its old row behind.
    Column("in_id", String, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("format", String, nullable=False),
    # JSON: the extraction rules that the newest revision was cut with.
    Column("rules", Text, nullable=False),
    # JSON: the numbers of the segments in reading order, as of the newest revision event.
    Column("numbers", Text, nullable=False),
    Column("next_number", Integer, nullable=False),
)

SEGMENT = Table(
    "segment",
    METADATA,
    Column("slug", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("source_hash", String(64), nullable=False),
    Column("source", Text, nullable=False),
    # The number of the segment whose edited form this is; 0 for none.
    Column("predecessor", Integer, nullable=False),
    # JSON: the numbers of the other segments that were merged into it.
    Column("other_predecessors", Text, nullable=False, server_default="[]"),
    Index("segment_source", "source_hash"),
)

RENAMED = Table(
    "renamed",
    METADATA,
    # Revision events that name the slug their article had before: few, and asked for at every step.
    Column("event", String(64), primary_key=True),
    Column("slug", String, nullable=False),
    Column("old_slug", String, nullable=False),
)

EXPORTED = Table(
    "exported",
    METADATA,
    Column("event", String(64), primary_key=True),
    Column("slug", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("locale", String, primary_key=True),
    Column("source_hash", String(64), nullable=False),
    Column("export_id", String, nullable=False),
    Column("target", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Index("exported_unit", "slug", "locale", "number"),
    Index("exported_id", "export_id"),
)

CURRENT = Table(
    "current",
    METADATA,
    Column("slug", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("locale", String, primary_key=True),
    Column("source_hash", String(64), nullable=False),
    Column("target", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("text_event", String(64), nullable=False),
    # JSON: open questions, each "who: what"; answered ones, each [question, answer].
    Column("questions", Text, nullable=False),
    # JSON: other people's texts that wait for a choice.
    Column("others", Text, nullable=False),
    Index("current_leverage", "source_hash", "locale", "state"),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    # Files beside the chains that a committed event names and that are not in `ledger/` yet: below it, and their bytes.
    Column("path", String, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

WRITTEN = Table(
    "written",
    METADATA,
    Column("slug", String, primary_key=True),
    Column("locale", String, primary_key=True),
    # What the PO file was made from; while it is the same, the file need not be made again to know its bytes.
    Column("made_from", String(64), nullable=False),
    Column("file", String(64), nullable=False),
)

CACHED_DRAFT = Table(
    "cached_draft",
    METADATA,
    Column("engine", String, primary_key=True),
    Column("version", String, primary_key=True),
    Column("source_locale", String, primary_key=True),
    Column("target_locale", String, primary_key=True),
    Column("source_hash", String(64), primary_key=True),
    # The article it was drafted in: a contextual engine is fed that article again as it was, and no other.
    Column("slug", String, nullable=False),
    Column("target", Text, nullable=False),
    Column("doubts", Text, nullable=False),
)

BACK_TRANSLATION = Table(
    "back_translation",
    METADATA,
    # An article's drafts, translated back for the reviewer: as much a cache as the drafts themselves.
    Column("target_locale", String, primary_key=True),
    Column("slug", String, primary_key=True),
    Column("target_hash", String(64), primary_key=True),
    Column("engine", String, nullable=False),
    Column("version", String, nullable=False),
    Column("text", Text, nullable=False),
)

_WIDE = BigInteger().with_variant(Integer, "sqlite")
"""64 bits; in SQLite only a column of type INTEGER can be the row's own number."""

MEMORY_SOURCE = Table(
    "memory_source",
    METADATA,
    # Out of the source hash, so that a memory that was built again is the same.
    Column("id", _WIDE, primary_key=True, autoincrement=False),
    Column("source_hash", String(64), nullable=False, unique=True),
    Column("source", Text, nullable=False),
)

MEMORY_TARGET = Table(
    "memory_target",
    METADATA,
    # Where it comes from: a unit of ours (file is empty), or the number-th unit of an imported TMX file (its SHA-256).
    Column("file", String(64), primary_key=True),
    Column("slug", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("locale", String, primary_key=True),
    Column("source_id", _WIDE, nullable=False),
    Column("target", Text, nullable=False),
    # Where it was signed: empty for an imported one.
    Column("context_hash", String, nullable=False),
    # JSON: who signed, in which role, when, under which policy; of an imported one, what its file says.
    Column("provenance", Text, nullable=False),
    Index("memory_target_source", "source_id", "locale"),
)

MEMORY_WORD = Table(
    "memory_word",
    METADATA,
    # The rarest words of a source (pipeline/similarity.py), with the source's length: what it is found by.
    Column("word", _WIDE, primary_key=True, autoincrement=False),
    Column("length", Integer, primary_key=True, autoincrement=False),
    Column("source_id", _WIDE, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

MEMORY_ORDER = Table(
    "memory_order",
    METADATA,
    # In how many sources a word was when the order was frozen. A word that is not here came later, and is rare.
    Column("word", _WIDE, primary_key=True, autoincrement=False),
    Column("frequency", Integer, nullable=False),
)


def _create_all(connection: Connection) -> None:
    METADATA.create_all(connection)


def _remember_merged_sentences(connection: Connection) -> None:
    if not any(column["name"] == "other_predecessors" for column in sa.inspect(connection).get_columns("segment")):
        connection.execute(sa.text("ALTER TABLE segment ADD COLUMN other_predecessors TEXT NOT NULL DEFAULT '[]'"))


def _remember_renames(connection: Connection) -> None:
    RENAMED.create(connection, checkfirst=True)


STALE_MEMORY = "memory is to be built again"


def _add_memory(connection: Connection) -> None:
    """The translation memory's tables; what is signed already is put into them when the store is opened."""
    METADATA.create_all(connection)
    if connection.execute(sa.select(CURRENT.c.slug).limit(1)).first():
        connection.execute(META.insert().values(key=STALE_MEMORY, value="1"))


def _add_back_translations(connection: Connection) -> None:
    BACK_TRANSLATION.create(connection, checkfirst=True)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    _create_all,
    _remember_merged_sentences,
    _remember_renames,
    _add_memory,
    _add_back_translations,
)
