"""Links between articles, images beside them, addresses that articles had: each leads where it means, or nowhere."""

from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath

import pytest
from sample_site import EN, ES, SITE
from selectolax.lexbor import LexborHTMLParser

from pipeline.extract import extract
from pipeline.model import ArticleFormat, Locale
from pipeline.publish import Page, PageText, Review, SourceFacts, render_site, source_facts, verify_site, write_release

PNG = b"\x89PNG\r\n\x1a\nnot really"
PAIN = """# Pain

See [fever](fever.md#care), [sleep](../rest/sleep.html) and [the leaflet](leaflet.pdf).

![A cup](cup.png)

Not [this](../../etc/passwd), [that](/etc/passwd), [these](nothing.png) or [those](javascript:alert(1)).
"""


def article(slug: str, text: str, *locales: Locale) -> list[Page]:
    """Pages of an article, in English and with the English for a translation."""
    skeleton, segments = extract(text.encode(), ArticleFormat.MARKDOWN, slug=slug)
    return [
        Page(
            slug=slug,
            locale=locale,
            source_locale=EN,
            skeleton=skeleton,
            segments=segments,
            revision=skeleton.sha256,
            updated_on=date(2026, 11, 4),
            texts={
                s.position: PageText(
                    position=s.position,
                    id=s.id,
                    source=s.source,
                    target=s.source,
                    lang=locale,
                    state="signed-off",
                    origin="",
                )
                for s in segments
            },
        )
        for locale in locales
    ]


PAGES = [
    *article("pain/pain", PAIN, EN, ES),
    *article("pain/fever", "# Fever\n\nRest.\n", EN, ES),
    *article("rest/sleep", "# Sleep\n\nSleep well.\n", EN),
]


class Signed:
    """A ledger for `PAGES`: the Spanish is the English, and signed."""

    site_name = SITE.name
    base_url = SITE.base_url
    demo = False
    source_locale = EN

    def _page(self, slug: str) -> Page:
        return next(page for page in PAGES if page.slug == slug and page.locale == EN)

    def proven(self, slug: str, target_locale: Locale, unit_id: str, visible: str) -> str | None:
        return None if self.source_text(slug, unit_id) == visible else "nobody signed this text"

    def source_text(self, slug: str, unit_id: str) -> str | None:
        from pipeline.model import visible_text

        page = self._page(slug)
        return next((visible_text(s.source) for s in page.segments if s.id == unit_id), None)

    def expected(self, slug: str, target_locale: Locale) -> tuple[str, ...]:
        return tuple(segment.id for segment in self._page(slug).segments)

    def facts(self, slug: str, target_locale: Locale) -> SourceFacts:
        return source_facts(self._page(slug).skeleton)

    def review(self, slug: str, target_locale: Locale) -> Review:
        return Review()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A folder of articles with an image, a download, and what must not be followed."""
    folder = tmp_path / "source_content"
    (folder / "pain").mkdir(parents=True)
    (folder / "pain" / "cup.png").write_bytes(PNG)
    (folder / "pain" / "leaflet.pdf").write_bytes(b"%PDF-1.7")
    return folder


def hrefs(data: bytes) -> dict[str, tuple[str | None, str | None]]:
    """The links of a page's article by their words: address and hreflang."""
    nodes = LexborHTMLParser(data.decode()).css("[data-article] a")
    return {node.text(): (node.attributes.get("href"), node.attributes.get("hreflang")) for node in nodes}


def test_a_link_between_articles_leads_to_this_language_or_to_english_and_says_so(content: Path) -> None:
    """Localized if published; else English with hreflang; what leads out of the articles stays as it is."""
    files = dict(render_site(PAGES, replace(SITE, content=content), preview=False))
    found = hrefs(files[PurePosixPath("es/pain/pain/index.html")])
    assert found["fever"] == ("../../../es/pain/fever/#care", None)
    assert found["sleep"] == ("../../../en/rest/sleep/", "en")
    assert (found["the leaflet"][0] or "").startswith("../../../assets/leaflet.")
    assert found["this"] == ("../../etc/passwd", None)
    assert found["that"] == ("/etc/passwd", None)
    assert found["these"] == ("nothing.png", None)
    assert found["those"] == (None, None), "no script address gets on a page"


