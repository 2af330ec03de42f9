"""Engines that misbehave in the ways engines do, brought as another package would bring them: by entry points.

Takes   `[engine.<name>]` of signoff.toml
Gives   drafts of the stand-in engine (tests/workspaces.py), until it dies, waits, hangs or answers garbage
"""

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from workspaces import StandIn, drafted

from pipeline.engines import Draft, Failure
from pipeline.model import Locale

Answers = list[Draft | Failure]


def stand_in(settings: Mapping[str, str]) -> StandIn:
    """Works; `breaks_after` makes it die after so many texts."""
    engine = StandIn()
    engine.breaks_after = int(settings["breaks_after"]) if "breaks_after" in settings else None
    return engine


class Second(StandIn):
    """Works, under another name."""

    name = "second"


class Waits(StandIn):
    """Says that it was asked (the file `started`), and works when it may (the file `go`)."""

    name = "waits"

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__()
        self.started, self.go = Path(settings["started"]), Path(settings["go"])

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> Answers:
        """As the stand-in, when it may."""
        self.started.touch()
        while not self.go.exists():
            time.sleep(0.02)
        return super().translate(texts, source_locale, target_locale)


class Hangs(StandIn):
    """Never answers."""

    name = "hangs"

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> Answers:
        """Nothing, for ever."""
        while True:
            time.sleep(1)


class Garbage(StandIn):
    """Answers what no engine should; `answer` says what."""

    name = "garbage"

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__()
        self.answer = settings["answer"]

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> Answers:
        """Garbage."""
        good = super().translate(texts, source_locale, target_locale)
        version = self.version(source_locale, target_locale)
        match self.answer:
            case "too few":
                return good[1:]
            case "too many":
                return good * 2
            case "nothing":
                return None  # type: ignore[return-value]
            case "numbers":
                return [1, 2.5, True, b"x", []] * len(good)  # type: ignore[list-item]
            case "strings":
                return [drafted(text) for text in texts]  # type: ignore[misc]
            case "empty":
                return [Draft(text=" ", engine=self.name, version=version) for _ in texts]
            case "controls":
                return [Draft(text="\x1b[31m" + drafted(text), engine=self.name, version=version) for text in texts]
            case "source":
                return [Draft(text=text, engine=self.name, version=version) for text in texts]
            case "busy":
                return [*good[1:], Failure(reason="the service is down")]
            case "loop":
                return [Draft(text="no no " * 500, engine=self.name, version=version) for _ in texts]
            case "exit":
                sys.exit(0)
            case _:
                raise KeyError(f"a secret: {texts[0]}")


ENTRY_POINTS = """\
[signoff.engines]
stand-in = cli.stand_in_engines:stand_in
second = cli.stand_in_engines:open_second
waits = cli.stand_in_engines:Waits
hangs = cli.stand_in_engines:open_hangs
garbage = cli.stand_in_engines:Garbage
"""


def open_second(settings: Mapping[str, str]) -> Second:
    """The second engine of a list."""
    return Second()


def open_hangs(settings: Mapping[str, str]) -> Hangs:
    """The engine that hangs."""
    return Hangs()
