"""Is a fuzzy look-up in the memory complete, and fast? Beside SQLite's FTS5, on the same memory and queries.

Takes   how many segments the memories have; English seeds from ../shared/data/tico19 (without it: invented ones)
Gives   a table per size: time to build and size on disk; recall against comparing with every segment (rapidfuzz); time
        per look-up alone and in a batch; the same for the peer, which asks FTS5 for its 200 best and scores them alike
Always  times are processor time: other programs on the machine do not count
Target  recall ≥ 99 % at 75 %; 1 ms a look-up at 100,000 segments, 6 ms at 1,000,000

The memory: the seeds, then sentences made of their words by a chain of neighbours (60 %, one word in twelve replaced by
an invented one) and copies of earlier ones with one to three words changed (40 %). The queries: segments of the memory,
a fifth with every tenth letter mistyped, a fifth with every thirtieth, two fifths with one to three words changed, a
fifth with a sixth of the words cut out.

    python benchmarks/memory_lookup.py [--sizes 10000,100000,1000000] [--queries 300]
"""

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.model import text_hash
from pipeline.similarity import LEAST_PERCENT, folded_score
from pipeline.store import sqlite_module
from pipeline.store.memory import MemoryEntry, remember, similar_sources
from pipeline.store.schema import METADATA

PROJECT = Path(__file__).resolve().parent.parent
TICO = PROJECT.parent / "shared" / "data" / "tico19"
SEED = 2026
BATCH = 100
FTS_CANDIDATES = 200
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ONSETS = "b c d f g l m n p r s t v st tr pl br".split()  # noqa: SIM905
NUCLEI = "a e i o u ia ea".split()  # noqa: SIM905
ENDINGS = "n r s l m x ne te mab pril pam".split()  # noqa: SIM905
FALLBACK = [
    "take one tablet every evening with a glass of water and some food",
    "do not stop the medicine suddenly because the symptoms may come back",
    "ask your doctor or pharmacist before you take any other medicine with it",
    "call the emergency number at once if you find it hard to breathe",
    "keep the bottle closed and out of the reach of children at all times",
]


def seeds() -> list[str]:
    """English sentences to start from."""
    found = [line.split("\t")[1] for path in sorted(TICO.glob("*.tsv")) for line in path.open(encoding="utf-8")]
    return list(dict.fromkeys(text.strip() for text in found)) or FALLBACK


