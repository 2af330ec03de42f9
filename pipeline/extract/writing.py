"""Write a target text so that it stands where its segment stood, and reads as plain words there.

Takes   a target's parts (placeables.py), the Place, and the characters on either side
Gives   the bytes to put in
Always  only placeables become markup; every other character is text in the page
"""

import re
import string
import unicodedata
from collections.abc import Sequence

from pipeline.extract.front_matter import quoted
from pipeline.extract.pieces import ALONE, CLOSE, OPEN
from pipeline.extract.placeables import Part
from pipeline.model import Place, PlaceableKind

_MARKDOWN = re.compile(r"[\\`*_\[\]<~|$]|&(?=[#A-Za-z])")
_LINE_START = re.compile(r"([-+=#>:](?=.|\Z))|([0-9]{1,9})([.)])")
_EMPHASIS = {PlaceableKind.BOLD: "strong", PlaceableKind.EMPHASIS: "em"}


def written(parts: Sequence[Part], place: Place, left: str, right: str) -> str:
    """The text with its placeables' own markup, encoded for `place` between the characters `left` and `right`."""
    match place:
        case Place.PLAIN:
            return "".join(part.text or _markup(part) for part in parts)
        case Place.YAML:
            return quoted("".join(part.text or _markup(part) for part in parts))
        case Place.HTML_ATTRIBUTE:
            body = "".join(_html(part.text, attribute=True) or _markup(part) for part in parts)
            return body if left in ("'", '"') else f'"{body}"'
        case Place.HTML:
            return _html_line(parts)
        case Place.MARKDOWN | Place.MARKDOWN_CELL:
            return _markdown_line(parts, left, right)


def _markup(part: Part) -> str:
    """The article's own characters of a tag; nothing for text."""
    if part.placeable is None:
        return ""
    return part.placeable.closing if part.role is CLOSE else part.placeable.opening


def _html(text: str, *, attribute: bool = False) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#39;") if attribute else text


def _html_line(parts: Sequence[Part]) -> str:
    """Text of a page; inside of an image it is the value of an attribute."""
    out, in_image = [], 0
    for part in parts:
        in_image += _image_step(part)
        out.append(_html(part.text, attribute=in_image > 0) or _markup(part))
    return "".join(out)


def _image_step(part: Part) -> int:
    """+1 where the alt text of an image begins, -1 where it ends."""
    if part.placeable is None or part.placeable.kind is not PlaceableKind.IMAGE or part.role is ALONE:
        return 0
    return 1 if part.role is OPEN else -1


class _Token:
    """A part of a Markdown line and how it will be written."""

    __slots__ = ("marks", "out", "part")

    def __init__(self, part: Part, *, in_html_image: bool) -> None:
        self.part = part
        self.out = _markup(part) or (
            _html(part.text, attribute=True)
            if in_html_image
            else _MARKDOWN.sub(lambda match: "\\" + match.group(), part.text)
        )
        pair = part.placeable
        self.marks = pair if pair and part.role is not ALONE and not pair.opening.strip("*_~") else None
        """The pair that this opens or closes, if its marks are Markdown's own for emphasis."""


def _markdown_line(parts: Sequence[Part], left: str, right: str) -> str:
    """Text between Markdown's marks. Emphasis whose marks would not be read as such there becomes an HTML tag."""
    tokens, in_html_image = [], 0
    for part in parts:
        if part.placeable is not None and part.placeable.opening.startswith("<"):
            in_html_image += _image_step(part)
        tokens.append(_Token(part, in_html_image=in_html_image > 0))
    _hoist_blanks(tokens)
    before, after = _neighbours(tokens, left, right)
    for token, behind in zip(tokens, after, strict=True):
        if behind == "[" and token.part.text.endswith("!"):
            token.out = token.out[:-1] + "\\!"
    _html_where_marks_fail(tokens, before, after)
    line = "".join(token.out for token in tokens)
    start = _LINE_START.match(line) if parts[0].text else None
    if start:
        at = start.end(2) if start.group(2) else 0
        line = f"{line[:at]}\\{line[at:]}"
    return line


def _hoist_blanks(tokens: Sequence[_Token]) -> None:
    """`<b1> a </b1>` → ` **a** `: marks with a blank on their inner side are not read as emphasis."""
    for index, token in enumerate(tokens):
        if token.marks is None:
            continue
        if token.part.role is OPEN and tokens[index + 1].part.text:
            inner = tokens[index + 1]
            token.out = inner.out[: len(inner.out) - len(inner.out.lstrip())] + token.out
            inner.out = inner.out.lstrip()
        elif token.part.role is CLOSE and tokens[index - 1].part.text:
            inner = tokens[index - 1]
            token.out += inner.out[len(inner.out.rstrip()) :]
            inner.out = inner.out.rstrip()


def _neighbours(tokens: Sequence[_Token], left: str, right: str) -> tuple[list[str], list[str]]:
    """The character before and the character behind each token; the edge of the article counts as a blank."""
    before, after = [], []
    last, first = left or " ", right or " "
    for token in tokens:
        before.append(last)
        last = token.out[-1:] or last
    for token in reversed(tokens):
        after.append(first)
        first = token.out[:1] or first
    return before, after[::-1]


def _html_where_marks_fail(tokens: Sequence[_Token], before: Sequence[str], after: Sequence[str]) -> None:
    """Write a pair as an HTML element where the flanking rules of CommonMark 6.2 would not read its marks."""
    failing = set()
    for token, left, right in zip(tokens, before, after, strict=True):
        if token.marks is None or token.marks.kind not in _EMPHASIS:
            continue
        outer, inner = (left, right) if token.part.role is OPEN else (right, left)
        if token.out[:1].isspace() or token.out[-1:].isspace():
            outer = " "
        if not _flanks(outer, inner, underscore="_" in token.marks.opening):
            failing.add(token.marks.number)
    for token in tokens:
        if token.marks is not None and token.marks.number in failing:
            name, own = _EMPHASIS[token.marks.kind], _markup(token.part)
            token.out = token.out.replace(own, f"</{name}>" if token.part.role is CLOSE else f"<{name}>", 1)


def _flanks(outer: str, inner: str, *, underscore: bool) -> bool:
    """Whether marks between these two characters open or close emphasis towards `inner`."""
    if inner.isspace():
        return False
    free = outer.isspace() or _is_punctuation(outer)
    return free or (not underscore and not _is_punctuation(inner))


def _is_punctuation(letter: str) -> bool:
    return letter in string.punctuation or unicodedata.category(letter)[0] in "PS"
