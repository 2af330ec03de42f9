"""Take a text back: find it in every page, language and memory, poison it, and take it off the site.

Takes   a text in either language, or a segment's id; who, and why
Gives   what was found and what becomes of each page, before anything is done and after
Always  the poison is in the ledger before the site changes, so whatever is cut off, the same command ends the work; a
        page that held the text is gone or shows the original, never its last release; no other text comes on any page
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config import Workspace
from pipeline.errors import PublishError
from pipeline.export import Judges
from pipeline.model import Locale, slug_in_id, text_hash, visible_text
from pipeline.similarity import folded_score
from pipeline.store import Store, Transaction
from pipeline.store.history import withdrawn_pair
from pipeline.store.ledger import EventKind
from pipeline.store.pins import StoredPins
from pipeline.store.transaction import TextThatWas
from review.judged import page_bodies
from review.page_desk import PageOutcome
from review.publisher import Cause, ReleaseName
from review.putting_out import publishing
from review.roster import on_roster, roster_of
from review.standing_pages import put_standing_out, standing_pages

NEAR_PERCENT = 90
"""From how alike on a text is named as a near copy."""
MOST_SHOWN = 5
"""Texts that are named when none is just the one that was asked for."""

_ID = re.compile(r"(?P<slug>[A-Za-z0-9.-]+):(?P<number>[0-9]{4,12})(:(?P<hash>[0-9a-f]{8}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be withdrawn. Any of them narrows it down; one at least is there."""

    source: str = ""
    target: str = ""
    segment: str = ""
    """A unit's id, `pain:0003:c6354872`, or its place in the memory, `pain:0003` or `old-site.tmx:12`."""
    locale: Locale | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnText:
    """A pair of texts that is withdrawn, in one language."""

    locale: str
    source: str
    target: str
    places: tuple[str, ...]
    """Where it was: `pain:0003 sign-off`, `old-site.tmx:12 memory`."""
    already: str
    """By whom, when and why it was withdrawn before; empty if it was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearCopy:
    """A pair whose text in one language is almost a withdrawn one. It is not touched."""

    locale: str
    source: str
    target: str
    places: tuple[str, ...]
    score_percent: int
    """How alike the translations are: 90 to 100."""


@dataclass(slots=True, kw_only=True)
class WithdrawalReport:
    """What was found and done."""

    texts: tuple[WithdrawnText, ...]
    release: str = ""
    """The release of the site without them; empty if there was none before, or nothing was done."""
    pages: list[PageOutcome] = field(default_factory=list)
    """The pages that are not on the site as they were."""
    near: tuple[NearCopy, ...] = ()
    """Texts that are almost the withdrawn ones and stay: somebody should look at them. The nearest first."""


def find(transaction: Transaction, wanted: Wanted) -> tuple[WithdrawnText, ...]:
    """Every pair of texts that is just the one wanted, as a reader sees it. Raises PublishError if there is none."""
    fits = _fits(transaction, wanted)
    facts = transaction.facts()
    found: dict[tuple[str, str, str], list[TextThatWas]] = {}
    for text in transaction.texts_that_were():
        if (wanted.locale is None or text.locale == wanted.locale.tag) and fits(text):
            found.setdefault(withdrawn_pair(text.source, text.target, text.locale), []).append(text)
    if not found:
        raise PublishError(_not_found(transaction, wanted))
    return tuple(
        WithdrawnText(
            locale=texts[0].locale,
            source=texts[0].source,
            target=texts[0].target,
            places=tuple(dict.fromkeys(_place(text) for text in texts)),
            already=facts.withdrawn.get(pair, ""),
        )
        for pair, texts in sorted(found.items(), key=lambda item: (item[1][0].locale, item[1][0].slug))
    )


def near_copies(transaction: Transaction, texts: Sequence[WithdrawnText]) -> tuple[NearCopy, ...]:
    """Texts that are almost withdrawn ones: the same error may stand in them. Only those that may be used still."""
    facts = transaction.facts()
    wanted = {(text.locale, visible_text(text.target)) for text in texts}
    gone = {withdrawn_pair(text.source, text.target, text.locale) for text in texts} | facts.withdrawn.keys()
    scores: dict[tuple[str, str], int] = {}
    found: dict[tuple[str, str, str], list[TextThatWas]] = {}
    for text in transaction.texts_that_were():
        shown = (text.locale, visible_text(text.target))
        if shown not in scores:
            alike = (
                folded_score(shown[1], other, equal=shown[1] == other, least_percent=NEAR_PERCENT)
                for tag, other in wanted
                if tag == text.locale and shown[1]
            )
            scores[shown] = max(alike, default=0)
        pair = withdrawn_pair(text.source, text.target, text.locale) if scores[shown] >= NEAR_PERCENT else None
        if pair and pair not in gone:
            found.setdefault(pair, []).append(text)
    near = [
        NearCopy(
            locale=same[0].locale,
            source=same[0].source,
            target=same[0].target,
            places=tuple(dict.fromkeys(_place(text) for text in same)),
            score_percent=scores[same[0].locale, visible_text(same[0].target)],
        )
        for same in found.values()
    ]
    return tuple(sorted(near, key=lambda one: (-one.score_percent, one.locale, one.places)))


def plan(workspace: Workspace, transaction: Transaction, judges: Judges, wanted: Wanted) -> WithdrawalReport:
    """What `withdraw` would do. Writes nothing."""
    texts = find(transaction, wanted)
    last = transaction.last_event(EventKind.RELEASE)
    report = WithdrawalReport(texts=texts, near=near_copies(transaction, texts))
    if last:
        pairs = {withdrawn_pair(text.source, text.target, text.locale): "withdrawn now" for text in texts}
        standing = standing_pages(workspace, transaction, judges, last.body["pages"], pairs)
        report.pages = _changed(standing.outcomes)
    return report


def withdraw(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    wanted: Wanted,
    *,
    by: str,
    reason: str,
    entered_by: str,
    out: Path,
) -> WithdrawalReport:
    """Withdraw a text for good, and make the site without it. Raises PolicyError, PublishError, WorkspaceBusyError.

    What is withdrawn already is not written again, and the site is made all the same.
    """
    person = on_roster(roster_of(workspace), by)
    with publishing(workspace):
        with store.write() as transaction:
            texts = find(transaction, wanted)
            for text in texts:
                if not text.already:
                    transaction.withdraw(
                        source=text.source,
                        target=text.target,
                        locale=text.locale,
                        by=by,
                        reason=reason,
                        entered_by=entered_by,
                    )
        with store.read() as transaction:
            last = transaction.last_event(EventKind.RELEASE)
            report = WithdrawalReport(texts=texts, near=near_copies(transaction, texts))
        if last is None:
            return report
        name = ReleaseName(person=person, cause=Cause.WITHDRAWAL)
        with store.read() as transaction:
            standing = standing_pages(workspace, transaction, judges, last.body["pages"])
        report.release = put_standing_out(workspace, store, standing, out, name).release
        report.pages = _changed(standing.outcomes)
    return report


def _changed(outcomes: Iterable[PageOutcome]) -> list[PageOutcome]:
    return [page for page in outcomes if page.state != "published"]


def _fits(transaction: Transaction, wanted: Wanted) -> Callable[[TextThatWas], bool]:
    """Whether a pair is the one that is wanted."""
    source, target = visible_text(wanted.source), visible_text(wanted.target)
    of_segment = _of_segment(transaction, wanted.segment) if wanted.segment else None

    def fits(text: TextThatWas) -> bool:
        return (
            (not target or visible_text(text.target) == target)
            and (not source or visible_text(text.source) == source)
            and (of_segment is None or of_segment(text))
        )

    return fits


def _of_segment(transaction: Transaction, place: str) -> Callable[[TextThatWas], bool]:
    """Whether a pair is the segment's live text; where it is not live, its current one; or the imported entry."""
    named = _ID.fullmatch(place)
    slugs = [slug for slug in transaction.articles() if named and slug_in_id(slug) == named["slug"]]
    if named is None or not slugs:
        return lambda text: text.kind == "memory" and text.slug == place
    number, slug = int(named["number"]), slugs[0]
    known = {n: source_hash for n, source_hash, _, _ in transaction.article(slug)[1]}
    if number not in known or (named["hash"] and not known[number].startswith(named["hash"])):
        raise PublishError(f"{place}: no such sentence; `signoff segments FILE` and the PO files name each by its id")
    renames = transaction.renames
    hashes = _standing_hashes(transaction, slug, number)

    def of_segment(text: TextThatWas) -> bool:
        here = text.number == number and renames.home(text.slug, number) == slug and text.kind != "memory"
        return here and text_hash(text.target) in hashes.get(text.locale, ())

    return of_segment


