"""Send packs: the files that one reviewer gets, with a brief and a preview of each page; extend, recall, reassign.

Takes   a locale, a reviewer of the roster, articles; or a pack's id
Gives   files with only the units whose next step this person may take, in one of the formats of formats/
Always  no unit goes out that is out already; each file is an export of its own, the base of its merge; a pack that is
        recorded lies whole in `.signoff/packs/`, one that is not was not written anywhere else
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pipeline.articles import ReadArticle, find_articles, known_article, numbered_article, read_article
from pipeline.back_translation import back_notes
from pipeline.config import Workspace
from pipeline.durable import replace_file
from pipeline.errors import ArticleError, PackError, PolicyError
from pipeline.export import Judges, export_body, po_file
from pipeline.jobs import without_withdrawn
from pipeline.leverage import FuzzyHints
from pipeline.model import UNREAD, Locale, Origin, OriginKind, ReviewState, Risk, slug_in_id
from pipeline.po import PoFile
from pipeline.store import Store, Transaction
from pipeline.store.drafts import back_translations
from pipeline.store.history import Current, UnitKey
from pipeline.store.ledger import EventKind, digest
from review.formats import FORMATS
from review.pack_pages import Brief, BriefFile, PreviewUnit, brief_page, preview_page
from review.packs import Pack, SentFile, find_pack, pack_of, read_packs
from review.policy import Policy, policy_in_force
from review.roster import Person, on_roster, roster_of
from review.signoffs import next_step, step_name


@dataclass(slots=True, kw_only=True)
class SendReport:
    """What was sent, and what was not."""

    pack: Pack
    words: int = 0
    critical: int = 0
    contents: dict[str, bytes] = field(default_factory=dict)
    """What the pack holds, by the names of its files."""
    files: list[str] = field(default_factory=list)
    """Paths as they were written."""
    left_out: list[str] = field(default_factory=list)
    """Articles that could not go along, a sentence each."""


def send(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    *,
    locale: Locale,
    reviewer: str,
    by: str,
    out: Path,
    slugs: Sequence[str] = (),
    due: date | None = None,
    format_: str = "po",
) -> SendReport:
    """Make a pack for one reviewer and write it to the folder `out`, which must be missing or empty.

    Raises PolicyError for somebody who may do nothing there today, PackError when there is nothing to send or no place
    for it; then nothing is recorded and nothing is written.
    """
    sending = _Sending(workspace, judges, locale, reviewer, by, format_)
    _refuse_place(out)
    with store.write() as transaction:
        sending.check(transaction, due)
        report = sending.send(transaction, slugs, due, only=None)
    _deliver(report, out)
    return report


def extend(store: Store, pack_id: str, *, due: date, by: str, reason: str = "") -> Pack:
    """Give a pack until another day. Raises PackError for one that is not open, or a day that is past."""
    with store.write() as transaction:
        pack = _open_pack(transaction, pack_id)
        if due.isoformat() < transaction.now()[:10]:
            raise PackError(f"{due} is past: name a day from today on")
        _act(transaction, pack, "extended", due=due.isoformat(), by=by, reason=reason)
        return read_packs(transaction)[pack.id]


def recall(store: Store, pack_id: str, *, by: str, reason: str = "") -> Pack:
    """Take back what is still out of a pack: from now on its files are held, unit by unit. Raises PackError."""
    with store.write() as transaction:
        pack = _open_pack(transaction, pack_id)
        _act(transaction, pack, "recalled", due=pack.due, by=by, reason=reason)
        return read_packs(transaction)[pack.id]


def reassign(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    pack_id: str,
    *,
    reviewer: str,
    by: str,
    out: Path,
    due: date | None = None,
    reason: str = "",
) -> SendReport:
    """Recall a pack and send what was still out to somebody else, in one step. Raises as `send` and `recall` do."""
    _refuse_place(out)
    with store.write() as transaction:
        old = _open_pack(transaction, pack_id)
        if old.reviewer == reviewer:
            raise PackError(f"pack {old.id} is with {reviewer} already")
        sending = _Sending(workspace, judges, Locale.parse(old.locale), reviewer, by, old.format)
        keep_due = date.fromisoformat(old.due) if old.due >= transaction.now()[:10] else None
        sending.check(transaction, due or keep_due)
        why = f"handed on to {reviewer}{': ' if reason else ''}{reason}"
        _act(transaction, old, "recalled", due=old.due, by=by, reason=why)
        slugs = tuple(dict.fromkeys(slug for slug, _ in sorted(old.out)))
        report = sending.send(transaction, slugs, due or keep_due, only=old.out)
        if left := len(old.out) - report.pack.units:
            report.left_out.append(f"{left} sentences of {old.id} are not for {reviewer}: they are with nobody now")
    _deliver(report, out)
    return report


def _open_pack(transaction: Transaction, pack_id: str) -> Pack:
    pack = find_pack(read_packs(transaction), pack_id)
    if pack.state != "open":
        raise PackError(f"pack {pack.id} is {pack.recalled or 'answered: nothing of it is out'}")
    return pack


def _act(transaction: Transaction, pack: Pack, act: str, *, due: str, by: str, reason: str) -> None:
    body = {"pack": pack.id, "act": act, "reviewer": pack.reviewer, "locale": pack.locale, "due": due, "by": by}
    transaction.append(EventKind.PACK, {**body, "reason": reason, "files": []})


def _refuse_place(out: Path) -> None:
    if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise PackError(f"{out}: is not an empty folder; name a new one, so that nobody's work is written over")


def _deliver(report: SendReport, out: Path) -> None:
    """Write a pack that is recorded, and lies safe in `.signoff/packs/`, to where it was asked for."""
    for name, data in sorted(report.contents.items()):
        replace_file(out / name, data)
        report.files.append(str(out / name))


@dataclass(slots=True)
class _Sending:
    """One pack while it is made."""

    workspace: Workspace
    judges: Judges
    locale: Locale
    reviewer: str
    by: str
    format: str
    policy: Policy = field(init=False)
    person: Person = field(init=False)
    contents: dict[str, bytes] = field(default_factory=dict)

    def check(self, transaction: Transaction, due: date | None) -> None:
        """Raise unless this person may be sent something in this locale today."""
        self.workspace.target(self.locale)
        people = roster_of(self.workspace)
        self.person = on_roster(people, self.reviewer)
        self.policy = policy_in_force(self.workspace)
        today = date.fromisoformat(transaction.now()[:10])
        if self.locale not in self.person.locales:
            raise PolicyError(f"{self.reviewer} is not on the roster for {self.locale}: nothing was sent")
        if not self.person.qualified_on(today):
            raise PolicyError(f"{self.reviewer} has no qualification that is valid on {today}: nothing was sent")
        if due and due < today:
            raise PackError(f"{due} is past: name a day from today on")

    def send(
        self,
        transaction: Transaction,
        slugs: Sequence[str],
        due: date | None,
        *,
        only: frozenset[tuple[str, int]] | None,
    ) -> SendReport:
        """Record the pack, with its files in `.signoff/packs/`; `only` these units if any are named."""
        with_whom = {
            unit: pack
            for pack in read_packs(transaction).values()
            for unit in pack.out
            if pack.locale == self.locale.tag
        }
        left_out: list[str] = []
        waits: Counter[str] = Counter()
        chosen: list[tuple[ReadArticle, frozenset[int], Counter[str]]] = []
        for read in self._articles(transaction, slugs, left_out):
            steps = self._steps(transaction, read, with_whom, waits, only)
            if steps:
                chosen.append((read, frozenset(steps), Counter(steps.values())))
        if not chosen:
            raise PackError(self._nothing(waits, left_out))
        pack_id = self._pack_id(transaction)
        files, briefed, report_terms = [], [], dict[str, None]()
        words = critical = 0
        for read, numbers, acts in chosen:
            made = self._file(transaction, read, numbers, pack_id)
            files.append(made.sent)
            briefed.append(replace(made.brief, acts=tuple(f"{n} as {act}" for act, n in sorted(acts.items()))))
            report_terms |= dict.fromkeys(made.terms)
            words, critical = words + made.brief.words, critical + made.brief.critical
        body = {
            "pack": pack_id,
            "act": "sent",
            "reviewer": self.reviewer,
            "locale": self.locale.tag,
            "format": self.format,
            "due": due.isoformat() if due else "",
            "by": self.by,
            "reason": "",
            "files": [
                {"slug": f.slug, "export_id": f.export_id, "name": f.name, "numbers": list(f.numbers)} for f in files
            ],
        }
        event = transaction.append(EventKind.PACK, body)
        brief = Brief(
            pack=pack_id,
            site=self.workspace.settings.site_name,
            reviewer=self.person.name,
            reviewer_id=self.reviewer,
            by=self.by,
            sent=event.time[:10],
            due=due.isoformat() if due else "",
            source_locale=self.workspace.settings.source_locale,
            target_locale=self.locale,
            format=self.format,
            files=tuple(briefed),
            terms=tuple(sorted(report_terms, key=lambda line: not line.startswith("term (critical)"))),
            policy=f"{self.policy.id}: {self.policy.title}",
        )
        self.contents["brief.html"] = brief_page(brief)
        self._keep(pack_id)
        pack = replace(pack_of(event), out=frozenset((file.slug, number) for file in files for number in file.numbers))
        return SendReport(pack=pack, words=words, critical=critical, contents=self.contents, left_out=left_out)

    def _keep(self, pack_id: str) -> None:
        """Put the files on the disk before the pack is recorded. What an attempt left there that failed is not hers."""
        folder = self.workspace.private / "packs" / pack_id
        for left in folder.iterdir() if folder.is_dir() else ():
            left.unlink()
        for name, data in self.contents.items():
            replace_file(folder / name, data)

    def _articles(self, transaction: Transaction, slugs: Sequence[str], left_out: list[str]) -> Iterable[ReadArticle]:
        target = self.workspace.target(self.locale)
        for path in find_articles(self.workspace, slugs):
            try:
                article, skeleton, cut = read_article(self.workspace, path)
            except ArticleError as error:
                left_out.append(str(error))
                continue
            known = known_article(transaction, article.slug)
            read = numbered_article(known, article, skeleton, cut)
            if not target.takes(article.slug):
                if slugs:
                    left_out.append(f"{article.slug} does not go to {self.locale}: see [[target]] in signoff.toml")
            elif [segment.number for segment in read.segments] != list(known.numbers) or known.sha256 != article.sha256:
                left_out.append(f"{article.slug} is new or changed since the last `signoff run`: run it first")
            else:
                yield read

    def _steps(
        self,
        transaction: Transaction,
        read: ReadArticle,
        with_whom: Mapping[tuple[str, int], Pack],
        waits: Counter[str],
        only: frozenset[tuple[str, int]] | None,
    ) -> dict[int, str]:
        """The units of an article that this person is to read, by number, with the step that is hers.

        `waits` counts the others by what they wait for.
        """
        slug, tag = read.article.slug, self.locale.tag
        histories = transaction.histories(UnitKey(slug, segment.number, tag) for segment in read.segments)
        profile, demo = self.policy.profile(), self.workspace.settings.demo
        roles = [role.value for role in self.person.roles]
        domains = self.person.domains_on(date.fromisoformat(transaction.now()[:10]))
        mine: dict[int, str] = {}
        asked = {number for number, now in transaction.current(slug, tag).items() if now.questions}
        for segment in read.segments:
            if only is not None and (slug, segment.number) not in only:
                continue
            history = histories[UnitKey(slug, segment.number, tag)]
            risk = self.judges.risk(segment)[0]
            step = next_step(segment, history, transaction.facts(), risk, profile, demo=demo)
            if step is None:
                waits["signed"] += 1
            elif segment.number in asked:
                waits["waiting for a content lead's answer (signoff questions)"] += 1
            elif pack := with_whom.get((slug, segment.number)):
                waits[f"with {pack.reviewer} in pack {pack.id}"] += 1
            elif not step.may_be_taken(self.reviewer, roles, domains):
                waits[f"waiting for another {step_name(step.step)}"] += 1
            else:
                fitting = [role for role in roles if role in step.step["roles"]]
                mine[segment.number] = step.step.get("name") or fitting[0]
        return mine

    def _nothing(self, waits: Mapping[str, int], left_out: Sequence[str]) -> str:
        said = [f"{count} {'sentence is' if count == 1 else 'sentences are'} {what}" for what, count in waits.items()]
        return f"nothing for {self.reviewer} to do in {self.locale}: " + "; ".join(
            [*said, *left_out] or ["no articles"]
        )

    def _pack_id(self, transaction: Transaction) -> str:
        """`ana-es-3f9a2c`: readable, and another one in every store and at every time."""
        seq, head, _, _ = transaction.head(transaction.chain)
        name = digest([transaction.chain, seq, head, self.reviewer, self.locale.tag])[:6]
        return f"{self.reviewer}-{self.locale.tag}-{name}"

    def _file(self, transaction: Transaction, read: ReadArticle, numbers: frozenset[int], pack_id: str) -> "_Made":
        """Write one article's file and preview, and append the export that its merge will start from."""
        slug, tag = read.article.slug, self.locale.tag
        stood = transaction.current(slug, tag)
        current = without_withdrawn(stood, read, tag, transaction.facts())
        again = self.judges.to_confirm(transaction, read.segments, self.locale)
        mine = [segment for segment in read.segments if segment.number in numbers]
        empty = Current(target="", origin=Origin(), state=ReviewState.UNTRANSLATED)
        stand = [(segment, current.get(segment.number, empty)) for segment in mine]
        open_ = [s for s, now in stand if now.state in UNREAD and now.origin.kind is not OriginKind.MEMORY]
        hints = FuzzyHints().of(transaction, open_, tag)
        page = f"{self.workspace.settings.base_url}{self.locale}/{slug}/"
        back = back_notes(read.segments, current, back_translations(transaction, slug, tag))
        whole = po_file(read, self.locale, current, self.judges, page=page, to_confirm=again, hints=hints, back=back)
        ids = {segment.id for segment in mine}
        entries = {entry.id: entry for entry in whole.entries}
        # The same texts may go out again after a recall: the pack is part of the name, so that each file is one pack's.
        export_id = digest([whole.export_id, pack_id])[:16]
        file = replace(whole, entries=tuple(e for e in whole.entries if e.id in ids), export_id=export_id)
        name = f"{slug_in_id(slug)}.{tag}"
        format_ = FORMATS[self.format]
        data = format_.write(file, self.workspace.settings.source_locale)
        sha256 = hashlib.sha256(data).hexdigest()
        transaction.append(EventKind.EXPORT, export_body(read, file, sha256, current, pack=pack_id))
        self.contents[f"{name}{format_.ending}"] = data
        self.contents[f"{name}.preview.html"] = self._preview(read, whole, numbers)
        words = sum(len(segment.source.split()) for segment in mine)
        critical = sum(self.judges.risk(segment)[0] is Risk.CRITICAL for segment in mine)
        return _Made(
            sent=SentFile(
                slug=slug, export_id=export_id, name=f"{name}{format_.ending}", numbers=tuple(sorted(numbers))
            ),
            brief=BriefFile(
                slug=slug,
                name=f"{name}{format_.ending}",
                preview=f"{name}.preview.html",
                units=len(mine),
                critical=critical,
                words=words,
                news=tuple(
                    (segment.number, entry.previous_source, news)
                    for segment in mine
                    for entry in [entries[segment.id]]
                    if (news := tuple(filter(_is_news, entry.notes)))
                ),
            ),
            terms=tuple(dict.fromkeys(t for s in mine for t in self.judges.terms(s.source, self.locale))),
        )

    def _preview(self, read: ReadArticle, whole: PoFile, numbers: frozenset[int]) -> bytes:
        entries = {entry.id: entry for entry in whole.entries}
        units = [
            PreviewUnit(
                number=segment.number,
                kind=segment.kind,
                level=read.skeleton.blocks[segment.block].level,
                block=segment.block,
                source=segment.source,
                target=entries[segment.id].target,
                mine=segment.number in numbers,
                critical=self.judges.risk(segment)[0] is Risk.CRITICAL,
                news=tuple(filter(_is_news, entries[segment.id].notes)) if segment.number in numbers else (),
                former=entries[segment.id].previous_source if segment.number in numbers else "",
            )
            for segment in read.segments
        ]
        return preview_page(read.article.slug, self.workspace.settings.source_locale, self.locale, units)


def _is_news(note: str) -> bool:
    """Whether a line for the reviewer is about what happened to the sentence since somebody last read it."""
    return note.startswith(("changed", "former text", "QUESTION", "ANSWER", "CONFLICT", "CONFIRM AGAIN"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    sent: SentFile
    brief: BriefFile
    terms: tuple[str, ...]
