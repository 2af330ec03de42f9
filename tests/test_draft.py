"""What every draft keeps, whatever the engine does. The engines here are scripted: real ones are in tests/engines."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.draft import Drafted, draft_texts
from pipeline.engines import Draft, Engine, Failure, Missing, Serves, engine_names, open_engine
from pipeline.errors import EngineError
from pipeline.model import Locale, tags_of, visible_text
from pipeline.protected import Protect

EN, ES = Locale.parse("en"), Locale.parse("es")


class Scripted:
    """An engine that answers what a function makes of each text."""

    name, leaves_the_machine, max_characters, contextual = "scripted", False, 5_000, False

    def __init__(self, answer: Callable[[str], object]) -> None:
        self._answer = answer
        self.heard: list[str] = []

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        return Serves()

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        return "1"

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        self.heard += texts
        answers = [self._answer(text) for text in texts]
        return [Draft(text=a, engine="scripted", version="1") if isinstance(a, str) else a for a in answers]  # type: ignore[misc]

    def close(self) -> None: ...


def draft(source: str, answer: Callable[[str], object] | str) -> Drafted:
    """What becomes of one source when the engine answers so."""
    engine = Scripted(answer if callable(answer) else lambda _: answer)
    (drafted,) = draft_texts([source], engine, EN, ES)
    return drafted


def text(source: str, answer: Callable[[str], object] | str) -> tuple[str, tuple[str, ...]]:
    drafted = draft(source, answer)
    assert isinstance(drafted, Draft), drafted
    return drafted.text, drafted.doubts


def reason(source: str, answer: Callable[[str], object] | str) -> str:
    drafted = draft(source, answer)
    assert isinstance(drafted, Failure), drafted
    return drafted.reason


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("Do <b7>not</b7> stop<x9/>.", "Do \ue101not\ue201 stop\ue302."),
        ("<b1>Do <i2>not</i2> stop.</b1>", "Do \ue101not\ue201 stop."),
        ("<x1/> Stop. <x2/>", "Stop."),
        ("<b1>Stop</b1> <i2>now</i2>", "\ue101Stop\ue201 \ue102now\ue202"),
        ("5 < 6 <b> and <br/>", "5 < 6 <b> and <br/>"),
    ],
)
def test_engines_see_one_character_per_tag(source: str, sent: str) -> None:
    """Tags are numbered anew from 1, those at the edges stay here, and come back as they were."""
    engine = Scripted(lambda heard: heard)
    (drafted,) = draft_texts([source], engine, EN, ES)
    assert engine.heard == [sent]
    assert isinstance(drafted, Draft) and (drafted.text, drafted.doubts) == (source, ())


TAGGED = "Take <b1>two</b1> tablets <x2/> daily"


@pytest.mark.parametrize(
    ("answer", "expected", "doubt"),
    [
        ("Tome \ue101dos\ue201 tabletas \ue302 al día", "Tome <b1>dos</b1> tabletas <x2/> al día", ""),
        ("Tome dos tabletas \ue302 al día", "<b1>Tome dos tabletas <x2/> al día</b1>", "the extent of <b1> is a guess"),
        ("Tome \ue101dos tabletas al día", "<b1>Tome dos tabletas al día</b1><x2/>", "the place of <x2/> is a guess"),
        ("Tome \ue201dos\ue101 \ue302 al día", "<b1>Tome dos <x2/> al día</b1>", "the extent of <b1>"),
        ("Tome \ue101\ue201dos \ue302 al día", "<b1>Tome dos <x2/> al día</b1>", "the extent of <b1>"),
        ("\ue101a\ue201 \ue101b\ue201 \ue302 c", "<b1>a b <x2/> c</b1>", "the extent of <b1>"),
        ("Tome \ue101dos \ue302\ue201 al día", "Tome <b1>dos <x2/></b1> al día", "<x2/> moved into"),
        ("Tome \ue101dos\ue201 \ue302 al día\ue309", "", "the character U+E309"),
    ],
)
def test_tags_are_put_right(answer: str, expected: str, doubt: str) -> None:
    """Lost, doubled, empty or crossing tags: all are there once and nested, and the guess is a doubt."""
    if not expected:
        assert doubt in reason(TAGGED, answer)
        return
    drafted, doubts = text(TAGGED, answer)
    assert drafted == expected
    assert any(doubt in said for said in doubts) if doubt else not doubts


CHARACTERS = st.sampled_from(["a", "b ", " ", "\ue101", "\ue201", "\ue102", "\ue202", "\ue303", "\ue304", ".", "á"])


@given(st.lists(CHARACTERS, max_size=20).map("".join))
def test_tags_are_once_and_nested_whatever_comes_back(answer: str) -> None:
    """For any answer: a Failure, or every tag of the source once, nested, on one line without edge blanks."""
    source = "Uno <b1>dos <i2>tres</i2></b1> cuatro <x3/> cinco seis"
    drafted = draft(source, answer)
    if isinstance(drafted, Failure):
        assert drafted.reason
        return
    assert sorted(tag[0] for tag in tags_of(drafted.text)) == sorted(tag[0] for tag in tags_of(source))
    stack = list[str]()
    for tag in tags_of(drafted.text):
        if tag[1]:
            assert stack.pop() == tag[2]
        elif not tag[4]:
            stack.append(tag[2])
    assert drafted.text == drafted.text.strip() and visible_text(drafted.text)
    assert not any("\ue000" <= character <= "\uf8ff" for character in drafted.text)


LONG = "The doctor may lower the dose a little every week"


@pytest.mark.parametrize(
    ("source", "answer", "why"),
    [
        (LONG, "", "answered nothing"),
        (LONG, " \n\u00a0 ", "answered nothing"),
        (LONG, LONG, "came back untranslated"),
        (LONG, LONG.upper(), "came back untranslated"),
        ("Do <b1>not</b1> stop it now.", lambda sent: sent + " ", "came back untranslated"),
        (LONG, "Sure! El médico puede bajar la dosis", "talk"),
        (LONG, "Here is the translation: El médico puede bajar la dosis", "talk"),
        (LONG, "MYMEMORY WARNING: YOU USED ALL AVAILABLE FREE TRANSLATIONS FOR TODAY", "talk"),
        (LONG, "El médico la dosis la dosis la dosis la dosis la dosis la dosis", "repeats itself"),
        (LONG, "no " * 9, "repeats itself"),
        (LONG, "Un médico muy bueno y " + " ".join(f"palabra{n}" for n in range(60)), "far too long"),
        (LONG * 4, "El médico", "far too short"),
        (LONG, "El <b1>médico</b1> puede bajar", "wrote the tag <b1> of its own"),
        (LONG, "El médico\0 puede bajar", "U+0000"),
        (LONG, "El médico\u202e puede \ue000 bajar", "U+E000"),
        (LONG, None, "answered NoneType"),
        (LONG, Failure(reason="quota"), "quota"),
        (LONG, 5, "answered int"),
    ],
)
def test_what_is_no_draft_is_a_failure_that_says_why(source: str, answer: object, why: str) -> None:
    """Nothing, the source, talk, loops, absurd lengths and made-up characters never become a draft."""
    if source != LONG and callable(answer):
        source = source.replace("<b1>", "").replace("</b1>", "")
        answer = source
    assert why in reason(source, lambda _: answer)


def test_short_texts_may_stay_as_they_are() -> None:
    """A name or an abbreviation that comes back unchanged is a draft."""
    assert text("Paracetamol 500 mg", "Paracetamol 500 mg") == ("Paracetamol 500 mg", ())


def test_a_source_that_repeats_itself_may_do_so_in_the_draft() -> None:
    """The loop guard compares with the source."""
    assert text("No, no, no, no, no!", "¡No, no, no, no, no!")[0].startswith("¡No")


def test_drafts_are_clean_text() -> None:
    """NFC, one line, no blanks at the edges; inner no-break spaces stay."""
    assert text("Take 50\u00a0mg now", " Tome\n 50\u00a0mg\u2028\u2028ahora a\u0301 ")[0] == "Tome 50\u00a0mg ahora á"


def test_missing_numbers_are_doubts() -> None:
    """A number of the source that is not in the draft is named; separators may change."""
    assert text("Take 1,000 mg, then 5 mg or 0.5 mg", "Tome 1.000 mg, luego 0,5 mg")[1] == (
        "numbers of the source that are not in the draft: 5",
    )


def test_doubts_of_the_engine_name_tags_as_people_see_them() -> None:
    """A placeable's character in an engine's doubt becomes the tag."""
    answer = Draft(text="Tome \ue101dos\ue201 \ue302 día", engine="e", version="1", doubts=("\ue101 is odd",))
    assert text(TAGGED, lambda _: answer)[1] == ("<b1> is odd",)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("Take \ue101 two", "private-use character U+E101"),
        ("Take \U000f0000 two", "private-use character U+F0000"),
        ("Take \0 two", "U+0000"),
        ("Take <b1>two", "<b1> is not closed"),
        ("Take <b1>two <i2>now</b1></i2>", "not nested at </b1>"),
        ("a <x1/> b <x1/> c", "<x1/> twice"),
        ("<x1/> <x2/>", "no text to translate"),
        ("x" * 5_001, "longer than the engine's 5000 characters"),
        ("a " + "".join(f"<x{n}/>" for n in range(1, 257)) + " b", "more than 255 tags"),
    ],
)
def test_sources_that_cannot_be_sent_are_not_sent(source: str, why: str) -> None:
    """Such a source is a Failure with its reason; its neighbours are drafted, in their places."""
    engine = Scripted(lambda heard: f"de {heard}")
    one, refused, two = draft_texts(["one", source, "two"], engine, EN, ES)
    assert isinstance(refused, Failure) and why in refused.reason
    assert isinstance(one, Draft) and isinstance(two, Draft) and (one.text, two.text) == ("de one", "de two")
    assert engine.heard == ["one", "two"]


@given(st.lists(st.text(max_size=20), max_size=5))
def test_as_many_drafted_as_sources_in_order(sources: list[str]) -> None:
    """For any sources, each answer stands in its source's place."""
    numbered = [f"{place} {source}" for place, source in enumerate(sources)]
    drafted = draft_texts(numbered, Scripted(lambda heard: f"{heard.split()[0]} hecho"), EN, ES)
    assert len(drafted) == len(sources)
    for place, item in enumerate(drafted):
        assert isinstance(item, Failure) or item.text.startswith(str(place))


