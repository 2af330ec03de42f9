"""Which segments are critical, and which rule says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Risk
from review.risk import RULES, RiskRule, risk


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_speaks_in_its_examples_and_only_where_it_should(rule: RiskRule) -> None:
    """The examples beside each rule are true, and so are those where it stays silent."""
    assert rule.examples
    for example in rule.examples:
        assert rule.name in risk(example)[1], example
    for example in rule.silent:
        assert rule.name not in risk(example)[1], example


def test_rules_have_names_of_their_own() -> None:
    """A name in a reviewer's note means one rule."""
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_ordinary_sentences_are_standard() -> None:
    """What explains, describes or encourages needs one reader."""
    for source in (
        "Sleep helps your heart.",
        "The test takes about 20 minutes.",
        "Ask a friend to come along.",
        "Most people feel well after a week.",
        "Your heart never sleeps.",
    ):
        assert risk(source) == (Risk.STANDARD, ()), source


def test_a_heading_makes_what_is_below_it_critical() -> None:
    """Under "Overdose" every sentence is critical, and the reason names the heading."""
    assert risk("Drink water.", ("Paracetamol", "Overdose")) == (
        Risk.CRITICAL,
        ('overdose (in the heading "Overdose")',),
    )
    assert risk("Drink water.", ("Paracetamol",)) == (Risk.STANDARD, ())


def test_tags_do_not_hide_a_rule() -> None:
    """An instruction is negated also when its "not" is bold."""
    assert "negated instruction" in risk("Do <b1>not</b1> stop.")[1]


@given(st.text(), st.lists(st.text(), max_size=2).map(tuple))
def test_critical_means_that_a_rule_spoke(source: str, headings: tuple[str, ...]) -> None:
    """There is no risk without a reason, and no reason without a risk."""
    found, reasons = risk(source, headings)
    assert (found is Risk.CRITICAL) == bool(reasons)
