"""What a reviewer is shown first, and why."""

import polib
from conftest import MakeDesk
from workspaces import Desk, accept, edit_po

from review.triage import POINTS, Task, triage

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
