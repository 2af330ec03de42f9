"""Is `signoff run` as fast as Apertium itself? Both draft the same articles into es, ca, gl and pt-BR, in turn.

Takes   a folder of plain-text articles (default: ../shared/articles), how often to repeat
Gives   a table: seconds of raw Apertium, of a first `signoff run`, their ratio, of a second run without changes, and
        the most memory that a program of either used
Target  a first run ≤ 1.3 × raw Apertium on the articles put together; measure on a machine that does nothing else

    python benchmarks/run_against_raw_apertium.py [--articles DIR] [--repeat 3]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
RAW_MODES = (("eng-spa",), ("eng-cat",), ("en-gl",), ("eng-spa", "es-pt_BR"))
"""What a person would type for es, ca, gl and pt-BR: `apertium eng-spa < all.txt | apertium es-pt_BR`."""
LOCALES = "es,ca,gl,pt-BR"


def raw_apertium_seconds(texts_path: Path, modes: Sequence[Sequence[str]] = RAW_MODES) -> float:
    """Wall time of the plain `apertium` commands, one after the other; each command uses what cores it can."""
    start = time.perf_counter()
    for chain in modes:
        with texts_path.open("rb") as source:
            programs = list[subprocess.Popen[bytes]]()
            for place, mode in enumerate(chain):
                programs.append(
                    subprocess.Popen(
                        ["apertium", "-u", mode],
                        stdin=programs[-1].stdout if programs else source,
                        stdout=subprocess.PIPE if place + 1 < len(chain) else subprocess.DEVNULL,
                    )
                )
            for program in programs:
                if program.stdout:
                    program.stdout.close()  # the next program has it
            if any(program.wait() for program in programs):
                raise SystemExit(f"apertium {' | '.join(chain)} failed: is it installed?")
    return time.perf_counter() - start


def make_workspace(folder: Path, articles: Sequence[Path]) -> None:
    """A minimal workspace with copies of the articles."""
    targets = "".join(f'[[target]]\nlocale = "{locale}"\n' for locale in LOCALES.split(","))
    site = '[site]\nname = "Benchmark"\nbase_url = "https://example.org/"\n'
    (folder / "signoff.toml").write_text(site + targets, encoding="utf-8")
    (folder / "source_content").mkdir()
    for article in articles:
        shutil.copy(article, folder / "source_content")


def run_seconds(workspace: Path) -> float:
    """Wall time of one `signoff run`, Python's own start included."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "signoff", "run", "--workspace", str(workspace), "--to", LOCALES],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"signoff run ended with {done.returncode}:\n{done.stderr}")
    return time.perf_counter() - start


def peak_memory_mb(command: Sequence[str]) -> float:
    """The largest resident size of the command or of any program it waited for, in MB (10^6 bytes)."""
    watcher = (
        "import os, resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    answer = subprocess.run([sys.executable, "-c", watcher, *command], cwd=PROJECT, capture_output=True, check=True)
    return int(answer.stdout) * 1024 / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, default=PROJECT.parent / "shared" / "articles")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--raw-only", action="store_true", help="time only Apertium itself")
    options = parser.parse_args()
    articles = sorted(path for path in options.articles.glob("*.txt") if path.is_file())
    if not articles:
        raise SystemExit(f"no .txt articles in {options.articles}: name a folder with --articles")

    raw, first, second, memory = list[float](), list[float](), list[float](), 0.0
    with tempfile.TemporaryDirectory() as scratch:
        together = Path(scratch) / "all.txt"
        together.write_bytes(b"\n\n".join(article.read_bytes() for article in articles))
        for turn in range(options.repeat):  # in turn, so that a busy moment of the machine hits both
            raw.append(raw_apertium_seconds(together))
            if options.raw_only:
                continue
            workspace = Path(scratch) / f"workspace-{turn}"
            workspace.mkdir()
            make_workspace(workspace, articles)
            first.append(run_seconds(workspace))
            second.append(run_seconds(workspace))
        size = together.stat().st_size
        if first:
            workspace = Path(scratch) / "workspace-memory"
            workspace.mkdir()
            make_workspace(workspace, articles)
            memory = peak_memory_mb(
                [sys.executable, "-m", "signoff", "run", "--workspace", str(workspace), "--to", LOCALES]
            )

    print(
        f"{len(articles)} articles, {size / 1000:.0f} kB, into {LOCALES}; "
        f"median of {options.repeat} in turn, {os.cpu_count()} cores"
    )
    print(f"raw apertium        {statistics.median(raw):6.2f} s   ({', '.join(f'{s:.2f}' for s in raw)})")
    if first:
        ratio = statistics.median(first) / statistics.median(raw)
        print(f"signoff run         {statistics.median(first):6.2f} s   ({', '.join(f'{s:.2f}' for s in first)})")
        print(f"  to raw apertium   {ratio:6.2f} ×   (target 1.3)")
        print(f"signoff run, again  {statistics.median(second):6.2f} s   ({', '.join(f'{s:.2f}' for s in second)})")
        print(f"largest program     {memory:6.0f} MB")


if __name__ == "__main__":
    main()
