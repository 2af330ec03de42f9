"""Backup and restore: everything comes back, nothing is overwritten, and no archive can write where it wants."""

import io
import shutil
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk, files_below, rewrite

from pipeline.errors import LocalizationError, StoreError
from pipeline.store.backup import read_backup, write_backup
from pipeline.store.ledger import EventKind

ARTICLE = b"# Pain\n\nTake 5 mg every evening. Rest is good.\n"


@pytest.fixture
def signed(make_desk: MakeDesk) -> Desk:
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    desk.sign_all("pain")
    desk.run()
    desk.publish()
    return desk


def backup(desk: Desk, name: str = "backup.tar.gz") -> Path:
    archive = desk.root.parent / name
    with desk.store() as store:
        write_backup(store, archive)
    return archive


def restore(desk: Desk, archive: Path) -> Path | None:
    """`signoff restore`."""
    aside = read_backup(archive, desk.root / ".signoff", desk.root / "ledger")
    with desk.store() as store:
        store.start_new_chain()
    return aside


def test_a_backup_restored_into_an_empty_workspace_is_whole(signed: Desk) -> None:
    """From `signoff.toml`, `source_content/` and the archive alone the same site is published and proven."""
    site = files_below(signed.root / "site")
    returned = files_below(signed.root / ".signoff" / "returned")
    archive = backup(signed)
    for name in (".signoff", "ledger", "site"):
        shutil.rmtree(signed.root / name)
    assert restore(signed, archive) is None
    assert signed.check().wrong == ()
    signed.publish()
    assert (files_below(signed.root / "site"), signed.prove().unproven) == (site, ())
    assert files_below(signed.root / ".signoff" / "returned") == returned


def test_a_restore_over_a_workspace_that_went_on_loses_nothing(signed: Desk) -> None:
    """The store that was there is moved aside, the longer ledger stays, and what it has more is read again."""
    archive = backup(signed)
    signed.review("pain", "demo-linguist", rewrite)
    states, events = signed.states("pain"), signed.check().events
    aside = restore(signed, archive)
    assert aside is not None
    assert (aside / "store.sqlite").is_file()
    assert (signed.states("pain"), signed.check()) == (states, signed.check())
    assert (signed.check().events, signed.check().wrong) == (events, ())


def test_after_a_restore_a_chain_of_its_own_begins(signed: Desk) -> None:
    """The old chain may still grow elsewhere: two stores never write one chain."""
    archive = backup(signed)
    restore(signed, archive)
    before = {path.name for path in (signed.root / "ledger").glob("*.jsonl")}
    signed.review("pain", "demo-linguist", rewrite)
    after = {path.name for path in (signed.root / "ledger").glob("*.jsonl")}
    assert (len(before), len(after)) == (1, 2)
    assert signed.check().wrong == ()


def test_a_backup_of_another_workspace_is_refused(signed: Desk, make_desk: MakeDesk) -> None:
    """A ledger file that says something else under the same name is not replaced."""
    archive = backup(signed)
    (path,) = (signed.root / "ledger").glob("*.jsonl")
    path.write_bytes(path.read_bytes().replace(b"pain", b"paim"))
    before = files_below(signed.root)
    with pytest.raises(StoreError, match="is not the ledger that the backup was made of"):
        read_backup(archive, signed.root / ".signoff", signed.root / "ledger")
    assert files_below(signed.root) == before


