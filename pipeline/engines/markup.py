"""Placeables as the services know them: a private-use character becomes a tag on the way out, and one again on return.

Takes   a text of draft.py (pipeline/engines/__init__.py says which characters stand for placeables)
Gives   the same text as XML or HTML, for services that promise to keep tags; and the way back
Always  from_markup(to_markup(text)) == text, for any text without other private-use characters
"""

import html
import re

from pipeline.engines import ALONE, CLOSING, MOST_PLACEABLES, OPENING

_CHARACTER = re.compile(f"[{chr(OPENING + 1)}-{chr(ALONE + MOST_PLACEABLES)}]")
_TAG = re.compile(r"<\s?(/?)\s?([gx])([1-9][0-9]{0,2})\s?(/?)\s?>", re.IGNORECASE)
_EMPTY_PAIR = re.compile(r"<x([1-9][0-9]{0,2})>\s*</x\1>", re.IGNORECASE)


def to_markup(text: str, *, empty: str = "<x{n}/>") -> str:
    """Escaped, with `<g1>…</g1>` for pairs and `empty` for what stands alone (HTML has no `<x1/>`: `<x1></x1>`).

    >>> to_markup("5 < 6 \\ue101two\\ue201 \\ue302")
    '5 &lt; 6 <g1>two</g1> <x2/>'
    """
    return to_tags(html.escape(text, quote=False), empty=empty)


def from_markup(answer: str) -> str:
    """The text with its characters again. Other tags stay as they are: draft.py refuses what it does not know.

    >>> from_markup("5 &lt; 6 <g1>dos</g1> <x2></x2>") == "5 < 6 \\ue101dos\\ue201 \\ue302"
    True
    """
    return html.unescape(from_tags(answer))


def to_tags(text: str, *, empty: str = "<x{n}/>") -> str:
    """The tags without escaping, for readers that know no entities: chat models."""

    def tag(found: re.Match[str]) -> str:
        kind, number = ord(found[0]) & 0xFF00, ord(found[0]) & 0xFF
        if kind == ALONE:
            return empty.format(n=number)
        return f"<{'/' if kind == CLOSING else ''}g{number}>"

    return _CHARACTER.sub(tag, text)


def from_tags(answer: str) -> str:
    """The way back from `to_tags`."""

    def character(found: re.Match[str]) -> str:
        number = int(found[3])
        if number > MOST_PLACEABLES:
            return found[0]
        kind = ALONE if found[2] in "xX" else CLOSING if found[1] else OPENING
        return chr(kind + number)

    return _TAG.sub(character, _EMPTY_PAIR.sub(r"<x\1/>", answer))
