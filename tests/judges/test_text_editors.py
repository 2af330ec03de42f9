"""Outside judges: Emacs with gettext's po-mode, and Vim. Run by `make judges`; both are started without a window.

Takes   Debian's Emacs (`apt install emacs-nox gettext-el`) and Vim (`apt install vim-tiny`)
Gives   a pack's file as these editors save it after a review, and what became of every entry
"""

from pathlib import Path

import pytest
from conftest import MakeDesk
from programs import needs, run, version_of
from reviewing import REVIEW, Act, Sent, Step, row, send_pack, stands_in_docs, take_back, what_changed

from review.formats import read_returned

SCRIPT = Path(__file__).with_name("review.el")
PO_MODE = Path("/usr/share/emacs/site-lisp/elpa-src")


def with_ids(sent: Sent) -> list[tuple[str, Step]]:
    """The steps, each with its entry's id."""
    entries = read_returned(sent.data, sent.path.name).entries
    return [(entry.id, step) for entry, step in zip(entries, REVIEW, strict=True)]


@needs("emacs-nox gettext-el", "emacs")
@pytest.mark.skipif(not PO_MODE.is_dir(), reason="po-mode is not installed: apt install gettext-el")
def test_what_a_linguist_does_in_emacs_is_taken_as_she_meant_it(make_desk: MakeDesk, tmp_path: Path) -> None:
    """With the commands of po-mode: every entry ends as it should."""
    sent = send_pack(make_desk, tmp_path)
    steps = "\n".join("\t".join((id_, step.act.name, step.text)) for id_, step in with_ids(sent))
    folders = [word for folder in sorted(PO_MODE.glob("po-mode*")) for word in ("-L", str(folder))]
    run(["emacs", "-Q", "--batch", *folders, "-l", SCRIPT], tmp_path / "home", PO=str(sent.path), STEPS=steps)
    changed = what_changed(sent.data, sent.path.read_bytes(), REVIEW)
    report = take_back(sent, REVIEW)
    stands_in_docs(row("Emacs po-mode", version_of("gettext-el"), "PO", changed, report))


def typed_in_vim(sent: Sent) -> str:
    """The review as Ex commands: what stands between an entry's id and the empty line after it is hers."""
    lines = ["set nofixendofline"]
    for id_, step in with_ids(sent):
        lines += ["1", f"/{id_}/"]
        if step.act in (Act.REWRITE, Act.EMPTY):
            text = step.text.replace('"', '\\"')
            lines += ["/^msgstr/d", "-1a", f'msgstr "{text}"', "."]
            lines += [f"?{id_}?"]
        if step.act in (Act.REWRITE, Act.ACCEPT, Act.OK):
            lines += ["?^#, fuzzy?d", f"/{id_}/"]
        if step.act in (Act.OK, Act.ASK):
            lines += ["?^#\\. paragraph?i", f"# {step.text}", "."]
    return "\n".join(lines)


@needs("vim-tiny", "vim.tiny")
@pytest.mark.parametrize(("saved_as", "outcome"), [("unix", "accepted"), ("dos, with a byte order mark", "repaired")])
def test_what_a_linguist_does_in_vim_is_taken_as_she_meant_it(
    saved_as: str, outcome: str, make_desk: MakeDesk, tmp_path: Path
) -> None:
    """A text editor, also one that is told to write as Windows does: every entry ends as it should."""
    sent = send_pack(make_desk, tmp_path)
    script = tmp_path / "review.ex"
    dos = ["set fileformat=dos bomb"] if "dos" in saved_as else []
    script.write_text("\n".join([typed_in_vim(sent), *dos, "wq!"]) + "\n", encoding="utf-8")
    run(
        ["vim.tiny", "-N", "-u", "NONE", "-i", "NONE", "-n", "-es", sent.path],
        tmp_path / "home",
        stdin=script.read_text(encoding="utf-8"),
    )
    changed = what_changed(sent.data, sent.path.read_bytes(), REVIEW)
    report = take_back(sent, REVIEW, outcome=outcome)
    stands_in_docs(row("Vim", version_of("vim-tiny"), f"PO, saved as {saved_as}", changed, report))
