"""How long does it take to import a returned file, and how does that grow? Parsing beside polib on the same bytes.

Takes   nothing: it writes an article of so many invented sentences, drafts it with a stand-in, has a reviewer accept
        every text and change one in ten, and imports the file with `--attest all`, in a real workspace
Gives   seconds of processor time to parse (ours, polib) and to import; and the share of the hostile corpus
        (tests/hostile_returns.py) that ends as it should
Target  20,000 entries in at most 12 times the time of 2,000; the hostile corpus: all of it

    python benchmarks/import_returned_files.py [--sizes 200,2000,20000]
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import polib

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))  # the stand-in engine and the Desk are the tests' own

from workspaces import ENGINE, Desk, StandIn, make_workspace  # noqa: E402

import pipeline.engines  # noqa: E402
from pipeline.po import read_po  # noqa: E402

WORDS = ("rest", "walk", "water", "sleep", "garden", "morning", "evening", "friend", "window", "letter")
T = TypeVar("T")


def sentences(count: int) -> str:
    """So many different sentences, ten in a paragraph."""
    lines = []
    for number in range(count):
        digits = [int(d) for d in f"{number:05d}"]
        lines.append(" ".join(WORDS[(d + 3 * place) % len(WORDS)] for place, d in enumerate(digits)).capitalize() + ".")
    return "\n\n".join(" ".join(lines[i : i + 10]) for i in range(0, count, 10)) + "\n"


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of this process's processor time, and what came of it."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def measure(size: int, folder: Path) -> tuple[float, float, float]:
    """(parse, polib's parse, import) of a file of so many entries.

    In a process of its own, as a person's import is: what drafting left in the caches of this one would flatter short
    files. The tables of the checks are read before the clock starts.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        back = process.submit(returned, size, folder).result()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(imported, size, folder, back).result()


def drafting() -> None:
    """Let the stand-in engine draft in this process."""
    pipeline.engines.ENGINES = {ENGINE: lambda settings: StandIn()}


def returned(size: int, folder: Path) -> Path:
    """A workspace with an article of so many sentences, drafted; the file as its reviewer returns it."""
    drafting()
    desk = Desk(make_workspace(folder / str(size), articles={"a.txt": sentences(size).encode()}))
    desk.run()
    po = polib.pofile(str(desk.po("a")), wrapwidth=0)
    assert len(po) == size, (len(po), size)
    for place, entry in enumerate(po):
        entry.flags = []
        if place % 10 == 0:
            entry.msgstr += " Sí."
    back = folder / f"{size}.po"
    po.save(str(back))
    return back


def imported(size: int, folder: Path, back: Path) -> tuple[float, float, float]:
    """What `measure` gives, of the file as it came back."""
    drafting()
    warm = Desk(make_workspace(folder / f"warm-{size}", articles={"a.txt": b"Take 5 mg every evening.\n"}))
    warm.run()
    warm.review("a", "demo-linguist")
    desk = Desk(folder / str(size))
    data = back.read_bytes()
    ours = min(timed(lambda: read_po(data, "a.po"))[0] for _ in range(3))
    theirs = min(timed(lambda: polib.pofile(str(back)))[0] for _ in range(3))
    taken, report = timed(lambda: desk.import_(back, "demo-linguist", "all"))
    assert len([e for e in report.entries if e.result.value == "signed"]) == size, report.reason
    return ours, theirs, taken


def hostile() -> str:
    """What pytest says of the hostile corpus."""
    test = HERE.parent / "tests" / "review" / "test_hostile_returns.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE.parent)
    dots = "".join(line.split(" ")[0] for line in done.stdout.splitlines() if set(line[:5]) <= set(".FE"))
    return f"{dots.count('.')} of {len(dots)} tests pass"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sizes", default="200,2000,20000")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    folder = Path(tempfile.mkdtemp(prefix="signoff-import-"))
    try:
        before = 0.0
        for size in sizes:
            ours, theirs, taken = measure(size, folder)
            times = f", {taken / before:.1f} times the size before" if before else ""
            print(f"{size:>6} entries: parse {ours:.3f} s (polib {theirs:.3f} s), import {taken:.2f} s{times}")
            before = taken
    finally:
        shutil.rmtree(folder)
    print(f"hostile corpus: {hostile()}", flush=True)


if __name__ == "__main__":
    main()
