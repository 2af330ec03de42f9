"""Draft with Apertium: rule-based machine translation on this machine, nothing leaves it. Gist drafts, no more.

Takes   the texts of one article in document order; the modes that the distribution installs
Gives   one Draft per text with the words it could not translate as doubts, or a Failure
Always  the same texts in the same order give the same drafts: no call sees what another call has sent

How it keeps that promise and is still fast: of all stages only the tagger carries something from one text to the next
(measured: every stage of five modes, 1,652 sentences in two orders; `tagger_utils.cc` says why). So the chain of
a mode stays up, with its dictionaries loaded, and articles go through it one behind the other; every stage that is
not known to forget is started anew between two of them, as soon as it has seen the last text of the first. A text that
kills or hangs a stage is found by sending the articles that were under way again one text at a time; it becomes a
Failure, and its neighbours get the drafts they would have had without it.
"""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from pipeline.engines import (
    ALONE,
    LEFT_UNTRANSLATED,
    MOST_PLACEABLES,
    NO_PLAIN_TEXT,
    OPENING,
    Draft,
    Failure,
    Missing,
    Serves,
    Settings,
    Tell,
    refuse_unknown_settings,
)
from pipeline.engines.apertium_stream import decode, encode, unknown_words
from pipeline.engines.null_flush import Chain, ChainBroken, Patience, Reply
from pipeline.errors import EngineError, LocaleError
from pipeline.model import Locale

RECIPE = 1
"""Part of the version: raise it whenever this adapter would draft the same text differently."""

FORGETFUL = frozenset(
    {
        "lt-proc",
        "lrx-proc",
        "lsx-proc",
        "apertium-wblank-attach",
        "apertium-wblank-detach",
        "apertium-pretransfer",
        "apertium-transfer",
        "apertium-interchunk",
        "apertium-postchunk",
    }
)
"""Programs whose reply depends on the frame alone (measured, see above). All others are started anew per article."""

Route = tuple[str, ...]
"""Modes, one after the other."""

ROUTES: dict[tuple[str, str], tuple[Route, ...]] = {
    ("en", "es"): (("eng-spa",),),
    ("en", "ca"): (("eng-cat",),),
    ("en", "gl"): (("en-gl",),),
    ("en", "eo"): (("en-eo",),),
    ("en", "pt-BR"): (("eng-spa", "es-pt_BR"), ("eng-cat", "cat-por_BR")),
    ("en", "pt"): (("eng-spa", "es-pt"), ("eng-cat", "cat-por")),
    ("en", "fr"): (("eng-cat", "cat-fra"), ("eng-spa", "es-fr")),
    ("en", "it"): (("eng-cat", "cat-ita"), ("eng-spa", "spa-ita")),
    ("en", "oc"): (("eng-cat", "ca-oc"), ("eng-spa", "es-oc")),
    ("en", "an"): (("eng-spa", "spa-arg"), ("eng-cat", "cat-arg")),
    ("en", "ast"): (("eng-spa", "spa-ast"),),
    ("en", "sc"): (("eng-cat", "cat-srd"),),
    ("en", "hr"): (("eng-hbs_HR",),),
    ("en", "bs"): (("eng-hbs_BS",),),
    ("en", "sr-Latn"): (("eng-hbs_SR",),),
    ("es", "en"): (("spa-eng",),),
    ("ca", "en"): (("cat-eng",),),
    ("gl", "en"): (("gl-en",),),
    ("eo", "en"): (("eo-en",),),
    ("pt-BR", "en"): (("pt-es", "spa-eng"), ("por-cat", "cat-eng")),
    ("pt", "en"): (("pt-es", "spa-eng"), ("por-cat", "cat-eng")),
    ("fr", "en"): (("fra-cat", "cat-eng"), ("fr-es", "spa-eng")),
    ("it", "en"): (("ita-spa", "spa-eng"), ("ita-cat", "cat-eng")),
}
"""Which ways serve which pair, the best first; the first that is installed is taken. Pairs that are not listed are
looked for among the installed modes. All of Debian's modes out of English, and those that lead on from Spanish and
Catalan. Catalan goes first where both do: en→es makes "do not stop" into "no para", which the next leg reads as "for"
(es→fr "ne pour", es→oc "pas per"); en→ca has an imperative. For fr measured: docs/benchmarks.md."""

