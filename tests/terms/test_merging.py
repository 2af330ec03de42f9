"""An import of terms: it adds and changes, it never empties, and says of each row what became of it."""

from hypothesis import given, settings

from pipeline.terms import Termbase
from pipeline.terms.csv_file import read_csv, write_csv, write_rows
from pipeline.terms.merging import Merged, Outcome, merge
from pipeline.terms.rows import Reading, rows_of, termbase_of
from pipeline.terms.tbx import read_tbx, write_tbx

from .termbases import termbases

STANDING = """concept,locale,term,status,forms,critical,note,source
overdose,en,overdose,preferred,,yes,,
overdose,es,sobredosis,preferred,sobredosificación,,mine,me
misuse,en,misuse,preferred,,,,
"""


def reading(text: str) -> Reading:
    return read_csv(text.encode(), "theirs.csv", strict=False)


def merged(text: str, standing: str = STANDING) -> Merged:
    return merge(read_csv(standing.encode(), "ours.csv").rows, reading(text), "ours.csv")


@settings(deadline=None)
@given(termbases(), termbases())
def test_importing_again_changes_nothing(ours: Termbase, theirs: Termbase) -> None:
    """The second import of a file finds every row unchanged or refused as before, and the same bytes."""
    for again in (read_csv(write_csv(theirs), "theirs"), read_tbx(write_tbx(theirs), "theirs")):
        first = merge(rows_of(ours), again, "ours")
        second = merge(first.rows, again, "ours")
        assert write_rows(second.rows) == write_rows(first.rows)
        assert {change.outcome for change in second.changes} <= {Outcome.UNCHANGED, Outcome.REFUSED}


@settings(deadline=None)
@given(termbases(), termbases())
def test_nothing_that_stood_is_lost(ours: Termbase, theirs: Termbase) -> None:
    """Every term, form and flag that stood before an import stands after it."""
    after = termbase_of(merge(rows_of(ours), read_tbx(write_tbx(theirs), "theirs"), "ours").rows, "ours")
    concepts = {concept.id: concept for concept in after.concepts}
    for concept, term in ours.terms():
        now = {(one.locale, one.text): one for one in concepts[concept.id].terms}[term.locale, term.text]
        assert set(term.forms) <= set(now.forms)
        assert now.note or not term.note
        assert concepts[concept.id].critical >= concept.critical
        assert concepts[concept.id].do_not_translate >= concept.do_not_translate


def test_each_row_is_reported_with_its_line() -> None:
    """New, changed from what to what, unchanged, refused and why."""
    text = """concept,locale,term,status,forms,critical,note
overdose,en,overdose,,,,
overdose,es,sobredosis,admitted,sobredosis aguda,,
overdose,gl,sobredose,,,,
overdose,fr,surdosage,,,no,
,es,nada,,,,
misuse,xx,y,,,,
"""
    assert [(c.line, c.outcome.value, c.term, c.reason.partition(": ")[0]) for c in merged(text).changes] == [
        (2, "unchanged", "overdose", ""),
        (3, "changed", "sobredosis", "status"),
        (4, "new", "sobredose", ""),
        (5, "refused", "surdosage", "concept overdose is critical here"),
        (6, "refused", "nada", "es nada"),
        (7, "refused", "y", "misuse xx y"),
    ]


def test_what_the_file_leaves_empty_stays() -> None:
    """An import without a note, a source or forms empties none of them."""
    text = "concept,locale,term,status,note\noverdose,es,sobredosis,forbidden,theirs\n"
    row = {one.key: one for one in merged(text).rows}["overdose", "es", "sobredosis"]
    assert dict(row.values) == {
        "concept": "overdose",
        "locale": "es",
        "term": "sobredosis",
        "status": "forbidden",
        "forms": "sobredosificación",
        "note": "theirs",
        "source": "me",
    }


def test_a_concept_of_another_file_is_refused() -> None:
    """A concept lives in one file: the import names the one to type."""
    text = "concept,locale,term\ncoma,en,coma\n"
    outcome = merge((), reading(text), "ours.csv", elsewhere={"coma": "terms/other.csv"})
    assert "--into terms/other.csv" in outcome.changes[0].reason
    assert not outcome.rows
