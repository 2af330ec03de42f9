"""Type commands at the same time, and kill them all at a moment: a program for test_two_writers.py.

Takes   on stdin, or in the file named as its argument, a round a line: {"commands": […], "kill_after_s": 0.05 or null}
Gives   what the commands say on stdout, and after each round {"round": their exit codes, -9 for a killed one}
Always  each command is a process of its own, forked from one that has loaded the modules already, so that the kill
        comes while it works and not while it loads
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import workspaces

import pipeline.articles
import pipeline.run
import pipeline.run_history
import review.intake
import review.releases
import signoff.drafting
import signoff.publishing
import signoff.reviewing
from signoff.main import main

LOADED = (pipeline, review, signoff, workspaces)


def start(arguments: list[str]) -> int:
    """Type one command in a process of its own; gives its number."""
    number = os.fork()
    if number == 0:
        sys.argv = ["signoff", *arguments]
        code = 70
        try:
            main()
        except SystemExit as done:
            code = int(done.code or 0)
        finally:
            sys.stdout.flush()
            os._exit(code)
    return number


def play(commands: list[list[str]], kill_after_s: float | None) -> list[int]:
    """One round; gives the exit codes."""
    numbers = [start(arguments) for arguments in commands]
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        for number in numbers:
            os.kill(number, signal.SIGKILL)  # whoever has ended still waits to be asked for its code
    return [os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) for number in numbers]


def tell(value: Any) -> None:
    """A line of its own, whatever a killed process left unfinished."""
    os.write(1, f"\n{json.dumps(value)}\n".encode())


if __name__ == "__main__":
    for line in Path(sys.argv[1]).read_text().splitlines() if sys.argv[1:] else iter(sys.stdin.readline, ""):
        tell({"round": play(**json.loads(line))})
