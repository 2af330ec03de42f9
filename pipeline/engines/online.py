"""Draft with the online services that deep-translator knows, one text per request.

Takes   texts; a service's line in SERVICES; its key from the environment; for LibreTranslate the setting `url`
Gives   a Draft or a Failure per text, in order
Always  each request has a deadline, a translator object of its own and HTTPS (plain HTTP only to this very machine);
        no key, address with a key, or answer of a server stands in a message

deep-translator has no timeouts and shares state between threads (31 of 400 answers went to the wrong text), so each
request runs in a thread and with an object of its own; a request that outlives its deadline is left behind and its
answer dropped. DeepL, Microsoft and LibreTranslate will be called over httpx by adapters of our own (the issue after
next): their keys then no longer stand in addresses, and `Retry-After` is heard. Retries belong above, in draft.py.
"""

import ipaddress
import os
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version as package_version
from typing import Protocol
from urllib.parse import urlsplit

import deep_translator.exceptions
import requests
from deep_translator import (
    DeeplTranslator,
    GoogleTranslator,
    LibreTranslator,
    MicrosoftTranslator,
    MyMemoryTranslator,
)

from pipeline.engines import Draft, Failure, Missing, Serves, Settings, refuse_unknown_settings
from pipeline.errors import EngineError
from pipeline.model import Locale


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
    key_optional: bool = False
    max_characters: int
    codes: tuple[tuple[str, str], ...] = ()
    """Locales, or bare languages, that the service calls otherwise; all others go by their language."""
    url: str
    """Where requests go; for LibreTranslate the setting `url` replaces it."""
    in_flight: int = 2
    """Requests at once: free services ban those who ask for more."""


def _microsoft(source: str, target: str, key: str) -> _Translator:
    region = os.environ.get("SIGNOFF_MICROSOFT_REGION")
    translator: _Translator = MicrosoftTranslator(source, target, api_key=key, region=region)
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
        name="deepl",
        open=lambda source, target, key: DeeplTranslator(source, target, api_key=key, use_free_api=key.endswith(":fx")),
        key_variable="SIGNOFF_DEEPL_KEY",
        max_characters=5_000,
        url="https://api.deepl.com/v2/",
    ),
    Service(
        name="microsoft",
        open=_microsoft,
        key_variable="SIGNOFF_MICROSOFT_KEY",
        max_characters=5_000,
        codes=(("pt-PT", "pt-pt"), ("zh-Hant", "zh-hant"), ("zh", "zh-hans")),
        url="https://api.cognitive.microsofttranslator.com/translate",
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
        name="libretranslate",
        open=lambda source, target, key: LibreTranslator(source, target, api_key=key or "-"),
        key_variable="SIGNOFF_LIBRETRANSLATE_KEY",
        key_optional=True,
        max_characters=2_000,
        url="https://libretranslate.com/",
    ),
)
"""Every service of this module, with its limits as of deep-translator 1.11.4."""


