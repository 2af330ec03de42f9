"""`signoff run` with services: what fails goes to the next engine, what is drafted is durable, private data stays."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polib
import pytest
from cli.command_line import Keyboard, bring_engines, ended, interrupt
from conftest import MakeDesk
from engines.stand_in_services import KEY, Heard, StandIn, html_page, libretranslate, served, status, translated
from workspaces import ENGINE, drafted, make_workspace
from workspaces import StandIn as StandInEngine

from pipeline.engines.libretranslate import LibreTranslate
from pipeline.errors import EngineError

LINES = [f"Line {number} of a leaflet that nobody wrote." for number in range(100)]
LEAFLET = {"leaflet.txt": "\n".join(LINES).encode()}


class Away(StandInEngine):
    """The stand-in engine, on another machine."""

    name = "away"
    leaves_the_machine = True


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, stand_in: StandInEngine) -> Iterator[StandIn]:
    """A stand-in for LibreTranslate, and two engines beside it: one on this machine, one away."""
    monkeypatch.setenv("SIGNOFF_LIBRETRANSLATE_KEY", KEY)
    monkeypatch.setattr("pipeline.asking.FIRST_WAIT_S", 0.001)
    away = Away()
    with served(StandIn(libretranslate)) as there:
        table = {
            "libretranslate": lambda settings: LibreTranslate({**settings, "url": there.url}),
            ENGINE: lambda settings: stand_in,
            "away": lambda settings: away,
        }
        monkeypatch.setattr("pipeline.engines.ENGINES", table)
        # Its words are of no language.
        monkeypatch.setattr("pipeline.language.WrongLanguage.__call__", lambda self, draft, locale: "")
        yield there


def sent(service: StandIn) -> list[str]:
    """Every text that the service has heard."""
    return [text for heard in service.heard for text in heard.body["q"]]


def engines_of(path: Path) -> dict[str, str]:
    """Who drafted each entry of a PO file, by its source."""
    return {
        entry.msgid: next((name for name in ("libretranslate", ENGINE, "away") if name in entry.comment), "")
        for entry in polib.pofile(str(path))
    }


def test_every_text_is_sent_once_and_drafted(make_desk: MakeDesk, service: StandIn) -> None:
    """In batches; a second run sends nothing."""
    desk = make_desk(LEAFLET, engines=("libretranslate",))
    report = desk.run()
    assert sorted(sent(service)) == sorted(LINES) and report.drafted == 100
    assert report.engine_calls == len(service.heard) == 4
    assert [entry.msgstr for entry in polib.pofile(str(desk.po("leaflet")))] == [drafted(line) for line in LINES]
    assert desk.run().engine_calls == 0 and len(service.heard) == 4


def test_what_a_service_cannot_do_goes_to_the_next_engine(make_desk: MakeDesk, service: StandIn) -> None:
    """One bad text of a batch of 25, and one that comes back empty: these two only."""
    service.poison = "Line 13 "
    service.make = lambda text: "" if "Line 50 " in text else drafted(text)
    desk = make_desk(LEAFLET, engines=("libretranslate", ENGINE))
    report = desk.run()
    assert (report.drafted, report.failed, report.broken) == (100, [], [])
    by = engines_of(desk.po("leaflet"))
    assert {line for line in LINES if by[line] == ENGINE} == {LINES[13], LINES[50]}


def test_a_quota_that_ends_half_way_keeps_what_is_paid(make_desk: MakeDesk, service: StandIn) -> None:
    """Drafts before it stay the service's, the rest is the next engine's; the report says why."""

    def until_75(there: StandIn, heard: Heard) -> tuple[int, Any]:
        return (456, {"error": KEY}) if len(there.heard) > 3 else libretranslate(there, heard)

    service.answer = until_75
    more = "[engine.libretranslate]\nin_flight = 1\n"
    desk = make_desk(LEAFLET, engines=("libretranslate", ENGINE), more=more)
    report = desk.run()
    assert list(engines_of(desk.po("leaflet")).values()).count("libretranslate") == 75
    assert report.drafted == 100
    assert report.broken == ["libretranslate: the quota is used up: not asked again in this run"]
    assert KEY not in json.dumps(report.broken)


def test_without_a_next_engine_what_is_paid_is_kept_all_the_same(make_desk: MakeDesk, service: StandIn) -> None:
    """The run stops with the reason; the next one sends only what was not answered."""
    service.script.extend([html_page] * 5)
    service.answer = lambda there, heard: (403, {}) if len(there.heard) > 7 else libretranslate(there, heard)
    desk = make_desk(LEAFLET, engines=("libretranslate",), more="[engine.libretranslate]\nin_flight = 1\n")
    assert len(desk.run().failed) == 50
    before = len(service.heard)
    service.answer = libretranslate
    report = desk.run()
    assert report.failed == [] and len(service.heard) == before + 2
    service.answer = lambda there, heard: (403, {})
    desk.write("more.txt", b"Something else to draft.")
    desk.write("most.txt", b"Still something else to draft.")
    desk.write("last.txt", b"And something more to draft.")
    with pytest.raises(EngineError, match="refused the key"):
        desk.run(workers=1)


def test_a_service_in_trouble_is_asked_again(make_desk: MakeDesk, service: StandIn) -> None:
    """429, 500 and a hotel's page on the way: all is drafted in the end, and the report counts the retries."""
    service.script.extend([status(429), status(500), html_page])
    desk = make_desk(LEAFLET, engines=("libretranslate",))
    report = desk.run()
    assert (report.drafted, report.failed) == (100, [])
    assert report.engines["libretranslate"].retries == 3 and report.engines["libretranslate"].calls == 7


