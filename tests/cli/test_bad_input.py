"""What goes wrong outside of Signoff: one clear sentence, exit code 2, nothing lost, nothing half done."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from workspaces import accept, edit_po, files_below

import pipeline.watched
from cli.command_line import PAIN, SLEEP, Keyboard, Typed, ended, interrupt, workspace
from pipeline.store import Store

TypeHere = Callable[..., Typed]
PO = Path("locales/es/pain.po")


def leftovers(folder: Path) -> list[str]:
    """Temporary files and folders that should not be there."""
    beside = (".tmp", ".new", ".old")
    return [str(path) for path in folder.rglob("*") if path.name.startswith(".") and path.suffix in beside]


# -- articles ----------------------------------------------------------------------------------------------------------

BAD_ARTICLES = {
    "empty": (b"", "empty"),
    "only blanks": (b" \n\t\n", "empty"),
    "only a byte order mark": (b"\xef\xbb\xbf\n", "empty"),
    "binary": (b"# A picture\n\x89PNG\x00\x01", "bad.md:2"),
    "a control character": (b"# Bell\n\nOne\x07two.\n", "bad.md:3"),
    "Latin-1": ("# Sueño\n\nUna sesión.\n".encode("latin-1"), "UTF-8"),
    "UTF-16": ("# Sleep\n\nSleep well.\n".encode("utf-16"), "UTF-8"),
    "huge": (b"# Long\n\n" + b"Sleep is good for you. " * 450_000, "10,000,000"),
    "nested beyond reason": (b">" * 100_000 + b" deep\n", "bad.md"),
}


@pytest.mark.parametrize("what", BAD_ARTICLES)
def test_an_article_that_is_no_text_is_named_and_the_others_are_drafted(keyboard: Keyboard, what: str) -> None:
    """`run` names file and reason in one line, drafts every other article, and exits 2."""
    data, reason = BAD_ARTICLES[what]
    bad = keyboard.folder / "source_content" / "bad.md"
    bad.write_bytes(data)

    done = keyboard("run")

    assert done.code == 2
    assert done.err.count("\n") == 1
    assert done.err.startswith("not read: bad.md")
    assert reason in done.err
    assert (keyboard.folder / PO).is_file()
    assert bad.read_bytes() == data
    assert len(done.err) < 300


@pytest.mark.parametrize("what", ["a folder", "a link to nowhere", "a link out of the folder"])
def test_an_article_that_is_no_file_of_its_own_is_named(keyboard: Keyboard, what: str) -> None:
    """A folder or a link that is called like an article is named; what it points to is not read."""
    bad = keyboard.folder / "source_content" / "bad.md"
    if what == "a folder":
        bad.mkdir()
    else:
        bad.symlink_to("/etc/hostname" if "out" in what else "nowhere.md")

    done = keyboard("run")

    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "bad.md: " in done.err
    assert (keyboard.folder / PO).is_file()


def test_status_shows_the_others_and_publish_keeps_the_last_release_while_an_article_cannot_be_read(
    keyboard: Keyboard,
) -> None:
    """The board shows what it can; the article's pages stay as they were released until it can be read."""
    assert keyboard("run").code == 0
    assert keyboard("publish").code == 0
    site = files_below(keyboard.folder / "site")
    (keyboard.folder / "source_content" / "pain.md").write_bytes(b"\xff")

    board, built = keyboard("status", "--json"), keyboard("publish")

    assert board.code == 2
    assert [row["slug"] for row in board.lines()] == ["sleep"]
    assert board.err.count("\n") == 1
    assert built.code == 0
    assert "pain.md" in built.out
    assert files_below(keyboard.folder / "site") == site


