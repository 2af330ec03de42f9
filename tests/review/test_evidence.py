"""What an auditor is given follows from the ledger alone, says who signed each sentence, and shows what was changed."""

import hashlib
import json
import shutil
from pathlib import Path

import jsonschema
import polib
import pytest
from conftest import MakeDesk
from selectolax.lexbor import LexborHTMLParser
from workspaces import Desk, Somebody, accept, drafted

from pipeline.errors import LedgerError, PublishError
from pipeline.model import Locale
from pipeline.store.ledger import EventKind, read_ledger
from review.evidence import EvidenceRoom, check_pack, evidence_sheet, inventory_sheet, write_pack
from review.intake import import_file
from review.publisher import Cause, ReleaseName
from review.releases import publish
from signoff.desk import judges

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "evidence.schema.json").read_bytes())
ES = Locale.parse("es")
HOSTILE = '<script>alert(1)</script> {{ 7*7 }} <img src=x onerror="alert(1)">'


def edited(entry: polib.POEntry) -> None:
    """The reviewer corrects one sentence and accepts the others."""
    accept(entry)
    if entry.msgid == "Rest is good.":
        entry.msgstr = "Descansar es bueno."


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """Two real people sign an article with a critical sentence."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest is good.\n\nTake 5 mg every evening.\n"}, demo=False)
    desk.run()
    desk.review("pain", "ana", edited)
    desk.run()
    desk.review("pain", "dr-vega")
    desk.publish()
    return desk


def room(desk: Desk) -> EvidenceRoom:
    return EvidenceRoom(desk.root / "ledger")


def test_each_sentence_says_who_signed_it_on_which_grounds(desk: Desk) -> None:
    """Both texts, origin, role, qualification, day; two people for the critical one."""
    evidence = room(desk).page("pain", ES)
    jsonschema.validate(evidence, SCHEMA)
    _, rest, dose = evidence["sentences"]
    assert (rest["source"], rest["target"]) == ("Rest is good.", "Descansar es bueno.")
    assert (rest["origin"]["author"], rest["origin"]["draft"]["name"]) == ("ana", "stand-in")
    assert rest["origin"]["draft_text"] == drafted("Rest is good.")
    assert [(s["name"], s["role"]) for s in dose["signatures"]] == [
        ("Name of ana", "linguist"),
        ("Name of dr-vega", "medical reviewer"),
    ]
    assert dose["risk"] == "critical"
    assert dose["signatures"][0]["qualifications"] == [
        {"basis": "a test", "domain": "", "verified_by": "nobody", "valid_from": "2026-01-01", "valid_to": ""}
    ]
    hashes = {event.hash for event in read_ledger(desk.root / "ledger") if event.kind is EventKind.SIGN_OFF}
    assert {s["event"] for one in evidence["sentences"] for s in one["signatures"]} <= hashes
    assert evidence["unsigned"] == 0


def test_the_pack_proves_itself_without_the_workspace(desk: Desk, tmp_path: Path) -> None:
    """Written twice it is the same bytes; checked elsewhere it is green."""
    for name in ("one", "two"):
        write_pack(room(desk), "pain", ES, tmp_path / name)
    assert (tmp_path / "one" / "evidence.json").read_bytes() == (tmp_path / "two" / "evidence.json").read_bytes()
    shutil.rmtree(desk.root)
    assert check_pack(tmp_path / "one") == []
    with pytest.raises(PublishError, match="there already"):
        write_pack(EvidenceRoom(tmp_path / "two" / "ledger"), "pain", ES, tmp_path / "one")


def test_a_changed_pack_says_what_does_not_follow(desk: Desk, tmp_path: Path) -> None:
    """A letter in the data, in the sheet, in the ledger."""
    pack = tmp_path / "pack"
    write_pack(room(desk), "pain", ES, pack)
    data, sheet = pack / "evidence.json", pack / "evidence.html"
    good = data.read_bytes(), sheet.read_bytes()
    data.write_bytes(good[0].replace(b"Descansar", b"Descansad"))
    assert [sentence.split(":")[0] for sentence in check_pack(pack)] == ["evidence.json"]
    data.write_bytes(good[0].replace(b"dr-vega", b"dr-vela"))
    assert check_pack(pack) != []
    data.write_bytes(good[0])
    sheet.write_bytes(good[1].replace(b"Descansar", b"Descansad"))
    assert check_pack(pack) == ["evidence.html: is not the sheet that the ledger gives"]
    sheet.write_bytes(good[1])
    (chain,) = (pack / "ledger").glob("*.jsonl")
    lines = chain.read_bytes().splitlines(keepends=True)
    chain.write_bytes(b"".join(lines[:3] + lines[4:]))
    with pytest.raises(LedgerError):
        check_pack(pack)
    chain.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(PublishError):
        check_pack(pack)


def test_a_withdrawn_or_unknown_page_has_no_evidence(desk: Desk) -> None:
    """Only what stands on the site is proven."""
    with pytest.raises(PublishError, match="no page pain in fr"):
        room(desk).page("pain", Locale.parse("fr"))
    desk.withdraw(target="Descansar es bueno.", by="ana")
    with pytest.raises(PublishError, match="no page pain in es"):
        room(desk).page("pain", ES)


def test_the_sheet_shows_hostile_texts_as_text(desk: Desk) -> None:
    """Nothing in a text, a name or a finding becomes markup; no script, nothing from elsewhere."""
    evidence = room(desk).page("pain", ES)
    evidence["sentences"][1] |= {"source": HOSTILE, "target": HOSTILE}
    evidence["sentences"][1]["signatures"][0] |= {"name": HOSTILE, "findings": [HOSTILE], "waived": [HOSTILE]}
    tree = LexborHTMLParser(evidence_sheet(evidence).decode())
    assert tree.css("script, img, link, iframe, [onerror]") == []
    assert tree.text().count("{{ 7*7 }}") == 5
    assert "default-src 'none'" in evidence_sheet(evidence).decode()


def test_the_inventory_names_every_translated_page(desk: Desk) -> None:
    """Language, address, day of issue, reviewers with their roles; the day of issue stays when nothing changed."""
    desk.write("more.md", b"# More\n")
    desk.clock.on("2026-06-05")
    desk.publish()
    (one,) = room(desk).inventory()
    assert (one.slug, one.locale, one.language, one.title) == ("pain", "es", "Spanish", "Paino")
    assert one.address == "https://test.example/es/pain/"
    assert (one.issued_on, one.reviewed_on, one.oldest_sign_off_on) == ("2026-06-01", "2026-06-01", "2026-06-01")
    assert one.reviewers == ("Name of ana, linguist", "Name of dr-vega, medical reviewer")
    assert "Name of dr-vega, medical reviewer" in inventory_sheet([one], "Site", "today").decode()


def test_personal_data_can_be_erased_and_all_is_proven_still(desk: Desk, tmp_path: Path) -> None:
    """Names and proofs stand beside the chain under a salted hash: without them ids are shown, and nothing breaks."""
    ledger = desk.root / "ledger"
    before = [path.read_bytes() for path in ledger.glob("*.jsonl")]
    for path in (ledger / "personal").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
        assert b"salt" in path.read_bytes()
    assert b"Name of ana" not in b"".join(before), "no name is in a chain"
    shutil.rmtree(ledger / "personal")

    assert desk.check().wrong == ()
    left = {found.reason for found in desk.prove().unproven}
    assert all("reviewer" in reason or "site's own words" in reason for reason in left), "the old page names people"
    evidence = room(desk).page("pain", ES)
    assert [s["name"] for s in evidence["sentences"][2]["signatures"]] == ["ana", "dr-vega"]
    write_pack(room(desk), "pain", ES, tmp_path / "pack")
    assert check_pack(tmp_path / "pack") == []

    with desk.store() as store:
        from review.releases import publish

        nobody = ReleaseName(person=None, cause=Cause.PUBLISH)
        publish(desk.workspace, store, desk.judges, locales=desk.locales(), out=desk.root / "site", name=nobody)
    assert desk.prove().unproven == ()
    assert "Name of ana" not in desk.page("pain").read_text(encoding="utf-8")


def test_it_shows_what_people_did_beside_signing(make_desk: MakeDesk) -> None:
    """Questions and answers, what was taken back or revoked, and waivers with who, why and when; only what counts."""
    from review.acts import answer, retract, revoke
    from review.waivers import waive

    people = (
        Somebody(id="ana"),
        Somebody(id="bea"),
        Somebody(id="lea", roles=("content lead", "linguist")),
    )
    desk = make_desk({"pain.md": b"# Pain\n\nRest for 3 days.\n"}, demo=False, people=people)
    desk.run()

    def ask(entry: polib.POEntry) -> None:
        accept(entry)
        entry.tcomment = "? days or nights"
        entry.msgstr = entry.msgstr.replace("3", "4")

    desk.review("pain", "ana", ask, attest=None)
    with desk.store() as store, store.read() as transaction:
        number, source_hash = next((n, h) for n, h, s, _ in transaction.article("pain")[1] if "Rest" in s)
    id_ = f"pain:{number:04d}:{source_hash[:8]}"
    with desk.store() as store:
        answer(desk.workspace, store, id_=id_, locale=ES, by="lea", text="Days.")
        waive(desk.workspace, store, judges(desk.workspace, store), id_=id_, locale=ES, by="lea", verdict="waived",
              reason="four there")  # fmt: skip
    desk.clock.tick()
    desk.run()
    for by in ("ana", "bea", "lea"):
        with desk.store() as store:
            import_file(
                desk.workspace, store, judges(desk.workspace, store), desk.edited("pain", accept, name=f"{by}.po"),
                reviewer=by, attest="all", entered_by=by,
            )  # fmt: skip
    with desk.store() as store:
        retract(store, id_=id_, locale=ES, by="ana", reason="I was unsure")
        revoke(desk.workspace, store, person="bea", since=desk.clock().date(), by="lea", reason="no licence")
        name = ReleaseName(person=None, cause=Cause.PUBLISH)
        gate = judges(desk.workspace, store)
        (page,) = publish(desk.workspace, store, gate, locales=[ES], out=desk.root / "site", name=name).pages
    assert page.state == "published", page
    evidence = room(desk).page("pain", ES)
    jsonschema.validate(evidence, SCHEMA)
    said = {act["kind"]: act for act in evidence["sentences"][1]["acts"]}
    assert said["question"]["said"] == "? days or nights"
    assert (said["answer"]["name"], said["answer"]["said"]) == ("Name of lea", "Days.")
    assert (said["waiver"]["said"], said["waiver"]["about"]) == ("four there", "waived: numbers_kept")
    assert said["retraction"]["said"] == "I was unsure"
    assert (said["revocation"]["about"], said["revocation"]["said"]) == (
        "all sign-offs of bea since 2026-06-01",
        "no licence",
    )
    assert [s["by"] for s in evidence["sentences"][1]["signatures"]] == ["lea"]
    sheet = evidence_sheet(evidence).decode()
    assert all(word in sheet for word in ("I was unsure", "no licence", "four there", "days or nights", "Days."))
