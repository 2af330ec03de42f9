"""What cannot be read as a whole is refused, with the line."""

import pytest

from pipeline.errors import ArticleError
from pipeline.extract import MAX_BYTES, Furniture, extract, fill
from pipeline.model import ArticleFormat

TXT, MD, HTML = ArticleFormat.PLAIN_TEXT, ArticleFormat.MARKDOWN, ArticleFormat.HTML


@pytest.mark.parametrize(
    ("data", "article_format", "line", "says"),
    [
        (b"", TXT, None, "empty"),
        (b" \n\t\r\n", MD, None, "empty"),
        ("\ufeff\n".encode(), HTML, None, "empty"),
        (b"a\nb\xff", TXT, 2, "byte 3 is not UTF-8"),
        ("naïve".encode("latin-1"), HTML, 1, "byte 2 is not UTF-8"),
        (b"a\n\nb\x00", MD, 3, "control character"),
        (b"\x89PNG\r\n\x1a\n", HTML, 1, "not UTF-8"),
        (b"%PDF-1.4\n\x01", TXT, 2, "control character"),
        (b"x" * (MAX_BYTES + 1), TXT, None, "at most 10,000,000"),
        (b"<p>\n<a href='x>text", HTML, 2, "not closed"),
        (b"<p>text <!-- comment", HTML, 1, "not closed"),
        (b"<p>\n<script>if (a) b", HTML, 2, "<script> is never closed"),
        (b"<p>\n<pre>if (a) b", HTML, 2, "<pre> is never closed"),
        (b"<title>A page", HTML, 1, "<title> is never closed"),
        (b"text\n\n<div class='x>\n", MD, 3, "not closed"),
        (b"<div>" * 300 + b"text", HTML, 1, "more than 250"),
        (b"> " * 200 + b"text", MD, 1, "more than 100"),
        (b"a <b>b</b> " * 1100, HTML, 1, "more than 999 inline parts"),
        (b"x" * 50_000_000, MD, None, "has 50,000,000 bytes"),
        (b"ok\r\na\xc3", MD, 2, "byte 5 is not UTF-8"),  # cut in the middle of a letter
        (b"\xff\xfeh\x00i\x00", HTML, 1, "byte 0 is not UTF-8"),  # UTF-16
        (b"<p>\n<plaintext>all", HTML, 2, "<plaintext> has no end"),
        (b"<p>a</p\n<b>c", HTML, 1, "not closed"),
        (b"<p>a\n<![CDATA[ b", HTML, 2, "not closed"),
        (b"<p translate=no>a\n<div>b", HTML, 1, "never closed"),
        (b"a\n\n<svg>\n\nb", MD, 3, "never closed"),
        (b"---\na: b\ntitle: [a, [b]]\n---\nx", MD, 3, "title in the front matter .* a list of more than texts"),
        (b"---\ntitle:\n  en: A\n---\nx", MD, 2, "title in the front matter .* it is a map"),
        (b"---\ntitle: &a A\n---\nx", MD, 2, "an anchor"),
        (b"---\ntitle: *a\n---\nx", MD, 2, "an alias"),
        (b"---\ntitle: !!python/object A\n---\nx", MD, 2, "a tag"),
        (b"---\ntitle: Sleep: a guide\n---\nx", MD, 2, "only a text in quotes"),
        (b'---\ntitle: "Sleep\n---\nx', MD, 2, "not closed"),
        (b"+++\na = 1\ntitle = A\n+++\nx", MD, 3, "front matter is not TOML"),
        (b"+++\ntitle = {en = 'A'}\n+++\nx", MD, 2, "title in the front matter"),
        (b"---\n" + b"a: b\n" * 30_000 + b"---\nx", MD, 2, "the front matter has 150,000 bytes"),
    ],
)
def test_a_bad_article_is_refused_with_its_line(
    data: bytes, article_format: ArticleFormat, line: int | None, says: str
) -> None:
    """Each refusal names the article, the line where there is one, and the reason."""
    with pytest.raises(ArticleError, match=says) as refused:
        extract(data, article_format, slug="heart/bad")
    assert refused.value.where == f"heart/bad.{article_format.value}"
    assert refused.value.line == line


