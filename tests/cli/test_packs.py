"""The commands of who gets what: what they print, and the JSON that others build on (docs/json.md)."""

from pathlib import Path

from workspaces import accept, edit_po

from cli.command_line import Keyboard


def test_a_pack_from_send_to_signed(keyboard: Keyboard) -> None:
    """send, list, status --waiting, import, list."""
    keyboard("run")
    sent = keyboard("send", "--to", "es", "--reviewer", "demo-linguist", "--due", "2099-01-31", "-o", "out", "--json")
    assert (sent.code, sent.json()["units"], sent.json()["out"], sent.json()["left_out"]) == (0, 8, 8, [])
    assert (keyboard.folder / "out" / "brief.html").is_file()
    listed = keyboard("pack", "list", "--json").lines()
    assert [(p["reviewer"], p["due"], p["state"], p["overdue"]) for p in listed] == [
        ("demo-linguist", "2099-01-31", "open", False)
    ]
    (row,) = keyboard("status", "--waiting", "--json").lines()
    assert (row["pack"], row["units"], row["of"], row["articles"]) == (listed[0]["pack"], 8, 8, ["pain", "sleep"])
    back = edit_po(keyboard.folder / "out" / "sleep.es.po", accept, keyboard.folder / "back.po")
    assert keyboard("import", str(back), "--reviewer", "demo-linguist", "--attest", "all").code == 0
    assert keyboard("pack", "list", "--json").lines()[0]["out"] == 5
    assert "2099-01-31" in keyboard("status", "--waiting").out


def test_what_people_did_is_a_table_for_other_programs(keyboard: Keyboard) -> None:
    """CSV on stdout or in a file; JSON has the same names."""
    keyboard("run")
    back = edit_po(keyboard.folder / "locales" / "es" / "sleep.po", accept, keyboard.folder / "back.po")
    keyboard("import", str(back), "--reviewer", "demo-linguist", "--attest", "all")
    told = keyboard("report", "people")
    assert told.out.startswith("person,locale,files,edited,edited_words,edit_percent,signed,")
    assert told.out.splitlines()[1].startswith("demo-linguist,es,1,0,0,0.0,3,")
    (row,) = keyboard("report", "people", "--json", "--since", "2020-01-01", "-o", "people.csv").lines()
    assert list(row) == told.out.splitlines()[0].split(",")
    assert (keyboard.folder / "people.csv").read_text() == told.out.replace("\r\n", "\n")


def test_extend_recall_and_reassign(keyboard: Keyboard) -> None:
    """By the beginning of the pack's id; what is not open cannot be recalled again."""
    keyboard("run")
    keyboard("send", "--to", "es", "--reviewer", "demo-linguist", "-o", "one", "pain")
    assert "until 2099-02-01" in keyboard("pack", "extend", "demo-l", "--due", "2099-02-01").out
    told = keyboard("pack", "reassign", "demo-l", "--reviewer", "demo-clinician", "-o", "two", "--by", "lea", "--json")
    assert (told.code, told.json()["reviewer"], told.json()["due"]) == (0, "demo-clinician", "2099-02-01")
    assert "is handed on" not in keyboard("pack", "list").out
    assert "recalled by lea" in keyboard("pack", "list", "--all").out
    assert "recalled by" in keyboard("pack", "recall", "demo-l").sentence()
    assert "no pack is called 'nobody'" in keyboard("pack", "recall", "nobody").sentence()
    assert keyboard("pack", "recall", "demo-c", "--reason", "ill").code == 0
    assert "no pack is open" in keyboard("pack", "list").out


def test_a_pack_is_not_made_where_something_lies(keyboard: Keyboard) -> None:
    """The sentence says what to do; nothing is recorded."""
    keyboard("run")
    assert "not an empty folder" in keyboard("send", "--to", "es", "--reviewer", "demo-linguist", "-o", ".").sentence()
    assert "not on the roster" in keyboard("send", "--to", "es", "--reviewer", "x", "-o", "out").sentence()
    assert "2026-1-1" in keyboard("send", "--to", "es", "--reviewer", "x", "-o", "o", "--due", "2026-1-1x").sentence()
    assert "no pack is open" in keyboard("pack", "list", "--all").out


def test_the_digest_is_written_for_everybody_who_has_something(keyboard: Keyboard) -> None:
    """A text whose first line is the subject, and a page."""
    keyboard("run")
    assert "nothing waits on demo-linguist" in keyboard("digest", "--person", "demo-linguist").out
    keyboard("send", "--to", "es", "--reviewer", "demo-linguist", "-o", "out")
    assert keyboard("digest", "-o", "mail").code == 0
    assert {path.name for path in (keyboard.folder / "mail").iterdir()} == {"demo-linguist.txt", "demo-linguist.html"}
    text = Path(keyboard.folder / "mail" / "demo-linguist.txt").read_text(encoding="utf-8")
    assert text.startswith("Subject: Test site: 8 sentences with you\n\nDear Name of demo-linguist")
    (told,) = keyboard("digest", "--json").lines()
    assert set(told) == {"person", "subject", "text", "html"}


def test_a_pack_is_in_one_language(keyboard: Keyboard) -> None:
    """Of several that are named none is dropped in silence: nothing is sent."""
    keyboard("run")
    settings = keyboard.folder / "signoff.toml"
    settings.write_text(settings.read_text() + '[[target]]\nlocale = "ca"\nengines = []\n')
    refused = keyboard("send", "--to", "es,ca", "--reviewer", "demo-linguist", "-o", "out")
    assert (refused.code, "es or ca" in refused.sentence()) == (2, True)
    assert not (keyboard.folder / "out").exists()
