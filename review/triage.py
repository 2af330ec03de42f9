"""In which order to review: what could harm most, and what is most likely wrong, first; and why.

Takes   the store, the workspace and the judges
Gives   the units that are not signed off, in the order of the work, each with its reasons
Always  the order is that of the points (pipeline/urgency.py) of the reasons shown, then that of reading; nothing else
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.articles import articles_today
from pipeline.config import Workspace
from pipeline.export import Judges
from pipeline.model import Locale, ReviewState, Segment, Unit
from pipeline.store import Store
from pipeline.store.history import Current
from pipeline.urgency import points, reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One unit to look at."""

    id: str
    slug: str
    locale: str
    state: str
    points: int
    why: tuple[str, ...]
    """Each reason as a reviewer reads it: `critical (dose)`, `error: …`, `doubt: …`."""
    source: str
    target: str


def triage(
    workspace: Workspace, store: Store, judges: Judges, locales: Sequence[Locale], slugs: Sequence[str] = ()
) -> tuple[list[Task], list[str]]:
    """The units to look at, first things first, and a sentence for each article that cannot be read.

    Raises ArticleError for a slug that no article has.
    """
    tasks: list[Task] = []
    refused: list[str] = []
    with store.read() as transaction:
        for read in articles_today(workspace, transaction, refused, slugs):
            slug = read.article.slug
            for target in workspace.settings.targets:
                if target.locale in locales and target.takes(slug):
                    current = transaction.current(slug, target.locale.tag)
                    tasks += [
                        task_of(segment, target.locale, now, judges)
                        for segment in read.segments
                        if (now := current.get(segment.number)) and now.state is not ReviewState.SIGNED_OFF
                    ]
    return sorted(tasks, key=lambda task: -task.points), refused


def task_of(segment: Segment, locale: Locale, current: Current, judges: Judges) -> Task:
    """How urgent a unit is, and why."""
    risk, rules = judges.risk(segment)
    unit = Unit(segment=segment, target_locale=locale, target=current.target, origin=current.origin)
    why = reasons(risk, rules, judges.findings(unit) if current.target else (), current)
    return Task(
        id=segment.id,
        slug=segment.slug,
        locale=locale.tag,
        state=current.state.value,
        points=points(why),
        why=tuple(reason.said for reason in why),
        source=segment.source,
        target=current.target,
    )
