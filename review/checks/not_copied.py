"""A target is a translation, not the source once more."""

import re
from collections.abc import Iterator

from pipeline.model import Finding, Severity
from review.checks.context import Context
from review.checks.words_in_text import is_technical, seen_text

MIN_WORDS = 4
"""Shorter texts may rightly be equal: names, codes, "Dr. Anna Example"."""
_WORD = re.compile(r"[^\W\d_]{2,}")


def not_copied(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR if the target is a source of four or more words, case and tags aside; a WARNING for a command."""
    if context.source_locale.language == context.target_locale.language:
        return
    seen = seen_text(source)
    if seen.casefold() == seen_text(target).casefold() and len(_WORD.findall(seen)) >= MIN_WORDS:
        yield Finding(
            check="not_copied",
            severity=Severity.WARNING if is_technical(source) else Severity.ERROR,
            message="the target is a copy of the source",
            source_span=(0, len(source)),
            target_span=(0, len(target)),
        )
