"""Services that only deep-translator knows, against stand-ins on this machine that behave as they do, or badly."""

import contextlib
import gzip
import html
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engines.stand_in_services import KEY, translated
from pipeline.engines import (
    ENGINES,
    Draft,
    Engine,
    Failure,
    Limited,
    Missing,
    NoAccess,
    RateLimited,
    Serves,
    Unavailable,
    open_engine,
)
from pipeline.engines.online import SERVICES, Online
from pipeline.errors import EngineError
from pipeline.model import Locale

EN, ES, PT_BR = (Locale.parse(tag) for tag in ("en", "es", "pt-BR"))
HEARD: list[str] = []
"""The paths that were asked for in this test."""
PATIENCE_IS_OVER = threading.Event()
"""Set when a test has seen enough, so that a slow answer does not hold up the server's end."""


def google(text: str) -> bytes:
    """The page of Google's translation for simple telephones."""
    return f'<html><div class="result-container">{html.escape(translated(text))}</div></html>'.encode()


def mymemory(text: str) -> bytes:
    """MyMemory's answer."""
    return json.dumps({"responseData": {"translatedText": translated(text)}, "matches": []}).encode()


def baidu(text: str) -> bytes:
    """Baidu's answer."""
    return json.dumps({"trans_result": [{"src": "", "dst": translated(text)}]}).encode()


PAGES: dict[str, Callable[[str], bytes]] = {"google": google, "mymemory": mymemory, "baidu": baidu}


class Handler(BaseHTTPRequestHandler):
    """Answers as the service does, or badly if the text asks for it."""

    page: Callable[[str], bytes]

    def do_GET(self) -> None:
        """Google and MyMemory are asked so."""
        query = parse_qs(urlsplit(self.path).query)
        text = query["q"][0]
        HEARD.append(self.path)
        status, kind, body = 200, "application/json", type(self).page(text)
        if text in ("429", "500", "403"):
            status, body = int(text), b'{"error": "no"}'
        elif text == "html":
            kind, body = "text/html", b"<html>Welcome to the hotel's wireless network</html>"
        elif text == "null":
            body = b"null"
        elif text == "quota":
            body = mymemory("").replace(b'""', b'"MYMEMORY WARNING: YOU USED ALL"')
        elif text == "baidu limit":
            body = b'{"error_code": "54003", "error_msg": "Invalid Access Limit"}'
        elif text == "baidu key":
            body = f'{{"error_code": "52003", "error_msg": "UNAUTHORIZED USER {KEY}"}}'.encode()
        elif text == "slow":
            PATIENCE_IS_OVER.wait(10)
        elif text == "redirect":
            self.send_response(302)
            self.send_header("Location", f"/elsewhere?q=one&key={KEY}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        elif text == "huge":
            body = b" " * 50_000_000
        elif text == "bomb":
            body = gzip.compress(bytes(50_000_000))
        elif text == "cut":
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if text == "bomb":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # who has seen enough hangs up
            self.wfile.write(body)

    do_POST = do_GET  # Baidu puts all into the address of a POST

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def asking(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Online]:
    """A service's engine with the stand-in as its address."""
    monkeypatch.setenv("SIGNOFF_BAIDU_KEY", f"appid:{KEY}")
    bound: Any = type("Bound", (Handler,), {"page": staticmethod(PAGES[name])})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    PATIENCE_IS_OVER.clear()
    HEARD.clear()
    lines = tuple(replace(line, url=f"http://127.0.0.1:{server.server_port}/") for line in SERVICES)
    monkeypatch.setattr("pipeline.engines.online.SERVICES", lines)
    try:
        yield Online(name, {"timeout_s": "2"})
    finally:
        PATIENCE_IS_OVER.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("name", list(PAGES))
def test_good_answers_are_drafts_in_order(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each text gets its own answer, with the engine's name and version."""
    with asking(name, monkeypatch) as engine:
        drafts = engine.translate(["text 1", "text 2"], EN, ES)
    assert [draft.text for draft in drafts if isinstance(draft, Draft)] == ["texto 1", "texto 2"]
    assert {(d.engine, d.version) for d in drafts if isinstance(d, Draft)} == {(name, engine.version(EN, ES))}


@pytest.mark.parametrize("name", list(PAGES))
@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("429", RateLimited, "too many requests"),
        ("500", Unavailable, "answered with an error"),
        ("403", Unavailable, "answered with an error"),
        ("html", Failure, ""),
        ("null", Failure, ""),
        ("slow", Unavailable, "no answer within 2 s"),
        ("cut", Unavailable, "connection failed"),
        ("redirect", NoAccess, "sends us to another address"),
        ("huge", Unavailable, "larger than"),
        ("bomb", Unavailable, "larger than"),
        ("x" * 5_000, Failure, "longer than the"),
    ],
)
def test_bad_answers_are_failures_that_say_why(
    name: str, text: str, kind: type[Failure], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One text's trouble is its own Failure, of the class that says what to do; its neighbours are drafted."""
    with asking(name, monkeypatch) as engine:
        before, failed, after = engine.translate(["one", text, "two"], EN, ES)
    assert isinstance(failed, kind) and isinstance(failed, Failure)
    assert why in failed.reason and KEY not in failed.reason
    assert isinstance(before, Draft) and isinstance(after, Draft)
    assert not any(path.startswith("/elsewhere") for path in HEARD)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [("mymemory", "quota", NoAccess), ("baidu", "baidu limit", RateLimited), ("baidu", "baidu key", NoAccess)],
)
def test_what_a_service_says_with_status_200_is_heard(
    name: str, text: str, kind: type[Failure], monkeypatch: pytest.MonkeyPatch
) -> None:
    """MyMemory's warning is no translation; Baidu's errors come as answers. Their words are not repeated."""
    with asking(name, monkeypatch) as engine:
        (answer,) = engine.translate([text], EN, ES)
    assert isinstance(answer, kind) and isinstance(answer, Failure) and KEY not in answer.reason


def test_every_service_of_the_table_is_an_engine_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line opens by its name, leaves the machine, has limits; those with a key say which variable holds it."""
    for service in SERVICES:
        if service.key_variable:
            monkeypatch.delenv(service.key_variable, raising=False)
        engine = open_engine(service.name)
        assert isinstance(engine, Engine) and engine.leaves_the_machine and service.url.startswith("https://")
        assert isinstance(engine, Limited) and engine.limits and engine.limits.batch_texts == 1
        assert service.name in ENGINES and 0 < engine.max_characters <= 5_000
        answer = engine.serves(EN, ES)
        if service.key_variable:
            assert isinstance(answer, Missing) and service.key_variable in answer.todo
            with pytest.raises(EngineError, match="needs a key"):
                engine.translate(["one"], EN, ES)
        else:
            assert answer == Serves()


@pytest.mark.parametrize("name", list(PAGES))
def test_a_language_that_a_service_lacks_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brazilian Portuguese is served by each; a language that nobody has is Missing, without a request."""
    monkeypatch.setenv("SIGNOFF_BAIDU_KEY", f"appid:{KEY}")
    engine = Online(name, {})
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
