"""`signoff run` and `signoff segments`: from articles to PO files."""

import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.wording import many
from signoff.console import Bar, Output
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
    to_option,
    workspace_option,
)

if TYPE_CHECKING:
    from pipeline.config import Workspace
    from pipeline.model import Segment, Skeleton
    from pipeline.progress import Moment
    from pipeline.protected import Protect
    from pipeline.report import Failed, RunReport
    from pipeline.updates import ArticleChange


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@to_option
@click.option("--engine", metavar="NAME", help="Draft with this engine only; signoff.toml must name it for the locale.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="N",
    default=min(4, os.cpu_count() or 2),
    show_default="as many as this machine has processors, at most 4",
    help="How many articles are drafted side by side, 1 to 64; one more is made ready meanwhile.",
)
@click.option(
    "--budget",
    type=click.IntRange(0),
    metavar="CHARS",
    help="Send no more characters than this to engines, all together, then stop cleanly; the next run goes on.",
)
@click.option("--offline", is_flag=True, help="Send no text to another machine, whatever signoff.toml says.")
@click.option(
    "--back-translate",
    is_flag=True,
    help="Also translate drafts back that nobody has read, as an aid in the PO file; it costs as much as drafting.",
)
@click.option("--dry-run", is_flag=True, help="Draft and write nothing: print what `signoff analyze` prints.")
@workspace_option
@json_option
def run(
    slugs: tuple[str, ...],
    tags: str | None,
    engine: str | None,
    workers: int,
    budget: int | None,
    offline: bool,
    back_translate: bool,
    dry_run: bool,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Draft what has no text yet and write locales/<locale>/<slug>.po for the reviewers.

    A slug is an article's name: source_content/opioids/basics.md is opioids/basics. Without any, all articles are
    drafted. What has a text already is left as it is, so run may be typed at any time; a run that was stopped goes on
    where it was.

    A PO file that somebody edited in locales/ is never overwritten: run names it, with the import line to type. What
    the machine was unsure of stands in .signoff/logs/run.html.

    Exit code 0: done. 1: done, but for PO files that somebody edited, or because the budget was used up, or for texts
    over which a service was down: the next run asks again. 2: an article could not be read, or no engine could draft;
    everything else was done and is kept.

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
    if dry_run:
        from signoff.analyzing import show_analysis

        check_people(workspace)
        return show_analysis(out, workspace, slugs, locales, engine=engine, offline=offline, budget=budget)
    with Drafters(workspace, only=engine, offline=offline) as engines:
        if something_new(workspace):
            engines.warm_up(locales)  # they load beside all that follows
        check_people(workspace)
        from pipeline.run import run as run_flow

        with open_store(workspace) as store, out.progress("drafting") as bar:
            report = run_flow(
                workspace,
                store,
                judges(workspace, store),
                engines,
                slugs=slugs,
                locales=locales,
                workers=workers,
                progress=_shown_on(bar, workspace.settings.currency),
                budget=budget,
                back_translate=back_translate,
                notice=out.warn,
            )
    from pipeline.run_history import write_report  # its templates load while nobody waits for an engine

    page, index = write_report(workspace, report)
    if as_json:
        from pipeline.report import as_json as json_of

        out.data(json_of(report))
    _tell(out, workspace, report)
    out.say(f"report: {page}")
    if index:
        out.say(f"earlier runs: {index}")
    if report.refused:
        return 2
    asked_again = any(not failed.final for failed in report.failed)
    return 1 if report.edited or report.over_budget or asked_again else 0


def _shown_on(bar: Bar, currency: str) -> "Callable[[Moment], None]":
    """Tells a bar how fast a run is, and what it has cost so far."""
    began = time.monotonic()

    def tell(moment: "Moment") -> None:
        more = [f"{moment.drafted / max(time.monotonic() - began, 0.001):,.0f} segments/s"] if moment.drafted else []
        if moment.cost is not None:
            more.append(f"{moment.cost:,.2f} {currency}".rstrip() + " so far")
        bar(moment.done, moment.total, moment.what or "drafting", " · ".join(more))

    return tell


def _tell(out: Output, workspace: "Workspace", report: "RunReport") -> None:
    """What a run did, in a few lines."""
    if not report.articles and not report.refused:
        out.say(f"there is no article in {workspace.source_content}: put .md, .txt or .html files there")
    out.say(
        f"{many(report.articles, 'article')} in {many(report.locales, 'locale')}, {report.seconds:.1f} s: "
        f"{report.drafted} drafted, {report.from_memory} from memory, {report.unchanged} had a text; "
        f"{many(len(report.written), 'PO file')} written"
    )
    if back := sum(here.back_translated for here in report.by_locale.values()):
        out.say(f"translated back, as an aid for reviewers: {many(back, 'draft')}")
    if report.repaired or report.with_errors:
        out.say(
            f"checked: {many(report.repaired, 'draft')} repaired, {report.with_errors} still with an error: "
            "the PO files say where"
        )
    for rename in report.renamed:
        out.say(
            f"renamed: {rename.old} is {rename.new} now ({rename.equal} of {rename.sentences} sentences are equal): "
            "its texts and sign-offs go on"
        )
    for path in report.leftover:
        out.say(f"left over from the old name, nobody edited it: delete {as_typed(workspace.root / path)}", "yellow")
    _tell_changes(out, report.changes)
    for alike in _alike(report.failed):
        example = alike[0]
        out.explain(
            f"no draft: {many(len(alike), 'sentence')} in {example.locale}, such as {example.id}: {example.reason}",
            "yellow",
        )
    if report.over_budget:
        out.say(f"the budget is used up: {many(report.over_budget, 'sentence')} left for the next run", "yellow")
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


def _tell_changes(out: Output, changes: "Sequence[ArticleChange]") -> None:
    """What changed in the English, a line per article, and the words that people must read because of it."""
    first = {change.slug: change for change in changes if change.first}
    if first:
        words = max(sum(c.review_words for c in changes if c.first and c.locale == tag) for tag in _tags(changes))
        out.say(f"new: {many(len(first), 'article')}, {many(words, 'word')} to review in each locale")
    articles: dict[str, list[ArticleChange]] = {}
    for change in changes:
        if not change.first:
            articles.setdefault(change.slug, []).append(change)
    for slug, of_slug in articles.items():
        for what in dict.fromkeys(map(_changed, of_slug)):
            tags = ", ".join(f"{c.locale} {_cost(c)}" for c in of_slug if _changed(c) == what)
            out.say(f"changed: {slug}: {what}; {tags}")


def _tags(changes: "Sequence[ArticleChange]") -> list[str]:
    return list(dict.fromkeys(change.locale for change in changes))


def _changed(change: "ArticleChange") -> str:
    counts = [
        (change.edited, "edited"),
        (change.new, "new"),
        (change.moved, "moved"),
        (change.restored, "back"),
        (change.deleted, "deleted"),
    ]
    said = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"{said or 'no sentence of its own'}, {change.unchanged} unchanged"


def _cost(change: "ArticleChange") -> str:
    cost = f"{many(change.review_words, 'word')} to review"
    if change.confirm:
        cost += f", {many(change.confirm_words, 'word')} to confirm (critical, and what stands before is another)"
    return cost


def _alike(failed: "Sequence[Failed]") -> "list[list[Failed]]":
    """Failures in the same locale for the same reason but for its numbers and quotations, the most frequent first."""
    groups: dict[tuple[str, str], list[Failed]] = {}
    for one in failed:
        groups.setdefault((one.locale, re.sub(r"\d+|'.*'", "", one.reason)), []).append(one)
    return sorted(groups.values(), key=len, reverse=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@workspace_option
@json_option
def segments(file: Path, folder: Path | None, as_json: bool) -> int:
    """Show what the extraction sees in one article file: segment, kind, heading path, bytes, placeables, and what is
    protected from every translation (addresses, phones, codes, and the names of signoff.toml).

    Works on any .txt, .md or .html file, also outside of a workspace; inside one its rules for furniture and headings
    apply. Look here when a sentence is cut in the wrong place, or a heading is taken for a paragraph; and read once
    what is not for translation: code, scripts, furniture, keys of the front matter.

    \b
    Example:
      signoff segments source_content/first.md
    """
    from pipeline.articles import FORMATS, slug_of
    from pipeline.config import FILE_NAME
    from pipeline.errors import ArticleError
    from pipeline.extract import Rules, extract
    from pipeline.protected import protected_spans

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
    if as_json:
        for segment in found:
            out.data(_segment_json(segment, skeleton.blocks[segment.block].guessed, rules.protect))
        for start, end, reason, _ in _not_translated(skeleton):
            out.data({"start": start, "end": end, "left_alone": reason})
        return 0
    out.table(
        ("number#", "kind", "under", "bytes", "source"),
        [
            (
                str(s.number),
                f"{s.kind.value}{' (a guess)' if skeleton.blocks[s.block].guessed else ''}",
                " > ".join(s.heading_path),
                f"{s.start}-{s.end}",
                s.source,
            )
            for s in found
        ],
    )
    parts = [
        (
            str(s.number),
            f"<{p.letter}{p.number}{'/' if p.alone else ''}>",
            p.kind.value,
            _short(f"{p.opening} {p.closing}"),
        )
        for s in found
        for p in s.placeables
    ]
    if parts:
        out.say("Inline parts, which a translation keeps:")
        out.table(("number#", "tag", "kind", "in the file"), parts)
    protected = [
        (str(s.number), s.source[span.start : span.end], span.kind.value, span.reason)
        for s in found
        for span in protected_spans(s.source, rules.protect)
    ]
    if protected:
        out.say("Protected, which no translation changes:")
        out.table(("number#", "text", "kind", "why"), protected)
    rest = _not_translated(skeleton)
    if rest:
        out.say("Not for translation, and why:")
        out.table(("bytes", "why", "in the file"), [(f"{a}-{b}", why, _short(text)) for a, b, why, text in rest])
    return 0


def _segment_json(segment: "Segment", guessed: bool, protect: "Sequence[Protect]") -> "dict[str, Any]":
    from pipeline.protected import protected_spans

    return {
        "id": segment.id,
        "kind": segment.kind.value,
        "guessed": guessed,
        "heading_path": list(segment.heading_path),
        "start": segment.start,
        "end": segment.end,
        "source": segment.source,
        "placeables": [
            {"tag": f"{p.letter}{p.number}", "kind": p.kind.value, "opening": p.opening, "closing": p.closing}
            for p in segment.placeables
        ],
        "protected": [
            {
                "start": span.start,
                "end": span.end,
                "text": segment.source[span.start : span.end],
                "kind": span.kind.value,
                "reason": span.reason,
            }
            for span in protected_spans(segment.source, protect)
        ],
    }


def _not_translated(skeleton: "Skeleton") -> "list[tuple[int, int, str, str]]":
    """Furniture and what is left alone: its bytes, the rule or reason, the text; in reading order."""
    rest = [(block.start, block.end, f"furniture: {block.furniture}") for block in skeleton.blocks if block.furniture]
    rest += [(part.start, part.end, part.reason) for part in skeleton.left_alone]
    return [(a, b, why, skeleton.data[a:b].decode(errors="replace")) for a, b, why in sorted(rest)]


def _short(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:99]}…"
