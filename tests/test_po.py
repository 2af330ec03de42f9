"""What write_po and read_po promise, with gettext's tools, polib and babel as witnesses of what a PO file says."""

import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import polib
import pytest
from babel.messages.pofile import read_po as babel_read_po
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.errors import PoSyntaxError
from pipeline.model import Locale
from pipeline.po import (
    BYTE_ORDER_MARK,
    CRLF,
    MAX_ENTRIES,
    MAX_FILE_BYTES,
    MAX_TEXT_BYTES,
    PoContentError,
    PoEntry,
    PoFile,
    export_id,
    read_po,
    write_po,
)

GOLDEN = Path(__file__).parent / "golden" / "po"
needs_gettext = pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext's tools are not installed")
witnessed = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# ---- any PO file that can be

LOCALES = st.sampled_from([Locale.parse(tag) for tag in ("es", "pt-BR", "fr", "ca", "zh-Hant-TW", "ar", "es-419")])
UGLY = st.sampled_from(
    [
        '"',
        "\\",
        "\\n",
        "\n",
        "\t",
        "\r",
        "\v",
        "\f",
        "\a",
        "\b",
        "\x1c",
        "\x85",
        "\u2028",
        "\u2029",
        "#, fuzzy",
        'msgid "x"',
        "#~",
        "<b1>",
        "</b1>",
        "\u202e",
        "\ufeff",
        "😀",
        " ",
        "\xa0",
        "é",
    ]
)
ANY = st.text(st.characters(exclude_characters="\x00\x04", exclude_categories=["Cs"]), max_size=12)
TEXTS = st.lists(ANY | UGLY, max_size=4).map("".join)
COMMENTS = st.lists(st.text(max_size=12) | UGLY, max_size=3).map(tuple)
SLUGS = st.from_regex(r"[a-zñ0-9/_-]{1,12}", fullmatch=True)


@st.composite
def entries(draw: st.DrawFn, texts: st.SearchStrategy[str] = TEXTS) -> PoEntry:
    return PoEntry(
        id=draw(texts),
        source=draw(texts.filter(bool)),
        target=draw(texts),
        fuzzy=draw(st.booleans()),
        notes=draw(COMMENTS),
        translator_comments=draw(COMMENTS),
        previous_source=draw(texts),
    )


@st.composite
def po_files(draw: st.DrawFn, texts: st.SearchStrategy[str] = TEXTS, max_obsolete: int = 2) -> PoFile:
    written = draw(st.lists(entries(texts), max_size=4, unique_by=lambda entry: (entry.id, entry.source)))
    here = draw(st.integers(max(0, len(written) - max_obsolete), len(written)))
    return PoFile(
        article=draw(st.just("") | SLUGS),
        target_locale=draw(LOCALES),
        export_id=draw(st.sampled_from(["", "0123456789abcdef"])),
        entries=tuple(written[:here]),
        obsolete=tuple(written[here:]),
    )


# What gettext's checks (-c) and other readers allow a text to be; see the comment at each use.
SAFE = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\t"\\'), max_size=12)


# ---- law 3: reading undoes writing, and writing is byte-stable


@given(po_files())
def test_reading_undoes_writing(file: PoFile) -> None:
    """Whatever can be in a PO file comes back as it was."""
    assert read_po(write_po(file), "a.po") == file


@given(po_files())
def test_writing_is_byte_stable(file: PoFile) -> None:
    """What was written, read and written again is the same bytes: LF, no byte order mark, no date."""
    data = write_po(file)
    assert write_po(read_po(data, "a.po")) == data
    assert b"\r" not in data
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b'Date: YEAR-MO-DA HO:MI+ZONE\\n"' in data.split(b"\n\n")[0]


@given(po_files(), st.sampled_from([CRLF, BYTE_ORDER_MARK]))
def test_line_ends_and_byte_order_mark_change_no_text(file: PoFile, change: str) -> None:
    """A file that went through a Windows editor says the same, and the change is named."""
    data = write_po(file)
    data = data.replace(b"\n", b"\r\n") if change == CRLF else b"\xef\xbb\xbf" + data
    read = read_po(data, "a.po")
    assert read == file
    assert read.repaired == (change,)


