"""An article whose file is renamed goes on under its new name; a later article under the old one is another."""

import re
import shutil
from pathlib import Path

import polib
import pytest
from conftest import MakeDesk
from workspaces import Desk, StandIn, accept, drafted, rewrite

from pipeline.store.ledger import EventKind

FIVE = (
    "Rest until the fever is gone.",
    "Take 2 tablets in the evening.",
    "Walk a little every morning.",
    "Ask your doctor.",
    "Call a friend who lives nearby.",
)
ARTICLE = (" ".join(FIVE) + "\n").encode()
SIGNED = dict.fromkeys((1, 2, 3, 4, 5), "signed-off")


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A workspace whose article `old` is signed by both people and published."""
    desk = make_desk({"old.md": ARTICLE})
    desk.run()
    for by in ("demo-linguist", "demo-clinician"):
        desk.review("old", by)
    desk.run()
    assert desk.states("old") == SIGNED
    assert [page.state for page in desk.publish().pages] == ["published"]
    return desk


def rename(desk: Desk, old: str, new: str, data: bytes | None = None) -> None:
    """Rename an article's file, and edit it."""
    (desk.root / "source_content" / f"{old}.md").unlink()
    path = desk.root / "source_content" / f"{new}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(ARTICLE if data is None else data)


def is_sound(desk: Desk) -> None:
    """The ledger is whole, every page is proven, and a fresh clone comes to the same."""
    states = {slug: desk.states(slug) for slug in ("old", "new", "third")}
    assert desk.check().wrong == ()
    assert desk.prove().unproven == ()
    shutil.rmtree(desk.root / ".signoff")
    assert desk.check().wrong == ()
    assert {slug: desk.states(slug) for slug in ("old", "new", "third")} == states
    assert desk.run().written == []


@pytest.mark.parametrize("new", ["new", "folder/old"])
def test_a_renamed_article_keeps_its_sign_offs(desk: Desk, new: str) -> None:
    """Numbers, texts, signatures; the site has the page at its new address, and the old one leads there."""
    rename(desk, "old", new)
    assert desk.prove().unproven == ()
    (found,) = desk.run().renamed
    assert (found.old, found.new, found.equal, found.sentences) == ("old", new, 5, 5)
    assert (desk.states(new), desk.states("old")) == (SIGNED, {})
    assert desk.prove().unproven == ()
    assert [(page.slug, page.state) for page in desk.publish().pages] == [(new, "published")]
    assert "http-equiv" in desk.page("old").read_text() and "Name of" not in desk.page("old").read_text()
    is_sound(desk)


def test_what_only_came_through_a_name_leaves_the_memory_with_it(desk: Desk) -> None:
    """Nothing is said of a sentence under the name in between, since its PO entry stays; the memory has it once."""
    rename(desk, "old", "new", ARTICLE.replace(b"2 tablets", b"3 tablets"))
    desk.run()
    rename(desk, "new", "third", ARTICLE.replace(b"2 tablets", b"3 tablets"))
    desk.run()
    is_sound(desk)


def test_publish_sees_a_rename_as_run_does(desk: Desk) -> None:
    """Whichever comes first."""
    rename(desk, "old", "new")
    assert [(page.slug, page.state) for page in desk.publish().pages] == [("new", "published")]
    assert desk.run().renamed == []
    is_sound(desk)


def test_a_renamed_article_with_edits_is_told_apart_from_a_new_one(desk: Desk, stand_in: StandIn) -> None:
    """Only what changed comes back, with what it was; the report compares with what went out under the old name."""
    stand_in.asked.clear()
    rename(desk, "old", "new", ARTICLE.replace(b"2 tablets", b"3 tablets"))
    report = desk.run()
    assert stand_in.asked == ["Take 3 tablets in the evening."]
    (change,) = report.changes
    assert (change.first, change.edited, change.unchanged, change.review_words) == (False, 1, 4, 6)
    assert desk.states("new") == {**SIGNED, 6: "draft"}
    assert [page.state for page in desk.publish().pages] == ["held"]
    for by in ("demo-linguist", "demo-clinician"):
        desk.review("new", by)
        desk.run()
    assert [page.state for page in desk.publish().pages] == ["published"]
    is_sound(desk)


def test_what_is_only_a_little_alike_is_no_rename(desk: Desk) -> None:
    """Two equal sentences in five say nothing; their texts come back from memory, to be signed there."""
    rename(desk, "old", "new", f"{FIVE[0]} {FIVE[3]} One more. And another one. The last of them.\n".encode())
    report = desk.run()
    assert (report.renamed, report.from_memory) == ([], 2)
    assert set(desk.states("new").values()) == {"draft"}


