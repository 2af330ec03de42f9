"""Read the YAML front matter of a Markdown article: top-level scalars, and nothing else of YAML.

Takes   the bytes of an article
Gives   where its body begins, and each top-level string as a block of its own
Always  a value whose form is not known here (a list, a map, an anchor) is left in the skeleton untouched
"""

import json
import re

from pipeline.extract.pieces import Piece, RawBlock, Role
from pipeline.model import Place, SegmentKind

# No possessive group here or in html.py: before 3.11.5 Python's `(?:…)*+` gives up matches that it has (gh-106052).
_OPENING_FENCE = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n")
_CLOSING_FENCE = re.compile(rb"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_MAP_LINE = re.compile(rb"[ \t\r\n#]|[^\s:][^:\n]*:(?:[ \t\r\n])|-[ \t]|[\]}]")
_ENTRY = re.compile(
    rb"^([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*:(?=[ \t\r\n])[ \t]*+"
    rb"([^\r\n]*+(?:\r?\n(?:[ \t]+[^\r\n]*+|[ \t]*(?=\r?\n[ \t\r\n])))*)",
    re.MULTILINE,
)
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^']|'')*)'(?!')")
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]{0,2}[ \t]*(?:#[^\n]*)?\r?\n")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r?\n[ \t]*|.)", re.DOTALL)
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    '"': '"',
    "\\": "\\",
    "/": "/",
    " ": " ",
    "_": "\xa0",
    "N": "\x85",
    "L": "\u2028",
    "P": "\u2029",
    "e": "\x1b",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
}
_NOT_A_STRING = re.compile(r"[\[{&*!@`%]|(?:null|true|false|~)\s*$", re.IGNORECASE)
_KINDS = {"title": SegmentKind.TITLE, "description": SegmentKind.DESCRIPTION}


def _front(data: bytes) -> tuple[int, int, int] | None:
    """Where the lines between the fences begin and end, and where the body begins.

    The lines between are a YAML map, else the fences are two rules with text between them.
    """
    opening = _OPENING_FENCE.match(data)
    closing = _CLOSING_FENCE.search(data, opening.end()) if opening else None
    if not opening or not closing:
        return None
    lines = data[opening.end() : closing.start()].splitlines(keepends=True)
    is_map = all(_MAP_LINE.match(line) for line in lines)
    return (opening.end(), closing.start(), closing.end()) if is_map else None


def body_start(data: bytes) -> int:
    """The byte at which the Markdown body begins: behind the front matter, if any, and behind a byte-order mark."""
    front = _front(data)
    if front:
        return front[2]
    return 3 if data.startswith(b"\xef\xbb\xbf") else 0


def front_matter_blocks(data: bytes) -> list[RawBlock]:
    """Each top-level string of the front matter, whole, with its key."""
    front = _front(data)
    if not front:
        return []
    blocks = []
    for entry in _ENTRY.finditer(data, front[0], front[1]):
        raw = entry.group(2).rstrip()
        read = _scalar(raw.decode())
        if read is None:
            continue
        text, length = read
        start = entry.start(2)
        end = start + len(raw.decode()[:length].encode())
        text = text.strip()
        if not text or end == start:
            continue
        key = entry.group(1).decode()
        blocks.append(
            RawBlock(
                start=start,
                end=end,
                kind=_KINDS.get(key, SegmentKind.ATTRIBUTE),
                place=Place.YAML,
                pieces=(Piece(Role.TEXT, start, end, text),),
                whole=True,
                key=key,
            )
        )
    return blocks


def _scalar(raw: str) -> tuple[str, int] | None:
    """The string that a YAML scalar stands for, and how much of `raw` it takes; None for anything but a string."""
    for quoted, decode in ((_DOUBLE, _unescaped), (_SINGLE, lambda text: text.replace("''", "'"))):
        match = quoted.match(raw)
        if match:
            behind = raw[match.end() :].lstrip()
            return (decode(match.group(1)), match.end()) if not behind or behind.startswith("#") else None
    header = _BLOCK_SCALAR.match(raw)
    if header:
        return raw[header.end() :], len(raw)
    if not raw or (raw[0] in "\"'|>#-?," and not re.match(r"-[^\s]", raw)) or _NOT_A_STRING.match(raw):
        return None
    text = re.split(r"[ \t]#|\n[ \t]*#", raw)[0].rstrip()
    return None if re.search(r":(?:\s|$)", text) else (text, len(text))


def _unescaped(text: str) -> str:
    """The inside of a double-quoted scalar, decoded."""

    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] in "xuU" and len(code) > 1:
            value = int(code[1:], 16)
            return chr(value) if value < 0x110000 and not 0xD800 <= value < 0xE000 else "\ufffd"
        return "" if code[0] in "\r\n" else _ESCAPES.get(code, code)

    return _ESCAPE.sub(one, text)


def quoted(text: str) -> str:
    """A text as a YAML double-quoted scalar on one line. JSON strings are YAML strings."""
    return json.dumps(text, ensure_ascii=False)
