"""Where a page says that it lies and leads to: the addresses in its head, its structured data and its frame.

Takes   a page as the reader of verify.py sees it, and the places that the release in the ledger has
Gives   (text, reason) for each address, and for each other value that is not a text's, which is not the site's own
Always  a reader can be shown an address, and an engine goes by it: so none may say anything else, or lead elsewhere
"""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from pipeline.model import Locale

_ANCHOR = re.compile(r"|main|top|about|languages|u[0-9]+")
_META = {
    "viewport": re.compile(r"[a-z-]+=[a-z0-9.-]+(, ?[a-z-]+=[a-z0-9.-]+)*"),
    "color-scheme": re.compile(r"(only )?(light|dark|light dark|dark light)"),
    "robots": re.compile(r"(all|noindex|nofollow|none|noarchive)(, ?(noindex|nofollow|noarchive))*"),
    "og:type": re.compile(r"article|website"),
}
_SCHEMA = "https://schema.org"


@dataclass(frozen=True, slots=True)
class Places:
    """Every place of a site."""

    base_url: str
    site_name: str
    source_locale: Locale
    published: Mapping[str, frozenset[str]]
    """The locales of each article."""
    redirects: Mapping[str, str]
    """Files at old addresses, each with the page that it leads to."""
    files: frozenset[str]
    """Every file, by its path."""

    def address(self, folder: str) -> str:
        """The absolute address of a folder of the site; of the site itself with an empty one."""
        return f"{self.base_url.rstrip('/')}/{quote(folder)}{'/' if folder else ''}"

    def of_file(self, path: str) -> str:
        """The address under which a page is to be known: of one that leads on, where it leads."""
        return self.address(posixpath.dirname(self.redirects.get(path, path)))

    def alternates(self, slug: str) -> set[tuple[str, str]]:
        """Language and address of all that a page may name as itself in another one; without a slug of an index."""
        tags = self.published.get(slug, ()) if slug else {tag for tags in self.published.values() for tag in tags}
        folder = f"/{slug}" if slug else ""
        default = f"{self.source_locale}{folder}" if slug else ""
        return {(tag, self.address(f"{tag}{folder}")) for tag in tags} | {("x-default", self.address(default))}


def wrong_in_head(path: str, slug: str, tree: LexborHTMLParser, places: Places) -> Iterator[tuple[str, str]]:
    """Addresses and settings in a page's head that are not the site's. `slug` is empty for what is no article's."""
    own = places.of_file(path)
    for node in tree.css("link[rel='canonical']"):
        if (address := node.attributes.get("href") or "") != own:
            yield address, "the page names another address as its own"
    alternates = places.alternates(slug)
    for node in tree.css("link[rel='alternate']"):
        says = {name: value or "" for name, value in node.attributes.items()}
        feed = {"rel": "alternate", "type": "application/atom+xml", "title": places.site_name, "href": "feed.xml"}
        pair = says.get("hreflang", ""), says.get("href", "")
        if says != feed and (pair not in alternates or says.keys() != {"rel", "hreflang", "href"}):
            yield " ".join(says.values()), "the page names as another language what the site does not have"
    for node in tree.css("meta"):
        name = node.attributes.get("name") or node.attributes.get("property") or ""
        content = node.attributes.get("content") or ""
        if (name in _META and not _META[name].fullmatch(content)) or (name == "og:url" and content != own):
            yield content, f"the metadata {name} is not what publish writes"


def wrong_linked_data(
    path: str, slug: str, tree: LexborHTMLParser, places: Places, days: set[str]
) -> Iterator[tuple[str, str]]:
    """What the structured data say of addresses, kinds and days that is not so. Its texts are read in verify.py."""
    source = places.source_locale.tag
    for node in tree.css("script"):
        try:
            data = json.loads(node.text())
        except ValueError:
            data = None
        if not isinstance(data, dict):
            continue  # named by verify.py
        expected = {
            "@context": _SCHEMA,
            "url": places.of_file(path),
            "isPartOf": {"@type": "WebSite", "name": places.site_name, "url": places.address("")},
        }
        found = {name: data.get(name) for name in expected}
        if found != expected:
            yield json.dumps(found, ensure_ascii=False), "structured data names another address"
        if "dateModified" in data and data["dateModified"] not in days:
            yield str(data["dateModified"]), "neither the ledger nor release.json names this day"
        work = data.get("translationOfWork") or {}
        of = {"@type": "MedicalWebPage", "url": places.address(f"{source}/{slug}"), "inLanguage": source}
        if work and {name: work.get(name) for name in of} != of:
            yield json.dumps(work, ensure_ascii=False), "structured data names another original"
        people = data.get("reviewedBy") or []
        if any(not isinstance(who, dict) or who.get("@type") != "Person" for who in people):
            yield json.dumps(people, ensure_ascii=False), "structured data names a reviewer who is no person"


def wrong_link(path: str, address: str, places: Places) -> str:
    """Why a link of the frame may not stand there; empty if it leads to a file of the site."""
    way, _, anchor = address.partition("#")
    if not _ANCHOR.fullmatch(anchor):
        return "a link outside of the article leads to an anchor that no page has"
    if not way:
        return ""
    root = urlsplit(places.base_url).path.rstrip("/")
    if way.startswith("/"):
        place = posixpath.normpath(unquote(way.removeprefix(root))).strip("/")
    else:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(way)))
    place = "" if place == "." else place
    known = place in places.files or posixpath.join(place, "index.html") in places.files
    return "" if known else "a link outside of the article leads to no page of the site"
