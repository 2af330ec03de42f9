"""What people decide beside signing: conflicts, questions, signatures taken back, edits that change nothing.

The stores, the ledger and the checks are real; `sole` is a workspace of real people in which one signature is enough.
"""

import shutil
from datetime import date
from pathlib import Path

import polib
import pytest
from conftest import MakeDesk
from workspaces import Desk, Somebody, accept, rewrite

from pipeline.errors import PolicyError
from pipeline.model import Locale
from pipeline.store.ledger import EventKind
from review.acts import (
    affected_by_revocation,
    answer,
    choose,
    conflicts,
    open_questions_in,
    retract,
    revoke,
)
from review.editorial import editorial, what_moved
from review.evidence import EvidenceRoom

ES = Locale.parse("es")
ARTICLE = b"Rest is good for you.\n\nTake 5 mg every evening.\n\nWalk a little.\n"
PEOPLE = (
    Somebody(id="ana"),
    Somebody(id="eva", roles=("linguist",)),
    Somebody(id="dr-vega", roles=("medical reviewer",)),
    Somebody(id="lea", roles=("content lead",)),
)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk({"a.txt": ARTICLE}, demo=False, people=PEOPLE)
    desk.run()
    return desk


def unit_id(desk: Desk, number: int) -> str:
    """The id of a sentence."""
    with desk.store() as store, store.read() as transaction:
        return next(f"a:{n:04d}:{hash_[:8]}" for n, hash_, _, _ in transaction.article("a")[1] if n == number)


def wrote(desk: Desk, by: str, number: int, text: str, comment: str = "") -> None:
    """One person's file: another text for one sentence, or a comment on it."""

    def change(entry: polib.POEntry) -> None:
        if f":{number:04d}:" in entry.msgctxt:
            entry.msgstr = text or entry.msgstr
            entry.flags = []
            entry.tcomment = comment

    desk.clock.tick()
    desk.import_(desk.edited("a", change, name=f"{by}.{number}.po"), by)


# -- conflicts ---------------------------------------------------------------------------------------------------------


def in_conflict(desk: Desk) -> str:
    """Ana and Eva wrote different texts for the first sentence; gives its id."""
    sent = desk.root / "sent.po"
    shutil.copy(desk.po("a"), sent)
    wrote(desk, "ana", 1, "Descansar es bueno.")
    wrote(desk, "eva", 1, "El descanso le conviene.")
    return unit_id(desk, 1)


def test_a_conflict_shows_both_texts_and_who_wrote_them(desk: Desk) -> None:
    """The current one first; the other waits."""
    id_ = in_conflict(desk)
    with desk.store() as store:
        (conflict,) = conflicts(store, [ES])
    assert (conflict.id, conflict.source) == (id_, "Rest is good for you.")
    assert [(text.by, text.target, text.current) for text in conflict.texts] == [
        ("ana", "Descansar es bueno.", True),
        ("eva", "El descanso le conviene.", False),
    ]


@pytest.mark.parametrize(
    ("place", "text", "author"), [(1, "Descansar es bueno.", "ana"), (2, "El descanso le conviene.", "eva")]
)
def test_whoever_chooses_ends_the_conflict_and_signs_nothing(desk: Desk, place: int, text: str, author: str) -> None:
    """The chosen text is current and its writer's; the other is kept; the ledger and a rebuilt store say the same."""
    id_ = in_conflict(desk)
    with desk.store() as store:
        choose(desk.workspace, store, id_=id_, locale=ES, place=place, by="dr-vega", reason="the leaflet says so")
        assert conflicts(store, [ES]) == []
        with store.read() as transaction:
            now = transaction.current("a", "es")[1]
            assert len(transaction.events(EventKind.SIGN_OFF)) == 0
    assert (now.target, now.origin.name, now.others, now.state.value) == (text, author, (), "proposed")
    assert desk.check().wrong == ()
    shutil.rmtree(desk.root / ".signoff")
    with desk.store() as store, store.read() as transaction:
        assert transaction.current("a", "es")[1] == now
    desk.run()
    desk.review("a", "eva")
    assert desk.states("a")[1] == "signed-off"


