"""The word count before a run: every segment once, in the right kind; it agrees with the run, and changes nothing."""

import csv
import io
import re

import pytest
from conftest import MakeDesk
from test_tmx import bring, tmx, unit
from workspaces import Desk, StandIn, files_below, rewrite

from pipeline.analyze import Analysis, Count, Kind, analyze
from pipeline.analyze_report import as_csv, as_html, as_json
from pipeline.changes import word_count
from pipeline.engines import Draft
from pipeline.engines.deepl import DeepL
from pipeline.errors import ConfigError, EngineError
from pipeline.model import Locale, text_hash
from pipeline.store.drafts import keep_drafts

EN, ES = Locale.parse("en"), Locale.parse("es")
PAIN = b"# Pain\n\nTake the tablet every evening with a glass of water. Rest is good.\n"
NEXT = (
    b"# Sleep\n\nTake the tablet every morning with a glass of water. Rest is good.\n\n"
    b"This one is new. Walk a little.\n\nThis one is new.\n"
)


def count(desk: Desk, *slugs: str, only: str | None = None, offline: bool = False) -> Analysis:
    with desk.store() as store:
        risk = desk.judges.risk
        return analyze(desk.workspace, store, risk, slugs=slugs, locales=desk.locales(), only=only, offline=offline)


def filled(analysis: Analysis, slug: str) -> dict[str, int]:
    (row,) = [row for row in analysis.rows if row.slug == slug]
    return {kind.value: row.kinds[kind].segments for kind in Kind if row.kinds[kind].segments}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Take <b1>2</b1> tablets – slow-release ones.", 5),
        ("Don't.", 1),
        ("5 mg / 10 mg", 4),
        ("… – !", 0),
        ("see<x1/>", 1),
    ],
)
def test_a_word_is_what_stands_between_blanks_and_has_a_letter_or_digit(source: str, words: int) -> None:
    """As docs/analyze.md says."""
    assert word_count(source) == words


def test_each_segment_is_counted_once_in_its_kind(make_desk: MakeDesk) -> None:
    """In a person's hand, exact in context or not, repeated, alike, new."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    desk.sign_all("pain")
    desk.write("sleep.md", NEXT)
    desk.write("pain2.md", PAIN)
    analysis = count(desk)
    assert filled(analysis, "pain") == {"in-hand": 3}
    assert filled(analysis, "pain2") == {"in-context": 3}
    # "Sleep" and two sentences are new; one of them comes again; `morning` for `evening` is 94 percent alike.
    assert filled(analysis, "sleep") == {"exact": 1, "repetition": 1, "85-94": 1, "new": 3}
    (row,) = [row for row in analysis.rows if row.slug == "sleep"]
    assert row.kinds[Kind.REPETITION] == Count(1, 4, 16)
    assert row.kinds[Kind.FROM_85].words == 10
    (total,) = analysis.totals
    assert total.total.segments == sum(row.total.segments for row in analysis.rows) == 12


def test_the_characters_to_draft_are_those_that_the_run_sends(make_desk: MakeDesk) -> None:
    """Repetitions and exact matches go to no engine; like sentences and new ones do."""
    desk = make_desk({"pain.md": PAIN, "sleep.md": NEXT}, locales=("es", "ca"))
    expected = {row.locale: row.to_draft for row in count(desk).totals}
    report = desk.run()
    assert report.characters == sum(expected.values()) > 0
    assert {row.to_draft for row in count(desk).totals} == {0}


def test_each_engine_is_told_its_texts_and_time(
    make_desk: MakeDesk, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its batches and pace; without what a stopped run left; only and offline are heeded as by the run."""
    table = {"stand-in": lambda settings: stand_in, "deepl": DeepL}
    monkeypatch.setattr("pipeline.engines.ENGINES", table)
    lines = [f"Walk {number} minutes with a dog of yours." for number in range(120)]
    pace = "[engine.deepl]\nrequests_per_minute = 2\n"
    desk = make_desk({"a.txt": "\n".join(lines).encode()}, engines=("stand-in", "deepl"), more=pace)
    own, deepl = count(desk).costs
    characters = sum(map(len, lines))
    assert (own.segments, own.characters, own.seconds) == (120, characters, round(characters / 30_000, 1))
    assert (deepl.segments, deepl.characters, deepl.seconds) == (120, characters, 60.0), "3 requests, 2 a minute"

    draft = Draft(text="Camine.", engine="stand-in", version=stand_in.version(EN, ES))
    with desk.store() as store, store.write() as transaction:
        keep_drafts(transaction, (), ("en", "es"), "a", {text_hash(line): draft for line in lines[:100]})
    assert [cost.segments for cost in count(desk).costs] == [20, 120]
    assert desk.run().characters == sum(map(len, lines[100:]))

    assert [cost.engine for cost in count(desk, only="deepl").costs] == ["deepl"]
    assert [cost.engine for cost in count(desk, offline=True).costs] == ["stand-in"]
    with pytest.raises(EngineError, match="does not name google for es"):
        count(desk, only="google")


