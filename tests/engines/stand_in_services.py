"""Stand-ins for the services that draft: real HTTP servers on this machine, with the shapes that the services document.

Takes   a script: what the next requests get instead of a right answer
Gives   an address; what was heard there: paths, headers, bodies
Always  each right answer is `Take <g1>two</g1>.` → `Takeo <g1>twoo</g1>.`, so that tests see which text was answered
"""

import json
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "a-key-that-nobody-may-see"
_WORD = re.compile(r"<[^>]*>|&[a-z#0-9]+;|([^\W\d_]+)")


def translated(text: str) -> str:
    """What the stand-ins make of a text; tags and entities stay."""
    return _WORD.sub(lambda found: f"{found[1]}o" if found[1] else found[0], text)


@dataclass(frozen=True)
class Heard:
    """One request."""

    path: str
    headers: dict[str, str]
    body: Any


Reply = Callable[["Handler"], None]
"""Answers one request, well or badly."""


@dataclass
class StandIn:
    """One service. `script` is used up first; then right answers."""

    answer: Callable[["StandIn", Heard], tuple[int, Any]]
    script: deque[Reply] = field(default_factory=deque)
    heard: list[Heard] = field(default_factory=list)
    poison: str = ""
    """A request that holds this text is refused."""
    make: Callable[[str], Any] = translated
    """What becomes of one text."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set at the end, so that a slow answer holds up nobody."""
    at_once: int = 0
    most_at_once: int = 0
    latency_s: float = 0.0
    url: str = ""
    has: dict[str, Any] = field(default_factory=dict)
    """Answers to GET, by path."""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, then follows the script."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the second packet of an answer waits 40 ms for the first
    service: StandIn

    def do_POST(self) -> None:
        """One request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        heard = Heard(self.path, dict(self.headers), json.loads(body))
        with self.service.lock:
            self.service.heard.append(heard)
            self.service.at_once += 1
            self.service.most_at_once = max(self.service.most_at_once, self.service.at_once)
            reply = self.service.script.popleft() if self.service.script else None
        try:
            if self.service.latency_s:
                self.service.over.wait(self.service.latency_s)
            if reply:
                reply(self)
            else:
                self.say(*self.service.answer(self.service, heard))
        except OSError:
            self.close_connection = True
        finally:
            with self.service.lock:
                self.service.at_once -= 1

    def do_GET(self) -> None:
        """A question without a text: what the service has."""
        has = self.service.has.get(self.path)
        self.say(200, has) if has is not None else self.say(404, {"error": "not found"})

    def say(
        self, status: int, value: Any, headers: dict[str, str] | None = None, kind: str = "application/json"
    ) -> None:
        """Answer; bytes as they are, other values as JSON."""
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no error of ours."""


