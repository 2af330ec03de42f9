"""Workspaces for tests: a folder that the real flow works in, drafted by a stand-in engine instead of Apertium.

Takes   article bytes, locales, people
Gives   a workspace folder, and a Desk that types the commands' work at it under a clock that stands still
Always  real store, real checks, real roster; only the machine that drafts is a stand-in, and is named so
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polib

from pipeline.config import Workspace, load_workspace
from pipeline.drafters import Drafters
from pipeline.engines import Draft, Failure, Missing, Serves
from pipeline.errors import EngineError
from pipeline.export import Judges
from pipeline.model import Locale
from pipeline.publish.verify import Verification
from pipeline.report import RunReport
from pipeline.run import run as run_flow
from pipeline.store import Store
from review.intake import FileReport, import_file
from review.ledger_check import LedgerReport, check_ledger
from review.policy import policy_book
from review.proof import prove
from review.publisher import Cause, ReleaseName, publisher_named
from review.putting_out import PublishReport
from review.releases import publish as publish_site
from review.rollback import rollback
from review.signing import Attest
from review.signoffs import project
from review.withdrawal import Wanted, WithdrawalReport, withdraw
from signoff.desk import judges

ENGINE = "stand-in"
TODAY = datetime(2026, 6, 1, 9, 0, 0, tzinfo=UTC)

_WORD = re.compile(r"(?<![^\W\d_])(?!(?:mc?g|ml)\b)[^\W\d_]+")
"""A word that is no unit: the checks hold a text that loses one."""


class StandIn:
    """An engine for tests: `Take 2 tablets.` becomes `Takeo 2 tabletso.`; instant, needs nothing, no translation."""

    name = ENGINE
    leaves_the_machine = False
    max_characters = 5000
    contextual = False
    sure_of_language = True  # its words are of none

    def __init__(self) -> None:
        self.asked: list[str] = []
        """Every text that it was ever asked for, in order."""
        self.breaks_after: int | None = None
        """After how many texts in all it breaks, as an engine that dies."""
        self.refuses: frozenset[str] = frozenset()
        """Texts that it fails on, and would again."""
        self.fails_now = False
        """Whether it fails on every text, and might not next time."""

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Every pair."""
        return Serves()

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        """The same for ever."""
        return f"1 {source_locale}→{target_locale}"

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """Each word with an o at its end."""
        answers: list[Draft | Failure] = []
        for text in texts:
            if self.breaks_after is not None and len(self.asked) >= self.breaks_after:
                raise EngineError("the stand-in engine was told to break")
            self.asked.append(text)
            if text in self.refuses:
                answers.append(Failure(reason="the stand-in engine was told to refuse", final=True))
            elif self.fails_now:
                answers.append(Failure(reason="the stand-in engine was told to fail"))
            else:
                version = self.version(source_locale, target_locale)
                answers.append(Draft(text=drafted(text), engine=self.name, version=version))
        return answers

    def close(self) -> None:
        """Nothing to end."""


