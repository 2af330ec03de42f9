"""One Ctrl-C is enough, wherever it falls.

Takes   the process, as long as a command runs in it
Gives   KeyboardInterrupt in the main thread, as Python does
Always  one that Python drops comes again a moment later. Python drops what is raised in a finalizer, a weak
        reference's callback or a generator that is thrown away ("Exception ignored in …"), and libraries have many:
        a connection that goes back to its pool is one
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

AGAIN_S = 0.05
"""How soon a Ctrl-C that was dropped comes again: by then the finalizer is done, or it is dropped once more."""


@contextmanager
def one_ctrl_c_suffices() -> Iterator[None]:
    """While this is open, no KeyboardInterrupt is lost. For the main thread only; afterwards all is as it was.

    A background job of a shell ignores Ctrl-C, and goes on doing so.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return
    told_before = sys.unraisablehook

    def dropped(unraisable: "UnraisableHookArgs") -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            # Not at once: the finalizer may stand above us still, and raising here would be dropped as well.
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
        else:
            told_before(unraisable)

    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGALRM)}
    sys.unraisablehook = dropped
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = told_before
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
