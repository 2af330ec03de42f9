"""`signoff run`: drafts what is new, writes what changed, resumes, and never overwrites a person."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import polib
import pytest
import sqlalchemy as sa
from conftest import MakeDesk
from workspaces import ENGINE, Desk, StandIn, accept, drafted, edit_po, files_below, rewrite

from pipeline.drafters import Drafters
from pipeline.durable import locked
from pipeline.engines import Draft, Failure, Tell
from pipeline.errors import ArticleError, EngineError
from pipeline.model import Locale, text_hash
from pipeline.progress import Moment
from pipeline.run import run
from pipeline.store.schema import CACHED_DRAFT

FOUR = {f"{name}.txt": f"{name} one.\n{name} two.\nShared by all of them.\n".encode() for name in ("a", "b", "c", "d")}


def texts(desk: Desk, slug: str, tag: str = "es") -> dict[str, str]:
    """What stands in a PO file: source to target."""
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(desk.po(slug, tag)))}


def test_every_sentence_is_drafted_and_written(make_desk: MakeDesk) -> None:
    """One PO file per article and locale, each draft in it marked fuzzy."""
    desk = make_desk(FOUR, locales=("es", "ca"))
    report = desk.run()
    assert len(report.written) == 8
    for slug in "abcd":
        for tag in ("es", "ca"):
            po = polib.pofile(str(desk.po(slug, tag)))
            assert all("fuzzy" in entry.flags and entry.msgstr == drafted(entry.msgid) for entry in po)


def test_doing_it_again_changes_nothing(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """No engine is asked and no byte is written outside of the logs."""
    desk = make_desk(FOUR)
    desk.run()
    asked, before = len(stand_in.asked), files_below(desk.root, without=[".signoff/logs"])
    report = desk.run()
    assert (report.written, report.engine_calls, len(stand_in.asked)) == ([], 0, asked)
    assert files_below(desk.root, without=[".signoff/logs"]) == before


def test_a_sentence_that_many_articles_have_is_drafted_once(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """Once a locale, and every article gets it."""
    desk = make_desk(FOUR)
    desk.run()
    assert stand_in.asked.count("Shared by all of them.") == 1
    assert all(texts(desk, slug)["Shared by all of them."] == "Sharedo byo allo ofo themo." for slug in "abcd")


class Hangs(threading.Event):
    """What an engine waits for, with which article's sentence it begins to, and whether it came through."""

    at = "a one."
    answered = False


