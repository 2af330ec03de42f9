"""Units → the PO file that a reviewer edits.

Takes   an article's numbered segments and where each stands in a locale
Gives   the PO file with what the reviewer needs in comments, and the export event that a later merge starts from
Always  what must not be lost is in the event; nothing in a comment is ever read back
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.articles import ReadArticle
from pipeline.draft import HintsOf
from pipeline.model import Finding, Locale, Origin, OriginKind, ReviewState, Risk, Segment, Unit, tags_of
from pipeline.po import PoEntry, PoFile, export_id
from pipeline.store import origin_json
from pipeline.store.history import Current

RiskOf = Callable[[Segment], tuple[Risk, tuple[str, ...]]]
"""The risk class of a segment and the rules that spoke; handed in by review/."""
FindingsOf = Callable[[Unit], tuple[Finding, ...]]
"""What the checks say about a unit; handed in by review/."""
TermsOf = Callable[[str, Locale], tuple[str, ...]]
"""What the termbase says about a source in a locale, a line each (pipeline/terms/workspace.py, `term_notes`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """What review/ lends to the pipeline."""

    risk: RiskOf
    findings: FindingsOf
    terms: TermsOf = lambda source, target_locale: ()
    hints: HintsOf | None = None
    """The terms of a text for engines that take them; None without a termbase."""
    version: str = ""
    """A hash of the code and data behind them, the termbase among it: their answers are the same while it is."""


def po_file(
    read: ReadArticle, target_locale: Locale, current: Mapping[int, Current], judges: Judges, *, page: str
) -> PoFile:
    """The PO file of one article in one locale; `page` is the address of the article's page."""
    entries = tuple(
        _entry(segment, target_locale, current.get(segment.number), judges, page=page, former=_former(read, segment))
        for segment in read.segments
    )
    slug = read.article.slug
    return PoFile(
        article=slug,
        target_locale=target_locale,
        export_id=export_id(slug, target_locale, entries),
        entries=entries,
        obsolete=(),
    )


def export_body(read: ReadArticle, file: PoFile, sha256: str, current: Mapping[int, Current]) -> dict[str, Any]:
    """The export event of a PO file with these bytes' hash."""
    return {
        "slug": read.article.slug,
        "locale": file.target_locale.tag,
        "export_id": file.export_id,
        "file": sha256,
        "revision": read.article.sha256,
        "entries": [
            {
                "number": segment.number,
                "source_hash": segment.source_hash,
                "target": entry.target,
                "origin": origin_json(current[segment.number].origin if segment.number in current else Origin()),
                "shows": [other.event for other in current[segment.number].others] if segment.number in current else [],
            }
            for segment, entry in zip(read.segments, file.entries, strict=True)
        ],
    }


def _former(read: ReadArticle, segment: Segment) -> str:
    return read.former.get(read.predecessors.get(segment.number, 0), "")


def _entry(
    segment: Segment, target_locale: Locale, current: Current | None, judges: Judges, *, page: str, former: str
) -> PoEntry:
    target = current.target if current else ""
    state = current.state if current else ReviewState.UNTRANSLATED
    return PoEntry(
        id=segment.id,
        source=segment.source,
        target=target,
        fuzzy=state is ReviewState.DRAFT,
        notes=tuple(_notes(segment, target_locale, current, judges, page)),
        translator_comments=(),
        previous_source=former,
    )


def _notes(segment: Segment, target_locale: Locale, current: Current | None, judges: Judges, page: str) -> list[str]:
    """What the reviewer needs to know about one entry, a line each."""
    notes = [" › ".join((segment.kind.value, *segment.heading_path))]
    risk, rules = judges.risk(segment)
    if risk is Risk.CRITICAL:
        notes.append(f"CRITICAL ({', '.join(rules)}): if it is right unchanged, add the comment: ok")
    if current and current.target:
        notes.append(_origin_note(current))
        notes += [f"doubt: {doubt}" for doubt in current.origin.doubts]
        unit = Unit(segment=segment, target_locale=target_locale, target=current.target, origin=current.origin)
        notes += [f"{finding.severity.value}: {finding.message}" for finding in judges.findings(unit)]
        notes += [
            f"CONFLICT: {other.by} wrote: {other.target} — your text, or yours to keep, decides"
            for other in current.others
        ]
        notes += [f"QUESTION by {question} — held until whoever asks signs" for question in current.questions]
    present = {match[0] for match in tags_of(segment.source)}
    for placeable in segment.placeables:
        tag = f"<{placeable.letter}{placeable.number}{'/' if placeable.alone else ''}>"
        if tag in present:
            what = placeable.address or (placeable.opening if placeable.alone else "")
            notes.append(f"{tag} {placeable.kind.value}{': ' if what else ''}{what}")
    notes += judges.terms(segment.source, target_locale)
    if segment.before:
        notes.append(f"follows: {segment.before}")
    notes.append(f"page: {page}#u{segment.number:04d}")
    return notes


def _origin_note(current: Current) -> str:
    origin = current.origin
    unread = current.state is ReviewState.DRAFT
    match origin.kind:
        case OriginKind.PERSON:
            return f"{current.state.value}: text by {origin.name}"
        case OriginKind.MEMORY:
            what = "draft from memory" if unread else f"{current.state.value}: text from memory"
            return f"{what}: {origin.name}, {origin.version}"
        case _:
            what = "machine draft that nobody has read" if unread else f"{current.state.value}: machine draft"
            return f"{what}: {origin.name} {origin.version}"