def test_a_chosen_text_can_be_edited_and_a_new_rival_is_a_conflict_of_its_own(desk: Desk) -> None:
    """What a choice set aside stays so, whatever is chosen later."""
    id_ = in_conflict(desk)
    old = desk.root / "sent.po"
    with desk.store() as store:
        choose(desk.workspace, store, id_=id_, locale=ES, place=2, by="lea", reason="clearer")

    def change(entry: polib.POEntry) -> None:
        if ":0001:" in entry.msgctxt:
            entry.msgstr = "Descanse usted."
            entry.flags = []

    from workspaces import edit_po

    desk.clock.tick()
    desk.import_(edit_po(old, change, desk.root / "late.po"), "dr-vega")
    with desk.store() as store:
        (conflict,) = conflicts(store, [ES])
        assert [text.target for text in conflict.texts] == ["El descanso le conviene.", "Descanse usted."]
        desk.clock.tick()
        choose(desk.workspace, store, id_=id_, locale=ES, place=2, by="lea", reason="better")
        assert conflicts(store, [ES]) == []
    assert desk.check().wrong == ()


def test_two_stores_that_choose_otherwise_are_in_conflict_again(desk: Desk, tmp_path: Path) -> None:
    """Neither of the two texts is lost, and the machine's draft never comes back before them."""
    id_ = in_conflict(desk)
    other = Desk(Path(shutil.copytree(desk.root, tmp_path / "clone")), desk.clock)
    shutil.rmtree(other.root / ".signoff")
    for there, place in ((desk, 1), (other, 2)):
        with there.store() as store:
            choose(there.workspace, store, id_=id_, locale=ES, place=place, by="lea", reason="mine")
    for path in (other.root / "ledger").glob("*.jsonl"):
        with desk.store() as store:
            store.import_chain(path.read_bytes(), path.name)
    with desk.store() as store:
        (conflict,) = conflicts(store, [ES])
    assert {text.target for text in conflict.texts} == {"Descansar es bueno.", "El descanso le conviene."}
    assert desk.check().wrong == ()


def test_who_may_not_choose_changes_nothing(desk: Desk) -> None:
    """Nobody off the roster, no place that is not there; and no conflict, no choice."""
    id_ = in_conflict(desk)
    with desk.store() as store:
        for by, place in (("nobody", 1), ("ana", 3), ("ana", 0)):
            with pytest.raises(PolicyError):
                choose(desk.workspace, store, id_=id_, locale=ES, place=place, by=by, reason="x")
        with pytest.raises(PolicyError, match="no conflict"):
            choose(desk.workspace, store, id_=unit_id(desk, 2), locale=ES, place=1, by="ana", reason="x")
        assert len(conflicts(store, [ES])) == 1


# -- questions ---------------------------------------------------------------------------------------------------------


def test_a_question_holds_the_unit_until_a_content_lead_answers_and_travels_with_the_next_file(desk: Desk) -> None:
    """Also when everybody else has signed; the answer stands in the next PO file."""
    wrote(desk, "ana", 1, "", "? is this for children\n? en: who is “you”\nhere")
    with desk.store() as store:
        asked = open_questions_in(store, [ES])
    assert [(q.about, q.question) for q in asked] == [
        ("english", "? en: who is “you” here"),
        ("translation", "? is this for children"),
    ]
    desk.run()
    assert "QUESTION by ana: ? is this for children" in desk.po("a").read_text(encoding="utf-8")
    desk.review("a", "eva")
    assert desk.states("a")[1] == "reviewed"
    with desk.store() as store:
        with pytest.raises(PolicyError, match="no content lead"):
            answer(desk.workspace, store, id_=asked[0].id, locale=ES, by="ana", text="Adults.")
        desk.clock.tick()
        answered = answer(desk.workspace, store, id_=asked[0].id, locale=ES, by="lea", text="Adults\nonly.")
        assert len(answered) == 2
        assert open_questions_in(store, [ES]) == []
    assert desk.states("a")[1] == "signed-off"
    assert desk.check().wrong == ()


def test_an_answer_goes_out_with_the_next_file(desk: Desk) -> None:
    """Beside its question, until the sentence is signed off."""
    wrote(desk, "ana", 1, "", "? is this for children")
    with desk.store() as store:
        by_number = unit_id(desk, 1).rpartition(":")[0]  # `a:0001`, as memory hints and `withdraw` name a sentence
        answer(desk.workspace, store, id_=by_number, locale=ES, by="lea", text="Adults only.")
    desk.run()
    note = "ANSWER by lea: Adults only. — to the question by ana: ? is this for children"
    assert note in desk.po("a").read_text(encoding="utf-8")
    desk.review("a", "ana")
    desk.run()
    assert note not in desk.po("a").read_text(encoding="utf-8")


