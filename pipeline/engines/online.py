"""Draft with services that only deep-translator knows, one text per request.

Takes   texts; a service's line in SERVICES; its key from the environment
Gives   a Draft or a Failure per text, in order; the class of a Failure says what to do (pipeline/engines/__init__.py)
Always  each request has a deadline, a translator object of its own and HTTPS; no redirect is followed, and no answer is
        read beyond a limit; no key, address with a key, or answer of a server stands in a message

deep-translator has no timeouts and shares state between threads (31 of 400 answers went to the wrong text), so each
request runs in a thread and with an object of its own; a request that outlives its deadline is left behind and its
answer dropped. Services with an official API that people pay for have adapters of our own (deepl.py, microsoft.py,
libretranslate.py, chat.py). What deep-translator knows besides is left out: QCRI (the key in the address, errors not
heeded), Yandex (its version 1.5 was ended), Papago (the service has moved), ChatGPT (chat.py does it with a prompt of
ours), PONS and Linguee (dictionaries of words). Retries belong above, in asking.py.
"""

import os
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version as package_version
from typing import Any, Protocol
from urllib.parse import urlsplit

import deep_translator.baidu
import deep_translator.exceptions
import deep_translator.google
import deep_translator.mymemory
import requests
from deep_translator import BaiduTranslator, GoogleTranslator, MyMemoryTranslator

from pipeline.engines import (
    Draft,
    Failure,
    Limits,
    Missing,
    NoAccess,
    RateLimited,
    Refused,
    Serves,
    Settings,
    Unavailable,
    refuse_unknown_settings,
)
from pipeline.engines.http import MOST_BYTES, seconds_of
from pipeline.errors import EngineError
from pipeline.model import Locale

STILL_S = 60.0
"""How long a connection may stand still before its thread is free again, whoever waits for it or not."""


class _Requests:
    """What deep-translator gets for the package `requests`, which follows redirects and reads without end."""

    def get(self, url: str, **more: Any) -> requests.Response:
        """As `requests.get`."""
        return self._fetched("GET", url, **more)

    def post(self, url: str, **more: Any) -> requests.Response:
        """As `requests.post`."""
        return self._fetched("POST", url, **more)

    def _fetched(self, method: str, url: str, **more: Any) -> requests.Response:
        """The response with its content. Raises requests.RequestException, also for a redirect and for too much."""
        data = bytearray()
        with (
            requests.Session() as session,
            session.request(method, url, allow_redirects=False, stream=True, timeout=STILL_S, **more) as response,
        ):
            if response.is_redirect:
                raise requests.TooManyRedirects
            for chunk in response.iter_content(1 << 14):
                data += chunk
                if len(data) > MOST_BYTES:
                    raise requests.exceptions.ContentDecodingError
        response._content = bytes(data)
        return response


for _module in (deep_translator.google, deep_translator.mymemory, deep_translator.baidu):
    setattr(_module, "requests", _Requests())  # noqa: B010 - an attribute that the module does not declare


