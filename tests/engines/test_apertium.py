"""Drafts by the real Apertium: complete, in order, repeatable, whatever the texts and whatever dies."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.draft import draft_texts
from pipeline.engines import Draft, Engine, Failure, Missing, Serves
from pipeline.engines.apertium import Apertium
from pipeline.engines.null_flush import Chain, ChainBroken, Hand, Patience
from pipeline.errors import EngineError
from pipeline.model import Locale

EN, ES, CA, GL, PT_BR = (Locale.parse(tag) for tag in ("en", "es", "ca", "gl", "pt-BR"))
GOLDEN = Path(__file__).parent.parent / "golden" / "engines"
ARTICLE = [
    "Why people take this medicine",
    "Do not stop the treatment suddenly.",
    "The doctor may lower the dose by 0.5 mg every two weeks.",
    "Can I drink alcohol?",
    "Tell your nurse about abuse, seizures or thoughts of self-harm",
    "Store the tablets in a dry place.",
]
KILLER = "There would have to be a plan for the night."
"""Kills a stage of eng-cat 1.0.1 every time (a fault of its rules): see the golden folder a-text-that-kills."""


def texts_of(answers: list[Draft | Failure]) -> list[str]:
    return [answer.text if isinstance(answer, Draft) else f"FAILURE {answer.reason}" for answer in answers]


@pytest.mark.parametrize("target", [ES, CA, GL, PT_BR], ids=str)
def test_the_same_article_gives_the_same_drafts(apertium: Apertium, target: Locale) -> None:
    """Not what was drafted before, nor a chain that has already worked, changes a draft."""
    with Apertium({}) as fresh:
        first = fresh.translate(ARTICLE, EN, target)
    apertium.translate(["What do people abuse?", *reversed(ARTICLE)], EN, target)
    assert apertium.translate(ARTICLE, EN, target) == first


def test_all_stages_that_stay_up_are_known_to_forget(apertium: Apertium) -> None:
    """A stage that is not in the measured list is started anew for each article."""
    chain = apertium._take("eng-cat")
    before = chain.process_ids
    chain.feed([b"Do not stop.[0]"], forget=True)
    renewed = {name for pid, name in before.items() if pid not in chain.process_ids}
    assert renewed == {"cg-proc", "apertium-tagger", "apertium-anaphora"}


def test_articles_in_parallel_give_what_they_give_alone(apertium: Apertium) -> None:
    """Many articles and locales at once do not disturb one another."""
    jobs = [(ARTICLE[start:], target) for start in range(4) for target in (ES, PT_BR, GL)]
    alone = [apertium.translate(texts, EN, target) for texts, target in jobs]
    with Apertium({}) as other, ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda job: other.translate(job[0], EN, job[1]), jobs)) == alone


def test_articles_on_one_chain_give_what_they_give_alone(apertium: Apertium) -> None:
    """One behind the other through the same programs, also beside an article that kills one of them."""
    articles = [ARTICLE[start:] + ([KILLER] if start == 2 else []) for start in range(len(ARTICLE))] * 2
    for target in (CA, ES):
        alone = [texts_of(apertium.translate(texts, EN, target)) for texts in articles]
        with Apertium({}, most_chains=1) as shared, ThreadPoolExecutor(5) as pool:
            together = list(pool.map(lambda texts: texts_of(shared.translate(texts, EN, target)), articles))  # noqa: B023
        assert together == alone


def test_a_callers_own_fault_costs_only_its_own_article(apertium: Apertium) -> None:
    """What is told of a draft may break; whoever shares the chain gets all drafts, and the chain works on."""

    def break_down(place: int, answer: object) -> None:
        raise RuntimeError("the disk is full")

    with Apertium({}, most_chains=1) as shared, ThreadPoolExecutor(2) as pool:
        good = pool.submit(shared.translate, ARTICLE, EN, ES)
        bad = pool.submit(shared.translate_telling, ARTICLE[1:], EN, ES, break_down)
        assert isinstance(bad.exception(), RuntimeError)
        assert good.result() == shared.translate(ARTICLE, EN, ES) == apertium.translate(ARTICLE, EN, ES)


def test_closing_in_the_middle_ends_who_waits() -> None:
    """No caller waits for ever, and no program is left."""
    engine = Apertium({}, most_chains=1)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(engine.translate, [f"{text} {n}" for text in ARTICLE for n in range(200)], EN, ES)]
        while not engine._chains.get("eng-spa"):
            time.sleep(0.01)
        processes = list(engine._chains["eng-spa"][0].process_ids)
        engine.close()
        assert isinstance(asked[0].exception(timeout=30), EngineError)
    assert processes and not any(Path(f"/proc/{pid}").exists() for pid in processes)


def test_final_full_stops_stay(apertium: Apertium) -> None:
    """What ends with a full stop or a question mark ends with it in every language."""
    for target in (ES, CA, GL, PT_BR):
        for source, draft in zip(ARTICLE, texts_of(apertium.translate(ARTICLE, EN, target)), strict=True):
            assert draft[-1] == source[-1] if source[-1] in ".?" else draft[-1].isalpha()


def test_words_it_cannot_translate_are_doubts(apertium: Apertium) -> None:
    """Unknown words stay as they are in a clean text and are named; a pivot's own gaps are named as such."""
    es, pt = (apertium.translate(["The sleepless patient took Zyxobrin."], EN, to)[0] for to in (ES, PT_BR))
    assert isinstance(es, Draft) and isinstance(pt, Draft)
    assert es.doubts == ("left untranslated: Zyxobrin",) and "Zyxobrin" in es.text and "*" not in es.text
    assert pt.doubts == ("left untranslated: Zyxobrin", "left in Spanish: insomne")
    assert "eng-spa" in pt.version and "es-pt_BR" in pt.version and pt.version == apertium.version(EN, PT_BR)


