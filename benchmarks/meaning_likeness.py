"""What the sentence encoder of `signoff check --meaning` sees, and what it is blind to.

    .venv/bin/python benchmarks/meaning_likeness.py [--held-out] [--alarms]

Takes   ../shared/data/tico19 and the project's own sentences, divided as check_planted_errors.py divides them; its
        planted errors
Gives   per language: false alarms, and how many texts it sees that stand in another's place (the next segment's of the
        document, any other's) or are cut in half; per family of planted errors how many it sees; CPU time a pair, and
        of the first one; with --alarms each false alarm
Always  the same figures for the same files, but for the time and a last digit that differs by processor
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from check_planted_errors import EN, SHARED, Pair, doses, pairs, planted
from planted_errors import RULES
from planted_meaning import MEANING

from pipeline.model import Locale
from review.checks import Context
from review.checks.consistency import Pair as Entry
from review.checks.meaning import meaning, why_not_asked


def seen(texts: Sequence[tuple[str, str]], locale: Locale) -> list[int]:
    """The places of the pairs that it warns of."""
    context = Context(source_locale=EN, target_locale=locale)
    return [at for at, _ in meaning([Entry(source, target, 0) for source, target in texts], context)]


def share(found: int, of: int) -> str:
    return f"{found / of:7.1%} of {of:4}" if of else f"{'':15}"


def in_other_places(rights: Sequence[Pair], locale: Locale) -> str:
    document = [pair.id.partition(":")[0] for pair in rights]
    following = [
        (one.source, other.target)
        for at, (one, other) in enumerate(pairwise(rights))
        if document[at] == document[at + 1]
    ]
    shift = len(rights) // 2
    anywhere = [(pair.source, rights[(at + shift) % len(rights)].target) for at, pair in enumerate(rights)]
    halves = [(pair.source, pair.target[: len(pair.target) // 2]) for pair in rights]
    kinds = ("next", following), ("any other", anywhere), ("half", halves)
    return "   ".join(f"{name} {share(len(seen(texts, locale)), len(texts))}" for name, texts in kinds)


def report(rights: Sequence[Pair], *, alarms: bool) -> None:
    for tag in sorted({pair.locale.tag for pair in rights}):
        locale, here = Locale.parse(tag), [pair for pair in rights if pair.locale.tag == tag]
        began = time.process_time()
        wrongly = seen([(pair.source, pair.target) for pair in here], locale)
        each = 1000 * (time.process_time() - began) / len(here)
        print(
            f"{tag:8} false alarms {share(len(wrongly), len(here))}   {in_other_places(here, locale)}   {each:.1f} ms"
        )
        for at in wrongly if alarms else ():
            print(f"  {here[at].source}\n  {here[at].target}")


def blindness(rights: Sequence[Pair]) -> None:
    by_locale: dict[str, list[tuple[str, str, str]]] = {}
    for rule, pair, wrong in planted(rights, (*RULES, *MEANING)):
        by_locale.setdefault(pair.locale.tag, []).append((rule.family, pair.source, wrong))
    all_, caught = Counter[str](), Counter[str]()
    for tag, rows in by_locale.items():
        all_.update(family for family, _, _ in rows)
        caught.update(rows[at][0] for at in seen([(s, w) for _, s, w in rows], Locale.parse(tag)))
    for family in all_:
        print(f"{family:16} {share(caught[family], all_[family])}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--held-out", action="store_true", help="judge the third that was kept aside")
    parser.add_argument("--alarms", action="store_true", help="print every false alarm")
    options = parser.parse_args()
    if why := why_not_asked(Locale.parse("es")):
        print(why, file=sys.stderr)
        return 2
    began = time.process_time()
    seen([("Take it with a meal.", "Tómelo con la comida.")], Locale.parse("es"))
    print(f"first pair: {time.process_time() - began:.2f} s")
    human = list(pairs(held=options.held_out)) if SHARED.is_dir() else []
    if not human:
        print(f"no {SHARED}: only our own sentences", file=sys.stderr)
    for rights in (human, list(doses())):
        report(rights, alarms=options.alarms)
    blindness([*human, *doses()])
    return 0


if __name__ == "__main__":
    sys.exit(main())
