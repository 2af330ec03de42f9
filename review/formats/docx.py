"""A bilingual Word table for clinicians: python-docx writes it, our own reader takes it back.

Takes   a PoFile; the bytes of a returned document, from whatever program saved it
Gives   a document with one row per unit: English, translation, a verdict to choose, a comment
Always  what a person wrote is read, tracked changes as if they were accepted, which the file then says; a note in the
        margin becomes a question; a row that is broken is refused with its number; reading undoes writing, same units,
        same bytes
Source  ECMA-376 part 1, chapter 17 (WordprocessingML)

Reading is our own because python-docx leaves out what stands in tracked insertions, and takes quadratic time for the
cells of a long table.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import _Cell
from docx.text.run import Run

from pipeline.errors import HandOffError
from pipeline.model import Locale
from pipeline.po import PoEntry, PoFile
from review.formats.ooxml import local, main_part, parse, read_parts, related, stable
from review.formats.table import NONE, VERDICTS, Row, entry_of, file_of, identity, row_of

_HEADINGS = ("no.", "source", "translation", "verdict", "comment", "about this sentence")
_WIDTHS_CM = (2.4, 6.6, 6.6, 2.2, 3.4, 5.0)
_ID = re.compile(r"[A-Za-z0-9.-]+:[0-9]{4,}:[0-9a-f]{8}")
_GREY = RGBColor(0x80, 0x80, 0x80)


def write_docx(file: PoFile, source_locale: Locale) -> bytes:
    """The document. Raises HandOffError for a text that no table keeps."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(1.5)
    document.core_properties.author = "signoff"
    document.add_heading(f"{file.article}: {source_locale} → {file.target_locale}", level=1)
    document.add_paragraph(
        "Correct the translation, then choose a verdict in every row that you have read. A row without a verdict "
        "counts as not read. Please leave the columns “no.” and “source” as they are, and add and delete no rows."
    )
    _add_table(document, file)
    line = document.add_paragraph()
    _small(line.add_run(identity(file)))
    out = io.BytesIO()
    document.save(out)
    return stable(out.getvalue(), file.article)


def _add_table(document: DocumentType, file: PoFile) -> None:
    table = document.add_table(rows=1 + len(file.entries), cols=len(_HEADINGS))
    table.style = "Table Grid"
    table.autofit = False
    # `table.cell` and `row.cells` look through the whole table each time; this is every cell once.
    cells = [_Cell(tc, table) for row in table._tbl.tr_lst for tc in row.tc_lst]
    width = len(_HEADINGS)
    for at, heading in enumerate(_HEADINGS):
        cells[at].paragraphs[0].add_run(heading).bold = True
    for at, entry in enumerate(file.entries, 1):
        _fill(cells[at * width : (at + 1) * width], row_of(entry), file.target_locale)
    for at, cell in enumerate(cells):
        cell.width = Cm(_WIDTHS_CM[at % width])
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(OxmlElement("w:tblHeader"))  # the headings again on every page


def _fill(cells: Sequence[_Cell], row: Row, target_locale: Locale) -> None:
    number, source, target, verdict, comment, about = (cell.paragraphs[0] for cell in cells)
    parts = row.id.split(":")
    number.add_run(f"{parts[1].lstrip('0')}\n" if len(parts) == 3 else "")
    _small(number.add_run(row.id))
    source.add_run(row.source)
    run = target.add_run(row.target)
    if target_locale.direction == "rtl":
        target.paragraph_format.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
        run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))
    verdict._p.append(_choice(row.verdict))
    comment.add_run(row.comment)
    _small(about.add_run(row.about), colour="CRITICAL" not in row.about)


def _small(run: Run, *, colour: bool = True) -> None:
    run.font.size = Pt(7)
    if colour:
        run.font.color.rgb = _GREY


def _choice(verdict: str) -> OxmlElement:  # type: ignore[valid-type]  # the library's factory is no type
    """A drop-down list with the verdicts, as Word calls it a content control."""
    control, about, listed, content, run, text = map(
        OxmlElement, ("w:sdt", "w:sdtPr", "w:dropDownList", "w:sdtContent", "w:r", "w:t")
    )
    for choice in (NONE, *VERDICTS):
        item = OxmlElement("w:listItem")
        item.set(qn("w:displayText"), choice)
        item.set(qn("w:value"), choice)
        listed.append(item)
    text.text = verdict or NONE
    for outer, inner in ((about, listed), (run, text), (content, run), (control, about), (control, content)):
        outer.append(inner)
    return control


# ---- reading