def test_without_articles_there_is_nothing_to_do_and_that_is_said(tmp_path: Path, plugins: Path) -> None:
    """An empty or a missing source_content/ is said in words."""
    keyboard = Keyboard(workspace(tmp_path / "w", {}), plugins)

    assert "there is no article in" in keyboard("run").out
    (keyboard.folder / "source_content").rmdir()
    assert "no such folder" in keyboard("run").sentence()


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["two words.md", "[red]x[/red].md", ":pill: 'quoted'.md", "niño.md", "50%.md", "a?b#c.md", "-n.md"]
)
def test_odd_names_go_the_whole_way(tmp_path: Path, plugins: Path, name: str) -> None:
    """Blanks, brackets, quotes and letters of other languages in a file name are just letters, also on the screen."""
    keyboard = Keyboard(workspace(tmp_path / "w", {name: PAIN}), plugins)
    slug = name.removesuffix(".md")

    assert keyboard("run").code == 0
    assert slug in keyboard("status").out
    built = keyboard("publish")
    assert built.code == 0, built
    assert f"held: {slug} in es" in built.out
    assert keyboard("verify").code == 0


def test_the_import_line_for_an_edited_file_can_be_typed_as_it_stands(tmp_path: Path, plugins: Path) -> None:
    """Quoted for the shell, and from the folder in which somebody types."""
    keyboard = Keyboard(workspace(tmp_path / "w", {"two words.md": PAIN}), plugins)
    keyboard("run")
    po = keyboard.folder / "locales" / "es" / "two words.po"
    po.write_bytes(po.read_bytes() + b"\n# mine\n")

    done = keyboard.below("notes", "today")("run")

    line = next(line for line in done.out.splitlines() if "take it back" in line)
    assert done.code == 1
    assert "signoff import '../../locales/es/two words.po' --reviewer ID --attest edited" in line


@pytest.mark.parametrize("name", [b"bad\xff.md", b"new\nline.md", b"\x1b[31mred.md"])
def test_a_name_that_cannot_be_an_address_is_said_without_its_control_characters(
    keyboard: Keyboard, name: bytes
) -> None:
    """One sentence, in which the odd bytes are written out and never reach the terminal."""
    path = os.fsencode(keyboard.folder / "source_content") + b"/" + name
    Path(os.fsdecode(path)).write_bytes(SLEEP)

    sentence = keyboard("run").sentence()

    assert "rename" in sentence
    assert sentence.isprintable()


def test_a_name_too_long_for_a_po_file_stops_nobody_else(keyboard: Keyboard) -> None:
    """A name of 250 letters, legal for the article, is refused before anything is written for it."""
    long = "x" * 250
    (keyboard.folder / "source_content" / f"{long}.md").write_bytes(SLEEP)

    done = keyboard("run")

    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "too long" in done.err
    assert (keyboard.folder / PO).is_file()
    assert (keyboard.folder / "locales/es/sleep.po").is_file()


# -- locales and settings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tags", ["xx", "fr", "", "es,,nope", "es;rm", "../es"])
def test_an_unknown_locale_is_refused_before_anything_is_written(keyboard: Keyboard, tags: str) -> None:
    """A tag that is no language, and one that the workspace does not name."""
    for command in ("run", "status", "publish"):
        before = files_below(keyboard.folder)
        assert "locale" in keyboard(command, "--to", tags).sentence()
        assert files_below(keyboard.folder) == before


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (b'[site\nname = "x"\n', "signoff.toml:1"),
        (b'suorce = 1\n[site]\nname = "x"\nbase_url = "https://a.example/"\n', "signoff.toml:1: unknown key 'suorce'"),
        (b'[site]\nname = "x"\nbase_url = "nowhere"\n', "base_url"),
        (b'[site]\nname = "x"\nbase_url = "https://a.example/"\n[[target]]\nlocale = "xx"\n', "signoff.toml:5"),
        (b'[site]\nname = "x"\nbase_url = "https://a.example/"\ntarget = "es"\n', "target"),
        ('[site]\nname = "ñ"\n'.encode("latin-1"), "signoff.toml:2"),
        (b"x = " + b"[" * 100_000, "signoff.toml"),
        (b"", "site"),
    ],
)
def test_a_broken_signoff_toml_is_named_with_its_line(keyboard: Keyboard, toml: bytes, says: str) -> None:
    """Every command says the same sentence and touches nothing."""
    (keyboard.folder / "signoff.toml").write_bytes(toml)
    before = files_below(keyboard.folder)
    for command in ("run", "status", "publish", "verify", "doctor"):
        assert says in keyboard(command).sentence()
    assert files_below(keyboard.folder) == before


