"""A wrong text is gone from every page, language and memory, at once and for good; nothing brings it back."""

import hashlib
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from conftest import MakeDesk
from workspaces import Desk, Somebody, accept, drafted, files_below, rewrite

from pipeline.errors import LocalizationError, PolicyError, PublishError
from pipeline.leverage import search
from pipeline.model import Locale
from pipeline.store.ledger import EventKind, read_ledger
from review.board import Row, board
from review.publisher import Cause, ReleaseName
from review.withdrawal import Wanted, plan

REST, WALK = "Rest is good.", "Walk a little."
ARTICLES = {"pain.md": b"# Pain\n\nRest is good.\n\nWalk a little.\n", "sleep.md": b"# Sleep\n\nRest is good.\n"}
FALLBACK = '[pages]\npolicy = "fallback"'


def published(make_desk: MakeDesk, **options: object) -> Desk:
    """Two articles that share a sentence, signed and published in two languages."""
    desk = make_desk(ARTICLES, locales=("es", "ca"), **options)
    desk.run()
    for tag in ("es", "ca"):
        for slug in ("pain", "sleep"):
            desk.sign_all(slug, "demo-linguist", tag=tag)
    desk.publish()
    return desk


@pytest.fixture
def live(make_desk: MakeDesk) -> Desk:
    return published(make_desk)


def pages_with(desk: Desk, text: str) -> set[str]:
    """Every file of the site in which a text stands."""
    return {name for name, data in files_below(desk.root / "site").items() if text.encode() in data}


def test_a_target_is_gone_from_every_page_and_language(live: Desk) -> None:
    """By its text alone; the pages that never held it do not change, and what is left is proven."""
    assert len(pages_with(live, drafted(REST))) > 3
    english = live.page("pain", "en").read_text(encoding="utf-8")
    report = live.withdraw(target=drafted(REST))
    assert {(page.slug, page.locale, page.state) for page in report.pages} == {
        (slug, tag, "pulled") for slug in ("pain", "sleep") for tag in ("es", "ca")
    }
    assert pages_with(live, drafted(REST)) == set()
    assert not live.page("pain").exists()
    assert live.page("pain", "en").exists()
    assert "es/pain" not in live.page("pain", "en").read_text(encoding="utf-8")
    assert REST in english
    assert live.prove().unproven == ()
    assert live.check().wrong == ()


def test_it_says_who_why_and_when_and_where_it_stood(live: Desk) -> None:
    """In the ledger, one event for each pair; in the report, each place."""
    report = live.withdraw(source=REST, locale=Locale.parse("es"), reason="it harmed")
    (text,) = report.texts
    assert {"pain:0002 sign-off", "sleep:0002 sign-off", "pain:0002 draft"} <= set(text.places)
    (event,) = [e for e in read_ledger(live.root / "ledger") if e.kind is EventKind.WITHDRAWAL]
    assert (event.body["by"], event.body["reason"], event.body["entered_by"]) == (
        "demo-clinician", "it harmed", "typist",
    )  # fmt: skip
    assert report.pages[0].reasons[0].endswith("withdrawn by demo-clinician on 2026-06-01: it harmed")
    assert live.page("pain", "ca").exists(), "only the language that was named"
    assert not live.page("pain", "es").exists()


def test_looking_first_writes_nothing_and_says_the_same(live: Desk) -> None:
    """--dry-run: the same texts and pages as the act."""
    before = files_below(live.root, without=[".signoff"])
    with live.store() as store, store.read() as transaction:
        planned = plan(live.workspace, transaction, live.judges, Wanted(target=drafted(REST)))
    assert files_below(live.root, without=[".signoff"]) == before
    done = live.withdraw(target=drafted(REST))
    assert planned.texts == done.texts
    assert [(p.slug, p.locale, p.state) for p in planned.pages] == [(p.slug, p.locale, p.state) for p in done.pages]