class _Broken(Scripted):
    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        raise RuntimeError("https://service/?key=secret")


class _Short(Scripted):
    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        return super().translate(texts[1:], source_locale, target_locale)


@pytest.mark.parametrize(("kind", "says"), [(_Broken, "broke: RuntimeError"), (_Short, "given 2 texts and answered 1")])
def test_an_engine_that_breaks_is_an_error_with_a_sentence(kind: type[Scripted], says: str) -> None:
    """Neither an exception nor a short list of an engine goes through, and what it said is not repeated: keys."""
    with pytest.raises(EngineError, match=says) as caught:
        draft_texts(["one", "two"], kind(str.upper), EN, ES)
    assert "secret" not in str(caught.value)


def test_no_sources_call_no_engine() -> None:
    """Nothing to draft is nothing to send."""
    assert draft_texts([], _Broken(str.upper), EN, ES) == []


def test_an_unknown_engine_is_refused_with_the_names_of_all() -> None:
    """A misspelt engine is an error that lists those there are; a scripted engine keeps the contract."""
    with pytest.raises(EngineError, match="no engine 'apertum': write one of apertium, deepl, microsoft"):
        open_engine("apertum")
    assert engine_names()[:1] == ("apertium",)
    assert isinstance(Scripted(str.upper), Engine)


