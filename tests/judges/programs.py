"""Starts other people's programs for the judges.

Takes   a command line
Gives   what the program did: it is started with a home of its own and, where the kernel lets us, without a network
Always  bounded in time; only what was started here is ended
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

PATIENCE_S = 120
"""For what takes seconds: only a program that hangs is ended."""


def needs(package: str, *commands: str) -> pytest.MarkDecorator:
    """Skips, and says what to install, where one of the commands is missing."""
    missing = [command for command in commands if not shutil.which(command)]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed: apt install {package}")


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a program sees of this machine: a home of its own and UTF-8, no settings of the user's."""
    for folder in (home, home / "run"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = {name: value for name in ("PATH", "JAVA_HOME") if (value := os.environ.get(name))}
    own = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    return {**kept, **own, "NO_AT_BRIDGE": "1", **more}


@cache
def alone() -> tuple[str, ...]:
    """The words before a command that take the network away; none where that is not allowed."""
    unshare = shutil.which("unshare")
    if not unshare:
        return ()
    allowed = subprocess.run([unshare, "--net", "true"], capture_output=True, timeout=PATIENCE_S, check=False)
    return (unshare, "--net") if allowed.returncode == 0 else ()


def run(words: Sequence[str | Path], home: Path, *, stdin: str = "", **more: str) -> str:
    """Run a program to its end and give what it said. Fails the test if it fails."""
    done = subprocess.run(
        [*alone(), *map(str, words)],
        input=stdin,
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def version_of(package: str) -> str:
    """The version of a Debian package as its makers count it, `3.2.2`; empty if it is not installed by dpkg."""
    if not shutil.which("dpkg-query"):
        return ""
    words = ["dpkg-query", "-W", "-f=${Version}", package]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    return done.stdout.split(":")[-1].split("-")[0].split("+")[0]
