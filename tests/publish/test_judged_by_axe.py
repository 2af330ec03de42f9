"""Outside judges: axe-core finds nothing on any template, in any dress, and the browser has nothing to say.

The pages are served on loopback and opened in headless Chromium (`make test` installs it) through Playwright.
"""

import base64
import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from sample_site import AR, EN, ES, SITE, SLUG, SPANISH, arabic, page

from pipeline.publish import Notice, render_site, write_release
from review.evidence import Material, evidence_sheet, inventory_sheet

ROOT = Path(__file__).parents[2]

TEMPLATES = {
    "an article": f"es/{SLUG}/index.html",
    "the original": f"en/{SLUG}/index.html",
    "right to left": f"ar/{SLUG}/index.html",
    "sentence by sentence": f"es/{SLUG}/sentences/index.html",
    "sentence by sentence, right to left": f"ar/{SLUG}/sentences/index.html",
    "all articles": "ar/index.html",
    "the languages": "index.html",
    "not found": "404.html",
}
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
DRESSES = {
    "light": {"color_scheme": "light", "viewport": {"width": 1100, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1100, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 360, "height": 740}},
    "phone, dark": {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}},
    "more contrast": {"contrast": "more", "viewport": {"width": 1100, "height": 900}},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the sample site, a demonstration with every notice that a page can have."""
    flagged = replace(page(ES, SPANISH), notices=Notice.STALE | Notice.FALLBACK, original_on=date(2026, 1, 31))
    folder = tmp_path_factory.mktemp("axe")
    (folder / "content" / SLUG).parent.mkdir(parents=True)
    (folder / "content" / SLUG).with_name("shoes.png").write_bytes(base64.b64decode(DOT))
    out = folder / "site"
    info = replace(SITE, content=folder / "content", demo=True, report="words@example.org", moved={"old": SLUG})
    write_release(render_site([page(EN), flagged, page(AR, arabic())], info, preview=False), out)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(out))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without it these tests fail, they are never skipped."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no Chromium: `make test` installs it"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])


@pytest.mark.parametrize("dress", DRESSES)
def test_axe_finds_nothing(site: str, browser: Browser, dress: str) -> None:
    """Every template: no violation of WCAG 2.2 AA or of good practice, no console message, nothing wider than it."""
    context = browser.new_context(**DRESSES[dress])  # type: ignore[arg-type]
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text) if "favicon" not in str(message.location) else None)
    tab.on("pageerror", lambda error: said.append(str(error)))
    for name, path in TEMPLATES.items():
        tab.goto(f"{site}/{path}")
        assert not said, f"{name}, {dress}"
        found = Axe().run(tab, options={"preload": False})
        assert found.violations_count == 0, f"{name}, {dress}: {found.generate_report()}"
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{name}, {dress}: it scrolls sideways"
        )
    context.close()


HASH = "0" * 64
SIGNATURE = {
    "by": "ana",
    "name": "Ana Ruiz",
    "role": "linguist",
    "time": "2026-01-31T10:00:00Z",
    "entered_by": "ben",
    "own_key": False,
    "signed_source": "Rest for 3 days.",
    "policy": "medical-2026-1",
    "qualifications": [
        {"basis": "a degree", "domain": "", "verified_by": "a board", "valid_from": "2026-01-01", "valid_to": ""}
    ],
    "findings": ["note: no full stop (end_mark)"],
    "waived": ["numbers_kept, waived by lea: four there"],
    "event": HASH,
}
ACT = {
    "kind": "question",
    "by": "ana",
    "name": "Ana Ruiz",
    "time": "2026-01-30T10:00:00Z",
    "about": "translation",
    "said": "? days",
    "event": HASH,
}
SENTENCE = {
    "id": "pain:0002:12345678",
    "kind": "paragraph",
    "headings": ["Pain"],
    "source": "Rest for 3 days.",
    "source_hash": HASH,
    "target": "استرح 3 أيام.",
    "target_hash": HASH,
    "in_original": False,
    "kept_in_original": "",
    "risk": "critical",
    "origin": {
        "author": "ana",
        "draft": {"kind": "engine", "name": "Apertium", "version": "3.8"},
        "draft_text": "ارتح.",
    },
    "signatures": [SIGNATURE, SIGNATURE],
    "acts": [ACT],
}
EVIDENCE = {
    "format": 1,
    "site": {"name": "Clear Health", "address": "https://health.example.org/ar/pain/", "demo": True},
    "page": {
        "slug": "pain",
        "locale": "ar",
        "language": "Arabic",
        "source_locale": "en",
        "revision": HASH,
        "issued_on": "2026-02-01",
        "original_on": "2026-01-01",
        "original_changed": True,
    },
    "release": {
        "event": HASH,
        "time": "2026-02-01T10:00:00Z",
        "by": "pat",
        "by_name": "Pat Quill",
        "policy": "medical-2026-1",
        "heads": {"0123456789ab": HASH},
    },
    "sentences": [
        SENTENCE,
        SENTENCE | {"kept_in_original": "a name", "target": "Rest."},
        SENTENCE | {"signatures": []},
    ],
    "unsigned": 1,
}
MATERIAL = Material(
    slug="pain",
    locale="ar",
    language="Arabic",
    title="ألم",
    address="https://health.example.org/ar/pain/",
    issued_on="2026-02-01",
    reviewed_on="2026-01-31",
    oldest_sign_off_on="2026-01-31",
    reviewers=("Ana Ruiz, linguist", "Ben Okoro, medical reviewer"),
    sentences=3,
    in_original=1,
    revision=HASH,
    original_on="2026-01-01",
    original_changed=True,
)


@pytest.mark.parametrize("width", [1100, 360])
def test_axe_finds_nothing_on_an_auditors_sheets(browser: Browser, width: int) -> None:
    """The evidence of a page and the inventory, whatever is in them, on a phone too."""
    jsonschema.validate(EVIDENCE, json.loads((ROOT / "docs" / "evidence.schema.json").read_bytes()))
    for sheet in (evidence_sheet(EVIDENCE), inventory_sheet([MATERIAL], "Clear Health", "2026-02-01")):
        tab = browser.new_page(viewport={"width": width, "height": 900})
        tab.set_content(sheet.decode())
        found = Axe().run(tab, options={"preload": False})
        assert found.violations_count == 0, found.generate_report()
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
        tab.close()
