"""An outside judge: LibreOffice edits the spreadsheet and the Word table, or only saves them. Run by `make judges`.

Takes   Debian's LibreOffice (`apt install libreoffice-calc libreoffice-writer python3-uno`), started without a window
Gives   what came back, read as a reviewer's file is: every id, English, text, verdict and comment as it went out; of a
        review that LibreOffice itself typed into the cells, what became of every entry
"""

import json
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import MakeDesk
from programs import run, version_of
from reviewing import REVIEW, Act, Sent, Step, row, send_pack, stands_in_docs, take_back

from pipeline.model import Locale
from pipeline.po import PoEntry, PoFile
from review.formats import FORMATS, read_returned
from review.merge import Result
from review.sending import send

SOFFICE = shutil.which("soffice")
FILTERS = {"xlsx": "xlsx:Calc MS Excel 2007 XML", "docx": "docx:MS Word 2007 XML"}
ENGLISH = Locale.parse("en")

TEXTS = (
    "=1+1", "#N/A", "0.5", "1/2", "TRUE", "2026-01-31", "'5 mg", "<b1>No</b1> deje <x2/> de golpe", "a\nb", "a\tb",
    "dos  blancos", "a & <p>", "5 mg\u00a0al día", "\u00adque\u2011da", "نعم, 5 mg", "👩‍⚕️ ¿sí?", "“…”", "e\u0301",
)  # fmt: skip
"""What a spreadsheet would rather take for something else, and characters that programs like to change."""

pytestmark = pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed: apt install libreoffice-calc …")


has_uno = pytest.mark.skipif(
    not Path("/usr/lib/python3/dist-packages/uno.py").is_file(), reason="UNO is not installed: apt install python3-uno"
)


def sent(locale: str = "es") -> PoFile:
    """A file as a reviewer has filled it in: some texts accepted, one question, one left alone."""
    entries = tuple(
        PoEntry(
            id=f"first:{number:04d}:0123abcd",
            source=f"{number}: {text}",
            target=text,
            fuzzy=number % 3 != 0,
            notes=("paragraph › Rest", "CRITICAL (dose)"),
            translator_comments=("ok",) if number % 3 == 0 else ("? de veras",) if number % 3 == 1 else (),
        )
        for number, text in enumerate(TEXTS, 1)
    )
    return PoFile(article="first", target_locale=Locale.parse(locale), export_id="0123456789abcdef", entries=entries)


def saved_by_libreoffice(path: Path, folder: Path, filter_: str) -> Path:
    """The file as LibreOffice writes it after opening it."""
    out = folder / "saved"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    words = ("--headless", "--convert-to", filter_, "--outdir", out, path)
    run([str(SOFFICE), profile, *words], folder / "home")
    saved = out / path.name
    assert saved.is_file()
    assert saved.read_bytes() != path.read_bytes()
    return saved


@pytest.mark.parametrize("locale", ["es", "ar"])
@pytest.mark.parametrize("format_", FILTERS)
def test_libreoffice_changes_nothing_that_we_read(format_: str, locale: str, tmp_path: Path) -> None:
    """Opened and saved: the same entries, also those that look like formulas, numbers and dates."""
    file = sent(locale)
    path = tmp_path / f"first.{format_}"
    path.write_bytes(FORMATS[format_].write(file, ENGLISH))
    saved = saved_by_libreoffice(path, tmp_path, FILTERS[format_])
    expected = replace(file, entries=tuple(replace(entry, notes=()) for entry in file.entries))
    assert read_returned(saved.read_bytes(), saved.name) == expected


def test_what_libreoffice_escapes_in_word_files_is_another_text_and_so_held(tmp_path: Path) -> None:
    """It writes `_x0041_` as `_x005F_x0041_` into DOCX: the English no longer fits, and the merge holds the unit."""
    entry = PoEntry(id="first:0001:0123abcd", source="_x0041_", target="a", fuzzy=True)
    path = tmp_path / "first.docx"
    path.write_bytes(FORMATS["docx"].write(replace(sent(), entries=(entry,)), ENGLISH))
    saved = saved_by_libreoffice(path, tmp_path, FILTERS["docx"])
    assert read_returned(saved.read_bytes(), saved.name).entries[0].source == "_x005F_x0041_"


@pytest.mark.parametrize("format_", FILTERS)
def test_what_libreoffice_saved_is_signed(format_: str, make_desk: MakeDesk, tmp_path: Path) -> None:
    """The whole way: send, fill in, save in LibreOffice, import, signed."""
    desk = make_desk({"a.txt": b"Rest is good.\nWalk a little.\n"})
    desk.run()
    with desk.store() as store:
        report = send(
            desk.workspace, store, desk.judges, locale=Locale.parse("es"), reviewer="demo-linguist", by="lea",
            out=tmp_path / "pack", format_=format_,
        )  # fmt: skip
    path = next(path for path in map(Path, report.files) if path.suffix == f".{format_}")
    file = read_returned(path.read_bytes(), path.name)
    filled = tuple(replace(entry, fuzzy=False, translator_comments=("ok",)) for entry in file.entries)
    path.write_bytes(FORMATS[format_].write(replace(file, entries=filled), ENGLISH))
    saved = saved_by_libreoffice(path, tmp_path, FILTERS[format_])
    assert {entry.result for entry in desk.import_(saved, "demo-linguist", "all").entries} == {Result.SIGNED}


