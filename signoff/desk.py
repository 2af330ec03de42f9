"""Put the rooms together for a command: the workspace, the store with the review's projection, the judges."""

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from pipeline.config import Workspace, find_workspace, load_workspace
from pipeline.errors import ConfigError
from pipeline.export import Judges
from pipeline.fingerprint import code_hash
from pipeline.model import Finding, Locale, PlaceableKind, Risk, Segment, Unit
from pipeline.store import Store

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


def as_typed(path: Path) -> str:
    """A path as somebody would type it in this folder and this shell, `'two words.po'`."""
    here = os.path.relpath(path)
    return shlex.quote(str(path) if here.startswith("..") and len(here) > len(str(path)) else here)


def open_workspace(folder: Path | None) -> Workspace:
    """The workspace that a command works in, its people and policy checked. Raises ConfigError, PolicyError."""
    from review.policy import policy_in_force
    from review.roster import roster_of

    workspace = load_workspace(folder.resolve() if folder else find_workspace(Path.cwd()))
    roster_of(workspace)
    policy_in_force(workspace.settings.policy, demo=workspace.settings.demo)
    return workspace


def open_store(workspace: Workspace) -> Store:
    """The workspace's store, judging review states as review/signoffs.py does."""
    from review.signoffs import project

    return Store(workspace.private, workspace.ledger, projection=project)


def spelled_out(segment: Segment) -> str:
    """The source with what a reader sees in the place of code and literal text: a dose may stand in either."""
    text = segment.source
    for placeable in segment.placeables:
        if placeable.alone and placeable.kind in (PlaceableKind.CODE, PlaceableKind.LITERAL):
            text = text.replace(f"<{placeable.letter}{placeable.number}/>", placeable.opening.strip("`"))
    return text


def judges(workspace: Workspace) -> Judges:
    """What the checks and the risk rules say, for the pipeline."""
    import review
    from review.checks import Context, findings
    from review.risk import risk

    source_locale, protect = workspace.settings.source_locale, workspace.settings.rules.protect

    def risk_of(segment: Segment) -> tuple[Risk, tuple[str, ...]]:
        return risk(spelled_out(segment), segment.heading_path)

    def findings_of(unit: Unit) -> tuple[Finding, ...]:
        context = Context(source_locale=source_locale, target_locale=unit.target_locale, protect=protect)
        return findings(unit.segment.source, unit.target, context)

    version = " ".join([code_hash(str(review.__file__)), *(rule.reason for rule in protect)])
    return Judges(risk=risk_of, findings=findings_of, version=version)


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
