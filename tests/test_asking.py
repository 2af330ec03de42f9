"""What is written once above all engines: batches, retries, pace, budgets, durability. Nobody really waits here."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.allowance import Allowance, Budget, Estimate, cost, estimate
from pipeline.asking import (
    MOST_ATTEMPTS,
    MOST_FAILED_BATCHES,
    MOST_REFUSED_TEXTS,
    Asked,
    Asking,
    Keep,
    OverBudget,
    OwnBudgetSpent,
)
from pipeline.draft import Drafted, draft_texts
from pipeline.engines import (
    Draft,
    Failure,
    Limits,
    Missing,
    NoAccess,
    RateLimited,
    Refused,
    Serves,
    Unavailable,
)
from pipeline.errors import EngineError
from pipeline.long_source import split_source
from pipeline.model import Locale
from pipeline.watched import Watched

EN, ES = Locale.parse("en"), Locale.parse("es")
BUSY, DOWN = RateLimited(reason="busy"), Unavailable(reason="down")


class Clock:
    """Stands still, but for those who wait."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    def wait(self, seconds: float) -> None:
        """Time passes at once."""
        self.waits.append(round(seconds, 3))
        self.now_s += seconds


Answer = Callable[[str, int], Draft | Failure | str]
"""Of a text and how often it was asked before."""


class Service:
    """An engine with limits, which answers as it is told; `Take two.` becomes `Takeo two.`."""

    name, leaves_the_machine, max_characters, contextual, sure_of_language = "service", True, 100, False, True

    def __init__(self, answer: Answer | None = None, limits: Limits | None = None) -> None:
        self.limits = limits or Limits(batch_texts=4, batch_characters=200, in_flight=3)
        self.calls: list[list[str]] = []
        self._answer = answer or (lambda text, before: drafted(text))
        self._lock = threading.Lock()

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        return Serves()

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        return "1"

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        with self._lock:
            asked = [text for call in self.calls for text in call]
            self.calls.append(list(texts))
        answers = [self._answer(text, asked.count(text)) for text in texts]
        return [Draft(text=a, engine=self.name, version="1") if isinstance(a, str) else a for a in answers]

    def close(self) -> None: ...


def drafted(text: str) -> str:
    """What the service makes of a text."""
    return text.replace("e", "eo")


@pytest.fixture
def clock() -> Clock:
    return Clock()


Ask = Callable[..., Asked]


@pytest.fixture
def ask(clock: Clock) -> Iterator[Ask]:
    """Ask a service for some texts; further keywords are those of Asking."""
    opened: list[Asking] = []

    def do(engine: Service, *texts: str, keep: Keep = lambda done: None, **more: object) -> Asked:
        asking = more.pop("asking", None)
        if not isinstance(asking, Asking):
            asking = Asking(clock=clock, wait=clock.wait, chance=lambda: 1.0, **more)  # type: ignore[arg-type]
        opened.append(asking)
        watched = Watched(engine, threading.Event())
        return asking.ask(watched, texts, lambda some: draft_texts(some, watched, EN, ES), EN, ES, keep)

    yield do
    for one in opened:
        one.close()


def texts_of(asked: Asked) -> list[str]:
    return [answer.text if isinstance(answer, Draft) else type(answer).__name__ for answer in asked.answers]


NINE = [f"the text {number}" for number in range(9)]


def test_batches_are_as_large_as_the_limits_allow(ask: Ask) -> None:
    """By count and by characters; the answers stand in their sources' places."""
    service = Service()
    assert texts_of(ask(service, *NINE)) == [drafted(text) for text in NINE]
    assert sorted(map(len, service.calls)) == [1, 4, 4]
    narrow = Service(limits=Limits(batch_texts=100, batch_characters=25))
    ask(narrow, *NINE)
    assert all(sum(map(len, call)) <= 25 for call in narrow.calls) and len(narrow.calls) == 5


@given(st.lists(st.text(st.sampled_from("ab. "), min_size=1, max_size=40).map(lambda t: f"x{t}e"), max_size=30),
       st.integers(1, 9), st.integers(1, 120))  # fmt: skip
