"""Texts that go back into an article, and those that cannot."""

import pytest

from pipeline.extract import extract, fill
from pipeline.model import ArticleFormat

TXT, MD, HTML = ArticleFormat.PLAIN_TEXT, ArticleFormat.MARKDOWN, ArticleFormat.HTML


def filled(article: str, article_format: ArticleFormat, **texts: str) -> tuple[str, dict[int, str]]:
    """The article with `_0="…"` in the place of segment 0, and the reasons of what was kept."""
    skeleton, _ = extract(article.encode(), article_format, slug="a")
    result = fill(skeleton, {int(name[1:]): text for name, text in texts.items()})
    return result.data.decode(), {entry.position: entry.reason for entry in result.kept}


@pytest.mark.parametrize(
    ("article", "article_format", "text", "expected"),
    [
        ("Stop.\n", TXT, " Alto\nya. ", "Alto ya.\n"),
        ("  • Stop\n", TXT, "1. Alto", "  • Stop\n"),  # it would read as "• 1."
        ("# Stop\n", MD, "# Alto *ya* [x](y) & &amp; <b>", "# \\# Alto \\*ya\\* \\[x\\](y) & \\&amp; \\<b>\n"),
        ("Stop\n", MD, "1. Alto", "1\\. Alto\n"),
        ("Stop\n", MD, "- Alto", "\\- Alto\n"),
        ("Stop\n", MD, "=== ", "\\===\n"),
        ("| a |\n|---|\n| Stop |\n", MD, "Alto", "| Alto |\n|---|\n| Stop |\n"),
        ("**Stop** now\n", MD, "x<b1>¡Alto!</b1>ya", "x<strong>¡Alto!</strong>ya\n"),
        ("_Stop_ now\n", MD, "re<i1>alto</i1>ya", "re<em>alto</em>ya\n"),
        ("**Stop** now\n", MD, "<b1> Alto </b1>ya", " **Alto** ya\n"),
        ("See [it] now\n\n[it]: u\n", MD, "<a1>Eso</a1> ya", "[Eso][it] ya\n\n[it]: u\n"),
        ("![A pill](u)\n", MD, "Una [pastilla]", "![Una \\[pastilla\\]](u)\n"),
        ("---\ntitle: Stop\n---\n", MD, 'Alto: "ya" # \\', '---\ntitle: "Alto: \\"ya\\" # \\\\"\n---\n'),
        (
            "<p>Stop</p>",
            HTML,
            "<script>alert(1)</script> & &lt;",
            "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &amp;lt;</p>",
        ),
        ("<img alt='A pill'>", HTML, "\"Una\" 'pastilla'>", "<img alt='&quot;Una&quot; &#39;pastilla&#39;&gt;'>"),
        ("<img alt=Pill>", HTML, "Una pastilla", '<img alt="Una pastilla">'),
        ("<p>In <img alt=Pill> it", HTML, 'En <g1>la "pastilla"</g1>', '<p>En <img alt="la &quot;pastilla&quot;">'),
    ],
)
def test_a_text_is_written_for_its_place(article: str, article_format: ArticleFormat, text: str, expected: str) -> None:
    """Only placeables are markup; everything else of a text reads as plain words where it stands."""
    result, kept = filled(article, article_format, _0=text)
    assert result == expected
    assert bool(kept) == (result == article)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Tome.", "<b1> is missing"),
        ("<b1>Tome", "<b1> is never closed"),
        ("</b1>Tome<b1>", "</b1> closes what is not open"),
        ("<b1>Tome</b1> <b1>5</b1>", "<b1> is there twice"),
        ("<b1>Tome</b1><x2/>", "<x2/>, which the source has not"),
        ("<b1/>Tome", "<b1/>, which the source has not"),
        (" \u2028", "it is empty"),
        ("<b1></b1>", "it is empty"),
        ("<b1>To\x07me</b1>", "control character"),
        ("<b1>" + "x" * 100_001 + "</b1>", "longer than"),
    ],
)
def test_a_text_that_cannot_go_in_keeps_the_source_and_says_why(text: str, reason: str) -> None:
    """Every text that is left out is named, and the others still go in."""
    result, kept = filled("**Take** 5 mg daily. Rest.\n", MD, _0=text, _1="Descanse.")
    assert result == "**Take** 5 mg daily. Descanse.\n"
    assert reason in kept[0]
    assert list(kept) == [0]


def test_one_bad_text_does_not_take_its_neighbours_out() -> None:
    """Of the texts of one block only the one that breaks it is kept out."""
    result, kept = filled("- A **b** c. D e. F g.\n- H\n", MD, _0="x<b1>.</b1> c.", _1="D2.", _2="F2.", _3="H2")
    assert "D2. F2." in result
    assert "- H2" in result
    assert not kept


def test_publisher_marks_stand_in_every_format() -> None:
    """Private-use characters around a text come back as they went in, beside any markup."""
    for article, article_format in (("**Stop** it. Rest.", MD), ("Stop it. Rest.", TXT), ("<b>Stop</b> it. Go.", HTML)):
        skeleton, segments = extract(article.encode(), article_format, slug="a")
        texts = {s.position: f"\ue000{s.source}\U000f0001" for s in segments}
        result = fill(skeleton, texts)
        assert result.kept == ()
        assert result.data.decode().replace("\ue000", "").replace("\U000f0001", "") == article


def test_a_position_that_does_not_exist_is_an_error() -> None:
    """A text for a segment of another article is not dropped silently."""
    with pytest.raises(IndexError, match="no segment 7"):
        filled("Stop.", TXT, _7="Alto.")


def test_original_bytes_come_back_for_text_in_another_normal_form() -> None:
    """A source is NFC and reads entities, the article's own bytes return when it is unchanged."""
    article = "cafe\u0301 &amp; t\u00e9 \\*  x\n  wrapped.\n"
    skeleton, segments = extract(article.encode(), MD, slug="a")
    assert segments[0].source == "café & té * x wrapped."
    assert fill(skeleton, {0: segments[0].source}).data == article.encode()
