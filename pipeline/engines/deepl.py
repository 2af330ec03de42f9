"""Draft with DeepL, by its API version 2 (https://developers.deepl.com/docs, `POST /v2/translate`).

Takes   up to 50 texts a call, its key from the environment (SIGNOFF_DEEPL_KEY)
Gives   a Draft or a Failure per text, in order
Always  the key stands in a header; placeables travel as XML tags, which DeepL promises to keep
"""

import os
from collections.abc import Sequence

from pipeline.engines import Draft, Failure, Limits, Missing, Serves, Settings, refuse_unknown_settings
from pipeline.engines.http import TIMEOUT_S, Service, seconds_of
from pipeline.engines.markup import to_markup
from pipeline.errors import EngineError
from pipeline.model import Locale

KEY = "SIGNOFF_DEEPL_KEY"
PAID, FREE = "https://api.deepl.com", "https://api-free.deepl.com"
_LISTED = (
    "ar bg ca cs da de el en es et eu fi fr gl he hr hu id it ja ko lt lv nb nl pl pt ro ru sk sl sr sv th tr uk vi zh "
    "af az be bn bs cy fa ga gu hi hy is ka kk mk ml mn mr ms mt ne pa sq sw ta te tl ur uz"
)
LANGUAGES = frozenset(_LISTED.split())
"""What DeepL lists of languages that medical content is written in; a key may have fewer, and is told so then."""
VARIANTS = {"en": "EN-US", "en-GB": "EN-GB", "es-419": "ES-419", "pt": "PT-PT", "pt-BR": "PT-BR", "zh-Hant": "ZH-HANT"}
"""Target locales that DeepL calls otherwise than by their language."""
_AMERICA = "AR BO CL CO CR CU DO EC GT HN MX NI PA PE PR PY SV US UY VE"


class DeepL:
    """The service. Thread-safe."""

    name = "deepl"
    leaves_the_machine = True
    max_characters = 10_000
    contextual = False

    def __init__(self, settings: Settings) -> None:
        """Settings: `url` (a key that ends in `:fx` has its own), `timeout_s`, `formality` (DeepL's word for it)."""
        refuse_unknown_settings(self.name, settings, frozenset({"url", "timeout_s", "formality"}))
        self._key = os.environ.get(KEY, "").strip()
        self._formality = settings.get("formality", "")
        url = settings.get("url") or (FREE if self._key.endswith(":fx") else PAID)
        timeout_s = seconds_of(self.name, settings, "timeout_s", TIMEOUT_S)
        self._service = Service(self.name, url, timeout_s)
        # A request may have 128 KiB: 20,000 characters of any script.
        self.limits = Limits(batch_texts=50, batch_characters=20_000, in_flight=4, call_s=1.0, deadline_s=timeout_s)

    @property
    def sends_to(self) -> str:
        """The host that texts go to."""
        return self._service.host

    def close(self) -> None:
        """End the connections."""
        self._service.close()

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        """Whether there is a key and DeepL lists both languages; sends nothing."""
        if not self._key:
            return Missing(f"{self.name} needs a key: set the environment variable {KEY}")
        if not {source_locale.language, target_locale.language} <= LANGUAGES:
            return Missing(f"{self.name} has no way from {source_locale} to {target_locale}; choose another engine")
        return Serves()

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        """The API's version and the codes asked for; DeepL does not say which model answered."""
        settled = f" {self._formality}" if self._formality else ""
        return f"v2 xml {source_locale.language.upper()} {_code(target_locale)}{settled}"

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        """One request. Raises EngineError without a key or for a language that DeepL lacks."""
        if isinstance(missing := self.serves(source_locale, target_locale), Missing):
            raise EngineError(missing.todo)
        body: dict[str, object] = {
            "text": [to_markup(text) for text in texts],
            "source_lang": source_locale.language.upper(),
            "target_lang": _code(target_locale),
            "tag_handling": "xml",
            "split_sentences": "nonewlines",
            "preserve_formatting": True,
        }
        if self._formality:
            body["formality"] = self._formality
        headers = {"Authorization": f"DeepL-Auth-Key {self._key}"}
        version = self.version(source_locale, target_locale)
        return self._service.drafts(
            "/v2/translate", body, headers, written=_written, version=version, wanted=len(texts)
        )


def _written(answer: object) -> list[object] | None:
    """The texts of `{"translations": [{"text": …}, …]}`."""
    match answer:
        case {"translations": list(found)}:
            return [one.get("text") if isinstance(one, dict) else None for one in found]
    return None


def _code(locale: Locale) -> str:
    """DeepL's target code: `ES`, `PT-BR`; Spanish of a country in America is ES-419."""
    if locale.language == "es" and locale.tag.rpartition("-")[2] in _AMERICA.split():
        return VARIANTS["es-419"]
    return VARIANTS.get(locale.tag) or VARIANTS.get(locale.language) or locale.language.upper()