def test_counting_drafts_nothing_and_writes_nothing(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """Not even on a workspace that was never run, but for the empty store."""
    desk = make_desk({"pain.md": PAIN})
    count(desk)
    before = files_below(desk.root)
    count(desk)
    assert files_below(desk.root) == before
    assert stand_in.asked == []


def test_hours_are_words_by_the_speeds_that_are_said(make_desk: MakeDesk) -> None:
    """Each kind by its speed, and critical words once more for the second person; signoff.toml can say others."""
    more = "[analyze.words_per_hour]\nnew = 10\nsecond-person = 5\n"
    desk = make_desk({"a.txt": b"Take 5 mg every evening.\n\nWalk a little with your dog.\n"}, more=more)
    (total,) = count(desk).totals
    assert (total.total.words, total.critical_words) == (11, 5)
    assert total.hours == pytest.approx(11 / 10 + 5 / 5)


def test_cost_is_characters_times_price_and_an_unknown_price_is_said(make_desk: MakeDesk) -> None:
    """An engine on this machine costs nothing; of another, without a price, nobody knows."""
    prices = '[engine.deepl]\nprice_per_million_characters = 20\n[analyze]\ncurrency = "EUR"\n'
    engines = ("stand-in", "deepl", "google")
    desk = make_desk({"a.txt": b"Walk a little. " * 1000}, engines=engines, more=prices)
    costs = {cost.engine: (cost.price, cost.cost) for cost in count(desk).costs}
    assert costs["stand-in"] == (0.0, 0.0)
    assert costs["deepl"][0] == 20
    assert costs["google"] == (None, None)


def test_an_engine_that_a_run_would_not_ask_is_said_so(
    make_desk: MakeDesk, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it would cost is counted all the same; why nobody would ask it, and what to do, stands beside."""
    monkeypatch.delenv("SIGNOFF_DEEPL_KEY", raising=False)
    monkeypatch.setattr("pipeline.engines.ENGINES", {"stand-in": lambda settings: stand_in, "deepl": DeepL})
    desk = make_desk({"a.txt": b"Walk a little."}, engines=("stand-in", "deepl", "no-such"))
    todo = {cost.engine: cost.todo for cost in count(desk).costs}
    assert todo["stand-in"] == "" and "SIGNOFF_DEEPL_KEY" in todo["deepl"] and "no engine 'no-such'" in todo["no-such"]
    assert {cost.characters for cost in count(desk).costs} == {len("Walk a little.")}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("[engine.deepl]\nprice_per_million_characters = -1\n", "must be a number from 0 on"),
        ("[engine.deepl]\nprice_per_million_characters = true\n", "must be a number"),
        ('[analyze.words_per_hour]\nnew = "many"\n', "new must be a number"),
        ("[analyze.words_per_hour]\nnw = 5\n", "did you mean new"),
        ("[analyze]\nmoney = 5\n", "unknown key 'money'"),
    ],
)
def test_a_price_or_speed_that_cannot_be_is_refused_with_its_line(make_desk: MakeDesk, more: str, reason: str) -> None:
    """As every other key of signoff.toml."""
    with pytest.raises(ConfigError, match=reason) as refused:
        _ = make_desk({"a.txt": b"One.\n"}, more=more).workspace
    assert refused.value.line


def test_an_imported_memory_counts_as_a_match(make_desk: MakeDesk) -> None:
    """It saves drafting, not reviewing."""
    desk = make_desk({"a.txt": b"Rest is good.\n"})
    bring(desk, tmx(unit("Rest is good.", "Descansar es bueno.")))
    assert filled(count(desk), "a") == {"exact": 1}


def test_an_article_that_cannot_be_read_is_named_and_the_others_counted(make_desk: MakeDesk) -> None:
    """Nothing is left out in silence."""
    analysis = count(make_desk({"a.txt": b"Rest is good.\n", "bad.txt": b"caf\xe9\n"}))
    assert [row.slug for row in analysis.rows] == ["a"]
    assert "bad.txt:1" in analysis.refused[0]


# -- for others -------------------------------------------------------------------------------------------------------


def test_csv_has_a_line_for_each_article_locale_and_kind_and_no_formula(make_desk: MakeDesk) -> None:
    """A spreadsheet opens it; a file name that looks like a formula stays a name."""
    analysis = count(make_desk({"=1+1.txt": b"Rest is good.\n"}))
    rows = list(csv.DictReader(io.StringIO(as_csv(analysis))))
    assert [row["kind"] for row in rows] == [kind.value for kind in Kind]
    assert {row["article"] for row in rows} == {"'=1+1"}
    assert rows[-1] | {"article": ""} == {
        "article": "", "locale": "es", "kind": "new", "segments": "1", "words": "3", "characters": "13",
    }  # fmt: skip


def test_the_page_shows_a_bar_for_each_locale_and_runs_nothing(make_desk: MakeDesk) -> None:
    """No script, nothing loaded, what an article is called is escaped; the widths add up."""
    desk = make_desk({"a.txt": b"Rest is good.\n", "<b>&.txt": b"Walk a little. Rest is good.\n"}, locales=("es", "ca"))
    page = as_html(count(desk), "A <site>")
    assert "<script" not in page
    assert not re.search(r"""(src|href|url)\s*[=(]""", page)
    assert "&lt;b&gt;&amp;" in page
    assert "A &lt;site&gt;" in page
    assert page.count("<g transform") == 2
    widths = [float(width) for width in re.findall(r'<rect [^>]*?width="([\d.]+)"', page)]
    assert sum(widths) == pytest.approx(2 * 640, abs=1)


def test_json_holds_the_counts_the_costs_and_the_assumptions(make_desk: MakeDesk) -> None:
    """The shape that docs/json.md names."""
    desk = make_desk({"a.txt": b"Rest is good.\n"})
    desk.run()
    desk.review("a", "demo-linguist", rewrite)
    value = as_json(count(desk))
    assert set(value) == {"rows", "totals", "engines", "words_per_hour", "currency", "refused"}
    (row,) = value["rows"]
    assert set(row) == {"slug", "locale", "kinds", "total", "critical_words", "to_draft", "hours"}
    assert row["kinds"]["in-hand"] == {"segments": 1, "words": 3, "characters": 13}
    assert set(row["kinds"]) | {"second-person"} == set(value["words_per_hour"]) | {"in-hand"}
    (engine,) = value["engines"]
    assert {"engine", "locale", "price_per_million_characters", "cost"} < set(engine)
    assert (engine["segments"], engine["characters"], engine["seconds"]) == (0, 0, 0.0)