def test_by_the_page_policy_the_passage_shows_in_the_original(make_desk: MakeDesk) -> None:
    """With `fallback` the rest of the page stays, the passage is marked as English, and the page says so."""
    desk = published(make_desk, more=FALLBACK)
    report = desk.withdraw(target=drafted(REST), locale=Locale.parse("es"))
    states = {(page.slug, page.state) for page in report.pages}
    assert states == {("pain", "fallback"), ("sleep", "fallback")}
    page = desk.page("pain").read_text(encoding="utf-8")
    assert drafted(REST) not in page
    assert drafted(WALK) in page
    assert 'lang="en"' in page[page.index("data-unit", page.index("notice fallback")) :]
    assert desk.prove().unproven == ()
    assert desk.publish().release == report.release, "publishing goes on from there"


def another_text(entry: polib.POEntry) -> None:
    accept(entry)
    if entry.msgid == REST:
        entry.msgstr = "Descansar va bien."


def test_another_text_brings_the_page_back(live: Desk) -> None:
    """The way on is a new text, drafted or written, and signed."""
    live.withdraw(target=drafted(REST), locale=Locale.parse("es"))
    live.run()
    live.review("pain", "demo-linguist", another_text)
    live.publish()
    assert "Descansar va bien." in live.page("pain").read_text(encoding="utf-8")
    assert live.prove().unproven == ()


def test_what_is_withdrawn_is_not_signed_drafted_or_found_again(live: Desk) -> None:
    """Poisoned for sign-offs, drafts, files to reviewers, and the memory."""
    back = live.edited("pain", accept)
    live.withdraw(target=drafted(REST))
    held = [e for e in live.import_(back, "demo-clinician", "all").entries if e.result == "held"]
    assert "withdrawn by demo-clinician" in held[0].reason
    report = live.run()
    assert all("withdrawn" in failed.reason for failed in report.failed)
    assert drafted(REST) not in live.po("sleep", "ca").read_text(encoding="utf-8")
    with live.store() as store, store.read() as transaction:
        assert search(transaction, REST, ["es", "ca"], 90, 10) == []


def test_the_reviewer_s_file_says_which_text_was_withdrawn(live: Desk) -> None:
    """A person's withdrawn text stays in the file, marked, and is not to be taken as right."""
    live.review("pain", "demo-linguist", another_text)
    live.withdraw(target="Descansar va bien.", reason="it harmed")
    live.run()
    (entry,) = [entry for entry in polib.pofile(str(live.po("pain"))) if entry.msgid == REST]
    assert entry.fuzzy
    assert "WITHDRAWN: write another text; this one was withdrawn by" in entry.comment
    assert "it harmed" in entry.comment


# -- which text -------------------------------------------------------------------------------------------------------


def test_a_segment_means_what_its_pages_show(live: Desk) -> None:
    """The live text, not the correction that waits for its signature; also where the same pair stands elsewhere."""
    live.review("pain", "demo-linguist", rewrite, attest=None)
    report = live.withdraw(segment="pain:0002", locale=Locale.parse("es"))
    assert [text.target for text in report.texts] == [drafted(REST)]
    assert not live.page("sleep").exists(), "the same pair stood there"
    with live.store() as store, store.read() as transaction:
        assert transaction.current("pain", "es")[2].target == drafted(REST) + " Sí."


def test_a_machine_s_draft_and_a_proposed_text_can_be_withdrawn(make_desk: MakeDesk) -> None:
    """Nothing need be published, or signed, or read by anybody."""
    desk = make_desk(ARTICLES)
    desk.run()
    assert desk.withdraw(segment="sleep:0002").texts[0].target == drafted(REST)
    desk.review("pain", "demo-linguist", lambda e: rewrite(e) if e.msgid == WALK else None, attest=None)
    report = desk.withdraw(target=f"{drafted(WALK)} Sí.")
    assert report.texts[0].places == ("pain:0003 text",)
    assert report.release == "", "there was no site"
    assert desk.check().wrong == ()


def test_an_imported_memory_entry_can_be_withdrawn(make_desk: MakeDesk) -> None:
    """By its text or by its place as `memory search` shows it; it is proposed no more."""
    from pipeline.memory_files import import_tmx

    desk = make_desk(ARTICLES)
    tmx = desk.root / "old.tmx"
    tmx.write_text(
        '<tmx version="1.4"><header creationtool="t" creationtoolversion="1" segtype="sentence" o-tmf="t" '
        'adminlang="en" srclang="en" datatype="plaintext"/><body><tu><tuv xml:lang="en"><seg>Rest is good.</seg></tuv>'
        '<tuv xml:lang="es"><seg>Descanse.</seg></tuv></tu></body></tmx>',
        encoding="utf-8",
    )
    with desk.store() as store:
        import_tmx(desk.workspace, store, tmx, by="typist")
    report = desk.withdraw(segment="old.tmx:1")
    assert [(text.target, text.places) for text in report.texts] == [("Descanse.", ("old.tmx:1 memory",))]
    desk.run()
    assert "Descanse." not in desk.po("pain").read_text(encoding="utf-8")


