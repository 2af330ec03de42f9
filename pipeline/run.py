"""The flow, from articles to PO files: extract → leverage → draft → PO.

Takes   a workspace, the store, which articles and locales
Gives   locales/<locale>/<slug>.po and a RunReport
Always  each article and locale is finished for itself: its drafts are durable before its PO is written, and a rerun
        goes on where a crash stopped this one; a PO that somebody edited is never overwritten; doing it again without
        changes calls no engine and writes no byte outside `.signoff/logs`
"""

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field, replace

from pipeline.allowance import cost
from pipeline.articles import ReadArticle, Rename, find_articles, read_article, record_revisions
from pipeline.asking import Asking, OverBudget
from pipeline.config import Target, Workspace
from pipeline.draft import Drafted, HintsOf, draft_texts
from pipeline.drafters import Drafters
from pipeline.durable import locked, replace_file
from pipeline.engines import Draft, Failure
from pipeline.errors import ArticleError, EngineError
from pipeline.export import Judges, export_body, po_file
from pipeline.fingerprint import code_hash
from pipeline.language import WrongLanguage
from pipeline.leverage import FuzzyHints, exact_matches
from pipeline.model import Locale, Origin, OriginKind, ReviewState, Segment
from pipeline.personal_data import personal_data
from pipeline.po import write_po
from pipeline.protected import Protect
from pipeline.repair import repair
from pipeline.store import Store, Transaction
from pipeline.store.drafts import cached_drafts, keep_drafts
from pipeline.store.history import Current, Facts
from pipeline.store.ledger import EventKind, digest
from pipeline.store.memory import memory_version
from pipeline.updates import ArticleChange, article_change
from pipeline.watched import Watched

UNREAD = frozenset({ReviewState.UNTRANSLATED, ReviewState.DRAFT})
"""States in which nobody has answered for a text: the memory may help."""

Progress = Callable[[int, int, str], None]
"""Told after each article and locale: how many of how many, and which."""
KEEP_S = 0.5
"""How long a draft may be in memory only, while its article is still being drafted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A text that no engine drafted; it stays untranslated."""

    id: str
    locale: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """A text that holds what looks like a person's, and was about to leave for another machine."""

    id: str
    engine: str
    what: tuple[str, ...]
    """Kinds: `a phone number`; never what was found."""
    sent: bool


