"""What each command prints and returns: the JSON that others build on (docs/json.md), and the way of a newcomer."""

import json
import re
from pathlib import Path
from typing import Any

import polib
import pytest
from workspaces import Somebody, accept, edit_po, files_below, make_workspace, rewrite

from cli.command_line import PAIN, Keyboard, workspace
from signoff.console import shown

RESULTS = {
    "proposed", "signed", "unchanged", "not-reviewed", "needs-work", "seen", "stale", "held", "conflict",
    "needs-verdict", "unknown", "absent",
}  # fmt: skip
PO = "locales/es/pain.po"


def shape(value: Any) -> Any:
    """The types of a JSON value: of a list that of its first element."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def attested(keyboard: Keyboard, by: str, *more: str) -> Any:
    """Accept every text of the first article as `by`; the JSON of the import."""
    back = edit_po(keyboard.folder / PO, accept, keyboard.folder / "back.po")
    return keyboard("import", str(back), "--reviewer", by, "--attest", "all", "--json", *more).json()


# -- JSON --------------------------------------------------------------------------------------------------------------


def test_run_json(keyboard: Keyboard) -> None:
    """One object on stdout, the words on stderr; a second run drafts nothing."""
    first, second = keyboard("run", "--json"), keyboard("run", "--json")

    assert (first.code, second.code) == (0, 0)
    assert shape(first.json()) == {
        "articles": "int", "locales": "int", "segments": "int", "drafted": "int", "from_memory": "int",
        "unchanged": "int", "failed": [], "engine_calls": "int", "characters": "int", "seconds": "float",
        "written": ["str"], "edited": [], "refused": [], "broken": [], "renamed": [], "leftover": [],
        "repaired": "int", "with_errors": "int", "changes": [{
            "slug": "str", "locale": "str", "first": "bool", "new": "int", "edited": "int", "moved": "int",
            "restored": "int", "deleted": "int", "unchanged": "int", "review_words": "int", "confirm": "int",
            "confirm_words": "int", "pairs": [],
        }], "over_budget": "int", "personal_data": [],
        "engines": {"stand-in": {
            "calls": "int", "characters": "int", "drafts": "int", "retries": "int", "waited_s": "float",
        }},
        "cost": "NoneType", "started": "str",
        "by_locale": {"es": {
            "drafted": "int", "from_memory": "int", "unchanged": "int", "failed": "int", "over_budget": "int",
            "repaired": "int", "with_errors": "int", "back_translated": "int",
            "words": {}, "engines": {"stand-in": {
                "drafted": "int", "calls": "int", "characters": "int", "seconds": "float", "cost": "NoneType",
                "failed": {}, "guards": {},
            }},
        }},
    }  # fmt: skip
    assert first.json()["drafted"] == first.json()["segments"]
    assert second.json()["unchanged"] == first.json()["segments"]
    assert (second.json()["engine_calls"], second.json()["characters"], second.json()["written"]) == (0, 0, [])
    assert "2 articles in 1 locale" in first.err


def test_run_json_names_what_was_not_drafted(tmp_path: Path, plugins: Path) -> None:
    """`failed` holds id, locale, reason, and whether the next run would ask in vain."""
    more = '[engine.garbage]\nanswer = "empty"'
    done = Keyboard(workspace(tmp_path / "w", engines=("garbage",), more=more), plugins)("run", "--json").json()
    assert shape(done["failed"]) == [{"id": "str", "locale": "str", "reason": "str", "final": "bool"}]
    assert done["drafted"] == 0


def test_import_json(keyboard: Keyboard) -> None:
    """One object per file, a line each: accepted, repaired or refused; entries with id, line, result and reason."""
    keyboard("run")
    back = edit_po(keyboard.folder / PO, accept, keyboard.folder / "back.po")
    broken = keyboard.folder / "broken.po"
    broken.write_text('msgid "a"\nmsgstr "b\n')

    done = keyboard("import", str(back), str(broken), "--reviewer", "demo-linguist", "--attest", "all", "--json")

    accepted, refused = done.lines()
    assert done.code == 2
    assert shape(accepted) | {"line": None} == {
        "file": "str", "sha256": "str", "outcome": "str", "line": None, "reason": "str",
        "entries": [{"id": "str", "line": "int", "result": "str", "reason": "str", "questions": []}],
    }  # fmt: skip
    assert (accepted["outcome"], accepted["line"]) == ("accepted", None)
    assert {entry["result"] for entry in accepted["entries"]} <= RESULTS
    assert (refused["outcome"], refused["line"]) == ("refused", 2)
    assert refused["reason"]
    assert (keyboard.folder / ".signoff/returned" / refused["sha256"]).read_bytes() == broken.read_bytes()


def test_import_exit_codes(keyboard: Keyboard) -> None:
    """0 when all is taken, 1 when somebody must look, 2 for a reviewer who is not on the roster."""
    keyboard("run", "pain")
    back = edit_po(keyboard.folder / PO, rewrite, keyboard.folder / "back.po")
    assert "not on the roster" in keyboard("import", str(back), "--reviewer", "nobody").sentence()
    assert keyboard("import", str(back), "--reviewer", "demo-linguist", "--attest", "edited").code == 0
    fuzzy = keyboard("import", PO, "--reviewer", "demo-clinician", "--attest", "all")
    assert fuzzy.code == 1
    assert re.search(r"\d+ needs-work", fuzzy.out)


def test_an_import_without_attestation_signs_nothing_and_says_how_to_sign(keyboard: Keyboard) -> None:
    """Edits are kept as proposed."""
    keyboard("run", "pain")
    back = edit_po(keyboard.folder / PO, rewrite, keyboard.folder / "back.po")
    done = keyboard("import", str(back), "--reviewer", "demo-linguist")
    assert done.code == 0
    assert "nothing was signed: the reviewer signs with --attest edited" in done.out
    assert keyboard("status", "--json").lines()[0]["signed_off"] == 0


def test_publish_and_verify_json(keyboard: Keyboard) -> None:
    """Held with reasons, then published, then unchanged; verify counts, and names what it cannot prove."""
    keyboard("run")
    held = keyboard("publish", "--json")
    assert held.code == 0
    assert keyboard("publish", "--strict").code == 1
    assert shape(held.json()["pages"][0]) | {"live": None} == {
        "slug": "str", "locale": "str", "state": "str", "reasons": ["str"], "can_act": ["str"], "live": None
    }  # fmt: skip
    assert {page["state"] for page in held.json()["pages"]} == {"held"}

    attested(keyboard, "demo-linguist")
    keyboard("run")
    attested(keyboard, "demo-clinician")
    done, again = keyboard("publish", "--json").json(), keyboard("publish", "--json").json()
    states = [{page["slug"]: page["state"] for page in report["pages"]} for report in (done, again)]
    assert states == [{"pain": "published", "sleep": "held"}, {"pain": "unchanged", "sleep": "held"}]
    assert done["release"] == again["release"]

    proven = keyboard("verify", "--json")
    assert proven.code == 0
    assert shape(proven.json()) == {"pages": "int", "texts": "int", "unproven": []}

    page = keyboard.folder / "site/es/pain/index.html"
    page.write_bytes(page.read_bytes().replace(b"5 mg", b"50 mg"))
    wrong = keyboard("verify", "--json")
    assert wrong.code == 1
    assert shape(wrong.json()["unproven"][0]) == {"page": "str", "text": "str", "reason": "str"}


def test_publish_names_once_what_it_took_out_of_an_article(keyboard: Keyboard) -> None:
    """What could have run is said to people; what only arranged the page is in the JSON."""
    hostile = "# Pain\n\n<p class='x'>Rest <b onclick='run()'>now</b>.</p>\n\n<script>run()</script>\n"
    (keyboard.folder / "source_content" / "pain.md").write_text(hostile)
    keyboard("run", "pain")
    names = "taken out of pain, and on no page: <script>, onclick='run()' on <b>"
    assert [" ".join(keyboard("publish", *how).out.split()).count(names) for how in ((), ("--preview",))] == [1, 1]
    listed = keyboard("publish", "--preview", "--json").json()["stripped"]
    assert listed["pain"] == ["<script>", "class='x' on <p>", "onclick='run()' on <b>"]


def test_publish_says_in_a_line_a_page_what_holds_it(keyboard: Keyboard) -> None:
    """How many sentences for which reason; the check that found something with an example."""
    keyboard("run")
    po = keyboard.folder / "back.po"

    def wrong_dose(entry: polib.POEntry) -> None:
        accept(entry)
        entry.msgstr = entry.msgstr.replace("5", "50")

    edit_po(keyboard.folder / PO, wrong_dose, po)
    keyboard("import", str(po), "--reviewer", "demo-linguist", "--attest", "all")

    lines = [line for line in keyboard("publish").out.splitlines() if line.startswith("held: ")]

    assert len(lines) == 2
    assert re.search(r"held: pain in es: .*1 sentence: check numbers_kept \(such as pain:\d{4}:\w{8}: .+\)", lines[0])
    assert re.fullmatch(r"held: sleep in es: \d sentences: nobody has signed this text", lines[1])


def test_segments_json(keyboard: Keyboard) -> None:
    """A line a segment; the bytes from start to end are where it stands in the file."""
    found = keyboard("segments", "source_content/pain.md", "--json").lines()
    dose = next(line for line in found if "5 mg" in line["source"])
    assert shape(dose) == {
        "id": "str", "kind": "str", "guessed": "bool", "heading_path": [],
        "start": "int", "end": "int", "source": "str",
        "placeables": [{"tag": "str", "kind": "str", "opening": "str", "closing": "str"}], "protected": [],
    }  # fmt: skip
    assert dose["placeables"] == [{"tag": "b1", "kind": "bold", "opening": "**", "closing": "**"}]
    assert PAIN[dose["start"] : dose["end"]].startswith(b"Take **one")
    outside = keyboard.below("..", "elsewhere")
    (outside.folder / "note.txt").write_bytes(b"One. Two.\n")
    assert len(outside("segments", "note.txt", "--json").lines()) == 2
    (outside.folder / "help.txt").write_bytes(b"Text 988 now.\n")
    assert outside("segments", "help.txt", "--json").lines()[0]["protected"] == [
        {"start": 5, "end": 8, "text": "988", "kind": "telephone number", "reason": "telephone"}
    ]
    (outside.folder / "note.md").write_bytes(b"---\nlayout: x\n---\nOne.\n\n    code 5\n")
    _, front, code = outside("segments", "note.md", "--json").lines()
    assert shape(code) == {"start": "int", "end": "int", "left_alone": "str"}
    assert (front["left_alone"], code["left_alone"]) == ("front matter: layout", "code block")


def test_status_doctor_and_ledger_json(keyboard: Keyboard) -> None:
    """Their shapes."""
    keyboard("run")
    assert shape(keyboard("status", "--json").lines()[0]) == {
        "slug": "str", "locale": "str", "units": "int", "untranslated": "int", "draft": "int", "proposed": "int",
        "reviewed": "int", "signed_off": "int", "to_confirm": "int", "conflicts": "int", "stale": "int",
        "out_since": "str", "live": "bool", "live_english": "str", "review_due": "str", "overdue": "bool",
        "questions": [], "next": "str",
    }  # fmt: skip
    doctor = keyboard("doctor", "--json").json()
    assert shape(doctor) == {
        "python": "str", "sqlite": "str", "apertium": "str", "msgfmt": "str",
        "engines": [{"locale": "str", "engine": "str", "used": "bool", "state": "str", "sends_to": "str"}],
        "unserved": [], "policy": "str", "signers": {"es": ["str"]},
            "missing": {"es": "str"},
    }  # fmt: skip
    assert shape(keyboard("ledger", "verify", "--json").json()) | {"heads": None} == {
        "events": "int",
        "heads": None,
        "wrong": [],
        "warnings": [],
    }
    events = keyboard("ledger", "export").lines()
    assert set(events[0]) == {"body", "chain", "kind", "prev", "seq", "time"}


def test_docs_name_every_field(keyboard: Keyboard) -> None:
    """docs/json.md speaks of each key that a command prints."""
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
    keyboard("run")
    printed = [
        *keyboard("run", "--json").lines(),
        *keyboard("status", "--json").lines(),
        *keyboard("publish", "--json").lines(),
        *keyboard("verify", "--json").lines(),
        *keyboard("doctor", "--json").lines(),
        *keyboard("ledger", "verify", "--json").lines(),
        *keyboard("segments", "source_content/pain.md", "--json").lines(),
        attested(keyboard, "demo-linguist"),
    ]
    keys = set(re.findall(r'"(\w+)": ', json.dumps(printed)))
    keys -= set(printed[-3].get("heads", {})) | {"es"}
    missing = {key for key in keys if f"`{key}`" not in text and not re.fullmatch("[0-9a-f]{12}", key)}
    assert not missing
    assert {result for result in RESULTS if f"`{result}`" not in text} == set()


# -- the way of a newcomer ---------------------------------------------------------------------------------------------


def test_a_newcomer_gets_from_init_to_a_proven_site(tmp_path: Path, plugins: Path) -> None:
    """Every command as somebody new would type it, in the order of --help, from a folder inside the workspace."""
    outside = Keyboard(tmp_path, plugins)
    assert outside("init", "my site").code == 0
    toml = tmp_path / "my site/signoff.toml"
    toml.write_text(toml.read_text().replace('["apertium"]', '["stand-in"]'))
    keyboard = outside.below("my site", "notes", "2026")

    assert "drafts: stand-in" in keyboard("doctor").out
    assert "there is no site yet: run `signoff publish` first" in keyboard("verify").sentence()
    assert "next: run     = signoff run" in keyboard("status").out
    assert keyboard("run").code == 0
    assert "next: review  = edit locales/<locale>/<article>.po" in keyboard("status").out
    built = keyboard("publish")
    assert built.code == 0
    assert "0 published, 0 unchanged, 1 held" in built.out
    assert keyboard("verify").code == 0
    assert keyboard("publish", "--preview").code == 0
    assert (tmp_path / "my site/site-preview/es/first/index.html").is_file()
    assert files_below(tmp_path / "my site/notes") == {}


def test_verify_of_an_empty_folder_says_what_to_do(keyboard: Keyboard) -> None:
    """A folder that is no site, before any release, and after one."""
    bare = keyboard.below("bare").folder
    assert "publish first" in keyboard("verify", str(bare)).sentence()
    keyboard("publish")
    assert str(bare) in keyboard("verify", str(bare)).sentence()


def test_init_overwrites_nothing(tmp_path: Path, plugins: Path) -> None:
    """In a folder with a .gitignore and articles it adds signoff.toml and leaves the rest; twice is refused."""
    keyboard = Keyboard(tmp_path, plugins)
    (tmp_path / ".gitignore").write_text("mine\n")
    (tmp_path / "source_content").mkdir()

    done = keyboard("init")

    assert done.code == 0
    assert "left as it is: .gitignore: add the lines /.signoff/" in done.out
    assert set(files_below(tmp_path, without=["plugins0"])) == {".gitignore", "signoff.toml"}
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert "never overwrites" in keyboard("init").sentence()


def test_doctor_lists_all_that_apertium_could_draft(keyboard: Keyboard) -> None:
    """`--all` names each language, the languages it goes through and what to install; without it JSON stays short."""
    could = {row["locale"]: row for row in keyboard("doctor", "--all", "--json").json()["could"]}
    assert could["es"] == {"locale": "es", "engine": "apertium", "way": "en → es", "state": "ready"}
    assert could["pt-BR"]["way"] == "en → es → pt-BR"
    assert all(row["state"] == "ready" or "apt-get install apertium" in row["state"] for row in could.values())
    assert "could" not in keyboard("doctor", "--json").json()
    assert "Esperanto" in keyboard("doctor", "--all").out


def test_doctor_says_who_drafts_who_signs_and_what_is_missing(tmp_path: Path, plugins: Path) -> None:
    """Per locale; exit 1 when no engine can draft for one."""
    keyboard = Keyboard(workspace(tmp_path / "w", locales=("es", "ca")), plugins)
    done = keyboard("doctor")
    assert done.code == 0
    assert "es\n  drafts: stand-in\n  signs:  demo-linguist, demo-clinician\n" in done.out
    workspace(tmp_path / "w", engines=("deepl",))
    none = keyboard("doctor", environment={"SIGNOFF_DEEPL_KEY": ""})
    assert none.code == 1
    assert "deepl is named in signoff.toml and cannot: deepl needs a key" in none.out
    assert "no engine can draft for: es" in none.out


def test_doctor_names_only_who_may_sign_and_says_what_can_never_be_published(tmp_path: Path, plugins: Path) -> None:
    """A content lead takes no step of the policy; without a medical reviewer no critical sentence goes out."""
    people = [
        Somebody(id="ana"),
        Somebody(id="lea", roles=("content lead",)),
        Somebody(id="old", valid_to="2026-01-02"),
    ]
    folder = make_workspace(tmp_path / "w", articles={}, people=people, demo=False)
    keyboard = Keyboard(folder, plugins)
    done = keyboard("doctor")
    assert "signs:  ana\n" in done.out
    assert "no critical sentence can be published: policy medical-2026-1 asks for a medical reviewer" in done.out
    assert keyboard("doctor", "--json").json()["signers"] == {"es": ["ana"]}


def test_a_table_that_no_terminal_shows_breaks_no_id(keyboard: Keyboard) -> None:
    """What a person copies out of a log is in one piece, also where the terminal is narrow."""
    keyboard("run")
    for columns, reviewer in (({}, "demo-linguist"), ({"COLUMNS": "80"}, "demo-clinician")):
        done = keyboard("import", PO, "--reviewer", reviewer, "--attest", "all", environment=columns)
        assert re.search(r"pain:0001:[0-9a-f]{8} ", done.out), done.out


def test_doctor_says_where_text_would_go(tmp_path: Path, plugins: Path) -> None:
    """An engine that sends text to another machine is never just ready: its host is named, in use or not."""
    more = '[engine.libretranslate]\nurl = "https://translate.example.org/"'
    keyboard = Keyboard(workspace(tmp_path / "w", engines=("stand-in", "google", "libretranslate"), more=more), plugins)
    done = keyboard("doctor", environment={"SIGNOFF_DEEPL_KEY": "a-key:fx", "SIGNOFF_MICROSOFT_KEY": ""})

    in_use, others = done.out.split("Engines that are not in use.")
    assert "google sends text to translate.google.com\n" in in_use
    assert "libretranslate sends text to translate.example.org\n" in in_use
    assert "stand-in sends" not in in_use
    assert "es: could draft; it would send text to api-free.deepl.com\n" in others
    assert "needs a key" in others and "it would send text to api.cognitive.microsofttranslator.com\n" in others
    assert "ready" not in others
    told = {engine["engine"]: engine["sends_to"] for engine in keyboard("doctor", "--json").json()["engines"]}
    assert (told["stand-in"], told["google"], told["apertium"]) == ("", "translate.google.com", "")


@pytest.mark.parametrize("width", [80, 120])
def test_the_board_fits_a_terminal_and_breaks_no_name(tmp_path: Path, plugins: Path, width: int) -> None:
    """A row per article and locale below the article's name; totals; the words of `next` explained."""
    slug = "dependence-withdrawal-and-tapering-of-long-medicine-names"
    articles = {f"{slug}.md": PAIN, "sleep.md": b"# Sleep\n"}
    keyboard = Keyboard(workspace(tmp_path / "w", articles, locales=("es", "pt-BR")), plugins)
    board = keyboard("status", environment={"COLUMNS": str(width)}).out.splitlines()
    assert slug in board
    assert max(map(len, board[: board.index("")])) <= 80
    assert [line.split()[0] for line in board if line.startswith("  ") and "units" not in line] == ["es", "pt-BR"] * 3


