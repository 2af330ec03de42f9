"""How far a run has come, while it goes on.

Takes   the jobs that are finished, and what the desk has under way
Gives   Moments, to whoever draws the bar
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.allowance import cost
from pipeline.articles import ReadArticle, slug_of
from pipeline.config import Workspace
from pipeline.jobs import Desk, Job
from pipeline.model import Locale


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How far a run has come."""

    done: int
    total: int
    """Units, of all articles and locales of the run; guessed by the length of files that are not read yet."""
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
        self, workspace: Workspace, paths: Sequence[Path], locales: Sequence[Locale], desk: Desk, progress: Progress
    ) -> None:
        self._folder = workspace.source_content
        self._targets = [workspace.target(locale) for locale in locales]
        self._bytes = sum(map(self._work, paths))
        self._seen_bytes = self._seen_units = 0
        self.done, self.what = 0, ""
        self.allowances, self.desk, self.progress = workspace.settings.allowances, desk, progress
        desk.beat = self.tell

    def _work(self, path: Path) -> int:
        """The bytes of an article, once for each locale that takes it."""
        with suppress(OSError):
            return path.stat().st_size * self._locales(slug_of(self._folder, path))
        return 0

    def _locales(self, slug: str) -> int:
        return sum(target.takes(slug) for target in self._targets)

    @property
    def total(self) -> int:
        """Units of all articles, as far as they are read, and as many more as the rest is longer."""
        return self._seen_units * self._bytes // self._seen_bytes if self._seen_bytes else 0

    def refused(self, path: Path) -> None:
        """An article is none of this run."""
        self._bytes -= self._work(path)

    def read(self, reads: Sequence[ReadArticle]) -> None:
        """Articles are read and numbered."""
        for read in reads:
            times = self._locales(read.article.slug)
            self._seen_bytes += len(read.article.data) * times
            self._seen_units += len(read.segments) * times

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
