"""A termbase as TBX-Basic: ISO 30042:2019 in and out (`<tbx>`), ISO 30042:2008 in (`<martif>`).

Takes   XML bytes in either style: DCA (`<termNote type="partOfSpeech">`) or DCT (`<min:partOfSpeech>`)
Gives   rows with their lines; and the bytes of a termbase: 2019, DCA, UTF-8
Always  read_tbx undoes write_tbx; the same termbase gives the same bytes; entities, deep nesting and huge files are
        refused with a line; nothing is loaded from elsewhere; data that we have no column for stands in the note

TBX-Basic has no place for forms and for our two flags. They travel as notes that begin with `Signoff`, which every
other tool shows to its reader.
"""

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.saxutils import escape, quoteattr
from xml.sax.xmlreader import Locator

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from pipeline.errors import TermsError
from pipeline.terms.csv_file import MOST_BYTES
from pipeline.terms.model import FORMS_MARK, ID, Concept, PartOfSpeech, Termbase, TermStatus, clean
from pipeline.terms.rows import Reading, Refused, Row, row

NAMESPACE = "urn:iso:std:iso:30042:ed-2"
DEEPEST = 40
"""How deep elements may be nested; TBX needs nine."""
_CONCEPT = frozenset({"conceptEntry", "termEntry"})
_LANGUAGE = frozenset({"langSec", "langSet"})
_TERM = frozenset({"termSec", "tig", "ntig"})
_OUTER = frozenset({"tbx", "martif", "text", "body"})
_XML = "http://www.w3.org/XML/1998/namespace"
_STATUS = {
    "preferredTerm": "preferred",
    "admittedTerm": "admitted",
    "deprecatedTerm": "forbidden",
    "supersededTerm": "forbidden",
}
_STATUS_OUT = {
    TermStatus.PREFERRED: "preferredTerm-admn-sts",
    TermStatus.ADMITTED: "admittedTerm-admn-sts",
    TermStatus.FORBIDDEN: "deprecatedTerm-admn-sts",
}
_OURS = re.compile(r"Signoff (forms|do_not_translate|critical|note): (.*)", re.DOTALL)
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9._-]+")


def read_tbx(data: bytes, where: str) -> Reading:
    """The rows of a TBX file. Raises TermsError with the line where it is no TBX, or no XML that is safe to read."""
    if len(data) > MOST_BYTES:
        raise TermsError(where, None, f"is too large: a termbase has {MOST_BYTES} bytes at most")
    handler = _Handler(where)
    parser = make_parser()
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    parser.forbid_external = False  # a DTD that is only named is passed over, not loaded: feature_external_ges is off
    handler.setDocumentLocator(parser)
    try:
        parser.feed(data)  # in one piece: older expat reads a long token again with every piece
        parser.close()
    except DefusedXmlException as error:
        raise TermsError(where, handler.line, "declares entities, which could be a trap: take the DTD out") from error
    except SAXParseException as error:
        raise TermsError(where, error.getLineNumber(), f"is no XML: {error.getMessage()}") from error
    except (ValueError, LookupError) as error:
        raise TermsError(where, 1, f"cannot be read: {error}; save it as UTF-8") from error
    return Reading(
        rows=tuple(handler.rows), refused=tuple(handler.refused), kept_in_notes=tuple(dict.fromkeys(handler.kept))
    )


@dataclass(slots=True)
class _Element:
    """One open element."""

    name: str
    kind: str
    """Its data category: the attribute `type`, or in DCT style its own name."""
    target: str
    container: bool
    text: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _OpenConcept:
    line: int
    id: str
    notes: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    terms: list[tuple[int, dict[str, str], list[str]]] = field(default_factory=list)
    """Line, cells, notes."""


