"""Type commands in tests: the real command in a process of its own, with engines brought by entry points.

Takes   a folder to type in, and the words
Gives   what came out on stdout and stderr, and the exit code
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workspaces import ENGINE, make_workspace

from cli.stand_in_engines import ENTRY_POINTS

PAIN = b"""# Pain

Take **one tablet** (5 mg) every evening with water. Rest is good for you.

Keep this leaflet. You may want to read it again.
"""
SLEEP = b"""# Sleep

Go to bed at the same time every day. Read a little before.
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a command did."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one JSON object on stdout."""
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        """The JSON Lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    def sentence(self) -> str:
        """The one sentence on stderr of a command that could not run."""
        assert self.code == 2, self
        assert "Traceback" not in self.err
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("signoff: "), self.err
        return self.err.removeprefix("signoff: ").rstrip("\n")


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Types `signoff …` in a folder."""

    folder: Path
    plugins: Path
    """A folder with the distribution that brings the engines of stand_in_engines.py."""
    inside: tuple[str, ...] = ()
    """The command that starts the command, in another view of the disk (small_disk.py)."""

    def start(
        self, *words: str | bytes, environment: Mapping[str, str] | None = None, python: bool = False, **options: Any
    ) -> "subprocess.Popen[bytes]":
        """The running command; with `python`, the words are Python's own."""
        tests = Path(__file__).parents[1]
        path = os.pathsep.join(str(folder) for folder in (tests.parent, tests, self.plugins))  # this checkout first
        return subprocess.Popen(
            [*self.inside, sys.executable, *(() if python else ("-m", "signoff")), *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, **(environment or {})},
            **{
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                # A shell's background job ignores Ctrl-C and hands that on to what it starts: these are typed by hand.
                "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                **options,
            },
        )

    def __call__(self, *words: str | bytes, environment: Mapping[str, str] | None = None) -> Typed:
        """The command that has ended."""
        running = self.start(*words, environment=environment)
        return ended(running)

    def below(self, *parts: str) -> "Keyboard":
        """The same keyboard in another folder, made if missing."""
        folder = self.folder.joinpath(*parts)
        folder.mkdir(parents=True, exist_ok=True)
        return Keyboard(folder, self.plugins)


def ended(running: "subprocess.Popen[bytes]") -> Typed:
    """Wait for a command."""
    out, err = running.communicate(timeout=120)
    return Typed(running.returncode, (out or b"").decode(), (err or b"").decode())


def interrupt(running: "subprocess.Popen[bytes]") -> None:
    """Ctrl-C, once."""
    running.send_signal(signal.SIGINT)


def bring_engines(folder: Path) -> Path:
    """Make a distribution whose entry points are the engines of stand_in_engines.py."""
    info = folder / "stand_in_engines-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stand-in-engines\nVersion: 1\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    return folder


def workspace(
    folder: Path,
    articles: Mapping[str, bytes] | None = None,
    *,
    engines: Sequence[str] = (ENGINE,),
    locales: Sequence[str] = ("es",),
    more: str = "",
) -> Path:
    """A demo workspace with two articles, or those given."""
    articles = {"pain.md": PAIN, "sleep.md": SLEEP} if articles is None else articles
    return make_workspace(folder, articles=articles, engines=engines, locales=locales, more=more)
