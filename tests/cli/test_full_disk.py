"""A disk that is really full, in each place where a run writes: one sentence, nothing half written, and it goes on."""

import shutil
from pathlib import Path

import pytest

from cli.command_line import Keyboard, workspace
from cli.small_disk import small_disk

ARTICLES = {
    f"leaflet-{part}.txt": "\n".join(
        f"Part {part}, line {line}, of a leaflet that nobody wrote." for line in range(40)
    ).encode()
    for part in range(3)
}
PLACES = {
    # what is full: (where the small disk is, its kilobytes, what the sentence names)
    "from the start": (".", 32, "w/"),
    "the store, when it is opened": (".signoff", 8, ".signoff/store.sqlite"),
    "the store, half way": (".signoff", 400, ".signoff/store.sqlite"),
    "the outbox: an article's revision": ("ledger", 4, "ledger/revisions"),
    "the ledger": ("ledger", 20, "ledger/"),
    "the PO files": ("locales", 32, "locales/es/leaflet-"),
    "the report": (".signoff/logs", 4, ".signoff/logs/run"),
    "all of it, half way": (".", 700, "w/"),
    "all of it, near the end": (".", 1_000, "w/"),
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, plugins: Path) -> dict[str, bytes]:
    """What a run writes that has room."""
    keyboard = Keyboard(workspace(tmp_path_factory.mktemp("undisturbed") / "w", ARTICLES), plugins)
    assert keyboard("run").code == 0
    return po_files(keyboard.folder)


def po_files(folder: Path) -> dict[str, bytes]:
    """All of them, by name."""
    return {path.name: path.read_bytes() for path in sorted((folder / "locales").rglob("*.po"))}


@pytest.mark.parametrize("full", PLACES)
def test_a_full_disk_loses_nothing_and_leaves_nothing_half_done(
    tmp_path: Path, plugins: Path, undisturbed: dict[str, bytes], full: str
) -> None:
    """Exit code 2 and one sentence that names the place; what is there is whole; with room the rest is done."""
    place, kilobytes, named = PLACES[full]
    folder = tmp_path / "w"
    workspace(tmp_path / "original", ARTICLES)
    if place != ".":
        shutil.copytree(tmp_path / "original", folder)
    with small_disk(folder / place, kilobytes) as disk:
        seen = disk.seen(folder)
        if place == ".":
            shutil.copytree(tmp_path / "original", seen, dirs_exist_ok=True)
        keyboard = Keyboard(seen, plugins, disk.inside)
        sentence = keyboard("run").sentence()
        assert "the disk is full" in sentence and named in sentence and "run" in sentence
        assert not list(seen.rglob(".*.tmp"))
        assert po_files(seen).items() <= undisturbed.items()

        disk.make_room()
        again = keyboard("run", "--json")
        assert again.code == 0, again
        assert (again.json()["drafted"] + again.json()["unchanged"], again.json()["failed"]) == (120, [])
        assert po_files(seen) == undisturbed
        assert keyboard("ledger", "verify").code == 0
        assert keyboard("run", "--json").json()["written"] == []