class _Handler(ContentHandler):
    """Collects rows as the elements go by; keeps one concept in memory beside them."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where
        self.rows: list[Row] = []
        self.refused: list[Refused] = []
        self.kept: list[str] = []
        self._open: list[_Element] = []
        self._concept: _OpenConcept | None = None
        self._locale = ""
        self._cells: dict[str, str] | None = None
        self._notes: list[str] = []
        self._term_line = 0
        self._ids: dict[str, int] = {}
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:
        """The parser says where it is."""
        self._locator = locator

    @property
    def line(self) -> int:
        """The line that is being read."""
        return (self._locator.getLineNumber() if self._locator else 1) or 1

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:
        """An element opens."""
        space, local = name
        if not self._open and local not in ("tbx", "martif"):
            raise TermsError(self.where, self.line, f"is no TBX: its first element is {local!r}, not tbx or martif")
        if len(self._open) >= DEEPEST:
            raise TermsError(self.where, self.line, f"is nested more than {DEEPEST} elements deep")
        foreign = space not in (None, NAMESPACE)
        kind = local if foreign else attrs.get((None, "type"), "")
        container = not foreign and (local in _OUTER | _CONCEPT | _LANGUAGE | _TERM or local.endswith("Grp"))
        self._open.append(_Element(local, kind or local, attrs.get((None, "target"), ""), container))
        if local in _CONCEPT:
            if self._concept is not None:
                raise TermsError(self.where, self.line, "has a concept within a concept")
            self._concept = _OpenConcept(self.line, attrs.get((None, "id"), ""))
        elif local in _LANGUAGE:
            self._locale = attrs.get((_XML, "lang"), "")
        elif local in _TERM:
            if self._concept is None or self._cells is not None:
                raise TermsError(self.where, self.line, "has a term that stands in no concept, or within another term")
            self._cells, self._notes, self._term_line = {"locale": self._locale}, [], self.line

    def characters(self, content: str) -> None:
        """Text; what strays between the elements of a concept is kept too."""
        if self._open and not self._open[-1].container:
            self._open[-1].text.append(content)
        elif self._concept is not None and content.strip():
            self._keep("text", clean(content), self._concept.notes if self._cells is None else self._notes)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        """An element closes."""
        element = self._open.pop()
        parent = self._open[-1] if self._open else None
        if self._concept is None:
            return
        if not element.container:
            if parent is not None and not parent.container:
                parent.text += element.text  # inline markup within a text: <hi>
            else:
                self._datum(element)
        elif element.name in _LANGUAGE:
            self._locale = ""
        elif element.name in _TERM and self._cells is not None:
            self._concept.terms.append((self._term_line, self._cells, self._notes))
            self._cells = None
        elif element.name in _CONCEPT:
            self._finish(self._concept)
            self._concept = None

    def _datum(self, element: _Element) -> None:
        """One piece of data about a term, a language or a concept."""
        concept, cells, text = self._concept, self._cells, clean("".join(element.text))
        if concept is None or not (text or element.target):
            return
        notes = self._notes if cells is not None else concept.notes
        if element.name == "term" and cells is not None and "term" not in cells:
            cells["term"] = text
        elif element.name == "note":
            self._note(text, notes)
        elif element.kind == "partOfSpeech" and cells is not None and text in set(PartOfSpeech):
            cells["part_of_speech"] = text
        elif element.kind == "administrativeStatus" and text.removesuffix("-admn-sts") in _STATUS and cells is not None:
            cells["status"] = _STATUS[text.removesuffix("-admn-sts")]
            if text.startswith("superseded"):
                self._keep(element.kind, text, notes)
        elif element.kind == "source" and cells is not None and "source" not in cells:
            cells["source"] = text
        else:
            self._keep(element.kind, f"{text} ({element.target})" if element.target else text, notes)

    def _keep(self, kind: str, text: str, notes: list[str]) -> None:
        self.kept.append(kind)
        notes.append(f"{kind}: {text}")

    def _note(self, text: str, notes: list[str]) -> None:
        ours = _OURS.fullmatch(text)
        if ours and ours[1] == "note":
            notes.append(ours[2])
        elif ours and ours[1] == "forms" and self._cells is not None:
            self._cells["forms"] = ours[2]
        elif ours and ours[1] != "forms" and self._concept is not None and self._cells is None:
            self._concept.flags[ours[1]] = ours[2]
        else:
            notes.append(text)

    def _finish(self, concept: _OpenConcept) -> None:
        """The rows of a concept that is complete. Its own notes and flags go to its first term."""
        first = next((cells.get("term", "") for _, cells, _ in concept.terms), "")
        concept_id = _id_of(concept.id or first)
        if not concept.terms:
            self.refused.append(Refused(line=concept.line, what=concept_id or "a concept", reason="has no term"))
            return
        if concept_id in self._ids:
            reason = f"its id {concept_id} is that of the concept in line {self._ids[concept_id]}"
            self.refused.append(Refused(line=concept.line, what=concept_id, reason=reason))
            return
        self._ids[concept_id] = concept.line
        for place, (line, cells, notes) in enumerate(concept.terms):
            flags, all_notes = (concept.flags, concept.notes + notes) if place == 0 else ({}, notes)
            more = {"note": "; ".join(all_notes)} if all_notes else {}
            self.rows.append(row(line, {"concept": concept_id, **cells, **flags, **more}))


def _id_of(text: str) -> str:
    """An id as a termbase wants it: `12` → `_12`, `panic disorder` → `panic-disorder`."""
    if ID.fullmatch(text):
        return text
    plain = _NOT_IN_ID.sub("-", text).strip("-")[:99]
    return plain if re.match("[A-Za-z_]", plain) else f"_{plain}" if plain else ""


def write_tbx(termbase: Termbase, *, source_locale: str = "en") -> bytes:
    """The bytes of a termbase as TBX-Basic 2019, style DCA."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<tbx type="TBX-Basic" style="dca" xml:lang={quoteattr(source_locale)} xmlns="{NAMESPACE}">',
        "  <tbxHeader>",
        "    <fileDesc>",
        "      <sourceDesc>",
        "        <p>A termbase of Signoff</p>",
        "      </sourceDesc>",
        "    </fileDesc>",
        "  </tbxHeader>",
        "  <text>",
        "    <body>",
    ]
    for concept in termbase.concepts:
        lines += _concept_lines(concept)
    lines += ["    </body>", "  </text>", "</tbx>"]
    return ("\n".join(lines) + "\n").encode()


