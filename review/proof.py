"""What the exported ledger proves about a built site. The store is never looked at.

Takes   the files of `ledger/` (chains, revisions, personal fields) and a built site
Gives   every text on the site that is not proven, with the reason
Always  the same judgement as the gate (review/signoffs.py), made again from the lines alone
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.articles import rules_from
from pipeline.errors import PublishError
from pipeline.extract import extract
from pipeline.model import ArticleFormat, Locale, Segment, text_hash, visible_text
from pipeline.publish.site import MANIFEST
from pipeline.publish.verify import Review, SourceFacts, Unproven, Verification, source_facts, verify_site
from pipeline.store import Transaction
from pipeline.store.anchor import Anchor, broken_anchors
from pipeline.store.history import FACTS_FROM, UNIT_KINDS, UnitHistory, UnitKey, facts_of
from pipeline.store.ledger import Event, EventKind, in_order
from pipeline.store.pins import PinsOf
from pipeline.store.renames import NONE as NO_RENAMES
from pipeline.store.renames import Renames
from pipeline.store.walked import WalkedLedger
from review.policy import profiles_beside
from review.publisher import why_not_let_out
from review.roster import signer_name
from review.signoffs import judged, signed_by, why_in_english
from review.statements import wrong_signatures

KEPT_ARTICLES = 8
"""What was cut and read of so many articles and pages is kept: a page is asked for many times in a row."""


def content_hash(files: Mapping[str, str]) -> str:
    """One hash over every file of a site but its manifest, which names the release; `files` is {path: SHA-256}."""
    total = hashlib.sha256()
    for path, sha256 in sorted(files.items()):
        if path != MANIFEST:
            total.update(f"{path}\0{sha256}\n".encode())
    return total.hexdigest()


def prove(site: Path, ledger: Path, anchor: Anchor | None = None) -> Verification:
    """Read a built site and find each of its texts in the ledger. Raises LedgerError, PublishError.

    With an anchor the ledger must bear it out, too: what does not is unproven as a whole.
    """
    walked = WalkedLedger(ledger)
    if walked.release is None:
        raise PublishError(f"{ledger} knows of no release: publish first, or name the workspace that published {site}")
    proof = proof_in_folder(ledger, walked, walked.release)
    result = verify_site(site, proof)
    rewritten = broken_anchors(ledger, anchor) if anchor else ()
    broken = [Unproven(page=ledger.name, text="", reason=reason) for reason in rewritten]
    return replace(result, unproven=(*broken, *proof.wrong_release(site), *result.unproven))


@dataclass(slots=True)
class _Article:
    """What the ledger says about one article, under one slug."""

    units: dict[tuple[int, str], list[Event]] = field(default_factory=lambda: defaultdict(list))
    """By the number of the sentence and the locale."""
    revisions: dict[tuple[str, tuple[int, ...]], Event] = field(default_factory=dict)
    """By the hash of the bytes and the numbers of the sentences."""
    hashes: dict[int, str] = field(default_factory=dict)
    """The source hash of each sentence that it ever had, by number."""
    days: dict[str, date] = field(default_factory=dict)
    """The day on which a revision was recorded last, by the hash of its bytes."""


@dataclass(frozen=True, slots=True)
class _Revision:
    """An article as it was, cut again: what its pages in all languages share."""

    facts: SourceFacts
    segments: tuple[Segment, ...]


@dataclass(slots=True)
class PinnedPage:
    """A page of the release."""

    revision: _Revision
    by_id: Mapping[str, tuple[Segment, str]]
    """Each sentence by its unit's id, with the hash of the text that the release holds."""
    review: Review | None = None
    signed: dict[tuple[int, str], Sequence[Event]] = field(default_factory=dict)
    """What counts for a text of a sentence, by its number; asked for the text itself and for the page's reviewers."""


