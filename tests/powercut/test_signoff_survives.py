"""The power may go at any moment: what Signoff reported is there, nothing is half done, and a rerun goes on.

Each command is typed once in a real process under the recorder, on a workspace in the state before it; then every
state of the disk that a cut could leave (bounded by a seed) is rebuilt, opened as the next command opens it, and
looked at (survival.py). The same states with one class of syncs taken out show that each of them is needed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from workspaces import Clock, Desk, StandIn

from pipeline.engines import Missing, open_engine
from pipeline.model import Locale

from .disk import NameOrder, Sync, Trace
from .shop import LINGUIST, Shop, open_shop
from .survival import as_after, end_state, failures, wrong_after_a_crash

SEED = 20260101
COMMANDS = ("run", "import", "sign-off", "first publish", "publish")


@dataclass(frozen=True, slots=True)
class Played:
    """One command: what it did to the disk, and the workspace after it, undisturbed."""

    trace: Trace
    after: Shop
    again: Callable[[Desk], object]
    """The same command, without a process."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """Each command, played once."""
    folder = tmp_path_factory.mktemp("played")
    shop = open_shop(folder / "run", folder / "package")
    found = {"run": Played(shop.record("run"), shop, Desk.run)}

    kept, signed = shop.copy(folder / "import"), shop.copy(folder / "sign-off")
    back = [kept.reviewed("garden"), signed.reviewed("garden")]
    given = ("--reviewer", LINGUIST, "--entered-by", "test")

    found["import"] = Played(
        kept.record("import", back[0], *given),
        kept,
        lambda desk: desk.import_(desk.root / back[0], LINGUIST, entered_by="test"),
    )
    found["sign-off"] = Played(
        signed.record("import", back[1], *given, "--attest", "all"),
        signed,
        lambda desk: desk.import_(desk.root / back[1], LINGUIST, "all", entered_by="test"),
    )
    first = signed.copy(folder / "first publish")
    found["first publish"] = Played(first.record("publish"), first, Desk.publish)
    second = first.copy(folder / "publish")
    second.sign("walks/short")
    found["publish"] = Played(second.record("publish"), second, Desk.publish)
    return found


@pytest.mark.parametrize("names", [NameOrder.PER_FOLDER, NameOrder.JOURNAL])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_power_cut_loses_nothing_reported_and_leaves_nothing_half_done(
    command: str, names: NameOrder, played: dict[str, Played], scratch: Path
) -> None:
    """Whatever was on its way to the disk when the power went, and whatever of it arrived."""
    per_cut = 10 if names is NameOrder.PER_FOLDER else 3
    cuts = played[command].trace.cuts(SEED, per_cut, names=names)
    looked_at, found = failures(cuts, scratch / "cuts", wrong_after_a_crash)
    assert looked_at > 20
    assert found == []


@pytest.mark.parametrize("command", COMMANDS)
def test_after_a_power_cut_the_same_command_comes_to_the_same_end(
    command: str, played: dict[str, Played], scratch: Path, stand_in: StandIn
) -> None:
    """At every moment, with all that waited lost and with all of it landed: the rerun ends like an undisturbed run."""
    undisturbed = end_state(played[command].after.root)
    number = 0
    for number, cut in enumerate(played[command].trace.cuts(SEED, 2)):
        with as_after(cut, scratch / "again" / str(number)) as root:
            played[command].again(Desk(root, clock=Clock(datetime.now(UTC))))
            assert end_state(root) == undisturbed, cut.describe()
    assert number > 10


SYNCS: dict[str, tuple[str, Callable[[Sync], bool]]] = {
    # what is taken out: (the command in which it is missed, which syncs these are)
    "the store's log": ("sign-off", lambda sync: sync.path == ".signoff/store.sqlite-wal"),
    "the store's file": ("sign-off", lambda sync: sync.path == ".signoff/store.sqlite"),
    "the store's folder": ("run", lambda sync: sync.path == ".signoff"),
    "an append to the ledger": ("sign-off", lambda sync: sync.path.endswith(".jsonl")),
    "the ledger's folder": ("run", lambda sync: sync.path == "ledger"),
    "an article's revision": ("run", lambda sync: sync.path.startswith("ledger/revisions/")),
    "the folder of revisions": ("run", lambda sync: sync.path == "ledger/revisions"),
    "a reviewer's name": ("sign-off", lambda sync: sync.path.startswith("ledger/personal/")),
    "the folder of names": ("sign-off", lambda sync: sync.path == "ledger/personal"),
    "a returned file": ("import", lambda sync: sync.path.startswith(".signoff/returned/")),
    "the folder of returned files": ("import", lambda sync: sync.path == ".signoff/returned"),
    "a PO file": ("run", lambda sync: sync.path.startswith("locales/") and not sync.is_folder),
    "the folder of a PO file": ("run", lambda sync: sync.path in ("locales/es", "locales/es/walks")),
    "the folder of locales": ("run", lambda sync: sync.path == "locales"),
    "the run's report": ("run", lambda sync: sync.path.startswith(".signoff/logs/")),
    "the folder of reports": ("run", lambda sync: sync.path == ".signoff/logs"),
    "a page": ("publish", lambda sync: sync.path.startswith(".site.new/") and not sync.is_folder),
    "the folders of the site": ("publish", lambda sync: sync.path.startswith(".site.new") and sync.is_folder),
    "the step that makes a site the site": ("publish", lambda sync: sync.path == "."),
}


@pytest.mark.parametrize("taken_out", SYNCS)
def test_without_one_kind_of_sync_a_power_cut_is_noticed(
    taken_out: str, played: dict[str, Played], scratch: Path
) -> None:
    """Each kind of sync is needed, and the test above would see if it were gone."""
    command, which = SYNCS[taken_out]
    cuts = list(played[command].trace.drop_syncs(which).cuts(SEED, 30))  # from the last one back, to be red soon
    assert failures(reversed(cuts), scratch / "without", wrong_after_a_crash, enough=1)[1]


def test_every_sync_of_every_command_is_among_those_that_were_taken_out(played: dict[str, Played]) -> None:
    """A new kind of sync needs a line in SYNCS, so that somebody asks what it is for."""
    kinds = [which for _, which in SYNCS.values()]
    others = {sync.path for one in played.values() for sync in one.trace.syncs if not any(k(sync) for k in kinds)}
    # the journal that SQLite keeps until the write-ahead log is switched on, while the store is still empty; and what
    # publish remembers of the pages it built and judged, which may be lost or torn: nothing that goes out rests on it
    assert others <= {".signoff/store.sqlite-journal", ".signoff/.pages.json.tmp", ".signoff/.judged.json.tmp"}


def test_a_run_with_apertium_survives_as_well(tmp_path: Path, scratch: Path) -> None:
    """The real machine, in processes of its own, instead of the stand-in."""
    serves = open_engine("apertium").serves(Locale.parse("en"), Locale.parse("es"))
    if isinstance(serves, Missing):
        pytest.skip(f"Apertium cannot draft en → es here: {serves.todo}")
    trace = open_shop(tmp_path / "shop", tmp_path / "package", engine="apertium").record("run")
    assert failures(trace.cuts(SEED, 4), scratch / "apertium", wrong_after_a_crash)[1] == []
