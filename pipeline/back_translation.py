"""Translate drafts back into the source language: an aid for whoever is not at home in both, and no check.

Takes   the machine's drafts in an article's PO file that nobody has read; the engines that signoff.toml names
Gives   for each a text in the source language, shown as a comment beside the draft
Always  made only on request; under the same deadlines, budgets, pace and care for personal data as drafts; what is made
        is durable within a second and never asked for twice; a draft whose text changes has none until the next request

A machine that reads what a machine wrote repeats its mistakes or makes new ones. Where a back-translation is odd the
draft may still be right, and where it is smooth the draft may be wrong: so no check looks at it.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from pipeline.asking import OverBudget
from pipeline.draft import Drafted, draft_texts
from pipeline.drafters import Drafters
from pipeline.engines import Draft, Failure
from pipeline.errors import EngineError
from pipeline.jobs import KEEP_S, Desk, Job
from pipeline.model import Locale, OriginKind, ReviewState, Segment, text_hash, visible_text
from pipeline.store.drafts import back_translations, keep_back_translations
from pipeline.store.history import Current
from pipeline.watched import Watched


def back_notes(
    segments: Sequence[Segment], current: Mapping[int, Current], made: Mapping[str, Draft]
) -> dict[int, str]:
    """The reviewer's line for each draft that has a back-translation, by segment number."""
    if not made:
        return {}
    return {
        number: f"translated back by {found.engine}, an aid and no check: {visible_text(found.text)}"
        for number, target in _unread_drafts(segments, current).items()
        if (found := made.get(text_hash(target)))
    }


def _unread_drafts(segments: Sequence[Segment], current: Mapping[int, Current]) -> dict[int, str]:
    """The machine's texts that nobody has read, by segment number."""
    return {
        segment.number: now.target
        for segment in segments
        if (now := current.get(segment.number))
        and now.state is ReviewState.DRAFT
        and now.origin.kind is OriginKind.ENGINE
    }


class BackTranslator:
    """Makes the back-translations of one run."""

    def __init__(self, desk: Desk, engines: Drafters) -> None:
        self.desk, self.engines = desk, engines
        self._unable: set[Locale] = set()

    def make(self, job: Job) -> bool:
        """Translate back what has no back-translation yet; whether anything came of it.

        An engine that breaks is named in the report, and the drafts stand all the same.
        """
        slug, locale = job.read.article.slug, job.target.locale
        with self.desk.store.read() as transaction:
            current = transaction.current(slug, locale.tag)
            made = back_translations(transaction, slug, locale.tag)
        drafts = _unread_drafts(job.read.segments, current)
        ids = {segment.number: segment.id for segment in job.read.segments}
        texts = {text_hash(target): (ids[n], target) for n, target in drafts.items() if text_hash(target) not in made}
        able = self._able(job) if texts and locale not in self._unable else ()
        came = 0
        for engine in able:
            if texts:
                came += self._ask_beside(job, engine, texts)
        self.desk.report.locale(locale.tag).back_translated += came
        return came > 0

    def _able(self, job: Job) -> tuple[Watched, ...]:
        try:
            return self.engines.back(job.target)
        except EngineError as error:
            self._unable.add(job.target.locale)
            self.desk.report.broken.append(f"{job.target.locale} is not translated back: {error}")
            return ()

    def _ask_beside(self, job: Job, engine: Watched, texts: dict[str, tuple[str, str]]) -> int:
        """`_ask` in a thread of its own, while what it and the drafting of other articles bring is made durable.

        How many drafts were translated back.
        """
        fresh, lock = dict[str, Draft](), threading.Lock()

        def take(more: Mapping[str, Draft]) -> None:
            with lock:
                fresh.update(more)

        def keep() -> int:
            with lock:
                taken = dict(fresh)
                fresh.clear()
            if taken:
                with self.desk.store.write() as transaction:
                    keep_back_translations(transaction, job.read.article.slug, job.target.locale.tag, taken)
            return len(taken)

        pool, kept = ThreadPoolExecutor(1, thread_name_prefix="back"), 0
        try:
            future: Future[None] = pool.submit(self._ask, job, engine, texts, take)
            while not wait([future], timeout=KEEP_S).done:
                kept += keep()
                self.desk.keep()
                self.desk.beat()
            future.result()
        except EngineError as error:
            self.desk.report.broken.append(f"{job.target.locale} {job.read.article.slug}, translated back: {error}")
        except BaseException:
            engine.stop()
            raise
        finally:
            kept += keep()
            self.desk.keep()
            pool.shutdown(wait=False)
        return kept

    def _ask(self, job: Job, engine: Watched, texts: dict[str, tuple[str, str]], take: "Take") -> None:
        """Ask one engine; what it drafts is taken out of `texts`. Raises EngineError."""
        desk, here = self.desk, job.target.locale
        stay = desk.may_leave(((id_, key, target) for key, (id_, target) in texts.items()), engine)
        keys = [key for key in texts if key not in stay]
        source_locale = desk.workspace.settings.source_locale

        def some(sources: Sequence[str]) -> list[Drafted]:
            return draft_texts(sources, engine, here, source_locale, desk.protect)

        def keep(done: Mapping[int, Drafted]) -> None:
            take({keys[at]: drafted for at, drafted in done.items() if isinstance(drafted, Draft)})

        locales = (here, source_locale)
        parts = desk.parts(engine.name, engine.version(*locales), locales, job.read.article.slug)
        asked = desk.asking.ask(engine, [texts[key][1] for key in keys], some, *locales, keep, parts)
        tally = desk.report.locale(here.tag).engine(engine.name)
        tally.note(asked)
        for key, answer in zip(keys, asked.answers, strict=True):
            if not isinstance(answer, Failure) or isinstance(answer, OverBudget):
                del texts[key]


Take = Callable[[Mapping[str, Draft]], None]
