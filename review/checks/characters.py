"""A target has no characters that hide, reorder or spoil what a reader sees."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from pipeline.model import Finding, Severity
from review.checks.context import Context

_DIRECTION_MARKS = "\u200e\u200f\u061c"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_JOINERS = "\u200c\u200d"
_ZERO_WIDTH = "\u00ad\u200b\u2060-\u2064\u180e\ufeff"
_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb"
_MOJIBAKE = re.compile(
    # UTF-8 read as Windows-1252: é → Ã©, ’ → â€™, a byte order mark → ï»¿. In capitals Ã and Â are letters (MANHÃ”).
    "\ufffd|(?<![A-ZÀ-Þ])[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€.?|ï»¿"
)
JOINER_LANGUAGES = frozenset(
    ("fa", "ur", "ps", "ckb", "hi", "bn", "gu", "kn", "ml", "mr", "ne", "or", "pa", "si", "ta", "te")
)
"""Where the zero-width joiner and non-joiner are spelling (Unicode 15, chapters 9 and 12)."""


def characters(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for each character of the table in the target; a WARNING if the source has it too.

    In a right-to-left language the marks U+200E, U+200F and U+061C are allowed, in some the joiners.
    """
    pattern = _unwanted(context.target_locale.direction == "rtl", context.target_locale.language in JOINER_LANGUAGES)
    for match in pattern.finditer(target):
        severity = Severity.WARNING if match[0] in source else Severity.ERROR
        yield Finding(
            check="characters",
            severity=severity,
            message=f"{_kind(match[0])}: {_name(match[0])}",
            target_span=match.span(),
        )
    for match in _MOJIBAKE.finditer(target):
        if match[0] not in source:
            yield Finding(
                check="characters",
                severity=Severity.ERROR,
                target_span=match.span(),
                message=f"text decoded with the wrong charset: {match[0]!r}",
            )


@lru_cache(maxsize=4)
def _unwanted(marks_allowed: bool, joiners_allowed: bool) -> re.Pattern[str]:
    marks = "" if marks_allowed else _DIRECTION_MARKS
    # An emoji may be several joined by U+200D
    joiners = "" if joiners_allowed else "|\u200c|(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d"
    private = "\ue000-\uf8ff\U000f0000-\U0010ffff\ufdd0-\ufdef\ufffe\uffff"
    return re.compile(f"[{marks}{_BIDI}{_ZERO_WIDTH}{_CONTROLS}{private}]{joiners}")


def _kind(character: str) -> str:
    if re.match(f"[{_BIDI}{_DIRECTION_MARKS}]", character):
        return "a character that changes the writing direction unseen"
    if re.match(f"[{_ZERO_WIDTH}{_JOINERS}]", character):
        return "a character of no width"
    if re.match(f"[{_CONTROLS}]", character):
        return "a control character"
    return "a character without a meaning of its own"


def _name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
