"""What the source negates is negated in the target, and nothing else.

Negations are counted, sentence by sentence where both sides have as many. A language's table says which words negate
(`not`, `sans`), which of them only join in where another negation stands before (`no … nunca`, `neither … nor`), which
words may stand for one (`unable`, `evitar`, `ne … que`), and which phrases only look like one (`not only`). A target
whose source negates must have at least one word that may negate, and the other way round; in a sentence with several
negations they are also counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from pipeline.model import Finding, Severity
from review.checks.context import Context
from review.checks.drugs_kept import names_a_drug
from review.checks.language_used import FEWEST_WORDS
from review.checks.phrases import PhraseMatch, Phrases, split_list, words_of
from review.checks.stakes import holds_dose
from review.checks.tables import measured, table
from review.checks.words_in_text import Words

_ENDS = frozenset(".;!?")
_SPEECH = frozenset(("orders", "allows", "bans"))
"""The keys of a table that say what a sentence does, and do not negate."""
_JOINED = 10
"""So many words after a negation, another one that can join it says the same once more."""
_HEAD = 3
"""So many words into a clause, `ninguna vacuna` negates by itself; further on it needs a `no` before it."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What one sentence of a text says of negation."""

    sure: tuple[tuple[int, int], ...]
    """The words that negate, as [first, end)."""
    excuses: int
    """How many more words may stand for a negation: unable, avoid."""
    weak: int
    """How many words excuse a negation on the other side, and ask for none: only, until."""
    order: bool
    """Whether it forbids: do not, never."""
    allows: bool = False
    """Whether it tells somebody what to do or not to fear: you can, you should."""
    bans: bool = False
    """Whether it denies just that: no puede."""


def negation_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """A WARNING for a negation that only one side has; an ERROR by a dose or drug or where the source forbids."""
    here, there = context.source_locale.language, context.target_locale.language
    if here == there or source == target or not (table(here, "negation") and table(there, "negation")):
        return
    if not _negates(source, here) and not _negates(target, there):
        return
    in_source, in_target = _said(source, here), _said(target, there)
    if len(in_source) != len(in_target):
        in_source, in_target = (_as_one(in_source),), (_as_one(in_target),)
    for said, other in zip(in_source, in_target, strict=True):
        lost, new = _exceeds(said, other), _exceeds(other, said)
        if not lost and not new:
            continue
        ours, theirs = (said, other) if lost else (other, said)
        sure = not theirs.sure and theirs.excuses <= ours.excuses and measured(there, "negation")
        turned = (lost and said.order) or (new and said.allows and other.bans)
        hard = sure and (turned or holds_dose(source) or names_a_drug(source)) and _reads_as(target, there)
        text = source if lost else target
        first, end = ours.sure[-1]
        spans = words_of(text).spans
        span = spans[first][0], spans[end - 1][1]
        words = text[slice(*span)]
        yield Finding(
            check="negation_kept",
            severity=Severity.ERROR if hard else Severity.WARNING,
            message=f'the source says "{words}", and the translation negates nothing there'
            if lost
            else f'the translation says "{words}", and the source negates nothing there',
            source_span=span if lost else None,
            target_span=None if lost else span,
        )


def _reads_as(text: str, language: str) -> bool:
    """Whether a text has a common word of the language: in another one (language_used) nobody knows what negates.

    A short order need not have any: Conduzca.
    """
    return len(words_of(text)) < FEWEST_WORDS or not _common_words(language).isdisjoint(words_of(text).lower)


@lru_cache(maxsize=32)
def _common_words(language: str) -> frozenset[str]:
    return frozenset(str(table(language, "common_words").get("words", "")).split())


def _exceeds(ours: _Said, theirs: _Said) -> bool:
    """Whether one side negates more often than the other, which gets the benefit of what only it has of excuses."""
    return len(ours.sure) > len(theirs.sure) + max(0, theirs.excuses + theirs.weak - ours.excuses)


def _as_one(parts: tuple[_Said, ...]) -> _Said:
    return _Said(
        tuple(span for part in parts for span in part.sure),
        sum(part.excuses for part in parts),
        sum(part.weak for part in parts),
        any(part.order for part in parts),
        any(part.allows for part in parts),
        any(part.bans for part in parts),
    )


@lru_cache(maxsize=32)
def _phrases(language: str) -> Phrases[str]:
    """The compiled table of a language; the labels are its keys."""
    return Phrases(
        (phrase, key)
        for key, phrases in table(language, "negation").items()
        if isinstance(phrases, str)
        for phrase in split_list(phrases)
    )


@lru_cache(maxsize=1 << 10)
def _found(text: str, language: str) -> list[PhraseMatch[str]]:
    return _phrases(language).matches(words_of(text))


def _negates(text: str, language: str) -> bool:
    """Whether a text has a word that negates."""
    return any(match.label == "says" for match in _found(text, language))


@lru_cache(maxsize=1 << 10)
def _said(text: str, language: str) -> tuple[_Said, ...]:
    """What the sentences of a text negate; at least one."""
    words = words_of(text)
    ends = [at for at, word in enumerate(words.lower) if word in _ENDS and _ends_a_sentence(words, at)]
    found = sorted(_found(text, language), key=lambda match: (match.first, -match.end))
    parts, start = [], 0
    for end in [*ends, len(words)]:
        labels = [(m.first, m.end, m.label) for m in found if start <= m.first < end]
        if end > start:
            parts.append(_sentence(labels, words))
        start = end + 1
    return tuple(parts) or (_Said((), 0, 0, order=False),)


def _ends_a_sentence(words: Words, at: int) -> bool:
    """Whether a blank or nothing follows the mark: 0.5 and e.g. stay whole."""
    return at + 1 == len(words) or words.spans[at + 1][0] > words.spans[at][1]


def _sentence(labels: list[tuple[int, int, str]], words: Words) -> _Said:
    """What one sentence negates, from the phrases found in it; at each place the longest counts."""
    sure: list[tuple[int, int]] = []
    excuses, weak, free_from, last = 0, 0, 0, -_JOINED - 1
    kinds_of_speech = {label for *_, label in labels} & _SPEECH
    for first, together in groupby((found for found in labels if found[2] not in _SPEECH), key=lambda found: found[0]):
        here = list(together)
        end = here[0][1]
        if first < free_from:
            continue
        free_from = end
        kinds = {label for _, other_end, label in here if other_end == end}
        joined = first - last <= _JOINED
        if "not" in kinds or ("echoes" in kinds and not joined and not _opens_a_clause(words, first)):
            continue
        if "weak" in kinds:
            weak += 1
        elif "says" not in kinds:
            excuses += 1
        else:
            if not ("joins" in kinds and joined):
                sure.append((first, end))
            last = first
    return _Said(tuple(sure), excuses, weak, *(kind in kinds_of_speech for kind in ("orders", "allows", "bans")))


def _opens_a_clause(words: Words, at: int) -> bool:
    """Whether fewer than three words stand between a mark, or the text's beginning, and a word."""
    return at < _HEAD or any(not word[0].isalnum() for word in words.lower[at - _HEAD : at])
