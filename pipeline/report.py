"""What a run did, for whoever reads about it: the terminal, the page, programs.

Takes   nothing: run.py and jobs.py fill it as the work goes on
Gives   a RunReport; `as_json` is what `signoff run --json` prints (docs/json.md)
Always  holds no sentence of an article: ids, counts, reasons, and the single words that no engine knew
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.allowance import Allowance, cost
from pipeline.articles import Rename
from pipeline.asking import Asked, OverBudget, Spent
from pipeline.draft import Drafted
from pipeline.engines import LEFT_UNTRANSLATED, Failure
from pipeline.updates import ArticleChange

_PARTICULAR = re.compile(r"\d+(?:[.,]\d+)*|'.*'|\".*\"")
"""What differs between two failures for the same reason."""
_TAG = re.compile(r"</?[a-z]\d+/?>")
_DETAIL = re.compile(r": .*|\d+", re.DOTALL)
"""What differs between two doubts of the same kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A text that no engine drafted; it stays untranslated."""

    id: str
    locale: str
    reason: str
    final: bool = True
    """Whether the same would come of asking again; if not, the next run asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """A text that holds what looks like a person's, and was about to leave for another machine."""

    id: str
    engine: str
    what: tuple[str, ...]
    """Kinds: `a phone number`; never what was found."""
    sent: bool


@dataclass(slots=True, kw_only=True)
class EngineTally:
    """What one engine did for one locale."""

    drafted: int = 0
    """Units whose text is its draft: also where one draft serves several, or lay there from a run that was stopped."""
    calls: int = 0
    characters: int = 0
    seconds: float = 0.0
    """Spent in its calls, all added up: more than the clock's where several go at once."""
    cost: float | None = None
    """None if signoff.toml has no price for it."""
    failed: dict[str, int] = field(default_factory=dict)
    """Why it gave no draft for a text, without the numbers and words that differ."""
    guards: dict[str, int] = field(default_factory=dict)
    """Guards that refused what it gave, by name."""

    def note(self, asked: Asked) -> None:
        """An article's sources were asked for."""
        self.calls += asked.calls
        self.characters += asked.characters
        self.seconds += asked.seconds

    def note_failure(self, drafted: Drafted) -> None:
        """A text is left to the next engine, or to nobody; a draft is no failure, nor is the end of the budget."""
        if not isinstance(drafted, Failure) or isinstance(drafted, OverBudget):
            return
        if drafted.guard:
            _count(self.guards, drafted.guard)
        else:
            _count(self.failed, _PARTICULAR.sub("…", drafted.reason))

    def add(self, other: "EngineTally") -> None:
        """Take what it did in one more article."""
        self.drafted += other.drafted
        self.calls += other.calls
        self.characters += other.characters
        self.seconds += other.seconds
        for mine, new in ((self.failed, other.failed), (self.guards, other.guards)):
            for what, times in new.items():
                _count(mine, what, times)


def _count(counts: dict[str, int], what: str, times: int = 1) -> None:
    counts[what] = counts.get(what, 0) + times


@dataclass(slots=True, kw_only=True)
class LocaleReport:
    """What a run did in one locale; the first five are units, and add up to those of the articles looked at."""

    drafted: int = 0
    from_memory: int = 0
    unchanged: int = 0
    """Had a text already."""
    failed: int = 0
    over_budget: int = 0
    """Left without a draft because the run's budget was used up; the next run goes on with them."""
    repaired: int = 0
    """Of the drafts those in which an error was put right: by a repair, or because the next engine's is better."""
    with_errors: int = 0
    """Of the drafts those in which the checks still find an error; the reviewer reads it beside them."""
    back_translated: int = 0
    """Drafts that were translated back for the reviewer."""
    doubts: dict[str, list[str]] = field(default_factory=dict)
    """What engines were unsure of, with the units' ids."""
    engines: dict[str, EngineTally] = field(default_factory=dict)

    def engine(self, name: str) -> EngineTally:
        """An engine's tally."""
        return self.engines.setdefault(name, EngineTally())

    def words(self) -> dict[str, list[str]]:
        """Words that stayed English, in lower case, with the ids of the units that have them; the most frequent first.

        Where the only spelling seen has capitals (a name, perhaps), it is kept.
        """
        found: dict[str, list[str]] = {}
        spelled: dict[str, set[str]] = {}
        for doubt, ids in self.doubts.items():
            if doubt.startswith(LEFT_UNTRANSLATED):
                for word in doubt.removeprefix(LEFT_UNTRANSLATED).split(", "):
                    found.setdefault(word.casefold(), []).extend(ids)
                    spelled.setdefault(word.casefold(), set()).add(word)
        ordered = sorted(found, key=lambda word: (-len(found[word]), word))
        return {next(iter(spelled[w])) if len(spelled[w]) == 1 else w: found[w] for w in ordered}

    def kinds_of_doubt(self) -> Counter[str]:
        """How many units each kind of doubt was said of; words that stayed English are not among them."""
        kinds: Counter[str] = Counter()
        for doubt, ids in self.doubts.items():
            if not doubt.startswith(LEFT_UNTRANSLATED):
                kinds[" ".join(_DETAIL.sub(" ", _TAG.sub("a tag", doubt)).split())] += len(ids)
        return kinds


