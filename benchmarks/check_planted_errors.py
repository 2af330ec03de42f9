"""How many planted errors the checks catch, and how many right translations they flag, beside pofilter and l10n-lint.

    .venv/bin/python benchmarks/check_planted_errors.py [--held-out] [--otherwise] [--peers] [--alarms] [--missed RULE]
    .venv/bin/python benchmarks/check_planted_errors.py --software DIR

Takes   ../shared/data/tico19 (human translations; documents whose name's hash divides by three are held out, unless
        --held-out asks for just them) and benchmarks/*_sentences.tsv; errors planted by planted_errors.py and
        planted_meaning.py, or with --otherwise by planted_otherwise.py, all of them seeded
Gives   per family: planted, caught by blocking findings, caught by any but notes; false alarms per locale and check;
        with --alarms each of them, to be looked at; with --peers the same of pofilter (Translate Toolkit, all filters)
        and of l10n-lint if it is on the PATH, each a process with its CPU seconds; with --software the share of entries
        of a folder's PO files with a blocking finding
Always  the same figures for the same files
"""

import argparse
import csv
import hashlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from planted_errors import RULES, Rule
from planted_meaning import MEANING
from planted_otherwise import OTHERWISE

from pipeline.model import Finding, Locale, Severity
from pipeline.po import PoEntry, PoFile, read_foreign_po, write_po
from review.checks import Context, findings
from review.linting import lint

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
    for name in ("dose", "meaning", "otherwise"):
        with (HERE / f"{name}_sentences.tsv").open(encoding="utf-8") as file:
            for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
                for tag in ("es", "fr", "pt"):
                    yield Pair(f"{name}:{number}", row["en"], row[tag], Locale.parse(tag))


def planted(rights: Sequence[Pair], rules: Sequence[Rule]) -> Iterator[tuple[Rule, Pair, str]]:
    """Every rule on a sample of the pairs of each locale: (rule, right pair, wrong target)."""
    for rule in rules:
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


def catches(rights: Sequence[Pair], rules: Sequence[Rule], *, missed: str) -> None:
    rows: dict[tuple[str, str], Counter[str]] = {}
    for rule, pair, wrong in planted(rights, rules):
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


def write_files(rights: Sequence[Pair], rules: Sequence[Rule], folder: Path) -> dict[Path, int]:
    """PO files of the right pairs and of the dangerous planted ones by locale: file → entries."""
    files: dict[Path, int] = {}
    wrongs = [(f"{r.name}:{p.id}", r, p, w) for r, p, w in planted(rights, rules)]
    for tag in sorted({pair.locale.tag for pair in rights}):
        locale = Locale.parse(tag)
        right = [PoEntry(id=f"right:{p.id}", source=p.source, target=p.target) for p in rights if p.locale == locale]
        wrong = [
            PoEntry(id=f"wrong:{id}", source=p.source, target=w.replace("\0", ""))
            for id, r, p, w in wrongs
            if p.locale == locale and r.dangerous
        ]
        for name, entries in (("right", right), ("wrong", wrong)):
            path = folder / f"{name}.{tag}.po"
            path.write_bytes(write_po(PoFile(target_locale=locale, entries=tuple(entries))))
            files[path] = len(entries)
    return files


PEERS: dict[str, Sequence[str]] = {
    "signoff check": (sys.executable, "-m", "signoff", "check", "--json"),
    "pofilter": (str(Path(sys.executable).parent / "pofilter"), "-i"),
    "l10n-lint": ("l10n-lint", "--format", "json"),
}


