"""Take a returned file back: read it strictly, merge it entry by entry, sign what its reviewer attested (signing.py).

Takes   a file, the reviewer's id, and what she attested: nothing, the texts she edited, or all that she returned
Gives   a FileReport: per entry what happened and why
Always  the raw bytes are on the disk before they are read; one transaction per file; every returned text is current
        afterwards, or kept with the reason; nothing is signed but by an entitled person's explicit attestation, and
        nothing is ever published here
"""

import gc
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path

from pipeline.articles import ReadArticle, recorded_article
from pipeline.config import Workspace
from pipeline.durable import keep_file
from pipeline.errors import LocalizationError, PolicyError
from pipeline.export import Judges
from pipeline.model import (
    Locale,
    Segment,
    slug_in_id,
    text_hash,
)
from pipeline.po import MAX_FILE_BYTES, PoEntry, PoFile
from pipeline.store import Store, Transaction
from pipeline.store.history import Current, UnitHistory, UnitKey, replaced_by_edit
from pipeline.store.ledger import Event, EventKind, timestamp
from review.formats import read_returned
from review.merge import (
    Export,
    FileOutcome,
    Merged,
    Question,
    Result,
    Returned,
    Situation,
    absent,
    file_outcome,
    merge,
    questions,
    resolved_id,
    verdict,
)
from review.packs import held_back, why_held_back
from review.policy import Policy, policy_in_force
from review.roster import Person, on_roster, record_roster, roster_of
from review.signing import Attest, Signing, pair_body
from review.signoffs import judged
from review.statements import Signed, why_not_for


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReport:
    """What happened to one entry."""

    id: str
    line: int
    result: Result
    reason: str
    questions: tuple[str, ...] = ()
    """What the reviewer asks on it, for the content lead to answer."""
    source: str = ""
    """The English in the file; empty for an entry that is not in it."""


@dataclass(slots=True, kw_only=True)
class FileReport:
    """What happened to one file: `accepted`, `repaired` or `refused`."""

    file: str
    sha256: str
    outcome: str
    line: int | None = None
    reason: str = ""
    entries: list[EntryReport] = field(default_factory=list)

    def count(self, *results: Result) -> int:
        """How many entries ended so."""
        return sum(entry.result in results for entry in self.entries)


def import_file(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    path: Path,
    *,
    reviewer: str,
    attest: Attest | None,
    entered_by: str,
    signed: Signed | None = None,
) -> FileReport:
    """Import one file. Raises PolicyError for a reviewer who is not on the roster; a bad file is reported, not raised.

    `entered_by` is who typed the command: where it is not the reviewer, every sign-off says so. `signed` is her own
    statement on this file; PolicyError, and nothing is done, if it is not hers or not for this.
    """
    people = roster_of(workspace)
    policy = policy_in_force(workspace)
    on_roster(people, reviewer)
    if not path.is_file():
        raise PolicyError(f"{path}: is no plain file; nothing was read")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise PolicyError(
            f"{path}: larger than {MAX_FILE_BYTES // 1024**2} MB: no PO file of ours is; nothing was read"
        )
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    keep_file(workspace.private / "returned" / sha256, data)
    if signed and (
        why := why_not_for(
            signed,
            file=sha256,
            reviewer=reviewer,
            attest=attest or "",
            public_key=people[reviewer].public_key,
            now=timestamp(store.clock()),
        )
    ):
        raise PolicyError(f"{path}: {why}; nothing was taken")
    report = FileReport(file=str(path), sha256=sha256, outcome="accepted")
    with _uncollected(), store.write() as transaction:
        entries = record_roster(transaction, workspace.ledger, people)
        act = _Act(
            workspace=workspace,
            transaction=transaction,
            judges=judges,
            policy=policy,
            person=people[reviewer],
            roster_entry=entries[reviewer],
            attest=attest,
            entered_by=entered_by,
            signed=signed,
            report=report,
        )
        act.take(data)
    return report


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's collector of cycles, for one import.

    It walks all that an import holds again and again: a sixth of the time of 20,000 entries, and the more the longer
    the file. What it would have found in them is 20 MB.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(slots=True, kw_only=True)
