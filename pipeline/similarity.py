"""How alike two source texts are, and by which of their words a fuzzy match can be found without reading all others.

Takes   source texts as they stand in segments: NFC, placeables as tags
Gives   a score in percent as CAT tools state it; the words that a text is looked up by
Always  the score depends on the two texts alone, so every database and every machine gives the same number
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b

from pipeline.model import tags_of

LEAST_PERCENT = 75
"""Below this a match helps nobody: the field's usual threshold."""

_WORD = re.compile(r"\w+")
_TAGS_FROM = 0xE000
"""Private use: each tag counts as one character, the same whatever its number."""


def folded(text: str) -> str:
    """A text as it is scored: NFC, each placeable tag one private-use character that knows its letter and its side.

    >>> len(folded("Do <b1>not</b1> stop."))
    14
    """
    text = unicodedata.normalize("NFC", text)
    if "<" not in text:
        return text
    parts, end = [], 0
    for tag in tags_of(text):
        side = 26 if tag[1] else 52 if tag[4] else 0
        parts += [text[end : tag.start()], chr(_TAGS_FROM + ord(tag[2]) - ord("a") + side)]
        end = tag.end()
    return "".join((*parts, text[end:]))


def score_percent(source: str, earlier: str) -> int:
    """How alike two source texts are: 0 to 100, and 100 only when they are equal.

    100 * (1 - d / longer), rounded down; d is the edit distance (Levenshtein 1966), lengths are code points of NFC
    text, and a placeable tag counts as one. Raises ValueError if both are empty.

    >>> score_percent("Take 2 tablets.", "Take 3 tablets.")
    93
    """
    if not source and not earlier:
        raise ValueError("two empty texts have no score")
    return folded_score(folded(source), folded(earlier), equal=source == earlier)


def folded_score(source: str, earlier: str, *, equal: bool, least_percent: int = 0) -> int:
    """`score_percent` of two texts that are `folded` already; -1 for less than `least_percent`.

    `equal` says whether the texts are: two that differ in nothing but the numbers of their tags have 99.
    """
    from rapidfuzz.distance import Levenshtein  # only where there is a memory: it takes a moment to load

    longer = max(len(source), len(earlier))
    most = longer * (100 - least_percent) // 100
    distance = Levenshtein.distance(source, earlier, score_cutoff=most)
    if distance > most:
        return -1
    score = 100 * (longer - distance) // longer
    return score if equal else min(score, 99)


def lengths_within(length: int, least_percent: int) -> tuple[int, int]:
    """The shortest and the longest folded text that can have this score with one of `length` code points.

    >>> lengths_within(12, 75)
    (9, 16)
    """
    return -(-length * least_percent // 100), length * 100 // least_percent


@lru_cache(maxsize=1 << 16)
def _key(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big", signed=True)


def lookup_words(text: str) -> set[int]:
    """What a text may be found by: its words, those of more than five letters in two halves; as 64-bit numbers.

    Halves, since a typing error then leaves the other half to find the word by. Case and tags do not count.
    """
    found = set()
    for word in _WORD.findall(folded(text).casefold()):
        if len(word) <= 5:
            found.add(_key(word))
        else:
            half = (len(word) + 1) // 2
            found.update((_key(f"{word[:half]}-"), _key(f"-{word[half:]}")))
    return found


def rarest(words: set[int], frequency: Mapping[int, int]) -> list[int]:
    """The words that a text is indexed by: its rarest, 3 and one more for each 6 that it has (a prefix filter).

    Two texts that share enough words share one of their rarest (Chaudhuri et al. 2006, "A primitive operator for
    similarity joins"). A word without a frequency is taken for the rarest of all.
    """
    return sorted(words, key=lambda word: (frequency.get(word, 0), word))[: 3 + len(words) // 6]
