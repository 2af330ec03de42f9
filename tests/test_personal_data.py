"""What looks like a person's, before it leaves for another machine."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.personal_data import personal_data


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Write to ana.bell@clinic.example.org.", "an e-mail address"),
        ("Call 555-010-1234 at night.", "a phone number"),
        ("Call +34 600 123 456 at night.", "a phone number"),
        ("Call (555) 010-1234 at night.", "a phone number"),
        ("Call <b1>555.010.1234</b1> at night.", "a phone number"),
        ("Call 555\u2011010\u20111234 at night.", "a phone number"),
        ("WhatsApp: +34600123456.", "a phone number"),
        ("Call her 5550101234 at night.", "a phone number"),
        ("Her number is 123-45-6789.", "a social security number"),
        ("Her number is 123\u201145\u20136789.", "a social security number"),
        ("Mrs Anna Bell, DOB: 03/04/1961, was seen.", "a date of birth"),
        ("She was born on March 4, 1961 in a village.", "a date of birth"),
        ("Date of birth: 1961-03-04", "a date of birth"),
        ("Patient Anna Bell, MRN 00123456, came in.", "a record number beside a name"),
        ("See medical record number: AB-1234567.", "a record number"),
        ("NHS number 943 476 5919 was checked.", "a record number"),
    ],
)
def test_what_looks_like_a_persons_is_found(text: str, what: str) -> None:
    """Each kind by its shape, at its place in the visible text, once."""
    (found,) = personal_data(text)
    assert found.what == what


@pytest.mark.parametrize(
    "text",
    [
        "Take 0.5 mg twice a day for 2-4 weeks.",
        "From 1990-2000 there were 1,250,000 cases.",
        "Doses of 10-20-30 mg, then 40 mg.",
        "The trial had 12 345 678 people.",
        "Call 988 in a crisis, or 112.",
        "See 10.1056/NEJM-2012-1234567 and ISBN 978-3-16-148410-0.",
        "He was born in 1961.",
        "Keep your medical record in order.",
        "Patients with a case number of 5 or more.",
        "Temperature 36.6 - 37.2, pulse 60-80.",
        "Take 1000–2000 IU, at most 4000000000 in all.",
        "Trial NCT5550101234 and call 911 first.",
        "Version 1.2.3.4 at 2026-01-31 12:30.",
        "Use @ for at.",
    ],
)
def test_what_articles_are_full_of_is_not(text: str) -> None:
    """Doses, years, ranges, large numbers, short crisis lines, identifiers of papers."""
    assert personal_data(text) == []


def test_a_crisis_line_is_no_person() -> None:
    """What `allow` names passes, however it is written; its neighbours do not."""
    text = "Call 1-800-555-0100 or 1 800 555 0199; write to Help@Example.org."
    assert len(personal_data(text)) == 3
    allow = ("1 (800) 555 0100", "help@example.org")
    (found,) = personal_data(text, allow)
    assert text[found.start : found.end] == "1 800 555 0199"


@given(st.text(st.sampled_from("a1 .-@+()mrnMRN:/é")), st.lists(st.text(max_size=5), max_size=2))
def test_any_text_gets_an_answer(text: str, allow: list[str]) -> None:
    """Places are within the text, in order, and do not overlap."""
    position = 0
    for found in personal_data(text, tuple(allow)):
        assert position <= found.start < found.end <= len(text)
        position = found.end


@pytest.mark.parametrize(
    "text", ["1 " * 200_000, "a.b@" * 100_000, "1-" * 200_000, "patient id " * 40_000, "+1 (" * 90_000]
)
def test_it_takes_time_by_length_only(text: str) -> None:
    """Half a megabyte of anything: the test's own deadline is generous."""
    started = time.process_time()
    personal_data(text)
    assert time.process_time() - started < 20
