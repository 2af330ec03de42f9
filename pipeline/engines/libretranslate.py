"""Draft with a LibreTranslate server: your own, also on this machine, or one that you pay for.

Takes   a list of texts a call (`POST /translate`, https://docs.libretranslate.com), the address in the setting `url`,
        a key from the environment (SIGNOFF_LIBRETRANSLATE_KEY) if the server wants one
Gives   a Draft or a Failure per text, in order
Always  the key stands in the request's body, as the service wants it, never in an address; placeables travel as HTML
"""

import os
from collections.abc import Sequence
from typing import Any

from pipeline.engines import Draft, Failure, Limits, Missing, Serves, Settings, refuse_unknown_settings
from pipeline.engines.http import TIMEOUT_S, Service, seconds_of
from pipeline.engines.markup import to_markup
from pipeline.model import Locale

KEY = "SIGNOFF_LIBRETRANSLATE_KEY"
URL = "https://libretranslate.com"
CODES = {"zh": "zh-Hans", "zh-Hant": "zh-Hant", "zh-TW": "zh-Hant", "no": "nb"}
"""Locales that the server calls otherwise than by their language; `pt-BR` is its own model on newer servers."""


class LibreTranslate:
    """A server at one address. Thread-safe."""

    name = "libretranslate"
    max_characters = 2_000
    contextual = False

    def __init__(self, settings: Settings) -> None:
        """Settings: `url`, `timeout_s`, `code` (what the server calls the target language, where we guess wrong)."""
        refuse_unknown_settings(self.name, settings, frozenset({"url", "timeout_s", "code"}))
        timeout_s = seconds_of(self.name, settings, "timeout_s", TIMEOUT_S)
        self._key, self._fixed_code = os.environ.get(KEY, "").strip(), settings.get("code", "")
        self._service = Service(self.name, settings.get("url") or URL, timeout_s)
        # A server may set its own limits, on texts, characters and requests a minute; these are below the usual ones.
        self.limits = Limits(batch_texts=25, batch_characters=2_000, in_flight=2, call_s=2.0, deadline_s=timeout_s)

    @property
    def leaves_the_machine(self) -> bool:
        """Not if the server is on this machine."""
        return not self._service.on_this_machine

    @property
    def sends_to(self) -> str:
        """The host that texts go to."""
        return self._service.host

    def close(self) -> None:
        """End the connections."""
        self._service.close()

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Nothing is asked before there is something to draft: which languages a server has, it says then."""
        return Serves()

    def reach(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """What a server on this machine says it has (`GET /languages`); one elsewhere is not asked."""
        if not self._service.on_this_machine:
            return Serves()
        source, target, url = source_locale.language, self._code(target_locale), self._service.url
        answer = self._service.get("/languages")
        if isinstance(answer, Failure):
            return Missing(f"{answer.reason}; asked {url}: start the server, or put its url below [engine.{self.name}]")
        has = {one.get("code"): one.get("targets", ()) for one in _tables(answer.value)}
        if target in has.get(source, ()):
            return Serves()
        known = ", ".join(sorted(str(code) for code in has.get(source, ()) or has)[:20]) or "nothing"
        return Missing(
            f"the server at {url} does not translate {source} into {target}, but {known}: start it with "
            f"--load-only {source},{target}, or set code below [engine.{self.name}]"
        )

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        """Where it was asked, and the codes; a server does not say which models it has."""
        return f"{self._service.url} html {source_locale.language} {self._code(target_locale)}"

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """One request."""
        body: dict[str, object] = {
            "q": [to_markup(text, empty="<x{n}></x{n}>") for text in texts],
            "source": source_locale.language,
            "target": self._code(target_locale),
            "format": "html",
        }
        if self._key:
            body["api_key"] = self._key
        version = self.version(source_locale, target_locale)
        return self._service.drafts("/translate", body, written=_written, version=version, wanted=len(texts))

    def _code(self, locale: Locale) -> str:
        return self._fixed_code or CODES.get(locale.tag) or CODES.get(locale.language) or locale.language


def _written(answer: object) -> list[object] | None:
    """The texts of `{"translatedText": […]}`."""
    match answer:
        case {"translatedText": list(texts)}:
            return texts
    return None


def _tables(answer: object) -> list[dict[str, Any]]:
    return [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
