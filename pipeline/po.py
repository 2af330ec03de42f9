"""Write the PO file that a reviewer edits, and read the one that comes back. The only place that knows PO.

Takes   PoFile: the entries of one article in one locale (run.py, review/packs.py); or the bytes of a returned file
Gives   bytes, the same for the same entries; or a PoFile, or a PoSyntaxError that names the line
Always  read_po(write_po(file), name) == file
Source  GNU gettext manual 0.21, chapter "The Format of PO Files"

Writing is polib's work. Reading is our own: polib takes many broken files without a word, goes quadratic on long
entries and obeys a charset that is not so. What a PO file can carry is checked when an entry is made, so that writing
never produces what reading refuses.
"""

import codecs
import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import NoReturn

import polib

from pipeline.errors import LocaleError, LocalizationError, PoSyntaxError
from pipeline.model import Locale

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_ENTRIES = 50_000
MAX_TEXT_BYTES = 64 * 1024
"""Of one id, source or target, in UTF-8."""

BYTE_ORDER_MARK = "UTF-8 byte order mark"
CRLF = "CRLF line ends"

_NOT_IN_A_TEXT = re.compile("[\x00\x04\ud800-\udfff]")
"""NUL ends a C string, gettext glues context and msgid with U+0004 and refuses it, a surrogate is not UTF-8."""
_NOT_IN_A_COMMENT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_COMMENT_END = "\\" + "".join(character for character in map(chr, range(0x3001)) if character.isspace())
"""Not at the end of a comment: gettext joins a line that ends in a backslash with the one below, even a comment."""
_NOT_IN_A_HEADER = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class PoContentError(LocalizationError):
    """What was to be written cannot stand in a PO file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoEntry:
    """One unit as gettext writes it.

    A comment is one line without blanks at its edges or a backslash at its end: line breaks make several of it, other
    control characters a space, and empty ones go. So no comment can begin an entry, or swallow the one below.
    Raises PoContentError for a text that no PO file can carry.
    """

    id: str = ""
    """The msgctxt, a unit's id; empty if the file has none."""
    source: str
    """The msgid; never empty, for that is the header."""
    target: str = ""
    """The msgstr."""
    fuzzy: bool = False
    """gettext's "do not use yet"; not a fuzzy match. Never without a target: gettext's tools drop it there."""
    notes: tuple[str, ...] = ()
    """The `#.` lines, ours, for the reviewer."""
    translator_comments: tuple[str, ...] = ()
    """The `#` lines, the reviewer's: `ok`, `? is this the arm or the hand`."""
    previous_source: str = ""
    """The `#|` msgid: the former English; empty if there is none."""
    line: int = field(default=0, compare=False)
    """From 1: where its msgctxt or msgid stands in the file read; 0 if it was not read."""

    def __post_init__(self) -> None:
        if not self.source:
            raise PoContentError(f"entry {self.id!r}: the source is empty, which in a PO file means the header")
        _check_text(self, "id", self.id)
        _check_text(self, "source", self.source)
        _check_text(self, "target", self.target)
        _check_text(self, "previous_source", self.previous_source)
        object.__setattr__(self, "fuzzy", self.fuzzy and self.target != "")
        object.__setattr__(self, "notes", _comment_lines(self.notes))
        object.__setattr__(self, "translator_comments", _comment_lines(self.translator_comments))