def test_a_byte_order_mark_before_signoff_toml_does_no_harm(keyboard: Keyboard) -> None:
    """Some editors write one."""
    path = keyboard.folder / "signoff.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert keyboard("run").code == 0


def test_a_workspace_that_is_not_there_is_named(keyboard: Keyboard, tmp_path: Path) -> None:
    """`--workspace` at a missing folder, at a folder without signoff.toml, and nothing at all above this folder."""
    (tmp_path / "bare").mkdir()
    assert "no such folder" in keyboard("status", "--workspace", "nowhere").sentence()
    assert "signoff init" in keyboard("status", "--workspace", str(tmp_path / "bare")).sentence()
    assert "signoff init" in Keyboard(tmp_path / "bare", keyboard.plugins)("status").sentence()


def test_what_is_typed_wrong_is_said_in_one_line_with_the_way_to_the_help(keyboard: Keyboard) -> None:
    """No usage block: the mistake, and where the help is."""
    assert keyboard("rnu").sentence().endswith("see signoff --help")
    assert keyboard("run", "--locale", "es").sentence().endswith("see signoff run --help")
    assert keyboard("import").sentence().endswith("see signoff import --help")
    assert "no-such.po" in keyboard("import", "no-such.po", "--reviewer", "ana").sentence()
    for command in ("run", "triage"):
        assert "no such article" in keyboard(command, "no-such").sentence()


# -- engines -----------------------------------------------------------------------------------------------------------


def with_engines(folder: Path, engines: tuple[str, ...], more: str = "") -> Path:
    """A workspace with these engines."""
    return workspace(folder, engines=engines, more=more)


def test_an_engine_that_dies_in_the_middle_loses_nothing(tmp_path: Path, plugins: Path) -> None:
    """What was finished before stays; the next run, with the engine alive again, completes the rest."""
    folder = with_engines(tmp_path / "w", ("stand-in",), '[engine.stand-in]\nbreaks_after = "6"')
    keyboard = Keyboard(folder, plugins)

    assert "told to break" in keyboard("run", "--workers", "1").sentence()
    done = files_below(folder / "locales")
    (first,) = done
    (other,) = {"es/pain.po", "es/sleep.po"} - {first}

    toml = (folder / "signoff.toml").read_text()
    (folder / "signoff.toml").write_text(toml.split("[engine.stand-in]")[0])
    again = keyboard("run", "--json")
    assert again.code == 0
    assert again.json()["written"] == [f"locales/{other}"]
    assert files_below(folder / "locales")[first] == done[first]
    assert "told" not in keyboard("status").out


def test_where_one_engine_dies_the_next_one_of_the_list_does_its_work(tmp_path: Path, plugins: Path) -> None:
    """The run is done, exit 0, and a line on stderr names the engine that broke."""
    folder = with_engines(tmp_path / "w", ("stand-in", "second"), '[engine.stand-in]\nbreaks_after = "6"')

    done = Keyboard(folder, plugins)("run", "--json", "--workers", "1")

    assert done.code == 0
    assert done.json()["failed"] == []
    assert [("told to break" in sentence, "es" in sentence) for sentence in done.json()["broken"]] == [(True, True)]
    assert "told to break" in done.err
    files = [path.read_bytes() for path in folder.glob("locales/es/*.po")]
    drafted_by = {name for name in (b"stand-in 1", b"second 1") for file in files if name in file}
    assert drafted_by == {b"stand-in 1", b"second 1"}  # which article came first is nobody's promise