@pytest.fixture
def hangs(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hangs]:
    """The stand-in engine hangs at one article, until the test is over."""
    never, translate = Hangs(), stand_in.translate

    def translate_once(texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        if never.at in texts:
            never.wait(30)
            never.answered = True
        return translate(texts, source_locale, target_locale)

    monkeypatch.setattr(stand_in, "translate", translate_once)
    yield never
    never.set()


def test_ctrl_c_as_work_is_handed_over_waits_for_no_engine(
    make_desk: MakeDesk, hangs: Hangs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has begun, and the run has not noted yet that it did: it is told to stop all the same."""

    class Interrupted(ThreadPoolExecutor):
        def submit(self, *work: Any, **more: Any) -> Any:
            super().submit(*work, **more)
            raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.jobs.ThreadPoolExecutor", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_desk(FOUR).run()
    assert not hangs.answered


def test_ctrl_c_as_a_file_is_written_waits_for_no_engine(make_desk: MakeDesk, hangs: Hangs) -> None:
    """Engines at work on the next articles are told to stop before the run ends, also while its error is kept."""
    desk = make_desk(FOUR)
    hangs.at = "b one."

    def ctrl_c(moment: object) -> None:
        raise KeyboardInterrupt

    with desk.store() as store, Drafters(desk.workspace) as engines, pytest.raises(KeyboardInterrupt):
        run(desk.workspace, store, desk.judges, engines, locales=desk.locales(), progress=ctrl_c)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("draft")]
    assert not hangs.answered
    assert desk.po("a").exists()


@pytest.mark.parametrize("after", range(9))
def test_a_run_that_broke_and_one_that_did_not_end_in_the_same_bytes(
    make_desk: MakeDesk, stand_in: StandIn, after: int
) -> None:
    """Wherever the engine breaks: the next run goes on, and PO files are as if nothing had happened."""
    straight = make_desk(FOUR, name="straight")
    straight.run()
    broken = make_desk(FOUR, name="broken")
    stand_in.asked.clear()
    stand_in.breaks_after = after
    with pytest.raises(EngineError):
        broken.run()
    stand_in.breaks_after = None
    broken.run()
    assert files_below(broken.root / "locales") == files_below(straight.root / "locales")
    assert broken.check().wrong == ()


def test_what_was_drafted_before_a_break_is_not_drafted_again(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """Articles that were finished are kept."""
    desk = make_desk(FOUR)
    stand_in.breaks_after = 7
    with pytest.raises(EngineError):
        desk.run()
    stand_in.breaks_after = None
    first = set(texts(desk, "a"))
    stand_in.asked.clear()
    desk.run()
    assert not first & set(stand_in.asked)


@pytest.mark.parametrize("stopped", [False, True])
def test_what_is_told_along_is_written_to_the_cache_once(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    """While its article goes on, so that a kill loses nothing, and not again at its end; or as soon as that breaks."""
    monkeypatch.setattr("pipeline.jobs.KEEP_S", 0.01)
    lines = FOUR["a.txt"].decode().splitlines()
    written, enough = list[str](), threading.Event()

    def writes(connection: Any, cursor: Any, statement: str, parameters: Any, *more: object) -> None:
        if statement.startswith("INSERT INTO cached_draft"):
            written.extend(row[4] for row in (parameters if isinstance(parameters, list) else [parameters]))
            if len(written) >= len(lines) - 1:
                enough.set()

    class Telling(StandIn):
        """Tells of all but the last text, and answers when these are written."""

        def translate_telling(
            self, texts: Sequence[str], source_locale: Locale, target_locale: Locale, tell: Tell
        ) -> list[Draft | Failure]:
            answers = self.translate(texts, source_locale, target_locale)
            for place, answer in enumerate(answers[:-1]):
                tell(place, answer)
            assert enough.wait(60)
            if stopped:
                raise EngineError("the engine died over the last text")
            return answers

    monkeypatch.setattr("pipeline.engines.ENGINES", {ENGINE: lambda settings: Telling()})
    sa.event.listen(sa.Engine, "before_cursor_execute", writes)
    try:
        desk = make_desk({"a.txt": FOUR["a.txt"]})
        with pytest.raises(EngineError) if stopped else nullcontext():
            desk.run()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", writes)
    assert sorted(written) == sorted(text_hash(line) for line in (lines[:-1] if stopped else lines))


def test_what_was_told_by_ctrl_c_is_kept_wherever_that_falls(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two articles, too: what the engine has said of the next one by then is paid for."""
    told, over = threading.Event(), threading.Event()

    class Telling(StandIn):
        """Says nothing more of the second article than its first sentence."""

        def translate_telling(
            self, texts: Sequence[str], source_locale: Locale, target_locale: Locale, tell: Tell
        ) -> list[Draft | Failure]:
            answers = self.translate(texts, source_locale, target_locale)
            if texts[0] == "b one.":
                tell(0, answers[0])
                told.set()
                over.wait(60)
            return answers

    def interrupt(moment: Moment) -> None:
        assert told.wait(60)
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.jobs.KEEP_S", 60)
    monkeypatch.setattr("pipeline.engines.ENGINES", {ENGINE: lambda settings: Telling()})
    desk = make_desk({name: FOUR[name] for name in ("a.txt", "b.txt")})
    try:
        with pytest.raises(KeyboardInterrupt):
            desk.run(progress=interrupt)
    finally:
        over.set()
    with desk.store() as store, store.read() as transaction:
        known = transaction.connection.execute(sa.select(CACHED_DRAFT.c.source_hash)).scalars().all()
    assert text_hash("b one.") in known


def test_a_text_that_an_engine_cannot_do_is_listed_and_not_asked_again(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """A final failure leaves the entry empty, for a person to write, and is told each time."""
    stand_in.refuses = frozenset(["a one."])
    desk = make_desk({"a.txt": FOUR["a.txt"]})
    for _ in range(2):
        report = desk.run()
        assert [(failed.id.split(":")[1], failed.locale) for failed in report.failed] == [("0001", "es")]
    assert stand_in.asked.count("a one.") == 1
    assert texts(desk, "a")["a one."] == ""
    report_of_person = desk.review("a", "demo-linguist", lambda e: setattr(e, "msgstr", e.msgstr or "Uno."))
    assert report_of_person.entries[0].result.value == "signed"


def test_a_text_that_failed_for_now_is_asked_again(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """What a retry may mend is tried the next time."""
    stand_in.fails_now = True
    desk = make_desk({"a.txt": FOUR["a.txt"]})
    assert len(desk.run().failed) == 3
    stand_in.fails_now = False
    report = desk.run()
    assert (report.failed, report.written) == ([], ["locales/es/a.po"])
    assert desk.states("a") == dict.fromkeys((1, 2, 3), "draft")


# -- machines never overwrite people ----------------------------------------------------------------------------------


@pytest.mark.parametrize("english_changes", [False, True])
def test_a_po_file_that_somebody_edited_stays(make_desk: MakeDesk, english_changes: bool) -> None:
    """It is named, not one byte of it changes, and after its import the next run writes a fresh one."""
    desk = make_desk({"a.txt": FOUR["a.txt"]})
    desk.run()
    edit_po(desk.po("a"), rewrite, desk.po("a"))
    mine = desk.po("a").read_bytes()
    if english_changes:
        desk.write("a.txt", b"a zero.\n" + FOUR["a.txt"])
    report = desk.run()
    assert (report.edited, report.written) == (["locales/es/a.po"], [])
    assert desk.po("a").read_bytes() == mine
    desk.import_(desk.po("a"), "demo-linguist", "edited")
    assert desk.run().written == ["locales/es/a.po"]
    assert all(text.endswith("Sí.") for source, text in texts(desk, "a").items() if source != "a zero.")


def test_a_persons_text_is_never_drafted_over(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """Not even when all caches and the store are gone."""
    desk = make_desk({"a.txt": FOUR["a.txt"]})
    desk.run()
    desk.review("a", "demo-linguist", rewrite, attest=None)
    desk.run()
    before = texts(desk, "a")
    shutil.rmtree(desk.root / ".signoff")
    shutil.rmtree(desk.root / "locales")
    stand_in.asked.clear()
    desk.run()
    assert (texts(desk, "a"), stand_in.asked) == (before, [])


def test_a_po_file_that_was_deleted_is_written_again(make_desk: MakeDesk) -> None:
    """As it was."""
    desk = make_desk({"a.txt": FOUR["a.txt"]})
    desk.run()
    before = desk.po("a").read_bytes()
    desk.po("a").unlink()
    desk.run()
    assert desk.po("a").read_bytes() == before


def test_a_refused_file_in_its_place_is_not_overwritten(make_desk: MakeDesk) -> None:
    """A file that could not be read may be somebody's work: having tried to import it does not free it."""
    desk = make_desk({"a.txt": FOUR["a.txt"]})
    desk.run()
    desk.po("a").write_bytes(desk.po("a").read_bytes() + b"\nmsgid broken\n")
    assert desk.import_(desk.po("a"), "demo-linguist").outcome == "refused"
    mine = desk.po("a").read_bytes()
    assert desk.run().edited == ["locales/es/a.po"]
    assert desk.po("a").read_bytes() == mine


# -- which articles ---------------------------------------------------------------------------------------------------


def test_articles_go_only_where_signoff_toml_says(make_desk: MakeDesk) -> None:
    """`articles` holds slugs or patterns with `*`."""
    desk = make_desk(
        {"heart/one.txt": b"One.\n", "heart/two.txt": b"Two.\n", "lung.txt": b"Lung.\n"}, locales=("es", "ca")
    )
    toml = desk.root / "signoff.toml"
    text = toml.read_text(encoding="utf-8").replace('locale = "ca"', 'locale = "ca"\narticles = ["heart/*"]')
    toml.write_text(text, encoding="utf-8")
    desk.run()
    written = sorted(path.relative_to(desk.root / "locales").as_posix() for path in desk.root.rglob("*.po"))
    assert written == ["ca/heart/one.po", "ca/heart/two.po", "es/heart/one.po", "es/heart/two.po", "es/lung.po"]


def test_only_the_articles_named_are_drafted(make_desk: MakeDesk) -> None:
    """And a name that is not there is told with those that are."""
    desk = make_desk(FOUR)
    assert desk.run("b", "c").written == ["locales/es/b.po", "locales/es/c.po"]
    with pytest.raises(ArticleError, match="no such article in source_content/; there are: a, b, c, d"):
        desk.run("x")


def test_an_article_that_cannot_be_read_does_not_stop_the_others(make_desk: MakeDesk) -> None:
    """It is named, the others are drafted."""
    desk = make_desk({**FOUR, "b.txt": b"\xff\xfe\x00"})
    report = desk.run()
    assert len(report.refused) == 1
    assert "b.txt" in report.refused[0]
    assert len(report.written) == 3


def test_a_second_run_at_the_same_time_says_so_and_takes_its_turn(make_desk: MakeDesk) -> None:
    """One run a workspace; the second one does what the first has left."""
    desk, said, told = make_desk(FOUR), threading.Event(), list[str]()

    def notice(sentence: str) -> None:
        told.append(sentence)
        said.set()

    with ThreadPoolExecutor() as pool:
        with locked(desk.root / ".signoff" / "run.lock", busy="held by a test"):
            second = pool.submit(desk.run, notice=notice)
            assert said.wait(60) and not second.done()
        assert second.result(60).drafted == 12
    (sentence,) = told
    assert "this one waits" in sentence


def test_an_engine_that_is_not_named_is_never_asked(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """A locale whose engine there is not is an error before anything is drafted."""
    desk = make_desk(FOUR, engines=("no-such-engine",))
    with pytest.raises(EngineError):
        desk.run()
    assert stand_in.asked == []


# -- memory -----------------------------------------------------------------------------------------------------------


def test_what_people_signed_elsewhere_is_proposed_not_signed(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """An equal sentence in a new article gets the signed text as a draft that names where it is from."""
    desk = make_desk({"a.txt": FOUR["a.txt"]})
    desk.run()
    desk.review("a", "demo-linguist", rewrite)
    stand_in.asked.clear()
    desk.write("b.txt", b"Shared by all of them.\n")
    report = desk.run()
    assert (report.from_memory, stand_in.asked) == (1, [])
    (entry,) = polib.pofile(str(desk.po("b")))
    assert (entry.msgstr, entry.flags) == ("Sharedo byo allo ofo themo. Sí.", ["fuzzy"])
    assert "draft from memory: a:0003" in entry.comment
    assert desk.states("b") == {1: "draft"}
    assert [page.state for page in desk.publish().pages if page.slug == "b"] == ["held"]


def test_what_was_only_proposed_elsewhere_is_not_used(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """The memory holds what people signed, nothing else."""
    desk = make_desk({"a.txt": FOUR["a.txt"]})
    desk.run()
    desk.review("a", "demo-linguist", rewrite, attest=None)
    desk.write("b.txt", b"Shared by all of them.\n")
    assert desk.run().from_memory == 0
    assert texts(desk, "b") == {"Shared by all of them.": "Sharedo byo allo ofo themo."}


def test_a_note_never_calls_a_signed_text_unread(make_desk: MakeDesk) -> None:
    """A machine's draft that somebody signed is no longer one that nobody has read."""
    desk = make_desk({"a.txt": FOUR["a.txt"]})
    desk.run()
    desk.review("a", "demo-linguist", accept)
    desk.run()
    po = desk.po("a").read_text(encoding="utf-8")
    assert "nobody has read" not in po
    assert "signed-off: machine draft: stand-in" in po


def test_no_file_of_a_run_is_outside_of_its_places(make_desk: MakeDesk) -> None:
    """`locales/`, `ledger/` and `.signoff/`, nothing else."""
    desk = make_desk(FOUR)
    before = {path.name for path in Path(desk.root).iterdir()}
    desk.run()
    assert {path.name for path in Path(desk.root).iterdir()} - before == {"locales", "ledger", ".signoff"}
