"""Read a finished site as a stranger would, and name everything on it that nobody has signed.

Takes   the site's folder and a `Ledgered`: what the exported ledger and the articles say
Gives   a Verification: how much was read, and every text that is not proven, with its page and the reason
Always  no template, page or text of the builder is trusted: another HTML parser reads what lies on the disk, and
        whatever is not known to be right is named (law 7: what is published ⊆ what is signed)
"""

import hashlib
import json
import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from urllib.parse import unquote

from babel.dates import format_date
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.errors import LocaleError, PublishError
from pipeline.model import Locale, Skeleton
from pipeline.publish.addresses import MEDIA, meant, slugs_meant
from pipeline.publish.body import TOGETHER, article_html
from pipeline.publish.layout import CLASSES
from pipeline.publish.pages import CSP, DEMO, FALLBACK, OUTDATED, STALE
from pipeline.publish.site import MANIFEST
from pipeline.publish.stylesheet import why_not_taken
from pipeline.publish.verify_places import Places, wrong_in_head, wrong_link, wrong_linked_data
from pipeline.publish.words import SLUG as WORDS
from pipeline.publish.words import messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the ledger says about who reviewed a page, and when last."""

    reviewers: frozenset[tuple[str, str]] = frozenset()
    """Name and role of each."""
    reviewed_on: date | None = None


class Ledgered(Protocol):
    """What must be known to judge a site. Implemented from the exported ledger and `source_content/`."""

    site_name: str
    base_url: str
    source_locale: Locale
    demo: bool
    """Whether stand-ins signed: each page must say so."""

    def proven(self, slug: str, target_locale: Locale, unit_id: str, visible: str) -> str | None:
        """Why `visible` (as `model.visible_text` gives it) may not stand on the page as this unit; None if it may."""

    def source_text(self, slug: str, unit_id: str) -> str | None:
        """The visible text of a segment of the article's published revision; None if it has no such unit."""

    def expected(self, slug: str, target_locale: Locale) -> tuple[str, ...]:
        """The ids of all units of the article, in reading order."""

    def facts(self, slug: str, target_locale: Locale) -> "SourceFacts | None":
        """What the article itself allows on its pages: see `source_facts`. None if the release has no such page."""

    def review(self, slug: str, target_locale: Locale) -> Review:
        """Who may be named on this page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What an article allows on all its pages, whatever the language."""

    links: tuple[str, ...] = ()
    """Every target of a link, an image or a quotation, as often as it stands there."""
    kept: tuple[str, ...] = ()
    """Every visible text that is not translated, as often: code, footnote marks, attributes that no unit covers."""
    marks: tuple[str, ...] = ()
    """Every element that can change what its text says, as often: a list's numbering, a strike, a cell's span."""
    in_original: frozenset[str] = frozenset()
    """The units that a translated page shows in the original because nobody signed them, by the ledger."""
    kept_in_original: frozenset[str] = frozenset()
    """The units that people signed as staying in the original, by the ledger."""
    revision: str = ""
    """SHA-256 of the article's bytes."""
    original_on: date | None = None
    """The day of the revision that the page rests on."""
    stale: bool = False
    """Whether the original's own page in the release is of another revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproven:
    """A text on a page, or a file, that nobody answers for."""

    page: str
    """The file's path below the site."""
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was read and what was not proven. The site is proven exactly when `unproven` is empty."""

    pages: int
    """Articles' pages."""
    texts: int
    """Texts of units: visible ones, attributes and metadata."""
    unproven: tuple[Unproven, ...]


