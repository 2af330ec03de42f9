"""What the exported ledger proves about a built site. The store is never looked at.

Takes   the files of `ledger/` (chains, revisions, personal fields) and a built site
Gives   every text on the site that is not proven, with the reason
Always  the same judgement as the gate (review/signoffs.py), made again from the lines alone
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.articles import rules_from
from pipeline.errors import PublishError
from pipeline.extract import extract
from pipeline.model import ArticleFormat, Locale, Segment, Skeleton, text_hash, visible_text
from pipeline.publish.site import MANIFEST
from pipeline.publish.verify import Review, SourceFacts, Unproven, Verification, source_facts, verify_site
from pipeline.store.history import Facts, UnitHistory, UnitKey, withdrawals
from pipeline.store.ledger import Event, EventKind, digest, in_order, read_ledger
from pipeline.store.renames import FIELD as RENAMED_FROM
from pipeline.store.renames import Renames
from review.publisher import why_not_let_out
from review.releases import content_hash, signer_name
from review.signoffs import signed_by


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
        entries: dict[str, Mapping[str, Any]] = {}
        policies: dict[str, Mapping[str, Any]] = {}
        withdrawn: list[Event] = []
        roster: Event | None = None
        for event in events:
            body = event.body
            match event.kind:
                case EventKind.TEXT | EventKind.SIGN_OFF:
                    self.units[UnitKey(body["slug"], body["number"], body["locale"])].append(event)
                case EventKind.REVISION:
                    self.revisions[(body["slug"], body["sha256"], tuple(body["numbers"]))] = event
                    for new in body["new"]:
                        self.hashes.setdefault((body["slug"], new["number"]), new["source_hash"])
                case EventKind.ROSTER:
                    entries |= {digest(entry): entry for entry in body["people"]}
                    if (event.time, event.chain, event.seq) < (release.time, release.chain, release.seq):
                        roster = event  # the newest before the release: events come in order
                case EventKind.POLICY:
                    policies[body["id"]] = body["profile"]
                case EventKind.WITHDRAWAL:
                    withdrawn.append(event)
        revisions = [event for event in events if event.kind is EventKind.REVISION]
        origins = [(e.body["slug"], e.body[RENAMED_FROM]["slug"]) for e in revisions if RENAMED_FROM in e.body]
        renamed = {slug for pair in origins for slug in pair}
        self.renames = Renames(event for event in revisions if event.body["slug"] in renamed)
        facts = Facts(roster_entries=entries, policies=policies, withdrawn=withdrawals(withdrawn))
        self.facts_of_ledger = facts
        self.why_not_let_out = why_not_let_out(release, roster.body["people"] if roster else (), facts)
        self._articles: dict[tuple[str, str], tuple[Skeleton, tuple[Segment, ...]]] = {}

    def wrong_release(self, site: Path) -> list[Unproven]:
        """Whether the site is that of the newest release, file by file: also what is no article's text."""
        if self.why_not_let_out:
            return [Unproven(page=MANIFEST, text="", reason=self.why_not_let_out)]
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
        if not pinned:
            original = visible == visible_text(found.source)
            return None if original else "the newest release shows this sentence in the original"
        history = self._history(UnitKey(slug, found.number, target_locale.tag))
        said = {
            event.body["target"]
            for event in history.events
            if event.kind is EventKind.SIGN_OFF and event.body["visible_hash"] == text_hash(visible)
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

    def facts(self, slug: str, target_locale: Locale) -> SourceFacts | None:
        """What the English that this page is pinned to allows on it; None if the newest release has no such page."""
        if (slug, target_locale.tag) not in self.pages:
            return None
        units = self.pages[slug, target_locale.tag]["units"] if target_locale != self.source_locale else ()
        unsigned = {number for number, target_hash in units if not target_hash}
        return replace(
            source_facts(self._article(slug, target_locale)[0]),
            in_original=frozenset(s.id for s in self._segments(slug, target_locale) if s.number in unsigned),
        )

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
            for target in {e.body["target"] for e in history.events if e.body["target_hash"] == target_hash}:
                for event in signed_by(history, self.facts_of_ledger, target, segment.source_hash, demo=False):
                    name = signer_name(self.folder, self.facts_of_ledger, event.body["roster_entry"], event.body["by"])
                    names.add((name, event.body["role"]))
                    days.append(event.time[:10])
        return Review(reviewers=frozenset(names), reviewed_on=date.fromisoformat(max(days)) if days else None)

    def _history(self, key: UnitKey) -> UnitHistory:
        """What was said of a unit, under every slug that its article had."""
        places = self.renames.places(key.slug, key.number)
        events = [e for slug in places for e in self.units.get(UnitKey(slug, key.number, key.locale), ())]
        return UnitHistory(key=key, events=tuple(in_order(events)))

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
