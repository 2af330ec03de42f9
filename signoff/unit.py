"""`signoff unit ID …`: what a person decides on one sentence."""

from dataclasses import asdict
from pathlib import Path

import click

from signoff.acts import by_option, reason_option
from signoff.console import Output
from signoff.desk import (
    json_option,
    judges,
    login_name,
    opened_in,
    opened_in_one,
    to_one_option,
    to_option,
    workspace_option,
)

_check = click.option("--check", default="", metavar="NAME", help="Only the findings of this check.")


@click.group()
@click.argument("unit_id", metavar="ID")
@click.pass_context
def unit(context: click.Context, unit_id: str) -> None:
    """What a person decides on one sentence. ID is its msgctxt, such as first:0004:9e731582."""
    context.obj = unit_id


@unit.command(short_help="Answer what reviewers ask on it.")
@to_one_option
@by_option
@click.option("--text", "--reason", "text", required=True, help="The answer; it travels with the next file.")
@workspace_option
@click.pass_obj
def answer(unit_id: str, tag: str | None, by: str, text: str, folder: Path | None) -> int:
    """Answer all that is asked on this sentence; it is held no longer, and the answer stands in the next PO file.

    For a content lead. A question that shows a fault of the English is better answered by mending the English.
    """
    from review.acts import answer as answer_questions

    out = Output()
    with opened_in_one(folder, tag) as (workspace, store, locale):
        asked = answer_questions(workspace, store, id_=unit_id, locale=locale, by=by, text=text)
    for question in asked:
        out.say(f"answered: {question}")
    return 0


@unit.command(short_help="Say that an edit of the English changed nothing.")
@to_option
@by_option
@reason_option
@workspace_option
@click.pass_obj
def editorial(unit_id: str, tags: str | None, by: str, reason: str, folder: Path | None) -> int:
    """Declare an edit of the English editorial only: the text of the former sentence and its sign-offs go on.

    For a content lead. Refused if a number, a sign, a unit, a negation, a drug, a tag, a term or a word such as left,
    must, before changed or moved; if a check finds an error; if the sentence was split or
    merged, or if it became critical. Without --to in every language where the former sentence is signed.
    """
    from review.editorial import editorial as carry_on

    out = Output()
    with opened_in(folder, tags) as (workspace, store, locales):
        carried = carry_on(
            workspace, store, judges(workspace, store), id_=unit_id, locales=locales, by=by, reason=reason
        )
    for one in carried:
        out.say(f"{unit_id} in {one.locale}: stands as signed by {', '.join(one.signed_by)}: {one.target}")
    return 0


@unit.command(short_help="Let a text pass in spite of an error, with a reason.")
@to_one_option
@by_option
@reason_option
@_check
@workspace_option
@json_option
@click.pass_obj
def waive(unit_id: str, tag: str | None, by: str, reason: str, check: str, folder: Path | None, as_json: bool) -> int:
    """Waive the errors on this sentence: they block no more, for exactly this English and this translation.

    For a person of the roster who may sign in that language. The waiver is an event in the ledger, with the reason;
    change a character of either text, and the finding is back. A waiver signs nothing.

    Exit code 0: waived. 2: there is no such sentence or error, or the person may not.

    \b
    Example:
      signoff unit first:0004:9e731582 waive --to es --by ben --reason "both names are used here"
    """
    return _act(unit_id, "waived", tag, by, reason, check, folder, as_json)


@unit.command(short_help="Say that a warning is nothing, with a reason.")
@to_one_option
@by_option
@reason_option
@_check
@workspace_option
@json_option
@click.pass_obj
def dismiss(unit_id: str, tag: str | None, by: str, reason: str, check: str, folder: Path | None, as_json: bool) -> int:
    """Dismiss the warnings and notes on this sentence: nobody is asked again, for exactly these two texts.

    Exit code 0: dismissed. 2: there is no such sentence or finding, or the person may not.

    \b
    Example:
      signoff unit first:0004:9e731582 dismiss --to es --by ana --reason "the longer form is usual here"
    """
    return _act(unit_id, "dismissed", tag, by, reason, check, folder, as_json)


@unit.command("keep-english", short_help="Keep it in English on purpose, and sign that.")
@to_one_option
@by_option
@reason_option
@workspace_option
@json_option
@click.pass_obj
def keep_english(unit_id: str, tag: str | None, by: str, reason: str, folder: Path | None, as_json: bool) -> int:
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
    with opened_in_one(folder, tag) as (workspace, store, locale):
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
    id_: str, verdict: str, tag: str | None, by: str, reason: str, check: str, folder: Path | None, as_json: bool
) -> int:
    from review.waivers import waive as record

    out = Output(as_json=as_json)
    with opened_in_one(folder, tag) as (workspace, store, locale):
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
