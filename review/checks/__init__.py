"""Say what may be wrong with a target: findings, each with its place in both texts and its reason.

Takes   a source and a target with their placeable tags (model.py), and the Context they stand in
Gives   findings for sign-off, publishing, triage and `signoff check`; an error blocks, a warning asks, a note informs
Always  every finding's spans lie within its texts; the same pair gives the same findings

A check is a function of one family per file, and all of them are in CHECKS.
"""

from pipeline.model import Finding
from review.checks.characters import characters
from review.checks.complete import complete
from review.checks.context import Check, Context
from review.checks.dates_kept import dates_kept
from review.checks.end_mark import end_mark
from review.checks.language_used import language_used
from review.checks.markup_kept import markup_kept
from review.checks.not_chatter import not_chatter
from review.checks.not_copied import not_copied
from review.checks.not_empty import not_empty
from review.checks.not_repeated import not_repeated
from review.checks.number_words_kept import number_words_kept
from review.checks.numbered_names_kept import numbered_names_kept
from review.checks.numbers_in_place import numbers_in_place
from review.checks.numbers_kept import numbers_kept
from review.checks.placeables_kept import placeables_kept
from review.checks.protected_kept import protected_kept
from review.checks.quantities_kept import quantities_kept
from review.checks.terms_used import terms_used

__all__ = ["CHECKS", "Check", "Context", "draft_findings", "findings"]

CHECKS: tuple[Check, ...] = (
    not_empty,
    not_copied,
    not_chatter,
    not_repeated,
    language_used,
    complete,
    characters,
    placeables_kept,
    markup_kept,
    numbers_kept,
    number_words_kept,
    numbers_in_place,
    numbered_names_kept,
    quantities_kept,
    dates_kept,
    protected_kept,
    terms_used,
    end_mark,
)


GUARDED: frozenset[Check] = frozenset({not_copied, not_chatter, not_repeated, language_used, complete, markup_kept})
"""What pipeline/guards.py and its neighbours look at before an engine's answer is a draft at all."""


def draft_findings(source: str, target: str, context: Context) -> tuple[Finding, ...]:
    """What the checks say about a machine's draft that passed the guards: theirs are not asked again."""
    return tuple(finding for check in CHECKS if check not in GUARDED for finding in check(source, target, context))


def findings(source: str, target: str, context: Context) -> tuple[Finding, ...]:
    """All that the checks say about a pair, in the order of CHECKS. Of an empty or copied target only that."""
    if empty := tuple(not_empty(source, target, context)):
        return empty
    if copied := tuple(not_copied(source, target, context)):
        return copied
    return tuple(finding for check in CHECKS for finding in check(source, target, context))