def _standing_hashes(transaction: Transaction, slug: str, number: int) -> dict[str, set[str]]:
    """By locale, the hash of what a segment shows on the site; where it is on no page, of its current text."""
    live: dict[str, set[str]] = {}
    pins = StoredPins(transaction)
    for page in page_bodies(transaction.last_event(EventKind.RELEASE)).values():
        for unit, target_hash in pins(page):
            if unit == number and target_hash and transaction.renames.home(page["slug"], number) == slug:
                live.setdefault(page["locale"], set()).add(target_hash)
    for locale in transaction.locales_of(slug):
        current = transaction.current(slug, locale).get(number)
        if locale not in live and current and current.target:
            live[locale] = {text_hash(current.target)}
    return live


def _place(text: TextThatWas) -> str:
    return f"{text.slug} {text.kind}" if text.kind == "memory" else f"{text.slug}:{text.number:04d} {text.kind}"


def _not_found(transaction: Transaction, wanted: Wanted) -> str:
    """A sentence that names what comes near: texts that hold the one that was typed."""
    typed = visible_text(wanted.target or wanted.source)
    near: dict[str, None] = {}
    for text in transaction.texts_that_were() if typed else ():
        shown = visible_text(text.target if wanted.target else text.source)
        if typed.casefold() in shown.casefold() and (wanted.locale is None or wanted.locale.tag == text.locale):
            near.setdefault(f"{_place(text).partition(' ')[0]} in {text.locale}: {shown}")
    what = f"{wanted.segment!r} has no text" if wanted.segment else f"no text is just {typed!r}"
    where = f" in {wanted.locale}" if wanted.locale else ""
    few: Sequence[str] = list(near)[:MOST_SHOWN]
    if not few:
        return f"{what}{where}: copy the whole sentence from the page, or name it by its id with --segment"
    more = f" (and {len(near) - len(few)} more)" if len(near) > len(few) else ""
    return f"{what}{where}: whole sentences are withdrawn; do you mean one of these? {'; '.join(few)}{more}"
