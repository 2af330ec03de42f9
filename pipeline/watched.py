"""An engine that cannot hang or crash a run: whatever it does, the caller gets answers or an EngineError.

Takes   any Engine, also somebody else's
Gives   the same engine with a deadline on each call
Always  a call that outlives its deadline, or the run, is left behind in a thread of its own and its answer dropped
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from pipeline.engines import (
    Draft,
    Engine,
    Failure,
    Limited,
    Limits,
    Missing,
    Preparable,
    Reachable,
    Serves,
    Settings,
    SureOfLanguage,
    TakesTerms,
    Tell,
    TellsAlong,
    TermHint,
    open_engine,
)
from pipeline.errors import EngineError, LocalizationError
from pipeline.model import Locale

START_S = 120.0
"""How long a call may take before its first text: a model is loaded, a connection made."""
TEXT_S = 30.0
"""How long it may take for each text besides; engines of ours give up sooner, text by text."""
LOOK_UP_S = 60.0
"""How long an engine may think about what it serves."""
CLOSE_S = 10.0
"""How long it may take to end."""
LISTEN_S = 0.5
"""How soon a run that ends is noticed."""

Answer = TypeVar("Answer")


def open_watched(name: str, settings: Settings | None = None) -> "Watched":
    """The engine of that name, under deadlines from the start. Raises EngineError."""
    stopped = threading.Event()
    return Watched(_within(name, LOOK_UP_S, lambda: open_engine(name, settings), stopped), stopped)


class Watched:
    """The engine that it is given, under deadlines."""

    def __init__(self, engine: Engine, stopped: threading.Event) -> None:
        self._engine, self._stopped = engine, stopped

    @property
    def name(self) -> str:
        """The engine's."""
        return self._engine.name

    @property
    def leaves_the_machine(self) -> bool:
        """The engine's."""
        return self._engine.leaves_the_machine

    @property
    def sends_to(self) -> str:
        """Where the texts go, in words; empty if they stay on this machine. Engines need not know, but ours do."""
        host = getattr(self._engine, "sends_to", "") or "another machine, it does not say which"
        return str(host) if self.leaves_the_machine else ""

    @property
    def max_characters(self) -> int:
        """The engine's."""
        return self._engine.max_characters

    @property
    def contextual(self) -> bool:
        """The engine's."""
        return self._engine.contextual

    @property
    def limits(self) -> Limits | None:
        """The engine's; None for one that takes all texts at once."""
        return self._engine.limits if isinstance(self._engine, Limited) else None

    @property
    def sure_of_language(self) -> bool:
        """The engine's; others are looked at."""
        return isinstance(self._engine, SureOfLanguage) and self._engine.sure_of_language

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """The engine's answer. Raises EngineError."""
        return self._within(LOOK_UP_S, lambda: self._engine.serves(source_locale, target_locale))

    def reach(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """What the engine's server on this machine says, if it has one; else as `serves`. Raises EngineError."""
        engine = self._engine
        if not isinstance(engine, Reachable):
            return self.serves(source_locale, target_locale)
        return self._within(LOOK_UP_S, lambda: engine.reach(source_locale, target_locale))

    def prepare(self, source_locale: Locale, target_locale: Locale) -> None:
        """Let an engine that can do so load for a pair now. Raises EngineError."""
        engine = self._engine
        if isinstance(engine, Preparable):
            self._within(LOOK_UP_S, lambda: engine.prepare(source_locale, target_locale))

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        """The engine's answer. Raises EngineError."""
        return self._within(LOOK_UP_S, lambda: self._engine.version(source_locale, target_locale))

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """The engine's answers, unlooked at: draft.py judges them. Raises EngineError."""
        return self._within(
            self._patience_s(len(texts)), lambda: self._engine.translate(texts, source_locale, target_locale)
        )

    def translate_telling(
        self, texts: Sequence[str], source_locale: Locale, target_locale: Locale, tell: Tell
    ) -> list[Draft | Failure]:
        """As `translate`; an engine that cannot tell along tells nothing. Raises EngineError."""
        engine = self._engine
        if not isinstance(engine, TellsAlong):
            return self.translate(texts, source_locale, target_locale)
        return self._within(
            self._patience_s(len(texts)),
            lambda: engine.translate_telling(texts, source_locale, target_locale, tell),
        )

    @property
    def takes_terms(self) -> bool:
        """The engine's; an engine without it takes none."""
        return isinstance(self._engine, TakesTerms) and self._engine.takes_terms

    def translate_with_terms(
        self, texts: Sequence[str], terms: Sequence[Sequence[TermHint]], source_locale: Locale, target_locale: Locale
    ) -> list[Draft | Failure]:
        """As `translate`, only where `takes_terms`. Raises EngineError."""
        engine = self._engine
        if not isinstance(engine, TakesTerms):
            return self.translate(texts, source_locale, target_locale)
        return self._within(
            self._patience_s(len(texts)),
            lambda: engine.translate_with_terms(texts, terms, source_locale, target_locale),
        )

    def stop(self) -> None:
        """Wait no longer for what is under way: the run ends."""
        self._stopped.set()

    def close(self) -> None:
        """Close the engine, unless it takes too long over that too. Raises EngineError."""
        # Not `self._stopped`, which may have been set a moment ago: whoever waits for an answer must still see it.
        _within(self.name, CLOSE_S, self._engine.close, threading.Event())

    def _patience_s(self, texts: int) -> float:
        """How long a call may take: what the engine itself gives it and some more, if it says so; else by its texts."""
        limits = self.limits
        return START_S + (limits.deadline_s if limits else TEXT_S * texts)

    def _within(self, deadline_s: float, call: Callable[[], Answer]) -> Answer:
        return _within(self.name, deadline_s, call, self._stopped)


def _within(name: str, deadline_s: float, call: Callable[[], Answer], stopped: threading.Event) -> Answer:
    """What a call to an engine gives. Raises EngineError when it is too late, or is nobody's any more, or breaks."""
    answers: queue.SimpleQueue[tuple[Answer] | BaseException] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put((call(),))
        except BaseException as error:  # noqa: BLE001 - nobody stands above a thread: the caller raises it
            answers.put(error)

    threading.Thread(target=work, daemon=True, name=f"engine {name}").start()
    until = time.monotonic() + deadline_s
    answer: tuple[Answer] | BaseException | None = None
    while answer is None and not stopped.is_set() and (left_s := until - time.monotonic()) > 0:
        with contextlib.suppress(queue.Empty):
            answer = answers.get(timeout=min(left_s, LISTEN_S))
    if answer is None:
        raise EngineError(f"engine {name!r} did not answer within {deadline_s:g} s")
    if isinstance(answer, LocalizationError):
        raise answer
    if isinstance(answer, BaseException):  # its words may quote an address with a key
        raise EngineError(f"engine {name!r} broke: {type(answer).__name__}") from answer
    return answer[0]
