"""`signoff check`: any PO file from anywhere, without a workspace and without a store."""

import json
from pathlib import Path

import pytest

from cli.command_line import Keyboard

HEADER = 'msgid ""\nmsgstr "Language: {}\\nContent-Type: text/plain; charset=UTF-8\\n"\n'
WRONG = """
#: leaflet.c:3
msgctxt "leaflet:0001:12345678"
msgid "Take 0.125 mg in the evening."
msgstr "Tome 0,25 mg por la noche."
"""
RIGHT = """
#, c-format
msgid "%d tablet is left."
msgid_plural "%d tablets are left."
msgstr[0] "Queda %d comprimido."
msgstr[1] "Quedan %d comprimidos."

#, fuzzy
msgid "Take 5 mg."
msgstr "Tome 50 mg."

msgid "Rest."
msgstr ""

#~ msgid "Sleep."
#~ msgstr "Duerma."
"""


@pytest.fixture
def keyboard(tmp_path: Path) -> Keyboard:
    """A folder that is no workspace."""
    return Keyboard(tmp_path, tmp_path)


def po(folder: Path, *entries: str, language: str = "es", name: str = "a.po") -> Path:
    path = folder / name
    path.write_text(HEADER.format(language) + "".join(entries), encoding="utf-8")
    return path


def test_a_finding_is_one_line_of_json(keyboard: Keyboard) -> None:
    """With file, line, the msgctxt, both spans, and a sentence that a clinician understands; and the exit code is 1."""
    po(keyboard.folder, WRONG, RIGHT)

    done = keyboard("check", "a.po", "--json")

    assert done.code == 1
    assert done.lines() == [
        {
            "file": "a.po",
            "line": 5,
            "id": "leaflet:0001:12345678",
            "check": "numbers_kept",
            "severity": "error",
            "message": "the source says 0.125 mg, the translation 0,25 mg",
            "source_span": [5, 10],
            "target_span": [5, 9],
        }
    ]


def test_what_is_not_checked_is_counted(keyboard: Keyboard) -> None:
    """Fuzzy, untranslated and obsolete entries are told, and a plural form is compared with the form that fits."""
    po(keyboard.folder, RIGHT)

    done = keyboard("check", "a.po")

    assert done.code == 0
    assert "2 entries in es checked: 0 errors" in done.out
    assert "not checked: 1 fuzzy, 1 untranslated, 1 obsolete" in done.out
    assert keyboard("check", "--fuzzy", "a.po").code == 1


def test_a_language_without_tables_says_so(keyboard: Keyboard) -> None:
    """Silence is not taken for a pass: what was not checked is named, once for all files."""
    po(keyboard.folder, RIGHT, language="pl")
    po(keyboard.folder, RIGHT, language="pl", name="b.po")

    done = keyboard("check", "a.po", "b.po")

    assert done.out.count("pl has no table for calendar") == 1


def test_a_file_that_cannot_be_read_does_not_stop_the_others(keyboard: Keyboard) -> None:
    """It is named with its line on stderr, the exit code is 2, and what the others have is told."""
    po(keyboard.folder, WRONG)
    (keyboard.folder / "broken.po").write_text('msgid "a"\nmsgstr "b\n')

    done = keyboard("check", "broken.po", "missing.po", "a.po", "--json")

    assert done.code == 2
    assert len(done.lines()) == 1
    assert "broken.po:2: expected a closing" in done.err and "missing.po: no such file" in done.err


def test_the_language_may_be_said(keyboard: Keyboard) -> None:
    """A file without a header needs --locale, and then has its own charset and no more conditions."""
    (keyboard.folder / "a.po").write_text('msgid "Take 5 mg."\nmsgstr "Prenez 50 mg."\n')

    assert "say it with --locale" in keyboard("check", "a.po").err
    assert keyboard("check", "a.po", "--locale", "fr").code == 1


def test_a_charset_of_its_own(keyboard: Keyboard) -> None:
    """A file in ISO-8859-1 that says so is read as that."""
    text = HEADER.format("es").replace("UTF-8", "ISO-8859-1") + '\nmsgid "Tomorrow."\nmsgstr "Mañana."\n'
    (keyboard.folder / "a.po").write_bytes(text.encode("iso-8859-1"))

    assert keyboard("check", "a.po").code == 0


def test_sarif_for_code_hosts(keyboard: Keyboard) -> None:
    """SARIF 2.1.0: every result names a rule of the table, its file and its line."""
    po(keyboard.folder, WRONG)

    done = keyboard("check", "a.po", "--format", "sarif")

    report = json.loads(done.out)
    run = report["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert (done.code, report["version"]) == (1, "2.1.0")
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("a.po", 5)
        assert result["level"] in ("error", "warning", "note")


def test_equal_sources_with_two_translations(keyboard: Keyboard) -> None:
    """A source that is translated in two ways in one file is asked about, with the line of the other."""
    one, two = (
        f'\nmsgctxt "{context}"\nmsgid "Keep it in the box."\nmsgstr "{target}"\n'
        for context, target in (("1", "Guárdelo en la caja."), ("2", "Consérvelo en el envase."))
    )
    po(keyboard.folder, one, two)

    done = keyboard("check", "a.po", "--json")

    assert [(found["check"], found["severity"], found["line"]) for found in done.lines()] == [
        ("consistency", "warning", 8)
    ]
