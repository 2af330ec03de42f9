"""`signoff publish` and `signoff verify`: build what is signed, and prove it."""

import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.wording import many
from signoff.console import Output
from signoff.desk import json_option, judges, open_store, open_workspace, target_locales, workspace_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.config import Workspace
    from pipeline.model import Locale
    from review.page_desk import PageOutcome


MOST_STRIPPED = 10
"""So many things that were taken out of an article are named; `--json` has all."""
out_option = click.option(
    "--out",
    "out_folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder of the site. Default: site/ in the workspace.",
)
by_option = click.option(
    "--by", default="", metavar="ID", help="The publisher, an id from the roster; the release bears this name."
)


@click.command()
@click.option("--to", "tags", metavar="LOCALES", help="Only these locales, such as es,pt-BR. Default: all.")
@by_option
@out_option
@click.option(
    "--preview", is_flag=True, help="Build every draft too, marked as drafts on every page, into site-preview/."
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["html", "source"]),
    default="html",
    show_default=True,
    help="source: write the signed articles back in the format they came in, into site-source/.",
)
@click.option("--strict", is_flag=True, help="Exit code 1 when a page is held back.")
@workspace_option
@json_option
def publish(
    tags: str | None,
    by: str,
    out_folder: Path | None,
    preview: bool,
    kind: str,
    strict: bool,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Build the site of what is signed, in one step; say what is held back, why, and who can act.

    A page goes out when every sentence of it is signed under the policy. Until then its last signed release stays,
    or the page is not there, unless the page policy says otherwise. The English articles are published as they
    stand. The site changes in one step, from the old one to the new one; if nothing changed, nothing is written.

    Where the roster has a publisher, each release bears a publisher's name: --by ID. Where it has none, no name.

    Exit code 0: the site was built, whatever it held back (1 with --strict). 2: it could not be built; the site that
    was there still is.

    \b
    Examples:
      signoff publish --by ana
      signoff publish --preview     every draft, for you to look at
    """
    from review.publisher import Cause, ReleaseName, publisher_named
    from review.releases import preview as build_preview
    from review.releases import publish as build

    out = Output(as_json=as_json)
    if preview and kind == "source":
        raise click.UsageError("a preview is built as pages: leave out --format source")
    workspace = open_workspace(folder)
    locales = target_locales(workspace, tags)
    if kind == "source":
        publisher_named(workspace, by, locales, datetime.now(UTC).date())
        return _publish_sources(out, workspace, locales, out_folder, strict)
    target = (out_folder or workspace.root / ("site-preview" if preview else "site")).absolute()
    with open_store(workspace) as store:
        if preview:
            report = build_preview(workspace, store, judges(workspace, store), locales=locales, out=target)
        else:
            publisher = publisher_named(workspace, by, locales, datetime.now(UTC).date())
            name = ReleaseName(person=publisher, cause=Cause.PUBLISH)
            report = build(workspace, store, judges(workspace, store), locales=locales, out=target, name=name)
    if as_json:
        pages = [asdict(page) for page in report.pages]
        out.data(
            {"release": report.release, "pages": pages, "stripped": {s: list(w) for s, w in report.stripped.items()}}
        )
    _say_what_was_stripped(out, report.stripped)
    held = [page for page in report.pages if page.state == "held"]
    if preview:
        shown = len(report.pages) - len(held)
        out.say(f"preview of {shown} pages, drafts marked as drafts: {target / 'index.html'}")
        for page in held:
            out.explain(f"not in it: {page.slug}: {'; '.join(page.reasons)}", "yellow")
        return 0
    counts = {state: sum(p.state == state for p in report.pages) for state in ("published", "unchanged", "held")}
    partly = [page for page in report.pages if page.state == "fallback"]
    counts |= {"partly in the original": len(partly)} if partly else {}
    out.say(", ".join(f"{n} {state}" for state, n in counts.items()) + f"; release {report.release}")
    for page in partly:
        out.explain(f"partly in the original: {page.slug} in {page.locale}: {_in_short(page)}", "yellow")
    for page in report.pages:
        if page.state == "pulled":
            out.explain(f"taken off the site: {page.slug} in {page.locale}: {_in_short(page)}", "yellow")
    if any(page.state == "pulled" for page in report.pages):
        out.explain("what was taken off comes back once every sentence of it is signed, and not before", indent=2)
    for page in held:
        out.explain(f"held: {page.slug} in {page.locale}: {_in_short(page)}", "yellow")
        if page.locale != workspace.settings.source_locale.tag:
            nobody = "nobody on the roster today: signoff doctor says what is missing"
            out.explain(f"can sign: {', '.join(page.can_act) or nobody}", indent=2)
    if held:
        out.say("signoff publish --json names every sentence; signoff status says what comes next")
    out.say(f"the site: {target / 'index.html'}")
    return 1 if strict and (held or partly) else 0


_ARRANGES = re.compile(
    r"<(?:article|aside|center|div|font|footer|header|main|nav|section|span)>"
    r"|(?:align|aria-[a-z]+|class|data-[a-z-]+|height|id|lang|role|style|target|rel|width)=.*|comment .*",
    re.DOTALL,
)
"""What is taken out of an article and was nothing that a reader would miss or fear."""


def _say_what_was_stripped(out: Output, stripped: "Mapping[str, Sequence[str]]") -> None:
    """Name, once per article, what of its markup is on no page: scripts, handlers, frames, addresses that run."""
    for slug, what in sorted(stripped.items()):
        if told := [one for one in what if not _ARRANGES.fullmatch(one)]:
            some = ", ".join(told[:MOST_STRIPPED])
            more = f", and {len(told) - MOST_STRIPPED} more" if len(told) > MOST_STRIPPED else ""
            out.explain(f"taken out of {slug}, and on no page: {some}{more}", "yellow")


def _publish_sources(
    out: Output, workspace: "Workspace", locales: "Sequence[Locale]", out_folder: Path | None, strict: bool
) -> int:
    from review.sources import publish_sources

    target = (out_folder or workspace.root / "site-source").absolute()
    with open_store(workspace) as store:
        report = publish_sources(workspace, store, judges(workspace, store), locales=locales, out=target)
    if out.as_json:
        out.data({"release": report.release, "pages": [asdict(page) for page in report.pages]})
    held = [page for page in report.pages if page.state == "held"]
    out.say(f"{many(len(report.pages) - len(held), 'article')} written, {len(held)} held: {target}")
    for page in held:
        out.explain(f"held: {page.slug} in {page.locale}: {_in_short(page)}", "yellow")
    return 1 if strict and held else 0


_REASON = re.compile(r"(?P<id>\S+) in \S+: (?P<what>.*?)(?: \((?P<check>\w+)\))?", re.DOTALL)
"""How review/ words why a sentence is held: its id, the reason, for a finding the check's name."""


def _in_short(page: "PageOutcome") -> str:
    """Why a page is held: how many sentences for which kind of reason, and an example of each finding."""
    sentences: dict[str, set[str]] = {}
    examples: dict[str, str] = {}
    whole_page: list[str] = []
    for reason in page.reasons:
        found = _REASON.fullmatch(reason)
        if found is None:
            whole_page.append(reason)
            continue
        kind = f"check {found['check']}" if found["check"] else found["what"]
        sentences.setdefault(kind, set()).add(found["id"])
        if found["check"]:
            examples.setdefault(kind, f" (such as {found['id']}: {found['what']})")
    kinds = sorted(sentences, key=lambda kind: (-len(sentences[kind]), kind))
    return "; ".join(
        [*(f"{many(len(sentences[kind]), 'sentence')}: {kind}{examples.get(kind, '')}" for kind in kinds), *whole_page]
    )


@click.command("site-words")
@workspace_option
@json_option
def site_words(folder: Path | None, as_json: bool) -> int:
    """Write the site's own words ("Reviewed by", "All articles") as an article, source_content/_site.md.

    It goes the way of all articles: run, review, sign. A language shows them once all of them are signed; until then
    they stand in English, marked as English. Type it again after an update of Signoff: there may be new words.

    \b
    Example:
      signoff site-words
      signoff run _site --to es
    """
    from pipeline.durable import replace_file
    from pipeline.publish.words import SLUG, words_article

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    path, theme = workspace.source_content / f"{SLUG}.md", workspace.root / "theme"
    data = words_article(theme if theme.is_dir() else None)
    changed = not path.is_file() or path.read_bytes() != data
    if changed:
        replace_file(path, data)
    if as_json:
        out.data({"file": str(path), "written": changed})
    out.say(f"{path}: {'written; next: signoff run ' + SLUG if changed else 'is up to date'}")
    return 0


@click.command()
@click.argument("site", type=click.Path(path_type=Path, file_okay=False, exists=True), required=False, metavar="[DIR]")
@click.option(
    "--anchor",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Also prove that the ledger only grew since this was kept: from `ledger anchor`, or an old release.json.",
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="The folder `ledger/` of somebody else's workspace; then no workspace is needed, but for [DIR], the site.",
)
@workspace_option
@json_option
def verify(site: Path | None, anchor: Path | None, ledger: Path | None, folder: Path | None, as_json: bool) -> int:
    """Prove a built site: read every page as a stranger would and find each text in the ledger, signed.

    DIR is the site's folder; without it, site/ in the workspace. Looks only at the pages and at the files in ledger/
    (and policies/ beside it), never at the store. The English pages are compared with the articles that the ledger
    pins them to.

    \b
    Somebody else's site, with a copy of its ledger:
      signoff verify their-site --ledger their-ledger

    Exit code 0: every text is proven. 1: some are not, and each is named. 2: there is no site, or the ledger is broken.
    """
    from pipeline.errors import PublishError
    from pipeline.store.anchor import read_anchor
    from review.policy import POLICIES, policies_beside
    from review.proof import prove

    out = Output(as_json=as_json)
    if ledger:
        target, ledger = (site or ledger.parent / "site").absolute(), ledger.absolute()
    else:
        workspace = open_workspace(folder)
        target, ledger = (site or workspace.root / "site").absolute(), workspace.ledger
    if not target.is_dir():
        raise PublishError(f"{target}: there is no site yet: run `signoff publish` first, or name the site's folder")
    result = prove(target, ledger, read_anchor(anchor) if anchor else None)
    if as_json:
        out.data({"pages": result.pages, "texts": result.texts, "unproven": [asdict(u) for u in result.unproven]})
    for unproven in result.unproven:
        out.say(f"not proven: {unproven.page}: {unproven.reason}{': ' if unproven.text else ''}{unproven.text}", "red")
    if not result.unproven:
        out.say(
            f"proven: {result.texts} texts on {result.pages} pages, each signed in the ledger, or the English article's"
        )
        if own := sorted(policies_beside(ledger).keys() - POLICIES.keys()):
            out.explain(f"the workspace itself says who must sign, in policies/: {', '.join(own)}", "yellow")
        if anchor:
            out.say(f"the ledger has all that it had when {anchor.name} was made, unchanged")
    return 1 if result.unproven else 0
