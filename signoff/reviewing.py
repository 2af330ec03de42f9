"""`signoff import` and `signoff status`: what came back from the reviewers, and where everything stands."""

import getpass
from dataclasses import asdict
from pathlib import Path

import click

from signoff.console import Output
from signoff.desk import json_option, judges, open_store, open_workspace, target_locales, workspace_option


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--reviewer", required=True, metavar="ID", help="Whose review this is: an id from the roster in signoff.toml."
)
@click.option(
    "--attest",
    type=click.Choice(["edited", "all"]),
    help="What the reviewer answers for: the texts she edited, or all that she returned. Without it nothing is signed.",
)
@click.option("--entered-by", metavar="ID", help="Who types this, if not the reviewer. Default: the login name.")
@workspace_option
@json_option
def import_(
    files: tuple[Path, ...],
    reviewer: str,
    attest: str | None,
    entered_by: str | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Take reviewed PO files back: merge every entry, sign what the reviewer attests.

    Nothing that was returned is lost: a text either becomes the current one, or is kept and named with the reason.
    An entry that is still marked fuzzy is not reviewed. A critical sentence that came back unchanged is signed only
    if the reviewer wrote the comment `# ok` above it. Importing never publishes.

    Exit code 1 when an entry is held, in conflict or needs a verdict; 2 when a file could not be read.

    \b
    Examples:
      signoff import locales/es/first.po --reviewer ana --attest edited
      signoff import *.po --reviewer ana --attest all
    """
    from review.intake import import_file
    from review.merge import Result

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    code = 0
    with open_store(workspace) as store:
        for file in files:
            report = import_file(
                workspace,
                store,
                judges(workspace),
                file,
                reviewer=reviewer,
                attest="all" if attest == "all" else "edited" if attest else None,
                entered_by=entered_by or getpass.getuser(),
            )
            open_ends = report.count(
                Result.HELD, Result.CONFLICT, Result.NEEDS_VERDICT, Result.UNKNOWN, Result.STALE, Result.NEEDS_WORK
            )
            code = max(code, 2 if report.outcome == "refused" else 1 if open_ends else 0)
            if as_json:
                out.data(asdict(report))
            out.say(f"{report.file}: {report.outcome}{': ' if report.reason else ''}{report.reason}")
            counts = {result: report.count(result) for result in Result if report.count(result)}
            out.say(
                "  " + ", ".join(f"{n} {result.value}" for result, n in counts.items()) if counts else "  no entries"
            )
            quiet = (Result.UNCHANGED, Result.SIGNED, Result.PROPOSED, Result.SEEN)
            rows = [
                (str(e.line or "–"), e.id, e.result.value, e.reason) for e in report.entries if e.result not in quiet
            ]
            if rows:
                out.table(("line#", "entry", "result", "why"), rows)
            if attest is None and report.count(Result.PROPOSED, Result.UNCHANGED, Result.SEEN):
                out.say("  nothing was signed: the reviewer's own --attest edited or --attest all signs")
    return code


@click.command()
@click.option("--to", "tags", metavar="LOCALES", help="Only these locales, such as es,pt-BR.")
@workspace_option
@json_option
def status(tags: str | None, folder: Path | None, as_json: bool) -> int:
    """The board: per article and locale how many sentences are drafted, proposed, reviewed, signed; what comes next.

    \b
    draft       a machine's text that nobody has read
    proposed    a person's text that nobody has signed
    reviewed    signed by somebody, and the policy asks for one more
    signed      signed by everybody that the policy asks for
    stale       a person's text for a sentence that is no longer in today's English
    """
    from review.board import board

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    with open_store(workspace) as store:
        rows, refused = board(workspace, store, target_locales(workspace, tags))
    if as_json:
        for row in rows:
            out.data(asdict(row))
    else:
        out.table(
            ("article", "locale", "units#", "new#", "draft#", "prop.#", "rev.#", "signed#", "stale#", "live", "next"),
            [
                (
                    row.slug,
                    row.locale,
                    *(
                        str(n)
                        for n in (
                            row.units,
                            row.untranslated,
                            row.draft,
                            row.proposed,
                            row.reviewed,
                            row.signed_off,
                            row.stale,
                        )
                    ),
                    "yes" if row.live else "no",
                    row.next,
                )
                for row in rows
            ],
        )
    for reason in refused:
        out.say(f"not read: {reason}", "red")
    return 2 if refused else 0