@dataclass(slots=True, kw_only=True)
class EngineUse:
    """What one engine was asked in a run."""

    calls: int
    characters: int
    retries: int
    waited_s: float
    """Waiting for its service, after it asked for patience or did not answer."""


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
    renamed: list[Rename] = field(default_factory=list)
    """Articles that go on under a new slug."""
    leftover: list[str] = field(default_factory=list)
    """PO files of a slug that its article has no more, which nobody edited: they may be deleted."""
    changes: list[ArticleChange] = field(default_factory=list)
    """What changed in each article and locale since a file last went out."""
    over_budget: int = 0
    """Units left without a draft because the run's budget was used up; the next run goes on with them."""
    personal_data: list[PersonalData] = field(default_factory=list)
    engines: dict[str, EngineUse] = field(default_factory=dict)
    cost: float | None = None
    """By the prices in `signoff.toml`; None if it has none for the engines that were asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One article in one locale."""

    read: ReadArticle
    target: Target
    engines: tuple[Watched, ...]
    matches: Mapping[int, tuple[str, Origin]]
    """Texts from memory, by segment number."""
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
    budget: int | None = None,
    notice: Callable[[str], None] = lambda sentence: None,
) -> RunReport:
    """Draft what has no text yet and write the PO files that changed.

    Raises WorkspaceBusyError when another run is at work here, EngineError when no engine can serve a locale that
    needs one, or when all of its engines broke; what was drafted until then is kept. Articles that cannot be read are
    named in `refused`; the others are done. `budget` is in characters, to all engines together; `notice` hears, from
    any thread, of personal data before it is sent.
    """
    started = time.monotonic()
    report = RunReport(locales=len(locales))
    busy = "another `signoff run` is at work in this workspace: wait until it ends, then run again"
    with locked(workspace.private / "run.lock", busy=busy):
        reads = _read_articles(workspace, store, slugs, report)
        jobs = _jobs(workspace, store, reads, locales, engines, report)
        total = sum(workspace.target(locale).takes(read.article.slug) for read in reads for locale in locales)
        ready: dict[Locale, dict[str, Drafted]] = {locale: {} for locale in locales}
        hints = FuzzyHints()
        broken: dict[tuple[str, Locale], str] = {}
        desk = _desk(workspace, store, judges, budget, report, notice)
        # Whatever ends the loop ends the engines.
        with closing(_drafted(workspace, jobs, workers, broken, desk)) as drafts:
            for done, (job, fresh, spent) in enumerate(drafts, 1):
                report.engine_calls += spent.calls
                report.characters += spent.characters
                known = ready[job.target.locale]
                known |= {source_hash: drafted for source_hash, (drafted, _) in job.cached.items()} | fresh
                _finish(workspace, store, judges, job, known, fresh, hints, report)
                progress(done, total, f"{job.target.locale} {job.read.article.slug}")
        _look_for_leftovers(workspace, store, locales, report)
        report.broken += [f"{reason} (for {locale}): it was not asked again" for (_, locale), reason in broken.items()]
        report.broken += [f"{reason}: not asked again in this run" for reason in desk.closed_quietly(broken)]
        report.engines = {
            name: EngineUse(calls=s.calls, characters=s.characters, retries=s.retries, waited_s=round(s.waited_s, 3))
            for name, s in desk.asking.spent.items()
        }
        report.cost = cost(
            {name: use.characters for name, use in report.engines.items()}, workspace.settings.allowances
        )
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
        reads, report.renamed = record_revisions(transaction, workspace, cut)
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
    current = _without_withdrawn(transaction.current(read.article.slug, tag), read, tag, transaction.facts())
    without = [s for s in read.segments if s.number not in current or not current[s.number].target]
    report.unchanged += len(read.segments) - len(without)
    matches = exact_matches(transaction, without, tag)
    pending = []
    for segment in without:
        if segment.source_hash not in claimed and segment.number not in matches:
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
    workspace: Workspace, jobs: Iterator[Job], workers: int, broken: "_Broken", desk: "_Desk"
) -> Generator[tuple[Job, dict[str, Drafted], "_Spent"], None, None]:
    """Draft the jobs side by side and give them back in order; never more than two a worker are under way.

    Raises EngineError when nobody can draft a job; what was under way by then is given back first.
    """
    source_locale = workspace.settings.source_locale
    stopped: EngineError | None = None
    with ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="draft") as pool:
        window: deque[tuple[Job, Future[tuple[dict[str, Drafted], _Spent]]]] = deque()
        asked: set[Watched] = set()  # noted before the work is handed over: Ctrl-C may fall between the two
        try:
            while True:
                while not stopped and len(window) <= 2 * workers and (job := next(jobs, None)):
                    asked.update(job.engines)
                    window.append((job, pool.submit(_draft, job, source_locale, broken, desk)))
                if not window:
                    break
                job_done, future = window.popleft()
                while not wait([future], timeout=KEEP_S).done:
                    desk.keep()
                if future.cancelled():
                    continue
                try:
                    answer = future.result()
                except EngineError as error:
                    stopped = stopped or error
                    for _, waiting in window:
                        waiting.cancel()
                else:
                    desk.forget(job_done)
                    yield (job_done, *answer)
            if stopped:
                desk.keep()
        except (KeyboardInterrupt, EngineError):
            desk.keep()  # what the service has answered by now is paid for
            raise
        finally:
            desk.asking.close()
            for _, future in window:
                future.cancel()
            for engine in asked:
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


@dataclass(slots=True)
class _Desk:
    """What the jobs of one run share: how engines are asked, and drafts that are not durable yet."""

    workspace: Workspace
    store: Store
    asking: Asking
    report: RunReport
    notice: Callable[[str], None]
    protect: tuple[Protect, ...]
    hints: HintsOf | None
    _fresh: dict[int, tuple[Job, dict[str, Drafted]]] = field(default_factory=dict)
    _noticed: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, job: Job, drafts: Mapping[str, Drafted]) -> None:
        """Drafts of a job that goes on. From any thread."""
        with self._lock:
            self._fresh.setdefault(id(job), (job, {}))[1].update(drafts)

    def forget(self, job: Job) -> None:
        """The job is done: `_finish` keeps its drafts."""
        with self._lock:
            self._fresh.pop(id(job), None)

    def keep(self) -> None:
        """Make all that was taken durable."""
        with self._lock:
            fresh, self._fresh = self._fresh, {}
        if not fresh:
            return
        source_locale = self.workspace.settings.source_locale
        with self.store.write() as transaction:
            for job, drafts in fresh.values():
                _keep(transaction, job, source_locale, drafts)

    def may_leave(self, segments: list[Segment], engine: Watched) -> dict[str, Failure]:
        """Texts that must not be sent to an engine because they hold personal data, by source hash.

        Says so of those that may, too, before anything is sent.
        """
        if not engine.leaves_the_machine:
            return {}
        privacy, kept = self.workspace.settings.privacy, dict[str, Failure]()
        for segment in segments:
            what = tuple(dict.fromkeys(found.what for found in personal_data(segment.source, privacy.allow)))
            if not what:
                continue
            holds = f"holds what looks like {' and '.join(what)}"
            if privacy.refuse:
                kept[segment.source_hash] = Failure(reason=f"{holds}: signoff.toml keeps it from other machines")
            with self._lock:
                news = (segment.id, engine.name) not in self._noticed
                self._noticed.add((segment.id, engine.name))
            if news:
                found = PersonalData(id=segment.id, engine=engine.name, what=what, sent=not privacy.refuse)
                self.report.personal_data.append(found)
                self.notice(f"{segment.id} {holds}; it {'is kept from' if privacy.refuse else 'goes to'} {engine.name}")
        return kept

    def closed_quietly(self, broken: "_Broken") -> list[str]:
        """Why engines were given up on that no later job asked, so that nobody has said so yet."""
        said = {name for name, _ in broken}
        return [reason for name, reason in self.asking.closed.items() if name not in said]


