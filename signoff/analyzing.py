"""`signoff analyze`: what a run would come to, before anything is spent."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signoff.console import Output
from signoff.desk import json_option, judges, open_store, open_workspace, target_locales, to_option, workspace_option

if TYPE_CHECKING:
    from pipeline.config import Workspace
    from pipeline.model import Locale

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@to_option
@click.option("--csv", "csv_file", type=_FILE, metavar="FILE", help="Write a line for each article, locale and kind.")
@click.option("--html", "html_file", type=_FILE, metavar="FILE", help="Write a page with a picture, to print or send.")
@workspace_option
@json_option
def analyze(
    slugs: tuple[str, ...],
    tags: str | None,
    csv_file: Path | None,
    html_file: Path | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Count the words by kind of match, the engines' cost and the hours of review, before a run.

    Nothing is drafted, sent or written to the store. An engine's price_per_million_characters stands below its
    [engine.NAME] in signoff.toml, and how fast people review below [analyze.words_per_hour].

    Exit code 0: done. 2: an article could not be read; the others were counted.

    \b
    Examples:
      signoff analyze --to es,ca
      signoff analyze --html budget.html
    """
    workspace = open_workspace(folder)
    out = Output(as_json=as_json)
    return show_analysis(out, workspace, slugs, target_locales(workspace, tags), csv_file, html_file)


def show_analysis(
    out: Output,
    workspace: "Workspace",
    slugs: Sequence[str],
    locales: "Sequence[Locale]",
    csv_file: Path | None = None,
    html_file: Path | None = None,
    *,
    engine: str | None = None,
    offline: bool = False,
    budget: int | None = None,
) -> int:
    """Count and tell; what `run --dry-run` does too, with the last three as they are given to `run`."""
    from pipeline.analyze import Kind
    from pipeline.analyze import analyze as count
    from pipeline.analyze_report import NAMES, as_csv, as_html, as_json, assumptions
    from pipeline.durable import replace_file
    from pipeline.run_report import duration

    with open_store(workspace) as store:
        risk = judges(workspace).risk
        analysis = count(workspace, store, risk, slugs=slugs, locales=locales, only=engine, offline=offline)
    if out.as_json:
        out.data(as_json(analysis))
    for total in analysis.totals:
        out.say(f"{total.locale}: {total.total.words:,} words in {total.total.segments:,} segments", "bold")
        rows = [(NAMES[kind], total.kinds[kind]) for kind in Kind if total.kinds[kind].segments]
        table = [(name, f"{c.segments:,}", f"{c.words:,}", f"{c.characters:,}") for name, c in rows]
        out.table(("match", "segments#", "words#", "characters#"), table)
        second = f"; {total.critical_words:,} critical words are read by a second person"
        out.say(f"  review: about {total.hours:,.1f} hours{second}")
        for cost in analysis.costs:
            if cost.locale == total.locale:
                price = f"{cost.cost:,.2f} {analysis.currency}".rstrip() if cost.cost is not None else "price not known"
                time = "" if cost.seconds is None else f"about {duration(cost.seconds)}, "
                asked = f"{cost.segments:,} segments, {cost.characters:,} characters"
                out.say(f"  drafts by {cost.engine}: {asked}, {time}{price}")
                if cost.todo:
                    out.explain(f"not as things are: {cost.todo}", "yellow", indent=4)
    first = {cost.locale: cost.characters for cost in reversed(analysis.costs) if not cost.todo}
    if budget is not None and (over := sum(first.values()) - budget) > 0:
        out.say(
            f"the budget of {budget:,} characters ends the run before: about {over:,} are left for the next", "yellow"
        )
    out.explain(assumptions(analysis), "dim")
    if csv_file:
        replace_file(csv_file.resolve(), as_csv(analysis).encode())
    if html_file:
        replace_file(html_file.resolve(), as_html(analysis, workspace.settings.site_name).encode())
    for sentence in analysis.refused:
        out.warn(f"not read: {sentence}")
    return 2 if analysis.refused else 0
