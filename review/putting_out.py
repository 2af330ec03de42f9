"""Put a release out: pages that may go out become an event and a site.

Takes   the pages of a desk, and who lets them out
Gives   a release event, and the site; a page whose finished HTML is not proven is taken out, and the outcomes say so
Always  the event is in the ledger before the site changes, and the same content makes no new release
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.config import Workspace
from pipeline.durable import locked
from pipeline.errors import PublishError
from pipeline.model import (
    Locale,
    text_hash,
)
from pipeline.publish.memo import Memo, SiteFile
from pipeline.publish.page import Notice, Page, PagePlan
from pipeline.publish.pages import SiteInfo
from pipeline.publish.site import MANIFEST, Written, site_files, with_release, write_release
from pipeline.publish.theme_fault import theme_fault
from pipeline.publish.verify import Unproven, unproven_on_pages
from pipeline.store import Store
from pipeline.store.ledger import Event, EventKind
from pipeline.store.pins import Pins, StoredPins, page_as_pinned, pin_bodies
from review.judged import Judged, page_bodies
from review.page_desk import PageDesk, PageOutcome, PlannedPage
from review.policy import policy_in_force
from review.proof import Proof, content_hash, proof_in_store
from review.publisher import ReleaseName


@dataclass(slots=True, kw_only=True)
class PublishReport:
    """What a publish did."""

    release: str
    out: Path
    written: bool = False
    pages: list[PageOutcome] = field(default_factory=list)
    stripped: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By slug what was taken out of an article's own markup, each as a phrase; of those built in this publish."""


def publishing(workspace: Workspace) -> AbstractContextManager[object]:
    """The lock that whoever changes the site holds. Raises WorkspaceBusyError."""
    busy = "another `signoff publish` is at work in this workspace: wait until it ends, then publish again"
    return locked(workspace.private / "publish.lock", busy=busy)


def put_out(
    workspace: Workspace,
    store: Store,
    desk: "PageDesk",
    pinned: list[PlannedPage],
    outcomes: list[PageOutcome],
    out: Path,
    name: ReleaseName,
    before: Event | None = None,
    noted: Judged | None = None,
) -> tuple[Event, Written]:
    """Make pages a release, unless they are the last one's, and the site.

    Gives the release, and what was written. A page whose finished HTML is not proven is left out of `pinned`, and
    `outcomes` say so. `before` is the last release, if it was read. What was found of the pages goes into `noted`.
    """
    policy = policy_in_force(workspace).id
    pinned[:] = _stale_ones_say_so(pinned, workspace.settings.source_locale)
    with Memo.load(workspace.private / "pages.json", site=out) as memo:
        with store.read() as transaction:
            info = site_info(workspace, transaction.renames.left())
            last = transaction.last_event(EventKind.RELEASE, before)
            ends = heads = transaction.heads()
            stored = StoredPins(transaction)
            body: dict[str, Any] = {
                "policy": policy,
                "demo": workspace.settings.demo,
                "site": {"name": info.name, "base_url": info.base_url, "source_locale": info.source_locale.tag},
            }

            def prove(pages: Sequence[Mapping[str, Any]]) -> Proof:
                new = {str(item.body["pins"]): item.pins for item in pinned if item.pins}

                def pins(page: Mapping[str, Any]) -> Pins:
                    line = new.get(page.get("pins", ""))
                    return json.loads(line) if line else stored(page)

                return proof_in_store(transaction, workspace.ledger, {**body, "pages": pages}, pins)

            draft = _Draft(info=info, desk=desk, memo=memo, pinned=pinned, outcomes=outcomes)
            files = draft.proven_files(prove, fresh_pages(last, pinned), _released_files(out, last))
        content = content_hash({path: file.sha256 for path, file in files.items()})
        nameless = last is not None and name.person is not None and "by" not in last.body
        # The site's own words have no page of their own: a release may hold them with not a file changed.
        others = last is None or len(last.body["pages"]) != len(pinned) or bool(fresh_pages(last, pinned))
        if last is None or nameless or others or (last.body["content"], last.body["policy"]) != (content, policy):
            with store.write() as transaction:
                heads = transaction.heads()
                said = {**body, **name.record(workspace, transaction)}
                recorded = transaction.heads()
                for held in pin_bodies(_new_pins(last, pinned)):
                    transaction.append(EventKind.PINS, held)
                said |= {"heads": transaction.heads(), "content": content, "pages": [item.body for item in pinned]}
                last = transaction.append(EventKind.RELEASE, said)
                # A release and its pins say nothing new: else publishing again would write the note again.
                ends = transaction.heads() if recorded == heads else heads
        release = {"event": last.hash, "heads": last.body["heads"], "policy": policy}
        written = write_release(
            with_release(files.values(), release),
            out,
            forbidden=(workspace.source_content, workspace.locales, workspace.ledger, workspace.private),
        )
        memo.save()
    if noted:
        other = fresh_pages(last, pinned)
        found = {item.key: item.judged for item in pinned if item.judged and item.key not in other}
        noted.save(last, heads, ends, found)
    return last, written