@contextmanager
def served(service: StandIn) -> Iterator[StandIn]:
    """The service at an address of this machine."""
    server = _Server(("127.0.0.1", 0), type("Bound", (Handler,), {"service": service}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield service
    finally:
        service.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


# -- the services


def deepl(service: StandIn, heard: Heard) -> tuple[int, Any]:
    """`POST /v2/translate` of DeepL."""
    if heard.path != "/v2/translate":
        return 404, {"message": "not found"}
    if heard.headers.get("Authorization") != f"DeepL-Auth-Key {KEY}":
        return 403, {"message": f"no such key {KEY}"}
    texts = heard.body["text"]
    if len(texts) > 50 or not heard.body["target_lang"] or heard.body["tag_handling"] != "xml":
        return 400, {"message": "Bad request. Reason: Too many texts"}
    if service.poison and any(service.poison in text for text in texts):
        return 400, {"message": f"Bad request: {texts}"}
    return 200, {"translations": [{"detected_source_language": "EN", "text": service.make(text)} for text in texts]}


def microsoft(service: StandIn, heard: Heard) -> tuple[int, Any]:
    """`POST /translate?api-version=3.0` of Microsoft Translator."""
    if not heard.path.startswith("/translate?api-version=3.0&from=en&to="):
        return 404, {"error": {"code": 404000, "message": "not found"}}
    if heard.headers.get("Ocp-Apim-Subscription-Key") != KEY:
        return 401, {"error": {"code": 401000, "message": f"The request is not authorized: {KEY}"}}
    texts = [item["Text"] for item in heard.body]
    if len(texts) > 1_000 or sum(map(len, texts)) > 50_000:
        return 400, {"error": {"code": 400077, "message": "The maximum request size has been exceeded."}}
    if service.poison and any(service.poison in text for text in texts):
        return 400, {"error": {"code": 400000, "message": f"One of the inputs is not valid: {texts}"}}
    to = heard.path.partition("&to=")[2].partition("&")[0]
    return 200, [{"translations": [{"text": service.make(text), "to": to}]} for text in texts]


def libretranslate(service: StandIn, heard: Heard) -> tuple[int, Any]:
    """`POST /translate` of LibreTranslate."""
    if heard.path != "/translate":
        return 404, {"error": "not found"}
    if heard.body.get("api_key") != KEY:
        return 403, {"error": f"Invalid API key {KEY}"}
    texts = heard.body["q"]
    if service.poison and any(service.poison in text for text in texts):
        return 400, {"error": f"Invalid request: {texts}"}
    return 200, {"translatedText": [service.make(text) for text in texts]}


def chat(service: StandIn, heard: Heard) -> tuple[int, Any]:
    """`POST /v1/chat/completions` of OpenAI, Ollama, llama.cpp and vLLM."""
    if heard.path != "/v1/chat/completions":
        return 404, {"error": {"message": "not found"}}
    if heard.headers.get("Authorization") != f"Bearer {KEY}":
        return 401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}
    asked = json.loads(heard.body["messages"][-1]["content"])["texts"]
    if service.poison and any(service.poison in item["text"] for item in asked):
        return 400, {"error": {"message": f"bad: {asked}"}}
    translations = [{"id": item["id"], "text": service.make(item["text"])} for item in asked]
    return 200, said(json.dumps({"translations": translations}))


def said(content: str | None, **more: Any) -> Any:
    """An answer of a chat model."""
    finish = more.pop("finish_reason", "stop")
    message = {"role": "assistant", "content": content, **more}
    return {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": finish}]}


# -- what goes wrong


def status(code: int, headers: dict[str, str] | None = None, value: Any = None) -> Reply:
    """An error, with words that must not be repeated."""
    return lambda handler: handler.say(code, value or {"message": f"secret {KEY}"}, headers)


def answers(value: Any, kind: str = "application/json") -> Reply:
    """This, with status 200."""
    return lambda handler: handler.say(200, value, kind=kind)


def html_page(handler: Handler) -> None:
    """What the network of a hotel says to everything."""
    handler.say(200, b"<!DOCTYPE html><html><body>Welcome to our wireless network</body></html>", kind="text/html")


def never(handler: Handler) -> None:
    """No answer at all."""
    handler.service.over.wait(30)


def dribble(handler: Handler) -> None:
    """A byte now and then: no single read takes too long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.service.over.wait(0.1):
        handler.wfile.write(b" ")


def dribble_headers(handler: Handler) -> None:
    """A byte of a header now and then: the answer never begins."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.service.over.wait(0.1):
        handler.wfile.write(b"x")


def cut(handler: Handler) -> None:
    """The connection ends before the answer begins."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut_within(handler: Handler) -> None:
    """The connection ends in the middle of the answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"translations": [')
    cut(handler)


def huge(handler: Handler) -> None:
    """50 MB of blanks."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(50_000_000))
    handler.end_headers()
    for _ in range(50):
        handler.wfile.write(b" " * 1_000_000)


def compressed(handler: Handler) -> None:
    """An answer in an encoding that was not asked for."""
    handler.say(200, b"\x1f\x8b\x08\x00", {"Content-Encoding": "gzip"})
