"""`signoff publish --format source`: what is signed, in the format that it came in."""

import polib
from conftest import MakeDesk
from workspaces import accept

from pipeline.extract import extract
from pipeline.model import ArticleFormat
from review.sources import publish_sources

ARTICLE = b"---\ntitle: Pain\n---\n# Pain\n\nTake **no** more than `5 mg`.\n\n| a | b |\n|---|--:|\n| one | two |\n"


def test_signed_articles_come_back_in_their_own_format(make_desk: MakeDesk) -> None:
    """The Spanish article is Markdown with the English one's structure; an unsigned one is held and not there."""
    desk = make_desk({"pain.md": ARTICLE, "sleep.txt": b"Sleep\n\nSleep is good.\n"})
    desk.run()
    desk.sign_all("pain")
    out = desk.root / "site-source"
    with desk.store() as store:
        report = publish_sources(desk.workspace, store, desk.judges, locales=desk.locales("es"), out=out)

    assert {(page.slug, page.state) for page in report.pages} == {("pain", "published"), ("sleep", "held")}
    assert (out / "en" / "pain.md").read_bytes() == ARTICLE
    skeleton, segments = extract((out / "es" / "pain.md").read_bytes(), ArticleFormat.MARKDOWN, slug="pain")
    english, sources = extract(ARTICLE, ArticleFormat.MARKDOWN, slug="pain")
    assert [block.kind for block in skeleton.blocks] == [block.kind for block in english.blocks]
    assert [s.placeables for s in segments] == [s.placeables for s in sources]
    assert not (out / "es" / "sleep.txt").exists()


def test_a_text_that_would_change_the_structure_holds_its_article(make_desk: MakeDesk) -> None:
    """On a page it is text; in plain text nothing can be escaped, so the article is not written, and says why."""
    desk = make_desk({"sleep.txt": b"Sleep\n\nSleep is good.\n"})
    desk.run()
    desk.review("sleep", "demo-linguist", _as_list_item)
    out = desk.root / "site-source"
    with desk.store() as store:
        report = publish_sources(desk.workspace, store, desk.judges, locales=desk.locales("es"), out=out)

    (page,) = report.pages
    assert page.state == "held"
    assert "sleep:0002" in page.reasons[0]
    assert not (out / "es" / "sleep.txt").exists()


def _as_list_item(entry: polib.POEntry) -> None:
    accept(entry)
    if "is good" in entry.msgid:
        entry.msgstr = "- Dormir es bueno."


def test_what_is_partly_in_the_original_is_no_source_file(make_desk: MakeDesk) -> None:
    """On a page the passage is marked; in a file nothing could mark it, so the article is held, by that reason."""
    more = '[pages]\npolicy = "fallback"'
    desk = make_desk({"pain.md": b"# Pain\n\nRest is good.\n\nWalk a little.\n"}, more=more)
    desk.run()
    desk.sign_all("pain")
    desk.write("pain.md", b"# Pain\n\nRest is good.\n\nWalk a little more.\n")
    (page,) = desk.publish().pages
    assert page.state == "fallback"
    out = desk.root / "site-source"
    with desk.store() as store:
        report = publish_sources(desk.workspace, store, desk.judges, locales=desk.locales("es"), out=out)
    assert [page.state for page in report.pages] == ["held"]
    assert "partly in the original" in report.pages[0].reasons[0]
    assert not (out / "es" / "pain.md").exists()


def test_an_html_page_names_the_language_that_it_is_in(make_desk: MakeDesk) -> None:
    """A browser, a search engine or a screen reader would take `lang="en"` for true; a piece of a page has no root."""
    page = b'<!DOCTYPE html>\n<HTML class="a>b" LANG="en" dir=ltr>\n<body><p lang="en">Rest.</p></body></html>\n'
    desk = make_desk({"whole.html": page, "piece.html": b'<p lang="en">Rest.</p>\n'}, locales=("ar",))
    desk.run()
    for slug in ("whole", "piece"):
        desk.sign_all(slug, tag="ar")
    out = desk.root / "site-source"
    with desk.store() as store:
        publish_sources(desk.workspace, store, desk.judges, locales=desk.locales(), out=out)
    whole = (out / "ar" / "whole.html").read_bytes()
    assert whole.startswith(b'<!DOCTYPE html>\n<HTML lang="ar" dir="rtl" class="a>b">\n<body><p lang="en">')
    assert (out / "ar" / "piece.html").read_bytes() == b'<p lang="en">Resto.</p>\n'
    assert (out / "en" / "whole.html").read_bytes() == page
