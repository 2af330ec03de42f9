"""`signoff send`, `signoff pack`, `signoff digest`: who gets what to read, until when."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.wording import many
from signoff.console import Output
from signoff.desk import (
    as_typed,
    json_option,
    judges,
    login_name,
    opened,
    opened_in,
    opened_in_one,
    output_option,
    workspace_option,
)

if TYPE_CHECKING:
    from review.packs import Pack
    from review.sending import SendReport


DAY = click.DateTime(["%Y-%m-%d"])

by_option = click.option("--by", metavar="ID", help="Who does this. Default: the login name.")
reason_option = click.option("--reason", default="", metavar="TEXT", help="Why; it stands in the ledger.")
due_option = click.option("--due", type=DAY, metavar="DATE", help="The last day for it, as 2026-01-31.")
out_option = click.option(
    "-o",
    "--output",
    "out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A new or empty folder for the pack.",
)


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--to", "tag", required=True, metavar="LOCALE", help="The language to review, such as es.")
@click.option(
    "--reviewer", required=True, metavar="ID", help="Who shall review: an id from the roster in signoff.toml."
)
@due_option
@click.option(
    "--as",
    "format_",
    type=click.Choice(["po", "xliff", "xlsx", "docx"]),
    default="po",
    show_default=True,
    help="What the reviewer works with: a PO editor, a CAT tool, a spreadsheet, Word.",
)
@out_option
@by_option
@workspace_option
@json_option
def send(
    slugs: tuple[str, ...],
    tag: str,
    reviewer: str,
    due: datetime | None,
    format_: str,
    out: Path,
    by: str | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Make a pack for one reviewer: files with her sentences only, a brief, a preview of each page.

    Hers are the sentences whose next step in the policy she may take today, and that nobody else has in an open pack.
    What comes back goes through `signoff import`, whatever the format. The pack is recorded in the ledger; a copy of
    it stays in .signoff/packs/.

    Exit code 0: done. 1: done, and an article was left out. 2: there is nothing for her to do, or no place for it.

    \b
    Examples:
      signoff send --to es --reviewer ana --due 2026-12-01 -o for-ana
      signoff send --to es --reviewer ben --as xlsx -o for-ben first
    """
    from review.sending import send as send_pack

    out_ = Output(as_json=as_json)
    with opened_in_one(folder, tag) as (workspace, store, locale):
        report = send_pack(
            workspace,
            store,
            judges(workspace, store),
            locale=locale,
            reviewer=reviewer,
            by=_typist(by),
            out=out,
            slugs=slugs,
            due=due.date() if due else None,
            format_=format_,
        )
    return _sent(out_, report, out)


def _sent(out: Output, report: "SendReport", folder: Path) -> int:
    pack = report.pack
    if out.as_json:
        out.data({**_pack_json(pack), "words": report.words, "written": report.files, "left_out": report.left_out})
    until = f", until {pack.due}" if pack.due else ""
    out.say(
        f"pack {pack.id} for {pack.reviewer}: {many(pack.units, 'sentence')}, {many(report.words, 'word')}, "
        f"{report.critical} critical{until}"
    )
    for sentence in report.left_out:
        out.warn(f"left out: {sentence}")
    out.explain(f"next: send {pack.reviewer} the folder {as_typed(folder)}; its brief.html says what to do")
    return 1 if report.left_out else 0


def _typist(by: str | None) -> str:
    return (by or login_name()).encode(errors="backslashreplace").decode()


def _pack_json(pack: "Pack") -> dict[str, Any]:
    """A pack as docs/json.md has it."""
    return {
        "pack": pack.id,
        "reviewer": pack.reviewer,
        "locale": pack.locale,
        "format": pack.format,
        "state": pack.state,
        "sent": pack.sent,
        "by": pack.by,
        "due": pack.due,
        "units": pack.units,
        "out": len(pack.out),
        "recalled": pack.recalled,
        "files": [
            {"slug": f.slug, "name": f.name, "export_id": f.export_id, "units": len(f.numbers)} for f in pack.files
        ],
    }


