"""`signoff init` and `signoff doctor`: a new workspace, and what this machine can do."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signoff.console import Output
from signoff.desk import as_typed, json_option, open_store, open_workspace, workspace_option

if TYPE_CHECKING:
    from pipeline.config import Target, Workspace
    from review.policy import Policy
    from review.roster import Person

TEMPLATE = (
    ("signoff.toml", "signoff.toml"),
    ("gitignore.txt", ".gitignore"),
    ("first.md.txt", "source_content/first.md"),
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="[DIR]")
def init(folder: Path) -> int:
    """Start a new workspace in DIR (default: here): a commented signoff.toml and one sample article.

    A workspace is a folder with signoff.toml, source_content/ (the English articles), locales/ (the PO files that
    reviewers edit), ledger/ (who signed what; keep it in git), and the built site/. Never overwrites a file.

    \b
    Example:
      signoff init my-site
      cd my-site
      signoff doctor
    """
    from pipeline.durable import replace_file
    from pipeline.errors import ConfigError

    out = Output()
    if os.path.lexists(folder / "signoff.toml"):
        raise ConfigError(folder / "signoff.toml", None, "is already there: init never overwrites a file")
    has_articles = (folder / "source_content").exists()
    for name, target in TEMPLATE:
        path = folder / target
        if os.path.lexists(path) or (has_articles and target.startswith("source_content/")):
            lines = ": add the lines /.signoff/, /site/, /site-preview/ and /site-source/ to it"
            hint = lines if target == ".gitignore" else ""
            out.say(f"left as it is: {path if os.path.lexists(path) else path.parent}{hint}")
            continue
        replace_file(path, files("signoff").joinpath("template", name).read_bytes())
        out.say(f"created {path}")
    out.say()
    if folder.resolve() != Path.cwd():
        out.say(f"next: cd {as_typed(folder)}")
    out.say("then: put your articles into source_content/, look into signoff.toml, and type signoff doctor")
    return 0


@click.command()
@click.option("--all", "everything", is_flag=True, help="List every language that Apertium could draft, too.")
@workspace_option
@json_option
def doctor(folder: Path | None, everything: bool, as_json: bool) -> int:
    """Say what is installed, which engines serve which locales, who may sign today, and what to do about the rest.

    Sends no text anywhere. Of the engines that signoff.toml names, those with a server on this machine are asked
    whether it is there. Exit code 1 when a locale of the workspace has no engine that can draft for it.
    """
    from pipeline.store import sqlite_module
    from review.ledger_check import clock_warning
    from review.policy import policy_in_force
    from review.roster import roster_of

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    people = roster_of(workspace)
    policy = policy_in_force(workspace)
    module, wal = sqlite_module()
    answers = [
        answer for target in workspace.settings.targets for answer in _engines_for(workspace, target, target.engines)
    ]
    served = {answer.locale for answer in answers if answer.used and answer.ready}
    unserved = [target.locale.tag for target in workspace.settings.targets if target.locale.tag not in served]
    facts = {
        "python": sys.version.split()[0],
        "sqlite": f"{module.sqlite_version} ({'write-ahead log' if wal else 'rollback journal, extra syncs'})",
        "apertium": shutil.which("apertium") or "not installed",
        "msgfmt": shutil.which("msgfmt") or "not installed (only the tests need it: apt install gettext)",
    }
    signing = {role for steps in policy.steps.values() for step in steps for role in step.roles}
    today = datetime.now(UTC).date()
    may = [person for person in people.values() if signing & set(person.roles) and person.qualified_on(today)]
    signers = {
        target.locale.tag: [person.id for person in may if target.locale in person.locales]
        for target in workspace.settings.targets
    }
    missing = {
        target.locale.tag: _missing_signers(policy, [person for person in may if target.locale in person.locales])
        for target in workspace.settings.targets
    }
    could = tuple(_ways(workspace)) if everything else ()
    if workspace.private.is_dir():
        with open_store(workspace) as store, store.read() as transaction:
            if ahead := clock_warning(transaction):
                out.warn(ahead)
    if as_json:
        engines = [
            {
                "locale": a.locale,
                "engine": a.engine,
                "used": a.used and a.ready,
                "state": a.state,
                "sends_to": a.sends_to,
            }
            for a in answers
        ]
        ways = [{"locale": a.locale, "engine": a.engine, "way": way, "state": a.state} for a, way in could]
        more = {"could": ways} if everything else {}
        out.data(
            {
                **facts,
                "engines": engines,
                "unserved": unserved,
                "policy": policy.id,
                "signers": signers,
                "missing": missing,
                **more,
            }
        )
        return 1 if unserved else 0
    for name, fact in facts.items():
        out.say(f"{name:9} {fact}")
    out.say(f"{'workspace':9} {workspace.root}")
    out.say()
    for target in workspace.settings.targets:
        _tell_locale(out, target.locale.tag, [a for a in answers if a.locale == target.locale.tag], signers)
        if signers[target.locale.tag] and (why := missing[target.locale.tag]):
            out.explain(why, "yellow", indent=2)
    if not workspace.settings.targets:
        out.say("signoff.toml has no [[target]]: add one for each locale to publish in")
    _tell_others(out, [answer for answer in answers if not answer.used])
    if any(answer.used and answer.ready and answer.sends_to for answer in answers):
        out.explain("Whether a service on another machine answers, and takes your key, shows only when text is sent.")
        out.say()
    if could:
        out.say("All that Apertium could draft; add a [[target]] for what you want:")
        out.table(
            ("locale", "language", "way", "state"),
            [(a.locale, _name(a.locale), way, a.state.rpartition(": ")[2]) for a, way in could],
        )
    if unserved:
        out.say(f"no engine can draft for: {', '.join(unserved)}", "red")
        out.explain(
            "Do what stands above, or name another engine for it in signoff.toml. Until then you can still import "
            "reviewed files and publish what is signed."
        )
    return 1 if unserved else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What one engine says about one locale."""

    locale: str
    engine: str
    used: bool
    """Whether signoff.toml names it for the locale."""
    ready: bool
    state: str
    """`ready`, or what to do."""
    sends_to: str
    """The host that texts go to; empty if they stay on this machine, or if the engine cannot be opened."""