def test_what_is_shown_is_never_obeyed() -> None:
    """Every control character and bidirectional override is written out; letters of all languages stay."""
    assert shown("a\x1b[31mb\n\x9bc\u202ed\u2028e") == "a\\x1b[31mb\\n\\x9bc\\u202ed\\u2028e"
    assert shown("caf\udce9") == "caf\\xe9"
    assert shown("ñ ع می‌خواهم 日本 – “x”\u00a0y") == "ñ ع می‌خواهم 日本 – “x”\u00a0y"


def test_withdraw_and_release_json(keyboard: Keyboard) -> None:
    """Looked at first, then done; then listed; what was withdrawn does not come back."""
    keyboard("run")
    for person in ("demo-linguist", "demo-clinician"):
        attested(keyboard, person)
        keyboard("run")
    first = keyboard("publish", "--json").json()["release"]
    what = (
        "withdraw",
        "--target",
        "Resto iso goodo foro youo.",
        "--reason",
        "wrong",
        "--by",
        "demo-linguist",
        "--json",
    )
    looked = keyboard(*what, "--dry-run").json()
    assert shape(looked["texts"][0]) == {
        "locale": "str", "source": "str", "target": "str", "places": ["str"], "already": "str"
    }  # fmt: skip
    assert (looked["dry_run"], looked["release"], looked["pages"][0]["state"]) == (True, "", "pulled")
    assert (keyboard.folder / "site/es/pain/index.html").is_file()
    done = keyboard(*what).json()
    assert done["pages"][0]["slug"] == "pain"
    assert not (keyboard.folder / "site/es/pain").exists()
    releases = keyboard("release", "list", "--json").lines()
    assert [(one["cause"], one["newest"]) for one in releases] == [("publish", False), ("withdrawal", True)]
    assert releases[0]["id"].startswith(first)
    back = keyboard("release", "rollback", first, "--json")
    assert (back.code, {page["slug"]: page["state"] for page in back.json()["pages"] if page["locale"] == "es"}) == (
        1,
        {"pain": "pulled"},
    )
    assert keyboard("verify").code == 0
    assert "pain:0003" in keyboard("withdraw", "--target", "Resto iso", "--reason", "x", "--by", "demo-linguist").err


