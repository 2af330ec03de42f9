"""`signoff ledger`, `signoff backup`, `signoff restore`: keep what was signed, and prove that it was kept."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from pipeline.wording import many
from signoff.acts import by_option
from signoff.console import Output
from signoff.desk import json_option, open_store, open_workspace, opened, output_option, workspace_option


@click.group()
def ledger() -> None:
    """The chain of events: everything that people did, in order, each line holding the hash of the line before."""


@ledger.command(name="verify", short_help="Check every line, every link and every cached state.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--roster",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="SIGNOFF.TOML",
    help="With FILE: compare the people's keys with the roster of this file; policies/ beside it count, too.",
)
@workspace_option
@json_option
def ledger_verify(file: Path | None, roster: Path | None, folder: Path | None, as_json: bool) -> int:
    """Check every line, every link and every cached state; name what is wrong.

    With FILE, a ledger that `signoff ledger export` wrote: every line, every link, every sign-off and every signature
    by a person's own key, with nothing but that file and the roster; no workspace is needed.

    A chain proves order, not honesty: compare the heads printed here with a copy that you keep elsewhere.

    Exit code 0: all is right. 1: something is wrong, and named. 2: the store could not be opened.
    """
    from review.ledger_check import check_exported, check_ledger

    if roster and not file:
        raise click.UsageError("--roster is for an exported FILE: a workspace has its own")
    out = Output(as_json=as_json)
    if file:
        keys, profiles = _roster(roster) if roster else (None, None)
        exported = check_exported(file.read_bytes(), file.name, keys, profiles)
        if as_json:
            out.data(asdict(exported))
        for sentence in exported.wrong:
            out.say(f"wrong: {sentence}", "red")
        if not exported.wrong:
            out.say(
                f"{many(exported.events, 'event')} in {many(len(exported.heads), 'chain')}: "
                "every line, link and signature is right"
            )
            out.say(
                f"{exported.sign_offs} sign-offs: {exported.by_key} by the person's own key, "
                f"{exported.typed_by_others} entered by somebody else"
            )
        for chain, head in exported.heads.items():
            out.say(f"head of {chain}: {head}")
        return 1 if exported.wrong else 0
    with opened(folder) as (_, store):
        report = check_ledger(store)
    if as_json:
        out.data(
            {
                "events": report.events,
                "heads": report.heads,
                "wrong": list(report.wrong),
                "warnings": list(report.warnings),
            }
        )
    for sentence in report.warnings:
        out.warn(sentence)
    for sentence in report.wrong:
        out.say(f"wrong: {sentence}", "red")
    if not report.wrong:
        counts = f"{many(report.events, 'event')} in {many(len(report.heads), 'chain')}"
        out.say(f"{counts}: every line, link and state is right")
    for chain, head in report.heads.items():
        out.say(f"head of {chain}: {head}")
    return 1 if report.wrong else 0


def _roster(roster: Path) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """The public keys of a signoff.toml, by person, and the policies that count beside it."""
    from pipeline.config import load_workspace
    from review.policy import profiles_beside
    from review.roster import roster_of

    workspace = load_workspace(roster.parent)
    keys = {id_: person.public_key for id_, person in roster_of(workspace).items()}
    return keys, profiles_beside(workspace.ledger)


@ledger.command(short_help="Write down where the chains end, to be kept elsewhere.")
@output_option
@workspace_option
def anchor(output: Path | None, folder: Path | None) -> int:
    """Write an anchor: how many events each chain has, and the hash of its last one.

    Give it to somebody who cannot write into the ledger: an auditor, a notary, a repository of others. Later
    `signoff verify --anchor FILE` says whether the ledger only grew since, or was written anew.

    \b
    Example:
      signoff ledger anchor -o anchor-2026-06.json
    """
    from pipeline.durable import replace_file
    from pipeline.store.anchor import anchor_bytes, heads_of

    heads = heads_of(open_workspace(folder).ledger)
    data = anchor_bytes(heads)
    if output is None:
        click.echo(data, nl=False)
        return 0
    replace_file(output.absolute(), data)
    for chain, head in heads.items():
        Output().say(f"chain {chain}: {head.events} events, the last of {head.time}: {head.hash}")
    return 0


@ledger.command(name="export", short_help="Write all events as JSON Lines.")
@output_option
@workspace_option
def ledger_export(output: Path | None, folder: Path | None) -> int:
    """Write all events of all chains as JSON Lines, oldest first."""
    from pipeline.durable import replace_file

    with opened(folder) as (_, store), store.read() as transaction:
        data = b"".join(line + b"\n" for line in transaction.lines())
    if output:
        replace_file(output, data)
    else:
        click.echo(data, nl=False)
    return 0


@ledger.command(name="import", short_help="Take in the events of another store.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@workspace_option
def ledger_import(file: Path, folder: Path | None) -> int:
    """Take in the events of another store's ledger file that this one does not have."""
    out = Output()
    with opened(folder) as (_, store):
        taken = store.import_chain(file.read_bytes(), file.name)
    out.say(f"{taken} events taken in")
    return 0


