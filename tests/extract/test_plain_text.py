"""Guesses of plain text, and how people overrule them."""

from pipeline.extract import Furniture, Rules, extract, title_position
from pipeline.model import ArticleFormat, SegmentKind

ARTICLE = """Sleep Medicines: What to Ask

people also ask

Zolpidem helps some people to fall asleep; it is not for everyone, and never for long.

Common Risks

Falls are common in older adults, at night above all, and so is confusion in the morning.

Leave Your Vote

0 points
"""


def kinds(rules: Rules) -> dict[str, tuple[SegmentKind, bool, str]]:
    """Kind, guessed and furniture of each block, by its text."""
    skeleton, _ = extract(ARTICLE.encode(), ArticleFormat.PLAIN_TEXT, slug="a", rules=rules)
    return {skeleton.data[b.start : b.end].decode(): (b.kind, b.guessed, b.furniture) for b in skeleton.blocks}


def test_headings_are_guessed_and_marked_so() -> None:
    """A line in capitals above prose is a heading by guess, the one above everything the title."""
    found = kinds(Rules())
    assert found["Sleep Medicines: What to Ask"] == (SegmentKind.TITLE, True, "")
    assert found["Common Risks"] == (SegmentKind.HEADING, True, "")
    assert found["people also ask"][0] is found["0 points"][0] is SegmentKind.PARAGRAPH


def test_people_overrule_the_guess() -> None:
    """What is set by hand is no guess any more."""
    found = kinds(Rules(headings=("people also ask",), not_headings=("Common Risks",)))
    assert found["people also ask"] == (SegmentKind.HEADING, False, "")
    assert found["Common Risks"][0] is SegmentKind.PARAGRAPH


def test_heading_path_names_the_headings_above_without_the_title() -> None:
    """A sentence knows under which heading it stands."""
    skeleton, segments = extract(ARTICLE.encode(), ArticleFormat.PLAIN_TEXT, slug="a")
    falls = next(s for s in segments if s.source.startswith("Falls"))
    assert falls.heading_path == ("Common Risks",)
    assert falls.before == "Common Risks"
    assert title_position(skeleton, segments) == 0


def test_furniture_is_hidden_to_the_end_only_when_the_rule_says_so() -> None:
    """A pattern must match the whole text of a block; `to_end` hides what follows as well."""
    assert kinds(Rules(furniture=(Furniture(pattern="Leave"),)))["Leave Your Vote"][2] == ""
    one = kinds(Rules(furniture=(Furniture(pattern="Leave .*"),)))
    assert (one["Leave Your Vote"][2], one["0 points"][2]) == ("Leave .*", "")
    both = kinds(Rules(furniture=(Furniture(pattern="Leave .*", to_end=True),)))
    assert both["0 points"][2] == "Leave .*"
