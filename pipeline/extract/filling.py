"""Put texts back into a skeleton: extraction's way back, used for every page that is published.

Takes   a Skeleton and texts by segment position
Gives   Filled: the article's bytes with the texts in place, and each text that could not be put in, with the reason
Always  fill(skeleton, sources) gives the article back byte for byte; the filled article has the article's structure
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.extract.formats import FORMATS, Reader
from pipeline.extract.pieces import RawBlock, Reading, UnreadableError, folded
from pipeline.extract.placeables import Part, TagError, numbered, parts_of
from pipeline.extract.rules import NO_RULES
from pipeline.extract.writing import written
from pipeline.model import ArticleFormat, Skeleton, Span, tags_of, visible_text

_ROUNDS = 24
"""How often the filled article is read again, each time with fewer texts, before all texts in doubt are kept out."""
MAX_TEXT = 100_000
"""Characters of one target."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc and Cs."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment whose source was kept because its text could not be put in."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Filled:
    """An article with texts in the place of its segments."""

    data: bytes
    kept: tuple[Kept, ...]
    """In reading order; empty when every text is in."""


def fill(skeleton: Skeleton, texts: Mapping[int, str]) -> Filled:
    """The article with `texts[position]` in the place of each segment; a position without a text keeps its source.

    A text equal to its source gives the article's own bytes. Any other is encoded for its place; then the whole is
    read again, and a text that changes the structure, or that would not be read back as it is, is taken out again
    and named in `kept`. Raises IndexError for a position that the skeleton does not have.
    """
    new: dict[int, str] = {}
    parts: dict[int, list[Part]] = {}
    kept: dict[int, str] = {}
    for position, text in texts.items():
        if not 0 <= position < len(skeleton.spans):
            raise IndexError(f"the article has no segment {position}")
        span = skeleton.spans[position]
        wanted = as_shown(text)
        if wanted == span.source:
            continue
        try:
            check_fits(wanted, span)
            parts[position] = parts_of(wanted, span.placeables)
        except TagError as error:
            kept[position] = str(error)
            continue
        new[position] = wanted
    encoded = {position: _encoded(skeleton, position, parts[position]) for position in new}
    if encoded:
        for position, reason in _misfits(skeleton, new, encoded).items():
            kept[position] = reason
            del encoded[position]
    return Filled(_assembled(skeleton, encoded), tuple(Kept(*item) for item in sorted(kept.items())))


def put_in(skeleton: Skeleton, texts: Mapping[int, Sequence[Part] | bytes]) -> bytes:
    """The article with these texts, and nothing checked: parts as `fill` writes them, bytes as they are.

    For who compares what comes out.
    """
    encoded = {
        position: text if isinstance(text, bytes) else _encoded(skeleton, position, text)
        for position, text in texts.items()
    }
    return _assembled(skeleton, encoded)


def as_shown(text: str) -> str:
    """A text as it is put into an article: NFC, blanks folded, none at the edges."""
    return folded(unicodedata.normalize("NFC", text)).strip()


def check_fits(text: str, span: Span) -> None:
    """Raises TagError, with a sentence, if a text may not stand in the place of a span."""
    if len(text) > MAX_TEXT:
        raise TagError(f"it is longer than {MAX_TEXT} characters")
    begin = text.lstrip()[:1]
    if not begin or (begin == "<" and not visible_text(text)):
        raise TagError("it is empty")
    if not text.isprintable() and _CONTROL.search(text):
        raise TagError("it holds a control character")
    if ("<" in text or span.placeables) and not _same_tags(text, span.source):
        parts_of(text, span.placeables)


def _same_tags(text: str, source: str) -> bool:
    """Whether a text has its source's tags in their order, and so as whole and as well nested."""
    return [tag[0] for tag in tags_of(text)] == [tag[0] for tag in tags_of(source)]


def _encoded(skeleton: Skeleton, position: int, parts: Sequence[Part]) -> bytes:
    """The bytes of a text for its place, seen with the characters beside it."""
    span = skeleton.spans[position]
    left = skeleton.data[max(0, span.start - 4) : span.start].decode(errors="ignore")[-1:]
    right = skeleton.data[span.end : span.end + 4].decode(errors="ignore")[:1]
    return written(parts, span.place, left, right).encode()


def _assembled(skeleton: Skeleton, encoded: Mapping[int, bytes]) -> bytes:
    """The article with these bytes in the place of their spans."""
    pieces, at = [], 0
    for position in sorted(encoded):
        span = skeleton.spans[position]
        pieces += [skeleton.data[at : span.start], encoded[position]]
        at = span.end
    pieces.append(skeleton.data[at:])
    return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What must be the same before and after: one block's kind, inline parts and text."""

    kind: str
    inline: tuple[tuple[str, int], ...]
    text: str


