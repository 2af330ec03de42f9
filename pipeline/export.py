"""Units → the PO file that a reviewer edits.

Takes   an article's numbered segments and where each stands in a locale
Gives   the PO file with what the reviewer needs in comments, and the export event that a later merge starts from
Always  what must not be lost is in the event; nothing in a comment is ever read back
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pipeline.articles import ReadArticle
from pipeline.changes import word_changes
from pipeline.draft import HintsOf
from pipeline.model import UNREAD, Finding, Locale, Origin, OriginKind, ReviewState, Risk, Segment, Unit, tags_of
from pipeline.po import MAX_TEXT_BYTES, PoEntry, PoFile, export_id
from pipeline.protected import Protect
from pipeline.store import Transaction, origin_json
from pipeline.store.history import Current
from pipeline.urgency import doubt_note, order_note, reasons

RiskOf = Callable[[Segment], tuple[Risk, tuple[str, ...]]]
"""The risk class of a segment and the rules that spoke; handed in by review/."""
FindingsOf = Callable[[Unit], tuple[Finding, ...]]
"""What the checks say about a unit; handed in by review/."""
TermsOf = Callable[[str, Locale], tuple[str, ...]]
"""What the termbase says about a source in a locale, a line each (pipeline/terms/workspace.py, `term_notes`)."""


ToConfirm = Callable[[Transaction, Sequence[Segment], Locale], Mapping[int, str]]
"""Which of the segments people must sign again, by number, and why; handed in by review/."""


def nothing_to_confirm(transaction: Transaction, segments: Sequence[Segment], locale: Locale) -> Mapping[int, str]:
    """For tools that only draft."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """What review/ lends to the pipeline."""

    risk: RiskOf
    findings: FindingsOf
    draft_findings: FindingsOf | None = None
    """The same of an engine's draft that passed the guards, without what they looked at; None: as `findings`."""
    to_confirm: ToConfirm = nothing_to_confirm
    terms: TermsOf = lambda source, target_locale: ()
    term_hints: HintsOf | None = None
    """The terms of a text for engines that take them; None without a termbase."""
    terms_version: str = ""
    """A hash of the termbase."""
    names: tuple[Protect, ...] = ()
    """The termbase's names that no machine may touch."""
    version: str = ""
    """A hash of the code and data behind them, the termbase among it: their answers are the same while it is."""


def po_file(
    read: ReadArticle,
    target_locale: Locale,
    current: Mapping[int, Current],
    judges: Judges,
    *,
    page: str,
    to_confirm: Mapping[int, str],
    hints: Mapping[int, Sequence[str]] = MappingProxyType({}),
    back: Mapping[int, str] = MappingProxyType({}),
) -> PoFile:
    """The PO file of one article in one locale; `page` is the article's address, `to_confirm` as `Judges` says it.

    `hints` are fuzzy matches by segment number, a line each; `back` the lines of drafts that were translated back:
    comments, never a text.
    """
    heirs: dict[tuple[int, ...], list[Segment]] = {}
    for segment in read.segments:
        heirs.setdefault(read.predecessors.get(segment.number, ()), []).append(segment)
    entries = tuple(
        _entry(
            segment,
            target_locale,
            current.get(segment.number),
            judges,
            page=page,
            former=former(read, segment, heirs[read.predecessors.get(segment.number, ())], current),
            again=to_confirm.get(segment.number, ""),
            hints=hints.get(segment.number, ()),
            back=back.get(segment.number, ""),
        )
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


def export_body(
    read: ReadArticle, file: PoFile, sha256: str, current: Mapping[int, Current], *, pack: str = ""
) -> dict[str, Any]:
    """The export event of a PO file with these bytes' hash; of a pack's, which may hold some of the entries only."""
    entries = {entry.id: entry for entry in file.entries}
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
            for segment in read.segments
            if (entry := entries.get(segment.id))
        ],
        # so that a merge can cut the article again as it was, and see what stood before each sentence
        **({"pack": pack, "numbers": [segment.number for segment in read.segments]} if pack else {}),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What an edited sentence was."""

    source: str = ""
    """The former English that somebody last worked on, else the one just before; empty for one that is no edit."""
    notes: tuple[str, ...] = ()
    """Which words changed, and the former texts: hints, never a msgstr."""


def former(read: ReadArticle, segment: Segment, halves: Sequence[Segment], current: Mapping[int, Current]) -> Former:
    """What a segment was before its edit, until its own text is signed off.

    `halves` are all the segments that came from the same ones: more than this one alone after a split.
    """
    now = current.get(segment.number)
    predecessors = read.predecessors.get(segment.number, ())
    if not predecessors or (now and now.state is ReviewState.SIGNED_OFF):
        return Former()
    numbers = sorted(dict.fromkeys(_last_read(read, number, current) for number in predecessors))
    source = " ".join(read.former[number] for number in numbers)
    if len(source.encode()) > MAX_TEXT_BYTES:  # of several that were merged: no PO file could carry it
        source = read.former[predecessors[0]]
    changes = word_changes(source, " ".join(half.source for half in halves))
    how = f" (split in {len(halves)})" if len(halves) > 1 else f" ({len(numbers)} merged)" if len(numbers) > 1 else ""
    warnings = f" — {', '.join(changes.warnings)}" if changes.warnings else ""
    notes = [f"changed{how}: {changes.marked}{warnings}"] if changes.marked else ["changed: what a tag stands for"]
    return Former(source=source, notes=(*notes, *(note for n in numbers if (note := _former_text(current.get(n))))))


def _last_read(read: ReadArticle, number: int, current: Mapping[int, Current]) -> int:
    """The newest of a sentence's forms in which a person worked on its text; itself if there is none."""
    form = number
    while form:
        if form in current and current[form].state not in UNREAD:
            return form
        form = next((old for old in read.predecessors.get(form, ()) if old < form), 0)
    return number


