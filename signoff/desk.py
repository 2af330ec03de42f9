"""Put the rooms together for a command: the workspace, the store with the review's projection, the judges."""

import getpass
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipeline.config import FILE_NAME, Workspace, find_workspace, load_workspace
from pipeline.engines import TermHint
from pipeline.errors import ConfigError
from pipeline.fingerprint import code_hash
from pipeline.links import refuse_links
from pipeline.model import Finding, Locale, PlaceableKind, ReviewState, Risk, Segment, Unit

if TYPE_CHECKING:  # the store's library takes 0.1 s to import: only when used
    from pipeline.export import Judges
    from pipeline.store import Store, Transaction

Command = TypeVar("Command", bound=Callable[..., Any])


def workspace_option(command: Command) -> Command:
    """`--workspace DIR`, as every command has it."""
    return click.option(
        "--workspace",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="The workspace. Default: the folder at or above this one that has signoff.toml.",
    )(command)


def json_option(command: Command) -> Command:
    """`--json`, for every command that reports."""
    return click.option("--json", "as_json", is_flag=True, help="JSON on stdout, the words on stderr.")(command)


def to_option(command: Command) -> Command:
    """`--to LOCALES`, for every command that is about some of the languages."""
    told = "Only these locales, such as es,pt-BR. Default: all of signoff.toml."
    return click.option("--to", "tags", metavar="LOCALES", help=told)(command)


def to_one_option(command: Command) -> Command:
    """`--to LOCALE`, for an act in one language."""
    told = "In which language, such as es. Default: the one of signoff.toml, if it has only one."
    return click.option("--to", "tag", metavar="LOCALE", help=told)(command)


def output_option(command: Command) -> Command:
    """`--output FILE`, for a command whose one result is data."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write there. Default: stdout.",
    )(command)


def as_typed(path: Path) -> str:
    """A path as somebody would type it in this folder and this shell, `'two words.po'`."""
    here = os.path.relpath(path)
    return shlex.quote(str(path) if here.startswith("..") and len(here) > len(str(path)) else here)


def open_workspace(folder: Path | None) -> Workspace:
    """The workspace that a command works in, checked: links, people, policy. Raises ConfigError, PolicyError."""
    workspace = find_and_load(folder)
    check_people(workspace)
    return workspace


def find_and_load(folder: Path | None) -> Workspace:
    """The workspace of `--workspace`, or at or above this folder, without links out of it. Raises ConfigError."""
    workspace = load_workspace(folder.resolve() if folder else find_workspace(Path.cwd()))
    refuse_links(workspace)
    return workspace


def check_people(workspace: Workspace) -> None:
    """Look at what signoff.toml says of people and policy. Raises ConfigError, PolicyError."""
    from review.policy import policy_in_force
    from review.roster import roster_of

    roster_of(workspace)
    policy_in_force(workspace)


def open_store(workspace: Workspace) -> "Store":
    """The workspace's store, judging review states as review/signoffs.py does."""
    from pipeline.store import Store
    from review.policy import policy_book
    from review.signoffs import project

    return Store(workspace.private, workspace.ledger, projection=project, policies=policy_book(workspace))


@contextmanager
def opened(folder: Path | None) -> "Iterator[tuple[Workspace, Store]]":
    """What an act of a person works on, for as long as it lasts: the workspace, checked, and its store."""
    workspace = open_workspace(folder)
    with open_store(workspace) as store:
        yield workspace, store


@contextmanager
def opened_in(folder: Path | None, tags: str | None) -> "Iterator[tuple[Workspace, Store, tuple[Locale, ...]]]":
    """The same for an act in the languages of `--to`: a wrong one is refused before anything is written."""
    workspace = open_workspace(folder)
    locales = target_locales(workspace, tags)
    with open_store(workspace) as store:
        yield workspace, store, locales


@contextmanager
def opened_in_one(folder: Path | None, tag: str | None) -> "Iterator[tuple[Workspace, Store, Locale]]":
    """The same for an act in one language."""
    workspace = open_workspace(folder)
    locale = only_locale(target_locales(workspace, tag))
    with open_store(workspace) as store:
        yield workspace, store, locale


def spelled_out(segment: Segment) -> str:
    """The source with what a reader sees in the place of code and literal text: a dose may stand in either."""
    text = segment.source
    for placeable in segment.placeables:
        if placeable.alone and placeable.kind in (PlaceableKind.CODE, PlaceableKind.LITERAL):
            text = text.replace(f"<{placeable.letter}{placeable.number}/>", placeable.opening.strip("`"))
    return text