def test_images_and_downloads_are_copied_by_the_hash_of_their_content(content: Path) -> None:
    """One file under a name that holds its hash, whatever the language; new content has a new name."""
    files = dict(render_site(PAGES, replace(SITE, content=content), preview=False))
    assets = {path: data for path, data in files.items() if path.parts[0] == "assets" and path.suffix != ".css"}
    assert sorted(assets.values()) == [b"%PDF-1.7", PNG]
    tree = LexborHTMLParser(files[PurePosixPath("es/pain/pain/index.html")].decode())
    image = tree.css_first("img")
    assert image is not None
    assert PurePosixPath((image.attributes["src"] or "").removeprefix("../../../")) in assets
    (content / "pain" / "cup.png").write_bytes(PNG + b"2")
    again = dict(render_site(PAGES, replace(SITE, content=content), preview=False))
    assert not any(data == PNG for data in again.values())


@pytest.mark.parametrize("where", ["link", "folder", "script"])
def test_no_link_on_the_disk_is_followed_and_no_active_image_is_copied(
    content: Path, tmp_path: Path, where: str
) -> None:
    """A link to a secret, a folder that is a link elsewhere, an SVG with script: none of them gets on the site."""
    (tmp_path / "secret.png").write_bytes(b"secret")
    cup = content / "pain" / "cup.png"
    cup.unlink()
    text = PAIN
    if where == "link":
        cup.symlink_to(tmp_path / "secret.png")
    elif where == "folder":
        (content / "out").symlink_to(tmp_path)
        text = PAIN.replace("cup.png", "../out/secret.png")
    else:
        (content / "pain" / "cup.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'>secret</svg>")
        text = PAIN.replace("cup.png", "cup.svg")
    files = dict(render_site(article("pain/pain", text, EN), replace(SITE, content=content), preview=False))
    assert not any(b"secret" in data and path.parts[0] == "assets" for path, data in files.items())


def test_a_renamed_article_is_found_at_its_old_address(content: Path) -> None:
    """Each language's old page leads to the new one, is not indexed, and a link to the old name goes to the new one."""
    site = replace(SITE, content=content, moved={"old/heat": "pain/fever"})
    pages = [*PAGES, *article("a", "# A\n\nSee [heat](old/heat.md).\n", EN)]
    files = dict(render_site(pages, site, preview=False))
    for locale in ("en", "es"):
        data = files[PurePosixPath(locale, "old", "heat", "index.html")]
        assert f'content="0; url=../../../{locale}/pain/fever/"'.encode() in data
        assert b"noindex" in data
        assert f'rel="canonical" href="https://health.example.org/{locale}/pain/fever/"'.encode() in data
    assert hrefs(files[PurePosixPath("en/a/index.html")])["heat"][0] == "../../en/pain/fever/"
    assert b"old/heat" not in files[PurePosixPath("sitemap.xml")]


def test_the_whole_is_proven_and_another_target_is_not(content: Path, tmp_path: Path) -> None:
    """`verify` knows what each address means: a link, an image or a redirect that leads elsewhere is named."""
    site, out = replace(SITE, content=content, moved={"old/heat": "pain/fever"}), tmp_path / "site"
    write_release(render_site(PAGES, site, preview=False), out)
    assert verify_site(out, Signed()).unproven == ()
    page, old = out / "es/pain/pain/index.html", out / "es/old/heat/index.html"
    leaflet = next(path.name for path in (out / "assets").iterdir() if path.suffix == ".pdf")
    cup = next(path.name for path in (out / "assets").iterdir() if path.suffix == ".png")
    for place, was, now in (
        (page, "es/pain/fever/#care", "es/pain/pain/#care"),
        (page, "es/pain/fever/#care", "en/pain/fever/#care"),
        (page, "es/pain/fever/#care", "es/pain/fever/#other"),
        (page, cup, leaflet),
        (old, "url=../../../es/pain/fever/", "url=../../../es/pain/pain/"),
        (old, "url=../../../es/pain/fever/", "url=https://example.com/"),
    ):
        text = place.read_text()
        assert was in text
        place.write_text(text.replace(was, now, 1))
        reasons = {found.reason for found in verify_site(out, Signed()).unproven}
        place.write_text(text)
        assert reasons - {"its bytes are not those that release.json names"}, (was, now)
