"""`signoff run` and `signoff segments`: from articles to PO files."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from signoff.console import Output
from signoff.desk import json_option, judges, open_store, open_workspace, target_locales, workspace_option


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--to", "tags", metavar="LOCALES", help="Target locales, such as es,pt-BR. Default: all of signoff.toml.")
@click.option("--engine", help="Draft with this engine only; signoff.toml must name it for the locale.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=min(4, os.cpu_count() or 2),
    show_default=True,
    help="How many articles are drafted side by side.",
)
@click.option("--offline", is_flag=True, help="Send no text to another machine, whatever signoff.toml says.")
@workspace_option
@json_option
def run(
    slugs: tuple[str, ...],
    tags: str | None,
    engine: str | None,
    workers: int,
    offline: bool,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Draft what has no text yet and write locales/<locale>/<slug>.po for the reviewers.

    Only what is new or changed is drafted. A run that was stopped goes on where it was. A PO file that somebody
    edited is never overwritten: it is named, with the import line to type, and the exit code is 1.

    \b
    Examples:
      signoff run
      signoff run --to es,ca
      signoff run what-is-clonazepam --to es
    """
    from pipeline.run import run as run_flow
    from pipeline.run_report import write_report

    out = Output(as_json=as_json)
    workspace = open_workspace(folder)
    locales = target_locales(workspace, tags)
    with open_store(workspace) as store, out.progress("drafting") as bar:
        report = run_flow(
            workspace,
            store,
            judges(workspace),
            slugs=slugs,
            locales=locales,
            engine=engine,
            workers=workers,
            offline=offline,
            progress=bar,
        )
    page = write_report(workspace, report)
    if as_json:
        out.data({key: value for key, value in asdict(report).items() if key != "doubts"})
    out.say(
        f"{report.articles} articles × {report.locales} locales: {report.drafted} drafted, "
        f"{report.from_memory} from memory, {report.unchanged} unchanged, {len(report.failed)} without a draft "
        f"({report.seconds:.1f} s, {len(report.written)} PO files written)"
    )
    for failed in report.failed:
        out.say(f"  no draft: {failed.id} in {failed.locale}: {failed.reason}", "yellow")
    for path in report.edited:
        out.say(f"  edited, left alone: {path}", "yellow")
        out.say(f"    take it back with: signoff import {path} --reviewer ID --attest edited")
    for reason in report.refused:
        out.say(f"  not read: {reason}", "red")
    out.say(f"report: {page}")
    if report.refused:
        return 2
    return 1 if report.edited else 0


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@workspace_option
@json_option
def segments(file: Path, folder: Path | None, as_json: bool) -> int:
    """Show what the extraction sees in one article file: segment, kind, heading path, bytes, placeables.

    Works on any .txt, .md or .html file; inside a workspace its furniture rules apply.
    """
    from pipeline.articles import FORMATS
    from pipeline.config import FILE_NAME
    from pipeline.errors import ArticleError
    from pipeline.extract import Rules, extract

    out = Output(as_json=as_json)
    if file.suffix not in FORMATS:
        raise ArticleError(str(file), None, f"is none of the formats that Signoff reads: {', '.join(FORMATS)}")
    inside = folder or next((p for p in file.resolve().parents if (p / FILE_NAME).is_file()), None)
    rules = open_workspace(inside).settings.rules if inside else Rules()
    skeleton, found = extract(file.read_bytes(), FORMATS[file.suffix], slug=file.stem, rules=rules)
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
            click.echo(json.dumps(value, ensure_ascii=False))
    if not as_json:
        out.table(
            ("number#", "kind", "under", "bytes", "source"),
            [(str(s.number), s.kind.value, " › ".join(s.heading_path), f"{s.start}–{s.end}", s.source) for s in found],
        )
        for block in skeleton.blocks:
            if block.furniture:
                text = skeleton.data[block.start : block.end].decode().strip()
                out.say(f"furniture ({block.furniture}): {text[:100]}", "dim")
    return 0
