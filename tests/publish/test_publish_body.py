"""An article's body: every text is found again, and no text becomes markup."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from pipeline.extract import NO_RULES, Furniture, Rules, extract
from pipeline.model import ArticleFormat, visible_text
from pipeline.publish import article_html

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "publish").iterdir())


@pytest.mark.parametrize("case", GOLDEN, ids=[case.name for case in GOLDEN])
def test_an_article_with_these_texts_has_this_body(case: Path) -> None:
    """Each golden folder is an article, its texts by position, and the body they make."""
    article = next(case.glob("article.*"))
    rules_file = case / "rules.toml"
    rules = (
        NO_RULES
        if not rules_file.exists()
        else Rules(
            furniture=tuple(
                Furniture(pattern=pattern) for pattern in tomllib.loads(rules_file.read_text())["furniture"]
            )
        )
    )
    skeleton, segments = extract(article.read_bytes(), ArticleFormat(article.suffix[1:]), slug="a", rules=rules)
    texts = {int(position): text for position, text in tomllib.loads((case / "texts.toml").read_text()).items()}
    body = article_html(
        skeleton,
        {s.position: texts.get(s.position, s.source) for s in segments},
        {s.position: f"a:{s.position + 1:04d}:0" for s in segments},
        right_to_left=case.name.startswith("right-to-left"),
    )
    assert body.html == (case / "expected.html").read_text()
    assert not body.kept
    assert not body.problems


ARTICLES = {
    ArticleFormat.MARKDOWN: b"# One\n\nTwo. _Three_ is here.\n\n- Four\n\n| Five |\n|---|\n| Six |\n",
    ArticleFormat.HTML: b"<body><h1>One</h1><p>Two. <i>Three</i> is here.</p><ul><li>Four</li></ul></body>",
    ArticleFormat.PLAIN_TEXT: b"One is a title\n\nTwo. Three is here.\n\n  - Four\n",
}
HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "the end of a script": "</script><script>alert(1)</script>",
    "an image with a handler": "<img src=x onerror=alert(1)>",
    "a template": "{{ config }} {% include 'x' %} {# c #}",
    "a script address": "[click](javascript:alert(1)) <javascript:alert(1)>",
    "the end of a unit": '</span></p><h1 data-unit="a:0001:0">x</h1>',
    "bidi overrides": "a\u202eb\u2066c",
    "a line separator": "a\u2028# b\u2029- c",
    "entities": "&lt;b&gt; &amp;amp; &#60;script&#62;",
    "markdown": "**a** _b_ `c` ~~d~~ # e | f \\ [^1] ![g](h)",
    "private use": "\ue000\U000f0000\U00012470\U00012471\U00012472",
    "what reads like a mark": "\U0001247012\U00012471x\U00012472",
    "90 kB": "word " * 18_000,
}


@pytest.mark.parametrize("article_format", ARTICLES, ids=str)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_text_is_shown_as_text_or_refused(article_format: ArticleFormat, text: str) -> None:
    """Whatever a target holds, the page has the elements of the source, and the text is read back as it is."""
    skeleton, segments = extract(ARTICLES[article_format], article_format, slug="a")
    ids = {s.position: f"a:{s.position + 1:04d}:0" for s in segments}
    plain = LexborHTMLParser(article_html(skeleton, {s.position: s.source for s in segments}, ids).html)
    for target in segments:
        texts = {s.position: text if s is target and not s.placeables else s.source for s in segments}
        body = article_html(skeleton, texts, ids)
        page = LexborHTMLParser(body.html)
        assert [node.tag for node in page.css("body *")] == [node.tag for node in plain.css("body *")]
        assert not page.css("script, img, [onerror], [href^='javascript']")
        for segment in segments:
            if segment.position not in body.kept:
                nodes = page.css(f'[data-unit="{ids[segment.position]}"]')
                assert [visible_text(node.text()) for node in nodes] == [
                    visible_text(texts[segment.position])
                ] or segment.placeables


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=3, max_size=3))
def test_every_text_is_found_again(texts: list[str]) -> None:
    """Any text stands on the page in its own unit exactly as it is, or is named as kept out."""
    skeleton, segments = extract(b"# One\n\nTwo. **Three is here.**\n", ArticleFormat.MARKDOWN, slug="a")
    ids = {s.position: f"a:{s.position + 1:04d}:0" for s in segments}
    body = article_html(skeleton, dict(enumerate(texts)), ids)
    page = LexborHTMLParser(body.html)
    for position, text in enumerate(texts):
        shown = segments[position].source if position in body.kept else text
        node = page.css_first(f'[data-unit="{ids[position]}"]')
        assert node is not None
        assert visible_text(node.text()) == visible_text(shown)


def test_what_the_allow_list_took_out_is_listed() -> None:
    """An article's own script, handler and style are gone from the page, and named."""
    article = b'Hello <b onclick="x()">you</b>.\n\n<div style="color:red"><script>x()</script><p>There.</p></div>\n'
    skeleton, segments = extract(article, ArticleFormat.MARKDOWN, slug="a")
    ids = {s.position: f"a:{s.position + 1:04d}:0" for s in segments}
    body = article_html(skeleton, {s.position: s.source for s in segments}, ids)
    assert body.removed == ("<script>", "onclick='x()' on <b>", "style='color:red' on <div>")
    assert "onclick" not in body.html
    assert "script" not in body.html