def _former_text(was: Current | None) -> str:
    if was is None or was.state in UNREAD:
        return ""
    if was.withdrawn:
        return f"former text, WITHDRAWN, do not use it: {was.target} — {was.withdrawn}"
    signed = "signed" if was.state is ReviewState.SIGNED_OFF else "not signed off"
    return f"former text, {signed}: {was.target}"


def _entry(
    segment: Segment,
    target_locale: Locale,
    current: Current | None,
    judges: Judges,
    *,
    page: str,
    former: Former,
    again: str,
    hints: Sequence[str],
    back: str,
) -> PoEntry:
    target = current.target if current else ""
    state = current.state if current else ReviewState.UNTRANSLATED
    return PoEntry(
        id=segment.id,
        source=segment.source,
        target=target,
        fuzzy=state is ReviewState.DRAFT or bool(current and current.withdrawn),
        notes=(
            *_notes(segment, target_locale, current, judges, page, former, again),
            *(f"memory, {line}" for line in hints),
            *([back] if back else ()),
        ),
        translator_comments=(),
        previous_source=former.source,
    )


def _notes(
    segment: Segment,
    target_locale: Locale,
    current: Current | None,
    judges: Judges,
    page: str,
    former: Former,
    again: str,
) -> list[str]:
    """What the reviewer needs to know about one entry, a line each."""
    notes = [" › ".join((segment.kind.value, *segment.heading_path))]
    risk, rules = judges.risk(segment)
    if risk is Risk.CRITICAL:
        notes.append(f"CRITICAL ({', '.join(rules)}): if it is right unchanged, add the comment: ok")
    if again:
        notes.append(f"CONFIRM AGAIN: {again}")
    if current and current.withdrawn:
        notes.append(f"WITHDRAWN: write another text; this one was {current.withdrawn}")
    notes += former.notes
    found: tuple[Finding, ...] = ()
    if current and current.target:
        notes.append(_origin_note(current))
        notes += map(doubt_note, current.origin.doubts)
        unit = Unit(segment=segment, target_locale=target_locale, target=current.target, origin=current.origin)
        unread = current.state is ReviewState.DRAFT and current.origin.kind is OriginKind.ENGINE
        found = (judges.draft_findings if unread and judges.draft_findings else judges.findings)(unit)
        notes += [f"{finding.severity.value}: {finding.message}" for finding in found]
        notes += [
            f"CONFLICT: {other.by} wrote: {other.target} — your text, or yours to keep, decides"
            for other in current.others
        ]
        notes += [f"QUESTION by {q} — held until it is answered, or whoever asks signs" for q in current.questions]
        answered = current.answers if current.state is not ReviewState.SIGNED_OFF else ()
        notes += [f"ANSWER by {answer} — to the question by {question}" for question, answer in answered]
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
    signed = current is not None and current.state is ReviewState.SIGNED_OFF
    order = "" if signed else order_note(reasons(risk, rules, found, current))
    return [order, *notes] if order else notes


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