def member(name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = (len(data) if kind == tarfile.REGTYPE else 0), kind, target
    return info


@pytest.mark.parametrize(
    "hostile",
    [
        member("../evil"),
        member("/evil"),
        member("ledger/../../evil"),
        member("ledger/./evil"),
        member("ledger//evil"),
        member("returned/..\\evil"),
        member("evil"),
        member("ledger/a/b/evil"),
        member("returned/e\nvil"),
        member("ledger/evil", kind=tarfile.SYMTYPE, target="/etc/passwd"),
        member("ledger/evil", kind=tarfile.LNKTYPE, target="store.sqlite"),
        member("ledger", kind=tarfile.DIRTYPE),
        member("returned/evil", kind=tarfile.FIFOTYPE),
        member("store.sqlite"),
    ],
    ids=lambda info: f"{info.name!r}",
)
def test_an_archive_cannot_write_where_it_wants(signed: Desk, hostile: tarfile.TarInfo) -> None:
    """One member that is not ours, and nothing at all is taken."""
    archive = backup(signed)
    with tarfile.open(archive) as tar:
        members = [(info, tar.extractfile(info)) for info in tar.getmembers()]
        with tarfile.open(archive.with_name("hostile.tar.gz"), "w:gz") as bad:
            for info, file in members:
                bad.addfile(info, file)
            bad.addfile(hostile, io.BytesIO(b"x"))
    before = files_below(signed.root.parent, without=["hostile.tar.gz"])
    with pytest.raises(StoreError, match="is no backup"):
        read_backup(archive.with_name("hostile.tar.gz"), signed.root / ".signoff", signed.root / "ledger")
    assert files_below(signed.root.parent, without=["hostile.tar.gz"]) == before


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


@pytest.mark.parametrize("damage", [cut, flip, lambda data: b"", lambda data: b"not a backup at all"])
def test_a_damaged_archive_changes_nothing(signed: Desk, damage: Callable[[bytes], bytes]) -> None:
    """It is refused in a sentence."""
    archive = backup(signed)
    archive.write_bytes(damage(archive.read_bytes()))
    before = files_below(signed.root)
    with pytest.raises(LocalizationError):
        read_backup(archive, signed.root / ".signoff", signed.root / "ledger")
    assert files_below(signed.root) == before


def test_every_flipped_byte_is_refused_or_harmless(signed: Desk) -> None:
    """No damaged archive ends in a traceback or in other bytes than were backed up."""
    archive = backup(signed)
    data = archive.read_bytes()
    good = files_below(signed.root / "ledger")
    for at in range(0, len(data), max(1, len(data) // 60)):
        archive.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        new = signed.root.parent / f"restored-{at}"
        try:
            read_backup(archive, new / ".signoff", new / "ledger")
        except LocalizationError:
            continue
        assert files_below(new / "ledger") == good


def test_an_archive_with_a_broken_chain_is_refused(signed: Desk) -> None:
    """The chains are walked before anything is put in place."""
    (path,) = (signed.root / "ledger").glob("*.jsonl")
    archive = backup(signed)
    with tarfile.open(archive) as tar:
        files = {info.name: file.read() for info in tar if (file := tar.extractfile(info))}
    lines = files[f"ledger/{path.name}"].splitlines(keepends=True)
    files[f"ledger/{path.name}"] = b"".join([*lines[:2], *lines[3:]])
    with tarfile.open(archive, "w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    new = signed.root.parent / "new"
    with pytest.raises(LocalizationError, match="events were removed or moved"):
        read_backup(archive, new / ".signoff", new / "ledger")
    assert not new.exists()


def test_a_backup_may_be_made_while_others_write(signed: Desk) -> None:
    """Every archive made meanwhile is whole: its chain is unbroken, and its store is no further than its ledger."""
    stop = threading.Event()
    broke: list[BaseException] = []

    def write() -> None:
        try:
            with signed.store() as store:
                number = 0
                while not stop.is_set():
                    number += 1
                    with store.write() as transaction:
                        transaction.append(EventKind.ROSTER, {"people": []})
                        transaction.keep_revision(*revision(number))
        except BaseException as error:  # noqa: BLE001  a thread's error must reach the test
            broke.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        archives = [backup(signed, f"backup-{number}.tar.gz") for number in range(5)]
    finally:
        stop.set()
        thread.join()
    assert broke == []
    for number, archive in enumerate(archives):
        other = Desk(signed.root.parent / f"other-{number}", signed.clock)
        shutil.copytree(signed.root / "source_content", other.root / "source_content")
        shutil.copy(signed.root / "signoff.toml", other.root / "signoff.toml")
        restore(other, archive)
        assert other.check().wrong == ()


def revision(number: int) -> tuple[str, str, bytes]:
    """Bytes that are an article's revision, with their hash and format."""
    import hashlib

    data = b"%d" % number
    return hashlib.sha256(data).hexdigest(), "md", data