@pytest.mark.parametrize("answer", ["too few", "too many", "nothing", "exit", "raises", "numbers"])
def test_an_engine_that_cannot_count_or_breaks_is_not_believed(tmp_path: Path, plugins: Path, answer: str) -> None:
    """Its whole answer is dropped, for nobody can tell which text is which; the sentence quotes no article."""
    folder = with_engines(tmp_path / "w", ("garbage",), f'[engine.garbage]\nanswer = "{answer}"')

    sentence = Keyboard(folder, plugins)("run").sentence()

    assert "'garbage'" in sentence
    assert "secret" not in sentence
    assert not (folder / "locales").exists()


@pytest.mark.parametrize("answer", ["strings", "empty", "controls", "source", "loop"])
def test_drafts_that_are_no_drafts_are_left_out_with_the_reason(tmp_path: Path, plugins: Path, answer: str) -> None:
    """The PO file is written with empty texts, the run names how many and why; a second engine fills them."""
    more = f'[engine.garbage]\nanswer = "{answer}"'
    folder = with_engines(tmp_path / "w", ("garbage",), more)
    keyboard = Keyboard(folder, plugins)

    done = keyboard("run", "pain", "--json")

    assert done.code == (1 if answer == "strings" else 0)  # what is no draft at all is asked for again
    assert len(done.json()["failed"]) >= 3
    assert all(failed["reason"] and failed["locale"] == "es" for failed in done.json()["failed"])
    assert "no draft: " in done.err
    assert "\x1b" not in done.err

    with_engines(folder, ("garbage", "second"), more)
    again = keyboard("run", "pain", "--json").json()
    assert again["failed"] == []
    assert again["written"] == [str(PO)]
    assert b"second 1" in (folder / PO).read_bytes()


def test_a_service_that_was_down_is_seen_in_the_exit_code(tmp_path: Path, plugins: Path) -> None:
    """Not for the sentences that an engine cannot draft at all: a script would run for ever."""
    folder = with_engines(tmp_path / "w", ("garbage",), '[engine.garbage]\nanswer = "busy"')
    done = Keyboard(folder, plugins)("run", "pain", "--json")
    assert done.code == 1
    assert ("the service is down", False) in [(one["reason"], one["final"]) for one in done.json()["failed"]]
    assert (folder / PO).exists()