HOSTILE = [
    "a[b]c ^d$ e@f g/h i\\j k<l>m {n} *o* #p ~q",
    "]",
    "[",
    "\\",
    "^",
    "$",
    "[[t:p:1]]x[[/]]",
    "[]",
    "[[/]]",
    "^*word$",
    "*",
    "#",
    "~",
    "take 😀 now 👩🏽‍⚕️",
    "50\u00a0mg",
    "e\u0301lite",
    "\u202eabc\u200b",
    "<b1>",
    "%s {name} %(x)s",
    "!!!",
    "…",
    "—",
    "word " * 3000,
    "x" * 5000,
    "\u2028",
    "a\nb\r\nc",
    "ﬁ",
    "中文 العربية",
]


@pytest.mark.parametrize("target", [ES, CA, GL, PT_BR], ids=str)
def test_hostile_characters_come_through(apertium: Apertium, target: Locale) -> None:
    """No text hangs or kills a stage by its characters, and none that we have to escape is lost."""
    answers = apertium.translate([*HOSTILE, "Do not stop."], EN, target)
    assert len(answers) == len(HOSTILE) + 1
    for source, answer in zip(HOSTILE, answers, strict=False):
        if not source.strip():
            assert isinstance(answer, Failure)
            continue
        assert isinstance(answer, Draft), (source[:40], answer)
        for character in r"[]^$@\<>{}*#~😀":
            assert answer.text.count(character) == source.count(character), (source[:40], answer.text[:80])
    assert answers[-1] == apertium.translate(["Do not stop."], EN, target)[0]


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "a\x07b", "a\ue000b", "a\uf8ffb", "\ud800", "x" * 40_000])
def test_what_cannot_be_sent_is_a_failure_that_says_so(apertium: Apertium, text: str) -> None:
    """Such a text is refused with its reason, and its neighbours are drafted."""
    refused, drafted = apertium.translate([text, "Do not stop."], EN, ES)
    assert isinstance(refused, Failure) and refused.reason
    assert isinstance(drafted, Draft)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(max_size=30) | st.sampled_from(ARTICLE), max_size=6))
def test_as_many_answers_as_texts_in_order(apertium: Apertium, texts: list[str]) -> None:
    """For any texts: one answer each, never empty, and a text's answer stands in the text's place."""
    numbered = [f"{text} {place + 1000}" for place, text in enumerate(texts)]
    answers = apertium.translate(numbered, EN, ES)
    assert len(answers) == len(texts)
    for place, answer in enumerate(answers):
        assert isinstance(answer, Failure) or (answer.text.strip() and str(place + 1000) in answer.text)


