"""What goes out: a page is signed whole or held, its last signed release stays, and verify finds what is not proven."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polib
import pytest
from conftest import MakeDesk
from selectolax.lexbor import LexborHTMLParser
from workspaces import Desk, StandIn, accept, files_below, rewrite

from pipeline.errors import LocalizationError
from pipeline.export import Judges
from pipeline.model import Finding, Locale, Severity, text_hash
from pipeline.store.ledger import EventKind, read_ledger
from pipeline.store.walked import WalkedLedger
from review.board import Row, board
from review.evidence import EvidenceRoom
from review.page_desk import PageOutcome
from review.proof import proof_in_folder

ARTICLE = b"# Pain\n\nRest is good. Walk a little.\n"
CRITICAL = b"# Pain\n\nRest is good. Take 5 mg every evening.\n"


@pytest.fixture
def live(make_desk: MakeDesk) -> Desk:
    """A workspace with one article signed and published, and one that is only drafted."""
    desk = make_desk({"pain.md": ARTICLE, "sleep.txt": b"Sleep\n\nSleep is good.\n"})
    desk.run()
    desk.sign_all("pain", "demo-linguist")
    desk.run()
    desk.publish()
    return desk


def outcome(desk: Desk, slug: str = "pain") -> PageOutcome:
    """What a publish does to one page."""
    return next(page for page in desk.publish().pages if page.slug == slug)


# -- hold -------------------------------------------------------------------------------------------------------------


def test_a_page_goes_out_only_when_every_sentence_is_signed(make_desk: MakeDesk) -> None:
    """One sentence that nobody signed holds the page, and is named."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    desk.review("pain", "demo-linguist", lambda entry: accept(entry) if "Walk" not in entry.msgid else None)
    page = outcome(desk)
    assert (page.state, page.live) == ("held", False)
    assert page.reasons == ("pain:0003:c6354872 in es: nobody has signed this text",)
    assert not desk.page("pain").exists()
    assert desk.prove().unproven == ()


def test_nothing_of_a_draft_is_on_the_site(live: Desk) -> None:
    """The drafted article is there in English alone; none of its drafts is in any file."""
    assert live.page("sleep", "en").exists()
    assert not live.page("sleep").exists()
    for name, data in files_below(live.root / "site").items():
        assert b"Sleepo" not in data, name


def edit_english(desk: Desk) -> None:
    desk.write("pain.md", ARTICLE.replace(b"a little", b"a lot"))


def edit_and_run(desk: Desk) -> None:
    edit_english(desk)
    desk.run()


def edit_target(desk: Desk) -> None:
    desk.review("pain", "demo-clinician", rewrite, attest=None)


def conflict(desk: Desk) -> None:
    edit_target(desk)
    desk.review("pain", "demo-linguist", lambda entry: setattr(entry, "msgstr", "Otra."), attest=None)


@pytest.mark.parametrize("change", [edit_english, edit_and_run, edit_target, conflict])
def test_the_last_signed_release_stays_as_it_was(live: Desk, change: Callable[[Desk], None]) -> None:
    """Whatever waits for a signature, the readers keep what was signed; where the English moved on, it says so."""
    before = live.page("pain").read_text()
    change(live)
    page = outcome(live)
    assert (page.state, page.live) == ("held", True)
    assert page.reasons[-1] == "its last signed release stays on the site"
    after = live.page("pain").read_text()
    if change in (edit_english, edit_and_run):
        assert article_part(after) == article_part(before)
        assert "The original has changed." in after
    else:
        assert after == before
    assert live.prove().unproven == ()


def article_part(html: str) -> list[str]:
    """What stands on a page as the article's."""
    return [node.html or "" for node in LexborHTMLParser(html).css("[data-article]")]


