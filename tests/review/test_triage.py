"""What a reviewer is shown first, and why."""

import polib
from conftest import MakeDesk
from workspaces import Desk, accept, edit_po

from pipeline.urgency import CLASSES, POINTS
from review.triage import Task, triage

ARTICLE = b"# Pain\n\nRest is good. Take 5 mg every evening. Walk a little.\n"


def tasks(desk: Desk) -> list[Task]:
    with desk.store() as store:
        found, refused = triage(desk.workspace, store, desk.judges, desk.locales())
    assert refused == []
    return found


def test_the_critical_sentence_comes_first_and_says_why(make_desk: MakeDesk) -> None:
    """A dose before the title that stands above it; the points are those of the reasons."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    first, *others = tasks(desk)
    assert first.source == "Take 5 mg every evening."
    assert first.why[0] == "critical (dose)"
    assert first.points > max(task.points for task in others) >= POINTS["not read"]
    assert all(task.why for task in others)


def test_an_error_puts_a_sentence_before_its_neighbours(make_desk: MakeDesk) -> None:
    """Another dose in the translation outweighs everything else in an article."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    before = tasks(desk)[0].points

    def spoil(entry: polib.POEntry) -> None:
        accept(entry)
        if "5 mg" in entry.msgid:
            entry.msgstr = "Tome 50 mg cada noche."

    back = edit_po(desk.po("pain"), spoil, desk.root / "desk" / "back.po")
    desk.import_(back, "demo-linguist")
    first = tasks(desk)[0]
    assert first.target == "Tome 50 mg cada noche."
    assert any(reason.startswith("error: ") for reason in first.why)
    assert first.points > before


def test_what_is_signed_off_is_no_work(make_desk: MakeDesk) -> None:
    """When everybody has signed, there is nothing to look at."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest is good.\n"})
    desk.run()
    desk.sign_all("pain", "demo-linguist")
    assert tasks(desk) == []


def orders(desk: Desk) -> dict[str, str]:
    """What each entry of the PO file says of the order of work, by its English."""
    entries = polib.pofile(str(desk.po("pain")))
    return {e.msgid: next((n for n in e.comment.split("\n") if n.startswith("order: ")), "") for e in entries}


def test_the_po_file_says_in_what_order_to_work_and_why(make_desk: MakeDesk) -> None:
    """A class, with its reasons, as the first note; what comes last, and what is signed off, has none."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    said = orders(desk)
    assert said["Take 5 mg every evening."] == "order: 2 of 3 - critical"
    assert said["Walk a little."] == ""
    assert polib.pofile(str(desk.po("pain")))[2].comment.startswith("order: 2 of 3 - critical\nparagraph")
    desk.sign_all("pain", "demo-linguist", "demo-clinician")
    desk.run()
    assert set(orders(desk).values()) == {""}


def test_one_unit_that_changes_leaves_all_others_as_they_are(make_desk: MakeDesk) -> None:
    """A class is no rank: only the entry that got an error has other notes."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    before = {e.msgid: e.comment for e in polib.pofile(str(desk.po("pain")))}

    def spoil(entry: polib.POEntry) -> None:
        if "5 mg" in entry.msgid:
            entry.msgstr, entry.flags = "Tome 50 mg cada noche.", []

    desk.import_(edit_po(desk.po("pain"), spoil, desk.root / "desk" / "back.po"), "demo-linguist")
    desk.run()
    after = {e.msgid: e.comment for e in polib.pofile(str(desk.po("pain")))}
    assert {msgid for msgid in before if before[msgid] != after[msgid]} == {"Take 5 mg every evening."}
    assert "order: 1 of 3 - critical, " in after["Take 5 mg every evening."]


def test_the_classes_are_those_of_the_points() -> None:
    """Of class 1 is what is critical with anything said of it; an error alone, or what is critical, is of class 2."""
    critical, error, doubt, warning, unread = POINTS.values()
    assert critical + unread < CLASSES[0] <= critical + warning
    assert doubt + unread < CLASSES[1] <= error and CLASSES[1] <= critical
    assert unread < CLASSES[2] <= warning
