"""`signoff publish` and `signoff verify`: build what is signed, and prove it."""

from dataclasses import asdict
from pathlib import Path

import click

from signoff.console import Output
from signoff.desk import json_option, judges, open_store, open_workspace, target_locales, workspace_option

MOST_REASONS = 5


@click.command()
@click.option("--to", "tags", metavar="LOCALES", help="Only these locales, such as es,pt-BR. Default: all.")
@click.option("--out", "folder_out", type=click.Path(path_type=Path, file_okay=False), help="Where. Default: site/.")
@click.option(
    "--preview", is_flag=True, help="Build every draft too, marked as drafts on every page, into site-preview/."
)
@click.option("--strict", is_flag=True, help="Exit code 1 when a page is held back.")
@workspace_option
@json_option
def publish(
    tags: str | None,
    folder_out: Path | None,
    preview: bool,
    strict: bool,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Build the site of what is signed, in one step; say what is held back, why, and who can act.

    A page goes out when every sentence of it is signed under the policy. Until then its last signed release stays,
    or the page is not there. The English articles are published as they stand.
    """
    from review.releases import preview as build_preview
    from review.releases import publish as build

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    target = (folder_out or workspace.root / ("site-preview" if preview else "site")).absolute()
    with open_store(workspace) as store:
        make = build_preview if preview else build
        report = make(workspace, store, judges(workspace), locales=target_locales(workspace, tags), out=target)
    if as_json:
        out.data({"release": report.release, "pages": [asdict(page) for page in report.pages]})
    held = [page for page in report.pages if page.state == "held"]
    if preview:
        out.say(f"preview of {len(report.pages)} pages, drafts marked as drafts: {target / 'index.html'}")
        return 0
    counts = {state: sum(p.state == state for p in report.pages) for state in ("published", "unchanged", "held")}
    out.say(", ".join(f"{n} {state}" for state, n in counts.items()) + f"; release {report.release}")
    for page in held:
        out.say(f"  held: {page.slug} in {page.locale}: {len(page.reasons)} reasons", "yellow")
        for reason in page.reasons[:MOST_REASONS]:
            out.say(f"    {reason}")
        if len(page.reasons) > MOST_REASONS:
            out.say(f"    and {len(page.reasons) - MOST_REASONS} more (--json lists all)")
    out.say(f"the site: {target / 'index.html'}")
    return 1 if strict and held else 0


@click.command()
@click.argument("site", type=click.Path(path_type=Path, file_okay=False, exists=True), required=False, metavar="[DIR]")
@workspace_option
@json_option
def verify(site: Path | None, folder: Path | None, as_json: bool) -> int:
    """Prove a built site: read every page as a stranger would and find each text in the ledger, signed.

    Looks only at the pages and at the files in ledger/, never at the store. Exit code 1, and every text named, when
    something on a page is not proven.
    """
    from review.proof import prove

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    target = (site or workspace.root / "site").absolute()
    result = prove(target, workspace.ledger)
    if as_json:
        out.data({"pages": result.pages, "texts": result.texts, "unproven": [asdict(u) for u in result.unproven]})
    for unproven in result.unproven:
        out.say(f"not proven: {unproven.page}: {unproven.reason}{': ' if unproven.text else ''}{unproven.text}", "red")
    if not result.unproven:
        out.say(f"proven: {result.texts} texts on {result.pages} pages, each signed in the ledger or as in the English")
    return 1 if result.unproven else 0
