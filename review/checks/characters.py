"""A target has no characters that hide, reorder or spoil what a reader sees."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from pipeline.model import Finding, Severity
from review.checks.context import Context
from review.checks.invisible import INVISIBLE, belongs

_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb"
_MEANINGLESS = "\ue000-\uf8ff\U000f0000-\U0010ffff\ufdd0-\ufdef\ufffe\uffff"
_KINDS = (
    (re.compile(f"[{_DIRECTION}]"), "a character that changes the writing direction unseen"),
    (re.compile(f"[{_CONTROLS}]"), "a control character"),
    (re.compile(f"[{_MEANINGLESS}]"), "a character without a meaning of its own"),
    (re.compile("\u00ad"), "a soft hyphen, which hides in a word (where lines break is the page's part)"),
    (re.compile("[\U000e0000-\U000e007f]"), "a character that nobody sees and that can hide a text"),
    (re.compile(""), "a character that nobody sees"),
)
"""The first that fits says what is wrong."""


@lru_cache(maxsize=1)
def _suspect() -> re.Pattern[str]:
    return re.compile(f"[{INVISIBLE}{_CONTROLS}{_MEANINGLESS}]")


@lru_cache(maxsize=1)
def _mojibake() -> re.Pattern[str]:
    # UTF-8 read as Windows-1252: é → Ã©, ’ → â€™, a byte order mark → ï»¿. In capitals Ã and Â are letters (MANHÃ”).
    return re.compile(
        "\ufffd|[ÃÂ][\u0080-\u009f\u00a1-\u00aa\u00ac-\u00ba\u00bc-\u00bfƒ†‡ˆ‰Š‹ŒŽ˜™š›œžŸ]"
        "|(?<![A-ZÀ-Þ])[ÃÂ][\u00a0«»€‚„…‘’“”•–—]|â€.?|ï»¿"
        "|(?<=[^\\W\\d_])\\?(?=[^\\W\\d_])"  # a letter that the charset did not have: pa?ses
    )


def characters(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for each such character in the target; a WARNING if the source has it too, a NOTE for break marks.

    One that belongs to the language's own spelling, or to an emoji, is none (invisible.py). Spaces that do not break
    are none anywhere: French needs them.
    """
    for match in _suspect().finditer(target):
        if belongs(target, match.start(), context.target_locale):
            continue
        if match[0] in "\n\t" and match[0] in source:
            continue  # PO files of programs have several lines
        severity = _severity(match[0]) if match[0] in source else Severity.ERROR
        yield Finding(
            check="characters",
            severity=severity,
            message=f"{_kind(match[0])}: {_name(match[0])}",
            target_span=match.span(),
        )
    for match in _mojibake().finditer(target):
        if match[0] not in source:
            yield Finding(
                check="characters",
                severity=Severity.ERROR,
                target_span=match.span(),
                message=f"text decoded with the wrong charset: {match[0]!r}",
            )


def _severity(character: str) -> Severity:
    """Of one that the source has too: harmless where it only says where a line may break."""
    return Severity.NOTE if character in "\u200b\u00ad\u2060" else Severity.WARNING


def _kind(character: str) -> str:
    return next(what for pattern, what in _KINDS if pattern.match(character))


def _name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
