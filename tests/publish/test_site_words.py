"""The site's own words are an article: in English and marked so until all of them are signed, then in the language."""

import json
from dataclasses import replace
from pathlib import PurePosixPath

from conftest import MakeDesk
from sample_site import EN, ES, SITE, SLUG, SPANISH, page
from selectolax.lexbor import LexborHTMLParser

from pipeline.extract import extract
from pipeline.model import ArticleFormat
from pipeline.publish import Page, PageText, render_site
from pipeline.publish.words import SLUG as WORDS
from pipeline.publish.words import words, words_article, words_of

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
    assert {word.name: word.text.replace("¡", "") for word in words_of(spanish())} == words()


def test_words_show_in_the_language_when_all_are_signed() -> None:
    """No `lang="en"` is left round them; the companion page stays in the site's own language; no page of its own."""
    files = dict(render_site([page(EN), page(ES, SPANISH), spanish()], SITE, preview=False))
    tree = LexborHTMLParser(files[PurePosixPath("es", SLUG, "index.html")].decode())
    about, skip = tree.css_first("#about"), tree.css_first(".skip span")
    assert about is not None and about.text() == "¡About this page"
    assert skip is not None and "lang" not in skip.attributes
    assert not any(WORDS in path.parts for path in files)
    assert len(json.loads(files[PurePosixPath("release.json")])["words"]["es"]) == len(words())


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