def test_no_source_is_lost_or_exchanged(texts: list[str], batch_texts: int, batch_characters: int) -> None:
    """For any texts and limits: one answer each, in its place, and each is sent once."""
    service = Service(limits=Limits(batch_texts=batch_texts, batch_characters=batch_characters, in_flight=4))
    asking, watched = Asking(), Watched(service, threading.Event())
    try:
        asked = asking.ask(watched, texts, lambda some: draft_texts(some, watched, EN, ES), EN, ES)
    finally:
        asking.close()
    assert [text.split() for text in texts_of(asked)] == [drafted(text).split() for text in texts]
    assert sum(map(len, service.calls)) == len(texts)


def test_as_many_requests_at_once_as_allowed(ask: Ask) -> None:
    """The service's own number, or that of signoff.toml; never more."""
    most, at_once, lock, together = 0, 0, threading.Lock(), threading.Barrier(3, timeout=20)

    def slow(text: str, before: int) -> str:
        nonlocal most, at_once
        with lock:
            at_once += 1
            most = max(most, at_once)
        together.wait()
        with lock:
            at_once -= 1
        return drafted(text)

    ask(Service(slow, Limits(batch_texts=1, in_flight=8)), *NINE, allowances={"service": Allowance(in_flight=3)})
    assert most == 3


# -- patience


def test_a_service_that_asks_for_patience_gets_it(ask: Ask, clock: Clock) -> None:
    """As long as it says; then the same texts are asked again, and only those."""
    service = Service(lambda text, before: RateLimited(reason="busy", retry_after_s=7) if not before else drafted(text))
    assert texts_of(ask(service, "the one", "the two")) == ["theo oneo", "theo two"]
    assert (clock.waits, len(service.calls)) == ([7.0], 2)


def test_without_a_word_waits_double(ask: Ask, clock: Clock) -> None:
    """1, 2, 4, 8 s at most, each by chance down to half of it."""
    service = Service(lambda text, before: BUSY if before < MOST_ATTEMPTS - 1 else drafted(text))
    assert texts_of(ask(service, "the one")) == ["theo oneo"]
    assert clock.waits == [1, 2, 4, 8]
    clock.waits.clear()
    asking = Asking(clock=clock, wait=clock.wait, chance=lambda: 0.0)
    ask(Service(lambda text, before: DOWN if before < 2 else drafted(text)), "the one", asking=asking)
    assert clock.waits == [0.5, 1]


def test_only_what_failed_is_asked_again(ask: Ask) -> None:
    """Neighbours that are drafted are not paid for twice."""
    service = Service(lambda text, before: DOWN if "two" in text and not before else drafted(text))
    assert texts_of(ask(service, "the one", "the two", "the six")) == ["theo oneo", "theo two", "theo six"]
    assert service.calls == [["the one", "the two", "the six"], ["the two"]]


def test_patience_has_an_end(ask: Ask) -> None:
    """After five attempts the text has failed for now; it is no final failure."""
    service = Service(lambda text, before: DOWN if "two" in text else drafted(text))
    one, two = ask(service, "the one", "the two").answers
    assert isinstance(one, Draft) and isinstance(two, Failure) and not two.final
    assert len(service.calls) == MOST_ATTEMPTS


def test_a_service_that_asks_for_too_much_patience_is_left_alone(ask: Ask, clock: Clock) -> None:
    """Not even tried again in this run; the reason says how long it asked for."""
    asking = Asking(clock=clock, wait=clock.wait)
    service = Service(lambda text, before: RateLimited(reason="busy", retry_after_s=3_600))
    assert texts_of(ask(service, "the one", asking=asking)) == ["RateLimited"]
    with pytest.raises(EngineError, match="wait for 3600 s"):
        ask(service, "the two", asking=asking)
    assert (service.calls, clock.waits) == ([["the one"]], [])


def test_a_service_that_is_down_is_left_alone(ask: Ask, clock: Clock) -> None:
    """After three batches in a row without an answer nothing more is sent."""
    asking = Asking(clock=clock, wait=clock.wait)
    service = Service(lambda text, before: DOWN, Limits(batch_texts=1))
    assert set(texts_of(ask(service, *NINE, asking=asking))) <= {"Unavailable", "Failure"}
    assert len(service.calls) == MOST_FAILED_BATCHES * MOST_ATTEMPTS
    with pytest.raises(EngineError, match="down, 5 times for each of 3 batches"):
        ask(service, "the last", asking=asking)


