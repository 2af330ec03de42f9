"""Where terms stand in a text."""

import sys
from itertools import pairwise
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model import Locale
from pipeline.terms import Concept, Matcher, Term, Termbase
from pipeline.terms.matching import MOST_WORDS

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


def test_forms_and_the_most_specific_locale_count() -> None:
    """A form is its term; pt-BR has its own terms where a concept has some, else those of pt."""
    br, pt = Locale.parse("pt-BR"), Locale.parse("pt")
    one = Concept(
        id="tablet",
        terms=(Term(locale=pt, text="comprimido", forms=("pastilha",)), Term(locale=br, text="tablete")),
    )
    other = Concept(id="coma", terms=(Term(locale=pt, text="coma"),))
    both = Matcher(Termbase(concepts=(one, other)))
    text = "comprimido, pastilhas, tabletes, coma"
    assert [match.term.text for match in both.matches(text, br)] == ["tablete", "coma"]
    assert [match.term.text for match in both.matches(text, pt)] == ["comprimido", "comprimido", "coma"]


def test_homonyms_are_both_found() -> None:
    """Two concepts with one word share its place."""
    matches = matcher("depression", "Depression").matches("depression", EN)
    assert [(match.span, match.concept.id) for match in matches] == [((0, 10), "c0"), ((0, 10), "c1")]


def test_names_that_stay_are_found_for_masking() -> None:
    """`do_not_translate_spans` gives the places of names, and of nothing else."""
    name = Concept(id="brand", do_not_translate=True, terms=(Term(locale=EN, text="Klonopin"),))
    word = Concept(id="dose", terms=(Term(locale=EN, text="dose"),))
    both = Matcher(Termbase(concepts=(name, word)))
    assert both.do_not_translate_spans("A dose of <b1>Klonopin</b1>, Klonopin's", EN) == ((14, 22), (29, 37))


WORDS = st.sampled_from(["dose", "doses", "Dose", "GABA", "gaba", "-", "<b1>", "</b1>", ". ", " ", "’s", "ñ", "ſ", "İ"])


@settings(deadline=None)
@given(st.lists(WORDS | st.text(max_size=3), max_size=12).map("".join), st.sampled_from(["en", "es", "zh", "tr"]))
def test_matches_lie_in_the_text_in_order_and_none_within_another(text: str, tag: str) -> None:
    """Whatever the text: spans are parts of it, ascending, and no match stands within another."""
    some = [term for term in ("dose", "GABA dose", "dose-dose", "ñ", "漢字") if term]
    matches = matcher(*some, tag=tag).matches(text, Locale.parse(tag))
    spans = list(dict.fromkeys(match.span for match in matches))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(spans))


def steps(of: Matcher, text: str) -> int:
    """How many calls looking a text up takes."""
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    of.matches("warm up", EN)
    sys.setprofile(count)
    try:
        of.matches(text, EN)
    finally:
        sys.setprofile(None)
    return counted


NESTED = tuple(" ".join(["a"] * length) for length in range(1, MOST_WORDS + 1))
MANY = tuple(f"word{place} {place % 100}" for place in range(10_000))


@pytest.mark.parametrize(
    ("word", "size"),
    [("word7 7 ", 1 << 20), ("word7 ", 1 << 20), ("a ", 1 << 15)]
    + [(word, 1 << 17) for word in ("x" * 50 + " ", "<b1>", "'s", "www.", ".", "é\u0301 ")],
)
def test_looking_up_is_linear_in_the_text_and_does_not_grow_with_the_termbase(word: str, size: int) -> None:
    """10,000 terms: four times the text takes four times the steps, up to 1 MB; a hundredth of the terms, as many."""
    of = matcher(*NESTED, *MANY)
    quarter, whole = word * (size // 4 // len(word)), word * (size // len(word))
    assert steps(of, whole) <= 4.1 * steps(of, quarter) + 100
    few = matcher(*NESTED, *MANY[:100])
    assert steps(of, quarter) <= 1.01 * steps(few, quarter) + 100
