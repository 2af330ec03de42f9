"""The site as files: the same input gives the same bytes, and a reader finds the old site or the new one, whole."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from conftest import MakeDesk
from sample_site import AR, EN, ES, SITE, SLUG, SPANISH, arabic, build_site, page, pages
from selectolax.lexbor import LexborHTMLParser

from pipeline.errors import PublishError
from pipeline.publish import Notice, Written, render_site, write_release
from pipeline.publish import site as site_module


def test_the_same_pages_give_the_same_bytes_in_any_order() -> None:
    """No clock, no store id and no order of the input is in a page."""
    assert list(render_site(pages(), SITE, preview=False)) == list(render_site(pages()[::-1], SITE, preview=False))


def test_every_language_names_every_other() -> None:
    """hreflang is reciprocal, absolute and names exactly what is published, and each page is its own canonical."""
    files = dict(render_site(pages(), SITE, preview=False))
    found = {}
    for locale in (AR, EN, ES):
        tree = LexborHTMLParser(files[PurePosixPath(locale.tag, SLUG, "index.html")].decode())
        canonical = tree.css_first("link[rel=canonical]")
        assert canonical is not None
        assert canonical.attributes["href"] == f"https://health.example.org/{locale}/{SLUG}/"
        found[locale] = [(n.attributes["hreflang"], n.attributes["href"]) for n in tree.css("link[rel=alternate]")]
    assert (
        found[AR]
        == found[EN]
        == found[ES]
        == [
            *((str(locale), f"https://health.example.org/{locale}/{SLUG}/") for locale in (AR, EN, ES)),
            ("x-default", f"https://health.example.org/en/{SLUG}/"),
        ]
    )
    sitemap = files[PurePosixPath("sitemap.xml")].decode()
    assert sitemap.count("<loc>") == 3 + 3 + 1
    assert "<lastmod>2026-11-04</lastmod>" in sitemap


def test_every_link_inside_the_site_leads_to_a_file() -> None:
    """Pages, style sheets and anchors that the site names are there."""
    files = dict(render_site(pages(), SITE, preview=False))
    for path, data in files.items():
        if path.suffix != ".html" or path.name == "404.html":
            continue
        ours = "header.site a, footer a, .about a, .cards a, .back a, link[rel=stylesheet]"
        for node in LexborHTMLParser(data.decode()).css(ours):
            target = os.path.normpath(str(path.parent / (node.attributes["href"] or "").split("#")[0]))
            assert PurePosixPath(target) in files or PurePosixPath(target, "index.html") in files, (path, target)


def test_a_preview_and_a_demo_are_kept_from_search_engines() -> None:
    """Both say noindex on every page and what they are; neither claims a review in its structured data."""
    for files, notice in (
        (dict(render_site(pages(), SITE, preview=True)), "notice preview"),
        (dict(render_site(pages(), replace(SITE, demo=True), preview=False)), "notice demo"),
    ):
        for path, data in files.items():
            assert path.suffix != ".html" or b'<meta name="robots" content="noindex">' in data
        spanish = files[PurePosixPath("es", SLUG, "index.html")].decode()
        assert notice in spanish
        assert "reviewedBy" not in spanish
    assert PurePosixPath("sitemap.xml") not in dict(render_site(pages(), SITE, preview=True))
    assert b"reviewedBy" in dict(render_site(pages(), SITE, preview=False))[PurePosixPath("es", SLUG, "index.html")]


def test_a_page_has_no_script_but_data() -> None:
    """No JavaScript anywhere, and text cannot end the data block that describes the page."""
    hostile = ("</script><script>alert(1)</script>", *SPANISH[1:])
    for path, data in render_site([page(EN), page(ES, hostile)], SITE, preview=False):
        if path.suffix == ".html":
            scripts = LexborHTMLParser(data.decode()).css("script")
            assert all(node.attributes["type"] == "application/ld+json" for node in scripts)
            assert all(json.loads(node.text()) for node in scripts)
            assert len(scripts) == (1 if path.parent.name == "high-blood-pressure" else 0)


def test_a_text_with_template_braces_is_no_template() -> None:
    """Jinja sees content as a value, in titles, lists and bodies alike."""
    braces = tuple(f"{{{{ 7*7 }}}} {text}" for text in SPANISH)
    for path, data in render_site([page(ES, braces)], SITE, preview=False):
        assert path.suffix != ".html" or b"49" not in data


def test_words_of_the_site_on_a_foreign_page_are_marked_english() -> None:
    """Until they are translated and signed, the site's own words stand in English and say so."""
    files = dict(render_site(pages(), SITE, preview=False))
    tree = LexborHTMLParser(files[PurePosixPath("ar", SLUG, "index.html")].decode())
    root, heading = tree.css_first("html"), tree.css_first("#about span")
    assert root is not None and heading is not None
    assert (root.attributes["lang"], root.attributes["dir"]) == ("ar", "rtl")
    assert (heading.attributes["lang"], heading.attributes["dir"]) == ("en", "ltr")