# -- signatures taken back ---------------------------------------------------------------------------------------------


def published(desk: Desk) -> None:
    """Everything signed and on the site."""
    desk.review("a", "ana", rewrite)
    desk.run()
    desk.review("a", "dr-vega")
    assert [page.state for page in desk.publish().pages] == ["published"]
    desk.clock.on("2026-06-10")


def test_who_takes_a_signature_back_holds_the_page(desk: Desk) -> None:
    """Only their own; the sign-off stays readable; signing again makes it good."""
    published(desk)
    with desk.store() as store:
        with pytest.raises(PolicyError, match="no sign-off of eva"):
            retract(store, id_=unit_id(desk, 2), locale=ES, by="eva", reason="x")
        assert retract(store, id_=unit_id(desk, 2), locale=ES, by="dr-vega", reason="I misread the dose") == 1
    assert desk.states("a")[2] == "reviewed"
    assert desk.prove().unproven, "the page on the site rests on a sign-off that was taken back"
    assert [page.state for page in desk.publish().pages] == ["held"]
    assert desk.check().wrong == ()
    desk.clock.tick()
    desk.run()
    desk.review("a", "dr-vega")
    assert desk.states("a")[2] == "signed-off"
    assert desk.publish().pages[0].state in ("published", "unchanged")
    assert desk.prove().unproven == ()


def test_a_revocation_names_the_pages_and_lapses_what_was_signed_since(desk: Desk) -> None:
    """In the store, in a rebuilt one, for verify, and for what that person would sign from now on."""
    published(desk)
    with desk.store() as store:
        (page,) = affected_by_revocation(store, "dr-vega", date(2026, 6, 1))
        assert (page.slug, page.locale, page.live) == ("a", "es", True)
        assert affected_by_revocation(store, "dr-vega", date(2026, 6, 2)) == []
        with pytest.raises(PolicyError, match="content lead or a publisher"):
            revoke(desk.workspace, store, person="dr-vega", since=date(2026, 6, 1), by="ana", reason="x")
        revoke(desk.workspace, store, person="dr-vega", since=date(2026, 6, 1), by="lea", reason="licence withdrawn")
    assert desk.states("a")[2] == "reviewed"
    assert desk.prove().unproven
    shutil.rmtree(desk.root / ".signoff")
    assert desk.states("a")[2] == "reviewed"
    desk.run()
    report = desk.review("a", "dr-vega", rewrite)
    held = [entry for entry in report.entries if "licence withdrawn" in entry.reason]
    assert {entry.result.value for entry in held} == {"held"}
    assert held
    assert desk.check().wrong == ()


def test_a_revocation_leaves_alone_what_was_signed_before_its_day(desk: Desk) -> None:
    """The day it names is the first that counts no more."""
    published(desk)
    with desk.store() as store:
        revoke(desk.workspace, store, person="dr-vega", since=date(2026, 6, 2), by="lea", reason="left the house")
    assert desk.states("a")[2] == "signed-off"
    assert desk.prove().unproven == ()


# -- an edit that changes nothing --------------------------------------------------------------------------------------


def edited_english(desk: Desk, old: bytes, new: bytes) -> str:
    """Today's English says it otherwise; gives the id of the sentence that came of it."""
    published(desk)
    desk.write("a.txt", ARTICLE.replace(old, new))
    desk.run()
    return unit_id(desk, 4)


def test_an_editorial_change_keeps_the_sign_offs_standing(desk: Desk) -> None:
    """Text, state, page and proof; also in a store that was built from the ledger alone."""
    id_ = edited_english(desk, b"Walk a little.", b"Have a little walk.")
    assert desk.states("a")[4] == "draft"
    with desk.store() as store:
        (carried,) = editorial(desk.workspace, store, desk.judges, id_=id_, locales=[ES], by="lea", reason="style only")
    assert carried.signed_by == ("ana", "dr-vega")
    assert desk.states("a")[4] == "signed-off"
    assert desk.check().wrong == ()
    desk.run()
    assert desk.publish().pages[0].state == "published"
    assert "Have a little walk." in (desk.root / "site" / "en" / "a" / "index.html").read_text(encoding="utf-8")
    assert desk.prove().unproven == ()
    last = EvidenceRoom(desk.root / "ledger").page("a", ES)["sentences"][-1]
    assert last["source"] == "Have a little walk."
    assert {(s["by"], s["signed_source"]) for s in last["signatures"]} == {
        ("ana", "Walk a little."),
        ("dr-vega", "Walk a little."),
    }
    shutil.rmtree(desk.root / ".signoff")
    assert desk.states("a")[4] == "signed-off"
    assert desk.check().wrong == ()