_ATTRIBUTES = {
    "": {"id", "lang", "dir"},
    "a": {"href", "title", "hreflang"},
    "img": {"src", "alt", "title", "width", "height"},
    "th": {"colspan", "rowspan", "scope", "class"},
    "td": {"colspan", "rowspan", "class"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "time": {"datetime"},
    "abbr": {"title"},
    "div": {"class", "tabindex"},
    "sup": {"class"},
    "span": {"translate", "class"},
    "pre": {"translate"},
}
_TEXT_ATTRIBUTES = ("alt", "title")
_MARKS = {"ol", "ul", "li", "s", "del", "ins", "sub", "sup", "bdo", "td", "th", "dt", "dd"}
_MARKS_BY = {"start", "type", "reversed", "value", "colspan", "rowspan"}
_LINKS = ("href", "src", "cite")
_NEVER = {
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "textarea",
    "select",
    "button",
    "svg",
    "math",
    "video",
    "audio",
    "canvas",
    "base",
    "frame",
    "applet",
    "dialog",
    "link",
    "meta",
}
"""Elements that an article never has."""
_META = {
    "viewport",
    "color-scheme",
    "robots",
    "description",
    "og:title",
    "og:description",
    "og:type",
    "og:site_name",
    "og:url",
}
_FRAME = {
    "body",
    "a",
    "header",
    "div",
    "nav",
    "span",
    "ul",
    "li",
    "main",
    "article",
    "p",
    "strong",
    "bdi",
    "time",
    "section",
    "h1",
    "h2",
    "dl",
    "dt",
    "dd",
    "code",
    "footer",
}
_NOWHERE = {"style", "srcdoc", "hidden", "popover"}
"""Attributes that no element of a page has."""
_FRAME_ARIA = {"aria-labelledby", "aria-current", "aria-hidden"}
_STYLE = re.compile(r"((\.\./)*|/([^:/]+/)*)assets/site\.[0-9a-f]{16}\.css")
_LD = {
    "@context",
    "@type",
    "url",
    "inLanguage",
    "name",
    "description",
    "isPartOf",
    "dateModified",
    "creativeWorkStatus",
    "translationOfWork",
    "reviewedBy",
    "lastReviewed",
}


MAX_DEPTH = 1000
"""Elements inside each other: twice what an article may have, and the frame."""


def source_facts(skeleton: Skeleton) -> SourceFacts:
    """What the article allows: read from the English page's body as this reader reads it."""
    sources = {i: span.source for i, span in enumerate(skeleton.spans)}
    body = article_html(skeleton, sources, {i: f"x:{i:04d}:0" for i in sources})
    found = _facts_on(_tree(f"<main data-article>{body.html}</main>").css("main"))
    return replace(found, links=tuple(sorted(found.links)), kept=tuple(sorted(found.kept)), revision=skeleton.sha256)


def _facts_on(parts: Sequence[LexborNode]) -> SourceFacts:
    """The link targets and untranslated texts that stand in the article parts of a page."""
    links: list[str] = []
    kept: list[str] = []
    for node in (node for part in parts for node in _elements(part)):
        attributes = node.attributes  # made anew each time that it is asked for
        links += [value or "" for name, value in attributes.items() if name in _LINKS]
        kept += [
            _folded(value or "")
            for name, value in attributes.items()
            if name in _TEXT_ATTRIBUTES
            and f"data-unit-{name}" not in attributes
            and not (name == "alt" and _inside(node, "data-unit") and not _inside(node, "data-kept"))
        ]
        if "data-kept" in attributes and _inside(node, "data-unit"):
            kept.append(_text(node))
    kept += [text for part in parts for text in _texts_outside_units(part)]
    marks = tuple(_mark(node) for part in parts for node in _elements(part) if node.tag in _MARKS)
    return SourceFacts(links=tuple(links), kept=tuple(text for text in kept if text), marks=marks)


def _mark(node: LexborNode) -> str:
    says = sorted(f' {name}="{value}"' for name, value in _attributes(node) if name in _MARKS_BY)
    return f"<{node.tag}{''.join(says)}>"


def verify_site(site: Path, ledger: Ledgered) -> Verification:
    """Everything on a built site that is not proven.

    Raises PublishError when there is no readable `release.json` or the site is a preview: a preview proves nothing.
    """
    manifest = _manifest(site)
    unproven = list(_wrong_files(site, manifest))
    reading = _Reading(ledger, _SiteMap.of(manifest))
    reading.read_words(manifest.get("words", {}))
    for entry in manifest["pages"]:
        path = str(entry.get("path"))
        slug, locale = _slug_and_locale(path)
        if locale is None or (slug, locale.tag) != (entry.get("slug"), entry.get("locale")):
            unproven.append(Unproven(page=path, text="", reason="release.json lists it under another address"))
        elif (site / path).is_file():
            days = {str(entry.get("updated_on"))}
            text = (site / path).read_text("utf-8", "replace")
            if why := not_regular(text):
                unproven.append(Unproven(page=path, text="", reason=why))
            else:
                reading.read_article(path, slug, locale, _tree(text), days)
    articles = {str(entry.get("path")) for entry in manifest["pages"]}
    for path in sorted(_html_files(site) - articles):
        if PurePosixPath(path).parts[-2:] == ("sentences", "index.html") and _article_of(path) in articles:
            continue  # the trace quotes drafts and people; its bytes are held by release.json
        days = {str(entry.get("updated_on")) for entry in manifest["pages"]}
        text = (site / path).read_text("utf-8", "replace")
        if why := not_regular(text):
            unproven.append(Unproven(page=path, text="", reason=why))
        else:
            reading.read_frame(path, _tree(text), days)
    return Verification(pages=len(articles), texts=reading.texts, unproven=(*unproven, *reading.unproven))


def unproven_on_pages(
    ledger: Ledgered, manifest: bytes, pages: Iterable[tuple[str, bytes]]
) -> dict[str, tuple[Unproven, ...]]:
    """By path, everything on pages that is not proven, read as `verify_site` reads it, before they go out.

    Those that `release.json` does not list as articles' are read as what stands round them. `manifest` is the
    `release.json` of the site that they are to stand on. The site's own words in a language are read too, each time;
    what is not proven of them stands under the address that their article would have.
    """
    listed = json.loads(manifest)
    reading = _Reading(ledger, _SiteMap.of(listed))
    days = {str(entry["path"]): str(entry["updated_on"]) for entry in listed["pages"]}
    found: dict[str, tuple[Unproven, ...]] = {}

    def note(path: str) -> None:
        if reading.unproven:
            found[path] = tuple(reading.unproven)
            reading.unproven.clear()

    for tag, said in listed["words"].items():
        reading.read_words({tag: said})
        note(f"{tag}/{WORDS}/index.html")
    for path, data in pages:
        slug, locale = _slug_and_locale(path)
        text = data.decode("utf-8", "replace")
        if why := not_regular(text):
            found[path] = (Unproven(page=path, text="", reason=why),)
        elif locale and path in days:
            reading.read_article(path, slug, locale, _tree(text), {days[path]})
        else:
            reading.read_frame(path, _tree(text), set(days.values()))
        note(path)
    return found


# Files -----------------------------------------------------------------------------------------------------------


def _manifest(site: Path) -> dict[str, Any]:
    path = site / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        files, pages = manifest["files"], manifest["pages"]
        if not isinstance(files, dict) or not all(isinstance(entry, dict) for entry in pages):
            raise ValueError("its files or pages have another shape")
        preview = manifest["preview"]
    except FileNotFoundError as error:
        raise PublishError(f"{site} has no {MANIFEST}: it is not a site that Signoff built") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PublishError(f"{path} cannot be read: {error}") from error
    if preview is not False:
        raise PublishError(f"{site} is a preview, and a preview proves nothing: publish first")
    return dict(manifest)


def _wrong_files(site: Path, manifest: Mapping[str, Any]) -> Iterator[Unproven]:
    """Files that are not those of release.json."""
    files: dict[str, str] = manifest["files"]
    found = {
        path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    for name in sorted(found.keys() - files.keys() - {MANIFEST}):
        yield Unproven(page=name, text="", reason="release.json does not list this file")
    for name, expected in sorted(files.items()):
        path = found.get(name)
        if path is None:
            yield Unproven(page=name, text="", reason="release.json lists this file, and it is missing")
        elif path.is_symlink() or not path.is_file():
            yield Unproven(page=name, text="", reason="a link or special file stands in the place of the file")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            yield Unproven(page=name, text="", reason="its bytes are not those that release.json names")
        elif name.startswith("assets/") and expected[:16] not in name:
            yield Unproven(page=name, text="", reason="its name does not hold the hash of its content")
        elif name.endswith(".css") and (why := why_not_taken(path.read_bytes())):
            yield Unproven(page=name, text="", reason=f"the style sheet is not one that only arranges: {why}")
    for entry in manifest["pages"]:
        if files.get(str(entry.get("path"))) != entry.get("sha256"):
            yield Unproven(page=str(entry.get("path")), text="", reason="release.json names two hashes for it, or none")


def _html_files(site: Path) -> set[str]:
    return {
        path.relative_to(site).as_posix()
        for path in site.rglob("*")
        if path.is_file() and path.suffix.lower() in (".html", ".htm", ".xhtml")
    }


def _article_of(path: str) -> str:
    return str(PurePosixPath(path).parent.parent / "index.html")


def _slug_and_locale(path: str) -> tuple[str, Locale | None]:
    parts = PurePosixPath(path).parts
    try:
        locale = Locale.parse(parts[0])
    except (LocaleError, IndexError):
        return "", None
    good = len(parts) > 2 and parts[-1] == "index.html" and locale.tag == parts[0]
    return "/".join(parts[1:-1]), locale if good else None


_DOCTYPE = re.compile(r"\s*<!doctype html>", re.IGNORECASE)
_TAG = re.compile(
    r"""<(?:(/)([a-zA-Z][a-zA-Z0-9]*)\s*|([a-zA-Z][a-zA-Z0-9]*)"""
    r"""(?:\s+[^\s"'<>/=]+(?:=(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*/?)>"""
)
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_RAW = {"script": re.compile(r"</script\s*>", re.IGNORECASE)}


def not_regular(text: str) -> str:
    """Why a page is not read at all, as a sentence; empty for one as `publish` writes it.

    There each element is closed in its place and no `<` stands alone. Browsers repair anything else, in time that
    grows with the square of the depth: a page of 200,000 open elements would keep the reader for minutes. Linear.
    """
    opened: list[str] = []
    start = _DOCTYPE.match(text)
    at = text.find("<", start.end() if start else 0)
    while at >= 0:
        tag = _TAG.match(text, at)
        if tag is None:
            return f"its markup is not what publish writes, from character {at} on: the page is not read"
        closing, name = tag[1], (tag[2] or tag[3]).lower()
        at = tag.end()
        if closing:
            if not opened or opened.pop() != name:
                return f"</{name}> closes what is not open, at character {tag.start()}: the page is not read"
        elif name in _RAW:
            end = _RAW[name].search(text, at)
            if end is None:
                return f"<{name}> is never closed: the page is not read"
            at = end.end()
        elif name not in _VOID:
            opened.append(name)
            if len(opened) > MAX_DEPTH:
                return f"it has more than {MAX_DEPTH} elements inside each other: the page is not read"
        at = text.find("<", at)
    return f"<{opened[-1]}> is never closed: the page is not read" if opened else ""


# Reading HTML ----------------------------------------------------------------------------------------------------


def _tree(text: str) -> LexborHTMLParser:
    return LexborHTMLParser(text)


def _elements(root: LexborNode) -> Iterator[LexborNode]:
    """All elements below a node and itself, in document order."""
    for node in root.traverse(include_text=False):
        if not (node.tag or "-").startswith(("-", "!")):
            yield node


def _attributes(node: LexborNode) -> Iterator[tuple[str, str]]:
    for name, value in node.attributes.items():
        yield name, value or ""


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def _walk(node: LexborNode, enter: Callable[[LexborNode], bool], *, images: bool = False) -> Iterator[LexborNode]:
    """Text nodes below a node, and images if asked for, going only into the elements that `enter` allows."""
    stack = [node]
    while stack:
        at = stack.pop()
        if at.tag == "-text" or (images and at.tag == "img" and "data-unit-alt" not in at.attributes):
            yield at
        elif at is node or enter(at):
            stack.extend(reversed(list(_children(at))))


def _elements_around(root: LexborNode, attribute: str) -> Iterator[LexborNode]:
    """The elements below a node and itself, but for those inside one with this attribute."""
    stack = [root]
    while stack:
        at = stack.pop()
        if not (at.tag or "-").startswith(("-", "!")):
            yield at
            if at is root or attribute not in at.attributes:
                stack.extend(reversed(list(_children(at))))


def _raw(nodes: Iterator[LexborNode]) -> str:
    return "".join((node.attributes.get("alt") if node.tag == "img" else node.text_content) or "" for node in nodes)


def _text(node: LexborNode) -> str:
    return _folded(_raw(_walk(node, lambda _: True)))


def _folded(text: str) -> str:
    """As `visible_text` folds, but what reads like a placeable on a page is text to the reader, and stays."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _unit_text(node: LexborNode) -> str:
    """A unit's visible text, an image in it being its alt text. What is kept (`data-kept`) is not part of it."""
    return _folded(_raw(_walk(node, lambda below: "data-kept" not in below.attributes, images=True)))


def _texts_outside_units(root: LexborNode) -> Iterator[str]:
    for node in _walk(root, lambda below: "data-unit" not in below.attributes):
        if text := _folded(node.text_content or ""):
            yield text


_LETTER = re.compile(r"[^\W\d_]")
"""Words are in a language; a number or a footnote mark is not."""
_ASSET = re.compile(r"assets/([^/]+)\.[0-9a-f]{16}(\.[a-z0-9]+)")


@dataclass(frozen=True, slots=True)
class _SiteMap:
    """Which pages there are, by release.json, and what their links mean."""

    published: Mapping[str, frozenset[str]]
    """The locales of each article."""
    redirects: Mapping[str, str]
    """Files at old addresses, each with the page that it leads to."""
    files: frozenset[str] = frozenset()

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "_SiteMap":
        """What release.json lists."""
        published: dict[str, set[str]] = {}
        for entry in manifest["pages"]:
            published.setdefault(str(entry.get("slug")), set()).add(str(entry.get("locale")))
        redirects = manifest.get("redirects")
        return cls(
            {slug: frozenset(tags) for slug, tags in published.items()},
            redirects if isinstance(redirects, dict) else {},
            frozenset({MANIFEST, *manifest["files"]}),
        )

    def on_page(self, path: str, slug: str, address: str) -> tuple[str, str]:
        """What an address on a page means, as `in_article` says it, and the locale of the page that it leads to."""
        way, _, fragment = address.partition("#")
        if way and not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|[/\\?]", way):
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(way)))
            if asset := _ASSET.fullmatch(place):
                return f"file {asset[1]}{asset[2]}", ""
            tag, _, rest = place.removesuffix("/index.html").partition("/")
            if tag in self.published.get(rest, ()):
                return f"article {rest}#{fragment}", tag
        return self.in_article(slug, address), ""

    def in_article(self, slug: str, address: str) -> str:
        """What an address in an article means: an article that is published, a file beside it, or what it says."""
        found = meant(address, slug)
        if found is None:
            return address
        moved = {_slug_and_locale(old)[0]: _slug_and_locale(new)[0] for old, new in self.redirects.items()}
        for other in slugs_meant(found[0]):
            other = other if other in self.published else moved.get(other, other)
            if other in self.published:
                return f"article {other}#{found[1][1:]}"
        file = PurePosixPath(found[0])
        if file.suffix[1:].lower() in MEDIA:
            return f"file {re.sub(r'[^A-Za-z0-9_-]', '-', file.stem)[:60]}{file.suffix.lower()}"
        return address


