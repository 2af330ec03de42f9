"""Inline parts as numbered tags: out of the article's markup into a source, and from a target back into markup.

Takes   the pieces of one sentence; or a target text and the placeables that its segment has
Gives   the source with `<b1>…</b1>` and `<x2/>`; or the target's parts, checked
Always  source text that reads like a tag is a placeable itself, so every tag in a source is ours
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

from pipeline.extract.pieces import ALONE, CLOSE, OPEN, TEXT, Piece, Role, folded
from pipeline.model import Placeable, PlaceableKind, tags_of

_LITERAL = re.compile(r"</?[a-z][1-9][0-9]{0,3}/?>|[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]+")
"""Text that would be taken for a tag, and control characters, which no PO file or XML can carry."""
_TAG_EATER = "\u0338"
"""COMBINING LONG SOLIDUS OVERLAY: right after a tag, NFC would join it to the `>` and destroy the tag."""
_MAY_BE_LITERAL = re.compile(rf"[<\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f{_TAG_EATER}]")
"""What a text without it need not be cut for: most have none, and one set of characters is found six times as fast."""


class TagError(ValueError):
    """A target's tags are not its source's tags; the message is a sentence for the report."""


def numbered(pieces: Sequence[Piece], data: bytes) -> tuple[str, tuple[Placeable, ...]]:
    """The source text of a sentence, NFC, blanks folded, and its placeables in the order of their opening tags.

    The pieces nest, and carry no blank at either edge.
    """
    if _MAY_BE_LITERAL.search("".join([piece.text for piece in pieces])):
        pieces = _literals_alone(pieces)
    parts: list[str] = []
    found: list[Placeable] = []
    opened: list[int] = []
    for piece in pieces:
        if piece.role is TEXT:
            parts.append(piece.text)
            continue
        own = piece.written or data[piece.start : piece.end].decode()
        if piece.role is CLOSE:
            index = opened.pop()
            pair = found[index]
            found[index] = Placeable(
                letter=pair.letter,
                number=pair.number,
                kind=pair.kind,
                opening=pair.opening,
                closing=own,
                address=pair.address,
            )
            parts.append(f"</{pair.letter}{pair.number}>")
            continue
        number = len(found) + 1
        if piece.role is OPEN:
            opened.append(len(found))
            parts.append(f"<{piece.letter}{number}>")
        else:
            parts.append(f"<{piece.letter}{number}/>")
        found.append(Placeable(letter=piece.letter, number=number, kind=piece.kind, opening=own, address=piece.address))
    return unicodedata.normalize("NFC", folded("".join(parts))), tuple(found)


def byte_at(piece: Piece, index: int) -> int:
    """The byte in the article at which character `index` of an exact piece begins."""
    if piece.end - piece.start == len(piece.text):
        return piece.start + index
    return piece.start + len(piece.text[:index].encode())


class _Cursor:
    """`byte_at` for ascending places, in time linear in the pieces."""

    def __init__(self) -> None:
        self.piece: Piece | None = None
        self.index = self.byte = 0

    def __call__(self, piece: Piece, index: int) -> int:
        if piece is not self.piece:
            self.piece, self.index, self.byte = piece, 0, piece.start
        self.byte += len(piece.text[self.index : index].encode())
        self.index = index
        return self.byte


def _literals_alone(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces again, but what must become a LITERAL stands alone."""
    done: list[Piece] = []
    for is_text, run in groupby(pieces, key=lambda piece: piece.role is TEXT):
        if is_text:
            done += _literals(list(run), after_tag=bool(done))
        else:
            done += run
    return done


def _literals(run: Sequence[Piece], *, after_tag: bool) -> Iterator[Piece]:
    """Neighbouring TEXT pieces as one, or cut at what must become a LITERAL."""
    text = "".join([piece.text for piece in run])
    spans = [match.span() for match in _LITERAL.finditer(text)]
    if _TAG_EATER in text:
        spans = list(_with_tag_eaters(text, spans, after_tag))
    starts = list(accumulate((len(piece.text) for piece in run), initial=0))
    byte_of = _Cursor()
    done, byte = 0, run[0].start
    for start, end in spans:
        if end <= done:
            continue
        begin, behind = bisect_right(starts, max(start, done)) - 1, bisect_left(starts, end) - 1
        first, last = run[begin], run[behind]
        # a piece that cannot be cut goes into the literal as a whole
        from_char, from_byte = (
            (max(start, done), byte_of(first, max(start, done) - starts[begin]))
            if first.exact
            else (starts[begin], first.start)
        )
        to_char, to_byte = (end, byte_of(last, end - starts[behind])) if last.exact else (starts[behind + 1], last.end)
        if from_char > done:
            yield Piece(TEXT, byte, from_byte, text[done:from_char])
        yield Piece(ALONE, from_byte, to_byte, kind=PlaceableKind.LITERAL)
        done, byte = to_char, to_byte
    if done < len(text):
        yield Piece(TEXT, byte, run[-1].end, text[done:])


def _with_tag_eaters(text: str, spans: Iterable[tuple[int, int]], after_tag: bool) -> Iterator[tuple[int, int]]:
    """The literal spans, each grown over the combining characters behind it if one of them would eat the tag."""
    found = list(spans)
    if after_tag and not (found and found[0][0] == 0):
        found.insert(0, (0, 0))
    for start, end in found:
        behind = end
        while behind < len(text) and unicodedata.combining(text[behind]):
            behind += 1
        grown = behind if _TAG_EATER in text[end:behind] else end
        if grown > start:
            yield start, grown


class Part(NamedTuple):
    """A target in parts: text between tags, or one tag with the placeable that it stands for.

    A named tuple, as a Piece is: there are as many.
    """

    role: Role
    text: str = ""
    placeable: Placeable | None = None


def parts_of(target: str, placeables: Sequence[Placeable]) -> list[Part]:
    """The target cut at its tags. Raises TagError unless each placeable is there exactly once and the pairs nest."""
    if not placeables and ">" not in target:
        return [Part(TEXT, target)]
    known = {(p.letter, p.number): p for p in placeables}
    parts: list[Part] = []
    stack: list[Placeable] = []
    seen: set[int] = set()
    done = 0
    for match in tags_of(target):
        closing, letter, number, alone = match.groups()
        placeable = known.get((letter, int(number)))
        if placeable is None or placeable.alone != bool(alone) or (closing and alone):
            raise TagError(f"it has {match.group()}, which the source has not")
        if match.start() > done:
            parts.append(Part(TEXT, target[done : match.start()]))
        done = match.end()
        if closing:
            if not stack or stack.pop() is not placeable:
                raise TagError(f"{match.group()} closes what is not open there")
            parts.append(Part(CLOSE, placeable=placeable))
            continue
        if placeable.number in seen:
            raise TagError(f"{match.group()} is there twice")
        seen.add(placeable.number)
        if not alone:
            stack.append(placeable)
        parts.append(Part(ALONE if alone else OPEN, placeable=placeable))
    if stack:
        raise TagError(f"<{stack[-1].letter}{stack[-1].number}> is never closed")
    missing = [f"<{p.letter}{p.number}{'/' if p.alone else ''}>" for p in placeables if p.number not in seen]
    if missing:
        raise TagError(f"{', '.join(missing)} is missing")
    if done < len(target):
        parts.append(Part(TEXT, target[done:]))
    return parts
