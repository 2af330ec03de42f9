"""Across the entries of one file: equal sources have equal targets, and different sources have different ones.

Not in CHECKS, since it needs all pairs at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.model import Finding, Severity
from review.checks.context import Context

FEWEST_WORDS = 4
"""Shorter texts are rightly said in several ways: Next, Close."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One entry."""

    source: str
    target: str
    line: int


def consistency(pairs: Sequence[Pair], context: Context) -> Iterator[tuple[int, Finding]]:
    """(place in `pairs`, WARNING) for a source with a second translation, and for a target that stands for two sources.

    The second only where the sources share less than half of their words: a text was pasted into the wrong place.
    """
    by_source: dict[str, tuple[str, int]] = {}
    by_target: dict[str, tuple[str, int]] = {}
    for at, pair in enumerate(pairs):
        if pair.source.count(" ") < FEWEST_WORDS - 1:
            continue
        source, target = (pair.source.casefold(), pair.target.casefold())
        first, line = by_source.setdefault(source, (target, pair.line))
        if first != target:
            yield at, _warning(f"the same source has another translation in line {line}", pair)
        other, line = by_target.setdefault(target, (source, pair.line))
        if other != source and _unlike(other, source):
            yield at, _warning(f"line {line} has this same translation for another source", pair)


def _unlike(one: str, other: str) -> bool:
    words, others = set(one.split()), set(other.split())
    return 2 * len(words & others) < min(len(words), len(others))


def _warning(message: str, pair: Pair) -> Finding:
    return Finding(check="consistency", severity=Severity.WARNING, message=message, target_span=(0, len(pair.target)))
