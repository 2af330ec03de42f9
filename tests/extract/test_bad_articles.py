"""What cannot be read as a whole is refused, with the line."""

import pytest

from pipeline.errors import ArticleError
from pipeline.extract import MAX_BYTES, Furniture, extract
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
