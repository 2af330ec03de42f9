"""What other people's tools make of a reviewed file on its way back, and what its import makes of that.

The tools are real: gettext, polib, Babel, Translate Toolkit. What each does stands in docs/import-and-merge.md.
"""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polib
import pytest
from babel.messages.pofile import read_po as babel_read
from babel.messages.pofile import write_po as babel_write
from conftest import MakeDesk
from hostile_returns import ARTICLE, CRITICAL
from workspaces import Desk, accept

Tool = Callable[[Path, Path, Path], None]
"""(the reviewed file, the export, where to put what comes out)"""


def _tool(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed: apt install gettext, pip install translate-toolkit")
    return found


def _type(*arguments: str | Path) -> None:
    command = [_tool(str(arguments[0])), *map(str, arguments[1:])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def gettext(*arguments: str) -> Tool:
    """A filter of gettext: reads a PO file, writes one."""
    return lambda back, sent, out: _type(*arguments, back, "-o", out)


def msgmerge(back: Path, sent: Path, out: Path) -> None:
    """Merged with the export, as a project does that keeps its catalogs up to date."""
    _type("msgmerge", "--quiet", back, sent, "-o", out)


def save_with_polib(back: Path, sent: Path, out: Path) -> None:
    """polib wraps at 78 and sorts nothing."""
    polib.pofile(str(back)).save(str(out))


def save_with_babel(back: Path, sent: Path, out: Path) -> None:
    """Babel drops every X- field of the header."""
    with back.open("rb") as file:
        catalog = babel_read(file, locale="es")
    with out.open("wb") as file:
        babel_write(file, catalog)


def csv_with_template(back: Path, sent: Path, out: Path) -> None:
    """To a spreadsheet and back into the export: flags and comments are those of the export."""
    table = out.with_suffix(".csv")
    _type("po2csv", "--progress=none", back, table)
    _type("csv2po", "--progress=none", "-t", sent, table, out)


def csv_alone(back: Path, sent: Path, out: Path) -> None:
    """To a spreadsheet and back into nothing: no header, no ids."""
    table = out.with_suffix(".csv")
    _type("po2csv", "--progress=none", back, table)
    _type("csv2po", "--progress=none", table, out)


def xliff(back: Path, sent: Path, out: Path) -> None:
    """Through Translate Toolkit's XLIFF 1.1, which has no place for an id: two equal sentences are one id then."""
    _type("po2xliff", "--progress=none", back, out.with_suffix(".xlf"))
    _type("xliff2po", "--progress=none", out.with_suffix(".xlf"), out)


ALL_SIGNED = {"signed": 7}
TOOLS: dict[str, tuple[Tool, str, dict[str, int]]] = {
    "msgcat": (gettext("msgcat"), "accepted", ALL_SIGNED),
    "msgcat, wrapped at 30": (gettext("msgcat", "-w", "30"), "accepted", ALL_SIGNED),
    "msgcat, sorted": (gettext("msgcat", "--sort-output"), "accepted", ALL_SIGNED),
    "msgcat, strict": (gettext("msgcat", "--strict"), "accepted", ALL_SIGNED),
    "msgcat, escaped": (gettext("msgcat", "--escape"), "refused", {}),
    "msgconv to UTF-8": (gettext("msgconv", "-t", "UTF-8"), "accepted", ALL_SIGNED),
    "msgattrib, without obsolete": (gettext("msgattrib", "--no-obsolete"), "accepted", ALL_SIGNED),
    "msgattrib, all marked fuzzy": (gettext("msgattrib", "--set-fuzzy"), "accepted", {"needs-work": 7}),
    "msgattrib, all set aside": (gettext("msgattrib", "--set-obsolete"), "accepted", {"absent": 7}),
    "msgmerge": (msgmerge, "accepted", ALL_SIGNED),
    "polib": (save_with_polib, "accepted", ALL_SIGNED),
    "Babel": (save_with_babel, "repaired", ALL_SIGNED),
    # The flags are those of the export again: only what differs from the draft says that somebody looked.
    "CSV and back into the export": (csv_with_template, "accepted", {}),
    "CSV and back alone": (csv_alone, "refused", {}),
    "XLIFF 1.1 and back": (xliff, "accepted", {"signed": 5, "unknown": 1, "absent": 2}),
}


def _desk(make_desk: MakeDesk, article: bytes = ARTICLE) -> Desk:
    desk = make_desk({"a.md": article})
    desk.run()
    return desk


def _review(entry: polib.POEntry) -> None:
    accept(entry)
    if ":0002:" in entry.msgctxt:
        entry.msgstr = 'Descanse: «más» o "menos".'


@pytest.mark.parametrize("name", TOOLS)
def test_a_reviewed_file_through_another_tool(name: str, make_desk: MakeDesk, tmp_path: Path) -> None:
    """What the tool kept is taken, what it lost is refused or asked for again; no text becomes another one's."""
    tool, outcome, results = TOOLS[name]
    desk = _desk(make_desk)
    sent = Path(shutil.copy(desk.po("a"), tmp_path / "sent.po"))
    back = desk.edited("a", _review)
    tool(back, sent, tmp_path / "out.po")
    report = desk.import_(tmp_path / "out.po", "demo-linguist", "all")
    assert report.outcome == outcome, report.reason
    told = Counter(entry.result.value for entry in report.entries)
    if results or outcome == "refused":
        assert told == Counter(results), report.entries
    with desk.store() as store, store.read() as transaction:
        texts = {number: now.target for number, now in transaction.current("a", "es").items()}
    if outcome != "refused" and "absent" not in results:
        assert texts[2] == 'Descanse: «más» o "menos".'
    assert desk.check().wrong == ()


def test_a_file_without_equal_sentences_survives_the_loss_of_its_ids(make_desk: MakeDesk, tmp_path: Path) -> None:
    """XLIFF 1.1 loses every id; a sentence that is there once is found by its English, and the `ok` is kept."""
    desk = _desk(make_desk, b"Rest is good.\n\nTake one tablet twice a day.\n\nWalk a little.\n")
    back = desk.edited("a", accept)
    xliff(back, back, tmp_path / "out.po")
    assert "msgctxt" not in (tmp_path / "out.po").read_text(encoding="utf-8")
    report = desk.import_(tmp_path / "out.po", "demo-linguist", "all")
    assert [entry.result.value for entry in report.entries] == ["signed"] * 3


@pytest.mark.parametrize("checker", ["msgfmt -c", "msgcat", "msgattrib", "polib", "babel"])
def test_other_readers_find_in_our_file_what_we_put_there(checker: str, make_desk: MakeDesk, tmp_path: Path) -> None:
    """gettext's tools, polib and Babel read the export without complaint, with all ids and texts."""
    desk = _desk(make_desk)
    path = desk.po("a")
    if checker == "polib":
        found = [(e.msgctxt, e.msgid, e.msgstr, e.fuzzy) for e in polib.pofile(str(path))]
    elif checker == "babel":
        with path.open("rb") as file:
            catalog = babel_read(file, locale="es")
        found = [(str(m.context), str(m.id), str(m.string), m.fuzzy) for m in catalog if m.id]
    else:
        out = tmp_path / "out"
        _type(*checker.split(), path, "-o", out)
        if checker.startswith("msgfmt"):
            return
        found = [(e.msgctxt, e.msgid, e.msgstr, e.fuzzy) for e in polib.pofile(str(out))]
    assert len(found) == 7
    assert all(ctx.startswith("a:000") and source and target and fuzzy for ctx, source, target, fuzzy in found)


def test_what_omegat_does_to_flags_signs_nothing_critical(make_desk: MakeDesk) -> None:
    """It clears `fuzzy` on texts that nobody opened: with --attest all a critical one still needs its own `ok`."""
    desk = _desk(make_desk)
    cleared = desk.root / "cleared.po"
    cleared.write_bytes(desk.po("a").read_bytes().replace(b"#, fuzzy\n", b""))
    report = desk.import_(cleared, "demo-linguist", "all")
    waiting = [entry.id for entry in report.entries if entry.result.value == "needs-verdict"]
    assert [int(id_.split(":")[1]) for id_ in waiting] == list(CRITICAL)
