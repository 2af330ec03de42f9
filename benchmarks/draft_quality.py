"""How good are the drafts, and what does the termbase add? chrF++ and BLEU against human translations, by way.

Takes   a folder of TICO-19 samples (`<locale>.tsv`: id, English, human translation; default: ../shared/data/tico19), a
        folder of plain-text articles (default: ../shared/articles); the installed Apertium pairs; sacrebleu, which is
        installed for this run alone if it is not there; the workspace's termbase
Gives   per locale and way: chrF++ and BLEU of the drafts, and again with the termbase's repair; on the articles the
        share of words that Apertium left untranslated, before and after
Note    the references are one translation among many; compare figures with one another, not with other test sets

    python benchmarks/draft_quality.py [--tico DIR] [--articles DIR] [--modes DIR] [--models DIR]
"""

import argparse
import importlib
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.config import load_workspace
from pipeline.draft import draft_texts
from pipeline.engines import LEFT_UNTRANSLATED, Draft, Engine, Missing, TermHint
from pipeline.engines.apertium import ROUTES, Apertium
from pipeline.engines.neural import Neural
from pipeline.extract import Rules, extract
from pipeline.model import ArticleFormat, Locale
from pipeline.repair import repair
from pipeline.terms.workspace import load_matcher, term_hints

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"
EN = Locale.parse("en")
FILES = {"es": "es-419.tsv", "fr": "fr.tsv", "pt-BR": "pt-BR.tsv"}
HintsOf = Callable[[str, Locale], tuple[TermHint, ...]]


def sacrebleu(scratch: Path) -> Any:
    """The package, installed into a scratch folder if it is not there."""
    try:
        return importlib.import_module("sacrebleu")
    except ImportError:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(scratch), "sacrebleu"]
        subprocess.run(command, check=True)
        sys.path.append(str(scratch))
        return importlib.import_module("sacrebleu")


def references(path: Path) -> list[list[tuple[str, str]]]:
    """Per document its English and human sentences; segments that have no translation are left out."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line]
    documents = groupby(rows, key=lambda row: row[0].partition(":")[0])
    return [[(row[1], row[2]) for row in rows if row[2] != "{NS}"] for _, rows in documents]


def ways(tag: str, modes: dict[str, str], models: str) -> Iterator[tuple[str, Engine]]:
    """Every way to a locale that is installed, with an engine that takes it."""
    for way in ROUTES[("en", tag)]:
        ROUTES[("en", tag)] = (way,)
        with Apertium(modes) as engine:
            if isinstance(engine.serves(EN, Locale.parse(tag)), Missing):
                print(f"{tag:6} apertium {' → '.join(way)}: not installed, skipped")
            else:
                yield f"apertium {' → '.join(way)}", engine
    if models:
        with Neural({"models": models}) as neural:
            if isinstance(answer := neural.serves(EN, Locale.parse(tag)), Missing):
                print(f"{tag:6} neural: {answer.todo}")
            else:
                yield "neural", neural


def measure(scores: Any, engine: Engine, tag: str, documents: Sequence[list[tuple[str, str]]], hints: HintsOf) -> str:
    """One line of figures: without and with the termbase."""
    locale = Locale.parse(tag)
    plain, mended, human, failed, changed = list[str](), list[str](), list[str](), 0, 0
    for document in documents:
        sources = [source for source, _ in document]
        for (source, reference), drafted in zip(document, draft_texts(sources, engine, EN, locale), strict=True):
            human.append(reference)
            if not isinstance(drafted, Draft):
                failed += 1
                plain.append("")  # a sentence without a draft scores nothing
                mended.append("")
                continue
            after = repair(drafted, source, hints(source, locale), EN)
            changed += after.text != drafted.text
            plain.append(drafted.text)
            mended.append(after.text)
    chrf = [scores.corpus_chrf(texts, [human], word_order=2).score for texts in (plain, mended)]
    bleu = [scores.corpus_bleu(texts, [human]).score for texts in (plain, mended)]
    return (
        f"chrF++ {chrf[0]:.1f}  BLEU {bleu[0]:.1f};  with the termbase chrF++ {chrf[1]:.1f} ({chrf[1] - chrf[0]:+.2f}) "
        f"BLEU {bleu[1]:.1f}, {changed} of {len(human)} changed;  {failed} without a draft"
    )


def untranslated(articles: Sequence[Path], tag: str, modes: dict[str, str], hints: HintsOf) -> str:
    """Words that Apertium left untranslated in the articles, before and after the repair."""
    locale, words, before, after, put_in = Locale.parse(tag), 0, Counter[str](), Counter[str](), 0
    with Apertium(modes) as engine:
        if isinstance(engine.serves(EN, locale), Missing):
            return "not installed, skipped"
        for article in articles:
            _, segments = extract(article.read_bytes(), ArticleFormat.PLAIN_TEXT, slug="article", rules=Rules())
            sources = [segment.source for segment in segments]
            for source, drafted in zip(sources, draft_texts(sources, engine, EN, locale), strict=True):
                words += len(source.split())
                if isinstance(drafted, Draft):
                    mended = repair(drafted, source, hints(source, locale), EN)
                    before.update(_left(drafted))
                    after.update(_left(mended))
                    put_in += sum(doubt.startswith("termbase: ") for doubt in mended.doubts)
    shares = [100 * counter.total() / words for counter in (before, after)]
    return (
        f"{shares[0]:.1f} % of {words} words, after {shares[1]:.1f} %: {put_in} terms put in, "
        f"{before.total() - after.total() - put_in} rightly copied names confirmed"
    )


def _left(draft: Draft) -> list[str]:
    listed = [doubt.removeprefix(LEFT_UNTRANSLATED) for doubt in draft.doubts if doubt.startswith(LEFT_UNTRANSLATED)]
    return [word for words in listed for word in words.split(", ")]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tico", type=Path, default=SHARED / "data" / "tico19")
    parser.add_argument("--articles", type=Path, default=SHARED / "articles")
    parser.add_argument("--modes", default="", help="a folder of Apertium modes other than the distribution's")
    parser.add_argument("--models", default="", help="a folder of neural models, to measure them too")
    options = parser.parse_args()
    modes = {"modes": options.modes} if options.modes else {}
    matcher = load_matcher(load_workspace(PROJECT))

    def hints(source: str, locale: Locale) -> tuple[TermHint, ...]:
        return term_hints(matcher, source, EN, locale)

    articles = sorted(options.articles.glob("*.txt"))
    for tag in ("es", "ca", "gl", "pt-BR", "fr") if articles else ():
        print(f"{tag:6} untranslated: {untranslated(articles, tag, modes, hints)}")
    if not articles:
        print(f"no .txt articles in {options.articles}: name a folder with --articles")
    with tempfile.TemporaryDirectory() as scratch:
        scores = sacrebleu(Path(scratch))
        for tag, name in FILES.items():
            if not (options.tico / name).is_file():
                print(f"{tag:6} no {options.tico / name}: skipped")
                continue
            documents = references(options.tico / name)
            for way, engine in ways(tag, modes, options.models):
                print(f"{tag:6} {way}: {measure(scores, engine, tag, documents, hints)}", flush=True)


if __name__ == "__main__":
    main()