def test_an_article_cannot_forge_a_unit() -> None:
    """`data-unit` and our anchors in an article's own HTML do not reach the page."""
    article = b'<p data-unit="a:9:0" id="u0009"><span data-kept="x1">Forged.</span></p>\n\nReal.\n'
    skeleton, segments = extract(article, ArticleFormat.MARKDOWN, slug="a")
    ids = {s.position: f"a:{s.position + 1:04d}:0" for s in segments}
    page = LexborHTMLParser(article_html(skeleton, {s.position: s.source for s in segments}, ids).html)
    assert [node.attributes["data-unit"] for node in page.css("[data-unit]")] == list(ids.values())
    assert "u0009" not in [node.attributes.get("id") for node in page.css("[id]")]


def test_each_image_names_the_unit_of_its_own_words() -> None:
    """Images that share a paragraph each say which unit their words are."""
    article = b'![A heart](a.png) ![A lung. Two lungs.](b.png "As drawn")\n'
    skeleton, segments = extract(article, ArticleFormat.MARKDOWN, slug="a")
    ids = {s.position: f"a:{s.position + 1:04d}:0" for s in segments}
    body = article_html(skeleton, {s.position: s.source for s in segments}, ids)
    images = [node.attributes for node in LexborHTMLParser(body.html).css("img")]
    assert [(image["alt"], image["data-unit-alt"]) for image in images] == [
        ("A heart", "a:0001:0"),
        ("A lung. Two lungs.", "a:0002:0"),
    ]
    assert not body.problems


