"""Read plain text: one line is one block.

Takes   UTF-8 text from the web: headings without marks, bullets, numbered lists, indents
Gives   a block for every line that is not blank, its indent and list marker outside of its text
Always  a heading is a guess from the line's shape and marked so; nothing is left out
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.extract.pieces import TEXT, Piece, RawBlock, Reading, folded, words_of
from pipeline.extract.rules import NO_RULES, Rules
from pipeline.model import Place, SegmentKind

_LINE = re.compile(r"[^\r\n]+")
_MARKER = re.compile(r"(?:[•●○◦▪■‣·*–-](?=\s)\s*(?:[0-9]{1,3}[.)](?=\s))?|[0-9]{1,3}[.)](?=\s)|[A-Za-z][)](?=\s))")
_BULLET = re.compile(r"[•●○◦▪■‣·*–-]")
_SENTENCE_INSIDE = re.compile(r"[.!?]\s+\S")
_MINOR = words_of(
    "a an and as at but by for from how in into is it its nor of off on or our over per so than that the their to "
    "up via vs was what when who why with you your are be can do does"
)
"""Words that a heading in capitals writes small."""
_LABEL_AND_FIGURE = re.compile(r":\s*[0-9][^A-Za-z]*\Z")
"""`Reviewed: 2/1/24`"""
HEADING_LETTERS = 90
"""A longer line is no heading; the longest real one seen had 84."""
TITLE_ABOVE = 100
"""A title stands above the first paragraph of this many characters."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line that is not blank, cut into indent, marker and text."""

    start: int
    end: int
    text_start: int
    text_end: int
    text: str
    marker: str
    indent: int
    blank_above: bool
    blank_below: bool

    @property
    def bullet(self) -> bool:
        return bool(self.marker) and bool(_BULLET.match(self.marker))


def read(data: bytes, rules: Rules = NO_RULES) -> Reading:
    """Every line of the text as a block. `rules` overrule the guesses about headings."""
    lines = _lines(data.decode())
    kinds = _kinds(lines, rules)
    return Reading(tuple(_block(line, *kind) for line, kind in zip(lines, kinds, strict=True)), ())


def _lines(text: str) -> list[_Line]:
    """The lines with a visible character; starts and ends in bytes."""
    lines: list[_Line] = []
    at_char = at_byte = 0
    previous_end = -1
    for match in _LINE.finditer(text):
        line = match.group()
        gap = text[at_char : match.start()]
        at_byte += len(gap.encode())
        at_char = match.start()
        body = line.strip().strip("\ufeff").strip()
        if body:
            # a line end is \n, \r or \r\n; two of them make a blank line
            blank = previous_end < 0 or text[previous_end : match.start()].replace("\r\n", "\n").count("\n") != 1
            lines.append(_line(line, at_byte, blank_above=blank))
            previous_end = match.end()
        at_byte += len(line.encode())
        at_char = match.end()
    return [
        replace(line, blank_below=index + 1 == len(lines) or lines[index + 1].blank_above)
        for index, line in enumerate(lines)
    ]


def _line(line: str, start: int, *, blank_above: bool) -> _Line:
    """One line, cut: a byte-order mark and blanks at the edges belong to neither marker nor text."""
    stop = len(line.rstrip())
    first = next(index for index, letter in enumerate(line) if not (letter.isspace() or letter == "\ufeff"))
    marker = _MARKER.match(line, first)
    text_first = first
    if marker and line[marker.end() : stop].strip():
        text_first = next(i for i in range(marker.end(), stop) if not line[i].isspace())
    return _Line(
        start=start,
        end=start + len(line.encode()),
        text_start=start + len(line[:text_first].encode()),
        text_end=start + len(line[:stop].encode()),
        text=line[text_first:stop],
        marker=folded(line[first:text_first]).strip(),
        indent=first,
        blank_above=blank_above,
        blank_below=False,
    )


def _block(line: _Line, kind: SegmentKind, level: int, guessed: bool) -> RawBlock:
    piece = Piece(TEXT, line.text_start, line.text_end, line.text, exact=True)
    return RawBlock(
        start=line.start,
        end=line.end,
        kind=kind,
        place=Place.PLAIN,
        pieces=(piece,),
        level=level,
        marker=line.marker,
        guessed=guessed,
    )


def _kinds(lines: Sequence[_Line], rules: Rules) -> list[tuple[SegmentKind, int, bool]]:
    """Kind, level and whether it was guessed, for each line; from the bottom up, as a heading needs something below."""
    forced, denied = set(rules.headings), set(rules.not_headings)
    is_heading = [False] * len(lines)
    holds = False
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        text = folded(line.text)
        if text in forced:
            is_heading[index] = True
        elif text not in denied:
            in_list = _in_list(lines, index)
            # above the first line there is nothing that it could be a part of
            is_heading[index] = (holds or (index == 0 < len(lines) - 1)) and not in_list and _looks_like_heading(line)
        holds = is_heading[index] or bool(line.marker) or _reads_like_prose(text)
    kinds: list[tuple[SegmentKind, int, bool]] = []
    title_open, plain_seen = True, False
    for line, heading in zip(lines, is_heading, strict=True):
        text = folded(line.text)
        guessed = text not in forced
        if heading and title_open and not line.marker:
            kinds.append((SegmentKind.TITLE, 1, guessed))
            title_open = False
        elif heading:
            kinds.append((SegmentKind.HEADING, 3 if line.marker and plain_seen else 2, guessed))
            plain_seen = plain_seen or not line.marker
        elif line.marker:
            kinds.append((SegmentKind.LIST_ITEM, 1 + line.indent // 4, False))
        else:
            kinds.append((SegmentKind.PARAGRAPH, 0, False))
        title_open = title_open and not line.marker and len(text) < TITLE_ABOVE
    return kinds


def _in_list(lines: Sequence[_Line], index: int) -> bool:
    """Whether a line with a marker is an item rather than a numbered heading."""
    line = lines[index]
    if not line.marker:
        return False
    return line.bullet or line.indent > 0 or not (line.blank_above and line.blank_below)


def _looks_like_heading(line: _Line) -> bool:
    """Whether this line, standing alone, reads like a heading: a short question, or words in capitals."""
    text = folded(line.text)
    if not (line.blank_above and (line.blank_below or line.marker == "")) or len(text) > HEADING_LETTERS:
        return False
    if _SENTENCE_INSIDE.search(text.rstrip("?!. ")) or not (text[0].isupper() or text[0].isdigit()):
        return False
    if text.endswith("?"):
        return len(text.split()) <= 15
    if text[-1] in ".,;!…" or (text[-1] == ":" and len(text.split()) > 4):
        return False
    if _LABEL_AND_FIGURE.search(text):
        return False
    words = [word.strip("()[]“”\"'‘’,:;–—-") for word in text.split()]
    major = [word for word in words if word and word[0].isalpha() and word.lower() not in _MINOR]
    capitals = sum(word[0].isupper() for word in major)
    return bool(major) and capitals * 5 >= len(major) * 4 and any(len(word) > 2 for word in major)


def _reads_like_prose(text: str) -> bool:
    """Whether a line is text that a heading can stand above: long, or ending as sentences and lead-ins do."""
    return len(text) >= 60 or text[-1] in ".:?!”)]"