def test_a_text_that_kills_a_stage_is_named_and_its_neighbours_are_drafted(apertium: Apertium) -> None:
    """The killer is a Failure with the program's name; the others get the drafts they have without it."""
    answers = apertium.translate([*ARTICLE[:3], KILLER, *ARTICLE[3:]], EN, CA)
    killed = answers.pop(3)
    assert isinstance(killed, Failure) and "apertium-postchunk died (SIGSEGV)" in killed.reason
    assert answers == apertium.translate(ARTICLE, EN, CA)


@pytest.mark.parametrize("target", [ES, PT_BR, CA], ids=str)
def test_what_it_tells_along_is_what_it_answers(apertium: Apertium, target: Locale) -> None:
    """Whoever looks at drafts while the others are made has seen the same drafts, also where a text kills a stage."""
    told = dict[int, Draft | Failure]()
    texts = ["Do not stop.", KILLER, "", "Take 0.5 mg at night."]
    answers = apertium.translate_telling(texts, EN, target, told.__setitem__)
    assert told == {place: answer for place, answer in enumerate(answers) if place != 2}
    assert answers == apertium.translate(texts, EN, target)


def test_a_stage_killed_in_the_middle_costs_no_draft() -> None:
    """Somebody ends a program of a chain while it works, again and again: all drafts come, and they are the same."""
    with Apertium({}) as engine:
        article = [f"{text} Page {number} is long." for number in range(60) for text in ARTICLE]
        expected = engine.translate(article, EN, GL)
        chain = engine._chains["en-gl"][0]
        victims = list(chain.process_ids)
        stop = threading.Event()

        def kill() -> None:
            time.sleep(0.02)
            for victim in victims[1::3]:
                os.kill(victim, signal.SIGKILL)
            stop.set()

        killer = threading.Thread(target=kill)
        killer.start()
        article_again = [*article, "The end."]  # a new list, so that nothing remembered can answer
        answers = engine.translate(article_again, EN, GL)
        killer.join()
        assert answers[: len(expected)] == expected and isinstance(answers[-1], Draft)


@pytest.mark.parametrize(("kills", "lost"), [([True, True], 0), ([True, True, False, True], 1)])
def test_no_text_is_blamed_for_what_somebody_ends(
    monkeypatch: pytest.MonkeyPatch, kills: list[bool], lost: int
) -> None:
    """A program is ended again and again: each text is drafted, or by the next run; none is refused for good."""
    feed, breaks = Chain.feed, iter(kills)

    def feed_or_die(chain: Chain, frames: list[bytes], hand: Hand = lambda *_: None, *, forget: bool = False) -> None:
        if next(breaks, False):
            os.kill(next(iter(chain.process_ids)), signal.SIGKILL)
        feed(chain, frames, hand, forget=forget)

    with Apertium({}) as engine:
        expected = engine.translate(ARTICLE, EN, GL)
    monkeypatch.setattr(Chain, "feed", feed_or_die)
    with Apertium({}) as engine:
        answers = engine.translate(ARTICLE, EN, GL)
    assert next(breaks, None) is None, "it died as often as it was to"
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    assert len(failures) == lost and not any(failure.final for failure in failures)
    assert lost or answers == expected


def test_closing_a_chain_that_broke_touches_no_file_of_others(tmp_path: Path) -> None:
    """The numbers of its pipes may be another file's by then: the store's, for example."""
    with Apertium({}, most_chains=1) as engine:
        engine.translate(["Do not stop."], EN, ES)
        chain = engine._chains["eng-spa"][0]
        os.kill(next(iter(chain.process_ids)), signal.SIGKILL)
        with pytest.raises(ChainBroken):
            chain.feed([b"Do not stop.[0]"])
        while not (chain.closed and not chain.process_ids):
            time.sleep(0.01)
        others = [(tmp_path / str(number)).open("wb", buffering=0) for number in range(40)]
        chain.close()
        for other in others:
            other.close()
    assert not any(path.read_bytes() for path in tmp_path.iterdir())