def test_a_furniture_rule_that_cannot_be_is_refused() -> None:
    """A rule needs a pattern or an element, not both, and a pattern must be a regular expression."""
    with pytest.raises(ValueError, match="either"):
        Furniture()
    with pytest.raises(ValueError, match="either"):
        Furniture(pattern="x", element="nav")
    with pytest.raises(ValueError, match="to_end"):
        Furniture(element="nav", to_end=True)
    with pytest.raises(ValueError, match="not a regular expression"):
        Furniture(pattern="(")


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{f'*a{i - 1}, ' * 9}]\n" for i in range(1, 40))
DEEP = {
    MD: (
        *("> ", "- ", "1. ", "[", "![", "*", "**a ", "_", "`", "~~", "<b>", "<div>\n", "\\", "&#", "$", "$$a ", "|"),
        *("[a](", "[a]: ", "[^a]", "<!--", "<![CDATA[", "<?", "(", "***bold", "a_b_", "&amp", "> - ", "a\n: "),
    ),
    HTML: (
        *("<b>", "<div>", "<p>", "<ul><li>", "<a b=", "<a b ", "<!--", "<!", "&", "&am", "</b>", "<script>", "<pre>"),
        *("<b translate=no>", "<code>", "<svg>", "<template>", "<title>", "<table><tr><td>", "<x-a>", "<img alt='"),
    ),
    TXT: ("- ", "1. ", "(", '"', ".", "A. ", "a.[1]", "\ufeff", "\u0338", "<b1>", "é. A "),
}
ONE_AFTER_THE_OTHER = {"***bold", "a\n: ", "$$a ", "A. ", "é. A ", "[a]: ", "</b>", "1. "}
"""These do not nest; each is a segment or a placeable of its own."""
READ = {"> ", "- ", "[", "![", "*", "_", "<b>", "<p>", "</b>", "(", "a\n: ", "&am", "1. ", ".", "A. ", "é. A ", "<x-a>"}
"""Of these forty are read in every format, and another text stands where they do."""
CLOSERS = {"[": "]", "![": "](u)", "*": "*", "<b>": "</b>", "<div>": "</div>", "<code>": "</code>", "<svg>": "</svg>"}


@pytest.mark.parametrize(("article_format", "part"), [(kind, part) for kind, parts in DEEP.items() for part in parts])
def test_a_hundred_thousand_inside_each_other_are_read_or_refused(article_format: ArticleFormat, part: str) -> None:
    """Neither the stack nor the patience runs out: what is not refused goes back byte for byte."""
    many = 20_000 if part in ONE_AFTER_THE_OTHER else 100_000
    text = part * many + "End." + CLOSERS.get(part, "") * many
    try:
        skeleton, segments = extract(text.encode(), article_format, slug="deep")
        assert fill(skeleton, {s.position: s.source for s in segments}).data == text.encode()
    except ArticleError as refused:
        assert refused.line
    skeleton, segments = extract((part * 40 + "End.").encode() if part in READ else b"End.", article_format, slug="a")
    assert fill(skeleton, {segments[-1].position: f"¡{segments[-1].source}!"}).kept == ()


def test_an_alias_bomb_is_never_expanded() -> None:
    """Front matter whose aliases stand for 9^40 texts is left alone, key by key, and the body is read."""
    skeleton, segments = extract(f"---\n{BOMB}---\nTake one.\n".encode(), MD, slug="a")
    assert [s.source for s in segments] == ["Take one."]
    assert {part.reason for part in skeleton.left_alone} >= {"front matter: a0", "front matter: a39"}


@pytest.mark.parametrize("article_format", [TXT, MD, HTML])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_stay_as_they_are(
    article_format: ArticleFormat, line_end: str, mark: str
) -> None:
    """The same sentences come out, and other texts go in between the same line ends."""
    text = f"{mark}One line{line_end}and two.{line_end}{line_end}Three.{line_end}"
    skeleton, segments = extract(text.encode(), article_format, slug="a")
    wanted = ["One line", "and two.", "Three."] if article_format is TXT else ["One line and two.", "Three."]
    assert [s.source for s in segments] == wanted
    assert fill(skeleton, {s.position: s.source for s in segments}).data == text.encode()
    assert fill(skeleton, {len(segments) - 1: "Tres."}).data == text.replace("Three.", "Tres.").encode()
