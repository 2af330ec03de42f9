"""Outside judges: axe-core finds nothing on any template, in any dress, and the browser has nothing to say.

The pages are served on loopback and opened in headless Chromium (`make test` installs it) through Playwright.
"""

import base64
import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from sample_site import AR, EN, ES, SITE, SLUG, SPANISH, arabic, page

from pipeline.publish import Notice, render_site, write_release

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
