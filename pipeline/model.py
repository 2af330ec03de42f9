"""The nouns: what the rest of Signoff takes and gives. Imports nothing of ours but the errors.

Everything here is frozen: a change makes a new one (`dataclasses.replace`; a named tuple's `_replace`), and equality is
all the fields.
Texts are NFC; hashes are SHA-256 in lower-case hex over UTF-8.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import babel

from pipeline.errors import LocaleError


@lru_cache(maxsize=1 << 14)
def text_hash(text: str) -> str:
    """SHA-256 of the NFC text, 64 hex digits: the identity of a source or a target."""
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()


_TAG = re.compile(r"<(/?)([a-z])([1-9][0-9]{0,3})(/?)>")
"""A placeable as it stands in a source or a target: `<a2>`, `</a2>`, `<x3/>`."""


def tags_of(text: str) -> Iterator[re.Match[str]]:
    """The placeable tags in a source or target, in order. Groups: "/" if closing, letter, number, "/" if alone."""
    return _TAG.finditer(text)


def visible_text(text: str) -> str:
    """What a reader sees of a source or target: no placeable tags, NFC, each run of blanks one space, trimmed.

    >>> visible_text("Do <b1>not</b1>  stop.<x2/>")
    'Do not stop.'
    """
    untagged = _TAG.sub("", text) if "<" in text else text
    return " ".join(unicodedata.normalize("NFC", untagged).split())


@dataclass(frozen=True, slots=True, order=True)
class Locale:
    """A BCP 47 tag that exists: `es`, `pt-BR`, `zh-Hant-TW`. Parsed once, at the edge."""

    tag: str

    @staticmethod
    @lru_cache(maxsize=512)
    def parse(tag: str) -> "Locale":
        """The canonical locale of a tag ("pt-br" → "pt-BR"). Raises LocaleError for what the CLDR does not know."""
        try:
            if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", tag):
                raise ValueError(tag)
            known = babel.Locale.parse(tag, sep="-")
        except (ValueError, babel.UnknownLocaleError) as error:
            raise LocaleError(f"unknown locale {tag!r}: write a BCP 47 tag such as es, ca or pt-BR") from error
        return Locale(
            "-".join(
                part
                for part in (
                    known.language,
                    known.script if known.script and known.script.lower() in tag.lower() else None,
                    known.territory,
                )
                if part
            )
        )

    @property
    def language(self) -> str:
        """The language subtag: `pt` of `pt-BR`."""
        return _language(self.tag)

    @property
    def po(self) -> str:
        """The tag as gettext writes it: `pt_BR`. # gettext's Language header wants pt_BR, BCP 47 has pt-BR"""
        return self.tag.replace("-", "_")

    @property
    def babel(self) -> babel.Locale:
        """The CLDR data of this locale."""
        return _cldr(self.tag)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return _direction(self.tag)

    @property
    def autonym(self) -> str:
        """The language's name in itself: `español`, `português (Brasil)`."""
        return _autonym(self.tag)

    def __str__(self) -> str:
        return self.tag


@lru_cache(maxsize=512)  # every check asks it of every text
def _language(tag: str) -> str:
    return tag.partition("-")[0]


@lru_cache(maxsize=512)
def _cldr(tag: str) -> babel.Locale:
    return babel.Locale.parse(tag, sep="-")


@lru_cache(maxsize=512)
def _direction(tag: str) -> str:
    return _cldr(tag).text_direction


@lru_cache(maxsize=512)
def _autonym(tag: str) -> str:
    return _cldr(tag).get_display_name(tag.replace("-", "_")) or tag


class ArticleFormat(StrEnum):
    """What an article is written in; the value is the file's ending."""

    PLAIN_TEXT = "txt"
    MARKDOWN = "md"
    HTML = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One English article, exactly as it lies in `source_content/`."""

    slug: str
    """The path below `source_content` without its ending, `/` between folders."""
    format: ArticleFormat
    data: bytes

    @property
    def sha256(self) -> str:
        """The hash of the bytes: the name of this revision."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def path(self) -> str:
        """The file's path below `source_content`."""
        return f"{self.slug}.{self.format.value}"


