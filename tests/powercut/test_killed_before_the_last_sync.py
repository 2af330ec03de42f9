"""A process is killed between its last change and the sync of it; the next one finds all done, reports; the power goes.

What the next process reports must be safe then, though it had nothing left to write.
"""

import sys
from pathlib import Path

import pytest

from .recorder import record
from .shop import TESTS

PROGRAM = """
import os, sys
from pathlib import Path, PurePosixPath
sys.path.insert(0, sys.argv[1])
import pipeline.durable as durable, pipeline.publish.site as site
place = Path.cwd() / "shelf" / "book"
def keep(): durable.keep_file(place, b"text")
def fill(): durable.make_folder(place.parent); durable.replace_file(place, b"text")
def publish(): site.write_release([(PurePosixPath("release.json"), b"text")], place)
def die(*_): os._exit(0)
act = {"keep": keep, "fill": fill, "publish": publish}[sys.argv[2]]
if os.fork() == 0:
    if act is publish:
        durable.make_folder(place.parent)
        sync, site._sync = site._sync, lambda folder: die() if folder == place.parent else sync(folder)
    elif act is keep: durable.make_folder(place.parent); durable.sync_folder = die
    else: durable.sync_folder = die
    act()
os.wait()
act()
print("done", flush=True)
"""


@pytest.mark.parametrize("act", ["keep", "fill", "publish"])
def test_what_a_killed_process_left_unsynced_is_synced_by_the_next_before_it_reports(act: str, tmp_path: Path) -> None:
    """A kept file, a folder that was just made, and a site that was just put in place."""
    argv = [sys.executable, "-c", PROGRAM, str(TESTS.parent), act]
    trace = record(argv, root=tmp_path, cwd=tmp_path, timeout_s=60)
    assert trace.stdout == "done\n", trace.stderr
    book = "shelf/book/release.json" if act == "publish" else "shelf/book"
    seen = [cut.tree[book].data if book in cut.tree else b"" for cut in trace.cuts(1, 20) if cut.reported]
    assert seen
    assert set(seen) == {b"text"}