@dataclass
class _Reading:
    """What was seen so far on all pages."""

    ledger: Ledgered
    site: _SiteMap
    english: frozenset[str] = field(default_factory=lambda: frozenset(messages()))
    """The site's own words as Signoff's templates say them."""
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    """By locale the site's own words that are signed, each by its English in the ledger."""
    texts: int = 0
    unproven: list[Unproven] = field(default_factory=list)
    seen: dict[tuple[str, Locale], dict[str, str]] = field(default_factory=dict)
    """The proven visible texts of each page's title and description, by the unit's id."""

    def read_words(self, listed: object) -> None:
        """The site's own words, as release.json says that they were signed; each is judged like any text."""
        try:
            items = dict(listed).items()  # type: ignore[call-overload]
            said = {Locale.parse(tag): [[(str(i), str(t)) for i, t in word] for word in some] for tag, some in items}
        except (AttributeError, ValueError, TypeError, LocaleError):
            self._say(MANIFEST, "", "its words have another shape")
            return
        for locale, some in said.items():
            if self.ledger.facts(WORDS, locale) is None:
                self._say(MANIFEST, "", f"it has words in {locale}, and the newest release has none")
                continue
            english: dict[str, str] = {}
            for word in some:
                for unit_id, text in word:
                    self._judge(MANIFEST, WORDS, locale, unit_id, text, self.seen.setdefault((WORDS, locale), {}))
                sources = [self.ledger.source_text(WORDS, unit_id) or "" for unit_id, _ in word]
                english[" ".join(sources)] = " ".join(text for _, text in word)
            self.words[locale.tag] = english

    def _said(self, word: str, locale: Locale) -> set[str]:
        """How one of the site's own words may stand on a page: in English, or as it was signed."""
        return {word, self.words.get(locale.tag, {}).get(word, word)}

    def _say(self, page: str, text: str, reason: str) -> None:
        self.unproven.append(Unproven(page=page, text=text, reason=reason))

    # An article's page

    def read_article(self, path: str, slug: str, locale: Locale, tree: LexborHTMLParser, days: set[str]) -> None:
        """Every text of one page: its units, what is beside them, its metadata, its frame. `days` may be named."""
        facts = self.ledger.facts(slug, locale)
        if facts is None:
            self._say(path, "", "the newest release has no such page")
            return
        texts: dict[str, str] = {}
        self._frame_of_page(path, locale, tree)
        order: list[str] = []
        parts = tree.css("[data-article]")
        for part in parts:
            for node in _elements(part):
                order += self._article_element(path, slug, locale, node, texts)
        self._compare_with_source(path, _facts_on(parts), facts)
        self._languages(path, locale, tree, facts)
        self._staleness(path, locale, tree, facts)
        days = days | ({facts.original_on.isoformat()} if facts.original_on else set())
        self._metadata(path, slug, locale, tree, texts, facts)
        for text, reason in wrong_linked_data(path, slug, tree, self._places, days):
            self._say(path, text, reason)
        self._demonstration(path, locale, tree)
        self._order(path, slug, locale, order, texts)
        # An index may name an article by what its metadata names; of thousands of pages no more is kept.
        named = {one for node in tree.css("title, meta") for one in _units_named(node)}
        self.seen[slug, locale] = {unit_id: text for unit_id, text in texts.items() if unit_id in named}
        self._chrome(path, slug, locale, tree, days)

    def _article_element(
        self, path: str, slug: str, locale: Locale, node: LexborNode, texts: dict[str, str]
    ) -> list[str]:
        """The unit ids that this element carries, after judging its attributes and, if it is a unit, its text."""
        tag = node.tag or ""
        if tag in _NEVER:
            self._say(path, f"<{tag}>", "an article has no such element")
        carried = []
        for name, value in _attributes(node):
            if name == "data-unit":
                if _inside(node, "data-unit"):
                    self._say(path, _text(node), f"unit {value} lies inside another unit")
                self._judge(path, slug, locale, value, _unit_text(node), texts)
                carried.append(value)
            elif name.startswith("data-unit-"):
                carried += self._attribute_units(path, slug, locale, node, name, value, texts)
            elif name == "class" and not ({value} if tag == "span" else set(value.split())) <= _classes_of(tag):
                self._say(path, value, f"<{tag}> has the class {value!r}, which no article's page has")
            elif name not in _ATTRIBUTES[""] | _ATTRIBUTES.get(tag, set()) | {"data-article", "data-kept"}:
                self._say(path, value, f"<{tag}> has an attribute {name}, which no article's page has")
        return carried

    def _languages(self, path: str, locale: Locale, tree: LexborHTMLParser, facts: SourceFacts) -> None:
        """What stands in the original says so, and the page too; nothing else on it is in another language.

        The original's own page says of its passages what the article says.
        """
        for part in tree.css("[data-article]"):
            for node in _walk(part, lambda below: "data-unit" not in below.attributes):
                text = _folded(node.text_content or "")
                if locale != self.ledger.source_locale and _LETTER.search(text) and not _says_untranslated(node):
                    self._say(path, text, "nobody signs such a text, and the page does not say that it is untranslated")
        for node in tree.css("[data-article] [data-unit]") if locale != self.ledger.source_locale else ():
            unit_id = node.attributes.get("data-unit") or ""
            original = unit_id in facts.in_original or unit_id in facts.kept_in_original
            expected = self.ledger.source_locale.tag if original else locale.tag
            if _language(node) != expected:
                self._say(path, _unit_text(node), f"{unit_id}: the page does not say that it is in {expected}")
        shown = [_text(node) for node in tree.css(".notice.fallback")]
        titles = self._said(FALLBACK[1], locale)
        if bool(facts.in_original) != any(title in text for text in shown for title in titles):
            self._say(path, " ".join(shown), "the notice on passages in the original is missing, or has no reason")

    def _staleness(self, path: str, locale: Locale, tree: LexborHTMLParser, facts: SourceFacts) -> None:
        """A page whose original has changed since says so, and no other does."""
        shown = [_text(node) for node in tree.css(".notice.stale")]
        titles = self._said(STALE[1], locale)
        if facts.stale != any(title in text for text in shown for title in titles):
            self._say(path, " ".join(shown), "the notice that the original has changed is missing, or has no reason")

    def _demonstration(self, path: str, locale: Locale, tree: LexborHTMLParser) -> None:
        """A page that stand-ins signed says so, and is closed to search engines."""
        if not self.ledger.demo:
            return
        shown = [_text(node) for node in tree.css(".notice.demo")]
        if not any(title in text for text in shown for title in self._said(DEMO[1], locale)):
            self._say(path, " ".join(shown), "the page does not say that it is a demonstration")
        if not any("noindex" in (node.attributes.get("content") or "") for node in tree.css('meta[name="robots"]')):
            self._say(path, "", "the page of a demonstration is open to search engines")

    @cached_property
    def _places(self) -> Places:
        ledger, site = self.ledger, self.site
        return Places(
            ledger.base_url, ledger.site_name, ledger.source_locale, site.published, site.redirects, site.files
        )

    @cached_property
    def _tags(self) -> frozenset[str]:
        return frozenset(tag for tags in self.site.published.values() for tag in tags)

    def _compare_with_source(self, path: str, page: SourceFacts, source: SourceFacts) -> None:
        """Links and untranslated texts are those of the article, no more and no fewer."""
        slug, locale = _slug_and_locale(path)
        leads = [self.site.on_page(path, slug, address) for address in page.links]
        for (meaning, tag), address in zip(leads, page.links, strict=True):
            tags = self.site.published.get(meaning.removeprefix("article ").partition("#")[0], ())
            if locale and tag and tag != locale.tag and (tag != self.ledger.source_locale.tag or locale.tag in tags):
                self._say(path, address, "a link leads to a page in another language, though there is one in this")
        page = replace(page, links=tuple(meaning for meaning, _ in leads))
        source = replace(source, links=tuple(self.site.in_article(slug, address) for address in source.links))
        for here, there, what in (
            (page.links, source.links, "link target"),
            (page.kept, source.kept, "text of its own"),
            (page.marks, source.marks, "step, strike or cell"),
        ):
            more, fewer = Counter(here) - Counter(there), Counter(there) - Counter(here)
            for text in sorted(more):
                self._say(path, text, f"it stands outside of every unit: the article has no such {what}")
            for text in sorted(fewer):
                self._say(path, text, f"this {what} of the article is missing")

    def _attribute_units(
        self, path: str, slug: str, locale: Locale, node: LexborNode, name: str, value: str, texts: dict[str, str]
    ) -> list[str]:
        """`data-unit-alt="ID"` says that the alt attribute is the text of that unit."""
        attribute = name.removeprefix("data-unit-")
        ids = value.split()
        if attribute not in _TEXT_ATTRIBUTES or len(ids) != 1:
            self._say(path, value, f"{name} does not name one unit")
            return []
        self._judge(path, slug, locale, ids[0], _folded(node.attributes.get(attribute) or ""), texts)
        return ids

    def _judge(self, path: str, slug: str, locale: Locale, unit_id: str, visible: str, texts: dict[str, str]) -> None:
        self.texts += 1
        if locale == self.ledger.source_locale:
            source = self.ledger.source_text(slug, unit_id)
            reason = None if source == visible else "it is not the sentence of the original"
            reason = "the article has no such unit" if source is None else reason
        else:
            reason = self.ledger.proven(slug, locale, unit_id, visible)
        if reason is not None:
            self._say(path, visible, f"{unit_id}: {reason}")
        texts.setdefault(unit_id, visible)

    def _order(self, path: str, slug: str, locale: Locale, order: list[str], texts: Mapping[str, str]) -> None:
        expected = self.ledger.expected(slug, locale)
        for unit_id in sorted(
            {unit_id for unit_id in order if order.count(unit_id) > 1} if len(set(order)) < len(order) else ()
        ):
            self._say(path, texts[unit_id], f"{unit_id}: it is on the page more than once")
        for unit_id in expected:
            if unit_id not in texts:
                self._say(path, "", f"{unit_id}: it is not on the page")
        known = set(expected)
        for unit_id in order:
            if unit_id not in known:
                self._say(path, texts[unit_id], f"{unit_id}: the article has no such unit")
        shown = [unit_id for unit_id in dict.fromkeys(order) if unit_id in known]
        on_page = set(shown)
        for is_now, should_be in zip(shown, (one for one in expected if one in on_page), strict=True):
            if is_now != should_be:
                self._say(path, texts[is_now], f"{is_now}: it stands where {should_be} belongs")
                break

    # Metadata

    def _metadata(
        self,
        path: str,
        slug: str,
        locale: Locale,
        tree: LexborHTMLParser,
        texts: dict[str, str],
        facts: SourceFacts,
    ) -> None:
        """Title, description and JSON-LD say what the units say, and nothing else."""
        said: dict[str, str] = {"title": "", "description": ""}
        titles = tree.css("title")
        for node in titles:
            said["title"] = _text(node)
            self._joined(path, slug, locale, said["title"], node.attributes.get("data-unit-text") or "", texts)
        if len(titles) != 1:
            self._say(path, "", "a page has one title")
        for node in tree.css("meta"):
            name = node.attributes.get("name") or node.attributes.get("property") or ""
            content = _folded(node.attributes.get("content") or "")
            if name in ("description", "og:title", "og:description"):
                self._joined(path, slug, locale, content, node.attributes.get("data-unit-content") or "", texts)
                said["description"] = content if name == "description" else said["description"]
        for node in tree.css("script"):
            if node.attributes.get("type") != "application/ld+json" or node.attributes.get("src") is not None:
                continue  # named by _frame_of_page
            self._linked_data(path, slug, locale, _raw(_walk(node, lambda _: True)), said, facts)

    def _joined(self, path: str, slug: str, locale: Locale, text: str, units: str, texts: dict[str, str]) -> None:
        """A text that is one or more units joined by blanks. A unit that is nowhere else is judged here."""
        ids = units.split()
        if len(ids) == 1 and ids[0] not in texts:
            self._judge(path, slug, locale, ids[0], text, texts)
            return
        if not ids or " ".join(texts.get(unit_id, "\0") for unit_id in ids) != text:
            self._say(path, text, "it is not the text of the units that it names")

    def _linked_data(
        self, path: str, slug: str, locale: Locale, text: str, said: Mapping[str, str], facts: SourceFacts
    ) -> None:
        review = self.ledger.review(slug, locale)
        try:
            data = json.loads(text)
        except ValueError:
            data = None
        if not isinstance(data, dict) or data.keys() - _LD:
            self._say(path, text.strip(), "it is not the page's structured data")
            return
        if data.get("name") != said["title"] or data.get("description", "") != said["description"]:
            self._say(path, f"{data.get('name')} {data.get('description')}", "structured data differs from the page")
        if data.get("@type") != "MedicalWebPage" or data.get("inLanguage") != locale.tag:
            self._say(path, str(data.get("inLanguage")), "structured data names another language or kind of page")
        part, work = data.get("isPartOf", {}), data.get("translationOfWork", {})
        if (
            part.get("name") != self.ledger.site_name
            or part.keys() - {"@type", "name", "url"}
            or work.keys() - {"@type", "url", "inLanguage", "version", "dateModified"}
        ):
            self._say(path, str(part.get("name")), "structured data names another site")
        if data.get("creativeWorkStatus", "") != (OUTDATED if facts.stale else ""):
            self._say(path, str(data.get("creativeWorkStatus")), "structured data does not say how old the page is")
        if work and work.get("version") != facts.revision[:12]:
            self._say(path, str(work.get("version")), "structured data names another version of the original")
        if "dateModified" in work and work["dateModified"] != (facts.original_on and facts.original_on.isoformat()):
            self._say(path, str(work["dateModified"]), "the ledger has no such day of the original")
        for person in data.get("reviewedBy", []):
            if (person.get("name"), person.get("jobTitle")) not in review.reviewers or len(person) != 3:
                self._say(path, str(person.get("name")), "the ledger does not name this reviewer")
        if "lastReviewed" in data and data["lastReviewed"] != (review.reviewed_on and review.reviewed_on.isoformat()):
            self._say(path, str(data["lastReviewed"]), "the ledger has no review on this day")

    # What is round the article

    def read_frame(self, path: str, tree: LexborHTMLParser, days: set[str]) -> None:
        """A page that is no article: indexes, 404. It may name articles' titles, and nothing else of them."""
        locale = _slug_and_locale(f"{path.partition('/')[0]}/x/index.html")[1] or self.ledger.source_locale
        self._frame_of_page(path, locale, tree)
        self._name_of_frame(path, locale, tree)
        if tree.css("[data-article], [data-unit]"):
            self._say(path, "", "article text stands on a page that is no article's")
        for node in tree.css("[data-slug]"):
            texts = self.seen.get((node.attributes.get("data-slug") or "", locale), {})
            ids = (node.attributes.get("data-unit-text") or "").split()
            if not ids or " ".join(texts.get(unit_id, "\0") for unit_id in ids) != _text(node):
                self._say(path, _text(node), "it is not the text of the units that it names")
        self._chrome(path, "", locale, tree, days)

    def _name_of_frame(self, path: str, locale: Locale, tree: LexborHTMLParser) -> None:
        """An index is named by a word of the site's own or a language, and describes itself by nothing else."""
        tags = {*self._tags, locale.tag}
        names = {"", *messages(), *self.words.get(locale.tag, {}).values(), *(Locale.parse(t).autonym for t in tags)}
        for node in tree.css("title"):
            if _text(node).removesuffix(self.ledger.site_name).removesuffix(" · ").strip() not in names:
                self._say(path, _text(node), "the page has a title that is not one of the site's own words")
        for node in tree.css("script, meta[name='description'], meta[property^='og:']"):
            if node.attributes.get("property") not in ("og:site_name", "og:url", "og:type"):
                self._say(path, node.html or "", "a page that is no article's describes itself")

    def _frame_of_page(self, path: str, locale: Locale, tree: LexborHTMLParser) -> None:
        """No script, no style and no handler anywhere; the page says its language."""
        root = tree.css_first("html")
        if root is None or (root.attributes.get("lang"), root.attributes.get("dir")) != (locale.tag, locale.direction):
            self._say(path, "", f"the page does not say that it is written in {locale}")
        slug = _slug_and_locale(path)[0]
        for text, reason in wrong_in_head(path, slug if slug in self.site.published else "", tree, self._places):
            self._say(path, text, reason)
        policies = [node.attributes.get("content") for node in tree.css('meta[http-equiv="Content-Security-Policy"]')]
        if policies != [CSP]:
            self._say(path, str(policies), "the page has another content security policy, or none")
        if root is None:
            return
        for node in _elements(root):
            tag, attributes = node.tag or "", node.attributes
            if any(name.startswith("on") or name in _NOWHERE for name in attributes):
                self._say(path, node.html or "", f"<{tag}> has a handler, a style of its own, or is hidden")
            if tag == "script" and attributes != {"type": "application/ld+json"}:
                self._say(path, node.html or "", "a script stands on the page")
            if tag in ("style", "base", "noscript", "template") and not _inside(node, "data-article"):
                self._say(path, node.html or "", f"<{tag}> stands on the page")
            if tag == "meta":
                self._meta(path, node)
            if tag == "link" and attributes.get("rel") not in ("canonical", "alternate", "stylesheet"):
                self._say(path, node.html or "", "a link element of another kind stands on the page")
            if attributes.get("rel") == "stylesheet" and not _STYLE.fullmatch(attributes.get("href") or ""):
                self._say(path, node.html or "", "a style sheet that is not the site's")

    def _meta(self, path: str, node: LexborNode) -> None:
        name = node.attributes.get("name") or node.attributes.get("property")
        equiv = node.attributes.get("http-equiv")
        if equiv == "refresh" and self._leads_on(path, node.attributes.get("content") or ""):
            return
        if not (
            name in _META
            or equiv == "Content-Security-Policy"
            or (name is None and equiv is None and node.attributes.get("charset") == "utf-8")
        ):
            self._say(path, node.html or "", "a metadata element of another kind stands on the page")
        if name == "og:site_name" and node.attributes.get("content") != self.ledger.site_name:
            self._say(path, node.attributes.get("content") or "", "the page names another site")

    def _leads_on(self, path: str, content: str) -> bool:
        """Whether a page at an old address sends its readers to the article's page that release.json names."""
        to = self.site.redirects.get(path, "")
        way = re.fullmatch(r"0; url=((?:\.\./)+[^:\\]*)", content)
        if way is None or not to:
            return False
        slug, locale = _slug_and_locale(to)
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(way[1]))).removesuffix("/index.html")
        known = locale is not None and locale.tag in self.site.published.get(slug, ())
        return known and f"{place}/index.html" == to

    def _chrome(self, path: str, slug: str, locale: Locale, tree: LexborHTMLParser, days: set[str]) -> None:
        """All that is visible round the article is the site's own word, a language's name, a date or a reviewer."""
        body = tree.css_first("body")
        if body is None:
            return
        review = self.ledger.review(slug, locale) if slug else Review()
        own = {said for tag in (self.ledger.source_locale.tag, locale.tag) for said in self.words.get(tag, {}).values()}
        named = {self.ledger.site_name, *self.english, *own, *(text for one in review.reviewers for text in one)}
        judged = {"data-article"} if slug else {"data-slug"}  # by read_article and read_frame
        for node in _walk(body, lambda below: not judged & below.attributes.keys()):
            text = _folded(node.text_content or "")
            if not re.search(r"\w", text) or text in named or self._is_frame_text(text, node.parent, tree, locale):
                continue
            self._say(path, text, "it stands outside of the article and is not one of the site's own words")
        days = days | ({review.reviewed_on.isoformat()} if review.reviewed_on else set())
        for element in _elements_around(body, "data-article"):
            self._frame_element(path, element, days)

    def _frame_element(self, path: str, element: LexborNode, days: set[str]) -> None:
        """An element round the article: of a kind that shows nothing by itself, and no link leads off the site."""
        tag = element.tag or ""
        if tag not in _FRAME:
            self._say(path, element.html or "", f"<{tag}> stands outside of the article")
        for name, value in _attributes(element):
            if name in ("alt", "title", "placeholder") or (name.startswith("aria-") and name not in _FRAME_ARIA):
                self._say(path, value, f"{name} outside of the article")
            if name in _LINKS and (re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|[/\\]{2}", value.strip()) or name != "href"):
                self._say(path, value, "a link outside of the article leads off the site")
            elif name == "href" and (why := wrong_link(path, value, self._places)):
                self._say(path, value, why)
            if name == "lang" and value not in {*self._tags, self.ledger.source_locale.tag}:
                self._say(path, value, "the site has no such language")
            if name == "dir" and value != _direction(element) and not (value == "ltr" and tag in ("code", "dd", "bdi")):
                self._say(path, value, "it turns round what stands in it")
            if name == "datetime" and value not in days:
                self._say(path, value, "neither the ledger nor release.json names this day")

    @staticmethod
    def _is_frame_text(text: str, parent: LexborNode | None, tree: LexborHTMLParser, locale: Locale) -> bool:
        """The name of a language, a date as the locale writes it, the page's own address, a revision's hash."""
        if parent is None:
            return False
        try:
            if parent.tag == "time":
                day = date.fromisoformat(parent.attributes.get("datetime") or "")
                return text == format_date(day, format="long", locale=locale.babel)
            if parent.tag == "a" and parent.attributes.get("hreflang"):
                return text == Locale.parse(parent.attributes["hreflang"] or "").autonym
        except (ValueError, LocaleError):
            return False
        canonical = tree.css_first('link[rel="canonical"]')
        address = canonical.attributes.get("href") if canonical else None
        if parent.tag == "code":
            return re.fullmatch(r"[0-9a-f]{12}", text) is not None
        return parent.tag == "dd" and text in (locale.autonym, address)


def _classes_of(tag: str) -> set[str]:
    """What the style sheet may do to an element of an article: nothing that hides it."""
    return {TOGETHER} if tag == "span" else {*CLASSES, "wide", "text"}


def _units_named(node: LexborNode) -> list[str]:
    """The units that a title or a metadata element is made of."""
    return (node.attributes.get("data-unit-text") or node.attributes.get("data-unit-content") or "").split()


def _direction(node: LexborNode) -> str:
    """The direction of the language that an element is marked with, or the nearest one above it; empty if unknown."""
    try:
        return Locale.parse(_language(node)).direction
    except LocaleError:
        return ""


def _language(node: LexborNode) -> str:
    """The language that an element is marked with, or the nearest one above it."""
    at: LexborNode | None = node
    while at is not None:
        if language := at.attributes.get("lang"):
            return language
        at = at.parent
    return ""


def _says_untranslated(node: LexborNode) -> bool:
    """Whether a text is marked as not to be translated, in a language that its own part of the article names."""
    at = node.parent
    while at is not None and not at.attributes.get("lang"):
        at = at.parent
    return at is not None and at.attributes.get("translate") == "no" and _inside(at, "data-article")


def _inside(node: LexborNode, attribute: str) -> bool:
    """Whether an element above this one has the attribute."""
    at = node.parent
    while at is not None:
        if attribute in at.attributes:
            return True
        at = at.parent
    return False