class _Act:
    """One import, as it goes on."""

    workspace: Workspace
    transaction: Transaction
    judges: Judges
    policy: Policy
    person: Person
    roster_entry: str
    attest: Attest | None
    entered_by: str
    signed: Signed | None
    report: FileReport
    slug: str = ""
    locale: str = ""
    export_id: str = ""
    source_hashes: dict[int, str] = field(default_factory=dict)
    exports: Mapping[str, Event] | None = None
    """The export events of this article in this locale, by hash; read when a conflict first asks for them."""
    held_back: str = ""
    """Why nothing of this file may be taken (its pack was recalled), as a sentence; empty if all may."""
    signing: Signing | None = None
    """Once it is known which article's units the file holds."""

    def take(self, data: bytes) -> None:
        """Read, decide on the file as a whole, then merge its entries."""
        try:
            file = read_returned(data, self.report.file)
        except LocalizationError as error:
            self._refuse(str(error), getattr(error, "line", None))
            return
        before = self._came_before()
        exported = self._export(file)
        article = exported.body["slug"] if exported else file.article or self._named_by_ids(file)
        outcome, reason = file_outcome(self._returned(file, exported, before, file.article or article))
        if outcome is FileOutcome.REFUSED:
            self._refuse(reason, 1)
            return
        self.slug = self._home(exported, article, file)
        self.locale, self.export_id = file.target_locale.tag, file.export_id
        if outcome is FileOutcome.NOTHING:
            self.report.reason = reason
            return
        repaired = [*file.repaired]
        if not file.article:
            repaired.append("its header does not name the article any more")
        self.report.outcome = "repaired" if repaired else "accepted"
        seen = self._merge(file, exported, article, verdicts_only=outcome is FileOutcome.VERDICTS_ONLY)
        lost = "" if exported else "the file does not name its export: compared with every text that was ever sent"
        said = (*repaired, reason, lost, _cut_short(exported, seen))
        self.report.reason = "; ".join(part for part in said if part)
        self._record()

    def _named_by_ids(self, file: PoFile) -> str:
        """The article whose ids the entries bear, for a file that lost its header; empty unless it is one."""
        in_ids = _articles_in_ids(file)
        known = [slug for slug in self._slugs() if slug_in_id(slug) in in_ids]
        living = [slug for slug in known if slug not in self.transaction.renames.left()]
        found = known if len(known) == 1 else living
        return found[0] if len(found) == 1 and len(in_ids) == 1 else ""

    def _slugs(self) -> set[str]:
        """Every slug that an article ever had."""
        return {*self.transaction.articles(), *self.transaction.renames.left()}

    # -- the file as a whole --------------------------------------------------------------------------------------

    def _refuse(self, reason: str, line: int | None) -> None:
        self.report.outcome, self.report.reason, self.report.line = "refused", reason, line
        refused = self.transaction.events_naming(self.report.sha256, EventKind.RETURNED)
        if not any((e.body["file"], e.body["reason"]) == (self.report.sha256, reason) for e in refused):
            self._record()

    def _record(self) -> None:
        self.transaction.append(
            EventKind.RETURNED,
            {
                "file": self.report.sha256,
                "name": Path(self.report.file).name.encode(errors="backslashreplace").decode(),
                "slug": self.slug,
                "locale": self.locale,
                "export_id": self.export_id,
                "by": self.person.id,
                "roster_entry": self.roster_entry,
                "entered_by": self.entered_by,
                "attest": self.attest or "",
                "outcome": self.report.outcome,
                "reason": self.report.reason,
                **self._statement(),
                "entries": [
                    {
                        "id": e.id,
                        "line": e.line,
                        "result": e.result.value,
                        "reason": e.reason,
                        "questions": list(e.questions),
                    }
                    for e in self.report.entries
                ],
            },
        )

    def _statement(self) -> dict[str, str]:
        """What the reviewer signed with her key, as the `returned` event holds it; nothing if she did not."""
        if self.signed is None:
            return {}
        return {"statement": self.signed.statement.data().decode(), "signature": self.signed.signature}

    def _came_before(self) -> list[Event]:
        """When this file came before; a refusal is no coming: what was wrong with the workspace may be mended now."""
        returned = self.transaction.events_naming(self.report.sha256, EventKind.RETURNED)
        return [e for e in returned if e.body["file"] == self.report.sha256 and e.body["outcome"] != "refused"]

    def _export(self, file: PoFile) -> Event | None:
        if not re.fullmatch("[0-9a-f]{16}", file.export_id):
            return None
        exports = self.transaction.events_naming(file.export_id, EventKind.EXPORT)
        return next((e for e in reversed(exports) if e.body["export_id"] == file.export_id), None)

    def _returned(self, file: PoFile, exported: Event | None, before: list[Event], article: str) -> Returned:
        return Returned(
            article=article,
            target_locale=file.target_locale,
            export_id=file.export_id,
            export=Export(article=exported.body["slug"], target_locale=Locale.parse(exported.body["locale"]))
            if exported
            else None,
            ids_of=_articles_in_ids(file),
            known_articles=frozenset(self._slugs()),
            known_locales=frozenset(target.locale for target in self.workspace.settings.targets),
            came_before=before[0].time if before else "",
            same_reviewer_and_attestation=any(
                e.time > self._took_back()
                and (e.body["by"], e.body["attest"], e.body["roster_entry"])
                == (self.person.id, self.attest or "", self.roster_entry)
                and (self.signed is None or "statement" in e.body)
                for e in before
            ),
        )

    def _took_back(self) -> str:
        """When this person last took a sign-off back: a file from before then may be signed again."""
        taken_back = [e.time for e in self.transaction.events(EventKind.RETRACTION) if e.body["by"] == self.person.id]
        return max(taken_back, default="")

    def _home(self, exported: Event | None, slug: str, file: PoFile) -> str:
        """The slug that the article has now whose units a file holds: it may have been renamed since `slug`."""
        ids = [entry.id for entry in file.entries if entry.id.startswith(f"{slug_in_id(slug)}:")]
        numbers = [number for id_ in ids if (number := _number(id_))]
        if exported:
            numbers = [entry["number"] for entry in exported.body["entries"]]
        homes = {self.transaction.renames.home(slug, number) for number in numbers}
        return homes.pop() if len(homes) == 1 else slug

    # -- its entries ----------------------------------------------------------------------------------------------

    def _merge(self, file: PoFile, exported: Event | None, sent_as: str, *, verdicts_only: bool) -> set[int]:
        """Merge every entry; returns the numbers of the units that the file speaks of."""
        _, rows = self.transaction.article(self.slug)
        known = {
            f"{slug_in_id(self.slug)}:{number:04d}:{source_hash[:8]}": (number, source)
            for number, source_hash, source, _ in rows
        }
        self.source_hashes = {number: source_hash for number, source_hash, _, _ in rows}
        by_source: dict[str, list[str]] = {}
        for id_, (_, source) in known.items():
            by_source.setdefault(source, []).append(id_)
        ids = {number: f"{slug_in_id(sent_as)}{id_[id_.index(':') :]}" for id_, (number, _) in known.items()}
        known |= {ids[number]: (number, source) for number, source in known.values()}
        read = recorded_article(self.transaction, self.slug)
        today = {segment.number: segment for segment in read.segments} if read else {}
        self.signing = self._signing(file.target_locale, self._contexts_sent(exported, read))
        self.held_back = why_held_back(self.transaction, exported.body if exported else None, self.person.id)
        keys = [UnitKey(self.slug, number, self.locale) for number, _ in known.values()]
        facts = self.transaction.facts()
        histories = {key: judged(history, facts) for key, history in self.transaction.histories(keys).items()}
        means: dict[int, list[PoEntry]] = {}
        resolved = []
        for entry in file.entries:
            id_ = resolved_id(entry.id, unicodedata.normalize("NFC", entry.source), by_source)
            number, source = known.get(id_, (0, ""))
            resolved.append((entry, number, source))
            if unicodedata.normalize("NFC", entry.source) == source:
                means.setdefault(number, []).append(entry)
        for entry, number, source in resolved:
            alike = means.get(number, [entry])
            first = next((one for one in alike if one.id), alike[0])
            if entry is not first and entry in alike and _target(entry) == _target(first):
                self._say(entry, Result.SEEN, f"says what the entry in line {first.line} says")
                continue
            history = histories.get(UnitKey(self.slug, number, self.locale))
            twice = _twice(entry, alike)
            self._entry(entry, number, source, today.get(number), history, verdicts_only=verdicts_only, twice=twice)
        seen = {number for _, number, _ in resolved}
        obsolete = list(file.obsolete)
        set_aside = {entry.id for entry in obsolete}
        for entry in obsolete:
            number = known.get(entry.id, (0, ""))[0]
            self._absent(entry.id, number, entry, verdicts_only=verdicts_only)
        for number in sorted({e["number"] for e in exported.body["entries"]} - seen if exported else ()):
            if number in ids and ids[number] not in set_aside:
                self._absent(ids[number], number, None, verdicts_only=verdicts_only)
        return seen | {known.get(id_, (0, ""))[0] for id_ in set_aside}

    def _contexts_sent(self, exported: Event | None, today: ReadArticle | None) -> dict[int, str]:
        """Where each segment stood in the very article that was sent: what the reviewer had before her eyes.

        Empty if that is not known: then nobody can say that she saw a critical sentence where it stands today.
        """
        if exported is None:
            return {}
        body = exported.body
        numbers = body["numbers"] if "pack" in body else [entry["number"] for entry in body["entries"]]
        sent = today
        if today is None or (today.article.sha256, [s.number for s in today.segments]) != (body["revision"], numbers):
            sent = recorded_article(self.transaction, self.slug, sha256=body["revision"], numbers=numbers)
        return {segment.number: segment.context_hash for segment in sent.segments} if sent else {}

    def _signing(self, locale: Locale, contexts_sent: Mapping[int, str]) -> Signing:
        return Signing(
            transaction=self.transaction,
            judges=self.judges,
            policy=self.policy,
            review_within_days=self.workspace.settings.review_days(self.slug, locale),
            person=self.person,
            roster_entry=self.roster_entry,
            attest=self.attest,
            attested_by=self.entered_by,
            signed=self.signed,
            slug=self.slug,
            locale=locale,
            export_id=self.export_id,
            file=self.report.sha256,
            contexts_sent=contexts_sent,
        )

    def _absent(self, id_: str, number: int, gone: PoEntry | None, *, verdicts_only: bool) -> None:
        merged = absent(obsolete_text=gone.target if gone else "")
        if gone and merged.keep and not verdicts_only:
            self._keep(gone, number, merged)
        self._say(gone or _Missing(id=id_), merged.result, merged.reason)

    def _entry(
        self,
        entry: PoEntry,
        number: int,
        source: str,
        segment: Segment | None,
        history: UnitHistory | None,
        *,
        verdicts_only: bool,
        twice: str,
    ) -> None:
        target = _target(entry)
        history = history or UnitHistory(key=UnitKey(self.slug, number, self.locale))
        current = self.transaction.judge(history)
        said = verdict(entry.translator_comments)
        merged = merge(
            Situation(
                returned=target,
                id_known=number > 0,
                source_matches=unicodedata.normalize("NFC", entry.source) == source,
                twice=twice,
                source_current=segment is not None,
                base=next((e.target for e in history.exports if e.export_id == self.export_id), None)
                if self.export_id
                else None,
                ever_exported=frozenset(e.target for e in history.exports),
                current=current.target,
                current_by=current.origin.name,
                fuzzy=entry.fuzzy,
                verdict=said,
                verdicts_only=verdicts_only,
            )
        )
        merged = held_back(merged, self.held_back, has_text=target != "")
        if merged.keep and not verdicts_only:
            self._keep(entry, number, merged)
        shown = self._shown(history, current)
        if merged.becomes_current and segment:
            body = pair_body(self.transaction, self.slug, self.locale, segment, target) | {
                "by": self.person.id,
                "file": self.report.sha256,
                "supersedes": [*replaced_by_edit(history, current), *shown],
            }
            event = self.transaction.append(EventKind.TEXT, body)
            history = replace(history, events=(*history.events, event))
        result, reason = merged.result, merged.reason
        if segment and self.signing and merged.approves:
            result, reason = self.signing.sign(segment, target, history, merged, said, shown)
        asked = questions(entry.translator_comments)
        if number:
            self._ask(number, history, asked)
        if unicodedata.normalize("NFC", entry.target) != target and target:
            reason += "; blanks at its edges were taken off"
        self._say(entry, result, reason, tuple(question.text for question in asked))

    def _ask(self, number: int, history: UnitHistory, asked: tuple[Question, ...]) -> None:
        """Keep what the reviewer is unsure of: the unit is held until it is answered, or she signs or rewrites it."""
        known = {(e.body["by"], e.body["question"]) for e in history.events if e.kind is EventKind.QUESTION}
        for question in asked:
            if (self.person.id, question.text) not in known:
                body = {"slug": self.slug, "number": number, "locale": self.locale, "question": question.text}
                body |= {"about": question.about.value, "source_hash": self.source_hashes[number]}
                self.transaction.append(EventKind.QUESTION, {**body, "by": self.person.id, "file": self.report.sha256})

    def _shown(self, history: UnitHistory, current: Current) -> list[str]:
        """The rival texts that stood before the reviewer's eyes in this export, and are open still."""
        exports = {e.event for e in history.exports if self.export_id and e.export_id == self.export_id}
        shown: set[str] = set()
        for event in (self._exports()[hash_] for hash_ in exports) if current.others else ():
            shown |= {rival for e in event.body["entries"] if e["number"] == history.key.number for rival in e["shows"]}
        return [other.event for other in current.others if other.event in shown]

    def _exports(self) -> Mapping[str, Event]:
        if self.exports is None:
            names = self.transaction.renames.names(self.slug)
            sent = [e for n in names for e in self.transaction.events(EventKind.EXPORT, slug=n, locale=self.locale)]
            self.exports = {event.hash: event for event in sent}
        return self.exports

    def _keep(self, entry: PoEntry, number: int, merged: Merged) -> None:
        target = unicodedata.normalize("NFC", entry.target)
        self.transaction.append(
            EventKind.KEPT,
            {
                "slug": self.slug,
                "number": number,
                "locale": self.locale,
                "id": entry.id,
                "source": entry.source,
                "source_hash": self.source_hashes.get(number, text_hash(entry.source)),
                "target": target,
                "target_hash": text_hash(target),
                "result": merged.result.value,
                "reason": merged.reason,
                "by": self.person.id,
                "file": self.report.sha256,
                "line": entry.line,
            },
        )

    def _say(self, entry: "PoEntry | _Missing", result: Result, reason: str, questions: tuple[str, ...] = ()) -> None:
        self.report.entries.append(
            EntryReport(
                id=entry.id,
                line=entry.line,
                result=result,
                reason=reason,
                questions=questions,
                source=entry.source,
            )
        )


