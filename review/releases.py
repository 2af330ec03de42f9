"""Build the site of what is signed: the commands `publish` and `publish --preview`, from the ledger to the site.

Takes   the ledger, today's articles, the policy in force
Gives   a site, and what became of each page (page_desk.py judges them, putting_out.py makes them a release)
Always  one at a time in a workspace; each page of a preview is marked as one, and no event says that it went out
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.config import Workspace
from pipeline.export import Judges
from pipeline.model import (
    Locale,
)
from pipeline.publish.page import Page
from pipeline.publish.site import Written, render_site, write_release
from pipeline.store import Store
from pipeline.store.ledger import Event, EventKind
from review.judged import page_bodies, read_judged
from review.page_desk import PageDesk, PageOutcome
from review.policy import policy_in_force
from review.publisher import ReleaseName
from review.putting_out import PublishReport, fresh_pages, publishing, put_out, site_info
from review.roster import record_roster, roster_of
from review.today import Today


def publish(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    *,
    locales: Sequence[Locale],
    out: Path,
    name: ReleaseName,
) -> PublishReport:
    """Build what is signed at `out`. Raises PolicyError, PublishError, WorkspaceBusyError; changes nothing then.

    `name` is who lets a new release out.
    """
    policy_in_force(workspace)
    with publishing(workspace):
        today = Today.read(workspace)
        today.record(store)
        with store.write() as transaction:  # before the pages are judged: what is noted of them holds for these people
            record_roster(transaction, workspace.ledger, roster_of(workspace))
        with store.read() as transaction:
            before = transaction.last_event(EventKind.RELEASE)
            noted = read_judged(workspace, transaction, judges, before)
            desk = PageDesk(workspace, transaction, judges, today, last=before, noted=noted, store=store)
            pinned, outcomes = desk.site(locales)
            moved = transaction.renames.left()
        last, written = put_out(workspace, store, desk, pinned, outcomes, out, name, before, noted)
    fresh = fresh_pages(before, pinned)
    report = PublishReport(release=last.hash[:12], out=out, written=written is Written.RELEASED, stripped=desk.stripped)
    for outcome in outcomes:
        unchanged = outcome.state == "published" and (outcome.slug, outcome.locale) not in fresh
        report.pages.append(replace(outcome, state="unchanged") if unchanged else outcome)
    report.pages += _gone(before, {item.key for item in pinned} | {(o.slug, o.locale) for o in outcomes}, today, moved)
    return report


def _gone(
    before: Event | None, known: set[tuple[str, str]], today: Today, moved: Mapping[str, str]
) -> Iterator[PageOutcome]:
    """The pages of the last release that nobody asks for any more: they left the site."""
    for slug, locale in page_bodies(before):
        if (slug, locale) not in known and slug not in moved:
            why = "signoff.toml asks for this language no more" if slug in today.paths else "its article is gone"
            yield PageOutcome(slug=slug, locale=locale, state="pulled", reasons=(why,))


def preview(
    workspace: Workspace, store: Store, judges: Judges, *, locales: Sequence[Locale], out: Path
) -> PublishReport:
    """Build every text there is, draft or signed, marked as a preview on every page. Writes no event."""
    with publishing(workspace):
        with store.read() as transaction:
            desk = PageDesk(workspace, transaction, judges, Today.read(workspace))
            pages = [item.plan for slug in desk.today.paths for item in desk.drafts(slug, locales)]
        written = write_release(
            render_site(pages, site_info(workspace), preview=True, builder=desk.builder),
            out,
            forbidden=(workspace.source_content, workspace.locales, workspace.ledger, workspace.private),
        )
    report = PublishReport(release="preview", out=out, written=written is Written.RELEASED, stripped=desk.stripped)
    report.pages = [PageOutcome(slug=p.slug, locale=p.locale.tag, state="preview", live=True) for p in pages]
    report.pages += [
        PageOutcome(slug=slug, locale=workspace.settings.source_locale.tag, state="held", reasons=(reason,))
        for slug, reason in desk.today.refused.items()
    ]
    return report


def signed_pages(
    workspace: Workspace, store: Store, judges: Judges, *, locales: Sequence[Locale]
) -> tuple[list[Page], list[PageOutcome]]:
    """Every page that may stand on the site now, and what became of each that was asked for. Writes nothing."""
    policy_in_force(workspace)
    with store.read() as transaction:
        last = transaction.last_event(EventKind.RELEASE)
        pinned, outcomes = PageDesk(workspace, transaction, judges, Today.read(workspace), last=last).site(locales)
    return [item.plan.load() for item in pinned], outcomes