def site_info(workspace: Workspace, moved: Mapping[str, str] | None = None) -> SiteInfo:
    """What all pages share. `moved` names articles that had another slug, each with the one it has now."""
    settings, theme = workspace.settings, workspace.root / "theme"
    return SiteInfo(
        name=settings.site_name,
        base_url=settings.base_url,
        source_locale=settings.source_locale,
        demo=settings.demo,
        theme=theme if theme.is_dir() else None,
        content=workspace.source_content,
        report=settings.report,
        moved=moved or {},
    )


def _stale_ones_say_so(pinned: Sequence[PlannedPage], source_locale: Locale) -> list[PlannedPage]:
    """The same pages, those with the notice whose original stands on the site in another revision."""
    originals = {item.plan.slug: item.plan.revision for item in pinned if item.plan.locale == source_locale}
    return [
        item if originals.get(item.plan.slug) == item.plan.revision else replace(item, plan=_stale(item.plan))
        for item in pinned
    ]


def _stale(plan: PagePlan) -> PagePlan:
    def load() -> Page:
        page = plan.load()
        return replace(page, notices=page.notices | Notice.STALE)

    return replace(plan, made_from=text_hash(f"stale {plan.made_from}"), load=load)


def _released_files(out: Path, last: Event | None) -> Mapping[str, str]:
    """The hash of each file of the last release, as the site lists them; none if the ledger does not bear them out."""
    try:
        files = json.loads((out / MANIFEST).read_bytes())["files"]
        return files if last is not None and content_hash(files) == last.body["content"] else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A site that is being made; what of it cannot be proven is taken out."""

    info: SiteInfo
    desk: "PageDesk"
    memo: Memo
    pinned: list[PlannedPage]
    outcomes: list[PageOutcome]

    def proven_files(
        self,
        prove: Callable[[Sequence[Mapping[str, Any]]], Proof],
        fresh: set[tuple[str, str]],
        known: Mapping[str, str],
    ) -> Mapping[str, SiteFile]:
        """The site's files by path, once every page that is new in them is proven as `signoff verify` would.

        What is not is taken out, until the rest is: the builder's own word for what is on a page is not enough. A page
        is not new if the ledger says the same of it as at the last release, and its bytes are those that went out then
        (`known`, by path).
        """
        anew = False
        while True:
            files = {str(file.path): file for file in self._files()}
            by_path = {f"{item.plan.locale}/{item.plan.slug}/index.html": item for item in self.pinned}
            frames = self._new_frames(files, known, by_path)
            new = {  # article by article: the proof keeps what it read of the last few
                path: files[path]
                for path, item in sorted(by_path.items(), key=lambda pair: pair[1].key)
                if path in files and (frames or item.key in fresh or known.get(path) != files[path].sha256)
            } | frames
            proof = prove([item.body for item in self.pinned])
            other: set[str] = set()
            found = unproven_on_pages(proof, files[MANIFEST].data(), _bytes_of(new, other))
            if other or (found and not anew):
                self.memo.forget()  # it may say of these pages what they are not
                anew = True
                continue
            if not found:
                return files
            self._refuse_theme(prove, found)
            for path, unproven in found.items():
                if path not in by_path:
                    continue  # a list of articles is not proven while one of them is not
                self._take_out(by_path[path], [f"{u.reason}{': ' if u.text else ''}{u.text}" for u in unproven])

    def _files(self) -> Iterable[SiteFile]:
        plans = [item.plan for item in self.pinned]
        return site_files(plans, self.info, preview=False, builder=self.desk.builder, memo=self.memo)

    def _new_frames(
        self, files: Mapping[str, SiteFile], known: Mapping[str, str], articles: Mapping[str, PlannedPage]
    ) -> dict[str, SiteFile]:
        """The indexes, redirects and 404 that a theme of the site's own made anew: they may name any article."""
        if self.info.theme is None:
            return {}
        pages = articles.keys() | {str(item.plan.path / "sentences" / "index.html") for item in self.pinned}
        return {
            p: f for p, f in files.items() if f.path.suffix == ".html" and p not in pages and known.get(p) != f.sha256
        }

    def _refuse_theme(
        self, prove: Callable[[Sequence[Mapping[str, Any]]], Proof], found: Mapping[str, Sequence[Unproven]]
    ) -> None:
        """Raise PublishError if a page is not proven for the theme's sake: in ours it would be.

        One slip in a template would else take every page off the site.
        """
        if self.info.theme is None:
            return
        plans = [item.plan for item in self.pinned]
        ours = site_files(plans, replace(self.info, theme=None), preview=False, builder=self.desk.builder)
        files = {str(file.path): file for file in ours}
        pages = ((path, files[path].data()) for path in found if path in files)
        still = unproven_on_pages(prove([item.body for item in self.pinned]), files[MANIFEST].data(), pages)
        alone = not any(item.plan.path / "index.html" == PurePosixPath(path) for item in self.pinned for path in found)
        if fallen := next((path for path in found if path in files and (alone or path not in still)), None):
            raise PublishError(theme_fault(self.info.theme, fallen, [(u.text, u.reason) for u in found[fallen]]))

    def _take_out(self, item: PlannedPage, reasons: Sequence[str]) -> None:
        slug, locale = item.key
        self.pinned.remove(item)
        self.outcomes[:] = [o for o in self.outcomes if (o.slug, o.locale) != item.key]
        why = tuple(f"the finished page is not proven: {reason}" for reason in reasons)
        self.outcomes.append(PageOutcome(slug=slug, locale=locale, state="held", reasons=why))


def _bytes_of(files: Mapping[str, SiteFile], other: set[str]) -> Iterator[tuple[str, bytes]]:
    """The bytes of some files by path; those that are not what their hash says are noted in `other`."""
    for path, file in files.items():
        data = file.data()
        if hashlib.sha256(data).hexdigest() != file.sha256:
            other.add(path)
        yield path, data


def fresh_pages(last: Event | None, pinned: Iterable[PlannedPage]) -> set[tuple[str, str]]:
    """The pages that the release before did not hold just so."""
    before = {key: page_as_pinned(body) for key, body in page_bodies(last).items()}
    return {item.key for item in pinned if before.get(item.key) != page_as_pinned(item.body)}


def _new_pins(last: Event | None, pinned: Iterable[PlannedPage]) -> dict[str, Any]:
    """By hash, the pins that the release before does not name: they may not stand in the ledger yet."""
    known = {body.get("pins") for body in page_bodies(last).values()}
    return {item.body["pins"]: json.loads(item.pins) for item in pinned if item.pins and item.body["pins"] not in known}
