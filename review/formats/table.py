"""What a spreadsheet and a Word table have in common: one row per unit, a verdict, a comment.

Takes   an entry as it goes out; the cells of a row that came back
Gives   the cells; the entry, as the PO reader would give it
Always  a row without the verdict `ok` is as fuzzy as it can be: nothing is approved by leaving a row alone; what a
        person wrote as a verdict in her own words becomes a question
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import HandOffError, LocaleError
from pipeline.model import Locale
from pipeline.po import PoContentError, PoEntry, PoFile

OK, NEEDS_WORK, QUESTION = VERDICTS = ("ok", "needs work", "question")
"""What the drop-down offers."""
NONE = "—"
"""How an empty verdict looks where a drop-down must show something."""

_NOT_IN_A_CELL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, and the carriage return, which it does not keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The cells of one unit."""

    id: str
    source: str
    target: str
    verdict: str = ""
    comment: str = ""
    about: str = ""
    """For the reviewer's eyes; never read back."""


def row_of(entry: PoEntry) -> Row:
    """An entry's row. Raises HandOffError for a text that no cell gives back as it was."""
    for text in (entry.source, entry.target):
        if text != text.strip() or _NOT_IN_A_CELL.search(text):
            raise HandOffError(
                entry.id, None, "has a control character, or a blank at its edge, which no table keeps: send it as po"
            )
    said_ok = entry.translator_comments[:1] == (OK,) and not entry.fuzzy
    comments = entry.translator_comments[1:] if said_ok else entry.translator_comments
    return Row(
        id=entry.id,
        source=entry.source,
        target=entry.target,
        verdict=OK if said_ok else "",
        comment="\n".join(comments),
        about=_NOT_IN_A_CELL.sub(" ", "\n".join(map(_for_tables, notes_with_former(entry)))),
    )


def notes_with_former(entry: PoEntry) -> tuple[str, ...]:
    """What stands beside an entry for its reviewer: with the former English before the line that marks the change."""
    if not entry.previous_source:
        return entry.notes
    at = next((place for place, note in enumerate(entry.notes) if note.startswith("changed")), len(entry.notes))
    return (*entry.notes[:at], f"former English: {entry.previous_source}", *entry.notes[at:])


def _for_tables(note: str) -> str:
    """A note that tells a PO editor's user what to do, for somebody who has a column for it."""
    return note.replace("add the comment: ok", "choose the verdict: ok") if note.startswith("CRITICAL") else note


def entry_of(row: Row, name: str, line: int) -> PoEntry | None:
    """The entry of a row that came back; None for one with nothing in it. Raises HandOffError with the line.

    Blanks at the edges of a cell are an accident of typing: no text that went out has any.
    """
    verdict = " ".join(row.verdict.split()).casefold()
    comments = tuple(comment for line in row.comment.splitlines() if (comment := line.strip()))
    if verdict == OK:
        comments = (OK, *comments)
    elif verdict == QUESTION and not any(comment.startswith("?") for comment in comments):
        comments = (f"? {' '.join(comments) or 'the reviewer is unsure, and wrote no words'}",)
    elif verdict not in ("", NONE, NEEDS_WORK, QUESTION):
        comments = (f"? the verdict is: {row.verdict.strip()}", *comments)
    if not row.source.strip():
        if row.id or row.target.strip() or comments:
            raise HandOffError(name, line, "a row has words and no English: write them into the row of their sentence")
        return None
    try:
        return PoEntry(
            id=row.id.strip(),
            source=row.source.strip(),
            target=row.target.strip(),
            fuzzy=verdict != OK,
            translator_comments=comments,
            line=line,
        )
    except PoContentError as error:
        raise HandOffError(name, line, str(error)) from error


def identity(file: PoFile) -> str:
    """The line that names article, locale and export, in a place that nobody edits."""
    told = {"article": file.article, "export": file.export_id, "locale": file.target_locale.tag}
    return "signoff " + json.dumps(told, ensure_ascii=False, sort_keys=True)


def file_of(identity: str, entries: Sequence[PoEntry], name: str) -> PoFile:
    """The returned file. Raises HandOffError where the identity is lost, or two rows are one unit's."""
    try:
        told = json.loads(identity.removeprefix("signoff "))
        article, export_id, tag = str(told["article"]), str(told["export"]), str(told["locale"])
        locale = Locale.parse(tag)
    except (ValueError, KeyError, TypeError, RecursionError, LocaleError) as error:
        raise HandOffError(
            name,
            None,
            "does not say which article and language it is of: was it copied into a new file? Send the old one",
        ) from error
    rows: dict[tuple[str, str], int] = {}
    for entry in entries:
        first = rows.setdefault((entry.id, entry.source), entry.line)
        if first != entry.line:
            raise HandOffError(name, entry.line, f"is a second row like row {first}: delete one of the two")
    try:
        return PoFile(article=article, target_locale=locale, export_id=export_id, entries=tuple(entries))
    except PoContentError as error:
        raise HandOffError(name, None, str(error)) from error
