"""A target is in its language: no part is still the source, and it is no other language.

Counted are the words that every text has (tables `common_words`). Only a text that has too few of its own goes to the
detector of pipeline/language.py, which takes half a second to load.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.model import Finding, Locale, Severity
from review.checks.context import Context
from review.checks.words_in_text import Words, common_words, is_technical, words_in

if TYPE_CHECKING:
    from pipeline.language import WrongLanguage

FEWEST_WORDS = 6
"""Shorter texts may be names only."""
LONGEST_SHARED = 3
"""Words in a row that both texts may have alike: a name, a title."""
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
    own, foreign = common_words(there), common_words(here) - common_words(there)
    if not own:
        return
    left = _left_over(sources, targets, own, foreign)
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
    if 3 * sum(word in own for word in targets.lower) >= len(targets):
        return
    yield from _another(targets, target, context.target_locale, technical=is_technical(source))


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
        if len(run) > LONGEST_SHARED and len(run) > best[1] - best[0]:
            theirs, ours = sum(word in foreign for word in run), sum(word in own for word in run)
            if theirs > ours or (ours <= 1 and _in_a_sentence(targets, start, at)):
                best = (start, at)
        start = at
    return best if best[1] else None


def _in_a_sentence(words: Words, start: int, end: int) -> bool:
    """Whether words stand with nothing but a blank between them, and are words: no list of substances, no numbers."""
    return all(words.lower[at].isalpha() for at in range(start, end)) and all(
        words.spans[at][1] + 1 == words.spans[at + 1][0] for at in range(start, end - 1)
    )


def _another(targets: Words, target: str, locale: Locale, *, technical: bool) -> Iterator[Finding]:
    words = [word for word in targets.lower if len(word) > 1 and word.isalpha()]
    if len(words) < FEWEST_WORDS:
        return
    speakers = _speakers()
    counts = Counter(language for word in words if word in speakers for language in speakers[word])
    ours = counts.pop(locale.language, 0)
    others = {language: counts[language] for language in _TABLES if language != locale.language}
    other = max(others, key=others.__getitem__)
    if ours * 8 >= len(words) and others[other] <= ours + 2:
        return
    if others[other] <= ours:
        if ours * 12 >= len(words) or len(words) < 2 * FEWEST_WORDS:
            return
        reason = _detector(locale)(target, locale)
        if not reason:
            return
        other = reason.rpartition("reads as ")[2].partition(",")[0]
    elif others[other] < 3:
        return
    # a language with a table of which the text has no more words than of its own is a guess
    alike = {other, locale.language} <= SIBLINGS or (other in others and others[other] <= ours)
    yield Finding(
        check="language_used",
        severity=Severity.WARNING if alike or technical else Severity.ERROR,
        message=f"the translation reads as another language ({other})",
        target_span=(0, len(target)),
    )


_TABLES = ("ca", "de", "en", "es", "fr", "gl", "it", "pt")


@lru_cache(maxsize=1)
def _speakers() -> Mapping[str, tuple[str, ...]]:
    """Common word → the languages that have it."""
    found: dict[str, tuple[str, ...]] = {}
    for language in _TABLES:
        for word in common_words(language):
            found[word] = (*found.get(word, ()), language)
    return found


@lru_cache(maxsize=8)
def _detector(locale: Locale) -> "WrongLanguage":
    from pipeline.language import WrongLanguage

    others = "en es fr pt de it nl sv da nb fi pl cs ro hu tr ru uk el ar he fa hi zh ja ko vi id sw".split()  # noqa: SIM905
    return WrongLanguage({*others, locale.language})
