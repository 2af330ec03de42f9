"""What each person did: words, hours, edit distance, turnaround; for planning and invoices, not for judging anybody.

Takes   the ledger: files that went out and came back, texts that people wrote, what they signed
Gives   a row per person and locale, and the rows as CSV
Always  counted from the events alone: each text and each sign-off once, in the time asked for
"""

import csv
import io
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime

from rapidfuzz.distance import Levenshtein

from pipeline.store import Transaction
from pipeline.store.ledger import Event, EventKind
from review.packs import read_packs


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person in one locale. Words are those of the English."""

    person: str
    locale: str
    files: int
    """That came back and were not refused."""
    edited: int
    """Sentences whose text became hers."""
    edited_words: int
    edit_percent: float
    """How much of these texts she changed: edit distance (Levenshtein) to what went out, weighted by words."""
    signed: int
    signed_words: int
    hours: float
    """Estimated by the speeds of `analyze`: what she edited as new, what she only read as a second person."""
    turnaround_days: float
    """From going out to coming back, the median of her files; 0 if there is none."""
    late: int
    """Files of packs that came back after their last day."""


@dataclass(slots=True)
class _Work:
    files: int = 0
    late: int = 0
    days: list[float] = field(default_factory=list)
    edited: dict[tuple[str, int, str], int] = field(default_factory=dict)
    """Words by article, number and target hash."""
    changed: list[tuple[float, int]] = field(default_factory=list)
    """How much of a text was changed, 0 to 1, and its words."""
    signed: dict[tuple[str, int, str], int] = field(default_factory=dict)


def people_report(
    transaction: Transaction, words_per_hour: Mapping[str, float], *, since: str = "", until: str = "9999"
) -> list[PersonRow]:
    """The rows, by person and locale, of what happened from the day `since` to the day `until`, both included."""
    works: dict[tuple[str, str], _Work] = {}

    def work(event: Event) -> _Work:
        return works.setdefault((str(event.body["by"]), str(event.body["locale"])), _Work())

    def in_time(event: Event) -> bool:
        return since <= event.time[:10] <= until

    exports = {event.body["export_id"]: event for event in transaction.events(EventKind.EXPORT)}
    due = {file.export_id: pack.due for pack in read_packs(transaction).values() for file in pack.files}
    came_of: dict[str, str] = {}
    sent: dict[str, dict[int, str]] = {}
    for event in transaction.events(EventKind.RETURNED):
        came_of.setdefault(event.body["file"], event.body["export_id"])
        if event.body["outcome"] == "refused" or not in_time(event):
            continue
        work(event).files += 1
        if export := exports.get(event.body["export_id"]):
            work(event).days.append(_days(export.time, event.time))
            last = due.get(event.body["export_id"], "")
            work(event).late += bool(last) and event.time[:10] > last
    for event in filter(in_time, transaction.events(EventKind.TEXT)):
        body, words = event.body, len(event.body["source"].split())
        work(event).edited[body["slug"], body["number"], body["target_hash"]] = words
        export_id = came_of.get(body.get("file", ""), "")
        if export_id in exports and export_id not in sent:
            sent[export_id] = {entry["number"]: entry["target"] for entry in exports[export_id].body["entries"]}
        before = sent.get(export_id, {}).get(body["number"], "")
        work(event).changed.append((Levenshtein.normalized_distance(before, body["target"]), words))
    for event in filter(in_time, transaction.events(EventKind.SIGN_OFF)):
        body = event.body
        work(event).signed[body["slug"], body["number"], body["target_hash"]] = len(body["source"].split())
    return [_row(person, locale, done, words_per_hour) for (person, locale), done in sorted(works.items())]


def _row(person: str, locale: str, done: _Work, words_per_hour: Mapping[str, float]) -> PersonRow:
    edited_words, signed_words = sum(done.edited.values()), sum(done.signed.values())
    read_only = sum(words for key, words in done.signed.items() if key not in done.edited)
    weight = sum(words for _, words in done.changed)
    changed = sum(part * words for part, words in done.changed) / weight if weight else 0.0
    hours = edited_words / words_per_hour["new"] + read_only / words_per_hour["second-person"]
    return PersonRow(
        person=person,
        locale=locale,
        files=done.files,
        edited=len(done.edited),
        edited_words=edited_words,
        edit_percent=round(100 * changed, 1),
        signed=len(done.signed),
        signed_words=signed_words,
        hours=round(hours, 2),
        turnaround_days=round(statistics.median(done.days), 1) if done.days else 0.0,
        late=done.late,
    )


def _days(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 86_400


def as_csv(rows: Iterable[PersonRow]) -> bytes:
    """The rows as CSV (RFC 4180), UTF-8, headings first. No cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    headings: Sequence[str] = [one.name for one in fields(PersonRow)]
    writer.writerow(headings)
    for row in rows:
        values = asdict(row)
        # An id may begin with a hyphen, which a spreadsheet would calculate.
        writer.writerow([f"'{v}" if isinstance(v, str) and v[:1] in "=+-@" else v for v in map(values.get, headings)])
    return out.getvalue().encode()