def test_a_part_of_a_sentence_is_refused_with_what_comes_near(live: Desk) -> None:
    """Whole sentences only: half of one might stand in a hundred others."""
    with pytest.raises(PublishError, match=r"do you mean one of these\? pain:0002 in (es|ca): Resto iso goodo\."):
        live.withdraw(target="iso GOODO")
    with pytest.raises(PublishError, match="copy the whole sentence"):
        live.withdraw(target="Nada.")
    with pytest.raises(PublishError, match="no such sentence"):
        live.withdraw(segment="pain:0002:ffffffff")


def test_somebody_on_the_roster_answers_for_it(live: Desk) -> None:
    """Anybody there may take a text away; nobody else, and then nothing is done."""
    before = files_below(live.root, without=[".signoff"])
    with pytest.raises(PolicyError, match="'mallory' is not on the roster"):
        live.withdraw(target=drafted(REST), by="mallory")
    assert files_below(live.root, without=[".signoff"]) == before


# -- whatever is cut off ----------------------------------------------------------------------------------------------

STEPS = ("review.withdrawal.ReleaseName", "review.withdrawal.standing_pages", "review.putting_out.write_release")


@pytest.mark.parametrize("step", STEPS)
def test_cut_off_anywhere_the_same_command_ends_the_work(
    live: Desk, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The poison comes first: until the site follows, it is not proven; typed again, all is as if never cut off."""

    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(step, cut_off)
        with pytest.raises(KeyboardInterrupt):
            live.withdraw(target=drafted(REST))
    assert live.prove().unproven != ()
    live.withdraw(target=drafted(REST))
    assert pages_with(live, drafted(REST)) == set()
    assert live.prove().unproven == ()
    events = [e for e in read_ledger(live.root / "ledger") if e.kind is EventKind.WITHDRAWAL]
    assert len(events) == 2, "one for each language, once"


def test_nothing_new_comes_on_any_page(live: Desk) -> None:
    """Who takes a text away publishes nothing: new English and new signatures wait for the publisher."""
    live.write("pain.md", ARTICLES["pain.md"].replace(b"little", b"lot"))
    live.run()
    live.sign_all("pain", "demo-linguist")
    before = {n: d for n, d in files_below(live.root / "site").items() if n.startswith("ca/pain/")}
    live.withdraw(target=drafted(REST), locale=Locale.parse("es"))
    assert "Walk a lot." not in live.page("pain", "en").read_text(encoding="utf-8")
    assert set(before) == {n for n in files_below(live.root / "site") if n.startswith("ca/pain/")}


# -- rolling back -----------------------------------------------------------------------------------------------------


def release_ids(desk: Desk) -> list[str]:
    return [e.hash for e in read_ledger(desk.root / "ledger") if e.kind is EventKind.RELEASE]


def test_a_rollback_is_the_earlier_site_as_a_new_release(live: Desk) -> None:
    """Page for page the same texts; the list says what it restores."""
    before = live.page("pain").read_text(encoding="utf-8")
    live.clock.tick()
    live.run()
    live.review("pain", "demo-linguist", another_text)
    live.publish()
    assert live.page("pain").read_text(encoding="utf-8") != before
    first = release_ids(live)[0]
    report = live.rollback(first[:8])
    assert {page.state for page in report.pages} == {"published"}
    assert live.page("pain").read_text(encoding="utf-8") == before
    assert live.prove().unproven == ()
    newest = read_ledger(live.root / "ledger")[-1]
    assert (newest.body["cause"], newest.body["restores"]) == ("rollback", first)


def test_a_rollback_brings_no_withdrawn_text_back(live: Desk) -> None:
    """Nor does publishing after it."""
    first = release_ids(live)[0]
    live.withdraw(target=drafted(REST))
    report = live.rollback(first)
    assert {(page.slug, page.state) for page in report.pages if page.locale == "es"} == {
        ("pain", "pulled"), ("sleep", "pulled"),
    }  # fmt: skip
    assert pages_with(live, drafted(REST)) == set()
    live.publish()
    assert pages_with(live, drafted(REST)) == set()


@pytest.mark.parametrize("release", ["", "abc", "ffffffff"])
def test_a_release_must_be_named_clearly(live: Desk, release: str) -> None:
    """And nothing changes else."""
    before = files_below(live.root, without=[".signoff"])
    with pytest.raises(PublishError, match="release list"):
        live.rollback(release)
    assert files_below(live.root, without=[".signoff"]) == before


def test_a_rollback_that_is_cut_off_leaves_the_old_site_whole(live: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site is the one or the other."""
    first = release_ids(live)[0]
    live.run()
    live.review("pain", "demo-linguist", another_text)
    live.publish()
    before = files_below(live.root / "site")

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.publish.site._put_in_place", cut_off)
        with pytest.raises(KeyboardInterrupt):
            live.rollback(first)
    assert files_below(live.root / "site") == before
    live.rollback(first)
    assert live.prove().unproven == ()


# -- page policy ------------------------------------------------------------------------------------------------------


def stale(desk: Desk) -> None:
    desk.write("pain.md", ARTICLES["pain.md"].replace(b"little", b"lot"))
    desk.run()


def disputed(desk: Desk) -> None:
    desk.review("pain", "demo-linguist", rewrite, attest=None)


@pytest.mark.parametrize(
    ("policy", "change", "state", "live_after"),
    [
        ("hold", stale, "held", True),
        ("hold", disputed, "held", True),
        ("withdraw-when-stale", stale, "held", False),
        ("withdraw-when-stale", disputed, "held", True),
        ("fallback", stale, "fallback", True),
    ],
)
def test_the_page_policy_decides_what_readers_find(
    make_desk: MakeDesk, policy: str, change: Callable[[Desk], None], state: str, live_after: bool
) -> None:
    """Hold keeps the last release, withdraw-when-stale only while its English is today's, fallback shows today's."""
    desk = published(make_desk, more=f'[pages]\npolicy = "{policy}"')
    change(desk)
    (page,) = [p for p in desk.publish().pages if (p.slug, p.locale) == ("pain", "es")]
    assert (page.state, page.live, desk.page("pain").exists()) == (state, live_after, live_after)
    assert desk.prove().unproven == ()
    assert desk.check().wrong == ()


def test_a_paragraph_is_never_half_in_the_original(make_desk: MakeDesk) -> None:
    """A sentence beside one in another language may mean something else."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest is good. Walk a little.\n"}, more=FALLBACK)
    desk.run()
    desk.review("pain", "demo-linguist", lambda e: accept(e) if "Walk" not in e.msgid else None)
    desk.publish()
    page = desk.page("pain").read_text(encoding="utf-8")
    assert "Paino" in page
    assert drafted(REST) not in page
    assert REST in page
    assert desk.prove().unproven == ()


def test_a_page_of_which_nothing_is_signed_is_not_there(make_desk: MakeDesk) -> None:
    """A page that is all English is no translation."""
    desk = make_desk(ARTICLES, more=FALLBACK)
    desk.run()
    assert {page.state for page in desk.publish().pages} == {"held"}
    assert not desk.page("pain").exists()


def unmark(text: str) -> str:
    return text.replace(' lang="en" dir="ltr">Rest', ">Rest")


def unsay(text: str) -> str:
    start = text.index('<p class="notice fallback"')
    return text[:start] + text[text.index("</p>", start) + 4 :]


def translate(text: str) -> str:
    return text.replace(f">{REST}<", f">{drafted(REST)}<")


def mark_as_english(text: str) -> str:
    at = text.index(drafted(WALK))
    start = text.rindex("<span", 0, at)
    return f'{text[:start]}<span lang="en" dir="ltr"{text[start + 5 :]}'


@pytest.mark.parametrize("tamper", [unmark, unsay, translate, mark_as_english])
def test_verify_holds_a_page_to_what_it_must_say_of_itself(make_desk: MakeDesk, tamper: Callable[[str], str]) -> None:
    """The mark, the notice, and nothing but the original in its place."""
    from test_releases import reseal

    desk = published(make_desk, more=FALLBACK)
    desk.withdraw(target=drafted(REST), locale=Locale.parse("es"))
    page = desk.page("pain")
    text = page.read_text(encoding="utf-8")
    assert tamper(text) != text
    page.write_text(tamper(text), encoding="utf-8")
    reseal(desk.root / "site")
    assert any(found.page == "es/pain/index.html" for found in desk.prove().unproven)


# -- who lets it out --------------------------------------------------------------------------------------------------

PUBLISHER = """[[person]]
id = "pat"
name = "Pat"
stand_in = true
roles = ["publisher"]
locales = ["es", "ca"]
[[person.qualification]]
basis = "appointed"
verified_by = "nobody"
valid_from = 2026-01-01
valid_to = 2026-12-31"""


def test_where_there_is_a_publisher_no_release_goes_out_without_the_name(make_desk: MakeDesk) -> None:
    """And the name is one that may."""
    desk = make_desk(ARTICLES, more=PUBLISHER)
    desk.run()
    with pytest.raises(PolicyError, match="add --by ID; publishers are: pat"):
        desk.publish()
    with pytest.raises(PolicyError, match="demo-linguist is no publisher"):
        desk.publish(by="demo-linguist")
    assert not (desk.root / "site").exists()
    desk.publish(by="pat")
    assert read_ledger(desk.root / "ledger")[-1].body["by"] == "pat"
    assert desk.prove().unproven == ()
    desk.clock.on("2027-02-01")
    with pytest.raises(PolicyError, match="pat has no qualification that is valid on 2027-02-01"):
        desk.publish(by="pat")


def test_verify_asks_for_the_publisher_s_name(make_desk: MakeDesk) -> None:
    """A release that was made before there was a publisher is proven; one made after, without a name, is not."""
    desk = published(make_desk)
    assert desk.prove().unproven == ()
    toml = desk.root / "signoff.toml"
    toml.write_text(f"{toml.read_text(encoding='utf-8')}\n{PUBLISHER}\n", encoding="utf-8")
    first = desk.publish(by="pat")
    assert first.release == desk.publish(by="pat").release
    assert desk.prove().unproven == ()
    from review.releases import publish

    desk.write("more.md", b"# More\n")
    with desk.store() as store:
        nobody = ReleaseName(person=None, cause=Cause.PUBLISH)
        publish(desk.workspace, store, desk.judges, locales=desk.locales(), out=desk.root / "site", name=nobody)
    assert [found.reason for found in desk.prove().unproven] == [
        "the roster has a publisher, and the release bears no publisher's name"
    ]


def test_a_finished_page_that_is_not_proven_is_held(make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is on the site it is read as verify reads it: what the builder got wrong does not go out."""
    from pipeline.publish.memo import SiteFile
    from pipeline.publish.site import site_files

    desk = make_desk(ARTICLES)
    desk.run()
    for slug in ("pain", "sleep"):
        desk.sign_all(slug, "demo-linguist")

    def wrong(*values: Any, **options: Any) -> Iterator[SiteFile]:
        for file in site_files(*values, **options):
            if str(file.path) == "es/pain/index.html":
                data = file.data().replace(b"Walko", b"Runno")
                yield SiteFile(file.path, hashlib.sha256(data).hexdigest(), lambda data=data: data)  # type: ignore[misc]
            else:
                yield file

    with monkeypatch.context() as patch:
        patch.setattr("review.putting_out.site_files", wrong)
        pages = {page.slug: page for page in desk.publish().pages}
    assert (pages["pain"].state, pages["pain"].live, pages["sleep"].state) == ("held", False, "published")
    assert "the finished page is not proven: pain:0003" in pages["pain"].reasons[0]
    assert not desk.page("pain").exists()
    assert desk.prove().unproven == ()


def test_a_held_page_says_who_can_act(make_desk: MakeDesk) -> None:
    """Those on the roster with a role that is missing, for this language, qualified today."""
    people = [
        Somebody(id="ana"),
        Somebody(id="old", valid_to="2026-03-01"),
        Somebody(id="fr", locales=("fr",)),
        Somebody(id="dr", roles=("medical reviewer",)),
        Somebody(id="lead", roles=("content lead",)),
    ]
    desk = make_desk({"pain.md": b"Take 5 mg every evening.\n"}, demo=False, people=people)
    desk.run()
    assert desk.publish().pages[0].can_act == ("ana (linguist)", "dr (medical reviewer)")
    desk.review("pain", "ana")
    (page,) = desk.publish().pages
    assert page.reasons[0].endswith("still needs a medical reviewer")
    assert page.can_act == ("dr (medical reviewer)",)


def test_whoever_wrote_a_text_is_not_named_for_the_step_that_another_must_take(make_desk: MakeDesk) -> None:
    """A medical reviewer who wrote the sentence and signed it cannot approve it, too."""
    people = [Somebody(id="ana"), Somebody(id="dr", roles=("medical reviewer",))]
    desk = make_desk({"pain.md": b"Take 5 mg every evening.\n"}, demo=False, people=people)
    desk.run()
    desk.review("pain", "dr", rewrite)
    (page,) = desk.publish().pages
    assert page.reasons[0].endswith("still needs a medical reviewer")
    assert page.can_act == ()


def test_a_copy_of_the_ledger_and_the_site_is_enough_to_prove_it(live: Desk, tmp_path: Path) -> None:
    """Nothing of the workspace but ledger/ and site/ is looked at."""
    from review.proof import prove

    shutil.copytree(live.root / "site", tmp_path / "elsewhere" / "site")
    shutil.copytree(live.root / "ledger", tmp_path / "elsewhere" / "ledger")
    shutil.rmtree(live.root)
    assert prove(tmp_path / "elsewhere" / "site", tmp_path / "elsewhere" / "ledger").unproven == ()
    with pytest.raises(LocalizationError):
        prove(tmp_path / "elsewhere" / "site", tmp_path)


def test_near_copies_are_named_and_not_touched(make_desk: MakeDesk) -> None:
    """In the same language, 90 % alike or more, and not withdrawn themselves; what is only somewhat alike is not."""
    long = "Take one tablet of it every evening with a glass of water"
    article = f"# Pain\n\n{long}.\n\n{long}, yes.\n\nTake no tablet at all.\n"
    desk = make_desk({"pain.md": article.encode()}, locales=("es", "ca"))
    desk.run()
    one = drafted(f"{long}.")
    report = desk.withdraw(target=one, locale=Locale.parse("es"))
    (near,) = report.near
    assert (near.locale, near.target) == ("es", drafted(f"{long}, yes."))
    assert 90 <= near.score_percent < 100
    assert [text.target for text in report.texts] == [one]
    assert desk.withdraw(target=near.target).near[0].locale == "ca", "what is withdrawn already is not named"


# -- reviews that are due ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "state", "live_after"),
    [("hold", "held", True), ("withdraw-when-stale", "held", False), ("fallback", "fallback", True)],
)
def test_an_expired_review_is_treated_by_the_page_policy(
    make_desk: MakeDesk, policy: str, state: str, live_after: bool
) -> None:
    """As what nobody signed: held, in the original, or down; the board says so, and signing again ends it."""
    desk = make_desk(
        {"pain.md": b"# Pain\n\nRest is good.\n\nWalk a little.\n"},
        more=f'[pages]\npolicy = "{policy}"\nreview_within_days = 100',
    )
    desk.run()
    desk.review("pain", "demo-linguist", lambda e: accept(e) if e.msgid != WALK else None)
    desk.clock.on("2026-07-01")
    desk.review("pain", "demo-linguist", lambda e: accept(e) if e.msgid == WALK else None)
    desk.run()

    def row() -> Row:
        with desk.store() as store:
            return board(desk.workspace, store, desk.judges, desk.locales("es"))[0][0]

    desk.clock.on("2026-09-09")
    assert desk.publish().pages[0].state == "published"
    assert (row().review_due, row().overdue) == ("2026-09-09", False)
    desk.clock.on("2026-09-10")
    (page,) = desk.publish().pages
    assert (page.state, page.live) == (state, live_after)
    assert page.reasons[0].endswith("its review was due on 2026-09-09: it must be signed again")
    assert (row().overdue, row().next.split(":")[0]) == (True, "sign again what is in locales/es/pain.po")
    assert desk.prove().unproven == ()

    desk.run()
    desk.review("pain", "demo-linguist")
    assert desk.publish().pages[0].state in ("published", "unchanged")
    assert (row().review_due, row().overdue) == ("2026-12-19", False)

    def sign_offs() -> int:
        return sum(e.kind is EventKind.SIGN_OFF for e in read_ledger(desk.root / "ledger"))

    before = sign_offs()
    desk.review("pain", "demo-linguist")
    assert sign_offs() == before, "once is enough"
    assert desk.check().wrong == ()


