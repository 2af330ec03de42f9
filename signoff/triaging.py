"""`signoff triage`: what to review first, and why."""

from dataclasses import asdict
from pathlib import Path

import click

from signoff.console import Output
from signoff.desk import json_option, judges, opened_in, to_option, workspace_option


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@to_option
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Show so many; --json all.")
@workspace_option
@json_option
def triage(slugs: tuple[str, ...], tags: str | None, limit: int, folder: Path | None, as_json: bool) -> int:
    """What to review first: critical sentences, errors, the machine's doubts, warnings; each with its reasons.

    Sentences that are signed off are not in it. The points are added up from the reasons shown: critical 8, an error
    6, a doubt 3, a warning 2, a draft that nobody has read 1; of each kind at most three count.

    Exit code 0: done. 2: an article could not be read, and the others are shown; or a SLUG is none.

    \b
    Examples:
      signoff triage --to es
      signoff triage what-is-clonazepam --to es --json
    """
    from review.triage import triage as in_order

    out = Output(as_json=as_json)
    with opened_in(folder, tags) as (workspace, store, locales):
        tasks, refused = in_order(workspace, store, judges(workspace, store), locales, slugs)
    for task in tasks if as_json else ():
        out.data(asdict(task))
    for task in tasks[:limit] if not as_json else ():
        out.say(f"{task.points:3}  {task.id} in {task.locale}", "bold")
        for reason in task.why:
            out.explain(reason, indent=5)
        out.explain(f"English: {task.source}", indent=5)
        out.explain(f"{task.locale}: {task.target or '(no text yet)'}", indent=5)
    if not as_json and len(tasks) > limit:
        out.say(f"and {len(tasks) - limit} more: --limit N, or --json for all")
    elif not as_json and not tasks:
        out.say("nothing to review: signoff run drafts, signoff status says what is signed")
    for reason in refused:
        out.warn(f"not read: {reason}")
    return 2 if refused else 0
