"""What a run did, for whoever reads about it: the terminal, the page, programs.

Takes   nothing: run.py fills it as the work goes on
Gives   a RunReport; its fields are those of `signoff run --json` (docs/json.md)
Always  holds no text of an article: ids, counts, reasons
"""

from dataclasses import dataclass, field

from pipeline.articles import Rename
from pipeline.asking import Spent
from pipeline.updates import ArticleChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A text that no engine drafted; it stays untranslated."""

    id: str
    locale: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """A text that holds what looks like a person's, and was about to leave for another machine."""

    id: str
    engine: str
    what: tuple[str, ...]
    """Kinds: `a phone number`; never what was found."""
    sent: bool


@dataclass(slots=True, kw_only=True)
class RunReport:
    """What a run did."""

    articles: int = 0
    locales: int = 0
    segments: int = 0
    drafted: int = 0
    from_memory: int = 0
    unchanged: int = 0
    failed: list[Failed] = field(default_factory=list)
    engine_calls: int = 0
    characters: int = 0
    seconds: float = 0.0
    written: list[str] = field(default_factory=list)
    """PO files written, as paths below the workspace."""
    edited: list[str] = field(default_factory=list)
    """PO files left alone because somebody edited them."""
    refused: list[str] = field(default_factory=list)
    """Why an article could not be read, a sentence each."""
    broken: list[str] = field(default_factory=list)
    """Engines that broke, a sentence each; the next one of the list did their work."""
    doubts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Per locale: what the engines were unsure of, by frequency."""
    renamed: list[Rename] = field(default_factory=list)
    """Articles that go on under a new slug."""
    leftover: list[str] = field(default_factory=list)
    """PO files of a slug that its article has no more, which nobody edited: they may be deleted."""
    changes: list[ArticleChange] = field(default_factory=list)
    """What changed in each article and locale since a file last went out."""
    over_budget: int = 0
    """Units left without a draft because the run's budget was used up; the next run goes on with them."""
    personal_data: list[PersonalData] = field(default_factory=list)
    engines: dict[str, Spent] = field(default_factory=dict)
    cost: float | None = None
    """By the prices in `signoff.toml`; None if it has none for the engines that were asked."""
