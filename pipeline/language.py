"""Is a draft in the language that was asked for?

Takes   a draft, the target locale; the languages of the workspace
Gives   why the draft is refused, or ""
Always  "" for a short text, for a language that the detector does not know, and when unsure

The detector is py3langid, a naive Bayes classifier over byte n-grams, limited to the workspace's languages: it takes
half a second to load, once and only if needed, and 20 µs a text. A wrong refusal costs a draft, a wrong pass costs a
reviewer a second: languages that read alike (es, gl, pt) get the benefit of the doubt.
"""

import re
import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

from pipeline.model import Locale, visible_text

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

FEWEST_WORDS = 6
FEWEST_LETTERS = 30
LEAST = 0.05
"""Of the detector's confidence, what the language asked for must have. On human translations no text has less."""
NAMES = {"no": "nb", "fil": "tl"}
"""Languages by the detector's code, where it has another."""

_WORD = re.compile(r"[^\W\d_]+")
_NO_PROSE = re.compile(r"\S*[@/_]\S*|\S*\d\S*")
"""Addresses, doses, codes: they are in no language."""


class WrongLanguage:
    """The guard of one run. Thread-safe; loads nothing until the first text that is long enough."""

    def __init__(self, languages: Collection[str]) -> None:
        """BCP 47 languages that a draft could be in by mistake: the workspace's, its source's among them."""
        self._languages = frozenset(NAMES.get(language, language) for language in languages)
        self._lock = threading.Lock()
        self._detector: LanguageIdentifier | None = None
        self._known: frozenset[str] = frozenset()

    def __call__(self, draft: str, target_locale: Locale) -> str:
        """Why the draft is refused; "" if it may pass."""
        words = _WORD.findall(_NO_PROSE.sub(" ", visible_text(draft)))
        if len(words) < FEWEST_WORDS or sum(map(len, words)) < FEWEST_LETTERS:
            return ""
        target = NAMES.get(target_locale.language, target_locale.language)
        detector, known = self._loaded()
        if target not in known:
            return ""
        with self._lock:  # the detector keeps nothing between texts, but does not say so
            ranked = detector.rank(" ".join(words))
        if dict(ranked)[target] >= LEAST:
            return ""
        found = ranked[0][0]
        return f"the draft is in another language: it reads as {found}, not as {target_locale.language}"

    def _loaded(self) -> "tuple[LanguageIdentifier, frozenset[str]]":
        with self._lock:
            if self._detector is None:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier

                self._detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
                self._known = self._languages & set(self._detector.labels)
                if self._known:
                    self._detector.set_languages(self._known)
            return self._detector, self._known
