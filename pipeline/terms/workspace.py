"""A workspace's own termbase: the CSV files that `[terms]` of signoff.toml names.

Takes   a Workspace
Gives   its Termbase, a Matcher, and the lines about a text's terms in a PO file
Always  strict: a file that is missing, or a row that is no term, stops the work with file and line
"""

import hashlib
from pathlib import Path

from pipeline.config import Workspace
from pipeline.engines import TermHint
from pipeline.errors import TermsError
from pipeline.model import Locale
from pipeline.protected import MAX_WIDTH, Protect
from pipeline.terms.csv_file import read_bytes, read_csv
from pipeline.terms.matching import MOST_WORDS, Matcher, word_count
from pipeline.terms.model import Concept, Termbase
from pipeline.terms.rows import termbase_of


def load_termbase(workspace: Workspace) -> Termbase:
    """All concepts of the workspace's files, in order; an empty termbase where signoff.toml names none.

    Raises TermsError for what is missing or wrong, and for a concept that stands in two files.
    """
    concepts: dict[str, tuple[Concept, str]] = {}
    for name in workspace.settings.term_files:
        for concept in read_termbase(workspace.root / name, name).concepts:
            if concept.id in concepts:
                raise TermsError(name, None, f"concept {concept.id} stands in {concepts[concept.id][1]} already")
            concepts[concept.id] = concept, name
    return Termbase(concepts=tuple(concept for concept, _ in concepts.values()))


def read_termbase(path: Path, name: str) -> Termbase:
    """The concepts of one CSV file of the workspace. Raises TermsError."""
    try:
        data = read_bytes(path)
    except FileNotFoundError as error:
        raise TermsError(
            name, None, "is named in signoff.toml and not there: `signoff terms import` makes it, or take it out"
        ) from error
    reading = read_csv(data, name)
    for refused in reading.refused:
        raise TermsError(name, refused.line, f"{refused.what}: {refused.reason}")
    termbase = termbase_of(reading.rows, name)
    for row in reading.rows:
        for wording in (row.values["term"], *row.values.get("forms", "").split("|")):
            if len(wording) > MOST_WORDS and word_count(wording) > MOST_WORDS:
                raise TermsError(name, row.line, f"{row.name}: a term has {MOST_WORDS} words at most")
    return termbase


def names_to_keep(termbase: Termbase, source_locale: Locale) -> tuple[Protect, ...]:
    """The wordings that stand in every target as they are, as draft.py hides them from machines."""
    wordings = (
        wording
        for concept in termbase.concepts
        if concept.do_not_translate
        for term in concept.terms_for(source_locale)
        for wording in term.wordings
    )
    return tuple(Protect(name=wording) for wording in dict.fromkeys(wordings) if len(wording) <= MAX_WIDTH)


def load_matcher(workspace: Workspace) -> Matcher:
    """The workspace's termbase, ready to be looked up; its version is the hash of its files. Raises TermsError."""
    termbase = load_termbase(workspace)
    version = hashlib.sha256()
    for name in workspace.settings.term_files:
        version.update(hashlib.sha256((workspace.root / name).read_bytes()).digest())
    return Matcher(termbase, version.hexdigest())


def term_notes(matcher: Matcher, source: str, source_locale: Locale, target_locale: Locale) -> tuple[str, ...]:
    """What the termbase says about a source's terms in a locale, a line each, for a reviewer's eyes.

    `term: withdrawal → síndrome de abstinencia (preferred; also: abstinencia; not: retirada)`
    """
    lines = dict[str, None]()
    for match in matcher.matches(source, source_locale):
        concept = match.concept
        head = f"term{' (critical)' if concept.critical else ''}: {match.term.text}"
        if concept.do_not_translate:
            lines[f"{head} (do not translate)"] = None
        elif terms := concept.accepted(target_locale):
            said = [terms[0].status.value]
            said += [f"also: {', '.join(term.text for term in terms[1:])}"] if terms[1:] else []
            said += (
                [f"not: {', '.join(term.text for term in nots)}"] if (nots := concept.forbidden(target_locale)) else []
            )
            lines[f"{head} → {terms[0].text} ({'; '.join(said)})"] = None
        elif nots := concept.forbidden(target_locale):
            lines[f"{head} (not: {', '.join(term.text for term in nots)})"] = None
    return tuple(lines)


def term_hints(matcher: Matcher, text: str, source_locale: Locale, target_locale: Locale) -> tuple[TermHint, ...]:
    """The terms of a text for an engine, in order; of homonyms the first of the termbase."""
    return tuple(
        TermHint(
            span=match.span,
            accepted=tuple(term.text for term in match.concept.accepted(target_locale)),
            forbidden=tuple(term.text for term in match.concept.forbidden(target_locale)),
            do_not_translate=match.concept.do_not_translate,
            critical=match.concept.critical,
            term=match.term.text,
        )
        for match in {match.span: match for match in reversed(matcher.matches(text, source_locale))}.values()
    )[::-1]
