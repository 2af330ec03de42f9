"""What a page may show today: the desk on which the pages of a site are laid out.

Takes   the ledger, today's articles, the policy in force; the last release, and what was noted of it
Gives   pages for pipeline/publish, out of memory; and for every page that is held the reasons, and who can act
Always  a page goes out when every unit of it is signed; until then its last signed release stays, or nothing is there
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from pipeline.articles import (
    ReadArticle,
    known_article,
    numbered_article,
    parent_of_companion,
    recorded_article,
)
from pipeline.config import PagePolicy, Workspace
from pipeline.errors import PublishError
from pipeline.export import Judges
from pipeline.model import (
    Finding,
    Locale,
    Origin,
    OriginKind,
    Segment,
    Unit,
)
from pipeline.publish.page import Notice, Page, PagePlan, page_hash
from pipeline.publish.pages import Built, build
from pipeline.spool import Spool
from pipeline.store import Store, Transaction
from pipeline.store.history import Current, Facts, UnitHistory, UnitKey
from pipeline.store.ledger import Event
from pipeline.store.pins import StoredPins, pins_line
from review.due import review_due
from review.judged import Judged, JudgedPage, page_bodies
from review.page_making import MadePage, PageMaker
from review.policy import policy_in_force
from review.roster import Person, roster_of
from review.signoffs import (
    Evidence,
    Held,
    author_of,
    in_domain,
    may_publish,
    next_step,
    signatures_of,
    signed_by,
    step_name,
    why_in_english,
)
from review.today import Today


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOutcome:
    """What became of one page."""

    slug: str
    locale: str
    state: str
    """`published`, `unchanged`, `held`; `fallback`: out, partly in the original; `pulled`: taken off the site."""
    reasons: tuple[str, ...] = ()
    """Why it is held; every unit that holds it back, and who can act."""
    can_act: tuple[str, ...] = ()
    """Who on the roster may sign what is missing, each as "ana (linguist)"."""
    live: bool = False
    """Whether a signed page stands on the site; a held one may still stand in its last signed release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPage:
    """A page as it goes out, of which no more is in memory than a site of any size can have."""

    plan: PagePlan
    body: Mapping[str, Any]
    """What the release event says of it."""
    pins: bytes = b""
    """Which texts it holds, as `pins_line` writes them; empty for a page that is taken over from the last release."""
    judged: JudgedPage | None = None
    """What the next publish may know of it; None for a page that is not whole, or not of today's English."""

    @property
    def key(self) -> tuple[str, str]:
        """Slug and locale."""
        return self.plan.slug, self.plan.locale.tag


