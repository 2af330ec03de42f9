"""What people and programs read from Signoff: one console, to stderr where stdout is data.

Human output goes through `say`; with `--json`, stdout holds JSON only. No colour and no bar when not a terminal.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table


class Output:
    """Where a command's words go."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.console = Console(stderr=as_json, highlight=False, soft_wrap=True)

    def say(self, text: str = "", style: str = "") -> None:
        """A line for the person. `text` is never markup: it may hold what an article or a reviewer wrote."""
        self.console.print(escape(text), style=style or None, markup=True)

    def table(self, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        """A table for the person, whole lines even when not a terminal."""
        table = Table(box=None, header_style="bold", pad_edge=False)
        for heading in headings:
            right = heading.endswith("#")
            table.add_column(heading.rstrip("#"), justify="right" if right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        width = self.console.width if self.console.is_terminal else 160
        self.console.print(table, width=width)

    def data(self, value: Any) -> None:
        """One JSON value on stdout, on one line."""
        click.echo(json.dumps(value, ensure_ascii=False))

    @contextmanager
    def progress(self, what: str) -> Iterator["Bar"]:
        """A bar that tells how far a long command has come; silent when not a terminal."""
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True, highlight=False),
            transient=True,
            disable=not Console(stderr=True).is_terminal,
        )
        with bar:
            yield Bar(bar, bar.add_task(what, total=None))


class Bar:
    """One running bar."""

    def __init__(self, bar: Progress, task: Any) -> None:
        self.bar, self.task = bar, task

    def __call__(self, done: int, total: int, what: str) -> None:
        """`done` of `total` are finished, the last of them is `what`."""
        self.bar.update(self.task, completed=done, total=total, description=escape(what))
