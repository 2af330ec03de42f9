"""A target says something: it is not empty, and not made of characters that nobody sees."""

import re
import unicodedata
from collections.abc import Iterator

from pipeline.model import Finding, Severity, tags_of, visible_text
from review.checks.context import Context
from review.checks.invisible import INVISIBLE

_LETTERS = re.compile(r"[^\W\d_]{3}")
_LETTER = re.compile(r"[^\W_]")
_STAND_IN = re.compile(
    r"\W{0,3}(?:todo|tbd|tbc|tba|fixme|xxx+|n\.?/?a|n/d|s/d|null|none|nan|undefined|lorem ipsum)\W{0,3}", re.I
)
_LONGEST_STAND_IN = 12
"""Letters of a source above which `N/A` or `TODO` is no translation of it."""
_UNSEEN = re.compile(f"[{INVISIBLE}]")
"""Also letters, marks and symbols by category that print nothing: Hangul fillers, selectors, the empty Braille cell."""


def not_empty(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR if the source says something and the target nothing: the sentence would be missing from the page."""
    if not _LETTER.search(target) and not has_visible_character(target) and has_visible_character(source):
        how = "has no visible character" if target else "is empty"
        yield Finding(
            check="not_empty",
            severity=Severity.ERROR,
            message=f"the target {how}",
            source_span=(0, len(source)),
            target_span=(0, len(target)),
        )

    elif _STAND_IN.fullmatch(target) and len(source) > _LONGEST_STAND_IN and not _STAND_IN.fullmatch(source):
        yield Finding(
            check="not_empty",
            severity=Severity.ERROR,
            message=f"{target.strip()} only stands in for a translation",
            source_span=(0, len(source)),
            target_span=(0, len(target)),
        )
    elif _LETTERS.search(source) and not _LETTER.search(visible_text(target)):
        yield Finding(
            check="not_empty",
            severity=Severity.ERROR,
            message="the target has no letter and no digit",
            source_span=(0, len(source)),
            target_span=(0, len(target)),
        )


def has_visible_character(text: str) -> bool:
    """Whether a reader sees anything besides placeables: blanks, controls and zero-width characters are nothing."""
    return any(
        unicodedata.category(character)[0] not in "CZ" and not _UNSEEN.match(character)
        for character in visible_text(text)
    )


def is_invisible(text: str) -> bool:
    """Whether a reader sees nothing at all, not even a placeable that stands alone (an image, a code)."""
    return not has_visible_character(text) and not any(tag[4] for tag in tags_of(text))
