"""A small workspace whose power is cut, and the commands that are typed in it.

Takes   a folder
Gives   a workspace of two short articles, and each command recorded or simply done
Always  the real command line in a process of its own; the stand-in engine comes in as another package's would, by
        the entry point group `signoff.engines`
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polib
from workspaces import ENGINE, accept, edit_po, make_workspace, rewrite

from .disk import Op, Resize, Trace, Write
from .recorder import record

TESTS = Path(__file__).resolve().parent.parent
ARTICLES = {
    "garden.md": b"# The garden\n\nThe garden opens in the *morning*. Bring a friend with you.\n\n- Water\n- Shoes\n",
    "walks/short.txt": b"A short walk\n\nA walk is good for your mood. Stop when you are tired.\n",
}
LINGUIST, CLINICIAN = "demo-linguist", "demo-clinician"


@dataclass(frozen=True, slots=True)
class Shop:
    """A workspace, and what a command finds that is typed in it."""

    root: Path
    environment: Mapping[str, str]

    def type(self, *arguments: str) -> str:
        """Type one command with `--json`; gives its stdout."""
        done = subprocess.run(
            self._argv(arguments),
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def record(self, *arguments: str) -> Trace:
        """Type one command with `--json` under the recorder."""
        trace = record(self._argv(arguments), root=self.root, cwd=self.root, env=self.environment, timeout_s=60)
        assert trace.exit_code == 0, trace.stderr
        return without_shared_memory(trace)

    def _argv(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "signoff", *arguments, "--json"]

    def copy(self, root: Path) -> "Shop":
        """The same workspace as it is now, elsewhere."""
        shutil.copytree(self.root, root)
        return Shop(root, self.environment)

    def reviewed(self, slug: str, by: str = LINGUIST) -> str:
        """An article's PO file as a reviewer sends it back, every second text rewritten; the path below the root."""
        changes = iter(range(1000))

        def change(entry: polib.POEntry) -> None:
            (rewrite if next(changes) % 2 else accept)(entry)

        out = self.root / "desk" / f"{slug.replace('/', '.')}.{by}.po"
        return edit_po(self.root / "locales" / "es" / f"{slug}.po", change, out).relative_to(self.root).as_posix()

    def sign(self, slug: str) -> None:
        """Review an article and sign it."""
        self.type("import", self.reviewed(slug), "--reviewer", LINGUIST, "--attest", "all", "--entered-by", "test")


def without_shared_memory(trace: Trace) -> Trace:
    """Without what is written to SQLite's -shm file: memory that processes share, made anew by the first to open it."""

    def shared(op: Op) -> bool:
        return isinstance(op, Write | Resize) and op.path.endswith("-shm")

    return replace(trace, ops=tuple(op for op in trace.ops if not shared(op)))


def open_shop(root: Path, package: Path, *, articles: Mapping[str, bytes] = ARTICLES, engine: str = ENGINE) -> Shop:
    """A new workspace at `root`; the stand-in engine's package is put into the folder `package`."""
    make_workspace(root, articles=articles, engines=[engine])
    info = package / "stand_in-1.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stand-in\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[signoff.engines]\n{ENGINE} = stand_in_engine:open_engine\n")
    (package / "stand_in_engine.py").write_text(
        "from workspaces import StandIn\ndef open_engine(settings): return StandIn()\n"
    )
    return Shop(root, {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (package, TESTS, TESTS.parent)))})