def _desk(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    budget: int | None,
    report: RunReport,
    notice: Callable[[str], None],
) -> _Desk:
    settings = workspace.settings
    languages = {settings.source_locale.language, *(target.locale.language for target in settings.targets)}
    asking = Asking(allowances=settings.allowances, budget=budget, wrong_language=WrongLanguage(languages))
    protect = (*settings.rules.protect, *judges.names)
    return _Desk(workspace, store, asking, report, notice, protect, judges.term_hints)


def _keep(transaction: Transaction, job: Job, source_locale: Locale, drafts: Mapping[str, Drafted]) -> None:
    """Make a job's drafts durable, each under the engine that made it."""
    locale = job.target.locale
    asked = [(engine.name, engine.version(source_locale, locale)) for engine in job.engines]
    keep_drafts(transaction, asked, (source_locale.tag, locale.tag), job.read.article.slug, drafts)


def _draft(job: Job, source_locale: Locale, broken: _Broken, desk: _Desk) -> tuple[dict[str, Drafted], _Spent]:
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
    passing: set[str] = set()  # texts on which an engine failed for now only
    for engine in job.engines:
        if not open_ones:
            break
        fed = own if engine.contextual and len(open_ones) < len(own) and not drafts else open_ones
        place = (engine.name, job.target.locale)
        if place in broken:
            reasons.append(broken[place])
            continue
        drafts |= (stay := desk.may_leave(fed, engine))
        fed = [s for s in fed if s.source_hash not in stay]

        def some(sources: Sequence[str], engine: Watched = engine) -> list[Drafted]:
            return draft_texts(sources, engine, source_locale, job.target.locale, desk.protect, desk.hints)

        def keep(done: Mapping[int, Drafted], fed: Sequence[Segment] = fed) -> None:
            fresh = {fed[at].source_hash: drafted for at, drafted in done.items() if isinstance(drafted, Draft)}
            desk.take(job, {key: drafted for key, drafted in fresh.items() if key not in job.cached})

        try:
            asked = desk.asking.ask(engine, [s.source for s in fed], some, source_locale, job.target.locale, keep)
        except EngineError as error:
            broken[place] = str(error)
            reasons.append(str(error))
            continue
        spent.calls += asked.calls
        spent.characters += asked.characters
        drafts |= {
            s.source_hash: answer
            for s, answer in zip(fed, asked.answers, strict=True)
            if s.source_hash not in job.cached
        }
        failed = {s.source_hash: a for s in open_ones if isinstance(a := drafts[s.source_hash], Failure)}
        passing |= {source_hash for source_hash, failure in failed.items() if not failure.final}
        open_ones = [s for s in open_ones if not isinstance(failed.get(s.source_hash), OverBudget | None)]
    if job.engines and any(s.source_hash not in drafts for s in open_ones):
        raise EngineError("; ".join(reasons))
    for source_hash, answer in drafts.items():  # another day an engine that broke may do what the others could not
        if isinstance(answer, Failure) and (reasons or source_hash in passing):
            drafts[source_hash] = replace(answer, final=False)
    return drafts, spent


