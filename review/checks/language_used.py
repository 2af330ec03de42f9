"""A target is in its language: no part is still the source, and it is no other language.

Counted are the words that every text has (tables `common_words`). Only a text that has too few of its own goes to the
detector of pipeline/language.py, which takes half a second to load.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.model import Finding, Locale, Severity
from review.checks.context import Context
from review.checks.words_in_text import Words, common_words, is_technical, words_in

if TYPE_CHECKING:
    from pipeline.language import WrongLanguage

FEWEST_WORDS = 6
"""Shorter texts may be names only."""
FEWEST_FOREIGN = 2
"""Words that only another language has; one more, and twice as many, where the text has words of its own."""
LONGEST_SHARED = 3
"""Words in a row that both texts may have alike, if none of them is one of the source's language only: a name."""
MANY_LEFT = 5
"""Words without a capital in such a row, which no title explains."""
FEWEST_PLAIN = 3
"""Words without a capital in a row that is no name: Centers for Disease Control and Prevention has two."""
_QUOTES = frozenset("\"“«„‘'`")
SIBLINGS = frozenset(("es", "pt", "gl", "ca"))
"""Languages that read so much alike that a short text may be in either."""


def language_used(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for a passage that is still the source, or another language; a WARNING where a title may be meant."""
    here, there = context.source_locale.language, context.target_locale.language
    if here == there:
        return
    sources, targets = words_in(source), words_in(target)
    own = common_words(there)
    if not own:
        return
    left = _left_over(sources, targets, own, _only_of(here, there))
    if left:
        start, end = left
        span = targets.spans[start][0], targets.spans[end - 1][1]
        plain = sum(target[a].islower() for a, _ in targets.spans[start:end])
        if plain < FEWEST_PLAIN or 2 * plain < end - start or target[max(0, span[0] - 2) : span[0]].strip() in _QUOTES:
            return
        yield Finding(
            check="language_used",
            severity=Severity.ERROR if plain >= MANY_LEFT and not is_technical(source) else Severity.WARNING,
            message=f"still in the source's language: {target[span[0] : span[1]]}",
            target_span=span,
        )
        return
    yield from _another(targets, target, context.target_locale, source)


@lru_cache(maxsize=32)
def _only_of(language: str, other: str) -> frozenset[str]:
    """The common words of a language that the other does not have."""
    return common_words(language) - common_words(other)


def _left_over(sources: Words, targets: Words, own: frozenset[str], foreign: frozenset[str]) -> tuple[int, int] | None:
    """The longest run of target words that stand so in the source, if it has words of the source's language only."""
    if foreign.isdisjoint(targets.lower) and len(set(sources.lower).intersection(targets.lower)) <= LONGEST_SHARED:
        return None
    pairs = set(zip(sources.lower, sources.lower[1:], strict=False))
    best, start = (0, 0), 0
    lower = targets.lower
    for at in range(1, len(lower) + 1):
        if at < len(lower) and (lower[at - 1], lower[at]) in pairs:
            continue
        run = lower[start:at]
        if len(run) >= LONGEST_SHARED and len(run) > best[1] - best[0]:
            theirs, ours = sum(word in foreign for word in run), sum(word in own for word in run)
            no_name = theirs > ours or (ours <= 1 and _in_a_sentence(targets, start, at))
            if no_name and (len(run) > LONGEST_SHARED or (theirs and not ours)):
                best = (start, at)
        start = at
    return best if best[1] else None


def _in_a_sentence(words: Words, start: int, end: int) -> bool:
    """Whether words stand with nothing but a blank between them, and are words: no list of substances, no numbers."""
    return all(words.lower[at].isalpha() for at in range(start, end)) and all(
        words.spans[at][1] + 1 == words.spans[at + 1][0] for at in range(start, end - 1)
    )


def _another(targets: Words, target: str, locale: Locale, source: str) -> Iterator[Finding]:
    """Words that only another language has, and hardly any that only this one has."""
    language = locale.language
    own, only_others = common_words(language), _only_elsewhere(language)
    foreign = [] if only_others.isdisjoint(targets.lower) else [word for word in targets.lower if word in only_others]
    if len(foreign) < FEWEST_FOREIGN and 3 * sum(map(own.__contains__, targets.lower)) >= len(targets):
        return
    words = [word for word in targets.lower if len(word) > 1 and word.isalpha()]
    if len(words) < FEWEST_WORDS:
        return
    technical = is_technical(source)
    ours, theirs, other = 0, 0, ""
    for tongue in _TABLES if len(foreign) >= FEWEST_FOREIGN else ():
        table = common_words(tongue)
        count = sum(word in table for word in foreign)
        if count > theirs:
            other, theirs, ours = tongue, count, sum(word in own and word not in table for word in targets.lower)
    if theirs < FEWEST_FOREIGN or theirs <= 2 * ours:
        other = "" if technical else _detected(words, target, locale)  # half of a command is no language
        if not other:
            return
    # a language with a table of which the text has few words is a guess
    guessed = other in _TABLES and theirs < FEWEST_FOREIGN
    alike = {other, language} <= SIBLINGS and theirs < 4 * max(1, ours)
    yield Finding(
        check="language_used",
        severity=Severity.WARNING if alike or guessed or technical else Severity.ERROR,
        message=f"the translation reads as another language ({other})",
        target_span=(0, len(target)),
    )


def _detected(words: Sequence[str], target: str, locale: Locale) -> str:
    """What the detector says of a longer text that has hardly any words of its own language; "" if it may be right."""
    own = common_words(locale.language)
    if 12 * sum(word in own for word in words) >= len(words) or len(words) < 2 * FEWEST_WORDS:
        return ""
    return _detector(locale)(target, locale).rpartition("reads as ")[2].partition(",")[0]


_TABLES = ("ca", "de", "en", "es", "fr", "gl", "it", "pt")


@lru_cache(maxsize=32)
def _only_elsewhere(language: str) -> frozenset[str]:
    """The common words of the other languages that this one does not have."""
    others = (common_words(other) for other in _TABLES if other != language)
    return frozenset(word for words in others for word in words if len(word) > 1) - common_words(language)


@lru_cache(maxsize=8)
def _detector(locale: Locale) -> "WrongLanguage":
    from pipeline.language import WrongLanguage

    others = "en es fr pt de it nl sv da nb fi pl cs ro hu tr ru uk el ar he fa hi zh ja ko vi id sw".split()  # noqa: SIM905
    return WrongLanguage({*others, locale.language})
