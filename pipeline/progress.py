"""How far a run has come, while it goes on.

Takes   the jobs that are finished, and what the desk has under way
Gives   Moments, to whoever draws the bar
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.allowance import cost
from pipeline.articles import ReadArticle
from pipeline.config import Workspace
from pipeline.jobs import Desk, Job
from pipeline.model import Locale


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How far a run has come."""

    done: int
    total: int
    """Units, of all articles and locales of the run."""
    what: str
    """The locale and article that was finished last."""
    drafted: int
    """Texts that engines have drafted by now."""
    cost: float | None
    """Of what was sent by now; None without prices."""


Progress = Callable[[Moment], None]
"""Told after each article and locale, and now and then while an engine works."""


class Following:
    """Tells how far a run has come."""

    def __init__(
        self,
        workspace: Workspace,
        reads: Sequence[ReadArticle],
        locales: Sequence[Locale],
        desk: Desk,
        progress: Progress,
    ) -> None:
        targets = [workspace.target(locale) for locale in locales]
        self.total = sum(len(read.segments) for read in reads for t in targets if t.takes(read.article.slug))
        self.done, self.what = 0, ""
        self.allowances, self.desk, self.progress = workspace.settings.allowances, desk, progress
        desk.beat = self.tell

    def finished(self, job: Job) -> None:
        """A job's PO file is there."""
        self.done += len(job.read.segments)
        self.what = f"{job.target.locale} {job.read.article.slug}"
        self.tell()

    def tell(self) -> None:
        """How far it has come by now."""
        spent = self.desk.asking.spent
        self.progress(
            Moment(
                done=min(self.total, self.done + self.desk.under_way()),
                total=self.total,
                what=self.what,
                drafted=sum(used.drafts for used in spent.values()),
                cost=cost({name: used.characters for name, used in spent.items()}, self.allowances),
            )
        )
