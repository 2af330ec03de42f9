"""Read Markdown with pyromark (pulldown-cmark), which says of every construct at which bytes it stands.

Takes   CommonMark 0.31.2 with GitHub's tables, footnotes, task lists, strikethrough, alerts, and definition lists;
        front matter in YAML or TOML; any line ends
Gives   a Reading; HTML blocks are read by html.py
Always  front matter stands at the very beginning or is none: pulldown-cmark would also swallow a `---` pair further
        down, with all that is between, so that option stays off and front_matter.py reads it

The parser's math stays off too: "$5-$10" would be a formula, hidden from the translator, and prices are commoner than
formulas here. What is between dollar signs is one only if it has TeX's own signs in it.
Code, formulas, autolinks and what is inside of inline `<code>` are placeables, code blocks stay in the skeleton.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import pyromark

from pipeline.extract import html
from pipeline.extract.front_matter import front_matter
from pipeline.extract.pieces import (
    ALONE,
    CLOSE,
    OPEN,
    TEXT,
    Piece,
    RawBlock,
    Reading,
    UnreadableError,
    balanced,
    joined,
)
from pipeline.extract.rules import NO_RULES, Rules
from pipeline.model import LeftAlone, Place, PlaceableKind, SegmentKind

MARKDOWN_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_GFM
    | pyromark.Options.ENABLE_DEFINITION_LIST
)
"""The options for reading and for rendering `data[body_start(data):]`; both must be the same."""
MAX_DEPTH = 100
"""Containers in containers; a deeper article is refused."""
_BACKSLASH = 0x5C
_PUNCTUATION = frozenset(b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_PAIRS = {
    "Strong": ("b", PlaceableKind.BOLD),
    "Emphasis": ("i", PlaceableKind.EMPHASIS),
    "Strikethrough": ("g", PlaceableKind.MARKUP),
    "Link": ("a", PlaceableKind.LINK),
    "Image": ("g", PlaceableKind.IMAGE),
}
_LIST_ITEM = SegmentKind.LIST_ITEM
_KINDS = {
    "Heading": SegmentKind.HEADING,
    "TableCell": SegmentKind.TABLE_CELL,
    "Item": _LIST_ITEM,
    "DefinitionListTitle": _LIST_ITEM,
    "DefinitionListDefinition": _LIST_ITEM,
    "BlockQuote": SegmentKind.QUOTE,
    "FootnoteDefinition": SegmentKind.FOOTNOTE,
}
"""Containers that tell what a text in them is."""
_DEFINED = frozenset({"Reference", "Collapsed", "Shortcut"})
"""Links whose address and title stand in a definition elsewhere."""
_BY_LABEL = {"Shortcut", "Collapsed"}
"""Links whose text is also the name of their address; a translated one must say the name as well."""


_FORMULA = re.compile(
    rb"(?<![\\$])(?:\$\$(?!\$)(?:[^$\\]|\\.)+?\$\$(?!\$)"
    rb"|\$(?![\s$])(?=[^$\n]*[\\^_{}=])(?:[^$\\\n]|\\[^\n])*?(?<!\s)\$(?![0-9$]))",
    re.DOTALL,
)
"""`$$…$$`, or `$…$` on one line with a sign of TeX in it: `$5-$10` and `$5 and $6` are prices."""
_DEFINITION = re.compile(
    rb"""^[ \t>]*\[(?:[^\[\]\\\n]|\\.)+\]:[ \t]*(?:<[^<>\n]*>|[^\s<]\S*)"""
    rb"""(?:[ \t]+("(?:[^"\\\n]|\\.)+"|'(?:[^'\\\n]|\\.)+'))?[ \t]*\r?$""",
    re.MULTILINE,
)
"""A link's definition on one line, with its title."""


def read(data: bytes, _rules: Rules = NO_RULES) -> Reading:
    """A whole article, front matter first."""
    front = front_matter(data)
    reader = _Reader(data, front.body)
    start = front.body
    events = pyromark.events_with_range(data[start:].decode(), options=MARKDOWN_OPTIONS)
    for event, span in events:
        reader.take(event, start + span["start"], start + span["end"])
    blocks = [*front.blocks, *reader.blocks]
    left = [*reader.left, *_definitions(data, start, reader.blocks, reader.left)]
    return Reading(
        tuple(blocks), tuple(reader.outline), tuple(sorted(left, key=attrgetter("start"))), tuple(front.unreadable)
    )


def _definitions(data: bytes, start: int, blocks: Sequence[RawBlock], left: Sequence[LeftAlone]) -> Iterator[LeftAlone]:
    """Where links are defined: bytes between the blocks, which nobody sees but for a tooltip."""
    at = start
    taken = [(block.start, block.end) for block in blocks] + [(part.start, part.end) for part in left]
    for begin, end in [*sorted(taken), (len(data), len(data))]:
        if begin > at and data.find(b"]:", at, begin) >= 0:
            for found in _DEFINITION.finditer(data, at, begin):
                yield LeftAlone(found.start(), found.end(), "link definition")
        at = max(at, end)


