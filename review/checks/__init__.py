"""Say what may be wrong with a target: findings, each with its place in both texts and its reason.

Takes   a source and a target with their placeable tags (model.py), and the Context they stand in
Gives   findings for sign-off, publishing, triage and `signoff check`; an error blocks, a warning asks, a note informs
Always  every finding's spans lie within its texts; the same pair gives the same findings

A check is a function of one family per file, and all of them are in CHECKS. A check's file is imported when it is first
used: a run that drafts does not wait for checks that it does not ask.
"""

import importlib
from functools import lru_cache

from pipeline.model import Finding
from review.checks.context import Check, Context

__all__ = ["CHECKS", "DRAFT_CHECKS", "Check", "Context", "check_functions", "findings"]

CHECKS: tuple[str, ...] = (
    "not_empty",
    "not_copied",
    "not_chatter",
    "not_repeated",
    "language_used",
    "complete",
    "characters",
    "placeables_kept",
    "markup_kept",
    "numbers_kept",
    "number_words_kept",
    "numbers_in_place",
    "numbered_names_kept",
    "quantities_kept",
    "dates_kept",
    "contrasts_kept",
    "negation_kept",
    "drugs_kept",
    "protected_kept",
    "terms_used",
    "end_mark",
)
"""Every check, in the order of their findings: the function of this name in `review/checks/<name>.py`."""

DRAFT_CHECKS: tuple[str, ...] = (
    "not_empty",
    "not_copied",
    "characters",
    "placeables_kept",
    "numbers_kept",
    "protected_kept",
    "terms_used",
    "end_mark",
)
"""What is asked about a machine's draft that passed its guards, for the reviewer's notes: the quick ones. What people
write meets them all."""


_SAYS_ALL = frozenset(("not_empty", "not_copied"))
"""Checks beside whose finding no other is worth a word."""


@lru_cache(maxsize=8)
def check_functions(names: tuple[str, ...] = CHECKS) -> tuple[Check, ...]:
    """The functions behind some names."""
    return tuple(getattr(importlib.import_module(f"review.checks.{name}"), name) for name in names)


def findings(source: str, target: str, context: Context, checks: tuple[str, ...] = CHECKS) -> tuple[Finding, ...]:
    """All that the checks say about a pair, in their order. Of an empty or copied target only that."""
    found: list[Finding] = []
    for name, check in zip(checks, check_functions(checks), strict=True):
        if new := list(check(source, target, context)):
            if name in _SAYS_ALL:
                return tuple(new)
            found += new
    return tuple(found)