def test_a_review_period_may_be_another_for_some_pages_and_languages(make_desk: MakeDesk) -> None:
    """The first table that fits a page holds; the others keep the workspace's own."""
    periods = """[pages]
review_within_days = 100
[[pages.review]]
articles = ["dose/*"]
locales = ["ca"]
within_days = 10
[[pages.review]]
articles = ["dose/*"]
within_days = 50
"""
    desk = make_desk({"pain.md": b"# Pain\n", "dose/one.md": b"# Dose\n"}, locales=("es", "ca"), more=periods)
    desk.run()
    for slug, tag in itertools.product(("pain", "dose/one"), ("es", "ca")):
        desk.sign_all(slug, tag=tag)
    with desk.store() as store:
        rows = board(desk.workspace, store, desk.judges, desk.locales())[0]
    assert {(row.slug, row.locale): row.review_due for row in rows} == {
        ("pain", "es"): "2026-09-09",
        ("pain", "ca"): "2026-09-09",
        ("dose/one", "es"): "2026-07-21",
        ("dose/one", "ca"): "2026-06-11",
    }
    desk.clock.on("2026-06-12")
    states = {(page.slug, page.locale): page.state for page in desk.publish().pages}
    assert states == {key: "held" if key == ("dose/one", "ca") else "published" for key in states}
    assert len(states) == 4