PACKAGES = {
    "es-pt": "apertium-es-pt",
    "es-pt_BR": "apertium-es-pt",
    "spa-eng": "apertium-eng-spa",
    "cat-eng": "apertium-eng-cat",
    "gl-en": "apertium-en-gl",
    "eo-en": "apertium-eo-en",
    "pt-es": "apertium-es-pt",
    "fr-es": "apertium-fr-es",
    "ita-spa": "apertium-spa-ita",
    "ita-cat": "apertium-cat-ita",
    "en-eo": "apertium-eo-en",
    "cat-fra": "apertium-fra-cat",
    "es-fr": "apertium-fr-es",
    "ca-oc": "apertium-oc-ca",
    "es-oc": "apertium-oc-es",
    "cat-arg": "apertium-arg-cat",
    "cat-por": "apertium-por-cat",
    "cat-por_BR": "apertium-por-cat",
    "eng-hbs_HR": "apertium-hbs-eng",
    "eng-hbs_BS": "apertium-hbs-eng",
    "eng-hbs_SR": "apertium-hbs-eng",
}
"""The Debian package of a mode, where it is not `apertium-<mode>`."""

POOR = frozenset({"hr", "bs", "sr"})
"""Languages whose data is made for the other direction: out of English many words stay as they are."""

CORES_OF_A_CHAIN = 2
"""What a chain keeps busy: its programs work at once, but the slowest takes a quarter of all their time."""
MOST_KILLERS = 10
"""After so many texts of one article that break the chain, the rest of it is given up: each costs seconds."""
FIRST_LEGS_KEPT = 32
"""Articles whose en→es drafts are remembered, so that es and pt-BR of an article cost them once."""


@dataclass(frozen=True, slots=True)
class _LegDraft:
    """One text after one mode."""

    text: str
    unknown: tuple[str, ...]
    guessed: tuple[int, ...]


_LegResult = _LegDraft | Failure
_Follow = Callable[[int, _LegResult], None]
_Hand = Callable[[int, Reply | Failure], None]


