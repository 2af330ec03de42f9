"""XLIFF 2.1 for CAT tools: written here, and read back from whatever tool saved it.

Takes   a PoFile; the bytes of a returned file
Gives   one `<unit>` per entry with the entry's id; placeables as `<pc>` and `<ph>`, which a CAT tool guards
Always  reading undoes writing, but for the notes that are for the reviewer's eyes; the same units give the same bytes
Source  OASIS XLIFF Version 2.1

| XLIFF | PO |
|---|---|
| segment state `initial` | fuzzy: nobody has read the text |
| `translated`, `reviewed`, `final` | not fuzzy: read by the person who returns it; no more than that |
| a note in category `reviewer`, or one that a tool added | a translator comment: `ok`, `? a question` |
"""

import re
from collections.abc import Iterator
from xml.sax.handler import ContentHandler
from xml.sax.saxutils import escape, quoteattr
from xml.sax.xmlreader import AttributesImpl, Locator

from pipeline.errors import HandOffError, LocaleError
from pipeline.model import Locale, tags_of
from pipeline.po import MAX_TEXT_BYTES, PoContentError, PoEntry, PoFile
from review.formats.ooxml import local, parse
from review.formats.table import file_of, identity, notes_with_former

_OURS = "signoff"
"""The category of notes that are for the reviewer's eyes; never read back."""
_REVIEWERS = "reviewer"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xliff(file: PoFile, source_locale: Locale) -> bytes:
    """The file as UTF-8."""
    return ("\n".join(_lines(file, source_locale)) + "\n").encode()


def _lines(file: PoFile, source_locale: Locale) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        '<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" '
        f'srcLang="{source_locale}" trgLang="{file.target_locale}">'
    )
    # A segment is a sentence that people sign: no tool may cut it or put two together.
    yield f' <file id="f1" original={quoteattr(file.article)} canResegment="no">'
    yield f'  <notes><note id="identity" category="{_OURS}">{escape(identity(file))}</note></notes>'
    for at, entry in enumerate(file.entries, 1):
        yield from _unit(entry, at)
    yield " </file>"
    yield "</xliff>"


def _unit(entry: PoEntry, at: int) -> Iterator[str]:
    yield f'  <unit id="u{at}" name={quoteattr(entry.id)}>'
    notes = [(_OURS, note) for note in notes_with_former(entry)]
    notes += [(_REVIEWERS, comment) for comment in entry.translator_comments]
    if notes:
        yield "   <notes>"
        for category, note in notes:
            yield f'    <note category="{category}">{escape(_NOT_XML.sub(" ", note))}</note>'
        yield "   </notes>"
    state = "initial" if entry.fuzzy or not entry.target else "translated"
    yield f'   <segment state="{state}">'
    yield f'    <source xml:space="preserve">{_inline(entry.source)}</source>'
    if entry.target:
        yield f'    <target xml:space="preserve">{_inline(entry.target)}</target>'
    yield "   </segment>"
    yield "  </unit>"


def _inline(text: str) -> str:
    """A text with its placeables as inline elements; tags that do not pair up stay as characters."""
    tags = list(tags_of(text))
    opened: list[int] = []
    written: dict[int, str] = {}
    for at, tag in enumerate(tags):
        closing, letter, number, alone = tag.groups()
        if alone and not closing:
            written[at] = f'<ph id="{letter}{number}"/>'
        elif not closing and not alone:
            opened.append(at)
        elif closing and not alone and opened and tags[opened[-1]].groups()[1:3] == (letter, number):
            written[opened.pop()] = f'<pc id="{letter}{number}">'
            written[at] = "</pc>"
    pieces, end = [], 0
    for at, tag in enumerate(tags):
        if at in written:
            pieces += [_characters(text[end : tag.start()]), written[at]]
            end = tag.end()
    return "".join((*pieces, _characters(text[end:])))


def _characters(text: str) -> str:
    """Characters of a text; those that no XML can hold as `<cp>`."""
    plain = escape(text, {"\r": "&#xD;"})
    return _NOT_XML.sub(lambda found: f'<cp hex="{ord(found[0]):04X}"/>', plain)


# ---- reading


def read_xliff(data: bytes, name: str) -> PoFile:
    """The entries of a returned file. Raises HandOffError with the line."""
    reader = _Reader(name)
    parse(data, name, reader)
    if not reader.identity:
        raise HandOffError(
            name, 1, "has lost the note that says of which export it is: send the file that you were sent"
        )
    file = file_of(reader.identity, reader.entries, name)
    try:
        if reader.target_locale and Locale.parse(reader.target_locale) != file.target_locale:
            raise HandOffError(name, 1, f"says {reader.target_locale}, its export was {file.target_locale}")
    except LocaleError as error:
        raise HandOffError(name, 1, f"has a trgLang that is no language: {error}") from error
    return file


