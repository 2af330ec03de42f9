"""The chain of events, checked with nothing but a hash and a JSON parser, and what happens when somebody changes it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk

from pipeline.errors import LedgerError
from pipeline.store.ledger import EventKind, read_ledger

ARTICLE = b"# Pain\n\nTake 5 mg every evening. Rest is good.\n"

Lines = list[bytes]


@pytest.fixture
def signed(make_desk: MakeDesk) -> Desk:
    """A workspace whose one article went all the way, so that its chain holds every kind of event."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    desk.sign_all("pain")
    desk.publish()
    return desk


def chain(desk: Desk) -> Path:
    """The only chain of a workspace."""
    (path,) = (desk.root / "ledger").glob("*.jsonl")
    return path


def test_a_stranger_can_check_the_chain_with_sha256_alone(signed: Desk) -> None:
    """Each line holds the SHA-256 of the line before, byte for byte; numbers run from 1; times never go back."""
    head, time = "", ""
    for number, line in enumerate(chain(signed).read_bytes().splitlines(), 1):
        event = json.loads(line)
        assert (event["seq"], event["prev"], event["chain"]) == (number, head, chain(signed).stem)
        assert event["time"] >= time
        head, time = hashlib.sha256(line).hexdigest(), event["time"]
    assert signed.check().heads == {chain(signed).stem: head}


def test_a_line_is_the_canonical_form_of_its_event(signed: Desk) -> None:
    """Sorted keys, no blanks, UTF-8 as it is: the form of RFC 8785, written here by other code than ours."""
    import rfc8785

    for line in chain(signed).read_bytes().splitlines():
        assert line == rfc8785.dumps(json.loads(line))


def test_every_kind_of_event_is_in_a_ledger_that_went_all_the_way(signed: Desk) -> None:
    """Nothing of the main job leaves the ledger unwritten."""
    kinds = {event.kind for event in read_ledger(signed.root / "ledger")}
    aside = {EventKind.TEXT, EventKind.KEPT, EventKind.QUESTION, EventKind.MEMORY, EventKind.WITHDRAWAL, EventKind.PACK}
    aside |= {EventKind.WAIVER, EventKind.REDACTION}
    aside |= {EventKind.ANSWER, EventKind.CHOICE, EventKind.EDITORIAL, EventKind.RETRACTION, EventKind.REVOCATION}
    assert kinds == set(EventKind) - aside


def change_a_letter(lines: Lines) -> Lines:
    lines[3] = lines[3].replace(b"demo-2026-1", b"demo-2026-2")
    return lines


def reformat(lines: Lines) -> Lines:
    lines[3] = json.dumps(json.loads(lines[3])).encode()
    return lines


def drop(lines: Lines) -> Lines:
    return [*lines[:3], *lines[4:]]


def drop_the_first(lines: Lines) -> Lines:
    return lines[1:]


def swap(lines: Lines) -> Lines:
    return [*lines[:3], lines[4], lines[3], *lines[5:]]


def repeat(lines: Lines) -> Lines:
    return [*lines[:4], lines[3], *lines[4:]]