def test_evidence_and_inventory(keyboard: Keyboard) -> None:
    """A folder for an auditor that checks itself; a line a page; a file for a spreadsheet."""
    keyboard("run")
    for person in ("demo-linguist", "demo-clinician"):
        attested(keyboard, person)
        keyboard("run")
    keyboard("publish")
    assert keyboard("evidence", "pain", "es", "-o", "pack").code == 0
    assert keyboard("evidence", "pain", "es", "--json").json()["unsigned"] == 0
    assert keyboard("evidence", "--check", "pack").code == 0
    sheet = keyboard.folder / "pack/evidence.html"
    sheet.write_bytes(sheet.read_bytes() + b" ")
    assert keyboard("evidence", "--check", "pack", "--json").json()["wrong"] != []
    assert "name a page" in keyboard("evidence").sentence()
    (row,) = keyboard("inventory", "--json").lines()
    assert shape(row) == {
        "slug": "str", "locale": "str", "language": "str", "title": "str", "address": "str", "issued_on": "str",
        "reviewed_on": "str", "oldest_sign_off_on": "str", "reviewers": ["str"], "sentences": "int",
        "in_original": "int", "revision": "str", "original_on": "str", "original_changed": "bool",
    }  # fmt: skip
    for form in ("csv", "html"):
        assert keyboard("inventory", "--as", form, "-o", f"list.{form}").code == 0
    assert (keyboard.folder / "list.csv").read_text().startswith("slug,locale,language,title,")


# -- an anchor that is kept elsewhere ----------------------------------------------------------------------------------


def test_a_ledger_is_held_to_its_anchor(keyboard: Keyboard) -> None:
    """`ledger anchor` writes it, `verify --anchor` says that the ledger only grew, or was written anew."""
    keyboard("run")
    keyboard("publish")
    anchor = keyboard.folder / "anchor.json"
    assert keyboard("ledger", "anchor", "-o", str(anchor)).code == 0
    assert keyboard("ledger", "anchor").out == anchor.read_text()
    assert keyboard("verify", "--anchor", str(anchor)).code == 0
    said = json.loads(anchor.read_bytes())
    (head,) = said["chains"].values()
    head["head"] = "0" * 64
    anchor.write_text(json.dumps(said))
    found = keyboard("verify", "--anchor", str(anchor), "--json")
    assert found.code == 1
    assert "was written anew since" in found.json()["unproven"][0]["reason"]
    anchor.write_text("{}")
    assert "not an anchor" in keyboard("verify", "--anchor", str(anchor)).sentence()
