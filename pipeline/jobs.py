"""Draft the articles of a run, several side by side.

Takes   articles that are read and numbered, the engines of the run, what memory and earlier runs left
Gives   per article and locale, in order, what was drafted anew and what that cost
Always  each source is drafted once for a locale; what an engine has drafted is durable within a second, whatever ends
        the run; texts that look like somebody's data are named before they leave the machine, or stay
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from pipeline.articles import ReadArticle
from pipeline.asking import Asking, OverBudget, OwnBudgetSpent, Parts
from pipeline.config import Target, Workspace
from pipeline.draft import Drafted, HintsOf, draft_texts
from pipeline.drafters import Drafters
from pipeline.engines import Draft, Failure
from pipeline.errors import EngineError
from pipeline.export import Judges
from pipeline.language import WrongLanguage
from pipeline.leverage import exact_matches
from pipeline.mending import Bench, best_of
from pipeline.model import UNREAD, Locale, Origin, Segment, text_hash
from pipeline.personal_data import personal_data
from pipeline.protected import Protect
from pipeline.report import EngineTally, PersonalData, RunReport
from pipeline.store import Store, Transaction
from pipeline.store.drafts import DraftKey, cached_drafts, draft_key, keep_drafts
from pipeline.store.history import Current, Facts
from pipeline.watched import Watched

KEEP_S = 0.5
"""How long a draft may be in memory only, while its article is still being drafted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One article in one locale."""

    read: ReadArticle
    target: Target
    engines: tuple[Watched, ...]
    versions: Mapping[str, str]
    """What drafts of each engine carry, by its name: where it takes terms, the termbase's version as well."""
    matches: Mapping[int, tuple[str, Origin]]
    """Texts from memory, by segment number."""
    pending: tuple[Segment, ...]
    """Segments without a text, first occurrence of each source only, that no earlier article of this run drafts."""
    cached: Mapping[str, tuple[Drafted, str]]
    """Drafts that an earlier run left, with the article that each was drafted in, by source hash."""
    shared: Mapping[str, "Claim"]
    """What an earlier article of this run drafts, and has not finished yet, by source hash."""
    claim: "Claim"
    """Filled when the job is finished."""

    def known(self, fresh: Mapping[str, Drafted]) -> dict[str, Drafted]:
        """All that there is for its sources once it has drafted what is `fresh`, and the jobs before it are settled."""
        lent = {source_hash: claim[source_hash] for source_hash, claim in self.shared.items() if source_hash in claim}
        return lent | {source_hash: drafted for source_hash, (drafted, _) in self.cached.items()} | dict(fresh)


Claim = dict[str, Drafted]
"""What a job came to for the sources that it drafts for others as well, by source hash; empty until then."""


def jobs_of(desk: "Desk", reads: Iterable[ReadArticle], locales: Sequence[Locale], engines: Drafters) -> Iterator[Job]:
    """What is to do, article by article: the locales of one article are neighbours, so pivots are drafted once.

    All locales of an article are looked at before the first of them is drafted: an engine that is missing is named
    before the work begins.
    """
    for read in reads:
        targets = [desk.workspace.target(locale) for locale in locales]
        with desk.store.read() as transaction:
            jobs = [
                _job(desk, transaction, read, target, engines) for target in targets if target.takes(read.article.slug)
            ]
        yield from jobs