@lru_cache(maxsize=4096)
def slug_in_id(slug: str) -> str:
    """A slug as it stands in a unit's id: letters `[A-Za-z0-9.-]`, 45 at most.

    `/` becomes `.`, any other letter `-`; a longer one keeps 36 letters and 8 of its hash.

    >>> slug_in_id("heart/what_is it")
    'heart.what-is-it'
    """
    plain = re.sub(r"[^A-Za-z0-9.-]", "-", slug.replace("/", "."))
    return plain if len(plain) <= 45 else f"{plain[:36]}-{text_hash(slug)[:8]}"


class SegmentKind(StrEnum):
    """What a segment is to the reader of the page."""

    TITLE = "title"
    DESCRIPTION = "description"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list item"
    TABLE_HEADER = "table header"
    TABLE_CELL = "table cell"
    QUOTE = "quote"
    FOOTNOTE = "footnote"
    CAPTION = "caption"
    ALT_TEXT = "alt text"
    ATTRIBUTE = "attribute"


class PlaceableKind(StrEnum):
    """What an inline part is; the value is for the reviewer's comment."""

    BOLD = "bold"
    EMPHASIS = "emphasis"
    LINK = "link"
    CODE = "code"
    IMAGE = "image"
    FOOTNOTE_MARK = "footnote mark"
    LINE_BREAK = "line break"
    MARKUP = "markup"
    LITERAL = "literal text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeable:
    """An inline part that must survive translation, written in the text as `<b1>…</b1>` or `<x3/>`."""

    letter: str
    """One lower-case letter: b bold, i emphasis, a link, g other pairs, x what stands alone."""
    number: int
    """From 1, in the order of the opening tags; unique in its segment."""
    kind: PlaceableKind
    opening: str
    """The article's own characters for the opening tag, or for the whole part if it stands alone."""
    closing: str = ""
    """The article's own characters for the closing tag; empty exactly when the part stands alone."""
    address: str = ""
    """Where a link or an image points, for the reviewer's comment."""

    @property
    def alone(self) -> bool:
        """Whether it is one `<x3/>` instead of a pair."""
        return self.letter == "x"


LOOKS = frozenset({PlaceableKind.BOLD, PlaceableKind.EMPHASIS, PlaceableKind.LINE_BREAK})
"""Placeables that say how words look, not what is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of source text cut from one article, mostly a sentence.

    Content is identity: a segment is (slug, source hash, occurrence). `number` is given once by the store and never
    reused; straight from `extract` it is `position + 1`, good for looking, not for keeping.
    """

    slug: str
    number: int
    position: int
    """Place in the reading order of this revision of the article, from 0; the key into its Skeleton."""
    source: str
    """NFC, inline parts as placeable tags, no blank at either edge, never empty."""
    kind: SegmentKind
    heading_path: tuple[str, ...]
    """The visible texts of the headings above it, outermost first; the article's title is not among them."""
    block: int
    """Sentences of one paragraph, item or cell share a block; ascending, from 0; the index into Skeleton.blocks."""
    start: int
    end: int
    """Bytes [start, end) in the article."""
    placeables: tuple[Placeable, ...] = ()
    around: tuple[str, ...] = ()
    """What the inline parts round the whole of it say, which stay in the skeleton: a link's address, a strike."""
    before: str = ""
    """The source of the segment before it in the article; empty for the first."""

    @property
    def source_hash(self) -> str:
        """The identity of the English: its text, what its placeables stand for, and what stands round it.

        `Take <x1/>.` is another sentence when the code behind `<x1/>` is `500 mg` and no longer `5 mg`, or when a link
        leads elsewhere. How bold or emphasis is marked up is no part of it. A link by reference, `[a][1]`, says in its
        own characters not where it leads: its definition stands elsewhere in the article.
        """
        if not self.placeables and not self.around:  # most
            return text_hash(self.source)
        behind = [
            f"{p.letter}{p.number}\x1e{p.opening}\x1e{p.closing}"
            + (f"\x1e{p.address}" if p.closing.endswith("]") else "")
            for p in self.placeables
            if p.kind not in LOOKS
        ]
        around = ("\x1d", *self.around) if self.around else ()
        return text_hash("\x1f".join((self.source, *behind, *around)))

    @property
    def context_hash(self) -> str:
        """Hash of where it stands: its heading path and the sentence before it."""
        return text_hash("\x1f".join((*self.heading_path, self.before)))

    @property
    def id(self) -> str:
        """The msgctxt: `<slug>:<number, 4 digits or more>:<8 hex of the source hash>`."""
        return f"{slug_in_id(self.slug)}:{self.number:04d}:{self.source_hash[:8]}"