@pytest.mark.parametrize("text", ["![A heart](a.png)<script>x", "<img alt='A heart'><script>x"])
def test_a_text_cut_off_inside_of_an_image_is_no_text_of_the_page(text: str) -> None:
    """When the article's own markup swallows the text behind an image, it is there once and the page is refused."""
    skeleton, segments = extract(text.encode(), ArticleFormat.MARKDOWN, slug="a")
    ids = {s.position: f"a:{s.position + 1:04d}:0" for s in segments}
    body = article_html(skeleton, {s.position: s.source for s in segments}, ids)
    assert body.html.count("<img") == 1
    assert "data-unit" not in body.html
    assert body.problems


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("Tome 2 mg al día.", ["2 mg"]),
        ("Máximo 2.000 mg en 24 h, o 1,5 g.", ["2.000 mg", "24 h", "1,5 g"]),
        ("De 4–6 mmol/L; 60 mL/min/1.73 m² son pocos.", ["4–6 mmol/L", "60 mL/min/1.73"]),
        ("En 2020 mgr. Romero; A2 mg; 5 mgs.", []),
        ("5 < 7 & 3 > 2 mg", ["2 mg"]),
        ("خذ 5 mg و 10 ملغ.", ["5 mg", "10 ملغ"]),
    ],
)
@pytest.mark.parametrize("right_to_left", [False, True])
def test_no_line_ends_inside_a_dose(text: str, together: list[str], right_to_left: bool) -> None:
    """Number and unit stay on one line, and the text is the same to the letter."""
    skeleton, _ = extract(b"Take 2 mg.\n", ArticleFormat.MARKDOWN, slug="x")
    body = article_html(skeleton, {0: text}, {0: "x:0001:0"}, right_to_left=right_to_left)
    tree = LexborHTMLParser(body.html)
    found = [node.text() for node in tree.css("span.together")]
    unit = tree.css_first("[data-unit]")
    assert found == together
    assert unit is not None and unit.text() == text


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("اكتب إلى help@example.org الآن.", ["help@example.org"]),
        ("انظر https://example.org/a?b=1&c=2.", ["https://example.org/a?b=1&c=2"]),
        ("مرض Ménière’s ومتلازمة Guillain-Barré.", ["Ménière’s", "Guillain-Barré"]),
        ("داء Crohn's، وα-blockers؟", ["Crohn's", "α-blockers"]),
        ("اتصل على +44 20 7946 0958 أو 112.", ["+44 20 7946 0958"]),
        ("هل تأخذ Warfarin? نعم، 2.5 mg.", ["Warfarin", "2.5 mg"]),
        ("أقل من 5 < 7 & 3", []),
    ],
)
def test_what_is_written_from_left_to_right_is_one_run(text: str, runs: list[str]) -> None:
    """On a page in Arabic a name, an address or a phone number in two runs would be shown turned round."""
    skeleton, _ = extract(b"Take it.\n", ArticleFormat.MARKDOWN, slug="x")
    body = article_html(skeleton, {0: text}, {0: "x:0001:0"}, right_to_left=True)
    tree = LexborHTMLParser(body.html)
    unit = tree.css_first("[data-unit]")
    assert [node.text() for node in tree.css('bdi[dir="ltr"]')] == runs
    assert unit is not None and unit.text() == text


def test_steps_keep_their_numbers() -> None:
    """Step c of the article is step c on the page: text elsewhere may send the reader back to it."""
    steps = '<ol type="a" start="3"><li>{}</li><li value="7">{}</li></ol>\n<ol reversed=""><li>{}</li></ol>\n'
    skeleton, segments = extract(steps.format("Sit.", "Rest.", "Go.").encode(), ArticleFormat.HTML, slug="a")
    texts = ["Siéntese.", "Descanse.", "Vaya."]
    body = article_html(skeleton, dict(enumerate(texts)), {s.position: f"a:{s.position + 1:04d}:0" for s in segments})
    tree = LexborHTMLParser(body.html)
    assert body.removed == ()
    assert [node.attributes for node in tree.css("ol, li")] == [
        {"type": "a", "start": "3"},
        {},
        {"value": "7"},
        {"reversed": ""},
        {},
    ]


def test_a_heading_is_found_by_its_english_in_every_language() -> None:
    """As Markdown's readers name it, so that a link to a part of an article leads there; no name is given twice."""
    article = (
        b"# About\n\n## Side *effects*, and what to do\n\nSee [above](#about).\n\n## U0001\n\n"
        b'## Dose\n\n### Dose\n\n<h2 id="dose-2">Mine</h2>\n\n## Dose\n'
    )
    skeleton, segments = extract(article, ArticleFormat.MARKDOWN, slug="a")
    ids = {s.position: f"a:{s.position + 1:04d}:0" for s in segments}
    body = article_html(skeleton, {s.position: f"Hola {s.source}" for s in segments}, ids)
    found = [node.attributes.get("id") for node in LexborHTMLParser(body.html).css("h1, h2, h3")]
    assert found == ["about-1", "side-effects-and-what-to-do", "u0001-1", "dose", "dose-1", "dose-2", "dose-3"]