def test_a_carried_sign_off_falls_with_the_one_it_rests_on(desk: Desk) -> None:
    """Taken back, revoked or withdrawn: for the former sentence is for this one."""
    id_ = edited_english(desk, b"Rest is good for you.", b"Resting is good for you.")
    with desk.store() as store:
        editorial(desk.workspace, store, desk.judges, id_=id_, locales=[ES], by="lea", reason="grammar only")
        for by in ("ana", "dr-vega"):
            assert retract(store, id_=id_, locale=ES, by=by, reason="no") == 1
    assert desk.states("a")[4] == "proposed"
    assert desk.check().wrong == ()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"Take 5 mg every evening.", b"Take 50 mg every evening.", "number changed"),
        (b"Take 5 mg every evening.", b"Take 5 mcg every evening.", "unit changed"),
        (b"Take 5 mg every evening.", b"Do not take 5 mg every evening.", "negation changed"),
        (b"Walk a little.", b"Walk two hours.", "number changed"),
        (b"Rest is good for you.", b"Rest is good for you. Sleep is too.", "split or merged|no edit"),
        (b"Rest is good for you.", b"Rest is good for you after an overdose.", "critical now"),
    ],
)
def test_what_is_more_than_editorial_is_refused(desk: Desk, old: bytes, new: bytes, why: str) -> None:
    """A digit, a unit, a negation, another risk, a split: somebody must read it."""
    id_ = edited_english(desk, old, new)
    with desk.store() as store:
        with pytest.raises(PolicyError, match=why):
            editorial(desk.workspace, store, desk.judges, id_=id_, locales=[ES], by="lea", reason="only style")
        with store.read() as transaction:
            assert transaction.events(EventKind.EDITORIAL) == []


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("You can't take it.", "You can take it.", "negation"),
        ("It is safe.", "It is unsafe.", "changed"),
        ("Take it with food.", "Take it without food.", "negation"),
        ("Call if you feel ill.", "Call unless you feel ill.", "negation"),
        ("Nonsmokers may use it.", "Smokers may use it.", "negation"),
        ("Do not drink, and eat well.", "Drink, and do not eat well.", "negation"),
        ("Only take it at night.", "Take it at night.", "limit"),
        ("Take thirteen tablets.", "Take fourteen tablets.", "number"),
        ("Take a quarter of it.", "Take a third of it.", "number"),
        ("Take ½ tablet.", "Take ¼ tablet.", "number"),
        ("Take 5 tablets.", "Take ５ tablets.", "number"),
        ("Take 2 tablets.", "Take 2² tablets.", "number"),
        ("Take 10 mg. Wait 5 hours.", "Take 5 mg. Wait 10 hours.", "number"),
        ("Take 5 mg at noon, 10 mg at night.", "Take 10 mg at noon, 5 mg at night.", "number"),
        ("Take 0.5 mg.", "Take .5 mg.", "number"),
        ("Keep it at -5 °C.", "Keep it at 5 °C.", "sign"),
        ("If it is ≥ 10 mg, call.", "If it is ≤ 10 mg, call.", "sign"),
        ("Take 5 mg.", "Take 5 mcg.", "unit"),
        ("Take 5 mg/kg.", "Take 5 mg.", "unit"),
        ("Take one dose a day.", "Take one dose an hour.", "unit"),
        ("Take it at 8 a.m.", "Take it at 8 p.m.", "half of the day"),
        ("Until May 2024.", "Until June 2024.", "date"),
        ("Take clonazepam.", "Take clobazam.", "drug"),
        ("The left arm hurts.", "The right arm hurts.", "laterality"),
        ("You may drink.", "You must drink.", "modality"),
        ("Take it before meals.", "Take it after meals.", "time"),
        ("Take at least that.", "Take at most that.", "comparison"),
        ("Adults can take it.", "Children can take it.", "population"),
    ],
)
def test_what_could_harm_a_reader_has_moved(was: str, now: str, why: str) -> None:
    """Also where a word is only written otherwise, or stands elsewhere: unsure is no editorial change; both ways."""
    for one, other in ((was, now), (now, was)):
        assert any(why in moved for moved in what_moved(one, other, Locale.parse("en")))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("Do not stop taking it.", "Don't stop taking it."),
        ("Rest is good for you.", "Resting is good for you."),
        ("See your doctor, if needed.", "If needed, see your doctor."),
        ("Talk with your doctor about it.", "Talk to your doctor about it."),
        ("Your health care provider can help.", "Your healthcare provider can help."),
        ("This medicine is used to treat seizures.", "This medicine treats seizures."),
        ("It's helpful.", "It is helpful."),
    ],
)
def test_what_is_style_has_not_moved(was: str, now: str) -> None:
    """Else nobody would declare anything editorial."""
    assert what_moved(was, now, Locale.parse("en")) == []


