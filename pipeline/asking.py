"""Ask engines: what is written once above all of them, between an article's sources and draft.py.

Takes   an engine with its Limits, the sources of one article in document order, a function that drafts some of them
Gives   per source, in order, a Draft or a Failure; each as soon as it is there, so that it can be kept
Always  no more characters are sent than the budgets allow; a service that asks for patience gets it; one that is down,
        or lets us in no more, is left alone for the rest of the run; what was drafted until then is given back

A source too long for the engine is cut at ends of sentences and its drafts are joined; where one part fails the drafts
of the others are kept, and not asked for again. Texts go in batches, several at once, at the pace that `signoff.toml`
allows. RateLimited and Unavailable are asked again, with waits that double and differ by chance, or as long as the
service says; a batch that is Refused is halved until the one text is found.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from pipeline.allowance import Allowance, Budget
from pipeline.draft import Drafted
from pipeline.engines import Draft, Failure, Limits, NoAccess, RateLimited, Refused, Unavailable
from pipeline.errors import EngineError
from pipeline.language import WrongLanguage
from pipeline.long_source import join_drafts, split_source
from pipeline.model import Locale
from pipeline.watched import Watched

MOST_ATTEMPTS = 5
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
LONGEST_RETRY_AFTER_S = 300.0
"""A service that asks for more patience than this is not asked again in this run."""
MOST_FAILED_BATCHES = 3
"""In a row, each after all its attempts: then the service is down."""
MOST_REFUSED_TEXTS = 10
"""In a row, each sent alone: then it is not the texts."""

DraftSome = Callable[[Sequence[str]], list[Drafted]]
"""`draft_texts` for one engine and locale."""
Keep = Callable[[Mapping[int, Drafted]], None]
"""Told what is drafted, by the source's place, as soon as it is; called from the thread that asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Where drafts of the parts of long sources outlive a run in which another part was not drafted."""

    known: Callable[[Sequence[str]], Mapping[str, Draft]]
    """Those of an earlier run, by the part's text; asked only if there are long sources."""
    keep: Callable[[Mapping[str, Draft]], None]
    """Told what is drafted, as soon as it is; called from the thread that asks."""