def test_a_budget_stops_the_run_cleanly(make_desk: MakeDesk, service: StandIn) -> None:
    """What fits is drafted and kept, what is left is counted and no other engine does it; the next run goes on."""
    desk = make_desk(LEAFLET, engines=("libretranslate", ENGINE))
    report = desk.run(budget=1_000)
    assert sum(map(len, sent(service))) <= 1_000 and report.characters <= 1_000
    assert report.drafted + report.over_budget == 100 and report.over_budget > 60 and report.failed == []
    assert set(engines_of(desk.po("leaflet")).values()) == {"libretranslate", ""}
    rest = desk.run()
    assert (rest.drafted, rest.over_budget) == (report.over_budget, 0)
    assert sorted(sent(service)) == sorted(LINES)


SUMMARY = " ".join(f"Sentence {number} of a summary that nobody wrote." for number in range(120))
LONG = {"long.md": f"---\ndescription: {SUMMARY}\n---\nThe end.\n".encode()}
"""Its description is one segment, in three parts for a service that takes 2,000 characters."""


def test_of_a_long_source_only_the_part_that_failed_is_sent_again(make_desk: MakeDesk, service: StandIn) -> None:
    """The parts that were answered are paid for: the next run sends the one that is missing, and joins all three."""
    service.poison = "Sentence 60 "
    desk = make_desk(LONG, engines=("libretranslate",))
    assert len(desk.run().failed) == 1
    first, second, third = sorted((text for text in sent(service) if text.startswith("Sentence")), key=SUMMARY.index)
    assert service.poison in second
    service.poison = ""
    service.heard.clear()
    report = desk.run()

    assert sent(service) == [second] and report.characters == len(second) and report.drafted == 1
    (description, *_) = polib.pofile(str(desk.po("long")))
    assert description.msgstr == drafted(SUMMARY) and first in SUMMARY and third in SUMMARY
    assert "too long for the engine: drafted in 3 parts" in description.comment
    assert desk.run().engine_calls == 0


def test_a_budget_that_ends_within_a_long_source_keeps_its_parts(make_desk: MakeDesk, service: StandIn) -> None:
    """What fitted is not sent again, whatever it takes until all of it is there; then it is as drafted at once."""
    desk, at_once = make_desk(LONG, engines=("libretranslate",)), make_desk(LONG, "2", engines=("libretranslate",))
    for _ in range(3):
        desk.run(budget=2_500)
    assert sorted(sent(service)) == sorted(set(sent(service)))
    at_once.run()
    assert desk.po("long").read_bytes() == at_once.po("long").read_bytes()


def test_parts_that_were_translated_back_are_not_sent_again(make_desk: MakeDesk, service: StandIn) -> None:
    """The way back has its own parts, under the same rule."""
    desk = make_desk(LONG, engines=("libretranslate",))
    desk.run()
    service.heard.clear()
    service.poison = "Sentenceo 60 "
    assert desk.run(back_translate=True).by_locale["es"].back_translated == 1
    service.poison = ""
    parts = len(sent(service))
    assert desk.run(back_translate=True).by_locale["es"].back_translated == 1
    (again,) = sent(service)[parts:]
    assert "Sentenceo 60 " in again


