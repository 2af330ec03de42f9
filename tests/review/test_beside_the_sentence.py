"""What happened to a sentence since somebody last read it stands beside it in the next pack, in every format.

Read back with other people's readers: polib, an XML parser, openpyxl, python-docx.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as XML

import docx
import openpyxl
import polib
import pytest
from conftest import MakeDesk
from workspaces import Desk, Somebody, accept

from pipeline.errors import PackError
from pipeline.model import Locale
from pipeline.po import PoEntry
from review.acts import answer, open_questions_in
from review.formats import FORMATS
from review.merge import Result
from review.packs import read_packs
from review.sending import SendReport, send

EN, ES = Locale.parse("en"), Locale.parse("es")
PEOPLE = (
    Somebody(id="ana"),
    Somebody(id="dr-vega", roles=("medical reviewer",)),
    Somebody(id="lea", roles=("content lead",)),
)
ARTICLE = b"Rest is good for you.\n\nTake 5 mg every evening.\n\nWalk a little.\n"
EVERY_FORMAT = pytest.mark.parametrize("format_", list(FORMATS))


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk({"a.txt": ARTICLE}, demo=False, people=PEOPLE)
    desk.run()
    return desk


def sent(desk: Desk, format_: str, name: str) -> SendReport:
    """`signoff send --to es --reviewer ana --as …`."""
    with desk.store() as store:
        how = {"locale": ES, "reviewer": "ana", "by": "lea", "out": desk.root / name, "format_": format_}
        return send(desk.workspace, store, desk.judges, **how)  # type: ignore[arg-type]


def returned(desk: Desk, format_: str, pack: str, change: Callable[[PoEntry], PoEntry]) -> Path:
    """The article's file of a pack with each entry changed, in its own format."""
    format_of = FORMATS[format_]
    name = f"a.es{format_of.ending}"
    file = format_of.read((desk.root / pack / name).read_bytes(), name)
    path = desk.root / "back" / pack / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(format_of.write(replace(file, entries=tuple(map(change, file.entries))), EN))
    return path


def beside(path: Path, number: int) -> str:
    """What stands beside a sentence for its reviewer, as another program reads the file."""
    mark = f":{number:04d}:"
    match path.suffix:
        case ".po":
            entry = next(entry for entry in polib.pofile(str(path)) if mark in entry.msgctxt)
            return f"{entry.comment}\nformer English: {entry.previous_msgid}"
        case ".xlf":
            name = "{urn:oasis:names:tc:xliff:document:2.0}"
            units = XML.parse(path).iter(f"{name}unit")  # noqa: S314
            unit = next(unit for unit in units if mark in (unit.get("name") or unit.get("id") or ""))
            return "\n".join(note.text or "" for note in unit.iter(f"{name}note"))
        case ".xlsx":
            rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
            return next(str(row[-1]) for row in rows if mark in str(row[0]))
        case _:
            (table,) = docx.Document(str(path)).tables
            return next(str(row.cells[-1].text) for row in table.rows if mark in row.cells[0].text)


def asks(entry: PoEntry) -> PoEntry:
    """She asks about the first sentence, and leaves the others."""
    return replace(entry, translator_comments=("? is this for children",)) if ":0001:" in entry.id else entry


@EVERY_FORMAT
def test_question_and_answer_travel_back_with_the_next_pack(desk: Desk, format_: str) -> None:
    """Until the answer nobody is sent the sentence; then both stand beside it, in the brief and in the preview."""
    sent(desk, format_, "one")
    desk.import_(returned(desk, format_, "one", asks), "ana")
    with desk.store() as store:
        (question,) = open_questions_in(store, [ES])
    with pytest.raises(PackError, match=r"1 sentence is waiting for a content lead's answer"):
        sent(desk, format_, "none")
    desk.clock.tick()
    with desk.store() as store:
        answer(desk.workspace, store, id_=question.id, locale=ES, by="lea", text="Adults <only>.")
    report = sent(desk, format_, "two")
    assert report.pack.out == {("a", 1)}
    said = "ANSWER by lea: Adults <only>. — to the question by ana: ? is this for children"
    assert said in beside(desk.root / "two" / f"a.es{FORMATS[format_].ending}", 1)
    for page in ("brief.html", "a.es.preview.html"):
        html = (desk.root / "two" / page).read_text(encoding="utf-8")
        assert said.replace("<", "&lt;").replace(">", "&gt;") in html
    back = returned(desk, format_, "two", lambda e: replace(e, fuzzy=False, translator_comments=("ok",)))
    assert desk.import_(back, "ana", "all").count(Result.SIGNED) == 1
    assert desk.states("a")[1] == "signed-off"


@EVERY_FORMAT
def test_old_and_new_english_stand_side_by_side_with_the_difference_marked(desk: Desk, format_: str) -> None:
    """And what was signed for the old one, as a hint that no file has as its text."""
    desk.sign_all("a", "ana", "dr-vega")
    was = polib.pofile(str(desk.po("a")))[0].msgstr
    desk.write("a.txt", ARTICLE.replace(b"Rest is good", b"Rest is <not> good"))
    desk.run()
    sent(desk, format_, "pack")
    notes = beside(desk.root / "pack" / f"a.es{FORMATS[format_].ending}", 4)
    assert "former English: Rest is good for you." in notes.replace("former source", "former English")
    assert "changed: Rest is {+<not>+} good for you. — NEGATION CHANGED" in notes
    assert f"former text, signed: {was}" in notes
    for page in ("brief.html", "a.es.preview.html"):
        html = (desk.root / "pack" / page).read_text(encoding="utf-8")
        assert "changed: Rest is <ins>&lt;not&gt;</ins> good for you. — NEGATION CHANGED" in html
        assert "the English was: Rest is good for you." in html
        assert f"former text, signed: {was}" in html


def test_a_sentence_that_she_asked_about_is_out_with_her_no_more(desk: Desk) -> None:
    """It waits for somebody else; when she signs it after all, in the file that she has, that counts."""
    report = sent(desk, "po", "pack")
    path = returned(desk, "po", "pack", asks)
    desk.import_(path, "ana")
    with desk.store() as store, store.read() as transaction:
        assert read_packs(transaction)[report.pack.id].out == {("a", 2), ("a", 3)}
    po = polib.pofile(str(desk.root / "pack" / "a.es.po"), wrapwidth=0)
    for entry in po:
        accept(entry)
    po.save(str(path))
    assert desk.import_(path, "ana", "all").count(Result.SIGNED) == 3
    with desk.store() as store:
        assert open_questions_in(store, [ES]) == []
