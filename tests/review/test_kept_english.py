"""A sentence that stays English on purpose is a decision that people signed, is marked as English, and is proven."""

import json
from pathlib import Path

import jsonschema
import pytest
from conftest import MakeDesk
from selectolax.lexbor import LexborHTMLParser
from workspaces import Desk, accept

from pipeline.errors import PolicyError
from pipeline.model import Locale
from pipeline.store.ledger import EventKind, read_ledger
from review.evidence import EvidenceRoom, evidence_sheet
from review.kept_english import KeptEnglish, keep_english
from review.page_desk import PageOutcome
from review.publisher import Cause, ReleaseName
from review.releases import publish
from signoff.desk import judges

ES = Locale.parse("es")
HOTLINE = "Samaritans of the North, 12 Long Street, Leeds"
ARTICLE = f"# Help\n\nYou can always call us.\n\n{HOTLINE}\n".encode()
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "evidence.schema.json").read_bytes())


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """An article with an address in it, everything else signed."""
    desk = make_desk({"help.md": ARTICLE})
    desk.run()
    desk.review("help", "demo-linguist", lambda entry: accept(entry) if entry.msgid != HOTLINE else None)
    return desk


def the_id(desk: Desk, source: str = HOTLINE) -> str:
    with desk.store() as store, store.read() as transaction:
        number, source_hash = next((n, h) for n, h, s, _ in transaction.article("help")[1] if s == source)
    return f"help:{number:04d}:{source_hash[:8]}"


def keep(desk: Desk, by: str = "demo-linguist", source: str = HOTLINE, reason: str = "a name") -> KeptEnglish:
    with desk.store() as store:
        return keep_english(
            desk.workspace,
            store,
            judges(desk.workspace, store),
            id_=the_id(desk, source),
            locale=ES,
            by=by,
            reason=reason,
            entered_by="typist",
        )


def outcome(desk: Desk) -> PageOutcome:
    with desk.store() as store:
        name = ReleaseName(person=None, cause=Cause.PUBLISH)
        gate = judges(desk.workspace, store)
        return publish(desk.workspace, store, gate, locales=[ES], out=desk.root / "site", name=name).pages[0]


def test_it_goes_out_marked_as_english_and_is_proven(desk: Desk) -> None:
    """Without a notice of passages that nobody signed; the reason stands beside it, and in the evidence."""
    assert outcome(desk).state == "held"
    assert keep(desk).still_needs == ()
    assert outcome(desk).state == "published"
    tree = LexborHTMLParser(desk.page("help").read_text())
    (shown,) = tree.css(f'[data-unit="{the_id(desk)}"]')
    assert (shown.text(), shown.attributes["lang"]) == (HOTLINE, "en")
    assert not tree.css(".notice.fallback")
    assert desk.prove().unproven == ()
    companion = (desk.page("help").parent / "sentences" / "index.html").read_text()
    assert "kept in the original: a name" in companion
    evidence = EvidenceRoom(desk.root / "ledger").page("help", ES)
    jsonschema.validate(evidence, SCHEMA)
    assert [one["kept_in_original"] for one in evidence["sentences"]][-1] == "a name"
    assert b"kept in the original on purpose: a name" in evidence_sheet(evidence)
    assert desk.check().wrong == ()


def test_verify_names_a_page_that_does_not_say_so(desk: Desk) -> None:
    """Neither may English pass for the language, nor a translation be marked as English."""
    keep(desk)
    outcome(desk)
    page = desk.page("help")
    text = page.read_text()
    for changed in (
        text.replace(' lang="en" dir="ltr">Samaritans', ">Samaritans"),
        text.replace(HOTLINE, "Teléfono de la Esperanza"),
    ):
        assert changed != text
        page.write_text(changed)
        assert any(the_id(desk) in found.reason for found in desk.prove().unproven)


def test_two_people_keep_what_is_critical(make_desk: MakeDesk) -> None:
    """The same policy as for any text: the second person types the same, the first may not be both."""
    dose = "If you took too much, call Poisons Information North at once."
    desk = make_desk({"help.md": f"# Help\n\n{dose}\n".encode()})
    desk.run()
    desk.review("help", "demo-linguist", lambda entry: accept(entry) if entry.msgid != dose else None)
    assert keep(desk, source=dose).still_needs != ()
    assert outcome(desk).state == "held"
    with pytest.raises(PolicyError, match="who has not signed it yet"):
        keep(desk, source=dose)
    assert keep(desk, "demo-clinician", dose).still_needs == ()
    assert outcome(desk).state == "published"
    assert desk.prove().unproven == ()
    texts = [e for e in read_ledger(desk.root / "ledger") if e.kind is EventKind.TEXT and e.body["target"] == dose]
    assert len(texts) == 1, "the second person wrote nothing"


def test_who_may_not_sign_may_not_keep(desk: Desk) -> None:
    """Nobody from outside, not without a reason, not twice, no withdrawn pair; and nothing is done then."""
    before = len(read_ledger(desk.root / "ledger"))
    for by, reason in (("eve", "a name"), ("demo-linguist", " "), ("demo-linguist", "x" * 5000)):
        with pytest.raises(PolicyError):
            keep(desk, by, reason=reason)
    assert len(read_ledger(desk.root / "ledger")) == before
    keep(desk)
    with pytest.raises(PolicyError, match="is kept in English already"):
        keep(desk)
    desk.withdraw(target=HOTLINE)
    with pytest.raises(PolicyError, match="withdrawn"):
        keep(desk)


def test_a_translation_takes_its_place(desk: Desk) -> None:
    """And when the English changes, it is decided again."""
    keep(desk)
    outcome(desk)
    desk.run()
    desk.review("help", "demo-linguist", lambda e: setattr(e, "msgstr", "Los samaritanos, 12 Long Street, Leeds")
                if e.msgid == HOTLINE else None)  # fmt: skip
    assert outcome(desk).state == "published"
    assert "Los samaritanos" in desk.page("help").read_text()
    assert desk.prove().unproven == ()
    desk.write("help.md", ARTICLE.replace(b"12 Long", b"14 Long"))
    desk.run()
    assert outcome(desk).state == "held"
