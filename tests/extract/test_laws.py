"""The two laws of extraction, over any text and over text rich in structure."""

import unicodedata
from collections import Counter
from html import unescape
from html.parser import HTMLParser

import pyromark
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from pipeline.errors import ArticleError
from pipeline.extract import MARKDOWN_OPTIONS, Furniture, Rules, body_start, extract, fill
from pipeline.model import ArticleFormat, Segment, Skeleton, tags_of, visible_text

from .articles import TEXTS, hostile, letters

FORMATS = list(ArticleFormat)
article_settings = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def extracted(text: str, article_format: ArticleFormat) -> tuple[Skeleton, tuple[Segment, ...]]:
    """The article read, or the example given up if it is one that is refused."""
    try:
        return extract(text.encode(), article_format, slug="made-up")
    except ArticleError:
        assume(False)
        raise


@pytest.mark.parametrize("article_format", FORMATS)
@article_settings
@given(data=st.data())
def test_nothing_is_lost_between_article_and_segments(article_format: ArticleFormat, data: st.DataObject) -> None:
    """Filling the skeleton with the source texts gives the article back, byte for byte."""
    text = data.draw(TEXTS[article_format])
    skeleton, segments = extracted(text, article_format)
    filled = fill(skeleton, {segment.position: segment.source for segment in segments})
    assert filled.data == text.encode()
    assert filled.kept == ()


@pytest.mark.parametrize("article_format", FORMATS)
@article_settings
@given(data=st.data())
def test_every_source_is_fit_to_be_handed_on(article_format: ArticleFormat, data: st.DataObject) -> None:
    """A source is NFC, without edge blanks, line ends or controls, and its tags are exactly its placeables."""
    skeleton, segments = extracted(data.draw(TEXTS[article_format]), article_format)
    assert [(s.start, s.end) for s in segments] == [(s.start, s.end) for s in skeleton.spans]
    for segment in segments:
        source = segment.source
        assert source and source == unicodedata.normalize("NFC", source).strip()
        assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in source)
        opened = [int(tag.group(3)) for tag in tags_of(source) if not tag.group(1)]
        assert opened == [p.number for p in segment.placeables] == list(range(1, len(opened) + 1))
        assert skeleton.blocks[segment.block].furniture == ""
    assert [s.block for s in segments] == sorted(s.block for s in segments)


@article_settings
@given(TEXTS[ArticleFormat.PLAIN_TEXT])
def test_every_letter_of_a_plain_text_is_in_one_segment(text: str) -> None:
    """The letters of the file are those of its markers, segments and literal parts, in order."""
    skeleton, segments = extracted(text, ArticleFormat.PLAIN_TEXT)
    found = ""
    for index, block in enumerate(skeleton.blocks):
        found += block.marker
        for segment in segments:
            if segment.block == index:
                found += segment.source
                for placeable in segment.placeables:
                    found = found.replace(f"<x{placeable.number}/>", placeable.opening)
    assert letters(unicodedata.normalize("NFC", found)) == letters(unicodedata.normalize("NFC", text))


class _Shown(HTMLParser):
    """The letters that a rendered Markdown page shows, code left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("code", "pre", "script", "style")
        if tag == "img" and not self.hidden:
            self.text += dict(attrs).get("alt") or ""

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("code", "pre", "script", "style")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.text += data


@article_settings
@given(TEXTS[ArticleFormat.MARKDOWN])
def test_every_letter_of_a_rendered_markdown_page_is_in_one_segment(text: str) -> None:
    """What pyromark's own HTML shows is what the segments and standing-alone parts hold: no letter more or less."""
    assume(not any(c in text for c in ("<", "[^", "\u0338")) and "&#60" not in text)
    _, segments = extracted(text, ArticleFormat.MARKDOWN)
    page = _Shown()
    page.feed(pyromark.html(text.encode()[body_start(text.encode()) :].decode(), options=MARKDOWN_OPTIONS))
    page.close()
    held = "".join(visible_text(s.source) for s in segments if s.start >= body_start(text.encode()))
    assert letters(held) == letters(unicodedata.normalize("NFC", page.text))


@article_settings
@given(TEXTS[ArticleFormat.HTML])
def test_every_letter_that_a_browser_shows_is_in_one_segment(text: str) -> None:
    """A browser's parser (Lexbor) shows no letter, code left out, that is not in a segment or a literal part."""
    _, segments = extracted(text, ArticleFormat.HTML)
    assume("\u0338" not in text and "&notit" not in text)
    page = LexborHTMLParser(text)
    page.strip_tags(["script", "style", "code", "pre", "svg", "template"])
    for node in page.css("[translate=no]"):
        node.decompose()
    shown = "".join(node.text() or "" for node in page.css("head, body"))
    shown += "".join(image.attributes.get("alt") or "" for image in page.css("img"))
    held = "".join(
        visible_text(s.source) + "".join(unescape(p.opening) for p in s.placeables if p.alone) for s in segments
    )
    assert not Counter(letters(unicodedata.normalize("NFC", shown))) - Counter(letters(held))


@pytest.mark.parametrize("article_format", FORMATS)
@settings(article_settings, max_examples=250)
@given(data=st.data())
def test_no_text_changes_the_structure(article_format: ArticleFormat, data: st.DataObject) -> None:
    """Whatever is put in, the article keeps its blocks, and each text that is in reads back as it was written."""
    skeleton, segments = extracted(data.draw(TEXTS[article_format]), article_format)
    assume(segments)
    texts = {}
    for segment in segments:
        tags = [tag.group() for tag in tags_of(segment.source)]
        text = data.draw(hostile)
        texts[segment.position] = data.draw(st.sampled_from((text, text + "".join(tags), "¡" + text + segment.source)))
    filled = fill(skeleton, texts)
    again, _ = extract(filled.data, article_format, slug="made-up")
    if article_format is not ArticleFormat.PLAIN_TEXT:
        assert [(b.kind, b.level) for b in again.blocks] == [(b.kind, b.level) for b in skeleton.blocks]
    assert [b.marker for b in again.blocks] == [b.marker for b in skeleton.blocks]
    kept = {entry.position for entry in filled.kept}
    here = "".join(visible_text(s.source if s.position in kept else texts[s.position]) for s in segments)
    there = "".join(visible_text(span.source) for span in again.spans)
    assert letters(here) == letters(there)


@article_settings
@given(TEXTS[ArticleFormat.PLAIN_TEXT], st.sampled_from((".*", "No.*", ".*safe.*")), st.booleans())
def test_furniture_hides_what_its_rule_says_and_names_the_rule(text: str, pattern: str, to_end: bool) -> None:
    """A furniture block matches its rule, or stands below one that does and reaches to the end; it has no segments."""
    rules = Rules(furniture=(Furniture(pattern=pattern, to_end=to_end),))
    plain, _ = extracted(text, ArticleFormat.PLAIN_TEXT)
    skeleton, segments = extract(text.encode(), ArticleFormat.PLAIN_TEXT, slug="made-up", rules=rules)
    assert [(b.start, b.end) for b in skeleton.blocks] == [(b.start, b.end) for b in plain.blocks]
    hidden = {index for index, block in enumerate(skeleton.blocks) if block.furniture}
    assert not hidden & {segment.block for segment in segments}
    assert all(skeleton.blocks[index].furniture == pattern for index in hidden)
    if to_end and hidden:
        assert hidden == set(range(min(hidden), len(skeleton.blocks)))
    assert fill(skeleton, {s.position: s.source for s in segments}).data == text.encode()