def read_docx(data: bytes, name: str) -> PoFile:
    """The entries of a returned document; a line is a row of the table. Raises HandOffError with the row."""
    parts = read_parts(data, name)
    path = main_part(parts, name)
    notes = _Notes()
    for kind, target in related(parts, path, name).values():
        if kind == "comments" and target in parts:
            parse(parts[target], name, notes)
    body = _Body(notes.texts, name)
    parse(parts[path], name, body)
    identities = [text for text in body.paragraphs if text.startswith("signoff {")]
    if len(identities) != 1 or not body.rows:
        raise HandOffError(name, None, "has not the table and the last line that were sent: send the old document")
    file = file_of(identities[0], list(_entries(body.rows, name)), name)
    rows = len(body.tracked)
    tracked = f"tracked changes in {rows} row{'s' * (rows > 1)} were read as if they were accepted"
    return replace(file, repaired=(tracked,)) if rows else file


def _entries(rows: Sequence[tuple[Sequence[str], Sequence[str]]], name: str) -> Iterator[PoEntry]:
    for line, (cells, notes) in enumerate(rows, 1):
        if cells and cells[0].strip() == _HEADINGS[0]:
            continue
        if len(cells) != len(_HEADINGS):
            raise HandOffError(
                name, line, f"a row has {len(cells)} cells, not {len(_HEADINGS)}: were some put together?"
            )
        ids = _ID.findall(cells[0])
        if len(ids) != 1:
            raise HandOffError(name, line, "the first cell does not say which sentence this is: bring the old row back")
        comment = "\n".join((*(f"? {note}" for note in notes), cells[4]))
        row = Row(id=ids[0], source=cells[1], target=cells[2], verdict=cells[3], comment=comment)
        if entry := entry_of(row, name, line):
            yield entry


_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
"""Elements that stand for a character."""
_LEFT_OUT = frozenset({"moveFrom", "Fallback", "pPr", "rPr", "sdtPr", "tcPr", "trPr", "tblPr"})
"""Elements whose inside is no text of today: what was moved away, a second form of the same, and settings."""
_TRACKED = frozenset({"ins", "del", "moveTo"})


class _Words(ContentHandler):
    """Collects what a person reads: texts, also in tracked insertions, not in tracked deletions."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.left_out = 0
        self.text = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        name = local(name)
        if name in _LEFT_OUT:
            self.left_out += 1
        elif not self.left_out:
            self.text = name == "t"
            self.pieces.append(_CHARACTERS.get(name, ""))
            self.begin(name, attrs)

    def endElement(self, name: str) -> None:
        name = local(name)
        if name in _LEFT_OUT:
            self.left_out -= 1
        elif not self.left_out:
            self.text = False
            self.end(name)

    def characters(self, content: str) -> None:
        if self.text and not self.left_out:
            self.pieces.append(content)

    def taken(self) -> str:
        """The words so far."""
        text = "".join(self.pieces)
        self.pieces = []
        return text

    def begin(self, name: str, attrs: AttributesImpl) -> None:
        """An element that is neither a text nor a setting begins."""

    def end(self, name: str) -> None:
        """It ends."""


class _Notes(_Words):
    """The notes in the margin, by their id."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self.id = ""

    def begin(self, name: str, attrs: AttributesImpl) -> None:
        if name == "comment":
            self.id = _attribute(attrs, "id")
            self.pieces = []

    def end(self, name: str) -> None:
        if name == "p":
            self.pieces.append(" ")
        elif name == "comment":
            self.texts[self.id] = " ".join(self.taken().split())


class _Body(_Words):
    """The rows of all tables, and the paragraphs outside of them."""

    def __init__(self, notes: dict[str, str], name: str) -> None:
        super().__init__()
        self.notes, self.name = notes, name
        self.paragraphs: list[str] = []
        self.rows: list[tuple[list[str], list[str]]] = []
        """Cells, and the notes in the margin of the row."""
        self.tracked: set[int] = set()
        """The rows with tracked changes, from 1."""
        self.tables = 0
        self.cell: list[str] | None = None
        """The paragraphs of the cell that is open."""

    def begin(self, name: str, attrs: AttributesImpl) -> None:
        if name == "tbl":
            self.tables += 1
            if self.tables > 1:
                raise HandOffError(self.name, len(self.rows), "a cell holds another table: write plain words into it")
        elif name == "tr":
            self.rows.append(([], []))
        elif name == "tc":
            self.cell, self.pieces = [], []
        elif name in _TRACKED and self.cell is not None:
            self.tracked.add(len(self.rows))
        elif name == "sym":
            raise HandOffError(
                self.name, len(self.rows) or None, "holds a symbol of a special font: type the character itself"
            )
        elif name == "commentReference" and self.cell is not None:
            self.rows[-1][1].append(self.notes.get(_attribute(attrs, "id"), "a note in the margin that was not found"))

    def end(self, name: str) -> None:
        if name == "p":
            (self.paragraphs if self.cell is None else self.cell).append(self.taken())
        elif name == "tc":
            self.rows[-1][0].append("\n".join([*(self.cell or ()), *([left] if (left := self.taken()) else [])]))
            self.cell = None
        elif name == "tbl":
            self.tables -= 1


def _attribute(attrs: AttributesImpl, name: str) -> str:
    return next((attrs[key] for key in attrs.getNames() if local(key) == name), "")
