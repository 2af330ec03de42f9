"""Edit a spreadsheet or a Word table in LibreOffice itself, without a window, through its own interface (UNO).

Takes   a path, `xlsx` or `docx`; on stdin JSON: {"tracked": bool, "edits": [[row, column, text], …]}, row and column
        from 0. Started with the system's Python (`apt install python3-uno`), by test_libreoffice.py
Gives   the file, edited and saved by LibreOffice; on stdout, as JSON, the edits that it refused (a locked cell)

A text `note: …` becomes a note in the margin of a Word table's cell.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import uno

_FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "docx": "MS Word 2007 XML"}
_PATIENCE_S = 60


def main(path: Path) -> None:
    """Start LibreOffice, edit, save, end it."""
    told = json.load(sys.stdin)
    pipe = f"signoff{os.getpid()}"
    profile = f"-env:UserInstallation={(Path(os.environ['HOME']) / 'profile').as_uri()}"
    office = subprocess.Popen(["soffice", profile, "--headless", "--norestore", f"--accept=pipe,name={pipe};urp;"])
    try:
        desktop = _desktop(pipe)
        document = desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, (_value("Hidden", True),))
        kind = path.suffix[1:]
        edit = _in_sheet if kind == "xlsx" else _in_table
        if told["tracked"]:
            document.RecordChanges = True
        refused = [[row, column] for row, column, text in told["edits"] if not edit(document, row, column, text)]
        document.storeToURL(path.as_uri(), (_value("FilterName", _FILTERS[kind]),))
        document.close(True)
        json.dump(refused, sys.stdout)
        desktop.terminate()
        office.wait(_PATIENCE_S)
    finally:
        office.kill()


def _value(name: str, value: object) -> Any:
    held = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    held.Name, held.Value = name, value
    return held


def _desktop(pipe: str) -> Any:
    """LibreOffice, as soon as it answers."""
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        except uno.getClass("com.sun.star.connection.NoConnectException"):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _in_sheet(document: Any, row: int, column: int, text: str) -> bool:
    """Type into a cell; False if it is locked."""
    cell = document.Sheets.getByIndex(0).getCellByPosition(column, row)
    if document.Sheets.getByIndex(0).isProtected() and cell.CellProtection.IsLocked:
        return False
    cell.setString(text)
    return True


def _in_table(document: Any, row: int, column: int, text: str) -> bool:
    """Type into a cell of the one table, over what is there; or put a note beside it."""
    cell = document.TextTables.getByIndex(0).getCellByPosition(column, row)
    if text.startswith("note: "):
        note = document.createInstance("com.sun.star.text.textfield.Annotation")
        note.Author, note.Content = "Ana", text.removeprefix("note: ")
        cell.insertTextContent(cell.createTextCursor(), note, False)
        return True
    cursor = cell.createTextCursor()
    cursor.gotoStart(False)
    cursor.gotoEnd(True)
    cursor.setString(text)
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
