"""The flow, from articles to PO files: extract → leverage → draft → PO.

Takes   a workspace, the store, which articles and locales
Gives   locales/<locale>/<slug>.po and a RunReport
Always  each article and locale is finished for itself: its drafts are durable before its PO is written, and a rerun
        goes on where a crash stopped this one; a PO that somebody edited is never overwritten; doing it again without
        changes calls no engine and writes no byte outside `.signoff/logs`
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from pipeline.articles import ReadArticle, find_articles, gone_articles, read_article, record_revisions, slug_of
from pipeline.asking import OverBudget
from pipeline.back_translation import BackTranslator, back_notes
from pipeline.config import Workspace
from pipeline.draft import Drafted
from pipeline.drafters import Drafters
from pipeline.durable import locked, replace_file
from pipeline.engines import REPAIRED, Draft, Failure
from pipeline.errors import ArticleError
from pipeline.export import Judges, export_body, po_file
from pipeline.jobs import Desk, Job, desk_of, drafted_jobs, jobs_of, without_withdrawn
from pipeline.leverage import FuzzyHints
from pipeline.mending import Bench, mended
from pipeline.model import UNREAD, Locale, Origin, OriginKind, ReviewState, Segment
from pipeline.po import too_long, write_po
from pipeline.progress import Following, Progress
from pipeline.report import Failed, RunReport
from pipeline.standing import made_from, made_of_all, standing_articles
from pipeline.store import Store, Transaction
from pipeline.store.drafts import back_translations
from pipeline.store.history import Current, Facts
from pipeline.store.ledger import EventKind
from pipeline.updates import ArticleChange, article_change

NOBODY_ASKED = Failure(reason="no engine was asked: a person translates it", final=True)


def run(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    engines: Drafters,
    *,
    slugs: Sequence[str] = (),
    locales: Sequence[Locale],
    workers: int = 2,
    progress: Progress = lambda moment: None,
    budget: int | None = None,
    back_translate: bool = False,
    notice: Callable[[str], None] = lambda sentence: None,
) -> RunReport:
    """Draft what has no text yet and write the PO files that changed.

    Waits while another run is at work here. Raises EngineError when no engine can serve a locale that needs one, or
    when all of its engines broke; what was drafted until then is kept. Articles that cannot be read are named in
    `refused`; the others are done. `budget` is in characters, to all engines together. `back_translate` also
    translates the drafts back that nobody has read, for the reviewer to see. `notice` hears of such a wait
    and, from any thread, of personal data before it is sent.
    """
    started = time.monotonic()
    report = RunReport(started=store.clock().isoformat(timespec="seconds"), locales=len(locales))
    busy = "another `signoff run` is at work in this workspace: this one waits for its end, then does what is left"
    with locked(workspace.private / "run.lock", busy=busy, wait=True, waiting=notice):
        paths = _not_standing(workspace, store, judges, slugs, locales, report, all_of_them=back_translate)
        hints = FuzzyHints()
        broken: dict[tuple[str, Locale], str] = {}
        desk = desk_of(workspace, store, judges, budget, report, notice)
        following = Following(workspace, paths, locales, desk, progress)
        jobs = jobs_of(desk, _read_articles(workspace, store, paths, following, report), locales, engines)
        back = BackTranslator(desk, engines) if back_translate else None
        # Whatever ends the loop ends the engines.
        with closing(drafted_jobs(workspace, jobs, workers, broken, desk)) as drafts:
            for job, fresh, tallies in drafts:
                for name, tally in tallies.items():
                    report.locale(job.target.locale.tag).engine(name).add(tally)
                known = job.known(fresh)
                _finish(desk, job, known, fresh, hints, report)
                desk.settle(job, known)
                if back and back.make(job):
                    _finish(desk, job, known, {}, hints, again := RunReport())
                    report.written += [path for path in again.written if path not in report.written]
                following.finished(job)
        _look_for_leftovers(workspace, store, locales, report)
        report.broken += [f"{reason} (for {locale}): it was not asked again" for (_, locale), reason in broken.items()]
        report.broken += [f"{reason}: not asked again in this run" for reason in desk.closed_quietly(broken)]
        report.settle(desk.asking.spent, workspace.settings.allowances)
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _not_standing(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    slugs: Sequence[str],
    locales: Sequence[Locale],
    report: RunReport,
    *,
    all_of_them: bool,
) -> list[Path]:
    """The article files that there may be something to do for; those that stand are only counted."""
    paths = find_articles(workspace, slugs)
    with store.read() as transaction:
        standing = {} if all_of_them else standing_articles(workspace, transaction, judges, paths, locales)
    report.articles = len(standing)
    report.segments = sum(standing.values())
    for path, segments in standing.items():
        for locale in locales:
            if workspace.target(locale).takes(slug_of(workspace.source_content, path)):
                report.locale(locale.tag).unchanged += segments
    return [path for path in paths if path not in standing]


AT_ONCE = 50
"""So many articles are read and recorded together: a run holds no more of them, however many there are."""


def _read_articles(
    workspace: Workspace, store: Store, paths: Sequence[Path], following: Following, report: RunReport
) -> Iterator[ReadArticle]:
    """The articles, numbered, as they are asked for.

    All are read first where there are new ones and a file of old is gone: one of them may be that one renamed.
    """
    with store.read() as transaction:
        gone, had = gone_articles(transaction, workspace), set(transaction.articles())
    new = any(slug_of(workspace.source_content, path) not in had for path in paths)
    size = len(paths) if gone and new else AT_ONCE
    for start in range(0, len(paths), size or 1):
        cut = []
        for path in paths[start : start + size]:
            try:
                cut.append(read_article(workspace, path))
            except ArticleError as error:
                report.refused.append(str(error))
                following.refused(path)
        with store.write() as transaction:
            reads, renamed = record_revisions(transaction, workspace, cut, gone)
        report.renamed += renamed
        report.articles += len(reads)
        report.segments += sum(len(read.segments) for read in reads)
        following.read(reads)
        del cut
        while reads:
            yield reads.pop(0)


def _finish(
    desk: Desk,
    job: Job,
    ready: Mapping[str, Drafted],
    fresh: Mapping[str, Drafted],
    hints: FuzzyHints,
    report: RunReport,
) -> None:
    """Keep a job's fresh drafts and write its PO, unless somebody edited the file that lies there."""
    workspace, store, judges = desk.workspace, desk.store, desk.judges
    slug, locale = job.read.article.slug, job.target.locale
    path = workspace.locales / locale.tag / f"{slug}.po"
    with store.write() as transaction:
        if fresh:
            desk.keep_rest(transaction, job, fresh)
        facts = transaction.facts()
        stood = without_withdrawn(transaction.current(slug, locale.tag), job.read, locale.tag, facts)
        current = _texts(workspace, stood, job, ready, judges, facts, report)
        there = path.read_bytes() if path.exists() else None
        there_hash = hashlib.sha256(there).hexdigest() if there is not None else ""
        of_all = made_of_all(workspace, transaction, judges, locale)
        numbers = [segment.number for segment in job.read.segments]

        back = back_translations(transaction, slug, locale.tag)

        def basis() -> str:
            events = transaction.event_count(slug, locale.tag)
            return made_from(of_all, job.read.article.sha256, numbers, events, len(back))

        # A text that came only now is not in what the file was made from: a draft that had failed, a broken engine's.
        if current == stood and transaction.written(slug, locale.tag) == (basis(), there_hash):
            return
        again = judges.to_confirm(transaction, job.read.segments, locale)
        if change := _change(transaction, job, stood, again):
            report.changes.append(change)
        alike = hints.of(transaction, _open_to_hints(job.read, current), locale.tag)
        page = f"{workspace.settings.base_url}{locale}/{slug}/"
        notes = back_notes(job.read.segments, current, back)
        file = po_file(job.read, locale, current, judges, page=page, to_confirm=again, hints=alike, back=notes)
        data = write_po(file)
        sha256 = hashlib.sha256(data).hexdigest()
        if there_hash and there_hash not in transaction.known_files(slug, locale.tag):
            report.edited.append(path.relative_to(workspace.root).as_posix())
            return
        if transaction.last_export(slug, locale.tag) != (file.export_id, sha256):
            transaction.append(EventKind.EXPORT, export_body(job.read, file, sha256, current))
        transaction.keep_written(slug, locale.tag, basis(), sha256)
    if there != data:
        replace_file(path, data)
        report.written.append(path.relative_to(workspace.root).as_posix())


