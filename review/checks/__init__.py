"""Say what may be wrong with a target: findings, each with its place in both texts and its reason.

Takes   a source and a target with their placeable tags (model.py), and the Context they stand in
Gives   findings for sign-off, publishing, triage and `signoff check`; an error blocks, a warning asks, a note informs
Always  every finding's spans lie within its texts; the same pair gives the same findings

A check is a function of one family per file, and all of them are in CHECKS.
"""

from pipeline.model import Finding
from review.checks.characters import characters
from review.checks.context import Check, Context
from review.checks.contrasts_kept import contrasts_kept
from review.checks.drugs_kept import drugs_kept
from review.checks.end_mark import end_mark
from review.checks.negation_kept import negation_kept
from review.checks.not_copied import not_copied
from review.checks.not_empty import not_empty
from review.checks.numbers_kept import numbers_kept
from review.checks.placeables_kept import placeables_kept
from review.checks.protected_kept import protected_kept
from review.checks.terms_used import terms_used

__all__ = ["CHECKS", "Check", "Context", "findings"]

CHECKS: tuple[Check, ...] = (
    not_empty,
    not_copied,
    characters,
    placeables_kept,
    numbers_kept,
    contrasts_kept,
    negation_kept,
    drugs_kept,
    protected_kept,
    terms_used,
    end_mark,
)


def findings(source: str, target: str, context: Context) -> tuple[Finding, ...]:
    """All that the checks say about a pair, in the order of CHECKS. Of an empty target only that it is empty."""
    if empty := tuple(not_empty(source, target, context)):
        return empty
    return tuple(finding for check in CHECKS for finding in check(source, target, context))