def _job(
    desk: "Desk",
    transaction: Transaction,
    read: ReadArticle,
    target: Target,
    engines: Drafters,
) -> Job:
    tag = target.locale.tag
    current = without_withdrawn(transaction.current(read.article.slug, tag), read, tag, transaction.facts())
    without = [s for s in read.segments if s.number not in current or not current[s.number].target]
    desk.report.locale(tag).unchanged += len(read.segments) - len(without)
    matches = exact_matches(transaction, without, tag)
    pending, own, shared, claim = list[Segment](), set[str](), dict[str, Claim](), Claim()
    claims = desk.claims.setdefault(target.locale, {})
    for segment in without:
        if segment.number in matches:
            continue
        first = claims.setdefault(segment.source_hash, claim)
        if first is not claim:
            shared[segment.source_hash] = first
        elif segment.source_hash not in own:
            own.add(segment.source_hash)
            pending.append(segment)
    # A locale without engines is one that people translate from the start: its PO files are written all the same.
    able = engines.of(target) if pending and (target.engines or engines.only) else ()
    source_locale = desk.workspace.settings.source_locale
    versions = {e.name: e.version(source_locale, target.locale) + desk.terms_version(e) for e in able}
    bench = Bench(desk.judges, source_locale, target.locale)
    cached = _cached(transaction, versions, (source_locale.tag, tag), {s.source_hash: s for s in without}, bench)
    return Job(
        read=read,
        target=target,
        engines=able,
        versions=versions,
        matches=matches,
        pending=tuple(pending),
        cached=cached,
        shared=shared,
        claim=claim,
    )


def _cached(
    transaction: Transaction,
    versions: Mapping[str, str],
    locales: tuple[str, str],
    segments: Mapping[str, Segment],
    bench: Bench,
) -> dict[str, tuple[Drafted, str]]:
    """What earlier runs left: the best draft; a failure only where every engine has failed already.

    A draft with an error is as good as none while there is an engine after its own that has not been asked.
    """
    kept = [cached_drafts(transaction, name, version, locales, segments) for name, version in versions.items()]
    cached: dict[str, tuple[Drafted, str]] = {}
    for source_hash, segment in segments.items():
        found = [answers[source_hash] for answers in kept if source_hash in answers]
        drafts = [answer for answer in found if isinstance(answer[0], Draft)]
        if len(versions) > 1 and drafts:
            best, left = best_of([draft for draft, _ in drafts if isinstance(draft, Draft)], segment, bench)
            if not left or source_hash in kept[-1]:
                cached[source_hash] = (best, drafts[0][1])
        elif drafts or (found and len(found) == len(versions)):
            cached[source_hash] = (drafts or found)[0]
    return cached


def drafted_jobs(
    workspace: Workspace, jobs: Iterator[Job], workers: int, broken: "Broken", desk: "Desk"
) -> Generator[tuple[Job, dict[str, Drafted], "Tallies"], None, None]:
    """Draft the jobs side by side and give them back in order; never more than two a worker are under way.

    One more than there are workers is in hand: its texts are made ready, and its drafts looked at, while the engine
    works for the others, so an engine that takes one article behind the other never waits for us.

    Raises EngineError when nobody can draft a job; what was under way by then is given back first.
    """
    source_locale = workspace.settings.source_locale
    stopped: EngineError | None = None
    with ThreadPoolExecutor(max_workers=workers + 1, thread_name_prefix="draft") as pool:
        window: deque[tuple[Job, Future[tuple[dict[str, Drafted], Tallies]]]] = deque()
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
                    desk.beat()
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
            desk.keep()
        except (KeyboardInterrupt, EngineError, GeneratorExit):
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


Broken = dict[tuple[str, Locale], str]
"""Why an engine is not asked any more in this run, by its name and the locale."""


Tallies = dict[str, EngineTally]
"""What each engine did for one job."""


@dataclass(slots=True)
class _Going:
    """What is drafted of a job that goes on."""

    job: Job
    sources: set[str] = field(default_factory=set)
    fresh: dict[str, Draft] = field(default_factory=dict)
    """Those that are in memory only, by source hash."""
    kept: set[DraftKey] = field(default_factory=set)
    """Those that are durable."""


