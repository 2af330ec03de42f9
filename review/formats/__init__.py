"""The formats in which files go out to reviewers and come back, all in one table.

Takes   the units that go out as a PoFile, whatever the format: article, locale, export id, and an entry per unit
Gives   the bytes of a file in one of FORMATS; of a returned file the same PoFile again, for the one merge of intake.py
Always  every format carries the identity of file and units; what it cannot carry is refused before it is sent
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import cast

from pipeline.errors import HandOffError
from pipeline.model import Locale
from pipeline.po import MAX_FILE_BYTES, PoFile

Writer = Callable[[PoFile, Locale], bytes]
"""(units, the source's locale) → the file."""
Reader = Callable[[bytes, str], PoFile]
"""(the returned file, its name for messages) → its entries. Raises HandOffError or PoSyntaxError with the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format; its module is loaded when it is used."""

    ending: str
    module: str
    """Where its `write_…` and `read_…` are."""
    writer: str
    reader: str

    def write(self, file: PoFile, source_locale: Locale) -> bytes:
        """The file as it goes out. Raises HandOffError or PoContentError for what it cannot carry."""
        return cast(Writer, getattr(import_module(self.module), self.writer))(file, source_locale)

    def read(self, data: bytes, name: str) -> PoFile:
        """The entries of a returned file."""
        return cast(Reader, getattr(import_module(self.module), self.reader))(data, name)


FORMATS: Mapping[str, Format] = {
    "po": Format(
        ending=".po",
        module="review.formats.po",
        writer="write_po_file",
        reader="read_po",
    ),
    "xliff": Format(ending=".xlf", module="review.formats.xliff", writer="write_xliff", reader="read_xliff"),
    "xlsx": Format(ending=".xlsx", module="review.formats.xlsx", writer="write_xlsx", reader="read_xlsx"),
    "docx": Format(ending=".docx", module="review.formats.docx", writer="write_docx", reader="read_docx"),
}
"""By the word of `signoff send --as`."""

_NOT_TAKEN = {
    ".xls": "save it as Excel workbook (.xlsx)",
    ".ods": "save it as Excel workbook (.xlsx)",
    ".csv": "import the .xlsx file that was sent, not a CSV of it",
    ".xlsm": "save it as Excel workbook without macros (.xlsx)",
    ".doc": "save it as Word document (.docx)",
    ".odt": "save it as Word document (.docx)",
    ".docm": "save it as Word document without macros (.docx)",
    ".pdf": "import the file that was sent, not a print of it",
}


def read_returned(data: bytes, name: str) -> PoFile:
    """The entries of a returned file, by the ending of its name; what is of no other format is read as PO.

    Raises HandOffError or PoSyntaxError, with the line, for a file that cannot be read as a whole.
    """
    ending = PurePath(name).suffix.casefold()
    if ending in _NOT_TAKEN:
        raise HandOffError(name, None, f"is not read: {_NOT_TAKEN[ending]}")
    if len(data) > MAX_FILE_BYTES:
        raise HandOffError(name, None, f"has {len(data)} bytes, more than {MAX_FILE_BYTES}")
    if ending == ".xliff":
        ending = FORMATS["xliff"].ending
    return next((f for f in FORMATS.values() if f.ending == ending), FORMATS["po"]).read(data, name)
