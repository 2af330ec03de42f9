"""The store: rebuilt from the ledger it is the same, migrations are all or nothing, its SQLite is set to be safe."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from conftest import MakeDesk
from workspaces import Desk, StandIn, files_below, rewrite

from pipeline.errors import StoreError
from pipeline.store import Store, schema, sqlite_module
from pipeline.store import store as store_module

ARTICLE = b"# Pain\n\nTake 5 mg every evening. Rest is good.\n"
MIGRATIONS = schema.MIGRATIONS


def tables(path: Path) -> dict[str, object]:
    """Every row of every table of a store, but for what is its own: its chain and its caches."""
    with sqlite3.connect(path) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall())  # noqa: S608
            for name in names
            if name not in ("meta", "cached_draft", "back_translation", "written")
        }


def test_a_store_rebuilt_from_the_ledger_is_the_same(make_desk: MakeDesk) -> None:
    """Everything but the caches comes back from `ledger/`, row for row."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    desk.review("pain", "demo-linguist", rewrite)
    desk.run()
    desk.sign_all("pain")
    before = tables(desk.root / ".signoff" / "store.sqlite")
    shutil.rmtree(desk.root / ".signoff")
    assert desk.check().wrong == ()
    assert tables(desk.root / ".signoff" / "store.sqlite") == before


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE current SET state = 'signed-off' WHERE number = 2",
        "UPDATE current SET target = 'Toma 50 mg.' WHERE number = 2",
        "DELETE FROM current WHERE number = 2",
    ],
)
def test_a_cached_state_that_was_changed_is_named(make_desk: MakeDesk, damage: str) -> None:
    """`current` is a cache: what the ledger does not say is named, with its unit."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    with sqlite3.connect(desk.root / ".signoff" / "store.sqlite") as connection:
        connection.execute(damage)
    assert desk.check().wrong == ("pain:0002 in es: the cached state is not what the ledger says",)


def test_a_state_of_a_unit_that_nobody_knows_is_named(make_desk: MakeDesk) -> None:
    """A row without events is not of this ledger."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    with sqlite3.connect(desk.root / ".signoff" / "store.sqlite") as connection:
        connection.execute("UPDATE current SET number = 99 WHERE number = 2")
    assert "pain:0099 in es: not in the ledger" in desk.check().wrong


def test_a_forged_state_publishes_nothing(make_desk: MakeDesk) -> None:
    """The gate asks the events, not the cache."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    with sqlite3.connect(desk.root / ".signoff" / "store.sqlite") as connection:
        connection.execute("UPDATE current SET state = 'signed-off'")
    assert [page.state for page in desk.publish().pages] == ["held"]


# -- a fresh clone ----------------------------------------------------------------------------------------------------


def test_a_fresh_clone_publishes_the_same_bytes(make_desk: MakeDesk, tmp_path: Path, stand_in: StandIn) -> None:
    """Without `.signoff/` and `site/` a workspace is whole: run writes nothing, publish gives the same site."""
    desk = make_desk({"pain.md": ARTICLE, "sleep.txt": b"Sleep\n\nSleep is good for you.\n"})
    desk.run()
    desk.review("pain", "demo-linguist", rewrite)
    desk.run()
    desk.sign_all("pain")
    desk.run()
    desk.publish()
    shutil.copytree(desk.root, tmp_path / "clone", ignore=shutil.ignore_patterns(".signoff", "site", "desk"))
    clone = Desk(tmp_path / "clone", desk.clock)
    asked = len(stand_in.asked)
    before = files_below(clone.root)

    report = clone.run()

    assert (report.written, report.edited, report.engine_calls, len(stand_in.asked)) == ([], [], 0, asked)
    assert files_below(clone.root, without=[".signoff"]) == before
    clone.publish()
    assert files_below(clone.root / "site") == files_below(desk.root / "site")
    assert clone.prove().unproven == ()


# -- migrations -------------------------------------------------------------------------------------------------------


def add_a_column(connection: sa.Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE meta ADD COLUMN note TEXT NOT NULL DEFAULT ''")


def break_halfway(connection: sa.Connection) -> None:
    add_a_column(connection)
    raise KeyboardInterrupt


def open_store(folder: Path) -> Store:
    return Store(folder / ".signoff", folder / "ledger")


def shape(path: Path) -> tuple[object, object]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        return connection.execute("PRAGMA user_version").fetchone(), rows


def test_a_migrated_store_has_the_shape_of_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of yesterday's version, opened today, is as one made today."""
    open_store(tmp_path / "old").close()
    monkeypatch.setattr(store_module, "MIGRATIONS", (*MIGRATIONS, add_a_column))
    open_store(tmp_path / "old").close()
    open_store(tmp_path / "new").close()
    old, new = (shape(tmp_path / name / ".signoff" / "store.sqlite") for name in ("old", "new"))
    assert old == new
    assert old[0] == (len(MIGRATIONS) + 1,)


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older Signoff does not guess what a newer one wrote."""
    with monkeypatch.context() as newer:
        newer.setattr(store_module, "MIGRATIONS", (*MIGRATIONS, add_a_column))
        open_store(tmp_path).close()
    with pytest.raises(StoreError, match="written by a newer Signoff"):
        open_store(tmp_path)


def test_a_crash_inside_a_migration_leaves_the_old_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of a migration, or nothing of it."""
    open_store(tmp_path).close()
    path = tmp_path / ".signoff" / "store.sqlite"
    before = shape(path)
    with monkeypatch.context() as broken:
        broken.setattr(store_module, "MIGRATIONS", (*MIGRATIONS, break_halfway))
        with pytest.raises(KeyboardInterrupt):
            open_store(tmp_path)
    assert shape(path) == before
    open_store(tmp_path).close()