@dataclass(slots=True)
class Desk:
    """What the jobs of one run share: how engines are asked, and drafts that are not durable yet."""

    workspace: Workspace
    store: Store
    judges: Judges
    asking: Asking
    report: RunReport
    notice: Callable[[str], None]
    protect: tuple[Protect, ...]
    hints: HintsOf | None
    terms: str
    """The version of the termbase behind the hints."""
    beat: Callable[[], None] = lambda: None
    """Called now and then while the desk waits for an engine."""
    claims: dict[Locale, dict[str, Claim]] = field(default_factory=dict)
    """Which job drafts a source, by its hash: those of jobs under way, and of sources that no engine could draft."""
    _under_way: dict[int, _Going] = field(default_factory=dict)
    _parts: list[tuple[tuple[str, str], str, dict[str, Drafted]]] = field(default_factory=list)
    """Locales, article, and drafts of parts of its long sources by the part's hash."""
    _noticed: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, job: Job, drafts: Mapping[str, Draft]) -> None:
        """Drafts of a job that goes on. From any thread."""
        with self._lock:
            going = self._under_way.setdefault(id(job), _Going(job))
            going.sources.update(drafts)
            going.fresh |= {key: draft for key, draft in drafts.items() if draft_key(draft, key) not in going.kept}

    def under_way(self) -> int:
        """Texts drafted in jobs that go on."""
        with self._lock:
            return sum(len(going.sources) for going in self._under_way.values())

    def keep_rest(self, transaction: Transaction, job: Job, drafts: Mapping[str, Drafted]) -> None:
        """Keep what a job came to: its failures, and the drafts that `keep` has not kept while it went on."""
        with self._lock:
            kept = frozenset(going.kept) if (going := self._under_way.get(id(job))) else frozenset()
        _keep_drafts_of(transaction, job, self.workspace.settings.source_locale, drafts, kept)

    def settle(self, job: Job, known: Mapping[str, Drafted]) -> None:
        """A job is finished: whoever waits for its drafts has them, and later jobs find them in the store.

        What failed is kept, so that nobody asks for it again in this run.
        """
        with self._lock:
            self._under_way.pop(id(job), None)
        claims = self.claims[job.target.locale]
        for segment in job.pending:
            source_hash = segment.source_hash
            answer = known.get(source_hash)
            if answer is not None:
                job.claim[source_hash] = answer
            if isinstance(answer, Draft):
                claims.pop(source_hash, None)
            else:
                claims[source_hash] = {} if answer is None else {source_hash: answer}

    def keep(self) -> None:
        """Make all that was taken durable. What something keeps it from, such as Ctrl-C, is there for the next call."""
        with self._lock:
            fresh = [(going, dict(going.fresh)) for going in self._under_way.values() if going.fresh]
            parts = list(self._parts)
        if not fresh and not parts:
            return
        source_locale = self.workspace.settings.source_locale
        with self.store.write() as transaction:
            for going, drafts in fresh:
                _keep_drafts_of(transaction, going.job, source_locale, drafts)
            for locales, slug, of_parts in parts:
                keep_drafts(transaction, (), locales, slug, of_parts)
        with self._lock:
            for going, drafts in fresh:
                going.kept |= {draft_key(draft, source_hash) for source_hash, draft in drafts.items()}
                going.fresh = {key: draft for key, draft in going.fresh.items() if draft is not drafts.get(key)}
            del self._parts[: len(parts)]

    def parts(self, engine: str, version: str, locales: tuple[Locale, Locale], slug: str) -> Parts:
        """An engine's drafts of parts of an article's long sources, in the cache of drafts, as if they were sources."""
        tags = (locales[0].tag, locales[1].tag)

        def known(texts: Sequence[str]) -> dict[str, Draft]:
            hashes = {text_hash(text): text for text in texts}
            with self.store.read() as transaction:
                found = cached_drafts(transaction, engine, version, tags, hashes)
            return {hashes[of]: draft for of, (draft, _) in found.items() if isinstance(draft, Draft)}

        def keep(drafts: Mapping[str, Draft]) -> None:
            if drafts:
                with self._lock:
                    self._parts.append((tags, slug, {text_hash(text): draft for text, draft in drafts.items()}))

        return Parts(known=known, keep=keep)

    def terms_version(self, engine: Watched) -> str:
        """What the termbase adds to the version of an engine's drafts: another termbase, other drafts."""
        return f", terms {self.terms[:8]}" if self.hints and self.terms and engine.takes_terms else ""

    def may_leave(self, texts: Iterable[tuple[str, str, str]], engine: Watched) -> dict[str, Failure]:
        """Texts that must not be sent to an engine because they hold personal data, by their key.

        `texts` are (id of the unit, key, text). Says so of those that may be sent, too, before anything is.
        """
        if not engine.leaves_the_machine:
            return {}
        privacy, kept = self.workspace.settings.privacy, dict[str, Failure]()
        for unit, key, text in texts:
            what = tuple(dict.fromkeys(found.what for found in personal_data(text, privacy.allow)))
            if not what:
                continue
            holds = f"holds what looks like {' and '.join(what)}"
            if privacy.refuse:
                kept[key] = Failure(reason=f"{holds}: signoff.toml keeps it from other machines")
            with self._lock:
                news = (unit, engine.name) not in self._noticed
                self._noticed.add((unit, engine.name))
            if news:
                found = PersonalData(id=unit, engine=engine.name, what=what, sent=not privacy.refuse)
                self.report.personal_data.append(found)
                self.notice(f"{unit} {holds}; it {'is kept from' if privacy.refuse else 'goes to'} {engine.name}")
        return kept

    def closed_quietly(self, broken: "Broken") -> list[str]:
        """Why engines were given up on that no later job asked, so that nobody has said so yet."""
        said = {name for name, _ in broken}
        return [reason for name, reason in self.asking.closed.items() if name not in said]


