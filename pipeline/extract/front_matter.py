"""Read the front matter of a Markdown article: texts and lists of texts at its top level, in YAML or TOML.

Takes   the bytes of an article
Gives   where its body begins, and each text of each top-level key as a block of its own
Always  nothing is expanded or executed; a value of another form (a map, an anchor, a tag) is named as unreadable
"""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.extract.pieces import TEXT, Piece, RawBlock, Unreadable, UnreadableError
from pipeline.model import Place, SegmentKind

MAX_FRONT = 100_000
"""Bytes between the fences; more is data, not an article's front matter."""
# No possessive group here or in html.py: before 3.11.5 Python's `(?:…)*+` gives up matches that it has (gh-106052).
_OPENING_FENCE = re.compile(rb"(?:\xef\xbb\xbf)?(---|\+\+\+)[ \t]*\r?\n")
_CLOSING_FENCES = {
    b"---": re.compile(rb"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE),
    b"+++": re.compile(rb"^\+\+\+[ \t]*(?:\r?\n|\Z)", re.MULTILINE),
}
_MAP_LINE = re.compile(rb"[ \t\r\n#]|[^\s:][^:\n]*:(?:[ \t\r\n])|-[ \t]|[\]}]")
_TOML_BEGINS = re.compile(rb"""(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*(?:[\w"'.-]+[ \t]*=|\[)""")
_ENTRY = re.compile(
    rb"^([A-Za-z_][A-Za-z0-9_.-]*|\"[^\"\n]+\"|'[^'\n]+')[ \t]*:(?=[ \t\r\n])[ \t]*+"
    rb"([^\r\n]*+(?:\r?\n(?:[ \t]+[^\r\n]*+|-[ \t][^\r\n]*+|[\]}][^\r\n]*+|[ \t]*(?=\r?\n[ \t\r\n-])))*)",
    re.MULTILINE,
)
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^']|'')*)'(?!')")
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]{0,2}[ \t]*(?:#[^\n]*)?\r?\n")
_LEAD = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*")
_ITEM = re.compile(r"^[ \t]*-[ \t]+(?=\S)", re.MULTILINE)
_FLOW_PLAIN = re.compile(r"[^\s,\[\]{}\"'&*!|>%@`#][^,\[\]{}\r\n]*")
_FLOW_BLANK = re.compile(r"(?:[ \t\r\n,]|(?<=[ \t\r\n])#[^\n]*)*")
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
_BLANKS = " \t\r\n"
"""All that YAML calls blank: a no-break space belongs to the text."""
_NOTHING = re.compile(r"(?:|null|~|true|false)[ \t]*(?:#.*)?", re.IGNORECASE)
_FORMS = {"&": "an anchor", "*": "an alias", "!": "a tag", "{": "a map", "[": "a list of more than texts", "?": "a map"}
_TOML_KEY = re.compile(r"""[ \t]*([A-Za-z0-9_-]+|"[^"\\\n]*"|'[^'\n]*')[ \t]*=[ \t]*""")
_TOML_STRING = re.compile(
    r'"""((?:[^\\]|\\.)*?"{0,2})"""(?!")|' r"'''(.*?'{0,2})'''(?!')|" r'"((?:[^"\\\n]|\\.)*)"|' r"'([^'\n]*)'",
    re.DOTALL,
)
_KINDS = {"title": SegmentKind.TITLE, "description": SegmentKind.DESCRIPTION}


@dataclass(slots=True)
class FrontMatter:
    """What the lines between the fences hold."""

    body: int
    """The byte at which the body begins."""
    blocks: list[RawBlock] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)


def body_start(data: bytes) -> int:
    """The byte at which the Markdown body begins: behind the front matter, if any, and behind a byte-order mark."""
    front = _front(data)
    if front:
        return front[2]
    return 3 if data.startswith(b"\xef\xbb\xbf") else 0


def front_matter(data: bytes) -> FrontMatter:
    """Each top-level text of the front matter, whole, with its key.

    Raises UnreadableError for front matter of more than MAX_FRONT bytes, and for TOML that is none.
    """
    front = _front(data)
    if not front:
        return FrontMatter(body_start(data))
    start, end, body = front
    if end - start > MAX_FRONT:
        raise UnreadableError(start, f"the front matter has {end - start:,} bytes; at most {MAX_FRONT:,} are read")
    found = FrontMatter(body)
    for value in _toml_values(data, start, end) if b"+++" in data[:6] else _yaml_values(data, start, end):
        if isinstance(value, Unreadable):
            found.unreadable.append(value)
            continue
        key, at, behind, text = value
        if text.strip() and behind > at:
            piece = Piece(TEXT, at, behind, text.strip())
            kind = _KINDS.get(key, SegmentKind.ATTRIBUTE)
            found.blocks.append(
                RawBlock(start=at, end=behind, kind=kind, place=Place.YAML, pieces=(piece,), whole=True, key=key)
            )
    return found


def _front(data: bytes) -> tuple[int, int, int] | None:
    """Where the lines between the fences begin and end, and where the body begins.

    The lines between look like a map, else the fences are two rules with text between them.
    """
    opening = _OPENING_FENCE.match(data)
    closing = _CLOSING_FENCES[opening.group(1)].search(data, opening.end()) if opening else None
    if not opening or not closing:
        return None
    if opening.group(1) == b"+++":
        is_map = bool(_TOML_BEGINS.match(data, opening.end(), closing.start()))
    else:
        lines = data[opening.end() : closing.start()].splitlines(keepends=True)
        is_map = all(_MAP_LINE.match(line) for line in lines)
    return (opening.end(), closing.start(), closing.end()) if is_map else None


Value = tuple[str, int, int, str]
"""A key, where one of its texts begins and ends in bytes, and the text."""


# YAML ------------------------------------------------------------------------------------------------------------


def _yaml_values(data: bytes, start: int, end: int) -> Iterator[Value | Unreadable]:
    for entry in _ENTRY.finditer(data, start, end):
        key = entry.group(1).decode().strip("\"'")
        raw = entry.group(2).rstrip().decode()
        try:
            texts = _texts(raw)
        except ValueError as error:
            yield Unreadable(key, entry.start(2), entry.end(2), str(error))
            continue
        at, char = entry.start(2), 0
        for first, behind, text in texts:
            at += len(raw[char:first].encode())
            size = len(raw[first:behind].encode())
            yield key, at, at + size, text
            at, char = at + size, behind


def _texts(raw: str) -> list[tuple[int, int, str]]:
    """The texts of a value: where each begins and ends in `raw`, and what it says. Raises ValueError with the form."""
    lead = _LEAD.match(raw)
    first = lead.end() if lead else 0
    value = raw[first:]
    if not value or _NOTHING.fullmatch(value):
        return []
    if value.startswith("["):
        return _flow_texts(raw, first)
    if first and "\n" in raw[:first]:  # below the key: a list, a map, or a plain text
        if value.startswith(("- ", "-\t")):
            return _block_texts(raw)
        if re.match(r"[^\s#\"'][^\n]*:(?:\s|$)", value):
            raise ValueError("it is a map")
    length, text = _scalar(value)
    return [(first, first + length, text)]


def _flow_texts(raw: str, at: int) -> list[tuple[int, int, str]]:
    """`[one, "two"]`."""
    texts = []
    at = _skip(raw, at + 1)
    while at < len(raw) and raw[at] != "]":
        in_quotes = _quoted(raw, at)
        if in_quotes:
            text, behind = in_quotes
        else:
            plain = _FLOW_PLAIN.match(raw, at)
            if not plain or re.search(r":(?:\s|$)", plain.group()):
                raise ValueError(f"it is {_FORMS['[']}")
            text = re.split(r"[ \t]#", plain.group())[0].rstrip(_BLANKS)
            behind = at + len(text)
        texts.append((at, behind, text))
        at = _skip(raw, behind)
    if at >= len(raw) or re.sub(r"^\s+#.*|\s", "", raw[at + 1 :]):
        raise ValueError("it is a list that is not closed")
    return texts


def _skip(raw: str, at: int) -> int:
    blank = _FLOW_BLANK.match(raw, at)
    return blank.end() if blank else at


def _block_texts(raw: str) -> list[tuple[int, int, str]]:
    """Lines that begin with `- `, all at one depth."""
    texts = []
    items = list(_ITEM.finditer(raw))
    depths = {item.group().index("-") for item in items}
    if len(depths) > 1:
        raise ValueError("it is a list of lists")
    for item, behind in zip(items, [*(item.start() for item in items[1:]), len(raw)], strict=True):
        inner = raw[item.end() : behind].rstrip(_BLANKS)
        if re.match(r"[^\s\"'#&*!|>]+:(?:\s|$)", inner) or inner.startswith("- "):
            raise ValueError("it is a list of more than texts")
        if not _NOTHING.fullmatch(inner):
            if inner.startswith("["):
                raise ValueError("it is a list of lists")
            length, text = _scalar(inner)
            texts.append((item.end(), item.end() + length, text))
    return texts


def _scalar(raw: str) -> tuple[int, str]:
    """How much of `raw` a scalar takes, and its text. Raises ValueError with the form of another value."""
    in_quotes = _quoted(raw, 0)
    if in_quotes:
        text, length = in_quotes
        behind = raw[length:].lstrip(_BLANKS)
        if behind and not behind.startswith("#"):
            raise ValueError("there is more behind its closing quote")
        return length, text
    header = _BLOCK_SCALAR.match(raw)
    if header:
        return len(raw), raw[header.end() :]
    if raw[0] in _FORMS and not re.match(r"\?[^\s]", raw):
        raise ValueError(f"it is {_FORMS[raw[0]]}")
    if raw[0] in "\"'|>#%@`," or re.match(r"-(?:\s|$)", raw):
        raise ValueError("it is not closed, or not YAML")
    text = re.split(r"[ \t]#|\n[ \t]*#", raw)[0].rstrip(_BLANKS)
    if re.search(r":(?:\s|$)", text):
        raise ValueError("it has a colon and a blank in it, which only a text in quotes may have")
    return len(text), text


def _quoted(raw: str, at: int) -> tuple[str, int] | None:
    """The text of the quoted scalar at `at` and where it ends."""
    for form in (_DOUBLE, _SINGLE):
        match = form.match(raw, at)
        if match:
            text = match.group(1)
            return (_unescaped(text) if form is _DOUBLE else text.replace("''", "'")), match.end()
    return None


def _unescaped(text: str) -> str:
    """The inside of a double-quoted text, decoded."""

    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] in "xuU" and len(code) > 1:
            value = int(code[1:], 16)
            return chr(value) if value < 0x110000 and not 0xD800 <= value < 0xE000 else "\ufffd"
        return "" if code[0] in "\r\n" else _ESCAPES.get(code, code)

    return _ESCAPE.sub(one, text)