# ---- protected spans

CENTERS = (Protect(name="American Care Centers"),)


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("See www.dea.gov for more.", "See \ue301 for more."),
        ("<b1>Call 1-800-662-HELP (4357)</b1> or 911.", "\ue101Call \ue302\ue201 or 911."),
        ("Habit-forming.[1]", "Habit-forming."),
        ("Habit-forming [1] now.¹", "Habit-forming \ue301 now."),
        ("American Care Centers wrote F13.20 <x1/> here.", "\ue301 wrote \ue302 \ue303 here."),
    ],
)
def test_engines_do_not_see_protected_spans(source: str, sent: str) -> None:
    """Names, addresses, phones, codes and footnote marks travel as one character and come back as they were."""
    engine = Scripted(lambda heard: heard)
    (drafted,) = draft_texts([source], engine, EN, ES, CENTERS)
    assert engine.heard == [sent]
    assert isinstance(drafted, Draft) and (drafted.text, drafted.doubts) == (source, ())


def test_a_protected_span_that_an_engine_loses_or_doubles_is_there_once() -> None:
    """It is put behind the draft, and the reviewer is told that its place is a guess; one in a row has its place."""
    for answer in ("Vea para más.", "Vea \ue301 para \ue301 más."):
        drafted, doubts = text("See www.dea.gov for more.", answer)
        assert drafted == "Vea para más. www.dea.gov"
        assert doubts == ("the place of www.dea.gov is a guess: the engine lost it",)
    drafted, doubts = text("See www.dea.gov for more.", "Vea \ue301 \ue301 para más.")
    assert drafted == "Vea www.dea.gov para más."
    assert doubts == ("repaired: www.dea.gov, which the engine lost or doubled, put once",)


def test_what_an_engine_loses_goes_back_where_its_place_is_sure() -> None:
    """Around or beside what stayed as it is, written as the target's locale does; the reviewer reads where."""
    drafted, doubts = text("Take <b1>0.5 mg</b1> of Xanax<x2/> daily.", "Tome 0.5 mg de Xanax al día.")
    assert drafted == "Tome <b1>0,5 mg</b1> de Xanax<x2/> al día."
    assert doubts == (
        "repaired: <b1>, which the engine lost or doubled, put around 0,5 mg",
        "repaired: <x2/>, which the engine lost or doubled, put behind Xanax",
    )


def test_a_text_of_nothing_but_protected_spans_is_its_own_draft() -> None:
    """No engine is asked what an address is in Spanish."""
    engine = Scripted(lambda heard: "Inventado")
    (drafted,) = draft_texts(["<b1>https://a.org/b</b1>, info@a.org"], engine, EN, ES)
    assert engine.heard == []
    assert isinstance(drafted, Draft) and drafted.text == "<b1>https://a.org/b</b1>, info@a.org"


def test_more_protected_spans_than_an_engine_can_hold_are_sent_as_they_are() -> None:
    """Those that have no character left are text, and the check looks at them."""
    source = "See " + " ".join(f"www.a{n}.org" for n in range(300))
    drafted, _ = text(source, lambda heard: heard.replace("See", "Vea"))
    assert drafted == source.replace("See", "Vea")
