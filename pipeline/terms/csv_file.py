"""A termbase as CSV (RFC 4180): one row per term, as any spreadsheet edits it.

Takes   bytes: UTF-8 with or without BOM, LF or CRLF, separated by comma, semicolon or tab
Gives   the rows with their lines; and the bytes of a termbase: UTF-8, LF, commas, quotes only where needed
Always  read_csv undoes write_csv; the same termbase gives the same bytes; no cell that we write is a formula

A cell that a spreadsheet would take for a formula (it begins with = + - @) is written with an apostrophe before it,
and loses it when it is read (OWASP, "CSV Injection").
"""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import TermsError
from pipeline.terms.model import Termbase
from pipeline.terms.rows import COLUMNS, NEEDED, Reading, Refused, Row, row, rows_of

MOST_BYTES = 32 << 20
"""The largest file that is read."""
_FORMULA = re.compile(r"'*[=+\-@]")
_GUARDED = re.compile(r"'+[=+\-@]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, and no more of them than are needed to see that it is too large."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def read_csv(data: bytes, where: str, *, strict: bool = True) -> Reading:
    """The rows of a CSV file. Raises TermsError where it is no CSV or its first line does not name the columns.

    Strict (a workspace's own file): a column of another name is an error. Not strict (a file from elsewhere): what
    stands in it is kept in the note, `name: text`.
    """
    text = _text(data, where)
    header_line = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(header_line), strict=True)
    rows: list[Row] = []
    refused: list[Refused] = []
    names: list[str] = []
    line = 1
    try:
        for cells in reader:
            first, line = line, reader.line_num + 1
            if not names:
                names = _names(cells, where, strict)
            elif len(cells) > len(names) and any(cells[len(names) :]):
                refused.append(
                    Refused(line=first, what=cells[0], reason=f"has {len(cells)} cells, the first line {len(names)}")
                )
            elif any(cell.strip() for cell in cells):
                rows.append(row(first, _cells(names, cells)))
    except csv.Error as error:
        raise TermsError(where, line, f"is no CSV: {error}; is a quotation mark left open?") from error
    if not names:
        raise TermsError(where, 1, f"is empty: the first line names the columns {', '.join(COLUMNS)}")
    kept = tuple(name for name in names if name and name not in COLUMNS)
    return Reading(rows=tuple(rows), refused=tuple(refused), kept_in_notes=kept)


def _text(data: bytes, where: str) -> str:
    if len(data) > MOST_BYTES:
        raise TermsError(where, None, f"is too large: a termbase has {MOST_BYTES} bytes at most")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TermsError(where, line, 'is not UTF-8: save it as "CSV UTF-8"') from error
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise TermsError(where, line, f"holds the control character U+{ord(control[0]):04X}")
    return text


def _delimiter(header: str) -> str:
    # A spreadsheet in a country with a decimal comma writes semicolons and calls it CSV all the same.
    return max(",;\t", key=header.count)


def _names(cells: list[str], where: str, strict: bool) -> list[str]:
    """The columns that the first line names."""
    names = [cell.strip().lower().replace(" ", "_").replace("-", "_") for cell in cells]
    names = [name if name in COLUMNS else cell.strip() for name, cell in zip(names, cells, strict=True)]
    while names and not names[-1]:
        names.pop()
    for name in NEEDED:
        if name not in names:
            raise TermsError(where, 1, f"has no column {name}: the columns are {', '.join(COLUMNS)}")
    for place, name in enumerate(names):
        if name in names[:place]:
            raise TermsError(where, 1, f"has the column {name!r} twice")
        if not name or (strict and name not in COLUMNS):
            raise TermsError(where, 1, f"has a column {name!r}: the columns are {', '.join(COLUMNS)}")
    return names


def _cells(names: list[str], cells: list[str]) -> dict[str, str]:
    found = {name: cell[1:] if _GUARDED.match(cell) else cell for name, cell in zip(names, cells, strict=False)}
    more = [f"{name}: {found.pop(name)}" for name in list(found) if name not in COLUMNS and found[name].strip()]
    more += [found["note"]] if found.get("note") else []
    return {**{name: found[name] for name in found if name in COLUMNS}, **({"note": "; ".join(more)} if more else {})}


def write_csv(termbase: Termbase) -> bytes:
    """The bytes of a termbase."""
    return write_rows(rows_of(termbase))


def write_rows(rows: Iterable[Row]) -> bytes:
    """The bytes of rows, in their order."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in rows:
        cells = [one.values.get(column, "") for column in COLUMNS]
        writer.writerow([f"'{cell}" if _FORMULA.match(cell) else cell for cell in cells])
    return out.getvalue().encode()