@dataclass(frozen=True, slots=True, kw_only=True)
class PoFile:
    """The entries of one article in one locale, in reading order. Raises PoContentError if it cannot be written."""

    article: str = ""
    """The slug (X-Article-Id); empty if the file read does not say."""
    target_locale: Locale
    export_id: str = ""
    """See `export_id()` (X-Export-Id); empty if the file read does not say."""
    entries: tuple[PoEntry, ...] = ()
    obsolete: tuple[PoEntry, ...] = ()
    """The `#~` entries that an editor set aside. PO keeps no notes there."""
    headers: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """All header fields of the file read, in its order; write_po writes its own."""
    repaired: tuple[str, ...] = field(default=(), compare=False)
    """What was tolerated in reading: BYTE_ORDER_MARK, CRLF."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "obsolete", tuple(replace(entry, notes=()) for entry in self.obsolete))
        for name, value in (("article", self.article), ("export_id", self.export_id)):
            if value != value.strip(" ") or _NOT_IN_A_HEADER.search(value):
                raise PoContentError(f"{name} {value!r} cannot stand in a PO header: it is not one trimmed line")
        if len(self.entries) + len(self.obsolete) > MAX_ENTRIES:
            raise PoContentError(f"{self.article}: more than {MAX_ENTRIES} entries, divide the article")
        keys = {(entry.id, entry.source) for entry in self.entries}
        if len(keys) != len(self.entries):
            raise PoContentError(f"{self.article}: two entries have the same id and source")


def export_id(slug: str, locale: Locale, entries: Iterable[PoEntry]) -> str:
    """The name of an export: 16 hex digits of the SHA-256 of article, locale, and ids, sources and targets sent.

    16 are enough: the store looks it up among one workspace's exports, and nobody's safety rests on it.
    """
    sent = [slug, locale.tag, [[entry.id, entry.source, entry.target] for entry in entries]]
    return hashlib.sha256(json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()[:16]


_INSTRUCTIONS = """\
Correct the text after msgstr, and remove the fuzzy flag when it is right.
Keep each tag such as <b1>…</b1> or <x2/> exactly once, around the words it belongs to.
Above an entry marked critical write "# ok" if it is right unchanged; write "# ?" and your question where unsure.
What needs you most says "order: 1 of 3" above it, then 2, then 3: search the comments for it."""

_NO_DATE = "YEAR-MO-DA HO:MI+ZONE"
"""What gettext writes for a date that is not known. Without the field Emacs sets the whole header aside; an empty one
stops Babel."""


def write_po(file: PoFile) -> bytes:
    """The file as UTF-8 with LF, unwrapped and without dates: the same entries give the same bytes.

    `msgfmt -c` accepts it, and warns of the fields that would be noise: date, last translator, team.
    Raises PoContentError above MAX_FILE_BYTES.
    """
    po = polib.POFile(wrapwidth=0)
    po.header = _INSTRUCTIONS
    po.metadata = {
        "Project-Id-Version": "signoff",
        "PO-Revision-Date": _NO_DATE,
        "Language": file.target_locale.po,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if file.article:
        po.metadata["X-Article-Id"] = file.article
    if file.export_id:
        po.metadata["X-Export-Id"] = file.export_id
    po.extend(_polib_entry(entry, obsolete=False) for entry in file.entries)
    po.extend(_polib_entry(entry, obsolete=True) for entry in file.obsolete)
    data = str(po).encode()
    if len(data) > MAX_FILE_BYTES:
        raise PoContentError(f"{file.article}: the PO file would have {len(data)} bytes, more than {MAX_FILE_BYTES}")
    return data


def read_po(data: bytes, name: str) -> PoFile:
    """The file that came back, in time linear in its length. `name` is for the messages.

    Takes what editors write: wrapped texts, any order of header fields, references, flags, former and obsolete
    entries, CRLF, a byte order mark. Raises PoSyntaxError with the line for all else; plural forms are not taken,
    for no unit has them.

    >>> file = read_po(b'msgid ""\\nmsgstr "Language: es\\\\n"\\n\\nmsgid "Rest."\\nmsgstr "Repose."\\n', "a.po")
    >>> file.entries[0].line
    4
    """
    text, repaired = _decoded(data, name)
    reader = _Reader(name)
    for number, line in enumerate(text.split("\n"), 1):
        reader.read_line(number, line.strip(_BLANKS))
    return reader.file(repaired)


def _check_text(entry: PoEntry, name: str, text: str) -> None:
    """Raise PoContentError unless a PO file can carry one of an entry's texts."""
    if text.isascii() and text.isprintable() and len(text) <= MAX_TEXT_BYTES:
        return  # the quick way for most of them
    what = f"entry {entry.id!r}: {name}"
    if bad := _NOT_IN_A_TEXT.search(text):
        raise PoContentError(f"{what} has the character U+{ord(bad[0]):04X}, which no PO file can carry")
    if too_long(text):
        raise PoContentError(f"{what} has {len(text.encode())} bytes, more than {MAX_TEXT_BYTES}")


