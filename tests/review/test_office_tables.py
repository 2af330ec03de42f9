"""Spreadsheets and Word tables: what goes out comes back, and nothing else does."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import MakeDesk
from hand_off import ENGLISH, as_returned, files
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from polib import POEntry
from workspaces import Desk

from pipeline.errors import HandOffError
from pipeline.model import Locale
from pipeline.po import PoEntry, PoFile
from review.formats import FORMATS, read_returned
from review.formats.table import Row, entry_of
from review.merge import Result
from review.sending import send

TABLES = ("xlsx", "docx")


def written(file: PoFile, format_: str) -> bytes:
    """The file as it goes out."""
    return FORMATS[format_].write(file, ENGLISH)


@pytest.mark.parametrize("format_", TABLES)
@settings(deadline=None, max_examples=60)
@given(file=files())
def test_reading_undoes_writing(format_: str, file: PoFile) -> None:
    """Ids, English, texts, verdicts and comments come back as they went out; the notes for the reviewer do not."""
    assert read_returned(written(file, format_), f"a.{format_}") == as_returned(file)


@pytest.mark.parametrize("format_", TABLES)
@settings(deadline=None, max_examples=10)
@given(file=files())
def test_the_same_units_give_the_same_bytes(format_: str, file: PoFile) -> None:
    """No time of day, no order of chance."""
    assert written(file, format_) == written(file, format_)


FILE = PoFile(
    article="first",
    target_locale=Locale.parse("es"),
    export_id="0123456789abcdef",
    entries=(
        PoEntry(id="first:0001:0123abcd", source="Rest.", target="Descanso.", fuzzy=True),
        PoEntry(id="first:0002:0123abcd", source="Walk.", target="Paseo.", fuzzy=True),
    ),
)


def changed(data: bytes, part: str, change: Callable[[bytes], bytes], **more: bytes) -> bytes:
    """A container with one part changed, and parts added: `__` in a name stands for `/`, `_` for a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for info in archive.infolist():
            before = archive.read(info)
            after = change(before) if info.filename == part else before
            assert info.filename != part or after != before, "the test changed nothing"
            again.writestr(info.filename, after)
        for name, content in more.items():
            again.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def put(before: str, after: str) -> Callable[[bytes], bytes]:
    """Replace a text once."""
    return lambda data: data.replace(before.encode(), after.encode(), 1)