def _formulas_whole(run: list[Piece], data: bytes) -> list[Piece]:
    """The pieces, with those of each formula made one that stands alone; a formula that cuts a pair in two is none."""
    start, end = run[0].start, run[-1].end
    if data.find(b"$", start, end) < 0:
        return run
    done: list[Piece] = []
    left = run[::-1]
    for formula in _FORMULA.finditer(data, start, end):
        begin, behind = formula.span()
        while left and left[-1].end <= begin:
            done.append(left.pop())
        index = len(left)
        depth = lowest = 0
        while index and left[index - 1].start < behind:
            index -= 1
            depth += (left[index].role is OPEN) - (left[index].role is CLOSE)
            lowest = min(lowest, depth)
        inside = left[index:][::-1]
        if not inside or depth or lowest:
            continue
        first, last = inside[0], inside[-1]
        if (first.start < begin and not first.exact) or (last.end > behind and not last.exact):
            continue
        del left[index:]
        if first.start < begin:
            done.append(_cut(data, first.start, begin))
        done.append(Piece(ALONE, begin, behind, kind=PlaceableKind.CODE, keep=True))
        if last.end > behind:
            left.append(_cut(data, behind, last.end))
    return done + left[::-1]


def _cut(data: bytes, start: int, end: int) -> Piece:
    """A part of an exact piece."""
    return Piece(TEXT, start, end, data[start:end].decode(), exact=True)


def _named(event: Any) -> tuple[str, Any]:
    """An event's name and content: `"Rule"`, `{"Text": "a"}`, `{"Link": {…}}`."""
    if isinstance(event, str):
        return event, None
    [name] = event
    return name, event[name]


