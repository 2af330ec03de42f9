"""Drafts by real CTranslate2 models. They are tiny ones made here (tiny_model.py): real weights cannot be shipped."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workspaces import Desk, make_workspace

from engines.tiny_model import make_argos, make_opus
from pipeline.draft import draft_texts
from pipeline.engines import Draft, Engine, Failure, Missing, Preparable, Serves, open_engine
from pipeline.engines.neural import MOST_TOKENS, Neural
from pipeline.errors import EngineError
from pipeline.model import Locale, tags_of

EN, ES, PT_BR, FR = (Locale.parse(tag) for tag in ("en", "es", "pt-BR", "fr"))
TEXTS = [
    "Take one tablet with water.",
    "Do not stop the medicine.",
    "Take two tablets twice a day.",
]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one model, en → es."""
    folder = tmp_path_factory.mktemp("models")
    make_opus(folder / "opus-mt-en-es")
    return folder


@pytest.fixture(scope="session")
def neural(models: Path) -> Neural:
    """The engine with that model, loaded once."""
    return Neural({"models": str(models), "threads": "1"})


def text_of(answer: object) -> str:
    assert isinstance(answer, Draft), answer
    return answer.text


def test_it_translates(neural: Neural) -> None:
    """What the model's weights say is what comes back, in order, with the model's hash in the version."""
    answers = neural.translate(TEXTS, EN, ES)
    assert [text_of(answer) for answer in answers] == [
        "Tome un comprimido con agua.",
        "No nada pare el medicamento.",
        "Tome dos comprimidos twice a día.",
    ]
    version = neural.version(EN, ES)
    assert {answer.version for answer in answers if isinstance(answer, Draft)} == {version}
    assert "ctranslate2 " in version and "opus-mt-en-es " in version


def test_it_is_an_engine(neural: Neural) -> None:
    """It keeps the contract, stays on this machine, and can load beforehand."""
    assert isinstance(neural, Engine) and isinstance(neural, Preparable) and not neural.leaves_the_machine
    assert not neural.contextual and neural.translate([], EN, ES) == []


def test_nothing_is_loaded_before_it_is_needed(models: Path) -> None:
    """Opening the engine and asking what it serves imports neither CTranslate2 nor sentencepiece."""
    code = (
        "import sys; from pipeline.engines import open_engine, Serves; from pipeline.model import Locale\n"
        f"engine = open_engine('neural', {{'models': {str(models)!r}}})\n"
        "assert engine.serves(Locale.parse('en'), Locale.parse('es')) == Serves()\n"
        "engine.version(Locale.parse('en'), Locale.parse('es'))\n"
        "assert not {'ctranslate2', 'sentencepiece', 'numpy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_extra_it_says_what_to_install(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, and no traceback."""
    monkeypatch.setattr("pipeline.engines.neural.PACKAGES", ("ctranslate2_that_is_not_there",))
    assert Neural({"models": str(models)}).serves(EN, ES) == Missing(
        "the neural engine is not installed: pip install 'signoff[neural]'"
    )


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([*TEXTS, "the day", "water " * 40, "Call 😀 now", "x"]), max_size=9))
def test_order_and_neighbours_change_nothing(neural: Neural, texts: list[str]) -> None:
    """However texts are batched, each gets the draft that it gets alone, in its place."""
    assert neural.translate(texts, EN, ES) == [neural.translate([text], EN, ES)[0] for text in texts]


def test_threads_that_ask_at_once_get_their_own_answers(neural: Neural) -> None:
    """One loaded model serves many callers."""
    jobs = [[TEXTS[n % 3], f"Take {n} tablets"] for n in range(24)]
    alone = [neural.translate(job, EN, ES) for job in jobs]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda job: neural.translate(job, EN, ES), jobs)) == alone


def test_long_texts_are_translated_whole_or_refused(neural: Neural) -> None:
    """Nothing is cut short: neither a source longer than the default limits of CTranslate2, nor one beyond ours."""
    fits, too_long = neural.translate(["water " * 450, "water " * (MOST_TOKENS + 1)], EN, ES)
    assert text_of(fits) == " ".join(["agua"] * 450)
    assert isinstance(too_long, Failure) and too_long.final and f"a model takes {MOST_TOKENS}" in too_long.reason


def test_a_draft_without_an_end_is_refused(tmp_path: Path) -> None:
    """A model that does not stop is cut off by CTranslate2 without a word: that is no draft."""
    make_opus(tmp_path / "en-es", endless=True)
    (answer,) = Neural({"models": str(tmp_path)}).translate(["Take one tablet."], EN, ES)
    assert isinstance(answer, Failure) and "came to no end" in answer.reason