class Proof:
    """The ledger as `verify_site` asks it; judges against one release, the newest.

    Pages are best asked for article by article: of the others nothing is kept.
    """

    def __init__(
        self,
        ledger: Path,
        release: Event,
        general: Iterable[Event],
        about: Callable[[str], Sequence[Event]],
        returned: Callable[[str], Sequence[Event]],
        pins: PinsOf,
        *,
        renamed: Collection[str] = (),
    ) -> None:
        """`general` are the events of FACTS_FROM, `about` gives an article's own events, all in order.

        `returned` gives the returned files that came with a signed statement, by the statement's hash; `pins` what a
        page of the release holds.
        """
        self.folder, self.release, self.about, self.returned, self.pins = ledger, release, about, returned, pins
        self.site_name = str(release.body["site"]["name"])
        self.base_url = str(release.body["site"]["base_url"])
        self.source_locale = Locale.parse(release.body["site"]["source_locale"])
        self.demo = bool(release.body["demo"])
        self.pages = {(p["slug"], p["locale"]): p for p in release.body["pages"]}
        general = list(general)
        self.rosters = [event for event in general if event.kind is EventKind.ROSTER]
        self.facts_of_ledger = facts_of(general, profiles_beside(ledger))
        place = (release.time, release.chain, release.seq)
        before = [event for event in self.rosters if (event.time, event.chain, event.seq) < place]
        in_force = before[-1].body["people"] if before else ()
        self.why_not_let_out = why_not_let_out(release, in_force, self.facts_of_ledger)
        self._articles: dict[str, _Article] = {}
        self._revisions: dict[tuple[str, str, tuple[int, ...]], _Revision] = {}
        self._cut: dict[tuple[str, str], PinnedPage] = {}
        self._names: dict[tuple[str, str], str] = {}
        self.renames = NO_RENAMES
        """Which units live under another slug; whoever knows them from a store may put them here."""
        if renamed:
            revisions = [e for slug in renamed for e in about(slug) if e.kind is EventKind.REVISION]
            self.renames = Renames(in_order(revisions))

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
        page = self.pinned(slug, target_locale)
        found, pinned = page.by_id.get(unit_id, (None, ""))
        if found is None:
            return "the article has no such unit"
        if not pinned:
            original = visible == visible_text(found.source)
            return None if original else "the newest release shows this sentence in the original"
        history = self.history(UnitKey(slug, found.number, target_locale.tag))
        shown = text_hash(visible)
        said = {event.body["target"] for event in history.sign_offs() if event.body["visible_hash"] == shown}
        if not said:
            return "nobody signed this text"
        released = sorted(target for target in said if text_hash(target) == pinned)
        if not released:
            return "this text was signed once, and is not the one that the newest release holds"
        if any(self._signed(page, history, found, target) for target in released):
            return None
        why = next(
            (w for t in released if (w := self.facts_of_ledger.why_withdrawn(found.source, t, history.key.locale))), ""
        )
        return f"this text was {why}" if why else "not everybody has signed that the policy asks for"

    def source_text(self, slug: str, unit_id: str) -> str | None:
        """The visible English of a unit of the published revision."""
        found, _ = self.pinned(slug, self.source_locale).by_id.get(unit_id, (None, ""))
        return visible_text(found.source) if found else None

    def expected(self, slug: str, target_locale: Locale) -> tuple[str, ...]:
        """The ids of all units of the page, in reading order."""
        return tuple(self.pinned(slug, target_locale).by_id)

    def facts(self, slug: str, target_locale: Locale) -> SourceFacts | None:
        """What the English that this page is pinned to allows on it; None if the newest release has no such page."""
        if (slug, target_locale.tag) not in self.pages:
            return None
        page = self.pinned(slug, target_locale)
        unsigned = (unit_id for unit_id, (_, target_hash) in page.by_id.items() if not target_hash)
        revision = self.pages[slug, target_locale.tag]["revision"]
        original = self.pages.get((slug, self.source_locale.tag))
        return replace(
            page.revision.facts,
            in_original=frozenset(unsigned),
            kept_in_original=frozenset(self._kept_in_original(page, slug, target_locale)),
            original_on=self._article(slug).days.get(revision),
            stale=original is None or original["revision"] != revision,
        )

    def _kept_in_original(self, page: PinnedPage, slug: str, locale: Locale) -> Iterator[str]:
        for unit_id, (segment, target_hash) in page.by_id.items():
            if target_hash == text_hash(segment.source) and locale != self.source_locale:
                history = self.history(UnitKey(slug, segment.number, locale.tag))
                events = signed_by(history, self.facts_of_ledger, segment.source, segment.source_hash, demo=self.demo)
                if why_in_english(events):
                    yield unit_id

    def review(self, slug: str, target_locale: Locale) -> Review:
        """Who may be named on this page: nobody in a demo."""
        if self.demo or target_locale == self.source_locale or (slug, target_locale.tag) not in self.pages:
            return Review()
        page = self.pinned(slug, target_locale)
        if page.review is None:
            page.review = self._review(slug, target_locale, page)
        return page.review

    def _review(self, slug: str, target_locale: Locale, page: PinnedPage) -> Review:
        names: set[tuple[str, str]] = set()
        days: list[str] = []
        for segment, target_hash in page.by_id.values():
            history = self.history(UnitKey(slug, segment.number, target_locale.tag))
            for target in {e.body["target"] for e in history.sign_offs() if e.body["target_hash"] == target_hash}:
                for event in self._signed(page, history, segment, target):
                    names.add((self.name(event.body["roster_entry"], event.body["by"]), event.body["role"]))
                    days.append(event.time[:10])
        return Review(reviewers=frozenset(names), reviewed_on=date.fromisoformat(max(days)) if days else None)

    def _signed(self, page: PinnedPage, history: UnitHistory, segment: Segment, target: str) -> Sequence[Event]:
        """The sign-offs that make a text of this page publishable; none unless all that the policy asks for are."""
        key = segment.number, target
        if key not in page.signed:
            page.signed[key] = signed_by(history, self.facts_of_ledger, target, segment.source_hash, demo=self.demo)
        return page.signed[key]

    def name(self, entry: str, by: str) -> str:
        """The name behind a roster entry; the id where it was erased."""
        if (entry, by) not in self._names:
            self._names[entry, by] = signer_name(self.folder, self.facts_of_ledger, entry, by)
        return self._names[entry, by]

    def history(self, key: UnitKey) -> UnitHistory:
        """What was said of a unit, under every slug that its article had."""
        places = self.renames.places(key.slug, key.number)
        events = [e for slug in places for e in self._article(slug).units.get((key.number, key.locale), ())]
        named = {e.body["former"] for e in events if e.kind is EventKind.EDITORIAL and e.body["former"] < key.number}
        formers = {number: self.history(replace(key, number=number)) for number in sorted(named)}
        in_turn = tuple(in_order(events) if len(places) > 1 else events)
        return judged(UnitHistory(key=key, events=in_turn, formers=formers), self.facts_of_ledger)

    # -- articles -------------------------------------------------------------------------------------------------

    def _article(self, slug: str) -> _Article:
        """What is said of an article; of the few that were asked for last."""
        if slug not in self._articles:
            while len(self._articles) > KEPT_ARTICLES:
                del self._articles[next(iter(self._articles))]
            article = self._articles[slug] = _Article()
            events = self.about(slug)
            forged = self._forged(events)
            for event in events:
                body = event.body
                if event.hash in forged:
                    continue
                if event.kind is EventKind.REVISION:
                    article.revisions[body["sha256"], tuple(body["numbers"])] = event
                    article.days[body["sha256"]] = date.fromisoformat(event.time[:10])
                    for new in body["new"]:
                        article.hashes.setdefault(new["number"], new["source_hash"])
                else:
                    article.units[body["number"], body["locale"]].append(event)
        return self._articles[slug]

    def _forged(self, events: Iterable[Event]) -> set[str]:
        """The sign-offs that name a signed statement which does not bear them out, by their hashes."""
        signed = [event for event in events if event.kind is EventKind.SIGN_OFF and event.body.get("statement")]
        named = dict.fromkeys(event.body["statement"] for event in signed)
        files = [event for statement in named for event in self.returned(statement)]
        return {event.hash for event, _ in wrong_signatures([*self.rosters, *files, *signed])}

    def pinned(self, slug: str, locale: Locale) -> PinnedPage:
        """The revision that a page is pinned to, cut and numbered as its event says. Raises PublishError."""
        body = self.pages.get((slug, locale.tag))
        if body is None:
            raise PublishError(f"the newest release has no page {slug} in {locale}")
        if (slug, locale.tag) not in self._cut:
            while len(self._cut) > KEPT_ARTICLES:
                del self._cut[next(iter(self._cut))]
            self._cut[slug, locale.tag] = self._cut_again(slug, body)
        return self._cut[slug, locale.tag]

    def _cut_again(self, slug: str, page: Mapping[str, Any]) -> PinnedPage:
        pins = self.pins(page)
        numbers = tuple(number for number, _ in pins)
        revision = self._revision(slug, page["revision"], page["format"], numbers)
        by_id = {s.id: (s, target_hash) for s, (_, target_hash) in zip(revision.segments, pins, strict=True)}
        return PinnedPage(revision=revision, by_id=by_id)

    def _revision(self, slug: str, sha256: str, format_: str, numbers: tuple[int, ...]) -> _Revision:
        key = (slug, sha256, numbers)
        if key not in self._revisions:
            while len(self._revisions) > KEPT_ARTICLES:
                del self._revisions[next(iter(self._revisions))]
            article = self._article(slug)
            event = article.revisions.get((sha256, numbers))
            path = self.folder / "revisions" / f"{sha256}.{format_}"
            if event is None or not path.is_file():
                raise PublishError(f"{path}: the revision behind {slug} is not in the ledger")
            rules = rules_from(event.body["rules"])
            skeleton, cut = extract(path.read_bytes(), ArticleFormat(format_), slug=slug, rules=rules)
            hashes = [article.hashes.get(number) for number in numbers]
            if skeleton.sha256 != sha256 or hashes != [segment.source_hash for segment in cut]:
                raise PublishError(f"{path}: is not the article that the ledger names")
            segments = tuple(replace(s, number=n) for s, n in zip(cut, numbers, strict=True))
            self._revisions[key] = _Revision(facts=source_facts(skeleton), segments=segments)
        return self._revisions[key]