@given(po_files(), st.data())
def test_a_damaged_file_is_read_or_refused_with_a_line(file: PoFile, data: st.DataObject) -> None:
    """Bytes cut out or put in never raise anything but PoSyntaxError, with a line that is in the file."""
    written = write_po(file)
    start = data.draw(st.integers(0, len(written)))
    end = data.draw(st.integers(start, min(len(written), start + 20)))
    damaged = written[:start] + data.draw(st.binary(max_size=4)) + written[end:]
    try:
        read = read_po(damaged, "a.po")
    except PoSyntaxError as error:
        assert 1 <= error.line <= damaged.count(b"\n") + 1
    else:
        assert read_po(write_po(read), "a.po") == read


@given(COMMENTS, COMMENTS)
def test_a_comment_never_becomes_anything_else(notes: tuple[str, ...], comments: tuple[str, ...]) -> None:
    """Line breaks, flags and keywords in a comment stay in the comment."""
    entry = PoEntry(id="a:0001:00000000", source="Rest.", target="Reposo.", notes=notes, translator_comments=comments)
    read = read_po(write_po(PoFile(target_locale=Locale.parse("es"), entries=(entry,))), "a.po")
    assert read.entries == (entry,)
    assert not read.entries[0].fuzzy


# ---- witnesses


def run(*command: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=data, capture_output=True, check=False)


@needs_gettext
@witnessed
@given(po_files(max_obsolete=0))
def test_msgcat_says_the_same(file: PoFile) -> None:
    """GNU msgcat, which wraps and escapes in its own way (and drops what is obsolete), gives back an equal file."""
    rewritten = run("msgcat", "--force-po", "-", data=write_po(file))
    assert rewritten.returncode == 0, rewritten.stderr
    assert read_po(rewritten.stdout, "a.po") == file


@needs_gettext
@witnessed
@given(po_files(max_obsolete=0))
def test_msgattrib_clears_fuzzy_and_nothing_else(file: PoFile) -> None:
    """`msgattrib --clear-fuzzy` gives back the same ids and texts, none of them fuzzy."""
    rewritten = run("msgattrib", "--force-po", "--clear-fuzzy", "-", data=write_po(file))
    assert rewritten.returncode == 0, rewritten.stderr
    read = read_po(rewritten.stdout, "a.po")
    assert [(e.id, e.source, e.target, e.fuzzy) for e in read.entries] == [
        (e.id, e.source, e.target, False) for e in file.entries
    ]


@needs_gettext
@witnessed
@given(po_files(texts=SAFE))
def test_msgfmt_checks_find_nothing_wrong(file: PoFile) -> None:
    """`msgfmt -c` accepts every file and names no field but the three that would be noise."""
    # msgfmt wants a line feed at an edge on both sides or none; no segment has one there, so SAFE has none
    checked = run("msgfmt", "-c", "-o", "/dev/null", "-", data=write_po(file))
    assert checked.returncode == 0, checked.stderr
    warned = {line.split(b"'")[1] for line in checked.stderr.splitlines()}
    assert warned <= {b"PO-Revision-Date", b"Last-Translator", b"Language-Team"}


@witnessed
@given(po_files(texts=SAFE | UGLY.filter(lambda text: not text.isspace() or text in "\t\n"), max_obsolete=0))
def test_polib_reads_what_we_read(file: PoFile) -> None:
    """polib sees the same ids, texts, flags and header in the file."""
    # polib cuts a line at any Unicode blank, so it loses a text that is nothing else
    assume(all(text.strip() or text in "\t\n" for e in file.entries for text in (e.id, e.source, e.target)))
    po = polib.pofile(write_po(file).decode())
    assert [(e.msgctxt or "", e.msgid, e.msgstr, e.fuzzy) for e in po] == [
        (e.id, e.source, e.target, e.fuzzy) for e in file.entries
    ]
    assert po.metadata["Language"] == file.target_locale.po


@witnessed
@given(po_files(texts=SAFE, max_obsolete=0))
def test_babel_reads_what_we_read(file: PoFile) -> None:
    """babel sees the same ids, texts and flags in the file."""
    catalog = babel_read_po(io.BytesIO(write_po(file)), abort_invalid=True)
    assert [(m.context or "", m.id, m.string, m.fuzzy) for m in catalog if m.id] == [
        (e.id, e.source, e.target, e.fuzzy) for e in file.entries
    ]