@click.group()
def pack() -> None:
    """The packs that were sent: list them, give more time, take them back, hand them on."""


@pack.command(name="list", short_help="Who has what, since when, until when.")
@click.option("--all", "everything", is_flag=True, help="Also those that are answered or recalled.")
@workspace_option
@json_option
def pack_list(everything: bool, folder: Path | None, as_json: bool) -> int:
    """Who has what, since when, until when; overdue packs are marked."""
    from review.packs import read_packs

    out = Output(as_json=as_json)
    with opened(folder) as (_, store), store.read() as transaction:
        packs = [p for p in read_packs(transaction).values() if everything or p.state == "open"]
        today = transaction.now()[:10]
    for one in packs if as_json else ():
        out.data({**_pack_json(one), "overdue": one.overdue(today)})
    for one in () if as_json else packs:
        out.say(one.id, "bold")
        stands = f"{len(one.out)} of {one.units} sentences out" if one.state == "open" else one.recalled or one.state
        until = _until(one.due, one.overdue(today))
        out.explain(f"with {one.reviewer} since {one.sent[:10]}{until}: {stands}", indent=2)
    if not packs:
        out.say("no pack is open")
    return 0


def _until(due: str, overdue: bool) -> str:
    return f", until {due}{' OVERDUE' if overdue else ''}" if due else ""


@pack.command(name="extend", short_help="Give a pack until another day.")
@click.argument("pack_id", metavar="PACK")
@click.option("--due", type=DAY, required=True, metavar="DATE", help="The new last day, as 2026-01-31.")
@reason_option
@by_option
@workspace_option
def pack_extend(pack_id: str, due: datetime, reason: str, by: str | None, folder: Path | None) -> int:
    """Give PACK (its id, or how it begins) until another day."""
    from review.sending import extend

    out = Output()
    with opened(folder) as (_, store):
        changed = extend(store, pack_id, due=due.date(), by=_typist(by), reason=reason)
    out.say(f"pack {changed.id} is with {changed.reviewer} until {changed.due}")
    return 0


@pack.command(name="recall", short_help="Take back what is still out of a pack.")
@click.argument("pack_id", metavar="PACK")
@reason_option
@by_option
@workspace_option
def pack_recall(pack_id: str, reason: str, by: str | None, folder: Path | None) -> int:
    """Take back what is still out of PACK (its id, or how it begins), so that others can be sent it.

    If its files come back all the same, each text in them is kept and held: nothing is taken and nothing is signed.
    """
    from review.sending import recall

    out = Output()
    with opened(folder) as (_, store):
        recalled = recall(store, pack_id, by=_typist(by), reason=reason)
    out.say(f"pack {recalled.id} is {recalled.recalled}")
    return 0