def test_requests_keep_the_pace_that_is_set(ask: Ask, clock: Clock) -> None:
    """30 a minute are one every two seconds."""
    service = Service(limits=Limits(batch_texts=1))
    ask(service, *NINE[:4], allowances={"service": Allowance(requests_per_minute=30)})
    assert clock.now_s == 6 and len(service.calls) == 4


# -- refusals


def test_one_bad_text_does_not_spoil_its_batch(ask: Ask) -> None:
    """A refused batch is halved until the one text is found; all others are drafted."""

    def answer(text: str, before: int) -> str:
        return drafted(text)

    class Picky(Service):
        def translate(self, texts: Sequence[str], *locales: Locale) -> list[Draft | Failure]:
            answers = super().translate(texts, *locales)
            return [Refused(reason="bad")] * len(texts) if "the text 2" in texts else answers

    service = Picky(answer, Limits(batch_texts=9))
    assert texts_of(ask(service, *NINE)) == ["Refused" if text == "the text 2" else drafted(text) for text in NINE]
    assert len(service.calls) <= 9


def test_a_service_that_refuses_everything_is_left_alone(ask: Ask) -> None:
    """Ten texts in a row, each sent alone: then it is not the texts."""
    service = Service(lambda text, before: Refused(reason="bad"), Limits(batch_texts=1))
    many = [f"the {number}" for number in range(40)]
    assert "Draft" not in texts_of(ask(service, *many))
    assert len(service.calls) == MOST_REFUSED_TEXTS


@pytest.mark.parametrize("reason", ["the service refused the key", "the quota is used up"])
def test_without_access_nothing_else_is_sent(ask: Ask, clock: Clock, reason: str) -> None:
    """What was drafted before is given back; the next article is told at once."""
    asking = Asking(clock=clock, wait=clock.wait)
    service = Service(lambda text, before: NoAccess(reason=reason) if text == "the text 3" else drafted(text),
                      Limits(batch_texts=1))  # fmt: skip
    answers = ask(service, *NINE, asking=asking).answers
    assert [type(answer) for answer in answers] == [Draft] * 3 + [NoAccess] + [Failure] * 5
    assert all(isinstance(a, Failure) and reason in a.reason and not a.final for a in answers[3:])
    with pytest.raises(EngineError, match=reason):
        ask(service, "the last", asking=asking)
    assert len(service.calls) == 4


def test_an_engine_that_breaks_half_way_keeps_what_it_did(ask: Ask) -> None:
    """Drafts of other batches are given back; if there are none, the error is raised."""

    def dies(text: str, before: int) -> str:
        if text == "the text 4":
            raise RuntimeError("secret")
        return drafted(text)

    answers = ask(Service(dies, Limits(batch_texts=1)), *NINE).answers
    assert [type(answer) for answer in answers] == [Draft] * 4 + [Failure] * 5
    assert not any("secret" in answer.reason for answer in answers if isinstance(answer, Failure))
    with pytest.raises(EngineError, match="broke: RuntimeError"):
        ask(Service(dies, Limits(batch_texts=1)), "the text 4")


# -- budgets


def test_no_more_is_sent_than_the_runs_budget(ask: Ask, clock: Clock) -> None:
    """The texts that fit are drafted; the others are told, also at the next engine, and nothing is sent for them."""
    asking = Asking(clock=clock, wait=clock.wait, budget=35)
    service = Service()
    asked = ask(service, *NINE, asking=asking)
    assert texts_of(asked) == [drafted(text) for text in NINE[:3]] + ["OverBudget"] * 6
    assert asked.characters == sum(len(text) for call in service.calls for text in call) == 30
    other = Service()
    other.name = "other"
    assert texts_of(ask(other, "the long text", asking=asking)) == ["OverBudget"] and other.calls == []


