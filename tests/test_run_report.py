"""The run report: per locale and engine what was done, refused, left English and paid; and how far a run has come."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import MakeDesk
from selectolax.lexbor import LexborHTMLParser
from workspaces import ENGINE, Desk, StandIn

from pipeline.asking import Asked
from pipeline.engines import Draft, Failure, RateLimited
from pipeline.model import Locale
from pipeline.progress import Moment
from pipeline.report import EngineTally, Failed, LocaleReport, RunReport, as_json
from pipeline.run_history import MOST_RUNS, write_report
from pipeline.run_report import as_html

HOSTILE = "</style><script>alert(1)</script>'\"&\u202e{0}"
ARTICLES = {
    "pain.txt": b"Take one tablet.\nOpioids help.\nOpioids and naloxone are two.\nNobody can draft this.\n",
    "sleep.txt": b"Take one tablet.\nGo to bed.\n",
}


class Doubts(StandIn):
    """The stand-in engine, which does not know two words, and talks instead of drafting one text."""

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """As the stand-in, with doubts."""
        answers = super().translate(texts, source_locale, target_locale)
        return [
            self._doubted(text, answer) if isinstance(answer, Draft) else answer
            for text, answer in zip(texts, answers, strict=True)
        ]

    def _doubted(self, text: str, answer: Draft) -> Draft:
        words = ", ".join(re.findall("Opioids|naloxone", text))
        said = "Sure! Here is it." if "Nobody" in text else answer.text
        return replace(answer, text=said, doubts=(f"left untranslated: {words}",) if words else ())


@pytest.fixture
def doubting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engines of a workspace."""
    engines = {ENGINE: lambda settings: Doubts(), "second": lambda settings: Second()}
    monkeypatch.setattr("pipeline.engines.ENGINES", engines)


class Second(StandIn):
    """The next of the list."""

    name = "second"


def test_each_locale_and_engine_has_its_figures(make_desk: MakeDesk, doubting: None) -> None:
    """Units add up; what a guard refused is the next engine's, and counted for both; words are there by frequency."""
    more = "[engine.stand-in]\nprice_per_million_characters = 1_000_000\n"
    desk = make_desk(ARTICLES, locales=("es", "ca"), engines=(ENGINE, "second"), more=more)
    report = desk.run()
    here = report.by_locale["es"]

    assert (here.drafted, here.failed, here.from_memory, here.unchanged, here.over_budget) == (6, 0, 0, 0, 0)
    first, second = here.engines[ENGINE], here.engines["second"]
    assert (first.drafted, first.guards, first.failed) == (5, {"chatter": 1}, {})
    assert (second.drafted, second.calls, second.guards) == (1, 1, {})
    assert first.calls == 2 and first.cost == first.characters and second.cost is None
    assert {word: len(ids) for word, ids in here.words().items()} == {"Opioids": 2, "naloxone": 1}
    assert report.drafted == 12 and report.engine_calls == 6 and report.cost == 2 * first.characters

    again = desk.run()
    assert (again.drafted, again.unchanged, again.engine_calls, again.cost) == (0, 12, 0, None)


def test_a_kind_of_doubt_can_be_read() -> None:
    """Whatever tag or number a doubt is about, alike ones are counted together, in a whole sentence."""
    report = LocaleReport()
    report.doubts["the extent of <b1> is a guess"] = ["a:0001"]
    report.doubts["the extent of <a2> is a guess: the engine lost it"] = ["a:0002"]
    assert report.kinds_of_doubt() == {"the extent of a tag is a guess": 2}


def test_failures_are_counted_by_their_reason() -> None:
    """Numbers and quoted words do not part them; drafts and the budget's end are none."""
    tally = EngineTally()
    tally.note(Asked(answers=[], calls=2, characters=30, seconds=0.5))
    for answer in (
        Failure(reason="is 700 pieces long, and a model takes 500"),
        Failure(reason="is 912 pieces long, and a model takes 500"),
        RateLimited(reason="busy"),
        Failure(reason="loops", guard="repetition loop"),
        Draft(text="x", engine="e", version="1"),
    ):
        tally.note_failure(answer)
    assert tally.failed == {"is … pieces long, and a model takes …": 2, "busy": 1}
    assert tally.guards == {"repetition loop": 1}


def hostile_report() -> RunReport:
    """Every text of it says what would run, or close something, in a page."""
    here = LocaleReport(drafted=3, failed=1, doubts={f"left untranslated: {HOSTILE}": [HOSTILE], HOSTILE: [HOSTILE]})
    here.engines[HOSTILE] = EngineTally(drafted=3, calls=1, seconds=1.0, guards={HOSTILE: 1}, failed={HOSTILE: 2})
    report = RunReport(started=HOSTILE, articles=1, locales=1, segments=4, cost=1.5, by_locale={HOSTILE: here})
    report.broken, report.refused, report.edited = [HOSTILE], [HOSTILE], [HOSTILE]
    report.written, report.leftover = [HOSTILE], [HOSTILE]
    report.failed = [Failed(id=HOSTILE, locale=HOSTILE, reason=HOSTILE)]
    return report


def test_the_page_runs_and_loads_nothing_whatever_stands_in_it() -> None:
    """Articles, engines and file names are text: no element or attribute of theirs; a policy forbids the rest."""
    page = as_html(hostile_report(), HOSTILE, HOSTILE)
    tree = LexborHTMLParser(page)
    assert not tree.css("script, link, img, iframe, a, [src]")
    assert not [name for node in tree.css("*") for name in node.attributes if name.startswith("on")]
    assert len(tree.css("style")) == 1 and "url(" not in page and "@import" not in page
    (policy,) = tree.css("meta[http-equiv='Content-Security-Policy']")
    assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert page.count("&lt;script&gt;") >= 12
    assert "prefers-color-scheme: dark" in page and tree.css("svg[role='img'][aria-label]")


