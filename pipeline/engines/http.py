"""Talk to a translation service over HTTP: the one room through which texts of our own adapters leave.

Takes   an address from `signoff.toml`, headers (keys go there, never into an address), a JSON value
Gives   the JSON value of the answer, or a Failure whose class says what to do: RateLimited, Unavailable, Refused,
        NoAccess (pipeline/engines/__init__.py)
Always  HTTPS, plain HTTP only to this very machine; no redirect is followed; a deadline per request and a limit on the
        answer's size; nothing that a server says, no key and no text stands in a message

Retries, waiting and pacing are not here: asking.py does them for every engine alike.
"""

import ipaddress
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from pipeline.engines import Draft, Failure, NoAccess, RateLimited, Refused, Settings, Unavailable
from pipeline.engines.markup import from_markup
from pipeline.errors import EngineError

MOST_BYTES = 4_000_000
"""The largest answer that is read. The largest request of ours is 50,000 characters."""
TIMEOUT_S = 60.0
"""How long a request may take unless `timeout_s` says otherwise."""
REACH_S = 5.0
"""How long a server may take to say that it is there."""


@dataclass(frozen=True, slots=True)
class Json:
    """What a service answered."""

    value: object


Written = Callable[[object], Sequence[object] | None]
"""What a service wrote for each text, out of the JSON of its answer; None if there is no list of texts in it."""


