"""What a page of a release holds stands in the ledger once, under its hash; the first releases go on as they are."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeDesk
from hypothesis import given
from hypothesis import strategies as st
from workspaces import Desk

from pipeline.errors import LedgerError
from pipeline.model import text_hash
from pipeline.store.ledger import Event, EventKind, canonical, digest, read_ledger
from pipeline.store.pins import page_as_pinned, pin_bodies, pins_in, pins_line
from review.evidence import EvidenceRoom

ARTICLES = {"pain.md": b"# Pain\n\nRest is good.\n", "sleep.md": b"# Sleep\n\nSleep is good.\n"}
PAGE = {"slug": "pain", "locale": "es", "revision": "0" * 64, "format": "md"}
SOME = st.lists(st.tuples(st.integers(1, 10**6), st.text("ab").map(text_hash) | st.just("")), max_size=5)


def holding(pins: dict[str, Any]) -> Event:
    return Event(chain="0" * 12, seq=1, prev="", time="", kind=EventKind.PINS, body={"pins": pins})


@given(st.lists(SOME, max_size=50), st.sampled_from([1, 7, 10_000]))
def test_whatever_is_pinned_is_found_under_its_hash(pages: list[list[tuple[int, str]]], in_one: int) -> None:
    """However many pages there are and in whatever lines they stand; a page of the first form is the same page."""
    lists = {hashlib.sha256(pins_line(pins)).hexdigest(): [list(pin) for pin in pins] for pins in pages}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.store.pins.IN_ONE_EVENT", in_one)
        events = [holding(body["pins"]) for body in pin_bodies(lists)]
    for pins in pages:
        page = {**PAGE, "pins": digest([list(pin) for pin in pins])}
        assert list(pins_in(page, lambda hash_: next(e for e in events if hash_ in e.body["pins"]))) == pins
        first = {**PAGE, "units": [list(pin) for pin in pins]}
        assert list(pins_in(first, lambda hash_: None)) == pins
        assert page_as_pinned(first) == page_as_pinned(page)


@pytest.mark.parametrize("held", [{}, {digest([[1, "a"]]): [[1, "b"]]}])
def test_pins_that_are_not_what_the_release_names_prove_nothing(held: dict[str, Any]) -> None:
    """A list that is missing, or another one under its hash, is an error: no page is judged by it."""
    with pytest.raises(LedgerError, match="pain in es"):
        pins_in({**PAGE, "pins": digest([[1, "a"]])}, lambda hash_: holding(held))


@pytest.fixture
def live(make_desk: MakeDesk) -> Desk:
    """Two articles, signed and published."""
    desk = make_desk(ARTICLES)
    desk.run()
    for slug in ("pain", "sleep"):
        desk.sign_all(slug, "demo-linguist")
    desk.publish()
    return desk


def of_kind(desk: Desk, kind: EventKind) -> list[Event]:
    return [event for event in read_ledger(desk.root / "ledger") if event.kind is kind]


def one_sentence_more(desk: Desk) -> None:
    desk.clock.on("2027-03-01")
    desk.write("pain.md", b"# Pain\n\nRest is good. Walk a little.\n")
    desk.run()
    desk.sign_all("pain", "demo-linguist")
    desk.publish()


def test_a_release_writes_the_pins_of_new_pages_only(live: Desk) -> None:
    """The pages that stay are named by their hash; an unchanged site adds no line at all."""
    one_sentence_more(live)
    first, second = (event.body["pins"] for event in of_kind(live, EventKind.PINS))
    assert (len(first), len(second)) == (4, 2)
    assert {page["pins"] for page in of_kind(live, EventKind.RELEASE)[-1].body["pages"]} <= first.keys() | second.keys()
    before = len(read_ledger(live.root / "ledger"))
    live.publish()
    assert len(read_ledger(live.root / "ledger")) == before
    assert live.prove().unproven == ()


def as_first_written(desk: Desk) -> None:
    """Make the newest release one of the first form, in the ledger and on the site, with no store but the ledger."""
    (chain,) = (desk.root / "ledger").glob("*.jsonl")
    *before, pins, release = chain.read_bytes().splitlines()
    held, said = json.loads(pins), json.loads(release)
    said |= {"seq": held["seq"], "prev": held["prev"]}
    said["body"]["heads"] = {chain.stem: held["prev"]}
    for page in said["body"]["pages"]:
        page["units"] = held["body"]["pins"][page.pop("pins")]
    line = canonical(said)
    chain.write_bytes(b"".join(each + b"\n" for each in (*before, line)))
    _name(desk.root / "site" / "release.json", line, said["body"]["heads"])
    shutil.rmtree(desk.root / ".signoff")


def _name(manifest: Path, line: bytes, heads: dict[str, str]) -> None:
    named = json.loads(manifest.read_bytes())
    named["release"] |= {"event": hashlib.sha256(line).hexdigest(), "heads": heads}
    manifest.write_text(json.dumps(named), encoding="utf-8")


def test_a_release_of_the_first_form_goes_on(live: Desk) -> None:
    """It is proven, published again without a new release, and its pages are the same ones in the next."""
    as_first_written(live)
    assert live.prove().unproven == ()
    live.publish()
    assert len(of_kind(live, EventKind.RELEASE)) == 1
    assert live.prove().unproven == ()

    one_sentence_more(live)

    assert live.prove().unproven == ()
    issued = EvidenceRoom(live.root / "ledger").issued
    assert (issued["sleep", "es"] < "2027-03-01", issued["pain", "es"]) == (True, "2027-03-01")
    assert {page.state for page in live.rollback(of_kind(live, EventKind.RELEASE)[0].hash).pages} == {"published"}
    assert live.prove().unproven == ()
