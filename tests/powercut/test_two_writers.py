"""Two people work in one workspace and are killed in the middle, again and again: `kill -9`, and the power with it.

`kill -9` alone cannot show a missing fsync, since what a process wrote outlives it in memory. So the same rounds are
also recorded (recorder.py), the power is cut around the kills, and only then the unsynced is lost.
"""

import json
import random
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polib
import pytest
from workspaces import edit_po, rewrite

from .disk import Sync, Trace
from .recorder import TraceError, record
from .shop import LINGUIST, Shop, open_shop, without_shared_memory
from .survival import end_state, failures, wrong_after_a_crash

SEED = 20260102
DRIVER = Path(__file__).with_name("two_writers.py")
WORDS = ("red", "green", "blue", "white", "black", "brown", "grey", "pink", "gold", "silver", "orange", "purple")
ARTICLES = {
    f"{place}.txt": "\n\n".join([f"The {place}", *(f"The {word} door of the {place} is open." for word in WORDS)])
    for place in ("house", "school")
}


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory, scratch: Path) -> Shop:
    """A workspace with two articles drafted, and per article twelve returned files: each corrects one sentence."""
    shop = open_shop(
        scratch / "drafted",
        tmp_path_factory.mktemp("package"),
        articles={name: text.encode() for name, text in ARTICLES.items()},
    )
    shop.type("run")
    for name in ("house", "school"):
        for number in range(1, len(WORDS) + 1):
            _returned(shop, name, number)
    return shop


def _returned(shop: Shop, slug: str, number: int) -> None:
    def change(entry: polib.POEntry) -> None:
        if f":{number:04d}:" in entry.msgctxt:
            rewrite(entry)

    edit_po(shop.root / "locales" / "es" / f"{slug}.po", change, shop.root / "desk" / f"{slug}.{number:02d}.po")


def _import(file: str) -> list[str]:
    return ["import", file, "--reviewer", LINGUIST, "--attest", "edited", "--entered-by", "test", "--json"]


def _files(shop: Shop, slug: str) -> list[str]:
    return [path.relative_to(shop.root).as_posix() for path in sorted((shop.root / "desk").glob(f"{slug}.*.po"))]


RUN = ["run", "--json"]
DONE, KILLED = 1, -9
"""An import that leaves entries fuzzy exits with 1: somebody must look at them."""


@contextmanager
def _writers(shop: Shop) -> Iterator[Callable[[list[list[str]], float | None], list[str]]]:
    """Plays a round and gives the lines that were written."""
    argv: list[str | Path] = [sys.executable, DRIVER]
    with (
        (shop.root.parent / "stderr.txt").open("w") as complaints,
        subprocess.Popen(
            argv,
            cwd=shop.root,
            env=shop.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        ) as process,
    ):
        assert process.stdin

        def play(commands: list[list[str]], kill_after_s: float | None) -> list[str]:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps({"commands": commands, "kill_after_s": kill_after_s}) + "\n")
            process.stdin.flush()
            lines: list[str] = []
            while not lines or not lines[-1].startswith('{"round"'):
                lines.append(process.stdout.readline())
                assert lines[-1], "the driver died"
            return lines

        yield play
        process.stdin.close()


def _ended(lines: list[str]) -> list[int]:
    codes: list[int] = json.loads(lines[-1])["round"]
    return codes


def without_exports(state: dict[str, Any]) -> dict[str, Any]:
    """An end state but for how often a PO file went out, which depends on when it was killed."""
    return {**state, "events": {e: n for e, n in state["events"].items() if not e.startswith("export ")}}


def test_two_writers_killed_again_and_again_lose_nothing_and_end_where_undisturbed_ones_do(
    drafted: Shop, scratch: Path
) -> None:
    """After every kill all that was reported is there and nothing is half done or doubled; then they finish."""
    calm, shop = drafted.copy(scratch / "calm"), drafted.copy(scratch / "killed")
    with _writers(calm) as play:
        for file in (*_files(calm, "house"), *_files(calm, "school")):
            assert _ended(play([_import(file)], None)) == [DONE]
        assert _ended(play([RUN], None)) == [0]

    rng = random.Random(SEED)
    todo = [deque(_files(shop, slug)) for slug in ("house", "school")]
    reported, killed, delay_s = "", 0, 0.02
    with _writers(shop) as play:
        while any(todo):
            turn = [files for files in todo if files][: rng.choice((1, 2, 2))]
            commands = [_import(files[0]) for files in turn]
            commands += [RUN] if len(commands) < 2 else []
            lines = play(commands, rng.uniform(0, delay_s))
            assert set(_ended(lines)) <= {0, DONE, KILLED}
            reported += "".join(lines)
            killed += _ended(lines).count(KILLED)
            assert wrong_after_a_crash(shop.root, reported) == []
            waiting = sum(map(len, todo))
            for files in turn:
                if any(line.startswith(f'{{"file": "{files[0]}"') for line in lines):
                    files.popleft()
            # as short a life as still lets one in a few commands finish, on this machine, now
            delay_s *= 1.25 if sum(map(len, todo)) == waiting else 0.7
        assert _ended(play([RUN], None)) == [0]
    assert killed > 40
    assert without_exports(end_state(shop.root)) == without_exports(end_state(calm.root))


