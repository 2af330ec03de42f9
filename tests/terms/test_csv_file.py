"""A termbase as CSV: nothing is lost between a spreadsheet and the concepts."""

import csv
import io

import pytest
from hypothesis import given, settings

from pipeline.errors import TermsError
from pipeline.terms import Termbase, TermStatus
from pipeline.terms.csv_file import MOST_BYTES, read_csv, write_csv
from pipeline.terms.rows import COLUMNS, termbase_of

from .termbases import termbases

HEADER = ",".join(COLUMNS)


def read(text: str | bytes, *, strict: bool = True) -> Termbase:
    data = text.encode() if isinstance(text, str) else text
    reading = read_csv(data, "terms.csv", strict=strict)
    return termbase_of(reading.rows, "terms.csv")


@settings(deadline=None)
@given(termbases())
def test_reading_undoes_writing_and_writing_is_byte_stable(termbase: Termbase) -> None:
    """Every termbase comes back from its own CSV, and is written the same again."""
    data = write_csv(termbase)
    assert read(data) == termbase
    assert write_csv(read(data)) == data


@settings(deadline=None)
@given(termbases())
def test_no_cell_is_a_formula(termbase: Termbase) -> None:
    """No cell begins with what a spreadsheet would calculate."""
    for cells in csv.reader(io.StringIO(write_csv(termbase).decode(), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


@pytest.mark.parametrize(
    "data",
    [
        b"concept,locale,term\nmisuse,es,uso indebido\n",
        b"\xef\xbb\xbfconcept,locale,term\r\nmisuse,es,uso indebido\r\n",
        b"Concept;Locale;Term\nmisuse;es;uso indebido\n\n;;\n",
        b"term\tlocale\tconcept\nuso  indebido\tes\tmisuse",
        b'concept,locale,term\n"misuse","es","uso indebido"\n',
    ],
    ids=["plain", "as Excel saves it", "semicolons", "tabs, no last line end", "all quoted"],
)
def test_what_spreadsheets_write_is_read(data: bytes) -> None:
    """BOM, CRLF, separators, quotation marks and empty lines make no difference."""
    (concept,) = read(data).concepts
    assert (concept.id, concept.terms[0].locale.tag, concept.terms[0].text) == ("misuse", "es", "uso indebido")
    assert concept.terms[0].status is TermStatus.PREFERRED


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "is empty"),
        ("concept,term\na,b\n", 1, "no column locale"),
        ("concept,locale,term,statuss\n", 1, "'statuss'"),
        ("concept,locale,term,term\n", 1, "twice"),
        ("concept,locale,term\na,en,b\n,es,c\n", 3, "the concept is missing"),
        ("concept,locale,term\na,xx,b\n", 2, "unknown locale"),
        ("concept,locale,term\n1a,en,b\n", 2, "begins with a letter"),
        ("concept,locale,term\na,en,b\na,en,b\n", 3, "stands in line 2"),
        ("concept,locale,term,status\na,en,b,banned\n", 2, "status is one of"),
        ("concept,locale,term,critical\na,en,b,maybe\n", 2, "yes, no or empty"),
        ("concept,locale,term,critical\na,en,b,yes\na,es,c,no\n", 3, "yes in line 2"),
        ('concept,locale,term\na,en,b\na,es,"c\n', 3, "quotation mark"),
        ('concept,locale,term\na,en,"b" c\n', 2, "is no CSV"),
        ("concept,locale,term\na,en,--\n", 2, "needs a word"),
        ("concept,locale,term\na,en,<b1>x\n", 2, "placeable"),
        (f"concept,locale,term\na,en,{'x' * 201}\n", 2, "200 at most"),
        ("concept,locale,term\na,en,b\x00\n", 2, "U+0000"),
        (b"concept,locale,term\na,es,sedaci\xf3n\n", 2, "not UTF-8"),
        (f'concept,locale,term\na,en,"{"x" * 200_000}"\n', 2, "is no CSV"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str | bytes, line: int, reason: str) -> None:
    """What cannot be a termbase is refused, with file, line and reason."""
    with pytest.raises(TermsError, match=r"terms\.csv") as caught:
        read(text)
    assert caught.value.line == line
    assert reason in caught.value.reason


def test_a_row_with_too_many_cells_is_refused() -> None:
    """A comma without quotation marks does not shift a term's note into nowhere."""
    reading = read_csv(b"concept,locale,term\na,en,b\na,es,c,d\n", "terms.csv")
    assert [(refused.line, refused.what) for refused in reading.refused] == [(3, "a")]


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    """Size is looked at first."""
    with pytest.raises(TermsError, match="at most"):
        read_csv(b"x" * (MOST_BYTES + 1), "terms.csv")


def test_a_foreign_column_is_kept_in_the_note() -> None:
    """An import loses no column that it does not understand."""
    data = b"concept,locale,term,Definition,note\na,en,b,what it is,mine\n"
    reading = read_csv(data, "theirs.csv", strict=False)
    assert reading.kept_in_notes == ("Definition",)
    assert reading.rows[0].values["note"] == "Definition: what it is; mine"
