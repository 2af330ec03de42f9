"""`signoff unit`: what a person decides on one sentence."""

from pathlib import Path

import click

from pipeline.model import Locale
from signoff.console import Output
from signoff.desk import json_option, judges, open_store, open_workspace, target_locales, workspace_option


@click.group()
@click.argument("unit_id", metavar="ID")
@click.pass_context
def unit(context: click.Context, unit_id: str) -> None:
    """What a person decides on one sentence. ID is its msgctxt, such as first:0004:9e731582."""
    context.obj = unit_id


_to = click.option("--to", "tags", metavar="LOCALE", help="In which language; needed if there are several.")
_by = click.option("--by", required=True, metavar="ID", help="Who acts: an id from the roster in signoff.toml.")
_reason = click.option("--reason", required=True, metavar="TEXT", help="Why, for the ledger.")
_check = click.option("--check", default="", metavar="NAME", help="Only the findings of this check.")


@unit.command(short_help="Let a text pass in spite of an error, with a reason.")
@_to
@_by
@_reason
@_check
@workspace_option
@json_option
@click.pass_obj
def waive(unit_id: str, tags: str | None, by: str, reason: str, check: str, folder: Path | None, as_json: bool) -> int:
    """Waive the errors on this sentence: they block no more, for exactly this English and this translation.

    For a person of the roster who may sign in that language. The waiver is an event in the ledger, with the reason;
    change a character of either text, and the finding is back. A waiver signs nothing.

    Exit code 0: waived. 2: there is no such sentence or error, or the person may not.

    \b
    Example:
      signoff unit first:0004:9e731582 waive --to es --by ben --reason "both names are used here"
    """
    return _act(unit_id, "waived", tags, by, reason, check, folder, as_json)


@unit.command(short_help="Say that a warning is nothing, with a reason.")
@_to
@_by
@_reason
@_check
@workspace_option
@json_option
@click.pass_obj
def dismiss(
    unit_id: str, tags: str | None, by: str, reason: str, check: str, folder: Path | None, as_json: bool
) -> int:
    """Dismiss the warnings and notes on this sentence: nobody is asked again, for exactly these two texts.

    Exit code 0: dismissed. 2: there is no such sentence or finding, or the person may not.

    \b
    Example:
      signoff unit first:0004:9e731582 dismiss --to es --by ana --reason "the longer form is usual here"
    """
    return _act(unit_id, "dismissed", tags, by, reason, check, folder, as_json)


def _act(
    id_: str, verdict: str, tags: str | None, by: str, reason: str, check: str, folder: Path | None, as_json: bool
) -> int:
    from review.waivers import waive as record

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    locale = _only(target_locales(workspace, tags))
    with open_store(workspace) as store:
        found = record(
            workspace,
            store,
            judges(workspace, store),
            id_=id_,
            locale=locale,
            by=by,
            verdict=verdict,
            reason=reason,
            check=check,
        )
    for finding in found:
        if as_json:
            out.data({"id": id_, "locale": locale.tag, "verdict": verdict, "check": finding.check,
                      "severity": finding.severity.value, "message": finding.message})  # fmt: skip
        out.say(f"{verdict}: {finding.message} ({finding.check})")
    return 0


def _only(locales: tuple[Locale, ...]) -> Locale:
    """The one locale that an act is in. Raises UsageError if it is not said."""
    if len(locales) != 1:
        raise click.UsageError(f"say in which language: --to {' or '.join(map(str, locales))}")
    return locales[0]
