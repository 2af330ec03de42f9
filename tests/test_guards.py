"""What answers are looked at for: entities, markup, sentences, language."""

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_draft import EN, ES, Scripted

from pipeline.draft import draft_texts
from pipeline.engines import Draft, Failure
from pipeline.guards import lost_sentence, markup_of_its_own, sentences_apart, talk, unescaped
from pipeline.language import WrongLanguage
from pipeline.model import Locale

GUARD = WrongLanguage(["en", "es", "ca", "gl", "pt", "fr"])


@pytest.mark.parametrize(
    ("source", "answer", "repaired"),
    [
        ("Do not.", "No lo haga &amp; ya.", "No lo haga & ya."),
        ("Do not.", "d&#39;acord &#x2019; &quot;s&iacute;&quot;", 'd\'acord ’ "sí"'),
        ("Do not.", "&amp;lt; once", "&lt; once"),
        ("A &amp; B", "A &amp; B", "A &amp; B"),
        ("R&D", "I&D; y &nada;", "I&D; y &nada;"),
        ("Do not.", "Ley & orden", "Ley & orden"),
    ],
)
def test_entities_are_read_once_where_the_source_had_none(source: str, answer: str, repaired: str) -> None:
    """What a service escaped for a browser is no text for a reader; what the article says about entities stays."""
    assert unescaped(source, answer) == repaired


@pytest.mark.parametrize(
    ("source", "draft", "refused"),
    [
        ("Rest well.", "Descanse <b>bien</b>.", True),
        ("Rest well.", "<!DOCTYPE html><html>Error", True),
        ("Rest well.", "Descanse <br/> bien", True),
        ("Rest <b>well</b>.", "Descanse <b>bien</b>.", False),
        ("5 < 6 and 7 > 6", "5 < 6 y 7 > 6", False),
        ("a<b", "a<b y c>d", False),
        ("Rest", "Descanse <3", False),
    ],
)
def test_markup_that_nobody_asked_for_is_refused(source: str, draft: str, refused: bool) -> None:
    """A page of an error, or tags of the machine's own."""
    assert bool(markup_of_its_own(source, draft)) is refused


@pytest.mark.parametrize(
    ("source", "draft", "refused"),
    [
        ("Take it at night. Do not drive afterwards.", "Tómelo por la noche.", True),
        ("Stop. Call your doctor if the pain comes back.", "Pare.", True),
        ("Take it at night. Do not drive afterwards.", "Tómelo por la noche y no conduzca después.", False),
        ("Take it at night. Stop.", "Tómelo por la noche.", False),  # too little is gone to be sure: the checks see it
        ("Take it at night after you have had your meal", "De noche.", False),  # one sentence: `absurd_length` sees it
        ("晚上服用。之后请勿开车。", "晚上服用。", False),
    ],
)
def test_a_draft_that_lost_a_sentence_is_none(source: str, draft: str, refused: bool) -> None:
    """Fewer sentences in much less text: the engine, or a person, has to try again."""
    assert bool(lost_sentence(source, draft)) is refused
    if refused and source.isascii():
        assert isinstance(draft_texts([source], Scripted(lambda _: draft), EN, ES)[0], Failure)


@pytest.mark.parametrize(
    ("source", "draft", "doubt"),
    [
        ("One. Two. Three.", "Uno. Dos. Tres.", ""),
        ("One. Two. Three.", "Uno; dos. Tres.", ""),
        ("One. Two. Three. Four.", "Uno.", "the source has 4 sentences, the draft 1"),
        ("Take 0.5 mg now", "Tome ahora. Ya! Sí? No.", "the source has 1 sentence, the draft 4"),
        ("“Stop!” he said.", "«¡Pare!» dijo.", ""),
    ],
)
def test_sentences_that_are_gone_are_a_doubt(source: str, draft: str, doubt: str) -> None:
    """One more or less is how languages differ; more is for the reviewer."""
    assert sentences_apart(source, draft) == doubt


def test_the_guards_stand_in_the_way_of_every_draft() -> None:
    """Repaired, refused and doubted in draft.py, for any engine."""
    answers = {
        "Do not stop it now.": "No lo deje &quot;ya&quot;.",
        "Rest well tonight.": "<p>Descanse</p>",
        "One. Two. Three. Four.": "Uno dos tres cuatro.",
    }
    repaired, refused, doubted = draft_texts(list(answers), Scripted(answers.__getitem__), EN, ES)
    assert isinstance(repaired, Draft) and repaired.text == 'No lo deje "ya".'
    assert isinstance(refused, Failure) and "markup" in refused.reason
    assert isinstance(doubted, Draft) and "the source has 4 sentences, the draft 1" in doubted.doubts