def test_an_engines_own_budget_leaves_the_rest_to_the_next(make_desk: MakeDesk, service: StandIn) -> None:
    """That is what a list of engines is for; the cost is that of what was sent."""
    more = "[engine.libretranslate]\nbudget = 1_000\nprice_per_million_characters = 20\n"
    desk = make_desk(LEAFLET, engines=("libretranslate", ENGINE), more=more)
    report = desk.run()
    assert report.drafted == 100 and set(engines_of(desk.po("leaflet")).values()) == {"libretranslate", ENGINE}
    assert any("its budget of 1000 characters is used up" in sentence for sentence in report.broken)
    assert report.cost == pytest.approx(report.engines["libretranslate"].characters * 20 / 1_000_000)


def test_an_engines_own_budget_stops_the_run_cleanly_too(make_desk: MakeDesk, service: StandIn) -> None:
    """Without a next engine the rest of each article is counted, as with the run's budget; the next run goes on."""
    more = "[engine.libretranslate]\nbudget = 1_000\n"
    desk = make_desk({**LEAFLET, "next.txt": b"Rest well."}, engines=("libretranslate",), more=more)
    report = desk.run()
    assert report.drafted + report.over_budget == 101 and report.over_budget > 60 and report.failed == []
    assert any("its budget of 1000 characters is used up" in sentence for sentence in report.broken)
    assert desk.po("next").is_file()
    rest = desk.run()
    assert rest.drafted > 20 and rest.drafted + rest.over_budget == report.over_budget


