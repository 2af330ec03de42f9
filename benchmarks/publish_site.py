"""The gate, the pages and their proof: what does `publish` cost, first, again, and with one sentence more?

Takes   the workspace of verify_site.py: articles copied with a number, every sentence signed by two invented people
Gives   for each publish, in a process of its own: pages judged, processor seconds, seconds on the clock, largest memory
Target  1,000 articles in three languages: first under 60 s, again under 2 s, one sentence more under 3 s

    python benchmarks/publish_site.py [--articles 1000] [--folder DIR]

The checks run over every sentence as they do for real, but none of their errors holds a page: the stand-in writes no
number as Spanish does. `--folder` keeps the workspace, and goes on with one that is there.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from verify_site import lay_out, sign

from pipeline.articles import find_articles
from pipeline.config import load_workspace
from pipeline.model import Finding, Severity, Unit
from review.publisher import Cause, ReleaseName
from review.releases import publish
from signoff.desk import judges, open_store

ROOT = Path(__file__).parents[1]
STEPS = ("first", "again", "one sentence more", "again")
MORE = "Ask somebody who knows you well."


def main() -> None:
    """Make the workspace, publish it four times, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--step", choices=["make", "change", "publish"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    match options.step:
        case "make":
            make(options.folder, options.articles)
        case "change":
            change(options.folder)
        case "publish":
            measure(options.folder)
        case _:
            with tempfile.TemporaryDirectory() as scratch:
                compare(options.folder or Path(scratch), options.articles)


def compare(folder: Path, articles: int) -> None:
    """Each step in a process of its own: a process begins with the memory peak of the one that started it."""

    def step(name: str) -> str:
        command = [sys.executable, __file__, "--step", name, "--folder", str(folder), "--articles", str(articles)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout.strip()

    if not (folder / "signoff.toml").is_file():
        step("make")
    print("| publish | pages | judged | CPU s | seconds | largest memory |\n|---|---|---|---|---|---|")
    for name in STEPS:
        if name.endswith("more"):
            step("change")
        print(f"| {name} | {step('publish')} |", flush=True)


def make(folder: Path, articles: int) -> None:
    """The workspace, signed article by article."""
    lay_out(folder, articles)
    workspace = load_workspace(folder)
    with open_store(workspace) as store:
        sign(store, workspace, find_articles(workspace))


def change(folder: Path) -> None:
    """One article has one sentence more, signed in both languages."""
    workspace = load_workspace(folder)
    path = find_articles(workspace)[0]
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{MORE}\n", encoding="utf-8")
    with open_store(workspace) as store:
        sign(store, workspace, [path], only=MORE)


def measure(folder: Path) -> None:
    """One publish."""
    workspace = load_workspace(folder)
    asked: set[tuple[str, str]] = set()
    start = time.monotonic()
    with open_store(workspace) as store:
        real = judges(workspace, store)

        def findings(unit: Unit) -> tuple[Finding, ...]:
            asked.add((unit.segment.slug, unit.target_locale.tag))
            return tuple(found for found in real.findings(unit) if found.severity is not Severity.ERROR)

        report = publish(
            workspace,
            store,
            replace(real, findings=findings),
            locales=[target.locale for target in workspace.settings.targets],
            out=folder / "site",
            name=ReleaseName(person=None, cause=Cause.PUBLISH),
        )
    wall, used = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF)
    held = [page for page in report.pages if page.state not in ("published", "unchanged")]
    assert not held, held[:3]
    pages = len(list((folder / "site").glob("*/*/index.html")))
    print(f"{pages} | {len(asked)} | {used.ru_utime + used.ru_stime:.1f} | {wall:.1f} | {used.ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