def too_long(text: str) -> bool:
    """Whether a text is longer than an entry may be."""
    return 4 * len(text) > MAX_TEXT_BYTES and len(text.encode()) > MAX_TEXT_BYTES


def _comment_lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of some comments, each fit to stand behind `#`."""
    if not texts:
        return ()
    lines = texts  # most are one line that can be printed
    if not all(map(str.isprintable, texts)):
        lines = tuple(_NOT_IN_A_COMMENT.sub(" ", line) for text in texts for line in text.splitlines())
    return tuple(line for text in lines if (line := text.lstrip().rstrip(_COMMENT_END)))


def _polib_entry(entry: PoEntry, *, obsolete: bool) -> polib.POEntry:
    return polib.POEntry(
        msgctxt=entry.id or None,
        msgid=entry.source,
        msgstr=entry.target,
        comment="\n".join(entry.notes),
        tcomment="\n".join(entry.translator_comments),
        flags=["fuzzy"] if entry.fuzzy else [],
        previous_msgid=entry.previous_source or None,
        obsolete=obsolete,
    )


# ---- reading

_BLANKS = " \t\f\v"
"""gettext's blanks between the parts of a line; a no-break space is not one."""
_KEYWORD = re.compile(r"(msgctxt|msgid_plural|msgid|msgstr(?:\[[0-9]*\])?|domain)(?![A-Za-z0-9_])")
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_FOUND_CHARACTERS = 60