def test_every_notice_has_its_words() -> None:
    """A stale page and one with passages in English say so."""
    flagged = replace(page(ES, SPANISH), notices=Notice.STALE | Notice.FALLBACK)
    text = dict(render_site([flagged], SITE, preview=False))[PurePosixPath("es", SLUG, "index.html")].decode()
    assert "notice stale" in text
    assert "notice fallback" in text


def test_a_passage_in_another_language_says_which() -> None:
    """A text that is not in the page's language carries its own."""
    spanish = page(ES, SPANISH)
    texts = dict(spanish.texts) | {3: replace(spanish.texts[3], target="High blood pressure rarely hurts.", lang=EN)}
    files = dict(render_site([replace(spanish, texts=texts)], SITE, preview=False))
    assert b'id="u0004" lang="en" dir="ltr">High blood' in files[PurePosixPath("es", SLUG, "index.html")]


def test_a_text_that_breaks_the_article_is_not_published() -> None:
    """A text without the source's placeables is refused by name; a preview may show the source in its place."""
    broken = (*SPANISH[:6], "Tome esto.", *SPANISH[7:])
    with pytest.raises(PublishError, match=r"high-blood-pressure:0007:"):
        list(render_site([page(ES, broken)], SITE, preview=False))
    assert list(render_site([page(ES, broken)], SITE, preview=True))


@pytest.mark.parametrize("slug", ["../etc", "a//b", "/a", "a/.hidden", "a\nb", ""])
def test_a_slug_that_is_no_path_is_refused(slug: str) -> None:
    """No page is written outside of the site."""
    with pytest.raises(PublishError):
        replace(page(EN), slug=slug)


def test_two_articles_at_one_address_are_refused() -> None:
    """The companion page of one article is not overwritten by another article."""
    with pytest.raises(PublishError, match="two pages"):
        list(render_site([page(EN), replace(page(EN), slug=f"{SLUG}/sentences")], SITE, preview=False))


# On disk

OTHER = [page(EN), page(ES, ("Otra presión", *SPANISH[1:]))]


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def expected(new: bool) -> dict[str, bytes]:
    """The old site or the new one."""
    return {str(path): data for path, data in render_site(OTHER if new else pages(), SITE, preview=False)}


def test_an_unchanged_site_is_not_written(tmp_path: Path) -> None:
    """The second call leaves every inode alone; a file too many or too few is put right."""
    site = build_site(tmp_path / "site")
    inodes = {path: path.stat().st_ino for path in tmp_path.rglob("*")}
    assert write_release(render_site(pages(), SITE, preview=False), site) is Written.UNCHANGED
    assert {path: path.stat().st_ino for path in tmp_path.rglob("*")} == inodes
    (site / "extra.html").write_text("x")
    assert write_release(render_site(pages(), SITE, preview=False), site) is Written.RELEASED
    (site / "404.html").unlink()
    assert write_release(render_site(pages(), SITE, preview=False), site) is Written.RELEASED
    assert snapshot(site) == expected(new=False)


class CutOffError(Exception):
    """The power went out."""


STEPS: dict[str, tuple[object, str]] = {
    "fsync": (os, "fsync"),
    "rename": (Path, "rename"),
    "rmtree": (shutil, "rmtree"),
    "exchange": (site_module, "exchange"),
}