class Place(StrEnum):
    """How a text must be written to stand where its segment stood."""

    PLAIN = "plain text"
    MARKDOWN = "markdown"
    MARKDOWN_CELL = "markdown table cell"
    YAML = "yaml scalar"
    """A text of the front matter. Written as a JSON string, which YAML and TOML both read."""
    HTML = "html text"
    HTML_ATTRIBUTE = "html attribute"


class Span(NamedTuple):
    """The bytes [start, end) of an article that one segment was cut from, and what is needed to fill them again.

    A named tuple, as Block is: every run makes one of each for all that it reads, in less than half the time.
    """

    start: int
    end: int
    place: Place
    source: str
    placeables: tuple[Placeable, ...]


class Block(NamedTuple):
    """A paragraph, heading, item or cell: the bytes [start, end) with its markers, around one or more segments."""

    start: int
    end: int
    kind: SegmentKind
    level: int = 0
    """Heading level 1 to 6, or the depth of a list item from 1; otherwise 0."""
    marker: str = ""
    """A plain-text list item's own marker: `•`, `-`, `1.`; otherwise empty."""
    guessed: bool = False
    """Whether the kind was guessed by shape (plain-text headings)."""
    furniture: str = ""
    """The rule of `signoff.toml` that excludes it as page furniture; empty for the article's own text."""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """Bytes [start, end) of an article that no segment holds though they have letters, and why: a code block."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """The article with its segments taken out: `data` outside of `spans` is copied as it stands.

    `spans[i]` belongs to the segment with position i; spans ascend and are disjoint.
    """

    format: ArticleFormat
    data: bytes = field(repr=False)
    spans: tuple[Span, ...]
    blocks: tuple[Block, ...]
    """In reading order; furniture blocks have no segments."""
    left_alone: tuple[LeftAlone, ...] = ()
    """What is not for translation, in reading order: code, scripts, keys of the front matter that nobody reads."""

    def __hash__(self) -> int:
        """Of the bytes alone, which know theirs: one of all spans takes longer than what is looked up by it."""
        return hash(self.data)

    @property
    def sha256(self) -> str:
        """The revision that the spans index."""
        return hashlib.sha256(self.data).hexdigest()


class OriginKind(StrEnum):
    """Where a target text came from."""

    NONE = "none"
    ENGINE = "engine"
    MEMORY = "memory"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one target text came from, precisely enough to answer for it."""

    kind: OriginKind = OriginKind.NONE
    name: str = ""
    """The engine's name, the reviewer's id, or the id of the unit that the memory took it from."""
    version: str = ""
    """The engine's version and settings, with its pivot: `3.8.3 en→es→pt_BR`."""
    doubts: tuple[str, ...] = ()
    """What the machine was unsure of, each for the reviewer to read: an unknown word, a guessed placeable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A segment and its target text in one locale: the thing people review.

    Its review state is not here: it is derived from what people signed (review/signoffs.py).
    """

    segment: Segment
    target_locale: Locale
    target: str = ""
    """Has the placeables of `segment.source`, in any order. Empty exactly when the origin is NONE."""
    origin: Origin = Origin()

    def __post_init__(self) -> None:
        if (self.target == "") != (self.origin.kind is OriginKind.NONE):
            raise ValueError(f"{self.segment.id}: target {self.target!r} cannot have origin {self.origin.kind}")

    @property
    def target_hash(self) -> str:
        """The identity of the target text."""
        return text_hash(self.target)


class ReviewState(StrEnum):
    """How far people have come with a unit; derived from the ledger, never set."""

    UNTRANSLATED = "untranslated"
    DRAFT = "draft"
    PROPOSED = "proposed"
    REVIEWED = "reviewed"
    SIGNED_OFF = "signed-off"


UNREAD = frozenset({ReviewState.UNTRANSLATED, ReviewState.DRAFT})
"""States in which nobody has answered for a text: the memory and machines may help."""


class Severity(StrEnum):
    """What a finding does: an error blocks sign-off and publishing, a warning asks for a look, a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check says about one text pair. Spans are [start, end) in code points."""

    check: str
    severity: Severity
    message: str
    source_span: tuple[int, int] | None = None
    target_span: tuple[int, int] | None = None


class Risk(StrEnum):
    """What a wrong translation of this segment could do."""

    CRITICAL = "critical"
    STANDARD = "standard"
