"""A style sheet of the workspace's own arranges what people signed, and says nothing."""

import doctest

import pytest
from conftest import MakeDesk

import pipeline.publish.stylesheet
from pipeline.errors import PublishError
from pipeline.publish.stylesheet import why_not_taken
from pipeline.publish.words import THEME

WRITES = [
    '#u0002::after { content: "Take 500 mg." }',
    "#u0002::after{content:'Take 500 mg.'}",
    "p::after { content: /* */ 'a' }",
    "p::after { content: '' 'a' }",
    "p::after { c\\6fntent: 'a' }",
    'p::after { content: "\\61" }',
    "p::after { content: attr(title) }",
    ":root { --x: 'Take' } p::after { content: var(--x) }",
    "li { list-style-type: 'Take 5 mg' }",
    "li { list-style: var(--x) }",
    "@counter-style x { system: cyclic; symbols: Take fifty }",
    '@import "other.css";',
    "@font-face { font-family: x; src: local(y) }",
    "p::after { content: url(take.png) }",
    "@media screen { p { color: red; &::after { content: 'a' } } }",
    "@page { @top-left { content: 'a' } }",
    "p { quotes: 'a' 'b' }",
    "p { unicode-bidi: bidi-override; direction: rtl }",
    "p::after { content: 'a",
    "p { -webkit-text-security: disc }",
    ".together::before { content: '.' }",
    ".together::before { content: '−' }",
    ".together::before { content: '<' / '' }",
    ".together::before { content: '0·' }",
    "p { quotes: '<' '>' }",
    "p::before { counter-set: n 5; content: counter(n) }",
    "li::marker { content: counters(list-item, '') }",
    "ol { counter-reset: list-item 49 }",
    ".together { unicode-bidi: isolate; direction: rtl }",
]
ARRANGES = [
    b"p { color: red; font-family: 'Noto Sans', serif }",
    b'a[href^="http"]::after { content: " (" attr(href) ")" }',
    ".x::before { content: '✓' / '' }".encode(),
    b"@media print { :root { --face: 'Noto Sans' } nav { display: none } }",
]


@pytest.mark.parametrize("css", WRITES)
def test_a_style_sheet_that_writes_is_not_taken(css: str) -> None:
    """In whatever way CSS can put a letter or a picture on a page, or turn digits round."""
    assert why_not_taken(css.encode())


@pytest.mark.parametrize("css", ARRANGES)
def test_a_style_sheet_that_arranges_is_taken(css: bytes) -> None:
    """Marks, addresses that are on the page, fonts."""
    assert why_not_taken(css) == ""


def test_our_own_style_sheet_only_arranges() -> None:
    """And the examples in the module hold."""
    assert why_not_taken((THEME / "site.css").read_bytes()) == ""
    assert doctest.testmod(pipeline.publish.stylesheet).failed == 0


def test_no_sentence_comes_on_a_page_by_way_of_its_style(make_desk: MakeDesk) -> None:
    """Neither is such a site built, nor is one proven that was."""
    desk = make_desk({"pain.md": b"Rest now.\n"})
    desk.run()
    desk.sign_all("pain", "demo-linguist")
    desk.publish()
    (style,) = (desk.root / "site" / "assets").glob("*.css")
    style.write_bytes(style.read_bytes() + b"p::after { content: 'Take 500 mg.' }")
    assert any("its bytes" in one.reason for one in desk.prove().unproven)
    (desk.root / "theme").mkdir()
    (desk.root / "theme" / "site.css").write_bytes(b"p::after { content: 'Take 500 mg.' }")
    with pytest.raises(PublishError, match="adds no word"):
        desk.publish()