def test_an_engines_own_budget_is_its_own_end(ask: Ask, clock: Clock) -> None:
    """It is not asked any more; the next engine of the list may be."""
    asking = Asking(clock=clock, wait=clock.wait, allowances={"service": Allowance(budget=35)})
    service = Service()
    answers = ask(service, *NINE, asking=asking).answers
    assert [type(answer) for answer in answers] == [Draft] * 3 + [OwnBudgetSpent] * 6
    assert asking.over_budget("service") and not asking.over_budget("other")
    with pytest.raises(EngineError, match="its budget of 35 characters is used up"):
        ask(service, "the last", asking=asking)
    other = Service()
    other.name = "other"
    assert texts_of(ask(other, "the last", asking=asking)) == ["theo last"]


def test_what_was_surely_not_translated_is_given_back(ask: Ask, clock: Clock) -> None:
    """A request that was told to wait costs nothing; one that was cut off may stand on the bill."""
    for failure, fits in ((BUSY, drafted("the text 1")), (DOWN, "OverBudget")):
        asking = Asking(clock=clock, wait=clock.wait, budget=20)
        service = Service(lambda text, before, failure=failure: drafted(text) if before else failure)  # type: ignore[misc]
        assert texts_of(ask(service, "the text 0", asking=asking)) == [drafted("the text 0")]
        service = Service()
        assert texts_of(ask(service, "the text 1", asking=asking)) == [fits]


@pytest.mark.parametrize("whose", ["the run's", "the engine's"])
def test_eight_requests_at_once_never_pass_the_cap(ask: Ask, whose: str) -> None:
    """Whoever comes first: what was sent and answered is within the budget at every moment, and all of it is used."""
    texts = [f"the text {number} {'x' * (number % 23)}y" for number in range(300)]
    budget, lock, paid, most = 2_000, threading.Lock(), 0, 0

    def answer(text: str, before: int) -> Draft | Failure | str:
        nonlocal paid, most
        if not before and len(text) % 5 == 0:
            return RateLimited(reason="busy", retry_after_s=0)  # not translated: it costs nothing
        with lock:
            paid += len(text)
            most = max(most, paid)
        return drafted(text)

    own = {"allowances": {"service": Allowance(budget=budget)}} if whose == "the engine's" else {"budget": budget}
    service = Service(answer, Limits(batch_texts=3, batch_characters=100, in_flight=8))
    answers = ask(service, *texts, **own).answers
    done = [text for text, got in zip(texts, answers, strict=True) if isinstance(got, Draft)]
    assert sum(map(len, done)) == paid == most <= budget
    assert paid > budget - 8 * 3 * max(map(len, texts))
    assert all(isinstance(got, OverBudget) == (whose == "the run's") for got in answers if isinstance(got, Failure))


def test_a_budget_of_nothing_sends_nothing(ask: Ask) -> None:
    """0 is a budget."""
    service = Service()
    assert texts_of(ask(service, "the one", budget=0)) == ["OverBudget"] and service.calls == []


@given(st.lists(st.integers(1, 50)), st.integers(0, 500))
def test_a_budget_never_grants_more_than_it_has(lengths: list[int], characters: int) -> None:
    """Whatever is asked for, in whatever order."""
    budget = Budget(characters)
    granted = sum(sum(lengths[at : at + 3][: budget.take(lengths[at : at + 3])]) for at in range(0, len(lengths), 3))
    assert granted <= characters


def test_estimates_are_for_planning() -> None:
    """By batches, calls at once and pace; no price, no cost."""
    limits = Limits(batch_texts=50, batch_characters=10_000, in_flight=4, call_s=2.0)
    price = Allowance(price_per_million_characters=20.0)
    assert estimate(1_000, 80_000, limits, price) == Estimate(seconds=10.0, cost=1.6)
    assert estimate(10, 100_000, limits, Allowance()).seconds == 5.0
    assert estimate(1_000, 80_000, limits, Allowance(requests_per_minute=6)).seconds == 190.0
    assert estimate(1_000, 60_000, None, Allowance()).cost is None
    assert cost({"deepl": 500_000, "apertium": 9}, {"deepl": price}) == 10.0
    assert cost({"apertium": 9}, {}) is None


# -- what is kept, and what is too long


