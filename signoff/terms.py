"""`signoff terms`: the approved wording of each concept, in and out, and looked up."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signoff.console import Output
from signoff.desk import json_option, open_workspace, workspace_option

if TYPE_CHECKING:
    from pipeline.config import Workspace
    from pipeline.terms import Concept, Term
    from pipeline.terms.rows import Reading

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def terms() -> None:
    """The termbase: CSV files in the workspace, named in signoff.toml as [terms] files = ["terms/medicine.csv"].

    Edit them in any spreadsheet. The next `signoff run` puts what they say into the PO files that nobody has edited;
    the checks ask for their terms from then on.
    """


@terms.command(name="import", short_help="Merge a TBX or CSV file into the termbase.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--into", metavar="PATH", help="Which of the files of signoff.toml. Needed if it names several.")
@workspace_option
@json_option
def terms_import(file: Path, into: str | None, folder: Path | None, as_json: bool) -> int:
    """Merge FILE (.tbx or .csv) into the termbase, and say of each term what became of it.

    An import adds and changes, it never empties: what FILE leaves empty stays, and so does what it does not name. To
    take a term out, delete its row. Data without a column here is kept in the note. Typed again, it does nothing.

    Exit code 0: done. 1: done, but for terms that were refused, each with its line. 2: FILE could not be read; nothing
    was changed.

    \b
    Examples:
      signoff terms import from-the-agency.tbx
      signoff terms import mine.csv --into terms/medicine.csv
    """
    from pipeline.durable import locked, replace_file
    from pipeline.terms.csv_file import write_rows
    from pipeline.terms.merging import Outcome, merge
    from pipeline.terms.rows import rows_of
    from pipeline.terms.workspace import read_termbase

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    name = _file_of(workspace, into)
    reading = _read(file)
    with locked(workspace.private / "terms.lock", busy="", wait=True):
        path = workspace.root / name
        standing = rows_of(read_termbase(path, name)) if path.exists() else []
        elsewhere = {
            concept.id: other
            for other in workspace.settings.term_files
            if other != name and (workspace.root / other).exists()
            for concept in read_termbase(workspace.root / other, other).concepts
        }
        merged = merge(standing, reading, str(file), elsewhere=elsewhere)
        if merged.rows != tuple(standing):
            replace_file(path, write_rows(merged.rows))
    for change in merged.changes:
        if as_json:
            out.data(asdict(change))
        elif change.outcome is not Outcome.UNCHANGED:
            words = " ".join(word for word in (change.concept, change.locale, change.term) if word)
            refused = change.outcome is Outcome.REFUSED
            where = f"{file}:{change.line}: " if refused else ""
            why = f": {change.reason}" if change.reason else ""
            out.say(f"{where}{change.outcome.value} {words}{why}", "yellow" if refused else "")
    counts = Counter(change.outcome for change in merged.changes)
    out.say(f"{name}: " + ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome))
    if reading.kept_in_notes:
        out.say(f"kept in the notes, for want of a column: {', '.join(reading.kept_in_notes)}")
    return 1 if counts[Outcome.REFUSED] else 0


def _file_of(workspace: "Workspace", into: str | None) -> str:
    """The file that is merged into. Raises ConfigError if signoff.toml does not say which."""
    from pipeline.config import FILE_NAME
    from pipeline.errors import ConfigError

    names = workspace.settings.term_files
    if into is not None and into in names:
        return into
    if into is None and len(names) == 1:
        return names[0]
    if not names:
        message = 'names no termbase: add [terms] with files = ["terms/medicine.csv"]'
    else:
        message = f"names the termbases {', '.join(names)}: say --into one of them"
    raise ConfigError(workspace.root / FILE_NAME, None, message)


def _read(file: Path) -> "Reading":
    """The rows of a file from elsewhere, by its ending."""
    from pipeline.terms.csv_file import read_bytes, read_csv
    from pipeline.terms.tbx import read_tbx

    data = read_bytes(file)
    return read_csv(data, str(file), strict=False) if _is_csv(file) else read_tbx(data, str(file))


def _is_csv(file: Path) -> bool:
    """Whether a file is CSV, else TBX, by its ending. Raises click.BadParameter for another one."""
    if file.suffix.lower() not in (".csv", ".tbx", ".xml"):
        raise click.BadParameter(f"{file} ends in neither .csv nor .tbx")
    return file.suffix.lower() == ".csv"


@terms.command(name="export", short_help="Write the whole termbase as TBX or CSV.")
@click.argument("file", type=_FILE)
@workspace_option
def terms_export(file: Path, folder: Path | None) -> int:
    """Write all terms of the workspace into FILE: TBX-Basic (ISO 30042:2019) if it ends in .tbx, else CSV."""
    from pipeline.durable import replace_file
    from pipeline.terms.csv_file import write_csv
    from pipeline.terms.tbx import write_tbx
    from pipeline.terms.workspace import load_termbase

    out = Output()
    workspace = open_workspace(folder)
    is_csv = _is_csv(file)
    termbase = load_termbase(workspace)
    source_locale = workspace.settings.source_locale.tag
    replace_file(file, write_csv(termbase) if is_csv else write_tbx(termbase, source_locale=source_locale))
    out.say(f"{file}: {len(termbase.concepts)} concepts, {sum(1 for _ in termbase.terms())} terms")
    return 0


@terms.command(name="search", short_help="Show the concepts that a text names.")
@click.argument("text")
@workspace_option
@json_option
def terms_search(text: str, folder: Path | None, as_json: bool) -> int:
    """Show the concepts whose terms, forms or id hold TEXT in any language, and those whose terms stand in TEXT.

    \b
    Examples:
      signoff terms search benzodiazepines
      signoff terms search abstinencia
    """
    from pipeline.terms.searching import search

    workspace = open_workspace(folder)
    from pipeline.terms.workspace import load_matcher

    locales = [workspace.settings.source_locale, *(target.locale for target in workspace.settings.targets)]
    found = search(load_matcher(workspace), text, locales)
    return _show(found, as_json)


@terms.command(name="list", short_help="Show every concept.")
@workspace_option
@json_option
def terms_list(folder: Path | None, as_json: bool) -> int:
    """Show every concept with its terms."""
    from pipeline.terms.workspace import load_termbase

    return _show(load_termbase(open_workspace(folder)).concepts, as_json)


def _show(concepts: "tuple[Concept, ...]", as_json: bool) -> int:
    out = Output(as_json=as_json)
    if as_json:
        for concept in concepts:
            out.data(_json(concept))
        return 0
    rows = [
        (_head(concept, place), term.locale.tag, term.text, _tail(term))
        for concept in concepts
        for place, term in enumerate(concept.terms)
    ]
    out.table(("concept", "locale", "term", "more"), rows)
    out.say(f"{len(concepts)} concepts")
    return 0


def _head(concept: "Concept", place: int) -> str:
    joined = ", ".join(["critical"] * concept.critical + ["do not translate"] * concept.do_not_translate)
    return "" if place else f"{concept.id}{f' ({joined})' if joined else ''}"


def _tail(term: "Term") -> str:
    said = [] if term.status.value == "preferred" else [term.status.value]
    said += [f"also {', '.join(term.forms)}"] if term.forms else []
    said += [text for text in (term.note, f"[{term.source}]" if term.source else "") if text]
    return "; ".join(said)


def _json(concept: "Concept") -> dict[str, object]:
    return {
        "concept": concept.id,
        "critical": concept.critical,
        "do_not_translate": concept.do_not_translate,
        "terms": [
            {
                "locale": term.locale.tag,
                "term": term.text,
                "part_of_speech": term.part_of_speech.value,
                "status": term.status.value,
                "forms": list(term.forms),
                "note": term.note,
                "source": term.source,
            }
            for term in concept.terms
        ],
    }
