"""The termbase: the approved wording of each concept, per locale.

Takes   the CSV files that `[terms]` of signoff.toml names; CSV and TBX files that people bring
Gives   concepts with their terms, where each stands in a text, and the same as files again
Always  a term that is not understood is refused with its line, never dropped; reading undoes writing
"""

from pipeline.terms.matching import Matcher, TermMatch
from pipeline.terms.model import Concept, PartOfSpeech, Term, Termbase, TermStatus

# Readers and writers of files are imported where they are used: a run without a termbase does not pay for them.
__all__ = ["Concept", "Matcher", "PartOfSpeech", "Term", "TermMatch", "TermStatus", "Termbase"]
