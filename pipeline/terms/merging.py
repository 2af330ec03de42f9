"""Merge a file of terms into a termbase.

Takes   the rows that stand, and the Reading of a file from elsewhere
Gives   the rows after it, and for each row of the file what became of it
Always  an import adds and changes, it never empties: what the file leaves empty stays, and so does what it does not
        name. Doing it again changes nothing. A row that cannot be a term is refused with its line
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.errors import TermsError
from pipeline.terms.matching import MOST_WORDS, word_count
from pipeline.terms.model import FORMS_MARK
from pipeline.terms.rows import NEEDED, Reading, Row, rows_of, termbase_of

_FLAGS = ("do_not_translate", "critical")


class Outcome(StrEnum):
    """What became of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one row of the file."""

    line: int
    concept: str
    locale: str
    term: str
    outcome: Outcome
    reason: str = ""
    """What changed, from what to what; or why it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The outcome of an import."""

    rows: tuple[Row, ...]
    changes: tuple[Change, ...]


def merge(
    standing: Iterable[Row], reading: Reading, where: str, *, elsewhere: Mapping[str, str] | None = None
) -> Merged:
    """Put each row of a file to those that stand. `elsewhere`: concepts of other files of the workspace, by id."""
    rows = {one.key: one for one in standing}
    flags = {(one.key[0], flag) for one in rows.values() for flag in _FLAGS if one.values.get(flag) == "yes"}
    changes = [
        Change(
            line=refused.line, concept=refused.what, locale="", term="", outcome=Outcome.REFUSED, reason=refused.reason
        )
        for refused in reading.refused
    ]
    for one in reading.rows:
        concept, locale, term = one.key
        if reason := _why_not(one, where, flags, elsewhere or {}):
            outcome = Outcome.REFUSED
        else:
            new = _without_flags(one, flags)
            old = rows.get(one.key)
            after = _put(old, new) if old else new
            outcome, reason = _outcome(old, after)
            rows[one.key] = after
            flags |= {(concept, flag) for flag in _FLAGS if new.values.get(flag) == "yes"}
        changes.append(Change(line=one.line, concept=concept, locale=locale, term=term, outcome=outcome, reason=reason))
    # Through the concepts and back, so that a concept's rows stand together and its flags on the first of them.
    after_all = rows_of(termbase_of((replace(one, line=place) for place, one in enumerate(rows.values())), where))
    return Merged(rows=tuple(after_all), changes=tuple(sorted(changes, key=lambda change: change.line)))


def _why_not(one: Row, where: str, flags: set[tuple[str, str]], elsewhere: Mapping[str, str]) -> str:
    """Why a row cannot be taken; "" if it can."""
    try:
        termbase_of((one,), where)
    except TermsError as error:
        return error.reason
    concept = one.key[0]
    if concept in elsewhere:
        return f"concept {concept} stands in {elsewhere[concept]}: import with --into {elsewhere[concept]}"
    if any(word_count(wording) > MOST_WORDS for wording in (one.key[2], *_forms(one))):
        return f"a term has {MOST_WORDS} words at most"
    for flag in _FLAGS:
        if one.values.get(flag) == "no" and (concept, flag) in flags:
            return f"concept {concept} is {flag.replace('_', ' ')} here: an import cannot take that off, a person can"
    return ""


def _without_flags(one: Row, flags: set[tuple[str, str]]) -> Row:
    """The row without what its concept has already, and without a `no`, which says nothing."""
    concept = one.key[0]
    return replace(
        one,
        values={
            column: cell
            for column, cell in one.values.items()
            if column not in _FLAGS or (cell == "yes" and (concept, column) not in flags)
        },
    )


def _put(old: Row, new: Row) -> Row:
    forms = tuple(dict.fromkeys((*_forms(old), *_forms(new))))
    values = {**old.values, **new.values}
    return replace(old, values={**values, **({"forms": f" {FORMS_MARK} ".join(forms)} if forms else {})})


def _forms(one: Row) -> list[str]:
    return [form.strip() for form in one.values.get("forms", "").split(FORMS_MARK) if form.strip()]


def _outcome(old: Row | None, after: Row) -> tuple[Outcome, str]:
    if old is None:
        return Outcome.NEW, ""
    before = {"status": "preferred", **old.values}
    now = {"status": "preferred", **after.values}
    if before == now:
        return Outcome.UNCHANGED, ""
    told = [
        f"{column}: {before.get(column, 'empty')} → {cell}"
        for column, cell in now.items()
        if column not in NEEDED and before.get(column) != cell
    ]
    return Outcome.CHANGED, "; ".join(told)
