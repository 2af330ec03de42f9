"""The flow, from articles to PO files: extract → leverage → draft → PO.

Takes   a workspace, the store, which articles and locales
Gives   locales/<locale>/<slug>.po and a RunReport
Always  each article and locale is finished for itself: its drafts are durable before its PO is written, and a rerun
        goes on where a crash stopped this one; a PO that somebody edited is never overwritten; doing it again without
        changes calls no engine and writes no byte outside `.signoff/logs`
"""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from pipeline.articles import ReadArticle, find_articles, read_article, record_revision
from pipeline.config import Target, Workspace
from pipeline.draft import Drafted, HintsOf, draft_texts
from pipeline.drafters import Drafters
from pipeline.durable import locked, replace_file
from pipeline.engines import Draft, Failure
from pipeline.errors import ArticleError, EngineError
from pipeline.export import Judges, export_body, po_file
from pipeline.fingerprint import code_hash
from pipeline.leverage import exact_matches
from pipeline.model import Locale, Origin, OriginKind, ReviewState, Segment
from pipeline.po import write_po
from pipeline.repair import repair
from pipeline.store import Store, Transaction
from pipeline.store.drafts import cached_drafts, keep_drafts
from pipeline.store.history import Current
from pipeline.store.ledger import EventKind, digest
from pipeline.watched import Watched

Progress = Callable[[int, int, str], None]
"""Told after each article and locale: how many of how many, and which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A text that no engine drafted; it stays untranslated."""

    id: str
    locale: str
    reason: str


@dataclass(slots=True, kw_only=True)
class RunReport:
    """What a run did."""

    articles: int = 0
    locales: int = 0
    segments: int = 0
    drafted: int = 0
    from_memory: int = 0
    unchanged: int = 0
    failed: list[Failed] = field(default_factory=list)
    engine_calls: int = 0
    characters: int = 0
    seconds: float = 0.0
    written: list[str] = field(default_factory=list)
    """PO files written, as paths below the workspace."""
    edited: list[str] = field(default_factory=list)
    """PO files left alone because somebody edited them."""
    refused: list[str] = field(default_factory=list)
    """Why an article could not be read, a sentence each."""
    broken: list[str] = field(default_factory=list)
    """Engines that broke, a sentence each; the next one of the list did their work."""
    doubts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Per locale: what the engines were unsure of, by frequency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One article in one locale."""

    read: ReadArticle
    target: Target
    engines: tuple[Watched, ...]
    matches: Mapping[str, tuple[str, Origin]]
    """Texts from memory, by source hash."""
    pending: tuple[Segment, ...]
    """Segments without a text, first occurrence of each source only, that no earlier article of this run drafts."""
    cached: Mapping[str, tuple[Drafted, str]]
    """Drafts that an earlier run left, with the article that each was drafted in, by source hash."""


def run(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    engines: Drafters,
    *,
    slugs: Sequence[str] = (),
    locales: Sequence[Locale],
    workers: int = 2,
    progress: Progress = lambda done, total, what: None,
) -> RunReport:
    """Draft what has no text yet and write the PO files that changed.

    Raises WorkspaceBusyError when another run is at work here, EngineError when no engine can serve a locale that
    needs one, or when all of its engines broke; what was drafted until then is kept. Articles that cannot be read are
    named in `refused`; the others are done.
    """
    started = time.monotonic()
    report = RunReport(locales=len(locales))
    busy = "another `signoff run` is at work in this workspace: wait until it ends, then run again"
    with locked(workspace.private / "run.lock", busy=busy):
        reads = _read_articles(workspace, store, slugs, report)
        jobs = _jobs(workspace, store, reads, locales, engines, report)
        total = sum(workspace.target(locale).takes(read.article.slug) for read in reads for locale in locales)
        ready: dict[Locale, dict[str, Drafted]] = {locale: {} for locale in locales}
        broken: dict[tuple[str, Locale], str] = {}
        for done, (job, fresh, spent) in enumerate(_drafted(workspace, jobs, workers, broken, judges.hints), 1):
            report.engine_calls += spent.calls
            report.characters += spent.characters
            known = ready[job.target.locale]
            known |= {source_hash: drafted for source_hash, (drafted, _) in job.cached.items()} | fresh
            _finish(workspace, store, judges, job, known, fresh, report)
            progress(done, total, f"{job.target.locale} {job.read.article.slug}")
        report.broken += [f"{reason} (for {locale}): it was not asked again" for (_, locale), reason in broken.items()]
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _read_articles(workspace: Workspace, store: Store, slugs: Sequence[str], report: RunReport) -> list[ReadArticle]:
    cut = []
    for path in find_articles(workspace, slugs):
        try:
            cut.append(read_article(workspace, path))
        except ArticleError as error:
            report.refused.append(str(error))
    with store.write() as transaction:
        reads = [record_revision(transaction, *article, workspace.settings.rules) for article in cut]
    report.articles = len(reads)
    report.segments = sum(len(read.segments) for read in reads)
    return reads


def _jobs(
    workspace: Workspace,
    store: Store,
    reads: Sequence[ReadArticle],
    locales: Sequence[Locale],
    engines: Drafters,
    report: RunReport,
) -> Iterator[Job]:
    """What is to do, article by article: the locales of one article are neighbours, so pivots are drafted once.

    All locales of an article are looked at before the first of them is drafted: an engine that is missing is named
    before the work begins.
    """
    claimed: dict[Locale, set[str]] = {locale: set() for locale in locales}
    for read in reads:
        targets = [workspace.target(locale) for locale in locales]
        with store.read() as transaction:
            jobs = [
                _job(workspace, transaction, read, target, claimed[target.locale], engines, report)
                for target in targets
                if target.takes(read.article.slug)
            ]
        yield from jobs


def _job(
    workspace: Workspace,
    transaction: Transaction,
    read: ReadArticle,
    target: Target,
    claimed: set[str],
    engines: Drafters,
    report: RunReport,
) -> Job:
    tag = target.locale.tag
    current = transaction.current(read.article.slug, tag)
    without = [s for s in read.segments if s.number not in current or not current[s.number].target]
    report.unchanged += len(read.segments) - len(without)
    matches = exact_matches(transaction, {s.source_hash for s in without}, tag)
    pending = []
    for segment in without:
        if segment.source_hash not in claimed and segment.source_hash not in matches:
            claimed.add(segment.source_hash)
            pending.append(segment)
    # A locale without engines is one that people translate from the start: its PO files are written all the same.
    able = engines.of(target) if pending and (target.engines or engines.only) else ()
    cached = _cached(transaction, able, workspace.settings.source_locale, target, {s.source_hash for s in without})
    return Job(read=read, target=target, engines=able, matches=matches, pending=tuple(pending), cached=cached)


def _cached(
    transaction: Transaction,
    engines: Sequence[Watched],
    source_locale: Locale,
    target: Target,
    source_hashes: set[str],
) -> dict[str, tuple[Drafted, str]]:
    """What earlier runs left: the best engine's draft; a failure only where every engine has failed already."""
    pair = (source_locale.tag, target.locale.tag)
    kept = [
        cached_drafts(transaction, engine.name, engine.version(source_locale, target.locale), pair, source_hashes)
        for engine in engines
    ]
    cached: dict[str, tuple[Drafted, str]] = {}
    for source_hash in source_hashes:
        found = [answers[source_hash] for answers in kept if source_hash in answers]
        drafts = [answer for answer in found if isinstance(answer[0], Draft)]
        if drafts or (found and len(found) == len(engines)):
            cached[source_hash] = (drafts or found)[0]
    return cached


