"""An outside judge: Weblate's own code saves a pack's file. Run by `make judges`.

Takes   an environment with Weblate (`make judges` makes it; its server, database and web page are not started)
Gives   the file as Weblate's class for PO files writes it after a review, and what became of every entry
"""

import json
from pathlib import Path

import pytest
from conftest import MakeDesk
from programs import run
from reviewing import REVIEW, row, send_pack, stands_in_docs, take_back, what_changed, without_comments

from review.formats import read_returned

PYTHON = Path(__file__).parents[2] / ".installed" / "weblate-venv" / "bin" / "python"
SCRIPT = Path(__file__).with_name("save_with_weblate.py")


@pytest.mark.skipif(not PYTHON.exists(), reason="Weblate is not installed: make judges")
def test_what_a_linguist_does_in_weblate_is_taken_as_she_meant_it(make_desk: MakeDesk, tmp_path: Path) -> None:
    """Every entry ends as it should. Comments stay in Weblate's database: critical drafts wait for their `ok`."""
    sent = send_pack(make_desk, tmp_path)
    steps = without_comments(REVIEW)
    entries = read_returned(sent.data, sent.path.name).entries
    told = [[e.id, e.source, step.act.name, step.text] for e, step in zip(entries, steps, strict=True)]
    run([PYTHON, SCRIPT, sent.path], tmp_path / "home", stdin=json.dumps(told))
    changed = what_changed(sent.data, sent.path.read_bytes(), steps)
    report = take_back(sent, steps)
    version = run(
        [PYTHON, "-c", "from importlib.metadata import version; print(version('weblate'))"], tmp_path / "home"
    )
    stands_in_docs(row("Weblate", version.strip(), "PO", changed, report))
