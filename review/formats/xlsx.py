"""A spreadsheet for reviewers without a PO editor: openpyxl writes it, our own reader takes it back.

Takes   a PoFile; the bytes of a returned workbook, from whatever program saved it
Gives   a workbook with one row per unit: English locked, the verdict chosen from a list, identity hidden
Always  every cell is text, never a formula, a number or a date: one that comes back as another type is refused with its
        row; reading undoes writing, and the same units give the same bytes
Source  ECMA-376 part 1, chapter 18 (SpreadsheetML)

Reading is our own, for two reasons: a hostile file must end in one clear sentence whatever is wrong with it, and
openpyxl leaves the escapes of ST_Xstring (`_x000D_`) in the text.
"""

import io
import re
from collections.abc import Iterator, Sequence
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.errors import HandOffError
from pipeline.model import Locale
from pipeline.po import PoEntry, PoFile
from review.formats.ooxml import local, main_part, parse, read_parts, related, stable
from review.formats.table import VERDICTS, Row, entry_of, file_of, identity, row_of

MAX_CELL = 32_767
"""Characters in a cell; Excel cuts off what is more."""

COLUMNS = ("id", "number", "source", "target", "verdict", "comment", "about")
"""The first row, hidden: by these the reader finds its columns, wherever somebody moved them."""
_WIDTHS = {"number": 6, "source": 55, "target": 55, "verdict": 12, "comment": 35, "about": 50}
_OPEN = ("target", "verdict", "comment")
"""What the reviewer writes into; all else is locked."""
FIRST_ROW = 3
"""Where the units begin, below the hidden row and the headings."""

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def write_xlsx(file: PoFile, source_locale: Locale) -> bytes:
    """The workbook. Raises HandOffError for a text that no cell can hold."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Review"
    headings = (
        "", "no.", f"English ({source_locale})" if source_locale.language == "en" else f"Source ({source_locale})",
        f"Translation ({file.target_locale})", "Verdict", "Comment", "About this sentence",
    )  # fmt: skip
    for column, (key, heading) in enumerate(zip(COLUMNS, headings, strict=True), 1):
        _write(sheet, 1, column, key)
        _write(sheet, 2, column, heading).font = Font(bold=True)
    right_to_left = 2 if file.target_locale.direction == "rtl" else 1
    critical = PatternFill("solid", fgColor="FFFDE9E7")
    for at, entry in enumerate(file.entries, FIRST_ROW):
        row = row_of(entry)
        number = row.id.split(":")[1].lstrip("0") if row.id.count(":") == 2 else ""
        texts = (row.id, number, row.source, row.target, row.verdict, row.comment, row.about)
        for column, (key, text) in enumerate(zip(COLUMNS, texts, strict=True), 1):
            cell = _write(sheet, at, column, text)
            cell.alignment = Alignment(
                wrap_text=True, vertical="top", readingOrder=right_to_left if key == "target" else 0
            )
            cell.protection = Protection(locked=key not in _OPEN)
            if key == "number" and "CRITICAL" in row.about:
                cell.fill = critical
    _lay_out(sheet, FIRST_ROW + len(file.entries))
    hidden = book.create_sheet("signoff")
    hidden.sheet_state = "veryHidden"
    _write(hidden, 1, 1, identity(file))
    out = io.BytesIO()
    book.save(out)
    return stable(out.getvalue(), file.article)


def _write(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """Put a text into a cell as a text, whatever it looks like."""
    if len(text) > MAX_CELL:
        raise HandOffError(f"row {row}", None, f"a text has more than {MAX_CELL} characters: send it as po")
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 - a merged cell would be another type, and nothing here merges
    if text:
        cell.value = _ESCAPE.sub(r"_x005F_x\1_", text)
        cell.data_type = "s"  # openpyxl takes "=1+1" for a formula, and "#N/A" for an error
    cell.number_format = "@"
    return cell


def _lay_out(sheet: Worksheet, end: int) -> None:
    sheet.row_dimensions[1].hidden = True
    sheet.column_dimensions["A"].hidden = True
    for letter, key in zip("BCDEFG", COLUMNS[1:], strict=True):
        sheet.column_dimensions[letter].width = _WIDTHS[key]
    sheet.freeze_panes = "A3"
    choice = DataValidation(type="list", formula1=f'"{",".join(VERDICTS)}"', allow_blank=True, showErrorMessage=True)
    choice.error, choice.errorTitle = f"Choose one of: {', '.join(VERDICTS)}; or leave it empty", "Verdict"
    choice.add(f"E{FIRST_ROW}:E{max(end - 1, FIRST_ROW)}")
    sheet.add_data_validation(choice)
    sheet.protection.sheet = True  # without a password: against accidents, not against anybody
    sheet.protection.formatColumns = sheet.protection.formatRows = sheet.protection.formatCells = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]


# ---- reading


def read_xlsx(data: bytes, name: str) -> PoFile:
    """The entries of a returned workbook; a line is a row of the sheet. Raises HandOffError with the row."""
    parts = read_parts(data, name)
    path = main_part(parts, name)
    sheets = _Sheets()
    parse(parts[path], name, sheets)
    relations = related(parts, path, name)
    strings = _Strings()
    for kind, target in relations.values():
        if kind == "sharedStrings" and target in parts:
            parse(parts[target], name, strings)
    found: list[_Cells] = []
    for id_ in sheets.ids:
        _, target = relations.get(id_, ("", ""))
        if target in parts:
            found.append(_Cells(strings.texts, name))
            parse(parts[target], name, found[-1])
    identities = [text for cells in found for text in cells.rows.get(1, {}).values() if text.startswith("signoff {")]
    tables = [cells for cells in found if set(_READ) <= set(cells.rows.get(1, {}).values())]
    if len(tables) != 1 or len(identities) != 1:
        raise HandOffError(
            name, None, "has not the two sheets that were sent: was it copied into a new file? Send the old one"
        )
    return file_of(identities[0], list(_entries(tables[0], name)), name)


_READ = ("id", "source", "target", "verdict", "comment")


def _entries(cells: "_Cells", name: str) -> Iterator[PoEntry]:
    columns = {key: column for column, key in cells.rows[1].items() if key in _READ}
    for (line, column), kind in cells.odd.items():
        typed = kind == "a number" and column in (columns["verdict"], columns["comment"])
        if line >= FIRST_ROW and column in columns.values() and not typed:
            raise HandOffError(name, line, f"a cell holds {kind}: write it as text, with ' before it")
    for line, texts in sorted(cells.rows.items()):
        if line >= FIRST_ROW:
            row = Row(**{key: texts.get(column, "") for key, column in columns.items()})
            if entry := entry_of(row, name, line):
                yield entry


class _Sheets(ContentHandler):
    """The relation ids of a workbook's sheets, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if local(name) == "sheet":
            self.ids += [attrs[key] for key in attrs.getNames() if key.endswith(":id")]


