"""What a run would come to before anything is spent: words by kind of match, characters and cost, hours of review.

Takes   the articles of today, the translation memory, prices and speeds of signoff.toml
Gives   an Analysis: the field's word-count report per article and locale
Always  nothing is drafted, nothing is sent, nothing is written to the store; what is assumed is said

A segment is counted once for each locale, in the first of these kinds that fits: *in hand* (a person's text stands
there), *in context*, *exact*, *repetition* (an earlier segment of the same analysis has the same source, and the memory
has it not), the fuzzy bands, *new*. A word is what stands between blanks in the visible text and has a letter or digit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from pipeline.allowance import Allowance, estimate
from pipeline.articles import ReadArticle, find_articles, known_article, numbered_article, read_article
from pipeline.changes import word_count
from pipeline.config import Target, Workspace
from pipeline.drafters import refuse_unnamed
from pipeline.engines import Limited, Limits, Missing, open_engine
from pipeline.errors import ArticleError, EngineError
from pipeline.leverage import Match, MatchKind, best_matches
from pipeline.model import Locale, ReviewState, Risk, Segment
from pipeline.store import Store, Transaction
from pipeline.store.drafts import cached_drafts
from pipeline.store.history import Current
from pipeline.store.memory import Similar, memory_version, similar_sources


class Kind(StrEnum):
    """How a segment is counted; the order of the report."""

    IN_HAND = "in-hand"
    IN_CONTEXT = "in-context"
    EXACT = "exact"
    REPETITION = "repetition"
    FROM_95 = "95-99"
    FROM_85 = "85-94"
    FROM_75 = "75-84"
    NEW = "new"


SECOND_PERSON = "second-person"
WORDS_PER_HOUR: Mapping[str, float] = {
    Kind.IN_CONTEXT: 3000,
    Kind.EXACT: 2000,
    Kind.REPETITION: 3000,
    Kind.FROM_95: 1500,
    Kind.FROM_85: 1000,
    Kind.FROM_75: 700,
    Kind.NEW: 500,
    SECOND_PERSON: 1500,
}
"""Assumed, not measured: one person corrects and signs; then a second one reads what is critical."""


@dataclass(frozen=True, slots=True)
class Count:
    """How much there is of something."""

    segments: int = 0
    words: int = 0
    characters: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.segments + other.segments, self.words + other.words, self.characters + other.characters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One article in one locale, or all of a locale's (slug is empty)."""

    slug: str
    locale: str
    kinds: Mapping[Kind, Count]
    """Every kind, also those that are empty."""
    critical_words: int
    """Of all that is not in hand: words that two different people must sign."""
    to_draft: int
    """Characters that an engine would be asked for: what has no text, is no exact match and no repetition."""
    hours: float
    """Of review, by the assumption."""

    @property
    def total(self) -> Count:
        """All kinds together."""
        return sum(self.kinds.values(), Count())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an engine would cost in a locale."""

    engine: str
    locale: str
    segments: int
    characters: int
    """What it would be asked for: without the drafts of its own that an interrupted run left."""
    seconds: float | None
    """Roughly; None for an engine that cannot be opened here."""
    price: float | None
    """For a million characters; 0 for an engine on this machine; None where nobody said."""
    todo: str = ""
    """Why a run would not ask it as things are, and what to do about that; empty if it would."""

    @property
    def cost(self) -> float | None:
        """Characters times price; None where that is not known."""
        return None if self.price is None else round(self.characters * self.price / 1e6, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The report."""

    rows: tuple[Row, ...]
    totals: tuple[Row, ...]
    """One a locale."""
    costs: tuple[Cost, ...]
    words_per_hour: Mapping[str, float]
    currency: str
    refused: tuple[str, ...]
    """Articles that could not be read, a sentence each."""


RiskOf = Callable[[Segment], tuple[Risk, tuple[str, ...]]]


def analyze(
    workspace: Workspace,
    store: Store,
    risk: RiskOf,
    *,
    slugs: Sequence[str] = (),
    locales: Sequence[Locale],
    only: str | None = None,
    offline: bool = False,
) -> Analysis:
    """Count what `run` would find, article by article. Articles that cannot be read are named in `refused`.

    `only` this engine, `offline`: none that sends text to another machine, as for `run`. Raises EngineError if the
    workspace does not name that engine for a locale.
    """
    planned = [plan for locale in locales for plan in _planned(workspace, workspace.target(locale), only, offline)]
    speeds = {**WORDS_PER_HOUR, **workspace.settings.words_per_hour}
    rows: list[Row] = []
    refused: list[str] = []
    seen: dict[str, set[str]] = {locale.tag: set() for locale in locales}
    for path in find_articles(workspace, slugs):
        try:
            article, skeleton, segments = read_article(workspace, path)
        except ArticleError as error:
            refused.append(str(error))
            continue
        with store.read() as transaction:
            read = numbered_article(known_article(transaction, article.slug), article, skeleton, segments)
            targets = [target for target in map(workspace.target, locales) if target.takes(article.slug)]
            similar = _similar(transaction, read, targets)
            for target in targets:
                tag = target.locale.tag
                row, pending = _row(transaction, read, tag, similar, seen[tag], risk, speeds)
                rows.append(row)
                for plan in planned:
                    if plan.locale == target.locale:
                        plan.count(transaction, workspace.settings.source_locale, pending)
    totals = tuple(_total(tag, [row for row in rows if row.locale == tag]) for tag in seen)
    return Analysis(
        rows=tuple(rows),
        totals=totals,
        costs=tuple(plan.cost() for plan in planned),
        words_per_hour=speeds,
        currency=workspace.settings.currency,
        refused=tuple(refused),
    )


