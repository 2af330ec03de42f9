"""`signoff unit ID waive`, `dismiss` and `keep-english`; its other acts stand in acts.py."""

from dataclasses import asdict
from pathlib import Path

import click

from signoff.acts import by_option, to_option, unit
from signoff.console import Output
from signoff.desk import (
    json_option,
    judges,
    login_name,
    only_locale,
    open_store,
    open_workspace,
    target_locales,
    workspace_option,
)

__all__ = ["unit"]


_reason = click.option("--reason", required=True, metavar="TEXT", help="Why, for the ledger.")
_check = click.option("--check", default="", metavar="NAME", help="Only the findings of this check.")


@unit.command(short_help="Let a text pass in spite of an error, with a reason.")
@to_option
@by_option
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
@to_option
@by_option
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


@unit.command("keep-english", short_help="Keep it in English on purpose, and sign that.")
@to_option
@by_option
@_reason
@workspace_option
@json_option
@click.pass_obj
def keep_english(unit_id: str, tags: str | None, by: str, reason: str, folder: Path | None, as_json: bool) -> int:
    """Keep this sentence in English on purpose: a brand, an address, the name of a hotline.

    Its English becomes the text, the errors on it are waived, and you sign it, as whoever takes the policy's next step.
    Where the policy asks for two people, both type this. Pages show it marked as English, and `signoff verify` proves
    it. Another text, reviewed and signed, takes its place.

    \b
    Example:
      signoff unit first:0004:9e731582 keep-english --to es --by ana --reason "the hotline answers to this name only"
    """
    from review.kept_english import keep_english as keep

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    locale = only_locale(target_locales(workspace, tags))
    with open_store(workspace) as store:
        kept = keep(
            workspace,
            store,
            judges(workspace, store),
            id_=unit_id,
            locale=locale,
            by=by,
            reason=reason,
            entered_by=login_name(),
        )
    if as_json:
        out.data(asdict(kept))
    needs = "; it still needs a " + " and a ".join(kept.still_needs) if kept.still_needs else ": signoff publish"
    out.say(f"{kept.id} in {kept.locale} stays English, signed as {kept.role}{needs}")
    return 0


def _act(
    id_: str, verdict: str, tags: str | None, by: str, reason: str, check: str, folder: Path | None, as_json: bool
) -> int:
    from review.waivers import waive as record

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    locale = only_locale(target_locales(workspace, tags))
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