def test_two_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    """One makes it, the other waits; both append to the one chain."""
    code = (
        "import sys; from pathlib import Path\n"
        "from pipeline.store import Store\n"
        "from pipeline.store.ledger import EventKind\n"
        "root = Path(sys.argv[1]); store = Store(root / '.signoff', root / 'ledger');\n"
        "for n in range(5):\n"
        "    with store.write() as t: t.append(EventKind.ROSTER, {'people': []})\n"
    )
    root = Path(__file__).resolve().parent.parent.parent
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=root, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [(b"", 0)] * 3
    with open_store(tmp_path) as store, store.read() as transaction:
        assert [event.seq for event in transaction.events()] == list(range(1, 16))
    assert len(list((tmp_path / "ledger").glob("*.jsonl"))) == 1


# -- SQLite -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wal", "journal", "synchronous"), [(True, "wal", 2), (False, "delete", 3)])
def test_sqlite_is_set_to_survive_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wal: bool, journal: str, synchronous: int
) -> None:
    """A write-ahead log with FULL syncs where it is safe, else a rollback journal with EXTRA ones; nothing weaker."""
    monkeypatch.setattr(store_module, "sqlite_module", lambda: (sqlite_module()[0], wal))
    with open_store(tmp_path) as store, store.read() as transaction:
        pragma = transaction.connection.exec_driver_sql
        assert pragma("PRAGMA journal_mode").scalar_one() == journal
        assert pragma("PRAGMA synchronous").scalar_one() == synchronous


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ("3.37.2", False),
        ("3.44.5", False),
        ("3.44.6", True),
        ("3.45.0", False),
        ("3.50.6", False),
        ("3.50.7", True),
        ("3.51.2", False),
        ("3.51.3", True),
        ("3.52.0", True),
    ],
)
def test_the_write_ahead_log_is_used_only_where_it_was_mended(
    monkeypatch: pytest.MonkeyPatch, version: str, safe: bool
) -> None:
    """The versions that lost commits are known by number."""
    monkeypatch.setitem(sys.modules, "pysqlite3", SimpleNamespace(dbapi2=SimpleNamespace(sqlite_version=version)))
    module, safe_here = sqlite_module()
    assert (module.sqlite_version, safe_here) == (version, safe)


def test_without_the_bundled_sqlite_pythons_own_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel is a help, not a condition."""
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    assert sqlite_module()[0] is sqlite3


def test_a_damaged_store_says_what_to_do(make_desk: MakeDesk) -> None:
    """Not a traceback: move it away, it is rebuilt."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    path = desk.root / ".signoff" / "store.sqlite"
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])
    with pytest.raises(StoreError, match=r"the store is damaged .*: move it away"):
        desk.check()


# -- time -------------------------------------------------------------------------------------------------------------


def test_a_clock_that_goes_back_does_not_turn_the_chain_round(make_desk: MakeDesk) -> None:
    """An event is never older than the one before it."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    desk.clock.on("2020-01-01")
    desk.sign_all("pain")
    desk.publish()
    assert (desk.check().wrong, desk.prove().unproven) == ((), ())


def test_a_ledger_that_is_ahead_of_the_clock_is_named(make_desk: MakeDesk) -> None:
    """A clock that ran ahead once lifts all later times: whoever looks after the ledger hears it, until that day."""
    desk = make_desk({"pain.md": b"Pain\n"})
    desk.clock.on("2099-01-01")
    desk.run()
    assert desk.check().warnings == ()
    desk.clock.on("2026-06-01")
    report = desk.check()
    assert report.wrong == ()
    assert [warning.partition(":")[0] for warning in report.warnings] == ["the ledger has an event of 2099-01-01 09"]
    assert "this machine's clock says 2026-06-01 09:00" in report.warnings[0]
    assert "all that is written here bears that time" in report.warnings[0]


def test_two_exports_in_one_second_stand_in_their_order(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """The newest export is the last one, not one that sorts last by chance."""
    for attempt in range(6):
        desk = make_desk({"pain.md": b"Rest is good %d.\n" % attempt}, name=f"w{attempt}")
        stand_in.fails_now = True
        desk.run()
        stand_in.fails_now = False
        desk.run()
        assert desk.states("pain") == {1: "draft"}
