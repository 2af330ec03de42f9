"""An outside judge: Poedit, the editor that most reviewers of PO files have. Run by `make judges`.

Takes   Debian's Poedit on a screen that nobody sees (`apt install poedit xvfb openbox xdotool xclip`)
Gives   a pack's file in which keys were pressed as a linguist presses them, and what became of every entry
"""

from pathlib import Path

import pytest
from conftest import MakeDesk
from programs import needs, version_of
from reviewing import ARABIC, REVIEW, Act, Sent, Step, row, send_pack, stands_in_docs, take_back, what_changed
from screen import WINDOWED, NeverSeenError, Screen, screen

pytestmark = needs("poedit xvfb openbox xdotool xclip", "poedit", *WINDOWED)
SETTINGS = """\
translator_name=Ana
translator_email=ana@example.org
focus_to_text=1
"""
"""What Poedit asks for when it is started first, and that keys go into the translation, not into the list."""


TRIES = 3
"""On a busy machine a key may get lost: what a linguist would press again is a new try here, from the file as sent."""


def review_in_poedit(sent: Sent, steps: tuple[Step, ...], home: Path) -> None:
    """Open the file, go through it from top to bottom, save, close."""
    settings = home / ".config" / "poedit" / "config"
    settings.parent.mkdir(parents=True)
    settings.write_text(SETTINGS, encoding="utf-8")
    name = sent.path.name
    with screen(home) as desktop, desktop.program(["poedit", sent.path], home / "said") as poedit:
        desktop.bring(name)
        above = {""}
        for step in steps:
            desktop.go_to(sent.draft(step), above)
            do(step, desktop, name)
            above |= {sent.draft(step), step.text}
        for keys, done, what in (
            ("ctrl+s", lambda: name in (now := desktop.title()) and "modified" not in now, "a saved file"),
            ("ctrl+q", lambda: poedit.poll() is not None, "the end of Poedit"),
        ):
            desktop.press_until(keys, name, done, what)


def do(step: Step, desktop: Screen, name: str) -> None:
    """One entry: Ctrl+U is "needs work", Ctrl+M a comment."""
    if step.act is Act.REWRITE:
        desktop.fill(step.text)
    elif step.act is Act.EMPTY:
        desktop.press("ctrl+a", "Delete")
    elif step.act in (Act.ACCEPT, Act.OK):
        desktop.press("ctrl+u")
    if step.act in (Act.OK, Act.ASK):
        desktop.open("ctrl+m", name, "comment")
        desktop.fill(step.text)
        desktop.press("Tab", "Return")
        desktop.bring(name)


@pytest.mark.parametrize(("tag", "steps"), [("es", REVIEW), ("ar", ARABIC)])
def test_what_a_linguist_does_in_poedit_is_taken_as_she_meant_it(
    tag: str, steps: tuple[Step, ...], make_desk: MakeDesk, tmp_path: Path
) -> None:
    """Rewritten, accepted, left, asked and emptied entries end each as they should, from keys to ledger."""
    sent = send_pack(make_desk, tmp_path, tag=tag)
    for attempt in range(1, TRIES + 1):
        try:
            review_in_poedit(sent, steps, tmp_path / f"home-{attempt}")
            break
        except NeverSeenError:
            if attempt == TRIES:
                raise
            sent.path.write_bytes(sent.data)
    changed = what_changed(sent.data, sent.path.read_bytes(), steps)
    report = take_back(sent, steps)
    stands_in_docs(row("Poedit", version_of("poedit"), f"PO, {tag}", changed, report))