def quoted(text: str) -> str:
    """A text as a YAML or TOML double-quoted string on one line. JSON strings are strings of both."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# TOML ------------------------------------------------------------------------------------------------------------


def _toml_values(data: bytes, start: int, end: int) -> Iterator[Value | Unreadable]:
    """The texts above the first table. The standard library reads them too, and must see the same."""
    text = data[start:end].decode()
    try:
        parsed = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        at = start + sum(map(len, data[start:end].splitlines(keepends=True)[: int(line[1]) - 1])) if line else start
        raise UnreadableError(at, f"the front matter is not TOML: {error}") from error
    except RecursionError as error:
        raise UnreadableError(start, "the front matter is TOML nested beyond reason") from error
    at = 0
    while at < len(text) and not text.startswith("[", at):
        key = _TOML_KEY.match(text, at)
        if key is None:
            at = _next_line(text, at)
            continue
        name, value = key.group(1).strip("\"'"), parsed.get(key.group(1).strip("\"'"))
        found, behind = _toml_texts(text, key.end(), value)
        begin = start + len(text[: key.end()].encode())
        if not found and not isinstance(value, (bool, int, float)):
            yield Unreadable(name, begin, begin, "it is not a text or a list of texts")
        char = key.end()
        for first, last, shown in found:
            begin += len(text[char:first].encode())
            size = len(text[first:last].encode())
            yield name, begin, begin + size, shown
            begin, char = begin + size, last
        at = _next_line(text, behind)
    if at < len(text):
        begin = start + len(text[:at].encode())
        yield Unreadable("its tables", begin, end, "only what stands above the first table is read")


def _next_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _toml_texts(text: str, at: int, value: object) -> tuple[list[tuple[int, int, str]], int]:
    """Where the texts of one value stand, if `value` says that it is a text or a list of them; and where it ends."""
    if isinstance(value, str):
        string = _TOML_STRING.match(text, at)
        return ([(at, string.end(), value)], string.end()) if string else ([], at)
    if not text.startswith(("[", "{"), at):
        return [], at
    found: list[tuple[int, int]] = []
    depth = 0
    while at < len(text):
        string = _TOML_STRING.match(text, at)
        if string:
            found.append((at, string.end()))
            at = string.end()
            continue
        if text[at] == "#":
            at = _next_line(text, at)
            continue
        depth += (text[at] in "[{") - (text[at] in "]}")
        at += 1
        if depth == 0:
            break
    texts = value if isinstance(value, list) and all(isinstance(one, str) for one in value) else []
    return [(*span, one) for span, one in zip(found, texts, strict=False)] if len(found) == len(texts) else [], at