def _similar(transaction: Transaction, read: ReadArticle, targets: Sequence[Target]) -> dict[str, list[Similar]]:
    """One look-up for all locales; none while the memory is empty."""
    if not any(memory_version(transaction.connection, target.locale.tag) for target in targets):
        return {}
    return similar_sources(transaction.connection, sorted({segment.source for segment in read.segments}))


def _row(
    transaction: Transaction,
    read: ReadArticle,
    tag: str,
    similar: Mapping[str, Sequence[Similar]],
    seen: set[str],
    risk: RiskOf,
    speeds: Mapping[str, float],
) -> tuple[Row, dict[str, int]]:
    """And the characters of each source that an engine would be asked for, by its hash."""
    slug = read.article.slug
    current = transaction.current(slug, tag)
    best = best_matches(transaction, read.segments, tag, similar)
    kinds = dict.fromkeys(Kind, Count())
    critical, pending = 0, dict[str, int]()
    for segment in read.segments:
        now = current.get(segment.number)
        kind = _kind(segment, now, best.get(segment.number), seen)
        seen.add(segment.source_hash)
        words = word_count(segment.source)
        kinds[kind] += Count(1, words, len(segment.source))
        if kind is not Kind.IN_HAND and risk(segment)[0] is Risk.CRITICAL:
            critical += words
        if not (now and now.target) and kind not in (Kind.IN_CONTEXT, Kind.EXACT, Kind.REPETITION):
            pending[segment.source_hash] = len(segment.source)
    hours = sum(kinds[kind].words / speeds[kind] for kind in Kind if kind is not Kind.IN_HAND)
    hours += critical / speeds[SECOND_PERSON]
    row = Row(
        slug=slug,
        locale=tag,
        kinds=kinds,
        critical_words=critical,
        to_draft=sum(pending.values()),
        hours=round(hours, 2),
    )
    return row, pending


def _kind(segment: Segment, now: Current | None, match: Match | None, seen: set[str]) -> Kind:
    if now and now.state not in (ReviewState.UNTRANSLATED, ReviewState.DRAFT):
        return Kind.IN_HAND
    if match and match.kind is not MatchKind.FUZZY:
        return Kind.IN_CONTEXT if match.kind is MatchKind.IN_CONTEXT else Kind.EXACT
    if segment.source_hash in seen:
        return Kind.REPETITION
    if match is None:
        return Kind.NEW
    return Kind.FROM_95 if match.score_percent >= 95 else Kind.FROM_85 if match.score_percent >= 85 else Kind.FROM_75


def _total(tag: str, rows: Sequence[Row]) -> Row:
    return Row(
        slug="",
        locale=tag,
        kinds={kind: sum((row.kinds[kind] for row in rows), Count()) for kind in Kind},
        critical_words=sum(row.critical_words for row in rows),
        to_draft=sum(row.to_draft for row in rows),
        hours=round(sum(row.hours for row in rows), 2),
    )


@dataclass(slots=True, kw_only=True)
class _Planned:
    """An engine of a locale, and what it would be asked for."""

    name: str
    locale: Locale
    allowance: Allowance
    version: str = ""
    """That of its drafts; empty if it cannot be opened, or cannot serve, here."""
    limits: Limits | None = None
    opened: bool = False
    free: bool = False
    """Whether it works on this machine."""
    todo: str = ""
    segments: int = 0
    characters: int = 0

    def count(self, transaction: Transaction, source_locale: Locale, pending: Mapping[str, int]) -> None:
        """One article more; what an interrupted run left is not paid again."""
        locales = (source_locale.tag, self.locale.tag)
        had = cached_drafts(transaction, self.name, self.version, locales, pending) if self.version else {}
        self.segments += len(pending) - len(had)
        self.characters += sum(length for source_hash, length in pending.items() if source_hash not in had)

    def cost(self) -> Cost:
        """What it comes to."""
        price = self.allowance.price_per_million_characters
        time = estimate(self.segments, self.characters, self.limits, self.allowance).seconds if self.opened else None
        return Cost(
            engine=self.name,
            locale=self.locale.tag,
            segments=self.segments,
            characters=self.characters,
            seconds=None if time is None else round(time, 1),
            price=0.0 if price is None and self.free else price,
            todo=self.todo,
        )


def _planned(workspace: Workspace, target: Target, only: str | None, offline: bool) -> Iterator[_Planned]:
    """The engines that a run would ask for a locale, in the order of its list."""
    refuse_unnamed(only, target)
    settings = workspace.settings
    for name in target.engines:
        plan = _Planned(name=name, locale=target.locale, allowance=settings.allowances.get(name, Allowance()))
        try:
            with closing(open_engine(name, settings.engine_settings.get(name, {}))) as engine:
                plan.opened, plan.free = True, not engine.leaves_the_machine
                plan.limits = engine.limits if isinstance(engine, Limited) else None
                serves = engine.serves(settings.source_locale, target.locale)
                plan.todo = serves.todo if isinstance(serves, Missing) else ""
                plan.version = engine.version(settings.source_locale, target.locale)
        except EngineError as error:
            plan.todo = plan.todo or str(error)
        if only in (None, name) and (plan.free or not offline):
            yield plan
