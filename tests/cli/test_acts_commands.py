"""`signoff conflicts`, `questions`, `unit`, `retract`, `revoke` and signed imports, as somebody types them."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import polib
import pytest
from click.testing import CliRunner, Result
from conftest import MakeDesk
from workspaces import Desk, Somebody, rewrite

from cli.command_line import Keyboard
from signoff.main import cli

PEOPLE = (
    Somebody(id="ana"),
    Somebody(id="eva"),
    Somebody(id="lea", roles=("content lead",)),
)


@pytest.fixture
def desk(make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two sentences; Ana and Eva wrote different texts for the first, and Eva asks about the second."""
    desk = make_desk({"a.txt": b"Rest is good for you.\n\nWalk a little.\n"}, demo=False, people=PEOPLE)
    desk.run()
    for by, text in (("ana", "Descanse."), ("eva", "Repose usted.")):

        def change(entry: polib.POEntry, by: str = by, text: str = text) -> None:
            entry.flags = []
            if ":0001:" in entry.msgctxt:
                entry.msgstr = text
            elif by == "eva":
                entry.tcomment = "? en: how far is a little"

        desk.clock.tick()
        desk.import_(desk.edited("a", change, name=f"{by}.po"), by)
    monkeypatch.chdir(desk.root)
    return desk


def typed(*words: str) -> Result:
    result = CliRunner().invoke(cli, list(words), standalone_mode=False)
    assert result.exception is None, result.output
    return result


def test_a_conflict_is_seen_and_settled(desk: Desk) -> None:
    """Both texts with their place; after the choice there is none."""
    shown = typed("conflicts", "--json")
    conflict = json.loads(shown.stdout.splitlines()[0])
    assert shown.return_value == 1
    assert [text["target"] for text in conflict["texts"]] == ["Descanse.", "Repose usted."]
    typed("conflicts", "--choose", f"{conflict['id']}=2", "--by", "ana", "--reason", "better")
    assert typed("conflicts").return_value == 0


def test_a_question_is_seen_and_answered(desk: Desk) -> None:
    """With its kind."""
    shown = typed("questions", "--json")
    question = json.loads(shown.stdout.splitlines()[0])
    assert (question["about"], question["by"]) == ("english", "eva")
    typed("unit", question["id"], "answer", "--by", "lea", "--text", "A hundred steps.")
    assert typed("questions").return_value == 0


def test_the_board_says_who_waits_for_whose_answer(desk: Desk) -> None:
    """How many, on which sentences, since when; in JSON, in words, and with --waiting; none after the answer."""
    (row,) = map(json.loads, typed("status", "--json").stdout.splitlines())
    (question,) = row["questions"]
    id_, waits = question["id"], {"by": "eva", "waits_on": ["lea"], "since": "2026-06-01", "about": "english"}
    assert question == {"id": id_, **waits}
    told = " ".join(typed("status").output.split())
    assert f"1 open question {id_} in es: eva waits for lea since 2026-06-01 about the English" in told
    rows = [json.loads(line) for line in typed("status", "--waiting", "--json").stdout.splitlines()]
    (asked,) = [row for row in rows if row["asked_by"]]
    assert (asked["asked_by"], asked["waits_on"], asked["ids"], asked["units"]) == ("eva", ["lea"], [id_], 1)
    assert "es: eva waits for lea to answer since 2026-06-01: 1 sentence of a" in typed("status", "--waiting").output
    assert "QUESTIONS by Name of eva: 1 sentence into es (a)" in typed("digest", "--person", "lea").output
    typed("unit", id_, "answer", "--by", "lea", "--text", "A hundred steps.")
    assert [json.loads(line)["questions"] for line in typed("status", "--json").stdout.splitlines()] == [[]]
    assert "asked_by" in rows[0]
    assert "waits for lea" not in typed("status", "--waiting").output


def test_a_revocation_lists_the_pages_and_does_nothing_without_yes(desk: Desk) -> None:
    """The sign-offs lapse only with --yes."""
    desk.run()
    desk.review("a", "ana", rewrite)
    assert "signed-off" in desk.states("a").values()
    words = ("revoke", "--person", "ana", "--since", "2026-01-01", "--by", "lea", "--reason", "left")
    listed = typed(*words, "--json")
    told = json.loads(listed.stdout.splitlines()[0])
    assert (listed.return_value, told["done"], told["pages"][0]["slug"]) == (1, False, "a")
    assert "signed-off" in desk.states("a").values()
    assert typed(*words, "--yes").return_value == 0
    assert "signed-off" not in desk.states("a").values()