def proof_in_folder(ledger: Path, walked: WalkedLedger, release: Event) -> Proof:
    """The judgement over a release of a `ledger/` folder, from its files."""
    about, returned, pins = walked.about, walked.returned, walked.pins
    return Proof(ledger, release, walked.general, about, returned, pins, renamed=walked.renamed)


def proof_in_store(transaction: Transaction, ledger: Path, body: Mapping[str, Any], pins: PinsOf) -> Proof:
    """The same judgement over a release that is not in the ledger yet, from the lines that the store holds."""
    release = Event(chain="", seq=0, prev="", time=transaction.now(), kind=EventKind.RELEASE, body=body)
    general = transaction.events(*FACTS_FROM)

    def about(slug: str) -> list[Event]:
        return transaction.events(EventKind.REVISION, *UNIT_KINDS, slug=slug)

    @cache
    def with_statements() -> list[tuple[str, Event]]:
        return [
            (hashlib.sha256(event.body["statement"].encode()).hexdigest(), event)
            for event in transaction.events(EventKind.RETURNED)
            if event.body.get("statement")
        ]

    def returned(statement: str) -> list[Event]:
        return [event for hash_, event in with_statements() if hash_ == statement]

    proof = Proof(ledger, release, general, about, returned, pins)
    proof.renames = transaction.renames
    return proof
