"""The container of XLSX and DOCX: a zip of XML parts that come back from anywhere.

Takes   the bytes of a returned file; of one that a library has written
Gives   its parts, after a look at sizes, names and relations; the same bytes at any time of day
Always  nothing is unpacked to the disk, nothing is followed: no macro, embedded object or outside relation but a typed
        web address is accepted, no entity is expanded, and every loop is linear in a bounded size
Source  ECMA-376 part 2 (Open Packaging Conventions)
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from posixpath import dirname, join, normpath
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from pipeline.errors import HandOffError

MAX_PARTS = 2000
MAX_PART_BYTES = 64 * 1024 * 1024
MAX_TOTAL_BYTES = 256 * 1024 * 1024
MAX_RATIO = 200
"""How much smaller a part over 1 MB may be packed than unpacked; a sheet of equal rows comes to 50."""
MAX_DEPTH = 100

_ACTIVE = re.compile(r"(vbaProject|vbaData|attachedToolbars)\.|/(activeX|embeddings|externalLinks|ctrlProps)/", re.I)
"""Names of parts that can act, or lead elsewhere."""


def read_parts(data: bytes, name: str) -> Mapping[str, bytes]:
    """The XML parts of a container, by their path in it. Raises HandOffError for what is broken or suspicious."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_infos(infos, name)
            parts = {i.filename: archive.read(i) for i in infos if i.filename.endswith((".xml", ".rels"))}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise HandOffError(name, None, f"cannot be read: it is damaged, or no such file at all ({error})") from error
    for path, part in parts.items():
        if path.endswith(".rels"):
            _check_relations(part, name)
    return parts


def _check_infos(infos: Iterable[zipfile.ZipInfo], name: str) -> None:
    infos = list(infos)
    names = [info.filename for info in infos]
    if len(names) > MAX_PARTS or len(set(names)) != len(names):
        raise HandOffError(name, None, f"has {len(names)} parts, more than {MAX_PARTS} or two of one name")
    if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
        raise HandOffError(name, None, f"would unpack to more than {MAX_TOTAL_BYTES} bytes")
    for info in infos:
        large = info.file_size > 1024 * 1024
        if info.file_size > MAX_PART_BYTES or (large and info.file_size > MAX_RATIO * max(info.compress_size, 1)):
            raise HandOffError(name, None, "would unpack to many times its size: nobody's review looks so")
        if info.flag_bits & 1:
            raise HandOffError(name, None, "is locked with a password: save it without one")
        if _ACTIVE.search(f"/{info.filename}"):
            raise HandOffError(name, None, "holds macros, embedded objects or outside links: save it without them")


class _Relations(ContentHandler):
    """The relations of one part."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str, bool]] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if local(name) == "Relationship":
            outside = attrs.get("TargetMode", "").casefold() == "external"
            self.found.append((attrs.get("Id", ""), attrs.get("Type", ""), attrs.get("Target", ""), outside))


def _check_relations(part: bytes, name: str) -> None:
    handler = _Relations()
    parse(part, name, handler)
    for _, kind, _, outside in handler.found:
        # Spreadsheets and Word make a link of every address that is typed; it is never followed.
        if outside and not kind.endswith("/hyperlink"):
            raise HandOffError(
                name, None, "refers to something outside of itself: save it without links to other files"
            )


def related(parts: Mapping[str, bytes], path: str, name: str) -> dict[str, tuple[str, str]]:
    """What a part relates to within the container: {id: (kind, path)}; `path` is "" for the container itself."""
    folder, _, file = path.rpartition("/")
    rels = f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"
    handler = _Relations()
    if rels in parts:
        parse(parts[rels], name, handler)
    return {
        id_: (kind.rpartition("/")[2], normpath(join(dirname(path), target)).lstrip("/"))
        for id_, kind, target, outside in handler.found
        if not outside
    }


def main_part(parts: Mapping[str, bytes], name: str) -> str:
    """The path of the workbook or the document. Raises HandOffError if there is none."""
    found = [path for kind, path in related(parts, "", name).values() if kind == "officeDocument" and path in parts]
    if not found:
        raise HandOffError(name, None, "is no spreadsheet and no Word document")
    return found[0]


def local(name: str) -> str:
    """An element's name without its prefix."""
    return name.rpartition(":")[2]


class _Bounded(ContentHandler):
    """Passes on what a parser sees, as deep as MAX_DEPTH."""

    def __init__(self, handler: ContentHandler, name: str) -> None:
        super().__init__()
        self.handler, self.name, self.depth = handler, name, 0
        self.startDocument, self.endDocument = handler.startDocument, handler.endDocument  # type: ignore[method-assign]
        self.characters = handler.characters  # type: ignore[method-assign]

    def setDocumentLocator(self, locator: Locator) -> None:
        self.handler.setDocumentLocator(locator)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise HandOffError(self.name, None, f"is nested deeper than {MAX_DEPTH} elements")
        self.handler.startElement(name, attrs)

    def endElement(self, name: str) -> None:
        self.depth -= 1
        self.handler.endElement(name)


def parse(data: bytes, name: str, handler: ContentHandler) -> None:
    """Read an XML part. Raises HandOffError with the line for broken XML, a DTD or an entity."""
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(_Bounded(handler, name))
    try:
        parser.parse(io.BytesIO(data))
    except SAXParseException as error:
        raise HandOffError(name, error.getLineNumber() or None, f"is broken XML: {error.getMessage()}") from error
    except DefusedXmlException as error:
        raise HandOffError(name, None, "holds a DTD or an entity: no file of ours does") from error
    except (SAXException, ValueError, LookupError) as error:  # an encoding that nobody knows
        raise HandOffError(name, None, f"is XML that cannot be read: {error}") from error


_WRITTEN = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def stable(data: bytes, name: str) -> bytes:
    """A container as a library wrote it, without the time of day: the same parts give the same bytes.

    Raises HandOffError for one that is so large that it would be refused when it comes back.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as again:
        for info in archive.infolist():
            part = archive.read(info)
            if info.filename == "docProps/core.xml":
                part = _WRITTEN.sub(rb"\g<1>2000-01-01T00:00:00Z\g<3>", part)
            fixed = zipfile.ZipInfo(info.filename, date_time=(1980, 1, 1, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.create_system = 3
            again.writestr(fixed, part)
        if sum(info.file_size for info in again.infolist()) > MAX_PART_BYTES:
            raise HandOffError(name, None, "has too many words for a table: send it as po, or divide the article")
    return out.getvalue()