def _drafted(
    workspace: Workspace, jobs: Iterator[Job], workers: int, broken: "_Broken", hints: HintsOf | None
) -> Iterator[tuple[Job, dict[str, Drafted], "_Spent"]]:
    """Draft the jobs side by side and give them back in order; never more than two a worker are under way.

    Raises EngineError when nobody can draft a job; what was under way by then is given back first.
    """
    source_locale = workspace.settings.source_locale
    stopped: EngineError | None = None
    with ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="draft") as pool:
        window: deque[tuple[Job, Future[tuple[dict[str, Drafted], _Spent]]]] = deque()
        try:
            while True:
                while not stopped and len(window) <= 2 * workers and (job := next(jobs, None)):
                    window.append((job, pool.submit(_draft, job, source_locale, broken, hints)))
                if not window:
                    break
                job_done, future = window.popleft()
                if future.cancelled():
                    continue
                try:
                    answer = future.result()
                except EngineError as error:
                    stopped = stopped or error
                    for _, waiting in window:
                        waiting.cancel()
                else:
                    yield (job_done, *answer)
        finally:
            for job_left, future in window:
                future.cancel()
                for engine in job_left.engines:
                    engine.stop()
    if stopped:
        raise stopped


_Broken = dict[tuple[str, Locale], str]
"""Why an engine is not asked any more in this run, by its name and the locale."""


@dataclass(slots=True)
class _Spent:
    """What drafting one job cost."""

    calls: int = 0
    characters: int = 0


