"""What a real browser makes of the pages: nothing is blocked, nothing is executed, every unit is there.

The pages are served on loopback and opened in headless Chromium, which `make test` installs.
"""

import functools
import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_site import AR, EN, ES, SLUG, build_site, page

HOSTILE = "<script>document.title='owned'</script> {{ 7*7 }} <img src=x onerror=\"document.title='owned'\">"


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser; without it these tests fail, they are never skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "no Chromium: `make test` installs it"
    return found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A built site and its address on loopback."""
    folder = build_site(tmp_path / "site")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def opened(chromium: str, address: str, profile: Path) -> tuple[str, str]:
    """The page's document after loading, and what the browser's console said."""
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    switches += ["--disable-component-update", "--disable-sync", "--disable-quic", "--disable-dev-shm-usage"]
    done = subprocess.run(
        [chromium, *switches, f"--user-data-dir={profile}", "--enable-logging=stderr", "--dump-dom", address],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line and "favicon" not in line]
    return done.stdout, "\n".join(console)


@pytest.mark.parametrize("locale", [EN, ES, AR], ids=str)
def test_a_page_opens_without_a_word_on_the_console(
    chromium: str, site: tuple[Path, str], tmp_path: Path, locale: object
) -> None:
    """The content security policy blocks nothing of ours, and every unit is in the document."""
    document, console = opened(chromium, f"{site[1]}/{locale}/{SLUG}/", tmp_path / "profile")
    assert console == ""
    units = set(re.findall(r'data-unit(?:-alt)?="([^"]+)"', document))
    assert len(units) == 10, "all of the article but its title and description, which stand in the head"


def test_a_hostile_translation_is_text_in_the_browser(chromium: str, tmp_path: Path) -> None:
    """Script, template braces and event handlers stand on the page to be read; the title stays the article's."""
    from sample_site import SITE, SPANISH

    from pipeline.publish import render_site, write_release

    targets = tuple(HOSTILE if "duele" in text and "rara" in text else text for text in SPANISH)
    out = tmp_path / "site"
    write_release(render_site([page(EN), page(ES, targets)], SITE, preview=False), out)
    document, _ = opened(chromium, f"file://{out}/es/{SLUG}/index.html", tmp_path / "profile")
    assert "<title" in document
    assert "owned</title>" not in document
    assert "&lt;script&gt;" in document
    assert "{{ 7*7 }}" in document
