"""XLIFF 2.1: what goes out comes back, other people's tools can read it, and what they add is understood."""

from typing import Any

import pytest
from hand_off import ENGLISH, as_returned, files
from hypothesis import given, settings
from hypothesis import strategies as st
from translate.storage.xliff2 import Xliff2File

from pipeline.errors import HandOffError
from pipeline.model import Locale
from pipeline.po import PoEntry, PoFile
from review.formats import read_returned
from review.formats.xliff import read_xliff, write_xliff

FILE = PoFile(
    article="first",
    target_locale=Locale.parse("pt-BR"),
    export_id="0123456789abcdef",
    entries=(
        PoEntry(
            id="first:0001:0123abcd",
            source="Take <b1>one</b1> of <x2/> & rest.",
            target="Tome <b1>um</b1> de <x2/> e descanse.",
            fuzzy=True,
            notes=("paragraph › Rest",),
        ),
        PoEntry(id="first:0002:0123abcd", source="Walk.", target="Ande.", translator_comments=("ok",)),
        PoEntry(id="first:0003:0123abcd", source="Sleep."),
    ),
)
DATA = write_xliff(FILE, ENGLISH)
_ANY = st.text(st.characters(codec="utf-8", exclude_characters="\x00\x04"), max_size=40)


def toolkit(data: bytes) -> Any:
    """The file as the Translate Toolkit reads it."""
    return Xliff2File.parsestring(data)  # type: ignore[no-untyped-call]


@settings(deadline=None, max_examples=100)
@given(file=files(verdicts=False))
def test_reading_undoes_writing(file: PoFile) -> None:
    """Ids, English, texts, states and comments; and the same units give the same bytes."""
    data = write_xliff(file, ENGLISH)
    assert read_returned(data, "a.xlf") == as_returned(file)
    assert write_xliff(file, ENGLISH) == data


@settings(deadline=None, max_examples=200)
@given(text=st.one_of(_ANY, st.text(st.sampled_from("<>/bx12 &\r\n\t"), max_size=40)).filter(bool))
def test_any_text_comes_back(text: str) -> None:
    """Control characters, halves of tags, tags that cross: everything that a PO file can carry."""
    file = PoFile(target_locale=Locale.parse("es"), entries=(PoEntry(id="a", source=text, target=text),))
    assert read_xliff(write_xliff(file, ENGLISH), "a.xlf") == file


def test_the_translate_toolkit_reads_what_we_write() -> None:
    """Languages, texts, and which of them nobody has read."""
    read = toolkit(DATA)
    assert (read.getsourcelanguage(), read.gettargetlanguage()) == ("en", "pt-BR")
    units = [unit for unit in read.units if not unit.isheader()]
    assert [unit.source for unit in units][1:] == ["Walk.", "Sleep."]
    assert [unit.target for unit in units][1:] == ["Ande.", None]
    assert next(unit.isfuzzy() for unit in units)


def test_what_the_translate_toolkit_saves_is_taken() -> None:
    """It changes a text and its state, adds a note, and writes the file anew."""
    read = toolkit(DATA)
    unit = read.units[1]
    unit.target = "Caminhe."
    unit.addnote("? devagar")
    back = read_xliff(bytes(read), "a.xlf")
    assert back.entries[1].target == "Caminhe."
    assert "? devagar" in back.entries[1].translator_comments
    assert back.entries[0] == as_returned(FILE).entries[0]


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('version="2.1"', 'version="1.2"', ":2: is no XLIFF 2"),
        ("signoff {", "{", "has lost the note"),
        ('trgLang="pt-BR"', 'trgLang="es"', "says es, its export was pt-BR"),
        ('<ph id="x2"/>', '<ph id="new thing"/>', ":10: holds an inline element 'new thing'"),
        ('<ph id="x2"/>', "<foo/>", ":10: holds an element <foo>"),
        ('<source xml:space="preserve">Walk.</source>', "", "the source is empty"),
        ("</unit>", "", "is broken XML"),
        ("<xliff", '<!DOCTYPE x [<!ENTITY a "b">]><xliff', "holds a DTD or an entity"),
        ("first:0003", "first:0002", ""),
    ],
)
def test_a_file_that_could_be_misread_is_refused_with_its_line(before: str, after: str, why: str) -> None:
    """Nothing of it is taken; another id is another unit, and no matter of the form."""
    changed = DATA.decode().replace(before, after, 1)
    assert changed != DATA.decode()
    if not why:
        assert read_xliff(changed.encode(), "a.xlf").entries[2].id == "first:0002:0123abcd"
        return
    with pytest.raises(HandOffError, match=why):
        read_xliff(changed.encode(), "a.xlf")


def test_a_unit_that_a_tool_cut_in_two_is_one_text() -> None:
    """And it is not read as long as one of its parts is not."""
    cut = DATA.decode().replace(
        '<segment state="translated">\n    <source xml:space="preserve">Walk.</source>',
        '<segment state="initial"><source>W</source><target>X</target></segment><segment state="final">'
        "<source>alk.</source>",
    )
    entry = read_xliff(cut.encode(), "a.xlf").entries[1]
    assert (entry.source, entry.target, entry.fuzzy) == ("Walk.", "XAnde.", True)
