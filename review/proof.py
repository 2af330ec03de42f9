"""What the exported ledger proves about a built site. The store is never looked at.

Takes   the files of `ledger/` (chains, revisions, personal fields) and a built site
Gives   every text on the site that is not proven, with the reason
Always  the same judgement as the gate (review/signoffs.py), made again from the lines alone
"""

import hashlib
import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path

from pipeline.articles import rules_from
from pipeline.errors import PublishError
from pipeline.extract import extract
from pipeline.model import ArticleFormat, Locale, Segment, Skeleton, text_hash, visible_text
from pipeline.publish.site import MANIFEST
from pipeline.publish.verify import Review, SourceFacts, Unproven, Verification, source_facts, verify_site
from pipeline.store.history import UNIT_KINDS, UnitHistory, UnitKey, facts_of
from pipeline.store.ledger import Event, EventKind, in_order, read_ledger
from pipeline.store.renames import FIELD as RENAMED_FROM
from pipeline.store.renames import Renames
from review.releases import content_hash, signer_name
from review.signoffs import judged, signed_by
from review.statements import wrong_signatures


def prove(site: Path, ledger: Path) -> Verification:
    """Read a built site and find each of its texts in the ledger. Raises LedgerError, PublishError."""
    events = read_ledger(ledger)
    releases = [event for event in events if event.kind is EventKind.RELEASE]
    if not releases:
        raise PublishError(f"{ledger} knows of no release: publish first, or name the workspace that published {site}")
    proof = Proof(ledger, events, releases[-1])
    result = verify_site(site, proof)
    return replace(result, unproven=(*proof.wrong_release(site), *result.unproven))