def test_many_articles_can_be_moved_at_once(make_desk: MakeDesk) -> None:
    """A folder is renamed: each article finds its own, though most of them share a sentence."""
    articles = {
        f"part/a{n}.md": f"Rest {n} days. Walk {n} miles. Drink {n} cups. {FIVE[3]}\n".encode() for n in range(60)
    }
    desk = make_desk(articles)
    desk.run()
    (desk.root / "source_content" / "part").rename(desk.root / "source_content" / "chapter")
    found = desk.run().renamed
    assert [(one.old, one.new) for one in found] == sorted((f"part/a{n}", f"chapter/a{n}") for n in range(60))


def test_a_copy_is_no_rename(desk: Desk) -> None:
    """The old file is still there."""
    desk.write("new.md", ARTICLE)
    assert desk.run().renamed == []
    assert set(desk.states("new").values()) == {"draft"}


def test_of_two_equal_copies_none_is_the_renamed_one(desk: Desk) -> None:
    """Unsure is no rename."""
    rename(desk, "old", "new")
    desk.write("third.md", ARTICLE)
    assert desk.run().renamed == []
    assert set(desk.states("new").values()) == {"draft"}


def test_a_name_that_another_article_left_is_not_taken_over(desk: Desk) -> None:
    """Both articles' numbers would be in one: it is new there, and its texts come back from memory."""
    desk.write("third.md", b"Drink water. Sleep well. Eat an apple.\n")
    desk.run()
    desk.sign_all("third")
    rename(desk, "old", "new")
    desk.run()
    rename(desk, "third", "old", b"Drink water. Sleep well. Eat an apple.\n")
    report = desk.run()
    assert (report.renamed, report.from_memory) == ([], 3)
    assert (set(desk.states("old")), desk.states("new")) == ({6, 7, 8}, SIGNED)
    desk.publish()
    is_sound(desk)


def test_the_one_of_two_copies_with_the_old_file_name_is_the_renamed_one(desk: Desk) -> None:
    """A file that was moved to a folder, and copied."""
    rename(desk, "old", "folder/old")
    desk.write("third.md", ARTICLE)
    assert [(found.old, found.new) for found in desk.run().renamed] == [("old", "folder/old")]


def test_a_later_article_under_the_old_name_is_another_one(desk: Desk) -> None:
    """Its sentences have numbers of their own, and nothing that was signed before counts for them."""
    rename(desk, "old", "new")
    desk.run()
    desk.write("old.md", ARTICLE)
    report = desk.run()
    assert (report.renamed, report.from_memory) == ([], 5)
    assert desk.states("old") == dict.fromkeys((6, 7, 8, 9, 10), "draft")
    assert desk.states("new") == SIGNED
    assert [(p.slug, p.state) for p in desk.publish().pages] == [("new", "published"), ("old", "held")]
    assert not desk.page("old").exists()
    desk.review("new", "demo-linguist", rewrite)
    assert set(desk.states("old").values()) == {"draft"}
    for by in ("demo-linguist", "demo-clinician"):
        desk.review("old", by)
    assert set(desk.states("old").values()) == {"signed-off"}
    assert set(desk.states("new").values()) <= {"proposed", "reviewed", "signed-off"}
    desk.run()
    desk.publish()
    is_sound(desk)


def test_a_later_article_can_be_renamed_as_well(desk: Desk) -> None:
    """Only what is its own goes along."""
    rename(desk, "old", "new")
    desk.run()
    desk.write("old.md", b"Drink water. Sleep well. Eat an apple. Rest until the fever is gone.\n")
    desk.run()
    desk.sign_all("old")
    rename(desk, "old", "third", b"Drink water. Sleep well. Eat an apple. Rest until the fever is gone.\n")
    assert [(found.old, found.new) for found in desk.run().renamed] == [("old", "third")]
    assert set(desk.states("third")) == {6, 7, 8, 9}
    assert (desk.states("new"), desk.states("old")) == (SIGNED, {})
    desk.publish()
    is_sound(desk)


def test_a_rename_that_is_taken_back_loses_nothing(desk: Desk) -> None:
    """There and back again, with an edit and a signature in between."""
    rename(desk, "old", "new", ARTICLE + b"\nDrink water.\n")
    desk.run()
    desk.review("new", "demo-linguist")
    rename(desk, "new", "old", ARTICLE + b"\nDrink water.\n")
    assert [(found.old, found.new) for found in desk.run().renamed] == [("new", "old")]
    assert desk.states("old") == {**SIGNED, 6: "signed-off"}
    assert [(page.slug, page.state) for page in desk.publish().pages] == [("old", "published")]
    is_sound(desk)
    desk.write("new.md", ARTICLE)
    desk.run()
    assert set(desk.states("new")) == {7, 8, 9, 10, 11}
    assert desk.states("old") == {**SIGNED, 6: "signed-off"}
    desk.publish()
    is_sound(desk)


