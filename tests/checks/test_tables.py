"""The data files of the checks: every one obeys its shape."""

import pytest

from review.checks.tables import complaints, every_table, measured, missing, table


@pytest.mark.parametrize(("language", "subject"), sorted(every_table()))
def test_every_table_obeys_its_shape(language: str, subject: str) -> None:
    """Keys, types and texts of each data file are as the family reads them."""
    assert not list(complaints(language, subject))


def test_a_language_without_a_table_says_so() -> None:
    """Polish has no table, Spanish has them all, and nothing outside of the folder is read."""
    assert "numbers" in missing("pl")
    assert not missing("es")
    assert not table("../en", "numbers")
    assert measured("es", "numbers") and not measured("gl", "numbers")


def test_the_parts_of_a_table_are_numbers_where_they_must_be() -> None:
    """Values of words, months and days are whole numbers; magnitudes are powers of ten."""
    for language, subject in every_table():
        read = table(language, subject)
        if subject == "numbers":
            assert all(key.isdecimal() for part in ("words", "also") for key in read[part])
            assert all(0 < power <= 12 for power in read["magnitudes"].values())
        if subject == "calendar":
            assert list(read["months"]) == [str(number) for number in range(1, 13)]
            assert list(read["weekdays"]) == [str(number) for number in range(1, 8)]