@pytest.mark.parametrize("code", [401, 429, 456, 500])
def test_the_key_is_in_no_file_and_no_message(tmp_path: Path, code: int) -> None:
    """Though the service repeats it in all that it says: not on the screen, and in no byte of the workspace."""
    with served(StandIn(lambda there, heard: (code, {"error": f"no {heard.body['api_key']}"}))) as there:
        if code == 429:
            there.script.append(status(429, {"Retry-After": "1000", "X-Key": KEY}))
        keyboard = online(tmp_path / "w", there, articles={"a.txt": b"Take two tablets.\n"})
        done = keyboard("run", "--json", environment=ENVIRONMENT)
        assert there.heard[0].body["api_key"] == KEY and KEY not in done.out + done.err
        assert not [path for path in keyboard.folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


# -- personal data

PRIVATE = {"case.txt": b"Rest is good for you.\nCall Mrs Anna Bell at 555-0199-123.\nIn a crisis call 800-555-0100."}


@pytest.mark.parametrize("refuse", [False, True])
def test_personal_data_is_named_before_it_leaves(make_desk: MakeDesk, service: StandIn, refuse: bool) -> None:
    """By default it goes, and is named; by setting it stays, and the next engine on this machine drafts it."""
    mode = "refuse" if refuse else "warn"
    more = f'[privacy]\npersonal_data = "{mode}"\nallow = ["800-555-0100"]\n'
    desk = make_desk(PRIVATE, engines=("away", ENGINE), more=more)
    noticed: list[str] = []
    report = desk.run(notice=noticed.append)
    by = engines_of(desk.po("case"))
    assert list(by.values()) == ["away", ENGINE if refuse else "away", "away"]
    (found,) = report.personal_data
    assert (found.id.split(":")[1], found.engine, found.sent) == ("0002", "away", not refuse)
    (sentence,) = noticed
    assert "a phone number" in sentence and "555" not in sentence.replace(found.id, "")


def test_what_must_not_leave_is_left_to_people(make_desk: MakeDesk, service: StandIn) -> None:
    """Without an engine on this machine the text stays empty, with the reason."""
    desk = make_desk(PRIVATE, engines=("away",), more='[privacy]\npersonal_data = "refuse"\n')
    report = desk.run()
    assert [failed.id.split(":")[1] for failed in report.failed] == ["0002", "0003"]
    assert all("signoff.toml keeps it from other machines" in failed.reason for failed in report.failed)


def test_an_engine_on_this_machine_may_see_everything(make_desk: MakeDesk, service: StandIn) -> None:
    """Nothing is scanned, nothing is named: a LibreTranslate of one's own is on this machine."""
    for engine in (ENGINE, "libretranslate"):
        desk = make_desk(PRIVATE, name=engine, engines=(engine,), more='[privacy]\npersonal_data = "refuse"\n')
        report = desk.run()
        assert (report.personal_data, report.drafted) == ([], 3)


# -- kill -9


def test_what_was_drafted_is_not_paid_again_after_a_kill(tmp_path: Path) -> None:
    """Killed while a service keeps it waiting: every batch that was answered before is in the store."""

    def then_nothing(there: StandIn, heard: Heard) -> tuple[int, Any]:
        if len(there.heard) > 2:
            there.over.wait(60)
        return libretranslate(there, heard)

    with served(StandIn(then_nothing)) as there:
        more = f'[engine.libretranslate]\nurl = "{there.url}"\n'
        # The stand-in's words end in o.
        folder = make_workspace(
            tmp_path / "w", articles=LEAFLET, locales=("eo",), engines=("libretranslate",), more=more
        )
        keyboard = Keyboard(folder, bring_engines(tmp_path / "plugins"))
        environment = {"SIGNOFF_LIBRETRANSLATE_KEY": KEY}
        running = keyboard.start("run", environment=environment)
        try:
            for _ in range(300):
                if len(kept := _kept(folder)) >= 50 or running.poll() is not None:
                    break
                time.sleep(0.1)
        finally:
            os.kill(running.pid, signal.SIGKILL)
            running.communicate()
        assert len(kept) == 50
        there.over.set()
        there.answer, before = libretranslate, len(sent(there))
        again = keyboard("run", "--json", environment=environment)
        assert again.code == 0, again.json()["failed"]
        assert len(sent(there)) == before + 50 and not set(sent(there)[:50]) & set(sent(there)[before:])


def online(folder: Path, there: StandIn, more: str = "", articles: Mapping[str, bytes] = LEAFLET) -> Keyboard:
    """A workspace whose engine is the stand-in service; its words end in o, which the detector takes for Esperanto."""
    settings = f'[engine.libretranslate]\nurl = "{there.url}"\n{more}'
    make_workspace(folder, articles=articles, locales=("eo",), engines=("libretranslate",), more=settings)
    plugins = folder.parent / "plugins"
    return Keyboard(folder, plugins if plugins.exists() else bring_engines(plugins))


def wait_until(true: Callable[[], object], *running: "subprocess.Popen[bytes]") -> None:
    """While all of these run."""
    for _ in range(600):
        if true():
            return
        assert all(one.poll() is None for one in running), [one.communicate() for one in running]
        time.sleep(0.05)
    raise AssertionError("it never came")


STOPPED = "signoff: stopped; what was finished is kept, run the same command to go on"
ENVIRONMENT = {"SIGNOFF_LIBRETRANSLATE_KEY": KEY}


def test_two_runs_at_once_send_nothing_twice(tmp_path: Path) -> None:
    """Two processes, started together: both end well, each text was sent once, all are drafted."""
    with served(StandIn(libretranslate)) as there:
        there.latency_s = 0.05
        keyboard = online(tmp_path / "w", there)
        both = [keyboard.start("run", "--json", environment=ENVIRONMENT) for _ in range(2)]
        done = [ended(one) for one in both]

        assert [one.code for one in done] == [0, 0], done
        assert sorted(sent(there)) == sorted(LINES)
        assert sorted((one.json()["drafted"], one.json()["unchanged"]) for one in done) == [(0, 100), (100, 0)]
        assert keyboard("ledger", "verify").code == 0


def test_the_second_run_goes_on_where_the_first_was_killed(tmp_path: Path) -> None:
    """`kill -9` of one that works while another waits: what was answered a second ago is not sent again."""

    def slow_from_75(there: StandIn, heard: Heard) -> tuple[int, Any]:
        if len(there.heard) == 4:
            there.over.wait(60)
        return libretranslate(there, heard)

    with served(StandIn(slow_from_75)) as there:
        keyboard = online(tmp_path / "w", there, "in_flight = 1\n")
        first = keyboard.start("run", environment=ENVIRONMENT)
        wait_until(lambda: len(there.heard) == 4 and len(_kept(keyboard.folder)) == 75, first)
        second = keyboard.start("run", "--json", environment=ENVIRONMENT)
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
        done = ended(second)

        assert (done.code, done.json()["drafted"], done.json()["engine_calls"]) == (0, 100, 1)
        assert sorted(sent(there)) == sorted([*LINES, *LINES[75:]])


def test_three_runs_at_once_share_the_work_though_one_is_killed(tmp_path: Path) -> None:
    """`kill -9` of whichever is at work: the others do the rest; what was answered a second ago is not sent again."""
    sections = {f"part-{n}.txt": "\n".join(LINES[n : n + 25]).encode() for n in range(0, 100, 25)}
    with served(StandIn(libretranslate)) as there:
        there.latency_s = 0.4
        keyboard = online(tmp_path / "w", there, "in_flight = 1\n", articles=sections)
        running = [keyboard.start("run", "--json", environment=ENVIRONMENT) for _ in range(3)]
        wait_until(lambda: len(there.heard) >= 3)
        at_work = next(one for one in running if one.pid == _holder(keyboard.folder / ".signoff" / "run.lock"))
        at_work.kill()
        at_work.communicate()
        done = [ended(one) for one in running if one is not at_work]

        assert [one.code for one in done] == [0, 0], done
        assert sum(one.json()["drafted"] for one in done) + min(one.json()["unchanged"] for one in done) == 100
        assert set(sent(there)) == set(LINES) and len(sent(there)) <= 100 + 2 * 25
        assert sorted(_kept(keyboard.folder)) == sorted(map(translated, LINES))
        assert all(entry.msgstr for path in keyboard.folder.glob("locales/eo/*.po") for entry in polib.pofile(path))
        assert keyboard("ledger", "verify").code == 0


def _holder(lock: Path) -> int:
    """The process that holds a lock (proc_locks(5)); whoever waits for it has an arrow in its line."""
    lines = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    return next(int(line[4]) for line in lines if line[5].endswith(f":{lock.stat().st_ino}"))


@pytest.mark.parametrize("room", [1_400_000, 2_400_000])
def test_a_full_disk_loses_nothing_that_was_made_durable(tmp_path: Path, room: int) -> None:
    """A limit on the size of files stops the store in the middle of a run: one sentence, and the next run goes on."""
    articles = {f"a{i:02}.txt": "\n".join(f"Article {i}: {line}" for line in LINES).encode() for i in range(20)}
    keyboard = Keyboard(make_workspace(tmp_path / "w", articles=articles), bring_engines(tmp_path / "plugins"))
    done = ended(keyboard.start("run", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))))
    kept = len(_kept(keyboard.folder))
    assert "damaged" not in done.sentence() and str(keyboard.folder) in done.sentence()
    again = keyboard("run", "--json").json()

    assert again["drafted"] + again["unchanged"] == 2_000 and not again["failed"]
    assert again["engines"].get(ENGINE, {"drafts": 0})["drafts"] == 2_000 - kept
    assert keyboard("ledger", "verify").code == 0


