"""A person's name can be erased for good: the chain stays whole, what they signed stands, and the id is shown."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk, Somebody, files_below

from pipeline.errors import PolicyError
from pipeline.model import Locale
from pipeline.store.ledger import EventKind, read_ledger
from review.evidence import EvidenceRoom, check_pack, write_pack
from review.redaction import Redaction, planned_redaction, redact

ES = Locale.parse("es")
LEA = Somebody(id="lea", roles=("content lead",))
PEOPLE = (Somebody(id="ana"), Somebody(id="dr", roles=("medical reviewer",)), LEA)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A page that ana and dr signed; ana has left."""
    desk = make_desk({"pain.md": b"# Pain\n\nTake 5 mg.\n"}, demo=False, people=PEOPLE)
    desk.run()
    desk.sign_all("pain", "ana", "dr")
    assert desk.publish().pages[0].state == "published"
    return desk


def leaves(desk: Desk, person: str = "ana") -> None:
    """Take a person out of signoff.toml."""
    path = desk.root / "signoff.toml"
    head, *people = path.read_text().split("[[person]]")
    path.write_text("[[person]]".join([head, *(one for one in people if f'id = "{person}"' not in one)]))


def erase(desk: Desk, person: str = "ana", by: str = "lea", reason: str = "asked for it") -> Redaction:
    with desk.store() as store:
        return redact(desk.workspace, store, person=person, by=by, reason=reason)


def test_it_shows_first_what_it_will_do(desk: Desk) -> None:
    """The files and the pages that name the person; not a byte is changed."""
    leaves(desk)
    before = files_below(desk.root / "ledger")
    with desk.store() as store:
        plan = planned_redaction(desk.workspace, store, "ana")
    assert [(page.slug, page.locale, page.live) for page in plan.pages] == [("pain", "es", True)]
    assert len(plan.files) == 1 and not plan.done
    assert files_below(desk.root / "ledger") == before


def test_the_id_is_shown_and_everything_is_proven(desk: Desk, tmp_path: Path) -> None:
    """On the page, in the evidence and the inventory; the sign-offs stand, and who asked for it is in the ledger."""
    leaves(desk)
    name = json.loads(next((desk.root / "ledger" / "personal").glob("*.json")).read_bytes())["name"]
    assert name.startswith("Name of")
    erase(desk)
    assert desk.check().wrong == ()
    assert desk.prove().unproven != (), "the page that stands still names her"
    assert {page.state for page in desk.publish().pages} <= {"published", "unchanged"}
    assert desk.prove().unproven == ()
    everything = b"".join(files_below(desk.root, without=[".signoff", "desk"]).values())
    assert b"Name of ana" not in everything
    assert b"Name of dr" in everything
    text = desk.page("pain").read_text()
    assert "<strong>ana</strong>" in text
    assert '"name": "Name of dr"' in text and '"name": "ana"' not in text, "machines are told of no Person called so"
    room = EvidenceRoom(desk.root / "ledger")
    assert [s["name"] for s in room.page("pain", ES)["sentences"][1]["signatures"]] == ["ana", "Name of dr"]
    assert next(iter(room.inventory())).reviewers == ("Name of dr, medical reviewer", "ana, linguist")
    write_pack(room, "pain", ES, tmp_path / "pack")
    assert check_pack(tmp_path / "pack") == []
    (act,) = [e for e in read_ledger(desk.root / "ledger") if e.kind is EventKind.REDACTION]
    assert (act.body["person"], act.body["by"], act.body["reason"]) == ("ana", "lea", "asked for it")


def test_a_copy_that_still_has_the_name_does_not_show_it(desk: Desk, tmp_path: Path) -> None:
    """Another clone, a restored backup: the ledger says that it was erased, and `ledger verify` asks to remove it."""
    shutil.copytree(desk.root / "ledger" / "personal", tmp_path / "old")
    leaves(desk)
    erase(desk)
    shutil.copytree(tmp_path / "old", desk.root / "ledger" / "personal", dirs_exist_ok=True)
    desk.publish()
    assert "Name of ana" not in desk.page("pain").read_text()
    assert desk.prove().unproven == ()
    write_pack(EvidenceRoom(desk.root / "ledger"), "pain", ES, tmp_path / "pack")
    assert b"Name of ana" not in b"".join(files_below(tmp_path / "pack").values())
    assert any("was redacted and is there again" in sentence for sentence in desk.check().wrong)
    assert len(erase(desk).files) == 1, "the same again ends the work"
    assert desk.check().wrong == ()
    assert sum(e.kind is EventKind.REDACTION for e in read_ledger(desk.root / "ledger")) == 1


def test_it_is_refused_where_it_would_not_hold(desk: Desk) -> None:
    """While she is on the roster, for somebody unknown, by somebody who may not, without a reason."""
    with pytest.raises(PolicyError, match=r"take the \[\[person\]\] out first"):
        erase(desk)
    leaves(desk)
    for wrong in ({"person": "eve"}, {"by": "dr"}, {"by": "eve"}, {"reason": " "}, {"reason": "x" * 5000}):
        with pytest.raises(PolicyError):
            erase(desk, **wrong)
    assert not [e for e in read_ledger(desk.root / "ledger") if e.kind is EventKind.REDACTION]


def test_no_byte_of_the_name_is_left_in_the_store(desk: Desk) -> None:
    """SQLite keeps what was deleted until its place is needed; a file that is given away would still say it."""
    leaves(desk)
    erase(desk)
    store = files_below(desk.root / ".signoff")
    assert not [name for name, data in store.items() if name.startswith("store") and b"Name of ana" in data]