def test_a_page_that_stays_says_that_its_english_has_changed(live: Desk) -> None:
    """With the day of the English that it rests on, a link to today's, and for machines; and no longer once signed."""
    live.clock.tick(40 * 24 * 3600)
    edit_and_run(live)
    live.publish()
    tree = LexborHTMLParser(live.page("pain").read_text())
    (notice,) = tree.css(".notice.stale")
    (day,), (link,), (data,) = notice.css("time"), notice.css("a"), tree.css("script")
    with live.store() as store, store.read() as transaction:
        first = transaction.events(EventKind.REVISION)[0].time[:10]
    assert day.attributes["datetime"] == first
    assert (live.page("pain").parent / (link.attributes["href"] or "")).resolve() == live.page("pain", "en")
    said = json.loads(data.text())
    assert said["creativeWorkStatus"] == "Outdated"
    assert said["translationOfWork"]["dateModified"] == first
    with live.store() as store:
        rows = {row.slug: row for row in board(live.workspace, store, live.judges, live.locales("es"))[0]}
    assert (rows["pain"].live_english, rows["sleep"].live_english) == (first, "")
    (material,) = EvidenceRoom(live.root / "ledger").inventory()
    assert (material.original_on, material.original_changed) == (first, True)
    assert "The original has changed." in (live.page("pain").parent / "sentences" / "index.html").read_text()
    assert live.prove().unproven == ()

    live.sign_all("pain", "demo-linguist")
    assert outcome(live).state == "published"
    assert "The original has changed." not in live.page("pain").read_text()
    assert "creativeWorkStatus" not in live.page("pain").read_text()
    assert live.prove().unproven == ()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("The original has changed.", "Original.", "the notice that the original has changed is missing"),
        ('"creativeWorkStatus": "Outdated",', "", "does not say how old the page is"),
        ('<time datetime="{day}"', '<time datetime="2030-01-01"', "names this day"),
        ('"dateModified": "{day}", "inLanguage"', '"dateModified": "2030-01-01", "inLanguage"', "no such day"),
    ],
)
def test_verify_holds_a_stale_page_to_saying_so(live: Desk, old: str, new: str, why: str) -> None:
    """A reader is never left to think that an old page is today's."""
    edit_and_run(live)
    live.publish()
    with live.store() as store, store.read() as transaction:
        day = transaction.events(EventKind.REVISION)[0].time[:10]
    page = live.page("pain")
    text = page.read_text()
    changed = text.replace(old.replace("{day}", day), new)
    assert changed != text
    page.write_text(changed)
    assert any(why in found.reason for found in live.prove().unproven)


def test_the_new_english_replaces_the_page_once_it_is_signed(live: Desk) -> None:
    """And only then."""
    edit_and_run(live)
    live.publish()
    assert "Walko ao lot" not in live.page("pain").read_text(encoding="utf-8")
    live.sign_all("pain", "demo-linguist")
    assert outcome(live).state == "published"
    assert "Walko ao loto." in live.page("pain").read_text(encoding="utf-8")
    assert live.prove().unproven == ()


def test_a_page_comes_down_when_its_article_is_gone(live: Desk) -> None:
    """Without its English there is nothing to stand beside."""
    (live.root / "source_content" / "pain.md").unlink()
    live.publish()
    assert not live.page("pain").exists()
    assert live.prove().unproven == ()


def test_a_page_of_another_locale_stays_when_only_one_is_published(make_desk: MakeDesk) -> None:
    """`--to ca` looks at ca alone and takes nothing from es."""
    desk = make_desk({"pain.md": ARTICLE}, locales=("es", "ca"))
    desk.run()
    desk.sign_all("pain", "demo-linguist")
    desk.publish()
    before = desk.page("pain").read_bytes()
    desk.publish(to=["ca"])
    assert desk.page("pain").read_bytes() == before
    desk.sign_all("pain", "demo-linguist", tag="ca")
    desk.publish(to=["ca"])
    assert desk.page("pain", "ca").exists()
    assert desk.page("pain").exists()
    assert desk.prove().unproven == ()


def test_publishing_again_changes_nothing(live: Desk) -> None:
    """The same content is the same release: no byte of site or ledger changes."""
    before = files_below(live.root, without=[".signoff"])
    assert outcome(live).state == "unchanged"
    assert files_below(live.root, without=[".signoff"]) == before