NO_PARTS = Parts(known=lambda texts: {}, keep=lambda drafts: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverBudget(Failure):
    """Not sent, because the run's budget is used up; no other engine is to do it instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBudgetSpent(Failure):
    """Not sent, because the engine's own budget is used up; another engine may do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of an article's sources."""

    answers: list[Drafted]
    calls: int
    characters: int
    """Sent, repetitions included."""
    seconds: float
    """In calls, all added up."""


@dataclass(slots=True, kw_only=True)
class Spent:
    """What one engine was asked in this run."""

    calls: int = 0
    characters: int = 0
    drafts: int = 0
    """Texts that it drafted."""
    retries: int = 0
    waited_s: float = 0.0
    """Waiting for its service, after it asked for patience or did not answer."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text to send: all of a source, or a part of one."""

    place: int
    part: int
    text: str


_Batch = list[_Piece]
_UNPAID = (RateLimited, Refused, NoAccess)
"""Surely not translated. What was cut off or too slow may have been, and may stand on the bill."""


@dataclass(slots=True)
class _Counter:
    """Where one service is asked: its pace, its threads, whether it is open."""

    engine: str
    limits: Limits | None
    allowance: Allowance
    budget: Budget
    pool: ThreadPoolExecutor | None
    spent: Spent = field(default_factory=Spent)
    lock: threading.Lock = field(default_factory=threading.Lock)
    next_at: float = 0.0
    """No request before this time."""
    failed_batches: int = 0
    refused_texts: int = 0
    closed: str = ""
    """Why nothing is asked there any more."""
    over_budget: bool = False
    """Whether that is its own budget."""
    broken: EngineError | None = None
    """That an engine itself ended it, not its service or a budget."""

    def close(self, reason: str) -> None:
        """Ask nothing here any more; the first reason counts."""
        with self.lock:
            self.closed = self.closed or reason

    def refusal(self) -> Failure:
        """What a text gets that is not sent because it is closed."""
        return OwnBudgetSpent(reason=self.closed) if self.over_budget else Failure(reason=self.closed)

    def note(self, answers: Sequence[Drafted]) -> float | None:
        """What the answers of one call say of the service; the longest wait that it asks for."""
        waits = [a.retry_after_s for a in answers if isinstance(a, RateLimited) and a.retry_after_s is not None]
        if waits and max(waits) > LONGEST_RETRY_AFTER_S:
            self.close(f"{self.engine}: the service asks us to wait for {max(waits):.0f} s: run again later")
        with self.lock:
            if any(isinstance(answer, Draft) for answer in answers):
                self.failed_batches = self.refused_texts = 0
            elif len(answers) == 1 and isinstance(answers[0], Refused):
                self.refused_texts += 1
        if self.refused_texts >= MOST_REFUSED_TEXTS and isinstance(answers[0], Failure):
            self.close(f"{answers[0].reason}, {self.refused_texts} texts in a row")
        return max(waits, default=None)

    def note_failed_batch(self, answer: Drafted) -> None:
        """A batch that failed as often as it was tried."""
        with self.lock:
            self.failed_batches += 1
        if self.failed_batches >= MOST_FAILED_BATCHES and isinstance(answer, Failure):
            self.close(f"{answer.reason}, {MOST_ATTEMPTS} times for each of {self.failed_batches} batches")


@dataclass(slots=True)
class _Job:
    """One article at one counter."""

    counter: _Counter
    draft: DraftSome
    calls: int = 0
    characters: int = 0
    seconds: float = 0.0


class Asking:
    """All that one run asks of engines. Thread-safe; `close` ends its threads."""

    def __init__(
        self,
        *,
        allowances: Mapping[str, Allowance] | None = None,
        budget: int | None = None,
        wrong_language: WrongLanguage | None = None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`budget`: characters to all engines together. `wait` and `chance` (0 to 1) are for tests."""
        self._allowances = allowances or {}
        self._budget = Budget(budget)
        self._wrong_language = wrong_language
        self._clock, self._chance = clock, chance
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._counters: dict[str, _Counter] = {}
        self._lock = threading.Lock()

    @property
    def spent(self) -> dict[str, Spent]:
        """By engine."""
        with self._lock:
            return {name: counter.spent for name, counter in self._counters.items()}

    @property
    def closed(self) -> dict[str, str]:
        """Engines that are not asked any more in this run, and why."""
        return {name: counter.closed for name, counter in self._counters.items() if counter.closed}

    def over_budget(self, engine: str) -> bool:
        """Whether an engine is not asked any more in this run because its own budget is used up."""
        return engine in self._counters and self._counters[engine].over_budget

    def stop(self) -> None:
        """Wait for nothing any more: the run ends."""
        self._stopped.set()

    def close(self) -> None:
        """End the threads; what is under way is left to its engine's deadline."""
        self.stop()
        for counter in self._counters.values():
            if counter.pool:
                # What waits its turn is not cancelled: `as_completed` never hears of that. It sees that the run ends.
                counter.pool.shutdown(wait=False)

    def ask(
        self,
        engine: Watched,
        sources: Sequence[str],
        draft: DraftSome,
        source_locale: Locale,
        target_locale: Locale,
        keep: Keep = lambda drafted: None,
        parts: Parts = NO_PARTS,
    ) -> Asked:
        """One answer per source, in order. Raises EngineError if the engine could not so much as look at any."""
        counter = self._counter(engine)
        if counter.closed:
            raise EngineError(counter.closed)
        looked = draft if engine.sure_of_language else self._looking_at_language(draft, target_locale)
        job = _Job(counter, looked)
        cut = [split_source(source, engine.max_characters, source_locale) for source in sources]
        pieces = [_Piece(place, part, text) for place, texts in enumerate(cut) for part, text in enumerate(texts)]
        gathered = _Gathered([len(texts) for texts in cut], target_locale)
        # What depends on the texts before it is drafted with all of them, each time.
        of_long = set() if engine.contextual else {piece for piece in pieces if len(cut[piece.place]) > 1}
        if of_long and (known := parts.known([piece.text for piece in of_long])):
            had = {piece for piece in of_long if piece.text in known}
            of_long, pieces = of_long - had, [piece for piece in pieces if piece not in had]
            if fresh := gathered.add([*had], [known[piece.text] for piece in had]):
                keep(fresh)
        stopped: EngineError | None = None
        for batch, answered in self._answered(job, _batches(pieces, counter.limits)):
            if isinstance(answered, EngineError):
                stopped = stopped or answered
                answered = [Failure(reason=str(answered))] * len(batch)
            if of_long:
                pairs = zip(batch, answered, strict=True)
                parts.keep({piece.text: got for piece, got in pairs if piece in of_long and isinstance(got, Draft)})
            if fresh := gathered.add(batch, answered):
                keep(fresh)
        if sources and not job.calls:  # it broke over another article while this one waited
            stopped = stopped or counter.broken
        if stopped and not any(isinstance(answer, Draft) for answer in gathered.answers.values()):
            raise stopped
        in_order = [gathered.answers[place] for place in range(len(sources))]
        return Asked(answers=in_order, calls=job.calls, characters=job.characters, seconds=job.seconds)

    def _looking_at_language(self, draft: DraftSome, target_locale: Locale) -> DraftSome:
        """`draft`, with drafts in another language refused."""
        look = self._wrong_language
        if not look:
            return draft
        return lambda sources: [
            Failure(reason=reason, final=True, guard="wrong language")
            if isinstance(drafted, Draft) and (reason := look(drafted.text, target_locale))
            else drafted
            for drafted in draft(sources)
        ]

    # -- one counter

    def _counter(self, engine: Watched) -> _Counter:
        with self._lock:
            if engine.name not in self._counters:
                limits, allowance = engine.limits, self._allowances.get(engine.name, Allowance())
                in_flight = allowance.in_flight or (limits.in_flight if limits else 1)
                pool = ThreadPoolExecutor(in_flight, thread_name_prefix=f"ask {engine.name}") if limits else None
                self._counters[engine.name] = _Counter(engine.name, limits, allowance, Budget(allowance.budget), pool)
            return self._counters[engine.name]

    def _answered(self, job: _Job, batches: list[_Batch]) -> Iterator[tuple[_Batch, list[Drafted] | EngineError]]:
        """Each batch with its answers, the first that is ready first."""
        pool = job.counter.pool
        if not pool:
            for batch in batches:
                yield batch, self._outcome(job, [piece.text for piece in batch])
            return
        futures = {pool.submit(self._outcome, job, [piece.text for piece in batch]): batch for batch in batches}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            for future in futures:
                future.cancel()

    def _outcome(self, job: _Job, texts: list[str]) -> list[Drafted] | EngineError:
        """The answers of one batch, or why the engine is of no use any more."""
        try:
            return self._try(job, texts)
        except EngineError as error:
            job.counter.close(str(error))
            job.counter.broken = error
            return error

    def _try(self, job: _Job, texts: list[str]) -> list[Drafted]:
        """One answer per text: sent, and those that need it again and again. Raises EngineError."""
        answers: dict[int, Drafted] = {}
        waiting = list(range(len(texts)))
        wait_s: float | None = None
        for attempt in range(MOST_ATTEMPTS):
            if attempt:
                self._pause(job.counter, attempt, wait_s)
            fresh, wait_s = self._send(job, [texts[place] for place in waiting])
            answers |= dict(zip(waiting, fresh, strict=True))
            waiting = [place for place in waiting if isinstance(answers[place], RateLimited | Unavailable)]
            if not waiting or job.counter.closed:
                break
        else:
            job.counter.note_failed_batch(answers[waiting[0]])
        return [answers[place] for place in range(len(texts))]

    def _send(self, job: _Job, texts: list[str]) -> tuple[list[Drafted], float | None]:
        """One call, if budgets and the counter allow it; halves of it if it was refused. And the wait asked for."""
        counter = job.counter
        if counter.closed:
            return [counter.refusal()] * len(texts), None
        if not self._turn(counter):
            return [Failure(reason="the run was stopped before it was asked for")] * len(texts), None
        granted, denied = self._grant(counter, [len(text) for text in texts])
        if not granted:
            return [denied] * len(texts), None
        sent = texts[:granted]
        characters = sum(map(len, sent))
        with counter.lock:
            counter.spent.calls += 1
            counter.spent.characters += characters
            job.calls += 1
            job.characters += characters
        began = self._clock()
        answers = job.draft(sent)
        with counter.lock:
            counter.spent.drafts += sum(isinstance(answer, Draft) for answer in answers)
            job.seconds += self._clock() - began
        self._give_back(counter, sum(len(t) for t, a in zip(sent, answers, strict=True) if isinstance(a, _UNPAID)))
        for no_access in (answer for answer in answers if isinstance(answer, NoAccess)):
            counter.close(no_access.reason)
        wait_s = counter.note(answers)
        if len(sent) > 1 and counter.limits and all(isinstance(answer, Refused) for answer in answers):
            half = len(sent) // 2
            answers = [*self._try(job, sent[:half]), *self._try(job, sent[half:])]
        return [*answers, *[denied] * (len(texts) - granted)], wait_s

    def _grant(self, counter: _Counter, lengths: list[int]) -> tuple[int, Failure]:
        """How many texts may be sent, and what the others get instead."""
        own = counter.budget.take(lengths)
        both = self._budget.take(lengths[:own])
        counter.budget.give_back(sum(lengths[both:own]))
        if both < own:
            return both, OverBudget(reason=f"the budget of {self._budget.characters} characters is used up")
        if own < len(lengths):
            counter.over_budget = counter.over_budget or not counter.closed
            counter.close(f"{counter.engine}: its budget of {counter.budget.characters} characters is used up")
        return both, counter.refusal()

    def _give_back(self, counter: _Counter, characters: int) -> None:
        counter.budget.give_back(characters)
        self._budget.give_back(characters)

    # -- time

    def _turn(self, counter: _Counter) -> bool:
        """Wait until a request may go; False if the run ends before."""
        interval_s = 60 / counter.allowance.requests_per_minute if counter.allowance.requests_per_minute else 0.0
        while not self._stopped.is_set():
            with counter.lock:
                now = self._clock()
                if now >= counter.next_at:
                    counter.next_at = now + interval_s
                    return True
                left_s = counter.next_at - now
            self._wait(left_s)
        return False

    def _pause(self, counter: _Counter, attempt: int, asked_s: float | None) -> None:
        """Let nobody ask there for a while: as long as the service said, or twice as long as the last time."""
        doubled_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempt - 1))
        wait_s = asked_s if asked_s is not None else doubled_s * (0.5 + self._chance() / 2)
        with counter.lock:
            counter.spent.retries += 1
            counter.spent.waited_s += wait_s
            counter.next_at = max(counter.next_at, self._clock() + wait_s)