def _look_for_leftovers(workspace: Workspace, store: Store, locales: Sequence[Locale], report: RunReport) -> None:
    """Name the PO files that lie where a renamed article had them. They are not deleted: somebody may work there."""
    with store.read() as transaction:
        for old, new in transaction.renames.left().items():
            for locale in locales:
                path = workspace.locales / locale.tag / f"{old}.po"
                if not path.is_file():
                    continue
                sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
                ours = transaction.known_files(old, locale.tag) | transaction.known_files(new, locale.tag)
                found = report.leftover if sha256 in ours else report.edited
                found.append(path.relative_to(workspace.root).as_posix())


def _change(
    transaction: Transaction, job: Job, stood: Mapping[int, Current], again: Mapping[int, str]
) -> ArticleChange | None:
    """What changed in a job's article since it last went out; `again` names what must be confirmed where it stands."""
    slug, locale = job.read.article.slug, job.target.locale.tag
    names = transaction.renames.names(slug)
    sent = next((e for name in names if (e := transaction.whole_exports(name, locale))), [])
    before = [entry["number"] for entry in sent[-1].body["entries"]] if sent else None
    return article_change(job.read, locale, before, stood, [s for s in job.read.segments if s.number in again])


def _open_to_hints(read: ReadArticle, current: Mapping[int, Current]) -> list[Segment]:
    """The segments that a fuzzy match may help with: nobody answers for their text, and the memory has no exact one."""
    without = Current(target="", origin=Origin(), state=ReviewState.UNTRANSLATED)
    stand = [(segment, current.get(segment.number, without)) for segment in read.segments]
    return [s for s, now in stand if now.state in UNREAD and now.origin.kind is not OriginKind.MEMORY]


