"""Cut one block into sentences: spans of bytes, each with its source text and placeables.

Takes   a RawBlock from a reader
Gives   Cuts in reading order, for `extract`
Always  every visible character that is not blank is inside one cut, if the block has a letter or digit at all
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.extract.pieces import ALONE, CLOSE, OPEN, TEXT, Piece, RawBlock
from pipeline.extract.placeables import byte_at, numbered
from pipeline.extract.sentences import MARK, OBJECT, split_sentences
from pipeline.model import LOOKS, Place, PlaceableKind, SegmentKind, Span
from pipeline.protected import Protect

_OBJECTS = {
    PlaceableKind.CODE: OBJECT,
    PlaceableKind.IMAGE: OBJECT,
    PlaceableKind.LINK: OBJECT,
    PlaceableKind.FOOTNOTE_MARK: MARK,
    PlaceableKind.LINE_BREAK: "\n",
}
"""How a part that stands alone looks to the splitter; one not named here is invisible to it."""
_IMAGE = PlaceableKind.IMAGE
_BREAKS = (PlaceableKind.LINE_BREAK, PlaceableKind.MARKUP)
"""Parts without words of their own that stand alone: at the edge of a sentence they are left to the skeleton."""
_WORD = re.compile(r"[^\W_]")
"""A letter or digit."""
_SENTENCE_CLOSERS = ".!?…:\"'”’)]"


Pair = tuple[Piece, Piece]
"""The pieces that open and close it."""


class Cut(NamedTuple):
    """One sentence of a block."""

    span: Span
    kind: SegmentKind
    around: tuple[str, ...]
    """What the pairs round the whole sentence say, outermost first: a link's address, a strike."""


def cuts_of(block: RawBlock, data: bytes, protect: Sequence[Protect] = ()) -> list[Cut]:
    """The sentences of a block; nothing for a block without a letter or digit."""
    if len(block.pieces) == 1 and block.pieces[0].exact and not block.whole:
        cuts = _plain_cuts(block, data, protect)
        if cuts:
            return cuts
    pieces, outer = _bare(block.pieces)
    whole = block.whole or _image(outer) is not None
    sentences = [pieces] if whole else _sentences(pieces, protect)
    if len(sentences) > 1:
        return [_cut(block, data, inner, outer + pairs) for inner, pairs in map(_bare, sentences)]
    return [_cut(block, data, pieces, outer)] if _has_letters(pieces) else []


def _plain_cuts(block: RawBlock, data: bytes, protect: Sequence[Protect]) -> list[Cut]:
    """The sentences of a block without any markup: what most blocks are. Nothing if one has no letter of its own."""
    [piece] = block.pieces
    spans = split_sentences(piece.text, protect=protect)
    texts = [piece.text[start:end] for start, end in spans]
    if not all(map(_WORD.search, texts)):
        return []
    byte, done = piece.start, 0
    cuts = []
    for (start, end), text in zip(spans, texts, strict=True):
        begin = byte + _size(piece.text[done:start])
        byte, done = begin + _size(text), end
        cuts.append(_cut(block, data, [Piece(TEXT, begin, byte, text, True)], ()))
    return cuts


def _cut(block: RawBlock, data: bytes, pieces: Sequence[Piece], pairs: Sequence[Pair]) -> Cut:
    """The pieces of one sentence, and the pairs round it, as a Cut."""
    kind, place = block.kind, block.place
    around: tuple[str, ...] = ()
    if pairs:
        image = _image(pairs)
        if image is not None:
            kind = SegmentKind.ALT_TEXT
            place = Place.HTML_ATTRIBUTE if data[image.start : image.start + 1] == b"<" else place
        around = tuple(said for pair in pairs if (said := _said_by(pair, data)))
    source, placeables = numbered(pieces, data)
    span = Span(pieces[0].start, pieces[-1].end, place, source, placeables)
    return Cut(span, kind, around)


def _size(text: str) -> int:
    """The bytes of a text."""
    return len(text) if text.isascii() else len(text.encode())


def _has_letters(pieces: Sequence[Piece]) -> bool:
    """Whether there is anything to translate: one letter or digit."""
    return any(map(_WORD.search, [piece.text for piece in pieces]))


def _image(pairs: Sequence[Pair]) -> Piece | None:
    """The innermost image among pairs."""
    return next((first for first, _ in reversed(pairs) if first.kind is _IMAGE), None)


_PLAIN = re.compile(rb"<(?:span|font|small|big|u|mark)\b(?![^>]*\b(?:dir|lang|title)\s*=)", re.IGNORECASE)
"""Elements that say nothing by themselves; what a page keeps of them is their text."""


def _said_by(pair: Pair, data: bytes) -> str:
    """What a pair that stays in the skeleton says of the sentence in it; empty where it says only how it looks."""
    first, last = pair
    opening, closing = data[first.start : first.end], data[last.start : last.end]
    if first.kind in LOOKS or _PLAIN.match(opening):
        return ""
    return "\x1e".join((opening.decode(), closing.decode(), first.address if closing.endswith(b"]") else ""))


