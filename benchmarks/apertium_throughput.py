"""Is drafting as fast as Apertium itself? The same segments through raw pipelines and through our engine.

Takes   English segments: plain-text articles (default: ../shared/articles) and TICO-19 (../shared/data/tico19), over
        and over until there are enough, in articles of 100 segments, no two of them alike
Gives   seconds of one raw pipeline over all of it, of two side by side with half of it each, of our draft layer with 1
        and 2 workers; of one `apertium` process per article and per segment (a sample); cold start to the first draft
Target  ≥ 0.9 of one raw pipeline with one worker, ≥ 0.9 of two with two; measure on a machine that does nothing else

    python benchmarks/apertium_throughput.py [--segments 5000] [--mode eng-spa] [--to es] [--repeat 3]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

from pipeline.draft import draft_texts
from pipeline.engines import Draft
from pipeline.engines.apertium import Apertium
from pipeline.extract import Rules, extract
from pipeline.model import ArticleFormat, Locale

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"
EN = Locale.parse("en")
ARTICLE = 100
PER_SEGMENT_SAMPLE, PER_ARTICLE_SAMPLE = 40, 10


def english(articles: Path, tico: Path) -> list[str]:
    """All segments that there are, each once."""
    found = dict[str, None]()
    for path in sorted(articles.glob("*.txt")):
        _, segments = extract(path.read_bytes(), ArticleFormat.PLAIN_TEXT, slug="article", rules=Rules())
        found |= dict.fromkeys(segment.source for segment in segments)
    for path in sorted(tico.glob("es*.tsv")):
        found |= dict.fromkeys(line.split("\t")[1] for line in path.read_text(encoding="utf-8").split("\n") if line)
    if not found:
        raise SystemExit(f"no English in {articles} and {tico}: name folders with --articles and --tico")
    return list(found)


def seconds(work: Callable[[], object]) -> float:
    """Wall time."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def raw(mode: str, texts: Sequence[Path]) -> None:
    """`apertium -u MODE < text` for each text, all at once."""
    running = [
        subprocess.Popen(["apertium", "-u", mode], stdin=text.open("rb"), stdout=subprocess.DEVNULL) for text in texts
    ]
    if any(program.wait() for program in running):
        raise SystemExit(f"apertium {mode} failed: is it installed?")


def ours(articles: Sequence[Sequence[str]], target: Locale, workers: int) -> None:
    """All articles through the draft layer, a fresh engine, so many side by side and one in hand, as `run` does."""
    with Apertium({}) as engine, ThreadPoolExecutor(workers + 1) as pool:
        for drafted in pool.map(lambda article: draft_texts(article, engine, EN, target), articles):
            if not all(isinstance(one, Draft) for one in drafted):
                print("  (a segment had no draft)")


def first_draft_s(target: Locale) -> float:
    """From nothing, Python's start included, to one sentence drafted."""
    code = (
        "from pipeline.engines.apertium import Apertium; from pipeline.draft import draft_texts\n"
        "from pipeline.model import Locale\n"
        f"print(draft_texts(['Do not stop.'], Apertium({{}}), Locale.parse('en'), Locale.parse('{target}')))"
    )
    command = [sys.executable, "-c", code]
    return min(
        seconds(lambda: subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)) for _ in range(3)
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, default=SHARED / "articles")
    parser.add_argument("--tico", type=Path, default=SHARED / "data" / "tico19")
    parser.add_argument("--segments", type=int, default=5000)
    parser.add_argument("--mode", default="eng-spa")
    parser.add_argument("--to", default="es")
    parser.add_argument("--repeat", type=int, default=3, help="how many turns; the median counts")
    options = parser.parse_args()
    target = Locale.parse(options.to)
    texts = list(islice(cycle(english(options.articles, options.tico)), options.segments))
    articles = [texts[start : start + ARTICLE] for start in range(0, len(texts), ARTICLE)]
    words = sum(len(text.split()) for text in texts)
    load = os.getloadavg()[0]
    print(f"{len(texts)} segments, {words} words, {os.cpu_count()} cores, load before: {load:.1f}")
    with tempfile.TemporaryDirectory() as scratch:
        half = len(texts) // 2
        files = []
        for name, part in (("all", texts), ("one", texts[:half]), ("two", texts[half:])):
            files.append(Path(scratch) / f"{name}.txt")
            files[-1].write_text("\n\n".join(part) + "\n", encoding="utf-8")
        one = Path(scratch) / "segment.txt"
        one.write_text(texts[0] + "\n", encoding="utf-8")
        article = Path(scratch) / "article.txt"
        article.write_text("\n\n".join(articles[0]) + "\n", encoding="utf-8")

        contenders: dict[str, Callable[[], None]] = {
            "one raw pipeline": lambda: raw(options.mode, files[:1]),
            "ours, 1 worker": lambda: ours(articles, target, 1),
            "two raw pipelines, half of it each": lambda: raw(options.mode, files[1:]),
            "ours, 2 workers": lambda: ours(articles, target, 2),
        }
        took: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(options.repeat):  # in turn, so that a busy moment of the machine hits all
            for name, work in contenders.items():
                took[name].append(seconds(work))
        per_segment = statistics.mean(seconds(lambda: raw(options.mode, [one])) for _ in range(PER_SEGMENT_SAMPLE))
        per_article = statistics.mean(seconds(lambda: raw(options.mode, [article])) for _ in range(PER_ARTICLE_SAMPLE))
    per_segment *= len(texts)
    per_article *= len(articles)

    for name, times in took.items():
        median = statistics.median(times)
        print(f"{name:40} {median:8.2f} s {words / median:7.0f} words/s   ({', '.join(f'{one:.2f}' for one in times)})")
    raw_1, ours_1, raw_2, ours_2 = map(statistics.median, took.values())
    print(f"ours to raw: {raw_1 / ours_1:.2f} with one, {raw_2 / ours_2:.2f} with two (target 0.9)")
    print(f"{'a process per article (from a sample)':40} {per_article:8.2f} s")
    print(f"{'a process per segment (from a sample)':40} {per_segment:8.2f} s")
    print(f"{'cold start to the first draft':40} {first_draft_s(target):8.2f} s")
    print(f"load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