@dataclass(frozen=True, slots=True)
class _Missing:
    """A unit of the export that the file does not have."""

    id: str
    line: int = 0
    source: str = ""


def _target(entry: PoEntry) -> str:
    """T: NFC, without blanks at its edges. Editors add and drop those, and no segment has any: it is no edit."""
    return unicodedata.normalize("NFC", entry.target).strip()


def _twice(entry: PoEntry, alike: list[PoEntry]) -> str:
    """Why an entry cannot be taken whose unit another one means too, with another text; empty if there is none."""
    others = [str(one.line) for one in alike if _target(one) != _target(entry)]
    if entry not in alike or not others:
        return ""
    return f"the file has another text for this sentence in line {', '.join(others)}: send back only one"


def _cut_short(exported: Event | None, seen: set[int]) -> str:
    """Whether a file ends before its export does, as a sentence: somebody may have lost its end."""
    sent = [entry["number"] for entry in exported.body["entries"]] if exported else []
    missing = len(list(takewhile(lambda number: number not in seen, reversed(sent))))
    return f"it ends before its export does: the last {missing} of {len(sent)} are not in it" if missing else ""


def _articles_in_ids(file: PoFile) -> frozenset[str]:
    """The articles that the entries' ids name, as they stand in an id."""
    return frozenset(entry.id.split(":")[0] for entry in file.entries if _number(entry.id))


def _number(id_: str) -> int:
    """The segment's number in an id; 0 if it is none of ours."""
    parts = id_.split(":")
    return int(parts[1]) if len(parts) == 3 and re.fullmatch("[0-9]{4,9}", parts[1]) else 0