def test_an_idle_chain_that_died_is_replaced() -> None:
    """A chain that was killed between two articles is noticed and costs nothing but time."""
    with Apertium({}) as engine:
        expected = engine.translate(ARTICLE, EN, ES)
        for process in engine._chains["eng-spa"][0].process_ids:
            os.kill(process, signal.SIGKILL)
        assert engine.translate([*ARTICLE, "The end."], EN, ES)[: len(expected)] == expected


def fake_modes(folder: Path, stages: str) -> Apertium:
    """An engine whose mode eng-spa is made of our own little programs, which ignore the -z they are given."""
    (folder / "eng-spa.mode").write_text(stages, encoding="utf-8")
    return Apertium({"modes": str(folder)}, patience=Patience(base_s=2.0))


def program(folder: Path, name: str, body: str) -> str:
    """An executable Python program that answers frames."""
    path = folder / name
    path.write_text(
        "#!/usr/bin/env python3\nimport sys, time\nbuffer = b''\n"
        "while byte := sys.stdin.buffer.read(1):\n"
        "    if byte != b'\\0':\n        buffer += byte\n        continue\n"
        f"    {body}\n"
        "    sys.stdout.buffer.write(buffer + b'\\0')\n    sys.stdout.buffer.flush()\n    buffer = b''\n",
        encoding="utf-8",
    )
    path.chmod(0o755)
    return str(path)


def test_a_text_that_hangs_a_stage_is_named_after_the_deadline(tmp_path: Path) -> None:
    """No reply within the patience: that text is a Failure that says so, its neighbours are drafted."""
    hangs = program(tmp_path, "hangs", "time.sleep(60 if b'hang' in buffer else 0)")
    with fake_modes(tmp_path, hangs) as engine:
        one, two, three = engine.translate(["one", "hang here", "three"], EN, ES)
    assert (one, three) != (two, two) and isinstance(one, Draft) and isinstance(three, Draft)
    assert isinstance(two, Failure) and "no answer within" in two.reason


def test_a_chain_that_never_answers_gives_failures_not_patience(tmp_path: Path) -> None:
    """When every text breaks the chain, the article is given up after a few, with reasons."""
    with fake_modes(tmp_path, program(tmp_path, "dies", "sys.exit(3)")) as engine:
        answers = engine.translate([f"text {number}" for number in range(14)], EN, ES)
    assert all(isinstance(answer, Failure) for answer in answers)
    assert "dies died (exit code 3)" in texts_of(answers)[0] and "broke on 10 texts" in texts_of(answers)[-1]


@pytest.mark.parametrize("flush", ["", "; sys.stdout.buffer.flush(); time.sleep(0.1)"], ids=["at once", "late"])
def test_a_program_that_answers_twice_is_not_believed(tmp_path: Path, flush: str) -> None:
    """More replies than frames, at once or late: no text gets another text's draft."""
    twice = program(tmp_path, "twice", f"sys.stdout.buffer.write(buffer + b'\\0'){flush}")
    with fake_modes(tmp_path, twice) as engine:
        answers = engine.translate(["one", "two", "three"], EN, ES)
    for source, answer in zip(["one", "two", "three"], answers, strict=True):
        assert isinstance(answer, Failure) or answer.text == source


def test_serving_is_told_without_drafting(apertium: Apertium, tmp_path: Path) -> None:
    """What is installed serves; what is not says which package to install, and cannot be drafted with."""
    assert apertium.serves(EN, PT_BR) == Serves()
    assert apertium.serves(Locale.parse("en-US"), Locale.parse("es-MX")) == Serves()
    nothing = Apertium({"modes": str(tmp_path)})
    answer = nothing.serves(EN, PT_BR)
    assert isinstance(answer, Missing) and "apt-get install apertium-eng-spa apertium-es-pt" in answer.todo
    with pytest.raises(EngineError, match="apertium-eng-cat"):
        nothing.translate(["x"], EN, CA)
    assert isinstance(apertium.serves(EN, Locale.parse("ja")), Missing)


PIVOTS = {"fr": ("apertium-fra-cat", "Catalan"), "it": ("apertium-spa-ita", "Spanish")}


