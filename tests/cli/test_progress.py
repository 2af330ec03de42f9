"""What a person sees of a run while it goes on; programs and files see nothing of it."""

import os
import pty
import threading
from pathlib import Path

from cli.command_line import Keyboard, ended, workspace

PRICE = 'currency = "EUR"\n[engine.stand-in]\nprice_per_million_characters = 1000000'


def test_a_terminal_shows_speed_and_cost(tmp_path: Path, plugins: Path) -> None:
    """The bar has units done of all, segments a second and the cost so far; nothing of it is left at the end."""
    keyboard = Keyboard(workspace(tmp_path / "w", more=f"[analyze]\n{PRICE}"), plugins)
    ours, theirs = pty.openpty()
    heard = bytearray()

    def listen() -> None:
        try:
            while data := os.read(ours, 65_536):
                heard.extend(data)
        except OSError:  # the other side is closed
            return

    listening = threading.Thread(target=listen)
    listening.start()
    running = keyboard.start("run", stderr=theirs, environment={"TERM": "xterm", "COLUMNS": "160"})
    done = ended(running)
    os.close(theirs)
    listening.join()
    os.close(ours)
    screen = heard.decode()

    assert done.code == 0
    assert "segments/s" in screen and "EUR so far" in screen and "8/8" in screen
    assert "drafted" not in screen and "\x1b" not in done.out


def test_what_is_no_terminal_hears_nothing_of_it(tmp_path: Path, plugins: Path) -> None:
    """Stderr of a scheduled job has what somebody must read, and no bar."""
    done = Keyboard(workspace(tmp_path / "w"), plugins)("run")
    assert (done.code, done.err) == (0, "")
