"""TMX 1.4b: what other tools write is read, what would harm is refused with its line, what we write others read."""

import re
import shutil
from pathlib import Path

import pytest
from conftest import MakeDesk
from hypothesis import given, settings
from hypothesis import strategies as st
from translate.storage import tmx as toolkit_tmx
from workspaces import Desk, rewrite

from pipeline.errors import LedgerError, TmxError
from pipeline.memory_files import TmxImport, export_tmx, import_tmx
from pipeline.model import tags_of
from pipeline.store.memory import MemoryEntry, all_entries
from pipeline.tmx import MAX_DEPTH, MAX_INLINE, MAX_SEGMENT, LeftOut, Pair, TmxUnit, read_tmx, write_tmx

PAIN = b"# Pain\n\nTake the **tablet** every evening with water. Rest is good.\n"


def tmx(*units: str, srclang: str = "en", doctype: str = "", version: str = "1.4") -> str:
    return (
        f'<?xml version="1.0"?>\n{doctype}<tmx version="{version}">\n<header creationtool="t" creationtoolversion="1" '
        f'segtype="sentence" o-tmf="t" adminlang="en" srclang="{srclang}" datatype="html"/>\n<body>\n'
        + "\n".join(units)
        + "\n</body>\n</tmx>\n"
    )


def unit(source: str, target: str, *, languages: tuple[str, str] = ("en", "es"), more: str = "") -> str:
    texts = zip(languages, (source, target), strict=True)
    variants = "".join(f'<tuv xml:lang="{language}"><seg>{seg}</seg></tuv>' for language, seg in texts)
    return f"<tu{more}>{variants}</tu>"


def read(text: str | bytes) -> list[TmxUnit]:
    data = text if isinstance(text, bytes) else text.encode()
    return [found for found in read_tmx(data, "some.tmx") if isinstance(found, TmxUnit)]


def texts(text: str) -> list[str]:
    return [variant.text for found in read(text) for variant in found.texts]


# -- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seg", "text"),
    [
        ("Stop &lt; 5 &amp; rest.", "Stop < 5 & rest."),
        ('<bpt i="1" type="bold">{\\b </bpt>Stop<ept i="1">}</ept>.', "<b1>Stop</b1>."),
        ('<bpt i="7" x="1">&lt;em></bpt>Stop<ept i="7">&lt;/em></ept>.', "<i1>Stop</i1>."),
        ('<bpt i="1">&lt;a href="x"></bpt>here<ept i="1">&lt;/a></ept>', "<a1>here</a1>"),
        ("See <ph>[1]</ph> and <ph>[2]</ph>.", "See <x1/> and <x2/>."),
        ('<hi type="bold">Stop</hi> <hi>now</hi>.', "<b1>Stop</b1> <g2>now</g2>."),
        ('<it pos="begin">&lt;b></it>Stop <ut>{x}</ut>now.', "<x1/>Stop <x2/>now."),
        ("Note<ph>&lt;fn><sub>a footnote</sub></ph>.", "Note<x1/>."),
        ('<bpt i="1">&lt;b></bpt>Stop.', "<x1/>Stop."),
        ("  Two\n    lines.  ", "Two lines."),
        ("Cafe\u0301.", "Café."),
    ],
)
def test_inline_elements_become_numbered_placeables(seg: str, text: str) -> None:
    """Each kind that TMX knows; the other tool's code is not in the text."""
    assert texts(tmx(unit(seg, "Para."))) == [text, "Para."]


def test_what_belongs_together_has_the_same_number_in_every_language() -> None:
    """Told by x, whatever the order in the target."""
    source = (
        '<bpt i="1" x="1" type="bold">1</bpt>A<ept i="1">1</ept> <ph x="2">2</ph> <bpt i="2" x="3">3</bpt>B<ept i="2"/>'
    )
    target = '<bpt i="1" x="3">3</bpt>B<ept i="1">3</ept> <bpt i="2" x="1">1</bpt>A<ept i="2"/> <ph x="2">2</ph>'
    assert texts(tmx(unit(source, target))) == ["<b1>A</b1> <x2/> <g3>B</g3>", "<g3>B</g3> <b1>A</b1> <x2/>"]


