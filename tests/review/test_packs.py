"""Packs: each reviewer gets exactly what is hers to read, and nothing that comes back is lost."""

from datetime import date
from pathlib import Path

import polib
import pytest
from conftest import MakeDesk
from workspaces import Desk, Somebody, accept, edit_po, files_below, rewrite

from pipeline.errors import PackError, PolicyError
from pipeline.model import Locale
from pipeline.store.ledger import EventKind
from review.merge import Result
from review.packs import Pack, read_packs
from review.sending import SendReport, extend, reassign, recall, send

ARTICLE = b"# Rest\n\nRest is good. Walk a little.\n\nTake 5 mg every evening.\n"
PEOPLE = (
    Somebody(id="ana", roles=("linguist",)),
    Somebody(id="eva", roles=("linguist",)),
    Somebody(id="dr-vega", roles=("medical reviewer",)),
    Somebody(id="lea", roles=("content lead",)),
)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A real workspace with four people, drafted."""
    desk = make_desk({"a.md": ARTICLE, "b.txt": b"Sleep well.\n"}, demo=False, people=PEOPLE)
    desk.run()
    return desk


def sent(desk: Desk, reviewer: str, *slugs: str, name: str = "", **more: object) -> SendReport:
    """`signoff send --to es --reviewer … -o <name>`."""
    out = desk.root / "packs" / (name or f"{reviewer}-{len(packs(desk))}")
    with desk.store() as store:
        options = {"locale": Locale.parse("es"), "by": "lea", "slugs": slugs, "out": out, **more}
        return send(desk.workspace, store, desk.judges, reviewer=reviewer, **options)  # type: ignore[arg-type]


def packs(desk: Desk) -> dict[str, Pack]:
    """As the ledger has them."""
    with desk.store() as store, store.read() as transaction:
        return read_packs(transaction)


def po_of(report: SendReport, slug: str) -> Path:
    """An article's PO file in a pack."""
    return next(path for path in map(Path, report.files) if path.name == f"{slug}.es.po")


def ids(path: Path) -> set[str]:
    """The units of a PO file."""
    return {entry.msgctxt for entry in polib.pofile(str(path))}


def test_a_pack_has_the_files_a_brief_and_a_preview_of_each_page(desk: Desk) -> None:
    """What lies in the folder, and that the ledger knows of it."""
    report = sent(desk, "ana", due=date(2026, 6, 10))
    names = {Path(path).name for path in report.files}
    assert names == {"a.es.po", "a.es.preview.html", "b.es.po", "b.es.preview.html", "brief.html"}
    (pack,) = packs(desk).values()
    assert (pack.reviewer, pack.due, pack.state, pack.units) == ("ana", "2026-06-10", "open", 5)
    assert desk.check().wrong == ()


def test_no_unit_is_in_two_open_packs(desk: Desk) -> None:
    """What ana has, eva does not get; what is left she gets."""
    sent(desk, "ana", "a")
    assert {Path(path).name for path in sent(desk, "eva").files if path.endswith(".po")} == {"b.es.po"}
    with pytest.raises(PackError, match="with ana in pack ana-es-"):
        sent(desk, "eva")


def test_each_gets_only_what_her_step_is(desk: Desk) -> None:
    """The clinician's pack holds the critical sentence alone, once the linguist has signed it."""
    with pytest.raises(PackError, match="waiting for another linguist or reviser"):
        sent(desk, "lea")
    first = sent(desk, "ana")
    desk.import_(edit_po(po_of(first, "a"), accept, desk.root / "back.po"), "ana", "all")
    second = sent(desk, "dr-vega", "a")
    assert ids(po_of(second, "a")) == {i for i in ids(po_of(first, "a")) if i.split(":")[1] == "0004"}
    desk.import_(edit_po(po_of(second, "a"), accept, desk.root / "back2.po"), "dr-vega", "all")
    assert set(desk.states("a").values()) == {"signed-off"}
    assert [page.state for page in desk.publish().pages if page.slug == "a"] == ["published"]
    assert desk.prove().unproven == ()


def test_the_author_of_a_text_gets_no_step_that_wants_somebody_else(make_desk: MakeDesk) -> None:
    """A medical reviewer who rewrote a critical sentence is not sent it to approve; another one is."""
    people = (*PEOPLE, Somebody(id="dr-roca", roles=("medical reviewer",)))
    desk = make_desk({"a.md": ARTICLE}, demo=False, people=people)
    desk.run()
    desk.review("a", "dr-vega", rewrite, attest="edited")
    with pytest.raises(PackError, match="1 sentence is waiting for another medical reviewer"):
        sent(desk, "dr-vega")
    assert sent(desk, "dr-roca").pack.units == 1