def _draft(
    job: Job, source_locale: Locale, broken: _Broken, hints: HintsOf | None
) -> tuple[dict[str, Drafted], _Spent]:
    """Drafts for a job's pending texts, by source hash; each engine gets what those before it could not do.

    Raises EngineError when there are texts that no engine was able to look at.
    """
    drafts: dict[str, Drafted] = {}
    spent = _Spent()
    # What an earlier run drafted in this very article is fed again to an engine that depends on what went before, so
    # that a rerun gives the drafts that an undisturbed run would have given.
    slug = job.read.article.slug
    own = [s for s in job.pending if job.cached.get(s.source_hash, (None, slug))[1] == slug]
    open_ones = [s for s in own if s.source_hash not in job.cached]
    reasons: list[str] = []
    for engine in job.engines:
        if not open_ones:
            break
        fed = own if engine.contextual and len(open_ones) < len(own) and not drafts else open_ones
        place = (engine.name, job.target.locale)
        try:
            if place in broken:
                raise EngineError(broken[place])
            answers = draft_texts([s.source for s in fed], engine, source_locale, job.target.locale, hints)
        except EngineError as error:
            broken[place] = str(error)
            reasons.append(str(error))
            continue
        spent.calls += 1
        spent.characters += sum(len(s.source) for s in fed)
        drafts |= {
            s.source_hash: answer for s, answer in zip(fed, answers, strict=True) if s.source_hash not in job.cached
        }
        open_ones = [s for s in open_ones if isinstance(drafts[s.source_hash], Failure)]
    if job.engines and any(s.source_hash not in drafts for s in open_ones):
        raise EngineError("; ".join(reasons))
    if reasons:  # another day the broken engine may do what the others could not
        for source_hash, answer in drafts.items():
            if isinstance(answer, Failure):
                drafts[source_hash] = replace(answer, final=False)
    return drafts, spent


def _finish(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    job: Job,
    ready: Mapping[str, Drafted],
    fresh: Mapping[str, Drafted],
    report: RunReport,
) -> None:
    """Keep a job's fresh drafts and write its PO, unless somebody edited the file that lies there."""
    slug, locale = job.read.article.slug, job.target.locale
    path = workspace.locales / locale.tag / f"{slug}.po"
    with store.write() as transaction:
        if fresh:
            pair = (workspace.settings.source_locale, locale)
            asked = [(engine.name, engine.version(*pair)) for engine in job.engines]
            keep_drafts(transaction, asked, (pair[0].tag, pair[1].tag), slug, fresh)
        stood = transaction.current(slug, locale.tag)
        current = _texts(workspace, stood, job, ready, judges, report)
        there = path.read_bytes() if path.exists() else None
        there_hash = hashlib.sha256(there).hexdigest() if there is not None else ""
        made_from = _made_from(workspace, transaction, judges, job)
        # A text that came only now is not in what the file was made from: a draft that had failed, a broken engine's.
        if current == stood and transaction.written(slug, locale.tag) == (made_from, there_hash):
            return
        file = po_file(job.read, locale, current, judges, page=f"{workspace.settings.base_url}{locale}/{slug}/")
        data = write_po(file)
        sha256 = hashlib.sha256(data).hexdigest()
        if there_hash and there_hash not in transaction.known_files(slug, locale.tag):
            report.edited.append(path.relative_to(workspace.root).as_posix())
            return
        if transaction.last_export(slug, locale.tag) != (file.export_id, sha256):
            transaction.append(EventKind.EXPORT, export_body(job.read, file, sha256, current))
        transaction.keep_written(slug, locale.tag, _made_from(workspace, transaction, judges, job), sha256)
    if there != data:
        replace_file(path, data)
        report.written.append(path.relative_to(workspace.root).as_posix())


def _made_from(workspace: Workspace, transaction: Transaction, judges: Judges, job: Job) -> str:
    """A hash of all that a job's PO file depends on: the English, the ledger, the judges, our own code."""
    return digest(
        [
            job.read.article.sha256,
            [segment.id for segment in job.read.segments],
            transaction.event_count(job.read.article.slug, job.target.locale.tag),
            workspace.settings.base_url,
            judges.version,
            code_hash(__file__),
        ]
    )


def _texts(
    workspace: Workspace,
    stood: Mapping[int, Current],
    job: Job,
    ready: Mapping[str, Drafted],
    judges: Judges,
    report: RunReport,
) -> dict[int, Current]:
    """Where each unit of a job stands now: as it stood, from memory, or with its new draft."""
    locale = job.target.locale.tag
    current = dict(stood)
    doubts = report.doubts.setdefault(locale, {})
    for segment in job.read.segments:
        if segment.number in current and current[segment.number].target:
            continue
        if segment.source_hash in job.matches:
            target, origin = job.matches[segment.source_hash]
            report.from_memory += 1
        else:
            drafted = ready.get(segment.source_hash, Failure(reason="no engine was asked: a person translates it"))
            if isinstance(drafted, Failure):
                report.failed.append(Failed(id=segment.id, locale=locale, reason=drafted.reason))
                continue
            if judges.hints:  # after the cache: a termbase that grew is heeded by the drafts that lie there
                found = judges.hints(segment.source, job.target.locale)
                drafted = repair(drafted, segment.source, found, workspace.settings.source_locale)
            target = drafted.text
            origin = Origin(kind=OriginKind.ENGINE, name=drafted.engine, version=drafted.version, doubts=drafted.doubts)
            report.drafted += 1
            for doubt in drafted.doubts:
                doubts[doubt] = doubts.get(doubt, 0) + 1
        current[segment.number] = Current(target=target, origin=origin, state=ReviewState.DRAFT)
    return current
