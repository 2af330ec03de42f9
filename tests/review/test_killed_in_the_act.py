"""A withdrawal, rollback or publish that is killed (kill -9) at any moment leaves a whole site, and can be ended."""

import hashlib
import json
import multiprocessing
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk, files_below

from pipeline.store.ledger import EventKind
from review.rollback import releases

WRONG = "Resto iso bado."
KILLS = 6
Act = Callable[[Desk], object]


@pytest.fixture
def live(make_desk: MakeDesk) -> Desk:
    """Two releases; the wrong text is in both."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest is bad.\n", "sleep.md": b"# Sleep\n\nSleep well.\n"})
    desk.run()
    desk.sign_all("pain")
    desk.publish()
    desk.sign_all("sleep")
    desk.clock.tick()
    desk.publish()
    assert WRONG in desk.page("pain").read_text()
    return desk


def withdraw(desk: Desk) -> None:
    desk.withdraw(target=WRONG)


def go_back(desk: Desk) -> None:
    with desk.store() as store:
        first = releases(store)[0].id
    desk.rollback(first)


def publish(desk: Desk) -> None:
    desk.write("sleep.md", b"# Sleep\n\nSleep well.\n\n## More\n")
    desk.publish()


def is_whole(site: Path) -> bool:
    """Whether each file is the one that the site's own list names, and none is missing or more."""
    files = json.loads((site / "release.json").read_bytes())["files"]
    found = {name: hashlib.sha256(data).hexdigest() for name, data in files_below(site).items()}
    found.pop("release.json")
    return bool(found == files)


def killed(desk: Desk, act: Act, after_s: float) -> None:
    """Do it in another process, and kill that: no handler runs, nothing is flushed, no lock is given back."""
    child = multiprocessing.get_context("fork").Process(target=act, args=(desk,))
    child.start()
    time.sleep(after_s)
    child.kill()
    child.join()


@pytest.mark.parametrize("act", [withdraw, go_back, publish])
def test_killed_at_any_moment_the_site_is_whole_and_the_same_command_ends_the_work(live: Desk, act: Act) -> None:
    """The old site or the new one; a text that is withdrawn by the ledger never comes back, whatever is done next."""
    chance = random.Random(act.__name__)
    trial = Desk(live.root.with_name("trial"), live.clock)
    shutil.copytree(live.root, trial.root)
    began = time.monotonic()
    act(trial)
    took_s = time.monotonic() - began
    shutil.rmtree(trial.root)
    for _ in range(KILLS):
        shutil.copytree(live.root, trial.root)
        killed(trial, act, chance.uniform(0, took_s))
        assert is_whole(trial.root / "site")
        with trial.store() as store, store.read() as transaction:
            poisoned = bool(transaction.events(EventKind.WITHDRAWAL))
        assert act is withdraw or not poisoned
        if poisoned and chance.random() < 0.5:  # somebody does something else first
            go_back(trial)
            assert WRONG not in everything(trial)
        act(trial)
        assert is_whole(trial.root / "site")
        if act is withdraw:
            assert WRONG not in everything(trial)
            go_back(trial)
            trial.publish()
            assert WRONG not in everything(trial)
        assert trial.prove().unproven == ()
        assert trial.check().wrong == ()
        beside = {path.name for path in trial.root.iterdir() if path.name.startswith((".site", ".ledger"))}
        assert beside == set(), "nothing half built is left"
        shutil.rmtree(trial.root)


def everything(desk: Desk) -> str:
    """All bytes of the site."""
    return b"".join(files_below(desk.root / "site").values()).decode(errors="replace")