def test_a_late_return_of_a_recalled_pack_is_held_unit_by_unit_and_kept(desk: Desk) -> None:
    """Nothing is signed or becomes current; every text that she wrote is in the ledger, with the reason."""
    report = sent(desk, "ana", "a")
    back = edit_po(po_of(report, "a"), rewrite, desk.root / "back.po")
    with desk.store() as store:
        recall(store, report.pack.id, by="lea", reason="she is ill")
    before = desk.states("a")
    result = desk.import_(back, "ana", "all")
    assert {entry.result for entry in result.entries} == {Result.HELD}
    assert "recalled by lea on 2026-06-01: she is ill" in result.entries[0].reason
    assert desk.states("a") == before
    with desk.store() as store, store.read() as transaction:
        kept = {event.body["target"] for event in transaction.events(EventKind.KEPT)}
        assert not transaction.events(EventKind.SIGN_OFF, EventKind.TEXT)
    assert kept == {entry.msgstr for entry in polib.pofile(str(back))}


def test_nothing_of_a_recalled_pack_is_signed_though_it_came_back_unchanged(desk: Desk) -> None:
    """`--attest all` on what is no longer hers."""
    report = sent(desk, "ana", "a")
    with desk.store() as store:
        recall(store, report.pack.id, by="lea")
    result = desk.import_(edit_po(po_of(report, "a"), accept, desk.root / "back.po"), "ana", "all")
    assert {entry.result for entry in result.entries} == {Result.HELD}
    assert "signed-off" not in desk.states("a").values()


def test_somebody_elses_pack_signs_nothing(desk: Desk) -> None:
    """Eva cannot return what was sent to Ana."""
    report = sent(desk, "ana", "a")
    result = desk.import_(edit_po(po_of(report, "a"), accept, desk.root / "back.po"), "eva", "all")
    assert {entry.result for entry in result.entries} == {Result.HELD}
    assert "was sent to ana, not to eva" in result.entries[0].reason


def test_a_pack_that_is_handed_on_is_the_others_alone(desk: Desk) -> None:
    """The old file is held, the new one, with the very same texts, is taken."""
    first = sent(desk, "ana", "a")
    with desk.store() as store:
        second = reassign(
            desk.workspace, store, desk.judges, first.pack.id, reviewer="eva", by="lea", out=desk.root / "for-eva"
        )
    assert ids(po_of(first, "a")) == ids(po_of(second, "a"))
    late = desk.import_(edit_po(po_of(first, "a"), accept, desk.root / "late.po"), "ana", "all")
    assert {entry.result for entry in late.entries} == {Result.HELD}
    taken = desk.import_(edit_po(po_of(second, "a"), accept, desk.root / "back.po"), "eva", "all")
    assert {entry.result for entry in taken.entries} == {Result.SIGNED}
    assert [pack.state for pack in packs(desk).values()] == ["recalled", "answered"]


def test_whatever_people_do_names_the_policy_it_was_done_under(desk: Desk) -> None:
    """Send, answer, ask, have a text kept, recall: each event says by which rules."""
    report = sent(desk, "ana", "a")

    def edit(entry: polib.POEntry) -> None:
        if entry.msgid != "Take 5 mg every evening.":
            rewrite(entry)
        entry.tcomment = "? really" if entry.msgid == "Walk a little." else ""

    back = edit_po(po_of(report, "a"), edit, desk.root / "back.po")
    desk.import_(back, "ana", "all")
    with desk.store() as store:
        recall(store, report.pack.id, by="lea")
    edit_po(back, rewrite, desk.root / "late.po")
    desk.import_(desk.root / "late.po", "ana", "all")
    of_people = (
        *(EventKind.PACK, EventKind.RETURNED, EventKind.TEXT),
        *(EventKind.SIGN_OFF, EventKind.QUESTION, EventKind.KEPT),
    )
    with desk.store() as store, store.read() as transaction:
        events = transaction.events(*of_people)
    assert {event.kind for event in events} == set(of_people)
    assert {event.body["policy"] for event in events} == {"medical-2026-1"}


