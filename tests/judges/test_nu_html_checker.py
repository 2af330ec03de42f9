"""An outside judge: the Nu HTML checker of the W3C reads every page of a built site. Run by `make judges`.

Takes   vnu.jar (`npm install --prefix .installed vnu-jar`, which `make judges` does) and Java
Gives   no error on any page, with hostile texts and right to left too
"""

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "publish"))

from sample_site import AR, EN, ES, SITE, SLUG, SPANISH, arabic, page

from pipeline.publish import Notice, render_site, write_release

DAY = date(2026, 1, 31)
JAR = Path(__file__).parents[2] / ".installed" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


@pytest.mark.skipif(not JAR.is_file() or not shutil.which("java"), reason="vnu.jar or Java is missing: make judges")
@pytest.mark.parametrize("preview", [False, True], ids=["site", "preview"])
def test_the_nu_html_checker_finds_no_error(tmp_path: Path, preview: bool) -> None:
    """Articles, companions, indexes, 404 and moved pages are valid HTML, whatever the texts."""
    flagged = replace(
        page(ES, (*SPANISH[:8], '"<i>&lt;\u202e{{ x }}', *SPANISH[9:])), notices=Notice.STALE, original_on=DAY
    )
    info = replace(SITE, report="words@example.org", moved={"old/name": SLUG})
    pages = [page(EN), flagged, page(AR, arabic())]
    write_release(render_site(pages, info, preview=preview), tmp_path / "site")
    done = subprocess.run(
        ["java", "-jar", str(JAR), "--skip-non-html", "--errors-only", str(tmp_path / "site")],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