class PageDesk:
    """Lays out pages from the ledger and today's articles."""

    def __init__(
        self,
        workspace: Workspace,
        transaction: Transaction,
        judges: Judges,
        today: Today,
        *,
        last: Event | None = None,
        noted: Judged | None = None,
        store: Store | None = None,
    ) -> None:
        """`last` is the last release; `noted` what stands of it, judged again out of `store` if that is needed."""
        self.workspace, self.transaction, self.judges, self.today = workspace, transaction, judges, today
        self.facts: Facts = transaction.facts()
        self.source_locale = workspace.settings.source_locale
        self.day = transaction.now()[:10]
        self.maker = PageMaker(workspace, transaction)
        self.last = page_bodies(last)
        self.pins = StoredPins(transaction)
        self.noted, self.store = noted, store
        self._spool = Spool()
        self._reading: tuple[str, ReadArticle | None] = "", None
        self._building: list[Built] = []
        self.stripped: dict[str, tuple[str, ...]] = {}
        """By slug what was taken out of the markup of an article that was built."""

    def read(self, slug: str) -> ReadArticle | None:
        """Today's article; None if it cannot be read, and then it is among the refused. The last one is kept."""
        if self._reading[0] != slug:
            cut = self.today.cut(slug) if slug in self.today.paths else None
            self._reading = slug, cut and numbered_article(known_article(self.transaction, slug), *cut)
        return self._reading[1]

    def builder(self, page: Page) -> Built:
        """A page's body and metadata, made once while its article is looked at."""
        built = next((built for built in self._building if built.page is page), None)
        if built is None:
            built = build(page)
            self._building.append(built)
            if built.body.removed:
                self.stripped[page.slug] = built.body.removed
        return built

    def _unbuildable(self, page: Page) -> tuple[str, ...]:
        """Why a page's texts could not be proven on it, each a sentence; empty for a page that may be built."""
        try:
            return self.builder(page).problems
        except PublishError as error:
            return (str(error),)

    def _put_by(self, pages: Sequence[tuple[MadePage, bool]]) -> list[PlannedPage]:
        """Pages of one article as plans, what they show out of memory; with each, whether it is whole, and today's."""
        place = self._spool.put({item.page.locale: self.builder(item.page) for item, _ in pages})
        self._building.clear()
        planned = []
        for item, whole in pages:
            page, made_from = item.page, page_hash(item.page)
            day = page.updated_on.isoformat() if page.updated_on else ""
            planned.append(
                PlannedPage(
                    plan=PagePlan(
                        slug=page.slug,
                        locale=page.locale,
                        revision=page.revision,
                        updated_on=page.updated_on,
                        made_from=made_from,
                        load=partial(self._taken, place, page.locale),
                    ),
                    body=item.body(),
                    pins=pins_line(item.units),
                    judged=JudgedPage(made_from, day, item.signed_since) if whole else None,
                )
            )
        return planned

    def _taken(self, place: int, locale: Locale) -> Page:
        built: Built = self._spool.get(place)[locale]
        self._building[:] = [built]
        return built.page

    def _as_noted(self, slug: str, locale: Locale) -> PlannedPage | None:
        """A page of the last release that stands as it did, by what was noted of it; None if it must be judged."""
        noted = self.noted.pages.get((slug, locale.tag)) if self.noted else None
        body = self.last.get((slug, locale.tag))
        if noted is None or body is None or self.store is None:
            return None
        if not self.today.is_revision(slug, body["revision"], body["format"]):
            return None
        if noted.signed_since and self._overdue(noted.signed_since, slug, locale):
            return None
        plan = PagePlan(
            slug=slug,
            locale=locale,
            revision=body["revision"],
            updated_on=date.fromisoformat(noted.updated_on) if noted.updated_on else None,
            made_from=noted.made_from,
            load=partial(self._judged_after_all, self.store, slug, locale),
        )
        return PlannedPage(plan=plan, body=body, judged=noted)

    def _judged_after_all(self, store: Store, slug: str, locale: Locale) -> Page:
        """A page that was not judged, since nothing happened to it, and must be built all the same."""
        with store.read() as transaction:
            desk = PageDesk(self.workspace, transaction, self.judges, self.today)
            read = desk.read(slug)
            if read is None:
                raise PublishError(f"{self.today.refused[slug]}: publish again")
            found = desk.maker.original(read) if locale == self.source_locale else desk._signed(read, locale)
        if not isinstance(found, MadePage):
            raise PublishError(f"{'; '.join(found)}: it changed while the site was built: publish again")
        self._building[:] = [desk.builder(found.page)]
        return found.page

    # -- the signed site ------------------------------------------------------------------------------------------

    def site(self, locales: Sequence[Locale]) -> tuple[list[PlannedPage], list[PageOutcome]]:
        """Every page that may stand on the site, and what became of each that was asked for."""
        planned: list[PlannedPage] = []
        of_originals: list[PageOutcome] = []
        outcomes: list[PageOutcome] = []
        for slug in self.today.paths:
            pages: list[tuple[MadePage, bool]] = []
            if original := self._as_noted(slug, self.source_locale):
                planned.append(original)
            else:
                self._original(slug, pages, of_originals)
            for target in self.workspace.settings.targets:
                if not target.takes(slug):
                    continue
                asked = target.locale in locales
                if noted := self._as_noted(slug, target.locale):
                    planned.append(noted)
                    published = PageOutcome(slug=slug, locale=target.locale.tag, state="published", live=True)
                    outcomes += [published] if asked else []
                else:
                    self._translation(slug, target.locale, pages, outcomes, asked=asked)
            planned += self._put_by(pages) if pages else []
            self._building.clear()
        return planned, [*of_originals, *outcomes]

    def _original(self, slug: str, pages: list[tuple[MadePage, bool]], outcomes: list[PageOutcome]) -> None:
        """The page of an article itself."""
        read, key = self.read(slug), (slug, self.source_locale.tag)
        if read is None:
            self._hold(key, (self.today.refused[slug],), pages, outcomes)
            return
        if not read.segments:
            self._hold(key, (f"{slug} has no sentence: there is nothing to show",), pages, outcomes)
            return
        english = self.maker.original(read)
        if problems := self._unbuildable(english.page):
            self._hold(key, problems, pages, outcomes)
        else:
            pages.append((english, True))

    def _translation(
        self,
        slug: str,
        locale: Locale,
        pages: list[tuple[MadePage, bool]],
        outcomes: list[PageOutcome],
        *,
        asked: bool,
    ) -> None:
        """The page of an article in another language."""
        read = self.read(slug)
        reasons: tuple[str, ...] = () if read else (self.today.refused[slug],)
        page = self._signed(read, locale) if asked and read else reasons
        if isinstance(page, MadePage) and (problems := self._unbuildable(page.page)):
            page = problems
        if isinstance(page, MadePage):
            pages.append((page, True))
            outcomes.append(PageOutcome(slug=slug, locale=locale.tag, state="published", live=True))
        elif asked and read and (partly := self._partly_today(read, locale)):
            pages.append((partly, False))
            outcomes.append(
                PageOutcome(
                    slug=slug,
                    locale=locale.tag,
                    state="fallback",
                    reasons=page,
                    can_act=self._can_act(slug, page, locale),
                    live=True,
                )
            )
        else:
            self._hold((slug, locale.tag), page, pages, outcomes if asked else [])

    def _hold(
        self,
        key: tuple[str, str],
        reasons: tuple[str, ...],
        pages: list[tuple[MadePage, bool]],
        outcomes: list[PageOutcome],
    ) -> None:
        """Keep a page's last signed release if it still stands, and say why there is no newer one."""
        kept = self._again(self.last[key], Locale.parse(key[1])) if key in self.last else None
        if kept and self._unbuildable(kept.page):
            kept = None
        if kept and (other := parent_of_companion(key[0])) in self.today.paths:
            kept, reasons = None, (*reasons, f"its last release cannot stay beside the article {other}")
        if kept and self._stale(kept):
            kept, reasons = None, (*reasons, "by the page policy its last release came down: it is stale")
        if kept:
            pages.append((kept, False))
            reasons = (*reasons, "its last signed release stays on the site")
        can_act = self._can_act(key[0], reasons, Locale.parse(key[1]))
        outcomes.append(
            PageOutcome(slug=key[0], locale=key[1], state="held", reasons=reasons, can_act=can_act, live=bool(kept))
        )

    def _can_act(self, slug: str, reasons: Sequence[str], locale: Locale) -> tuple[str, ...]:
        """Who may sign in a locale today what these reasons miss: those with a role that one names, else any signer.

        Where all that is missing is another signature, nobody who wrote each of these texts or signed them already.
        """
        if locale == self.source_locale:
            return ()
        steps = [step for each in policy_in_force(self.workspace).profile()["steps"].values() for step in each]
        only_signatures = all("still needs a" in reason for reason in reasons)
        if only_signatures:
            missed = [s for s in steps if any(reason.endswith(f"still needs a {step_name(s)}") for reason in reasons)]
            steps = missed or steps
        today = date.fromisoformat(self.day)
        able = {}
        for person in roster_of(self.workspace).values():
            domains = person.domains_on(today)
            roles = {role for step in steps if domains and in_domain(step, domains) for role in step["roles"]}
            if roles and (not only_signatures or self._may_go_on(slug, locale, person, domains)):
                able[person.id] = [
                    role.value for role in person.roles if role.value in roles and locale in person.locales
                ]
        return tuple(f"{id_} ({' or '.join(roles)})" for id_, roles in able.items() if roles)

    def _may_go_on(self, slug: str, locale: Locale, person: Person, domains: Sequence[str]) -> bool:
        """Whether a person may take the next step of any sentence of today's article that waits for one."""
        segments = read.segments if (read := self.read(slug)) else ()
        profile = policy_in_force(self.workspace).profile()
        roles = [role.value for role in person.roles]
        for number, history in self._histories(segments, slug, locale).items():
            segment = next(segment for segment in segments if segment.number == number)
            risk, _ = self.judges.risk(segment)
            step = next_step(segment, history, self.facts, risk, profile, demo=self.workspace.settings.demo)
            if step and step.may_be_taken(person.id, roles, domains):
                return True
        return False

    def _stale(self, kept: MadePage) -> bool:
        """Whether the page policy takes a page down: its English is not today's, or its review is overdue.

        Unsure is stale.
        """
        if self.workspace.settings.page_policy is not PagePolicy.WITHDRAW_WHEN_STALE:
            return False
        if kept.page.locale == self.source_locale:
            return False
        if kept.signed_since and self._overdue(kept.signed_since, kept.page.slug, kept.page.locale):
            return True
        read = self.read(kept.page.slug)
        return [s.source_hash for s in (read.segments if read else ())] != [s.source_hash for s in kept.page.segments]

    def standing(self, body: Mapping[str, Any]) -> tuple[list[PlannedPage], PageOutcome]:
        """What is left of a page of a release: itself, or none; and what became of it."""
        locale = Locale.parse(body["locale"])
        slug = self.transaction.renames.left().get(body["slug"], body["slug"])
        body = {**body, "slug": slug}
        page = self._again(body, locale)
        state, reasons = "published", tuple[str, ...]()
        if page and (problems := self._unbuildable(page.page)):
            page, reasons = None, problems
        if page is None:
            page = self._again(body, locale, partly=True) if self._falls_back else None
            page = None if page and self._unbuildable(page.page) else page
            state = "fallback" if page else "pulled"
            reasons = reasons or self._why_fallen(body, locale)
        elif any(not target_hash for _, target_hash in page.units):
            state = "fallback"
        outcome = PageOutcome(slug=slug, locale=locale.tag, state=state, reasons=reasons, live=page is not None)
        return self._put_by([(page, False)] if page else []), outcome

    def _why_fallen(self, body: Mapping[str, Any], locale: Locale) -> tuple[str, ...]:
        """Why a released page does not stand whole any more, each a sentence."""
        pins = self.pins(body)
        numbers = [number for number, _ in pins]
        read = recorded_article(self.transaction, body["slug"], sha256=body["revision"], numbers=numbers)
        if read is None:
            return (f"{body['slug']} in {locale}: the English of this release cannot be cut as it was",)
        histories = self._histories(read.segments, body["slug"], locale)
        reasons = []
        for segment, (number, target_hash) in zip(read.segments, pins, strict=True):
            if target_hash and self._standing(histories[number], segment, target_hash) is None:
                said = [e.body for e in histories[number].events if e.body.get("target_hash") == target_hash]
                target = said[0]["target"] if said else ""
                why = self.facts.why_withdrawn(segment.source, target, locale.tag)
                reasons.append(f"{segment.id} in {locale}: {why or 'its sign-offs do not stand any more'}")
        return tuple(reasons)

    @property
    def _falls_back(self) -> bool:
        return self.workspace.settings.page_policy is PagePolicy.FALLBACK

    def _partly_today(self, read: ReadArticle, locale: Locale) -> MadePage | None:
        """Today's page with what is not signed in the original, if the page policy wants it and anything is signed."""
        if not self._falls_back:
            return None
        histories = self._histories(read.segments, read.article.slug, locale)
        judged = {s.position: self._judge(s, histories[s.number], locale) for s in read.segments}
        evidence = {position: found for position, found in judged.items() if isinstance(found, Evidence)}
        page = self._made_partly(read, locale, evidence)
        return None if page and self._unbuildable(page.page) else page

    def _made_partly(self, read: ReadArticle, locale: Locale, evidence: Mapping[int, Evidence]) -> MadePage | None:
        """A page whose whole paragraphs are signed or in the original; None if none of them is signed.

        Never one sentence alone: what stands beside it in another language may turn its meaning round.
        """
        unsigned = {segment.block for segment in read.segments if segment.position not in evidence}
        whole = {s.position: evidence[s.position] for s in read.segments if s.block not in unsigned}
        return self.maker.translation(read, locale, whole) if whole else None

    def _signed(self, read: ReadArticle, locale: Locale) -> MadePage | tuple[str, ...]:
        """The page of today's English, or every reason that holds it back."""
        if not read.segments:
            return (f"{read.article.slug} in {locale}: has no sentence that somebody could sign",)
        histories = self._histories(read.segments, read.article.slug, locale)
        evidence: dict[int, Evidence] = {}
        reasons: list[str] = []
        for segment in read.segments:
            history = histories[segment.number]
            judged = self._judge(segment, history, locale)
            if isinstance(judged, Held):
                reasons += judged.reasons
            else:
                evidence[segment.position] = judged
        if reasons:
            return tuple(reasons)
        return self.maker.translation(read, locale, evidence)

    def _judge(self, segment: Segment, history: UnitHistory, locale: Locale) -> Evidence | Held:
        def findings(current: Current) -> tuple[Finding, ...]:
            if not current.target:
                return ()
            unit = Unit(segment=segment, target_locale=locale, target=current.target, origin=current.origin)
            return self.judges.findings(unit)

        risk, _ = self.judges.risk(segment)
        found = may_publish(segment, history, self.facts, findings, risk, demo=self.workspace.settings.demo)
        if isinstance(found, Evidence) and (
            due := self._overdue(max(s.on for s in found.signatures), segment.slug, locale)
        ):
            return Held(reasons=(f"{segment.id} in {locale}: its review was due on {due}: it must be signed again",))
        return found

    def _overdue(self, signed: str, slug: str, locale: Locale) -> str:
        """Until when a sentence that was signed on a day held, if it must be signed again by now; else empty."""
        due = review_due(signed, self.workspace.settings.review_days(slug, locale))
        return due if due < self.day else ""

    def _histories(self, segments: Sequence[Segment], slug: str, locale: Locale) -> dict[int, UnitHistory]:
        keys = [UnitKey(slug, segment.number, locale.tag) for segment in segments]
        return {key.number: history for key, history in self.transaction.histories(keys).items()}

    def _again(self, body: Mapping[str, Any], locale: Locale, *, partly: bool = False) -> MadePage | None:
        """A released page, if all of it still stands signed; None if not, or if it cannot be cut.

        With `partly` what does not stand any more is shown in the original.
        """
        pins = self.pins(body)
        numbers = [number for number, _ in pins]
        read = recorded_article(self.transaction, body["slug"], sha256=body["revision"], numbers=numbers)
        if read is None:
            return None
        if locale == self.source_locale:
            return self.maker.original(read)
        histories = self._histories(read.segments, body["slug"], locale)
        evidence: dict[int, Evidence] = {}
        in_original = partly
        for segment, (number, target_hash) in zip(read.segments, pins, strict=True):
            found = self._standing(histories[number], segment, target_hash) if target_hash else None
            if found is None and target_hash and not partly:
                return None
            in_original |= not target_hash
            if found:
                evidence[segment.position] = found
        return (
            self._made_partly(read, locale, evidence) if in_original else self.maker.translation(read, locale, evidence)
        )

    def _standing(self, history: UnitHistory, segment: Segment, target_hash: str) -> Evidence | None:
        targets = {event.body["target"] for event in history.sign_offs() if event.body["target_hash"] == target_hash}
        for target in sorted(targets):
            demo = self.workspace.settings.demo
            events = signed_by(history, self.facts, target, segment.source_hash, demo=demo)
            if events:
                return Evidence(
                    target=target,
                    origin=Origin(kind=OriginKind.PERSON, name=author_of(history, target))
                    if author_of(history, target)
                    else next((e.origin for e in history.exports if e.target == target), Origin()),
                    signatures=signatures_of(events),
                    policy=events[-1].body["policy"],
                    demo=demo,
                    in_english=why_in_english(events),
                )
        return None

    # -- the preview ----------------------------------------------------------------------------------------------

    def drafts(self, slug: str, locales: Sequence[Locale]) -> list[PlannedPage]:
        """An article in every locale as far as it has come; what has no text shows in English, marked so."""
        read = self.read(slug)
        if read is None:
            return []
        notices = Notice.PREVIEW | (Notice.DEMO if self.workspace.settings.demo else Notice.NONE)
        pages = [replace(self.maker.original(read).page, notices=notices)]
        for target in self.workspace.settings.targets:
            if target.locale in locales and target.takes(slug):
                pages.append(self._draft(read, target.locale, notices))
        return self._put_by([(MadePage(page=page, units=()), False) for page in pages])

    def _draft(self, read: ReadArticle, locale: Locale, notices: Notice) -> Page:
        current = self.transaction.current(read.article.slug, locale.tag)
        histories = self._histories(read.segments, read.article.slug, locale)
        return self.maker.draft(read, locale, current, histories, notices)
