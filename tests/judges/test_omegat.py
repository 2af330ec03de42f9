"""An outside judge: OmegaT reads what we write. Run by `make judges`; OmegaT is started without a window.

Takes   Debian's OmegaT (`apt install omegat`)
Gives   OmegaT projects: one whose memory is our export, where OmegaT must translate as was signed; others with a pack's
        file, where what a linguist translated must come back as hers, and the rest as not reviewed
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from conftest import MakeDesk
from programs import needs, run, version_of
from reviewing import REVIEW, Act, Step, row, send_pack, stands_in_docs, take_back, what_changed, without_comments
from workspaces import drafted

from pipeline.memory_files import export_tmx
from review.formats import read_returned
from review.merge import Result

pytestmark = needs("omegat", "omegat")
ARTICLE = "# Pain\n\nTake it at 8 & rest: 5 < 6.\n\nDo not stop the medicine suddenly.\n\nAsk a doctor.\n"
PROJECT = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<omegat><project version="1.0">
<source_dir>__DEFAULT__</source_dir><target_dir>__DEFAULT__</target_dir><tm_dir>__DEFAULT__</tm_dir>
<glossary_dir>__DEFAULT__</glossary_dir><glossary_file>__DEFAULT__</glossary_file>
<dictionary_dir>__DEFAULT__</dictionary_dir>
<source_lang>EN</source_lang><target_lang>ES</target_lang>
<source_tok>org.omegat.tokenizer.DefaultTokenizer</source_tok>
<target_tok>org.omegat.tokenizer.DefaultTokenizer</target_tok>
<sentence_seg>false</sentence_seg><support_default_translations>true</support_default_translations>
<remove_tags>false</remove_tags>
</project></omegat>
"""
HEADER = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx11.dtd">
<tmx version="1.1"><header creationtool="OmegaT" creationtoolversion="5" segtype="paragraph" o-tmf="OmegaT TMX"
adminlang="EN-US" srclang="EN" datatype="plaintext"/><body>
"""


def work_of(translations: Mapping[str, str]) -> str:
    """What OmegaT keeps of a linguist's work, `omegat/project_save.tmx`: her translations by English."""
    units = (
        f'<tu><tuv lang="EN"><seg>{escape(english)}</seg></tuv><tuv lang="ES"><seg>{escape(text)}</seg></tuv></tu>\n'
        for english, text in translations.items()
    )
    return f"{HEADER}{''.join(units)}</body></tmx>\n"


def translated(folder: Path, sources: Iterable[Path], translations: Mapping[str, str], memory: bytes = b"") -> Path:
    """The folder of the files that OmegaT makes of a project's sources."""
    project = folder / "project"
    for name in ("source", "target", "tm/auto", "glossary", "dictionary", "omegat"):
        (project / name).mkdir(parents=True)
    (project / "omegat.project").write_text(PROJECT, encoding="utf-8")
    (project / "omegat" / "project_save.tmx").write_text(work_of(translations), encoding="utf-8")
    if memory:
        (project / "tm" / "auto" / "signed.tmx").write_bytes(memory)
    for path in sources:
        shutil.copy(path, project / "source")
    words: list[str | Path] = [
        "omegat",
        project,
        "--mode=console-translate",
        f"--config-dir={folder / 'config'}",
        "--no-team",
    ]
    run(words, folder / "home")
    return project / "target"


def test_omegat_translates_by_the_memory_that_we_write(make_desk: MakeDesk, tmp_path: Path) -> None:
    """Each signed sentence comes out of OmegaT as it was signed; one that is not signed stays English."""
    desk = make_desk({"pain.md": ARTICLE.encode()})
    desk.run()
    desk.sign_all("pain")
    with desk.store() as store:
        data, count, _ = export_tmx(desk.workspace, store, desk.locales("es"), "1")
    signed = ["Take it at 8 & rest: 5 < 6.", "Do not stop the medicine suddenly.", "Ask a doctor."]
    lines = "".join(f"<p>{escape(text)}</p>\n" for text in (*signed, "Nobody signed this."))
    page = tmp_path / "page.html"
    page.write_text(f"<html><body>\n{lines}</body></html>\n", encoding="utf-8")
    made = (translated(tmp_path, [page], {}, data) / page.name).read_text(encoding="utf-8")
    assert count == 4
    for text in signed:
        assert escape(drafted(text)) in made, made
    assert "Nobody signed this." in made


def in_omegat(step: Step) -> Step:
    """What comes of a step here: a draft that nobody confirmed comes out empty, one that she confirmed is her text."""
    return replace(step, ends=Result.NOT_REVIEWED) if step.act is Act.LEAVE else step


def test_what_a_linguist_translates_in_omegat_comes_back_as_hers(make_desk: MakeDesk, tmp_path: Path) -> None:
    """Her texts and those that she confirmed are signed; drafts that she never opened come back empty: not reviewed."""
    sent = send_pack(make_desk, tmp_path)
    steps = tuple(map(in_omegat, without_comments(REVIEW)))
    english = dict(zip(steps, sent.drafts, strict=True))
    hers = {english[step]: step.text or sent.draft(step) for step in steps if step.act in (Act.REWRITE, Act.ACCEPT)}
    back = translated(tmp_path, [sent.path], hers) / sent.path.name
    changed = what_changed(sent.data, back.read_bytes(), steps)
    report = take_back(sent, steps, back)
    stands_in_docs(row("OmegaT", version_of("omegat"), "PO", changed, report))


@pytest.mark.parametrize("format_", ["xliff", "xlsx"])
def test_omegat_finds_nothing_to_translate_in_xliff_2_and_xlsx(
    format_: str, make_desk: MakeDesk, tmp_path: Path
) -> None:
    """Version 3.6 has no filter for them: what she typed is not in the file, so nothing is signed and nothing lost."""
    sent = send_pack(make_desk, tmp_path, format_=format_)
    steps = tuple(Step(source=step.source, act=Act.LEAVE, ends=Result.NEEDS_WORK) for step in REVIEW)
    back = translated(tmp_path, [sent.path], {"Rest is good for you.": "Descansar."}) / sent.path.name
    assert read_returned(back.read_bytes(), back.name) == read_returned(sent.data, back.name)
    report = take_back(sent, steps, back)
    changed = "finds nothing to translate; writes it anew with the same words"
    stands_in_docs(row("OmegaT", version_of("omegat"), format_.upper(), changed, report))


def test_a_word_table_translated_in_omegat_is_held_where_the_english_is_gone(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    """It takes our bilingual table for a document and writes over the English: held, kept, nothing is signed."""
    sent = send_pack(make_desk, tmp_path, format_="docx")
    mine = "Descansar es bueno."
    back = translated(tmp_path, [sent.path], {"Rest is good for you.": mine}) / sent.path.name
    report = sent.desk.import_(back, "demo-linguist", "all")
    ends = Counter(entry.result for entry in report.entries)
    assert ends == {Result.HELD: 1, Result.NEEDS_WORK: 7}, report
    assert next(entry.source for entry in report.entries if entry.result is Result.HELD) == mine
    assert sent.desk.check().wrong == ()
    changed = "**writes the translation over the English**"
    stands_in_docs(row("OmegaT", version_of("omegat"), "DOCX", changed, report))
