"""The engines that a run drafts with: each opened at its first use, all closed at the end.

Takes   what `signoff.toml` names for each locale, and what the person who runs it allows
Gives   for a locale the engines that can draft for it, best first
Always  text goes to no engine that the workspace does not name for that locale; one that cannot end holds up nobody
"""

import threading
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType

from pipeline.config import Target, Workspace
from pipeline.engines import Missing
from pipeline.errors import EngineError
from pipeline.model import Locale
from pipeline.watched import Watched, open_watched


def refuse_unnamed(only: str | None, target: Target) -> None:
    """Raise EngineError if one engine alone is wanted for a locale, and the workspace does not name it there."""
    if only and only not in target.engines:
        raise EngineError(
            f"signoff.toml does not name {only} for {target.locale}: text goes to no engine that is not named there; "
            "add it to engines of that [[target]]"
        )


class Drafters:
    """The engines of one run. A context manager: leaving it ends what they started."""

    def __init__(self, workspace: Workspace, *, only: str | None = None, offline: bool = False) -> None:
        """`only` this engine, whatever else the workspace names; `offline`: none that sends text to another machine."""
        self.workspace, self.only, self.offline = workspace, only, offline
        self._opened: dict[str, Watched] = {}
        self._opening = threading.Lock()
        self._closed = False

    def __enter__(self) -> "Drafters":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._opening:
            self._closed = True
        for engine in self._opened.values():
            # All that it did is kept by now: an engine that cannot end takes nothing from anybody.
            with suppress(EngineError):
                engine.close()

    def warm_up(self, locales: Iterable[Locale]) -> None:
        """Let the first engine of each locale load now, beside whatever the caller does until its first draft.

        Only engines on this machine, and nothing is sent to them; what goes wrong is found again, and said, in `of`.
        """
        wanted = []
        for locale in locales:
            for name in self._names(self.workspace.target(locale))[:1]:
                # Opened here and now: two threads that import each other's modules may wait for each other for ever.
                with suppress(EngineError):
                    engine = self._open(name)
                    if not engine.leaves_the_machine:
                        wanted.append((engine, locale))

        def load() -> None:
            for engine, locale in wanted:
                with suppress(EngineError):
                    engine.prepare(self.workspace.settings.source_locale, locale)

        threading.Thread(target=load, daemon=True, name="warm up").start()

    def of(self, target: Target) -> tuple[Watched, ...]:
        """The engines that can draft for a locale, best first. Raises EngineError that says what to do if none can."""
        source = self.workspace.settings.source_locale
        refuse_unnamed(self.only, target)
        able, reasons = self._able(target, source, target.locale)
        if not able:
            raise EngineError(f"no engine can draft {source} → {target.locale}: " + "; ".join(reasons))
        return able

    def back(self, target: Target) -> tuple[Watched, ...]:
        """The engines that can translate a locale's drafts back, best first. Raises EngineError if none can."""
        able, reasons = self._able(target, target.locale, self.workspace.settings.source_locale)
        if not able:
            raise EngineError("; ".join(reasons) or "signoff.toml names no engine for it")
        return able

    def _able(self, target: Target, source: Locale, into: Locale) -> tuple[tuple[Watched, ...], list[str]]:
        """Those of a locale's engines that serve a pair, and why the others do not."""
        able, reasons = list[Watched](), list[str]()
        for name in self._names(target):
            engine = self._open(name)
            serves = engine.serves(source, into)
            if self.offline and engine.leaves_the_machine:
                reasons.append(f"{name} leaves the machine and --offline forbids that")
            elif isinstance(serves, Missing):
                reasons.append(f"{name}: {serves.todo}")
            else:
                able.append(engine)
        return tuple(able), reasons

    def _names(self, target: Target) -> tuple[str, ...]:
        """The names that may be opened for a locale: only such as the workspace names there."""
        return tuple(name for name in target.engines if self.only in (None, name))

    def _open(self, name: str) -> Watched:
        with self._opening:
            if self._closed:
                raise EngineError(f"engine {name!r} is not opened any more: the run has ended")
            if name not in self._opened:
                try:
                    self._opened[name] = open_watched(name, self.workspace.settings.engine_settings.get(name, {}))
                except EngineError as error:
                    place = self.workspace.place_of_engine(name, error.setting)
                    raise EngineError(f"{place}: {error}", setting=error.setting) from error
            return self._opened[name]