class Proof:
    """The ledger as `verify_site` asks it; judges against the newest release."""

    def __init__(self, ledger: Path, events: list[Event], release: Event) -> None:
        self.folder, self.release = ledger, release
        self.site_name = str(release.body["site"]["name"])
        self.source_locale = Locale.parse(release.body["site"]["source_locale"])
        self.demo = bool(release.body["demo"])
        self.pages = {(p["slug"], p["locale"]): p for p in release.body["pages"]}
        self.units: dict[UnitKey, list[Event]] = defaultdict(list)
        self.revisions: dict[tuple[str, str, tuple[int, ...]], Event] = {}
        self.hashes: dict[tuple[str, int], str] = {}
        forged = {event.hash for event, _ in wrong_signatures(events)}
        for event in events:
            body = event.body
            if event.hash in forged:
                continue
            match event.kind:
                case kind if kind in UNIT_KINDS:
                    self.units[UnitKey(body["slug"], body["number"], body["locale"])].append(event)
                case EventKind.REVISION:
                    self.revisions[(body["slug"], body["sha256"], tuple(body["numbers"]))] = event
                    for new in body["new"]:
                        self.hashes.setdefault((body["slug"], new["number"]), new["source_hash"])
        revisions = [event for event in events if event.kind is EventKind.REVISION]
        origins = [(e.body["slug"], e.body[RENAMED_FROM]["slug"]) for e in revisions if RENAMED_FROM in e.body]
        renamed = {slug for pair in origins for slug in pair}
        self.renames = Renames(event for event in revisions if event.body["slug"] in renamed)
        self.facts_of_ledger = facts_of(events)
        self._articles: dict[tuple[str, str], tuple[Skeleton, tuple[Segment, ...]]] = {}

    def wrong_release(self, site: Path) -> list[Unproven]:
        """Whether the site is that of the newest release, file by file: also what is no article's text."""
        named = json.loads((site / MANIFEST).read_bytes()).get("release")
        body = self.release.body
        if named != {"event": self.release.hash, "heads": body["heads"], "policy": body["policy"]}:
            return [Unproven(page=MANIFEST, text="", reason="this is not the newest release in the ledger")]
        files = {
            path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in site.rglob("*")
            if path.is_file()
        }
        if content_hash(files) == self.release.body["content"]:
            return []
        return [Unproven(page=MANIFEST, text="", reason="the site's files are not those of the release in the ledger")]

    # -- Ledgered -------------------------------------------------------------------------------------------------

    def proven(self, slug: str, target_locale: Locale, unit_id: str, visible: str) -> str | None:
        """Why a text may not stand on the page as this unit; None if people signed just that for this release."""
        if (slug, target_locale.tag) not in self.pages:
            return "the newest release has no such page"
        found = {segment.id: segment for segment in self._segments(slug, target_locale)}.get(unit_id)
        if found is None:
            return "the article has no such unit"
        pinned = dict(map(tuple, self.pages[slug, target_locale.tag]["units"]))[found.number]
        history = self._history(UnitKey(slug, found.number, target_locale.tag))
        said = {
            event.body["target"] for event in history.sign_offs() if event.body["visible_hash"] == text_hash(visible)
        }
        if not said:
            return "nobody signed this text"
        released = sorted(target for target in said if text_hash(target) == pinned)
        if not released:
            return "this text was signed once, and is not the one that the newest release holds"
        if any(signed_by(history, self.facts_of_ledger, t, found.source_hash, demo=self.demo) for t in released):
            return None
        return "not everybody has signed that the policy asks for"

    def source_text(self, slug: str, unit_id: str) -> str | None:
        """The visible English of a unit of the published revision."""
        segments = self._segments(slug, self.source_locale)
        return next((visible_text(segment.source) for segment in segments if segment.id == unit_id), None)

    def expected(self, slug: str, target_locale: Locale) -> tuple[str, ...]:
        """The ids of all units of the page, in reading order."""
        return tuple(segment.id for segment in self._segments(slug, target_locale))

    def facts(self, slug: str, target_locale: Locale) -> SourceFacts:
        """What the English that this page is pinned to allows on it."""
        return source_facts(self._article(slug, target_locale)[0])

    def review(self, slug: str, target_locale: Locale) -> Review:
        """Who may be named on this page: nobody in a demo."""
        if self.demo or target_locale == self.source_locale or (slug, target_locale.tag) not in self.pages:
            return Review()
        names: set[tuple[str, str]] = set()
        days: list[str] = []
        for segment, (_, target_hash) in zip(
            self._segments(slug, target_locale), self.pages[slug, target_locale.tag]["units"], strict=True
        ):
            history = self._history(UnitKey(slug, segment.number, target_locale.tag))
            for target in {e.body["target"] for e in history.sign_offs() if e.body["target_hash"] == target_hash}:
                for event in signed_by(history, self.facts_of_ledger, target, segment.source_hash, demo=False):
                    name = signer_name(self.folder, self.facts_of_ledger, event.body["roster_entry"], event.body["by"])
                    names.add((name, event.body["role"]))
                    days.append(event.time[:10])
        return Review(reviewers=frozenset(names), reviewed_on=date.fromisoformat(max(days)) if days else None)

    def _history(self, key: UnitKey) -> UnitHistory:
        """What was said of a unit, under every slug that its article had."""
        places = self.renames.places(key.slug, key.number)
        events = [e for slug in places for e in self.units.get(UnitKey(slug, key.number, key.locale), ())]
        named = {e.body["former"] for e in events if e.kind is EventKind.EDITORIAL and e.body["former"] < key.number}
        formers = {number: self._history(replace(key, number=number)) for number in sorted(named)}
        history = UnitHistory(key=key, events=tuple(in_order(events)), formers=formers)
        return judged(history, self.facts_of_ledger)

    # -- articles -------------------------------------------------------------------------------------------------

    def _segments(self, slug: str, locale: Locale) -> tuple[Segment, ...]:
        return self._article(slug, locale)[1]

    def _article(self, slug: str, locale: Locale) -> tuple[Skeleton, tuple[Segment, ...]]:
        """The revision that a page is pinned to, cut and numbered as its event says. Raises PublishError."""
        page = self.pages.get((slug, locale.tag))
        if page is None:
            raise PublishError(f"the newest release has no page {slug} in {locale}")
        if (slug, locale.tag) not in self._articles:
            numbers = tuple(number for number, _ in page["units"])
            revision = self.revisions.get((slug, page["revision"], numbers))
            path = self.folder / "revisions" / f"{page['revision']}.{page['format']}"
            if revision is None or not path.is_file():
                raise PublishError(f"{path}: the revision behind {slug} in {locale} is not in the ledger")
            data = path.read_bytes()
            rules = rules_from(revision.body["rules"])
            skeleton, cut = extract(data, ArticleFormat(page["format"]), slug=slug, rules=rules)
            segments = tuple(replace(s, number=n) for s, n in zip(cut, numbers, strict=True))
            if skeleton.sha256 != page["revision"] or any(
                self.hashes.get((slug, s.number)) != s.source_hash for s in segments
            ):
                raise PublishError(f"{path}: is not the article that the ledger names")
            self._articles[slug, locale.tag] = (skeleton, segments)
        return self._articles[slug, locale.tag]
