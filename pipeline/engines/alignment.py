"""Take placeables out of a text before a neural model sees it, and put them where its attention says they belong.

Takes   a text with placeables as private-use characters; later the model's pieces and its attention
Gives   the bare text; later the draft with the placeables, and those whose place could not be told left out
Always  the words of the draft are not touched: only blanks and placeables are put in

A model's vocabulary has no private-use characters: sentencepiece makes each a piece of its own, which the model knows
only as `<unk>`, and tears the word beside it (`not` is another piece than ` not`). So they never travel. A pair goes
around the words whose strongest attention is on its words, a lone placeable beside the word that it stood beside: the
method of word alignment by attention (Bahdanau et al. 2015). It is a guess, and draft.py says so to the reviewer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.engines import ALONE, CLOSING, MOST_PLACEABLES, OPENING

BLANK = "▁"
"""How sentencepiece writes the blank before a word."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A placeable that was taken out."""

    kind: int
    """OPENING, CLOSING or ALONE."""
    number: int
    offset: int
    """In the bare text, in code points."""

    @property
    def character(self) -> str:
        """What it travels as."""
        return chr(self.kind + self.number)


@dataclass(frozen=True, slots=True)
class Bare:
    """A text without its placeables."""

    text: str
    marks: tuple[Mark, ...]


def take_out(text: str) -> Bare:
    """The text without placeables; where one stood between two blanks, one of them goes too.

    >>> take_out("Take \\ue301 now").text
    'Take now'
    """
    bare, marks = list[str](), list[Mark]()
    after_alone = False
    for character in text:
        kind, number = ord(character) & ~0xFF, ord(character) & 0xFF
        if kind in (OPENING, CLOSING, ALONE) and 0 < number <= MOST_PLACEABLES:
            marks.append(Mark(kind, number, len(bare)))
            after_alone = kind == ALONE
            continue
        if not (after_alone and character == " " and (not bare or bare[-1] == " ")):
            bare.append(character)
        after_alone = False
    return Bare("".join(bare), tuple(marks))


def joined(pieces: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """The text of target pieces, and where in it each piece stands without its blank.

    >>> joined(["▁Do", "▁no", "t"])
    ('Do not', [(0, 2), (3, 5), (5, 6)])
    """
    text, spans = "", list[tuple[int, int]]()
    for piece in pieces:
        written = piece.replace(BLANK, " ")
        written = written if text else written.lstrip(" ")
        start = len(text) + len(written) - len(written.lstrip(" "))
        text += written
        spans.append((start, len(text)))
    return text, spans


def put_back(
    bare: Bare,
    encode: Callable[[str], Sequence[str]],
    source_pieces: Sequence[str],
    target_pieces: Sequence[str],
    attention: Sequence[Sequence[float]],
) -> tuple[str, tuple[Mark, ...]]:
    """The draft with the placeables whose place can be told, and those marks (of a pair, its opening one).

    `attention[j][i]` is how much target piece j looks at source piece i; `encode` cuts a text as the source was cut.
    """
    text, spans = joined(target_pieces)
    looks_at = [max(range(len(source_pieces)), key=row.__getitem__) for row in attention]
    places = {mark: _piece_at(bare.text, mark.offset, encode, source_pieces) for mark in bare.marks}
    put, placed = list[tuple[int, int, int, str]](), list[Mark]()
    closings = {mark.number: mark for mark in bare.marks if mark.kind == CLOSING}
    for mark in bare.marks:
        first = places[mark]
        if first is None or mark.kind == CLOSING:
            continue
        if mark.kind == ALONE:
            if (found := _beside(bare, mark, first, text, spans, looks_at)) is not None:
                put.append((found[0], 1, 0, found[1]))
                placed.append(mark)
            continue
        last = places.get(closings[mark.number]) if mark.number in closings else None
        held = [span for span, at in zip(spans, looks_at, strict=False) if last is not None and first <= at < last]
        if held:
            start, end = _whole_words(text, min(s for s, _ in held), max(e for _, e in held))
            put.append((start, 2, mark.number, mark.character))  # at one place: closings, lone ones, openings
            put.append((end, 0, -mark.number, chr(CLOSING + mark.number)))
            placed.append(mark)
    pieces, position = list[str](), 0
    for place, _, _, written in sorted(put):
        pieces += [text[position:place], written]
        position = place
    return "".join([*pieces, text[position:]]), tuple(placed)


def _piece_at(text: str, offset: int, encode: Callable[[str], Sequence[str]], pieces: Sequence[str]) -> int | None:
    """Which source piece begins at an offset, or after the blanks there; None if a piece lies across it."""
    before = list(encode(text[:offset].rstrip()))
    return len(before) if before == list(pieces[: len(before)]) else None


def _beside(
    bare: Bare, mark: Mark, piece: int, text: str, spans: Sequence[tuple[int, int]], looks_at: Sequence[int]
) -> tuple[int, str] | None:
    """Where a lone placeable goes in the draft, and what is written there, with its blank."""
    glued = mark.offset > 0 and bare.text[mark.offset - 1] != " "
    wanted = piece - 1 if glued else piece
    ends = [span for span, at in zip(spans, looks_at, strict=False) if at == wanted and span[0] < span[1]]
    if not ends:
        return None
    if glued:
        end = max(end for _, end in ends)
        return (_whole_words(text, end - 1, end)[1] if text[end - 1].isalnum() else end), mark.character
    return _whole_words(text, *ends[0])[0], f"{mark.character} "


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span, grown to the ends of the words that it begins and ends in."""
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end
