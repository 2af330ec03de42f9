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

from pipeline.allowance import Allowance
from pipeline.articles import ReadArticle, find_articles, known_article, numbered_article, read_article
from pipeline.changes import word_count
from pipeline.config import Target, Workspace
from pipeline.engines import open_engine
from pipeline.errors import ArticleError, EngineError
from pipeline.leverage import Match, MatchKind, best_matches
from pipeline.model import Locale, ReviewState, Risk, Segment
from pipeline.store import Store, Transaction
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
    characters: int
    price: float | None
    """For a million characters; 0 for an engine on this machine; None where nobody said."""

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
    workspace: Workspace, store: Store, risk: RiskOf, *, slugs: Sequence[str] = (), locales: Sequence[Locale]
) -> Analysis:
    """Count what `run` would find, article by article. Articles that cannot be read are named in `refused`."""
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
                rows.append(_row(transaction, read, tag, similar, seen[tag], risk, speeds))
    totals = tuple(_total(tag, [row for row in rows if row.locale == tag]) for tag in seen)
    return Analysis(
        rows=tuple(rows),
        totals=totals,
        costs=tuple(_costs(workspace, totals)),
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
) -> Row:
    slug = read.article.slug
    current = transaction.current(slug, tag)
    best = best_matches(transaction, read.segments, tag, similar)
    kinds = dict.fromkeys(Kind, Count())
    critical = to_draft = 0
    for segment in read.segments:
        now = current.get(segment.number)
        kind = _kind(segment, now, best.get(segment.number), seen)
        seen.add(segment.source_hash)
        words = word_count(segment.source)
        kinds[kind] += Count(1, words, len(segment.source))
        if kind is not Kind.IN_HAND and risk(segment)[0] is Risk.CRITICAL:
            critical += words
        if not (now and now.target) and kind not in (Kind.IN_CONTEXT, Kind.EXACT, Kind.REPETITION):
            to_draft += len(segment.source)
    hours = sum(kinds[kind].words / speeds[kind] for kind in Kind if kind is not Kind.IN_HAND)
    hours += critical / speeds[SECOND_PERSON]
    return Row(slug=slug, locale=tag, kinds=kinds, critical_words=critical, to_draft=to_draft, hours=round(hours, 2))


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


def _costs(workspace: Workspace, totals: Sequence[Row]) -> Iterator[Cost]:
    for row in totals:
        for engine in workspace.target(Locale.parse(row.locale)).engines:
            price = workspace.settings.allowances.get(engine, Allowance()).price_per_million_characters
            price = _free(workspace, engine) if price is None else price
            yield Cost(engine=engine, locale=row.locale, characters=row.to_draft, price=price)


def _free(workspace: Workspace, name: str) -> float | None:
    """0 for an engine that works on this machine; None for one that does not, or cannot be asked."""
    try:
        with closing(open_engine(name, workspace.settings.engine_settings.get(name, {}))) as engine:
            return None if engine.leaves_the_machine else 0.0
    except EngineError:
        return None