def test_words_outside_of_the_vocabulary_are_doubts(neural: Neural) -> None:
    """What the model has never seen is copied from the source and named."""
    (answer,) = neural.translate(["Take Ωmega with 😀 water."], EN, ES)
    assert isinstance(answer, Draft) and answer.text == "Tome Ωmega con 😀 agua."
    assert answer.doubts == ("outside of the model's vocabulary: Ωmega, 😀",)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Take <b1>two</b1> tablets.", "Tome <b1>dos</b1> comprimidos."),
        ("Take <b1>two tablets</b1><x2/> with water.", "Tome <b1>dos comprimidos</b1><x2/> con agua."),
        ("Take <x1/> with <b2>the <i3>water</i3></b2>.", "Tome <x1/> con <b2>el <i3>agua</i3></b2>."),
        ("Take one tablet<x1/>.", "Tome un comprimido<x1/>."),
        ("Take <b1>twi</b1>ce a day.", "Tome <b1>twice</b1> a día."),
    ],
)
def test_placeables_come_back_and_are_doubted(neural: Neural, source: str, expected: str) -> None:
    """The model sees the sentence without them; its attention says where they go; the reviewer is told to look."""
    (drafted,) = draft_texts([source], neural, EN, ES)
    if "twi<" in source:  # a tag within one piece: no place can be told, so draft.py puts it around all
        assert isinstance(drafted, Draft) and drafted.text == "<b1>Tome twice a día.</b1>"
    else:
        assert text_of(drafted) == expected
    assert isinstance(drafted, Draft)
    named = {tag[0] for tag in tags_of(source) if not tag[1]}
    assert all(any(tag in doubt and "is a guess" in doubt for doubt in drafted.doubts) for tag in named)


def test_why_placeables_do_not_travel(models: Path) -> None:
    """Measured: sentencepiece makes each a piece that no vocabulary has, and cuts the word beside it otherwise."""
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(models / "opus-mt-en-es" / "source.spm"))
    assert pieces.encode("Do not stop", out_type=str) == ["▁Do", "▁not", "▁stop"]
    assert pieces.encode("Do \ue101not\ue201 stop", out_type=str) == ["▁Do", "▁", "\ue101", "not", "\ue201", "▁stop"]


MARKS = st.sampled_from(["Take ", "one ", "tablet", ".", " ", "<b1>", "</b1>", "<x2/>", "<i3>", "</i3>", "water"])


@settings(max_examples=60, deadline=None)
@given(st.lists(MARKS, min_size=1, max_size=12).map("".join))
def test_tags_are_once_and_the_words_are_the_models(neural: Neural, source: str) -> None:
    """Whatever the tags: all come back once, and the words between them are those of the sentence without tags."""
    (drafted,) = draft_texts([source], neural, EN, ES)
    if isinstance(drafted, Draft):
        assert sorted(tag[0] for tag in tags_of(drafted.text)) == sorted(tag[0] for tag in tags_of(source))


def test_both_converters_are_understood(tmp_path: Path, neural: Neural) -> None:
    """Where the end mark is not CTranslate2's task (ct2-transformers-converter) we put it: the drafts are the same."""
    make_opus(tmp_path / "opus-mt-en-es", add_source_eos=False)
    other = Neural({"models": str(tmp_path)})
    assert [text_of(a) for a in other.translate(TEXTS, EN, ES)] == [text_of(a) for a in neural.translate(TEXTS, EN, ES)]


def test_a_model_of_several_languages_is_told_which(tmp_path: Path) -> None:
    """`[engine.neural.token]` goes before the source; a token that the model does not know is refused."""
    make_opus(tmp_path / "opus-mt-en-ROMANCE", {"▁Take": "▁Tome", ">>pob<<": "▁Pois"}, tokens=[">>pob<<"])
    given = {"models": str(tmp_path), "model.pt-BR": "opus-mt-en-ROMANCE", "token.pt-BR": ">>pob<<"}
    engine = Neural(given)
    (answer,) = engine.translate(["Take <"], EN, PT_BR)
    assert text_of(answer).startswith("Pois Tome") and ">>pob<<" in engine.version(EN, PT_BR)
    assert isinstance(engine.serves(EN, ES), Missing)
    with pytest.raises(EngineError, match="does not know the token >>fra<<"):
        Neural({**given, "token.pt-BR": ">>fra<<"}).translate(["Take"], EN, PT_BR)


def test_argos_packages_and_a_declared_pivot(tmp_path: Path) -> None:
    """metadata.json names the languages; through a third one only where `pivot` says so, and the version names both."""
    make_argos(tmp_path / "translate-es_en-1_0", "es", "en", {"▁Take": "▁one", "▁two": "▁not"})
    make_argos(tmp_path / "translate-en_fr-1_0", "en", "fr", {"▁one": "▁water", "▁not": "▁day"})
    assert isinstance(Neural({"models": str(tmp_path)}).serves(ES, FR), Missing)
    engine = Neural({"models": str(tmp_path), "pivot": "en"})
    (answer,) = engine.translate(["Take two"], ES, FR)
    assert text_of(answer) == "water day"
    assert engine.version(ES, FR).index("es_en") < engine.version(ES, FR).index("en_fr")
    (drafted,) = draft_texts(["Take <b1>two</b1>"], engine, ES, FR)
    assert text_of(drafted) == "water <b1>day</b1>"