@pack.command(name="reassign", short_help="Take a pack back and send it to somebody else.")
@click.argument("pack_id", metavar="PACK")
@click.option("--reviewer", required=True, metavar="ID", help="Who shall have it now.")
@due_option
@out_option
@reason_option
@by_option
@workspace_option
@json_option
def pack_reassign(
    pack_id: str,
    reviewer: str,
    due: datetime | None,
    out: Path,
    reason: str,
    by: str | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Recall PACK (its id, or how it begins) and send what is still out of it to another reviewer, in one step.

    Its last day stays, unless it is past or --due names another one.
    """
    from review.sending import reassign

    with opened(folder) as (workspace, store):
        report = reassign(
            workspace,
            store,
            judges(workspace, store),
            pack_id,
            reviewer=reviewer,
            by=_typist(by),
            out=out,
            due=due.date() if due else None,
            reason=reason,
        )
    return _sent(Output(as_json=as_json), report, out)


@click.command()
@click.option(
    "--person", default="", metavar="ID", help="Only for this one. Default: everybody who has something open."
)
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write <id>.txt and <id>.html there. Default: print the texts.",
)
@workspace_option
@json_option
def digest(person: str, out: Path | None, folder: Path | None, as_json: bool) -> int:
    """What waits on each person, as a text and a page that a mailer can send; overdue packs are marked.

    A content lead's digest also names what waits on others, and what nobody has been sent. Signoff itself sends no
    mail.
    """
    from pipeline.durable import replace_file
    from review.waiting import digests

    console = Output(as_json=as_json)
    with opened(folder) as (workspace, store), store.read() as transaction:
        made = digests(transaction, workspace, judges(workspace, store), person=person)
    for one in made:
        if out:
            replace_file(out / f"{one.person}.txt", f"Subject: {one.subject}\n\n{one.text}".encode())
            replace_file(out / f"{one.person}.html", one.page)
        if as_json:
            console.data({"person": one.person, "subject": one.subject, "text": one.text, "html": one.page.decode()})
        elif out:
            console.say(f"{as_typed(out / one.person)}.txt, .html: {one.subject}")
        else:
            console.say(one.subject, "bold")
            for line in one.text.splitlines():
                console.say(line)
    if not made:
        console.say("nothing waits on anybody" if not person else f"nothing waits on {person}")
    return 0


MOST_ARTICLES = 3
"""So many articles are named in one line."""


def show_waiting(out: Output, folder: Path | None, tags: str | None) -> int:
    """`signoff status --waiting`: who has what, and what nobody has been sent."""
    from review.waiting import waiting

    with opened_in(folder, tags) as (workspace, store, locales), store.read() as transaction:
        rows = waiting(transaction, workspace, judges(workspace, store), locales)
    for row in rows if out.as_json else ():
        out.data(asdict(row))
    for row in () if out.as_json else rows:
        what = f"{many(row.units, 'sentence')} of {', '.join(row.articles[:MOST_ARTICLES])}"
        what += f" and {len(row.articles) - MOST_ARTICLES} more" if len(row.articles) > MOST_ARTICLES else ""
        if row.asked_by:
            whom = " or ".join(row.waits_on) or f"a {row.step}, and the roster has none"
            out.explain(f"{row.locale}: {row.asked_by} waits for {whom} to answer since {row.since}: {what}")
        elif row.pack:
            when = f"since {row.since}{_until(row.due, row.overdue)}"
            out.explain(f"{row.locale}: {row.reviewer} has {what} {when} (pack {row.pack})")
        else:
            out.explain(f"{row.locale}: nobody has {what}: for a {row.step}")
    if any(row.asked_by for row in rows):
        out.explain("questions: signoff questions")
    if not rows:
        out.say("nothing waits: everything is signed")
    return 0


@click.group()
def report() -> None:
    """What was done, for planning and invoices."""


@report.command(name="people", short_help="Words, hours, edit distance and turnaround per person, as CSV.")
@click.option("--since", type=DAY, metavar="DATE", help="From this day on. Default: from the start.")
@click.option("--until", type=DAY, metavar="DATE", help="Up to and with this day. Default: today.")
@output_option
@workspace_option
@json_option
def report_people(
    since: datetime | None, until: datetime | None, output: Path | None, folder: Path | None, as_json: bool
) -> int:
    """Words, hours, edit distance and turnaround per person and language, as CSV.

    Counted from the ledger. Hours are estimated from words, by the speeds of [analyze.words_per_hour].
    """
    from pipeline.analyze import WORDS_PER_HOUR
    from pipeline.durable import replace_file
    from review.people_report import as_csv, people_report

    with opened(folder) as (workspace, store), store.read() as transaction:
        speeds = {**WORDS_PER_HOUR, **workspace.settings.words_per_hour}
        rows = people_report(
            transaction,
            speeds,
            since=since.date().isoformat() if since else "",
            until=until.date().isoformat() if until else "9999",
        )
    for row in rows if as_json else ():
        Output(as_json=True).data(asdict(row))
    if output:
        replace_file(output, as_csv(rows))
    elif not as_json:
        click.echo(as_csv(rows), nl=False)
    return 0
