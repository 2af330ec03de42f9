"""An outside judge: LibreOffice opens the spreadsheet and the Word table, and saves them anew. Run by `make judges`.

Takes   Debian's LibreOffice (`apt install libreoffice-calc libreoffice-writer`), started without a window
Gives   what came back, read as a reviewer's file is: every id, English, text, verdict and comment as it went out
"""

import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import MakeDesk

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
    profile = (folder / "profile").as_uri()
    words = ("--convert-to", filter_, "--outdir", str(out), str(path))
    done = subprocess.run(
        [str(SOFFICE), f"-env:UserInstallation={profile}", "--headless", *words],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    saved = out / path.name
    assert saved.is_file(), done.stdout + done.stderr
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


def test_the_lock_and_the_list_survive_libreoffice(tmp_path: Path) -> None:
    """The English stays locked, the verdict stays a choice: who works in LibreOffice is guarded as well."""
    path = tmp_path / "first.xlsx"
    path.write_bytes(FORMATS["xlsx"].write(sent(), ENGLISH))
    saved = saved_by_libreoffice(path, tmp_path, FILTERS["xlsx"])
    with zipfile.ZipFile(saved) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<sheetProtection" in sheet
    assert "ok,needs work,question" in sheet
