"""The reviewer sees which words changed, and loudly when a number or a negation did."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.changes import NEGATION_CHANGED, NUMBER_CHANGED, UNIT_CHANGED, word_changes, word_count


@pytest.mark.parametrize(
    ("former", "source", "marked", "warnings"),
    [
        ("Take 2 tablets.", "Take 3 tablets.", "Take {-2-}{+3+} tablets.", (NUMBER_CHANGED,)),
        ("Take two tablets.", "Take 3 tablets.", "Take {-two-}{+3+} tablets.", (NUMBER_CHANGED,)),
        ("Take two tablets.", "Take 2 tablets.", "Take {-two-}{+2+} tablets.", ()),
        ("Take 0.5 mg.", "Take 5 mg.", "Take {-0.5-}{+5+} mg.", (NUMBER_CHANGED,)),
        ("Take 1,000 mg.", "Take 1000 mg.", "Take {-1,000-}{+1000+} mg.", ()),
        ("Take 5 mg.", "Take 5 mcg.", "Take 5 {-mg-}{+mcg+}.", (UNIT_CHANGED,)),
        ("Take it once a day.", "Take it twice a day.", "Take it {-once-}{+twice+} a day.", (NUMBER_CHANGED,)),
        ("Do not drink.", "Do drink.", "Do {-not-} drink.", (NEGATION_CHANGED,)),
        ("You can drive.", "You can't drive.", "You {-can-}{+can't+} drive.", (NEGATION_CHANGED,)),
        ("You can't drive.", "You cannot drive.", "You {-can't-}{+cannot+} drive.", ()),
        ("Drink, do not eat.", "Do not drink, eat.", None, (NEGATION_CHANGED,)),
        ("<b1>Never</b1> stop it.", "Stop it.", "{-<b1>Never</b1> stop-}{+Stop+} it.", (NEGATION_CHANGED,)),
        ("Rest.", "Rest.", "", ()),
        ("Please rest.", "rest.", "{-Please-} rest.", ()),
        ("Rest.", "Rest, then walk.", "Rest{+, then walk+}.", ()),
    ],
)
def test_what_changed_is_marked(former: str, source: str, marked: str | None, warnings: tuple[str, ...]) -> None:
    """Digits, numbers in words, units and negations are warned of by what they mean, not by how they are written."""
    changes = word_changes(former, source)
    assert marked is None or changes.marked == marked
    assert changes.warnings == warnings


def test_a_long_sentence_is_shown_around_its_change() -> None:
    """Six words on either side."""
    words = [f"word{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    former, source = " ".join(words), " ".join(["one", *words[:13], "new", *words[13:]])
    marked = word_changes(former, source).marked
    assert marked == f"{{+one+}} {' '.join(words[:13])} {{+new+}} {' '.join(words[13:19])} …"


def test_the_words_of_a_source_are_counted_as_translators_are_paid() -> None:
    """What stands between blanks; tags are none."""
    assert word_count("Take <b1>0.5 mg</b1> twice a day.<x2/>") == 6


TEXTS = st.text(st.sampled_from("ab 1½²2,.'’-\n{}+ not"), max_size=40)


@settings(deadline=None, max_examples=300)
@given(TEXTS, TEXTS)
def test_nothing_is_lost_in_the_marks(former: str, source: str) -> None:
    """Short texts: taking out what is marked as gone gives today's words, and the other way round."""
    marked = word_changes(former, source).marked
    if "{" in former + source or "}" in former + source or not marked or "…" in marked:
        return
    letters = re.compile(r"\s+")
    today = re.sub(r"\{\+(.*?)\+\}", r"\1", re.sub(r"\{-.*?-\}", "", marked, flags=re.DOTALL), flags=re.DOTALL)
    before = re.sub(r"\{-(.*?)-\}", r"\1", re.sub(r"\{\+.*?\+\}", "", marked, flags=re.DOTALL), flags=re.DOTALL)
    assert letters.sub("", today) == letters.sub("", source)
    assert letters.sub("", before) == letters.sub("", former)


def test_a_text_of_the_largest_size_is_compared_in_bounded_work() -> None:
    """Two texts of 60 kB with nothing in common are shown as wholly replaced."""
    assert word_changes("a " * 30_000, "b " * 30_000).marked.startswith("{-a a")
