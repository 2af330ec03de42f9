"""An edit of the English that changes nothing: a content lead says so by name, and the sign-offs go on.

Takes   the id of an edited sentence, who declares it, and why
Gives   one event per language, which carries text and sign-offs of the former English on; or a PolicyError, and nothing
        is done
Always  refused if anything moved that a reader could be harmed by: digits, signs, units, negations, terms, drugs, the
        members of contrast sets; if a check finds an error; if the sentence was split, merged or became critical
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.articles import ReadArticle
from pipeline.changes import word_changes
from pipeline.config import Workspace
from pipeline.errors import PolicyError
from pipeline.export import Judges
from pipeline.model import (
    Locale,
    Origin,
    OriginKind,
    Risk,
    Segment,
    Severity,
    Unit,
    tags_of,
    text_hash,
    visible_text,
)
from pipeline.store import Store, Transaction
from pipeline.store.history import UnitKey, current_text, open_texts
from pipeline.store.ledger import Event, EventKind
from review.acts import act, in_words
from review.checks import Context, findings
from review.checks.contrasts_kept import contrast_sets
from review.checks.drugs_kept import drug_named
from review.checks.number_words_in_text import number_table
from review.checks.phrases import Phrases, split_list, words_of
from review.checks.tables import table
from review.signoffs import judged, standing
from review.units import FoundUnit, find_unit, todays_sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOn:
    """A text whose sign-offs go on for the new English."""

    locale: str
    target: str
    signed_by: tuple[str, ...]


def editorial(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    *,
    id_: str,
    locales: Sequence[Locale],
    by: str,
    reason: str,
) -> list[CarriedOn]:
    """Declare that the edit which made this sentence changed nothing: its former text and sign-offs go on.

    Raises PolicyError if there is no single sentence that it was, if digits, units, a negation, a tag or a term moved,
    or if in none of the locales a signed text of the former English waits for it.
    """
    with store.write() as transaction:
        unit = find_unit(transaction, id_)
        read, segment = todays_sentence(transaction, id_)
        line = _line_of(read, segment)
        carried = []
        for locale in locales:
            histories = transaction.histories([UnitKey(unit.slug, number, locale.tag) for number in line])
            facts = transaction.facts()
            for former in line:
                history = judged(histories[UnitKey(unit.slug, former, locale.tag)], facts)
                target = current_text(history).target
                if signed := standing(history, facts, target):
                    both = (workspace.settings.source_locale, locale)
                    _refuse_change(judges, read, former, segment, target, signed, both)
                    carried.append(
                        _carry(workspace, transaction, unit, locale, read, former, target, signed, by, reason)
                    )
                    break
    if not carried:
        named = ", ".join(map(str, locales))
        raise PolicyError(f"{id_}: in {named} no signed text of the former English waits for this sentence")
    return carried


def _line_of(read: ReadArticle, segment: Segment) -> list[int]:
    """The sentences that a segment was, the newest first. Raises PolicyError unless each came from one alone."""
    line, number = [], segment.number
    while before := read.predecessors.get(number, ()):
        heirs = [s for s in read.segments if before[0] in read.predecessors.get(s.number, ())]
        if len(before) > 1 or len(heirs) > 1 or before[0] in line or before[0] >= number:
            raise PolicyError(f"{segment.id} was split or merged: somebody must read it")
        number = before[0]
        line.append(number)
    if not line:
        raise PolicyError(f"{segment.id} is no edit of another sentence")
    return line


def _refuse_change(
    judges: Judges,
    read: ReadArticle,
    former: int,
    segment: Segment,
    target: str,
    signed: Sequence[Event],
    locales: tuple[Locale, Locale],
) -> None:
    """Raise PolicyError unless the edit touched nothing that a reader could be harmed by. `locales`: source, target."""
    was, (source_locale, locale) = read.former[former], locales
    moved = what_moved(was, segment.source, source_locale)
    if sorted(tag[0] for tag in tags_of(was)) != sorted(tag[0] for tag in tags_of(segment.source)):
        moved.append("a tag changed")
    if was == segment.source:
        moved.append("what a tag stands for changed")
    if _terms(judges, was, locale) != _terms(judges, segment.source, locale):
        moved.append("a term changed")
    rules = judges.risk(segment)[0]
    if rules is Risk.CRITICAL and all(event.body["risk"] != Risk.CRITICAL.value for event in signed):
        moved.append("it was signed as standard and is critical now")
    unit = Unit(
        segment=segment, target_locale=locale, target=target, origin=Origin(kind=OriginKind.PERSON, name="former")
    )
    moved += [f.message for f in judges.findings(unit) if f.severity is Severity.ERROR]
    if moved:
        raise PolicyError(f"{segment.id} in {locale}: this is more than an editorial change: {', '.join(moved)}")


def _terms(judges: Judges, source: str, locale: Locale) -> tuple[list[str], list[str]]:
    """The terms of a source in reading order, also those without a word in the locale; and what is said of them."""
    hints = judges.term_hints(source, locale) if judges.term_hints else ()
    return [hint.term for hint in hints], sorted(judges.terms(source, locale))


# -- what an edit moved ------------------------------------------------------------------------------------------------

_CHECKS = {
    "numbers_kept": "number",
    "number_words_kept": "number word",
    "numbers_in_place": "number",
    "quantities_kept": "unit",
    "dates_kept": "date",
}
"""The checks that also tell two English sentences apart, and what they are about."""
_LIMITS = ("only", "even if", "other than", "apart from", "instead of", "rather than")
"""Words that limit what is said and negate nothing."""
_DIGITS = re.compile(r"\d[\d.,:/]*\d|\d")
_DASH = r"[\-\u2010-\u2015\u2212]"
_SIGNS = re.compile(rf"(?<!\w)(?:\+|{_DASH})(?=\s?\d)|[<>=≤≥≈±×÷~°%‰]|(?<=\d)\s?(?:/|{_DASH})(?=\s?\d)")
_HALF_DAYS = re.compile(r"\b([ap])\.? ?m\b", re.IGNORECASE)


def what_moved(was: str, now: str, locale: Locale) -> list[str]:
    """What changed between two sentences of one language that a reader could be harmed by, a few words each.

    Digits and signs letter by letter, number words, units, negations and the members of contrast sets (left, daily, at
    least, must …) by their tables, in reading order: what only changed its place has moved, too. Unsure means moved.

    >>> what_moved("The pain is in the left arm.", "The pain is in the right arm.", Locale.parse("en"))
    ['laterality changed']
    """
    context = Context(source_locale=locale, target_locale=locale)
    moved = [warning.lower() for warning in word_changes(was, now).warnings]
    found = (*findings(was, now, context, tuple(_CHECKS)), *findings(now, was, context, tuple(_CHECKS)))
    moved += [f"{_CHECKS[finding.check]} changed" for finding in found]
    before, after = _marks(was, locale.language), _marks(now, locale.language)
    moved += [f"{kind} changed" for kind in before.keys() | after.keys() if before.get(kind) != after.get(kind)]
    return sorted(set(moved))


def _marks(text: str, language: str) -> dict[str, list[str]]:
    """By kind what of it a text says, in reading order."""
    plain = visible_text(text)
    found: dict[str, list[str]] = {
        "number": [*_DIGITS.findall(plain), *(c for c in plain if c.isnumeric() and not c.isdecimal())],
        "sign": [sign.strip() for sign in _SIGNS.findall(plain)],
        "half of the day": [half.lower() for half in _HALF_DAYS.findall(plain)],
        "drug": [name for word in words_of(text).lower if (name := drug_named(word))],
    }
    words = words_of(text)
    matches = sorted(_phrases(language).matches(words), key=lambda match: (match.first, -match.end))
    free_from = 0
    for match in matches:
        if match.first >= free_from:
            free_from = match.end
            kind, said = match.label
            if kind:
                as_written = " ".join(words.lower[match.first : match.end])
                found.setdefault(kind, []).append(said or as_written)
    return {kind: said for kind, said in found.items() if said}


@lru_cache(maxsize=8)
def _phrases(language: str) -> Phrases[tuple[str, str]]:
    """The words of a language's tables that may not move: (kind, what they say), or ("", "") for those that may."""
    found: list[tuple[str, tuple[str, str]]] = [(phrase, ("limit", "")) for phrase in _LIMITS]
    negation = table(language, "negation")
    for key, label in (("says", ("negation", "not")), ("may", ("negation", "")), ("not", ("", ""))):
        found += [(phrase, label) for phrase in split_list(negation.get(key, ""))]
    for name, members in table(language, "contrasts").items():
        if name in contrast_sets():
            family = contrast_sets()[name].family
            found += [(phrase, ("", "")) for phrase in split_list(members.get("not", ""))]
            for member, ways in ((m, w) for m, w in members.items() if m != "not"):
                found += [(phrase, (family, f"{name}.{member}")) for phrase in split_list(ways.get("says", ""))]
    numbers = number_table(language)
    for word in (*numbers.exact, *numbers.loose, *numbers.powers) if numbers else ():
        found += [(word, ("number word", ""))]
    return Phrases(found)


def _carry(
    workspace: Workspace,
    transaction: Transaction,
    unit: FoundUnit,
    locale: Locale,
    read: ReadArticle,
    former: int,
    target: str,
    signed: Sequence[Event],
    by: str,
    reason: str,
) -> CarriedOn:
    key = unit.key(locale)
    history = judged(transaction.histories([key])[key], transaction.facts())
    heads, rivals = open_texts(history)
    if heads or rivals:
        raise PolicyError(f"{unit.id} in {locale}: somebody wrote a text for the new English already: review that")
    hashes = {number: source_hash for number, source_hash, _, _ in transaction.article(unit.slug)[1]}
    body = unit.about(locale) | {
        "source": unit.source,
        "target": target,
        "target_hash": text_hash(target),
        "former": former,
        "former_source": read.former[former],
        "former_source_hash": hashes[former],
        "sign_offs": [event.hash for event in signed],
        "supersedes": [],
        "reason": in_words(reason),
    }
    act(workspace, transaction, EventKind.EDITORIAL, body, by)
    people = tuple(dict.fromkeys(str(event.body["by"]) for event in signed))
    return CarriedOn(locale=locale.tag, target=target, signed_by=people)