@dataclass(slots=True, kw_only=True)
class RunReport:
    """What a run did."""

    started: str = ""
    """ISO 8601, UTC."""
    articles: int = 0
    locales: int = 0
    segments: int = 0
    failed: list[Failed] = field(default_factory=list)
    seconds: float = 0.0
    written: list[str] = field(default_factory=list)
    """PO files written, as paths below the workspace."""
    edited: list[str] = field(default_factory=list)
    """PO files left alone because somebody edited them."""
    refused: list[str] = field(default_factory=list)
    """Why an article could not be read, a sentence each."""
    broken: list[str] = field(default_factory=list)
    """Engines that broke, a sentence each; the next one of the list did their work."""
    renamed: list[Rename] = field(default_factory=list)
    """Articles that go on under a new slug."""
    leftover: list[str] = field(default_factory=list)
    """PO files of a slug that its article has no more, which nobody edited: they may be deleted."""
    changes: list[ArticleChange] = field(default_factory=list)
    """What changed in each article and locale since a file last went out."""
    personal_data: list[PersonalData] = field(default_factory=list)
    engines: dict[str, Spent] = field(default_factory=dict)
    cost: float | None = None
    """By the prices in `signoff.toml`; None if it has none for the engines that were asked."""
    by_locale: dict[str, LocaleReport] = field(default_factory=dict)

    def locale(self, tag: str) -> LocaleReport:
        """A locale's part."""
        return self.by_locale.setdefault(tag, LocaleReport())

    @property
    def drafted(self) -> int:
        """Units that got a machine's draft."""
        return sum(here.drafted for here in self.by_locale.values())

    @property
    def from_memory(self) -> int:
        """Units that got a text signed earlier."""
        return sum(here.from_memory for here in self.by_locale.values())

    @property
    def unchanged(self) -> int:
        """Units that had a text."""
        return sum(here.unchanged for here in self.by_locale.values())

    @property
    def over_budget(self) -> int:
        """Units left for the next run because the budget was used up."""
        return sum(here.over_budget for here in self.by_locale.values())

    @property
    def repaired(self) -> int:
        """Drafts in which an error was put right."""
        return sum(here.repaired for here in self.by_locale.values())

    @property
    def with_errors(self) -> int:
        """Drafts in which the checks still find an error."""
        return sum(here.with_errors for here in self.by_locale.values())

    @property
    def engine_calls(self) -> int:
        """Calls to engines."""
        return sum(tally.calls for here in self.by_locale.values() for tally in here.engines.values())

    @property
    def characters(self) -> int:
        """Of source texts, in those calls."""
        return sum(tally.characters for here in self.by_locale.values() for tally in here.engines.values())

    def settle(self, spent: Mapping[str, Spent], allowances: Mapping[str, Allowance]) -> None:
        """Put in what engines cost, once the work is done."""
        self.engines = dict(spent)
        for used in self.engines.values():
            used.waited_s = round(used.waited_s, 3)
        self.cost = cost({name: used.characters for name, used in spent.items()}, allowances)
        for here in self.by_locale.values():
            for name, tally in here.engines.items():
                tally.seconds = round(tally.seconds, 3)
                tally.cost = cost({name: tally.characters}, allowances)


def as_json(report: RunReport, *, doubts: bool = False) -> dict[str, Any]:
    """The object of `signoff run --json`; with every doubt, as `run.json` has it."""
    value = asdict(report)
    for tag, here in report.by_locale.items():
        value["by_locale"][tag]["words"] = {word: len(ids) for word, ids in here.words().items()}
        if not doubts:
            del value["by_locale"][tag]["doubts"]
    counts = ("drafted", "from_memory", "unchanged", "over_budget", "repaired", "with_errors")
    totals = (*counts, "engine_calls", "characters")
    return {**value, **{name: getattr(report, name) for name in totals}}
