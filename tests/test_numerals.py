"""Numbers in drafts: separators follow the locale, digits never change."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Locale
from pipeline.numerals import localize_numbers

ENGLISH = Locale("en")


@pytest.mark.parametrize(
    ("locale", "english", "expected"),
    [
        ("es", "0.125 mg", "0,125 mg"),
        ("es", "1,191 of 76,577", "1191 of 76.577"),
        ("pt-BR", "1,191 and 0.5", "1.191 and 0,5"),
        ("ca", "2.5-fold", "2.5-fold"),
        ("gl", "1-800-662-4357 and 4.2.1 and 10:30", "1-800-662-4357 and 4.2.1 and 10:30"),
        ("es", "2/1/24, v1.5, 1.5.2024", "2/1/24, v1.5, 1.5.2024"),
        ("en-GB", "1,000.5", "1,000.5"),
    ],
)
def test_a_copied_number_is_written_as_the_locale_writes_it(locale: str, english: str, expected: str) -> None:
    """Only plain numbers change, and only their separators."""
    assert localize_numbers(english, english, ENGLISH, Locale.parse(locale)) == expected


def test_a_number_that_the_engine_made_itself_stays() -> None:
    """What is not in the source was not copied: it is left for the checks to name."""
    assert localize_numbers("half a tablet", "0.5 comprimidos", ENGLISH, Locale("es")) == "0.5 comprimidos"


@given(st.text(st.sampled_from("0123456789.,:-/ mg"), max_size=60), st.sampled_from(["es", "pt-BR", "fr", "de", "ca"]))
def test_no_digit_is_ever_changed(text: str, locale: str) -> None:
    """A dose keeps its digits, whatever stands around it."""
    result = localize_numbers(text, text, ENGLISH, Locale.parse(locale))
    assert re.sub(r"\D", "", result) == re.sub(r"\D", "", text)