def test_a_file_that_went_out_under_the_old_name_can_come_back(make_desk: MakeDesk) -> None:
    """Its texts and verdicts are those of the renamed article; also when another one has the old name by then."""
    desk = make_desk({"old.md": ARTICLE})
    desk.run()
    out = desk.edited("old", rewrite, name="went-out.po")
    again = desk.edited("old", accept, name="went-out-too.po")
    rename(desk, "old", "new")
    desk.run()
    desk.write("old.md", ARTICLE)
    desk.run()
    report = desk.import_(out, "demo-linguist", "all")
    assert {entry.result.value for entry in report.entries} == {"signed"}
    assert set(desk.states("new").values()) == {"signed-off", "reviewed"}
    assert set(desk.states("old").values()) == {"draft"}
    desk.run()
    texts = {entry.msgid: entry.msgstr for entry in polib.pofile(str(desk.po("new")))}
    assert texts == {source: drafted(source) + " Sí." for source in FIVE}
    report = desk.import_(again, "demo-clinician", "all")
    assert {entry.result.value for entry in report.entries} == {"unchanged"}
    assert desk.check().wrong == ()


def test_what_lies_under_the_old_name_in_locales_is_named(desk: Desk) -> None:
    """To be deleted where nobody edited it, to be imported where somebody did; it is never touched."""
    rename(desk, "old", "new")
    assert desk.run().leftover == ["locales/es/old.po"]
    assert desk.run().leftover == ["locales/es/old.po"]
    desk.edited("old", rewrite).replace(desk.po("old"))
    mine = desk.po("old").read_bytes()
    report = desk.run()
    assert (report.leftover, report.edited) == ([], ["locales/es/old.po"])
    assert desk.po("old").read_bytes() == mine
    desk.import_(desk.po("old"), "demo-linguist", "edited")
    assert desk.run().leftover == ["locales/es/old.po"]
    assert all(e.msgstr.endswith("Sí.") for e in polib.pofile(str(desk.po("new"))))
    desk.po("old").unlink()
    assert desk.run().leftover == []


def test_two_stores_that_saw_the_same_rename_agree(desk: Desk, tmp_path: Path) -> None:
    """Each recorded it by itself; what either signed counts in both, and the order of the ledgers does not matter."""
    other = Desk(tmp_path / "other")
    shutil.copytree(desk.root, other.root, ignore=shutil.ignore_patterns(".signoff"))
    for one in (desk, other):
        one.clock.tick(60)
        rename(one, "old", "new", ARTICLE + b"\nDrink water.\n")
        one.run()
    other.review("new", "demo-linguist")
    for path in (other.root / "ledger").glob("*.jsonl"):
        shutil.copy(path, desk.root / "ledger" / path.name)
    assert desk.check().wrong == ()
    assert desk.states("new") == {**SIGNED, 6: "signed-off"}
    desk.run()
    desk.publish()
    is_sound(desk)


def test_a_sign_off_that_comes_late_under_the_old_name_counts(desk: Desk, tmp_path: Path) -> None:
    """Another store had not heard of the rename; it was the same sentence."""
    other = Desk(tmp_path / "other")
    shutil.copytree(desk.root, other.root, ignore=shutil.ignore_patterns(".signoff"))
    other.clock.tick(120)
    other.review("old", "demo-linguist", rewrite)
    rename(desk, "old", "new")
    desk.run()
    for path in (other.root / "ledger").glob("*.jsonl"):
        shutil.copy(path, desk.root / "ledger" / path.name)
    assert desk.check().wrong == ()
    assert set(desk.states("new").values()) == {"signed-off", "reviewed"}
    desk.run()
    texts = {entry.msgid: entry.msgstr for entry in polib.pofile(str(desk.po("new")))}
    assert all(text.endswith("Sí.") for text in texts.values())


def test_the_event_of_a_rename_says_what_it_was(desk: Desk) -> None:
    """Anybody can follow it with the ledger alone."""
    rename(desk, "old", "new")
    desk.run()
    with desk.store() as store, store.read() as transaction:
        (event,) = transaction.events(EventKind.REVISION, slug="new")
    assert event.body["renamed_from"] == {"slug": "old", "before": 6}
    assert re.fullmatch(r"[0-9a-f]{64}", event.body["new"][0]["source_hash"])
    assert [new["number"] for new in event.body["new"]] == [1, 2, 3, 4, 5]