def test_the_page_of_nothing_says_so_little() -> None:
    """A run without articles, and one without news, have a page as well."""
    assert "<h2>" not in as_html(RunReport(), "Site")
    quiet = RunReport(articles=1, by_locale={"es": LocaleReport(unchanged=4)})
    page = as_html(quiet, "Site")
    assert "had a text already" in page and "<h2>Engines" not in page and "Needs somebody" not in page


def test_the_two_files_say_the_same(make_desk: MakeDesk, doubting: None) -> None:
    """run.json has every doubt with its units; run.html has the words and what guards said."""
    desk = make_desk(ARTICLES, engines=(ENGINE,))
    report = desk.run()
    page, _ = write_report(desk.workspace, report)
    value = json.loads((Path(page).parent / "run.json").read_text())
    assert value == json.loads(json.dumps(as_json(report, doubts=True)))
    assert value["by_locale"]["es"]["words"] == {"Opioids": 2, "naloxone": 1}
    assert [len(ids) for ids in value["by_locale"]["es"]["doubts"].values()] == [1, 1]
    text = " ".join(LexborHTMLParser(page.read_bytes()).text().split())
    assert "Words that stayed English" in text and "naloxone" in text and "chatter" in text
    assert "No draft: a person translates" in text and "2026-06-01, 09:00:00 UTC" in text


# -- earlier runs


def folders(desk: Desk) -> list[str]:
    """The runs that are kept."""
    return sorted(path.name for path in (desk.root / ".signoff/logs/runs").iterdir())


def test_the_reports_of_earlier_runs_stay_readable(make_desk: MakeDesk, doubting: None) -> None:
    """Each run that did anything has its own page and JSON, and a line in the index; one without news has none."""
    desk = make_desk(ARTICLES, engines=(ENGINE,))
    first, _ = write_report(desk.workspace, desk.run("pain"))
    pages = [first.read_bytes()]
    assert write_report(desk.workspace, desk.run("pain"))[1] is None
    desk.clock.tick()
    newest, index = write_report(desk.workspace, desk.run())
    pages.append(newest.read_bytes())

    assert folders(desk) == ["2026-06-01T09-00-00Z", "2026-06-01T09-00-01Z"]
    assert [(newest.parent / "runs" / name / "run.html").read_bytes() for name in folders(desk)] == pages
    assert index == newest.parent / "runs.html"
    tree = LexborHTMLParser(index.read_bytes())
    links = [link.attributes["href"] or "" for link in tree.css("a")]
    assert links == [f"runs/{name}/run.html" for name in reversed(folders(desk))]
    assert all((index.parent / link).is_file() for link in links) and not tree.css("script, link, img, [src]")
    rows = json.loads((index.parent / "runs.json").read_text())
    assert [(row["run"], row["drafted"], row["failed"]) for row in rows] == [
        (folders(desk)[1], 2, 1),
        (folders(desk)[0], 3, 1),
    ]


def test_no_more_reports_are_kept_than_so_many(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """The oldest go, also of those that began in one second; what else lies there is left alone."""
    desk = make_desk(ARTICLES)
    report = desk.run()
    mine = desk.root / ".signoff/logs/runs/mine"
    mine.mkdir(parents=True)
    for _ in range(MOST_RUNS + 3):
        write_report(desk.workspace, report)
    kept = folders(desk)
    assert len(kept) == MOST_RUNS + 1 and mine.is_dir()
    numbers = {int(name.partition("Z-")[2] or 1) for name in kept if name != "mine"}
    assert numbers == set(range(4, MOST_RUNS + 4))


def test_an_index_that_is_torn_or_behind_is_made_again(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """After a crash between a run's folder and the index: the folders say what there was; a torn one is passed over."""
    desk = make_desk(ARTICLES)
    report = desk.run()
    logs = desk.root / ".signoff/logs"
    for _ in range(3):
        write_report(desk.workspace, report)
    whole = (logs / "runs.json").read_bytes()
    for torn in (b"", whole[: len(whole) // 2], b"[]"):
        (logs / "runs.json").write_bytes(torn)
        write_report(desk.workspace, report)
        assert len(json.loads((logs / "runs.json").read_bytes())) == len(folders(desk))
    (logs / "runs" / folders(desk)[0] / "run.json").write_bytes(b"{")
    (logs / "runs.json").unlink()
    write_report(desk.workspace, report)
    assert len(json.loads((logs / "runs.json").read_bytes())) == len(folders(desk)) - 1


# -- while it goes on


def test_a_run_tells_how_far_it_is(make_desk: MakeDesk, doubting: None) -> None:
    """Units of all locales, never backwards, to the end; drafts and cost so far."""
    told: list[Moment] = []
    more = "[engine.stand-in]\nprice_per_million_characters = 1_000_000\n"
    desk = make_desk(ARTICLES, locales=("es", "ca"), engines=(ENGINE,), more=more)
    report = desk.run(progress=told.append)
    assert [moment.done for moment in told] == sorted(moment.done for moment in told)
    assert (told[-1].done, told[-1].total) == (12, 12) and told[-1].what == "ca sleep"
    assert (told[-1].drafted, told[-1].cost) == (8, report.cost)
