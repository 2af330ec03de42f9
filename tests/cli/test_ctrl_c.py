"""One Ctrl-C stops a command, wherever it falls, and nothing that was finished is lost."""

import gc
import os
import signal
import subprocess
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.command_line import PAIN, Keyboard, ended, interrupt, workspace
from signoff.interrupts import one_ctrl_c_suffices

MOMENTS = int(os.environ.get("SIGNOFF_CTRL_C_MOMENTS", "8"))
"""At how many moments of a run Ctrl-C is typed; more of them take longer and look closer."""
ARTICLES = {f"pain-{i:02d}.md": PAIN.replace(b"Pain", b"Pain %d" % i).replace(b"5 mg", b"%d mg" % i) for i in range(12)}
STOPPED = "signoff: stopped; what was finished is kept, run the same command to go on"


def ctrl_c(*ignored: object) -> None:
    """Type Ctrl-C just here."""
    signal.raise_signal(signal.SIGINT)


class Finalized:
    """Somebody types Ctrl-C while this is thrown away."""

    def __del__(self) -> None:
        ctrl_c()


class Watched:
    """May be watched by a weak reference."""


def in_a_finalizer() -> None:
    """As a library's `__del__`."""
    Finalized()


def in_a_weak_reference_s_callback() -> None:
    """As SQLAlchemy's pool, when a connection goes back to it."""
    watched = Watched()
    reference = weakref.ref(watched, ctrl_c)
    del watched
    assert reference() is None


def in_a_generator_that_is_thrown_away() -> None:
    """As a loop over a generator that an error left."""

    def numbers() -> Iterator[int]:
        try:
            yield 1
        finally:
            ctrl_c()

    next(numbers())


def in_a_collection() -> None:
    """As whatever the garbage collector calls."""
    gc.callbacks.append(ctrl_c)
    gc.collect()


@pytest.fixture(autouse=True)
def in_the_foreground() -> Iterator[None]:
    """A shell's background job ignores Ctrl-C, and the tests may be one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    "drop", [in_a_finalizer, in_a_weak_reference_s_callback, in_a_generator_that_is_thrown_away, in_a_collection]
)
def test_a_ctrl_c_that_python_drops_comes_again(drop: Callable[[], None], capfd: pytest.CaptureFixture[str]) -> None:
    """What is raised where nobody can catch it is raised again, without a word on the terminal."""
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)]
    with one_ctrl_c_suffices(), pytest.raises(KeyboardInterrupt):
        try:
            drop()
        finally:
            gc.callbacks[:] = [callback for callback in gc.callbacks if callback is not ctrl_c]
        threading.Event().wait(60)

    assert capfd.readouterr().err == ""
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)] == handlers


def test_one_that_is_dropped_twice_comes_a_third_time() -> None:
    """It comes until somebody hears it."""
    with one_ctrl_c_suffices(), pytest.raises(KeyboardInterrupt):

        class Slow:
            def __del__(self) -> None:
                ctrl_c()

        class Slower:
            def __del__(self) -> None:
                threading.Event().wait(60)  # here the first one comes again, and is dropped again

        Slow()
        Slower()
        threading.Event().wait(60)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, plugins: Path) -> tuple[float, dict[str, bytes]]:
    """How long a run takes on this machine now, and what it writes."""
    keyboard = Keyboard(workspace(tmp_path_factory.mktemp("undisturbed") / "w", ARTICLES), plugins)
    began = time.monotonic()
    assert keyboard("run").code == 0
    return time.monotonic() - began, written(keyboard.folder)


def written(folder: Path) -> dict[str, bytes]:
    """The PO files."""
    return {path.name: path.read_bytes() for path in sorted((folder / "locales").rglob("*.po"))}


STARTED = """
import pathlib, sys
from signoff.__main__ import start
pathlib.Path(sys.argv.pop(1)).touch()
start()
"""
"""The command as its script on the PATH starts it, once Python itself has started and says so."""


def start_run(keyboard: Keyboard, started: Path) -> "subprocess.Popen[bytes]":
    """A `run` whose first line of ours has come."""
    running = keyboard.start("-c", STARTED, str(started), "run", python=True)
    while not started.exists():
        assert running.poll() is None, running.communicate()
        time.sleep(0.002)
    return running


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_one_ctrl_c_at_any_moment(
    tmp_path: Path, plugins: Path, undisturbed: tuple[float, dict[str, bytes]], moment: int
) -> None:
    """The command says that it stopped, or was done already; the next run gives what an undisturbed one gives."""
    takes_s, expected = undisturbed
    keyboard = Keyboard(workspace(tmp_path / "w", ARTICLES), plugins)
    running = start_run(keyboard, tmp_path / "started")
    time.sleep(takes_s * moment / MOMENTS)
    interrupt(running)
    done = ended(running)

    assert done.err.strip() == (STOPPED if done.code == 2 else "")
    assert done.code in (0, 2, -signal.SIGINT)
    if done.code != 2:  # it had ended, or had not begun: the signal met nobody, or Python alone
        assert "PO files written" in done.out or not (keyboard.folder / ".signoff").exists()
    assert keyboard("run").code == 0
    assert not list(keyboard.folder.rglob(".*.tmp"))
    assert written(keyboard.folder) == expected
    assert keyboard("ledger", "verify").code == 0


def test_a_command_in_the_background_goes_on(tmp_path: Path, plugins: Path) -> None:
    """A shell's background job is told to ignore Ctrl-C, which is for the command in front: so it does."""
    keyboard = Keyboard(workspace(tmp_path / "w", ARTICLES), plugins)
    running = keyboard.start("run", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    for _ in range(10):
        time.sleep(0.02)
        interrupt(running)

    assert ended(running).code == 0
