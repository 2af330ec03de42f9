"""Check the entries of PO files from anywhere: what `signoff check` does, without a workspace and without a store.

Takes   a PO file as read (pipeline/po.py) and the Context of its locale
Gives   each finding with its file, line and entry; what was left alone, and what the language has no table for
Always  an entry that is empty, fuzzy or obsolete is counted, not checked, unless fuzzy ones are asked for
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.model import Finding, Locale, Severity, text_hash
from pipeline.po import ForeignEntry, ForeignPo
from review.checks import Context, findings
from review.checks.consistency import Pair, consistency
from review.checks.tables import measured, missing


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """A finding with the place of its entry."""

    file: str
    line: int
    id: str
    """The msgctxt, or the first 8 hex digits of the source's hash."""
    finding: Finding

    def as_json(self) -> dict[str, object]:
        """The shape of `signoff check --json`."""
        found = self.finding
        return {
            "file": self.file,
            "line": self.line,
            "id": self.id,
            "check": found.check,
            "severity": found.severity.value,
            "message": found.message,
            "source_span": list(found.source_span) if found.source_span else None,
            "target_span": list(found.target_span) if found.target_span else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """One file, checked."""

    file: str
    locale: Locale
    checked: int
    untranslated: int
    fuzzy: int
    obsolete: int
    findings: tuple[LintFinding, ...]
    not_asked: str = ""
    """Why meaning could not be compared, where that was wanted."""

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are."""
        return sum(found.finding.severity is severity for found in self.findings)


def lint(
    po: ForeignPo, file: str, context: Context, *, with_fuzzy: bool = False, with_meaning: bool = False
) -> LintReport:
    """All that the checks say about the entries of a file, in its order; with `with_meaning` the encoder as well."""
    translated = [entry for entry in po.entries if entry.target and entry.source]
    looked_at = [entry for entry in translated if with_fuzzy or not entry.fuzzy]
    found = [_placed(file, entry, finding) for entry in looked_at for finding in _findings(entry, context)]
    found += _across(consistency, file, looked_at, context)
    not_asked = ""
    if with_meaning:
        from review.checks.meaning import meaning, why_not_asked

        if not (not_asked := why_not_asked(context.target_locale)):
            found += _across(meaning, file, looked_at, context)
    return LintReport(
        file=file,
        locale=context.target_locale,
        checked=len(looked_at),
        untranslated=sum(not entry.target and bool(entry.source) for entry in po.entries),
        fuzzy=len(translated) - len(looked_at),
        obsolete=po.obsolete,
        findings=tuple(sorted(found, key=lambda one: one.line)),
        not_asked=not_asked,
    )


def gaps(locale: Locale) -> tuple[str, ...]:
    """What the checks cannot do for a language, a sentence each: said once, so that silence is not taken for a pass."""
    lacking = missing(locale.language)
    unmeasured = [subject for subject in ("numbers", "units") if subject not in lacking]
    said = []
    if lacking:
        said.append(f"{locale.language} has no table for {', '.join(lacking)}: what needs them was not checked")
    if unmeasured and not any(measured(locale.language, subject) for subject in unmeasured):
        said.append(f"nobody has measured the tables of {locale.language} yet: what rests on them only warns")
    return tuple(said)


def _findings(entry: ForeignEntry, context: Context) -> tuple[Finding, ...]:
    """Of a plural form what is said beside the source that fits it better: which form is which differs by language."""
    found = findings(entry.source, entry.target, context)
    if not entry.plural_source or not found:
        return found
    return min(found, findings(entry.plural_source, entry.target, context), key=_weight)


def _weight(found: Sequence[Finding]) -> tuple[int, int]:
    return sum(one.severity is Severity.ERROR for one in found), len(found)


Across = Callable[[Sequence[Pair], Context], Iterator[tuple[int, Finding]]]
"""A check that needs all pairs of a file at once."""


def _across(check: Across, file: str, entries: Sequence[ForeignEntry], context: Context) -> Iterator[LintFinding]:
    single = [entry for entry in entries if not entry.plural_source]
    pairs = [Pair(entry.source, entry.target, entry.line) for entry in single]
    for at, finding in check(pairs, context):
        yield _placed(file, single[at], finding)


def _placed(file: str, entry: ForeignEntry, finding: Finding) -> LintFinding:
    return LintFinding(file=file, line=entry.line, id=entry.id or text_hash(entry.source)[:8], finding=finding)
