"""Which characters nobody sees, and where one of them is spelling.

Takes   a character of a text with what stands before it
Gives   whether it is invisible; whether it belongs there in this language
Always  Unicode's own list (DerivedCoreProperties.txt 16.0, Default_Ignorable_Code_Point), and the few beside it
"""

import re
import unicodedata

from pipeline.model import Locale

DEFAULT_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Ranges for a character class: marks, joiners, fillers, selectors, tags."""
INVISIBLE = f"{DEFAULT_IGNORABLE}\u2800\ufff9-\ufffb"
"""And the empty Braille cell, and what opens and closes an annotation."""

_JOINER_LANGUAGES = frozenset(
    "as bn ckb fa gu hi kn kok ks mai ml mr ne or pa ps sa sd si ta te ug ur".split()  # noqa: SIM905 - one line
)
"""Where the zero-width joiner and non-joiner are spelling (Unicode 16, chapters 9 and 12)."""
_SPACELESS_LANGUAGES = frozenset(("bo", "dz", "km", "lo", "my", "shn", "th"))
"""Where words stand without spaces, and U+200B says where a line may break (Unicode 16, chapters 13 and 16)."""
_EMOJI = re.compile("[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]")
_FLAGS = tuple(
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
"""England, Scotland, Wales: the flags that are written with tag characters, which elsewhere could hide any text."""


def belongs(text: str, at: int, locale: Locale) -> bool:
    """Whether the invisible character at this place is part of how the language, or an emoji, is written."""
    character, before, language = text[at], text[max(0, at - 1) : at], locale.language
    match character:
        case "\u200e" | "\u200f" | "\u061c":
            return locale.direction == "rtl"
        case "\u200c":
            return language in _JOINER_LANGUAGES
        case "\u200d":
            return language in _JOINER_LANGUAGES or bool(_EMOJI.match(before))
        case "\u200b":
            return language in _SPACELESS_LANGUAGES
        case "\ufe0e" | "\ufe0f":  # text or emoji: ♥︎, ❤️, 1️⃣
            return before in ("\u203c", "\u2049", "\u3030") or text[at + 1 : at + 2] == "\u20e3" or _is_symbol(before)
    if "\ufe00" <= character <= "\ufe02" or "\U000e0100" <= character <= "\U000e01ef":  # which form of an ideograph
        return language in ("ja", "ko", "zh", "yue") and unicodedata.name(before or " ").startswith("CJK ")
    if "\u180b" <= character <= "\u180f":
        return language == "mn" and "\u1820" <= before <= "\u18aa"
    if "\U000e0020" <= character <= "\U000e007f":
        start = text.rfind("\U0001f3f4", max(0, at - 6), at)
        return start >= 0 and text.startswith(_FLAGS, start)
    return False


def _is_symbol(before: str) -> bool:
    return bool(before) and unicodedata.category(before) in ("So", "Sm", "Sk")