_ID = re.compile(r"[a-z][1-9][0-9]{0,3}")
_TEXTS = ("source", "target")
_KEPT = ("mrk", "sm", "em")
"""Annotations: what they mark is text, the mark is not ours."""


class _Reader(ContentHandler):
    """Takes an XLIFF file element by element."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.identity = self.target_locale = ""
        self.entries: list[PoEntry] = []
        self.path: list[str] = []
        self.ids: list[str] = []
        """Of the `<pc>` that are open."""
        self.texts = {"source": "", "target": ""}
        self.pieces: list[str] | None = None
        """Where characters go: of a source, a target or a note; None elsewhere."""
        self.category = self.unit = ""
        self.comments: list[str] = []
        self.line = 0
        self.initial = self.has_segment = False
        self._place: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:
        self._place = locator

    def refuse(self, reason: str) -> HandOffError:
        """An error at the place where the parser is."""
        return HandOffError(self.name, int(self._place.getLineNumber() or 1) if self._place else None, reason)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        name = local(name)
        if not self.path and (name != "xliff" or not attrs.get("version", "").startswith("2")):
            raise self.refuse("is no XLIFF 2 file: export it as XLIFF 2.0 or 2.1")
        self.path.append(name)
        match name:
            case "xliff":
                self.target_locale = attrs.get("trgLang", "")
            case "unit":
                self.unit, self.comments, self.texts = attrs.get("name", ""), [], {"source": "", "target": ""}
                self.line = int(self._place.getLineNumber() or 1) if self._place else 0
                self.initial = self.has_segment = False
            case "note":
                self.category, self.pieces = attrs.get("category", ""), []
            case "segment":
                self.has_segment = True
                self.initial |= attrs.get("state", "initial") == "initial"
            case "source" | "target" if len(self.path) > 1 and self.path[-2] in ("segment", "ignorable"):
                self.pieces = []
            case _ if self._in_text():
                self._begin_inline(name, attrs)

    def _in_text(self) -> bool:
        return self.pieces is not None and any(text in self.path for text in _TEXTS)

    def _begin_inline(self, name: str, attrs: AttributesImpl) -> None:
        assert self.pieces is not None  # noqa: S101 - _in_text has said so
        id_ = attrs.get("id", "")
        if name == "cp":
            self.pieces.append(self._code_point(attrs.get("hex", "")))
        elif name in ("pc", "ph", "sc", "ec"):
            id_ = attrs.get("startRef", "") or id_ if name == "ec" else id_
            if not _ID.fullmatch(id_):
                raise self.refuse(f"holds an inline element {id_[:20]!r} that was not in what was sent: take it out")
            self.pieces.append({"pc": f"<{id_}>", "ph": f"<{id_}/>", "sc": f"<{id_}>", "ec": f"</{id_}>"}[name])
            if name == "pc":
                self.ids.append(id_)
        elif name not in _KEPT:
            raise self.refuse(f"holds an element <{name}> within a text: no file of ours does")

    def _code_point(self, digits: str) -> str:
        if not re.fullmatch(r"[0-9A-Fa-f]{2,6}", digits) or int(digits, 16) > 0x10FFFF:
            raise self.refuse(f"holds a character of the number {digits[:10]!r}, which there is not")
        return chr(int(digits, 16))

    def characters(self, content: str) -> None:
        if self.pieces is not None:
            self.pieces.append(content)

    def endElement(self, name: str) -> None:
        self.path.pop()
        match local(name):
            case "pc" if self._in_text() and self.pieces is not None and self.ids:
                self.pieces.append(f"</{self.ids.pop()}>")
            case "note" if self.pieces is not None:
                self._end_note("".join(self.pieces))
                self.pieces = None
            case ("source" | "target") as side if self.pieces is not None and self.path[-1] in ("segment", "ignorable"):
                # A tool may cut a unit in spite of `canResegment`: the parts are one text.
                self.texts[side] += "".join(self.pieces)
                self.pieces = None
                if len(self.texts[side].encode(errors="surrogatepass")) > MAX_TEXT_BYTES:
                    raise self.refuse(f"a text has more than {MAX_TEXT_BYTES} bytes")
            case "unit":
                self._end_unit()

    def _end_note(self, text: str) -> None:
        if self.category != _OURS:
            self.comments += text.splitlines()
        elif text.startswith("signoff {") and "unit" not in self.path:
            self.identity = text

    def _end_unit(self) -> None:
        try:
            self.entries.append(
                PoEntry(
                    id=self.unit,
                    source=self.texts["source"],
                    target=self.texts["target"],
                    fuzzy=self.initial,
                    translator_comments=tuple(self.comments),
                    line=self.line,
                )
            )
        except PoContentError as error:
            raise HandOffError(self.name, self.line, str(error)) from error
