"""A ledger read line by line without a store says what the whole ledger says, and refuses what it would refuse."""

from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk

from pipeline.errors import LedgerError
from pipeline.store.ledger import EventKind, read_ledger
from pipeline.store.walked import WalkedLedger

ABOUT = (EventKind.REVISION, EventKind.TEXT, EventKind.SIGN_OFF)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """Two articles, signed and published."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest is good.\n", "sleep.md": b"# Sleep\n"})
    desk.run()
    desk.sign_all("pain")
    desk.publish()
    return desk


def only_chain(desk: Desk) -> Path:
    (path,) = (desk.root / "ledger").glob("*.jsonl")
    return path


def test_it_gives_the_events_of_an_article_in_their_order(desk: Desk) -> None:
    """And those for everything, and the newest release; equal to those of the whole ledger."""
    walked, events = WalkedLedger(desk.root / "ledger"), read_ledger(desk.root / "ledger")
    for slug in ("pain", "sleep", "no-such"):
        assert walked.about(slug) == [e for e in events if e.kind in ABOUT and e.body["slug"] == slug]
    assert [e.kind for e in walked.general] == [EventKind.POLICY, EventKind.ROSTER]
    assert walked.release == events[-1]


def test_a_broken_chain_is_refused(desk: Desk) -> None:
    """A line changed, taken out, moved, cut off, renamed; by the line, in a sentence."""
    path = only_chain(desk)
    lines = path.read_bytes().splitlines(keepends=True)
    broken = {
        "not in canonical form": [lines[0].replace(b'"seq":1', b'"seq": 1'), *lines[1:]],
        "events were removed or moved": [lines[0], *lines[2:]],
        "does not hold the hash": [lines[0].replace(b"2026-06-01T09", b"2026-06-01T08"), *lines[1:]],
        "goes from event 0 to": [lines[1], lines[0], *lines[2:]],
        "cut off": [*lines[:-1], lines[-1][:-9]],
        "not an event": [*lines, b"{}\n"],
        "its time is": [lines[0].replace(b"2026-06-01T09:00:00Z", b"2026-06-01 09:00:00Z"), *lines[1:]],
    }
    for what, now in broken.items():
        path.write_bytes(b"".join(now))
        with pytest.raises(LedgerError, match=what):
            WalkedLedger(desk.root / "ledger")
    path.write_bytes(b"".join(lines))
    path.rename(path.with_name("0123456789ab.jsonl"))
    with pytest.raises(LedgerError, match="another chain"):
        WalkedLedger(desk.root / "ledger")


def test_what_changes_while_it_is_read_is_refused(desk: Desk) -> None:
    """What is judged is what was checked."""
    path = only_chain(desk)
    walked = WalkedLedger(desk.root / "ledger")
    path.write_bytes(path.read_bytes().replace(b"Resto iso goodo.", b"Resto iso badddo"))
    with pytest.raises(LedgerError, match="was changed while it was read"):
        walked.about("pain")
