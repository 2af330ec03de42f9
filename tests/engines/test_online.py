"""Online services, against a stand-in for LibreTranslate: a real HTTP server on this machine that behaves badly."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.engines import ENGINES, Draft, Engine, Failure, Missing, Serves, open_engine
from pipeline.engines.online import SERVICES, Online
from pipeline.errors import EngineError
from pipeline.model import Locale

EN, ES, PT_BR = (Locale.parse(tag) for tag in ("en", "es", "pt-BR"))
KEY = "a-key-that-nobody-may-see"
PATIENCE_IS_OVER = threading.Event()
"""Set when a test has seen enough, so that a slow answer does not hold up the server's end."""


class LibreTranslateStandIn(BaseHTTPRequestHandler):
    """Answers POST /translate as LibreTranslate does, or badly if the text asks for it."""

    def do_POST(self) -> None:
        text = parse_qs(urlsplit(self.path).query)["q"][0]
        status, kind, body = 200, "application/json", json.dumps({"translatedText": f"[{text}]"})
        if text in ("429", "500", "403"):
            status, body = int(text), json.dumps({"error": "no"})
        elif text == "html":
            kind, body = "text/html", "<html>Welcome to the hotel's wireless network</html>"
        elif text == "null":
            body = json.dumps({"translatedText": None})
        elif text == "other":
            body = json.dumps(["x"])
        elif text == "quota":
            body = json.dumps({"translatedText": "MYMEMORY WARNING: YOU USED ALL"})
        elif text == "please echo this":
            body = json.dumps({"translatedText": text})
        elif text == "slow":
            PATIENCE_IS_OVER.wait(10)
        elif text == "cut":
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Online]:
    """The engine libretranslate with the stand-in as its service."""
    monkeypatch.setenv("SIGNOFF_LIBRETRANSLATE_KEY", KEY)
    server = ThreadingHTTPServer(("127.0.0.1", 0), LibreTranslateStandIn)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    PATIENCE_IS_OVER.clear()
    try:
        yield Online("libretranslate", {"url": f"http://127.0.0.1:{server.server_port}", "timeout_s": "3"})
    finally:
        PATIENCE_IS_OVER.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_good_answers_are_drafts_in_order(engine: Online) -> None:
    """Each text gets its own answer, with the engine's name and version."""
    texts = [f"text {number}" for number in range(12)]
    answers = engine.translate(texts, EN, ES)
    assert [answer.text for answer in answers if isinstance(answer, Draft)] == [f"[{text}]" for text in texts]
    assert {(a.engine, a.version) for a in answers if isinstance(a, Draft)} == {
        ("libretranslate", engine.version(EN, ES))
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("429", "too many requests"),
        ("500", "answered with an error"),
        ("403", "refused the key"),
        ("html", "not what the service documents"),
        ("null", "answered nothing"),
        ("other", "not what the service documents"),
        ("quota", "quota"),
        ("please echo this", "came back untranslated"),
        ("slow", "no answer within 3 s"),
        ("cut", "connection failed"),
        ("x" * 2_001, "longer than the 2000 characters"),
    ],
)
def test_bad_answers_are_failures_that_say_why(engine: Online, text: str, why: str) -> None:
    """One text's trouble is its own Failure; the key stands in no message; its neighbours are drafted."""
    before, failed, after = engine.translate(["one", text, "two"], EN, ES)
    assert isinstance(failed, Failure) and why in failed.reason and KEY not in failed.reason
    assert isinstance(before, Draft) and isinstance(after, Draft)


def test_a_service_that_is_not_there_is_a_failure() -> None:
    """Nobody listens: each text says that the connection failed."""
    nobody = Online("libretranslate", {"url": "http://127.0.0.1:9", "timeout_s": "5"})
    (answer,) = nobody.translate(["one"], EN, ES)
    assert isinstance(answer, Failure) and "connection failed" in answer.reason


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://example.org/", "https://me:pw@example.org", "https://e.org/?api_key=x", "http://[x"],
)
def test_texts_go_out_encrypted_or_not_at_all(url: str) -> None:
    """Plain HTTP to another machine, other schemes and keys in addresses are refused before anything is sent."""
    with pytest.raises(EngineError, match="its url"):
        Online("libretranslate", {"url": url})


def test_every_service_of_the_table_is_an_engine_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line opens by its name, leaves the machine, has a limit; those with a key say which variable holds it."""
    for service in SERVICES:
        if service.key_variable:
            monkeypatch.delenv(service.key_variable, raising=False)
        engine = open_engine(service.name)
        assert isinstance(engine, Engine) and engine.leaves_the_machine and service.url.startswith("https://")
        assert service.name in ENGINES and 0 < engine.max_characters <= 5_000
        answer = engine.serves(EN, ES)
        if service.key_variable and not service.key_optional:
            assert isinstance(answer, Missing) and service.key_variable in answer.todo
        else:
            assert answer == Serves()


@pytest.mark.parametrize("service", ["google", "mymemory", "deepl", "libretranslate"])
def test_a_language_that_a_service_lacks_is_told(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brazilian Portuguese is served by each; a language that nobody has is Missing, without a request."""
    monkeypatch.setenv("SIGNOFF_DEEPL_KEY", KEY)
    engine = Online(service, {})
    assert engine.serves(EN, PT_BR) == Serves()
    assert isinstance(engine.serves(EN, Locale.parse("vai")), Missing)


def test_requests_of_every_service_go_to_its_https_address() -> None:
    """MyMemory's address in the package is plain HTTP: ours replaces it."""
    assert Online("mymemory", {})._open(EN, ES)._base_url == "https://api.mymemory.translated.net/get"


@pytest.mark.parametrize(
    ("settings", "says"), [({"timeout_s": "soon"}, "not a number"), ({"key": "x"}, "no setting 'key'")]
)
def test_bad_settings_are_refused(settings: dict[str, str], says: str) -> None:
    """A key in the workspace's file is as unknown as a misspelt setting."""
    with pytest.raises(EngineError, match=says):
        Online("google", settings)