class Online:
    """One service of the table. Thread-safe; keeps nothing between calls."""

    leaves_the_machine = True
    contextual = False

    def __init__(self, service: str, settings: Settings) -> None:
        """Settings: `timeout_s` (30), and for libretranslate `url`. Raises EngineError for what will not do."""
        self._service = next(line for line in SERVICES if line.name == service)
        known = {"timeout_s"} | ({"url"} if service == "libretranslate" else set())
        refuse_unknown_settings(service, settings, frozenset(known))
        try:
            self._timeout_s = float(settings.get("timeout_s", "30"))
        except ValueError as error:
            raise EngineError(f"engine {service!r}: timeout_s is not a number: {settings['timeout_s']!r}") from error
        self._url = settings.get("url", "").rstrip("/") + "/" if settings.get("url") else self._service.url
        if problem := _refused_address(self._url):
            raise EngineError(f"engine {service!r}: {problem}")

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
        if self.name == "deepl" and os.environ.get(self._service.key_variable, "").endswith(":fx"):
            return "api-free.deepl.com"  # deep-translator's address for a free key
        return urlsplit(self._url).hostname or ""

    def close(self) -> None:
        """Nothing is kept open."""

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Whether there is a key and the service's list has both languages; sends nothing."""
        variable = self._service.key_variable
        if variable and not self._service.key_optional and not os.environ.get(variable):
            return Missing(f"{self.name} needs a key: set the environment variable {variable}")
        if self.name == "microsoft":  # its class asks the service for its languages when it is made
            return Serves()
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
        with ThreadPoolExecutor(self._service.in_flight) as pool:
            return list(pool.map(lambda text: self._draft(text, source_locale, target_locale), texts))

    def _draft(self, text: str, source_locale: Locale, target_locale: Locale) -> Draft | Failure:
        if len(text) > self.max_characters:
            return Failure(reason=f"is longer than the {self.max_characters} characters that {self.name} takes")
        answer = self._within_deadline(lambda: self._open(source_locale, target_locale).translate(text))
        if isinstance(answer, Failure):
            return answer
        if not isinstance(answer, str) or not answer.strip():
            return Failure(reason=f"{self.name} answered nothing")
        if "MYMEMORY WARNING" in answer.upper():
            return Failure(reason=f"{self.name}'s free quota is used up for today")
        if answer.strip() == text.strip() and any(character.isalpha() for character in text) and " " in text:
            return Failure(reason="came back untranslated")
        return Draft(text=answer, engine=self.name, version=self.version(source_locale, target_locale))

    def _within_deadline(self, call: Callable[[], object]) -> object:
        """What the call returns, or a Failure; a call that is too slow goes on in its own thread, unheard."""
        answers: queue.SimpleQueue[object] = queue.SimpleQueue()

        def work() -> None:
            try:
                answers.put(call())
            except _REFUSALS as error:
                answers.put(Failure(reason=f"{self.name}: {_said(error)}"))
            except (KeyError, IndexError, TypeError, AttributeError, ValueError):
                # deep-translator takes the answer apart without looking; ValueError covers an answer that is no JSON
                answers.put(Failure(reason=f"{self.name}: the answer is not what the service documents"))

        threading.Thread(target=work, daemon=True, name=f"{self.name} request").start()
        try:
            return answers.get(timeout=self._timeout_s)
        except queue.Empty:
            return Failure(reason=f"{self.name}: no answer within {self._timeout_s:g} s")

    def _open(self, source_locale: Locale, target_locale: Locale) -> _Translator:
        key = os.environ.get(self._service.key_variable, "") if self._service.key_variable else ""
        translator = self._service.open(self._code(source_locale), self._code(target_locale), key)
        if self.name in ("mymemory", "libretranslate"):
            translator._base_url = self._url
        return translator

    def _code(self, locale: Locale) -> str:
        codes = dict(self._service.codes)
        return codes.get(locale.tag) or codes.get(locale.language) or locale.language


_ERRORS = deep_translator.exceptions
_REFUSALS = (
    _ERRORS.BaseError,
    _ERRORS.RequestError,
    _ERRORS.MicrosoftAPIerror,
    _ERRORS.TooManyRequests,
    _ERRORS.ServerException,
    _ERRORS.AuthorizationException,
    requests.RequestException,
)


def _said(error: BaseException) -> str:
    """An exception in our words: its own may quote the key, the address with the key, or the text."""
    if isinstance(error, _ERRORS.TooManyRequests) or error.args[:1] == (_ERRORS.ServerException.errors[429],):
        return "too many requests; wait, or buy a larger plan"
    if isinstance(error, _ERRORS.AuthorizationException | _ERRORS.ApiKeyException):
        return "the service refused the key"
    if isinstance(error, _ERRORS.LanguageNotSupportedException | _ERRORS.InvalidSourceOrTargetLanguage):
        return "the service does not have this language"
    if isinstance(error, _ERRORS.ServerException):
        return "the service answered with an error"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.JSONDecodeError):
        return "the answer is not what the service documents"
    if isinstance(error, requests.RequestException):
        return "the connection failed"
    return f"the service refused the text ({type(error).__name__})"


def _refused_address(url: str) -> str:
    """Why texts must not be sent to this address; "" if they may."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "its url cannot be read"
    if parts.username or parts.password or parts.query:
        return "its url must not hold a name, password or key: keys come from the environment"
    if parts.scheme == "https" and host:
        return ""
    if parts.scheme == "http" and _is_loopback(host):
        return ""
    return "its url must begin with https:// (plain http:// only for this machine)"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
