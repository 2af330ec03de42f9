"""What stands as the last run left it is not even cut; whatever changed about an article is looked at."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk, StandIn

from pipeline.articles import Cut, read_article
from pipeline.config import Workspace

TWO = {f"{name}.txt": f"{name} one.\n{name} two.\n".encode() for name in ("a", "b")}


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the articles that were cut, in order."""
    names: list[str] = []

    def watched(workspace: Workspace, path: Path) -> Cut:
        names.append(path.name)
        return read_article(workspace, path)

    monkeypatch.setattr("pipeline.run.read_article", watched)
    return names


def test_what_stands_is_counted_and_not_cut(make_desk: MakeDesk, cut: list[str]) -> None:
    """The report of a run without changes says the same of an article, whether it was looked at or not."""
    desk = make_desk(TWO, locales=("es", "ca"))
    desk.run()
    cut.clear()
    report = desk.run()
    assert (cut, report.articles, report.segments, report.unchanged) == ([], 2, 4, 8)


def test_a_new_locale_is_looked_at(make_desk: MakeDesk, cut: list[str]) -> None:
    """What stands in one locale may be missing in another."""
    desk = make_desk(TWO, locales=("es", "ca"))
    desk.run(to=["es"])
    cut.clear()
    assert len(desk.run().written) == 2
    assert cut == ["a.txt", "b.txt"]


def _edit_the_english(desk: Desk) -> None:
    desk.write("a.txt", b"a one.\na two and a half.\n")


def _edit_the_po(desk: Desk) -> None:
    desk.po("a").write_bytes(desk.po("a").read_bytes() + b"\n# mine\n")


def _delete_the_po(desk: Desk) -> None:
    desk.po("a").unlink()


def _link_the_article(desk: Desk) -> None:
    path = desk.root / "source_content" / "a.txt"
    path.rename(desk.root / "elsewhere.txt")
    path.symlink_to(desk.root / "elsewhere.txt")


@pytest.mark.parametrize("change", [_edit_the_english, _edit_the_po, _delete_the_po, _link_the_article])
def test_what_changed_is_looked_at(make_desk: MakeDesk, cut: list[str], change: Callable[[Desk], None]) -> None:
    """And the other article is not."""
    desk = make_desk(TWO)
    desk.run()
    change(desk)
    cut.clear()
    desk.run()
    assert cut == ["a.txt"]


@pytest.mark.parametrize("more", ['[headings]\nare = ["a one."]', '[[protect]]\nname = "Brandname"'])
def test_other_settings_have_every_article_looked_at(make_desk: MakeDesk, cut: list[str], more: str) -> None:
    """They may cut it otherwise, or judge it otherwise."""
    desk = make_desk(TWO)
    desk.run()
    settings = desk.root / "signoff.toml"
    settings.write_text(settings.read_text() + more + "\n")
    cut.clear()
    desk.run()
    assert cut == ["a.txt", "b.txt"]


def test_what_failed_is_looked_at_until_it_has_a_text(make_desk: MakeDesk, stand_in: StandIn, cut: list[str]) -> None:
    """An engine may do tomorrow what it could not do today."""
    desk = make_desk(TWO)
    stand_in.fails_now = True
    desk.run()
    stand_in.fails_now = False
    assert desk.run().drafted == 4
    cut.clear()
    desk.run()
    assert cut == []


def test_a_renamed_article_is_found_behind_those_that_stand(make_desk: MakeDesk, cut: list[str]) -> None:
    """The file that is gone is known from the ledger, not from being cut."""
    desk = make_desk(TWO)
    desk.run()
    (desk.root / "source_content" / "a.txt").rename(desk.root / "source_content" / "c.txt")
    cut.clear()
    report = desk.run()
    assert [(rename.old, rename.new) for rename in report.renamed] == [("a", "c")]
    assert cut == ["c.txt"]
