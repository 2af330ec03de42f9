"""The board: where every article stands in every locale.

Takes   the store and the workspace
Gives   a row per article and locale, with what to do next
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.articles import articles_today
from pipeline.config import Workspace
from pipeline.export import Judges
from pipeline.model import Locale, ReviewState
from pipeline.store import Store
from pipeline.store.ledger import EventKind
from pipeline.store.memory import signed_on
from review.acts import answerers, questions_on
from review.due import review_due
from review.judged import page_bodies


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An open question: who waits on whom."""

    id: str
    by: str
    """Who waits."""
    waits_on: tuple[str, ...]
    """Who may answer: the roster's content leads."""
    since: str
    """The day, `2026-01-31`."""
    about: str
    """`translation` or `english`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One article in one locale."""

    slug: str
    locale: str
    units: int
    untranslated: int
    draft: int
    proposed: int
    reviewed: int
    """Among them those that must be confirmed again."""
    signed_off: int
    to_confirm: int
    """Texts that people signed, and must sign again where they stand in today's English."""
    conflicts: int
    questions: tuple["Asked", ...]
    """What reviewers ask on it and nobody has answered; such a sentence goes nowhere."""
    stale: int
    """Signed or proposed texts of sentences that are no longer in today's English."""
    out_since: str
    """The day the PO file that lies there was written; empty if there is none."""
    live: bool
    """Whether the last release holds this page."""
    live_english: str
    """Where the page on the site rests on an English that is not today's, the day of that; else empty."""
    review_due: str
    """The last day on which the page's sign-offs need no renewal; empty where there is none."""
    overdue: bool
    next: str
    """What to do next, as a command or a person's act."""


def board(
    workspace: Workspace, store: Store, judges: Judges, locales: Sequence[Locale], slugs: Sequence[str] = ()
) -> tuple[list[Row], list[str]]:
    """The rows, by article and locale, and a sentence for each article that cannot be read.

    Of these articles only, if any are named. Raises ArticleError for one that is not there.
    """
    rows: list[Row] = []
    refused: list[str] = []
    leads = answerers(workspace)
    with store.read() as transaction:
        pages = page_bodies(transaction.last_event(EventKind.RELEASE))
        live = {page: body["revision"] for page, body in pages.items()}
        days = {e.body["sha256"]: e.time[:10] for e in transaction.each_event(EventKind.REVISION)}
        for read in articles_today(workspace, transaction, refused, slugs):
            article = read.article
            today = {segment.number for segment in read.segments}
            for target in workspace.settings.targets:
                if target.locale not in locales or not target.takes(article.slug):
                    continue
                current = transaction.current(article.slug, target.locale.tag)
                again = judges.to_confirm(transaction, read.segments, target.locale)
                states = Counter(
                    ReviewState.REVIEWED
                    if n in again
                    else current[n].state
                    if n in current
                    else ReviewState.UNTRANSLATED
                    for n in today
                )
                person = (ReviewState.PROPOSED, ReviewState.REVIEWED, ReviewState.SIGNED_OFF)
                exports = transaction.whole_exports(article.slug, target.locale.tag)
                signed = signed_on(transaction.connection, article.slug, target.locale.tag)
                first = min((day for number, day in signed.items() if number in today), default="")
                due = review_due(first, workspace.settings.review_days(article.slug, target.locale))
                asks = any(now.questions for now in current.values())
                asked = questions_on(transaction, article.slug, target.locale) if asks else []
                row = Row(
                    slug=article.slug,
                    locale=target.locale.tag,
                    units=len(today),
                    untranslated=states[ReviewState.UNTRANSLATED],
                    draft=states[ReviewState.DRAFT],
                    proposed=states[ReviewState.PROPOSED],
                    reviewed=states[ReviewState.REVIEWED],
                    signed_off=states[ReviewState.SIGNED_OFF],
                    to_confirm=len(again),
                    conflicts=sum(bool(current[n].others) for n in today if n in current),
                    questions=tuple(
                        Asked(id=q.id, by=q.by, waits_on=leads, since=q.on, about=q.about)
                        for q in asked
                        if q.number in today
                    ),
                    stale=sum(now.state in person for n, now in current.items() if n not in today),
                    out_since=exports[-1].time[:10] if exports else "",
                    live=(article.slug, target.locale.tag) in live,
                    live_english=days.get(shown, "")
                    if (shown := live.get((article.slug, target.locale.tag), article.sha256)) != article.sha256
                    else "",
                    review_due=due,
                    overdue=bool(due) and due < transaction.now()[:10],
                    next="",
                )
                rows.append(_with_next(row, was_run=all(n in current for n in today)))
    return rows, refused


def _with_next(row: Row, *, was_run: bool) -> Row:
    """`was_run`: a run wrote every sentence of today's English into the PO file, with what the engines could do."""
    if row.untranslated:
        what = f"translate locales/{row.locale}/{row.slug}.po" if was_run else "signoff run"
    elif row.conflicts:
        what = "a person chooses between conflicting texts"
    elif row.questions:
        what = "a content lead answers: signoff questions"
    elif row.draft or row.proposed:
        what = f"review locales/{row.locale}/{row.slug}.po"
    elif row.to_confirm:
        what = f"confirm again in locales/{row.locale}/{row.slug}.po"
    elif row.overdue:
        what = f"sign again what is in locales/{row.locale}/{row.slug}.po: its review was due on {row.review_due}"
    elif row.reviewed:
        what = "a second person signs"
    elif not row.live:
        what = "signoff publish"
    else:
        what = ""
    return replace(row, next=what)