def test_attributes_properties_and_notes_are_kept() -> None:
    """Of the unit and of each language."""
    text = (
        '<tu tuid="7" creationid="a" creationdate="20200101T000000Z" srclang="*all*"><note>n1</note>'
        '<prop type="p">v</prop>'
        '<tuv xml:lang="en-US"><seg>One.</seg></tuv>'
        '<tuv lang="es" changeid="b" changedate="20210101T000000Z"><note>n2</note><seg>Uno.</seg></tuv></tu>'
    )
    (found,) = read(tmx(text))
    assert found.about == {"tuid": "7", "creationid": "a", "creationdate": "20200101T000000Z"}
    assert (found.props, found.notes, found.source_language) == ((("p", "v"),), ("n1",), "*all*")
    spanish = found.texts[1]
    assert (spanish.language, spanish.text, spanish.notes) == ("es", "Uno.", ("n2",))
    assert spanish.about == {"changeid": "b", "changedate": "20210101T000000Z"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_that_tmx_allows_is_read(encoding: str) -> None:
    """UTF-8 and UTF-16, with a byte order mark or told by the declaration."""
    data = tmx(unit("Año.", "¿Qué? 😀")).encode(encoding)
    if encoding in ("utf-16-le", "utf-16-be"):
        data = ("\ufeff" + tmx(unit("Año.", "¿Qué? 😀"))).encode(encoding)
    assert [variant.text for variant in read(data)[0].texts] == ["Año.", "¿Qué? 😀"]


def test_a_doctype_without_entities_is_no_harm_and_is_not_fetched() -> None:
    """Nearly every TMX file names the DTD."""
    assert len(read(tmx(unit("One.", "Uno."), doctype='<!DOCTYPE tmx SYSTEM "http://127.0.0.1:9/tmx14.dtd">\n'))) == 1


# -- what is refused --------------------------------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'
OUTSIDE = '<!DOCTYPE tmx [<!ENTITY e SYSTEM "file:///etc/hostname">]>\n'
PARAMETER = '<!DOCTYPE tmx [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>\n'


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (tmx(unit("&b;", "x"), doctype=LAUGHS), 2, "declares entities"),
        (tmx(unit("&e;", "x"), doctype=OUTSIDE), 2, "declares entities"),
        (tmx(unit("a", "x"), doctype=PARAMETER), 2, "declares entities"),
        (tmx(unit("a <b", "x")), 5, "no well-formed XML"),
        (tmx(unit("a\x00", "x")), 5, "no well-formed XML"),
        (tmx("<tu>")[:-20], 5, "no well-formed XML"),
        ("<xliff/>", 1, "is no TMX"),
        ("<tmx><header/></tmx>", 1, "is no TMX"),
        ("", 1, "is no TMX"),
        ("\u00ff\u00fe", 1, "no well-formed XML"),
        (tmx("<tu>" * (MAX_DEPTH + 1)), 5, "nested deeper"),
        (tmx("<x>" * 100_000), 5, "nested deeper"),
        (tmx(unit("a" * (MAX_SEGMENT + 1), "x")), 5, "a segment of more than"),
        (tmx(unit("<ph/>" * (MAX_INLINE + 1), "x")), 5, "inline elements"),
        (tmx(unit("a", "x")).replace('"1.0"', '"1.0" encoding="no-such"', 1), 1, "encoding"),
    ],
    ids=range(15),
)
def test_a_hostile_or_broken_file_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    """No entity is put in, nothing outside is read, nothing is half read."""
    with pytest.raises(TmxError, match=reason) as refused:
        read(text)
    assert (refused.value.where, refused.value.line) == ("some.tmx", line)


