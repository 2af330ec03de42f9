"""The words of a text, for the checks that look at words.

Takes   a text, tags and all
Gives   its words in lower case, with their places; tags, addresses and codes are no words
Always  the same for the same text, remembered, since several checks ask
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.model import visible_text
from review.checks.numbers_kept import without_codes_and_tags
from review.checks.tables import table

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Words:
    """Words in order: `lower[i]` stands at `spans[i]`, [start, end) in code points."""

    lower: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.lower)


@lru_cache(maxsize=1 << 12)
def words_in(text: str) -> Words:
    """The words and numbers of a text."""
    plain = without_codes_and_tags(text)
    spans = tuple(match.span() for match in _WORD.finditer(plain))
    lower = plain.lower()
    if len(lower) != len(plain):  # İ
        return Words(tuple(plain[a:b].lower() for a, b in spans), spans)
    return Words(tuple(lower[a:b] for a, b in spans), spans)


@lru_cache(maxsize=32)
def common_words(language: str) -> frozenset[str]:
    """The words that every text of a language has; empty for a language without a table."""
    return frozenset(str(table(language, "common_words").get("words", "")).split())


_TECHNICAL = re.compile(r"<[a-z]|[{}|\\`]|\w=\w|(?<!\w)--?[a-z]|%[sdul]|\w\(\)|::|\w_\w|\w/\w+/|\[[a-z-]")


def is_technical(text: str) -> bool:
    """Whether a text has signs of commands or code, of which much may rightly stay as it is.

    >>> is_technical("git branch [<options>] [-r]"), is_technical("Take one tablet (5 mg).")
    (True, False)
    """
    return _TECHNICAL.search(visible_text(text)) is not None
