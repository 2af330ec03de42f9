"""The power-cut simulator finds what it must find, and finds nothing where nothing is.

Each test runs a tiny real program under strace, rebuilds what a power cut could leave and looks at it as the
program's next start would. A program that does it right is green on every disk; take one sync out and it is red.
"""

import contextlib
import importlib
import importlib.util
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .disk import (
    LANDED,
    LOST,
    SECTOR_BYTES,
    Cut,
    Fate,
    NameOrder,
    Resize,
    Sync,
    Trace,
    Write,
    content_after,
)
from .recorder import TraceError, record

Check = Callable[[Path, str], None]
"""Looks at a rebuilt folder, knowing what was reported; AssertionError if it is not as it must be."""


def run(tmp_path: Path, program: str, before: dict[str, str] | None = None) -> Trace:
    """The trace of a Python program in a new folder that holds the files `before`."""
    root = tmp_path / "root"
    root.mkdir()
    for name, text in (before or {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    trace = record([sys.executable, "-c", "import os\n" + program], root=root, cwd=root, timeout_s=60)
    assert trace.exit_code == 0, trace.stderr
    return trace


def failures(
    tmp_path: Path, trace: Trace, check: Check, *, per_cut: int = 24, names: NameOrder = NameOrder.PER_FOLDER
) -> list[str]:
    """The cuts that the check does not accept, described."""
    found = []
    into = tmp_path / f"cuts{len(list(tmp_path.iterdir()))}"
    for number, cut in enumerate(trace.cuts(seed=1, per_cut=per_cut, names=names)):
        cut.rebuild(into / str(number))
        try:
            check(into / str(number), cut.reported)
        except AssertionError:
            found.append(cut.describe())
        shutil.rmtree(into / str(number))
    assert into.exists(), "no cut at all would prove nothing"
    return found


# Replacing a file

REPLACE = """
folder = os.open(".", os.O_RDONLY)
def replace(version, sync_file=True, sync_folder=True, report_first=False):
    file = os.open("page.tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(file, bytes([65 + version]) * 1500)
    if report_first: print(version, flush=True)
    if sync_file: os.fsync(file)
    os.close(file)
    os.rename("page.tmp", "page")
    if sync_folder: os.fsync(folder)
    if not report_first: print(version, flush=True)
for version in range(4): replace(version{})
"""


def page_is_whole(folder: Path, reported: str) -> None:
    """The page is complete, and of the last version that was reported or a later one."""
    versions = reported.split()
    if versions or (folder / "page").exists():
        assert (folder / "page").exists()
        data = (folder / "page").read_bytes()
        assert len(data) == 1500 and data == data[:1] * 1500
        assert data[0] - 65 >= int(versions[-1] if versions else 0)


def test_safe_replace_is_never_torn_or_missing(tmp_path: Path) -> None:
    """Temp file, fsync, rename, fsync of the folder: whatever the disk lost, the reported page is there, whole."""
    trace = run(tmp_path, REPLACE.format(""))
    assert trace.stdout.split() == ["0", "1", "2", "3"]
    for names in NameOrder:
        assert failures(tmp_path, trace, page_is_whole, names=names) == []


@pytest.mark.parametrize("fault", [", sync_file=False", ", sync_folder=False", ", report_first=True"])
def test_unsafe_replace_is_caught(tmp_path: Path, fault: str) -> None:
    """Without the file's fsync, without the folder's, or with the report before both, some disk shows the fault."""
    assert failures(tmp_path, run(tmp_path, REPLACE.format(fault)), page_is_whole)


@pytest.mark.parametrize("of_folder", [True, False])
def test_taking_out_a_sync_of_a_safe_replace_is_caught(tmp_path: Path, of_folder: bool) -> None:
    """The same without changing the program: its trace without one class of fsync turns red."""
    trace = run(tmp_path, REPLACE.format(""))
    dropped = trace.drop_syncs(lambda sync: sync.is_folder == of_folder)
    assert len(dropped.syncs) == 4 and len(trace.syncs) == 8
    assert failures(tmp_path, dropped, page_is_whole)


def test_dropping_a_sync_that_was_not_made_is_refused(tmp_path: Path) -> None:
    """A test that takes out nothing would prove nothing, so `drop_syncs` says so."""
    with pytest.raises(ValueError, match="no such sync"):
        run(tmp_path, "print('done', flush=True)").drop_syncs(lambda sync: True)


def test_a_lost_page_is_described_in_one_line(tmp_path: Path) -> None:
    """A red test names the moment and what was lost."""
    found = failures(tmp_path, run(tmp_path, REPLACE.format(", sync_folder=False")), page_is_whole)
    assert "power cut after «report '0'»: create page.tmp; rename page.tmp -> page lost, 0 pending landed" in found


# SQLite

SQLITE = """
import {module} as sqlite
store = sqlite.connect("store.db", isolation_level=None)
store.execute("PRAGMA journal_mode={journal}")
store.execute("PRAGMA synchronous={synchronous}")
store.execute("PRAGMA wal_autocheckpoint=8")
store.execute("CREATE TABLE event (number INTEGER PRIMARY KEY, text TEXT)")
for number in range(12):
    store.execute("BEGIN IMMEDIATE")
    store.execute("INSERT INTO event VALUES (?, ?)", (2 * number, str(number) * 900))
    store.execute("INSERT INTO event VALUES (?, ?)", (2 * number + 1, str(number) * 900))
    store.execute("COMMIT")
    print(number, flush=True)
store.close()
"""
MODULES = ["sqlite3"] + (["pysqlite3"] if importlib.util.find_spec("pysqlite3") else [])


def rows_are_kept(module: str) -> Check:
    """A check: the database is sound, has every reported pair of rows, and no half of a pair."""
    sqlite = importlib.import_module(module)

    def check(folder: Path, reported: str) -> None:
        with contextlib.closing(sqlite.connect(folder / "store.db")) as store:
            try:
                assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                there = store.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,)
                rows = store.execute("SELECT number, text FROM event ORDER BY number").fetchall() if there else []
            except sqlite.DatabaseError as error:
                raise AssertionError(str(error)) from error
        assert rows == [(row, str(row // 2) * 900) for row in range(len(rows))]
        assert len(rows) % 2 == 0 and len(rows) // 2 >= len(reported.split())

    return check


def run_sqlite(tmp_path: Path, module: str, journal: str, synchronous: str) -> Trace:
    return run(tmp_path, SQLITE.format(module=module, journal=journal, synchronous=synchronous))


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(("journal", "synchronous"), [("DELETE", "EXTRA"), ("WAL", "FULL")])
def test_sqlite_with_safe_settings_keeps_every_reported_row(
    tmp_path: Path, module: str, journal: str, synchronous: str
) -> None:
    """The two settings of the store lose nothing that was reported and never leave a damaged or half-done database."""
    trace = run_sqlite(tmp_path, module, journal, synchronous)
    assert failures(tmp_path, trace, rows_are_kept(module)) == []


@pytest.mark.parametrize(("journal", "synchronous"), [("DELETE", "OFF"), ("DELETE", "FULL"), ("WAL", "NORMAL")])
def test_sqlite_with_weaker_settings_is_caught(tmp_path: Path, journal: str, synchronous: str) -> None:
    """OFF damages; DELETE+FULL does not sync the folder after the commit; WAL+NORMAL does not sync at commit."""
    trace = run_sqlite(tmp_path, MODULES[-1], journal, synchronous)
    assert failures(tmp_path, trace, rows_are_kept(MODULES[-1]), per_cut=12)


@pytest.mark.parametrize(
    ("journal", "synchronous", "path"),
    [
        ("DELETE", "EXTRA", "store.db"),
        ("DELETE", "EXTRA", "store.db-journal"),
        ("DELETE", "EXTRA", "."),
        ("WAL", "FULL", "store.db"),
        ("WAL", "FULL", "store.db-wal"),
        ("WAL", "FULL", "."),
    ],
)
def test_taking_out_a_sync_of_sqlite_is_caught(tmp_path: Path, journal: str, synchronous: str, path: str) -> None:
    """Each class of sync that SQLite makes is needed: database, journal and folder."""
    trace = run_sqlite(tmp_path, MODULES[-1], journal, synchronous).drop_syncs(lambda sync: sync.path == path)
    assert failures(tmp_path, trace, rows_are_kept(MODULES[-1]), per_cut=12)


# Folders


def test_exchange_of_two_folders_is_atomic(tmp_path: Path) -> None:
    """Each of two exchanged folders is whole: both as before or both as after, and after once that was reported."""
    trace = run(
        tmp_path,
        """
import ctypes
os.mkdir("next")
for name in "ab":
    with open(f"next/{name}", "w") as page:
        page.write("new"); page.flush(); os.fsync(page.fileno())
os.fsync(os.open("next", os.O_RDONLY))
os.fsync(os.open(".", os.O_RDONLY))
assert ctypes.CDLL(None).renameat2(-100, b"next", -100, b"site", 2) == 0
os.fsync(os.open(".", os.O_RDONLY))
print("published", flush=True)
for name in ("next/a", "next/b"): os.unlink(name)
os.rmdir("next")
""",
        before={"site/a": "old", "site/b": "old"},
    )

    def check(folder: Path, reported: str) -> None:
        site = {page.name: page.read_text() for page in (folder / "site").iterdir()}
        assert site == {"a": "new", "b": "new"} or (site == {"a": "old", "b": "old"} and not reported)

    for names in NameOrder:
        assert failures(tmp_path, trace, check, names=names) == []
    for path in ("next/a", "next", "."):
        assert failures(tmp_path, trace.drop_syncs(lambda sync: sync.path == path), check)  # noqa: B023


def test_a_move_between_folders_is_safe_after_a_sync_of_both(tmp_path: Path) -> None:
    """The strict rule wants both folders synced; a journal that keeps one order is content with one."""
    program = """
os.rename("inbox/article", "done/article")
os.fsync(os.open("{}", os.O_RDONLY))
print("moved", flush=True)
"""
    trace = run(tmp_path, program.format("done"), before={"inbox/article": "text", "done/other": ""})

    def check(folder: Path, reported: str) -> None:
        there = [(folder / name / "article").exists() for name in ("inbox", "done")]
        assert there == [False, True] or (there == [True, False] and not reported)

    assert failures(tmp_path, trace, check, names=NameOrder.JOURNAL) == []
    assert failures(tmp_path, trace, check, names=NameOrder.PER_FOLDER)


# Appending

APPEND = """
for number in range(4):
    file = os.open("ledger", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, b"%d" % number * 700 + b"\\n")
    os.fsync(file)
    os.close(file)
    os.fsync(os.open(".", os.O_RDONLY))
    print(number, flush=True)
"""


def test_a_torn_tail_of_an_appended_file_is_shown(tmp_path: Path) -> None:
    """A line that was not synced may be there in part or as zeros; the lines before it always are whole."""
    lines = [b"%d" % number * 700 + b"\n" for number in range(4)]
    tails = set()
    for cut in run(tmp_path, APPEND).cuts(seed=3, per_cut=40):
        data = cut.tree["ledger"].data if "ledger" in cut.tree else b""
        safe = b"".join(lines[: len(cut.reported.split())])
        assert data.startswith(safe)
        tail = data[len(safe) :]
        tails.add("whole" if tail in (b"", *lines) else "zeros" if not any(tail) else "torn")
    assert tails == {"whole", "zeros", "torn"}


def test_two_processes_are_recorded_in_order(tmp_path: Path) -> None:
    """What parent and child append in turn is recorded in that turn, and the child's report counts."""
    trace = run(
        tmp_path,
        """
file = os.open("ledger", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
go, back = os.pipe(), os.pipe()
child = os.fork() == 0
for turn in range(20):
    if child:
        os.read(go[0], 1); os.write(file, b"c%d " % turn); print("c", flush=True); os.write(back[1], b".")
    else:
        os.write(file, b"p%d " % turn); os.write(go[1], b"."); os.read(back[0], 1)
if not child: os.wait()
os._exit(0)
""",
    )
    expected = "".join(f"p{turn} c{turn} " for turn in range(20)).encode()
    writes = [op for op in trace.ops if isinstance(op, Write)]
    assert b"".join(op.data for op in writes) == expected
    assert [op.offset for op in writes] == [sum(len(op.data) for op in writes[:i]) for i in range(len(writes))]
    assert trace.stdout.count("c") == 20


def test_two_processes_writing_at_once_leave_a_trace_that_explains_the_folder(tmp_path: Path) -> None:
    """Two processes and a thread that write without waiting for each other: nothing is missed, nothing mixed up."""
    trace = run(
        tmp_path,
        """
import threading
child = os.fork() == 0
def work(name):
    for number in range(60):
        with open(f"{name}.tmp", "w") as file:
            file.write(name * number); file.flush(); os.fsync(file.fileno())
        os.replace(f"{name}.tmp", name)
thread = threading.Thread(target=work, args=("t" if child else "u",)); thread.start()
work("c" if child else "p"); thread.join()
if not child: os.wait()
""",
    )
    assert sum(isinstance(op, Sync) for op in trace.ops) == 240
    assert {path: item.data for path, item in list(trace.cuts(seed=1, per_cut=2))[-1].tree.items()} == {
        name: name.encode() * 59 for name in "cptu"
    }


# What is recorded


def test_every_way_to_write_is_followed(tmp_path: Path) -> None:
    """dup, seek, append, vectors, positions, truncation, links, folders by descriptor, chdir: `record` compares the
    folder with what it noted, byte for byte, so a call that it misread would be an error here."""
    trace = run(
        tmp_path,
        """
file = os.open("file", os.O_RDWR | os.O_CREAT)
os.write(file, b"0123456789"); os.lseek(file, 2, os.SEEK_SET); os.read(file, 2)
again = os.dup(file); os.write(again, b"AB"); os.writev(file, [b"C", b"D"]); os.pwrite(file, b"x", 20)
os.pwritev(file, [b"y", b"z"], 30); os.ftruncate(file, 31); os.posix_fallocate(file, 0, 40); os.truncate("file", 39)
os.mkdir("sub"); sub = os.open("sub", os.O_RDONLY)
inner = os.open("inner", os.O_WRONLY | os.O_CREAT, dir_fd=sub); os.write(inner, b"in")
os.link("inner", "twin", src_dir_fd=sub, dst_dir_fd=sub); os.rename("sub", "moved"); os.write(inner, b"side")
os.symlink("moved", "way"); os.chdir("way"); open("../way/three", "w").write("3"); os.unlink("twin")
os.mkdir("gone", dir_fd=sub); os.rmdir("gone", dir_fd=sub); os.dup2(inner, 50); os.write(50, b".")
os.unlink("inner"); os.write(inner, b"nameless"); os.chdir("..")
os.system("echo by a shell >> file; sed '' file > copy; echo more >> copy; mv copy kept")
open("kept", "w").write("short"); os.replace("old", "moved/old")
os.sync()
""",
        before={"old": "old text"},
    )
    last = list(trace.cuts(seed=1, per_cut=1))[-1]
    last.rebuild(tmp_path / "last")
    assert read_all(tmp_path / "last") == read_all(tmp_path / "root")
    assert isinstance(trace.ops[-1], Sync) and trace.ops[-1].inode is None


def read_all(root: Path) -> dict[str, bytes | str | None]:
    return {
        str(path.relative_to(root)): str(path.readlink())
        if path.is_symlink()
        else None
        if path.is_dir()
        else path.read_bytes()
        for path in root.rglob("*")
    }


def test_what_was_there_before_is_safe(tmp_path: Path) -> None:
    """A file that lay in the folder before the program began is never lost, only what is done to it later."""
    trace = run(tmp_path, "open('new', 'w').write('x' * 5000)", before={"a/b/old": "kept"})
    cuts = list(trace.cuts(seed=1, per_cut=20))
    assert all(cut.tree["a/b/old"].data == b"kept" for cut in cuts)
    assert {b"", bytes(5000), b"x" * 5000} <= {cut.tree["new"].data for cut in cuts if "new" in cut.tree}
    assert any("new" not in cut.tree for cut in cuts)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import mmap; f = open('old', 'r+b'); mmap.mmap(f.fileno(), 0)[0:1] = b'X'", "shared memory"),
        ("import shutil; shutil.copyfile('old', 'new')", "copying inside the kernel"),
        ("os.rename('old', '../old')", "across the edge"),
        ("os.mkfifo('pipe')", "mknod is not simulated"),
    ],
)
def test_what_is_not_simulated_is_refused(tmp_path: Path, program: str, reason: str) -> None:
    """A call that the model does not know stops the recording with its reason; it is never passed over."""
    with pytest.raises(TraceError, match=reason):
        run(tmp_path, program, before={"old": "text"})


def test_a_program_that_does_not_end_is_killed(tmp_path: Path) -> None:
    """At the timeout the program is killed and the error says so."""
    with pytest.raises(TraceError, match="killed"):
        record([sys.executable, "-c", "import time; time.sleep(60)"], root=tmp_path, cwd=tmp_path, timeout_s=0.3)


def test_without_strace_the_recording_fails_aloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without strace gets an error with what to install, not a test that passes unseen."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TraceError, match="apt-get install strace"):
        record([sys.executable, "-c", ""], root=tmp_path, cwd=tmp_path)


def test_without_ptrace_the_recording_fails_aloud(tmp_path: Path) -> None:
    """A program that is traced already cannot be traced again: the recording inside says that strace cannot attach."""
    inner = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from powercut.recorder import TraceError, record
try:
    record(["true"], root=Path("."), cwd=Path("."))
except TraceError as error:
    print("refused:", error)
"""
    trace = record([sys.executable, "-c", inner, str(Path(__file__).parents[1])], root=tmp_path, cwd=tmp_path)
    assert trace.stdout.startswith("refused: strace could not run the program"), trace.stdout + trace.stderr


def test_the_same_seed_gives_the_same_cuts_and_no_two_are_equal(tmp_path: Path) -> None:
    """A red cut can be found again; and no disk is looked at twice for the same report."""
    trace = run(tmp_path, APPEND)

    def states(cuts: Sequence[Cut]) -> list[tuple[str, str]]:
        return [(cut.reported, repr(sorted(cut.tree.items(), key=lambda pair: pair[0]))) for cut in cuts]

    first = states(list(trace.cuts(seed=5, per_cut=16)))
    assert first == states(list(trace.cuts(seed=5, per_cut=16)))
    assert len(first) == len(set(first))
    assert len(list(trace.cuts(seed=5, per_cut=16, points=3))) <= 48


def test_a_sync_does_not_cover_what_is_written_while_it_runs(tmp_path: Path) -> None:
    """Only what was finished before the sync began is safe."""
    trace = run(tmp_path, "print('done', flush=True)", before={"a": ""})
    early = Write(at=1, inode=1, path="a", offset=0, data=b"early")
    late = Write(at=3, inode=1, path="a", offset=SECTOR_BYTES, data=b"late")
    sync = Sync(at=4, began=2, inode=1, path="a", call="fsync", is_folder=False)
    trace = replace(trace, ops=(early, late, sync, *trace.ops))
    after = {cut.tree["a"].data for cut in trace.cuts(seed=1, per_cut=30) if cut.reported}
    padded = b"early".ljust(SECTOR_BYTES, b"\0")
    assert after == {b"early", padded + bytes(4), padded + b"late"}


# The law of one file's content

file_changes = st.one_of(
    st.builds(
        lambda offset, data: Write(at=0, inode=1, path="f", offset=offset, data=data),
        st.integers(0, 2000),
        st.binary(min_size=1, max_size=1200),
    ),
    st.builds(lambda size: Resize(at=0, inode=1, path="f", size=size), st.integers(0, 3000)),
)


@settings(deadline=None)
@given(st.binary(max_size=2000), st.lists(st.tuples(file_changes, st.booleans()), max_size=6), st.data())
def test_each_sector_is_as_it_was_at_one_moment(
    safe: bytes, changes: list[tuple[Write | Resize, bool]], data: st.DataObject
) -> None:
    """All lost gives the safe bytes, all landed the last ones; else every sector is zeros or from one past moment."""
    ops = [op for op, _ in changes]
    history = [safe, *(content_after(safe, ops[:n], [LANDED] * n) for n in range(1, len(ops) + 1))]
    assert content_after(safe, ops, [LOST] * len(ops)) == safe
    fates = [Fate(size, data.draw(st.none() | st.frozensets(st.integers(0, 6)))) for _, size in changes]
    result = content_after(safe, ops, fates)
    lengths = {len(moment) for moment in history}
    assert len(result) in lengths
    # truncations cut a moment to a length that the file had; what is missing then reads as zeros
    past = [moment[:length] for moment in history for length in lengths]
    for start in range(0, len(result), SECTOR_BYTES):
        sector = result[start : start + SECTOR_BYTES]
        assert any(moment[start : start + len(sector)].ljust(len(sector), b"\0") == sector for moment in past)


@settings(deadline=None)
@given(st.binary(max_size=2000), st.lists(file_changes, max_size=6))
def test_all_landed_is_what_the_program_saw(safe: bytes, ops: list[Write | Resize]) -> None:
    """When nothing was lost, the file is as a plain reading of the calls makes it."""
    expected = safe
    for op in ops:
        if isinstance(op, Resize):
            expected = expected[: op.size].ljust(op.size, b"\0")
        else:
            expected = expected.ljust(op.offset, b"\0")
            expected = expected[: op.offset] + op.data + expected[op.offset + len(op.data) :]
    assert content_after(safe, ops, [LANDED] * len(ops)) == expected


def test_a_rebuilt_folder_is_never_mixed_with_another(tmp_path: Path) -> None:
    """`rebuild` refuses a folder that already holds something."""
    cut = list(run(tmp_path, "open('page', 'w').write('x'); os.sync()").cuts(seed=1, per_cut=1))[-1]
    cut.rebuild(tmp_path / "again")
    with pytest.raises(FileExistsError, match="folder of its own"):
        cut.rebuild(tmp_path / "again")
    assert read_all(tmp_path / "again") == {"page": b"x"}
