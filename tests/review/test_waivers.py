"""A finding that a named person waived or dismissed never returns for the same two texts, and only for those."""

import polib
import pytest
from conftest import MakeDesk
from workspaces import Change, Desk, accept

from pipeline.errors import PolicyError
from pipeline.model import Locale
from pipeline.store.ledger import EventKind
from review.intake import import_file
from review.triage import triage
from review.waivers import WaivedFinding, read_waivers, waive, waived_in
from signoff.desk import judges

ARTICLE = b"# Pain\n\nThe pain is in the left arm.\n"
WRONG = "El dolor está en el brazo derecho."


def write(text: str) -> Change:
    """What an editor does: another text for the sentence."""

    def change(entry: polib.POEntry) -> None:
        accept(entry)
        if "left" in entry.msgid:
            entry.msgstr = text

    return change


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A workspace whose one sentence says the other side in Spanish."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    desk.review("pain", "demo-linguist", write(WRONG))
    return desk


def act(desk: Desk, *, by: str = "demo-linguist", verdict: str = "waived", reason: str = "a mirror image") -> None:
    """`signoff unit ID waive`."""
    with desk.store() as store:
        id_ = found_in(desk)[0]
        waive(
            desk.workspace,
            store,
            desk.judges,
            id_=id_,
            locale=Locale.parse("es"),
            by=by,
            verdict=verdict,
            reason=reason,
        )


def found_in(desk: Desk) -> tuple[str, tuple[str, ...]]:
    """The sentence's id and what triage says of it, waivers heeded."""
    with desk.store() as store:
        tasks, _ = triage(desk.workspace, store, judges(desk.workspace, store), desk.locales())
    task = next(task for task in tasks if "left" in task.source)
    return task.id, tuple(reason for reason in task.why if reason.startswith(("error", "warning")))


def test_a_waived_error_never_returns_for_the_same_two_texts(desk: Desk) -> None:
    """It is gone after the waiver, and back when the translation changes by a letter."""
    assert found_in(desk)[1]
    act(desk)
    assert found_in(desk)[1] == ()
    desk.run()
    desk.review("pain", "demo-linguist", write(WRONG.replace(".", " superior.")))
    assert found_in(desk)[1]


def test_a_waiver_is_an_event_with_its_reason(desk: Desk) -> None:
    """Who, which finding, on exactly which texts, and why; the ledger stays whole."""
    act(desk)
    with desk.store() as store, store.read() as transaction:
        (event,) = transaction.events(EventKind.WAIVER)
    assert (event.body["by"], event.body["reason"], event.body["target"]) == ("demo-linguist", "a mirror image", WRONG)
    assert event.body["findings"] == [{"check": "contrasts_kept", "source": "left", "target": "derecho"}]
    assert desk.check().wrong == ()


@pytest.mark.parametrize(
    ("by", "verdict", "reason", "why"),
    [
        ("nobody", "waived", "because", "not on the roster"),
        ("demo-linguist", "waived", " ", "with a reason"),
        ("demo-linguist", "dismissed", "because", "no warning or note"),
    ],
)
def test_who_may_not_waive_changes_nothing(desk: Desk, by: str, verdict: str, reason: str, why: str) -> None:
    """Refused with one sentence, and no event."""
    with pytest.raises(PolicyError, match=why):
        act(desk, by=by, verdict=verdict, reason=reason)
    with desk.store() as store, store.read() as transaction:
        assert transaction.events(EventKind.WAIVER) == []


def test_a_waiver_by_somebody_who_was_not_entitled_counts_nowhere(desk: Desk) -> None:
    """A line from elsewhere is worth no more than its person."""
    act(desk)
    with desk.store() as store, store.write() as transaction:
        (event,) = transaction.events(EventKind.WAIVER)
        transaction.append(EventKind.WAIVER, {**event.body, "by": "mallory"})
    with desk.store() as store:
        assert read_waivers(store).events == (event.hash,)
    (wrong,) = desk.check().wrong
    assert "does not count: mallory is not on the roster" in wrong


def test_a_waived_text_can_be_signed(desk: Desk) -> None:
    """The import asks the same judges as everybody: the error holds the text before the waiver, and not after."""
    id_, _ = found_in(desk)

    def imported(comment: str) -> str:
        desk.run()

        def change(entry: polib.POEntry) -> None:
            accept(entry)
            entry.tcomment = comment

        back = desk.edited("pain", change)
        with desk.store() as store:
            judged = judges(desk.workspace, store)
            report = import_file(
                desk.workspace, store, judged, back, reviewer="demo-linguist", attest="all", entered_by="demo-linguist"
            )
        return next(entry.result.value for entry in report.entries if entry.id == id_)

    assert imported("before.po") == "held"
    act(desk)
    edited = desk.po("pain")
    edited.write_text(
        edited.read_text(encoding="utf-8") + "\n", encoding="utf-8"
    )  # the same bytes are no second return
    assert imported("after.po") == "signed"
    with desk.store() as store, store.read() as transaction:
        *others, last = transaction.events(EventKind.SIGN_OFF)
        (waiver,) = transaction.events(EventKind.WAIVER)
    assert waived_in(last.body) == [
        WaivedFinding(
            check="contrasts_kept",
            source="left",
            target="derecho",
            verdict="waived",
            by="demo-linguist",
            reason="a mirror image",
            waiver=waiver.hash,
        )
    ], "a sign-off says which findings were waived, by whom and why"
    assert [waived_in(other.body) for other in others] == [[]] * len(others)
    assert desk.check().wrong == ()