def test_a_term_that_is_replaced_or_moved_is_more_than_editorial(make_desk: MakeDesk) -> None:
    """A synonym may be another thing to a clinician; and who does what to whom is told by the order."""
    rows = "concept,locale,term\ns,en,seizure\ns,es,convulsión\na,en,anxiety\na,es,ansiedad\n"
    desk = make_desk(
        {"a.txt": b"A seizure can follow anxiety.\n"}, demo=False, people=PEOPLE, more='[terms]\nfiles = ["t.csv"]'
    )
    (desk.root / "t.csv").write_text(rows, encoding="utf-8")
    desk.run()
    desk.review("a", "ana", rewrite, attest="all")
    for number, now in ((2, b"A fit can follow anxiety.\n"), (3, b"Anxiety can follow a seizure.\n")):
        desk.write("a.txt", now)
        desk.run()
        with desk.store() as store, pytest.raises(PolicyError, match="a term changed"):
            id_ = unit_id(desk, number)
            editorial(desk.workspace, store, desk.judges, id_=id_, locales=[ES], by="lea", reason="style")


def test_only_a_content_lead_declares_a_change_editorial(desk: Desk) -> None:
    """And only before somebody wrote a text for the new English."""
    id_ = edited_english(desk, b"Rest is good for you.", b"Resting is good for you.")
    with desk.store() as store, pytest.raises(PolicyError, match="no content lead"):
        editorial(desk.workspace, store, desk.judges, id_=id_, locales=[ES], by="ana", reason="grammar only")
    wrote(desk, "ana", 4, "Descansar le hará bien.")
    with desk.store() as store, pytest.raises(PolicyError, match="wrote a text"):
        editorial(desk.workspace, store, desk.judges, id_=id_, locales=[ES], by="lea", reason="grammar only")


def test_acts_in_a_ledger_from_elsewhere_are_worth_no_more_than_their_person(desk: Desk) -> None:
    """A line that says that Ana, who is no content lead, declared an edit editorial, carries nothing on."""
    id_ = edited_english(desk, b"Rest is good for you.", b"Resting is good for you.")
    with desk.store() as store:
        editorial(desk.workspace, store, desk.judges, id_=id_, locales=[ES], by="lea", reason="grammar only")
        with store.read() as transaction:
            event = transaction.events(EventKind.EDITORIAL)[-1]
            entry = next(hash_ for hash_, found in transaction.facts().roster_entries.items() if found["id"] == "ana")
        desk.clock.tick()
        with store.write() as transaction:
            text = {"target": "Otra cosa.", "target_hash": "0" * 64}
            transaction.append(
                EventKind.EDITORIAL,
                {**event.body, **text, "by": "ana", "roster_entry": entry, "supersedes": [event.hash]},
            )
    assert desk.states("a")[4] == "signed-off"
    assert any("does not count: ana is no content lead" in wrong for wrong in desk.check().wrong)


def test_accepting_again_is_what_a_reviewer_does_with_an_edited_sentence(desk: Desk) -> None:
    """Old and new English stand side by side in the next file, the difference marked."""
    edited_english(desk, b"Rest is good for you.", b"Resting is good for you.")
    entry = next(e for e in polib.pofile(str(desk.po("a"))) if ":0004:" in e.msgctxt)
    assert entry.previous_msgid == "Rest is good for you."
    assert "changed: {-Rest-}{+Resting+} is good for you." in entry.comment
    desk.review("a", "ana", accept)
    assert desk.states("a")[4] == "signed-off"