def test_a_signature_is_taken_back(desk: Desk) -> None:
    """By the signer, on one sentence."""
    desk.run()
    report = desk.review("a", "ana", rewrite)
    (id_,) = [entry.id for entry in report.entries if entry.result.value == "signed" and ":0001:" in entry.id]
    typed("retract", id_, "--by", "ana", "--reason", "I misread it")
    assert desk.states("a")[1] == "proposed"


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen: apt install openssh-client")
def test_a_file_is_signed_with_a_key_and_the_export_checked(desk: Desk, tmp_path: Path) -> None:
    """Statement, signature, import, export, verify: each as the pages of docs/ say."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=30)
    toml = desk.root / "signoff.toml"
    public = key.with_suffix(".pub").read_text(encoding="ascii").strip()
    text = toml.read_text(encoding="utf-8").replace('id = "ana"\n', f'id = "ana"\npublic_key = "{public}"\n')
    toml.write_text(text, encoding="utf-8")
    desk.run()
    path = str(desk.edited("a", rewrite, name="signed.po"))
    before = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (desk.root / "ledger").glob("*.jsonl")]
    typed("import", path, "--reviewer", "ana", "--attest", "all", "--statement")
    assert before == [hashlib.sha256(file.read_bytes()).hexdigest() for file in (desk.root / "ledger").glob("*.jsonl")]
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "signoff", "-f", str(key), f"{path}.statement"]
    subprocess.run(command, check=True, timeout=30, capture_output=True)
    typed("import", path, "--reviewer", "ana", "--attest", "all", "--signature", f"{path}.statement.sig")
    typed("ledger", "export", "-o", "all.jsonl")
    done = typed("ledger", "verify", "all.jsonl", "--roster", "signoff.toml", "--json")
    told = json.loads(done.stdout.splitlines()[0])
    assert (done.return_value, told["wrong"]) == (0, [])
    assert told["by_key"] == told["sign_offs"] > 0


def test_a_sentence_is_kept_in_english(keyboard: Keyboard) -> None:
    """By somebody of the roster, with a reason; who else must decide it stands there."""
    keyboard("run")
    id_ = next(e.msgctxt for e in polib.pofile(str(keyboard.folder / "locales/es/pain.po")))
    keep = ("unit", id_, "keep-english", "--to", "es", "--reason", "a name")
    kept = keyboard(*keep, "--by", "demo-linguist", "--json")
    assert kept.code == 0, kept
    assert kept.json().keys() == {"id", "locale", "text", "role", "still_needs"}
    assert "not on the roster" in keyboard(*keep, "--by", "eve").sentence()


def test_redact_lists_before_it_erases(keyboard: Keyboard) -> None:
    """Refused while the person is on the roster; without --yes nothing is done."""
    keyboard("run")
    words = ("redact", "--person", "demo-linguist", "--by", "demo-linguist", "--reason", "left")
    assert (
        "take the [[person]] out first" in keyboard(*words).sentence()
        or "never on the roster" in keyboard(*words).sentence()
    )


def test_an_outsider_verifies_with_the_site_and_the_ledger_alone(keyboard: Keyboard, tmp_path: Path) -> None:
    """No workspace, no settings, no store: and what was changed is found there, too."""
    keyboard("run")
    keyboard("publish")
    for name in ("site", "ledger"):
        shutil.copytree(keyboard.folder / name, tmp_path / "outside" / f"their-{name}")
    outside = Keyboard(tmp_path / "outside", keyboard.plugins)
    proven = outside("verify", "their-site", "--ledger", "their-ledger")
    assert (proven.code, "proven: " in proven.out) == (0, True), proven
    page = tmp_path / "outside" / "their-site" / "en" / "pain" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("5 mg", "50 mg"), encoding="utf-8")
    assert outside("verify", "their-site", "--ledger", "their-ledger").code == 1
