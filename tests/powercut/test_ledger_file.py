"""A ledger file that is not what the store wrote: mended where a crash did it, refused where a hand did."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk

from pipeline.errors import LedgerError

ARTICLES = {"garden.md": b"# The garden\n\nThe garden opens in the morning. Bring a friend.\n"}


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A workspace after a run and a review; its ledger is one file."""
    desk = make_desk(ARTICLES)
    desk.run()
    desk.sign_all("garden")
    return desk


def chain_of(desk: Desk) -> Path:
    (path,) = (desk.root / "ledger").glob("*.jsonl")
    return path


def a_note_from(desk: Desk, end: int) -> None:
    """The lock file as it was before the events after `end` were appended."""
    (desk.root / ".signoff" / "ledger.lock").write_text(f"{chain_of(desk).stem} {end}\n")


@pytest.mark.parametrize(
    "tear",
    [
        lambda data, safe: data[:safe],
        lambda data, safe: data[: safe + 700],
        lambda data, safe: data[:safe] + bytes(len(data) - safe),
        lambda data, safe: data[: safe + 100] + bytes(512) + data[safe + 612 :],
        lambda data, safe: data[: safe + 100] + bytes(300),
    ],
    ids=["nothing landed", "the end is missing", "only the length landed", "a sector is missing", "torn and short"],
)
@pytest.mark.parametrize("note", ["of the time before", "lost", "torn"])
def test_an_append_that_a_power_cut_tore_is_written_again(
    tear: Callable[[bytes, int], bytes], note: str, desk: Desk
) -> None:
    """Whatever part of it landed, and whatever the note says: the next opening makes the file whole, byte for byte."""
    path = chain_of(desk)
    whole = path.read_bytes()
    safe = whole.index(b"\n", 2000) + 1
    a_note_from(desk, safe)
    if note == "lost":
        (desk.root / ".signoff" / "ledger.lock").unlink()
    if note == "torn":
        (desk.root / ".signoff" / "ledger.lock").write_text(f"{path.stem} {safe}"[:-2])
    path.write_bytes(tear(whole, safe))
    assert desk.check().wrong == ()
    assert path.read_bytes() == whole


def test_a_line_that_somebody_changed_is_not_papered_over(desk: Desk) -> None:
    """The store would know better, but what a hand did must come to light: opening says so and writes nothing."""
    path = chain_of(desk)
    whole = path.read_bytes()
    changed = whole.replace(b"demo-linguist", b"demo-lingwist")[:-10]
    path.write_bytes(changed)
    with pytest.raises(LedgerError, match="is not what this store wrote"):
        desk.check()
    assert path.read_bytes() == changed


def test_a_second_opening_writes_nothing(desk: Desk) -> None:
    """The ledger folder and the note stay as they are, to the byte and to the nanosecond."""
    desk.check()
    watched = [chain_of(desk), desk.root / ".signoff" / "ledger.lock"]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in watched]
    desk.check()
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in watched] == before


def test_a_chain_from_elsewhere_has_its_file_before_the_store_has_its_events(
    desk: Desk, make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off between the two, the file is read at the next opening; the other way it would be missing for ever."""
    other = make_desk({}, name="other")
    data, name = chain_of(desk).read_bytes(), chain_of(desk).name
    shutil.copytree(desk.root / "ledger" / "revisions", other.root / "ledger" / "revisions")
    shutil.copytree(desk.root / "ledger" / "personal", other.root / "ledger" / "personal")

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with other.store() as store:
        monkeypatch.setattr("pipeline.store.store.replace_file", cut_off)
        with pytest.raises(KeyboardInterrupt):
            store.import_chain(data, name)
        with store.read() as transaction:
            assert transaction.events() == []
        monkeypatch.undo()
        store.import_chain(data, name)
    assert (other.root / "ledger" / name).read_bytes() == data
    assert other.check().wrong == ()


def test_a_revision_with_other_bytes_than_its_name_says_is_not_taken_in(desk: Desk) -> None:
    """A clone whose revisions were torn or changed is refused with the file's name, not built from."""
    (revision,) = (desk.root / "ledger" / "revisions").iterdir()
    revision.write_bytes(bytes(len(revision.read_bytes())))
    shutil.rmtree(desk.root / ".signoff")
    with pytest.raises(LedgerError, match="is not the revision"):
        desk.check()
