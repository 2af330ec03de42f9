"""In how many drafts do the checks find an error, and how many of these does a repair put right?

    .venv/bin/python benchmarks/draft_errors.py [--articles DIR] [--tico DIR] [--show]

Takes   the sample articles of the project, a folder of plain-text articles (default: ../shared/articles), the English
        of TICO-19's samples (default: ../shared/data/tico19); the installed Apertium pairs; the workspace's termbase
Gives   per text and locale: drafts, drafts with an error by the quick checks, the same after mending, the same by all
        checks (no repair); with an engine that loses every tag, in how many drafts with tags all of them are put back
        in a sure place; CPU time a draft of the quick checks; with --show each draft with an error
Always  drafts as `signoff run` makes them, names of the termbase hidden from the engine
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.articles import FORMATS
from pipeline.config import load_workspace
from pipeline.draft import draft_texts
from pipeline.engines import REPAIRED, Draft, Engine, Failure, Missing, Serves
from pipeline.engines.apertium import Apertium
from pipeline.extract import extract
from pipeline.mending import Bench, errors, mended
from pipeline.model import Locale, Segment, SegmentKind
from signoff.desk import judges

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"
EN = Locale.parse("en")
LOCALES = ("es", "ca", "gl", "pt-BR")


class Loses:
    """Apertium, but every placeable is lost on the way: the worst that a service does."""

    name, leaves_the_machine, max_characters, contextual, sure_of_language = "loses", False, 5000, False, True

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        return self.engine.serves(source_locale, target_locale)

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        return "1"

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        answers = self.engine.translate(texts, source_locale, target_locale)
        return [
            replace(a, text="".join(c for c in a.text if not "\ue101" <= c <= "\ue3ff") or "-")
            if isinstance(a, Draft)
            else a
            for a in answers
        ]

    def close(self) -> None:
        """Nothing of its own."""


def texts(folder: Path) -> Iterator[Sequence[Segment]]:
    """The segments of each article of a folder."""
    rules = load_workspace(PROJECT).settings.rules
    for path in sorted(folder.rglob("*")):
        if path.suffix in FORMATS and path.stem != "README":
            yield list(extract(path.read_bytes(), FORMATS[path.suffix], slug=path.stem, rules=rules)[1])


def tico(folder: Path) -> Iterator[Sequence[Segment]]:
    """The English of one sample, as one article."""
    path = next(iter(sorted(folder.glob("*.tsv"))), None)
    rows = [line.split("\t")[1] for line in path.read_text(encoding="utf-8").splitlines()] if path else []
    kind = SegmentKind.PARAGRAPH
    yield [
        Segment(slug="t", number=n + 1, position=n, source=row, kind=kind, heading_path=(), block=n, start=n, end=n + 1)
        for n, row in enumerate(rows)
    ]


def drafted(articles: Sequence[Sequence[Segment]], engine: Engine, bench: Bench) -> Iterator[tuple[Segment, Draft]]:
    protect = (*load_workspace(PROJECT).settings.rules.protect, *bench.judges.names)
    for segments in articles:
        sources = [segment.source for segment in segments]
        answers = draft_texts(sources, engine, EN, bench.target_locale, protect)
        yield from ((s, d) for s, d in zip(segments, answers, strict=True) if isinstance(d, Draft))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--articles", type=Path, default=SHARED / "articles")
    parser.add_argument("--tico", type=Path, default=SHARED / "data" / "tico19")
    parser.add_argument("--show", action="store_true", help="print every draft with an error")
    options = parser.parse_args()
    sets = {
        "sample articles": list(texts(PROJECT / "source_content")),
        "other articles": list(texts(options.articles)) if options.articles.is_dir() else [],
        "TICO-19": list(tico(options.tico)) if options.tico.is_dir() else [],
    }
    engine, of = Apertium({}), judges(load_workspace(PROJECT))
    print(f"{'':24} {'drafts':>7} {'errors':>7} {'mended':>7} {'all checks':>11} {'ms':>6} {'tags put back':>14}")
    for name, articles in sets.items():
        for tag in LOCALES if articles else ():
            bench = Bench(of, EN, Locale.parse(tag))
            if isinstance(engine.serves(EN, bench.target_locale), Missing):
                print(f"{name:17} {tag:6} no Apertium pair")
                continue
            made = list(drafted(articles, engine, bench))
            began = time.process_time()
            before = [errors(bench.findings(draft, segment)) > 0 for segment, draft in made]
            each = 1000 * (time.process_time() - began) / max(1, len(made))
            stands = [mended(draft, segment, bench)[0] for segment, draft in made]
            after = [errors(bench.findings(draft, s)) > 0 for (s, _), draft in zip(made, stands, strict=True)]
            all_ = [
                [f for f in bench.findings(draft, s, all_checks=True) if f.severity == "error"]
                for (s, _), draft in zip(made, stands, strict=True)
            ]
            bad = list(drafted([[s for s in a if s.placeables] for a in articles], Loses(engine), bench))
            sure = sum(not any("guess" in doubt for doubt in draft.doubts) for _, draft in bad)
            some = sum(any(doubt.startswith(REPAIRED) for doubt in draft.doubts) for _, draft in bad)
            print(
                f"{name:17} {tag:6} {len(made):7} {sum(before):7} {sum(after):7} {sum(map(bool, all_)):11} "
                f"{each:6.2f} {f'{sure} + {some} of {len(bad)}':>14}"
            )
            for (segment, _), draft, found in zip(made, stands, all_, strict=True):
                if found and options.show:
                    print(f"  {segment.source}\n  {draft.text}\n    " + "; ".join(f.message for f in found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