# -- what is never cut ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "article"),
    [
        ("pain.md", b"# Pain\n\nRest is good.\n\n```\n5 mg = 1 tablet\n```\n"),
        ("pain.html", b"<body><h1>Pain</h1><p>Rest is good.</p><pre>5 mg = 1 tablet\n</pre></body>"),
    ],
)
def test_what_nobody_signs_is_the_article_s_and_says_so(make_desk: MakeDesk, name: str, article: bytes) -> None:
    """A code block is on the page as in the English, marked as English; else the page is not proven."""
    desk = make_desk({name: article})
    desk.run()
    desk.sign_all("pain")
    desk.publish()
    spanish, english = desk.page("pain").read_text(), desk.page("pain", "en").read_text()
    marked = '<pre lang="en" dir="ltr" translate="no">'
    assert marked in spanish
    assert "<pre>" in english
    assert desk.prove().unproven == ()

    for changed in (
        spanish.replace(marked, "<pre>"),
        spanish.replace(marked, '<pre lang="en" dir="ltr">'),
        spanish.replace(">5 mg<", ">50 mg<"),
        spanish.replace(" = 1 tablet", ""),
    ):
        assert changed != spanish
        desk.page("pain").write_text(changed)
        reasons = " ".join(found.reason for found in desk.prove().unproven)
        assert "does not say that it is untranslated" in reasons or "text of its own" in reasons


# -- findings and context ---------------------------------------------------------------------------------------------