def desk_of(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    budget: int | None,
    report: RunReport,
    notice: Callable[[str], None],
) -> Desk:
    """The desk of a run; `budget` is in characters, to all engines together."""
    settings = workspace.settings
    languages = {settings.source_locale.language, *(target.locale.language for target in settings.targets)}
    asking = Asking(allowances=settings.allowances, budget=budget, wrong_language=WrongLanguage(languages))
    protect = (*settings.rules.protect, *judges.names)
    return Desk(workspace, store, judges, asking, report, notice, protect, judges.term_hints, judges.terms_version)


def _keep_drafts_of(
    transaction: Transaction,
    job: Job,
    source_locale: Locale,
    drafts: Mapping[str, Drafted],
    kept: Set[DraftKey] = frozenset(),
) -> None:
    """Make a job's drafts durable, each under the engine that made it; `kept` are so already."""
    locales = (source_locale.tag, job.target.locale.tag)
    keep_drafts(transaction, tuple(job.versions.items()), locales, job.read.article.slug, drafts, kept)


def _draft(job: Job, source_locale: Locale, broken: Broken, desk: Desk) -> tuple[dict[str, Drafted], Tallies]:
    """Drafts for a job's pending texts, by source hash; each engine gets what those before it could not do, or not
    without an error: of several drafts the best one is taken.

    Raises EngineError when there are texts that no engine was able to look at.
    """
    drafts: dict[str, Drafted] = {}
    tallies: Tallies = {}
    # What an earlier run drafted in this very article is fed again to an engine that depends on what went before, so
    # that a rerun gives the drafts that an undisturbed run would have given.
    slug = job.read.article.slug
    own = [s for s in job.pending if job.cached.get(s.source_hash, (None, slug))[1] == slug]
    open_ones = [s for s in own if s.source_hash not in job.cached]
    reasons: list[str] = []
    passing: set[str] = set()  # texts on which an engine failed for now only
    bench, had = Bench(desk.judges, source_locale, job.target.locale), dict[str, list[Draft]]()
    for engine in job.engines:
        if not open_ones:
            break
        fed = own if engine.contextual and len(open_ones) < len(own) and not drafts else open_ones
        place = (engine.name, job.target.locale)
        if place in broken:
            reasons.append(broken[place])
            continue
        stay = desk.may_leave(((s.id, s.source_hash, s.source) for s in fed), engine)
        drafts |= {source_hash: failure for source_hash, failure in stay.items() if source_hash not in had}
        fed = [s for s in fed if s.source_hash not in stay]

        more = desk.terms_version(engine)
        open_hashes = {s.source: s.source_hash for s in fed if s.source_hash not in job.cached}

        def stamped(drafted: Drafted, more: str = more) -> Drafted:
            return replace(drafted, version=drafted.version + more) if more and isinstance(drafted, Draft) else drafted

        def along(
            source: str, drafted: Drafted, engine: Watched = engine, open_hashes: Mapping[str, str] = open_hashes
        ) -> None:
            # Not an engine's whose draft may yet turn out to be in another language, and not a part of a long source.
            if engine.sure_of_language and isinstance(told := stamped(drafted), Draft) and source in open_hashes:
                desk.take(job, {open_hashes[source]: told})

        def some(sources: Sequence[str], engine: Watched = engine) -> list[Drafted]:
            here = job.target.locale
            drafted = draft_texts(sources, engine, source_locale, here, desk.protect, desk.hints, along)
            return [stamped(one) for one in drafted]

        def keep(done: Mapping[int, Drafted], fed: Sequence[Segment] = fed) -> None:
            fresh = {fed[at].source_hash: drafted for at, drafted in done.items() if isinstance(drafted, Draft)}
            desk.take(job, {key: drafted for key, drafted in fresh.items() if key not in job.cached})

        locales = (source_locale, job.target.locale)
        parts = desk.parts(engine.name, job.versions[engine.name], locales, slug)
        try:
            asked = desk.asking.ask(engine, [s.source for s in fed], some, *locales, keep, parts)
        except EngineError as error:
            broken[place] = str(error)
            reasons.append(str(error))
            continue
        tallies[engine.name] = tally = EngineTally()
        tally.note(asked)
        answers = stay | {s.source_hash: answer for s, answer in zip(fed, asked.answers, strict=True)}
        unsound: set[str] = set()  # for the next engine
        for segment in open_ones:
            source_hash, answer = segment.source_hash, answers[segment.source_hash]
            tally.note_failure(answer)
            if isinstance(answer, Draft) and len(job.engines) > 1:  # else nobody could do better
                had.setdefault(source_hash, []).append(answer)
                drafts[source_hash], left = best_of(had[source_hash], segment, bench)
                unsound |= {source_hash} if left else set()
            elif source_hash not in had:
                drafts[source_hash] = answer
            elif not isinstance(answer, OverBudget):
                unsound.add(source_hash)
        failed = {s.source_hash: a for s in open_ones if isinstance(a := drafts[s.source_hash], Failure)}
        passing |= {source_hash for source_hash, failure in failed.items() if not failure.final}
        unsound |= {source_hash for source_hash, failure in failed.items() if not isinstance(failure, OverBudget)}
        open_ones = [s for s in open_ones if s.source_hash in unsound]
    if any(desk.asking.over_budget(engine.name) for engine in job.engines):
        # Nothing is wrong then: the next run goes on.
        for source_hash in (s.source_hash for s in open_ones):
            if isinstance(drafts.get(source_hash), OwnBudgetSpent | None):
                drafts[source_hash] = OverBudget(reason="; ".join(reasons) or "an engine's budget is used up")
    if job.engines and any(s.source_hash not in drafts for s in open_ones):
        raise EngineError("; ".join(reasons))
    for source_hash, answer in drafts.items():  # another day an engine that broke may do what the others could not
        if isinstance(answer, Failure) and (reasons or source_hash in passing):
            drafts[source_hash] = replace(answer, final=False)
    return drafts, tallies


def without_withdrawn(
    stood: Mapping[int, Current], read: ReadArticle, locale: str, facts: Facts
) -> Mapping[int, Current]:
    """Where units stand, but for machines' texts that were withdrawn: they are as good as none. People's say so.

    Those of edited sentences, too: what they had is shown as a hint.
    """
    if not facts.withdrawn:
        return stood
    sources = {**read.former, **{segment.number: segment.source for segment in read.segments}}
    found: dict[int, Current] = {}
    for number, now in stood.items():
        why = facts.why_withdrawn(sources.get(number, ""), now.target, locale)
        if now.state not in UNREAD or not why:
            found[number] = replace(now, withdrawn=why) if why else now
    return found