SCRIPT = Path(__file__).with_name("edit_in_libreoffice.py")
SYSTEM_PYTHON = Path("/usr/bin/python3")
"""The one that knows Debian's python3-uno."""
IN_TABLES = tuple(replace(step, ends=Result.SIGNED) if step.act is Act.ACCEPT else step for step in REVIEW)
"""In a table the verdict `ok` is said for each row by itself, so it is enough for a critical text too."""
FIRST = {"xlsx": (2, 3), "docx": (1, 2)}
"""Row and column of the first translation, from 0; verdict and comment stand beside it."""


def typed(format_: str, steps: Sequence[Step]) -> list[tuple[int, int, str]]:
    """The steps as words in cells; in Word the question is a note in the margin."""
    top, column = FIRST[format_]
    edits: list[tuple[int, int, str]] = []
    for at, step in enumerate(steps, top):
        if step.act in (Act.REWRITE, Act.EMPTY):
            edits.append((at, column, step.text))
        if step.act in (Act.REWRITE, Act.ACCEPT, Act.OK):
            edits.append((at, column + 1, "ok"))
        if step.act is Act.ASK:
            edits.append((at, column + 2, step.text if format_ == "xlsx" else f"note: {step.text.removeprefix('? ')}"))
    return edits


def edited(sent: Sent, edits: Sequence[tuple[int, int, str]], home: Path, *, tracked: bool = False) -> list[list[int]]:
    """Let LibreOffice type into the file and save it; the cells that it did not let us change."""
    said = run([SYSTEM_PYTHON, SCRIPT, sent.path], home, stdin=json.dumps({"tracked": tracked, "edits": edits}))
    refused: list[list[int]] = json.loads(said)
    return refused


@has_uno
@pytest.mark.parametrize("tag", ["xlsx", "docx", "docx, with tracked changes"])
def test_what_a_clinician_types_in_libreoffice_is_taken_as_she_meant_it(
    tag: str, make_desk: MakeDesk, tmp_path: Path
) -> None:
    """Every entry ends as it should; changes that she tracked count as accepted, and the report says so."""
    format_, tracked = tag[:4], "tracked" in tag
    sent = send_pack(make_desk, tmp_path, format_=format_)
    assert edited(sent, typed(format_, IN_TABLES), tmp_path / "home", tracked=tracked) == []
    report = take_back(sent, IN_TABLES, outcome="repaired" if tracked else "accepted")
    assert ("tracked changes in 7 rows were read as if they were accepted" in report.reason) == tracked
    kept = "keeps list and lock" if format_ == "xlsx" else "keeps the list; notes stay notes"
    assert "needs work" in inside(sent.path)
    assert ("<sheetProtection" in inside(sent.path)) == (format_ == "xlsx")
    package = "libreoffice-calc" if format_ == "xlsx" else "libreoffice-writer"
    stands_in_docs(
        row("LibreOffice", version_of(package), tag.upper()[:4] + tag[4:], f"rewrites all parts; {kept}", report)
    )


@has_uno
def test_libreoffice_lets_nobody_change_a_locked_cell(make_desk: MakeDesk, tmp_path: Path) -> None:
    """English and id cannot be typed over, also after the file was saved there once."""
    sent = send_pack(make_desk, tmp_path, format_="xlsx")
    top, column = FIRST["xlsx"]
    edits = [(top, column - 1, "Another English."), (top, 0, "a:0001:00000000"), (top, column, "Descansar.")]
    assert edited(sent, edits, tmp_path / "home") == [[top, column - 1], [top, 0]]
    assert edited(sent, edits, tmp_path / "home") == [[top, column - 1], [top, 0]]
    before, after = (read_returned(data, sent.path.name) for data in (sent.data, sent.path.read_bytes()))
    assert [(e.id, e.source) for e in after.entries] == [(e.id, e.source) for e in before.entries]
    assert after.entries[0].target == "Descansar."


def inside(path: Path) -> str:
    """The part of a file with the table."""
    with zipfile.ZipFile(path) as archive:
        part = "xl/worksheets/sheet1.xml" if path.suffix == ".xlsx" else "word/document.xml"
        return archive.read(part).decode()


def test_the_lock_and_the_list_survive_libreoffice(tmp_path: Path) -> None:
    """The English stays locked, the verdict stays a choice: who works in LibreOffice is guarded as well."""
    path = tmp_path / "first.xlsx"
    path.write_bytes(FORMATS["xlsx"].write(sent(), ENGLISH))
    saved = saved_by_libreoffice(path, tmp_path, FILTERS["xlsx"])
    sheet = inside(saved)
    assert "<sheetProtection" in sheet
    assert "ok,needs work,question" in sheet
