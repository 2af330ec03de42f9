"""`signoff terms`: in, out, looked up."""

from pathlib import Path

import pytest

from cli.command_line import Keyboard, workspace

FIRST = "concept,locale,term,status,forms\npain,en,pain,,\npain,es,dolor,,\n"


@pytest.fixture
def keyboard(tmp_path: Path, plugins: Path) -> Keyboard:
    """A keyboard in a workspace that names a termbase, which is not there yet."""
    return Keyboard(workspace(tmp_path / "workspace", more='[terms]\nfiles = ["terms/ours.csv"]'), plugins)


def test_terms_go_in_and_come_out_again(keyboard: Keyboard) -> None:
    """CSV in, TBX out, TBX in: each row is reported, and the second import changes nothing."""
    theirs = keyboard.folder / "theirs.csv"
    theirs.write_text(FIRST + "pain,xx,x,,\n", encoding="utf-8")
    first = keyboard("terms", "import", "theirs.csv", "--json")
    assert first.code == 1
    assert [(one["line"], one["outcome"]) for one in first.lines()] == [(2, "new"), (3, "new"), (4, "refused")]
    assert set(first.lines()[0]) == {"line", "concept", "locale", "term", "outcome", "reason"}
    ours = (keyboard.folder / "terms" / "ours.csv").read_bytes()
    assert keyboard("terms", "export", "out.tbx").code == 0
    again = keyboard("terms", "import", "out.tbx")
    assert (again.code, again.out.splitlines()) == (0, ["terms/ours.csv: 0 new, 0 changed, 2 unchanged, 0 refused"])
    assert keyboard("terms", "export", "out.csv").code == 0
    assert (keyboard.folder / "out.csv").read_bytes() == ours == (keyboard.folder / "terms/ours.csv").read_bytes()


def test_a_word_finds_its_concept(keyboard: Keyboard) -> None:
    """`search` takes any form in any language, or a part of a word; `list` shows all."""
    (keyboard.folder / "terms").mkdir()
    (keyboard.folder / "terms" / "ours.csv").write_text(FIRST + "sleep,en,sleep,,\n", encoding="utf-8")
    for text in ("Dolores", "dolo", "some pains", "PAIN"):
        assert [one["concept"] for one in keyboard("terms", "search", text, "--json").lines()] == ["pain"]
    assert keyboard("terms", "search", "nothing", "--json").out == ""
    (pain, sleep) = keyboard("terms", "list", "--json").lines()
    assert set(pain) == {"concept", "critical", "do_not_translate", "terms"}
    assert set(sleep["terms"][0]) == {"locale", "term", "part_of_speech", "status", "forms", "note", "source"}
    assert "dolor" in keyboard("terms", "list").out


def test_what_cannot_be_read_changes_nothing(keyboard: Keyboard) -> None:
    """A broken file, another ending, a termbase that signoff.toml does not name: one sentence, exit 2, no file."""
    (keyboard.folder / "broken.tbx").write_text("<tbx>\n<text>", encoding="utf-8")
    (keyboard.folder / "other.xlsx").write_bytes(b"PK")
    (keyboard.folder / "theirs.csv").write_text(FIRST, encoding="utf-8")
    assert keyboard("terms", "import", "broken.tbx").sentence().startswith("broken.tbx:2: is no XML")
    assert "neither .csv nor .tbx" in keyboard("terms", "import", "other.xlsx").sentence()
    assert "say --into one of them" in keyboard("terms", "import", "theirs.csv", "--into", "x.csv").sentence()
    assert "is named in signoff.toml and not there" in keyboard("terms", "list").sentence()
    assert not (keyboard.folder / "terms").exists()