@pytest.mark.parametrize("tag", PIVOTS)
def test_languages_behind_a_pivot(apertium: Apertium, tag: str) -> None:
    """A language that no pair leads to from English is reached through another; what is lost in the middle is named."""
    target, (package, pivot) = Locale.parse(tag), PIVOTS[tag]
    if isinstance(apertium.serves(EN, target), Missing):
        pytest.skip(f"{package} is not installed")
    article = [*ARTICLE, "Do not \ue101stop\ue201 the treatment \ue302 now.", "The sleepless patient took Zyxobrin."]
    drafts = apertium.translate(article, EN, target)
    assert drafts == apertium.translate(article, EN, target) and all(isinstance(draft, Draft) for draft in drafts)
    version = apertium.version(EN, target)
    first, _, second = version.partition(" / ")
    assert ("eng-cat" in first) == (pivot == "Catalan") and tag[:2] in second
    text = texts_of(drafts)[-2]
    assert [text.count(mark) for mark in "\ue101\ue201\ue302"] == [1, 1, 1]
    assert isinstance(drafts[-1], Draft) and any("Zyxobrin" in doubt for doubt in drafts[-1].doubts)


def test_every_way_is_named_with_its_packages(tmp_path: Path) -> None:
    """Where nothing is installed, each language of the table says which Debian packages its best way needs."""
    nothing = Apertium({"modes": str(tmp_path)})
    ways = nothing.ways(EN)
    assert ways[PT_BR] == "en → es → pt-BR" and ways[Locale.parse("fr")] == "en → ca → fr"
    for locale in ways:
        answer = nothing.serves(EN, locale)
        assert isinstance(answer, Missing) and "apt-get install apertium-" in answer.todo
    french = nothing.serves(EN, Locale.parse("fr"))
    assert isinstance(french, Missing) and french.todo.endswith("apertium-eng-cat apertium-fra-cat")
    assert Locale.parse("de") not in ways


def test_the_second_best_way_is_taken_where_it_is_installed(tmp_path: Path) -> None:
    """Of two ways to a language the first that is complete counts; its modes stand in the version."""
    for mode in ("eng-cat", "eng-spa", "es-fr"):
        (tmp_path / f"{mode}.mode").write_text("cat", encoding="utf-8")
    engine = Apertium({"modes": str(tmp_path)})
    assert engine.ways(EN)[Locale.parse("fr")] == "en → es → fr"
    (tmp_path / "cat-fra.mode").write_text("cat", encoding="utf-8")
    assert engine.ways(EN)[Locale.parse("fr")] == "en → ca → fr"


def test_a_setting_that_does_not_exist_is_refused() -> None:
    """A misspelt setting is an error, not silence."""
    with pytest.raises(EngineError, match="no setting 'mods'"):
        Apertium({"mods": "x"})


def test_closing_ends_all_programs() -> None:
    """After close no program of the engine runs, and it says that it is closed."""
    engine = Apertium({})
    engine.prepare(EN, PT_BR)
    processes = [pid for chains in engine._chains.values() for chain in chains for pid in chain.process_ids]
    engine.close()
    engine.close()
    assert processes and not any(Path(f"/proc/{pid}").exists() for pid in processes)
    with pytest.raises(EngineError, match="closed"):
        engine.translate(["x"], EN, ES)


def test_it_is_an_engine(apertium: Apertium) -> None:
    """Apertium keeps the contract of all engines."""
    assert isinstance(apertium, Engine) and apertium.contextual and not apertium.leaves_the_machine


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_golden_drafts(apertium: Apertium, case: str) -> None:
    """The tagged drafts and doubts of a folder's source.txt are those beside it (Debian 13's Apertium data)."""
    sources = (GOLDEN / case / "source.txt").read_text(encoding="utf-8").splitlines()
    for file in sorted((GOLDEN / case).glob("*.expected")):
        drafted = draft_texts(sources, apertium, EN, Locale.parse(file.stem))
        lines = list[str]()
        for item in drafted:
            if isinstance(item, Failure):
                lines.append(f"! {item.reason}")
            else:
                lines += [item.text, *(f"? {doubt}" for doubt in item.doubts)]
        assert "\n".join(lines) + "\n" == file.read_text(encoding="utf-8")