def test_an_engine_that_hangs_is_given_up_at_its_deadline(
    tmp_path: Path, type_here: TypeHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence and exit 2; with a second engine in the list, that one drafts."""
    monkeypatch.setattr(pipeline.watched, "START_S", 0.2)
    monkeypatch.setattr(pipeline.watched, "TEXT_S", 0.01)
    folder = with_engines(tmp_path / "w", ("hangs",))

    assert "'hangs' did not answer within" in type_here(folder, "run").sentence()
    with_engines(folder, ("hangs", "second"))
    done = type_here(folder, "run", "--json")
    assert done.code == 0
    assert done.json()["failed"] == []
    assert "did not answer" in done.err


def test_an_engine_that_is_not_there_is_named_with_those_that_are(tmp_path: Path, plugins: Path) -> None:
    """A misspelt engine."""
    folder = with_engines(tmp_path / "w", ("apertuim",))
    assert "no engine 'apertuim'" in Keyboard(folder, plugins)("run").sentence()
    assert "no engine 'apertuim'" in Keyboard(folder, plugins)("doctor").out


def test_a_locale_without_engines_gets_empty_po_files(tmp_path: Path, plugins: Path) -> None:
    """`engines = []`: people translate from the start."""
    folder = with_engines(tmp_path / "w", ())
    done = Keyboard(folder, plugins)("run")
    assert done.code == 0
    assert "a person translates it" in done.out
    assert (folder / PO).is_file()


# -- the system --------------------------------------------------------------------------------------------------------


class Disk:
    """Makes the n-th opening for writing, or syncing, of a file below a folder fail, whoever opens it."""

    def __init__(self) -> None:
        self.left: int | None = None
        """How many writes still succeed; None for all."""
        self.number, self.below, self.only = errno.ENOSPC, "", ""
        self.fsync = os.fsync
        sys.addaudithook(self._opened)  # hears of every open() and os.open(), and cannot be taken away

    def fail(self, number: int, below: Path, *, after: int = 0, only: str = "") -> None:
        """From the write after so many on, fail with this error number; only for paths that contain `only`."""
        self.number, self.below, self.only, self.left = number, f"{below}/", only, after

    def _opened(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.left is not None and event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR):
            self._before(str(arguments[0]))

    def synced(self, descriptor: int) -> None:
        """Instead of os.fsync."""
        self._before(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        self.fsync(descriptor)

    def _before(self, path: str) -> None:
        if self.left is None or not path.startswith(self.below) or self.only not in path or path.endswith(".lock"):
            return
        if self.left == 0:
            raise OSError(self.number, os.strerror(self.number), path)
        self.left -= 1


DISK = Disk()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """The disk, sound until the test says otherwise."""
    monkeypatch.setattr(os, "fsync", DISK.synced)
    yield DISK
    DISK.left = None


def returned(folder: Path) -> Path:
    """A PO file as a reviewer sends it back."""
    return edit_po(folder / PO, accept, folder.parent / "returned.po")


@pytest.fixture
def drafted(tmp_path: Path, type_here: TypeHere) -> Path:
    """A workspace after its first run."""
    folder = workspace(tmp_path / "drafted")
    assert type_here(folder, "run").code == 0
    return folder


COMMANDS: dict[str, Callable[[Path], tuple[str, ...]]] = {
    "run": lambda folder: ("run",),
    "import": lambda folder: ("import", str(returned(folder)), "--reviewer", "demo-linguist", "--attest", "all"),
    "publish": lambda folder: ("publish",),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_disk_that_is_full_at_any_write_loses_nothing(
    tmp_path: Path, drafted: Path, type_here: TypeHere, disk: Disk, command: str
) -> None:
    """Whichever write fails: one sentence, no torn or temporary file, and the same command completes the work."""
    for number in range(100):
        folder = tmp_path / f"{command}-{number}"
        if command == "run":
            workspace(folder)
        else:
            shutil.copytree(drafted, folder)
        words = COMMANDS[command](folder)
        disk.fail(errno.ENOSPC, folder, after=number)
        done = type_here(folder, *words)
        disk.left = None
        if done.code != 2:
            break
        assert "the disk is full" in done.sentence()
        assert not [name for name in leftovers(folder) if not name.endswith("/.site.new")], number
        again = type_here(folder, *words)
        assert again.code in (0, 1), again
        assert not leftovers(folder)
        assert type_here(folder, "ledger", "verify").code == 0
    assert number > 2
    assert done.code in (0, 1)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("run", "locales"),
        ("run", "ledger"),
        ("run", ".signoff"),
        ("import", ".signoff/returned"),
        ("import", "ledger"),
        ("publish", "site"),
    ],
)
def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path,
    drafted: Path,
    type_here: TypeHere,
    disk: Disk,
    command: str,
    place: str,
    number: int,
) -> None:
    """One sentence with the path; once the folder may be written, the same command does the work."""
    folder = tmp_path / "w"
    shutil.copytree(drafted, folder)
    if command == "run":
        (folder / "source_content/new.md").write_bytes(b"# New\n\nThis is new.\n")
    words = COMMANDS[command](folder)
    disk.fail(number, folder, only=f"/{place}/" if place != "site" else "/.site.new/")

    sentence = type_here(folder, *words).sentence()

    disk.left = None
    assert str(folder) in sentence
    assert os.strerror(number).lower() in sentence
    assert type_here(folder, *words).code in (0, 1)
    assert not leftovers(folder)


@pytest.mark.parametrize(
    ("pragma", "says"),
    [
        ("query_only = ON", "cannot be written"),
        ("max_page_count = 1", "the disk is full"),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_store_that_cannot_grow_or_be_written_is_named(
    drafted: Path, type_here: TypeHere, monkeypatch: pytest.MonkeyPatch, command: str, pragma: str, says: str
) -> None:
    """SQLite's own refusals, as one sentence; nothing of the act is kept, and the same command does it later."""
    (drafted / "source_content/new.md").write_bytes(b"# New\n\n" + b"This is quite new. " * 2_000)
    words = COMMANDS[command](drafted)
    real = Store._configure

    def configure(store: Store, connection: Any, record: object) -> None:
        real(store, connection, record)
        connection.execute(f"PRAGMA {pragma}")

    ledger = files_below(drafted / "ledger", without=["revisions"])
    with monkeypatch.context() as patch:
        patch.setattr(Store, "_configure", configure)
        assert says in type_here(drafted, *words).sentence()
    assert files_below(drafted / "ledger", without=["revisions"]) == ledger
    assert type_here(drafted, *words).code in (0, 1)


def test_a_full_disk_behind_stdout_is_said(keyboard: Keyboard) -> None:
    """`signoff status --json > /dev/full`."""
    keyboard("run")
    with Path("/dev/full").open("wb") as full:
        done = ended(keyboard.start("status", "--json", stdout=full))
    assert "the disk is full" in done.sentence()


# -- the store ---------------------------------------------------------------------------------------------------------


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def zero_a_page(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + bytes(4096 * 20) + data[4096 * 21 :])


def overwrite(path: Path) -> None:
    path.write_bytes(b"This is no database at all.\n" * 1000)


@pytest.mark.parametrize("damage", [truncate, zero_a_page, overwrite])
def test_a_damaged_store_says_what_to_do_and_that_works(keyboard: Keyboard, damage: Callable[[Path], None]) -> None:
    """Moved away as the sentence says, the store is rebuilt from ledger/ and the board is as it was."""
    keyboard("run")
    keyboard("import", str(returned(keyboard.folder)), "--reviewer", "demo-linguist", "--attest", "all")
    keyboard("run")
    board = keyboard("status", "--json").out
    store = keyboard.folder / ".signoff/store.sqlite"
    damage(store)
    ledger = files_below(keyboard.folder / "ledger")

    for command in ("status", "run", "publish"):
        sentence = keyboard(command).sentence()
        assert "move it away" in sentence
        assert "ledger/" in sentence
    assert files_below(keyboard.folder / "ledger") == ledger

    store.rename(keyboard.folder / ".signoff/damaged.sqlite")
    assert keyboard("status", "--json").out == board
    assert keyboard("ledger", "verify").code == 0
    assert keyboard("run", "--json").json()["written"] == []


def test_a_store_without_its_write_ahead_log_takes_what_it_misses_from_the_ledger(
    keyboard: Keyboard, tmp_path: Path
) -> None:
    """A copy of store.sqlite alone, taken while somebody worked, lacks the newest acts: ledger/ has them."""
    keyboard("run", "pain")
    watching = sqlite3.connect(keyboard.folder / ".signoff/store.sqlite")
    watching.execute("SELECT count(*) FROM event").fetchone()
    keyboard("run")
    board = keyboard("status", "--json").out
    copy = tmp_path / "copy"
    shutil.copytree(keyboard.folder, copy, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
    watching.close()

    there = Keyboard(copy, keyboard.plugins)
    assert there("status", "--json").out == board
    assert there("ledger", "verify").code == 0


@pytest.mark.parametrize(
    "name",
    [
        *("locales", "ledger", ".signoff", "source_content", "locales/es", "source_content/more", "ledger/x.jsonl"),
        *("theme", "theme/site.css"),
    ],
)
def test_no_link_leads_out_of_the_workspace(keyboard: Keyboard, tmp_path: Path, name: str) -> None:
    """A clone could bring it; nothing is written through it, nothing is read, and it is named."""
    keyboard("run", "pain")
    link, real = keyboard.folder / name, tmp_path / "elsewhere"
    if link.exists():
        link.rename(real)
    elif link.suffix:
        link.parent.mkdir(exist_ok=True)
        real.write_bytes(b"")
    else:
        real.mkdir()
    link.symlink_to(real)
    before = files_below(tmp_path)

    for words in (("run",), ("status",), ("publish",), ("doctor",), ("ledger", "verify")):
        sentence = keyboard(*words).sentence()
        assert sentence.startswith(f"{link}: is a link"), sentence
    assert files_below(tmp_path) == before


# -- two at once, and stopped ------------------------------------------------------------------------------------------


@pytest.fixture
def slow(tmp_path: Path, plugins: Path) -> tuple[Keyboard, Path, Path]:
    """A workspace whose engine starts (first file) and goes on when the test says so (second file)."""
    started, go = tmp_path / "started", tmp_path / "go"
    go.touch()
    more = f'[engine.waits]\nstarted = "{started}"\ngo = "{go}"'
    keyboard = Keyboard(with_engines(tmp_path / "w", ("waits",), more), plugins)
    assert keyboard("run", "pain").code == 0
    go.unlink()
    started.unlink()
    return keyboard, started, go


def wait_for(path: Path, running: "subprocess.Popen[bytes]") -> None:
    """Until a file is there."""
    for _ in range(3_000):
        if path.exists():
            return
        assert running.poll() is None, running.communicate()
        time.sleep(0.02)
    raise AssertionError(f"{path} never came")


def wait_for_words(words: str, path: Path, running: "subprocess.Popen[bytes]") -> None:
    """Until a file has them."""
    for _ in range(3_000):
        if words in path.read_text():
            return
        assert running.poll() is None, path.read_text()
        time.sleep(0.02)
    raise AssertionError(f"{path} never said {words}")


def test_a_second_run_takes_its_turn_and_an_import_goes_on(slow: tuple[Keyboard, Path, Path]) -> None:
    """The second one says that it waits, and does nothing twice. Import, status and publish wait for nobody."""
    keyboard, started, go = slow
    first = keyboard.start("run", "--json")
    wait_for(started, first)

    said = keyboard.folder.parent / "said"
    with said.open("wb") as stderr:
        second = keyboard.start("run", "--json", stderr=stderr)
    wait_for_words("another `signoff run`", said, second)
    back = returned(keyboard.folder)
    taken = keyboard("import", str(back), "--reviewer", "demo-linguist", "--attest", "all", "--json")
    assert taken.code in (0, 1)
    assert taken.json()["outcome"] == "accepted"
    assert keyboard("status").code == 0
    assert keyboard("publish").code == 0
    go.touch()
    done = ended(first)

    assert done.code == 0
    assert "locales/es/sleep.po" in done.json()["written"]
    after = ended(second)
    assert (after.code, after.json()["drafted"], after.json()["engine_calls"]) == (0, 0, 0)
    assert keyboard("ledger", "verify").code == 0
    assert keyboard("run", "--json").json()["drafted"] == 0


def test_ctrl_c_stops_with_one_sentence_and_the_next_run_goes_on(slow: tuple[Keyboard, Path, Path]) -> None:
    """Also while an engine is at work that does not answer."""
    keyboard, started, go = slow
    running = keyboard.start("run")
    wait_for(started, running)
    interrupt(running)

    done = ended(running)
    assert done.code == 2
    assert done.err.strip().startswith("signoff: stopped; what was finished is kept")
    assert done.err.strip().count("\n") == 0
    assert not leftovers(keyboard.folder)
    go.touch()
    again = keyboard("run", "--json")
    assert again.code == 0
    assert again.json()["written"] == ["locales/es/sleep.po"]


# -- an edited PO ------------------------------------------------------------------------------------------------------


def test_a_po_that_somebody_edited_in_place_is_kept_and_named(keyboard: Keyboard) -> None:
    """Exit 1, the import line to type, the bytes untouched, the other articles done; imported, run goes on."""
    keyboard("run", "pain")
    po = keyboard.folder / PO
    edit_po(po, accept, po)
    mine = po.read_bytes()

    done = keyboard("run", "--json")

    assert done.code == 1
    assert done.json()["edited"] == ["locales/es/pain.po"]
    assert done.json()["written"] == ["locales/es/sleep.po"]
    assert "signoff import locales/es/pain.po --reviewer ID --attest edited" in done.err
    assert po.read_bytes() == mine
    assert keyboard("import", str(PO), "--reviewer", "demo-linguist", "--attest", "all").code in (0, 1)
    assert keyboard("run").code == 0


# -- the terminal ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("status",), ("status", "--json"), ("ledger", "export"), ("run",), ("--help",)])
def test_a_reader_that_stops_reading_gets_no_traceback(keyboard: Keyboard, words: tuple[str, ...]) -> None:
    """`signoff … | head -1`: silence on stderr."""
    keyboard("run")
    reading, writing = os.pipe()
    os.close(reading)
    running = keyboard.start(*words, stdout=writing)
    os.close(writing)
    done = ended(running)
    assert done.err == ""
    assert done.code == 2


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}])
def test_a_terminal_that_is_not_utf_8_stops_nothing(tmp_path: Path, plugins: Path, environment: dict[str, str]) -> None:
    """Letters that it cannot show are written out; JSON is UTF-8 whatever the terminal speaks."""
    keyboard = Keyboard(workspace(tmp_path / "w", {"niño.md": "# Niño\n\nUn niño — español.\n".encode()}), plugins)
    article = "source_content/niño.md"
    for words in (("run",), ("status",), ("publish",), ("verify",), ("doctor",), ("segments", article)):
        done = keyboard(*words, environment=environment)
        assert done.code == 0, done
        assert "Traceback" not in done.err
    shown = keyboard("segments", article, "--json", environment=environment)
    assert "Niño" in [line["source"] for line in shown.lines()]


