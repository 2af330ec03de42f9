"""Two clones of a workspace work apart and exchange their ledgers: both come to the same, in whatever order."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import polib
import pytest
from conftest import MakeDesk
from hypothesis import given, settings
from hypothesis import strategies as st
from workspaces import Desk, StandIn, accept, files_below, make_workspace

from pipeline.errors import LedgerError
from pipeline.store import Store
from pipeline.store.history import PolicyBook
from pipeline.store.ledger import EventKind
from review.policy import profiles_beside
from review.signoffs import project

ARTICLE = b"# Pain\n\nRest is good. Walk a little. Drink tea.\n"


def clone(desk: Desk, name: str) -> Desk:
    """What git would give somebody else: everything but `.signoff/` and the site."""
    root = desk.root.parent / name
    shutil.copytree(desk.root, root, ignore=shutil.ignore_patterns(".signoff", "site", "desk"))
    return Desk(root, desk.clock)


def push(giver: Desk, taker: Desk) -> None:
    """Copy what is in `ledger/`, as git does with files that only one side changed."""
    for name, data in files_below(giver.root / "ledger").items():
        path = taker.root / "ledger" / name
        if not path.exists() or path.stat().st_size < len(data):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def exchange(one: Desk, other: Desk) -> None:
    """Both get what the other has."""
    push(one, other)
    push(other, one)


def says(number: int, text: str) -> Callable[[polib.POEntry], None]:
    """An editor who writes this text for one unit, and leaves the others as drafts."""

    def change(entry: polib.POEntry) -> None:
        if f":{number:04d}:" in entry.msgctxt:
            entry.msgstr = text
            entry.flags = []

    return change


def only(number: int) -> Callable[[polib.POEntry], None]:
    """An editor who accepts one unit, and leaves the others as drafts."""

    def change(entry: polib.POEntry) -> None:
        if f":{number:04d}:" in entry.msgctxt:
            accept(entry)

    return change


def everything(desk: Desk) -> tuple[object, object]:
    """States with texts and rivals, as the store has them."""
    with desk.store() as store, store.read() as transaction:
        return transaction.current("pain", "es"), transaction.heads()


@pytest.fixture
def pair(make_desk: MakeDesk) -> tuple[Desk, Desk]:
    """Two clones with the same drafts."""
    desk = make_desk({"pain.md": ARTICLE}, name="one")
    desk.run()
    return desk, clone(desk, "other")


def test_sign_offs_of_two_clones_come_together(pair: tuple[Desk, Desk]) -> None:
    """One signs these, the other signs those; after the exchange both have all."""
    one, other = pair
    for number in (1, 2):
        one.review("pain", "demo-linguist", only(number))
    for number in (3, 4):
        other.review("pain", "demo-clinician", only(number))
    exchange(one, other)
    assert one.states("pain") == other.states("pain") == dict.fromkeys((1, 2, 3, 4), "signed-off")
    assert everything(one) == everything(other)
    assert (one.check().wrong, other.check().wrong) == ((), ())


def test_two_texts_for_one_unit_are_a_conflict_that_a_person_resolves(pair: tuple[Desk, Desk]) -> None:
    """Both texts are kept, the page is held, and whoever edits with both before her eyes has chosen."""
    one, other = pair
    one.sign_all("pain")
    one.review("pain", "demo-linguist", says(2, "Descansar va bien."))
    other.review("pain", "demo-clinician", says(2, "El reposo ayuda."))
    exchange(one, other)
    assert everything(one) == everything(other)
    (page,) = one.publish().pages
    assert page.state == "held"
    assert any("in conflict" in reason for reason in page.reasons)

    one.run()
    assert "CONFLICT" in one.po("pain").read_text(encoding="utf-8")
    one.review("pain", "demo-linguist", says(2, "Descanse."))
    exchange(one, other)
    assert everything(one) == everything(other)
    with one.store() as store, store.read() as transaction:
        now = transaction.current("pain", "es")[2]
    assert (now.target, now.others, now.state.value) == ("Descanse.", (), "signed-off")


def test_signing_the_current_text_with_both_before_ones_eyes_is_a_choice(pair: tuple[Desk, Desk]) -> None:
    """The conflict ends without a new text, too."""
    one, other = pair
    one.review("pain", "demo-linguist", says(2, "Descansar va bien."))
    other.review("pain", "demo-clinician", says(2, "El reposo ayuda."))
    exchange(one, other)
    one.review("pain", "demo-clinician", only(2))  # an export from before the exchange: the rival was not in it
    with one.store() as store, store.read() as transaction:
        assert transaction.current("pain", "es")[2].others
    one.run()
    one.review("pain", "demo-clinician", only(2))
    with one.store() as store, store.read() as transaction:
        assert not transaction.current("pain", "es")[2].others


def test_the_same_text_from_two_clones_is_no_conflict_and_can_be_edited(pair: tuple[Desk, Desk]) -> None:
    """Two equal texts are one: a later edit replaces both."""
    one, other = pair
    one.review("pain", "demo-linguist", says(2, "Descanse."))
    other.review("pain", "demo-clinician", says(2, "Descanse."))
    exchange(one, other)
    one.run()
    assert "CONFLICT" not in one.po("pain").read_text(encoding="utf-8")
    one.review("pain", "demo-linguist", says(2, "Descanse bien."))
    with one.store() as store, store.read() as transaction:
        now = transaction.current("pain", "es")[2]
    assert (now.target, now.others) == ("Descanse bien.", ())


def test_clocks_that_differ_do_not_change_what_came_after_what(pair: tuple[Desk, Desk]) -> None:
    """A clone whose clock is hours behind publishes after the other, and its release is the newest."""
    one, other = pair
    one.sign_all("pain")
    one.publish()
    exchange(one, other)
    other.clock = type(one.clock)(one.clock.moment.replace(hour=3))
    other.write("pain.md", ARTICLE + b"\nSleep well.\n")
    other.run()
    other.sign_all("pain")
    other.run()
    other.publish()
    assert other.prove().unproven == ()
    before = files_below(other.root, without=[".signoff"])
    other.run()
    other.publish()
    assert files_below(other.root, without=[".signoff"]) == before
    exchange(one, other)
    one.write("pain.md", ARTICLE + b"\nSleep well.\n")
    one.run()
    one.publish()
    assert one.prove().unproven == ()
    assert (one.root / "site" / "release.json").read_bytes() == (other.root / "site" / "release.json").read_bytes()


def test_one_number_given_to_two_sentences_is_nobodys_sign_off(pair: tuple[Desk, Desk]) -> None:
    """Two clones that change the English apart give one number twice: what was signed of the one never stands for the
    other, and both go on with the same numbers."""
    one, other = pair
    one.write("pain.md", ARTICLE + b"\nSleep well.\n")
    other.write("pain.md", ARTICLE + b"\nEat well.\n")
    for desk in pair:
        desk.run()
        desk.review("pain", "demo-linguist", says(5, f"Es de {desk.root.name}."))
        desk.run()
        desk.sign_all("pain")
        desk.publish()
        desk.clock.tick()
    exchange(one, other)
    assert everything(one) == everything(other)
    for desk in pair:
        assert desk.check().wrong == ()
        desk.write("pain.md", ARTICLE + b"\nSleep well.\n\nEat well.\n")
        desk.run()
        desk.publish()
        assert desk.prove().unproven == ()
        texts = {e.msgid: e.msgstr for e in polib.pofile(str(desk.po("pain")))}
        assert (texts["Sleep well."], texts["Eat well."]) == ("Es de one.", "Eato wello.")
        with desk.store() as store, store.read() as transaction:
            assert not any(now.others for now in transaction.current("pain", "es").values())


def test_a_rewritten_chain_is_refused(pair: tuple[Desk, Desk], tmp_path: Path) -> None:
    """A store that knows another event in the same place takes nothing."""
    one, other = pair
    one.review("pain", "demo-linguist", only(1))
    exchange(one, other)
    (path,) = [path for path in (one.root / "ledger").glob("*.jsonl") if b'"sign-off"' in path.read_bytes()]
    # A store that wrote other things under the same chain's id.
    with Store(tmp_path / "forger", tmp_path / "forged", clock=one.clock) as forger:
        forger.chain = path.stem
        with forger.write() as transaction:
            transaction.append(EventKind.ROSTER, {"people": []})
    forged = (tmp_path / "forged" / path.name).read_bytes()
    with other.store() as store, pytest.raises(LedgerError, match="one of the two ledgers was rewritten"):
        store.import_chain(forged, path.name)


# -- every order ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A `ledger/` with three chains that know of each other in part: conflicts, equal texts, one number given twice."""
    engine = StandIn()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.engines.ENGINES", {"stand-in": lambda settings: engine})
        base = Desk(make_workspace(tmp_path_factory.mktemp("chains") / "base", articles={"pain.md": ARTICLE}))
        base.run()
        one, other = clone(base, "one"), clone(base, "other")
        one.review("pain", "demo-linguist", says(2, "Descansar va bien."))
        one.review("pain", "demo-linguist", says(3, "Camine."))
        one.clock.tick()
        other.review("pain", "demo-clinician", says(2, "El reposo ayuda."))
        other.review("pain", "demo-clinician", says(3, "Camine."))
        one.write("pain.md", ARTICLE + b"\nSleep well.\n")
        other.write("pain.md", ARTICLE + b"\nEat well.\n")
        one.run()
        other.run()
        one.review("pain", "demo-linguist")
        other.review("pain", "demo-clinician")
        push(one, base)
        base.run()
        base.review("pain", "demo-clinician", says(3, "Camine un poco."))
        push(base, other)
        push(other, base)
        other.run()
        other.review("pain", "demo-linguist", says(2, "Repose."))
        push(other, base)
        yield base.root / "ledger"


