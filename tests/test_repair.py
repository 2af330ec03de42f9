"""What the termbase puts right in a draft, and all that it leaves alone."""

import re
from pathlib import Path

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workspaces import Desk, make_workspace

from pipeline.engines import Draft, TermHint
from pipeline.model import Locale, tags_of
from pipeline.repair import repair

TERMS = {"withdrawal": "abstinencia", "seizures": "convulsión", "clonazepam": "clonazepam", "panic disorder": "pánico"}


def hints(source: str, terms: dict[str, str]) -> list[TermHint]:
    """Where the terms stand in a source, in order."""
    found = [
        TermHint(span=match.span(), accepted=(target,) if target else (), term=surface.rstrip("s"))
        for surface, target in terms.items()
        for match in re.finditer(rf"(?i)(?<![</\w]){surface}\b", source)
    ]
    return sorted(found, key=lambda hint: hint.span)


def repaired(source: str, text: str, unknown: str, terms: dict[str, str] = TERMS) -> tuple[str, tuple[str, ...]]:
    """The text and the doubts of a draft after the repair."""
    draft = Draft(text=text, engine="e", version="1", doubts=(f"left untranslated: {unknown}", "another doubt"))
    after = repair(draft, source, hints(source, terms), Locale.parse("en"))
    return after.text, after.doubts


def test_a_word_that_was_left_is_replaced_and_said_so() -> None:
    """The preferred term, in the word's case, with a doubt; what is still untranslated stays named."""
    assert repaired("Withdrawal may hurt. Zyx.", "Withdrawal puede doler. Zyx.", "Withdrawal, Zyx") == (
        "Abstinencia puede doler. Zyx.",
        ("left untranslated: Zyx", "another doubt", "termbase: Withdrawal → abstinencia"),
    )


def test_a_capital_follows_its_place() -> None:
    """The capital of the first word is the sentence's; one in the middle, as in a heading, is kept."""
    assert repaired("Withdrawal is bad.", "La Withdrawal es mala.", "Withdrawal")[0] == "La abstinencia es mala."
    assert repaired("About Withdrawal", "Sobre Withdrawal", "Withdrawal")[0] == "Sobre Abstinencia"
    assert repaired("No WITHDRAWAL", "Sin WITHDRAWAL", "WITHDRAWAL")[0] == "Sin ABSTINENCIA"


def test_names_that_stay_are_no_doubt_any_more() -> None:
    """A drug's name that the termbase wants as it is was rightly copied; the text does not change."""
    assert repaired("Take clonazepam.", "Toma clonazepam.", "clonazepam") == ("Toma clonazepam.", ("another doubt",))


@pytest.mark.parametrize(
    ("source", "text", "unknown", "why"),
    [
        ("Stop withdrawal.", "Para la retirada.", "Stop", "the word was translated"),
        ("Stop withdrawal.", "Para la withdrawal.", "Stop", "the engine does not call it unknown"),
        (
            "Stop withdrawal.",
            "Withdrawal para withdrawal.",
            "withdrawal",
            "it stands there once more than in the source",
        ),
        ("Treat panic disorder.", "Trata disorder de pánico.", "disorder", "half of a term is unknown"),
        ("Treat panic disorder.", "Trata disorder panic.", "panic, disorder", "the words of a term were exchanged"),
        ("Stop the <b1>panic</b1> disorder.", "Para <b1>panic</b1> disorder.", "panic, disorder", "a tag stands in it"),
        ("Stop Zyx.", "Para Zyx.", "Zyx", "it is no term"),
        ("Withdrawals.", "Withdrawals.", "Withdrawals", "it is another word"),
    ],
)
def test_whatever_is_not_sure_is_left_alone(source: str, text: str, unknown: str, why: str) -> None:
    """Neither the text nor a doubt changes."""
    assert repaired(source, text, unknown) == (text, (f"left untranslated: {unknown}", "another doubt")), why


def test_a_word_with_two_meanings_is_left_alone() -> None:
    """Two concepts with one English word: a machine does not choose."""
    both = [TermHint(span=(0, 4), accepted=("uno",)), TermHint(span=(0, 4), accepted=("dos",))]
    draft = Draft(text="Dose.", engine="e", version="1", doubts=("left untranslated: Dose",))
    assert repair(draft, "Dose.", both, Locale.parse("en")) is draft


def test_a_plural_gets_the_term_and_a_word_of_it() -> None:
    """The termbase has no plurals: the reviewer is told that the term is not inflected."""
    assert repaired("No seizures.", "No seizures.", "seizures") == (
        "No convulsión.",
        ("another doubt", "termbase: seizures → convulsión (not inflected)"),
    )


def test_another_part_of_speech_is_left_alone() -> None:
    """`misused` counts as `misuse` for the checks, and is no noun."""
    hint = TermHint(span=(0, 7), accepted=("uso indebido",), term="misuse")
    draft = Draft(text="Misused.", engine="e", version="1", doubts=("left untranslated: Misused",))
    assert repair(draft, "Misused.", [hint], Locale.parse("en")) is draft


def test_words_of_a_term_that_stand_together_are_one() -> None:
    """A term of two words is replaced as a whole."""
    assert repaired("A panic disorder.", "Un panic disorder.", "panic, disorder")[0] == "Un pánico."


def test_tags_are_no_words() -> None:
    """The name of a vitamin is not the tag that looks like it."""
    assert repaired("Take <b1>b1</b1>.", "Toma <b1>b1</b1>.", "b1", {"b1": "tiamina"})[0] == "Toma <b1>tiamina</b1>."


def test_a_run_puts_the_termbase_into_the_po_file(tmp_path: Path) -> None:
    """With the real Apertium and a termbase: the term stands in the draft, and the reviewer reads where from."""
    article = {"a.txt": b"Drowsiness is common."}
    root = make_workspace(
        tmp_path / "w", articles=article, engines=("apertium",), more='[terms]\nfiles = ["terms.csv"]'
    )
    rows = "concept,locale,term\nsleepy,en,drowsiness\nsleepy,es,somnolencia\n"
    (root / "terms.csv").write_text(rows, encoding="utf-8")
    desk = Desk(root)
    report = desk.run()
    (entry,) = polib.pofile(str(desk.po("a")))
    assert "somnolencia es" in entry.msgstr and "termbase: Drowsiness → somnolencia" in entry.comment
    ids = report.by_locale["es"].doubts["termbase: Drowsiness → somnolencia"]
    assert len(ids) == 1


PIECES = st.sampled_from(
    ["withdrawal", "Withdrawal", "seizures", "clonazepam", " ", ". ", "<b1>", "</b1>", "<x2/>", "día"]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=12).map("".join))
def test_tags_and_other_words_stay(source: str, text: str) -> None:
    """For any pair: the tags are the same in the same order, and what is no term stays letter by letter."""
    after, _ = repaired(source or "x", text or "x", "withdrawal, Withdrawal, seizures, clonazepam")
    assert [tag[0] for tag in tags_of(after)] == [tag[0] for tag in tags_of(text or "x")]
    for target, surface in (("abstinencia", "withdrawal"), ("Abstinencia", "Withdrawal"), ("convulsión", "seizures")):
        after = after.replace(target, surface)
    # A term that began the sentence and no longer does has lost its capital.
    assert after.casefold() == (text or "x").casefold()
