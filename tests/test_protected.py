"""What no translation may change: which spans are found, which patterns a workspace may name, and at what cost."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import tags_of
from pipeline.protected import MAX_WAYS, MAX_WIDTH, Protect, ProtectedKind, cost_of, phone_digits, protected_spans

RULES = (Protect(name="Digital Health Buzz!"), Protect(pattern=r"AB-\d{4,6}"))


def found(text: str) -> list[tuple[str, str]]:
    """The protected texts with their kinds."""
    return [(text[span.start : span.end], span.kind.name) for span in protected_spans(text, RULES)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Read Digital  Health Buzz! daily.", [("Digital  Health Buzz!", "NAME")]),
        ("Quote AB-12345, not AB-123.", [("AB-12345", "NAME")]),
        ("See (https://a.org/b_(c)?d=1).", [("https://a.org/b_(c)?d=1", "URL")]),
        ("Try www.dea.gov, Drugs.com or samhsa.gov/find-help.", "www.dea.gov Drugs.com samhsa.gov/find-help URL"),
        ("It helps.The rest, e.g. node.js, v1.2.com-x and 3.5 do not.", []),
        ("Write to first.last+tag@sub.clinic.org.", [("first.last+tag@sub.clinic.org", "EMAIL")]),
        ("Call 1-800-662-HELP (4357), 1-800-QUIT-NOW or (202) 555-0143.", None),
        ("From abroad +44 20 7946 0958; at home 020 7946 0958 or 0800 1111.", None),
        (
            "Text 988 in a crisis. Call 911 or 112. The 988 Lifeline is free.",
            [(n, "PHONE") for n in ("988", "911", "112", "988")],
        ),
        ("In 911 patients 112 mg was 988 times too much.", []),
        ("Weigh 555 123 4567 or 2010-2012-2014.", []),
        ("F13.20, ICD-10 code F13, N03AE01, NCT04280705, PMID: 12345, CAS 1622-61-3.", None),
        ("Vitamin B12, COVID-19, 12-34-5, CYP3A4, H1N1.", []),
        ("NDC 0004-0058-01; doi 10.1056/NEJMoa2007764. Then.", "0004-0058-01 10.1056/NEJMoa2007764 CODE"),
        ("So.[1] Then [2, 3] and [4–6].¹,² A habit³ of 5 m² or 2 cm³, 10⁹.†", None),
        ("95% CI [0.5, 1.2] and [sic].", []),
        ("<b1>Call 911</b1> <x2/>https://a.org<x3/>.", [("911", "PHONE"), ("https://a.org", "URL")]),
    ],
)
def test_what_is_protected(text: str, expected: list[tuple[str, str]] | str | None) -> None:
    """Names, addresses, phones, codes and marks are found whole; what only looks alike is left to the translator."""
    expected = MANY[text] if expected is None else expected
    if isinstance(expected, str):
        *texts, kind = expected.split(" ")
        expected = [(one, kind) for one in texts]
    assert found(text) == expected


MANY = {
    "Call 1-800-662-HELP (4357), 1-800-QUIT-NOW or (202) 555-0143.": [
        ("1-800-662-HELP (4357)", "PHONE"),
        ("1-800-QUIT-NOW", "PHONE"),
        ("(202) 555-0143", "PHONE"),
    ],
    "From abroad +44 20 7946 0958; at home 020 7946 0958 or 0800 1111.": [
        ("+44 20 7946 0958", "PHONE"),
        ("020 7946 0958", "PHONE"),
        ("0800 1111", "PHONE"),
    ],
    "F13.20, ICD-10 code F13, N03AE01, NCT04280705, PMID: 12345, CAS 1622-61-3.": [
        (code, "CODE") for code in ("F13.20", "F13", "N03AE01", "NCT04280705", "PMID: 12345", "1622-61-3")
    ],
    "So.[1] Then [2, 3] and [4–6].¹,² A habit³ of 5 m² or 2 cm³, 10⁹.†": [
        (mark, "FOOTNOTE_MARK") for mark in ("[1]", "[2, 3]", "[4–6]", "¹,²", "³", "†")
    ],
}


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("1-800-662-HELP (4357)", "18006624357"),
        ("1-800-662-4357 (HELP)", "18006624357"),
        ("1 800 662 4357", "18006624357"),
        ("+44 20 7946 0958", "442079460958"),
        ("988", "988"),
    ],
)
def test_a_phone_is_the_digits_that_one_dials(written: str, digits: str) -> None:
    """Words for keys, separators and what is said twice are no other number."""
    assert phone_digits(written) == digits


# ---- for every text

PIECES = st.sampled_from(
    [
        *(
            "https://a.org/b",
            "www.dea.gov",
            "a@b.org",
            "988",
            "Call ",
            "1-800-662-HELP (4357)",
            "F13.20",
            "[1]",
            "¹",
            ".²",
        ),
        *(
            "AB-1234",
            "Digital Health Buzz!",
            "<b1>",
            "</b1>",
            "<x2/>",
            " ",
            "\n",
            ".",
            "(",
            ")",
            "10.1056/x",
            "1622-61-3",
            "0",
        ),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=20).map("".join)


@given(TEXTS)
def test_spans_are_in_order_disjoint_and_hold_no_tag(text: str) -> None:
    """Spans ascend, are not empty, have no blank at an edge, and never share a character with a tag or each other."""
    spans = protected_spans(text, RULES)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    assert all(text[span.start : span.end].strip() == text[span.start : span.end] for span in spans)
    assert all(span.end <= tag.start() or tag.end() <= span.start for span in spans for tag in tags_of(text))
    assert all(span.reason for span in spans)


@given(TEXTS)
def test_what_a_workspace_names_is_always_protected(text: str) -> None:
    """No address or code around it takes a name away: a match of a rule is in spans of that kind."""
    spans = protected_spans(text, RULES)
    bare = "".join("\n" if any(t.start() <= i < t.end() for t in tags_of(text)) else c for i, c in enumerate(text))
    for rule in RULES:
        for match in rule.compiled.finditer(bare):
            assert any(s.start < match.end() and match.start() < s.end and s.kind is ProtectedKind.NAME for s in spans)


HOSTILE = (
    "0",
    "0-",
    "1-800-",
    "a",
    "a.",
    "a@",
    "@",
    "https://",
    "www.",
    "www.a)",
    "(",
    "[1",
    "[1,",
    "¹",
    ".¹,",
    "Call ",
    "Call 9",
    "F13.",
    "10.1056/",
    "PMID ",
    "+1 ",
    "A",
    "AB-",
    "Digital ",
    "Digital   Health ",
    "<b1",
    "<b1>",
    "0 ",
    "1622-61-",
    "x" * 63 + ".",
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_input_of_a_megabyte_comes_through(unit: str) -> None:
    """A megabyte that almost holds spans everywhere is read like any text: were it quadratic, this would hang."""
    text = unit * (1_000_000 // len(unit))
    spans = protected_spans(text + " and info@clinic.org.", RULES)
    assert text + " and info@clinic.org." and (not spans or spans[-1].end <= len(text) + 20)


# ---- patterns


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "a+",
            "a*",
            "a{2,}",
            "a{,3}",
            "(a?){30}b",
            "(a|b|c){1,9}",
            r"\w{1,40} \w{1,40}",
            "x{129}",
            "(?=a)b",
            "(?<!a)b",
            "^a",
            "a$",
        ),
        *(
            "(?P<n>a)(?P=n)",
            r"(a)\1",
            "a??",
            "a{1,2}+",
            "(?i)a",
            "[a-",
            "(a",
            "a)",
            "",
            "a?",
            "(?:)",
            r"\b",
            "[[a]]",
            r"\A",
            "(" * 30 + "a" + ")" * 30,
        ),
    ],
)
def test_a_pattern_that_could_be_slow_is_refused(pattern: str) -> None:
    """So is one that is broken, looks around, or matches nothing at all; each in a sentence."""
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        Protect(pattern=pattern)


@pytest.mark.parametrize(
    "pattern", [r"AB-\d{4,6}", "Klono(?:pin|p)", r"\bRx [A-Z]{2,3}\d{1,8}\b", r"[^\]\s]x", r"\$5\.00", ".{3}"]
)
def test_a_bounded_pattern_is_taken(pattern: str) -> None:
    """Codes, forms and fixed words are all within the bounds."""
    cost = cost_of(pattern)
    assert 1 <= cost.ways <= MAX_WAYS and 1 <= cost.shortest <= cost.longest <= MAX_WIDTH


BITS = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", r"\w"]),
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})")
        | st.tuples(inner, st.integers(0, 3), st.integers(0, 3)).map(lambda t: f"(?:{t[0]}){{{t[1]},{t[1] + t[2]}}}")
    ),
    max_leaves=8,
)


@given(BITS, st.text("ab", max_size=40))
def test_the_cost_of_a_pattern_is_not_too_low(pattern: str, text: str) -> None:
    """Every match is as long as the cost says: between the shortest and the longest."""
    try:
        cost = cost_of(pattern)
    except ValueError:
        return
    for match in re.compile(pattern).finditer(text):
        assert cost.shortest <= match.end() - match.start() <= cost.longest


def test_a_rule_is_a_name_or_a_pattern() -> None:
    """Neither, both, or a name longer than any name are refused."""
    for name, pattern in (("", ""), ("a", "b"), (" ", ""), ("x" * 200, "")):
        with pytest.raises(ValueError, match=r"a name|or a pattern"):
            Protect(name=name, pattern=pattern)
