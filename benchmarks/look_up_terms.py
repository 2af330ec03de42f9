"""How fast are 10,000 terms found in 1 MB of text, beside stemming that text; how often does the check speak up?

Takes   nothing: the terms and the text are made by chance from a seed; ../shared/data/tico19, if it is there
Gives   milliseconds to build the tree, to look the text up, and of the peer: snowballstemmer on the same words, once
        per word and once per different word; then the findings of the sample termbase on human translations
"""

import importlib
import random
import time
from collections import Counter
from pathlib import Path

from pipeline.model import Locale
from pipeline.terms import Concept, Matcher, Term, Termbase
from pipeline.terms.workspace import read_termbase
from review.checks import Context
from review.checks.terms_used import terms_used

PROJECT = Path(__file__).resolve().parent.parent
TICO = PROJECT.parent / "shared" / "data" / "tico19"
EN = Locale.parse("en")


def speed() -> None:
    """The first three lines."""
    chance = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 10))) for _ in range(20_000)]
    terms = [" ".join(chance.choices(words, k=chance.randint(1, 3))) for _ in range(10_000)]
    text = " ".join(chance.choices(words, k=140_000))
    matcher = Matcher(
        Termbase(
            concepts=tuple(Concept(id=f"c{n}", terms=(Term(locale=EN, text=term),)) for n, term in enumerate(terms))
        )
    )
    start = time.perf_counter()
    matcher.matches("warm up", EN)
    built = time.perf_counter()
    found = len(matcher.matches(text, EN))
    looked_up = time.perf_counter()
    print(f"tree of {len(terms)} terms: {1000 * (built - start):.0f} ms")
    print(f"{len(text) / 1e6:.2f} MB looked up: {1000 * (looked_up - built):.0f} ms, {found} terms found")
    try:
        stemmer = importlib.import_module("snowballstemmer").stemmer("english")
    except ModuleNotFoundError:
        print("no peer: pip install snowballstemmer")
        return
    running = text.split()
    start = time.perf_counter()
    stemmer.stemWords(running)
    every = time.perf_counter()
    stemmer.stemWords(list(set(running)))
    different = time.perf_counter()
    print(f"snowballstemmer alone: {1000 * (every - start):.0f} ms; different words only: "
          f"{1000 * (different - every):.0f} ms")  # fmt: skip


def findings() -> None:
    """What the check says about human translations that the termbase was not made for."""
    if not TICO.is_dir():
        print(f"no findings counted: {TICO} is not there")
        return
    matcher = Matcher(read_termbase(PROJECT / "terms" / "medicine.csv", "terms/medicine.csv"))
    for tag in ("es-419", "fr", "pt-BR"):
        rows = [line.split("\t") for line in (TICO / f"{tag}.tsv").read_text(encoding="utf-8").split("\n") if line]
        context = Context(source_locale=EN, target_locale=Locale.parse(tag), terms=matcher)
        said = Counter(finding.severity.value for row in rows for finding in terms_used(row[1], row[2], context))
        uses = sum(len(matcher.matches(row[1], EN)) for row in rows)
        print(f"{tag}: {len(rows)} sentences, {uses} terms in them, {said['error']} errors, {said['warning']} warnings")


if __name__ == "__main__":
    speed()
    findings()