def _texts(
    workspace: Workspace,
    stood: Mapping[int, Current],
    job: Job,
    ready: Mapping[str, Drafted],
    judges: Judges,
    facts: Facts,
    report: RunReport,
) -> dict[int, Current]:
    """Where each unit of a job stands now: as it stood, from memory, or with its new draft."""
    locale = job.target.locale.tag
    current = dict(stood)
    here = report.locale(locale)
    bench = Bench(judges, workspace.settings.source_locale, job.target.locale)
    for segment in job.read.segments:
        if segment.number in current and current[segment.number].target:
            continue
        if segment.number in job.matches:
            target, origin = job.matches[segment.number]
            here.from_memory += 1
        else:
            drafted = ready.get(segment.source_hash, NOBODY_ASKED)
            if isinstance(drafted, OverBudget):
                here.over_budget += 1
                continue
            if isinstance(drafted, Draft):
                # After the cache: a termbase that grew is heeded by the drafts that lie there.
                drafted, left = mended(drafted, segment, bench)
            if isinstance(drafted, Draft) and (why := facts.why_withdrawn(segment.source, drafted.text, locale)):
                reason = f"{drafted.engine}'s draft is a text that was {why}: a person translates it"
                drafted = Failure(reason=reason, final=True)
            if isinstance(drafted, Draft) and too_long(drafted.text):
                reason = f"{drafted.engine}'s draft is longer than an entry of a PO file may be"
                drafted = Failure(reason=reason, final=True)
            if isinstance(drafted, Failure):
                here.failed += 1
                report.failed.append(Failed(id=segment.id, locale=locale, reason=drafted.reason, final=drafted.final))
                continue
            target = drafted.text
            origin = Origin(kind=OriginKind.ENGINE, name=drafted.engine, version=drafted.version, doubts=drafted.doubts)
            here.drafted += 1
            here.engine(drafted.engine).drafted += 1
            here.repaired += any(doubt.startswith(REPAIRED) for doubt in drafted.doubts)
            here.with_errors += left > 0
            for doubt in drafted.doubts:
                here.doubts.setdefault(doubt, []).append(segment.id)
        current[segment.number] = Current(target=target, origin=origin, state=ReviewState.DRAFT)
    return current