def _concept_lines(concept: Concept) -> list[str]:
    lines = [f"      <conceptEntry id={quoteattr(concept.id)}>"]
    lines += ["        <note>Signoff do_not_translate: yes</note>"] if concept.do_not_translate else []
    lines += ["        <note>Signoff critical: yes</note>"] if concept.critical else []
    for locale, terms in groupby(concept.terms, key=lambda term: term.locale):
        lines.append(f"        <langSec xml:lang={quoteattr(locale.tag)}>")
        for term in terms:
            # A note of a person that looks like one of ours is written so that it is not taken for one.
            note = f"Signoff note: {term.note}" if _OURS.fullmatch(term.note) else term.note
            data = (
                ("term", "", term.text),
                ("termNote", "partOfSpeech", term.part_of_speech.value),
                ("termNote", "administrativeStatus", _STATUS_OUT[term.status]),
                ("admin", "source", term.source),
                ("note", "", f"Signoff forms: {f' {FORMS_MARK} '.join(term.forms)}" if term.forms else ""),
                ("note", "", note),
            )
            lines.append("          <termSec>")
            for name, kind, text in data:
                if text:
                    said = f" type={quoteattr(kind)}" if kind else ""
                    lines.append(f"            <{name}{said}>{escape(text)}</{name}>")
            lines.append("          </termSec>")
        lines.append("        </langSec>")
    lines.append("      </conceptEntry>")
    return lines
