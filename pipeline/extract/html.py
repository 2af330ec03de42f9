"""Read HTML, whole pages and fragments: tokens that tile the file, inline runs as blocks, attributes that people read.

Takes   UTF-8 HTML; or the HTML blocks of a Markdown article, with where they begin
Gives   a Reading; every byte of the file is in exactly one token
Always  a construct that is not closed is refused with its place, never half read

The tokens are those of the WHATWG standard for what it calls parse-error-free markup, found by one regular expression
over the bytes. The standard library's html.parser is not used: what it does with comments, unclosed tags and raw text
changed within Python 3.11 to 3.14, and a skeleton must not depend on the interpreter.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from html.entities import html5
from typing import NamedTuple

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
    words_of,
)
from pipeline.extract.rules import NO_RULES, Rules
from pipeline.model import LeftAlone, Place, PlaceableKind, SegmentKind

_VALUE = rb"""(?:"[^"]*+"|'[^']*+'|[^\s>"'=<`][^\s>"'<`]*+)"""
_EQUALS = rb"[ \t\n\f\r]*+=[ \t\n\f\r]*+"
_ATTRIBUTE_NAME = rb"""[^\s/>="'<][^\s/>="'<]*+"""
_ATTRIBUTES = re.compile(rb"(%b)(?:%b(%b))?" % (_ATTRIBUTE_NAME, _EQUALS, _VALUE))
_TAG_REST = rb"(?:[ \t\n\f\r/]++|%b(?:%b%b)?)*>" % (_ATTRIBUTE_NAME, _EQUALS, _VALUE)
_TOKEN = re.compile(
    rb"<(/?+)([A-Za-z][^\s/>\x00]*+)(?=[\s/>])" + _TAG_REST + rb"|<!--(?:-?>|(?s:.*?)--!?>)"
    rb"|<[!?][^>]*+>|</[^A-Za-z>][^>]*+>|</>"
)
"""A tag, with its slash and its name; or what is no element."""
_LOOKS_LIKE_MARKUP = re.compile(rb"<[A-Za-z/!?]")
_NAME = re.compile(rb"</?([A-Za-z][^\s/>]*)")
_GOES_ON = re.compile("[=A-Za-z0-9]")
_NO = re.compile(rb"translate", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,10};?|#[xX][0-9A-Fa-f]{1,8};?|[A-Za-z][A-Za-z0-9]{1,32};?)")

_BLOCKS = words_of(
    "address area article aside audio base blockquote body button canvas caption center col colgroup datalist dd "
    "details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head "
    "header hgroup hr html iframe input label legend li link main map menu meta meter nav noframes noscript "
    "object ol optgroup option p param pre progress search section select source summary table tbody td template "
    "textarea tfoot th thead title tr track ul video script style xmp plaintext noembed"
)
_VOID = words_of("area base br col embed hr img input link meta param source track wbr")
_RAW = frozenset(["script", "style", "xmp", "iframe", "noembed", "noframes"])
_RCDATA = frozenset(("title", "textarea"))
_ENDS = {name: re.compile(rb"</" + name.encode() + rb"(?=[\s/>])", re.IGNORECASE) for name in _RAW | _RCDATA}
_OPAQUE = frozenset({"code", "script", "style", "pre", "svg", "math", "template"})
"""Elements whose content is not for translation."""
_KINDS = {
    "title": SegmentKind.TITLE,
    "li": SegmentKind.LIST_ITEM,
    "dt": SegmentKind.LIST_ITEM,
    "dd": SegmentKind.LIST_ITEM,
    "th": SegmentKind.TABLE_HEADER,
    "td": SegmentKind.TABLE_CELL,
    "blockquote": SegmentKind.QUOTE,
    "caption": SegmentKind.CAPTION,
    "figcaption": SegmentKind.CAPTION,
    **{f"h{level}": SegmentKind.HEADING for level in range(1, 7)},
}
_SHOWN = {
    *(b"alt", b"title", b"placeholder", b"label"),
    *(b"aria-label", b"aria-description", b"aria-placeholder", b"aria-roledescription", b"aria-valuetext"),
}
"""Attributes that people read or hear."""
_SPOKEN = _SHOWN - {b"alt"}
_LETTERS = {
    "b": ("b", PlaceableKind.BOLD),
    "strong": ("b", PlaceableKind.BOLD),
    "i": ("i", PlaceableKind.EMPHASIS),
    "em": ("i", PlaceableKind.EMPHASIS),
    "a": ("a", PlaceableKind.LINK),
}
_IMPLIED_ENDS = {
    "li": ("ul", "ol", "menu"),
    "dt": ("dl",),
    "dd": ("dl",),
    "tr": ("table",),
    "td": ("tr", "table"),
    "th": ("tr", "table"),
    "option": ("select", "datalist"),
    "p": (),
}
_ENDS_ANYTHING = words_of("table tbody thead tfoot tr td th caption colgroup col html head body")
"""Tags at which a browser may close, or lift out of the table, whatever else is open."""
MAX_DEPTH = 250
"""Elements in elements; a deeper page is refused."""


class Token(NamedTuple):
    """The bytes [start, end) of one piece of text or one tag."""

    start: int
    end: int
    name: str = ""
    """The element's name in lower case; empty for text, `!` for comments and declarations."""
    closing: bool = False


def read(data: bytes, _rules: Rules = NO_RULES) -> Reading:
    """A page or a fragment."""
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    reader = _Reader(data)
    reader.feed(start, len(data))
    return Reading(tuple(reader.blocks), tuple(reader.outline), tuple(reader.left))


def read_part(data: bytes, at: int) -> Reading:
    """A fragment that stands at byte `at` of an article; the positions in the Reading are those of the article."""
    try:
        reading = read(data)
    except UnreadableError as error:
        raise UnreadableError(error.at + at, error.reason) from error
    return Reading(
        tuple(
            block._replace(
                start=block.start + at,
                end=block.end + at,
                pieces=tuple(piece._replace(start=piece.start + at, end=piece.end + at) for piece in block.pieces),
            )
            for block in reading.blocks
        ),
        reading.outline,
        tuple(LeftAlone(part.start + at, part.end + at, part.reason) for part in reading.left_alone),
    )


def tokens(data: bytes, start: int, end: int) -> Iterator[Token]:
    """Text and tags, tiling [start, end). Raises UnreadableError for markup that does not end."""
    at = text_from = start
    names: dict[bytes, str] = {}
    while (less := data.find(b"<", at, end)) >= 0:
        tag = _TOKEN.match(data, less, end)
        if tag is None:
            if _LOOKS_LIKE_MARKUP.match(data, less, end):
                what = data[less : less + 40].decode(errors="replace")
                raise UnreadableError(less, f"markup that is not closed or not HTML: {what!r}")
            at = less + 1
            continue
        if less > text_from:
            yield Token(text_from, less)
        slash, written = tag.groups()
        name = "!"
        if written is not None and (name := names.get(written, "")) == "":
            name = names[written] = written.decode(errors="replace").lower()
        closing = slash == b"/" or (written is None and data[less + 1 : less + 2] == b"/")
        yield Token(less, tag.end(), name, closing)
        at = text_from = tag.end()
        if name == "plaintext" and not closing:
            raise UnreadableError(tag.start(), "<plaintext> has no end: everything behind it is text; take it out")
        if not closing and name in _ENDS:
            close = _ENDS[name].search(data, at, end)
            if close is None:
                raise UnreadableError(tag.start(), f"<{name}> is never closed")
            if close.start() > at:
                yield Token(at, close.start(), "" if name in _RCDATA else "!")
            at = text_from = close.start()
    if end > text_from:
        yield Token(text_from, end)


def text_pieces(data: bytes, start: int, end: int, *, attribute: bool = False) -> Iterator[Piece]:
    """The bytes [start, end) of text or of an attribute's value, each character reference a piece of its own."""
    text = data[start:end].decode()
    if "&" not in text:
        if text:
            yield Piece(TEXT, start, end, text, exact=True)
        return
    at, byte = 0, start
    for match in _REFERENCE.finditer(text):
        decoded = _decoded(match.group())
        if decoded is None:
            continue
        shown, length = decoded
        if attribute and match.group()[length - 1] != ";" and _GOES_ON.match(text, match.start() + length):
            continue  # `?a=1&copy=2` in an address
        if match.start() > at:
            plain = text[at : match.start()]
            yield Piece(TEXT, byte, byte + len(plain.encode()), plain, exact=True)
            byte += len(plain.encode())
        yield Piece(TEXT, byte, byte + length, shown)
        at, byte = match.start() + length, byte + length
    if at < len(text):
        yield Piece(TEXT, byte, end, text[at:], exact=True)


def _decoded(reference: str) -> tuple[str, int] | None:
    """What a character reference stands for and how long it is; None if it is plain text."""
    if reference[1] == "#":
        return unescape(reference), len(reference)
    for length in range(len(reference), 2, -1):
        if reference[1:length] in html5:
            return html5[reference[1:length]], length
    return None


def attributes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Each attribute of the tag at [start, end): its name in lower case, where its value begins and ends, unquoted."""
    name = _NAME.match(data, start, end)
    assert name is not None  # noqa: S101  -- only tags come here
    for match in _ATTRIBUTES.finditer(data, name.end(), end - 1):
        if match.group(2) is not None:
            quotes = match.group(2)[:1] in (b'"', b"'")
            yield match.group(1).lower(), match.start(2) + quotes, match.end(2) - quotes


def tag_pieces(data: bytes, start: int, end: int, name: str, *, closing: bool) -> Iterator[Piece]:
    """One inline tag as pieces: an image with an alt text is a pair around it."""
    letter, kind = _LETTERS.get(name, ("g", PlaceableKind.MARKUP))
    if closing:
        yield Piece(CLOSE, start, end, letter=letter, kind=kind, name=name)
        return
    if name == "br":
        yield Piece(ALONE, start, end, kind=PlaceableKind.LINE_BREAK)
        return
    values = {key: (a, b) for key, a, b in reversed(list(attributes(data, start, end)))}
    spoken = any(a < b for key, (a, b) in values.items() if key in _SPOKEN)
    if name == "img":
        address = _value(data, values.get(b"src"))
        a, b = values.get(b"alt", (0, 0))
        if not data[a:b].strip():
            yield Piece(ALONE, start, end, kind=PlaceableKind.IMAGE, address=address, keep=spoken)
            return
        bare = data[a - 1 : a] not in (b'"', b"'")
        quote = '"' if bare else ""
        yield Piece(
            OPEN,
            start,
            a,
            letter="g",
            kind=PlaceableKind.IMAGE,
            address=address,
            keep=spoken,
            written=data[start:a].decode() + quote if bare else "",
        )
        yield from text_pieces(data, a, b, attribute=True)
        yield Piece(
            CLOSE,
            b,
            end,
            letter="g",
            kind=PlaceableKind.IMAGE,
            written=quote + data[b:end].decode() if bare else "",
        )
        return
    if name in _VOID:  # a slash at the end of any other tag means nothing in HTML
        yield Piece(ALONE, start, end, keep=spoken, name=name)
        return
    address = _value(data, values.get(b"href")) if name == "a" else ""
    opaque = name in _OPAQUE or _says_no(data, start, end, name)
    yield Piece(OPEN, start, end, letter=letter, kind=kind, address=address, keep=spoken, name=name, opaque=opaque)


def _says_no(data: bytes, start: int, end: int, name: str) -> bool:
    """Whether the start tag says that its element is not for translation: `translate="no"`, `class="notranslate"`."""
    if name in ("html", "body") or not _NO.search(data, start, end):
        return False
    values = {key: data[a:b].lower() for key, a, b in reversed(list(attributes(data, start, end)))}
    return values.get(b"translate", b"").strip() == b"no" or b"notranslate" in values.get(b"class", b"").split()


def _value(data: bytes, span: tuple[int, int] | None) -> str:
    return "".join(piece.text for piece in text_pieces(data, *span, attribute=True)) if span else ""


@dataclass(slots=True)
class _Opaque:
    """An element that is not for translation, while it is open."""

    token: Token
    inside: Counter[str] = field(default_factory=Counter)
    """The elements that were opened in it."""

    def ends_with(self, token: Token) -> bool:
        """Whether this token is its end tag. Raises UnreadableError where a browser would see the end elsewhere."""
        name, own = token.name, self.token.name
        if not name or name == "!" or (own in ("svg", "math", "template") and name != own):
            return False
        if token.closing and name == own and not self.inside[own]:
            return True
        lifted = name in _ENDS_ANYTHING or (name in _BLOCKS and own not in _BLOCKS and own != "code")
        if lifted or (token.closing and not self.inside[name]):
            raise UnreadableError(
                token.start,
                f"<{'/' * token.closing}{name}> inside of <{own}>: it is not certain where the <{own}> ends",
            )
        if name not in _VOID:
            self.inside[name] += -1 if token.closing else 1
        return False


@dataclass(slots=True)
class _Reader:
    """Collects blocks while the tokens go by."""

    data: bytes
    blocks: list[RawBlock] = field(default_factory=list)
    outline: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    """The block elements that are open here, outermost first."""
    run: list[Piece] = field(default_factory=list)
    """The inline pieces since the last block element began or ended."""
    left: list[LeftAlone] = field(default_factory=list)
    silent: set[bytes] = field(default_factory=set)
    """Start tags of blocks, as they are written, that were seen to hold nothing for people to read."""
    says_no: bool = False
    """Whether the word `translate` is anywhere: only then a tag can say that its element is not for translation."""

    def __post_init__(self) -> None:
        self.says_no = _NO.search(self.data) is not None

    def feed(self, start: int, end: int) -> None:
        """Read [start, end) to its end."""
        opaque: _Opaque | None = None
        for token in tokens(self.data, start, end):
            if opaque is not None:
                if opaque.ends_with(token):
                    self._leave_out(opaque.token.start, token.end, opaque.token.name)
                    opaque = None
            elif self._is_opaque(token):
                opaque = _Opaque(token)
            elif not token.name:
                self._text(token.start, token.end)
            elif token.name == "!":
                self.run.append(Piece(ALONE, token.start, token.end))
                self._declare_raw(token)
            elif token.name in _BLOCKS:
                self._block_tag(token)
            else:
                self.run.extend(tag_pieces(self.data, token.start, token.end, token.name, closing=token.closing))
        if opaque is not None:
            raise UnreadableError(opaque.token.start, f"<{opaque.token.name}> is never closed")
        self._flush()

    def _is_opaque(self, token: Token) -> bool:
        """Whether this tag begins something that is not for translation."""
        if not token.name or token.name == "!" or token.closing or token.name in _VOID:
            return False
        if token.name in ("svg", "math") and self.data[token.end - 2 : token.end] == b"/>":
            return False
        return token.name in _OPAQUE or (self.says_no and _says_no(self.data, token.start, token.end, token.name))

    def _text(self, start: int, end: int) -> None:
        text = self.data[start:end].decode()
        if "&" in text:
            self.run.extend(text_pieces(self.data, start, end))
        else:
            self.run.append(Piece(TEXT, start, end, text, True))

    def _leave_out(self, start: int, end: int, name: str) -> None:
        """An opaque element: a block of its own, or a part of the line that stands alone."""
        if name in ("script", "style", "template"):
            self.run.append(Piece(ALONE, start, end))
        elif name in _BLOCKS:
            self._flush()
            self.outline.append(self.data[start:end].decode())
        else:
            self.run.append(Piece(ALONE, start, end, kind=PlaceableKind.CODE, keep=True))
            return
        self.left.append(
            LeftAlone(start, end, f"<{name}>{'' if name in _OPAQUE else ', marked as not for translation'}")
        )

    def _declare_raw(self, token: Token) -> None:
        """A comment, or what is inside of an element that a browser does not read as markup."""
        what = self.data[token.start : token.start + 4]
        if what == b"<!--":
            self.left.append(LeftAlone(token.start, token.end, "comment"))
        elif what[:2] not in (b"<!", b"<?", b"</"):
            name = f"<{self.open[-1]}>" if self.open else "raw text"
            self.left.append(LeftAlone(token.start, token.end, name))

    def _block_tag(self, token: Token) -> None:
        self._flush()
        self.outline.append(("/" if token.closing else "") + token.name)
        if token.closing:
            if token.name in self.open:
                while self.open.pop() != token.name:
                    pass
            return
        self._imply_end(token.name)
        self.open.append(token.name)
        self._attribute_blocks(token)
        if token.name in _VOID:
            self.open.pop()
        if len(self.open) > MAX_DEPTH:
            raise UnreadableError(token.start, f"more than {MAX_DEPTH} elements inside each other")

    def _imply_end(self, name: str) -> None:
        """`<li>` ends the `<li>` before it, and so on."""
        if self.open and self.open[-1] == "p" and name not in ("input", "label", "button"):
            self.open.pop()
        if name not in _IMPLIED_ENDS or name == "p":
            return
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index] in _IMPLIED_ENDS[name]:
                return
            if self.open[index] == name or {self.open[index], name} in ({"td", "th"}, {"dt", "dd"}):
                del self.open[index:]
                return

    def _attribute_blocks(self, token: Token) -> None:
        """The attributes of a block element that people read or hear."""
        written = self.data[token.start : token.end]
        if written in self.silent:
            return
        before = len(self.blocks)
        values: dict[bytes, tuple[int, int]] = {}
        for key, start, end in attributes(self.data, token.start, token.end):
            values.setdefault(key, (start, end))
        if token.name == "meta":
            about = next((key for key in (b"name", b"property", b"itemprop") if key in values), b"name")
            what = self.data[slice(*values.get(about, (0, 0)))].lower()
            shown = {b"content"} if what.endswith((b"description", b":title", b":image:alt")) else set()
            kind = SegmentKind.DESCRIPTION if what == b"description" else SegmentKind.ATTRIBUTE
        else:
            shown, kind = _SHOWN, SegmentKind.ATTRIBUTE
            if token.name == "input" and self.data[slice(*values.get(b"type", (0, 0)))].lower() in (
                b"submit",
                b"button",
                b"reset",
            ):
                shown = {*shown, b"value"}
        for key, (start, end) in values.items():
            if key in shown and end > start:
                self.blocks.append(
                    RawBlock(
                        start=start,
                        end=end,
                        kind=SegmentKind.ALT_TEXT if key == b"alt" else kind,
                        place=Place.HTML_ATTRIBUTE,
                        pieces=tuple(text_pieces(self.data, start, end, attribute=True)),
                        whole=True,
                        elements=frozenset(self.open),
                    )
                )
        if len(self.blocks) == before:
            self.silent.add(written)

    def _flush(self) -> None:
        """End the inline run: it is a block if a reader sees anything of it."""
        run = self.run
        if not run or (len(run) == 1 and run[0].role is TEXT and not run[0].text.strip()):
            run.clear()
            return
        self.run = []
        pieces = balanced(run)
        if not any(piece.text.strip() or piece.kind is not PlaceableKind.MARKUP for piece in pieces):
            self.outline.extend(self.data[p.start : p.end].decode() for p in pieces if p.role is not TEXT)
            return
        kind, level = self._kind()
        self.blocks.append(
            RawBlock(
                start=pieces[0].start,
                end=pieces[-1].end,
                kind=kind,
                place=Place.HTML,
                pieces=pieces,
                level=level,
                whole=kind is SegmentKind.TITLE,
                elements=frozenset(self.open),
            )
        )

    def _kind(self) -> tuple[SegmentKind, int]:
        """What the innermost telling element says."""
        for name in reversed(self.open):
            kind = _KINDS.get(name)
            if kind is SegmentKind.HEADING:
                return kind, int(name[1])
            if kind is SegmentKind.LIST_ITEM:
                return kind, max(1, sum(other in ("ul", "ol", "menu", "dl") for other in self.open))
            if kind is not None:
                return kind, 0
        return SegmentKind.PARAGRAPH, 0
