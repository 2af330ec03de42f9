"""A screen that nobody sees, with a keyboard: for programs that have no other way to be told what to do.

Takes   Debian's xvfb, openbox (a window that no manager gave the focus gets no keys), xdotool, xclip
Gives   a Screen: start a program on it, wait for its windows, press keys, put texts into fields
Always  it waits for what must be seen next, never for a time alone; ends what it started

A text goes into a field through the clipboard, and counts as there when the program itself gives it back.
"""

import os
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from programs import PATIENCE_S, alone, environment

WINDOWED = ("Xvfb", "openbox", "xdotool", "xclip")
_BETWEEN_S = 0.1


class NeverSeenError(Exception):
    """What a key should have brought did not come: the key was lost, or the program is another one."""


def wait_until(seen: Callable[[], bool], what: str, *, patience_s: float = PATIENCE_S / 2) -> None:
    """Look again until it is seen. Raises NeverSeenError with `what` if it never is."""
    end = time.monotonic() + patience_s
    while not seen():
        if time.monotonic() >= end:
            raise NeverSeenError(what)
        time.sleep(_BETWEEN_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A running screen."""

    home: Path
    display: str

    def _ask(self, *words: str, stdin: str | None = None) -> str:
        """What an X client says; empty if it fails, for a window may go while we look at it."""
        done = subprocess.run(
            words,
            input=stdin,
            env=self.environment(),
            stdout=subprocess.PIPE if stdin is None else subprocess.DEVNULL,  # xclip stays, and would hold the pipe
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return done.stdout or ""

    def environment(self, **more: str) -> dict[str, str]:
        """For a program on this screen."""
        return environment(self.home, DISPLAY=self.display, GDK_BACKEND="x11", **more)

    def title(self) -> str:
        """Of the window that has the keyboard."""
        return self._ask("xdotool", "getwindowfocus", "getwindowname").strip()

    def _has_keyboard(self, part: str) -> bool:
        """Whether a window called so has the keyboard; one that is there and has not is given it.

        A window manager on a busy machine may forget to.
        """
        if part not in self.title():
            for window in self._ask("xdotool", "search", "--onlyvisible", "--name", part).split():
                self._ask("xdotool", "windowactivate", window)
        return part in self.title()

    def bring(self, part: str) -> None:
        """Wait until a window called so has the keyboard."""
        wait_until(lambda: self._has_keyboard(part), f"a window {part!r} with the keyboard")

    def press(self, *keys: str) -> None:
        """Keys one after the other, `ctrl+s`."""
        self._ask("xdotool", "key", "--clearmodifiers", "--delay", "40", *keys)

    def press_until(self, keys: str, within: str, seen: Callable[[], bool], what: str) -> None:
        """Press keys in a window, and again while nothing comes of them: a busy program may not have heard them."""

        def done() -> bool:
            if not seen():
                self._has_keyboard(within)
                self.press(keys)
                with suppress(NeverSeenError):
                    wait_until(seen, what, patience_s=2)
            return seen()

        wait_until(done, f"{what} after {keys}")

    def open(self, keys: str, within: str, title: str) -> None:
        """Press keys in a window until another one, called so, is there."""
        self.press_until(keys, within, lambda: self._has_keyboard(title), f"a window {title!r}")

    def field(self) -> str:
        """All of the text in the field with the keyboard, as the program gives it to who asks for its selection."""
        self.press("ctrl+a")
        return self._ask("xclip", "-out", "-selection", "primary")

    def go_to(self, text: str, before: Collection[str]) -> None:
        """Go down or up in a list of texts until this one is in the field; `before` are those above it.

        A key that a busy program did not hear, or heard twice, is made good.
        """

        def there() -> bool:
            now = self.field()
            if now != text:
                self.press("ctrl+Down" if now in before else "ctrl+Up")
                with suppress(NeverSeenError):
                    wait_until(lambda: self.field() != now, "another text", patience_s=2)
            return now == text

        wait_until(there, f"a field with {text!r}")

    def fill(self, text: str) -> None:
        """Put a text in place of what the field holds."""
        self._ask("xclip", "-in", "-selection", "clipboard", stdin=text)

        def pasted() -> bool:
            self.press("ctrl+a", "ctrl+v")
            time.sleep(_BETWEEN_S)
            return self.field() == text

        wait_until(pasted, f"a field that takes {text!r}")

    @contextmanager
    def program(self, words: Sequence[str | Path], log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """A program on this screen, ended at the latest when the block is left."""
        with log.open("wb") as said, _started([*alone(), *map(str, words)], self.environment(), said.fileno()) as it:
            yield it


@contextmanager
def screen(home: Path) -> Iterator[Screen]:
    """A new screen of 1280 × 900 with a window manager, under a number that nobody has."""
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with _started(words, environment(home), subprocess.DEVNULL, pass_fds=(write,)):
        os.close(write)
        with os.fdopen(read) as said:
            number = said.readline().strip()
        assert number, "Xvfb did not start"
        here = Screen(home=home, display=f":{number}")
        with _started(["openbox"], here.environment(), subprocess.DEVNULL):
            wait_until(lambda: here._ask("xdotool", "get_num_desktops") != "", "openbox")
            yield here


@contextmanager
def _started(
    words: Sequence[str], env: dict[str, str], log: int, *, pass_fds: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(words, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, pass_fds=pass_fds)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
