"""Faults of Markdown readers that would lose text, each with the article that showed it."""

import pytest

from pipeline.extract import body_start, extract, fill
from pipeline.model import ArticleFormat, SegmentKind


def sources(article: str) -> list[str]:
    """The sources of a Markdown article's segments."""
    _, segments = extract(article.encode(), ArticleFormat.MARKDOWN, slug="a")
    return [segment.source for segment in segments]


@pytest.mark.parametrize(
    ("article", "wanted"),
    [
        # pulldown-cmark's own option takes every pair of rules for metadata and shows nothing of it
        ("Para\n\n---\nNote: read me\n---\n\nEnd", ["Para", "Note: read me", "End"]),
        ("---\nTake one tablet\n\n---\nEnd", ["Take one tablet", "End"]),
        ("---\ntitle: A\nowner: nobody\n---\nEnd", ["A", "End"]),
        ("$5-$10 is the price.", ["$5-$10 is the price."]),
        ("![Take <b> or <i>](u)", ["Take <b> or <i>"]),
        ("Take ![one](u) now.", ["Take <g1>one</g1> now."]),
        ("> <div\n> title='Tip'>\n> Take\n> one.\n> </div>", ["Tip", "Take one."]),
        ("| a | `x\\|y` z |\n|---|---|\n| \\| | **b** c |", ["a", "<x1/> z", "<b1>b</b1> c"]),
        ("Text\\\n**b**<br>c <!-- no --> d", ["Text<x1/><b2>b</b2><x3/>c <x4/> d"]),
        ("Use <code>a *b*</code> or <kbd>c</kbd>.", ["Use <x1/> or <g2>c</g2>."]),
    ],
)
def test_no_text_is_lost(article: str, wanted: list[str]) -> None:
    """Every letter of these articles comes out, code and comments left alone."""
    assert sources(article) == wanted


def test_the_body_begins_behind_the_front_matter() -> None:
    """What is rendered starts at `body_start`, in files with and without front matter."""
    assert body_start(b"---\ntitle: A\n---\nEnd") == len(b"---\ntitle: A\n---\n")
    assert body_start(b"\xef\xbb\xbfEnd") == 3
    assert body_start(b"---\nNo map here\n---\nEnd") == 0


def test_front_matter_title_and_first_heading_can_both_be_there() -> None:
    """The front matter's title is the TITLE; the first heading stays a heading and is in no heading path."""
    skeleton, segments = extract(b"---\ntitle: A\n---\n# B\n\nC\n\n## D\n\nE", ArticleFormat.MARKDOWN, slug="a")
    assert [(s.kind, s.heading_path) for s in segments] == [
        (SegmentKind.TITLE, ()),
        (SegmentKind.HEADING, ()),
        (SegmentKind.PARAGRAPH, ()),
        (SegmentKind.HEADING, ()),
        (SegmentKind.PARAGRAPH, ("D",)),
    ]
    filled = fill(skeleton, {0: "X: y", 1: "# B2"})
    assert filled.data == b'---\ntitle: "X: y"\n---\n# \\# B2\n\nC\n\n## D\n\nE'