def _finish(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    job: Job,
    ready: Mapping[str, Drafted],
    fresh: Mapping[str, Drafted],
    hints: FuzzyHints,
    report: RunReport,
) -> None:
    """Keep a job's fresh drafts and write its PO, unless somebody edited the file that lies there."""
    slug, locale = job.read.article.slug, job.target.locale
    path = workspace.locales / locale.tag / f"{slug}.po"
    with store.write() as transaction:
        if fresh:
            _keep(transaction, job, workspace.settings.source_locale, fresh)
        facts = transaction.facts()
        stood = _without_withdrawn(transaction.current(slug, locale.tag), job.read, locale.tag, facts)
        current = _texts(workspace, stood, job, ready, judges, facts, report)
        there = path.read_bytes() if path.exists() else None
        there_hash = hashlib.sha256(there).hexdigest() if there is not None else ""
        made_from = _made_from(workspace, transaction, judges, job)
        # A text that came only now is not in what the file was made from: a draft that had failed, a broken engine's.
        if current == stood and transaction.written(slug, locale.tag) == (made_from, there_hash):
            return
        again = judges.to_confirm(transaction, job.read.segments, locale)
        if change := _change(transaction, job, stood, again):
            report.changes.append(change)
        alike = hints.of(transaction, _open_to_hints(job.read, current), locale.tag)
        page = f"{workspace.settings.base_url}{locale}/{slug}/"
        file = po_file(job.read, locale, current, judges, page=page, to_confirm=again, hints=alike)
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
    sent = next((e for name in names if (e := transaction.events(EventKind.EXPORT, slug=name, locale=locale))), [])
    before = [entry["number"] for entry in sent[-1].body["entries"]] if sent else None
    return article_change(job.read, locale, before, stood, [s for s in job.read.segments if s.number in again])


def _open_to_hints(read: ReadArticle, current: Mapping[int, Current]) -> list[Segment]:
    """The segments that a fuzzy match may help with: nobody answers for their text, and the memory has no exact one."""
    without = Current(target="", origin=Origin(), state=ReviewState.UNTRANSLATED)
    stand = [(segment, current.get(segment.number, without)) for segment in read.segments]
    return [s for s, now in stand if now.state in UNREAD and now.origin.kind is not OriginKind.MEMORY]


def _without_withdrawn(
    stood: Mapping[int, Current], read: ReadArticle, locale: str, facts: Facts
) -> Mapping[int, Current]:
    """Where units stand, but for machines' texts that were withdrawn: they are as good as none."""
    if not facts.withdrawn:
        return stood
    sources = {segment.number: segment.source for segment in read.segments}
    return {
        number: now
        for number, now in stood.items()
        if now.state not in UNREAD or not facts.why_withdrawn(sources.get(number, ""), now.target, locale)
    }


def _made_from(workspace: Workspace, transaction: Transaction, judges: Judges, job: Job) -> str:
    """A hash of all that a job's PO file depends on: the English, the ledger, the judges, our own code."""
    return digest(
        [
            job.read.article.sha256,
            [segment.id for segment in job.read.segments],
            transaction.event_count(job.read.article.slug, job.target.locale.tag),
            workspace.settings.base_url,
            judges.version,
            memory_version(transaction.connection, job.target.locale.tag),
            sum(locale == job.target.locale.tag for locale, _, _ in transaction.facts().withdrawn),
            code_hash(__file__),
        ]
    )


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
    doubts = report.doubts.setdefault(locale, {})
    for segment in job.read.segments:
        if segment.number in current and current[segment.number].target:
            continue
        if segment.number in job.matches:
            target, origin = job.matches[segment.number]
            report.from_memory += 1
        else:
            drafted = ready.get(segment.source_hash, Failure(reason="no engine was asked: a person translates it"))
            if isinstance(drafted, OverBudget):
                report.over_budget += 1
                continue
            if isinstance(drafted, Draft) and judges.term_hints:
                # After the cache: a termbase that grew is heeded by the drafts that lie there.
                found = judges.term_hints(segment.source, job.target.locale)
                drafted = repair(drafted, segment.source, found, workspace.settings.source_locale)
            if isinstance(drafted, Draft) and (why := facts.why_withdrawn(segment.source, drafted.text, locale)):
                drafted = Failure(reason=f"{drafted.engine}'s draft is a text that was {why}: a person translates it")
            if isinstance(drafted, Failure):
                report.failed.append(Failed(id=segment.id, locale=locale, reason=drafted.reason))
                continue
            target = drafted.text
            origin = Origin(kind=OriginKind.ENGINE, name=drafted.engine, version=drafted.version, doubts=drafted.doubts)
            report.drafted += 1
            for doubt in drafted.doubts:
                doubts[doubt] = doubts.get(doubt, 0) + 1
        current[segment.number] = Current(target=target, origin=origin, state=ReviewState.DRAFT)
    return current
