"""A name with a number keeps it: COVID-19 is not COVID-2019, and IL-6 is not IL-1."""

import re
from collections.abc import Iterator

from pipeline.model import Finding, Severity
from review.checks.blanked import without_codes_and_tags
from review.checks.context import Context

_DIGIT = re.compile(r"[^\W\d_]-?\d")
_NAME = re.compile(r"(?<![\w-])([^\W\d_]{2,12}(?:-[^\W\d_]{1,8}){0,3})-?(\d{1,5})(?![\w]|[.,]\d)")


def numbered_names_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for a name that both texts have, with a number that the source does not give it."""
    if not _DIGIT.search(source) or not _DIGIT.search(target):
        return
    names: dict[str, set[str]] = {}
    for match in _NAME.finditer(without_codes_and_tags(source)):
        names.setdefault(match[1], set()).add(match[2])
    if not names:
        return
    for match in _NAME.finditer(without_codes_and_tags(target)):
        numbers = names.get(match[1])
        if numbers is not None and match[2] not in numbers and match[1].upper() == match[1]:
            wanted = " or ".join(f"{match[1]}-{number}" for number in sorted(numbers))
            yield Finding(
                check="numbered_names_kept",
                severity=Severity.ERROR,
                message=f"the source says {wanted}, the translation {match[0]}",
                target_span=match.span(),
            )