def test_broken_utf_8_is_refused() -> None:
    """Not read with letters replaced."""
    with pytest.raises(TmxError, match=r"some\.tmx:5: is no well-formed XML"):
        read(tmx(unit("caf\u00e9", "x")).encode("latin-1"))


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='<>/&;"= tuvsegbpi1xml:langen\n', max_size=200).map(str.encode))
def test_no_bytes_do_anything_but_be_read_or_refused(data: bytes) -> None:
    """Whatever stands in the body."""
    start, end = tmx("@").encode().split(b"@")
    for whole in (data, start + data + end):
        try:
            read(whole)
        except TmxError as error:
            assert error.line >= 1


def test_units_that_cannot_be_used_are_named_and_the_others_taken() -> None:
    """A missing language, no words, two texts in one language, words like a tag of ours."""
    text = tmx(
        unit("One.", "Uno."),
        unit("", "Dos."),
        '<tu><tuv><seg>a</seg></tuv><tuv xml:lang="es"><seg>b</seg></tuv><tuv xml:lang="ES"><seg>c</seg></tuv></tu>',
        unit("Write &lt;b1&gt;.", "x"),
        '<tu><tuv xml:lang="en"/></tu>',
    )
    found = list(read_tmx(text.encode(), "some.tmx"))
    assert [(left.line, left.reason.split(":")[0]) for left in found if isinstance(left, LeftOut)] == [
        (6, "a text without a word"),
        (7, "a text without xml"),
        (7, "a second text in 'ES' in one unit"),
        (8, "words that read like one of our tags"),
        (8, "words that read like one of our tags"),
        (9, "0 <seg> in one <tuv>"),
    ]


# -- writing ----------------------------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zs", "Zl", "Zp"]), min_size=1, max_size=8)
targets = st.lists(words | st.sampled_from(["<b1>x</b1>", "<x2/>", "<a3><i4>y</i4></a3>", "</g9>", "<g8>"]), min_size=1)


@settings(deadline=None)
@given(st.lists(st.tuples(targets, targets), max_size=4))
def test_reading_undoes_writing(pairs: list[tuple[list[str], list[str]]]) -> None:
    """Texts and tags come back as they were, whatever stands in them."""
    from unicodedata import normalize

    wanted = [tuple(normalize("NFC", " ".join(side)) for side in pair) for pair in pairs]
    tagged = [pair for pair in wanted if all(read_like_ours(text) for text in pair)]
    data, left_out = write_tmx(
        (Pair(unit=str(n), source=s, locale="es", target=t) for n, (s, t) in enumerate(tagged)), "en", "1"
    )
    assert [tuple(variant.text for variant in found.texts) for found in read(data)] == tagged
    assert left_out == []


def read_like_ours(text: str) -> bool:
    """Whether a text is one that XML can hold, with no pair twice."""
    tags = [tag[0] for tag in tags_of(text)]
    return len(tags) == len(set(tags)) and not re.search("[\ufffe\uffff]", text)


def test_a_character_that_no_xml_can_hold_is_named() -> None:
    """Left out rather than changed."""
    pair = Pair(unit="a:0001", source="One.", locale="es", target="U\x0bno.")
    data, left_out = write_tmx([pair], "en", "1")
    assert read(data) == []
    assert left_out == ["a:0001 in es: has a character that no XML can hold"]


# -- a workspace's memory ---------------------------------------------------------------------------------------------


def bring(desk: Desk, text: str, name: str = "old.tmx") -> TmxImport:
    path = desk.root / name
    path.write_text(text, encoding="utf-8")
    with desk.store() as store:
        return import_tmx(desk.workspace, store, path, by="lead")


def entries(desk: Desk, tag: str = "es") -> list[MemoryEntry]:
    with desk.store() as store, store.read() as transaction:
        return list(all_entries(transaction.connection, [tag]))


def exported(desk: Desk) -> bytes:
    with desk.store() as store:
        return export_tmx(desk.workspace, store, desk.locales(), "1")[0]


OLD = tmx(
    unit("Rest is good.", "Descansar es bueno.", languages=("en-US", "es-419")),
    unit("Take the tablet every morning with water.", "Tome la tableta cada mañana con agua."),
)