def _bare(pieces: Sequence[Piece]) -> tuple[list[Piece], list[Pair]]:
    """The pieces without blanks, breaks and whole pairs at the edges; and those pairs, outermost first."""
    first, last = 0, len(pieces) - 1
    pairs: list[Pair] = []
    partner: dict[int, int] = {}
    while True:
        while first <= last and _is_blank(pieces[first]):
            first += 1
        while first <= last and _is_blank(pieces[last]):
            last -= 1
        if first >= last or pieces[first].role is not OPEN or pieces[last].role is not CLOSE or pieces[first].keep:
            break
        partner = partner or _partners(pieces)
        if partner[first] != last:
            break
        pairs.append((pieces[first], pieces[last]))
        first, last = first + 1, last - 1
    kept = list(pieces[first : last + 1])
    if kept and kept[0].exact:
        kept[0] = _part(kept[0], len(kept[0].text) - len(kept[0].text.lstrip()), len(kept[0].text))
    if kept and kept[-1].exact:
        kept[-1] = _part(kept[-1], 0, len(kept[-1].text.rstrip()))
    return kept, pairs


def _partners(pieces: Sequence[Piece]) -> dict[int, int]:
    """The place of the closing piece for each opening one."""
    stack: list[int] = []
    partner = {}
    for index, piece in enumerate(pieces):
        if piece.role is OPEN:
            stack.append(index)
        elif piece.role is CLOSE:
            partner[stack.pop()] = index
    return partner


def _is_blank(piece: Piece) -> bool:
    """Whether a piece at the edge of a sentence can be left to the skeleton."""
    if piece.role is TEXT:
        return not piece.text or piece.text.isspace()
    return piece.role is ALONE and not piece.keep and piece.kind in _BREAKS


def _part(piece: Piece, start: int, end: int) -> Piece:
    """Characters [start, end) of an exact piece."""
    if start == 0 and end == len(piece.text):
        return piece
    text = piece.text[start:end]
    at = byte_at(piece, start)
    return Piece(TEXT, at, at + _size(text), text, True)


def _sentences(pieces: Sequence[Piece], protect: Sequence[Protect]) -> list[list[Piece]]:
    """The pieces of each sentence: an end inside a pair is no end, and a sentence without letters joins its left.

    So if there is more than one, each has letters.
    """
    shown = [
        piece.text if piece.role is TEXT else _OBJECTS.get(piece.kind, "") if piece.role is ALONE else ""
        for piece in pieces
    ]
    text = "".join(shown)
    spans = split_sentences(text, protect=protect)
    gaps = [(left[1], right[0]) for left, right in pairwise(spans)]
    if any(piece.kind is _IMAGE for piece in pieces):
        gaps = sorted({*gaps, *_around_images(pieces, shown, text)})
    if not gaps:
        return [list(pieces)]
    sentences: list[list[Piece]] = [[]]
    for part, new_sentence in _parts(pieces, shown, gaps):
        if new_sentence and _has_letters(sentences[-1]):
            sentences.append([])
        sentences[-1].append(part)
    if len(sentences) > 1 and not _has_letters(sentences[-1]):
        sentences[-2].extend(sentences.pop())
    return sentences


def _parts(
    pieces: Sequence[Piece], shown: Sequence[str], gaps: Sequence[tuple[int, int]]
) -> Iterator[tuple[Piece, bool]]:
    """The pieces again, cut where a gap stands outside of all pairs, and whether a sentence begins with each."""
    at = depth = index = 0
    for piece, visible in zip(pieces, shown, strict=True):
        depth += (piece.role is OPEN) - (piece.role is CLOSE)
        behind = at + len(visible)
        done, byte = 0, piece.start
        new_sentence = False
        while visible and index < len(gaps) and gaps[index][0] < behind:
            start, end = gaps[index]
            if end <= at:
                index += 1
                continue
            offset = max(start - at, 0)
            if depth == 0 and (piece.exact or offset == 0):
                if offset > done:
                    part = _first_part(piece, byte, done, offset)
                    yield part, new_sentence
                    byte = part.end
                done, new_sentence = offset, True
                index += 1
            elif end <= behind:
                index += 1
            else:
                break
        yield (_first_part(piece, byte, done, len(piece.text)) if done else piece), new_sentence
        at = behind


def _first_part(piece: Piece, byte: int, start: int, end: int) -> Piece:
    """Characters [start, end) of an exact piece, the first of which stands at `byte`."""
    text = piece.text[start:end]
    return Piece(TEXT, byte, byte + _size(text), text, True)


def _around_images(pieces: Sequence[Piece], shown: Sequence[str], text: str) -> Iterator[tuple[int, int]]:
    """The gaps beside images that stand between sentences: their alt text is a segment of its own."""
    at, opened = 0, 0
    for piece, visible in zip(pieces, shown, strict=True):
        if piece.kind is _IMAGE and piece.role is OPEN:
            opened = at
        elif piece.kind is _IMAGE and piece.role is CLOSE:
            left, right = text[max(0, opened - 40) : opened], text[at : at + 40]
            above, below = left.rstrip(), right.lstrip()
            if (not above or above[-1] in _SENTENCE_CLOSERS) and (not below or not below[0].islower()):
                if above and above != left:
                    yield opened - len(left) + len(above), opened
                if below and below != right:
                    yield at, at + len(right) - len(below)
        at += len(visible)
