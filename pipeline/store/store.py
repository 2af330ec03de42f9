"""The store: what happened, durable before it is reported, and indexes of it that can be rebuilt.

Takes   events to append, drafts to keep
Gives   events, revisions, current texts
Always  one transaction per act; an event is on the disk in the store before it is in its file in `ledger/`, and it is
        in both before anybody is told; whatever a crash leaves, opening the store again completes it
"""

import hashlib
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

import sqlalchemy as sa

from pipeline.durable import keep_file, locked, make_folder, naming, replace_file, sync_file, sync_folder
from pipeline.errors import LedgerError, StoreError
from pipeline.store.history import PolicyBook, Projection, current_machine_only
from pipeline.store.ledger import Event, EventKind, check_links, read_lines
from pipeline.store.schema import (
    EVENT,
    META,
    MIGRATIONS,
    OUTBOX,
    STALE_MEMORY,
)
from pipeline.store.transaction import Clock, Transaction


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def sqlite_module() -> tuple[ModuleType, bool]:
    """The SQLite to use, and whether its write-ahead log is safe.

    WAL lost commits under concurrent checkpoints before 3.51.3, 3.50.7 and 3.44.6 (the WAL-reset fix): where the
    bundled wheel does not offer a fixed one, the rollback journal with EXTRA syncs is used, slower and as safe.
    """
    module: ModuleType = sqlite3
    try:
        from pysqlite3 import dbapi2

        module = dbapi2
    except ImportError:
        pass
    version = tuple(int(part) for part in module.sqlite_version.split("."))
    fixed = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return module, fixed


