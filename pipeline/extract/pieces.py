"""What a reader of one format hands over: blocks, each tiled by pieces of text and markup.

Takes   nothing; these are the nouns between plain_text.py, markdown.py, html.py and cutting.py
Gives   Piece, RawBlock, Reading, and `balanced`, which pairs opening with closing markup
Always  the pieces of a block cover its bytes without gap or overlap, and its OPEN and CLOSE pieces nest
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from pipeline.model import LeftAlone, Place, PlaceableKind, SegmentKind

_BLANKS = re.compile(r"[\t-\r\x1c-\x20\x85\u2028\u2029]{2,}|[\t-\r\x1c-\x1f\x85\u2028\u2029]")
"""The white space that is one space to a reader, but for what is one space already. No-break, thin and ideographic
spaces carry meaning and stay."""


def folded(text: str) -> str:
    """The text with each run of ordinary white space one space; `5\u00a0mg` stays as it is."""
    if text.isprintable() and "  " not in text:  # most texts; no other blank is printable
        return text
    return _BLANKS.sub(" ", text)


def words_of(text: str) -> frozenset[str]:
    """The words of a table written as one text."""
    return frozenset(text.split())


class Role(IntEnum):
    """What a piece does in the line."""

    TEXT = 0
    OPEN = 1
    CLOSE = 2
    ALONE = 3


TEXT, OPEN, CLOSE, ALONE = Role
"""Every piece is asked for its role many times, and Python 3.11 takes seven times as long to find `Role.TEXT`."""


class Piece(NamedTuple):
    """The bytes [start, end) of an article: some text, or one part of its inline markup.

    A named tuple, because an article has ten thousands of them and a frozen data class takes five times as long.
    """

    role: Role
    start: int
    end: int
    text: str = ""
    """TEXT: what a reader sees of it, in its own normal form; otherwise empty."""
    exact: bool = False
    """TEXT: whether `text` is those bytes as UTF-8, so that it can be cut anywhere."""
    letter: str = "x"
    """OPEN and CLOSE: the one that its tags will have; `x` is for what stands alone."""
    kind: PlaceableKind = PlaceableKind.MARKUP
    address: str = ""
    written: str = ""
    """What must be written around a changed text, where the article's own bytes would not do."""
    keep: bool = False
    """Whether it holds words of its own (a tooltip): it is never left to the skeleton."""
    name: str = ""
    """The HTML element's name in lower case; empty for markup whose pairs the parser vouches for."""
    opaque: bool = False
    """OPEN: whether all up to its CLOSE is not for translation."""


class RawBlock(NamedTuple):
    """A paragraph, heading, item, cell or attribute before it is cut into sentences."""

    start: int
    end: int
    kind: SegmentKind
    place: Place
    pieces: tuple[Piece, ...]
    level: int = 0
    marker: str = ""
    guessed: bool = False
    whole: bool = False
    """Whether it is one segment however many sentences it has: an attribute, a front-matter value."""
    key: str = ""
    """The front-matter key that it is the value of."""
    elements: frozenset[str] = frozenset()
    """The names of the HTML elements around it."""

    @property
    def text(self) -> str:
        """The visible text, blanks folded, edges trimmed."""
        return folded("".join(piece.text for piece in self.pieces)).strip()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value of the front matter, at byte `at`, that is not one text or a list of texts."""

    key: str
    at: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One article as its reader sees it."""

    blocks: tuple[RawBlock, ...]
    """In reading order, ascending and disjoint."""
    outline: tuple[str, ...]
    """Everything of the structure that is not in the blocks: containers, code, rules; for comparing."""
    left_alone: tuple[LeftAlone, ...] = ()
    """What is not for translation."""
    unreadable: tuple[Unreadable, ...] = ()
    """Values of the front matter that are refused if somebody chose their key."""


class UnreadableError(Exception):
    """A reader cannot go on at this byte; `extract` makes an ArticleError of it."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at, self.reason = at, reason


def joined(pieces: list[Piece]) -> list[Piece]:
    """The pieces, with exact texts that follow each other made one: fewer pieces, and sentences can be cut anywhere."""
    if len(pieces) < 2:
        return pieces
    done: list[Piece] = []
    texts: list[str] = []
    start = end = 0
    for piece in pieces:
        if piece.exact:
            if not texts:
                start = piece.start
            texts.append(piece.text)
            end = piece.end
            continue
        if texts:
            done.append(Piece(TEXT, start, end, "".join(texts), True))
            texts = []
        done.append(piece)
    if texts:
        done.append(Piece(TEXT, start, end, "".join(texts), True))
    return done


_UNPAIRED = frozenset({TEXT, ALONE})


def balanced(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces with every OPEN matched by its CLOSE: markup without its partner becomes a piece that stands alone.

    Pairs without a name are the parser's own and always match; a named pair is an HTML element, matched only inside
    the innermost pair of the parser. A pair that is opaque, with all that is in it, becomes one piece.
    """
    pieces = tuple(pieces)
    if {piece.role for piece in pieces} <= _UNPAIRED:
        return pieces
    done: list[Piece] = []
    stack: list[int] = []
    open_names: dict[str, int] = {}
    fence: list[dict[str, int]] = []
    for piece in pieces:
        if piece.role is OPEN:
            stack.append(len(done))
            if piece.name:
                open_names[piece.name] = open_names.get(piece.name, 0) + 1
            else:
                fence.append(open_names)
                open_names = {}
        elif piece.role is CLOSE:
            if piece.name and not open_names.get(piece.name):
                done.append(_alone(piece))
                continue
            opened = stack.pop()
            while done[opened].name != piece.name:
                open_names[done[opened].name] -= 1
                done[opened] = _alone(done[opened])
                opened = stack.pop()
            if piece.name:
                open_names[piece.name] -= 1
            else:
                open_names = fence.pop()
            if done[opened].opaque:
                first = done[opened]
                del done[opened:]
                piece = Piece(ALONE, first.start, piece.end, kind=PlaceableKind.CODE, keep=True)
        done.append(piece)
    for opened in stack:
        done[opened] = _alone(done[opened])
    return tuple(done)


def _alone(piece: Piece) -> Piece:
    return Piece(ALONE, piece.start, piece.end, keep=piece.keep, name=piece.name)