def test_an_imported_text_is_a_draft_that_says_it_is_nobodys(make_desk: MakeDesk) -> None:
    """Exact: a proposal in msgstr, flagged. Fuzzy: a comment. Signed: not at all."""
    desk = make_desk({"pain.md": PAIN})
    done = bring(desk, OLD)
    assert (done.units, done.translations, done.known, done.left_out) == (2, {"es": 2}, False, [])
    desk.run()
    po = desk.po("pain").read_text(encoding="utf-8")
    assert "draft from memory: old.tmx:1, exact match, imported, signed by nobody here" in po
    assert '#, fuzzy\nmsgctxt "pain:0003' in po
    assert "Descansar es bueno." in po
    assert "= Tome la tableta cada mañana con agua. (old.tmx:2, imported, signed by nobody here)" in po
    assert set(desk.states("pain").values()) == {"draft"}
    assert desk.publish().pages[0].state == "held"


def test_a_signed_text_comes_before_an_imported_one(make_desk: MakeDesk) -> None:
    """And the imported one is named as the other way to say it."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    desk.review("pain", "demo-linguist", rewrite)
    desk.sign_all("pain")
    bring(desk, OLD)
    desk.write("other.md", b"# Other\n\nRest is good.\n")
    desk.run()
    po = desk.po("other").read_text(encoding="utf-8")
    assert "draft from memory: pain:0003, exact match, signed there" in po
    assert "doubt: imported otherwise in old.tmx:1: Descansar es bueno." in po


def test_the_same_file_twice_is_taken_once(make_desk: MakeDesk) -> None:
    """No event, no entry, no byte more."""
    desk = make_desk({"pain.md": PAIN})
    bring(desk, OLD)
    before = (entries(desk), sorted((desk.root / "ledger").rglob("*.jsonl"))[0].read_bytes())
    assert bring(desk, OLD).known
    assert (entries(desk), sorted((desk.root / "ledger").rglob("*.jsonl"))[0].read_bytes()) == before


def test_a_fresh_clone_has_the_imported_memory(make_desk: MakeDesk) -> None:
    """The file lies in ledger/memory/ and its event names it."""
    desk = make_desk({"pain.md": PAIN})
    bring(desk, OLD)
    (desk.root / "old.tmx").unlink()
    before = entries(desk)
    assert len(before) == 2
    shutil.rmtree(desk.root / ".signoff")
    assert entries(desk) == before
    assert desk.check().wrong == ()


def test_a_kept_file_that_is_missing_or_changed_is_named(make_desk: MakeDesk) -> None:
    """Missing: `ledger verify` says so, and importing it again mends it. Changed: refused."""
    desk = make_desk({"pain.md": PAIN})
    sha256 = bring(desk, OLD).sha256
    kept = desk.root / "ledger" / "memory" / f"{sha256}.tmx"
    data = kept.read_bytes()
    kept.unlink()
    assert "translation memory that event 2" in desk.check().wrong[0]
    shutil.rmtree(desk.root / ".signoff")
    assert entries(desk) == []
    assert bring(desk, OLD).translations == {"es": 2}
    assert desk.check().wrong == ()
    shutil.rmtree(desk.root / ".signoff")
    kept.write_bytes(data + b" ")
    with pytest.raises(LedgerError, match="is not the file that its name says"):
        entries(desk)


def test_a_refused_file_leaves_nothing(make_desk: MakeDesk) -> None:
    """No event, no file, no entry."""
    desk = make_desk({"pain.md": PAIN})
    with pytest.raises(TmxError):
        bring(desk, OLD.replace("</body>", ""))
    assert entries(desk) == []
    assert not (desk.root / "ledger" / "memory").exists()


def test_an_import_that_breaks_off_leaves_nothing_and_can_be_done_again(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far it came: event, entries and file are kept together or not at all."""
    desk = make_desk({"pain.md": PAIN})

    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("pipeline.memory_files.count_entries", break_off)
        with pytest.raises(KeyboardInterrupt):
            bring(desk, OLD)
    assert entries(desk) == []
    assert not (desk.root / "ledger" / "memory").exists()
    assert bring(desk, OLD).translations == {"es": 2}


