"""Drafts translated back for the reviewer: on request only, an aid beside the draft, as durable as drafts."""

from collections.abc import Sequence

import polib
import pytest
from conftest import MakeDesk
from workspaces import ENGINE, Desk, StandIn, accept, files_below

from pipeline.engines import Draft, Failure, Missing, Serves
from pipeline.errors import EngineError
from pipeline.model import Locale

ARTICLES = {
    "pain.txt": b"Take one tablet.\nCall Mrs Bell at 555-0199-123.\nTake one tablet.\n",
    "sleep.txt": b"Go to bed.\n",
}
EN = Locale.parse("en")


class BothWays(StandIn):
    """The stand-in engine, which takes its o from the words again on the way back."""

    def __init__(self) -> None:
        super().__init__()
        self.back: list[str] = []
        """Every text that it was asked to translate back."""
        self.breaks_back = False

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """To English: shorter words."""
        if target_locale != EN:
            return super().translate(texts, source_locale, target_locale)
        if self.breaks_back:
            raise EngineError("broke on the way back")
        self.back += texts
        version = self.version(source_locale, target_locale)
        words = [" ".join(word.replace("o", "") or word for word in text.split()) for text in texts]
        return [Draft(text=text, engine=self.name, version=version) for text in words]


class Away(BothWays):
    """The same on another machine."""

    name, leaves_the_machine = "away", True


class OneWay(StandIn):
    """Drafts, and cannot go back."""

    name = "one-way"

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Not into English."""
        return Missing("is not made for it") if target_locale == EN else Serves()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> BothWays:
    """The engine under the stand-in's name; `away` and `one-way` beside it."""
    both = BothWays()
    table = {ENGINE: lambda settings: both, "away": lambda settings: Away(), "one-way": lambda settings: OneWay()}
    monkeypatch.setattr("pipeline.engines.ENGINES", table)
    return both


def aids(desk: Desk, slug: str) -> list[str]:
    """What a reviewer reads beside each draft."""
    return [
        "".join(line for line in entry.comment.splitlines() if line.startswith("translated back"))
        for entry in polib.pofile(str(desk.po(slug)))
    ]


def test_nothing_is_translated_back_unless_asked_for(make_desk: MakeDesk, engine: BothWays) -> None:
    """A plain run asks for nothing more than drafts."""
    desk = make_desk(ARTICLES)
    report = desk.run()
    assert engine.back == [] and report.by_locale["es"].back_translated == 0
    assert aids(desk, "pain") == ["", "", ""]


def test_what_a_draft_says_stands_beside_it(make_desk: MakeDesk, engine: BothWays) -> None:
    """Labelled as an aid, with the engine's name; each text of an article once; draft and state are the same."""
    desk, plain = make_desk(ARTICLES), make_desk(ARTICLES, name="plain")
    plain.run()
    report = desk.run(back_translate=True)
    label = f"translated back by {ENGINE}, an aid and no check: "
    assert aids(desk, "pain")[0] == f"{label}Take ne tablet." == aids(desk, "pain")[2]
    assert engine.back.count("Takeo oneo tableto.") == 1
    assert (report.by_locale["es"].back_translated, report.drafted) == (3, 4)
    for slug in ("pain", "sleep"):
        ours, theirs = (polib.pofile(str(one.po(slug))) for one in (desk, plain))
        assert [(e.msgctxt, e.msgstr, e.flags) for e in ours] == [(e.msgctxt, e.msgstr, e.flags) for e in theirs]
    assert desk.check().wrong == ()


def test_doing_it_again_asks_nothing_and_writes_nothing(make_desk: MakeDesk, engine: BothWays) -> None:
    """With the request or without; also the plain run after it leaves the aids where they are."""
    desk = make_desk(ARTICLES)
    desk.run()
    assert desk.run(back_translate=True).written == ["locales/es/pain.po", "locales/es/sleep.po"]
    before, asked = files_below(desk.root), list(engine.back)
    for back_translate in (True, False):
        report = desk.run(back_translate=back_translate)
        assert (report.written, report.engine_calls, engine.back) == ([], 0, asked)
        assert files_below(desk.root) == before


def test_only_drafts_that_nobody_has_read(make_desk: MakeDesk, engine: BothWays) -> None:
    """What people wrote or signed is left alone."""
    desk = make_desk({"sleep.txt": ARTICLES["sleep.txt"]})
    desk.run()
    desk.review("sleep", "demo-linguist", accept)
    desk.run(back_translate=True)
    assert engine.back == []


def test_a_new_draft_has_its_own(make_desk: MakeDesk, engine: BothWays) -> None:
    """Where the English was edited, the line of the former draft is gone until it is asked for again."""
    desk = make_desk({"sleep.txt": b"Go to bed.\nRest well.\n"})
    desk.run(back_translate=True)
    desk.write("sleep.txt", b"Go to bed now.\nRest well.\n")
    desk.run()
    new, kept = aids(desk, "sleep")
    assert new == "" and kept.endswith("Rest well.".replace("o", ""))
    desk.run(back_translate=True)
    assert all(aids(desk, "sleep")) and engine.back.count("Resto wello.") == 1


def test_an_engine_that_breaks_costs_no_draft(make_desk: MakeDesk, engine: BothWays) -> None:
    """It is named, the PO files are there, and the next request goes on."""
    desk = make_desk(ARTICLES)
    engine.breaks_back = True
    report = desk.run(back_translate=True)
    assert report.drafted == 4 and any("translated back: broke on the way" in line for line in report.broken)
    engine.breaks_back = False
    assert desk.run(back_translate=True).by_locale["es"].back_translated == 3


def test_without_an_engine_for_the_way_back_that_is_said_once(make_desk: MakeDesk, engine: BothWays) -> None:
    """The drafts are made all the same."""
    desk = make_desk(ARTICLES, engines=("one-way",))
    report = desk.run(back_translate=True)
    assert report.drafted == 4
    assert report.broken == ["es is not translated back: one-way: is not made for it"]


def test_private_data_stays_here_on_the_way_back_too(make_desk: MakeDesk, engine: BothWays) -> None:
    """A draft holds what its source held."""
    more = '[privacy]\npersonal_data = "refuse"\n'
    desk = make_desk(ARTICLES, engines=("away", ENGINE), more=more)
    desk.run(back_translate=True)
    assert engine.back == ["Callo Mrso Bello ato 555-0199-123."]
    assert all(aids(desk, "pain"))


def test_a_budget_holds_for_both_ways(make_desk: MakeDesk, engine: BothWays) -> None:
    """Characters are characters."""
    desk = make_desk(ARTICLES)
    report = desk.run(back_translate=True, budget=70)
    assert report.characters <= 70 and report.drafted == 4
    assert report.by_locale["es"].back_translated < 3


@pytest.mark.parametrize("tag", ["es", "ca", "gl", "pt-BR"])
def test_apertium_goes_back(make_desk: MakeDesk, tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real one, by the pairs that draft: Portuguese through Spanish."""
    monkeypatch.undo()
    desk = make_desk({"a.md": b"The **house** is big.\n"}, engines=("apertium",), locales=(tag,))
    report = desk.run(back_translate=True)
    (entry,) = polib.pofile(str(desk.po("a", tag)))
    (line,) = [line for line in entry.comment.splitlines() if line.startswith("translated back by apertium")]
    assert report.broken == [] and "is big" in line and "<" not in line
