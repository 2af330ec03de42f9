"""Machines that draft: one contract, and the table of those that Signoff knows.

Takes   source texts in document order, inline parts as private-use characters (draft.py makes them)
Gives   for each text, in the same order, a Draft or a Failure
Always  as many answers as texts; a Failure says why and carries no text, so nobody can mistake it for a draft

A further engine is one short module and one line in ENGINES, or an entry point of the group `signoff.engines` in
somebody else's package: a callable that takes the settings and gives an Engine.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

from pipeline.errors import EngineError
from pipeline.model import Locale

OPENING, CLOSING, ALONE = 0xE100, 0xE200, 0xE300
"""Placeable n (1 to 255) travels as ONE private-use character: its opening tag U+E100+n, its closing tag U+E200+n,
a placeable that stands alone U+E300+n. Numbers run from 1 in the order of the opening tags of one text."""
MOST_PLACEABLES = 255
NO_PLAIN_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]")
"""Controls, surrogates and private-use characters: the few that need a second look before and after an engine."""
LEFT_UNTRANSLATED = "left untranslated: "
"""How an engine begins the doubt that lists words which it left as they were; ", " between them."""
REPAIRED = "repaired: "
"""How a doubt begins that says what was put right in a draft, or that another engine's draft was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A machine's text that nobody has read."""

    text: str
    """Never empty; has the private-use characters of the source text, each once, as far as the engine could."""
    engine: str
    version: str
    """Version, data, pivot and settings: equal versions give equal drafts for equal texts in equal order."""
    doubts: tuple[str, ...] = ()
    """What the engine was unsure of, each a sentence for the reviewer."""
    beaten: tuple["Draft", ...] = ()
    """Other engines' drafts of the same text, which have more errors: kept, so that nobody pays for them twice."""
    instead: str = ""
    """Why it is taken instead of the first engine's; empty for the first engine's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """No draft for one text."""

    reason: str
    """For the person who must translate it by hand; never holds a key or a password."""
    final: bool = False
    """Whether the same engine would fail on the same text again: then it is not asked twice."""
    guard: str = ""
    """The guard that refused what the engine gave; empty if it gave nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimited(Failure):
    """The service asks for patience; the same request may succeed later. asking.py waits and asks again."""

    retry_after_s: float | None = None
    """How long the service asked us to wait; None if it did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable(Failure):
    """No usable answer: an error of the server, a cut connection, too slow, not what is documented. Asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Failure):
    """The service did not take this request. Of several texts, fewer at once may go; one alone is not asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAccess(Failure):
    """The service lets us in no more: the key, the quota, the address. Nothing else is asked in this run."""


@dataclass(frozen=True, slots=True)
class Serves:
    """The engine can draft this pair here and now, as far as can be told without drafting."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The engine cannot draft this pair."""

    todo: str
    """What is missing and what to type or set, in one sentence."""


@runtime_checkable
class Engine(Protocol):
    """Drafts for a list of texts. May be called from several threads at once; `close` ends what it started."""

    @property
    def name(self) -> str:
        """As in ENGINES and in `signoff.toml`."""

    @property
    def leaves_the_machine(self) -> bool:
        """Whether texts are sent to another machine; `--offline` forbids those."""

    @property
    def max_characters(self) -> int:
        """The longest text it takes, in code points."""

    @property
    def contextual(self) -> bool:
        """Whether a draft depends on the texts before it: then one call must be one article, in document order."""

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Whether `translate` can work for this pair; drafts nothing, sends nothing."""

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        """The version that drafts of this pair will carry, for cache keys. Raises EngineError if it cannot serve."""

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """One answer per text, in order. Raises EngineError when it cannot serve at all."""

    def close(self) -> None:
        """End every process and connection; may be called twice."""


@runtime_checkable
class Preparable(Protocol):
    """An engine that can load before it is first asked."""

    def prepare(self, source_locale: Locale, target_locale: Locale) -> None:
        """Load what drafting this pair needs; sends nothing. Raises EngineError if it cannot serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermHint:
    """A term that stands in a text to be drafted, and how the termbase wants it."""

    span: tuple[int, int]
    """[start, end) in the text as the engine gets it."""
    accepted: tuple[str, ...]
    """What it may be in the target, the preferred term first; empty if the termbase knows none."""
    forbidden: tuple[str, ...] = ()
    do_not_translate: bool = False
    critical: bool = False
    term: str = ""
    """The term itself; in the text may stand a form of it."""


@runtime_checkable
class TakesTerms(Protocol):
    """What an engine has besides, if it can heed terms. jobs.py adds the termbase's version to that of its drafts."""

    @property
    def takes_terms(self) -> bool:
        """Whether `translate_with_terms` is to be called instead of `translate`, where there is a termbase."""

    def translate_with_terms(
        self,
        texts: Sequence[str],
        terms: Sequence[Sequence[TermHint]],
        source_locale: Locale,
        target_locale: Locale,
    ) -> list[Draft | Failure]:
        """As `translate`; `terms[i]` are those of `texts[i]`, in order."""


