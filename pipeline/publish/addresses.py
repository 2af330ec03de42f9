"""Where the links and images of an article lead on the site.

Takes   an address as it stands in an article, and what the site has: pages by slug and language, files beside articles
Gives   the page or file of the site that it means; None for an address that is left as it is
Always  nothing outside of the folder of articles is looked at, no link on the disk is followed, and a file goes on the
        site only if its ending is one of `MEDIA` and it is what its ending says, as far as a browser would run it
"""

import hashlib
import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

from pipeline.model import Locale

MEDIA = frozenset(
    {"png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "pdf", "csv", "zip", "docx", "xlsx", "pptx"}
    | {"odt", "ods", "odp", "epub", "mp3", "ogg", "mp4", "webm", "vtt"}
)
"""Endings of files that an article may show or offer."""
MAX_FILE = 50_000_000
"""Bytes of one image or download."""
_ARTICLE_ENDINGS = (".md", ".html", ".txt", "/", "/index.html")
_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|[/\\]{2}|[#?]|$")
_ACTIVE_SVG = re.compile(rb"<\s*script|\bon[a-z]+\s*=|javascript:|<\s*foreignObject|<!ENTITY|<!DOCTYPE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ToPage:
    """An article's page."""

    slug: str
    locale: Locale
    fragment: str
    """With its `#`, or empty."""


@dataclass(frozen=True, slots=True)
class ToFile:
    """A file that is copied to the site under a name that holds the hash of its content."""

    source: Path
    sha256: str
    fragment: str

    @property
    def path(self) -> PurePosixPath:
        """Where it lies on the site."""
        stem = re.sub(r"[^A-Za-z0-9_-]", "-", self.source.stem)[:60]
        return PurePosixPath("assets", f"{stem}.{self.sha256[:16]}{self.source.suffix.lower()}")


def meant(address: str, slug: str) -> tuple[str, str] | None:
    """The path below the folder of articles that an article's address means, and its fragment with `#`.

    None if it leads elsewhere: to another site, to a place on the page itself, or out of the folder.

    >>> meant("../skin/eczema.md#care", "heart/failure")
    ('skin/eczema.md', '#care')
    """
    if _ELSEWHERE.match(address) or "\\" in address:
        return None
    path, _, fragment = address.partition("#")
    path = unquote(path.partition("?")[0])
    if path.startswith("/"):
        joined = posixpath.normpath(path.lstrip("/"))
    else:
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(slug), path))
    if joined.startswith("..") or not joined.isprintable():
        return None
    return joined + ("/" if path.endswith("/") else ""), f"#{fragment}" if fragment else ""


def slugs_meant(path: str) -> list[str]:
    """The slugs of the article that a path below the folder of articles could mean, the likeliest first."""
    return [path[: -len(ending)] for ending in _ARTICLE_ENDINGS if path.endswith(ending)] + [path]


@dataclass(frozen=True, slots=True)
class Addresses:
    """What can be linked to on a site."""

    published: Mapping[str, Collection[Locale]]
    """The languages of each article that is published."""
    source_locale: Locale
    content: Path | None = None
    """The folder of articles, with the images and downloads beside them; None where there are none."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Slugs that articles had, each with the one that it has now."""
    _files: dict[str, ToFile | None] = field(default_factory=dict)

    def find(self, address: str, slug: str, locale: Locale) -> ToPage | ToFile | None:
        """What an address in an article means on its page in a locale: the same language if it is there, or English."""
        found = meant(address, slug)
        if found is None:
            return None
        path, fragment = found
        for other in slugs_meant(path):
            other = self.moved.get(other, other) if other not in self.published else other
            for wanted in (locale, self.source_locale):
                if wanted in self.published.get(other, ()):
                    return ToPage(other, wanted, fragment)
        if path not in self._files:
            self._files[path] = self._file(path)
        file = self._files[path]
        return file and ToFile(file.source, file.sha256, fragment)

    def _file(self, path: str) -> ToFile | None:
        if self.content is None or PurePosixPath(path).suffix[1:].lower() not in MEDIA:
            return None
        place = self.content / path
        try:
            if place.resolve() != self.content.resolve() / path or not place.is_file():
                return None  # a link on the disk, or a file that is not there
            if place.stat().st_size > MAX_FILE:
                return None
            data = place.read_bytes()
        except OSError:
            return None
        if place.suffix.lower() == ".svg" and _ACTIVE_SVG.search(data):
            return None
        return ToFile(place, hashlib.sha256(data).hexdigest(), "")


_LINKING = re.compile(r'<(a|img) ((?:[^<>"]|"[^"]*")*)>')
_ADDRESS = re.compile(r'(href|src)="([^"]*)"')


def led(markup: str, find: "Mapping[str, ToPage | ToFile]", root: str, index: str, locale: Locale) -> str:
    """Cleaned markup with the addresses of `find` leading where they mean; another language says so by hreflang.

    `root` is the way from the page to the site's, `../../`; `index` what a folder's address ends in.
    """

    def tag(whole: re.Match[str]) -> str:
        found = _ADDRESS.search(whole[2])
        to = find.get(found[2]) if found else None
        if found is None or to is None:
            return whole[0]
        if isinstance(to, ToFile):
            address, more = f"{root}{quote(str(to.path))}{to.fragment}", ""
        else:
            address = f"{root}{quote(f'{to.locale}/{to.slug}')}/{index}{to.fragment}"
            more = f' hreflang="{to.locale}"' if to.locale != locale and whole[1] == "a" else ""
        attributes = f'{whole[2][: found.start()]}{found[1]}="{address}"{more}{whole[2][found.end() :]}'
        return f"<{whole[1]} {attributes}>"

    return _LINKING.sub(tag, markup) if find else markup


def addresses_in(markup: str) -> set[str]:
    """Every address that a link or image of cleaned markup has."""
    return {found[2] for tag in _LINKING.finditer(markup) if (found := _ADDRESS.search(tag[2]))}