class Store:
    """The SQLite file in `.signoff/` and the chains in `ledger/`, kept in step. Open it with `with`."""

    def __init__(
        self,
        private: Path,
        ledger: Path,
        *,
        projection: Projection = current_machine_only,
        clock: Clock = wall_clock,
        policies: PolicyBook | None = None,
    ) -> None:
        self.private, self.ledger, self.projection, self.clock = private, ledger, projection, clock
        self.policies = policies
        self.path = private / "store.sqlite"
        make_folder(private)
        self._module, self._wal = sqlite_module()
        self._engine = sa.create_engine(f"sqlite:///{self.path}", module=self._module, isolation_level="AUTOCOMMIT")
        sa.event.listen(self._engine, "connect", self._configure)
        with _clear_errors(self.path):
            # One at a time: SQLite tells the second of two that turn on the write-ahead log that the file is locked, at
            # once, whatever the busy timeout.
            with locked(private / "open.lock", busy="", wait=True):
                self._migrate()
            self.chain = self._own_chain()
            self._fill_memory()
            self._follow_policies()
            self._follow_ledger()

    def _configure(self, connection: Any, record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 60000")
        cursor.execute("PRAGMA cache_size = -65536")  # 64 MB, taken as needed: a large memory is looked up all over
        if self._wal:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
        else:
            cursor.execute("PRAGMA journal_mode = DELETE")
            cursor.execute("PRAGMA synchronous = EXTRA")
        cursor.close()

    def _migrate(self) -> None:
        new = not self.path.exists()
        with self._begin("IMMEDIATE") as connection:
            version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            if version > len(MIGRATIONS):
                raise StoreError(
                    f"{self.path}: written by a newer Signoff (store version {version}, this one knows "
                    f"{len(MIGRATIONS)}): install the newer one"
                )
            for migration in MIGRATIONS[version:]:
                migration(connection)
            if version < len(MIGRATIONS):
                connection.exec_driver_sql(f"PRAGMA user_version = {len(MIGRATIONS)}")
        if new:
            sync_folder(self.private)

    def _own_chain(self) -> str:
        with self._begin("IMMEDIATE") as connection:
            found = connection.execute(sa.select(META.c.value).where(META.c.key == "chain")).scalar_one_or_none()
            if found is None:
                found = secrets.token_hex(6)
                connection.execute(META.insert().values(key="chain", value=found))
            return found

    def _fill_memory(self) -> None:
        """Put into the memory what an older store has signed already."""
        stale = META.c.key == STALE_MEMORY
        with self._begin("DEFERRED") as connection:
            if connection.execute(sa.select(META.c.value).where(stale)).first() is None:
                return
        with self._begin("IMMEDIATE") as connection:
            transaction = self._transaction(connection)
            transaction.touch_signed()
            transaction.project()
            connection.execute(META.delete().where(stale))

    def _follow_policies(self) -> None:
        """Judge again what people did, if the policies that it was judged by are not those of today."""
        if self.policies is None:
            return
        known, version = META.c.key == "policies", self.policies.version
        with self._begin("DEFERRED") as connection:
            if connection.execute(sa.select(META.c.value).where(known)).scalar_one_or_none() == version:
                return
        with self._begin("IMMEDIATE") as connection:
            transaction = self._transaction(connection)
            transaction.touch_judged()
            transaction.project()
            connection.execute(META.delete().where(known))
            connection.execute(META.insert().values(key="policies", value=version))

    @contextmanager
    def _begin(self, kind: str) -> Iterator[sa.Connection]:
        """A transaction by hand: the driver's own would start deferred and fail under a second writer."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql(f"BEGIN {kind}")
            try:
                yield connection
            except BaseException:
                with suppress(
                    sa.exc.SQLAlchemyError
                ):  # rolled back already (full disk, Ctrl-C): the cause is to be told
                    connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    def _transaction(self, connection: sa.Connection) -> Transaction:
        return Transaction(
            connection,
            chain=self.chain,
            clock=self.clock,
            projection=self.projection,
            ledger=self.ledger,
            policies=self.policies,
        )

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent look at the store."""
        with _clear_errors(self.path), self._begin("DEFERRED") as connection:
            yield self._transaction(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One act: all of it is durable when the block ends, in the store and in `ledger/`; or none of it."""
        with _clear_errors(self.path):
            with self._begin("IMMEDIATE") as connection:
                transaction = self._transaction(connection)
                # Another process may have committed a moment ago, or been killed since: what this act reads in
                # `ledger/` must be what the store says, or it takes a person's fields for erased.
                self._write_waiting(connection)
                yield transaction
                transaction.project()
            self._write_own_chain()

    # -- the ledger folder ----------------------------------------------------------------------------------------

    def _chain_path(self, chain: str) -> Path:
        return self.ledger / f"{chain}.jsonl"

    def _chain_end(self, chain: str) -> int:
        with self._begin("DEFERRED") as connection:
            return self._transaction(connection).head(chain)[3]

    def _write_own_chain(self) -> None:
        """Bring this store's own file up to date with the store, whole and on the disk when this returns.

        A power cut can tear an append anywhere: its end is missing, or zeros stand in its middle while its last line
        is in place, so the length alone tells nothing. What an earlier call saw safe on the disk is noted in the lock
        file; from there on the file is compared with the store, which had the events first. Raises LedgerError, and
        writes nothing, if the file holds other events than the store.
        """
        path = self._chain_path(self.chain)
        with locked(self.private / "ledger.lock", busy="", wait=True) as note:
            self._empty_outbox()
            size = path.stat().st_size if path.exists() else 0
            safe = self._noted_safe(note)
            with self._begin("DEFERRED") as connection:
                transaction = self._transaction(connection)
                known = transaction.head(self.chain)[3]
                if safe == size == known:
                    return
                safe = 0 if safe > min(size, known) else safe
                lines = b"".join(line + b"\n" for line in transaction.lines(self.chain, after_end=safe))
            if self._append(path, safe, lines):
                note.truncate(0)
                note.write(f"{self.chain} {known}\n".encode())

    def _empty_outbox(self) -> None:
        """Write the files that committed events name, before the events themselves: no line names a missing file."""
        with self._begin("DEFERRED") as connection:
            waiting = self._write_waiting(connection)
        if waiting:
            with self._begin("IMMEDIATE") as connection:
                connection.execute(OUTBOX.delete().where(OUTBOX.c.path.in_(waiting)))

    def _write_waiting(self, connection: sa.Connection) -> list[str]:
        """Write the files that committed events name and that wait in the outbox; returns their names."""
        waiting = {row.path: bytes(row.data) for row in connection.execute(sa.select(OUTBOX))}
        for name, data in waiting.items():
            keep_file(self.ledger / name, data)
        return list(waiting)

    def _noted_safe(self, note: BinaryIO) -> int:
        """Up to which byte this store's file was seen safe on the disk; 0 if there is no sound note."""
        note.seek(0)
        found = re.fullmatch(rb"(\w+) (\d+)\n", note.read())  # a note that was torn has no line feed at its end
        return int(found[2]) if found and found[1].decode() == self.chain else 0

    def _append(self, path: Path, safe: int, lines: bytes) -> bool:
        """Make a ledger file's bytes from `safe` on `lines`, durable. False, nothing done, if it has more than that."""
        make_folder(path.parent)
        with naming(path), os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
            file.seek(safe)
            there = file.read()
            if len(there) > len(lines):
                return False  # the file is ahead: `_follow_ledger` reads it
            if not lines.startswith(there):
                whole = next(i for i, (one, other) in enumerate(zip(there, lines, strict=False)) if one != other)
                if b"\0" not in there[whole:]:  # what a disk lost reads as zeros, and no event holds one
                    raise LedgerError(
                        f"{path}: from byte {safe + whole} on it is not what this store wrote: one of the two was "
                        "changed; bring the file back from git, or move .signoff/ away to go by the file"
                    )
                there = there[:whole]
            file.seek(safe + len(there))
            file.write(lines[len(there) :])
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
        return True

    def _follow_ledger(self) -> None:
        """Read what the files in `ledger/` have and the store does not: a fresh clone, a pull, a restored backup."""
        self._write_own_chain()
        for path in sorted(self.ledger.glob("*.jsonl")):
            if path.stat().st_size > self._chain_end(path.stem):
                sync_file(path)  # git does not: the store must not know events whose file can still be lost
                self.import_chain(path.read_bytes(), path.name)

    def import_chain(self, data: bytes, where: str) -> int:
        """Take in the events of a ledger file that the store does not have; returns how many.

        Raises LedgerError, and takes nothing, if a line is broken, a link is missing, or the store knows another
        event in the same place.
        """
        events = check_links(read_lines(data, where), where)
        taken = 0
        with self._begin("IMMEDIATE") as connection:
            transaction = self._transaction(connection)
            known: dict[str, dict[int, str]] = {}
            ends: dict[str, int] = {}
            for event in events:
                if event.chain not in known:
                    rows = connection.execute(sa.select(EVENT.c.seq, EVENT.c.hash).where(EVENT.c.chain == event.chain))
                    known[event.chain] = {row.seq: row.hash for row in rows}
                    ends[event.chain] = transaction.head(event.chain)[3]
                mine = known[event.chain].get(event.seq)
                if mine is None:
                    ends[event.chain] = transaction.index(event, ends[event.chain])
                    taken += 1
                elif mine != event.hash:
                    raise LedgerError(
                        f"{where}: event {event.seq} of chain {event.chain} is not the one that this store has: "
                        "one of the two ledgers was rewritten"
                    )
            self._keep_named_revisions(transaction, events)
            transaction.project()
            # Before the commit: what a crash leaves in the file alone, the next opening reads; not so the other way.
            for chain in sorted(ends.keys() - {self.chain}):
                self._write_foreign_chain(transaction, chain)
        self._write_own_chain()
        return taken

    def _keep_named_revisions(self, transaction: Transaction, events: Sequence[Event]) -> None:
        for event in events:
            if event.kind is EventKind.REVISION:
                path = self.ledger / "revisions" / f"{event.body['sha256']}.{event.body['format']}"
                if path.is_file():
                    data = path.read_bytes()
                    if hashlib.sha256(data).hexdigest() != event.body["sha256"]:
                        raise LedgerError(f"{path}: is not the revision that its name says: bring it back from git")
                    transaction.keep_revision(event.body["sha256"], event.body["format"], data)

    def _write_foreign_chain(self, transaction: Transaction, chain: str) -> None:
        path = self._chain_path(chain)
        if not path.exists() or path.stat().st_size < transaction.head(chain)[3]:
            replace_file(path, b"".join(line + b"\n" for line in transaction.lines(chain)))

    # -- copies ---------------------------------------------------------------------------------------------------

    def copy_to(self, path: Path) -> None:
        """A consistent copy of the store's file, while others may write."""
        with _clear_errors(self.path), self._engine.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(path),))

    def start_new_chain(self) -> None:
        """From now on append to a chain of its own: after a restore the old one may still grow elsewhere."""
        with self._begin("IMMEDIATE") as connection:
            connection.execute(META.delete().where(META.c.key == "chain"))
        self.chain = self._own_chain()

    def quick_check(self) -> list[str]:
        """What SQLite finds wrong with the file; empty when it is sound."""
        with _clear_errors(self.path), self._begin("DEFERRED") as connection:
            rows = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
        return [str(row) for row in rows if row != "ok"]

    def overwrite_freed(self) -> None:
        """Leave no byte of what was deleted in the store's files: SQLite keeps it until its place is needed."""
        with _clear_errors(self.path), self._engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    """Turn the driver's errors into one sentence about what to do."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        cause = str(error.orig)
        if "locked" in cause or "busy" in cause:
            raise StoreError(f"{path}: another process has held the store for a minute; try again") from error
        if "full" in cause:
            raise StoreError(
                f"{path}: the disk is full; what was finished is kept, free some space and run again"
            ) from error
        if "disk I/O" in cause:  # also where a file cannot grow by a page; nothing that is in it is damaged by that
            raise StoreError(
                f"{path}: the disk is full, or cannot be read or written ({cause}); what was finished is kept, free "
                "some space or look at the disk, and run again"
            ) from error
        if "readonly" in cause or "unable to open" in cause:
            raise StoreError(f"{path}: cannot be written ({cause}): check the folder's permissions") from error
        if isinstance(error, sa.exc.IntegrityError):
            raise
        raise StoreError(
            f"{path}: the store is damaged ({cause}): move it away, the next command rebuilds it from ledger/; "
            "or bring a copy back with `signoff restore`"
        ) from error