def test_what_came_back_unfinished_stays_out(desk: Desk) -> None:
    """A unit leaves the pack with its answer; the rest is still hers, and can come back later."""
    report = sent(desk, "ana", "a")

    def half(entry: polib.POEntry) -> None:
        if entry.msgid != "Walk a little.":
            accept(entry)

    desk.import_(edit_po(po_of(report, "a"), half, desk.root / "half.po"), "ana", "all")
    (pack,) = packs(desk).values()
    assert pack.state == "open"
    assert {number for _, number in pack.out} == {3}
    desk.clock.tick()
    desk.import_(edit_po(po_of(report, "a"), accept, desk.root / "whole.po"), "ana", "all")
    assert packs(desk)[pack.id].state == "answered"


def test_due_days_pass_and_are_moved(desk: Desk) -> None:
    """Overdue is the day after the last one, unless there is more time by then."""
    report = sent(desk, "ana", due=date(2026, 6, 3))
    assert not report.pack.overdue("2026-06-03")
    assert report.pack.overdue("2026-06-04")
    with desk.store() as store:
        assert not extend(store, report.pack.id, due=date(2026, 6, 9), by="lea").overdue("2026-06-04")
    with desk.store() as store, pytest.raises(PackError, match="past"):
        extend(store, report.pack.id, due=date(2026, 5, 9), by="lea")


def test_a_folder_with_something_in_it_is_never_written_into(desk: Desk) -> None:
    """Somebody's work may lie there; nothing is recorded either."""
    (desk.root / "packs" / "x").mkdir(parents=True)
    (desk.root / "packs" / "x" / "a.es.po").write_text("mine")
    with pytest.raises(PackError, match="not an empty folder"):
        sent(desk, "ana", name="x")
    assert packs(desk) == {}


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Somebody(id="x", valid_to="2026-05-31"), "no qualification that is valid on 2026-06-01"),
        (Somebody(id="x", locales=("ca",)), "not on the roster for es"),
    ],
)
def test_who_could_not_sign_today_is_sent_nothing(make_desk: MakeDesk, person: Somebody, why: str) -> None:
    """Better told before the work than after it."""
    desk = make_desk({"a.md": ARTICLE}, demo=False, people=[person], locales=("es", "ca"))
    desk.run()
    with pytest.raises(PolicyError, match=why):
        sent(desk, "x")


def test_an_article_that_changed_since_the_last_run_is_left_out_and_named(desk: Desk) -> None:
    """Nobody reviews against English that is not today's."""
    desk.write("b.txt", b"Sleep very well.\n")
    report = sent(desk, "ana")
    assert report.left_out == ["b is new or changed since the last `signoff run`: run it first"]
    assert [file.slug for file in report.pack.files] == ["a"]


def test_a_run_after_a_pack_writes_nothing_and_knows_what_changed(desk: Desk) -> None:
    """A pack's export holds a part of an article: it is no news about the article."""
    desk.run()
    sent(desk, "ana", "a")
    before = files_below(desk.root / "locales")
    report = desk.run()
    assert (report.written, report.changes) == ([], [])
    assert files_below(desk.root / "locales") == before
    desk.write("a.md", ARTICLE + b"\nDrink water.\n")
    (change,) = desk.run().changes
    assert (change.new, change.edited, change.unchanged) == (1, 0, 4)


def test_a_critical_text_of_a_pack_is_signed_where_it_stands(desk: Desk) -> None:
    """A pack holds a part of the article, and yet it is known what stood before each sentence."""
    desk.review("a", "ana")
    report = sent(desk, "dr-vega")
    result = desk.import_(edit_po(po_of(report, "a"), accept, desk.root / "back.po"), "dr-vega", "all")
    assert [(entry.result, entry.reason) for entry in result.entries] == [(Result.SIGNED, "signed as medical reviewer")]
    assert set(desk.states("a").values()) == {"signed-off"}


def test_the_pages_of_a_pack_load_and_run_nothing(make_desk: MakeDesk) -> None:
    """Hostile words in an article and a translation are words."""
    desk = make_desk({"a.txt": b'Rest <script>alert(1)</script> "><img src=//evil.example/x> is good.\n'}, demo=False)
    desk.run()
    pages = [Path(path).read_text(encoding="utf-8") for path in sent(desk, "ana").files if path.endswith(".html")]
    assert len(pages) == 2
    for page in pages:
        assert "default-src 'none'" in page
        assert "<script" not in page
        assert "<img" not in page
        assert 'content: " critical"' in page, "the page's own style was escaped"
    assert any("&lt;script&gt;alert(1)" in page for page in pages)
