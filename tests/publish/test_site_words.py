"""The site's own words are an article: in English and marked so until all of them are signed, then in the language."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath

import pytest
from conftest import MakeDesk
from markupsafe import escape
from sample_site import EN, ES, SITE, SLUG, SPANISH, page
from selectolax.lexbor import LexborHTMLParser
from workspaces import drafted

from pipeline.errors import PublishError
from pipeline.extract import extract
from pipeline.model import ArticleFormat
from pipeline.publish import Notice, Page, PageText, render_site
from pipeline.publish.words import SLUG as WORDS
from pipeline.publish.words import messages, said_in, words_article, words_of

SKELETON, SEGMENTS = extract(words_article(), ArticleFormat.MARKDOWN, slug=WORDS)


def spanish(missing: str = "\0") -> Page:
    """The words with a ¡ before each, those with `missing` in English."""
    texts = {
        s.position: PageText(
            position=s.position,
            id=s.id,
            source=s.source,
            target=f"¡{s.source}",
            lang=EN if missing in s.source else ES,
            state="signed-off",
            origin="",
        )
        for s in SEGMENTS
    }
    return replace(page(ES, SPANISH), slug=WORDS, skeleton=SKELETON, segments=SEGMENTS, texts=texts)


def test_every_word_is_found_again_in_its_article() -> None:
    """The article has each word as a block, whatever sentences it is cut into."""
    assert [word.text.replace("¡", "") for word in words_of(spanish())] == list(messages())


def test_words_show_in_the_language_when_all_are_signed() -> None:
    """No `lang="en"` is left round them; the companion page stays in the site's own language; no page of its own."""
    files = dict(render_site([page(EN), page(ES, SPANISH), spanish()], SITE, preview=False))
    tree = LexborHTMLParser(files[PurePosixPath("es", SLUG, "index.html")].decode())
    about, skip = tree.css_first("#about"), tree.css_first(".skip span")
    assert about is not None and about.text() == "¡About this page"
    assert skip is not None and "lang" not in skip.attributes
    assert not any(WORDS in path.parts for path in files)
    assert len(json.loads(files[PurePosixPath("release.json")])["words"]["es"]) == len(messages())


def test_one_word_missing_keeps_all_in_english_and_marked() -> None:
    """All or none: a page never mixes two languages in its frame."""
    some = [page(EN), page(ES, SPANISH), spanish(missing="All articles")]
    tree = LexborHTMLParser(
        dict(render_site(some, SITE, preview=False))[PurePosixPath("es", SLUG, "index.html")].decode()
    )
    about = tree.css_first("#about span")
    assert about is not None and (about.text(), about.attributes["lang"]) == ("About this page", "en")


def test_signed_words_go_out_and_are_proven(make_desk: MakeDesk) -> None:
    """The whole way: drafted, signed by people, on the page, found in the ledger; another word is named."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest well.\n", "_site.md": words_article()})
    desk.run()
    desk.sign_all("pain")
    desk.publish()
    assert 'lang="en" dir="ltr">About this page' in desk.page("pain").read_text()
    assert desk.prove().unproven == ()
    desk.sign_all("_site")
    states = {page.slug: page.state for page in desk.publish().pages}
    assert states["_site"] == "published", states
    text = desk.page("pain").read_text()
    assert "About this page" not in text or 'lang="en" dir="ltr">About' not in text
    assert desk.prove().unproven == ()
    release = desk.root / "site" / "release.json"
    manifest = json.loads(release.read_text())
    manifest["words"]["es"][0][0][1] = "Compre aquí"
    release.write_text(json.dumps(manifest))
    assert any(found.text == "Compre aquí" for found in desk.prove().unproven)


# -- the catalog ------------------------------------------------------------------------------------------------------


def test_every_word_of_the_frame_is_in_the_catalog() -> None:
    """Babel finds what the templates and the code mark: all that a foreign page marks as English, outside its text."""
    flagged = replace(page(ES, SPANISH), notices=Notice.STALE | Notice.FALLBACK, original_on=date(2026, 1, 31))
    files = dict(render_site([page(EN), flagged], replace(SITE, report="a@example.org"), preview=False))
    shown = set()
    for path in ("es/index.html", f"es/{SLUG}/index.html"):
        for node in LexborHTMLParser(files[PurePosixPath(path)].decode()).css('span[lang="en"][dir="ltr"]'):
            parts = node.css("strong, span") if node.css("strong") else [node]
            shown |= {part.text() for part in parts if part.mem_id != node.mem_id or len(parts) == 1}
    assert len(shown) > 15
    assert shown <= set(messages())


def test_what_people_signed_is_text_and_never_markup() -> None:
    """Neither HTML nor a percent sign in a signed word does anything on a page."""
    hostile = "100 % <script>alert(1)</script> {{ 7 * 7 }} %(name)s &amp;"
    said = said_in(ES, (("All articles", hostile),))
    assert said("All articles") == escape(hostile)
    assert said("Articles") == "Articles"
    texts = {at: replace(text, target=hostile) for at, text in spanish().texts.items()}
    tree = LexborHTMLParser(
        dict(render_site([page(EN), page(ES, SPANISH), replace(spanish(), texts=texts)], SITE, preview=False))[
            PurePosixPath("es", SLUG, "index.html")
        ].decode()
    )
    assert not [node for node in tree.css("script") if node.attributes.get("type") != "application/ld+json"]
    about = tree.css_first("#about")
    assert about is not None and about.text() == hostile


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ ngettext('%(num)s article', '%(num)s articles', 3) }}", "has plural forms"),
        ("{% trans n=3 %}{{ n }} article{% pluralize %}{{ n }} articles{% endtrans %}", "has plural forms"),
        ("{{ _('All articles' }}", "the template cannot be read"),
        ("{{ _('*All* articles') }}", "say it plainly"),
        ("{{ _('1. All articles') }}", "say it plainly"),
    ],
)
def test_a_word_that_nobody_could_sign_is_refused(tmp_path: Path, template: str, why: str) -> None:
    """With the template that says it, before anything is written."""
    (tmp_path / "more.html").write_text(template)
    with pytest.raises(PublishError, match=why):
        words_article(tmp_path)


OWN = """{% extends "base.html" %}
{% block main %}<p><span{{ english }}>{% trans %}Call your own doctor.{% endtrans %}</span></p>{% endblock %}"""


def test_a_theme_adds_words_of_its_own_which_are_signed_like_the_others(make_desk: MakeDesk) -> None:
    """In English they are the article's; in another language they show once they are signed; else they are named."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest well.\n"})
    theme = desk.root / "theme"
    theme.mkdir()
    (theme / "articles.html").write_text(OWN)
    desk.run()
    desk.sign_all("pain")
    with pytest.raises(PublishError, match=r"articles\.html:2: .*Call your own doctor.*`signoff site-words`"):
        desk.publish()
    desk.write("_site.md", words_article(theme))
    desk.run()
    desk.publish()
    assert desk.prove().unproven == ()
    index = desk.root / "site" / "es" / "index.html"
    assert '<span lang="en" dir="ltr">Call your own doctor.</span>' in index.read_text()
    desk.sign_all("_site")
    desk.publish()
    assert f"<span>{drafted('Call your own doctor.')}</span>" in index.read_text()
    assert desk.prove().unproven == ()
