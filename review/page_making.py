"""Make a page of what stands: an article's sentences with their texts, and what a reader may know of each.

Takes   an article as it was cut, and for its sentences the evidence that the gate gave, or the drafts of a preview
Gives   a page for pipeline/publish, and what the release event says of it
Always  nothing is judged here: a sentence without evidence shows in the original; days and names are the ledger's
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.articles import ReadArticle
from pipeline.config import Workspace
from pipeline.model import Locale, Origin, OriginKind, ReviewState, Segment, text_hash
from pipeline.publish.page import Notice, Page, PageText, Reviewer
from pipeline.store import Transaction
from pipeline.store.history import Current, UnitHistory
from pipeline.store.ledger import Event, EventKind
from pipeline.store.pins import pins_line
from review.roster import signer_name
from review.signoffs import Evidence, Signature, signatures_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePage:
    """A page as it goes out, with what the release event says about it."""

    page: Page
    units: tuple[tuple[int, str], ...]
    """Number and target hash of each unit, in reading order; for an English page the source hash.

    An empty hash: the page shows this sentence in the original.
    """
    signed_since: str = ""
    """The day of the sign-off of the sentence that was signed longest ago; empty for an English page."""

    def body(self) -> dict[str, Any]:
        """What the release event says of the page."""
        return {
            "slug": self.page.slug,
            "locale": self.page.locale.tag,
            "revision": self.page.revision,
            "format": self.page.skeleton.format.value,
            "pins": hashlib.sha256(pins_line(self.units)).hexdigest(),
        }


class PageMaker:
    """Makes the pages of a workspace from what its ledger says."""

    def __init__(self, workspace: Workspace, transaction: Transaction) -> None:
        self.ledger, self.demo = workspace.ledger, workspace.settings.demo
        self.source_locale = workspace.settings.source_locale
        self.transaction, self.facts = transaction, transaction.facts()
        self._names: dict[tuple[str, str], str] = {}
        self._days: tuple[str, dict[str, date]] = "", {}

    def translation(self, read: ReadArticle, locale: Locale, evidence: Mapping[int, Evidence]) -> MadePage:
        """An article in another language; what there is no evidence for shows in the original."""
        demo = self.demo
        signatures = [signature for found in evidence.values() for signature in found.signatures]
        days = [date.fromisoformat(signature.on) for signature in signatures]
        texts = {
            segment.position: self._page_text(segment, locale, evidence.get(segment.position))
            for segment in read.segments
        }
        page = Page(
            slug=read.article.slug,
            locale=locale,
            source_locale=self.source_locale,
            skeleton=read.skeleton,
            segments=read.segments,
            texts=texts,
            revision=read.article.sha256,
            reviewers=() if demo else self._reviewers(signatures),
            reviewed_on=max(days) if days and not demo else None,
            updated_on=max([*days, *self._revised(read)], default=None),
            original_on=max(self._revised(read), default=None),
            notices=(Notice.DEMO if demo else Notice.NONE)
            | (Notice.FALLBACK if len(evidence) < len(read.segments) else Notice.NONE),
        )
        units = tuple(
            (s.number, text_hash(evidence[s.position].target) if s.position in evidence else "") for s in read.segments
        )
        since = min((max(s.on for s in found.signatures) for found in evidence.values()), default="")
        return MadePage(page=page, units=units, signed_since=since)

    def _page_text(self, segment: Segment, locale: Locale, found: Evidence | None) -> PageText:
        """A signed text on its page, or the original where there is none."""
        return PageText(
            position=segment.position,
            id=segment.id,
            source=segment.source,
            target=found.target if found else segment.source,
            lang=locale if found and not found.in_english else self.source_locale,
            state=ReviewState.SIGNED_OFF.value if found else "source",
            origin=_where_from(found) if found else "not signed: shown in the original",
            people=tuple(self._words(signature) for signature in found.signatures) if found else (),
        )

    def _revised(self, read: ReadArticle) -> list[date]:
        """The day on which this English was recorded last, if it was."""
        slug = read.article.slug
        if self._days[0] != slug:  # pages are made article by article
            revisions = self.transaction.each_event(EventKind.REVISION, slug=slug)
            self._days = slug, {e.body["sha256"]: date.fromisoformat(e.time[:10]) for e in revisions}
        day = self._days[1].get(read.article.sha256)
        return [day] if day else []

    def _reviewers(self, signatures: Sequence[Signature]) -> tuple[Reviewer, ...]:
        people = sorted({(self.name(one.entry, one.by), one.role, one.by) for one in signatures})
        return tuple(Reviewer(name=name, role=role, named=name != by) for name, role, by in people)

    def name(self, entry: str, by: str) -> str:
        """A signer's name; the id where the name was erased."""
        if (entry, by) not in self._names:
            self._names[entry, by] = signer_name(self.ledger, self.facts, entry, by)
        return self._names[entry, by]

    def _words(self, signature: Signature) -> str:
        name = self.name(signature.entry, signature.by)
        entered = f", entered by {signature.attested_by}" if signature.attested_by != signature.by else ""
        entered = ", signed with their own key" if signature.by_key else entered
        return f"{name}, {signature.role}, {signature.on}{entered}"

    def original(self, read: ReadArticle) -> MadePage:
        """The article itself."""
        texts = {
            segment.position: PageText(
                position=segment.position,
                id=segment.id,
                source=segment.source,
                target=segment.source,
                lang=self.source_locale,
                state="source",
                origin="the English article",
            )
            for segment in read.segments
        }
        page = Page(
            slug=read.article.slug,
            locale=self.source_locale,
            source_locale=self.source_locale,
            skeleton=read.skeleton,
            segments=read.segments,
            texts=texts,
            revision=read.article.sha256,
            updated_on=max(self._revised(read), default=None),
            notices=Notice.DEMO if self.demo else Notice.NONE,
        )
        units = tuple((segment.number, segment.source_hash) for segment in read.segments)
        return MadePage(page=page, units=units)

    def draft(
        self,
        read: ReadArticle,
        locale: Locale,
        current: Mapping[int, Current],
        histories: Mapping[int, UnitHistory],
        notices: Notice,
    ) -> Page:
        """An article as far as it has come in a language: where each of its sentences stands, by number."""
        texts = {}
        for segment in read.segments:
            now = current.get(segment.number)
            texts[segment.position] = PageText(
                position=segment.position,
                id=segment.id,
                source=segment.source,
                target=now.target if now and now.target else segment.source,
                lang=locale if now and now.target else self.source_locale,
                state=now.state.value if now else ReviewState.UNTRANSLATED.value,
                origin=origin_words(now.origin) if now and now.target else "not translated: shown in English",
                people=tuple(
                    self._words(signature)
                    for signature in signatures_of(
                        [e for e in histories[segment.number].sign_offs() if _signs(e, now.target if now else "")]
                    )
                ),
            )
        return Page(
            slug=read.article.slug,
            locale=locale,
            source_locale=self.source_locale,
            skeleton=read.skeleton,
            segments=read.segments,
            texts=texts,
            revision=read.article.sha256,
            notices=notices,
        )


def _signs(event: Event, target: str) -> bool:
    return event.kind is EventKind.SIGN_OFF and event.body["target"] == target


def _where_from(found: Evidence) -> str:
    return f"kept in the original: {found.in_english}" if found.in_english else origin_words(found.origin)


def origin_words(origin: Origin) -> str:
    """Where a text came from, for a reader."""
    match origin.kind:
        case OriginKind.ENGINE:
            return f"machine draft: {origin.name} {origin.version}"
        case OriginKind.MEMORY:
            return f"from memory: {origin.name}"
        case OriginKind.PERSON:
            return f"text by {origin.name}"
        case _:
            return ""