def test_each_batch_is_kept_as_soon_as_it_is_there(ask: Ask) -> None:
    """The first drafts are handed on while the last text has not been answered yet."""
    kept: dict[int, Drafted] = {}
    there = threading.Event()

    def answer(text: str, before: int) -> str:
        if text == NINE[-1]:
            assert there.wait(20)
        return drafted(text)

    def keep(done: Mapping[int, Drafted]) -> None:
        kept.update(done)
        if len(kept) == 8:
            there.set()

    ask(Service(answer, Limits(batch_texts=1, in_flight=2)), *NINE, keep=keep)
    assert sorted(kept) == list(range(9))


LONG = "The first is here. <b1>The second is there. The third too.</b1> The fourth one is the last of them."


def test_a_source_that_is_too_long_is_cut_at_sentences_and_joined(ask: Ask) -> None:
    """No pair of tags is cut, nothing is lost, and the reviewer is told."""
    service = Service()
    service.max_characters = 70
    (answer,) = ask(service, LONG).answers
    assert isinstance(answer, Draft) and answer.text == drafted(LONG)
    assert answer.doubts[-1] == "too long for the engine: drafted in 2 parts"
    assert sorted(len(call) for call in service.calls) == [2]


@given(st.lists(st.sampled_from(["A word. ", "Two words! ", "<b1>", "</b1>", "<x2/>", "x" * 30 + " "])).map("".join),
       st.integers(5, 60))  # fmt: skip
def test_parts_are_the_source(source: str, most: int) -> None:
    """Put together again they are the source but for blanks, whatever the tags."""
    parts = split_source(source, most, EN)
    assert "".join("".join(parts).split()) == "".join(source.split())


def test_a_part_that_fails_fails_the_source(ask: Ask) -> None:
    """Half a sentence is no draft."""
    service = Service(lambda text, before: Failure(reason="no") if "last" in text else drafted(text))
    service.max_characters = 70
    assert texts_of(ask(service, LONG)) == ["Failure"]


# -- the end


def test_a_run_that_ends_waits_for_nobody() -> None:
    """Who waits for a service when the run is stopped is told at once."""
    asking, asked = Asking(), threading.Event()

    def answer(text: str, before: int) -> Failure:
        asked.set()
        return RateLimited(reason="busy", retry_after_s=200)

    watched = Watched(Service(answer), threading.Event())
    answers: list[Asked] = []
    thread = threading.Thread(
        target=lambda: answers.append(
            asking.ask(watched, ["the one"], lambda some: draft_texts(some, watched, EN, ES), EN, ES)
        )
    )
    thread.start()
    assert asked.wait(20)
    asking.stop()
    thread.join(20)
    asking.close()
    assert not thread.is_alive() and "stopped" in str(answers[0].answers[0])


def test_an_engine_without_limits_gets_all_texts_at_once(ask: Ask) -> None:
    """As before there were limits: somebody else's engine needs to know nothing of all this."""
    service = Service()
    service.limits = None  # type: ignore[assignment]
    assert texts_of(ask(service, *NINE)) == [drafted(text) for text in NINE]
    assert service.calls == [NINE]
    assert OverBudget in Failure.__subclasses__()


def test_an_engine_that_breaks_meanwhile_is_broken_for_whoever_waits() -> None:
    """An article that was about to be asked for when the engine broke over another one is not drafted as empty."""

    class Broken(Service):
        def translate(
            self, texts: Sequence[str], source_locale: Locale, target_locale: Locale
        ) -> list[Draft | Failure]:
            raise ValueError("it ends here")

    asking = Asking()
    watched = Watched(Broken(), threading.Event())

    def ask_for(sources: Sequence[str]) -> Asked:
        return asking.ask(watched, sources, lambda some: draft_texts(some, watched, EN, ES), EN, ES)

    class Late(list[str]):
        """Another article breaks the engine after this one was let in, before it is sent."""

        def __iter__(self) -> Iterator[str]:
            with suppress(EngineError):
                ask_for(["another one"])
            return super().__iter__()

    with pytest.raises(EngineError, match="broke: ValueError"):
        ask_for(Late(["the one"]))