@dataclass(frozen=True, slots=True)
class _Stages:
    """The programs of one mode, cut before the generator."""

    head: tuple[tuple[str, ...], ...]
    tail: tuple[tuple[str, ...], ...]


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Apertium:
    """The embedded engine. Thread-safe: calls share a few chains, and none hears of another."""

    name = "apertium"
    leaves_the_machine = False
    max_characters = 32_000
    contextual = True
    sure_of_language = True

    def __init__(
        self,
        settings: Settings,
        *,
        patience: Patience = Patience(),  # noqa: B008 - frozen
        most_chains: int = 0,
    ) -> None:
        """Setting `modes`: the folder of the `.mode` files, if they are not beside the installed programs.

        Callers share `most_chains` chains of a mode; 0 for as many as this machine can keep busy.
        """
        refuse_unknown_settings(self.name, settings, frozenset({"modes"}))
        self._modes = Path(settings["modes"]) if settings.get("modes") else _installed_modes()
        self._patience = patience
        self._lock = threading.Lock()
        self._stages: dict[str, _Stages] = {}
        self._most_chains = most_chains or max(1, cores() // CORES_OF_A_CHAIN)
        self._chains: dict[str, list[Chain]] = {}
        self._versions: dict[tuple[str, ...], str] = {}
        self._first_legs: OrderedDict[tuple[str, tuple[str, ...]], Future[list[_LegResult]]] = OrderedDict()
        self._closed = False

    def __enter__(self) -> "Apertium":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all programs."""
        with self._lock:
            self._closed = True
            chains = [chain for chains in self._chains.values() for chain in chains]
            self._chains.clear()
        for chain in chains:
            chain.close()

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Whether programs, modes and the modes' data are installed."""
        route = self._route(source_locale, target_locale)
        if not route:
            return Missing(f"Apertium has no way from {source_locale} to {target_locale} here; choose another engine")
        absent = [mode for mode in route if not self._mode_file(mode).is_file()]
        packages = sorted({PACKAGES.get(mode, f"apertium-{mode}") for mode in absent})
        if shutil.which("apertium-wblank-mode") is None:
            packages.insert(0, "apertium")
        if packages:
            return Missing(f"Apertium for {target_locale} is not installed: sudo apt-get install {' '.join(packages)}")
        try:
            stages = [
                stage
                for mode in route
                for half in (self._stages_of(mode).head, self._stages_of(mode).tail)
                for stage in half
            ]
        except EngineError as error:
            return Missing(str(error))
        for stage in stages:
            if shutil.which(stage[0]) is None:
                return Missing(f"Apertium's program {stage[0]} is missing: install the package of the pair again")
            for argument in stage[1:]:
                if argument.startswith("/") and not Path(argument).is_file():
                    return Missing(f"Apertium's file {argument} is missing: install the package of the pair again")
        return Serves()

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        """Program and data versions along the route: `3.8.3 eng-spa 0.8.1 / es-pt_BR 1.1.6, recipe 1`."""
        route = self._served_route(source_locale, target_locale)
        with self._lock:
            if route not in self._versions:
                legs = " / ".join(f"{mode} {self._data_version(mode)}" for mode in route)
                self._versions[route] = f"{_package_version('apertium') or 'unpackaged'} {legs}, recipe {RECIPE}"
            return self._versions[route]

    def prepare(self, source_locale: Locale, target_locale: Locale) -> None:
        """Start the chains of a pair that do not run yet, so that they load while the caller reads the articles."""
        for mode in self._served_route(source_locale, target_locale):
            self._take(mode)

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """Draft one article. Raises EngineError if the pair cannot be served; a bad text is a Failure of its own."""
        return self.translate_telling(texts, source_locale, target_locale, lambda place, draft: None)

    def translate_telling(
        self, texts: Sequence[str], source_locale: Locale, target_locale: Locale, tell: Tell
    ) -> list[Draft | Failure]:
        """As `translate`; the caller looks at a draft while the programs work on the next."""
        route = self._served_route(source_locale, target_locale)
        version = self.version(source_locale, target_locale)
        pivots = [_target_language(mode) for mode in route[:-1]]
        legs, told = list[list[_LegResult]](), dict[int, Draft | Failure]()

        def follow(place: int, result: _LegResult) -> None:
            if len(legs) == len(pivots):  # this is the last leg
                told[place] = _as_draft((*(leg[place] for leg in legs), result), pivots, version)
                tell(place, told[place])

        before: list[str | Failure] = [self._acceptable(text) for text in texts]
        for mode in route:
            legs.append((self._leg if legs else self._first_leg)(mode, before, follow))
            before = [result if isinstance(result, Failure) else result.text for result in legs[-1]]
        return [
            told[place] if place in told else _as_draft(results, pivots, version)
            for place, results in enumerate(zip(*legs, strict=True))
        ]

    def _acceptable(self, text: str) -> str | Failure:
        """NFC, or why the text cannot be sent."""
        text = unicodedata.normalize("NFC", text)
        if len(text) > self.max_characters:
            return Failure(reason=f"is longer than {self.max_characters} characters", final=True)
        if not text.strip():
            return Failure(reason="is empty", final=True)
        for character in NO_PLAIN_TEXT.findall(text):
            category = unicodedata.category(character)
            if category in ("Cc", "Cs") and character not in "\t\n\r":
                return Failure(reason=f"has the control character U+{ord(character):04X}", final=True)
            if category == "Co" and not OPENING < ord(character) <= ALONE + MOST_PLACEABLES:
                return Failure(reason=f"has the private-use character U+{ord(character):04X}", final=True)
        return text

    def ways(self, source_locale: Locale) -> dict[Locale, str]:
        """The locales that Apertium could draft out of this one, installed or not, and the way: `en → ca → fr`."""
        found = {}
        for source, target in ROUTES:
            if source in (source_locale.tag, source_locale.language):
                locale = Locale.parse(target)
                pivots = [_target_language(mode).tag for mode in self._route(source_locale, locale)[:-1]]
                poor = "; many words stay English" if locale.language in POOR else ""
                found[locale] = " → ".join((source, *pivots, target)) + poor
        return found

    # -- one mode

    def _first_leg(self, mode: str, texts: list[str | Failure], follow: _Follow) -> list[_LegResult]:
        """`_leg`, remembered: whoever asks second for the same article waits for the first instead of drafting."""
        key = (mode, tuple(text if isinstance(text, str) else f"\0{text.reason}" for text in texts))
        with self._lock:
            promise = self._first_legs.get(key)
            mine = promise is None
            if promise is None:
                promise = self._first_legs[key] = Future()
            self._first_legs.move_to_end(key)
            while len(self._first_legs) > FIRST_LEGS_KEPT:
                self._first_legs.popitem(last=False)
        if mine:
            try:
                promise.set_result(self._leg(mode, texts, follow))
            except BaseException as error:  # whatever it was, nobody may wait for ever
                with self._lock:
                    self._first_legs.pop(key, None)
                promise.set_exception(error)
                raise
        return promise.result()

    def _leg(self, mode: str, texts: list[str | Failure], follow: _Follow) -> list[_LegResult]:
        """Drafts of all texts by one mode; failures of the leg before stay. The last that is told of a text counts."""
        sent = [place for place, text in enumerate(texts) if isinstance(text, str)]
        results: list[_LegResult] = [text if isinstance(text, Failure) else Failure(reason="") for text in texts]

        def hand(number: int, reply: Reply | Failure) -> None:
            place = sent[number]
            results[place] = reply if isinstance(reply, Failure) else _read(str(texts[place]), place, reply)
            follow(place, results[place])

        self._feed(mode, [encode(str(texts[place]), place).encode() for place in sent], hand)
        return results

    def _feed(self, mode: str, frames: list[bytes], hand: _Hand) -> None:
        """Hand over the reply to each frame, from a chain that remembers nothing; killers are found and left out.

        Where a chain breaks, what it has replied is handed over again: the last reply to a frame counts.
        """
        try:
            self._take(mode).feed(frames, hand, forget=True)
        except ChainBroken:
            self._one_by_one(mode, frames, hand)

    def _one_by_one(self, mode: str, frames: list[bytes], hand: _Hand) -> None:
        """Slower, but it is certain which frame breaks the chain. After each break the good frames are sent again.

        A frame is blamed only when it breaks two chains: a program may also be ended by somebody, or lack memory.
        """
        chain, good, killers, given_up = self._start(mode), list[bytes](), 0, ""
        for number, frame in enumerate(frames):
            for last_time in (False, True):
                if given_up:
                    hand(number, Failure(reason=given_up))
                    break
                try:
                    chain.feed([frame], partial(_hand_as, hand, number))
                    good.append(frame)
                    break
                except ChainBroken as error:
                    if last_time:
                        killers += 1
                        why = f"Apertium {'was ended over' if error.by_others else 'cannot take'} this text: {error}"
                        hand(number, Failure(reason=why, final=not error.by_others))
                    if killers == MOST_KILLERS:
                        given_up = f"Apertium broke on {killers} texts before this one in the article"
                        break
                    chain, given_up = self._started_after(mode, good)
        if not given_up:
            chain.close()

    def _started_after(self, mode: str, good: list[bytes]) -> tuple[Chain, str]:
        """A new chain that has heard these frames; and why that cannot be, or ""."""
        chain = self._start(mode)
        try:
            chain.feed(good)
        except ChainBroken as error:
            return chain, f"Apertium's mode {mode} does not stay up: {error}"
        return chain, ""

    def _take(self, mode: str) -> Chain:
        """An idle chain, or a new one; if there are enough, the one that the fewest share."""
        stages = self._stages_of(mode)
        with self._lock:
            chains = self._chains[mode] = [chain for chain in self._chains.get(mode, ()) if not chain.closed]
            best = min(chains, key=lambda chain: chain.loads, default=None)
            if best is None or (best.loads and len(chains) < self._most_chains):
                chains.append(best := self._new(stages))
            return best

    def _start(self, mode: str) -> Chain:
        """A chain for one caller alone."""
        stages = self._stages_of(mode)
        with self._lock:
            return self._new(stages)

    def _new(self, stages: _Stages) -> Chain:
        """Under the lock. Raises EngineError, also when all was ended meanwhile."""
        if self._closed:
            raise EngineError("the engine apertium is closed")
        return Chain(stages.head, stages.tail, self._patience, FORGETFUL)

    # -- what is installed

    def _mode_file(self, mode: str) -> Path:
        return self._modes / f"{mode}.mode"

    def _served_route(self, source_locale: Locale, target_locale: Locale) -> tuple[str, ...]:
        route = self._route(source_locale, target_locale)
        if not all(mode in self._stages for mode in route) or not route:
            answer = self.serves(source_locale, target_locale)
            if isinstance(answer, Missing):
                raise EngineError(answer.todo)
        return route

    def _route(self, source_locale: Locale, target_locale: Locale) -> tuple[str, ...]:
        """The modes for a pair: the table first, then an installed mode; exact locales before bare languages."""
        pairs = [
            (source, target)
            for target in dict.fromkeys((target_locale.tag, target_locale.language))
            for source in dict.fromkeys((source_locale.tag, source_locale.language))
        ]
        for pair in pairs:
            if pair in ROUTES:
                there = (way for way in ROUTES[pair] if all(self._mode_file(mode).is_file() for mode in way))
                return next(there, ROUTES[pair][0])
        for file in sorted(self._modes.glob("*.mode")):
            if _pair_of(file.stem) in pairs:
                return (file.stem,)
        return ()

    def _stages_of(self, mode: str) -> _Stages:
        with self._lock:
            if mode not in self._stages:
                self._stages[mode] = _read_mode(self._mode_file(mode))
            return self._stages[mode]

    def _data_version(self, mode: str) -> str:
        """The data package's version if the mode's files lie where packages put them, else a hash of the files."""
        stages = self._stages[mode]
        files = sorted(
            {
                Path(argument)
                for stage in (*stages.head, *stages.tail)
                for argument in stage[1:]
                if argument.startswith("/")
            }
        )
        folders = {file.parent for file in files}
        if folders and all(folder.parent == self._modes.parent for folder in folders):
            versions = [_package_version(folder.name) for folder in sorted(folders)]
            if all(versions):
                return "+".join(versions)
        digest = hashlib.sha256(self._mode_file(mode).read_bytes())
        for file in files:
            digest.update(file.read_bytes())
        return f"data {digest.hexdigest()[:12]}"


def _hand_as(hand: _Hand, number: int, _: int, reply: Reply) -> None:
    """The reply to a frame that was sent alone."""
    hand(number, reply)


def _read(source: str, frame_number: int, reply: Reply) -> _LegResult:
    """What one reply says, if it is the reply to this frame."""
    decoded = decode(reply.end.decode(errors="replace"))
    if decoded.frame_number != frame_number:
        return Failure(reason="Apertium's answers came out of step")
    text = _tidy(source, decoded.text)
    if not text:
        return Failure(reason="Apertium answered nothing")
    return _LegDraft(text, tuple(unknown_words(reply.cut.decode(errors="replace"))), decoded.guessed)


def _tidy(source: str, text: str) -> str:
    """Take back the blanks that reordering leaves: doubled ones, and one before a comma that had none."""
    text = (_BLANKS.sub(" ", text) if "  " in text else text).strip(" ")
    return text if _BLANK_BEFORE_SIGN.search(source) else _BLANKS_BEFORE_SIGN.sub("", text)


_BLANKS = re.compile(" {2,}")
_BLANK_BEFORE_SIGN = re.compile(r" [,.;:!?)]")
_BLANKS_BEFORE_SIGN = re.compile(r" +(?=[,.;:!?)](?:\s|$))")


def _as_draft(results: tuple[_LegResult, ...], pivots: list[Locale], version: str) -> Draft | Failure:
    """The last leg's text with the doubts of all legs."""
    doubts, known, text, guessed = list[str](), set[str](), "", set[int]()
    for place, result in enumerate(results):
        if isinstance(result, Failure):
            return result
        new = [word for word in result.unknown if word.casefold() not in known]
        if new:
            left = f"left in {pivots[place - 1].babel.get_language_name('en')}: " if place else LEFT_UNTRANSLATED
            doubts.append(left + ", ".join(new))
        known.update(word.casefold() for word in new)
        guessed.update(result.guessed)
        text = result.text
    doubts += [f"the extent of {chr(OPENING + number)} is a guess" for number in sorted(guessed)]
    return Draft(text=text, engine=Apertium.name, version=version, doubts=tuple(doubts))


def _installed_modes() -> Path:
    """`share/apertium/modes` beside the `bin` that has the programs."""
    program = shutil.which("apertium-wblank-mode")
    return (Path(program).parent.parent if program else Path("/usr")) / "share/apertium/modes"


_MODE_NAME = re.compile(r"([a-z]{2,3})-([a-z]{2,3})(?:_([A-Z]{2}))?")
"""`eng-cat`, `spa-eng_US`. Modes of variants, `eng-cat_valencia`, are not offered: a Locale cannot name them yet."""


def _pair_of(mode: str) -> tuple[str, str] | None:
    """The locales of a mode's name: `spa-eng_US` → es, en-US."""
    if not (name := _MODE_NAME.fullmatch(mode)):
        return None
    try:
        source, target = (Locale.parse(Locale.parse(name[part]).language) for part in (1, 2))
        return source.tag, Locale.parse(f"{target}-{name[3]}").tag if name[3] else target.tag
    except LocaleError:
        return None


def _target_language(mode: str) -> Locale:
    pair = _pair_of(mode)
    return Locale.parse(pair[1] if pair else "und")


def _read_mode(file: Path) -> _Stages:
    """The programs of a mode, with null flush, as `apertium-wblank-mode -z` prints them. Raises EngineError.

    Never `apertium -z`: that wrapper holds each record back until the next one comes.
    """
    try:
        answer = subprocess.run(["apertium-wblank-mode", "-z", str(file)], capture_output=True, timeout=20, check=True)
        words = shlex.split(answer.stdout.decode())
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise EngineError(f"{file}: cannot read this Apertium mode: {error}") from error
    stages: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            stages.append([])
        elif word != "$2":  # "$2" asks the tagger to show surface forms
            stages[-1].append(word)
    if not all(stages):
        raise EngineError(f"{file}: this Apertium mode has an empty stage")
    generator = next((place for place, stage in enumerate(stages) if "$1" in stage), len(stages))
    clean = [tuple("-n" if word == "$1" else word for word in stage) for stage in stages]  # -n: no marks in the text
    return _Stages(tuple(clean[:generator]), tuple(clean[generator:]))


def _package_version(package: str) -> str:
    """The upstream version of an installed Debian package: `3.8.3` of `3.8.3-1+b2`; "" where there is no dpkg."""
    version = _installed().get(package, "")
    return version.rpartition("-")[0] or version


@cache
def _installed() -> dict[str, str]:
    """The installed packages of Apertium with their versions, asked for once: each question costs 12 ms."""
    try:
        answer = subprocess.run(
            ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}\t${Package}\t${Version}\n", "*apertium*", "lttoolbox"],
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    rows = (line.split("\t") for line in answer.stdout.splitlines())
    return {package: version for status, package, version in rows if status.startswith("ii")}
