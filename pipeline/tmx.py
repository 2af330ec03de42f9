"""Translation memories as other tools exchange them: TMX 1.4b, in and out.

Takes   the bytes of a TMX file: UTF-8 or UTF-16, with or without a byte order mark; or signed units
Gives   its units with their placeables as tags; or a TMX file's bytes
Always  a file is hostile: no entity is declared, nothing outside is read, size and depth are limited, time is linear;
        what is broken is refused with its line, a unit that cannot be used is named with line and reason; the same
        units give the same bytes

Inline elements become numbered placeables, the same in all languages of a unit:

| TMX | here |
|---|---|
| `<bpt>` … `<ept>`, `<hi>` | a pair `<g1>` … `</g1>`; `b`, `i` or `a` where type or code say bold, italics or a link |
| `<ph>`, `<it>`, `<ut>`, a `<bpt>` or `<ept>` without its other half | `<x1/>` |
| `<sub>` | is part of the code that it stands in, and not read |

What belongs together is told by `x`, without it by `i` (pairs) or by order. The code within an element is the other
tool's; a file of ours has our tags there, and they are taken as they are.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_external_ges
from xml.sax.saxutils import escape, quoteattr
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from pipeline.errors import TmxError
from pipeline.model import tags_of

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 60
MAX_SEGMENT = 100_000
"""Characters of one segment."""
MAX_INLINE = 1_000
"""Inline elements of one segment."""
_CHUNK = 1 << 16
_INLINE = frozenset({"bpt", "ept", "ph", "it", "hi", "ut"})
_ATTRIBUTES = ("tuid", "creationid", "creationdate", "changeid", "changedate", "lastusagedate", "usagecount")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (production 2, Char)."""
_OUR_TAG = re.compile(r"<(/?)([a-z])([1-9][0-9]{0,3})(/?)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class TmxText:
    """One language of a unit: a `<tuv>`."""

    language: str
    """`xml:lang` as it stands in the file."""
    text: str
    """NFC, placeables as tags, one line, no blank at either edge."""
    about: Mapping[str, str] = field(default_factory=dict)
    """`creationid`, `creationdate`, `changeid`, `changedate` and so on, those that are there."""
    props: tuple[tuple[str, str], ...] = ()
    """(type, value) of each `<prop>`."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TmxUnit:
    """A `<tu>`: one text in some languages."""

    number: int
    """From 1, in the order of the file; units that cannot be used are counted."""
    line: int
    texts: tuple[TmxText, ...]
    source_language: str
    """Its `srclang`, or the header's; `*all*` where any language may be the source."""
    about: Mapping[str, str] = field(default_factory=dict)
    """`tuid`, `creationid` and so on, those that are there."""
    props: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something in a TMX file that cannot be used."""

    line: int
    reason: str


def read_tmx(data: bytes, where: str) -> Iterator[TmxUnit | LeftOut]:
    """The units of a TMX file as they come, and what is left out of it. Raises TmxError with file and line.

    A file is refused as a whole if it is no TMX, not well-formed XML, too large or too deep, or declares entities.
    """
    if len(data) > MAX_BYTES:
        raise TmxError(where, 1, f"is larger than {MAX_BYTES // 1024**2} MB: export it in parts")
    handler = _Handler(where)
    # Most files name the DTD outside. It is not fetched, and no entity is declared: so nothing outside is read.
    parser = DefusedExpatParser(forbid_dtd=False, forbid_entities=True, forbid_external=False)
    parser.setFeature(feature_external_ges, False)
    parser.setContentHandler(handler)
    handler.setDocumentLocator(parser)
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
            yield from handler.taken()
        parser.close()
    except DefusedXmlException as error:
        reason = "declares entities, which a translation memory has no need of: save it without them"
        raise TmxError(where, handler.line, reason) from error
    except SAXParseException as error:
        raise TmxError(where, error.getLineNumber() or 1, f"is no well-formed XML: {error.getMessage()}") from error
    except (ValueError, LookupError) as error:  # an encoding that Python does not know, or cannot give to the parser
        raise TmxError(where, handler.line, f"cannot be read in the encoding that it names: {error}") from error
    if not handler.body:
        raise TmxError(where, 1, "is no TMX: it has no <tmx> with a <body>")
    yield from handler.taken()


@dataclass(slots=True)
class _Inline:
    """An inline element of one segment, before it has its number."""

    name: str
    key: str
    """What belongs together across languages: `x`, or `i`, or the place in the order."""
    partner: str
    """`i`, which joins `<bpt>` and `<ept>`."""
    kind: str
    code: str = ""


@dataclass(slots=True)
class _Variant:
    """A `<tuv>` while it is read."""

    language: str
    about: dict[str, str]
    parts: list[str | _Inline] = field(default_factory=list)
    """Texts, and inline elements where they begin; `<hi>` once more where it ends, with the name `/hi`."""
    props: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    segments: int = 0


class _Handler(ContentHandler):
    """Collects units; holds one at a time."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where
        self.body = False
        self._place: Locator | None = None
        self._ready: list[TmxUnit | LeftOut] = []
        self._path: list[str] = []
        self._count = 0
        self._header_language = ""
        self._text: list[str] | None = None
        """Where the characters of a `<note>` or `<prop>` go."""
        self._prop_type = ""
        self._unit_line = 0
        self._unit: dict[str, str] = {}
        self._language = ""
        self._props: list[tuple[str, str]] = []
        self._notes: list[str] = []
        self._variants: list[_Variant] = []
        self._codes: list[_Inline] = []
        """The inline elements that hold code and are open: characters in them are no text of the segment."""
        self._marked: list[_Inline] = []
        """The `<hi>` that are open."""
        self._length = 0
        self._nth: Counter[str] = Counter()

    @property
    def line(self) -> int:
        """Where the parser is."""
        return int(self._place.getLineNumber() or 1) if self._place else 1

    def setDocumentLocator(self, locator: Locator) -> None:
        self._place = locator

    def taken(self) -> list[TmxUnit | LeftOut]:
        """What is ready."""
        ready, self._ready = self._ready, []
        return ready

    def _refuse(self, reason: str) -> TmxError:
        return TmxError(self.where, self.line, reason)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if not self._path and name != "tmx":
            raise self._refuse(f"is no TMX: it begins with <{name}>")
        self._path.append(name)
        if len(self._path) > MAX_DEPTH:
            raise self._refuse(f"is nested deeper than {MAX_DEPTH} elements")
        within = self._path[-2] if len(self._path) > 1 else ""
        if name == "header":
            self._header_language = attrs.get("srclang", "*all*")
        elif name == "body":
            self.body = True
        elif name == "tu" and within == "body":
            self._count += 1
            self._unit_line = self.line
            self._unit = _about(attrs)
            self._language = attrs.get("srclang", self._header_language)
            self._props, self._notes, self._variants = [], [], []
        elif name == "tuv" and within == "tu":
            language = attrs.get("xml:lang") or attrs.get("lang") or ""
            self._variants.append(_Variant(language, _about(attrs)))
        elif name == "seg" and within == "tuv":
            self._codes, self._marked, self._length, self._nth = [], [], 0, Counter()
            self._variants[-1].segments += 1
        elif name in ("note", "prop") and within in ("tu", "tuv"):
            self._text, self._prop_type = [], attrs.get("type", "")
        elif name in _INLINE and "seg" in self._path:
            self._begin_inline(name, attrs)

    def _begin_inline(self, name: str, attrs: AttributesImpl) -> None:
        self._nth[name] += 1
        if self._nth.total() > MAX_INLINE:
            raise self._refuse(f"has a segment with more than {MAX_INLINE:,} inline elements")
        x, i = attrs.get("x"), attrs.get("i")
        key = f"x{x}" if x else f"i{i}" if i else f"{name}{self._nth[name]}"
        inline = _Inline(name, key, attrs.get("i", ""), attrs.get("type", "").casefold())
        if not self._codes:  # within the code of another element it is that code's
            self._variants[-1].parts.append(inline)
        if name == "hi":
            self._marked.append(inline)
        else:
            self._codes.append(inline)

    def characters(self, content: str) -> None:
        if self._text is not None:
            self._text.append(content)
        elif self._codes:
            self._codes[0].code += content if self._path[-1] != "sub" and len(self._codes[0].code) < 200 else ""
        elif "seg" in self._path[-MAX_DEPTH:] and self._variants:
            self._length += len(content)
            if self._length > MAX_SEGMENT:
                raise self._refuse(f"has a segment of more than {MAX_SEGMENT:,} characters")
            self._variants[-1].parts.append(content)

    def endElement(self, name: str) -> None:
        self._path.pop()
        within = self._path[-1] if self._path else ""
        if name in ("note", "prop") and self._text is not None:
            self._end_remark(name, within, "".join(self._text).strip())
            self._text = None
        elif name == "hi" and self._marked:
            marked = self._marked.pop()
            if not self._codes:
                self._variants[-1].parts.append(_Inline("/hi", marked.key, "", marked.kind))
        elif name in _INLINE and self._codes:
            self._codes.pop()
        elif name == "tu" and within == "body":
            self._ready += self._finished()

    def _end_remark(self, name: str, within: str, value: str) -> None:
        holder = self._variants[-1] if within == "tuv" and self._variants else None
        if name == "note":
            (holder.notes if holder else self._notes).append(value)
        else:
            (holder.props if holder else self._props).append((self._prop_type, value))

    def _finished(self) -> Iterator[TmxUnit | LeftOut]:
        texts: list[TmxText] = []
        numbers = _Numbers(self._variants)
        for variant in self._variants:
            text = " ".join("".join(numbers.tagged(variant)).split())
            text = unicodedata.normalize("NFC", text)
            reason = _why_not(variant, text, numbers.literal)
            if not reason and any(known.language.casefold() == variant.language.casefold() for known in texts):
                reason = f"a second text in {variant.language!r} in one unit: the first is used"
            if reason:
                yield LeftOut(line=self._unit_line, reason=reason)
                continue
            texts.append(
                TmxText(
                    language=variant.language,
                    text=text,
                    about=variant.about,
                    props=tuple(variant.props),
                    notes=tuple(variant.notes),
                )
            )
        yield TmxUnit(
            number=self._count,
            line=self._unit_line,
            texts=tuple(texts),
            source_language=self._language,
            about=self._unit,
            props=tuple(self._props),
            notes=tuple(self._notes),
        )


def _about(attrs: AttributesImpl) -> dict[str, str]:
    return {name: attrs[name] for name in _ATTRIBUTES if name in attrs}


def _why_not(variant: _Variant, text: str, literal: bool) -> str:
    if not variant.language:
        return "a text without xml:lang"
    if variant.segments != 1:
        return f"{variant.segments} <seg> in one <tuv>: there must be one"
    if literal:
        return "words that read like one of our tags: it could not be told from one"
    return "" if text else "a text without a word"


class _Numbers:
    """Gives the inline elements of a unit their tags: the same for what belongs together in its languages."""

    def __init__(self, variants: Sequence[_Variant]) -> None:
        inlines = [part for variant in variants for part in variant.parts if isinstance(part, _Inline)]
        self.ours = bool(inlines) and all(_ours(inline) for inline in inlines)
        self.literal = any(
            next(tags_of("".join(part for part in variant.parts if isinstance(part, str))), None)
            for variant in variants
        )
        self._known: dict[str, tuple[str, int]] = {}

    def tagged(self, variant: _Variant) -> Iterator[str]:
        """The parts of a text with a tag for each inline element."""
        inlines = [part for part in variant.parts if isinstance(part, _Inline)]
        opened = {part.partner: part for part in inlines if part.name == "bpt"}
        paired = opened.keys() & {part.partner for part in inlines if part.name == "ept"}
        for part in variant.parts:
            if isinstance(part, str):
                yield part
            elif self.ours:
                yield part.code
            elif part.name in ("bpt", "ept") and part.partner in paired:
                letter, number = self._number(f"pair {opened[part.partner].key}", _letter(opened[part.partner]))
                yield f"<{letter}{number}>" if part.name == "bpt" else f"</{letter}{number}>"
            elif part.name in ("hi", "/hi"):
                letter, number = self._number(f"hi {part.key}", _letter(part))
                yield f"<{letter}{number}>" if part.name == "hi" else f"</{letter}{number}>"
            else:
                letter, number = self._number(f"alone {part.key}", "x")
                yield f"<{letter}{number}/>"

    def _number(self, key: str, letter: str) -> tuple[str, int]:
        return self._known.setdefault(key, (letter, len(self._known) + 1))


def _ours(inline: _Inline) -> bool:
    """Whether the code within an element is just the tag that `write_tmx` writes there."""
    tag = _OUR_TAG.fullmatch(inline.code)
    return tag is not None and (
        inline.name == "ph" or (inline.name, tag[1], tag[4]) in (("bpt", "", ""), ("ept", "/", ""))
    )


def _letter(inline: _Inline) -> str:
    """The letter of a pair, as extraction would give it: by its type, or by the HTML or Markdown in it."""
    code = inline.code.strip().casefold()
    if inline.kind == "bold" or re.match(r"<(b|strong)\b|\*\*|__", code):
        return "b"
    if inline.kind in ("italic", "italics") or re.match(r"<(i|em)\b|[*_]", code):
        return "i"
    if inline.kind == "link" or re.match(r"<a\b|\[", code):
        return "a"
    return "g"


# -- writing ----------------------------------------------------------------------------------------------------------

_TYPES = {"b": "bold", "i": "italic", "a": "link"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A translation to write: one source in one locale."""

    unit: str
    """What its `<tu>` is called (`tuid`); pairs of one unit and one source follow each other."""
    source: str
    locale: str
    target: str
    about: Mapping[str, str] = field(default_factory=dict)
    """Attributes of the target's `<tuv>`: `creationid`, `creationdate`, `changeid`, `changedate`."""
    props: tuple[tuple[str, str], ...] = ()


def write_tmx(pairs: Iterable[Pair], source_locale: str, version: str) -> tuple[bytes, list[str]]:
    """A TMX 1.4b file in UTF-8, and why pairs are not in it, a sentence each. No clock: the same pairs, the same bytes.

    There is no DOCTYPE: readers would look for the DTD outside.
    """
    left_out: list[str] = []
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<tmx version="1.4">',
        f'<header creationtool="signoff" creationtoolversion={quoteattr(version)} segtype="sentence" o-tmf="signoff"'
        f' adminlang="en" srclang={quoteattr(source_locale)} datatype="plaintext"/>',
        "<body>",
    ]
    for (unit, source), group in groupby(pairs, key=lambda pair: (pair.unit, pair.source)):
        targets = []
        for pair in group:
            if _NOT_XML.search(pair.source + pair.target):
                left_out.append(f"{unit} in {pair.locale}: has a character that no XML can hold")
            else:
                targets.append(pair)
        if targets:
            lines.append(f"<tu tuid={quoteattr(unit)}>")
            lines += _tuv(source_locale, source, {}, ())
            for pair in targets:
                lines += _tuv(pair.locale, pair.target, pair.about, pair.props)
            lines.append("</tu>")
    return ("\n".join([*lines, "</body>", "</tmx>"]) + "\n").encode(), left_out


def _tuv(language: str, text: str, about: Mapping[str, str], props: Sequence[tuple[str, str]]) -> Iterator[str]:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in about.items())
    yield f"<tuv xml:lang={quoteattr(language)}{attributes}>"
    for kind, value in props:
        yield f"<prop type={quoteattr(kind)}>{escape(_NOT_XML.sub(' ', value))}</prop>"
    yield f"<seg>{_inline(text)}</seg>"
    yield "</tuv>"


def _inline(text: str) -> str:
    """A text with its tags as inline elements; one that lacks its other half stands alone."""
    tags = [(tag[2], tag[3], tag[1]) for tag in tags_of(text)]
    parts, end = [], 0
    for tag in tags_of(text):
        closing, letter, number, alone = tag.groups()
        pair = (letter, number, "") in tags and (letter, number, "/") in tags and not alone
        code, kind = escape(tag[0]), f' type="{_TYPES[letter]}"' if letter in _TYPES else ""
        if not pair:
            element = f'<ph x="{number}">{code}</ph>'
        elif closing:
            element = f'<ept i="{number}">{code}</ept>'
        else:
            element = f'<bpt i="{number}" x="{number}"{kind}>{code}</bpt>'
        parts += [escape(text[end : tag.start()]), element]
        end = tag.end()
    return "".join((*parts, escape(text[end:])))
