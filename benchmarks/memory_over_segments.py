"""Does memory grow with the number of segments? The same made-up text in a tenth and in all of the segments.

    python benchmarks/memory_over_segments.py [--segments 200000] [--run-segments 20000]

Two measures, each in a process of its own, by its largest resident size: what is written once above engines (masking,
batches, guards, budget, and each draft made durable in a store), one article of 100 segments after the other, with an
engine that answers at once; and a whole `run`, which also holds all articles, writes PO files and the ledger. The peer
is the same process with a hundred segments: Python, the libraries, the language detector.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from engine_overhead import EN, ES, WORDS, AtOnce, sources

import pipeline.engines
from pipeline.asking import Asking
from pipeline.config import load_workspace
from pipeline.draft import Drafted, draft_texts
from pipeline.drafters import Drafters
from pipeline.engines import Draft, Limits
from pipeline.language import WrongLanguage
from pipeline.model import text_hash
from pipeline.run import run
from pipeline.store import Store
from pipeline.store.drafts import keep_drafts
from pipeline.watched import Watched
from signoff.desk import judges

ARTICLE = 100


def layers(folder: Path, count: int) -> int:
    """Draft so many segments and keep each; how many were drafted."""
    import threading

    guard = WrongLanguage(["en", "es"])
    guard(" ".join(WORDS), ES)
    engine, drafted = Watched(AtOnce(Limits(batch_texts=25, in_flight=4)), threading.Event()), 0
    asking = Asking(wrong_language=guard, budget=10**12)
    with Store(folder / ".signoff", folder / "ledger") as store:
        for number in range(0, count, ARTICLE):
            texts = [f"Part {number} of it: {text}" for text in sources(ARTICLE)]
            asked = asking.ask(engine, texts, lambda some: draft_texts(some, engine, EN, ES), EN, ES)
            fresh: dict[str, Drafted] = {text_hash(t): d for t, d in zip(texts, asked.answers, strict=True)}
            drafted += sum(isinstance(answer, Draft) for answer in fresh.values())
            with store.write() as transaction:
                keep_drafts(transaction, [(engine.name, "1")], ("en", "es"), f"a{number}", fresh)
    asking.close()
    return drafted


def whole_run(folder: Path, count: int) -> int:
    """`signoff run` over articles with so many segments; how many were drafted."""
    folder.mkdir(exist_ok=True)
    site = '[site]\nname = "Benchmark"\nbase_url = "https://example.org/"\n'
    (folder / "signoff.toml").write_text(f'{site}[[target]]\nlocale = "es"\nengines = ["apertium"]\n', encoding="utf-8")
    (folder / "source_content").mkdir()
    for number in range(0, count, ARTICLE):
        lines = [f"Part {number} of it: {text}" for text in sources(ARTICLE)]
        text = "\n".join(line.replace("<b1>", "").replace("</b1>", "").replace(" <x2/>", "") for line in lines)
        (folder / "source_content" / f"a{number}.txt").write_text(text, encoding="utf-8")
    pipeline.engines.ENGINES = {"apertium": lambda settings: AtOnce(None)}  # under a name that signoff.toml may hold
    workspace = load_workspace(folder)
    clock = lambda: datetime.now(UTC)  # noqa: E731
    with Store(workspace.private, workspace.ledger, clock=clock) as store, Drafters(workspace) as engines:
        return run(workspace, store, judges(workspace), engines, locales=[ES]).drafted


MEASURES: dict[str, Callable[[Path, int], int]] = {"layers": layers, "run": whole_run}


def measured(name: str, count: int) -> tuple[float, float]:
    """The largest resident size in MB (10^6 bytes), and seconds."""
    command = [sys.executable, __file__, "--child", name, "--segments", str(count)]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1]), time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--segments", type=int, default=200_000)
    parser.add_argument("--run-segments", type=int, default=20_000)
    parser.add_argument("--child", choices=list(MEASURES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        with tempfile.TemporaryDirectory() as scratch:
            drafted = MEASURES[options.child](Path(scratch) / "w", options.segments)
        if drafted < 0.99 * options.segments:
            raise SystemExit(f"only {drafted} of {options.segments} were drafted")
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)
        return
    for name, most in (("layers", options.segments), ("run", options.run_segments)):
        base, _ = measured(name, ARTICLE)
        print(f"{name}: {ARTICLE} segments {base:.0f} MB")
        small, _ = measured(name, most // 10)
        large, took_s = measured(name, most)
        print(f"  {most // 10:,} segments {small:.0f} MB; {most:,} segments {large:.0f} MB, {took_s:.0f} s")
        print(
            f"  ten times the segments: {large / small:.2f} times the memory, "
            f"{(large - small) * 1e6 / most:,.0f} bytes a segment"
        )


if __name__ == "__main__":
    main()
