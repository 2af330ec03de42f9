"""`signoff run` and `signoff segments`: from articles to PO files."""

import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signoff.console import Output
from signoff.desk import (
    as_typed,
    check_people,
    find_and_load,
    json_option,
    judges,
    open_store,
    open_workspace,
    something_new,
    target_locales,
    workspace_option,
)

if TYPE_CHECKING:
    from pipeline.config import Workspace
    from pipeline.run import Failed, RunReport


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--to", "tags", metavar="LOCALES", help="Target locales, such as es,pt-BR. Default: all of signoff.toml.")
@click.option("--engine", metavar="NAME", help="Draft with this engine only; signoff.toml must name it for the locale.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="N",
    default=min(4, os.cpu_count() or 2),
    show_default="as many as this machine has processors, at most 4",
    help="How many articles are drafted side by side, 1 to 64.",
)
@click.option(
    "--budget",
    type=click.IntRange(0),
    metavar="CHARS",
    help="Send no more characters than this to engines, all together, then stop cleanly; the next run goes on.",
)
@click.option("--offline", is_flag=True, help="Send no text to another machine, whatever signoff.toml says.")
@workspace_option
@json_option
def run(
    slugs: tuple[str, ...],
    tags: str | None,
    engine: str | None,
    workers: int,
    budget: int | None,
    offline: bool,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Draft what has no text yet and write locales/<locale>/<slug>.po for the reviewers.

    A slug is an article's name: source_content/opioids/basics.md is opioids/basics. Without any, all articles are
    drafted. What has a text already is left as it is, so run may be typed at any time; a run that was stopped goes on
    where it was.

    A PO file that somebody edited in locales/ is never overwritten: run names it, with the import line to type. What
    the machine was unsure of stands in .signoff/logs/run.html.

    Exit code 0: done. 1: done, but for PO files that somebody edited, or because the budget was used up. 2: an article
    could not be read, or no engine could draft; everything else was done and is kept.

    \b
    Examples:
      signoff run
      signoff run --to es,ca
      signoff run what-is-clonazepam --to es
    """
    from pipeline.drafters import Drafters

    out = Output(as_json=as_json)
    workspace = find_and_load(folder)
    locales = target_locales(workspace, tags)
    with Drafters(workspace, only=engine, offline=offline) as engines:
        if something_new(workspace):
            engines.warm_up(locales)  # they load beside all that follows
        check_people(workspace)
        from pipeline.run import run as run_flow

        with open_store(workspace) as store, out.progress("drafting") as bar:
            report = run_flow(
                workspace,
                store,
                judges(workspace),
                engines,
                slugs=slugs,
                locales=locales,
                workers=workers,
                progress=bar,
                budget=budget,
                notice=out.warn,
            )
    from pipeline.run_report import write_report  # its templates load while nobody waits for an engine

    page = write_report(workspace, report)
    if as_json:
        out.data({key: value for key, value in asdict(report).items() if key != "doubts"})
    _tell(out, workspace, report)
    out.say(f"report: {page}")
    if report.refused:
        return 2
    return 1 if report.edited or report.over_budget else 0


def _tell(out: Output, workspace: "Workspace", report: "RunReport") -> None:
    """What a run did, in a few lines."""
    if not report.articles and not report.refused:
        out.say(f"there is no article in {workspace.source_content}: put .md, .txt or .html files there")
    out.say(
        f"{_many(report.articles, 'article')} in {_many(report.locales, 'locale')}, {report.seconds:.1f} s: "
        f"{report.drafted} drafted, {report.from_memory} from memory, {report.unchanged} had a text; "
        f"{_many(len(report.written), 'PO file')} written"
    )
    for alike in _alike(report.failed):
        example = alike[0]
        out.explain(
            f"no draft: {_many(len(alike), 'sentence')} in {example.locale}, such as {example.id}: {example.reason}",
            "yellow",
        )
    if report.over_budget:
        out.say(f"the budget is used up: {_many(report.over_budget, 'sentence')} left for the next run", "yellow")
    if report.cost is not None:
        out.say(f"cost, by the prices in signoff.toml: {report.cost:.2f}")
    for sentence in report.broken:
        out.warn(sentence)
    for path in report.edited:
        file = as_typed(workspace.root / path)
        out.say(f"edited, left alone: {path}", "yellow")
        out.say(f"  take it back with: signoff import {file} --reviewer ID --attest edited")
    for sentence in report.refused:
        out.warn(f"not read: {sentence}")


def _alike(failed: "Sequence[Failed]") -> "list[list[Failed]]":
    """Failures in the same locale for the same reason but for its numbers and quotations, the most frequent first."""
    groups: dict[tuple[str, str], list[Failed]] = {}
    for one in failed:
        groups.setdefault((one.locale, re.sub(r"\d+|'.*'", "", one.reason)), []).append(one)
    return sorted(groups.values(), key=len, reverse=True)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@workspace_option
@json_option
def segments(file: Path, folder: Path | None, as_json: bool) -> int:
    """Show what the extraction sees in one article file: segment, kind, heading path, bytes, placeables.

    Works on any .txt, .md or .html file, also outside of a workspace; inside one its rules for furniture and headings
    apply. Look here when a sentence is cut in the wrong place, or a heading is taken for a paragraph.

    \b
    Example:
      signoff segments source_content/first.md
    """
    from pipeline.articles import FORMATS, slug_of
    from pipeline.config import FILE_NAME
    from pipeline.errors import ArticleError
    from pipeline.extract import Rules, extract

    out = Output(as_json=as_json)
    if file.suffix not in FORMATS:
        raise ArticleError(str(file), None, f"is none of the formats that Signoff reads: {', '.join(FORMATS)}")
    inside = folder or next((p for p in file.resolve().parents if (p / FILE_NAME).is_file()), None)
    slug, rules = file.stem, Rules()
    if inside:
        workspace = open_workspace(inside)
        rules = workspace.settings.rules
        if file.resolve().is_relative_to(workspace.source_content.resolve()):
            slug = slug_of(workspace.source_content.resolve(), file.resolve())
    skeleton, found = extract(file.read_bytes(), FORMATS[file.suffix], slug=slug, rules=rules)
    for segment in found:
        value = {
            "id": segment.id,
            "kind": segment.kind.value,
            "heading_path": list(segment.heading_path),
            "start": segment.start,
            "end": segment.end,
            "source": segment.source,
            "placeables": [
                {"tag": f"{p.letter}{p.number}", "kind": p.kind.value, "opening": p.opening, "closing": p.closing}
                for p in segment.placeables
            ],
        }
        if as_json:
            out.data(value)
    if not as_json:
        out.table(
            ("number#", "kind", "under", "bytes", "source"),
            [(str(s.number), s.kind.value, " > ".join(s.heading_path), f"{s.start}-{s.end}", s.source) for s in found],
        )
        for block in skeleton.blocks:
            if block.furniture:
                text = skeleton.data[block.start : block.end].decode().strip()
                out.say(f"furniture ({block.furniture}): {text[:100]}", "dim")
    return 0
