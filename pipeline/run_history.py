"""The reports of runs on the disk: the newest one, and those of earlier runs, with an index.

Takes   a RunReport
Gives   `.signoff/logs/run.html` and `run.json` of the newest run; the same two in `runs/<when it began>/` beside them
        for each run that did anything; `runs.html` and `runs.json`, the index of those
Always  at most MOST_RUNS are kept, the oldest go; a folder is the truth and the index is made from it, so that a crash
        loses no report; a run that did nothing leaves the earlier ones alone
"""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pipeline.config import Workspace
from pipeline.durable import replace_file
from pipeline.report import RunReport, as_json
from pipeline.run_report import as_html, duration, page, table

MOST_RUNS = 50
_FIGURES = ("started", "seconds", "articles", "locales", "segments", "drafted", "from_memory", "over_budget",
            "engine_calls", "characters", "cost")  # fmt: skip
"""What the index says of a run, as `run.json` has it; and how many sentences have no draft."""
_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(?:-\d{1,6})?")
"""When a run began; a number behind it where several began in one second."""


def write_report(workspace: Workspace, report: RunReport) -> tuple[Path, Path | None]:
    """Write the report's files. Returns the newest page, and the index if this run was added to it."""
    logs = workspace.private / "logs"
    site, currency = workspace.settings.site_name, workspace.settings.currency
    files = {
        "run.json": (json.dumps(as_json(report, doubts=True), ensure_ascii=False, indent=1) + "\n").encode(),
        "run.html": as_html(report, site, currency).encode(errors="replace"),
    }
    index = None
    if report.engine_calls or report.written or report.over_budget or report.broken or report.refused:
        _keep(logs / "runs", report.started, files)
        rows = _rows(logs)
        replace_file(logs / "runs.json", (json.dumps(rows, indent=1) + "\n").encode())
        index = logs / "runs.html"
        replace_file(index, _as_html(rows, site, currency).encode(errors="replace"))
    for name, data in files.items():
        replace_file(logs / name, data)
    return logs / "run.html", index


def _keep(runs: Path, started: str, files: dict[str, bytes]) -> None:
    """Put a run's files into a folder of its own, and take the oldest folders away."""
    there = _names(runs)
    name = started.replace("+00:00", "Z").replace(":", "-")
    if same := [one for one in there if one.startswith(name)]:
        name = f"{name}-{_number(same[-1]) + 1}"
    for file, data in files.items():
        replace_file(runs / name / file, data)
    for old in there[: max(0, len(there) + 1 - MOST_RUNS)]:
        shutil.rmtree(runs / old)


def _names(runs: Path) -> list[str]:
    """The folders of runs, the oldest first."""
    names = [path.name for path in runs.iterdir() if _NAME.fullmatch(path.name)] if runs.is_dir() else []
    return sorted(names, key=lambda name: (name.partition("Z")[0], _number(name)))


def _number(name: str) -> int:
    """Of the runs that began in that second, from 1."""
    return int(name.partition("Z-")[2] or 1)


def _rows(logs: Path) -> list[dict[str, Any]]:
    """The figures of each run that is kept, the newest first: those of earlier runs from the index as it was."""
    had = {row["run"]: row for row in _read(logs / "runs.json") or () if row.keys() == {"run", "failed", *_FIGURES}}
    rows = []
    for name in reversed(_names(logs / "runs")):
        if name in had:
            rows.append(had[name])
        elif report := _read(logs / "runs" / name / "run.json"):
            figures = {figure: report[figure] for figure in _FIGURES}
            rows.append({"run": name, **figures, "failed": len(report["failed"])})
    return rows


def _read(path: Path) -> Any:
    """The JSON of a file of ours; None if it is not there or a crash has torn it."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def _as_html(rows: Sequence[dict[str, Any]], site: str, currency: str) -> str:
    """The index: a row for each run, with the way to its page."""
    link = Markup('<a href="runs/{}/run.html">{}</a>')
    headings = ("began (UTC)", "articles#", "languages#", "drafted#", "from memory#", "no draft#", "left: budget#",
                "characters#", "cost#", "time#")  # fmt: skip
    figures = ("articles", "locales", "drafted", "from_memory", "failed", "over_budget", "characters")
    cells = [
        (
            link.format(row["run"], str(row["started"])[:19].replace("T", ", ")),
            *(f"{row[figure]:,}" for figure in figures),
            "" if row["cost"] is None else f"{row['cost']:,.2f} {currency}".rstrip(),
            duration(row["seconds"]),
        )
        for row in rows
    ]
    said = Markup('<p class="small soft">Runs that found nothing to do are not listed. The last {} are kept.</p>')
    return page(f"{site}: runs", "The newest first.", [table(headings, cells), said.format(MOST_RUNS)])
