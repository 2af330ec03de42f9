"""Find the terms of a text.

Takes   a source or target with its placeable tags, and its locale; a termbase
Gives   where which term stands: spans in code points of the text as given, tags included
Always  linear in the text, whatever the termbase: from each word at most MOST_WORDS steps through one tree of stems

Words are compared by stems.py; an acronym (GABA, mRNA, B12) in its own case, but for a plural s. Between the words of
a term may stand blanks, hyphens, apostrophes and placeable tags; any other mark must be the term's own. `'s` is passed
over. Of matches within each other the longest counts; those that only overlap both do.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.model import Locale
from pipeline.terms.model import Concept, Term, Termbase
from pipeline.terms.stems import stem

MOST_WORDS = 24
"""Words and marks of the longest term that is looked for; a longer one could not be found and is refused on load."""
MOST_KNOWN = 1024
"""How many texts are remembered: a source is asked for in each locale, by the check and by the PO file."""
_MARK_LETTERS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
"""Combining marks and Indic signs, which Python does not count among the letters of a word."""
_ALONE = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts without blanks between words: each character is taken for a word."""
_TOKEN = re.compile(
    rf"""<(?:/?[a-z][1-9][0-9]{{0,3}}/?)>      # a placeable tag
    | ['’]s(?![^\W_])                          # possessive
    | (?P<address>(?:https?://|www\.)\S+)
    | (?P<word>[{_ALONE}]|(?:(?![{_ALONE}])[^\W_]|[{_MARK_LETTERS}])+)
    | [\s_\-‐‑'’·\u00ad\u200b-\u200d\u2060\ufeff\ue000-\uf8ff]+
    | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A term that stands in a text."""

    span: tuple[int, int]
    """[start, end) in code points; tags between its words are within, those around it are not."""
    concept: Concept
    term: Term


@dataclass(slots=True)
class _Node:
    """A place in the tree: reached by the stems of some terms' first words."""

    after: "dict[str, _Node]" = field(default_factory=dict)
    ends: "list[_End]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _End:
    """A term, or a form of it, that is complete here."""

    concept: Concept
    term: Term
    exact: tuple[tuple[int, str], ...]
    """Words that must stand in their own case, by place."""


@dataclass(frozen=True, slots=True)
class _Words:
    """A text cut for the tree: for each word or mark its key, and where it stands."""

    keys: list[str]
    spans: list[tuple[int, int]]


class Matcher:
    """A termbase ready to be looked up; the tree of a locale is built when it is first asked for.

    `version` tells termbases apart: what was made with another one is made again.
    """

    def __init__(self, termbase: Termbase, version: str = "") -> None:
        self.termbase, self.version = termbase, version
        self._trees: dict[Locale, _Node] = {}
        self._stems: dict[tuple[str, str], str] = {}
        self._known: dict[tuple[str, Locale], tuple[TermMatch, ...]] = {}

    def matches(self, text: str, locale: Locale) -> tuple[TermMatch, ...]:
        """The terms of a text in order; none that stands within a longer one. Homonyms share a span."""
        found: list[TermMatch] = []
        furthest = 0
        for match in self.all_matches(text, locale):  # of one start the longest come first
            if match.span[1] > furthest or (found and match.span == found[-1].span):
                furthest = match.span[1]
                found.append(match)
        return tuple(found)

    def all_matches(self, text: str, locale: Locale) -> tuple[TermMatch, ...]:
        """Every term of a text, also those within longer ones: for the question whether one is there at all.

        By start, the longest first.
        """
        if (known := self._known.get((text, locale))) is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[text, locale] = tuple(
                TermMatch((start, stop), end.concept, end.term)
                for start, ends in self._found(text, locale)
                for stop, fits in reversed(ends)
                for end in fits
            )
        return known

    def do_not_translate_spans(self, text: str, locale: Locale) -> tuple[tuple[int, int], ...]:
        """Where names stand that must stay as they are, in order."""
        return tuple(
            dict.fromkeys(match.span for match in self.matches(text, locale) if match.concept.do_not_translate)
        )

    def _found(self, text: str, locale: Locale) -> Iterator[tuple[int, list[tuple[int, list[_End]]]]]:
        """For each place where a term begins: (start, [(end, what ends there)] with the longest last)."""
        tree = self._tree(locale)
        if not tree.after:
            return
        words = self._words(text, locale.language)
        keys, spans = words.keys, words.spans
        count = len(keys)
        roots = tree.after
        for first in range(count):
            node = roots.get(keys[first])
            if node is None:
                continue
            ends: list[tuple[int, list[_End]]] = []
            place = first
            while node is not None:
                if node.ends and (fits := _fitting(node.ends, text, spans, first)):
                    ends.append((spans[place][1], fits))
                place += 1
                node = node.after.get(keys[place]) if place < count else None
            if ends:
                yield spans[first][0], ends

    def _words(self, text: str, language: str) -> _Words:
        keys: list[str] = []
        spans: list[tuple[int, int]] = []
        known = self._stems
        for token in _TOKEN.finditer(text):
            kind = token.lastgroup
            if kind is None:
                continue
            written = token[0]
            if kind == "word":
                if (key := known.get((language, written))) is None:
                    if len(known) > 1 << 18:
                        known.clear()
                    key = known[language, written] = stem(written, language)
            else:
                key = written  # a mark, or an address that is no text to look into
            keys.append(key)
            spans.append(token.span())
        return _Words(keys, spans)

    def _tree(self, locale: Locale) -> _Node:
        if locale not in self._trees:
            root = _Node()
            for concept in self.termbase.concepts:
                for term in concept.terms_for(locale):
                    for wording in term.wordings:
                        self._plant(root, concept, term, wording, locale.language)
            self._trees[locale] = root
        return self._trees[locale]

    def _plant(self, node: _Node, concept: Concept, term: Term, wording: str, language: str) -> None:
        words = self._words(wording, language)
        written = [wording[slice(*span)] for span in words.spans]
        for key in words.keys[:MOST_WORDS]:
            node = node.after.setdefault(key, _Node())
        exact = tuple((place, word) for place, word in enumerate(written) if _is_acronym(word))
        if len(words.keys) <= MOST_WORDS and not any(
            end.concept is concept and end.term is term and end.exact == exact for end in node.ends
        ):
            node.ends.append(_End(concept, term, exact))


def word_count(text: str) -> int:
    """How many words and marks of its own a term has, as MOST_WORDS counts them; at most as many as characters."""
    return sum(1 for token in _TOKEN.finditer(text) if token.lastgroup)


def _is_acronym(word: str) -> bool:
    """Whether its case is part of the word: GABA, mRNA, pH, B12; not Klonopin."""
    return any(letter.isupper() for letter in word[1:]) or (word.isupper() and any(letter.isdigit() for letter in word))


def _fitting(ends: list[_End], text: str, spans: list[tuple[int, int]], first: int) -> list[_End]:
    """Those whose acronyms stand in their own case; where some have acronyms that fit, only they: AIDS is not aids."""
    fits = [
        end
        for end in ends
        if all(text[slice(*spans[first + place])] in (word, f"{word}s") for place, word in end.exact)
    ]
    exact = [end for end in fits if end.exact]
    return exact or fits
