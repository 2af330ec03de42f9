"""A termbase as TBX: both editions and both styles are read, ours is written, and no file can do harm."""

import json
import sys
import warnings
from pathlib import Path
from types import FrameType

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from translate.storage.tbx import tbxfile

from pipeline.errors import TermsError
from pipeline.model import Locale
from pipeline.terms import Termbase
from pipeline.terms.csv_file import MOST_BYTES
from pipeline.terms.rows import Reading, termbase_of
from pipeline.terms.tbx import NAMESPACE, read_tbx, write_tbx

from .termbases import termbases

EN, ES = Locale.parse("en"), Locale.parse("es")
GOLDEN = Path(__file__).parent.parent / "golden" / "terms"


def read(text: str | bytes) -> Reading:
    return read_tbx(text.encode() if isinstance(text, str) else text, "terms.tbx")


@settings(deadline=None)
@given(termbases())
def test_reading_undoes_writing_and_writing_is_byte_stable(termbase: Termbase) -> None:
    """Every termbase comes back from its own TBX, and is written the same again."""
    data = write_tbx(termbase)
    reading = read(data)
    again = termbase_of(reading.rows, "terms.tbx")
    assert again == termbase
    assert not reading.refused
    assert write_tbx(again) == data


@settings(deadline=None)
@given(termbases())
def test_another_tool_finds_every_term(termbase: Termbase) -> None:
    """Every XML parser finds what we wrote: as many termSec as terms, each text as it is."""
    root = fromstring(write_tbx(termbase))
    texts = [element.text for element in root.iter(f"{{{NAMESPACE}}}term")]
    assert texts == [term.text for _, term in termbase.terms()]


def test_what_translate_toolkit_reads_is_what_we_read(tmp_path: Path) -> None:
    """On a file of 2008 (all that it knows) the Translate Toolkit sees our terms, first of each language."""
    data = (GOLDEN / "tbx-2008" / "file.tbx").read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = tbxfile.parsestring(data)  # type: ignore[no-untyped-call]
    units = {(unit.source, unit.target) for unit in theirs.units}
    ours = termbase_of(read(data).rows, "file.tbx")
    firsts = {(concept.terms_for(EN)[0].text, concept.terms_for(ES)[0].text) for concept in ours.concepts}
    assert firsts == units


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_files_of_other_tools_by_example(case: str) -> None:
    """Each folder is a TBX file as tools write it, the rows in it, and what was refused or kept in notes."""
    reading = read_tbx((GOLDEN / case / "file.tbx").read_bytes(), "file.tbx")
    found = {
        "rows": [{"line": one.line, **one.values} for one in reading.rows],
        "refused": [[refused.line, refused.what, refused.reason] for refused in reading.refused],
        "kept_in_notes": list(reading.kept_in_notes),
    }
    assert found == json.loads((GOLDEN / case / "expected.json").read_text(encoding="utf-8")), json.dumps(found)


BILLION = "<!DOCTYPE tbx [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>\n<tbx>&b;</tbx>"
QUADRATIC = f"<!DOCTYPE tbx [\n<!ENTITY a '{'x' * 1000}'>]>\n<tbx>{'&a;' * 1000}</tbx>"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (BILLION, 1, "declares entities"),
        (QUADRATIC, 2, "declares entities"),
        ("<!DOCTYPE tbx [\n<!ENTITY a SYSTEM 'file:///etc/passwd'>]><tbx>&a;</tbx>", 2, "declares entities"),
        ("<!DOCTYPE tbx [\n<!ENTITY % a SYSTEM 'http://example.org/a'>%a;]><tbx/>", 2, "declares entities"),
        ("<tbx>\n" + "<p>" * 100_000, 2, "nested more than"),
        ("<tbx>\n<text>", 2, "is no XML"),
        ("<tbx>\n<text></body>", 2, "is no XML"),
        ("<tbx>\n&nbsp;</tbx>", 2, "is no XML"),
        ("<tmx></tmx>", 1, "is no TBX"),
        ("<tbx>\n<conceptEntry>\n<conceptEntry/></conceptEntry></tbx>", 3, "a concept within a concept"),
        ("<tbx>\n<termSec><term>lost</term></termSec></tbx>", 2, "stands in no concept"),
        ("<tbx><conceptEntry><termSec>\n<tig/></termSec></conceptEntry></tbx>", 2, "within another term"),
        ("", 1, "is no XML"),
        ("concept,locale,term", 1, "is no XML"),
        (b"<tbx>\n\xff</tbx>", 2, "is no XML"),
        (b"<?xml version='1.0' encoding='no-such'?><tbx/>", 1, ""),
        (b"<tbx>\x00</tbx>", 1, "is no XML"),
    ],
    ids=lambda value: value[:24].decode("ascii", "replace") if isinstance(value, bytes) else str(value)[:24],
)
def test_a_hostile_or_broken_file_is_refused_with_its_line(text: str | bytes, line: int, reason: str) -> None:
    """No entity is expanded, nothing is fetched, nothing is half read."""
    with pytest.raises(TermsError) as caught:
        read(text)
    assert caught.value.line == line
    assert reason in caught.value.reason


def test_a_dtd_that_is_only_named_is_not_fetched() -> None:
    """Tools name the DTD of 2008 in their files: it is passed over."""
    text = '<!DOCTYPE martif SYSTEM "http://example.invalid/TBXcoreStructV02.dtd"><martif><text><body/></text></martif>'
    assert read(text).rows == ()


def test_a_huge_file_is_refused_before_it_is_parsed() -> None:
    """Size is looked at first."""
    with pytest.raises(TermsError, match="at most"):
        read(b"<" * (MOST_BYTES + 1))


@pytest.mark.parametrize("piece", ["<p>x</p>", "x", "&lt;", "<!-- -->", "<conceptEntry></conceptEntry>"])
def test_reading_is_linear(piece: str) -> None:
    """Four times as much of anything takes four times the steps, also of what nobody closes."""

    def steps(count: int) -> int:
        counted = 0

        def count_call(frame: FrameType, event: str, argument: object) -> None:
            nonlocal counted
            counted += 1

        text = f"<tbx><text><body>{piece * count}</body></text></tbx>"
        sys.setprofile(count_call)
        try:
            read(text)
        finally:
            sys.setprofile(None)
        return counted

    assert steps(4000) <= 4.2 * steps(1000) + 200