def both_ways(there: StandIn, heard: Heard) -> tuple[int, Any]:
    """Into Esperanto each word gets an o; back into English it loses it again."""
    back = heard.body["target"] == "en"
    there.make = (lambda text: text.replace("o ", " ").replace("o.", ".")) if back else translated
    return libretranslate(there, heard)


def sent_back(service: StandIn) -> list[str]:
    """Every text that the service was to translate back."""
    return [text for heard in service.heard if heard.body["target"] == "en" for text in heard.body["q"]]


def _back(folder: Path) -> list[str]:
    """The back-translations in the store, by the hash of the draft."""
    with sqlite3.connect(f"file:{folder / '.signoff' / 'store.sqlite'}?mode=ro", uri=True) as store:
        return [row[0] for row in store.execute("SELECT target_hash FROM back_translation")]


@pytest.mark.parametrize(("how", "drafts_first"), [("kill -9", True), ("Ctrl-C", False)])
def test_what_was_translated_back_is_not_paid_again_whatever_ends_the_run(
    tmp_path: Path, how: str, drafts_first: bool
) -> None:
    """Half of it is answered: the run ends at once; the next sends the rest and writes what an undisturbed would."""
    waits = True

    def half(there: StandIn, heard: Heard) -> tuple[int, Any]:
        if waits and len(sent_back(there)) > 50:
            there.over.wait(600)
        return both_ways(there, heard)

    with served(StandIn(half)) as there, served(StandIn(both_ways)) as other:
        keyboard, undisturbed = (online(tmp_path / name, one, "in_flight = 1\n") for name, one in
                                 (("w", there), ("undisturbed", other)))  # fmt: skip
        if drafts_first:
            assert keyboard("run", environment=ENVIRONMENT).code == 0
        running = keyboard.start("run", "--back-translate", environment=ENVIRONMENT)
        store = keyboard.folder / ".signoff" / "store.sqlite"
        wait_until(lambda: store.exists() and len(sent_back(there)) > 50 and len(_back(keyboard.folder)) == 50, running)
        running.kill() if how == "kill -9" else interrupt(running)
        done = ended(running)
        assert done.code == -signal.SIGKILL or (done.code, done.err.strip()) == (2, STOPPED)
        first, waits = sent_back(there)[:50], False
        there.over.set()
        there.heard.clear()
        again = keyboard("run", "--back-translate", "--json", environment=ENVIRONMENT)

        assert (again.code, again.json()["by_locale"]["eo"]["back_translated"]) == (0, 50), again
        assert sorted(sent_back(there)) == sorted({translated(line) for line in LINES} - set(first))
        assert len(there.heard) == 2, "no draft was asked for again"
        assert len(_back(keyboard.folder)) == len(set(_back(keyboard.folder))) == 100
        assert undisturbed("run", "--back-translate", environment=ENVIRONMENT).code == 0
        ours, theirs = ((one.folder / "locales/eo/leaflet.po").read_text() for one in (keyboard, undisturbed))
        assert ours.replace(there.url, other.url) == theirs
        assert keyboard("ledger", "verify").code == 0