@pytest.mark.parametrize(
    ("table", "below", "says"),
    [
        ("", 0, "needs within_days = 365"),
        ("articles = ['a']", 0, "needs within_days = 365"),
        ("articles = ['a']\ndays = 9", 2, "days"),
        ("within_days = 0", 1, "above 0"),
        ("within_days = 1.5", 1, "whole number"),
        ("within_days = 9\nlocale = 'es'", 2, "locale"),
    ],
)
def test_a_review_period_that_says_too_little_is_refused(
    make_desk: MakeDesk, table: str, below: int, says: str
) -> None:
    """With file and line: a page whose review is never due would be a page that nobody looks at."""
    desk = make_desk({"pain.md": b"# Pain\n"}, more=f"[[pages.review]]\n{table}")
    line = (desk.root / "signoff.toml").read_text().split("\n").index("[[pages.review]]") + 1 + below
    with pytest.raises(LocalizationError, match=rf"signoff\.toml:{line}: .*{says}"):
        _ = desk.workspace


def test_what_is_as_it_went_out_is_not_proven_again(live: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the release in the ledger, not by the memo: a memo that says what is not so costs time and nothing else."""
    import json

    from pipeline.publish import verify

    read: list[str] = []
    real = verify._Reading.read_article

    def reading(self: Any, path: str, *values: Any) -> None:
        read.append(path)
        real(self, path, *values)

    monkeypatch.setattr(verify._Reading, "read_article", reading)
    live.write("more.md", b"# More\n")
    live.publish()
    assert "es/pain/index.html" not in read, "the page is as it was"
    assert "en/more/index.html" in read
    place, page = live.root / ".signoff/pages.json", live.page("pain")
    honest = page.read_bytes()
    page.write_bytes(honest.replace(b"Walk", b"Runn").replace(drafted(REST).encode(), b"50 mg."))
    memo = json.loads(place.read_bytes())
    memo["files"]["es/pain/index.html"]["sha256"] = hashlib.sha256(page.read_bytes()).hexdigest()
    place.write_text(json.dumps(memo), encoding="utf-8")
    live.publish()
    assert page.read_bytes() == honest
    assert live.prove().unproven == ()