# ---- what editors write: golden folders


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_what_editors_write_is_read(case: str) -> None:
    """A returned.po as an editor leaves it says what its expected.json says."""
    read = read_po((GOLDEN / case / "returned.po").read_bytes(), "returned.po")
    expected = json.loads((GOLDEN / case / "expected.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(as_json(read))) == expected


def as_json(file: PoFile) -> dict[str, object]:
    def entry(e: PoEntry) -> dict[str, object]:
        return {
            "line": e.line,
            "id": e.id,
            "source": e.source,
            "target": e.target,
            "fuzzy": e.fuzzy,
            "notes": e.notes,
            "translator_comments": e.translator_comments,
            "previous_source": e.previous_source,
        }

    return {
        "article": file.article,
        "target_locale": str(file.target_locale),
        "export_id": file.export_id,
        "entries": [entry(e) for e in file.entries],
        "obsolete": [entry(e) for e in file.obsolete],
        "repaired": file.repaired,
    }


# ---- what is refused, and where

HEAD = b'msgid ""\nmsgstr ""\n"Language: es\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
"""5 lines; what follows begins in line 6."""

BROKEN: dict[str, tuple[bytes, int]] = {
    "empty file": (b"", 1),
    "only blank lines": (b"\n\n\n", 1),
    "only a comment": (b"# nothing here\n", 1),
    "no header": (b'msgid "a"\nmsgstr "b"\n', 1),
    "header with a msgctxt": (b'\n\nmsgctxt "x"\nmsgid ""\nmsgstr "Language: es\\n"\n', 3),
    "header not first": (b'msgid "a"\nmsgstr "b"\n\n' + HEAD, 1),
    "header not first, after an obsolete entry": (b'#~ msgid "a"\n#~ msgstr "b"\n\n' + HEAD, 1),
    "two headers": (HEAD + HEAD, 6),
    "no language": (b'msgid ""\nmsgstr "X-Article-Id: a\\n"\n', 1),
    "unknown language": (b'msgid ""\nmsgstr ""\n"Language: klingonese\\n"\n', 3),
    "a language with a modifier": (b'msgid ""\nmsgstr "Language: ca@valencia\\n"\n', 2),
    "a header line without a colon": (b'msgid ""\nmsgstr ""\n"Language: es\\n"\n"Spanish, I think\\n"\n', 4),
    "a header field twice": (b'msgid ""\nmsgstr ""\n"Language: es\\n"\n"language: fr\\n"\n', 4),
    "another charset": (b'msgid ""\nmsgstr ""\n"Language: es\\n"\n"Content-Type: text/plain; charset=CP1252\\n"\n', 4),
    "the charset of a template": (b'msgid ""\nmsgstr "Language: es\\n"\n"Content-Type: text; charset=CHARSET\\n"', 3),
    "not UTF-8": (HEAD + b'msgid "a"\nmsgstr "ma\xf1ana"\n', 7),
    "UTF-8 cut off": (HEAD + b'msgid "a"\nmsgstr "\xc3"\n', 7),
    "a surrogate in UTF-8": (HEAD + b'msgid "a"\nmsgstr "\xed\xa0\x80"\n', 7),
    "UTF-16 with its mark": ("\ufeff".encode("utf-16-le") + HEAD.decode().encode("utf-16-le"), 1),
    "UTF-16 without its mark": (HEAD.decode().encode("utf-16-le"), 1),
    "a NUL": (HEAD + b'msgid "a"\nmsgstr "b\0"\n', 7),
    "gettext's separator": (HEAD + b'msgid "a"\nmsgstr "b\x04"\n', 7),
    "a lone CR": (HEAD + b'msgid "a"\nmsgstr "b\rc"\n', 7),
    "CR line ends": (HEAD.replace(b"\n", b"\r"), 1),
    "an unterminated text": (HEAD + b'msgid "a"\nmsgstr "b\n', 7),
    "a quote that is escaped at the end": (HEAD + b'msgid "a"\nmsgstr "b\\"\n', 7),
    "a line feed in a text": (HEAD + b'msgid "a\nb"\nmsgstr "c"\n', 6),
    "a bare quote in a text": (HEAD + b'msgid "a"\nmsgstr "the "best" one"\n', 7),
    "text after the text": (HEAD + b'msgid "a"\nmsgstr "b" c\n', 7),
    "two texts in a line": (HEAD + b'msgid "a" "b"\nmsgstr "c"\n', 6),
    "an unknown escape": (HEAD + b'msgid "a"\nmsgstr "b"\n"\\q"\n', 8),
    "an octal escape": (HEAD + b'msgid "a"\nmsgstr "\\303"\n', 7),
    "a hexadecimal escape": (HEAD + b'msgid "a"\nmsgstr "\\x41"\n', 7),
    "a Windows path": (HEAD + b'msgid "a"\nmsgstr "C:\\docs"\n', 7),
    "no quotes": (HEAD + b"msgid a\nmsgstr b\n", 6),
    "typographic quotes": (HEAD + 'msgid "a"\nmsgstr “b”\n'.encode(), 7),
    "single quotes": (HEAD + b"msgid 'a'\nmsgstr 'b'\n", 6),
    "nothing after the keyword": (HEAD + b'msgid "a"\nmsgstr\n', 7),
    "an unknown keyword": (HEAD + b'msgid "a"\nmsgtr "b"\n', 7),
    "a keyword in capitals": (HEAD + b'MSGID "a"\nmsgstr "b"\n', 6),
    "a keyword with a tail": (HEAD + b'msgidx "a"\nmsgstr "b"\n', 6),
    "text before the first entry": (b"Dear reviewer,\n\n" + HEAD, 1),
    "a text before the first keyword": (b'"lost"\n' + HEAD, 1),
    "a text after a comment": (HEAD + b'msgid "a"\nmsgstr "b"\n# c\n"lost"\n', 9),
    "text between entries": (HEAD + b'msgid "a"\nmsgstr "b"\n\nand so on\n', 9),
    "marks of a merge conflict": (HEAD + b'<<<<<<< HEAD\nmsgid "a"\nmsgstr "b"\n=======\n', 6),
    "a web page": (b"<!DOCTYPE html>\n<html></html>\n", 1),
    "a domain": (HEAD + b'domain "other"\nmsgid "a"\nmsgstr "b"\n', 6),
    "no msgstr before the end": (HEAD + b'msgctxt "x"\nmsgid "a"\n\n', 7),
    "no msgstr before the next entry": (HEAD + b'msgid "a"\nmsgid "b"\nmsgstr "c"\n', 7),
    "no msgstr before a msgctxt": (HEAD + b'msgid "a"\nmsgctxt "x"\nmsgid "b"\nmsgstr "c"\n', 7),
    "no msgid": (HEAD + b'msgctxt "x"\nmsgstr "b"\n', 7),
    "a msgstr alone": (HEAD + b'msgstr "b"\n', 6),
    "msgstr twice": (HEAD + b'msgid "a"\nmsgstr "b"\nmsgstr "c"\n', 8),
    "msgctxt twice": (HEAD + b'msgctxt "x"\nmsgctxt "y"\nmsgid "a"\nmsgstr "b"\n', 7),
    "msgctxt after msgid": (HEAD + b'msgid "a"\nmsgctxt "x"\nmsgstr "b"\n', 7),
    "a comment inside an entry": (HEAD + b'msgid "a"\n# c\nmsgstr "b"\n', 7),
    "an empty msgid with a msgctxt": (HEAD + b'msgctxt "x"\nmsgid ""\nmsgstr "b"\n', 6),
    "the same entry twice": (HEAD + b'msgctxt "x"\nmsgid "a"\nmsgstr "b"\n\nmsgctxt "x"\nmsgid "a"\nmsgstr "c"\n', 10),
    "the same msgid twice": (HEAD + b'msgid "a"\nmsgstr "b"\n\n# c\nmsgid "a"\nmsgstr "c"\n', 10),
    "a plural": (HEAD + b'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\n', 7),
    "a numbered msgstr": (HEAD + b'msgid "a"\nmsgstr[0] "c"\n', 7),
    "obsolete only in part": (HEAD + b'#~ msgid "a"\nmsgstr "b"\n', 7),
    "obsolete from the middle on": (HEAD + b'msgid "a"\n#~ msgstr "b"\n', 7),
    "obsolete nonsense": (HEAD + b"#~ that was it\n", 6),
    "a former text without a keyword": (HEAD + b'#| "x"\nmsgid "a"\nmsgstr "b"\n', 6),
    "a former msgstr": (HEAD + b'#| msgstr "x"\nmsgid "a"\nmsgstr "b"\n', 6),
    "a former msgid twice": (HEAD + b'#| msgid "x"\n#| msgid "y"\nmsgid "a"\nmsgstr "b"\n', 7),
    "a text too long": (HEAD + b'msgid "a"\nmsgstr ""\n"' + b"x" * MAX_TEXT_BYTES + b'"\n"y"\n', 9),
    "a control character in an id of ours": (b'msgid ""\nmsgstr "Language: es\\n"\n"X-Export-Id: a\\tb\\n"\n', 3),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_with_its_line(case: str) -> None:
    """Each kind of broken file is refused, and the message begins with the file and the very line."""
    data, line = BROKEN[case]
    with pytest.raises(PoSyntaxError) as refused:
        read_po(data, "back.po")
    assert refused.value.line == line
    assert str(refused.value).startswith(f"back.po:{line}: expected ")


def test_too_large_a_file_is_refused_before_it_is_read() -> None:
    """More than 32 MB are not read at all."""
    with pytest.raises(PoSyntaxError, match="at most"):
        read_po(b"#" * (MAX_FILE_BYTES + 1), "back.po")


def test_too_many_entries_are_refused_at_the_first_too_many() -> None:
    """Entry 50,001 is named by its line."""
    data = HEAD + b"".join(b'msgid "%d"\nmsgstr ""\n' % number for number in range(MAX_ENTRIES + 1))
    with pytest.raises(PoSyntaxError) as refused:
        read_po(data, "back.po")
    assert refused.value.line == 6 + 2 * MAX_ENTRIES


def test_a_comment_cannot_swallow_the_entry_below() -> None:
    """gettext joins a line that ends in a backslash with the next one, so no comment ends in one."""
    assert PoEntry(source="a", notes=("see C:\\", "\\ \\\\")).notes == ("see C:",)


def test_a_declared_charset_is_named() -> None:
    """A file that says it is not UTF-8 is refused by that name, even if its bytes would pass."""
    with pytest.raises(PoSyntaxError, match=r"back.po:2: expected charset=UTF-8, found 'charset=iso-8859-1'"):
        read_po(b'msgid ""\nmsgstr "Language: es\\nContent-Type: text/plain; charset=iso-8859-1\\n"\n', "back.po")


def test_what_reading_needs_not_is_not_asked_for() -> None:
    """Without an article or export in the header, and without a last line feed, a file is read."""
    read = read_po(b'msgid ""\nmsgstr "Language: pt_BR\\n"\n\nmsgid "Rest."\nmsgstr "Descanse."', "back.po")
    assert (read.article, read.export_id, read.target_locale.tag) == ("", "", "pt-BR")
    assert read.headers == (("Language", "pt_BR"),)
    assert read.entries == (PoEntry(source="Rest.", target="Descanse."),)


# ---- what cannot be written


@pytest.mark.parametrize("text", ["a\0", "a\x04", "\ud800", "x" * (MAX_TEXT_BYTES + 1)])
def test_what_no_po_file_can_carry_is_never_an_entry(text: str) -> None:
    """NUL, gettext's separator, surrogates and texts over 64 kB are refused before anything is written."""
    with pytest.raises(PoContentError):
        PoEntry(source="a", target=text)


def test_an_entry_without_a_source_is_refused() -> None:
    """An empty msgid would be the header."""
    with pytest.raises(PoContentError, match="header"):
        PoEntry(id="a:0001:00000000", source="")


@pytest.mark.parametrize("article", ["a\nMIME-Version: 9", " a", "a\u2028"])
def test_a_header_cannot_be_injected(article: str) -> None:
    """An article's name stays in its own header field."""
    with pytest.raises(PoContentError):
        PoFile(article=article, target_locale=Locale.parse("es"))


def test_an_entry_twice_is_refused_in_writing() -> None:
    """What reading would refuse is not written."""
    with pytest.raises(PoContentError, match="same id and source"):
        PoFile(target_locale=Locale.parse("es"), entries=(PoEntry(source="a"), PoEntry(source="a", target="b")))


def test_the_export_id_names_what_was_sent() -> None:
    """It changes with the article, the locale, any id or text and their order; not with notes or flags."""
    one, two = PoEntry(id="a", source="b", target="c"), PoEntry(id="d", source="e")
    es = Locale.parse("es")
    same = export_id("s", es, [one, two])
    assert len(same) == 16
    assert same == export_id("s", es, [replace(one, fuzzy=True, notes=("critical",)), two])
    assert (
        len(
            {
                same,
                export_id("t", es, [one, two]),
                export_id("s", Locale.parse("fr"), [one, two]),
                export_id("s", es, [two, one]),
                export_id("s", es, [replace(one, target="cd", id="a"), two]),
                export_id("s", es, [one]),
            }
        )
        == 6
    )
