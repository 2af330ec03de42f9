"""`signoff init` and `signoff doctor`: a new workspace, and what this machine can do."""

import shutil
import sys
from importlib.resources import files
from pathlib import Path

import click

from signoff.console import Output
from signoff.desk import json_option, open_workspace, workspace_option

TEMPLATE = (
    ("signoff.toml", "signoff.toml"),
    ("gitignore.txt", ".gitignore"),
    ("first.md.txt", "source_content/first.md"),
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="[DIR]")
def init(folder: Path) -> int:
    """Start a new workspace in DIR (default: here): a commented signoff.toml and one sample article.

    Never overwrites a file.
    """
    from pipeline.durable import replace_file
    from pipeline.errors import ConfigError

    out = Output()
    there = [target for _, target in TEMPLATE if (folder / target).exists()]
    if there:
        raise ConfigError(folder / there[0], None, "is already there: init never overwrites a file")
    for name, target in TEMPLATE:
        replace_file(folder / target, files("signoff").joinpath("template", name).read_bytes())
        out.say(f"created {folder / target}")
    out.say(
        "next: put your articles into source_content/, look into signoff.toml, then `signoff doctor` and `signoff run`"
    )
    return 0


@click.command()
@workspace_option
@json_option
def doctor(folder: Path | None, as_json: bool) -> int:
    """Say what is installed, which engines serve which locales, and what to do about the rest.

    Exit code 1 when a locale of the workspace has no engine that can draft for it.
    """
    from pipeline.engines import ENGINES, Missing, open_engine
    from pipeline.store import sqlite_module

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    source = workspace.settings.source_locale
    module, wal = sqlite_module()
    rows: list[tuple[str, str, str, str]] = []
    unserved: list[str] = []
    for target in workspace.settings.targets:
        served = False
        for name in dict.fromkeys((*target.engines, *ENGINES)):
            engine = open_engine(name, workspace.settings.engine_settings.get(name, {}))
            serves = engine.serves(source, target.locale)
            engine.close()
            named = name in target.engines
            ready = not isinstance(serves, Missing)
            served = served or (named and ready)
            use = "yes" if named and ready else "no" if named else "if you name it"
            rows.append((target.locale.tag, name, use, serves.todo if isinstance(serves, Missing) else "ready"))
        if not served:
            unserved.append(target.locale.tag)
    facts = {
        "python": sys.version.split()[0],
        "sqlite": f"{module.sqlite_version} ({'write-ahead log' if wal else 'rollback journal, extra syncs'})",
        "apertium": shutil.which("apertium") or "not installed",
        "msgfmt": shutil.which("msgfmt") or "not installed (only the tests need it: apt install gettext)",
    }
    if as_json:
        engines = [{"locale": r[0], "engine": r[1], "used": r[2] == "yes", "state": r[3]} for r in rows]
        out.data({**facts, "engines": engines, "unserved": unserved})
        return 1 if unserved else 0
    for name, fact in facts.items():
        out.say(f"{name}: {fact}")
    out.say()
    out.table(("locale", "engine", "used", "state"), rows)
    out.say()
    if unserved:
        out.say(f"no engine can draft for: {', '.join(unserved)}", "red")
        if facts["apertium"] == "not installed":
            out.say("install Apertium from your distribution (apt install apertium and the packages named above),")
            out.say('or name another engine in signoff.toml: engines = ["libretranslate"] with a server of your own,')
            out.say("or one of the online services above with its key in the environment.")
        out.say("until then you can still import reviewed files and publish what is signed.")
    return 1 if unserved else 0
