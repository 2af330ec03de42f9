"""`signoff conflicts`, `questions`, `retract`, `revoke`: what people decide beside signing; see unit.py, too."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from signoff.console import Output
from signoff.desk import (
    json_option,
    only_locale,
    opened,
    opened_in,
    opened_in_one,
    to_one_option,
    to_option,
    workspace_option,
)

by_option = click.option("--by", required=True, metavar="ID", help="Who acts: an id from the roster in signoff.toml.")
reason_option = click.option("--reason", required=True, metavar="TEXT", help="Why, for the ledger.")


@click.command()
@to_option
@click.option("--choose", metavar="ID=N", help="Make text N of the conflict on this sentence the current one.")
@click.option("--by", metavar="ID", help="Who chooses: an id from the roster in signoff.toml.")
@click.option("--reason", default="", help="Why, for the ledger.")
@workspace_option
@json_option
def conflicts(
    tags: str | None, choose: str | None, by: str | None, reason: str, folder: Path | None, as_json: bool
) -> int:
    """Sentences for which two people wrote different texts; both are kept, and somebody must choose.

    A choice signs nothing: the chosen text is the current one, and waits for its sign-offs as any other.

    Exit code 0: there is none, or a choice was made. 1: there are some. 2: the choice could not be made.

    \b
    Examples:
      signoff conflicts --to es
      signoff conflicts --to es --choose first:0004:9e731582=2 --by lea --reason "the leaflet says so"
    """
    from review.acts import choose as choose_text
    from review.acts import conflicts as find_conflicts

    out = Output(as_json=as_json)
    with opened_in(folder, tags) as (workspace, store, locales):
        if choose:
            id_, _, place = choose.rpartition("=")
            if not by or not reason or not id_ or not place.isdecimal():
                raise click.UsageError("write --choose ID=N with --by ID and --reason TEXT")
            locale = only_locale(locales)
            chosen = choose_text(workspace, store, id_=id_, locale=locale, place=int(place), by=by, reason=reason)
            if as_json:
                out.data({"id": id_, "locale": locale.tag, "chosen": chosen.target, "written_by": chosen.by})
            out.say(f"{id_} in {locale}: the text of {chosen.by} is the current one; it still needs its sign-offs")
            return 0
        found = find_conflicts(store, locales)
    for conflict in found:
        if as_json:
            out.data(asdict(conflict))
        out.say(f"{conflict.id} in {conflict.locale}", "bold")
        out.explain(f"English: {conflict.source}", indent=2)
        for number, text in enumerate(conflict.texts, 1):
            now = ", current" if text.current else ""
            out.explain(f"{number}  {text.by}, {text.on}{now}: {text.target}", indent=2)
    if found:
        out.explain('choose: signoff conflicts --to LOCALE --choose ID=N --by YOU --reason "…"')
    else:
        out.say("no conflicts")
    return 1 if found else 0


@click.command()
@to_option
@workspace_option
@json_option
def questions(tags: str | None, folder: Path | None, as_json: bool) -> int:
    """What reviewers ask, and nobody has answered: each holds its sentence; those on the English itself come first.

    A reviewer asks with a comment that begins with `?`; with `? en:` about the English.

    Exit code 0: nobody asks. 1: there are questions.
    """
    from review.acts import open_questions_in

    out = Output(as_json=as_json)
    with opened_in(folder, tags) as (_, store, locales):
        found = open_questions_in(store, locales)
    for question in found:
        if as_json:
            out.data(asdict(question))
        kind = " about the English" if question.about == "english" else ""
        out.say(f"{question.id} in {question.locale}: {question.by}{kind}, {question.on}: {question.question}", "bold")
        out.explain(f"English: {question.source}", indent=2)
        out.explain(f"{question.locale}: {question.target or '(no text yet)'}", indent=2)
    if found:
        out.explain('answer: signoff unit ID answer --to LOCALE --by YOU --text "…"')
    else:
        out.say("no questions")
    return 1 if found else 0


@click.command()
@click.argument("unit_id", metavar="ID")
@to_one_option
@by_option
@reason_option
@workspace_option
def retract(unit_id: str, tag: str | None, by: str, reason: str, folder: Path | None) -> int:
    """Take back your own sign-offs on one sentence. The page stays as it is until the next `signoff publish`."""
    from review.acts import retract as take_back

    out = Output()
    with opened_in_one(folder, tag) as (_, store, locale):
        count = take_back(store, id_=unit_id, locale=locale, by=by, reason=reason)
    out.say(f"{unit_id} in {locale}: {count} sign-off{'s' if count > 1 else ''} of {by} taken back: signoff publish")
    return 0


@click.command()
@click.option("--person", required=True, metavar="ID", help="Whose sign-offs.")
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The first day, such as 2026-01-31.")
@by_option
@reason_option
@click.option("--yes", is_flag=True, help="Do it. Without, only the pages are listed.")
@workspace_option
@json_option
def revoke(person: str, since: datetime, by: str, reason: str, yes: bool, folder: Path | None, as_json: bool) -> int:
    """Lapse all sign-offs of a person since a day, those to come too; lists the affected pages before it acts.

    For a content lead or a publisher. The sign-offs stay readable. Somebody who is trusted again gets another id.

    Exit code 0: done. 1: listed, and nothing done since --yes was not given. 2: could not be done.
    """
    from review.acts import affected_by_revocation
    from review.acts import revoke as lapse

    out = Output(as_json=as_json)
    with opened(folder) as (workspace, store):
        pages = affected_by_revocation(store, person, since.date())
        if as_json:
            out.data(
                {"person": person, "since": since.date().isoformat(), "done": yes, "pages": list(map(asdict, pages))}
            )
        rows = [(page.slug, page.locale, str(page.units), "yes" if page.live else "no") for page in pages]
        out.table(("article", "language", "sentences#", "live"), rows)
        if yes:
            lapse(workspace, store, person=person, since=since.date(), by=by, reason=reason)
    if yes:
        out.say(f"no sign-off of {person} since {since.date()} counts any more: signoff publish")
    else:
        out.say("nothing was done: the same again with --yes lapses these sign-offs")
    return 0 if yes else 1
