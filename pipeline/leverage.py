"""Use again what people signed: exact matches out of the store.

Takes   the source hashes that need a text in a locale
Gives   for those that stand signed elsewhere, that text with where it came from
Always  only signed text; in its new place it is a proposal that somebody must sign there again, never signed by itself
"""

from collections.abc import Iterable

from pipeline.model import Origin, OriginKind
from pipeline.store import Transaction


def exact_matches(
    transaction: Transaction, source_hashes: Iterable[str], target_locale: str
) -> dict[str, tuple[str, Origin]]:
    """For each source that is signed elsewhere: its target and origin. Where people signed different targets, says so.

    The first by article and number is taken: the same store gives the same answer.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for source_hash, slug, number, target in transaction.signed_targets(source_hashes, target_locale):
        found.setdefault(source_hash, []).append((f"{slug}:{number:04d}", target))
    return {
        source_hash: (
            matches[0][1],
            Origin(
                kind=OriginKind.MEMORY,
                name=matches[0][0],
                version="exact match, signed there",
                doubts=tuple(
                    f"signed otherwise in {where}: {target}" for where, target in matches[1:] if target != matches[0][1]
                ),
            ),
        )
        for source_hash, matches in found.items()
    }