def judges(workspace: Workspace, store: "Store | None" = None) -> "Judges":
    """What the checks and the risk rules say, for the pipeline; of machines' drafts only the quick checks.

    With the store, findings that people waived or dismissed are said no more.
    """
    import review
    from pipeline.export import Judges
    from pipeline.store.history import UnitKey
    from review.checks import CHECKS, DRAFT_CHECKS, Context, findings
    from review.risk import risk
    from review.signoffs import to_confirm
    from review.waivers import NO_WAIVERS, read_waivers, without_waived

    waivers = read_waivers(store) if store else NO_WAIVERS
    source_locale, protect = workspace.settings.source_locale, workspace.settings.rules.protect
    terms = None
    if workspace.settings.term_files:
        from pipeline.terms.workspace import load_matcher, names_to_keep, term_hints, term_notes

        terms = load_matcher(workspace)

    def risk_of(segment: Segment) -> tuple[Risk, tuple[str, ...]]:
        return risk(spelled_out(segment), segment.heading_path)

    def context(unit: Unit) -> Context:
        return Context(source_locale=source_locale, target_locale=unit.target_locale, terms=terms, protect=protect)

    def findings_of(unit: Unit) -> tuple[Finding, ...]:
        return without_waived(findings(unit.segment.source, unit.target, context(unit)), unit, waivers)

    several = {target.locale for target in workspace.settings.targets if len(target.engines) > 1}

    # A draft is judged when it is made, and again when its PO file says what was found.
    @lru_cache(maxsize=1 << 12)
    def of_draft(source: str, target: str, target_locale: Locale) -> tuple[Finding, ...]:
        where = Context(source_locale=source_locale, target_locale=target_locale, terms=terms, protect=protect)
        # With all checks, where another engine could do better.
        return findings(source, target, where, CHECKS if target_locale in several else DRAFT_CHECKS)

    def draft_findings_of(unit: Unit) -> tuple[Finding, ...]:
        return without_waived(of_draft(unit.segment.source, unit.target, unit.target_locale), unit, waivers)

    def to_confirm_in(transaction: "Transaction", segments: Sequence[Segment], locale: Locale) -> dict[int, str]:
        signed = {
            UnitKey(slug, number, locale.tag)
            for slug in {segment.slug for segment in segments}
            for number, current in transaction.current(slug, locale.tag).items()
            if current.state in (ReviewState.REVIEWED, ReviewState.SIGNED_OFF)
        }
        histories = transaction.histories(signed)
        facts, demo = transaction.facts(), workspace.settings.demo
        reasons = {
            segment.number: to_confirm(segment, histories[key], facts, risk_of(segment)[0], demo=demo)
            for segment in segments
            if (key := UnitKey(segment.slug, segment.number, locale.tag)) in signed
        }
        return {number: "; ".join(why) for number, why in reasons.items() if why}

    def terms_of(source: str, target_locale: Locale) -> tuple[str, ...]:
        return term_notes(terms, source, source_locale, target_locale) if terms else ()

    def hints_of(text: str, target_locale: Locale) -> tuple[TermHint, ...]:
        return term_hints(terms, text, source_locale, target_locale) if terms else ()

    hints = hints_of if terms else None
    known = (
        code_hash(str(review.__file__)),
        terms.version if terms else "",
        *(rule.reason for rule in protect),
        *waivers.events,
        *sorted(locale.tag for locale in several),
    )
    return Judges(
        risk=risk_of,
        findings=findings_of,
        draft_findings=draft_findings_of,
        to_confirm=to_confirm_in,
        terms=terms_of,
        term_hints=hints,
        terms_version=terms.version if terms else "",
        names=names_to_keep(terms.termbase, source_locale) if terms else (),
        version=" ".join(known),
    )


def something_new(workspace: Workspace) -> bool:
    """Whether an article or the settings changed since the last run, by the files' times: a guess, to save time."""
    last_run = workspace.private / "logs" / "run.html"
    if not last_run.is_file():
        return True
    since = last_run.stat().st_mtime
    return any(
        path.stat().st_mtime >= since
        for path in (workspace.root / FILE_NAME, *workspace.source_content.rglob("*"))
        if path.is_file()
    )


def target_locales(workspace: Workspace, tags: str | None) -> tuple[Locale, ...]:
    """The locales of `--to es,pt-BR`; all of the workspace's without. Raises LocaleError, ConfigError."""
    if tags is None:
        locales = tuple(target.locale for target in workspace.settings.targets)
    else:
        locales = tuple(dict.fromkeys(Locale.parse(tag.strip()) for tag in tags.split(",") if tag.strip()))
        for locale in locales:
            workspace.target(locale)
    if not locales:
        raise ConfigError(
            workspace.root / "signoff.toml", None, "no target locale: add a [[target]] or name --to LOCALES"
        )
    return locales


def only_locale(locales: tuple[Locale, ...]) -> Locale:
    """The one locale that an act is in. Raises UsageError if it is not said."""
    if len(locales) != 1:
        raise click.UsageError(f"say in which language, --to {' or '.join(map(str, locales))}")
    return locales[0]


def login_name() -> str:
    """Who types, in characters that can be written anywhere. Raises UsageError where the system does not know."""
    try:
        return getpass.getuser().encode(errors="backslashreplace").decode()
    except (KeyError, OSError) as error:
        raise click.UsageError("this system does not say who you are: name yourself with --entered-by ID") from error