@given(st.text(), st.text())
def test_guards_answer_for_any_text(source: str, draft: str) -> None:
    """No text makes them fail."""
    assert isinstance(unescaped(source, draft), str)
    assert isinstance(markup_of_its_own(source, draft), str)
    assert isinstance(sentences_apart(source, draft), str)


@pytest.mark.parametrize("text", ["<a " * 200_000, "&amp" * 200_000, ". " * 500_000, "<" * 1_000_000, "&#" * 400_000])
def test_guards_take_time_by_length_only(text: str) -> None:
    """A megabyte of anything is over in a moment: the test's own deadline is generous."""
    started = time.process_time()
    unescaped("x", text)
    markup_of_its_own("x", text)
    sentences_apart("x", text)
    assert time.process_time() - started < 20


@pytest.mark.parametrize("piece", [" ", "\t", " \n", "<a ", "&#1", "no ", "\u0301\u0323", "\ue101\ue201", "1,", "w. "])
def test_an_answer_of_megabytes_is_refused_in_a_moment(piece: str) -> None:
    """Blanks took time by the square of their number, and nothing else ran meanwhile."""

    answer = Draft(text=f"a{piece * (4_000_000 // len(piece))}b", engine="e", version="1")
    started = time.process_time()
    (refused,) = draft_texts(["Take two tablets."], Scripted(lambda text: answer), EN, ES)
    assert isinstance(refused, Failure) and "far too long" in refused.reason and refused.guard == "absurd length"
    assert time.process_time() - started < 20


# -- language

WEEKLY = {
    "es": "El médico puede bajar la dosis un poco cada semana.",
    "pt": "A médica pode diminuir um pouco a dose todas as semanas.",
    "ca": "El metge pot abaixar la dosi una mica cada setmana.",
    "fr": "Le médecin peut baisser un peu la dose chaque semaine.",
    "en": "The doctor may lower the dose a little every week.",
}


@pytest.mark.parametrize("language", list(WEEKLY))
@pytest.mark.parametrize("wanted", ["es", "fr", "pt-BR", "ca"])
def test_another_language_is_refused(language: str, wanted: str) -> None:
    """English that came back, or a neighbour's language; the right one passes."""
    reason = GUARD(WEEKLY[language], Locale.parse(wanted))
    assert bool(reason) is (not wanted.startswith(language))
    assert not reason or f"reads as {language}" in reason


@pytest.mark.parametrize(
    "text", ["", "Paracetamol", "The dose.", "5 mg 10 mg 20 mg", "https://example.org/the/way/of/all", "Ω" * 50]
)
def test_short_texts_and_no_prose_pass(text: str) -> None:
    """Names, doses and addresses are in no language."""
    assert GUARD(text, ES) == ""


def test_a_language_that_the_detector_does_not_know_passes() -> None:
    """Nobody can say that it is wrong."""
    assert WrongLanguage(["en", "vai"])(WEEKLY["en"], Locale.parse("vai")) == ""


def test_the_detector_is_loaded_only_when_needed() -> None:
    """A run with Apertium, which knows no other language, does not pay for it."""
    code = (
        "import sys; from pipeline.language import WrongLanguage; from pipeline.model import Locale\n"
        "import pipeline.run; guard = WrongLanguage(['en', 'es']); guard('Hola.', Locale.parse('es'))\n"
        "assert 'py3langid' not in sys.modules and 'numpy' not in sys.modules and 'httpx' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize(
    ("source", "draft", "refused"),
    [
        ("Take it at night.", "Lo siento, pero no puedo traducir esto.", True),
        ("Take it at night.", "No puc ajudar amb aquesta petició.", True),
        ("Take it at night.", "Je ne peux pas traduire ce texte.", True),
        ("Take it at night.", "Como modelo de lenguaje, no doy dosis.", True),
        ("Take it at night.", "Ecco la traduzione in italiano: Prendilo di sera.", True),
        ("Take it at night.", "Esta crema ayuda.", False),
        ("Sorry, we cannot help you.", "Lo siento, pero no puedo ayudar.", False),
        ("I am not able to help.", "No puedo ayudar.", False),
        ("As an example: rest.", "Como una siesta: descanse.", False),
        ("This is a translation: read it.", "Esta es una traducción: léala.", False),
    ],
)
def test_a_refusal_in_the_readers_language_is_no_draft(source: str, draft: str, refused: bool) -> None:
    """A machine's "I cannot translate this" is refused in any language of ours, unless the article says so too."""
    assert bool(talk(source, draft)) is refused
