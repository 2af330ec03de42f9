"""Cut an article into a skeleton and its segments.

Takes   the bytes of source_content/<slug>.{txt,md,html} and what was set by hand for it
Gives   a Skeleton and its Segments (model.py) in reading order, for leverage, draft.py, po.py and publish/
Always  every letter that a reader would see is in exactly one segment, in a placeable, in a block that is furniture, or
        in what is left alone for a reason that is named
"""

import re
from collections.abc import Collection, Sequence

from pipeline.errors import ArticleError
from pipeline.extract.cutting import cuts_of
from pipeline.extract.formats import FORMATS
from pipeline.extract.pieces import TEXT, RawBlock, Reading, UnreadableError
from pipeline.extract.rules import NO_RULES, Rules
from pipeline.model import ArticleFormat, Block, LeftAlone, Place, Segment, SegmentKind, Skeleton, Span

MAX_BYTES = 10_000_000
"""A longer file is no article."""
MAX_PLACEABLES = 999
"""Inline parts of one sentence; a tag's number has four digits, and nobody could review more."""
_WORDS = re.compile(rb"[0-9A-Za-z\x80-\xff]")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")


def extract(
    data: bytes, format: ArticleFormat, *, slug: str, rules: Rules = NO_RULES
) -> tuple[Skeleton, tuple[Segment, ...]]:
    """The skeleton of an article and its segments in reading order.

    Raises ArticleError with the line where there is one: empty, over 10 MB, not UTF-8, with control characters,
    with markup that is not closed, or nested beyond reason.
    """
    where = f"{slug}.{format.value}"
    _check_bytes(data, where)
    try:
        reading = FORMATS[format](data, rules)
    except UnreadableError as error:
        raise ArticleError(where, _line(data, error.at), error.reason) from error
    for value in reading.unreadable:
        if value.key in rules.front_matter_keys:
            raise ArticleError(
                where,
                _line(data, value.at),
                f"{value.key} in the front matter is neither one text nor a list of texts: {value.reason}; "
                "write it so, in quotes if need be",
            )
    chosen = [block for block in reading.blocks if not block.key or block.key in rules.front_matter_keys]
    furniture = _furniture(chosen, rules)
    paths = _heading_paths(chosen, furniture)
    segments: list[Segment] = []
    spans: list[Span] = []
    for index, raw in enumerate(chosen):
        if furniture[index]:
            continue
        for cut in cuts_of(raw, data, rules.protect):
            span = cut.span
            if len(span.placeables) > MAX_PLACEABLES:
                raise ArticleError(
                    where, _line(data, span.start), f"a sentence has more than {MAX_PLACEABLES} inline parts"
                )
            spans.append(span)
            segments.append(
                Segment(
                    slug=slug,
                    number=len(segments) + 1,
                    position=len(segments),
                    source=span.source,
                    kind=cut.kind,
                    heading_path=paths[index],
                    block=index,
                    start=span.start,
                    end=span.end,
                    placeables=span.placeables,
                    around=cut.around,
                    before=segments[-1].source if segments else "",
                )
            )
    _check_spans(spans, len(data), where)
    blocks = tuple(
        Block(raw.start, raw.end, raw.kind, raw.level, raw.marker, raw.guessed, rule)
        for raw, rule in zip(chosen, furniture, strict=True)
    )
    left_alone = _left_alone(reading, rules, data, chosen, furniture, {segment.block for segment in segments})
    return Skeleton(format=format, data=data, spans=tuple(spans), blocks=blocks, left_alone=left_alone), tuple(segments)


def _left_alone(
    reading: Reading,
    rules: Rules,
    data: bytes,
    chosen: Sequence[RawBlock],
    furniture: Sequence[str],
    cut: Collection[int],
) -> tuple[LeftAlone, ...]:
    """What has letters and is in no segment: what the reader names, keys that nobody chose, blocks of code alone."""
    found = [*reading.left_alone]
    for block in reading.blocks:
        if block.key and block.key not in rules.front_matter_keys:
            found.append(LeftAlone(block.start, block.end, f"front matter: {block.key}"))
    found += [LeftAlone(value.at, value.end, f"front matter: {value.key}") for value in reading.unreadable]
    for index, block in enumerate(chosen):
        if index not in cut and not furniture[index] and any(piece.role is not TEXT for piece in block.pieces):
            found.append(LeftAlone(block.start, block.end, "nothing but code, links or marks"))
    worded = (part for part in found if _WORDS.search(data, part.start, part.end))
    return tuple(sorted(worded, key=lambda part: (part.start, part.end)))


def title_position(skeleton: Skeleton, segments: Sequence[Segment]) -> int | None:
    """The position of the segment that names the article; None if nothing does.

    The first segment of kind TITLE (front matter `title`, HTML `<title>`, the heading-like line above a plain text),
    else the first heading of the highest level there is.
    """
    for segment in segments:
        if segment.kind is SegmentKind.TITLE:
            return segment.position
    headings = [segment for segment in segments if segment.kind is SegmentKind.HEADING]
    return min(headings, key=lambda segment: skeleton.blocks[segment.block].level).position if headings else None


def _check_bytes(data: bytes, where: str) -> None:
    """Refuse what is no text."""
    if len(data) > MAX_BYTES:
        raise ArticleError(where, None, f"it has {len(data):,} bytes; an article has at most {MAX_BYTES:,}")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ArticleError(
            where, _line(data, error.start), f"byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    control = _BINARY.search(data)
    if control:
        raise ArticleError(
            where, _line(data, control.start()), f"byte {control.start()} is a control character: this is no text file"
        )
    if not text.strip().strip("\ufeff").strip():
        raise ArticleError(where, None, "it is empty")


def _line(data: bytes, at: int) -> int:
    """The line, from 1, of a byte."""
    return data.count(b"\n", 0, at) + 1


def _check_spans(spans: Sequence[Span], length: int, where: str) -> None:
    """Gaps and spans are the file: law 1 rests on it, so it is looked at every time."""
    at = 0
    for span in spans:
        if not at <= span.start < span.end <= length or not span.source:
            raise ArticleError(where, None, f"a segment at byte {span.start} overlaps another: a fault of the reader")
        at = span.end


def _furniture(blocks: Sequence[RawBlock], rules: Rules) -> list[str]:
    """For each block the rule that makes it furniture, or ""."""
    if not rules.furniture:
        return [""] * len(blocks)
    names = []
    to_end = ""
    for block in blocks:
        name = to_end or next((rule.name for element, rule in rules.elements.items() if element in block.elements), "")
        if not name and rules.patterns:
            text = block.text
            rule = next((rule for rule in rules.patterns if rule.compiled.fullmatch(text)), None)
            name = rule.name if rule else ""
            to_end = name if rule and rule.to_end else ""
        names.append(name)
    return names


def _heading_paths(blocks: Sequence[RawBlock], furniture: Sequence[str]) -> list[tuple[str, ...]]:
    """The visible texts of the headings above each block. A first heading of level 1 is the title, so it is not one."""
    paths: list[tuple[str, ...]] = []
    above: list[tuple[int, str]] = []
    path: tuple[str, ...] = ()
    seen = False
    for block, hidden in zip(blocks, furniture, strict=True):
        heading = block.kind is SegmentKind.HEADING and not hidden and block.place is not Place.HTML_ATTRIBUTE
        if not heading:
            paths.append(path)
            continue
        above = [entry for entry in above if entry[0] < block.level]
        paths.append(tuple(text for _, text in above))
        if seen or block.level > 1:
            above.append((block.level, block.text))
        path = tuple(text for _, text in above)
        seen = True
    return paths
