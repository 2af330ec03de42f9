"""Where terms stand in a text."""

import pytest

from pipeline.model import Locale
from pipeline.terms import Concept, Matcher, Term, Termbase

EN = Locale.parse("en")


def matcher(*texts: str, tag: str = "en") -> Matcher:
    """A termbase of one concept per text."""
    locale = Locale.parse(tag)
    return Matcher(
        Termbase(
            concepts=tuple(
                Concept(id=f"c{place}", terms=(Term(locale=locale, text=text),)) for place, text in enumerate(texts)
            )
        )
    )


def found(text: str, *terms: str, tag: str = "en") -> list[str]:
    """What stands there, as it is written."""
    return [text[slice(*match.span)] for match in matcher(*terms, tag=tag).matches(text, Locale.parse(tag))]


@pytest.mark.parametrize(
    ("text", "terms", "expected"),
    [
        ("Seizures stopped.", ["seizure"], ["Seizures"]),
        ("The patient's seizures'", ["patient", "seizure"], ["patient", "seizures"]),
        ("Panic  disorders", ["panic disorder"], ["Panic  disorders"]),
        ("half-life, half life", ["half-life"], ["half-life", "half life"]),
        ("<b1>withdrawal</b1> symptoms", ["withdrawal symptom"], ["withdrawal</b1> symptoms"]),
        ("opioid use disorder", ["opioid", "opioid use disorder", "use disorder"], ["opioid use disorder"]),
        (
            "severe liver disease risk",
            ["severe liver disease", "liver disease risk"],
            ["severe liver disease", "liver disease risk"],
        ),
        ("sedation. Tolerance", ["sedation tolerance"], []),
        ("the U.S. label", ["U.S."], ["U.S."]),
        ("GABA, not gaba or Gaba", ["GABA"], ["GABA"]),
        ("two PDMPs", ["PDMP"], ["PDMPs"]),
        ("CLONAZEPAM OVERDOSE", ["clonazepam", "overdose"], ["CLONAZEPAM", "OVERDOSE"]),
        ("https://x.org/clonazepam/ clonazepam", ["clonazepam"], ["clonazepam"]),
        ("clonazepams clonazepamine", ["clonazepam"], ["clonazepams"]),
        ("AIDS and aids", ["AIDS", "hearing aid"], ["AIDS"]),
        ("therapies", ["therapy"], ["therapies"]),
    ],
)
def test_terms_are_found_in_their_forms(text: str, terms: list[str], expected: list[str]) -> None:
    """Plural, case, hyphens, tags and possessives make no difference; other words, marks and acronyms do."""
    assert found(text, *terms) == expected


@pytest.mark.parametrize(
    ("tag", "one", "many", "other"),
    [
        ("es", "convulsión", "convulsiones", "conversión"),
        ("es", "opioide", "opioides", "opio"),
        ("es", "dosis", "Dosis", "dos"),
        ("es", "año", "años", "ano"),
        ("ca", "convulsió", "convulsions", "conversió"),
        ("ca", "pastilla", "pastilles", "pastís"),
        ("ca", "risc", "riscos", "rics"),
        ("ca", "crisi", "crisis", "crit"),
        ("gl", "convulsión", "convulsións", "conversión"),
        ("gl", "animal", "animais", "anima"),
        ("pt", "convulsão", "convulsões", "conversão"),
        ("pt-BR", "dose", "doses", "dos"),
        ("pt", "nível", "níveis", "nive"),
        ("fr", "benzodiazépine", "benzodiazépines", "benzène"),
        ("fr", "canal", "canaux", "cane"),
        ("de", "Krampfanfall", "Krampfanfälle", "Krampf"),
        ("it", "convulsione", "convulsioni", "conversione"),
    ],
)
def test_a_plural_is_its_term_and_another_word_is_not(tag: str, one: str, many: str, other: str) -> None:
    """Each language's table brings number together, and no more."""
    assert found(f"{one}, {many}, {other}", one, tag=tag) == [one, many]
