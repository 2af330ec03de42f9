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
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html.parser import HTMLParser
from itertools import islice
from typing import NamedTuple

import nh3
import pyromark

from pipeline.errors import PublishError
from pipeline.extract import MARKDOWN_OPTIONS, Part, Role, body_start, parts_of, put_in
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
TAG = re.compile(r'<[^<>"]*(?:"[^"]*"[^<>"]*)*>')
_NAMED_TAG = re.compile(rf"<(/?)([a-z][a-z0-9]*|){TAG.pattern[1:]}")
_EMPTY = re.compile(r"<(a|li|ul|ol|p|div|section|aside|h[1-6]|span|table|tbody|tr|dl)(?: [^<>]*)?>\s*</\1>")
OUR_IDS = re.compile(r"u[0-9]+|main|about|languages")
"""The anchors that a page has of its own."""
_OUR_ID_GIVEN = re.compile(rf' id="(?:{OUR_IDS.pattern})"')
"""As nh3 writes it, whatever way the article did."""


class Inline(NamedTuple):
    """What one tag of a text, `<b2>`, `</b2>` or `<x3/>`, is on the page."""

    html: str
    starts_in_attribute: bool
    """Whether it stands inside an attribute's value: in the words of an image."""
    ends_in_attribute: bool
    """Whether what follows it does: `<img src="a.png" alt="` does not start there, and ends there."""
    links: int
    """How many links it opens more than it closes."""

    @classmethod
    def of(cls, tag: str, markup: str, starts_in_attribute: bool, ends_in_attribute: bool) -> "Inline":
        """What stands alone and is whole is marked as kept: `<span data-kept="x3" translate="no">…</span>`."""
        links = markup.count("<a ") - markup.count("</a>")
        if markup and tag.endswith("/>") and not ends_in_attribute and is_whole(markup):
            markup = f'<span data-kept="{tag[1:-2]}" translate="no">{markup}</span>'
        return cls(markup, starts_in_attribute, ends_in_attribute, links)


class Slot(NamedTuple):
    """The place of one segment's text. A named tuple, as an Inline is: an article has a hundred of each."""

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


IN_BODY, IN_TAG = "<\0>", "\0"
"""What stands for a place: no article holds a NUL. One of the body is like an element, one in a tag like a word."""


@dataclass(frozen=True, slots=True)
class Layout:
    """An article's body, ready to take texts."""

    markup: str
    """With IN_BODY or IN_TAG for each of the places."""
    places: tuple[Slot | UnitIds, ...]
    shown: frozenset[int]
    """Positions of the texts that have a slot."""
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

    def before(self, name: str | int) -> str:
        return f"{self.open}{name}{self.divide}"

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
    start, end = _rendered_part(article)
    plain = None if article.format is ArticleFormat.PLAIN_TEXT else _render(article, article.data[start:end], None)
    for marks in _marks_unused_in(article):
        data = put_in(article, dict(_marked_spans(article, marks, start, end)))
        marked = _render(article, data[start : len(data) - len(article.data) + end], marks)
        cleaned = _clean(marked, tidy)
        slots = _Slots(cleaned, marks, article)
        if plain is None:
            return slots.layout(())
        bare = slots.bare
        unmarked = bare if marked == cleaned else marks.strip(marked)
        # mostly the two are equal as they are; if not, they may be equal once both are written in one way
        if unmarked == plain or _as_read(bare) == _as_read(_clean(plain, tidy)):
            return slots.layout(_removed(plain, bare))
    raise PublishError(
        "the sentences of this article cannot be told apart in its HTML: its markup changes when they "
        "are marked; look at what stands directly beside * or _ in it"
    )


def _rendered_part(article: Skeleton) -> tuple[int, int]:
    """The bytes [start, end) that are the page's body: no front matter, and of a web page its content."""
    data = article.data
    if article.format is ArticleFormat.MARKDOWN:
        return body_start(data), len(data)
    text = data.decode("utf-8-sig")
    before = len(data) - len(text.encode())  # a byte-order mark
    start, end = _content(text) if article.format is ArticleFormat.HTML else (0, len(text))
    return before + len(text[:start].encode()), before + len(text[:end].encode())


def _marked_spans(article: Skeleton, marks: _Marks, start: int, end: int) -> Iterator[tuple[int, list[Part] | bytes]]:
    """Every text in these bytes between its marks; one without inline parts as the article has it."""
    for position, span in enumerate(article.spans):
        if span.start < start or span.end > end:
            continue
        if span.placeables:
            yield position, _marked(position, span, marks)
        else:
            own = article.data[span.start : span.end]
            yield position, marks.before(position).encode() + own + marks.close.encode()


def _as_read(markup: str) -> str:
    """Markup as a browser reads it: NFC, each run of blanks one."""
    return " ".join(unicodedata.normalize("NFC", markup).split())


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
        spans=tuple(span._replace(start=moved(span.start), end=moved(span.end)) for span in skeleton.spans),
        blocks=tuple(
            block._replace(start=moved(block.start), end=moved(block.end))
            for block in skeleton.blocks
            if not block.furniture
        ),
    )