def flagged_by(peer: str, path: Path, out: Path) -> tuple[int, float]:
    """How many entries of a file a tool says something about (ours: no notes), and its CPU seconds."""
    locale = path.name.split(".")[1]
    words = [*PEERS[peer], str(path)]
    if peer == "pofilter":
        words += [str(out), f"--language={locale.replace('-', '_')}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if peer == "pofilter":
        count = out.read_text(encoding="utf-8").count("\nmsgctxt") if out.exists() else 0
        out.unlink(missing_ok=True)
    elif peer == "l10n-lint":
        start = done.stdout.find(b"{")
        report = json.loads(done.stdout[start:]) if start >= 0 else {}
        issues = report.get("issues", report.get("results", []))
        count = len({issue.get("line") for issue in issues})
    else:
        lines = (json.loads(line) for line in done.stdout.splitlines())
        # the planted file has each source several times, which no real one has
        count = len({line["line"] for line in lines if line["severity"] != "note" and line["check"] != "consistency"})
    return count, seconds


def beside_peers(rights: Sequence[Pair], rules: Sequence[Rule]) -> None:
    """One table: flagged of right and of wrong entries, and entries a second without the tool's own start."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = write_files(rights, rules, folder)
        one = folder / "one.es.po"
        one.write_bytes(write_po(PoFile(target_locale=Locale.parse("es"), entries=(PoEntry(source="a", target="b"),))))
        print(
            f"{'tool':14} {'start-up s':>10} {'right flagged':>14} {'dangerous caught':>17} {'right ones a CPU s':>19}"
        )
        for peer in PEERS:
            if shutil.which(PEERS[peer][0]) is None:
                print(f"{peer:14} is not here")
                continue
            start = min(flagged_by(peer, one, folder / "out.po")[1] for _ in range(3))
            counts, totals, seconds = Counter[str](), Counter[str](), 0.0
            for path, entries in files.items():
                kind = path.name.split(".")[0]
                count, taken = flagged_by(peer, path, folder / "out.po")
                counts[kind] += count
                totals[kind] += entries
                seconds += max(taken - start, 0.001) if kind == "right" else 0
            rates = [counts[kind] / totals[kind] for kind in ("right", "wrong")]
            speed = totals["right"] / seconds
            print(f"{peer:14} {start:10.2f} {rates[0]:14.1%} {rates[1]:17.1%} {speed:19.0f}")


def software(folder: Path) -> None:
    """How many entries of other people's reviewed PO files have a blocking finding."""
    totals = Counter[str]()
    for path in sorted(folder.rglob("*.po")):
        po = read_foreign_po(path.read_bytes(), str(path))
        if po.target_locale is None:
            continue
        found = lint(po, str(path), Context(source_locale=EN, target_locale=po.target_locale))
        totals.update(
            entries=found.checked,
            blocking=len({one.line for one in found.findings if one.finding.severity is Severity.ERROR}),
            any=len({one.line for one in found.findings if one.finding.severity is not Severity.NOTE}),
        )
    n = max(1, totals["entries"])
    print(f"software: {n} entries, blocking {totals['blocking'] / n:.2%}, with warnings {totals['any'] / n:.2%}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--held-out", action="store_true", help="judge the third that was kept aside")
    parser.add_argument("--otherwise", action="store_true", help="the errors of the second set of rules")
    parser.add_argument("--alarms", action="store_true", help="print every false alarm")
    parser.add_argument("--missed", default="", help="print what of one family or rule was not caught")
    parser.add_argument("--peers", action="store_true", help="the other tools on the same files")
    parser.add_argument("--software", type=Path, help="a folder of reviewed PO files of programs")
    options = parser.parse_args()
    if options.software:
        software(options.software)
        return 0
    if not SHARED.is_dir():
        print(f"no {SHARED}: only our own sentences", file=sys.stderr)
    human = list(pairs(held=options.held_out)) if SHARED.is_dir() else []
    if human:
        report(human, alarms=options.alarms)
    own = list(doses())
    report(own, alarms=options.alarms)
    rules = OTHERWISE if options.otherwise else (*RULES, *MEANING)
    if options.peers:
        beside_peers(human, rules)
        return 0
    catches([*human, *own], rules, missed=options.missed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