def _misfits(skeleton: Skeleton, new: Mapping[int, str], encoded: Mapping[int, bytes]) -> dict[int, str]:
    """The texts that must stay out, with the reason. Linear: at most twice `_ROUNDS` readings of the article."""
    read = FORMATS[skeleton.format]
    original = read(skeleton.data, NO_RULES)
    before = _shapes(original, skeleton.data, skeleton.format)
    owners = _owners(original.blocks, skeleton.spans)

    def culprits(texts: Mapping[int, bytes]) -> dict[int, str]:
        expected = _expected(before, owners, skeleton, {position: new[position] for position in texts})
        return _culprits(_assembled(skeleton, texts), read, skeleton.format, original.outline, expected, owners, texts)

    kept_in = dict(encoded)
    out: dict[int, str] = {}
    for _ in range(_ROUNDS):
        found = culprits(kept_in)
        if not found:
            break
        out |= found
        kept_in = {position: text for position, text in kept_in.items() if position not in found}
    else:
        return out | dict.fromkeys(kept_in, "one of many texts changes the article's structure; it is not known which")
    # a block is blamed as a whole: each of its texts gets another try by itself
    for position in list(out)[:_ROUNDS]:
        again = kept_in | {position: encoded[position]}
        if not culprits(again):
            kept_in = again
            del out[position]
    return out


def _culprits(
    data: bytes,
    read: Reader,
    article_format: ArticleFormat,
    outline: tuple[str, ...],
    expected: Sequence[_Shape],
    owners: Mapping[int, list[int]],
    in_doubt: Mapping[int, bytes],
) -> dict[int, str]:
    """The texts to take out next; none when the article reads as expected. All of them if nothing tells which."""
    try:
        reading = read(data, NO_RULES)
        after = _shapes(reading, data, article_format)
    except UnreadableError as error:
        return dict.fromkeys(in_doubt, f"the article could not be read with it: {error.reason}")
    if len(after) == len(expected):
        wrong = [index for index, pair in enumerate(zip(expected, after, strict=True)) if pair[0] != pair[1]]
        if not wrong and reading.outline == outline:
            return {}
    else:
        wrong = [
            next(
                (index for index, pair in enumerate(zip(expected, after, strict=False)) if pair[0] != pair[1]),
                min(len(after), len(expected)),
            )
        ]
    found = [position for index in wrong for position in owners.get(index, ()) if position in in_doubt]
    if not found:
        # the damage shows in a block without texts of its own: the nearest text before it did it
        first = wrong[0] if wrong else len(expected)
        nearest = [
            p for index in range(min(first, len(expected) - 1), -1, -1) for p in owners.get(index, ()) if p in in_doubt
        ][:1]
        found = nearest or list(in_doubt)
    return dict.fromkeys(found, "it would change the article's structure")


def _owners(blocks: Sequence[RawBlock], spans: Sequence[Span]) -> dict[int, list[int]]:
    """The positions of the segments in each block."""
    starts = [block.start for block in blocks]
    owners: dict[int, list[int]] = {}
    for position, span in enumerate(spans):
        owners.setdefault(bisect_right(starts, span.start) - 1, []).append(position)
    return owners


def _expected(
    before: Sequence[_Shape], owners: Mapping[int, list[int]], skeleton: Skeleton, new: Mapping[int, str]
) -> list[_Shape]:
    """The shapes that the article must have with these texts in it."""
    expected = list(before)
    for index, positions in owners.items():
        if any(position in new for position in positions):
            text = "".join(_letters(new.get(p, skeleton.spans[p].source)) for p in positions)
            expected[index] = _Shape(before[index].kind, before[index].inline, text)
    return expected


def _letters(text: str) -> str:
    """A text without its tags and blanks."""
    return "".join(visible_text(text).split())


def _shapes(reading: Reading, data: bytes, article_format: ArticleFormat) -> list[_Shape]:
    return [_shape(block, data, article_format) for block in reading.blocks]


def _shape(block: RawBlock, data: bytes, article_format: ArticleFormat) -> _Shape:
    source, placeables = numbered(block.pieces, data)
    inline = Counter(f"{p.letter}:{p.kind}:{p.address}:{p.opening if p.alone else ''}" for p in placeables)
    # a plain-text heading is a guess from the words themselves, so another language may not look like one
    kind = block.marker if article_format is ArticleFormat.PLAIN_TEXT else f"{block.kind}:{block.level}:{block.key}"
    return _Shape(f"{kind}:{block.place}", tuple(sorted(inline.items())), _letters(source))