def rows(path: Path) -> dict[str, object]:
    with sqlite3.connect(path) as connection:
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall())  # noqa: S608
            for name in ("event", "article", "segment", "exported", "current", "revision")
        }


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_order_in_which_chains_arrive_does_not_matter(chains: Path, data: st.DataObject) -> None:
    """Whatever parts of which chain come first: in the end every store has the same rows."""
    lines = {path.stem: path.read_bytes().splitlines(keepends=True) for path in sorted(chains.glob("*.jsonl"))}
    assert len(lines) == 3
    with tempfile.TemporaryDirectory() as folder:
        ends = {}
        for name, straight in (("straight", True), ("drawn", False)):
            root = Path(folder) / name
            for beside in ("revisions", "personal"):
                shutil.copytree(chains / beside, root / "ledger" / beside)
            book = PolicyBook(in_force="demo-2026-1", profiles=profiles_beside(root / "ledger"))
            with Store(root / ".signoff", root / "ledger", projection=project, policies=book) as store:
                taken = dict.fromkeys(lines, 0)
                while left := [chain for chain in lines if taken[chain] < len(lines[chain])]:
                    chain = left[0] if straight else data.draw(st.sampled_from(left))
                    most = len(lines[chain])
                    taken[chain] = most if straight else data.draw(st.integers(taken[chain] + 1, most))
                    store.import_chain(b"".join(lines[chain][: taken[chain]]), chain)
                with store.read() as transaction:
                    assert transaction.check_current() == []
            ends[name] = rows(root / ".signoff" / "store.sqlite")
        assert ends["drawn"] == ends["straight"]