def _marks_unused_in(article: Skeleton) -> Iterator[_Marks]:
    """First marks that CommonMark takes for punctuation, then marks that it takes for letters."""
    used = "".join([html.unescape(article.data.decode("utf-8", "replace")), *(span.source for span in article.spans)])
    for candidates in (iter(_RARE_PUNCTUATION), (chr(code) for code in range(0xF0000, 0xF1000))):
        free = list(islice((mark for mark in candidates if mark not in used), 3))
        if len(free) == 3:
            yield _Marks(*free)


def _marked(position: int, span: Span, marks: _Marks) -> list[Part]:
    """The source with marks round it and round each of its tags: `b2o` and `b2c` for a pair, `x3` for what is alone."""
    text = marks.before(position)
    out: list[Part] = []
    for part in parts_of(span.source, span.placeables):
        if part.placeable is None:
            text += part.text
            continue
        name = f"{part.placeable.letter}{part.placeable.number}{_SIDES[part.role]}"
        out += [Part(Role.TEXT, text + marks.before(name)), part]
        text = marks.close
    return [*out, Part(Role.TEXT, text + marks.close)]


_SIDES = {Role.OPEN: "o", Role.CLOSE: "c", Role.ALONE: ""}


def _render(article: Skeleton, data: bytes, marks: _Marks | None) -> str:
    """What is rendered of the article, as HTML that is not cleaned yet. Plain text needs marks: they tell it apart."""
    text = data.decode()
    if article.format is ArticleFormat.MARKDOWN:
        rendered = pyromark.html(text, options=MARKDOWN_OPTIONS)
        rendered = re.sub(
            r'<input disabled="" type="checkbox"( checked="")?/>', lambda box: "☑" if box[1] else "☐", rendered
        )
        return re.sub(r'<(t[hd]) style="text-align: (left|right|center)">', r'<\1 class="align-\2">', rendered)
    if article.format is ArticleFormat.PLAIN_TEXT and marks is not None:
        return _plain_text_html(article, text, marks)
    return text


# Plain text ------------------------------------------------------------------------------------------------------


def _plain_text_html(article: Skeleton, text: str, marks: _Marks) -> str:
    """Headings, paragraphs and nested lists from the skeleton's blocks. What stands between the texts stays."""
    filled = dict(_filled_texts(text, marks))
    out: list[str] = []
    lists: list[str] = []  # the closing tags of the lists that are open, outermost first
    starts, ends = [span.start for span in article.spans], [span.end for span in article.spans]
    for block in article.blocks:
        inside = range(bisect_left(starts, block.start), bisect_right(ends, block.end))
        inner, item_number = _plain_block(article, block, inside, filled)
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


def _plain_block(article: Skeleton, block: Block, inside: range, filled: Mapping[int, str]) -> tuple[str, int | None]:
    """The inner HTML of one block, with the texts at the positions `inside`, and the number of a numbered list item."""
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


def _content(text: str) -> tuple[int, int]:
    """Where the article element, or main, or body, begins and ends: the innermost that has every word of the body."""
    places = _Places(text).places
    body_start, body_end = _range(places.get("body"), 0, len(text))
    for tag in ("article", "main"):
        if tag not in places:
            continue
        start, end = _range(places[tag], 0, len(text))
        outside = text[body_start:start] + text[end:body_end]
        # A page with text of its own outside (navigation, a footer) is taken whole: its texts are units, too.
        if not re.sub(r"<[^>]*>|\s+", "", outside):
            return start, end
    return body_start, body_end


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
"""The second calls us for each attribute, so it is for markup in which the first has left an id of ours."""