class _Gathered:
    """The answers of one article, put together as they come."""

    def __init__(self, parts: Sequence[int], target_locale: Locale) -> None:
        """`parts` of each source."""
        self._target_locale = target_locale
        self._parts: list[list[Drafted | None]] = [[None] * many for many in parts]
        self.answers: dict[int, Drafted] = {}

    def add(self, batch: _Batch, answered: Sequence[Drafted]) -> dict[int, Drafted]:
        """The sources that this completes, by their place."""
        for piece, answer in zip(batch, answered, strict=True):
            self._parts[piece.place][piece.part] = answer
        fresh: dict[int, Drafted] = {}
        for place in {piece.place for piece in batch}:
            parts = [part for part in self._parts[place] if part is not None]
            if len(parts) == len(self._parts[place]):
                fresh[place] = join_drafts(parts, self._target_locale)
        self.answers |= fresh
        return fresh


def _batches(pieces: Sequence[_Piece], limits: Limits | None) -> list[_Batch]:
    """Neighbours together, as many as the limits allow."""
    batches: list[_Batch] = []
    batch, characters = list[_Piece](), 0
    for piece in pieces:
        size = len(piece.text)
        if batch and limits and (len(batch) >= limits.batch_texts or characters + size > limits.batch_characters):
            batches.append(batch)
            batch, characters = [], 0
        batch.append(piece)
        characters += size
    return [*batches, batch] if batch else batches
