"""A target does not say the same again: a sentence twice, a loop of a machine, a doubled word."""

from collections.abc import Iterator
from operator import eq

from pipeline.model import Finding, Severity
from review.checks.context import Context
from review.checks.words_in_text import Words, is_technical, words_in

SHORTEST_LOOP = 3
"""Words that stand three times in a row."""
SHORTEST_TWICE = 5
"""Words that stand twice in a row, and are no manner of speaking."""
SHORTEST_WORD = 4
"""Letters of a doubled word that is asked about: de de may be a name."""
SHORTEST_PAIR = 3
"""Words that stand twice in a row, and may be a manner of speaking."""
SHORTEST_ECHO = 14
"""Words of a passage that comes again elsewhere in the text: results of two groups are told in equal words."""
_MAY_DOUBLE = frozenset("nous vous se si muy no sí que was die der das sie".split())  # noqa: SIM905 - one line
"""Words that grammar may double: nous nous lavons, die die Tabletten nehmen."""


def not_repeated(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for a passage that the target has twice and the source once; a NOTE for a doubled word."""
    words = words_in(target)
    if len(set(words.lower)) == len(words):
        return
    yield from _doubled_words(source, words)
    again = _echo(words)
    if again is None or _echo(words_in(source), by=2) is not None:  # what repeats itself, if in fewer words
        return
    first, length, sure = again
    at = (words.spans[first][0], words.spans[first + length - 1][1])
    yield Finding(
        check="not_repeated",
        severity=Severity.ERROR if sure and not is_technical(source) else Severity.WARNING,
        message=f"the translation says this twice: {_short(target[at[0] : at[1]])}",
        target_span=at,
    )


def _doubled_words(source: str, words: Words) -> Iterator[Finding]:
    lower = words.lower
    for at in range(1, len(lower)) if _doubled(words) else ():
        word = lower[at]
        if (
            word == lower[at - 1]
            and len(word) > 1
            and word.isalpha()
            and word not in _MAY_DOUBLE
            and words.spans[at][0] - words.spans[at - 1][1] == 1
            and not _doubled(words_in(source))
        ):
            yield Finding(
                check="not_repeated",
                severity=Severity.WARNING if len(word) >= SHORTEST_WORD else Severity.NOTE,
                message=f"the word {word} stands twice",
                target_span=(words.spans[at - 1][0], words.spans[at][1]),
            )


def _doubled(words: Words) -> bool:
    return any(map(eq, words.lower, words.lower[1:]))


def _echo(words: Words, by: int = 1) -> tuple[int, int, bool] | None:
    """The first passage that comes again: (where its second time begins, how many words, is it no manner of speaking).

    `by` divides how long it must be.
    """
    half = len(words) // 2
    if by * half >= SHORTEST_LOOP and words.lower[:half] == words.lower[half:]:
        return half, half, True
    seen: dict[tuple[str, str, str], int] = {}
    lower = words.lower
    if len(set(zip(lower, lower[1:], lower[2:], strict=False))) >= len(lower) - 2:
        return None  # most texts have no three words twice
    at, end = 0, len(lower) - 2
    while at < end:
        key = (lower[at], lower[at + 1], lower[at + 2])
        before = seen.setdefault(key, at)
        if before == at or not any(word.isalpha() and len(word) > 2 for word in key):
            at += 1
            continue
        length = 3
        while at + length < len(lower) and lower[before + length] == lower[at + length]:
            length += 1
        period = at - before
        in_a_row = by * length >= by * period >= SHORTEST_TWICE or by * length >= 2 * by * period >= 2 * SHORTEST_LOOP
        if in_a_row or by * length >= SHORTEST_ECHO:
            return at, length, True
        if by * length >= by * period >= SHORTEST_PAIR and words.spans[at][0] - words.spans[at - 1][1] == 1:
            return at, length, False
        at += 1
    return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
