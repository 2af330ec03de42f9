"""Drafts with an error: what is put right by itself, what the next engine is asked for, and what is left alone."""

import json
import shutil
from pathlib import Path

import polib
import pytest
from conftest import MakeDesk
from hypothesis import example, given, settings
from hypothesis import strategies as st
from workspaces import ENGINE, Desk, StandIn, drafted, make_workspace

from pipeline.engines import Draft
from pipeline.mending import Bench, best_of, errors, mended
from pipeline.model import Locale, Segment, SegmentKind, tags_of
from pipeline.put_back import put_back_alone, put_back_pair

GOLDEN = Path(__file__).parent / "golden" / "mending"
EN, ES = Locale.parse("en"), Locale.parse("es")


def segment(source: str) -> Segment:
    """A paragraph of one sentence."""
    kind = SegmentKind.PARAGRAPH
    return Segment(slug="a", number=1, position=0, source=source, kind=kind, heading_path=(), block=0, start=0, end=1)


def bench_of(root: Path) -> Bench:
    """The real judges of a workspace."""
    return Bench(Desk(root).judges, EN, ES)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Without a termbase."""
    return bench_of(make_workspace(tmp_path_factory.mktemp("mending") / "w", articles={}))


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_what_is_put_right_by_example(case: str, tmp_path: Path) -> None:
    """Each folder is a draft, what it becomes, and what the reviewer is told."""
    read = json.loads((GOLDEN / case / "case.json").read_text(encoding="utf-8"))
    has_terms = (GOLDEN / case / "terms.csv").exists()
    root = make_workspace(
        tmp_path / "w", articles={}, engines=("one", "two"), more='[terms]\nfiles = ["terms.csv"]' if has_terms else ""
    )
    if has_terms:
        shutil.copy(GOLDEN / case / "terms.csv", root)
    draft = Draft(text=read["draft"], engine="e", version="1")
    after, _ = mended(draft, segment(read["source"]), bench_of(root))
    assert after.text == read["text"]
    assert after.doubts == tuple(f"repaired: {said}" for said in read["said"])
    assert after.version == ("1, repaired" if read["said"] else "1")


PIECES = st.sampled_from(
    ["5", "0.5", " mg", " g", "www.a.org", "SAMHSA", "<x1/>", "<b2>", "</b2>", "\u202e", " ", "No"]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=8).map("".join).map(str.strip).filter(bool)


@settings(deadline=None)  # the first one loads all checks
@given(TEXTS, TEXTS)
@example("<x1/>", "\u202e")
def test_mending_never_makes_it_worse(bench: Bench, source: str, text: str) -> None:
    """For any pair: no more errors than before, the same tags, and mending twice is mending once."""
    draft, of = Draft(text=text, engine="e", version="1"), segment(source)
    after, left = mended(draft, of, bench)
    assert left == 0 or left == errors(bench.findings(after, of, all_checks=True))
    assert errors(bench.findings(after, of, all_checks=True)) <= errors(bench.findings(draft, of, all_checks=True))
    assert [tag[0] for tag in tags_of(after.text)] == [tag[0] for tag in tags_of(text)]
    assert mended(after, of, bench)[0] is after
    assert (after is draft) == (after.text == text)


def test_the_first_of_the_best_drafts_is_taken(bench: Bench) -> None:
    """Of equal ones the first engine's; the others are kept beside it, and the reviewer reads why it is another's."""
    of = segment("Take 3 tablets of 40 mg.")
    wrong, right = (
        Draft(text=text, engine=name, version="1")
        for text, name in (("Tome 6 comprimidos de 80 mg.", "one"), ("Tome 3 comprimidos de 40 mg.", "two"))
    )
    best, left = best_of([wrong, right], of, bench)
    assert (best.engine, best.beaten, left) == ("two", (wrong,), 0)
    (doubt,) = mended(best, of, bench)[0].doubts
    assert doubt == "repaired: the draft is two's; in one's, the source says 3, the translation 6"
    best, left = best_of([wrong, wrong], of, bench)
    assert best.engine == "one" and best.instead == "" and left == 2


# ---- placeables


@pytest.mark.parametrize(
    ("source", "draft", "expected"),
    [
        ("Take Xanax\ue301 now.", "Tome Xanax ahora.", "Tome Xanax\ue301 ahora."),
        ("Take \ue301 10 mg.", "Tome 10 mg.", "Tome \ue301 10 mg."),
        ("See the page\ue301.", "Vea la página.", "Vea la página\ue301."),
        ("Call SAMHSA \ue301 24/7.", "Llame 24/7 a SAMHSA.", None),
        ("Take it \ue301 daily.", "Tómelo a diario.", None),
        ("5 mg \ue301 or 5 mg", "5 mg o 5 mg", None),
        ("No \ue301 no no.", "No no.", None),
    ],
)
def test_what_stands_alone_goes_back_where_its_place_is_sure(source: str, draft: str, expected: str | None) -> None:
    """Beside an unchanged neighbour, or at the end; neighbours that are parted, or there twice, say nothing."""
    placed = put_back_alone(source, draft, "\ue301")
    assert (placed[0] if placed else None) == expected


@pytest.mark.parametrize(
    ("source", "draft", "expected"),
    [
        ("Take \ue1015 mg\ue201 daily.", "Tome 5 mg al día.", "Tome \ue1015 mg\ue201 al día."),
        ("Call \ue101\ue302\ue201 now.", "Llame \ue302 ya.", "Llame \ue101\ue302\ue201 ya."),
        ("Do \ue101not\ue201 stop.", "No pare.", None),
        ("\ue1015 mg\ue201 or 5 mg", "5 mg o 5 mg", None),
        ("It is \ue101no\ue201 use.", "Es no de uso.", None),
    ],
)
def test_a_pair_goes_back_around_what_is_unchanged(source: str, draft: str, expected: str | None) -> None:
    """What it holds stands in the draft as it is, once."""
    placed = put_back_pair(source, draft, "\ue101", "\ue201")
    assert (placed[0] if placed else None) == expected


# ---- a run


class _Wrong(StandIn):
    """Doubles each number."""

    name = "wrong"

    def translate(self, texts, source_locale, target_locale):  # type: ignore[no-untyped-def]
        """As the stand-in, with other doses."""
        answers = super().translate(texts, source_locale, target_locale)
        return [
            Draft(text=a.text.replace("3", "6").replace("40", "80"), engine=self.name, version=a.version)
            for a in answers
            if isinstance(a, Draft)
        ]


LEAFLET = {"leaflet.txt": b"Take 3 tablets of 40 mg.\nDrink water.\nTake 3 tablets of 40 mg.\n"}


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> StandIn:
    """An engine that gets doses wrong, beside the one that does not. Their words are of no language."""
    engine = _Wrong()
    monkeypatch.setattr(
        "pipeline.engines.ENGINES", {"wrong": lambda settings: engine, ENGINE: lambda settings: stand_in}
    )
    monkeypatch.setattr("review.checks.CHECKS", ("numbers_kept", "quantities_kept"))
    return engine


def test_a_draft_with_an_error_goes_to_the_next_engine(make_desk: MakeDesk, wrong: StandIn, stand_in: StandIn) -> None:
    """Only that one; the PO file and the report say so; a second run calls nobody and writes nothing."""
    desk = make_desk(LEAFLET, engines=("wrong", ENGINE))
    report = desk.run()
    assert stand_in.asked == ["Take 3 tablets of 40 mg."]
    assert (report.drafted, report.repaired, report.with_errors) == (3, 2, 0)
    entries = {entry.msgid: entry for entry in polib.pofile(str(desk.po("leaflet")))}
    dose, water = entries["Take 3 tablets of 40 mg."], entries["Drink water."]
    assert dose.msgstr == drafted(dose.msgid)
    assert "repaired: the draft is stand-in's; in wrong's, the source says 3, the translation 6" in dose.comment
    assert "wrong 1 en→es" in water.comment and "repaired" not in water.comment
    before = desk.po("leaflet").read_bytes()
    again = desk.run()
    assert (again.engine_calls, again.written, desk.po("leaflet").read_bytes()) == (0, [], before)


def test_the_same_sentence_in_another_article_asks_nobody(make_desk: MakeDesk, wrong: StandIn) -> None:
    """Both drafts lie in the cache as the engines gave them: the choice comes out the same, and so does its reason."""
    desk = make_desk(LEAFLET, engines=("wrong", ENGINE))
    desk.run()
    (desk.root / "source_content" / "more.txt").write_bytes(LEAFLET["leaflet.txt"])
    report = desk.run()
    assert (report.engine_calls, report.drafted, report.repaired) == (0, 3, 2)
    ours, more = (
        [(e.msgstr, [line for line in e.comment.split("\n") if "repaired" in line]) for e in polib.pofile(str(path))]
        for path in (desk.po("leaflet"), desk.po("more"))
    )
    assert ours == more


def test_without_a_better_draft_the_first_stands_and_is_marked(make_desk: MakeDesk, wrong: StandIn) -> None:
    """A machine's error that no machine can mend is the reviewer's, who reads it beside the draft."""
    desk = make_desk(LEAFLET, engines=("wrong",))
    report = desk.run()
    assert (report.drafted, report.repaired, report.with_errors) == (3, 0, 2)
    dose = next(entry for entry in polib.pofile(str(desk.po("leaflet"))) if "40" in entry.msgid)
    assert "error: the source says 3, the translation 6" in dose.comment and "repaired" not in dose.comment


def test_a_next_engine_that_fails_takes_nothing_away(make_desk: MakeDesk, wrong: StandIn, stand_in: StandIn) -> None:
    """The first draft stands as before."""
    stand_in.refuses = frozenset({"Take 3 tablets of 40 mg."})
    desk = make_desk(LEAFLET, engines=("wrong", ENGINE))
    report = desk.run()
    assert (report.drafted, report.failed, report.with_errors) == (3, [], 2)
    stand_in.refuses, stand_in.breaks_after = frozenset(), 0
    (desk.root / "source_content" / "new.txt").write_bytes(b"Take 3 spoons of 40 ml.")
    report = desk.run()
    assert (report.drafted, report.failed, report.with_errors) == (1, [], 1)
    assert len(report.broken) == 1


def test_what_people_wrote_is_not_mended(make_desk: MakeDesk, wrong: StandIn, stand_in: StandIn) -> None:
    """Their text stays letter by letter, whatever the checks say of it; no engine is asked about it."""
    desk = make_desk({"leaflet.txt": b"Drink 3 cups of water.\n"}, engines=("wrong",))
    desk.run()

    def write(entry: polib.POEntry) -> None:
        entry.msgstr, entry.flags = "Beba 7 tazas.", []

    desk.review("leaflet", "demo-linguist", write, attest=None)
    (desk.root / "signoff.toml").write_text(
        (desk.root / "signoff.toml").read_text().replace("engines = ['wrong']", f"engines = ['wrong', '{ENGINE}']")
    )
    desk.run()
    (entry,) = polib.pofile(str(desk.po("leaflet")))
    assert entry.msgstr == "Beba 7 tazas." and stand_in.asked == []
