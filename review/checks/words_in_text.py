"""The words of a text, for the checks that look at words.

Takes   a text, tags and all
Gives   its words in lower case, with their places; tags, addresses and codes are no words
Always  the same for the same text, remembered, since several checks ask
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.model import visible_text
from review.checks.blanked import without_codes_and_tags
from review.checks.tables import table

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in order."""

    text: str
    """The text they stand in, what is no word blanked."""
    lower: tuple[str, ...]
    pattern: re.Pattern[str]
    """What a word is; none has a line feed in it."""

    def __len__(self) -> int:
        return len(self.lower)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where each word stands, [start, end) in code points: `lower[i]` at `spans[i]`."""
        return _spans(self.text, self.pattern)


def lower_words(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    """What a pattern finds, in lower case: all at once, for a text has many."""
    found = pattern.findall(text)
    return tuple("\n".join(found).lower().split("\n")) if found else ()


@lru_cache(maxsize=1 << 12)
def words_in(text: str) -> Words:
    """The words and numbers of a text."""
    plain = without_codes_and_tags(text)
    return Words(plain, lower_words(_WORD, plain), _WORD)


@lru_cache(maxsize=1 << 10)
def _spans(plain: str, pattern: re.Pattern[str]) -> tuple[tuple[int, int], ...]:
    return tuple([match.span() for match in pattern.finditer(plain)])


@lru_cache(maxsize=1 << 12)
def seen_text(text: str) -> str:
    """What a reader sees of a text (`visible_text`), remembered."""
    return visible_text(text)


@lru_cache(maxsize=32)
def common_words(language: str) -> frozenset[str]:
    """The words that every text of a language has; empty for a language without a table."""
    return frozenset(str(table(language, "common_words").get("words", "")).split())


_TECHNICAL = re.compile(r"<[a-z]|[{}|\\`]|\w=\w|(?<!\w)--?[a-z]|%[sdulz]|\w\(\)|::|\w_\w|\w/\w+/|\[[a-z-]")


def is_technical(text: str) -> bool:
    """Whether a text has signs of commands or code, of which much may rightly stay as it is.

    >>> is_technical("git branch [<options>] [-r]"), is_technical("Take one tablet (5 mg).")
    (True, False)
    """
    return _TECHNICAL.search(seen_text(text)) is not None
