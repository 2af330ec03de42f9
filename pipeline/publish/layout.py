"""An article's markup as HTML with a slot for the text of each segment: made once, filled for every language.

Takes   a Skeleton
Gives   a Layout: safe markup between slots, and for each slot what its placeables are in HTML, for body.py
Always  a text is text: it is escaped for its slot and never read as Markdown or HTML; the sources in their slots say
        what the article says when it is rendered as it stands, or no layout is given

How a slot is found again after rendering: marks are put round each source and round each of its placeables, three
characters that neither the article nor any text of it uses, before the article is rendered.
"""

import html
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html.parser import HTMLParser
from itertools import islice

import nh3
import pyromark

from pipeline.errors import PublishError
from pipeline.extract import MARKDOWN_OPTIONS, body_start, put_in
from pipeline.model import ArticleFormat, Block, SegmentKind, Skeleton, Span, tags_of

ALLOWED: dict[str, set[str]] = {
    "*": {"lang", "dir", "id"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "th": {"colspan", "rowspan", "scope", "class"},
    "td": {"colspan", "rowspan", "class"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "time": {"datetime"},
    "abbr": {"title"},
    "div": {"class"},
    "sup": {"class"},
    **{
        tag: set[str]()
        for tag in (
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "p",
            "ul",
            "dl",
            "dt",
            "dd",
            "blockquote",
            "pre",
            "code",
            "em",
            "strong",
            "b",
            "i",
            "u",
            "s",
            "del",
            "ins",
            "mark",
            "small",
            "sub",
            "span",
            "bdi",
            "bdo",
            "br",
            "hr",
            "table",
            "caption",
            "thead",
            "tbody",
            "tfoot",
            "tr",
            "figure",
            "figcaption",
            "q",
            "cite",
            "dfn",
            "kbd",
            "samp",
            "var",
            "wbr",
            "section",
            "aside",
            "details",
            "summary",
        )
    },
}
"""Elements and their attributes that an article's body may have; everything else is taken out and listed."""
CLASSES = {
    "footnote-definition",
    "footnote-definition-label",
    "footnote-reference",
    "align-left",
    "align-right",
    "align-center",
    "callout",
}
SCHEMES = {"http", "https", "mailto", "tel"}


_RARE_PUNCTUATION = [chr(code) for code in (*range(0x12470, 0x12475), *range(0x10A50, 0x10A59))]
"""Ancient punctuation: to CommonMark it is punctuation, so `_` and `**` beside it open and close as they would without
it at a sentence's edge. A letter-like mark would stop `_a word_` at the start of a sentence from being emphasis."""
_TAG = re.compile(r'<(?:[^<>"]|"[^"]*")*>')
_NAME = re.compile(r"<(/?)([a-z][a-z0-9]*)")
_ATTRIBUTE = re.compile(r'([a-zA-Z-]+)="([^"]*)"')
_EMPTY = re.compile(r"<(a|li|ul|ol|p|div|section|aside|h[1-6]|span|table|tbody|tr|dl)(?: [^<>]*)?>\s*</\1>")
OUR_IDS = re.compile(r"u[0-9]+|main|about|languages")
"""The anchors that a page has of its own."""
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Inline:
    """What one tag of a text, `<b2>`, `</b2>` or `<x3/>`, is on the page."""

    html: str
    starts_in_attribute: bool
    """Whether it stands inside an attribute's value: in the words of an image."""
    ends_in_attribute: bool
    """Whether what follows it does: `<img src="a.png" alt="` does not start there, and ends there."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one segment's text."""

    span: Span
    position: int
    attribute: bool
    """Whether it is the value of an attribute, or part of it."""
    inline: Mapping[str, Inline]
    """For each tag of its source, as it is written there."""


@dataclass(frozen=True, slots=True)
class UnitIds:
    """The place where a tag names the units that one of its attributes is made of."""

    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """An article's body, ready to take texts."""

    pieces: tuple[str | Slot | UnitIds, ...]
    article: Skeleton
    """Without its furniture."""
    broken: frozenset[int]
    """Positions of texts that cross the edge of a paragraph or of an inline part: they cannot be told apart."""
    removed: tuple[str, ...]
    """What the allow-list took out of the article's own markup, each as a phrase."""


@dataclass(frozen=True, slots=True)
class _Marks:
    """Three characters: before a name, between name and text, after the text."""

    open: str
    divide: str
    close: str

    def round(self, name: str, text: str) -> str:
        return f"{self.open}{name}{self.divide}{text}{self.close}"

    @property
    def any(self) -> re.Pattern[str]:
        return _pattern(self)

    def strip(self, text: str) -> str:
        return self.any.sub("", text)


@lru_cache(maxsize=8)
def _pattern(marks: _Marks) -> re.Pattern[str]:
    return re.compile(f"{marks.open}([0-9]+|[a-z][0-9]+[oc]?){marks.divide}|{marks.close}")


@lru_cache(maxsize=8)
def lay_out(skeleton: Skeleton) -> Layout:
    """The layout of an article. Raises PublishError when its sentences cannot be told apart in its HTML."""
    article = _without_furniture(skeleton)
    tidy = article is not skeleton
    plain = None if article.format is ArticleFormat.PLAIN_TEXT else _render(article, article.data, None)
    for marks in _marks_unused_in(article):
        marked = _render(article, put_in(article, dict(_marked_spans(article, marks))), marks)
        cleaned = _clean(marked, tidy)
        if plain is None:
            return _Slots(cleaned, marks, article).layout(())
        bare = marks.strip(cleaned)
        # mostly the two are equal as they are; if not, they may be equal once both are written in one way
        if marks.strip(marked) == plain or _as_read(bare) == _as_read(_clean(plain, tidy)):
            return _Slots(cleaned, marks, article).layout(_removed(plain, bare))
    raise PublishError(
        "the sentences of this article cannot be told apart in its HTML: its markup changes when they "
        "are marked; look at what stands directly beside * or _ in it"
    )


def _marked_spans(article: Skeleton, marks: _Marks) -> Iterator[tuple[int, str | bytes]]:
    """Every text of the body between its marks; one without inline parts as the article has it."""
    start = body_start(article.data) if article.format is ArticleFormat.MARKDOWN else 0
    for position, span in enumerate(article.spans):
        if span.placeables:
            yield position, marks.round(str(position), _marked(span.source, marks))
        elif span.start >= start:
            own = article.data[span.start : span.end].decode()
            yield position, marks.round(str(position), own).encode()


def _as_read(markup: str) -> str:
    """Markup as a browser reads it: NFC, each run of blanks one."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", markup)).strip()


def _without_furniture(skeleton: Skeleton) -> Skeleton:
    """The article with the bytes of its furniture blocks cut out; they have no segments."""
    furniture: list[tuple[int, int]] = []
    for block in sorted((block for block in skeleton.blocks if block.furniture), key=lambda block: block.start):
        if furniture and block.start <= furniture[-1][1]:
            furniture[-1] = (furniture[-1][0], max(block.end, furniture[-1][1]))
        else:
            furniture.append((block.start, block.end))
    if not furniture:
        return skeleton

    def moved(at: int) -> int:
        return at - sum(min(at, end) - start for start, end in furniture if start < at)

    data = bytearray(skeleton.data)
    for start, end in reversed(furniture):
        del data[start:end]
    return replace(
        skeleton,
        data=bytes(data),
        spans=tuple(replace(span, start=moved(span.start), end=moved(span.end)) for span in skeleton.spans),
        blocks=tuple(
            replace(block, start=moved(block.start), end=moved(block.end))
            for block in skeleton.blocks
            if not block.furniture
        ),
    )


def _marks_unused_in(article: Skeleton) -> Iterator[_Marks]:
    """First marks that CommonMark takes for punctuation, then marks that it takes for letters."""
    used = set(html.unescape(article.data.decode("utf-8-sig", "replace"))).union(*(s.source for s in article.spans))
    for candidates in (iter(_RARE_PUNCTUATION), (chr(code) for code in range(0xF0000, 0xF1000))):
        free = list(islice((mark for mark in candidates if mark not in used), 3))
        if len(free) == 3:
            yield _Marks(*free)


def _marked(source: str, marks: _Marks) -> str:
    """The source with marks round each of its tags: `b2o` and `b2c` for a pair, `x3` for what stands alone."""
    out, at = [], 0
    for tag in tags_of(source):
        side = "" if tag[4] else "c" if tag[1] else "o"
        out += [source[at : tag.start()], marks.round(f"{tag[2]}{tag[3]}{side}", tag[0])]
        at = tag.end()
    return "".join([*out, source[at:]])


def _render(article: Skeleton, data: bytes, marks: _Marks | None) -> str:
    """The filled article as HTML, not cleaned yet. Plain text is told apart by its marks, so it needs them."""
    text = data.decode("utf-8-sig")
    if article.format is ArticleFormat.PLAIN_TEXT and marks is not None:
        return _plain_text_html(article, text, marks)
    if article.format is ArticleFormat.MARKDOWN:
        rendered = pyromark.html(data[body_start(data) :].decode(), options=MARKDOWN_OPTIONS)
        rendered = re.sub(
            r'<input disabled="" type="checkbox"( checked="")?/>', lambda box: "☑" if box[1] else "☐", rendered
        )
        return re.sub(r'<(t[hd]) style="text-align: (left|right|center)">', r'<\1 class="align-\2">', rendered)
    return _content_of(text, marks)


# Plain text ------------------------------------------------------------------------------------------------------


def _plain_text_html(article: Skeleton, text: str, marks: _Marks) -> str:
    """Headings, paragraphs and nested lists from the skeleton's blocks. What stands between the texts stays."""
    filled = dict(_filled_texts(text, marks))
    out: list[str] = []
    lists: list[str] = []  # the closing tags of the lists that are open, outermost first
    for block in article.blocks:
        inner, item_number = _plain_block(article, block, filled)
        if not inner:
            continue
        if block.kind is not SegmentKind.LIST_ITEM:
            out += reversed(lists)
            lists.clear()
            out.append(_plain_element(block, inner))
            continue
        depth, tag = max(block.level, 1), "ul" if item_number is None else "ol"
        while len(lists) > depth or (len(lists) == depth and not lists[-1].endswith(f"</{tag}>\n")):
            out.append(lists.pop())
        if len(lists) == depth:
            out.append("</li>\n")
        while len(lists) < depth:
            start = f' start="{item_number}"' if tag == "ol" and item_number != 1 and len(lists) == depth - 1 else ""
            out.append(f"<{tag}{start}>\n" + ("<li>" if len(lists) < depth - 1 else ""))
            lists.append(f"</li>\n</{tag}>\n")
        out.append(f"<li>{inner}")
    return "".join([*out, *reversed(lists)])


def _plain_element(block: Block, inner: str) -> str:
    if block.kind is SegmentKind.TITLE:
        return f"<h1>{inner}</h1>\n"
    if block.kind is SegmentKind.HEADING:
        level = min(max(block.level, 1), 6) if block.level else 2
        return f"<h{level}>{inner}</h{level}>\n"
    if block.kind is SegmentKind.QUOTE:
        return f"<blockquote><p>{inner}</p></blockquote>\n"
    return f"<p>{inner}</p>\n"


def _plain_block(article: Skeleton, block: Block, filled: Mapping[int, str]) -> tuple[str, int | None]:
    """The inner HTML of one block, and the number of a numbered list item."""
    inside = [i for i, span in enumerate(article.spans) if block.start <= span.start and span.end <= block.end]
    edges = [block.start, *(edge for i in inside for edge in (article.spans[i].start, article.spans[i].end)), block.end]
    gaps = [article.data[a:b].decode("utf-8-sig") for a, b in zip(edges[::2], edges[1::2], strict=True)]
    number = None
    lead = gaps[0].lstrip()
    if block.kind is SegmentKind.LIST_ITEM and block.marker and lead.startswith(block.marker):
        lead = lead[len(block.marker) :].lstrip()
        digits = re.match(r"[0-9]{1,9}", block.marker)
        number = int(digits[0]) if digits else None
    parts = [lead, *(part for i, gap in zip(inside, gaps[1:], strict=True) for part in (filled.get(i, ""), gap))]
    return "".join(html.escape(part) for part in parts).strip(), number


def _filled_texts(text: str, marks: _Marks) -> Iterator[tuple[int, str]]:
    """Each text as `fill` wrote it, with its marks, by position. Marks nest: parts of a text have their own."""
    opened: list[re.Match[str]] = []
    for mark in marks.any.finditer(text):
        if mark[1]:
            opened.append(mark)
        elif opened and (start := opened.pop())[1].isdigit():
            yield int(start[1]), text[start.start() : mark.end()]


# HTML ------------------------------------------------------------------------------------------------------------


class _Places(HTMLParser):
    """Where the content of `article`, `main` and `body` starts and ends, in code points."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self.places: dict[str, list[int]] = {}
        self.feed(text)
        self.close()

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("article", "main", "body"):
            self.places.setdefault(tag, [self._at() + len(self.get_starttag_text() or "")])

    def handle_endtag(self, tag: str) -> None:
        if tag in self.places:
            self.places[tag][1:] = [self._at()]


def _content_of(text: str, marks: _Marks | None) -> str:
    """What stands in the article element, or main, or body: the innermost that has every word of the body."""
    places = _Places(text).places
    body_start, body_end = _range(places.get("body"), 0, len(text))
    for tag in ("article", "main"):
        if tag not in places:
            continue
        start, end = _range(places[tag], 0, len(text))
        outside = text[body_start:start] + text[end:body_end]
        # A page with text of its own outside (navigation, a footer) is taken whole: its texts are units, too.
        if not re.sub(r"<[^>]*>|\s+", "", marks.strip(outside) if marks else outside):
            return text[start:end]
    return text[body_start:body_end]


def _range(place: list[int] | None, start: int, end: int) -> tuple[int, int]:
    return (start, end) if place is None else (place[0], place[1] if len(place) > 1 else end)


# Cleaning and wrapping -------------------------------------------------------------------------------------------


class _Inventory(HTMLParser):
    """Every element and attribute of some markup, as phrases."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"<{tag}>")
        self.found += [f"{name}={_short(value or '')!r} on <{tag}>" for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {_short(data)!r}")


def _short(value: str) -> str:
    return value if len(value) <= 60 else f"{value[:57]}…"


def _attribute_allowed(tag: str, name: str, value: str) -> str | None:
    if name == "id" and OUR_IDS.fullmatch(value):
        return None  # the page's own anchors must lead where we put them
    return value


def _cleaner(attribute_filter: Callable[[str, str, str], str | None] | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(ALLOWED) - {"*"},
        attributes={tag: names - {"class"} for tag, names in ALLOWED.items()},
        allowed_classes={tag: CLASSES for tag, names in ALLOWED.items() if "class" in names},
        attribute_filter=attribute_filter,
        url_schemes=SCHEMES,
        link_rel=None,
    )


_CLEANER, _CLEANER_OF_IDS = _cleaner(None), _cleaner(_attribute_allowed)
"""The second calls us for each attribute, so it is for markup that may have an id."""
_ID = re.compile(r"\bid\b", re.IGNORECASE)


def _clean(markup: str, tidy: bool) -> str:
    """The markup with nothing in it but what ALLOWED names.

    `tidy` also drops the elements that are empty because the furniture in them was cut out.
    """
    cleaned = (_CLEANER_OF_IDS if _ID.search(markup) else _CLEANER).clean(markup).replace(' class=""', "")
    while tidy and (tidied := _EMPTY.sub("", cleaned)) != cleaned:
        cleaned = tidied
    return cleaned


def _removed(markup: str, cleaned: str) -> tuple[str, ...]:
    """What the allow-list took out of some markup, each as a phrase."""
    if cleaned == markup:
        return ()
    left = Counter(_Inventory(cleaned).found)
    return tuple(sorted(Counter(_Inventory(markup).found) - left))


# Slots -----------------------------------------------------------------------------------------------------------


class _Slots:
    """Cuts rendered and cleaned markup at its marks. `markup` is nh3's: regular, `<` and `>` are tags' only."""

    def __init__(self, markup: str, marks: _Marks, article: Skeleton) -> None:
        markup = markup.replace("<table", '<div class="wide" tabindex="0"><table').replace("</table>", "</table></div>")
        self.markup, self.marks, self.article = markup, marks, article
        self.any = marks.any
        self.tags = [tag.span() for tag in _TAG.finditer(markup)]
        self.starts = [start for start, _ in self.tags]
        self.pieces: list[str | Slot | UnitIds] = []
        self.broken: set[int] = set()
        self._next: re.Match[str] | None = None

    def layout(self, removed: tuple[str, ...]) -> Layout:
        """Everything between the slots, and the slots."""
        at = 0
        while mark := self.any.search(self.markup, at):
            tag = self._tag_at(mark.start())
            if tag and mark[1]:
                self.pieces.append(self.markup[at : tag[0]])
                self._attributes(self.markup[tag[0] : tag[1]])
                at = tag[1]
            else:
                self.pieces.append(self.markup[at : mark.start()])
                at = self._text(mark)
        self.pieces.append(self.markup[at:])
        return Layout(tuple(_joined(self.pieces)), self.article, frozenset(self.broken), removed)

    def _tag_at(self, at: int) -> tuple[int, int] | None:
        """The tag in which this character of the markup stands."""
        index = bisect_right(self.starts, at) - 1
        return self.tags[index] if index >= 0 and at < self.tags[index][1] else None

    def _text(self, mark: re.Match[str]) -> int:
        """The slot that begins with a mark; returns where the markup goes on."""
        end = self._end(mark)
        if not mark[1] or not mark[1].isdigit() or end is None:
            # a closing mark whose text began elsewhere, or the reverse: the text is not whole here
            self.broken |= {int(mark[1])} if mark[1] and mark[1].isdigit() else set()
            return mark.end()
        position = int(mark[1])
        if "<" not in self.markup[mark.end() : end.start()] and end is self._next:
            self.pieces.append(Slot(self.article.spans[position], position, False, {}))
            return end.end()
        inline = self._inline(mark.end(), end.start())
        inner = self.marks.strip(self.markup[mark.end() : end.start()])
        if inline is None or not is_whole(inner):
            self.broken.add(position)
            self.pieces.append(inner)
        else:
            self.pieces.append(Slot(self.article.spans[position], position, False, inline))
        return end.end()

    def _end(self, mark: re.Match[str]) -> re.Match[str] | None:
        """The closing mark of an opening one."""
        depth = 1
        self._next = first = self.any.search(self.markup, mark.end())
        if first is None or not first[1]:
            return first
        for other in self.any.finditer(self.markup, mark.end()):
            depth += 1 if other[1] else -1
            if depth == 0:
                return other
        return None

    def _inline(self, start: int, end: int) -> dict[str, Inline] | None:
        """What the tags between two places are in HTML; None if there is more than tags and words."""
        found: dict[str, Inline] = {}
        at = start
        marks = list(self.any.finditer(self.markup, start, end))
        for mark, close in zip(marks[::2], marks[1::2], strict=False):
            if not mark[1] or mark[1].isdigit() or close[1] or "<" in self.markup[at : mark.start()]:
                return None
            within = (self._tag_at(mark.start()) is not None, self._tag_at(close.start()) is not None)
            found[_tag_named(mark[1])] = Inline(self.markup[mark.end() : close.start()], *within)
            at = close.end()
        return None if len(marks) % 2 or "<" in self.markup[at:end] else found

    def _attributes(self, tag: str) -> None:
        """A tag with texts in its attributes: `alt="A heart"` gets `data-unit-alt="ID"`."""
        at = 0
        for attribute in _ATTRIBUTE.finditer(tag):
            marks = list(self.any.finditer(attribute[2]))
            positions = [int(mark[1]) for mark in marks if mark[1] and mark[1].isdigit()]
            if not positions:
                continue
            self.pieces.append(tag[at : attribute.start(2)])
            done = 0
            for opening, closing in _texts_in(marks):
                self.pieces.append(attribute[2][done : opening.start()])
                span = self.article.spans[int(opening[1])]
                words = {tag[0]: Inline("", True, True) for tag in tags_of(span.source)}
                self.pieces.append(Slot(span, int(opening[1]), True, words))
                done = closing.end()
            rest = f'{self.marks.strip(attribute[2][done:])}" data-unit-{attribute[1]}="'
            self.pieces += [rest, UnitIds(tuple(positions))]
            at = attribute.end(2)
        self.pieces.append(self.marks.strip(tag[at:]))


def _texts_in(marks: Sequence[re.Match[str]]) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """The opening and the closing mark of each text in an attribute."""
    depth, opening = 0, None
    for mark in marks:
        if mark[1]:
            opening = mark if depth == 0 else opening
            depth += 1
            continue
        depth = max(depth - 1, 0)
        if depth == 0 and opening is not None and opening[1].isdigit():
            yield opening, mark
            opening = None


def _tag_named(name: str) -> str:
    """`<b2>` of `b2o`, `</b2>` of `b2c`, `<x3/>` of `x3`."""
    return f"<{name[:-1]}>" if name.endswith("o") else f"</{name[:-1]}>" if name.endswith("c") else f"<{name}/>"


def _joined(pieces: Sequence[str | Slot | UnitIds]) -> Iterator[str | Slot | UnitIds]:
    """The same with neighbouring strings as one."""
    run: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            run.append(piece)
            continue
        if any(run):
            yield "".join(run)
        run.clear()
        yield piece
    if any(run):
        yield "".join(run)


def is_whole(markup: str) -> bool:
    """Whether each element that begins in some markup ends in it, and the reverse."""
    if "<" not in markup:
        return True
    opened: list[str] = []
    for tag in _TAG.finditer(markup):
        name = _NAME.match(tag[0])
        if name is None:
            return False
        if name[1]:
            if not opened or opened.pop() != name[2]:
                return False
        elif name[2] not in ("br", "hr", "img", "wbr"):
            opened.append(name[2])
    return not opened
