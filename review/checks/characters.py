"""A target has no characters that hide, reorder, feign or spoil what a reader sees."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from pipeline.model import Finding, Locale, Severity
from review.checks.context import Context
from review.checks.invisible import INVISIBLE, belongs

_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb"
_MEANINGLESS = "\ue000-\uf8ff\U000f0000-\U0010ffff\ufdd0-\ufdef\ufffe\uffff" + "".join(
    chr(plane | end) for plane in range(0x10000, 0xF0000, 0x10000) for end in (0xFFFE, 0xFFFF)
)
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


_MOJIBAKE_SIGNS = ("Ã", "Â", "â€", "ï»", "?")


@lru_cache(maxsize=1)
def _unusual() -> re.Pattern[str]:
    """What most Latin texts have none of; every character that is asked about is among it, signs of mojibake aside."""
    return re.compile("[^ -~\u00a0-\u00ac\u00ae-\u017f\u2010-\u2015\u2018-\u201e\u2022\u2026\u202f\u2030\u20ac]")


_OTHER_SCRIPT = (
    "\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff\u1c80-\u1c8f\u1f00-\u1fff\u2c00-\u2c5f\ua640-\ua69f"
)
"""Greek, Cyrillic, Armenian, Cherokee and Glagolitic: the scripts with letters that look like Latin ones."""
_ALIKE = frozenset("АВЕЅІЈКМНОРСТУХЬаеѕіјорсухԁԛԝһӀΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχγ")
"""Those that most fonts draw as a Latin letter (Unicode Technical Standard 39, confusables.txt)."""
_FEIGNED = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff\u24b6-\u24e9"
"""Letters and digits in another dress: full-width, mathematical, encircled."""


@lru_cache(maxsize=1)
def _other_letters() -> re.Pattern[str]:
    return re.compile(f"[{_OTHER_SCRIPT}{_FEIGNED}]")


_LETTERS = re.compile(r"[^\W\d_]+")


def _look_alikes(source: str, target: str, locale: Locale) -> Iterator[Finding]:
    """A word in a Latin text with a letter of another script that the source does not have: `аspirin`.

    A whole word of another script is a WARNING where it could not be mistaken for Latin letters.
    """
    if target.isascii() or not _other_letters().search(target) or not _is_latin(locale):
        return
    for word in _LETTERS.finditer(target):
        foreign = [c for c in _other_letters().findall(word[0]) if c not in source]
        if not foreign:
            continue
        feigned = all(c in _ALIKE or not re.match(f"[{_OTHER_SCRIPT}]", c) for c in foreign)
        if feigned or len(foreign) < len(word[0]):
            message = f"{word[0]} has a letter that only looks like one of this script: {_name(foreign[0])}"
        else:
            message = f"{word[0]} is written in another script"
        yield Finding(
            check="characters",
            severity=Severity.ERROR if feigned else Severity.WARNING,
            message=message,
            target_span=word.span(),
        )


@lru_cache(maxsize=64)
def _is_latin(locale: Locale) -> bool:
    """Whether the language is written in Latin letters."""
    from babel.core import get_global

    likely = get_global("likely_subtags")
    script = locale.babel.script or likely.get(locale.po, likely.get(locale.language, "")).partition("_")[2][:4]
    return script == "Latn"


def characters(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for each such character in the target; a WARNING if the source has it too, a NOTE for break marks.

    One that belongs to the language's own spelling, or to an emoji, is none (invisible.py). Spaces that do not break
    are none anywhere: French needs them.
    """
    if not _unusual().search(target) and not any(sign in target for sign in _MOJIBAKE_SIGNS):
        return
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
    yield from _look_alikes(source, target, context.target_locale)


def _severity(character: str) -> Severity:
    """Of one that the source has too: harmless where it only says where a line may break."""
    return Severity.NOTE if character in "\u200b\u00ad\u2060" else Severity.WARNING


def _kind(character: str) -> str:
    return next(what for pattern, what in _KINDS if pattern.match(character))


def _name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
