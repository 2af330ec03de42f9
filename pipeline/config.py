"""Read `signoff.toml`: what the workspace is, strictly, with the line of every mistake.

Takes   the folder of a workspace
Gives   a Workspace with its Settings; the tables about people and policy are handed on unread to review/
Always  an unknown or misspelt key is an error with its line: a setting that is silently ignored could publish a text
"""

import difflib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, Literal, overload

from pipeline.allowance import Allowance
from pipeline.engines import engine_names
from pipeline.errors import ConfigError, LocaleError
from pipeline.extract import NO_RULES, Furniture, Rules
from pipeline.model import Locale
from pipeline.personal_data import Privacy
from pipeline.protected import Protect

FILE_NAME = "signoff.toml"
MOST_PROTECTED = 500
"""`[[protect]]` tables; each is looked for in every text."""
SPEEDS = ("new", "75-84", "85-94", "95-99", "exact", "in-context", "repetition", "second-person")
"""The keys of [analyze.words_per_hour]."""


class Table:
    """One table of a TOML file: typed look-ups that name file and line when they fail."""

    def __init__(self, path: Path, text: str, where: tuple[str | int, ...], values: dict[str, Any]) -> None:
        self.path, self.text, self.where, self.values = path, text, where, values
        self.read: set[str] = set()

    def line(self, key: str) -> int | None:
        """The line (from 1) on which a key of this table stands, as far as a look at the lines can tell.

        Of a key that is not there, the line on which the table begins.
        """
        current: tuple[str | int, ...] = ()
        counts: dict[str, int] = {}
        begins = None
        for number, line in enumerate(self.text.split("\n"), 1):
            if header := re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line):
                name = header[2].replace('"', "").replace(" ", "")
                if header[1] == "[[":
                    counts[name] = counts.get(name, -1) + 1
                    # A new [[person]] starts its [[person.qualification]] at 0 again.
                    for inner in [other for other in counts if other.startswith(name + ".")]:
                        del counts[inner]
                current = self._place(name, counts)
                begins = number if current == self.where else begins
                if (*self.where, key) == current[: len(self.where) + 1]:
                    return number
            elif current == self.where and re.match(rf'\s*"?{re.escape(key)}"?\s*[=.]', line):
                return number
        return begins

    @staticmethod
    def _place(name: str, counts: dict[str, int]) -> tuple[str | int, ...]:
        place: list[str | int] = []
        prefix = ""
        for part in name.split("."):
            prefix = f"{prefix}.{part}" if prefix else part
            place.append(part)
            if prefix in counts:
                place.append(counts[prefix])
        return tuple(place)

    def error(self, key: str, message: str) -> ConfigError:
        """A ConfigError at a key of this table."""
        return ConfigError(self.path, self.line(key), message)

    def _get(self, key: str, kind: type | tuple[type, ...], what: str, default: Any) -> Any:
        self.read.add(key)
        if key not in self.values:
            if default is None:
                name = ".".join(str(part) for part in self.where if isinstance(part, str))
                line = None if not self.where else self.line(next(iter(self.values), key))
                raise ConfigError(self.path, line, f"{f'[{name}] ' if name else ''}needs {key} = {what}")
            return default
        value = self.values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(key, f"{key} must be {what}, found {value!r}")
        return value

    def string(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there."""
        return str(self._get(key, str, "a text in quotes", default))

    def flag(self, key: str, default: bool = False) -> bool:
        """`true` or `false`."""
        return bool(self._get(key, bool, "true or false", default))

    @overload
    def number(self, key: str, *, whole: Literal[True], above_0: bool = False) -> int | None: ...
    @overload
    def number(self, key: str, *, above_0: bool = False) -> float | None: ...
    def number(self, key: str, *, whole: bool = False, above_0: bool = False) -> float | None:
        """A number from 0 on; None if absent."""
        what = f"a {'whole ' if whole else ''}number {'above 0' if above_0 else 'from 0 on'}, without quotes"
        value = self._get(key, int if whole else (int, float), what, -1)
        if key not in self.values:
            return None
        if isinstance(value, bool) or not 0 <= value < 1e15 or (above_0 and not value):
            raise self.error(key, f"{key} must be {what}, found {value!r}")
        return value  # type: ignore[no-any-return]

    def day(self, key: str) -> date | None:
        """A date such as 2026-01-31, without quotes; None if absent."""
        self.read.add(key)
        if key not in self.values:
            return None
        value = self.values[key]
        if type(value) is not date:
            raise self.error(key, f"{key} must be a date such as 2026-01-31 without quotes, found {value!r}")
        return value

    def strings(self, key: str, default: Sequence[str] | None = ()) -> tuple[str, ...]:
        """A list of texts; without a default (None) it must be there."""
        values = self._get(key, list, 'a list such as ["a", "b"]', default)
        if not all(isinstance(value, str) for value in values):
            raise self.error(key, f"{key} must hold texts in quotes only")
        return tuple(values)

    def locale(self, key: str, default: str | None = None) -> Locale:
        """A BCP 47 tag that exists."""
        return self._locale(key, self.string(key, default))

    def locales(self, key: str) -> tuple[Locale, ...]:
        """A list of BCP 47 tags that exist; must be there."""
        return tuple(self._locale(key, tag) for tag in self.strings(key, None))

    def _locale(self, key: str, tag: str) -> Locale:
        try:
            return Locale.parse(tag)
        except LocaleError as error:
            raise self.error(key, str(error)) from error

    def table(self, key: str) -> "Table":
        """A sub-table `[key]`; empty if absent."""
        return Table(self.path, self.text, (*self.where, key), self._get(key, dict, f"a table [{key}]", {}))

    def tables(self, key: str) -> "tuple[Table, ...]":
        """The tables `[[key]]`, in order; none if absent."""
        values = self._get(key, list, f"tables [[{key}]]", [])
        if not all(isinstance(value, dict) for value in values):
            raise self.error(key, f"write [[{key}]] tables")
        return tuple(Table(self.path, self.text, (*self.where, key, i), value) for i, value in enumerate(values))

    def done(self) -> None:
        """Raise ConfigError for the first key that nobody asked for."""
        for key in self.values:
            if key not in self.read:
                close = difflib.get_close_matches(key, sorted(self.read), n=1)
                hint = f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(sorted(self.read))}"
                raise self.error(key, f"unknown key {key!r}{hint}")


class PagePolicy(StrEnum):
    """What readers find where not every sentence of today's English is signed."""

    HOLD = "hold"
    """The last signed release stays as it was; without one the page is not there."""
    FALLBACK = "fallback"
    """Today's page, with the passages that are not signed in the original, marked, and a notice."""
    WITHDRAW_WHEN_STALE = "withdraw-when-stale"
    """As `hold`, but a page whose English has changed since comes down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A locale to publish in."""

    locale: Locale
    engines: tuple[str, ...]
    """The engines that may draft for it, the best first. Text goes to no other."""
    articles: tuple[str, ...] = ("*",)
    """Which articles go there: slugs or patterns with `*`."""

    def takes(self, slug: str) -> bool:
        """Whether an article goes to this locale."""
        return any(fnmatchcase(slug, pattern) for pattern in self.articles)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPeriod:
    """How long sign-offs on some pages hold: a `[[pages.review]]`."""

    within_days: int
    articles: tuple[str, ...] = ("*",)
    """Slugs or patterns with `*`."""
    locales: frozenset[Locale] = frozenset()
    """Empty for all."""

    def covers(self, slug: str, locale: Locale) -> bool:
        """Whether it is about this page."""
        return (not self.locales or locale in self.locales) and any(fnmatchcase(slug, one) for one in self.articles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `signoff.toml` says, without the tables about people."""

    site_name: str
    base_url: str
    """Absolute, ends with `/`."""
    demo: bool
    """Whether this workspace is a demonstration: pages carry a banner and noindex, and stand-ins may sign."""
    source_locale: Locale
    targets: tuple[Target, ...]
    rules: Rules
    policy: str
    engine_settings: dict[str, dict[str, str]] = field(default_factory=dict)
    allowances: dict[str, Allowance] = field(default_factory=dict)
    """By engine: budget, price, pace."""
    privacy: Privacy = field(default_factory=Privacy)
    term_files: tuple[str, ...] = ()
    """The termbase's CSV files, as paths below the workspace."""
    page_policy: PagePolicy = PagePolicy.HOLD
    review_within_days: int | None = None
    """How old a sentence's newest sign-off may be before it must be signed again; None for any age."""
    review_periods: tuple[ReviewPeriod, ...] = ()
    """Pages for which that is another age; the first that fits holds."""
    currency: str = ""
    """What the prices are in."""
    report: str = ""
    """Where readers report a translation problem: an e-mail address or an https address; empty for nowhere."""
    words_per_hour: dict[str, float] = field(default_factory=dict)
    """How fast people review, by kind of match, where signoff.toml says so; see pipeline/analyze.py."""

    def review_days(self, slug: str, locale: Locale) -> int | None:
        """How old the sign-offs on a page may be, in days; None for any age."""
        periods = (period.within_days for period in self.review_periods if period.covers(slug, locale))
        return next(periods, self.review_within_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A folder with `signoff.toml`."""

    root: Path
    settings: Settings
    people: tuple[Table, ...]
    """The `[[person]]` tables, for review/roster.py."""
    top: Table
    """The whole file, for the line of what shows to be wrong only when it is used."""

    @property
    def source_content(self) -> Path:
        """Where the English articles are."""
        return self.root / "source_content"

    @property
    def locales(self) -> Path:
        """Where PO files are written."""
        return self.root / "locales"

    @property
    def ledger(self) -> Path:
        """The event files, kept in git."""
        return self.root / "ledger"

    @property
    def private(self) -> Path:
        """The store, locks and logs; not in git."""
        return self.root / ".signoff"

    def place_of_engine(self, name: str, setting: str = "") -> str:
        """Where `signoff.toml` speaks of an engine, with the line: its setting, its table, or else the list with it."""
        engines, line = self.top.table("engine"), None
        if name in engines.values:
            line = engines.table(name).line(setting) or engines.line(name)
        else:
            lists = (table.line("engines") for table in self.top.tables("target") if name in table.strings("engines"))
            line = next(lists, None)
        return f"{self.root / FILE_NAME}:{line}" if line else str(self.root / FILE_NAME)

    def target(self, locale: Locale) -> Target:
        """The settings of a target locale. Raises ConfigError if the workspace does not name it."""
        for target in self.settings.targets:
            if target.locale == locale:
                return target
        known = ", ".join(target.locale.tag for target in self.settings.targets)
        raise ConfigError(
            self.root / FILE_NAME, None, f"locale {locale} is not one of this workspace's ({known}): add a [[target]]"
        )


def find_workspace(start: Path) -> Path:
    """The folder at or above `start` that has `signoff.toml`. Raises ConfigError if there is none."""
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise ConfigError(
        start, None, f"no {FILE_NAME} here or in any folder above: run `signoff init` or name --workspace"
    )


def load_workspace(root: Path) -> Workspace:
    """Read and check `signoff.toml`. Raises ConfigError with the line of the first mistake."""
    path = root / FILE_NAME
    if not root.is_dir():
        raise ConfigError(root, None, "there is no such folder: name one that has signoff.toml, or run `signoff init`")
    try:
        text = path.read_bytes().decode("utf-8-sig")  # Notepad writes a byte order mark, which TOML does not allow
        values = tomllib.loads(text)
    except FileNotFoundError as error:
        raise ConfigError(path, None, "not found: run `signoff init` or name --workspace") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(path, line, "is not UTF-8: save it as UTF-8") from error
    except RecursionError as error:
        raise ConfigError(path, None, "is nested too deeply to be a signoff.toml") from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise ConfigError(path, int(at[1]) if at else None, f"not valid TOML: {error}") from error
    return _workspace(root, Table(path, text, (), values))


def _workspace(root: Path, top: Table) -> Workspace:
    site = top.table("site")
    base_url = site.string("base_url")
    if not re.fullmatch(r"https?://[^\s/]+(/[^\s?#]*)?", base_url):
        raise site.error(
            "base_url", f"base_url must be an absolute address such as https://example.org/, not {base_url!r}"
        )
    report = site.string("report", "")
    if report and not re.fullmatch(r"[^\s@:/?&]+@[^\s@:/?&]+\.[^\s@:/?&]+|https://[^\s/]+(/[^\s?#]*)?", report):
        raise site.error("report", f"report must be an e-mail address or begin with https://, not {report!r}")
    engines, costs = top.table("engine"), top.table("analyze")
    speeds = costs.table("words_per_hour")
    page_table = top.table("pages")
    settings = Settings(
        site_name=site.string("name"),
        base_url=base_url.rstrip("/") + "/",
        demo=site.flag("demo"),
        report=report,
        source_locale=top.locale("source_locale", "en"),
        targets=tuple(_target(table) for table in top.tables("target")),
        rules=_rules(top),
        policy=top.string("policy", "medical-2026-1"),
        allowances={name: _allowance(engines.table(name)) for name in engines.values},
        engine_settings={name: _engine(root, engines.table(name)) for name in engines.values},
        term_files=_term_files(root, top.table("terms")),
        currency=costs.string("currency", ""),
        words_per_hour={name: speed for name in SPEEDS if (speed := speeds.number(name, above_0=True)) is not None},
        privacy=_privacy(top.table("privacy")),
        page_policy=_page_policy(page_table),
        review_within_days=page_table.number("review_within_days", whole=True, above_0=True),
        review_periods=tuple(_review_period(table) for table in page_table.tables("review")),
    )
    page_table.done()
    speeds.done()
    costs.done()
    people = top.tables("person")
    site.done()
    top.done()
    tags = [target.locale.tag for target in settings.targets]
    for tag in (*tags, settings.source_locale.tag):
        if [*tags, settings.source_locale.tag].count(tag) > 1:
            raise ConfigError(top.path, None, f"locale {tag} is named twice")
    _refuse_unused(engines, settings.targets)
    return Workspace(root=root, settings=settings, people=people, top=top)


def _refuse_unused(engines: Table, targets: Sequence[Target]) -> None:
    """Raise ConfigError for the settings of an engine that there is not: its budget would hold for nobody."""
    named = {name for target in targets for name in target.engines}
    for name in engines.values:
        if name not in named and name not in (known := engine_names()):
            close = difflib.get_close_matches(name, {*known, *named}, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(known)}"
            raise engines.error(name, f"there is no engine {name!r}; {hint}")


def _page_policy(table: Table) -> PagePolicy:
    policy = table.string("policy", PagePolicy.HOLD.value)
    if policy not in [known.value for known in PagePolicy]:
        known = ", ".join(known.value for known in PagePolicy)
        raise table.error("policy", f"unknown page policy {policy!r}; there are: {known}")
    return PagePolicy(policy)


def _review_period(table: Table) -> ReviewPeriod:
    within_days = table.number("within_days", whole=True, above_0=True)
    articles = table.strings("articles", ("*",))
    locales = frozenset(table.locales("locales")) if "locales" in table.values else frozenset[Locale]()
    table.done()  # a misspelt key is named first: it may be the one that is missed
    if within_days is None:
        raise table.error("within_days", "a [[pages.review]] needs within_days = 365, a whole number above 0")
    return ReviewPeriod(within_days=within_days, articles=articles, locales=locales)


def _target(table: Table) -> Target:
    target = Target(
        locale=table.locale("locale"),
        engines=table.strings("engines", ("apertium",)),
        articles=table.strings("articles", ("*",)),
    )
    table.done()
    for name in target.engines:
        if target.engines.count(name) > 1:
            raise table.error("engines", f"{name} is named twice")
    return target


def _allowance(table: Table) -> Allowance:
    return Allowance(
        budget=table.number("budget", whole=True),
        price_per_million_characters=table.number("price_per_million_characters"),
        requests_per_minute=table.number("requests_per_minute", above_0=True),
        in_flight=table.number("in_flight", whole=True, above_0=True),
    )


def _privacy(table: Table) -> Privacy:
    mode = table.string("personal_data", "warn")
    if mode not in ("warn", "refuse"):
        raise table.error("personal_data", f'personal_data must be "warn" or "refuse", not {mode!r}')
    privacy = Privacy(refuse=mode == "refuse", allow=table.strings("allow"))
    table.done()
    return privacy


FOLDERS = frozenset({"models", "modes"})
"""Settings of engines that name a folder: the user's own, wherever it is; a relative one is below the workspace."""


def _engine(root: Path, table: Table) -> dict[str, str]:
    """What the engine itself is told, as texts: numbers may be written without quotes.

    A table within it, `[engine.neural.token]`, as `token.pt-BR`.
    """
    settings: dict[str, str] = {}
    for key, value in table.values.items():
        if key in Allowance.__dataclass_fields__:
            continue
        if isinstance(value, dict):
            inner = table.table(key)
            settings |= {f"{key}.{name}": inner.string(name) for name in inner.values}
        else:
            settings[key] = str(value) if type(value) in (int, float) else table.string(key)
    return {
        key: str(root / Path(value).expanduser()) if key in FOLDERS and value else value
        for key, value in settings.items()
    }


def _term_files(root: Path, table: Table) -> tuple[str, ...]:
    names = table.strings("files")
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or path.suffix != ".csv" or path.as_posix() != name:
            raise table.error(
                "files", f'write a termbase as a path below the workspace such as "terms/medicine.csv", not {name!r}'
            )
        if not (root / path).resolve().is_relative_to(root.resolve()):
            raise table.error("files", f"{name} leads out of the workspace")
        if names.count(name) > 1:
            raise table.error("files", f"{name} is named twice")
    table.done()
    return names


def _rules(top: Table) -> Rules:
    furniture = []
    for table in top.tables("furniture"):
        pattern, element = table.string("text", ""), table.string("element", "")
        if bool(pattern) == bool(element):
            raise table.error("text", "a [[furniture]] rule needs either text or element")
        try:
            re.compile(pattern)
        except re.error as error:
            raise table.error("text", f"not a regular expression: {error}") from error
        furniture.append(Furniture(pattern=pattern, element=element, to_end=table.flag("to_end")))
        table.done()
    protect = tuple(_protect(table) for table in top.tables("protect"))
    if len(protect) > MOST_PROTECTED:
        raise ConfigError(
            top.path, None, f"has {len(protect)} [[protect]] tables: at most {MOST_PROTECTED} are allowed"
        )
    headings, front_matter = top.table("headings"), top.table("front_matter")
    rules = Rules(
        furniture=tuple(furniture),
        protect=protect,
        headings=headings.strings("are", ()),
        not_headings=headings.strings("are_not", ()),
        front_matter_keys=front_matter.strings("keys", NO_RULES.front_matter_keys),
    )
    headings.done()
    front_matter.done()
    return rules


def _protect(table: Table) -> Protect:
    name, pattern = table.string("name", ""), table.string("pattern", "")
    table.done()
    try:
        return Protect(name=name, pattern=pattern)
    except ValueError as error:
        raise table.error("pattern" if pattern and not name else "name", f"[[protect]]: {error}") from error