def broken(folder: Path, *, without: str = "", spoiled: str = "", by: bytes = b"\x00garbage") -> str:
    """What the engine says about a model with a file missing or spoiled."""
    make_opus(folder / "opus-mt-en-es")
    if without:
        (folder / "opus-mt-en-es" / without).unlink()
    if spoiled:
        (folder / "opus-mt-en-es" / spoiled).write_bytes(by)
    with pytest.raises(EngineError) as caught:
        Neural({"models": str(folder)}).translate(["Take one"], EN, ES)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["config.json", "shared_vocabulary.json", "target.spm"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """Which file, and how to get it; the same is said by `serves`, before anything is drafted."""
    assert f"{name} is missing" in broken(tmp_path, without=name)
    answer = Neural({"models": str(tmp_path)}).serves(EN, ES)
    assert isinstance(answer, Missing) and f"{name} is missing" in answer.todo


@pytest.mark.parametrize("name", ["config.json", "shared_vocabulary.json", "source.spm", "target.spm", "model.bin"])
@pytest.mark.parametrize("by", [b"", b"\x00garbage", b"[" * 100_000])
def test_a_spoiled_file_is_one_sentence(tmp_path: Path, name: str, by: bytes) -> None:
    """No crash and no traceback, whatever a file holds."""
    assert str(tmp_path) in (said := broken(tmp_path, spoiled=name, by=by)) or "opus-mt-en-es" in said


def test_a_model_that_was_cut_off_is_one_sentence(tmp_path: Path) -> None:
    """A download that ended early."""
    make_opus(tmp_path / "whole")
    data = (tmp_path / "whole" / "model.bin").read_bytes()
    assert "cannot be loaded" in broken(tmp_path / "cut", spoiled="model.bin", by=data[: len(data) // 2])


def test_what_is_not_there_says_what_to_do(tmp_path: Path, models: Path) -> None:
    """No folder, no model for the pair, two for one pair, a packed package, one that is named and not there."""

    def todo(models: Path | None = None, target: Locale = ES, **named: str) -> str:
        given = {"models": str(models)} if models else {}
        answer = Neural(given | {f"model.{tag}": name for tag, name in named.items()}).serves(EN, target)
        assert isinstance(answer, Missing)
        return answer.todo

    assert "set models" in todo()
    assert "is not there" in todo(tmp_path / "nowhere")
    assert "named such as opus-mt-en-fr" in todo(models, FR)
    assert "is not in" in todo(models, es="other")
    (tmp_path / "translate-en_es-1_9.argosmodel").write_bytes(b"PK")
    assert "unzip" in todo(tmp_path)
    make_opus(tmp_path / "a-en-es")
    make_opus(tmp_path / "b-en-es")
    assert "several models fit es: a-en-es, b-en-es" in todo(tmp_path)
    assert Neural({"models": str(tmp_path), "model.es": "b-en-es"}).serves(EN, ES) == Serves()
    assert Neural({"models": str(models / "opus-mt-en-es")}).serves(EN, ES) == Serves()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"model": "x"}, "no setting 'model'"),
        ({"folder": "x"}, "no setting 'folder'"),
        ({"threads": "0"}, "from 1 to 64"),
        ({"threads": "many"}, "from 1 to 64"),
        ({"token.klingon": ">>x<<"}, "unknown locale 'klingon'"),
        ({"pivot": "xx-yy-zz"}, "pivot: unknown locale"),
    ],
)
def test_settings_that_will_not_do_are_refused(settings: dict[str, str], says: str) -> None:
    """A misspelt setting is an error, not silence."""
    with pytest.raises(EngineError, match=says):
        open_engine("neural", settings)


def test_another_model_is_another_version(tmp_path: Path) -> None:
    """Exchange one file of a model and its drafts are made again."""
    make_opus(tmp_path / "en-es")
    before = Neural({"models": str(tmp_path)}).version(EN, ES)
    config = tmp_path / "en-es" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text(encoding="utf-8")), "more": 1}), encoding="utf-8")
    assert Neural({"models": str(tmp_path)}).version(EN, ES) != before


def test_a_closed_engine_says_so(models: Path) -> None:
    """After close its memory is free, and nothing is loaded again."""
    engine = Neural({"models": str(models)})
    engine.prepare(EN, ES)
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        engine.translate(["Take"], EN, ES)


def test_a_run_drafts_with_a_users_model(tmp_path: Path) -> None:
    """From signoff.toml to the PO file: a relative folder of models, a draft with its tag, its doubt and its origin."""
    more = '[engine.neural]\nmodels = "my models"'
    article = {"a.md": b"Take **two** tablets."}
    root = make_workspace(tmp_path / "w", articles=article, engines=("neural",), more=more)
    make_opus(root / "my models" / "opus-mt-en-es")
    desk = Desk(root)
    assert desk.run().drafted == 1
    (entry,) = polib.pofile(str(desk.po("a")))
    assert entry.msgstr == "Tome <b1>dos</b1> comprimidos." and "the extent of <b1> is a guess" in entry.comment
    assert "neural" in entry.comment and desk.run().engine_calls == 0