def _decoded(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text with LF line ends, and what was tolerated. Raises PoSyntaxError."""
    if len(data) > MAX_FILE_BYTES:
        raise PoSyntaxError(name, 1, expected=f"at most {MAX_FILE_BYTES} bytes", found=f"{len(data)} bytes")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise PoSyntaxError(name, 1, expected="a file in UTF-8", found="UTF-16")
    if (at := data.find(b"\0")) >= 0:
        raise PoSyntaxError(name, data.count(b"\n", 0, at) + 1, expected="text in UTF-8", found="a NUL byte")
    repaired = []
    if data.startswith(codecs.BOM_UTF8):
        repaired.append(BYTE_ORDER_MARK)
        data = data.removeprefix(codecs.BOM_UTF8)
    if b"\r\n" in data:
        repaired.append(CRLF)
        data = data.replace(b"\r\n", b"\n")
    if (at := data.find(b"\r")) >= 0:
        raise PoSyntaxError(name, data.count(b"\n", 0, at) + 1, expected="line ends LF or CRLF", found="a lone CR")
    try:
        return data.decode(), tuple(repaired)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = data[error.start : error.end].hex(" ")
        raise PoSyntaxError(name, line, expected="text in UTF-8", found=f"the bytes {found}") from error


class _Text:
    """A msgctxt, msgid or msgstr while its lines come in."""

    __slots__ = ("line", "pieces", "size")

    def __init__(self, line: int) -> None:
        self.line, self.size = line, 0
        self.pieces: list[tuple[int, str]] = []

    def __str__(self) -> str:
        return self.pieces[0][1] if len(self.pieces) == 1 else "".join(piece for _, piece in self.pieces)


class _Draft:
    """An entry while its lines come in."""

    __slots__ = ("comments", "fuzzy", "notes", "obsolete", "previous", "previous_open", "texts")

    def __init__(self) -> None:
        self.texts: dict[str, _Text] = {}
        self.notes: list[str] = []
        self.comments: list[str] = []
        self.previous: dict[str, _Text] = {}
        self.previous_open = ""
        self.fuzzy = self.obsolete = False

    def text(self, keyword: str) -> str:
        return str(self.texts.get(keyword, ""))

    @property
    def line(self) -> int:
        return next(iter(self.texts.values())).line

    @property
    def missing(self) -> str:
        """The keyword that must come next; empty for an entry that is complete."""
        if "msgstr" in self.texts:
            return ""
        return "msgstr" if "msgid" in self.texts else "msgid"


class _Reader:
    """Takes a PO file line by line, gives a PoFile, or raises PoSyntaxError at the first line that is not PO."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.draft = _Draft()
        self.header: _Draft | None = None
        self.entries: list[PoEntry] = []
        self.obsolete: list[PoEntry] = []
        self.lines_of: dict[tuple[str, str], int] = {}
        self.last_line = 1

    def refuse(self, line: int, *, expected: str, found: str) -> NoReturn:
        raise PoSyntaxError(self.name, line, expected=expected, found=found[:_FOUND_CHARACTERS])

    def read_line(self, number: int, line: str) -> None:
        """Take one line, without blanks at its edges."""
        if not line:
            return
        self.last_line = number
        if line.startswith("#~"):
            rest = line[2:].strip(_BLANKS)
            if rest.startswith("|"):
                self.read_previous(number, rest[1:].strip(_BLANKS))
            elif rest:
                self.read_statement(number, rest, obsolete=True)
        elif line.startswith("#"):
            self.read_comment(number, line)
        else:
            self.read_statement(number, line, obsolete=False)

    def read_comment(self, number: int, line: str) -> None:
        """Take a `#` line: it belongs to the entry below."""
        if line.startswith("#|"):
            self.read_previous(number, line[2:].strip(_BLANKS))
            return
        self.begin_comments(number, line)
        mark, rest = line[1:2], line[2:]
        if mark == ".":
            self.draft.notes.append(rest)
        elif mark in (",", "="):  # "=" since gettext 0.25
            self.draft.fuzzy |= "fuzzy" in (flag.strip(_BLANKS) for flag in rest.split(","))
        elif mark != ":":
            self.draft.comments.append(line[1:])

    def begin_comments(self, number: int, line: str) -> None:
        """A comment may stand only before an entry: close the one above."""
        if not self.draft.texts:
            return
        if self.draft.missing:
            self.refuse(number, expected=f"{self.draft.missing} of the entry in line {self.draft.line}", found=line)
        self.close_entry()

    def read_previous(self, number: int, line: str) -> None:
        """Take what stands behind `#|`: the former msgctxt or msgid of the entry below."""
        self.begin_comments(number, line)
        keyword, rest = self.keyword(number, line)
        if keyword:
            if keyword.startswith("msgstr") or keyword in self.draft.previous:
                self.refuse(number, expected="one former msgctxt or msgid", found=line)
            self.draft.previous[keyword] = _Text(number)
            self.draft.previous_open = keyword
        elif not self.draft.previous_open:
            self.refuse(number, expected="a former msgctxt or msgid", found=line)
        self.add(number, rest, self.draft.previous[self.draft.previous_open])

    def read_statement(self, number: int, line: str, *, obsolete: bool) -> None:
        """Take a keyword with its text, or a text that continues the one above."""
        keyword, rest = self.keyword(number, line)
        if keyword:
            self.begin_text(number, keyword, line)
            if len(self.draft.texts) == 1:
                self.draft.obsolete = obsolete
        elif not self.draft.texts:
            self.refuse(number, expected="msgctxt, msgid or a comment", found=line)
        if self.draft.obsolete != obsolete:
            self.refuse(
                number,
                expected=f"{'#~ before' if self.draft.obsolete else 'no #~ in'} each line of the "
                f"entry in line {self.draft.line}",
                found=line,
            )
        self.add(number, rest, next(reversed(self.draft.texts.values())))

    def keyword(self, number: int, line: str) -> tuple[str, str]:
        """The keyword that a line begins with (empty if it begins with a text), and what follows."""
        if line.startswith('"'):
            return "", line
        match = _KEYWORD.match(line)
        if match is None or match[1] == "domain":
            self.refuse(number, expected="msgctxt, msgid, msgstr, a text in quotes or a comment", found=line)
        return match[1], line[match.end() :].lstrip(_BLANKS)

    def begin_text(self, number: int, keyword: str, line: str) -> None:
        """Open the text of a keyword, in the order msgctxt, msgid, msgstr."""
        if keyword == "msgid_plural" or keyword.startswith("msgstr["):
            self.refuse(number, expected="an entry without plural forms", found=line)
        missing = self.draft.missing
        if keyword == "msgctxt" and self.draft.texts and missing:
            self.refuse(number, expected=f"{missing} of the entry in line {self.draft.line}", found=line)
        if keyword == "msgid" and missing == "msgstr":
            self.refuse(number, expected=f"msgstr of the entry in line {self.draft.line}", found=line)
        if keyword == "msgstr" and missing != "msgstr":
            self.refuse(number, expected="msgid before its msgstr", found=line)
        if keyword != "msgstr" and not missing:
            self.close_entry()
        self.draft.texts[keyword] = _Text(number)

    def add(self, number: int, quoted: str, text: _Text) -> None:
        """Add the one text in quotes that makes up the rest of a line."""
        match = _QUOTED.match(quoted)
        if match is None:
            self.refuse(
                number,
                expected='a closing "' if quoted.startswith('"') else "a text in quotes",
                found=quoted or "the end of the line",
            )
        if match.end() < len(quoted):
            self.refuse(
                number,
                expected='the end of the line (is a quote inside the text not written \\"?)',
                found=quoted[match.end() :],
            )
        piece = match[1]
        if "\\" in piece:
            piece = _ESCAPE.sub(lambda escape: self.unescaped(number, escape), piece)
        if "\x04" in piece:
            self.refuse(number, expected="text", found="the control character U+0004")
        text.size += len(piece) if piece.isascii() else len(piece.encode())
        if text.size > MAX_TEXT_BYTES:
            self.refuse(number, expected=f"a text of at most {MAX_TEXT_BYTES} bytes", found=piece)
        text.pieces.append((number, piece))

    def unescaped(self, number: int, escape: re.Match[str]) -> str:
        character = _ESCAPED.get(escape[1])
        if character is None:
            self.refuse(number, expected='one of \\n \\t \\" \\\\ after a backslash', found=escape[0])
        return character

    def close_entry(self) -> None:
        """The entry is complete: keep it."""
        draft, self.draft = self.draft, _Draft()
        if self.header is None:
            if draft.text("msgid") or "msgctxt" in draft.texts or draft.obsolete:
                self.refuse(draft.line, expected='the header (msgid "") as the first entry', found=draft.text("msgid"))
            self.header = draft
            return
        if not draft.text("msgid"):
            self.refuse(draft.line, expected="a msgid with a text, or only one header", found='msgid ""')
        entry = PoEntry(
            id=draft.text("msgctxt"),
            source=draft.text("msgid"),
            target=draft.text("msgstr"),
            fuzzy=draft.fuzzy,
            notes=tuple(draft.notes),
            translator_comments=tuple(draft.comments),
            previous_source=str(draft.previous.get("msgid", "")),
            line=draft.line,
        )
        if len(self.entries) + len(self.obsolete) == MAX_ENTRIES:
            self.refuse(entry.line, expected=f"at most {MAX_ENTRIES} entries", found=entry.source)
        if draft.obsolete:
            self.obsolete.append(entry)
            return
        first = self.lines_of.setdefault((entry.id, entry.source), entry.line)
        if first != entry.line:
            self.refuse(
                entry.line, expected=f"no second entry like that in line {first}", found=entry.id or entry.source
            )
        self.entries.append(entry)

    def file(self, repaired: tuple[str, ...]) -> PoFile:
        """All that was read. Raises PoSyntaxError for an unfinished last entry and for a header that is not ours."""
        if self.draft.texts:
            if self.draft.missing:
                self.refuse(
                    self.last_line,
                    expected=f"{self.draft.missing} of the entry in line {self.draft.line}",
                    found="the end of the file",
                )
            self.close_entry()
        if self.header is None:
            self.refuse(self.last_line, expected='the header (msgid "")', found="the end of the file")
        fields = self.header_fields(self.header.texts["msgstr"])
        headers = {name.lower(): (value, line) for name, value, line in fields}
        self.check_charset(*headers.get("content-type", ("", 0)))
        return PoFile(
            article=self.one_line(*headers.get("x-article-id", ("", 0))),
            target_locale=self.locale(*headers.get("language", ("", self.header.line))),
            export_id=self.one_line(*headers.get("x-export-id", ("", 0))),
            entries=tuple(self.entries),
            obsolete=tuple(self.obsolete),
            headers=tuple((name, value) for name, value, _ in fields),
            repaired=repaired,
        )

    def header_fields(self, text: _Text) -> list[tuple[str, str, int]]:
        """Name, value and line of each header field."""
        lines = [line for line, _ in text.pieces]
        starts = list(accumulate((len(piece) for _, piece in text.pieces), initial=0))[:-1]
        fields: list[tuple[str, str, int]] = []
        seen: set[str] = set()
        at = 0
        for written in str(text).split("\n"):
            line = lines[bisect_right(starts, at) - 1]
            at += len(written) + 1
            name, colon, value = (part.strip(_BLANKS) for part in written.partition(":"))
            if not written.strip(_BLANKS):
                continue
            if not (colon and name):
                self.refuse(line, expected="a header field such as Language: es", found=written)
            if name.lower() in seen:
                self.refuse(line, expected=f"one header field {name}", found=written)
            seen.add(name.lower())
            fields.append((name, value, line))
        return fields

    def check_charset(self, content_type: str, line: int) -> None:
        """Refuse a header that declares another charset: nobody can tell which of the two is true."""
        match = re.search(r"charset\s*=\s*([^\s;]+)", content_type, re.IGNORECASE)
        if match and match[1].strip("\"'").lower() not in ("utf-8", "utf8"):
            self.refuse(line, expected="charset=UTF-8", found=f"charset={match[1]}")

    def locale(self, language: str, line: int) -> Locale:
        try:
            return Locale.parse(language.replace("_", "-"))
        except LocaleError:
            self.refuse(line, expected="a header field Language such as es or pt_BR", found=language or "none")

    def one_line(self, value: str, line: int) -> str:
        if _NOT_IN_A_HEADER.search(value):
            self.refuse(line, expected="a header field without control characters", found=value)
        return value


# ---- reading a file from anywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignEntry:
    """A msgid with its msgstr in a PO file that is not ours; each plural form is an entry of its own."""

    id: str
    """The msgctxt; empty if the file has none."""
    source: str
    plural_source: str
    """The msgid_plural; empty for an entry without plural forms."""
    form: int
    """Which msgstr: 0 for the only one."""
    target: str
    fuzzy: bool
    line: int
    """From 1: where its msgctxt or msgid stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignPo:
    """What a PO file from anywhere says."""

    target_locale: Locale | None
    """None if the header has no Language, or none that exists."""
    entries: tuple[ForeignEntry, ...]
    obsolete: int
    """How many entries an editor set aside (`#~`)."""


def read_foreign_po(data: bytes, name: str) -> ForeignPo:
    """A PO file from anywhere, in time linear in its length: with plural forms, without a header, in its own charset.

    As strict as `read_po` about what is no PO at all. Raises PoSyntaxError with the line.

    >>> file = read_foreign_po(b'msgid "a"\\nmsgid_plural "b"\\nmsgstr[0] "c"\\nmsgstr[1] "d"\\n', "x.po")
    >>> [(entry.form, entry.target) for entry in file.entries]
    [(0, 'c'), (1, 'd')]
    """
    text, _ = _decoded(_as_utf_8(data, name), name)
    reader = _ForeignReader(name)
    for number, line in enumerate(text.split("\n"), 1):
        reader.read_line(number, line.strip(_BLANKS))
    return reader.foreign_file()


_CHARSET = re.compile(rb"Content-Type:[^\"\n]{0,80}charset=([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_HEADER_BYTES = 8192


def _as_utf_8(data: bytes, name: str) -> bytes:
    """The bytes in UTF-8, if the header names another charset that Python knows. Raises PoSyntaxError if it lies."""
    found = _CHARSET.search(data[:_HEADER_BYTES])
    charset = found[1].decode() if found else "utf-8"
    try:
        if len(data) > MAX_FILE_BYTES or codecs.lookup(charset).name in ("utf-8", "ascii"):
            return data
        return data.decode(charset).encode()
    except (LookupError, UnicodeError) as error:  # CHARSET is what xgettext writes; other texts are UTF-8 mostly
        if isinstance(error, LookupError):
            return data
        raise PoSyntaxError(name, 1, expected=f"text in {charset}, as its header says", found="other bytes") from error


class _ForeignReader(_Reader):
    """Takes plural forms, equal entries and a file without header as well."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.draft = _ForeignDraft()
        self.found: list[ForeignEntry] = []
        self.set_aside = 0

    def begin_text(self, number: int, keyword: str, line: str) -> None:
        """Open the text of a keyword, in the order msgctxt, msgid, msgid_plural, msgstr."""
        texts = self.draft.texts
        plural = keyword == "msgid_plural" and "msgid" in texts and self.draft.missing == "msgstr"
        if plural or (keyword.startswith("msgstr[") and "msgid_plural" in texts and keyword not in texts):
            texts[keyword] = _Text(number)
        elif keyword.startswith("msgstr[") or keyword == "msgid_plural":
            self.refuse(number, expected="msgid and msgid_plural before msgstr[0]", found=line)
        else:
            super().begin_text(number, keyword, line)

    def close_entry(self) -> None:
        """The entry is complete: keep it, one for each form."""
        draft, self.draft = self.draft, _ForeignDraft()
        source = draft.text("msgid")
        if not source and "msgctxt" not in draft.texts and not draft.obsolete:
            self.header = self.header or draft
            return
        if draft.obsolete:
            self.set_aside += 1
            return
        if len(self.found) >= MAX_ENTRIES:
            self.refuse(draft.line, expected=f"at most {MAX_ENTRIES} entries", found=source)
        for form, keyword in enumerate(key for key in draft.texts if key.startswith("msgstr")):
            self.found.append(
                ForeignEntry(
                    id=draft.text("msgctxt"),
                    source=source,
                    plural_source=draft.text("msgid_plural"),
                    form=form,
                    target=draft.text(keyword),
                    fuzzy=draft.fuzzy,
                    line=draft.line,
                )
            )

    def foreign_file(self) -> ForeignPo:
        """All that was read. Raises PoSyntaxError for an unfinished last entry."""
        if self.draft.texts:
            if self.draft.missing:
                expected = f"{self.draft.missing} of the entry in line {self.draft.line}"
                self.refuse(self.last_line, expected=expected, found="the end of the file")
            self.close_entry()
        language = re.search(
            r"^Language:[ \t]*([\w@.-]+)", self.header.text("msgstr") if self.header else "", re.MULTILINE
        )
        locale = None
        if language:
            try:
                locale = Locale.parse(re.split("[.@]", language[1])[0].replace("_", "-"))
            except LocaleError:
                locale = None
        return ForeignPo(target_locale=locale, entries=tuple(self.found), obsolete=self.set_aside)


class _ForeignDraft(_Draft):
    """An entry that may have plural forms."""

    __slots__ = ()

    @property
    def missing(self) -> str:
        """The keyword that must come next; empty for an entry that is complete."""
        if any(keyword.startswith("msgstr") for keyword in self.texts):
            return ""
        return "msgstr" if "msgid" in self.texts else "msgid"
