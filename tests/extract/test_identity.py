"""What makes a sentence another one: its words, and all that a reader finds behind them and round them."""

import pytest

from pipeline.extract import extract
from pipeline.model import ArticleFormat

BEHIND = (
    ("md", 'Rest[a][1].\n\n[1]: https://a.example/ "5 mg"\n', 'Rest[a][1].\n\n[1]: https://a.example/ "50 mg"\n'),
    ("md", "Rest[a][1].\n\n[1]: https://a.example/5\n", "Rest[a][1].\n\n[1]: https://a.example/50\n"),
    ("md", '[Rest now.](a.html "5 mg")\n', '[Rest now.](a.html "50 mg")\n'),
    ("md", "[Rest now.][1]\n\n[1]: https://a.example/5\n", "[Rest now.][1]\n\n[1]: https://a.example/50\n"),
    ("md", "~~Take 10 mg.~~\n", "Take 10 mg.\n"),
    ("md", '![Five](a.png "5 mg")\n', '![Five](a.png "50 mg")\n'),
    ("html", "<p><del>Take 10 mg.</del></p>", "<p>Take 10 mg.</p>"),
    ("html", "<p><bdo dir=rtl>21</bdo></p>", "<p><bdo dir=ltr>21</bdo></p>"),
    ("html", "<p>Ten<br><sup>2</sup></p>", "<p>Ten<br><sub>2</sub></p>"),
)


@pytest.mark.parametrize(("format_", "before", "after"), BEHIND)
def test_what_stands_behind_a_sentence_is_part_of_it(format_: str, before: str, after: str) -> None:
    """Also where it is round the whole sentence, or far from it in a definition: else its sign-offs would stand."""

    def identities(text: str) -> list[str]:
        return [segment.source_hash for segment in extract(text.encode(), ArticleFormat(format_), slug="x")[1]]

    assert identities(before) != identities(after)


@pytest.mark.parametrize(
    ("format_", "before", "after"),
    [
        ("md", "**Rest now.**\n", "__Rest now.__\n"),
        ("html", "<p><span class=a>Rest now.</span></p>", "<p><span class=b>Rest now.</span></p>"),
        ("html", "<p><font size=1>Rest now.</font></p>", "<p>Rest now.</p>"),
    ],
)
def test_how_a_sentence_looks_is_no_part_of_it(format_: str, before: str, after: str) -> None:
    """A page says the same after such an edit, and nobody is asked again."""
    ids = [[s.source_hash for s in extract(t.encode(), ArticleFormat(format_), slug="x")[1]] for t in (before, after)]
    assert ids[0] == ids[1]