def refused_address(url: str) -> str:
    """Why texts must not be sent to this address; "" if they may."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "its url cannot be read"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "its url must not hold a name, password or key: keys come from the environment"
    if parts.scheme == "https" and host:
        return ""
    if parts.scheme == "http" and is_loopback(host):
        return ""
    return "its url must begin with https:// (plain http:// only for this machine)"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def seconds_of(engine: str, settings: Settings, key: str, default: float) -> float:
    """A setting in seconds. Raises EngineError if it is no number above 0."""
    try:
        seconds = float(settings.get(key, default))
    except ValueError as error:
        raise EngineError(f"engine {engine!r}: {key} is not a number: {settings[key]!r}", setting=key) from error
    if not 0 < seconds < 3_600:
        message = f"engine {engine!r}: {key} must be above 0 and below 3600, not {settings[key]}"
        raise EngineError(message, setting=key)
    return seconds


class Service:
    """One service at one address. Thread-safe; keeps connections open until `close`."""

    def __init__(self, engine: str, url: str, timeout_s: float = TIMEOUT_S, in_flight: int = 8) -> None:
        """Raises EngineError for an address that texts must not be sent to."""
        if problem := refused_address(url):
            raise EngineError(f"engine {engine!r}: {problem}", setting="url")
        self.engine, self.url, self.timeout_s = engine, url.rstrip("/"), timeout_s
        self.host = urlsplit(url).hostname or ""
        self.on_this_machine = is_loopback(self.host)
        self._client = httpx.Client(
            timeout=timeout_s,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=in_flight + 2, max_keepalive_connections=in_flight),
            # A proxy of the environment is for other machines: what is meant for this one must not pass through it.
            trust_env=not self.on_this_machine,
            # Compressed answers are not asked for: a small one can hide a very large one.
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "signoff"},
        )

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Json | Failure:
        """The answer to a JSON request, or why there is none."""
        return self._ask("POST", path, body, headers, self.timeout_s)

    def drafts(
        self,
        path: str,
        body: object,
        headers: Mapping[str, str] | None = None,
        *,
        written: Written,
        version: str,
        wanted: int,
    ) -> list[Draft | Failure]:
        """One answer for each text of a JSON request; `written` finds them, tags as markup, in what the service said.

        Where there are not as many as were wanted nobody can tell which belongs where: then none is taken.
        """
        answer = self.post(path, body, headers)
        if isinstance(answer, Failure):
            return [answer] * wanted
        texts = written(answer.value)
        if texts is None or len(texts) != wanted:
            return [Refused(reason=f"{self.engine}: not as many answers as texts")] * wanted
        return [
            Draft(text=from_markup(text), engine=self.engine, version=version)
            if isinstance(text, str) and text.strip()
            else Failure(reason=f"{self.engine} answered nothing")
            for text in texts
        ]

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Json | Failure:
        """The answer to a question without a text, within REACH_S, or why there is none."""
        return self._ask("GET", path, None, headers, min(REACH_S, self.timeout_s))

    def _ask(
        self, method: str, path: str, body: object, headers: Mapping[str, str] | None, timeout_s: float
    ) -> Json | Failure:
        until = time.monotonic() + timeout_s
        try:
            with self._client.stream(
                method, self.url + path, json=body, headers=dict(headers or {}), timeout=timeout_s
            ) as response:
                if problem := self._problem(response):
                    return problem
                return self._read(response, until, timeout_s)
        except httpx.TimeoutException:
            return self._too_slow(timeout_s)
        except UnicodeError:  # its own words would quote the key
            return NoAccess(reason=f"{self.engine}: the key has characters that no HTTP header can hold")
        except (httpx.HTTPError, httpx.StreamError):
            return Unavailable(reason=f"{self.engine}: the connection failed")
        except RuntimeError:  # httpx: the client has been closed, because the run ended
            return Unavailable(reason=f"{self.engine}: the connection was closed")

    def close(self) -> None:
        """End the connections; may be called twice."""
        self._client.close()

    def _problem(self, response: httpx.Response) -> Failure | None:
        """What the status says; None if the answer may be read."""
        status = response.status_code
        wait_s = retry_after_s(response.headers.get("Retry-After", ""), response.headers.get("Date", ""))
        if status in (429, 529) or (status == 503 and wait_s is not None):
            return RateLimited(
                reason=f"{self.engine}: too many requests; wait, or buy a larger plan", retry_after_s=wait_s
            )
        if status in (401, 403, 407):
            return NoAccess(reason=f"{self.engine}: the service refused the key")
        if status in (402, 456):
            return NoAccess(reason=f"{self.engine}: the quota is used up")
        if status in (404, 405, 410):
            return NoAccess(reason=f"{self.engine}: there is no such service at its url")
        if 300 <= status < 400:
            return NoAccess(reason=f"{self.engine}: the service sends us to another address: set its url")
        if status == 408 or status >= 500:
            return Unavailable(reason=f"{self.engine}: the service answered with an error ({status})")
        if status >= 400:
            return Refused(reason=f"{self.engine}: the service refused the request ({status})")
        if status != 200 or response.headers.get("Content-Encoding", "identity") != "identity":
            return self._undocumented()
        return None

    def _read(self, response: httpx.Response, until: float, timeout_s: float) -> Json | Failure:
        """The answer's JSON, read only as far as the limits allow."""
        data = bytearray()
        for chunk in response.iter_bytes():
            data += chunk
            if len(data) > MOST_BYTES:
                return Unavailable(reason=f"{self.engine}: the answer is larger than {MOST_BYTES} bytes")
            if time.monotonic() > until:  # a server that sends a byte now and then never times out by itself
                return self._too_slow(timeout_s)
        try:
            return Json(json.loads(data.decode()))
        except (ValueError, RecursionError):  # not UTF-8, not JSON, or nested without end
            return self._undocumented()

    def _undocumented(self) -> Failure:
        return Unavailable(reason=f"{self.engine}: the answer is not what the service documents")

    def _too_slow(self, timeout_s: float) -> Failure:
        return Unavailable(reason=f"{self.engine}: no answer within {timeout_s:g} s")


def retry_after_s(header: str, date: str = "") -> float | None:
    """The seconds of a Retry-After header (RFC 9110, 10.2.3): a number, or a date beside the answer's own Date.

    >>> retry_after_s("120")
    120.0
    >>> retry_after_s("Fri, 31 Dec 1999 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:29 GMT")
    30.0
    """
    text = header.strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None