SHEET, WORDS = "xl/worksheets/sheet1.xml", "word/document.xml"
XLSX, DOCX = written(FILE, "xlsx"), written(FILE, "docx")
BOMB = changed(XLSX, SHEET, lambda data: data.replace(b"</worksheet>", b" " * 40_000_000 + b"</worksheet>"))
OUTSIDE = (
    '<Relationship Id="rX" Type="http://x/attachedTemplate" Target="http://evil.example/t" TargetMode="External"/>'
)
HOSTILE = {
    "a formula": (
        changed(XLSX, SHEET, put('t="inlineStr"><is><t>Paseo.</t></is>', "><f>1+1</f><v>2</v>")),
        ":4: a cell holds a formula",
    ),
    "a number": (
        changed(XLSX, SHEET, put('t="inlineStr"><is><t>Paseo.</t></is>', "><v>0.5</v>")),
        ":4: a cell holds a number",
    ),
    "a date": (
        changed(XLSX, SHEET, put('t="inlineStr"><is><t>Paseo.</t></is>', 't="d"><v>2026-01-31</v>')),
        ":4: a cell holds a date",
    ),
    "words without English": (
        changed(XLSX, SHEET, put("<t>Walk.</t>", "<t></t>")),
        ":4: a row has words and no English",
    ),
    "a row twice": (
        changed(XLSX, SHEET, lambda d: d.replace(b"first:0002", b"first:0001").replace(b">Walk.", b">Rest.")),
        ":4: is a second row like row 3",
    ),
    "the hidden sheet lost": (
        changed(XLSX, "xl/worksheets/sheet2.xml", put("signoff {", "{")),
        "has not the two sheets",
    ),
    "the hidden sheet spoilt": (
        changed(XLSX, "xl/worksheets/sheet2.xml", put("locale", "lokale")),
        "does not say which article",
    ),
    "the hidden row lost": (changed(XLSX, SHEET, put("<t>source</t>", "<t>English</t>")), "has not the two sheets"),
    "a text that is not there": (
        changed(XLSX, SHEET, put('t="inlineStr"><is><t>Paseo.</t></is>', 't="s"><v>99</v>')),
        ":4: a cell names a text that is not in the file",
    ),
    "a zip bomb": (BOMB, "many times its size"),
    "cut off": (XLSX[:-40], "damaged"),
    "no zip": (b"PK\x03\x04 and no more", "damaged"),
    "macros": (changed(XLSX, SHEET, put("Paseo.", "Ando."), xl__vbaProject_bin=b"x"), "macros"),
    "an embedded object": (
        changed(DOCX, WORDS, put("Paseo.", "Ando."), word__embeddings__a_bin=b"x"),
        "embedded objects",
    ),
    "an outside template": (
        changed(DOCX, "word/_rels/document.xml.rels", put("</Relationships>", OUTSIDE + "</Relationships>")),
        "outside of itself",
    ),
    "an entity": (
        changed(XLSX, SHEET, lambda d: b'<!DOCTYPE x [<!ENTITY a "b">]>' + d),
        "holds a DTD or an entity",
    ),
    "too deep": (
        changed(DOCX, WORDS, put("<w:body>", "<w:body>" + "<w:p>" * 200 + "</w:p>" * 200)),
        "nested deeper",
    ),
    "broken XML": (changed(DOCX, WORDS, put("</w:body>", "")), "is broken XML"),
    "a row without its id": (changed(DOCX, WORDS, put("first:0002:0123abcd", "")), ":3: the first cell does not say"),
    "a table in a cell": (
        changed(DOCX, WORDS, put("<w:t>Paseo.</w:t>", "<w:t>Paseo.</w:t></w:r></w:p><w:tbl/><w:p><w:r>")),
        "another table",
    ),
    "a symbol of a font": (changed(DOCX, WORDS, put("<w:t>Paseo.</w:t>", '<w:sym w:char="F0B1"/>')), "special font"),
    "the last line lost": (changed(DOCX, WORDS, put("signoff {", "{")), "has not the table and the last line"),
    "a workbook named a document": (XLSX, "has not the table"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_that_could_be_misread_is_refused_with_a_sentence(case: str) -> None:
    """Nothing of it is taken; the row is named where there is one."""
    data, why = HOSTILE[case]
    ending = "docx" if data[:4] == b"PK\x03\x04" and (b"word/document.xml" in data or "document" in case) else "xlsx"
    with pytest.raises(HandOffError, match=why):
        read_returned(data, f"back.{ending}")


@pytest.mark.parametrize("format_", TABLES)
@settings(deadline=None, max_examples=150)
@given(at=st.floats(0, 1), byte=st.integers(0, 255))
def test_a_damaged_byte_is_refused_or_changes_nothing(format_: str, at: float, byte: int) -> None:
    """Whatever byte a disk or a mail server changes: a clear refusal, or the very same entries."""
    data = bytearray(XLSX if format_ == "xlsx" else DOCX)
    data[int(at * (len(data) - 1))] = byte
    try:
        back = read_returned(bytes(data), f"a.{format_}")
    except HandOffError:
        return
    assert back == FILE


@pytest.mark.parametrize(
    ("typed", "fuzzy", "comments"),
    [
        (("ok", ""), False, ("ok",)),
        ((" OK ", "well done"), False, ("ok", "well done")),
        (("", ""), True, ()),
        (("", "ok"), True, ("ok",)),
        (("needs work", "ok so far"), True, ("ok so far",)),
        (("question", "arm or hand"), True, ("? arm or hand",)),
        (("question", ""), True, ("? the reviewer is unsure, and wrote no words",)),
        (("ok, but see the dose", ""), True, ("? the verdict is: ok, but see the dose",)),
        (("ok", "? or is it"), False, ("ok", "? or is it")),
    ],
)
def test_only_a_plain_ok_is_an_ok(typed: tuple[str, str], fuzzy: bool, comments: tuple[str, ...]) -> None:
    """All else leaves the text not reviewed, and what was written in other words becomes a question."""
    row = Row(id="first:0001:0123abcd", source="Rest.", target="Descanso.", verdict=typed[0], comment=typed[1])
    entry = entry_of(row, "a.xlsx", 3)
    assert entry is not None
    assert (entry.fuzzy, entry.translator_comments) == (fuzzy, comments)


def test_a_text_that_nobody_gave_a_verdict_is_not_reviewed_though_it_went_out_as_somebodys() -> None:
    """In a PO file it would be: here leaving a row alone says nothing."""
    proposed = PoFile(
        article="first",
        target_locale=Locale.parse("es"),
        entries=(PoEntry(id="first:0001:0123abcd", source="Rest.", target="Descanso."),),
    )
    for format_ in TABLES:
        assert read_returned(written(proposed, format_), f"a.{format_}").entries[0].fuzzy


def test_what_no_cell_keeps_is_not_sent() -> None:
    """Rather another format than another text."""
    for target in ("a\rb", " a", "a\x0b"):
        bad = PoFile(target_locale=Locale.parse("es"), entries=(PoEntry(id="a", source="Rest.", target=target),))
        for format_ in TABLES:
            with pytest.raises(HandOffError, match="send it as po"):
                written(bad, format_)


def test_what_cannot_be_sent_leaves_nothing_behind(make_desk: MakeDesk) -> None:
    """One article that no table keeps: no pack is recorded, and the next one holds nothing of the first attempt."""
    desk = make_desk({"a.txt": b"Rest.\n", "b.txt": b"Walk.\n"})
    desk.run()

    def with_a_control_character(entry: POEntry) -> None:
        entry.msgstr += "\x0b."

    desk.review("b", "demo-linguist", with_a_control_character, attest=None)
    with pytest.raises(HandOffError, match=r"b:0001:.* send it as po"):
        sent_as(desk, "xlsx")
    assert not (desk.root / "pack").exists()
    sent_as(desk, "xlsx", "a")
    assert {path.name for path in (desk.root / "pack").iterdir()} == {"a.es.xlsx", "a.es.preview.html", "brief.html"}
    assert desk.check().wrong == ()


TRACKED = (
    "<w:t>Pas</w:t></w:r><w:del><w:r><w:delText>eo</w:delText></w:r></w:del><w:ins><w:r><w:t>ear</w:t></w:r></w:ins>"
    '<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:r><w:commentReference w:id="7"/></w:r>'
    "<w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b.</w:t>"
)
NOTES = (
    b'<w:comments xmlns:w="http://w"><w:comment w:id="7"><w:p><w:r><w:t>the dose?</w:t></w:r></w:p></w:comment>'
    b"</w:comments>"
)
NOTES_RELATION = '<Relationship Id="rC" Type="http://x/comments" Target="comments.xml"/></Relationships>'


def test_tracked_changes_are_read_as_accepted_and_a_note_in_the_margin_is_a_question() -> None:
    """As a clinician works in Word: nothing that she wrote is overlooked."""
    data = changed(DOCX, WORDS, put("<w:t>Paseo.</w:t>", TRACKED), word__comments_xml=NOTES)
    data = changed(data, "word/_rels/document.xml.rels", put("</Relationships>", NOTES_RELATION))
    file = read_returned(data, "a.docx")
    assert file.repaired == ("tracked changes in 1 row were read as if they were accepted",)
    entry = file.entries[1]
    assert (entry.target, entry.translator_comments) == ("Paseara\u2011b.", ("? the dose?",))


def test_columns_may_be_moved_rows_inserted_and_words_be_rich() -> None:
    """What programs and people do to a sheet without changing what it says."""
    book = load_workbook(io.BytesIO(XLSX))
    sheet = book["Review"]
    sheet.insert_cols(4)
    sheet.insert_rows(3)
    sheet["J9"] = "=1+1"
    out = io.BytesIO()
    book.save(out)
    assert read_returned(out.getvalue(), "a.xlsx") == FILE
    rich = put("<is><t>Paseo.</t></is>", "<is><r><t>Pa</t></r><r><t>seo.</t></r><rPh><t>x</t></rPh></is>")
    assert read_returned(changed(XLSX, SHEET, rich), "a.xlsx") == FILE


@pytest.mark.parametrize("name", ["a.ods", "a.xls", "a.csv", "a.docm", "a.xlsm", "a.odt", "a.pdf"])
def test_another_format_is_refused_with_what_to_do(name: str) -> None:
    """One sentence, that the reviewer can follow."""
    with pytest.raises(HandOffError, match=r"is not read: (save|import)"):
        read_returned(b"x", name)


@pytest.mark.parametrize("format_", TABLES)
def test_a_pack_as_a_table_is_signed_as_a_po_file_is(make_desk: MakeDesk, format_: str) -> None:
    """Send, edit one, accept one, leave one; import with --attest all: the same merge, the same results."""
    desk = make_desk({"a.txt": b"Rest is good.\nWalk a little.\nTake 5 mg.\n"})
    desk.run()
    path = sent_as(desk, format_)
    file = read_returned(path.read_bytes(), path.name)
    rest, walk, take = file.entries
    assert take.fuzzy
    accepted = PoEntry(id=walk.id, source=walk.source, target=walk.target, translator_comments=("ok",))
    edited = PoEntry(id=rest.id, source=rest.source, target="Descanse.", translator_comments=("ok",))
    back = desk.root / f"back.{format_}"
    back.write_bytes(written(replace(file, entries=(edited, accepted, take)), format_))
    report = desk.import_(back, "demo-linguist", "all")
    assert [(entry.result, entry.line) for entry in report.entries] == [
        (Result.SIGNED, 3 if format_ == "xlsx" else 2),
        (Result.SIGNED, 4 if format_ == "xlsx" else 3),
        (Result.NEEDS_WORK, 5 if format_ == "xlsx" else 4),
    ]
    assert desk.check().wrong == ()


def sent_as(desk: Desk, format_: str, *slugs: str) -> Path:
    """`signoff send --as`: the file of the first article."""
    with desk.store() as store:
        report = send(
            desk.workspace,
            store,
            desk.judges,
            locale=Locale.parse("es"),
            reviewer="demo-linguist",
            by="lea",
            out=desk.root / "pack",
            slugs=slugs,
            format_=format_,
        )
    return next(path for path in map(Path, report.files) if path.suffix != ".html")
