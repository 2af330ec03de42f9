"""What machines read is true: alternates name each other, structured data has schema.org's types, feeds are Atom."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import pytest
from defusedxml import ElementTree
from sample_site import AR, EN, ES, REVIEWERS, SITE, SLUG, SPANISH, arabic, page
from selectolax.lexbor import LexborHTMLParser

from pipeline.publish import Notice, Page, render_site

PAGES = [
    page(EN),
    page(ES, SPANISH),
    page(AR, arabic()),
    replace(page(EN), slug="only/english"),
    replace(page(ES, SPANISH), slug="a b/é"),
    replace(page(EN), slug="a b/é"),
]

SCHEMA_ORG: dict[str, dict[str, str]] = {
    "MedicalWebPage": {
        "url": "URL",
        "inLanguage": "Text",
        "name": "Text",
        "description": "Text",
        "isPartOf": "WebSite",
        "dateModified": "Date",
        "version": "Text",
        "creativeWorkStatus": "Text",
        "translationOfWork": "MedicalWebPage",
        "reviewedBy": "Person",
        "lastReviewed": "Date",
    },
    "WebSite": {"name": "Text", "url": "URL"},
    "Person": {"name": "Text", "jobTitle": "Text"},
}
"""The properties that we use, with one type of those that schema.org expects of each (V29.3): MedicalWebPage and
WebSite are kinds of CreativeWork (`inLanguage`, `isPartOf`, `dateModified`, `version`, `creativeWorkStatus`,
`translationOfWork`), MedicalWebPage is one of WebPage (`lastReviewed`, `reviewedBy`: Organization or Person), all are
Things (`name`, `url`, `description`)."""


def files(pages: list[Page] = PAGES) -> dict[PurePosixPath, bytes]:
    return dict(render_site(pages, SITE, preview=False))


def place(address: str) -> PurePosixPath:
    """The file behind an absolute address of the site."""
    assert address.startswith(SITE.base_url)
    return PurePosixPath(unquote(address.removeprefix(SITE.base_url)), "index.html")


def test_alternates_name_each_other_and_only_what_is_there() -> None:
    """Computed from the built pages: each alternate exists, is in that language, and names every other one back."""
    built = files()
    alternates: dict[PurePosixPath, dict[str, str]] = {}
    for path, data in built.items():
        if path.suffix != ".html" or path.name == "404.html" or "sentences" in path.parts:
            continue
        tree = LexborHTMLParser(data.decode())
        canonical = tree.css_first("link[rel=canonical]")
        assert canonical is not None and place(canonical.attributes["href"] or "") == path
        found = {n.attributes["hreflang"] or "": n.attributes["href"] or "" for n in tree.css("link[hreflang]")}
        alternates[path] = found
        switcher = {n.attributes["hreflang"] for n in tree.css(".languages a")}
        assert switcher in (set(), set(found) - {"x-default"})
    assert len(alternates) == len(PAGES) + 3 + 1
    for path, named in alternates.items():
        for tag, address in named.items():
            other = place(address)
            assert alternates[other] == named, f"{other} does not name {path} back"
            if tag != "x-default":
                root = LexborHTMLParser(built[other].decode()).css_first("html")
                assert root is not None and root.attributes["lang"] == tag
    sitemap = ElementTree.fromstring(built[PurePosixPath("sitemap.xml")])
    listed = {place(node.text or "") for node in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert listed == set(alternates)


def conforms(value: Any, expected: str) -> None:
    """A value is of a type of schema.org as `SCHEMA_ORG` has it."""
    for one in value if isinstance(value, list) else [value]:
        if expected in SCHEMA_ORG:
            assert one["@type"] == expected
            for name, inner in one.items():
                if name not in ("@type", "@context"):
                    conforms(inner, SCHEMA_ORG[expected][name])
        else:
            assert isinstance(one, str) and one
            assert expected != "URL" or one.startswith(SITE.base_url)
            assert expected != "Date" or re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", one)


def linked_data(data: bytes) -> dict[str, Any]:
    node = LexborHTMLParser(data.decode()).css_first("script[type='application/ld+json']")
    assert node is not None
    return dict(json.loads(node.text()))


def test_structured_data_uses_schema_orgs_types_and_properties() -> None:
    """Every value is of a type that schema.org expects there, and the page's language and original are right."""
    built = files()
    for one in PAGES:
        data = linked_data(built[one.path / "index.html"])
        assert data["@context"] == "https://schema.org"
        conforms(data, "MedicalWebPage")
        assert data["inLanguage"] == one.locale.tag
        if one.locale == EN:
            assert "translationOfWork" not in data and "reviewedBy" not in data
        else:
            assert place(data["translationOfWork"]["url"]) in built
            assert data["translationOfWork"]["inLanguage"] == "en"
            assert data["translationOfWork"]["version"] == one.revision[:12]
    outdated = replace(page(ES, SPANISH), notices=Notice.STALE, original_on=date(2026, 1, 31))
    data = linked_data(files([page(EN), outdated])[PurePosixPath("es", SLUG, "index.html")])
    conforms(data, "MedicalWebPage")
    assert data["translationOfWork"]["dateModified"] == "2026-01-31"


def test_reviewers_are_those_of_the_page_or_nobody() -> None:
    """No reviewer, no `reviewedBy`, no byline; a name with markup is a name."""
    data = linked_data(files()[PurePosixPath("es", SLUG, "index.html")])
    assert data["reviewedBy"] == [{"@type": "Person", "name": r.name, "jobTitle": r.role} for r in REVIEWERS]
    assert data["lastReviewed"] == "2026-11-03"
    nobody = files([page(EN), replace(page(ES, SPANISH), reviewers=(), reviewed_on=None)])
    bare = nobody[PurePosixPath("es", SLUG, "index.html")]
    assert not {"reviewedBy", "lastReviewed"} & linked_data(bare).keys()
    assert b"byline" not in bare
    named = replace(page(ES, SPANISH), reviewers=(replace(REVIEWERS[0], name="</script><b>Eve"),))
    tree = LexborHTMLParser(files([named])[PurePosixPath("es", SLUG, "index.html")].decode())
    assert not tree.css(".byline b")
    assert linked_data((tree.html or "").encode())["reviewedBy"][0]["name"] == "</script><b>Eve"


@pytest.mark.parametrize("locale", [EN, ES, AR], ids=str)
def test_each_language_has_a_feed_of_changes(locale: Any) -> None:
    """Atom: every page with its day, the list of articles names the feed, hostile titles are text."""
    built = files([*PAGES, replace(page(ES, ("]]><x>&\u2028\ufffe", *SPANISH[1:])), slug="zz")])
    feed = ElementTree.fromstring(built[PurePosixPath(locale.tag, "feed.xml")])
    atom = "{http://www.w3.org/2005/Atom}"
    links = {place(node.attrib["href"]) for node in feed.findall(f"{atom}entry/{atom}link")}
    assert links == {path for path in built if path.parts[0] == locale.tag and path.name == "index.html"} - {
        path for path in built if len(path.parts) == 2 or "sentences" in path.parts
    }
    assert {node.text for node in feed.iter(f"{atom}updated")} == {"2026-11-04T00:00:00Z"}
    tree = LexborHTMLParser(built[PurePosixPath(locale.tag, "index.html")].decode())
    assert tree.css_first("link[type='application/atom+xml'][href='feed.xml']") is not None
