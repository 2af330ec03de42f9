"""Draft with Microsoft Translator, by its API version 3.0 (Azure AI Translator, `POST /translate`).

Takes   up to 1,000 texts or 50,000 characters a call, its key from the environment (SIGNOFF_MICROSOFT_KEY)
Gives   a Draft or a Failure per text, in order
Always  the key stands in a header; placeables travel as HTML tags, which the service promises to keep
"""

import os
from collections.abc import Sequence

from pipeline.engines import Draft, Failure, Limits, Missing, Serves, Settings, refuse_unknown_settings
from pipeline.engines.http import TIMEOUT_S, Service, seconds_of
from pipeline.engines.markup import to_markup
from pipeline.errors import EngineError
from pipeline.model import Locale

KEY, REGION = "SIGNOFF_MICROSOFT_KEY", "SIGNOFF_MICROSOFT_REGION"
URL = "https://api.cognitive.microsofttranslator.com"
CODES = {"pt": "pt-pt", "pt-BR": "pt", "zh": "zh-Hans", "zh-Hant": "zh-Hant", "zh-TW": "zh-Hant", "fr-CA": "fr-ca",
         "sr": "sr-Cyrl", "sr-Latn": "sr-Latn", "no": "nb", "tl": "fil"}  # fmt: skip
"""Locales that the service calls otherwise than by their language: its `pt` is Brazilian."""


class Microsoft:
    """The service. Thread-safe."""

    name = "microsoft"
    leaves_the_machine = True
    max_characters = 10_000
    contextual = False

    def __init__(self, settings: Settings) -> None:
        """Settings: `url`, `timeout_s`."""
        refuse_unknown_settings(self.name, settings, frozenset({"url", "timeout_s"}))
        self._headers = {"Ocp-Apim-Subscription-Key": os.environ.get(KEY, "").strip()}
        if region := os.environ.get(REGION):
            self._headers["Ocp-Apim-Subscription-Region"] = region
        timeout_s = seconds_of(self.name, settings, "timeout_s", TIMEOUT_S)
        self._service = Service(self.name, settings.get("url") or URL, timeout_s)
        # A request may have 1,000 texts and 50,000 characters, markup counted: half of them leaves room for it.
        self.limits = Limits(batch_texts=1_000, batch_characters=25_000, in_flight=4, call_s=1, deadline_s=timeout_s)

    @property
    def sends_to(self) -> str:
        """The host that texts go to."""
        return self._service.host

    def close(self) -> None:
        """End the connections."""
        self._service.close()

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Whether there is a key; the service knows over a hundred languages and says so itself. Sends nothing."""
        if not self._headers["Ocp-Apim-Subscription-Key"]:
            return Missing(f"{self.name} needs a key: set the environment variable {KEY}")
        return Serves()

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        """The API's version and the codes asked for; the service does not say which model answered."""
        return f"3.0 html {source_locale.language} {_code(target_locale)}"

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """One request. Raises EngineError without a key."""
        if isinstance(missing := self.serves(source_locale, target_locale), Missing):
            raise EngineError(missing.todo)
        path = (
            f"/translate?api-version=3.0&from={source_locale.language}&to={_code(target_locale)}"
            "&textType=html&profanityAction=NoAction"
        )
        body = [{"Text": to_markup(text, empty="<x{n}></x{n}>")} for text in texts]
        version = self.version(source_locale, target_locale)
        return self._service.drafts(path, body, self._headers, written=_written, version=version, wanted=len(texts))


def _written(answer: object) -> list[object] | None:
    """The texts of `[{"translations": [{"text": …, "to": …}]}, …]`."""
    return [_first(one) for one in answer] if isinstance(answer, list) else None


def _first(translations: object) -> object:
    match translations:
        case {"translations": [{"text": text}]}:
            return text
    return None


def _code(locale: Locale) -> str:
    return CODES.get(locale.tag) or CODES.get(locale.language) or locale.language