Tell = Callable[[int, "Draft | Failure"], object]
"""Takes the place of a text and its draft; what is told last of a text, and returned at the end, counts."""


@runtime_checkable
class TellsAlong(Protocol):
    """What an engine has besides, if it has the first drafts long before the last: they can be looked at meanwhile."""

    def translate_telling(
        self, texts: Sequence[str], source_locale: Locale, target_locale: Locale, tell: Tell
    ) -> list[Draft | Failure]:
        """As `translate`, telling of each draft as soon as it is there. `tell` is quick and raises nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How an engine wants to be asked; what it says is kept by asking.py."""

    batch_texts: int = 1
    """Texts in one call of `translate`."""
    batch_characters: int = 1_000_000
    """Code points in one call of `translate`; a single text may be longer."""
    in_flight: int = 1
    """Calls at once."""
    call_s: float = 1.0
    """How long a call takes, roughly: for estimates only."""
    deadline_s: float = 60.0
    """When the engine itself gives a call up."""


@runtime_checkable
class Limited(Protocol):
    """What an engine has besides, if it cannot take all texts of an article at once."""

    @property
    def limits(self) -> Limits | None:
        """None: all texts at once, one call after the other."""


@runtime_checkable
class Reachable(Protocol):
    """What an engine has besides, if it depends on a server on this machine."""

    def reach(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Ask that server, within seconds and without a text, whether it is there and has the pair."""


@runtime_checkable
class SureOfLanguage(Protocol):
    """What an engine has besides, if it knows no other language than the one it is asked for (rules, dictionaries)."""

    @property
    def sure_of_language(self) -> bool:
        """Whether looking for drafts in a wrong language is wasted time."""


Settings = Mapping[str, str]
"""What `signoff.toml` says below `[engine.<name>]`; never holds a key: those come from the environment."""


def _apertium(settings: Settings) -> Engine:
    from pipeline.engines.apertium import Apertium

    return Apertium(settings)


def _deepl(settings: Settings) -> Engine:
    from pipeline.engines.deepl import DeepL

    return DeepL(settings)


def _microsoft(settings: Settings) -> Engine:
    from pipeline.engines.microsoft import Microsoft

    return Microsoft(settings)


def _libretranslate(settings: Settings) -> Engine:
    from pipeline.engines.libretranslate import LibreTranslate

    return LibreTranslate(settings)


def _chat(settings: Settings) -> Engine:
    from pipeline.engines.chat import Chat

    return Chat(settings)


def _neural(settings: Settings) -> Engine:
    from pipeline.engines.neural import Neural

    return Neural(settings)


def _online(service: str) -> Callable[[Settings], Engine]:
    def open_service(settings: Settings) -> Engine:
        from pipeline.engines.online import Online  # its libraries take 0.1 s to import: only when used

        return Online(service, settings)

    return open_service


ENGINES: Mapping[str, Callable[[Settings], Engine]] = {
    "apertium": _apertium,
    "deepl": _deepl,
    "microsoft": _microsoft,
    "libretranslate": _libretranslate,
    "chat": _chat,
    "google": _online("google"),
    "mymemory": _online("mymemory"),
    "baidu": _online("baidu"),
    "neural": _neural,
}
"""Every engine that comes with Signoff."""


def engine_names() -> tuple[str, ...]:
    """Signoff's own engines, then those that other packages bring, in alphabetical order."""
    brought = {point.name for point in entry_points(group="signoff.engines")}
    return (*ENGINES, *sorted(brought - ENGINES.keys()))


def open_engine(name: str, settings: Settings | None = None) -> Engine:
    """The engine of that name. Raises EngineError for a name, a setting or a package that will not do.

    A name of ours cannot be taken over by an entry point: what drafts medical text is visible in this file.
    """
    if name in ENGINES:
        return ENGINES[name](settings or {})
    for point in entry_points(group="signoff.engines", name=name):
        try:
            engine = point.load()(settings or {})
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            raise EngineError(f"engine {name!r} ({point.value}) cannot be opened: {error}") from error
        if not isinstance(engine, Engine):
            raise EngineError(f"engine {name!r} ({point.value}) is not an engine: see pipeline/engines/__init__.py")
        return engine
    raise EngineError(f"there is no engine {name!r}: write one of {', '.join(engine_names())}")


def refuse_unknown_settings(name: str, settings: Settings, known: frozenset[str]) -> None:
    """Raise EngineError if `signoff.toml` sets something that this engine does not have."""
    for key in sorted(settings.keys() - known):
        import difflib

        from pipeline.allowance import Allowance

        allowed = sorted({*known, *Allowance.__dataclass_fields__})
        close = difflib.get_close_matches(key, allowed, n=1)
        hint = f"did you mean {close[0]}?" if close else f"it has: {', '.join(allowed)}"
        raise EngineError(f"engine {name!r} has no setting {key!r}; {hint}", setting=key)