@pytest.mark.parametrize("can_exchange", [True, False], ids=["exchange", "two renames"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_cut_at_any_step_leaves_the_old_site_or_the_new_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    moment: str,
    can_exchange: bool,
) -> None:
    """Cut off at the first, second, … call of a step; what is at `site` is whole, or whole after the next call."""
    for count in (1, 2, 3, 8, 13, 14, 21, 30, 60):
        root = tmp_path / f"{count}"
        site = build_site(root / "site")
        with monkeypatch.context() as patch:
            if not can_exchange:
                patch.setattr(site_module, "exchange", lambda one, other: False)
            owner, name = STEPS[step]
            patch.setattr(owner, name, cut_off(getattr(owner, name), count, moment))
            try:
                write_release(render_site(OTHER, SITE, preview=False), site)
                finished = True
            except CutOffError:
                finished = False
        if site.exists() or can_exchange:
            assert snapshot(site) in (expected(new=False), expected(new=True))
        write_release(render_site(OTHER, SITE, preview=False), site)
        assert snapshot(site) == expected(new=True)
        assert [path.name for path in root.iterdir()] == ["site"]
        if finished:
            return
    pytest.fail(f"{step} is called more often than this test looks at")


def test_a_cut_between_two_renames_gives_the_old_site_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where folders cannot change places, the next call first puts the old site back, and needs nothing else."""
    site = build_site(tmp_path / "site")
    monkeypatch.setattr(site_module, "exchange", lambda one, other: False)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", cut_off(Path.rename, 1, "after"))
        with pytest.raises(CutOffError):
            write_release(render_site(OTHER, SITE, preview=False), site)
    assert not site.exists()
    assert write_release(render_site(pages(), SITE, preview=False), site) is Written.UNCHANGED
    assert snapshot(site) == expected(new=False)


def cut_off(step: Callable[..., Any], count: int, moment: str) -> Callable[..., Any]:
    """The step, which raises CutOffError at its count-th call, before or after it did its work."""
    calls = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == count and moment == "before":
            raise CutOffError
        result = step(*args, **kwargs)
        if calls == count:
            raise CutOffError
        return result

    return wrapped


def test_a_failed_build_leaves_nothing_behind(tmp_path: Path) -> None:
    """A page that is refused in the middle of a build does not touch the site, nor leave half of one beside it."""
    site = build_site(tmp_path / "site")
    with pytest.raises(PublishError):
        write_release(render_site([page(ES, (*SPANISH[:6], "Tome.", *SPANISH[7:]))], SITE, preview=False), site)
    assert snapshot(site) == expected(new=False)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_folder_that_is_not_a_site_is_refused(tmp_path: Path) -> None:
    """Files, links, somebody's folder, and the workspace's own folders are never replaced."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "letter.txt").write_text("x")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "ledger").mkdir()
    (tmp_path / "empty").mkdir()
    for out in ("file", "theirs", "link", "ledger", "ledger/site", "."):
        with pytest.raises(PublishError):
            write_release(render_site(pages(), SITE, preview=False), tmp_path / out, forbidden=[tmp_path / "ledger"])
    assert write_release(render_site(pages(), SITE, preview=False), tmp_path / "empty") is Written.RELEASED
    assert snapshot(tmp_path / "empty") == expected(new=False)


def test_exchange_says_when_it_cannot(tmp_path: Path) -> None:
    """Two folders change places; a folder that is missing is an error with its number."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "of a").touch()
    assert site_module.exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b" / "of a").exists()
    with pytest.raises(OSError) as failure:
        site_module.exchange(tmp_path / "a", tmp_path / "missing")
    assert failure.value.errno == errno.ENOENT


def test_arabic_sample_is_right_to_left() -> None:
    """The sample's Arabic page has Arabic letters, so that the tests above mean something."""
    assert any("\u0600" < letter < "\u06ff" for letter in "".join(arabic()))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("pain/sentences.md", "there the site shows the sentences of an article pain"),
        ("feed.xml.md", "the site has a file feed.xml of its own"),
        ("feed.xml/first.md", "the site has a file feed.xml of its own"),
    ],
)
def test_an_article_at_an_address_of_the_site_s_own_is_refused_alone(make_desk: MakeDesk, name: str, says: str) -> None:
    """`run` says so already, with what to do; the others are drafted, signed and published."""
    desk = make_desk({"pain.md": b"Rest now.\n", name: b"Rest.\n"})
    (refused,) = desk.run().refused
    assert f"source_content/{name}" in refused and says in refused and "rename the file" in refused
    desk.sign_all("pain")
    report = desk.publish()
    assert {page.slug: page.state for page in report.pages if page.locale == "es"}["pain"] == "published"
    assert [page.reasons[0] for page in report.pages if page.state == "held" and page.locale == "en"] == [refused]
    assert desk.prove().unproven == ()
