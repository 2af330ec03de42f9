"""What people and programs read from Signoff: one console, to stderr where stdout is data.

Takes   texts that may hold what an article, a reviewer, an engine or a file name says
Gives   lines on stdout (with `--json` on stderr), what could not be done on stderr, JSON on stdout
Always  a text is shown, never obeyed: control characters and bidirectional overrides are written out (`\\x1b`), square
        brackets are no markup; no colour and no bar when not a terminal
"""

import json
import os
import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 160
"""The width of a table that no terminal shows."""

_NOT_SHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
"""What a terminal would obey, or would turn round: C0 and C1 controls, line and paragraph separators, bidirectional
marks (Unicode 16, Bidi_Control), and the halves of surrogate pairs that stand for bytes of a file name."""


def shown(text: str) -> str:
    """The text on one line, with everything that a terminal would obey written out.

    >>> shown("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    return _NOT_SHOWN.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python holds a byte of a file name that is not UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def _is_name(cell: str) -> bool:
    """Whether a cell is one word that somebody copies, such as a sentence's id: never broken, if short enough."""
    return " " not in cell and len(cell) <= SHORT_NAME


SHORT_NAME = 40


class Output:
    """Where a command's words go."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.console = _console(stderr=as_json)
        self.errors = _console(stderr=True)

    def say(self, text: str = "", style: str = "") -> None:
        """A line for the person. `text` is never markup: it may hold what an article or a reviewer wrote."""
        self.console.print(Text(shown(text), style=style))

    def explain(self, text: str, style: str = "", *, indent: int = 0) -> None:
        """A sentence for the person, broken between words where a terminal is too narrow; for what nobody copies."""
        lines = [shown(text)]
        if self.console.is_terminal:
            lines = textwrap.wrap(
                shown(text),
                self.console.width,
                initial_indent=" " * indent,
                subsequent_indent=" " * (indent + 2),
                break_long_words=False,
                break_on_hyphens=False,
            )
        else:
            lines = [" " * indent + line for line in lines]
        for line in lines:
            self.console.print(Text(line, style=style))

    def warn(self, text: str) -> None:
        """What could not be done, on stderr whatever else is said."""
        self.errors.print(Text(shown(text), style="red"))

    def table(self, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        """A table for the person; a heading that ends with `#` is that of a number. Breaks between words."""
        table = Table(box=None, header_style="bold", pad_edge=False)
        for index, heading in enumerate(headings):
            right = heading.endswith("#")
            table.add_column(
                heading.rstrip("#"),
                justify="right" if right else "left",
                overflow="fold",
                no_wrap=right or all(_is_name(row[index]) for row in rows),
            )
        for row in rows:
            table.add_row(*(Text(shown(cell)) for cell in row))
        self.console.print(table)

    def data(self, value: Any) -> None:
        """One JSON value on stdout, on one line, in UTF-8 whatever the terminal speaks."""
        text = json.dumps(value, ensure_ascii=False)
        # The same string in JSON, and harmless on a terminal; a lone surrogate would be no UTF-8 either.
        click.echo(_NOT_SHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode())

    @contextmanager
    def progress(self, what: str) -> Iterator["Bar"]:
        """A bar that tells how far a long command has come; silent when not a terminal."""
        bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[more]}", markup=False),
            console=self.errors,  # the one that warnings go to: else they would tear the bar
            transient=True,
            disable=not self.errors.is_terminal,
        )
        with bar:
            yield Bar(bar, bar.add_task(what, total=None, more=""))


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PLAIN_WIDTH
    return console


class Bar:
    """One running bar."""

    def __init__(self, bar: Progress, task: Any) -> None:
        self.bar, self.task = bar, task

    def __call__(self, done: int, total: int, what: str, more: str = "") -> None:
        """`done` of `total` are finished, the last of them is `what`; `more` stands behind the time that remains."""
        self.bar.update(self.task, completed=done, total=total, description=shown(what), more=shown(more))
