"""The nouns of the termbase: a concept, and its terms in each locale (ISO 30042, TBX-Basic).

Everything is frozen; texts are NFC with single blanks. A Concept or Term that exists is valid: ValueError says why not.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from pipeline.model import Locale, tags_of

MOST_TERM_CHARACTERS = 200
"""The longest term or form, in code points."""
MOST_CELL_CHARACTERS = 4000
"""The longest note or source."""
MOST_FORMS = 60
FORMS_MARK = "|"
"""What stands between the forms of a term in a file; no form may hold it."""
ID = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,99}")
"""What a concept's id may be: also an XML name."""
_NOT_TEXT = frozenset({"Cc", "Cs", "Co", "Cn"})


class TermStatus(StrEnum):
    """Whether a term is to be used (TBX-Basic: administrativeStatus)."""

    PREFERRED = "preferred"
    ADMITTED = "admitted"
    FORBIDDEN = "forbidden"


class PartOfSpeech(StrEnum):
    """What kind of word a term is: the values of TBX-Basic, and none."""

    NONE = ""
    NOUN = "noun"
    VERB = "verb"
    ADJECTIVE = "adjective"
    ADVERB = "adverb"
    PROPER_NOUN = "properNoun"
    OTHER = "other"


def clean(text: str) -> str:
    """NFC, each run of blanks one space, none at the edges: how every text of a termbase is kept."""
    return " ".join((text if text.isascii() else unicodedata.normalize("NFC", text)).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One wording of a concept in one locale."""

    locale: Locale
    text: str
    part_of_speech: PartOfSpeech = PartOfSpeech.NONE
    status: TermStatus = TermStatus.PREFERRED
    forms: tuple[str, ...] = ()
    """Other forms of this very term that count as it: what endings.toml cannot know. They share its status."""
    note: str = ""
    source: str = ""
    """Who says so: a standard, a list, a dictionary, or "common usage"."""

    def __post_init__(self) -> None:
        for text in (self.text, *self.forms):
            _check_wording(text)
        if len(self.forms) > MOST_FORMS:
            raise ValueError(f"{self.text!r} has {len(self.forms)} forms: {MOST_FORMS} at most")
        if len({self.text, *self.forms}) <= len(self.forms):
            raise ValueError(f"{self.text!r} has a form twice")
        for name, text in (("note", self.note), ("source", self.source)):
            if text != clean(text) or len(text) > MOST_CELL_CHARACTERS or _strange(text):
                raise ValueError(f"the {name} of {self.text!r} must be plain text on one line, not {text[:60]!r}")

    @property
    def wordings(self) -> tuple[str, ...]:
        """The term and its forms."""
        return (self.text, *self.forms)

    @property
    def forbidden(self) -> bool:
        """Whether it must not be used."""
        return self.status is TermStatus.FORBIDDEN


def _check_wording(text: str) -> None:
    if not any(character.isalnum() for character in text):
        raise ValueError(f"a term needs a word, found {text!r}")
    if text != clean(text) or _strange(text):
        raise ValueError(f"{text[:60]!r} is no plain text on one line")
    if len(text) > MOST_TERM_CHARACTERS:
        raise ValueError(f"{text[:60]!r}… has {len(text)} characters: a term has {MOST_TERM_CHARACTERS} at most")
    if FORMS_MARK in text:
        raise ValueError(f"{text[:60]!r} holds {FORMS_MARK!r}, which stands between forms")
    if tag := next(tags_of(text), None):
        raise ValueError(f"{text[:60]!r} holds {tag[0]}, which is a placeable and no text")


def _strange(text: str) -> str:
    if text.isprintable():
        return ""
    return next((character for character in text if unicodedata.category(character) in _NOT_TEXT), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """One thing that is meant, with its terms in every locale that the termbase knows."""

    id: str
    """ASCII letters, digits, `.`, `_`, `-`, not a digit first: it is also the id in TBX."""
    terms: tuple[Term, ...]
    """Those of one locale stand together."""
    do_not_translate: bool = False
    """Whether its source terms stand in every target as they are: a brand, the name of an organisation."""
    critical: bool = False
    """Whether another wording blocks the sign-off (severity error): for drug names and little else."""

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise ValueError(
                f"a concept's id is letters, digits, . _ - and begins with a letter, found {self.id[:60]!r}"
            )
        if not self.terms:
            raise ValueError(f"concept {self.id} has no term")
        places = [(term.locale.tag, term.text) for term in self.terms]
        if len(set(places)) < len(places):
            raise ValueError(f"concept {self.id} has a term twice in one locale")
        if len(list(groupby(self.terms, key=lambda term: term.locale))) > len({term.locale for term in self.terms}):
            raise ValueError(f"the terms of concept {self.id} are not grouped by locale")

    def terms_for(self, locale: Locale) -> tuple[Term, ...]:
        """The terms that hold for a locale: those of its own tag, else of the next wider one (`pt-BR`, then `pt`)."""
        tag = locale.tag
        while tag:
            if found := tuple(term for term in self.terms if term.locale.tag == tag):
                return found
            tag = tag.rpartition("-")[0]
        return ()

    def accepted(self, locale: Locale) -> tuple[Term, ...]:
        """The terms that may be used in a locale, preferred ones first."""
        terms = [term for term in self.terms_for(locale) if not term.forbidden]
        return tuple(sorted(terms, key=lambda term: term.status is not TermStatus.PREFERRED))

    def forbidden(self, locale: Locale) -> tuple[Term, ...]:
        """The terms that must not be used in a locale."""
        return tuple(term for term in self.terms_for(locale) if term.forbidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class Termbase:
    """All concepts of a workspace, in the order of its files."""

    concepts: tuple[Concept, ...] = ()

    def __post_init__(self) -> None:
        seen = set[str]()
        for concept in self.concepts:
            if concept.id in seen:
                raise ValueError(f"concept {concept.id} stands twice")
            seen.add(concept.id)

    def terms(self) -> Iterator[tuple[Concept, Term]]:
        """Every term with its concept, in order."""
        for concept in self.concepts:
            for term in concept.terms:
                yield concept, term