def _engines_for(workspace: "Workspace", target: "Target", named: Sequence[str]) -> Iterator[_Answer]:
    """Ask the engines that are named for a locale, best first, then all others."""
    from pipeline.engines import Missing, engine_names
    from pipeline.errors import EngineError
    from pipeline.watched import open_watched

    settings = workspace.settings
    for name in dict.fromkeys((*named, *engine_names())):
        sends_to = ""
        try:
            engine = open_watched(name, settings.engine_settings.get(name, {}))
            sends_to = engine.sends_to
            look = engine.reach if name in named else engine.serves
            answer = look(settings.source_locale, target.locale)
            engine.close()
        except EngineError as error:
            answer = Missing(str(error))
        state = answer.todo if isinstance(answer, Missing) else "ready"
        ready = not isinstance(answer, Missing)
        yield _Answer(
            locale=target.locale.tag, engine=name, used=name in named, ready=ready, state=state, sends_to=sends_to
        )


def _ways(workspace: "Workspace") -> "Iterator[tuple[_Answer, str]]":
    """Every locale that Apertium could draft, with the languages that it goes through."""
    from pipeline.engines import Missing
    from pipeline.engines.apertium import Apertium

    source = workspace.settings.source_locale
    with Apertium(workspace.settings.engine_settings.get(Apertium.name, {})) as engine:
        for locale, way in engine.ways(source).items():
            answer = engine.serves(source, locale)
            ready = not isinstance(answer, Missing)
            state = answer.todo if isinstance(answer, Missing) else "ready"
            found = _Answer(locale=locale.tag, engine=engine.name, used=False, ready=ready, state=state, sends_to="")
            yield found, way


def _name(tag: str) -> str:
    """A locale's name in English."""
    from pipeline.model import Locale

    return Locale.parse(tag).babel.get_display_name("en") or tag


def _missing_signers(policy: "Policy", people: "Sequence[Person]") -> str:
    """Why a critical sentence can never be published with these people, as a sentence; empty if it can."""
    from pipeline.model import Risk

    steps = policy.steps[Risk.CRITICAL]
    nobody = [" or ".join(step.roles) for step in steps if not any(set(step.roles) & set(p.roles) for p in people)]
    if nobody:
        return f"no critical sentence can be published: policy {policy.id} asks for a {', a '.join(nobody)}"
    if len(people) < len(steps):
        return f"no critical sentence can be published: policy {policy.id} asks for {len(steps)} different people"
    return ""


def _tell_locale(out: Output, tag: str, answers: Sequence[_Answer], signers: Mapping[str, Sequence[str]]) -> None:
    """Who drafts for a locale, and who may sign."""
    ready = [answer.engine for answer in answers if answer.used and answer.ready]
    out.say(tag, "bold")
    out.explain(f"drafts: {', then '.join(ready) or 'no engine'}", indent=2)
    for answer in answers:
        if answer.used and answer.ready and answer.sends_to:
            out.explain(f"{answer.engine} sends text to {answer.sends_to}", "yellow", indent=2)
        if answer.used and not answer.ready:
            out.explain(f"{answer.engine} is named in signoff.toml and cannot: {answer.state}", "yellow", indent=2)
    nobody = "nobody yet, so nothing can be published: add a [[person]] to signoff.toml"
    out.explain(f"signs:  {', '.join(signers[tag]) or nobody}", indent=2)


def _tell_others(out: Output, answers: Sequence[_Answer]) -> None:
    """The engines that could be named as well, each with its locales or what is missing."""
    if not answers:
        return
    out.say()
    out.say("Engines that are not in use. Text goes to one only if signoff.toml names it for the locale:")
    states: dict[tuple[str, str], list[str]] = {}
    for answer in answers:
        state = "could draft, on this machine" if answer.ready else answer.state
        if answer.sends_to:
            state = f"{'could draft' if answer.ready else state}; it would send text to {answer.sends_to}"
        states.setdefault((answer.engine, state), []).append(answer.locale)
    for (engine, state), tags in states.items():
        out.explain(f"{engine:14} {', '.join(tags)}: {state}", indent=2)
    out.say()