def test_nothing_that_an_article_says_reaches_the_terminal_as_a_command(tmp_path: Path, plugins: Path) -> None:
    """Control characters and bidirectional overrides of an article are written out, brackets are no markup."""
    text = "# T\n\nRed \u202egnirts\u202c and [red]x[/red] :pill: here.\n".encode()
    keyboard = Keyboard(workspace(tmp_path / "w", {"t.md": text}), plugins)

    wide = {"COLUMNS": "150"}
    for words in (("segments", "source_content/t.md"), ("segments", "source_content/t.md", "--json")):
        shown = keyboard(*words, environment=wide).out
        assert "\\u202egnirts\\u202c" in shown
        assert "[red]x[/red] :pill:" in shown
        assert "\u202e" not in shown
    assert "\u202egnirts\u202c" in keyboard("segments", "source_content/t.md", "--json").lines()[1]["source"]


def test_a_returned_file_cannot_speak_to_the_terminal(keyboard: Keyboard) -> None:
    """Neither by its name nor by what stands in it."""
    keyboard("run")
    po = (keyboard.folder / PO).read_bytes().replace(b'msgid "Rest', b'msgid "\\033]0;x\\007Rest')
    back = keyboard.folder / "\x1b[31mred.po"
    back.write_bytes(po)
    done = keyboard("import", str(back), "--reviewer", "demo-linguist", "--attest", "all")
    assert done.code in (1, 2)
    assert "\x1b" not in done.out + done.err
    assert "\\x1b[31mred.po" in done.out + done.err
