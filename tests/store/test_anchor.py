"""An anchor that was kept elsewhere: the ledger may have grown since, and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk

from pipeline.errors import LedgerError
from pipeline.store.anchor import Head, anchor_bytes, broken_anchors, heads_of, read_anchor
from pipeline.store.ledger import Event, read_ledger
from review.proof import prove


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A site of one article."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest is good.\n"})
    desk.run()
    desk.sign_all("pain")
    desk.publish()
    return desk


def kept(desk: Desk) -> Path:
    """An anchor of the ledger as it is now, in other hands."""
    path = desk.root.parent / "anchor.json"
    path.write_bytes(anchor_bytes(heads_of(desk.root / "ledger")))
    return path


def test_a_ledger_that_only_grew_bears_its_anchor_out(desk: Desk) -> None:
    """Whatever happened since; the anchor of an unchanged ledger is the same bytes."""
    anchor = kept(desk)
    assert anchor_bytes(heads_of(desk.root / "ledger")) == anchor.read_bytes()
    desk.write("more.md", b"# More\n")
    desk.publish()
    assert prove(desk.root / "site", desk.root / "ledger", read_anchor(anchor)).unproven == ()


def test_an_archived_release_json_is_an_anchor(desk: Desk) -> None:
    """Whoever has a copy of an old site needs nothing else."""
    archived = desk.root.parent / "release.json"
    archived.write_bytes((desk.root / "site" / "release.json").read_bytes())
    assert broken_anchors(desk.root / "ledger", read_anchor(archived)) == []
    written_anew(desk)
    assert "was written anew since" in broken_anchors(desk.root / "ledger", read_anchor(archived))[0]


def written_anew(desk: Desk) -> None:
    """Every line with other texts, and every hash calculated again: a chain that is whole in itself."""
    (path,) = (desk.root / "ledger").glob("*.jsonl")
    prev, lines = "", []
    for old in read_ledger(desk.root / "ledger"):
        body = json.loads(json.dumps(old.body).replace("Resto iso goodo.", "Resto iso bado."))
        event = Event(chain=old.chain, seq=old.seq, prev=prev, time=old.time, kind=old.kind, body=body)
        prev = event.hash
        lines.append(event.line + b"\n")
    path.write_bytes(b"".join(lines))
    read_ledger(desk.root / "ledger")


def last_lines_cut_off(desk: Desk) -> None:
    (path,) = (desk.root / "ledger").glob("*.jsonl")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))


def another_chain_in_its_place(desk: Desk) -> None:
    (path,) = (desk.root / "ledger").glob("*.jsonl")
    other = path.with_name("0123456789ab.jsonl")
    prev = ""
    for old in read_ledger(desk.root / "ledger"):
        event = Event(chain=other.stem, seq=old.seq, prev=prev, time=old.time, kind=old.kind, body=old.body)
        prev = event.hash
        with other.open("ab") as file:
            file.write(event.line + b"\n")
    path.unlink()


@pytest.mark.parametrize(
    ("tamper", "why"),
    [
        (written_anew, "was written anew since"),
        (last_lines_cut_off, "some were cut off"),
        (another_chain_in_its_place, "it is not there"),
    ],
)
def test_a_ledger_that_is_another_one_is_named(desk: Desk, tamper: Callable[[Desk], None], why: str) -> None:
    """A chain that is whole in itself, and not the one that was seen."""
    anchor = read_anchor(kept(desk))
    tamper(desk)
    (reason,) = broken_anchors(desk.root / "ledger", anchor)
    assert why in reason
    site = prove(desk.root / "site", desk.root / "ledger", anchor) if tamper is written_anew else None
    assert site is None or (site.unproven[0].page, site.unproven[0].reason) == ("ledger", reason)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"signoff-anchor": 2, "chains": {}}',
        b'{"signoff-anchor": 1, "chains": {}}',
        b'{"signoff-anchor": 1, "chains": {"a": {"head": "x", "events": 1, "time": ""}}}',
        b'{"signoff-anchor": 1, "chains": {"a": {"head": "' + b"0" * 64 + b'", "events": true, "time": ""}}}',
        b'{"signoff-anchor": 1, "chains": [1]}',
        b'{"release": {"heads": {}}}',
        b'{"release": {"heads": {"a": 3}}}',
        b"[" * 5000,
        b"\xff",
    ],
)
def test_what_is_no_anchor_is_refused(tmp_path: Path, data: bytes) -> None:
    """With one sentence: a file that says nothing must not pass for proof."""
    path = tmp_path / "anchor.json"
    path.write_bytes(data)
    with pytest.raises(LedgerError, match="not an anchor"):
        read_anchor(path)


def test_an_empty_ledger_has_no_anchor(tmp_path: Path) -> None:
    """Nothing to hold on to."""
    with pytest.raises(LedgerError, match="nothing to hold on to"):
        heads_of(tmp_path)
    assert broken_anchors(tmp_path, {"a": Head(hash="0" * 64)})