@click.command()
@click.option("--person", required=True, metavar="ID", help="Whose name and proofs.")
@by_option
@click.option("--reason", required=True, metavar="TEXT", help="Why, without a name; it stands in the ledger for good.")
@click.option("--yes", is_flag=True, help="Do it. Without, only what would be done is listed.")
@workspace_option
@json_option
def redact(person: str, by: str, reason: str, yes: bool, folder: Path | None, as_json: bool) -> int:
    """Erase the name and the proofs of somebody who is off the roster, for good; lists first what that touches.

    Their files in ledger/personal/ are removed, and pages, evidence and inventory show the id instead, in every copy
    of this ledger. The chain stays whole and the sign-offs stand: what qualified them is in the chain. For a content
    lead or a publisher. Publish afterwards: until then `signoff verify` names the pages that still bear the name.

    Not reached: git's history, backups, packs that were sent or given away, the archive of returned files.

    Exit code 0: done. 1: listed, and nothing done since --yes was not given. 2: could not be done.

    \b
    Example:
      signoff redact --person ana --by lea --reason "asked for it on leaving" --yes
    """
    from review.redaction import planned_redaction
    from review.redaction import redact as erase

    out = Output(as_json=as_json)
    with opened(folder) as (workspace, store):
        if yes:
            found = erase(workspace, store, person=person, by=by, reason=reason)
        else:
            found = planned_redaction(workspace, store, person)
    if as_json:
        out.data(asdict(found))
    for name in found.files:
        out.say(f"{'erased' if yes else 'would be erased'}: ledger/{name}")
    rows = [(page.slug, page.locale, str(page.units), "yes" if page.live else "no") for page in found.pages]
    out.table(("article", "language", "sentences#", "live"), rows)
    if yes:
        out.say(f"{person} is an id from now on, on {len(rows)} pages: signoff publish; then clean git and backups")
    else:
        out.say("nothing was done: the same again with --yes erases it, and nothing brings it back")
    return 0 if yes else 1


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@workspace_option
def backup(archive: Path, folder: Path | None) -> int:
    """Copy the store, the ledger and the returned files into ARCHIVE (.tar.gz), while others may work on."""
    from pipeline.store.backup import write_backup

    out = Output()
    with opened(folder) as (_, store):
        count = write_backup(store, archive)
    out.say(f"{archive}: {count} files")
    return 0


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@workspace_option
def restore(archive: Path, folder: Path | None) -> int:
    """Bring a backup back. A store that is there is moved aside, never deleted; the ledger only ever grows."""
    from pipeline.store.backup import read_backup

    out = Output()
    workspace = open_workspace(folder)
    aside = read_backup(archive, workspace.private, workspace.ledger)
    if aside:
        out.say(f"the store that was here is now {aside}")
    with open_store(workspace) as store:
        store.start_new_chain()
        with store.read() as transaction:
            heads = transaction.heads()
    out.say(f"restored from {archive}: {len(heads)} chains")
    return 0
