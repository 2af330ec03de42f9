"""`signoff memory`: search, import and export as they are typed, and the JSON of each."""

from pathlib import Path

from test_tmx import tmx, unit
from workspaces import drafted

from cli.command_line import Keyboard
from cli.test_commands import attested

REST = "Rest is good for you."


def signed(keyboard: Keyboard) -> None:
    keyboard("run")
    attested(keyboard, "demo-linguist")
    attested(keyboard, "demo-clinician")


def test_search_shows_both_texts_the_score_and_who_signed_when(keyboard: Keyboard) -> None:
    """For people in three lines a match, for programs one object a match."""
    signed(keyboard)
    shown = keyboard("memory", "search", "Rest is good for us.", "--to", "es")
    assert shown.code == 0
    assert shown.out.splitlines()[:2] == [f"85 %  {REST}", f"  es: {drafted(REST)}"]
    assert "signed by demo-linguist and demo-clinician" in shown.out
    (found,) = keyboard("memory", "search", REST, "--json").lines()
    assert (found["score"], found["source"], found["locale"], found["target"]) == (100, REST, "es", drafted(REST))
    assert (found["signed"], found["provenance"]["policy"]) == (True, "demo-2026-1")
    assert {s["by"] for s in found["provenance"]["signatures"]} == {"demo-linguist", "demo-clinician"}


def test_search_says_when_nothing_is_like_it(keyboard: Keyboard) -> None:
    """On an empty memory too."""
    shown = keyboard("memory", "search", "Nothing like this.")
    assert (shown.code, shown.out) == (0, "nothing in the memory is like this in es\n")


def test_import_says_what_was_taken_and_what_was_not(keyboard: Keyboard) -> None:
    """Exit 1 where something was left out, with the line; the same file again: nothing."""
    path = keyboard.folder / "old.tmx"
    path.write_text(tmx(unit(REST, "Descansar es bueno."), unit("", "x")), encoding="utf-8")
    done = keyboard("memory", "import", "old.tmx", "--json")
    assert done.code == 1
    report = done.json()
    assert (report["units"], report["translations"], report["known"]) == (2, {"es": 1}, False)
    assert report["left_out"] == [{"line": 6, "reason": "a text without a word"}]
    assert keyboard("memory", "import", "old.tmx", "--json").json()["known"] is True
    (found,) = keyboard("memory", "search", REST, "--json").lines()
    assert (found["place"], found["signed"], found["provenance"]["name"]) == ("old.tmx:1", False, "old.tmx")


def test_a_broken_file_is_refused_in_one_sentence_with_its_line(keyboard: Keyboard) -> None:
    """Exit 2."""
    (keyboard.folder / "bad.tmx").write_text("<tmx><body>\n<tu></body></tmx>", encoding="utf-8")
    assert keyboard("memory", "import", "bad.tmx").sentence().startswith("bad.tmx:2: is no well-formed XML")


def test_export_writes_what_is_signed(keyboard: Keyboard, tmp_path: Path) -> None:
    """A TMX file, the same bytes again."""
    signed(keyboard)
    done = keyboard("memory", "export", str(tmp_path / "out.tmx"), "--to", "es", "--json")
    assert done.json() == {"file": str(tmp_path / "out.tmx"), "translations": 5, "left_out": []}
    data = (tmp_path / "out.tmx").read_bytes()
    assert drafted(REST).encode() in data
    keyboard("memory", "export", str(tmp_path / "again.tmx"))
    assert (tmp_path / "again.tmx").read_bytes() == data