def test_a_file_name_cannot_break_a_comment(make_desk: MakeDesk) -> None:
    """It stands in PO files and on terminals."""
    desk = make_desk({"pain.md": PAIN})
    bring(desk, OLD, name="old\nmsgid \x1b.tmx")
    assert {entry.provenance["name"] for entry in entries(desk)} == {"old?msgid ?.tmx"}


def test_languages_find_their_locale_and_regions_are_never_mixed(make_desk: MakeDesk) -> None:
    """es-419 stands for es, pt for pt-BR; pt-PT does not; a language that nobody knows is named."""
    desk = make_desk({"pain.md": PAIN}, locales=("es", "pt-BR"))
    text = tmx(
        unit("One.", "Um.", languages=("EN-us", "pt-PT")),
        unit("Two.", "Dois.", languages=("en", "pt")),
        unit("Three.", "Xx.", languages=("en", "qqq-nowhere")),
    )
    done = bring(desk, text)
    assert done.translations == {"pt-BR": 1, "pt-PT": 1}
    assert [left.reason for left in done.left_out] == ["1 texts in 'qqq-nowhere', which is no language that we know"]


def test_a_withdrawn_text_is_not_brought_back_by_a_file(make_desk: MakeDesk) -> None:
    """Neither as a draft nor as a hint."""
    desk = make_desk({"pain.md": PAIN})
    bring(desk, OLD)
    with desk.store() as store, store.write() as transaction:
        transaction.withdraw(
            source="Rest is good.", target="Descansar es bueno.", locale="es", by="lead", reason="it harmed"
        )
    desk.run()
    assert "Descansar es bueno." not in desk.po("pain").read_text(encoding="utf-8")


def test_what_is_signed_is_exported_with_who_signed_it_and_the_same_bytes_every_time(make_desk: MakeDesk) -> None:
    """No clock; the times are those of the sign-offs. Drafts and imported texts are not in it."""
    desk = make_desk({"pain.md": PAIN})
    bring(desk, OLD)
    desk.run()
    assert read(exported(desk)) == []
    desk.sign_all("pain")
    data = exported(desk)
    desk.clock.tick(1000)
    assert exported(desk) == data
    found = read(data)
    assert [unit.about["tuid"] for unit in found] == ["pain:0001", "pain:0002", "pain:0003"]
    target = found[1].texts[1]
    assert target.text == "Takeo theo <b1>tableto</b1> everyo eveningo witho watero."
    assert target.about["changeid"] == "demo-clinician"
    assert ("x-signed-by", "demo-clinician (medical reviewer) 2026-06-01T09:00:00Z") in target.props
    assert ("x-policy", "demo-2026-1") in target.props


def test_translate_toolkit_reads_what_we_write(make_desk: MakeDesk, tmp_path: Path) -> None:
    """Every unit with both texts."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    desk.sign_all("pain")
    path = tmp_path / "signed.tmx"
    path.write_bytes(exported(desk))
    with path.open("rb") as file:
        store = toolkit_tmx.tmxfile(file, "en", "es")
    assert [(unit.source, unit.target) for unit in store.units] == [
        ("Pain", "Paino"),
        (
            "Take the <b1>tablet</b1> every evening with water.",
            "Takeo theo <b1>tableto</b1> everyo eveningo witho watero.",
        ),
        ("Rest is good.", "Resto iso goodo."),
    ]


def test_what_one_workspace_exports_another_imports(make_desk: MakeDesk) -> None:
    """As drafts: a signature here is none there."""
    one, other = make_desk({"pain.md": PAIN}, "one"), make_desk({"pain.md": PAIN}, "other")
    one.run()
    one.review("pain", "demo-linguist", rewrite)
    one.sign_all("pain")
    assert bring(other, exported(one).decode()).translations == {"es": 3}
    report = other.run()
    assert (report.from_memory, report.drafted) == (3, 0)
    assert set(other.states("pain").values()) == {"draft"}