class Writer:
    """Writes sentences that nobody wrote, the same for the same seed."""

    def __init__(self, size: int) -> None:
        self.random = random.Random(SEED)
        self.rare = [self._invented() for _ in range(max(2_000, size // 20))]
        self.weights = list(itertools.accumulate(1 / (place + 5) for place in range(len(self.rare))))

    def _invented(self) -> str:
        syllables = (self.random.choice(ONSETS) + self.random.choice(NUCLEI) for _ in range(self.random.randint(2, 4)))
        return "".join(syllables) + self.random.choice(ENDINGS)

    def word(self) -> str:
        return self.random.choices(self.rare, cum_weights=self.weights)[0]

    def memory(self, size: int) -> list[str]:
        texts = seeds()
        follows: dict[str, list[str]] = {}
        for text in texts:
            words = ["^", *text.split(), "$"]
            for one, other in itertools.pairwise(words):
                follows.setdefault(one, []).append(other)
        seen = set(texts)
        while len(texts) < size:
            chained = self.random.random() < 0.6
            text = " ".join(self.chain(follows) if chained else self.changed(self.random.choice(texts).split()))
            if len(text) >= 8 and text not in seen:
                seen.add(text)
                texts.append(text)
        return texts[:size]

    def chain(self, follows: dict[str, list[str]]) -> Iterator[str]:
        word = "^"
        for _ in range(40):
            word = self.random.choice(follows[word])
            if word == "$":
                return
            yield self.word() if self.random.random() < 1 / 12 else word

    def changed(self, words: list[str]) -> list[str]:
        for _ in range(self.random.randint(1, 3)):
            place, what = self.random.randrange(len(words)), self.random.random()
            if what < 0.5:
                words[place] = self.word() if self.random.random() < 0.5 else str(self.random.randint(1, 500))
            elif what < 0.75 and len(words) > 3:
                del words[place]
            else:
                words.insert(place, self.random.choice(["not", "daily", "usually", "also", "90", "5"]))
        return words

    def mistyped(self, text: str, rate: float) -> str:
        typed = []
        for letter in text:
            if letter.isalpha() and self.random.random() < rate:
                what = self.random.randrange(3)  # left out, struck with another, another in its place
                typed.append(("", self.random.choice(LETTERS) + letter, self.random.choice(LETTERS))[what])
            else:
                typed.append(letter)
        return "".join(typed)

    def queries(self, memory: Sequence[str], count: int) -> list[str]:
        made = []
        for number in range(count):
            text = self.random.choice(memory)
            match number % 5:
                case 0:
                    text = self.mistyped(text, 0.1)
                case 1:
                    text = self.mistyped(text, 1 / 30)
                case 2 | 3:
                    text = " ".join(self.changed(text.split()))
                case _:
                    words = text.split()
                    place = self.random.randrange(len(words))
                    text = " ".join(words[:place] + words[place + max(1, len(words) // 6) :]) or text
            made.append(text)
        return made


Found = dict[str, dict[str, int]]
"""For each query the sources that are at least 75 % alike, with their score."""


def brute_force(memory: Sequence[str], queries: Sequence[str]) -> Found:
    found: Found = {}
    for query in queries:
        near = process.extract(
            query, memory, scorer=Levenshtein.normalized_similarity, score_cutoff=LEAST_PERCENT / 100, limit=None
        )
        scores = {text: folded_score(query, text, equal=query == text) for text, _, _ in near}
        found[query] = {text: score for text, score in scores.items() if score >= LEAST_PERCENT}
    return found


def recall(truth: Found, found: Found) -> tuple[float, float]:
    """Of all matches, and of the best match of each query that has one."""
    every = sum(len(near) for near in truth.values())
    hit = sum(len(near.keys() & found.get(query, {}).keys()) for query, near in truth.items())
    best = [query for query, near in truth.items() if near]
    first = sum(max(truth[query].values()) == max(found.get(query, {}).values(), default=0) for query in best)
    return hit / max(every, 1), first / max(len(best), 1)


def timed(look_up: Callable[[list[str]], Found], queries: Sequence[str], size: int) -> tuple[list[float], Found]:
    """Milliseconds a query, asked `size` at a time; and what was found."""
    took, found = [], Found()
    for start in range(0, len(queries), size):
        part = list(queries[start : start + size])
        began = time.process_time()
        found |= look_up(part)
        took.append(1000 * (time.process_time() - began) / len(part))
    return took, found


def line(name: str, took: Sequence[float], batch: Sequence[float], truth: Found, found: Found) -> None:
    every, best = recall(truth, found)
    ordered = sorted(took)
    together = f";  in a batch of {BATCH}: {statistics.mean(batch):7.2f} ms each" if batch else ""
    print(
        f"  {name:<14} recall {100 * every:6.2f} % of all, {100 * best:6.2f} % of the best;  one look-up "
        f"{statistics.mean(took):7.2f} ms (median {statistics.median(took):.2f}, 95 % under "
        f"{ordered[int(0.95 * len(ordered))]:.2f}){together}"
    )


def measure(size: int, count: int, folder: Path) -> None:
    writer = Writer(size)
    memory = writer.memory(size)
    queries = writer.queries(memory, count)
    path = folder / f"memory-{size}.sqlite"
    module, _ = sqlite_module()
    engine = sa.create_engine(f"sqlite:///{path}", module=module)
    sa.event.listen(engine, "connect", lambda one, _: one.execute("PRAGMA cache_size = -65536"))  # as Store does
    began = time.process_time()
    with engine.begin() as connection:
        METADATA.create_all(connection)
        remember(
            connection,
            (
                MemoryEntry(source_hash=text_hash(t), source=t, locale="es", target=t, slug="a", number=number)
                for number, t in enumerate(memory)
            ),
        )
    built = time.process_time() - began
    print(f"\n{size:,} segments: put in and indexed in {built:.1f} s, {path.stat().st_size / 1e6:.0f} MB on disk")
    began = time.process_time()
    truth = brute_force(memory, queries)
    matches = sum(map(len, truth.values()))
    each = 1000 * (time.process_time() - began) / count
    print(f"  comparing with every segment: {each:.0f} ms a query; {matches} matches for {count} queries")
    with engine.connect() as connection:

        def ours(texts: list[str]) -> Found:
            found = similar_sources(connection, texts)
            return {text: {alike.source: alike.score_percent for alike in near} for text, near in found.items()}

        ours(queries[:20])
        took, found = timed(ours, queries, 1)
        batch, _ = timed(ours, queries, BATCH)
        line("signoff", took, batch, truth, found)
    with engine.begin() as connection:
        began = time.process_time()
        connection.exec_driver_sql("CREATE VIRTUAL TABLE peer USING fts5(source, content='memory_source')")
        connection.exec_driver_sql("INSERT INTO peer(peer) VALUES ('rebuild')")
        print(f"  FTS5 indexes the same in {time.process_time() - began:.1f} s")
    with engine.connect() as connection:
        best = (
            "SELECT source FROM memory_source WHERE id IN "
            "(SELECT rowid FROM peer WHERE peer MATCH ? ORDER BY rank LIMIT ?)"
        )

        def theirs(texts: list[str]) -> Found:
            found: Found = {}
            for text in texts:
                words = " OR ".join(f'"{word}"' for word in sorted(set(text.replace('"', " ").split())))
                near = connection.exec_driver_sql(best, (words, FTS_CANDIDATES)).scalars()
                scores = {t: folded_score(text, t, equal=t == text, least_percent=LEAST_PERCENT) for t in near}
                found[text] = {t: score for t, score in scores.items() if score >= 0}
            return found

        few = queries[: max(20, min(count, 20_000_000 // size))]
        theirs(few[:5])
        took, found = timed(theirs, few, 1)
        line(f"FTS5 ({len(few)})", took, [], {query: truth[query] for query in few}, found)
    engine.dispose()
    path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--queries", type=int, default=300)
    options = parser.parse_args()
    print(f"seeds: {len(seeds())} sentences from {'tico19' if TICO.is_dir() else 'this file: tico19 is not there'}")
    with tempfile.TemporaryDirectory() as folder:
        for size in map(int, options.sizes.split(",")):
            measure(size, options.queries, Path(folder))


if __name__ == "__main__":
    main()