class _Translator(Protocol):
    """What we use of a deep-translator class."""

    _base_url: str

    def translate(self, text: str) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One line of the table."""

    name: str
    open: Callable[[str, str, str], _Translator]
    """Of source code, target code and key; a new object per request."""
    key_variable: str = ""
    """The environment variable that holds the key; empty if none is needed."""
    max_characters: int
    codes: tuple[tuple[str, str], ...] = ()
    """Locales, or bare languages, that the service calls otherwise; all others go by their language."""
    url: str
    """Where requests go, whatever the package says."""
    in_flight: int = 2
    """Requests at once: free services ban those who ask for more."""


def _baidu(source: str, target: str, key: str) -> _Translator:
    appid, _, appkey = key.partition(":")
    translator: _Translator = BaiduTranslator(source, target, appid=appid, appkey=appkey)
    return translator


SERVICES: tuple[Service, ...] = (
    Service(
        name="google",
        open=lambda source, target, _: GoogleTranslator(source, target),
        max_characters=4_999,
        codes=(("zh-Hant", "zh-TW"), ("zh-TW", "zh-TW"), ("zh", "zh-CN"), ("he", "iw"), ("nb", "no")),
        url="https://translate.google.com/m",
    ),
    Service(
        name="mymemory",
        open=lambda source, target, _: MyMemoryTranslator(source, target),
        max_characters=499,
        codes=(
            ("en", "en-GB"),
            ("es", "es-ES"),
            ("ca", "ca-ES"),
            ("gl", "gl-ES"),
            ("pt-BR", "pt-BR"),
            ("pt", "pt-PT"),
            ("fr", "fr-FR"),
            ("de", "de-DE"),
            ("it", "it-IT"),
        ),
        url="https://api.mymemory.translated.net/get",
    ),  # the package's own address is plain HTTP
    Service(
        name="baidu",
        open=_baidu,
        key_variable="SIGNOFF_BAIDU_KEY",
        max_characters=1_900,
        codes=(
            ("es", "spa"),
            ("fr", "fra"),
            ("ar", "ara"),
            ("ja", "jp"),
            ("ko", "kor"),
            ("zh-Hant", "cht"),
            ("vi", "vie"),
            ("sv", "swe"),
            ("da", "dan"),
            ("fi", "fin"),
            ("et", "est"),
            ("bg", "bul"),
            ("sl", "slo"),
        ),
        url="https://fanyi-api.baidu.com/api/trans/vip/translate",
        in_flight=1,
    ),  # the key is two: `appid:appkey`; it signs requests and does not travel
)
"""Every service of this module, with its limits as of deep-translator 1.11.4."""


class Online:
    """One service of the table. Thread-safe; keeps nothing between calls."""

    leaves_the_machine = True
    contextual = False

    def __init__(self, service: str, settings: Settings) -> None:
        """Setting: `timeout_s` (30). Raises EngineError for what will not do."""
        self._service = next(line for line in SERVICES if line.name == service)
        refuse_unknown_settings(service, settings, frozenset({"timeout_s"}))
        self._timeout_s = seconds_of(service, settings, "timeout_s", 30.0)

    @property
    def name(self) -> str:
        """The service's."""
        return self._service.name

    @property
    def max_characters(self) -> int:
        """The service's, for one request."""
        return self._service.max_characters

    @property
    def sends_to(self) -> str:
        """The host that the texts go to."""
        return urlsplit(self._service.url).hostname or ""

    @property
    def limits(self) -> Limits:
        """One text a call."""
        return Limits(in_flight=self._service.in_flight, call_s=0.5, deadline_s=self._timeout_s)

    def close(self) -> None:
        """Nothing is kept open."""

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Whether there is a key and the service's list has both languages; sends nothing."""
        variable = self._service.key_variable
        if variable and not os.environ.get(variable):
            return Missing(f"{self.name} needs a key: set the environment variable {variable}")
        try:
            self._open(source_locale, target_locale)
        except (deep_translator.exceptions.BaseError, ValueError):
            return Missing(f"{self.name} has no way from {source_locale} to {target_locale}; choose another engine")
        return Serves()

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        """The library's version and the codes asked for; a service does not say which model answered."""
        library = package_version("deep-translator")
        return f"deep-translator {library} {self._code(source_locale)} {self._code(target_locale)}"

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """One request per text."""
        if isinstance(answer := self.serves(source_locale, target_locale), Missing):
            raise EngineError(answer.todo)
        return [self._draft(text, source_locale, target_locale) for text in texts]

    def _draft(self, text: str, source_locale: Locale, target_locale: Locale) -> Draft | Failure:
        if len(text) > self.max_characters:
            return Failure(reason=f"is longer than the {self.max_characters} characters that {self.name} takes")
        answer = self._within_deadline(lambda: self._open(source_locale, target_locale).translate(text))
        if isinstance(answer, Failure):
            return answer
        if not isinstance(answer, str) or not answer.strip():
            return Failure(reason=f"{self.name} answered nothing")
        if "MYMEMORY WARNING" in answer.upper():
            return NoAccess(reason=f"{self.name}'s free quota is used up for today")
        return Draft(text=answer, engine=self.name, version=self.version(source_locale, target_locale))

    def _within_deadline(self, call: Callable[[], object]) -> object:
        """What the call returns, or a Failure; a call that is too slow goes on in its own thread, unheard."""
        answers: queue.SimpleQueue[object] = queue.SimpleQueue()

        def work() -> None:
            try:
                answers.put(call())
            except _REFUSALS as error:
                answers.put(_failure(self.name, error))
            except Exception:  # noqa: BLE001 - deep-translator takes the answer apart without looking: it may raise
                # anything (StopIteration for an empty answer of MyMemory), and a thread that dies prints the address
                answers.put(Unavailable(reason=f"{self.name}: the answer is not what the service documents"))

        threading.Thread(target=work, daemon=True, name=f"{self.name} request").start()
        try:
            return answers.get(timeout=self._timeout_s)
        except queue.Empty:
            return Unavailable(reason=f"{self.name}: no answer within {self._timeout_s:g} s")

    def _open(self, source_locale: Locale, target_locale: Locale) -> _Translator:
        key = os.environ.get(self._service.key_variable, "") if self._service.key_variable else ""
        translator = self._service.open(self._code(source_locale), self._code(target_locale), key)
        translator._base_url = self._service.url  # MyMemory's in the package is plain HTTP
        return translator

    def _code(self, locale: Locale) -> str:
        codes = dict(self._service.codes)
        return codes.get(locale.tag) or codes.get(locale.language) or locale.language


_ERRORS = deep_translator.exceptions
_REFUSALS = (
    _ERRORS.BaseError,
    _ERRORS.RequestError,
    _ERRORS.BaiduAPIerror,
    _ERRORS.TooManyRequests,
    _ERRORS.ServerException,
    requests.RequestException,
)


def _failure(name: str, error: BaseException) -> Failure:
    """An exception in our words: its own may quote the key, the address with the key, or the text."""
    busy = isinstance(error, _ERRORS.BaiduAPIerror) and "Access Limit" in str(error)
    if busy or isinstance(error, _ERRORS.TooManyRequests) or error.args[:1] == (_ERRORS.ServerException.errors[429],):
        return RateLimited(reason=f"{name}: too many requests; wait, or buy a larger plan")
    if isinstance(error, _ERRORS.ApiKeyException | _ERRORS.BaiduAPIerror):
        return NoAccess(reason=f"{name}: the service refused the key, the quota or the language")
    if isinstance(error, _ERRORS.LanguageNotSupportedException | _ERRORS.InvalidSourceOrTargetLanguage):
        return NoAccess(reason=f"{name}: the service does not have this language")
    if isinstance(error, _ERRORS.ServerException | _ERRORS.RequestError):
        return Unavailable(reason=f"{name}: the service answered with an error")
    if isinstance(error, requests.TooManyRedirects):
        return NoAccess(reason=f"{name}: the service sends us to another address")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Unavailable(reason=f"{name}: the answer is larger than {MOST_BYTES} bytes, or not what it says")
    if isinstance(error, requests.Timeout):
        return Unavailable(reason=f"{name}: no answer in time")
    if isinstance(error, requests.JSONDecodeError):
        return Unavailable(reason=f"{name}: the answer is not what the service documents")
    if isinstance(error, requests.RequestException):
        return Unavailable(reason=f"{name}: the connection failed")
    return Refused(reason=f"{name}: the service refused the text ({type(error).__name__})")
