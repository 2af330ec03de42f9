"""Between a file's rows and concepts: one row per term, the same for CSV and TBX.

Takes   rows, each with its line and the cells that its file had something for
Gives   a Termbase; and the rows of one
Always  termbase_of(rows_of(termbase)) == termbase; a row that cannot be a term is a TermsError with file and line
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from pipeline.errors import LocaleError, TermsError
from pipeline.model import Locale
from pipeline.terms.model import FORMS_MARK, Concept, PartOfSpeech, Term, Termbase, TermStatus, clean

COLUMNS = (
    "concept",
    "locale",
    "term",
    "part_of_speech",
    "status",
    "forms",
    "do_not_translate",
    "critical",
    "note",
    "source",
)
"""The columns of a termbase, in this order. The first three make a row what it is."""
NEEDED = COLUMNS[:3]
Kind = TypeVar("Kind", PartOfSpeech, TermStatus)
_YES = {"yes": True, "no": False, "": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One term as a file says it."""

    line: int
    values: Mapping[str, str]
    """By column, only what is not empty; cleaned."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Concept, locale, term: two rows with the same are one term."""
        concept, locale, term = (self.values.get(column, "") for column in NEEDED)
        return concept, locale, term

    @property
    def name(self) -> str:
        """The row in words: `benzodiazepine es benzodiacepina`."""
        return " ".join(part for part in self.key if part) or "an empty row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row, or a part of a file, that cannot be a term."""

    line: int
    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file says."""

    rows: tuple[Row, ...]
    refused: tuple[Refused, ...] = ()
    kept_in_notes: tuple[str, ...] = ()
    """What the file has and a termbase of ours has no column for, each once; it stands in the notes."""


def row(line: int, cells: Mapping[str, str]) -> Row:
    """A Row of cells as they stand in a file. The locale is written as BCP 47 does, where it is one."""
    values = {column: clean(cell) for column, cell in cells.items()}
    if tag := values.get("locale"):
        with suppress(LocaleError):  # `term_of` refuses it, with its line
            values["locale"] = Locale.parse(tag.replace("_", "-")).tag
    if forms := values.get("forms"):
        values["forms"] = f" {FORMS_MARK} ".join(_forms(forms))
    for column in ("do_not_translate", "critical", "status"):
        values[column] = values.get(column, "").lower()
    return Row(line=line, values={column: cell for column, cell in values.items() if cell})


def _forms(cell: str) -> tuple[str, ...]:
    return tuple(form for form in (clean(part) for part in cell.split(FORMS_MARK)) if form)


def term_of(row: Row, where: str) -> Term:
    """The term of a row. Raises TermsError with its line."""
    values = row.values
    for column in NEEDED:
        if not values.get(column):
            raise TermsError(where, row.line, f"{row.name}: the {column} is missing")
    for column in ("do_not_translate", "critical"):
        if values.get(column, "") not in _YES:
            raise TermsError(where, row.line, f"{row.name}: {column} is yes, no or empty, found {values[column]!r}")
    try:
        return Term(
            locale=Locale.parse(values["locale"]),
            text=values["term"],
            part_of_speech=_one_of(PartOfSpeech, values.get("part_of_speech", ""), "part_of_speech"),
            status=_one_of(TermStatus, values.get("status", "preferred"), "status"),
            forms=_forms(values.get("forms", "")),
            note=values.get("note", ""),
            source=values.get("source", ""),
        )
    except (LocaleError, ValueError) as error:
        raise TermsError(where, row.line, f"{row.name}: {error}") from error


def _one_of(kind: type[Kind], value: str, column: str) -> Kind:
    try:
        return kind(value)
    except ValueError as error:
        known = ", ".join(one.value for one in kind if one.value)
        raise ValueError(f"{column} is one of {known}, found {value!r}") from error


def termbase_of(rows: Iterable[Row], where: str) -> Termbase:
    """The concepts of rows, in the order of their first rows. Raises TermsError with the line of the first mistake.

    `do_not_translate` and `critical` are the concept's: a `yes` on one of its rows is enough, a `no` beside it is not.
    """
    groups: dict[str, list[Row]] = {}
    terms: dict[str, list[Term]] = {}
    seen: dict[tuple[str, str, str], int] = {}
    for one in rows:
        term = term_of(one, where)
        if (first := seen.setdefault(one.key, one.line)) != one.line:
            raise TermsError(where, one.line, f"{one.name} stands in line {first} already")
        groups.setdefault(one.key[0], []).append(one)
        terms.setdefault(one.key[0], []).append(term)
    concepts = []
    for concept_id, of_concept in groups.items():
        try:
            concepts.append(
                Concept(
                    id=concept_id,
                    terms=_by_locale(terms[concept_id]),
                    do_not_translate=_flag(of_concept, "do_not_translate", where),
                    critical=_flag(of_concept, "critical", where),
                )
            )
        except ValueError as error:
            raise TermsError(where, of_concept[0].line, str(error)) from error
    return Termbase(concepts=tuple(concepts))


def _by_locale(terms: Sequence[Term]) -> tuple[Term, ...]:
    places: dict[Locale, int] = {}
    return tuple(sorted(terms, key=lambda term: places.setdefault(term.locale, len(places))))


def _flag(rows: Sequence[Row], column: str, where: str) -> bool:
    said = {one.values[column]: one for one in rows if column in one.values}
    if len(said) > 1:
        line = said["no"].line
        raise TermsError(
            where, line, f"concept {rows[0].key[0]}: {column} is no here and yes in line {said['yes'].line}"
        )
    return "yes" in said


def rows_of(termbase: Termbase) -> list[Row]:
    """One row per term; a concept's flags on its first row. Lines count from 2, as in a file with a header."""
    rows: list[Row] = []
    for concept in termbase.concepts:
        for place, term in enumerate(concept.terms):
            cells = {
                "concept": concept.id,
                "locale": term.locale.tag,
                "term": term.text,
                "part_of_speech": term.part_of_speech.value,
                "status": term.status.value,
                "forms": f" {FORMS_MARK} ".join(term.forms),
                "do_not_translate": "yes" if concept.do_not_translate and not place else "",
                "critical": "yes" if concept.critical and not place else "",
                "note": term.note,
                "source": term.source,
            }
            rows.append(Row(line=len(rows) + 2, values={column: cell for column, cell in cells.items() if cell}))
    return rows