def newer_kind(lines: Lines) -> Lines:
    lines[3] = json.dumps(
        json.loads(lines[3]) | {"kind": "revocation"}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    return lines


def empty_body(lines: Lines) -> Lines:
    lines[3] = json.dumps(json.loads(lines[3]) | {"body": {}}, sort_keys=True, separators=(",", ":")).encode()
    return lines


def body_of_another_type(lines: Lines) -> Lines:
    lines[3] = json.dumps(json.loads(lines[3]) | {"body": []}, sort_keys=True, separators=(",", ":")).encode()
    return lines


def not_json(lines: Lines) -> Lines:
    return [*lines[:3], b"\xff", *lines[4:]]


@pytest.mark.parametrize(
    ("tamper", "line"),
    [
        (change_a_letter, 5),
        (reformat, 4),
        (drop, 4),
        (drop_the_first, 1),
        (swap, 4),
        (repeat, 5),
        (newer_kind, 4),
        (empty_body, 4),
        (body_of_another_type, 4),
        (not_json, 4),
    ],
)
def test_a_changed_chain_is_refused_with_its_line(signed: Desk, tamper: Callable[[Lines], Lines], line: int) -> None:
    """Whatever was done to a line, reading the chain names the line where it first shows."""
    path = chain(signed)
    path.write_bytes(b"".join(one + b"\n" for one in tamper(path.read_bytes().splitlines())))
    with pytest.raises(LedgerError, match=rf"^{path.name}:{line}: "):
        read_ledger(path.parent)


def test_a_cut_last_line_is_named(signed: Desk) -> None:
    """Half an event is no event."""
    path = chain(signed)
    data = path.read_bytes()
    path.write_bytes(data[:-20])
    with pytest.raises(LedgerError, match=rf"{path.name}:{data.count(bytes([10]))}: the last line is cut off"):
        read_ledger(path.parent)


def test_the_check_names_a_changed_last_event(signed: Desk) -> None:
    """A last event that was rewritten whole, hash and all, is not the one that the store has."""
    path = chain(signed)
    lines = path.read_bytes().splitlines()
    event = json.loads(lines[-1])
    event["body"]["site"]["name"] = event["body"]["site"]["name"][::-1]
    lines[-1] = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    path.write_bytes(b"".join(one + b"\n" for one in lines))
    assert any(path.name in sentence and "same event" in sentence for sentence in signed.check().wrong)


def test_the_check_names_a_changed_line(signed: Desk) -> None:
    """`signoff ledger verify` reports the damage instead of stopping at it."""
    path = chain(signed)
    path.write_bytes(path.read_bytes().replace(b'"slug":"pain"', b'"slug":"pair"', 1))
    assert any(path.name in sentence for sentence in signed.check().wrong)


@pytest.mark.parametrize("change", [lambda path: path.write_bytes(b"# Other\n"), Path.unlink])
def test_the_check_names_a_changed_or_missing_revision(signed: Desk, change: Callable[[Path], object]) -> None:
    """The English that was signed against is part of the proof."""
    (path,) = (signed.root / "ledger" / "revisions").iterdir()
    change(path)
    assert any(path.name in sentence for sentence in signed.check().wrong)


def test_changed_personal_fields_are_named_and_erased_ones_are_not(signed: Desk) -> None:
    """A name can be erased without breaking anything, and cannot be replaced by another."""
    one, other = sorted((signed.root / "ledger" / "personal").iterdir())
    one.unlink()
    assert signed.check().wrong == ()
    other.write_bytes(other.read_bytes().replace(b"Name of", b"Game of"))
    assert any(other.name in sentence for sentence in signed.check().wrong)


def test_no_path_is_built_from_a_chain_that_names_one(signed: Desk) -> None:
    """A ledger file from elsewhere cannot make this store write or read outside of `ledger/`."""
    line = json.loads(chain(signed).read_bytes().splitlines()[0])
    for hostile in (
        {**line, "chain": "../../evil"},
        {**line, "body": {**line["body"], "sha256": "../../../etc/passwd"}},
    ):
        data = json.dumps(hostile, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        with signed.store() as store, pytest.raises(LedgerError):
            store.import_chain(data, "hostile.jsonl")
    assert not list(signed.root.parent.rglob("evil*"))


def test_a_store_is_judged_again_in_portions_and_stands_as_before(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of policy has everything judged anew, an article at a time: nothing is lost at the edge of a portion."""
    desk = make_desk({"pain.md": ARTICLE, "rest.md": b"# Rest\n\nSleep well. Drink water.\n"})
    desk.run()
    desk.sign_all("pain")
    desk.sign_all("rest")
    with desk.store() as store, store.read() as transaction:
        before = {slug: transaction.current(slug, "es") for slug in ("pain", "rest")}
    monkeypatch.setattr("pipeline.store.units.MANY", 1)
    with desk.store() as store:
        with store.write() as transaction:
            transaction.touch_signed()
            transaction.touch_judged()
        with store.read() as transaction:
            assert {slug: transaction.current(slug, "es") for slug in before} == before
            assert transaction.check_current() == []