# The power goes with the kill -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded(drafted: Shop, scratch: Path) -> Trace:
    """Six rounds with kills, and one in which both writers finish, as they reached the disk."""
    rng = random.Random(SEED)
    house, school = _files(drafted, "house"), _files(drafted, "school")
    pairs = [[_import(one), _import(other)] for one, other in zip(house[:6], school[:6], strict=True)]
    pairs[1][1] = pairs[3][0] = RUN
    rounds = [{"commands": pair, "kill_after_s": rng.uniform(0.05, 0.4)} for pair in pairs]
    rounds.append({"commands": [_import(house[0]), _import(school[0])], "kill_after_s": None})
    plan = scratch / "plan.jsonl"
    plan.write_text("".join(json.dumps(one) + "\n" for one in rounds))
    refused = ""
    for attempt in range(4):
        shop = drafted.copy(scratch / f"recorded{attempt}")
        try:
            argv: list[str | Path] = [sys.executable, DRIVER, plan]
            trace = record(argv, root=shop.root, cwd=shop.root, env=shop.environment, timeout_s=60)
        except TraceError as error:  # two processes used one name at one moment, and the log shows another order
            refused = str(error)
            continue
        assert trace.exit_code == 0, trace.stderr
        return without_shared_memory(trace)
    pytest.fail(f"could not be recorded: {refused}")


def test_a_power_cut_that_comes_with_the_kills_loses_nothing_either(recorded: Trace, scratch: Path) -> None:
    """What a killed writer left unsynced is never built upon and never reported, neither by it nor by the next one."""
    looked_at, found = failures(recorded.cuts(SEED, 5, points=120), scratch / "both", wrong_after_a_crash)
    assert looked_at > 100
    assert found == []


TAKEN_OUT: dict[str, Callable[[Sync], bool]] = {
    "every sync": lambda sync: True,
    "the store's": lambda sync: sync.path.startswith(".signoff/store.sqlite"),
    "the ledger's": lambda sync: sync.path.endswith(".jsonl"),
    "those of returned files": lambda sync: sync.path.startswith(".signoff/returned"),
}


@pytest.mark.parametrize("taken_out", TAKEN_OUT)
def test_without_syncs_the_power_cut_that_comes_with_the_kills_is_noticed(
    taken_out: str, recorded: Trace, scratch: Path
) -> None:
    """`kill -9` alone is green without a single sync; this is not."""
    cuts = list(recorded.drop_syncs(TAKEN_OUT[taken_out]).cuts(SEED, 5, points=120))
    assert failures(reversed(cuts), scratch / "without", wrong_after_a_crash, enough=1)[1]


# Publishing -----------------------------------------------------------------------------------------------------------


def test_a_publish_that_is_killed_leaves_the_old_site_or_the_new_one_and_the_next_one_finishes(
    drafted: Shop, scratch: Path
) -> None:
    """Whole at every moment, and what the killed ones began beside the site is gone in the end."""
    shop = drafted.copy(scratch / "publish")
    rng = random.Random(SEED)
    everything = ["import", shop.reviewed("house"), "--reviewer", LINGUIST, "--attest", "all", "--json"]
    publish = ["publish", "--json"]
    with _writers(shop) as play:
        play([everything], None)
        assert _ended(play([publish], None)) == [0]
        other = ["import", shop.reviewed("school"), "--reviewer", LINGUIST, "--attest", "all", "--json"]
        play([other], None)
        old = (shop.root / "site" / "release.json").read_bytes()
        killed, delay_s, lines = 0, 0.01, [""]
        while (shop.root / "site" / "release.json").read_bytes() == old:
            lines = play([publish], rng.uniform(0, delay_s))
            killed += _ended(lines).count(KILLED)
            delay_s *= 1.1
            assert wrong_after_a_crash(shop.root, "".join(lines)) == []
        lines = play([publish], None)
        assert _ended(lines) == [0]
    assert wrong_after_a_crash(shop.root, "".join(lines)) == []
    assert killed > 3
    assert [path.name for path in shop.root.glob(".site*")] == []
    assert (shop.root / "site" / "es" / "school" / "index.html").is_file()


@pytest.mark.parametrize("moment", ["growing", "exchanged", "between two renames"])
def test_what_a_publish_left_beside_the_site_is_cleaned_by_the_next(moment: str, drafted: Shop, scratch: Path) -> None:
    """The three things that can lie there: a half-grown site, the old one half removed, and no site at all."""
    shop = drafted.copy(scratch / f"left {moment}")
    shop.type("publish")
    site, new, old = (shop.root / name for name in ("site", ".site.new", ".site.old"))
    shutil.copytree(site, new)
    (new / "release.json").unlink()
    if moment == "growing":
        (new / "index.html").write_text("half a pa")
    elif moment == "between two renames":
        site.rename(old)
    shop.type("publish")
    assert not new.exists()
    assert not old.exists()
    assert wrong_after_a_crash(shop.root, "") == []
    assert site.is_dir()
