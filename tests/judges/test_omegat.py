"""An outside judge: OmegaT reads what we write. Run by `make judges`; OmegaT is started without a window.

Takes   Debian's OmegaT (`apt install omegat`)
Gives   OmegaT projects: one whose memory is our export, where OmegaT must translate as was signed; one with a pack's
        file, where what a linguist translated must come back as hers, and the rest as not reviewed
"""

import shutil
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from conftest import MakeDesk
from workspaces import drafted

from pipeline.memory_files import export_tmx
from review.merge import Result

OMEGAT = shutil.which("omegat")
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


@pytest.mark.skipif(not OMEGAT, reason="OmegaT is not installed: apt install omegat")
def test_omegat_translates_by_the_memory_that_we_write(make_desk: MakeDesk, tmp_path: Path) -> None:
    """Each signed sentence comes out of OmegaT as it was signed; one that is not signed stays English."""
    desk = make_desk({"pain.md": ARTICLE.encode()})
    desk.run()
    desk.sign_all("pain")
    project = tmp_path / "project"
    for folder in ("source", "target", "tm/auto", "glossary", "dictionary", "omegat"):
        (project / folder).mkdir(parents=True)
    (project / "omegat.project").write_text(PROJECT, encoding="utf-8")
    with desk.store() as store:
        data, count, _ = export_tmx(desk.workspace, store, desk.locales("es"), "1")
    (project / "tm" / "auto" / "signed.tmx").write_bytes(data)
    signed = ["Take it at 8 & rest: 5 < 6.", "Do not stop the medicine suddenly.", "Ask a doctor."]
    page = "".join(f"<p>{escape(text)}</p>\n" for text in (*signed, "Nobody signed this."))
    (project / "source" / "page.html").write_text(f"<html><body>\n{page}</body></html>\n", encoding="utf-8")
    done = subprocess.run(
        [str(OMEGAT), str(project), "--mode=console-translate", f"--config-dir={tmp_path / 'config'}", "--no-team"],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    translated = (project / "target" / "page.html").read_text(encoding="utf-8")
    assert count == 4
    for text in signed:
        assert escape(drafted(text)) in translated, translated + done.stdout
    assert "Nobody signed this." in translated


MINE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx11.dtd">
<tmx version="1.1"><header creationtool="OmegaT" creationtoolversion="5" segtype="paragraph" o-tmf="OmegaT TMX"
adminlang="EN-US" srclang="EN" datatype="plaintext"/><body>
<tu><tuv lang="EN"><seg>Rest is good.</seg></tuv><tuv lang="ES"><seg>Descansar es bueno.</seg></tuv></tu>
</body></tmx>
"""
"""What OmegaT keeps of a linguist's work: `omegat/project_save.tmx`."""


@pytest.mark.skipif(not OMEGAT, reason="OmegaT is not installed: apt install omegat")
def test_what_a_linguist_translates_in_omegat_comes_back_as_hers(make_desk: MakeDesk, tmp_path: Path) -> None:
    """Her text is signed; drafts that she never opened come back empty, which loses and signs nothing."""
    desk = make_desk({"a.txt": b"Rest is good.\nWalk a little.\n"})
    desk.run()
    project = tmp_path / "project"
    for folder in ("source", "target", "tm", "glossary", "dictionary", "omegat"):
        (project / folder).mkdir(parents=True)
    (project / "omegat.project").write_text(PROJECT, encoding="utf-8")
    (project / "omegat" / "project_save.tmx").write_text(MINE, encoding="utf-8")
    shutil.copy(desk.po("a"), project / "source" / "a.po")
    done = subprocess.run(
        [str(OMEGAT), str(project), "--mode=console-translate", f"--config-dir={tmp_path / 'config'}", "--no-team"],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = desk.import_(project / "target" / "a.po", "demo-linguist", "edited")
    assert [(entry.result) for entry in report.entries] == [Result.SIGNED, Result.NOT_REVIEWED]
    assert desk.states("a") == {1: "signed-off", 2: "draft"}