def test_an_error_finding_holds_a_signed_text(make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that learns something new holds what was signed before it did."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    desk.sign_all("pain", "demo-linguist")
    finding = Finding(check="new_check", severity=Severity.ERROR, message="says the wrong thing")
    real = desk.judges
    monkeypatch.setattr(Desk, "judges", Judges(risk=real.risk, findings=lambda unit: (finding,)))
    page = outcome(desk)
    assert page.state == "held"
    assert page.reasons[0].endswith("in es: says the wrong thing (new_check)")


def test_a_critical_sentence_is_confirmed_again_when_its_context_changes(make_desk: MakeDesk) -> None:
    """What stands before it may turn its meaning round."""
    desk = make_desk({"pain.md": CRITICAL})
    desk.run()
    desk.sign_all("pain")
    assert outcome(desk).state == "published"
    desk.write("pain.md", CRITICAL.replace(b"Rest is good.", b"Take 8 mg every morning."))
    desk.run()
    desk.review("pain", "demo-linguist", lambda entry: accept(entry) if "8 mg" in entry.msgid else None)
    page = outcome(desk)
    assert (page.state, page.live) == ("held", True)
    assert any("critical, and what stands before it changed" in reason for reason in page.reasons)
    desk.run()
    desk.sign_all("pain")
    assert outcome(desk).state == "published"


def test_the_board_and_the_file_say_what_the_gate_says(make_desk: MakeDesk) -> None:
    """A critical sentence whose context changed is not called signed, and its reviewer is told why."""
    desk = make_desk({"pain.md": CRITICAL})
    desk.run()
    desk.sign_all("pain")
    desk.write("pain.md", CRITICAL.replace(b"Rest is good.", b"Take 8 mg every morning."))
    desk.run()
    desk.review("pain", "demo-linguist", lambda entry: accept(entry) if "8 mg" in entry.msgid else None)

    def row() -> Row:
        with desk.store() as store:
            return board(desk.workspace, store, desk.judges, desk.locales("es"))[0][0]

    def told() -> list[str]:
        return [entry.comment for entry in polib.pofile(str(desk.po("pain"))) if "CONFIRM AGAIN" in entry.comment]

    assert outcome(desk).state == "held"
    assert (row().units, row().signed_off, row().reviewed, row().to_confirm) == (3, 1, 2, 1)
    assert row().next == "confirm again in locales/es/pain.po"
    (note,) = told()
    assert "CONFIRM AGAIN: critical, and what stands before it changed: it must be confirmed again" in note
    desk.run()
    desk.sign_all("pain", "demo-linguist")
    assert (row().signed_off, row().to_confirm) == (1, 1), "one of two people has confirmed it"
    desk.sign_all("pain", "demo-clinician")
    assert (row().signed_off, row().to_confirm) == (3, 0)
    desk.run()
    assert told() == []
    assert outcome(desk).state == "published"


def test_a_critical_sentence_is_signed_in_the_context_that_the_reviewer_saw(make_desk: MakeDesk) -> None:
    """A file that went out before the context changed confirms nothing of what stands there now."""
    desk = make_desk({"pain.md": CRITICAL})
    desk.run()
    old = desk.edited("pain", accept, name="old.po")
    desk.write("pain.md", CRITICAL.replace(b"Rest is good.", b"Take 8 mg every morning."))
    desk.run()
    desk.review("pain", "demo-linguist", lambda entry: accept(entry) if "8 mg" in entry.msgid else None)
    for person in ("demo-linguist", "demo-clinician"):
        desk.import_(old, person, "all")
    page = outcome(desk)
    assert page.state == "held"
    assert any("critical, and what stands before it changed" in reason for reason in page.reasons)


def test_a_standard_sentence_keeps_its_sign_off_when_its_context_changes(make_desk: MakeDesk) -> None:
    """A sentence that was only moved needs nobody."""
    desk = make_desk({"pain.md": ARTICLE})
    desk.run()
    desk.sign_all("pain", "demo-linguist")
    desk.write("pain.md", b"# Pain\n\nWalk a little. Rest is good.\n")
    desk.run()
    assert outcome(desk).state == "published"
    assert desk.prove().unproven == ()


def test_a_sentence_that_became_critical_is_signed_again(make_desk: MakeDesk) -> None:
    """Signed as standard under one heading, it is not signed as critical under another."""
    desk = make_desk({"pain.md": b"## Rest\n\nAsk your doctor first.\n"})
    desk.run()
    desk.sign_all("pain", "demo-linguist")
    assert outcome(desk).state == "published"
    desk.write("pain.md", b"## Contraindications\n\nAsk your doctor first.\n")
    desk.run()
    desk.review("pain", "demo-linguist", lambda entry: accept(entry) if "Contra" in entry.msgid else None)
    desk.review("pain", "demo-clinician", lambda entry: accept(entry) if "Contra" in entry.msgid else None)
    page = outcome(desk)
    assert page.state == "held"
    assert any("0002" in reason for reason in page.reasons)


def test_english_that_nobody_ran_is_proven_all_the_same(live: Desk) -> None:
    """Publishing straight after an edit of the English puts that English into the ledger first."""
    live.write("new.md", b"# New\n\nNot drafted by anybody.\n")
    edit_english(live)
    live.publish()
    assert live.page("new", "en").exists()
    assert live.prove().unproven == ()
    assert live.check().wrong == ()


# -- verify goes red --------------------------------------------------------------------------------------------------


def reseal(site: Path) -> None:
    """Make release.json agree with what lies there: what somebody would do who knows how it is made."""
    path = site / "release.json"
    manifest = json.loads(path.read_bytes())
    for name in manifest["files"]:
        manifest["files"][name] = hashlib.sha256((site / name).read_bytes()).hexdigest()
    for page in manifest["pages"]:
        page["sha256"] = manifest["files"][page["path"]]
    path.write_text(json.dumps(manifest), encoding="utf-8")


def a_character_in_a_page(desk: Desk) -> None:
    page = desk.page("pain")
    page.write_text(page.read_text(encoding="utf-8").replace("Resto iso goodo.", "Resto iso bado."), encoding="utf-8")


def a_character_in_a_page_with_its_manifest(desk: Desk) -> None:
    a_character_in_a_page(desk)
    reseal(desk.root / "site")


def a_character_in_the_list_of_sentences(desk: Desk) -> None:
    page = desk.root / "site" / "es" / "pain" / "sentences" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Resto iso goodo.", "Resto iso bado."), encoding="utf-8")
    reseal(desk.root / "site")


def a_signer_in_the_list_of_sentences(desk: Desk) -> None:
    page = desk.root / "site" / "es" / "pain" / "sentences" / "index.html"
    page.write_text(re.sub("Name of demo-linguist", "Dr. Nobody", page.read_text(encoding="utf-8")), encoding="utf-8")
    reseal(desk.root / "site")


def a_page_of_another_locale(desk: Desk) -> None:
    shutil.copy(desk.page("pain", "en"), desk.page("pain"))
    reseal(desk.root / "site")


def a_page_taken_away(desk: Desk) -> None:
    site = desk.root / "site"
    shutil.rmtree(site / "es" / "pain")
    manifest = json.loads((site / "release.json").read_bytes())
    manifest["pages"] = [page for page in manifest["pages"] if "es/pain" not in page["path"]]
    manifest["files"] = {name: sha for name, sha in manifest["files"].items() if "es/pain" not in name}
    (site / "release.json").write_text(json.dumps(manifest), encoding="utf-8")


def a_page_put_in(desk: Desk) -> None:
    (desk.root / "site" / "es" / "extra.html").write_text("<p>Buy this.</p>", encoding="utf-8")


def the_site_of_an_older_release(desk: Desk) -> None:
    old = desk.root.parent / "old"
    shutil.copytree(desk.root / "site", old)
    desk.write("more.md", b"# More\n")
    desk.publish()
    shutil.rmtree(desk.root / "site")
    old.rename(desk.root / "site")


def an_older_release_that_says_it_is_the_newest(desk: Desk) -> None:
    old = json.loads((desk.root / "site" / "release.json").read_bytes())["release"]["event"]
    the_site_of_an_older_release(desk)
    (path,) = (desk.root / "ledger").glob("*.jsonl")
    newest = hashlib.sha256(path.read_bytes().splitlines()[-1]).hexdigest()
    manifest = desk.root / "site" / "release.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(old, newest), encoding="utf-8")


def a_draft_in_the_place_of_a_signed_text(desk: Desk) -> None:
    page = desk.page("pain")
    page.write_text(page.read_text(encoding="utf-8").replace("Resto iso goodo.", "Sleepo iso goodo."), encoding="utf-8")
    reseal(desk.root / "site")


def a_release_file_of_another_shape(desk: Desk) -> None:
    manifest = desk.root / "site" / "release.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_bytes()) | {"release": ["newest"]}), encoding="utf-8")


@pytest.mark.parametrize(
    "tamper",
    [
        a_character_in_a_page,
        a_character_in_a_page_with_its_manifest,
        a_character_in_the_list_of_sentences,
        a_signer_in_the_list_of_sentences,
        a_page_of_another_locale,
        a_page_taken_away,
        a_page_put_in,
        the_site_of_an_older_release,
        an_older_release_that_says_it_is_the_newest,
        a_draft_in_the_place_of_a_signed_text,
        a_release_file_of_another_shape,
    ],
)
def test_verify_names_what_was_changed_on_the_site(live: Desk, tamper: Callable[[Desk], None]) -> None:
    """Green after publish, red after anybody touched it, manifest or not."""
    assert live.prove().unproven == ()
    tamper(live)
    assert live.prove().unproven != ()


def a_character_in_the_ledger(desk: Desk) -> None:
    (path,) = (desk.root / "ledger").glob("*.jsonl")
    path.write_bytes(path.read_bytes().replace(b"Resto iso goodo.", b"Resto iso bado."))


def an_event_taken_out(desk: Desk) -> None:
    (path,) = (desk.root / "ledger").glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"sign-off"' not in line))


def a_changed_revision(desk: Desk) -> None:
    for path in (desk.root / "ledger" / "revisions").iterdir():
        path.write_bytes(path.read_bytes() + b"\n<script>alert(1)</script>\n")


def a_missing_revision(desk: Desk) -> None:
    shutil.rmtree(desk.root / "ledger" / "revisions")


def no_release(desk: Desk) -> None:
    (desk.root / "site" / "release.json").unlink()


def a_broken_release_file(desk: Desk) -> None:
    (desk.root / "site" / "release.json").write_text("{", encoding="utf-8")


@pytest.mark.parametrize(
    "tamper",
    [
        a_character_in_the_ledger,
        an_event_taken_out,
        a_changed_revision,
        a_missing_revision,
        no_release,
        a_broken_release_file,
    ],
)
def test_verify_stops_where_it_cannot_prove_anything(live: Desk, tamper: Callable[[Desk], None]) -> None:
    """A broken ledger or manifest proves nothing, and says so in a sentence."""
    tamper(live)
    with pytest.raises(LocalizationError):
        live.prove()


def test_the_last_events_taken_out_make_the_site_unproven(live: Desk) -> None:
    """A ledger cut at its end has no such release any more."""
    (path,) = (live.root / "ledger").glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    live.write("more.md", b"# More\n")
    live.publish()
    path.write_bytes(b"".join(lines))
    reasons = [found.reason for found in live.prove().unproven]
    assert "this is not the newest release in the ledger" in reasons
    assert "the newest release has no such page" in reasons


def test_a_signed_text_with_its_tags_elsewhere_is_another_text(make_desk: MakeDesk) -> None:
    """Two texts that read the same and differ in what is bold are two: the one that is out must be signed itself."""
    desk = make_desk({"pain.md": b"Take **no more than** 5 mg.\n"})
    desk.run()

    def bold(entry: polib.POEntry) -> None:
        accept(entry)
        entry.msgstr = "Tome <b1>no más</b1> de 5 mg."

    def less_bold(entry: polib.POEntry) -> None:
        accept(entry)
        entry.msgstr = "Tome no <b1>más</b1> de 5 mg."

    desk.review("pain", "demo-linguist", bold)
    desk.run()
    desk.review("pain", "demo-clinician")
    assert outcome(desk).state == "published"
    desk.run()
    desk.review("pain", "demo-linguist", less_bold)
    page = outcome(desk)
    assert (page.state, page.live) == ("held", True)
    assert "<strong>no más</strong>" in desk.page("pain").read_text(encoding="utf-8")

    events = read_ledger(desk.root / "ledger")
    release = next(event for event in reversed(events) if event.kind is EventKind.RELEASE)
    units = [[1, text_hash("Tome no <b1>más</b1> de 5 mg.")]]
    walked = WalkedLedger(desk.root / "ledger")
    es = next({**page, "units": units} for page in release.body["pages"] if page["locale"] == "es")
    del es["pins"]
    pages = [es if one["locale"] == "es" else one for one in release.body["pages"]]
    changed = replace(release, body={**release.body, "pages": pages})
    proof = proof_in_folder(desk.root / "ledger", walked, changed)
    (unit,) = proof.expected("pain", Locale.parse("es"))
    assert proof.proven("pain", Locale.parse("es"), unit, "Tome no más de 5 mg.") is not None


# -- pages that cannot be built ---------------------------------------------------------------------------------------


def test_a_text_that_reads_like_markup_is_text_on_its_page(make_desk: MakeDesk) -> None:
    """A sentence that begins like a list item stands in its paragraph as it was signed: no text is read as markup."""
    desk = make_desk({"pain.md": ARTICLE, "sleep.txt": b"Sleep\n\nSleep is good.\n"})
    desk.run()
    desk.sign_all("pain", "demo-linguist")
    desk.review("sleep", "demo-linguist", _as_list_item)
    desk.run()

    states = {(page.slug, page.locale): page for page in desk.publish().pages}

    assert {state.state for state in states.values()} == {"published"}
    assert (
        "<p>" in desk.page("sleep").read_text() and ">- Dormir es bueno.</span></p>" in desk.page("sleep").read_text()
    )
    assert desk.prove().unproven == ()


def _as_list_item(entry: polib.POEntry) -> None:
    accept(entry)
    if "is good" in entry.msgid:
        entry.msgstr = "- Dormir es bueno."


def test_a_page_that_leaves_the_site_is_named(make_desk: MakeDesk) -> None:
    """Its article is gone, or nobody asks for its language any more; said once. A rename is neither."""
    desk = make_desk(
        {"a.txt": b"Rest now.\n", "b.txt": b"Walk a little.\n", "c.txt": b"Drink.\n"}, locales=("es", "fr")
    )
    desk.run()
    for slug in "abc":
        for tag in ("es", "fr"):
            desk.sign_all(slug, tag=tag)
    desk.publish()
    (desk.root / "source_content" / "b.txt").unlink()
    (desk.root / "source_content" / "c.txt").rename(desk.root / "source_content" / "d.txt")
    settings = desk.root / "signoff.toml"
    settings.write_text(settings.read_text().replace("[[target]]\nlocale = \"fr\"\nengines = ['stand-in']\n", ""))
    desk.run()
    gone = {(p.slug, p.locale): p.reasons for p in desk.publish().pages if p.state == "pulled"}
    article, language = ("its article is gone",), ("signoff.toml asks for this language no more",)
    assert gone == {("b", "en"): article, ("b", "es"): article, ("b", "fr"): article, ("a", "fr"): language}
    assert not [page for page in desk.publish().pages if page.state == "pulled"]


def test_a_page_that_left_the_site_does_not_come_back_by_itself(live: Desk) -> None:
    """Somebody may have removed the article for what stood there: it waits until every sentence of it is signed."""
    article = live.root / "source_content" / "pain.md"
    article.unlink()
    live.run()
    live.publish()
    article.write_bytes(ARTICLE.replace(b"a little", b"a lot"))
    live.run()
    page = outcome(live)
    assert (page.state, page.live) == ("held", False)
    assert not live.page("pain").exists()
    live.sign_all("pain", "demo-linguist")
    assert outcome(live).state == "published"
    assert live.prove().unproven == ()


def test_a_kept_page_in_the_way_of_another_article_s_is_held_alone(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pain/sentences` went out before that address was the sentences of `pain`; all else is published."""
    with monkeypatch.context() as earlier:
        earlier.setattr("pipeline.articles.parent_of_companion", lambda slug: "")
        desk = make_desk({"pain/sentences.md": b"Rest.\n"})
        desk.run()
        desk.sign_all("pain/sentences")
        desk.publish()
    (desk.root / ".signoff" / "judged.json").unlink()  # another version of Signoff judges again
    assert {p.live for p in desk.publish().pages if p.slug == "pain/sentences"} == {True}
    desk.write("pain.md", b"Walk.\n")
    desk.run()
    desk.sign_all("pain")
    pages = {(page.slug, page.locale): page for page in desk.publish().pages}
    assert pages["pain", "es"].state == "published"
    held = pages["pain/sentences", "es"]
    assert (held.state, held.live) == ("held", False)
    assert "rename the file" in held.reasons[0]
    assert held.reasons[-1] == "its last release cannot stay beside the article pain"
    assert desk.prove().unproven == ()


def test_what_no_engine_drafts_waits_on_a_person(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """Before the run a run is what is missing, after it somebody who translates; gate and board say the same."""
    stand_in.refuses = frozenset({"Walk a little."})
    desk = make_desk({"pain.md": ARTICLE})

    def said() -> tuple[str, str]:
        with desk.store() as store:
            ((row,), _) = board(desk.workspace, store, desk.judges, desk.locales())
        return outcome(desk).reasons[-1], row.next

    before, after = said(), (desk.run(), said())[1]
    assert before == ("pain:0003:c6354872 in es: not translated yet: signoff run", "signoff run")
    assert after == (
        "pain:0003:c6354872 in es: not translated yet: no engine drafted it: a person translates it in "
        "locales/es/pain.po",
        "translate locales/es/pain.po",
    )


def test_a_text_is_in_its_page_s_language_whatever_the_article_says_of_its_english(make_desk: MakeDesk) -> None:
    """Word processors write `lang="en-GB" dir="ltr"` at each paragraph; other languages' passages stay marked."""
    article = (
        b'<div lang="en"><p lang="en-GB" dir="ltr">Rest now.</p>\n<p>Say <i lang="la">in vitro</i>.</p>\n'
        b"<pre>x = 1</pre></div>\n"
    )
    desk = make_desk({"pain.html": article}, locales=("ar",))
    desk.run()
    desk.sign_all("pain", tag="ar")
    (page,) = desk.publish().pages
    assert (page.state, page.reasons) == ("published", ())
    tree = LexborHTMLParser(desk.page("pain", "ar").read_text())
    marked = [node for node in tree.css("[data-article] :is([lang], [dir])") if node.tag != "bdi"]
    assert [(node.tag, node.attributes.get("lang")) for node in marked] == [("i", "la"), ("pre", "en")]
    assert desk.prove().unproven == ()
    original = desk.page("pain", "en").read_text()
    assert '<p lang="en-GB" dir="ltr">' in original


def test_an_article_without_a_sentence_is_held_by_that_reason(make_desk: MakeDesk) -> None:
    """There is nothing to show, in English either."""
    desk = make_desk({"pain.md": b"<!-- to be written -->\n"})
    desk.run()
    english, spanish = desk.publish().pages
    assert english.reasons == ("pain has no sentence: there is nothing to show",)
    assert spanish.reasons == ("pain in es: has no sentence that somebody could sign",)
