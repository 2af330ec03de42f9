"""`signoff release` and `signoff withdraw`: the way back, and taking a text off every page."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.model import Locale
from signoff.console import Output
from signoff.desk import json_option, judges, login_name, open_store, open_workspace, opened, workspace_option
from signoff.publishing import by_option, out_option

if TYPE_CHECKING:
    from review.page_desk import PageOutcome
    from review.withdrawal import WithdrawalReport


@click.group()
def release() -> None:
    """List the releases, or go back to one.

    Every change of the site is a release: its pages with exactly the texts that they held, who let it out, and why.
    """


@release.command("list")
@workspace_option
@json_option
def list_(folder: Path | None, as_json: bool) -> int:
    """List every release, the newest last.

    Its id, when it was made, whose name it bears, how many pages it has, and why it was made.
    """
    from review.rollback import releases

    out = Output(as_json=as_json)
    with opened(folder) as (_, store):
        found = releases(store)
    for one in found if as_json else ():
        out.data(asdict(one))
    if not as_json and found:
        rows = [
            (
                one.id[:12],
                one.time,
                one.by or "nobody named",
                str(one.pages),
                f"{one.cause} to {one.restores[:12]}" if one.restores else one.cause,
                "on the site" if one.newest else "",
            )
            for one in found
        ]
        out.table(("release", "time", "by", "pages#", "why", ""), rows)
    if not found:
        out.say("nothing has been published yet")
    return 0


@release.command()
@click.argument("release_id", metavar="RELEASE")
@by_option
@out_option
@workspace_option
@json_option
def rollback(release_id: str, by: str, out_folder: Path | None, folder: Path | None, as_json: bool) -> int:
    """Go back to what still stands of a release.

    RELEASE is an id from `signoff release list`, or its first digits. A text that was withdrawn since, and a page
    whose sign-offs do not stand any more, do not come back: each is named. It is a new release. The next
    `signoff publish` goes on from today's texts: put right first what made you go back.

    Exit code 0: done. 1: done, and a page of that release did not come back whole. 2: could not run.
    """
    from review.publisher import publisher_named
    from review.rollback import rollback as go_back

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    target = (out_folder or workspace.root / "site").absolute()
    everywhere = tuple(target.locale for target in workspace.settings.targets)
    publisher = publisher_named(workspace, by, everywhere, datetime.now(UTC).date())
    with open_store(workspace) as store:
        report = go_back(workspace, store, judges(workspace), release_id, publisher=publisher, out=target)
    lost = [page for page in report.pages if page.state != "published"]
    if as_json:
        out.data({"release": report.release, "pages": [asdict(page) for page in report.pages]})
    out.say(f"{len(report.pages) - len(lost)} pages as they were; release {report.release}")
    _tell_pages(out, lost)
    out.say(f"the site: {target / 'index.html'}")
    return 1 if lost else 0


@click.command()
@click.option("--target", default="", metavar="TEXT", help="The wrong translation, a whole sentence as on the page.")
@click.option("--source", default="", metavar="TEXT", help="Every translation of this English sentence.")
@click.option("--segment", default="", metavar="ID", help="What this sentence shows, such as pain:0003:c6354872.")
@click.option("--locale", "tag", metavar="LOCALE", help="Only in this language. Default: in every one.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the ledger for good.")
@click.option("--by", required=True, metavar="ID", help="Who withdraws it: any id on the roster.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@out_option
@workspace_option
@json_option
def withdraw(
    target: str,
    source: str,
    segment: str,
    tag: str | None,
    reason: str,
    by: str,
    dry_run: bool,
    out_folder: Path | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Take a text back: off every page, in every language, and out of the memory, for good.

    Finds every pair of texts that is just the one named, as a reader sees it: drafts, people's texts, signed ones and
    imported ones. Each is poisoned: no sign-off on it counts, whenever it was made, nothing offers it, no release and
    no rollback shows it. Then the site is made without it: its pages are gone until another text is signed, or show
    the passage in the original if the page policy in signoff.toml is "fallback". No other page changes.

    It acts at once and asks nothing, since a wrong text must be gone quickly: look first with --dry-run. It cannot be
    taken back; the way on is another text. Whatever interrupts it, the same command ends the work.

    Exit code 0: done. 2: no such text, or it could not run.

    \b
    Examples:
      signoff withdraw --target "Tome 50 mg." --reason "ten times the dose" --by ana --dry-run
      signoff withdraw --segment pain:0003:c6354872 --locale es --reason "not clear" --by ana
    """
    from review.withdrawal import Wanted, plan
    from review.withdrawal import withdraw as take_back

    out = Output(as_json=as_json)
    if not (target.strip() or source.strip() or segment.strip()):
        raise click.UsageError("name the text with --target, --source or --segment")
    if not reason.strip():
        raise click.UsageError("say why with --reason")
    wanted = Wanted(source=source, target=target, segment=segment, locale=Locale.parse(tag) if tag else None)
    with opened(folder) as (workspace, store):
        site = (out_folder or workspace.root / "site").absolute()
        if dry_run:
            with store.read() as transaction:
                report = plan(workspace, transaction, judges(workspace), wanted)
        else:
            report = take_back(
                workspace,
                store,
                judges(workspace),
                wanted,
                by=by,
                reason=reason,
                entered_by=login_name(),
                out=site,
            )
    if as_json:
        out.data({"dry_run": dry_run, **asdict(report)})
    _tell_withdrawal(out, report, dry_run=dry_run)
    return 0


def _tell_withdrawal(out: Output, report: "WithdrawalReport", *, dry_run: bool) -> None:
    """Each text with where it was, each page with what becomes of it, and what to do next."""
    for text in report.texts:
        out.say(f"{text.locale}: {text.target}", "bold")
        out.say(f"  for: {text.source}")
        out.explain(f"in {', '.join(text.places)}", indent=2)
        if text.already:
            out.explain(f"{text.already}", indent=2)
    _tell_pages(out, report.pages)
    if report.near:
        out.say("look at these too: almost the same, and not touched", "bold")
    for near in report.near:
        out.say(f"  {near.locale}, {near.score_percent} % alike: {near.target}")
        out.explain(f"for: {near.source}; in {', '.join(near.places)}", indent=4)
    if dry_run:
        out.say("nothing was done: this was --dry-run")
    else:
        out.say(f"withdrawn{f'; release {report.release}' if report.release else ', and no site was there yet'}")
        out.say(
            "next: signoff run drafts another text if an engine has one, else a person translates it in the PO file;"
        )
        out.say("the pages come back when it is signed: signoff publish")


def _tell_pages(out: Output, pages: "list[PageOutcome]") -> None:
    for page in pages:
        what = "off the site" if page.state in ("pulled", "held") else "shows passages in the original"
        out.explain(f"{page.slug} in {page.locale}: {what}: {'; '.join(page.reasons)}", "yellow")