class _Texts(ContentHandler):
    """Collects the characters of `<t>` elements, but for those that say how a word is pronounced."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.within: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.within.append(local(name))

    def endElement(self, name: str) -> None:
        self.within.pop()

    def characters(self, content: str) -> None:
        if self.within and self.within[-1] == "t" and "rPh" not in self.within:
            self.pieces.append(content)

    def taken(self) -> str:
        """The text so far, its escapes undone, line ends LF."""
        text = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), "".join(self.pieces))
        self.pieces = []
        return text.replace("\r\n", "\n").replace("\r", "\n")


class _Strings(_Texts):
    """The texts that cells share."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def endElement(self, name: str) -> None:
        super().endElement(name)
        if local(name) == "si":
            self.texts.append(self.taken())


_TYPES = {"b": "true or false", "e": "an error", "d": "a date"}


class _Cells(_Texts):
    """The cells of a sheet that hold something, by row and column from 1."""

    def __init__(self, shared: Sequence[str], name: str) -> None:
        super().__init__()
        self.shared, self.name = shared, name
        self.rows: dict[int, dict[int, str]] = {}
        self.odd: dict[tuple[int, int], str] = {}
        """What is no text, and what it is instead."""
        self.row = self.column = 0
        self.type = ""
        self.formula = False
        self.value: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        super().startElement(name, attrs)
        match local(name):
            case "row":
                self.row, self.column = self._number(attrs.get("r", str(self.row + 1))), 0
            case "c":
                letters = attrs.get("r", "").rstrip("0123456789")
                self.column = _column(letters) if letters else self.column + 1
                self.type, self.formula, self.value, self.pieces = attrs.get("t", "n"), False, [], []
            case "f":
                self.formula = True

    def characters(self, content: str) -> None:
        super().characters(content)
        if self.within and self.within[-1] == "v":
            self.value.append(content)

    def endElement(self, name: str) -> None:
        super().endElement(name)
        if local(name) == "c":
            self._end_cell("".join(self.value))

    def _end_cell(self, value: str) -> None:
        if self.type == "s":
            at = self._number(value)
            if at >= len(self.shared):
                raise HandOffError(self.name, self.row, "a cell names a text that is not in the file: it is damaged")
            text = self.shared[at]
        elif self.type == "inlineStr":
            text = self.taken()
        else:
            self.pieces = [value]
            text = self.taken()
        if self.formula or (text and self.type not in ("s", "inlineStr", "str")):
            self.odd[self.row, self.column] = "a formula" if self.formula else _TYPES.get(self.type, "a number")
        if text:
            self.rows.setdefault(self.row, {})[self.column] = text

    def _number(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 9):
            raise HandOffError(
                self.name, self.row or None, f"{text[:20]!r} is no number of a row or text: it is damaged"
            )
        return int(text)


def _column(letters: str) -> int:
    """`A` is 1, `AA` is 27; what is none is a column beyond all."""
    number = 0
    for letter in letters[:4].upper():
        number = 26 * number + ord(letter) - 64
    return number