def test_ctrl_c_does_not_wait_for_a_service(tmp_path: Path) -> None:
    """While it asks for minutes of patience: the run ends at once, and goes on the next time."""
    with served(StandIn(libretranslate)) as there:
        there.script.extend([status(429, {"Retry-After": "250"})] * 2)
        more = f'[engine.libretranslate]\nurl = "{there.url}"\n'
        folder = make_workspace(
            tmp_path / "w", articles=LEAFLET, locales=("eo",), engines=("libretranslate",), more=more
        )
        keyboard = Keyboard(folder, bring_engines(tmp_path / "plugins"))
        environment = {"SIGNOFF_LIBRETRANSLATE_KEY": KEY}
        running = keyboard.start("run", environment=environment)
        for _ in range(300):
            if there.heard or running.poll() is not None:
                break
            time.sleep(0.1)
        interrupt(running)
        assert running.communicate(timeout=60) is not None and running.returncode != 0
        there.script.clear()
        again = keyboard("run", "--json", environment=environment)
        assert (again.code, again.json()["drafted"]) == (0, 100)


def test_the_report_names_what_left_and_what_it_cost(tmp_path: Path) -> None:
    """The command's words, its JSON and its page: budget, cost, personal data; exit code 1 when the budget ended."""
    with served(StandIn(libretranslate)) as there:
        more = f'[engine.libretranslate]\nurl = "{there.url}"\nprice_per_million_characters = 1_000_000\n'
        folder = make_workspace(
            tmp_path / "w", articles=LEAFLET, locales=("eo",), engines=("libretranslate",), more=more
        )
        keyboard = Keyboard(folder, bring_engines(tmp_path / "plugins"))
        typed = keyboard("run", "--json", "--budget", "400", environment={"SIGNOFF_LIBRETRANSLATE_KEY": KEY})
        report = typed.json()
        assert typed.code == 1 and report["drafted"] + report["over_budget"] == 100
        assert report["cost"] == report["characters"] == report["engines"]["libretranslate"]["characters"] <= 400
        assert "the budget is used up" in typed.err and "cost, by the prices in signoff.toml" in typed.err
        page = (folder / ".signoff" / "logs" / "run.html").read_text()
        assert "left, because the budget was used up" in page and "cost" in page


def _kept(folder: Path) -> list[str]:
    """The drafts in the store's cache; none while there is no store."""
    for path in (folder / ".signoff").glob("*"):
        if path.is_file() and path.read_bytes()[:6] == b"SQLite":
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
                try:
                    return [row[0] for row in store.execute("SELECT target FROM cached_draft")]
                except sqlite3.Error:
                    return []
    return []
