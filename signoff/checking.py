"""`signoff check`: what may be wrong in PO files from anywhere."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.errors import LocaleError, PoSyntaxError
from pipeline.wording import many
from signoff.console import Output
from signoff.desk import find_and_load, json_option, workspace_option

if TYPE_CHECKING:
    from pipeline.model import Locale
    from review.checks import Context
    from review.linting import LintReport


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--locale", "tag", metavar="TAG", help="The language of files whose header does not say it: es, pt-BR.")
@click.option("--fuzzy", "with_fuzzy", is_flag=True, help="Check entries that are marked fuzzy, too.")
@click.option("--notes/--no-notes", default=True, help="Whether notes are told; errors and warnings always are.")
@click.option(
    "--meaning",
    "with_meaning",
    is_flag=True,
    help="Also warn of targets whose meaning is far from the source's; needs the extra signoff[meaning].",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "sarif"]),
    default="table",
    help="A table for people, one JSON object a finding (as --json), or SARIF 2.1.0 for code hosts.",
)
@workspace_option
@json_option
def check(
    files: tuple[Path, ...],
    tag: str | None,
    with_fuzzy: bool,
    notes: bool,
    with_meaning: bool,
    form: str,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Say what may be wrong with the translations in PO files: numbers, units, tags, lost halves, foreign text.

    Works on any PO file that was translated from English, without a workspace. For a file in a workspace, or with
    --workspace, its termbase and [[protect]] rules count, too. An error is what blocks sign-off and publishing, a
    warning asks for a look, a note informs. Entries that are empty, fuzzy or obsolete are counted, not checked.

    Exit code 0: no errors. 1: errors. 2: a file could not be read, or --meaning not be asked; all else was checked.

    \b
    Examples:
      signoff check locales/es/*.po
      signoff check --meaning returned.po
      signoff check --locale fr messages.po --format sarif > findings.sarif
    """
    from pipeline.model import Locale, Severity
    from review.linting import gaps

    _collect_seldom()
    form = "json" if as_json else form
    out = Output(as_json=form != "table")
    asked = Locale.parse(tag) if tag else None
    reports: list[LintReport] = []
    code, told = 0, set[str]()
    contexts: dict[Path | None, Context] = {}
    for file in files:
        root = folder or _workspace_of(file)
        if root not in contexts:
            contexts[root] = _context(root)
        try:
            report = _lint(file, asked, contexts[root], with_fuzzy=with_fuzzy, with_meaning=with_meaning)
        except (PoSyntaxError, LocaleError) as error:
            out.warn(str(error))
            code = 2
            continue
        except OSError as error:
            out.warn(f"{file}: {(error.strerror or str(error)).lower()}")
            code = 2
            continue
        if not notes:
            report = _without_notes(report)
        reports.append(report)
        code = max(code, 1 if report.count(Severity.ERROR) else 0, 2 if report.not_asked else 0)
        if form == "json":
            for found in report.findings:
                out.data(found.as_json())
        elif form == "table":
            _tell(out, report)
        _sum_up(out, report)
        for gap in (*gaps(report.locale), *([report.not_asked] if report.not_asked else ())):
            if gap not in told:
                told.add(gap)
                out.explain(gap, indent=2)
    if form == "sarif":
        from review.sarif import sarif

        out.data(sarif(reports))
    _collect_no_more()
    return code


def _context(root: Path | None) -> "Context":
    """What checks are given in a workspace, or outside of any; its target locale is still its source's."""
    from pipeline.model import Locale
    from review.checks import Context

    if root is None:
        english = Locale.parse("en")
        return Context(source_locale=english, target_locale=english)
    workspace = find_and_load(root)
    terms = None
    if workspace.settings.term_files:
        from pipeline.terms.workspace import load_matcher

        terms = load_matcher(workspace)
    source, protect = workspace.settings.source_locale, workspace.settings.rules.protect
    return Context(source_locale=source, target_locale=source, terms=terms, protect=protect)


def _collect_seldom() -> None:
    """Look for reference cycles seldom: the checks make many small tuples and none, which costs a sixth of the time."""
    import gc

    gc.set_threshold(1_000_000, 20, 100)


def _collect_no_more() -> None:
    """Let the process end without a last look for cycles in all that the checks remember: a sixth of the time again."""
    import gc

    gc.freeze()


def _workspace_of(file: Path) -> Path | None:
    """The workspace that a file lies in; None for a file from elsewhere."""
    from pipeline.config import FILE_NAME

    return next((parent for parent in file.absolute().parents if (parent / FILE_NAME).is_file()), None)


def _lint(
    file: Path, asked: "Locale | None", context: "Context", *, with_fuzzy: bool, with_meaning: bool
) -> "LintReport":
    """Read and check one file. Raises PoSyntaxError, OSError; LocaleError if nobody says its language."""
    from dataclasses import replace

    from pipeline.po import MAX_FILE_BYTES, read_foreign_po
    from review.linting import lint

    with file.open("rb") as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    po = read_foreign_po(data, str(file))
    locale = asked or po.target_locale
    if locale is None:
        raise LocaleError(f"{file}: its header names no language: say it with --locale, for example --locale es")
    context = replace(context, target_locale=locale)
    return lint(po, str(file), context, with_fuzzy=with_fuzzy, with_meaning=with_meaning)


def _without_notes(report: "LintReport") -> "LintReport":
    from dataclasses import replace

    from pipeline.model import Severity

    kept = tuple(found for found in report.findings if found.finding.severity is not Severity.NOTE)
    return replace(report, findings=kept)


def _tell(out: Output, report: "LintReport") -> None:
    if report.findings:
        out.table(
            ("where", "severity", "what", "check"),
            [
                (f"{found.file}:{found.line}", found.finding.severity.value, found.finding.message, found.finding.check)
                for found in report.findings
            ],
        )


def _sum_up(out: Output, report: "LintReport") -> None:
    """One line a file: what was checked, found and left alone."""
    from pipeline.model import Severity

    found = ", ".join(many(report.count(severity), severity.value) for severity in Severity)
    left = [
        f"{count} {what}"
        for count, what in (
            (report.fuzzy, "fuzzy"),
            (report.untranslated, "untranslated"),
            (report.obsolete, "obsolete"),
        )
        if count
    ]
    alone = f"; not checked: {', '.join(left)}" if left else ""
    out.say(f"{report.file}: {many(report.checked, 'entry')} in {report.locale} checked: {found}{alone}")