def drafted(source: str) -> str:
    """What the stand-in engine makes of a text without tags."""
    return _WORD.sub(lambda word: word[0] + "o", source)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self, moment: datetime = TODAY) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def on(self, day: str) -> None:
        """Go to nine o'clock of a day, `2026-01-31`."""
        self.moment = datetime.fromisoformat(f"{day}T09:00:00+00:00")

    def tick(self, seconds: int = 1) -> None:
        """Let some time pass."""
        self.moment += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A `[[person]]` of signoff.toml."""

    id: str
    roles: tuple[str, ...] = ("linguist",)
    locales: tuple[str, ...] = ("es",)
    stand_in: bool = False
    valid_from: str = "2026-01-01"
    valid_to: str = ""
    qualified: bool = True
    domain: str = ""

    def toml(self) -> str:
        """Its tables."""
        lines = [
            "[[person]]",
            f'id = "{self.id}"',
            f'name = "Name of {self.id}"',
            f"stand_in = {str(self.stand_in).lower()}",
            f"roles = [{', '.join(f'{role!r}' for role in self.roles)}]",
            f"locales = [{', '.join(f'{tag!r}' for tag in self.locales)}]",
        ]
        if self.qualified:
            date.fromisoformat(self.valid_from)
            lines += ["[[person.qualification]]", 'basis = "a test"', 'proof = "file 1"', 'verified_by = "nobody"']
            lines += [f"valid_from = {self.valid_from}"]
            lines += [f"valid_to = {self.valid_to}"] if self.valid_to else []
            lines += [f'domain = "{self.domain}"'] if self.domain else []
        return "\n".join(lines)


def stand_ins(*locales: str) -> tuple[Somebody, ...]:
    """`demo-linguist` and `demo-clinician`, for a demo workspace."""
    return (
        Somebody(id="demo-linguist", roles=("linguist",), locales=locales, stand_in=True),
        Somebody(id="demo-clinician", roles=("medical reviewer",), locales=locales, stand_in=True),
    )


def make_workspace(
    folder: Path,
    *,
    articles: Mapping[str, bytes],
    locales: Sequence[str] = ("es",),
    demo: bool = True,
    people: Sequence[Somebody] | None = None,
    policy: str = "",
    engines: Sequence[str] = (ENGINE,),
    more: str = "",
) -> Path:
    """Write a workspace into `folder` (made if missing) and return it.

    `articles` is {"slug.md": bytes}. Without `people` a demo has two stand-ins, `demo-linguist` and `demo-clinician`,
    and a real one `ana`, a linguist, and `dr-vega`, a medical reviewer. `more` is TOML put at the end.
    """
    if people is None:
        people = (
            stand_ins(*locales)
            if demo
            else (
                Somebody(id="ana", roles=("linguist",), locales=tuple(locales)),
                Somebody(id="dr-vega", roles=("medical reviewer",), locales=tuple(locales)),
            )
        )
    lines = [
        'source_locale = "en"',
        f'policy = "{policy or ("demo-2026-1" if demo else "medical-2026-1")}"',
        "[site]",
        'name = "Test site"',
        'base_url = "https://test.example/"',
        f"demo = {str(demo).lower()}",
    ]
    for tag in locales:
        lines += ["[[target]]", f'locale = "{tag}"', f"engines = [{', '.join(f'{name!r}' for name in engines)}]"]
    lines += [person.toml() for person in people]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "signoff.toml").write_text("\n".join([*lines, more]) + "\n", encoding="utf-8")
    (folder / "source_content").mkdir(exist_ok=True)
    for name, data in articles.items():
        path = folder / "source_content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


Change = Callable[[polib.POEntry], None]
"""What an editor does to one entry."""


def accept(entry: polib.POEntry) -> None:
    """The reviewer takes the text as it stands: no longer fuzzy, `# ok` where it is critical."""
    entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
    if "CRITICAL" in entry.comment:
        entry.tcomment = "ok"


def rewrite(entry: polib.POEntry) -> None:
    """The reviewer writes another text of her own."""
    entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
    entry.msgstr += " Sí."


@dataclass
class Desk:
    """Does a command's work in one workspace, as `signoff` would, under this clock."""

    root: Path
    clock: Clock = field(default_factory=Clock)

    @property
    def workspace(self) -> Workspace:
        """As `signoff.toml` says now."""
        return load_workspace(self.root)

    @property
    def judges(self) -> Judges:
        """The real checks and risk rules."""
        return judges(self.workspace)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The workspace's store."""
        private, ledger = self.root / ".signoff", self.root / "ledger"
        book = policy_book(self.workspace)
        with Store(private, ledger, projection=project, clock=self.clock, policies=book) as store:
            yield store

    def locales(self, *tags: str) -> tuple[Locale, ...]:
        """Those named, or all of the workspace's."""
        return tuple(map(Locale.parse, tags)) or tuple(t.locale for t in self.workspace.settings.targets)

    def run(self, *slugs: str, to: Sequence[str] = (), **more: Any) -> RunReport:
        """`signoff run`; `more` are options of the flow."""
        with self.store() as store, Drafters(self.workspace) as engines:
            locales = self.locales(*to)
            return run_flow(self.workspace, store, self.judges, engines, slugs=slugs, locales=locales, **more)

    def po(self, slug: str, tag: str = "es") -> Path:
        """Where an article's PO file lies."""
        return self.root / "locales" / tag / f"{slug}.po"

    def edited(self, slug: str, change: Change, *, tag: str = "es", name: str = "returned.po") -> Path:
        """The PO file as an editor saves it, each entry changed; outside of `locales/`."""
        return edit_po(self.po(slug, tag), change, self.root / "desk" / name)

    def import_(
        self, path: Path, by: str, attest: Attest | None = None, *, entered_by: str | None = None
    ) -> FileReport:
        """`signoff import`."""
        with self.store() as store:
            return import_file(
                self.workspace, store, self.judges, path, reviewer=by, attest=attest, entered_by=entered_by or by
            )

    def review(
        self, slug: str, by: str, change: Change = accept, *, tag: str = "es", attest: Attest | None = "all"
    ) -> FileReport:
        """Edit the PO file as it lies there and import it."""
        return self.import_(self.edited(slug, change, tag=tag, name=f"{slug.replace('/', '.')}.{by}.po"), by, attest)

    def sign_all(self, slug: str, *people: str, tag: str = "es") -> None:
        """Each person accepts every text of an article, in turn; without names the workspace's first two people."""
        for by in people or tuple(table.string("id") for table in self.workspace.people)[:2]:
            self.review(slug, by, tag=tag)

    def publish(self, *, to: Sequence[str] = (), out: Path | None = None, by: str = "") -> PublishReport:
        """`signoff publish`."""
        publisher = publisher_named(self.workspace, by, self.locales(*to), self.clock().date())
        with self.store() as store:
            name = ReleaseName(person=publisher, cause=Cause.PUBLISH)
            locales, out = self.locales(*to), out or self.root / "site"
            return publish_site(self.workspace, store, self.judges, locales=locales, out=out, name=name)

    def withdraw(self, *, by: str = "demo-clinician", reason: str = "it harmed", **wanted: Any) -> WithdrawalReport:
        """`signoff withdraw`; `wanted` are the fields of Wanted."""
        with self.store() as store:
            site = self.root / "site"
            what = Wanted(**wanted)
            return withdraw(
                self.workspace, store, self.judges, what, by=by, reason=reason, entered_by="typist", out=site
            )

    def rollback(self, release: str, by: str = "") -> PublishReport:
        """`signoff release rollback`."""
        publisher = publisher_named(self.workspace, by, self.locales(), self.clock().date())
        with self.store() as store:
            out = self.root / "site"
            return rollback(self.workspace, store, self.judges, release, publisher=publisher, out=out)

    def prove(self, site: Path | None = None) -> Verification:
        """`signoff verify`."""
        return prove(site or self.root / "site", self.root / "ledger")

    def check(self) -> LedgerReport:
        """`signoff ledger verify`."""
        with self.store() as store:
            return check_ledger(store)

    def states(self, slug: str, tag: str = "es") -> dict[int, str]:
        """The review state of each unit, by number."""
        with self.store() as store, store.read() as transaction:
            return {number: now.state.value for number, now in sorted(transaction.current(slug, tag).items())}

    def write(self, name: str, data: bytes) -> None:
        """Put an article's bytes at `source_content/<name>`."""
        (self.root / "source_content" / name).write_bytes(data)

    def page(self, slug: str, tag: str = "es", *, site: Path | None = None) -> Path:
        """Where a page of the built site lies."""
        return (site or self.root / "site") / tag / slug / "index.html"


def edit_po(path: Path, change: Change, out: Path) -> Path:
    """Change each entry of a PO file with polib, as an editor would, and save it elsewhere."""
    po = polib.pofile(str(path), wrapwidth=0)
    for entry in po:
        change(entry)
    out.parent.mkdir(parents=True, exist_ok=True)
    po.save(str(out))
    return out


def files_below(folder: Path, *, without: Sequence[str] = ()) -> dict[str, bytes]:
    """Every file below a folder with its bytes, but for those below the folders `without`."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(name == skip or name.startswith(f"{skip}/") for skip in without):
            found[name] = path.read_bytes()
    return found
