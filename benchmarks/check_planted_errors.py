"""How many planted errors the checks catch, and how many right translations they flag, beside pofilter and l10n-lint.

    .venv/bin/python benchmarks/check_planted_errors.py [--held-out] [--peers] [--alarms] [--software DIR]

Takes   ../shared/data/tico19 (human translations; documents whose name's hash divides by three are held out, unless
        --held-out asks for just them) and benchmarks/dose_sentences.tsv; errors planted by planted_errors.py, seeded
Gives   per family: planted, caught by blocking findings, caught by any but notes; false alarms per locale and check;
        with --alarms each of them, to be looked at; with --peers the same of pofilter, and both speeds
Always  the same figures for the same files
"""

import argparse
import csv
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from planted_errors import RULES, Rule
from planted_meaning import MEANING

from pipeline.model import Finding, Locale, Severity
from review.checks import Context, findings

HERE = Path(__file__).parent
SHARED = HERE.parent.parent / "shared" / "data" / "tico19"
EN = Locale.parse("en")
PER_RULE = 60
"""At most so many texts a rule and locale; the same ones each time."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One right translation."""

    id: str
    source: str
    target: str
    locale: Locale


def held_out(document: str) -> bool:
    """Whether a document is kept from our eyes until the end: a third of them, by their name."""
    return hashlib.sha256(document.encode()).digest()[0] % 3 == 0


def pairs(*, held: bool) -> Iterator[Pair]:
    """The human translations of one part of the documents; those that its README calls no translation left out."""
    for path in sorted(SHARED.glob("*.tsv")):
        locale = Locale.parse(path.stem)
        for line in path.read_text(encoding="utf-8").splitlines():
            id, source, target = line.split("\t")
            if target.strip() != "{NS}" and held_out(id.split(":")[0]) == held:
                yield Pair(id, source, target, locale)


def doses() -> Iterator[Pair]:
    """Our own sentences about doses, sides, drugs …, which the open data has few of."""
    for name in ("dose", "meaning"):
        with (HERE / f"{name}_sentences.tsv").open(encoding="utf-8") as file:
            for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
                for tag in ("es", "fr", "pt"):
                    yield Pair(f"{name}:{number}", row["en"], row[tag], Locale.parse(tag))


def planted(rights: Sequence[Pair]) -> Iterator[tuple[Rule, Pair, str]]:
    """Every rule on a sample of the pairs of each locale: (rule, right pair, wrong target)."""
    for rule in (*RULES, *MEANING):
        for tag in sorted({pair.locale.tag for pair in rights}):
            chance = Random(f"{rule.family} {rule.name} {tag}")
            here = [pair for pair in rights if pair.locale.tag == tag]
            chance.shuffle(here)
            count = 0
            for pair in here:
                wrong = rule.plant(pair.source, pair.target, pair.locale.language, chance)
                if wrong and wrong != pair.target:
                    yield rule, pair, wrong
                    count += 1
                if count == PER_RULE:
                    break


Judge = Callable[[str, str, Locale], Sequence[Finding]]


def ours(source: str, target: str, locale: Locale) -> Sequence[Finding]:
    """What our checks say."""
    return findings(source, target, Context(source_locale=EN, target_locale=locale))


def worst(found: Sequence[Finding]) -> int:
    """2 with an error, 1 with a warning, 0 with notes or nothing."""
    return max(({Severity.ERROR: 2, Severity.WARNING: 1, Severity.NOTE: 0}[f.severity] for f in found), default=0)


def report(rights: Sequence[Pair], *, alarms: bool) -> None:
    flagged = Counter[tuple[str, int]]()
    by_check = Counter[tuple[str, str]]()
    seconds = time.process_time()
    judged = [(pair, ours(pair.source, pair.target, pair.locale)) for pair in rights]
    seconds = time.process_time() - seconds
    for pair, found in judged:
        flagged[pair.locale.tag, worst(found)] += 1
        by_check.update({(f.check, f.severity.value) for f in found})
        if alarms and worst(found):
            print(f"{pair.id} {pair.locale.tag}\n  {pair.source}\n  {pair.target}")
            for f in found:
                if f.severity is not Severity.NOTE:
                    print(f"    {f.severity.value} {f.check}: {f.message}")
    print(f"{len(rights)} right pairs, {len(rights) / seconds:.0f} a second")
    for tag in sorted({pair.locale.tag for pair in rights}):
        total = sum(flagged[tag, level] for level in range(3))
        blocking, any_ = flagged[tag, 2], flagged[tag, 2] + flagged[tag, 1]
        print(f"  {tag:8} blocking {blocking / total:7.2%} ({blocking})   with warnings {any_ / total:7.2%} ({any_})")
    total, blocking = len(rights), sum(n for (_, level), n in flagged.items() if level == 2)
    any_ = blocking + sum(n for (_, level), n in flagged.items() if level == 1)
    print(f"  {'all':8} blocking {blocking / total:7.2%} ({blocking})   with warnings {any_ / total:7.2%} ({any_})")
    print("  pairs flagged by check: " + ", ".join(f"{c} {s} {n}" for (c, s), n in sorted(by_check.items())))


def catches(rights: Sequence[Pair], *, missed: str) -> None:
    rows: dict[tuple[str, str], Counter[str]] = {}
    for rule, pair, wrong in planted(rights):
        before = {(f.check, f.severity, f.message) for f in ours(pair.source, pair.target, pair.locale)}
        new = [f for f in ours(pair.source, wrong, pair.locale) if (f.check, f.severity, f.message) not in before]
        level = worst(new)
        row = rows.setdefault((rule.family, rule.name), Counter())
        row.update(planted=1, blocking=level == 2, any=level > 0, dangerous=rule.dangerous)
        if missed and missed in (rule.family, rule.name) and level == 0:
            print(f"MISSED {rule.name} {pair.locale}\n  {pair.source}\n  {pair.target}\n  {wrong}")
    total = Counter[str]()
    print(f"{'family':14} {'error':22} {'planted':>7} {'blocking':>9} {'with warnings':>14}")
    for (family, name), row in rows.items():
        n = row["planted"]
        print(f"{family:14} {name:22} {n:7} {row['blocking'] / n:9.1%} {row['any'] / n:14.1%}")
        if row["dangerous"]:
            total.update(row)
    n = total["planted"]
    if n:
        print(f"{'all dangerous':37} {n:7} {total['blocking'] / n:9.1%} {total['any'] / n:14.1%}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--held-out", action="store_true", help="judge the third that was kept aside")
    parser.add_argument("--alarms", action="store_true", help="print every false alarm")
    parser.add_argument("--missed", default="", help="print what of one family or rule was not caught")
    options = parser.parse_args()
    if not SHARED.is_dir():
        print(f"no {SHARED}: only our own sentences", file=sys.stderr)
    human = list(pairs(held=options.held_out)) if SHARED.is_dir() else []
    if human:
        report(human, alarms=options.alarms)
    own = list(doses())
    report(own, alarms=options.alarms)
    catches([*human, *own], missed=options.missed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