def _clean(markup: str, tidy: bool) -> str:
    """The markup with nothing in it but what ALLOWED names.

    `tidy` also drops the elements that are empty because the furniture in them was cut out.
    """
    cleaned = _CLEANER.clean(markup)
    if _OUR_ID_GIVEN.search(cleaned):
        cleaned = _CLEANER_OF_IDS.clean(markup)
    cleaned = cleaned.replace(' class=""', "")
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
    """Rendered and cleaned markup cut at its marks: `texts[i]` stands before the mark `names[i]`.

    It is nh3's: regular, and a mark inside of a tag stands inside of the quotes of an attribute.
    """

    def __init__(self, markup: str, marks: _Marks, article: Skeleton) -> None:
        cut = marks.any.split(markup)
        self.texts, self.names = cut[::2], cut[1::2]
        """The name of an opening mark, None for a closing one."""
        self.article = article
        self.partners = _partners(self.names)
        self.in_tag = _in_tags(self.texts)
        self.pieces: list[str] = []
        self.places: list[Slot | UnitIds] = []
        self.broken: set[int] = set()

    @property
    def bare(self) -> str:
        """The markup without marks."""
        return "".join(self.texts)

    def layout(self, removed: tuple[str, ...]) -> Layout:
        """Everything between the slots, and the slots."""
        if "<table" in self.bare:
            self.texts = [_widened(text) for text in self.texts]
        self.pieces.append(self.texts[0])
        at = 0
        while at < len(self.names):
            at = 1 + (self._value(at) if self.in_tag[at] else self._text(at))
        shown = frozenset(place.position for place in self.places if isinstance(place, Slot))
        return Layout("".join(self.pieces), tuple(self.places), shown, frozenset(self.broken), removed)

    def _text(self, at: int) -> int:
        """The slot that begins with a mark, and what follows it; returns its last mark."""
        position, end = _position(self.names[at]), self.partners[at]
        if position is None or end is None:
            # a closing mark whose text began elsewhere, or the reverse: the text is not whole here
            self.broken |= set() if position is None else {position}
            self.pieces.append(self.texts[at + 1])
            return at
        inline = self._inline(at, end)
        inner = "".join(self.texts[at + 1 : end + 1])
        if inline is None or not is_whole(inner):
            self.broken.add(position)
            self.pieces.append(inner)
        else:
            self.pieces.append(IN_BODY)
            self.places.append(Slot(self.article.spans[position], position, False, inline))
        self.pieces.append(self.texts[end + 1])
        return end

    def _inline(self, start: int, end: int) -> dict[str, Inline] | None:
        """What the tags between two marks are in HTML; None if there is more than tags and words."""
        found: dict[str, Inline] = {}
        for at in range(start + 1, end, 2):
            name = self.names[at]
            if not name or name.isdigit() or self.partners[at] != at + 1 or "<" in self.texts[at]:
                return None
            tag = _tag_named(name)
            found[tag] = Inline.of(tag, self.texts[at + 1], self.in_tag[at], self.in_tag[at + 1])
        return None if "<" in self.texts[end] else found

    def _value(self, at: int) -> int:
        """The slots of an attribute's value, to its end: `alt="A heart"` gets `data-unit-alt="ID"`."""
        begun, _, _ = self.texts[at].rpartition('="')
        last = next((i for i in range(at, len(self.names)) if '"' in self.texts[i + 1]), len(self.names) - 1)
        value, quote, behind = self.texts[last + 1].partition('"')
        self.texts[last + 1] = value
        positions = [p for name in self.names[at : last + 1] if (p := _position(name)) is not None]
        if not begun:  # a text that crosses the edge of this tag has ended in its value
            self.broken.update(positions)
        while at <= last:
            position, end = _position(self.names[at]), self.partners[at]
            if begun and position is not None and end is not None and end <= last:
                span = self.article.spans[position]
                words = {tag[0]: Inline("", True, True, 0) for tag in tags_of(span.source)}
                self.pieces.append(IN_TAG)
                self.places.append(Slot(span, position, True, words))
                at = end
            at += 1
            self.pieces.append(self.texts[at])
        if begun and positions:
            self.pieces.append(f'" data-unit-{begun.rpartition(" ")[2]}="{IN_TAG}')
            self.places.append(UnitIds(tuple(positions)))
        self.texts[last + 1] = quote + behind  # the next value may begin in it
        self.pieces.append(quote + behind)
        return last


def _widened(markup: str) -> str:
    """Each table in a box that scrolls by itself."""
    return markup.replace("<table", '<div class="wide" tabindex="0"><table').replace("</table>", "</table></div>")


def _partners(names: Sequence[str | None]) -> list[int | None]:
    """For each opening mark its closing one, and the reverse; None for a mark without."""
    partners: list[int | None] = [None] * len(names)
    opened: list[int] = []
    for at, name in enumerate(names):
        if name:
            opened.append(at)
        elif opened:
            partners[at] = opening = opened.pop()
            partners[opening] = at
    return partners


def _in_tags(texts: Sequence[str]) -> list[bool]:
    """For the end of each text, whether it stands inside of a tag, and so in the quotes of an attribute."""
    inside, found = False, []
    for text in texts:
        if inside or '="' in text:
            inside = "<" in TAG.sub("", f'<"{text}' if inside else text)
        found.append(inside)
    return found


def _position(name: str | None) -> int | None:
    """The position of the text that a mark opens; None for other marks."""
    return int(name) if name and name.isdigit() else None


def _tag_named(name: str) -> str:
    """`<b2>` of `b2o`, `</b2>` of `b2c`, `<x3/>` of `x3`."""
    return f"<{name[:-1]}>" if name.endswith("o") else f"</{name[:-1]}>" if name.endswith("c") else f"<{name}/>"


def is_whole(markup: str) -> bool:
    """Whether each element that begins in some markup ends in it, and the reverse."""
    if "<" not in markup:
        return True
    opened: list[str] = []
    for closing, name in _NAMED_TAG.findall(markup):
        if not name:
            return False
        if closing:
            if not opened or opened.pop() != name:
                return False
        elif name not in ("br", "hr", "img", "wbr"):
            opened.append(name)
    return not opened
