"""Where sentences end, by example and for every text."""

import re
import tomllib
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract import sentences
from pipeline.extract.sentences import MARK, OBJECT, Ends, has_rules, split_sentences
from pipeline.protected import Protect

GOLDEN = Path(__file__).parent.parent / "golden" / "sentences"
LANGUAGES = ("ca", "de", "en", "es", "fr", "gl", "it", "pt")
KNOWN_ERRORS = {"en-references": 1, "en-speech": 1, "en-later": 1}
"""What we would have to guess: `against C.` before a capital, `Yahoo! Answers`, whether `Stage 3a.` is a heading."""


def placed(text: str) -> set[int]:
    """The ends of a marked text, as counts of the characters before them that are not blank."""
    parts = [len(re.sub(r"\s", "", part)) for part in text.split("‖")]
    return {sum(parts[: n + 1]) for n in range(len(parts) - 1)}


def errors(language: str, paragraphs: Path) -> list[str]:
    """The paragraphs that we cut otherwise than the golden file says."""
    wrong = []
    for line in paragraphs.read_text(encoding="utf-8").splitlines():
        text = line.replace("‖", "")
        ours = "‖".join(text[start:end] for start, end in split_sentences(text, language))
        wrong += [ours for _ in placed(ours) ^ placed(line)]
    return wrong


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_sentences_end_where_a_person_ended_them(case: str) -> None:
    """Each folder is prose written by hand; `‖` is an end, and there are no others but for the errors known."""
    found = errors(case.partition("-")[0], GOLDEN / case / "paragraphs.txt")
    assert len(found) == KNOWN_ERRORS.get(case, 0), "\n".join(found)


# ---- for every text

_PIECES = st.sampled_from(
    [
        *(
            "Dr.",
            "e.g.",
            "No.",
            "5",
            "0.5 mg.",
            "b.i.d.",
            "M.D.",
            "vitamin D.",
            "E. coli",
            "U.S.",
            "z. B.",
            "M.",
            "1.º",
        ),
        *(". ", ".", "...", "…", "? ", "! ", "¿", "¡", "« ", " »", "„", "“", "”", "(", ")", "[1]", "¹", "\n", "\u00a0"),
        *("Stop", "The", "mRNA", "a) ", "• ", OBJECT, MARK, "Yahoo! Inc.", "ended.The next", "-", "–", "3.", "IV."),
    ]
)
TEXTS = st.lists(_PIECES | st.text(max_size=3), max_size=30).map("".join)
LANGUAGE = st.sampled_from([*LANGUAGES, "xx"])
PROTECT = (Protect(name="Yahoo! Inc."), Protect(pattern=r"Dr\. [A-Z]\w{1,9}"))


@given(TEXTS, LANGUAGE)
def test_every_character_is_in_one_sentence(text: str, language: str) -> None:
    """Spans ascend, are disjoint, have no blank at an edge, and hold every character that is not blank."""
    spans = split_sentences(text, language, PROTECT)
    assert all(start < end for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())


@given(TEXTS, LANGUAGE, st.text(" \n\t\u00a0", max_size=4), st.text(" \n\t\u00a0", max_size=4))
def test_blanks_at_the_edges_change_nothing(text: str, language: str, before: str, after: str) -> None:
    """The same sentences come out of a text with more blank around it."""
    plain = [text[start:end] for start, end in split_sentences(text, language)]
    padded = before + text + after
    assert [padded[start:end] for start, end in split_sentences(padded, language)] == plain


@given(TEXTS, LANGUAGE)
def test_no_sentence_ends_within_a_protected_name(text: str, language: str) -> None:
    """Whatever stands around it, a name of the workspace is never cut."""
    for start, end in split_sentences(text, language, PROTECT):
        for rule in PROTECT:
            for match in rule.compiled.finditer(text):
                assert not (match.start() < start < match.end() or match.start() < end < match.end())


@pytest.mark.parametrize(
    ("text", "protect", "expected"),
    [
        ("Ask Yahoo! Inc. for it. Then wait.", "Yahoo! Inc.", ["Ask Yahoo! Inc. for it.", "Then wait."]),
        ("We read Buzz! Users do not.", "Buzz!", ["We read Buzz! Users do not."]),
        ("We read Buzz! The others do not.", "Buzz!", ["We read Buzz!", "The others do not."]),
    ],
)
def test_an_end_mark_of_a_name_is_not_yet_an_end(text: str, protect: str, expected: list[str]) -> None:
    """Inside a name nothing ends; behind one that has its own mark only before a word that starts sentences."""
    spans = split_sentences(text, "en", (Protect(name=protect),))
    assert [text[start:end] for start, end in spans] == expected


def test_a_language_without_rules_says_so() -> None:
    """Nobody is told that Finnish is understood; a full stop ends a sentence there only after a long word."""
    assert all(has_rules(language) for language in LANGUAGES)
    assert not has_rules("fi") and not has_rules("../en") and not has_rules("")
    text = "Ota lääke esim. Aamulla. Soita tri. Laineelle. Onko kipua? Lepää."
    assert [text[start:end] for start, end in split_sentences(text, "fi")] == [
        "Ota lääke esim.",
        "Aamulla.",
        "Soita tri. Laineelle.",
        "Onko kipua?",
        "Lepää.",
    ]


HOSTILE = (
    ".",
    "\u2026",
    '"',
    "(",
    ")",
    "[",
    "[1",
    "5",
    "1. ",
    ". ",
    ".[1",
    "¹",
    "a.",
    "A. ",
    "\u00a0",
    "»",
    "Yahoo! ",
    '..."',
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_input_of_a_megabyte_comes_through(unit: str) -> None:
    """A megabyte of the same few characters is cut like any text: were it quadratic, this would hang."""
    text = unit * (1_000_000 // len(unit))
    spans = split_sentences(text + "End. It is.", "en", PROTECT)
    assert spans[-1][1] == len(text) + len("End. It is.")


# ---- the tables

TABLES = Path(sentences.__file__).parent / "sentence_ends"
ABBREVIATIONS = ("never", "label", "before_digit", "dose", "name")


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.toml")), ids=lambda path: path.stem)
def test_a_table_has_every_key_and_no_word_twice(path: Path) -> None:
    """A table that a person adds or edits is whole: nine keys, words as they are compared, each in one place."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(table) == {field.name for field in fields(Ends)}
    assert isinstance(table["ordinal_stop"], bool)
    for name, words in table.items():
        if name == "ordinal_stop":
            continue
        assert words, f"{name} is empty"
        assert all(word == word.lower().strip() and " " not in word for word in words), name
        assert not any(word.endswith(".") for word in words), name
        assert sorted(words) == sorted(set(words)), name
    abbreviations = [word for name in ABBREVIATIONS for word in table[name]]
    assert sorted(abbreviations) == sorted(set(abbreviations)), "a word is in two lists"


def test_the_tables_are_those_of_the_languages_that_we_name() -> None:
    """A new language is a new file, and a folder of examples beside it."""
    assert {path.stem for path in TABLES.glob("*.toml")} == set(LANGUAGES)
    assert {path.name.partition("-")[0] for path in GOLDEN.iterdir()} == set(LANGUAGES)