@dataclass(slots=True)
class _Reader:
    """Collects blocks while the events go by."""

    data: bytes
    at: int
    """Everything before this byte has been looked at."""
    blocks: list[RawBlock] = field(default_factory=list)
    outline: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)
    run: list[Piece] = field(default_factory=list)
    """The inline pieces of the block that is open."""
    block_start: int = -1
    """Where the block that is open begins, its marker included; -1 if none was announced."""
    heading_level: int = 0
    labels: list[str] = field(default_factory=list)
    """For each link or image that is open what to write instead of its closing bytes, or ""."""
    html: list[tuple[int, int]] = field(default_factory=list)
    opaque: bool = False
    """Inside a code block or an autolink."""
    images: int = 0
    """Images that are open here, one in the alt text of the other."""
    left: list[LeftAlone] = field(default_factory=list)

    def take(self, event: Any, start: int, end: int) -> None:
        """One event of the parser with its bytes."""
        name, content = _named(event)
        if name == "Text":
            if not self.opaque:
                self._text(content, start, end)
        elif name == "Start":
            self._start(*_named(content), start, end)
        elif name == "End":
            self._end(_named(content)[0], start, end)
        elif name == "Html":
            self.html.append((start, end))
        elif name in ("Rule", "TaskListMarker"):
            self._flush()
            self.outline.append(f"{name}:{content}")
            self.at = end
        elif not self.opaque:
            self._inline(name, content, start, end)

    def _start(self, name: str, content: Any, start: int, end: int) -> None:
        if name in _PAIRS:
            letter, kind = _PAIRS[name]
            address, label = "", ""
            if content:
                address = content["dest_url"]
                if content["link_type"] in _DEFINED and content["title"]:
                    address += f' "{content["title"]}"'  # readers see it, and it stands far from its sentence
                if content["link_type"] == "Autolink" or content["link_type"] == "Email":
                    # its text is the address: one part that stands alone
                    self._piece(Piece(ALONE, start, end, kind=kind, address=address, keep=True))
                    self.opaque = True
                    return
                if content["link_type"] in _BY_LABEL:
                    first = start + (2 if name == "Image" else 1)
                    label = f"][{self.data[first : end - 1].decode()}]"
            self.labels.append(label)
            self.images += name == "Image"
            width = 2 if name in ("Strong", "Image") else 1
            self._piece(Piece(OPEN, start, start + width, letter=letter, kind=kind, address=address))
            return
        self._flush()
        if name in ("CodeBlock", "HtmlBlock"):
            self.opaque = name == "CodeBlock"
            self.block_start = -1
            self.outline.append(f"{name}:{self.data[start:end].decode() if self.opaque else ''}")
            if self.opaque:
                self.left.append(LeftAlone(start, end, "code block"))
            return
        self.containers.append(name)
        if len(self.containers) > MAX_DEPTH:
            raise UnreadableError(start, f"more than {MAX_DEPTH} lists and quotes inside each other")
        self.outline.append(f"{name}:{content}")
        if self.block_start < 0 or name != "Paragraph":
            self.block_start = start
        self.at = max(self.at, start)
        if name == "Heading":
            self.heading_level = int(content["level"][1])

    def _end(self, name: str, start: int, end: int) -> None:
        if name in _PAIRS:
            if self.opaque:
                self.opaque = False
                return
            letter, kind = _PAIRS[name]
            label = self.labels.pop()
            self.images -= name == "Image"
            self._piece(Piece(CLOSE, self.at, end, letter=letter, kind=kind, written=label))
            return
        self._flush()
        if name == "CodeBlock":
            self.opaque = False
        elif name == "HtmlBlock":
            self._html_block()
        else:
            self.containers.pop()
            self.outline.append(f"/{name}")
            self.block_start = -1
        if name != "DefinitionList":  # whose end, as pulldown-cmark 0.13 gives it, is that of the paragraph behind it
            self.at = max(self.at, end)

    def _inline(self, name: str, content: Any, start: int, end: int) -> None:
        if name == "SoftBreak":
            self._piece(Piece(TEXT, start, end, "\n", end - start == 1))
        elif name == "HardBreak":
            self._piece(Piece(ALONE, start, end, kind=PlaceableKind.LINE_BREAK))
        elif name == "FootnoteReference":
            self._piece(Piece(ALONE, start, end, kind=PlaceableKind.FOOTNOTE_MARK, keep=True))
        elif name == "InlineHtml" and self.images:
            # an alt text shows tags as they are written
            self._piece(Piece(TEXT, start, end, self.data[start:end].decode(), exact=True))
        elif name == "InlineHtml":
            self._inline_html(start, end)
        else:
            self._piece(Piece(ALONE, start, end, kind=PlaceableKind.CODE, keep=True))

    def _text(self, text: str, start: int, end: int) -> None:
        """A run of text; the backslash before it, if it escapes its first character, belongs to that character."""
        data = self.data
        if start > self.at and data[start - 1] == _BACKSLASH and data[start] in _PUNCTUATION:
            self._piece(Piece(TEXT, start - 1, start + 1, text[0]))
            text, start = text[1:], start + 1
            if not text:
                return
        self._piece(Piece(TEXT, start, end, text, data[start:end] == text.encode()))

    def _inline_html(self, start: int, end: int) -> None:
        """A tag or a comment; one that html.py does not read as a whole stands alone."""
        try:
            token = next(html.tokens(self.data, start, end))
        except UnreadableError:
            token = html.Token(start, start)
        if token.end != end or token.name == "!":
            self._piece(Piece(ALONE, start, end))
        else:
            for piece in html.tag_pieces(self.data, start, end, token.name, closing=token.closing):
                self._piece(piece)

    def _piece(self, piece: Piece) -> None:
        """Add a piece, and whatever bytes before it no event has named."""
        if self.run and piece.start > self.at:
            self._bridge(piece.start)
        self.run.append(piece)
        self.at = piece.end

    def _bridge(self, end: int) -> None:
        """Bytes without an event: they belong to the markup or line end before them, else they are blanks."""
        last = self.run[-1]
        if last.role in (OPEN, CLOSE) or last.text == "\n" or last.kind is PlaceableKind.LINE_BREAK:
            self.run[-1] = last._replace(end=end, exact=False)
        elif self.data[self.at : end].strip():
            self.run.append(Piece(ALONE, self.at, end, keep=True))
        else:
            self.run.append(Piece(TEXT, self.at, end, " "))

    def _flush(self) -> None:
        """End the block that is open, if it holds anything."""
        run, self.run = self.run, []
        if not run:
            return
        pieces = balanced(_formulas_whole(joined(run), self.data))
        start = self.block_start if 0 <= self.block_start <= pieces[0].start else pieces[0].start
        kind, level = self._kind()
        place = Place.MARKDOWN_CELL if "TableCell" in self.containers else Place.MARKDOWN
        self.blocks.append(RawBlock(start, pieces[-1].end, kind, place, pieces, level))
        self.block_start = -1

    def _kind(self) -> tuple[SegmentKind, int]:
        """What the innermost telling container says."""
        name = next((name for name in reversed(self.containers) if name in _KINDS), "")
        kind, level = _KINDS.get(name, SegmentKind.PARAGRAPH), 0
        if name == "Heading":
            level = self.heading_level
        elif kind is _LIST_ITEM:
            level = max(1, self.containers.count("Item"))
        elif name == "TableCell" and "TableHead" in self.containers:
            kind = SegmentKind.TABLE_HEADER
        return kind, level

    def _html_block(self) -> None:
        """Lines of HTML: what a quote or list puts before each line is blanked out for reading."""
        lines, self.html = self.html, []
        if not lines:
            return
        start, end = lines[0][0], lines[-1][1]
        text = bytearray(b" " * (end - start))
        for line_start, line_end in lines:
            text[line_start - start : line_end - start] = self.data[line_start:line_end]
        reading = html.read_part(bytes(text), start)
        self.blocks.extend(reading.blocks)
        self.outline.extend(reading.outline)
        self.left.extend(reading.left_alone)
