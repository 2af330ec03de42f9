"""What people do to a unit beside signing it: choose between two texts, answer a question, take a signature back, say
that an edit of the English changed nothing.

Takes   a unit's id, who acts, and why
Gives   one event of theirs in the ledger; or a PolicyError that says why it may not be, and nothing is done
Always  whoever acts is on the roster and may act so; that is judged again from the ledger wherever the act counts
        (signoffs.py, `judged`), so that a line from elsewhere is worth no more than its person
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.config import Workspace
from pipeline.errors import PolicyError
from pipeline.model import Locale, text_hash
from pipeline.store import Store, Transaction
from pipeline.store.history import (
    UnitHistory,
    UnitKey,
    current_text,
    is_rival,
    open_question_events,
    open_texts,
)
from pipeline.store.ledger import Event, EventKind
from review.judged import page_bodies
from review.policy import Role
from review.roster import on_roster, record_roster, roster_of
from review.signoffs import LEAD, judged, standing, why_may_not_act
from review.units import FoundUnit, find_unit

MAX_WORDS = 4000
"""Characters of a reason or an answer."""


# -- conflicts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictText:
    """One of the texts that stand against each other."""

    event: str
    by: str
    target: str
    on: str
    """The day, `2026-01-31`."""
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A unit with texts by different people that nobody chose between."""

    id: str
    slug: str
    locale: str
    source: str
    texts: tuple[ConflictText, ...]
    """The current one first; people choose by the place in it, from 1."""


def conflicts(store: Store, locales: Sequence[Locale]) -> list[Conflict]:
    """Every conflict in some locales."""
    found = []
    with store.read() as transaction:
        facts = transaction.facts()
        for slug in transaction.articles():
            units = {number: (source, hash_) for number, hash_, source, _ in transaction.article(slug)[1]}
            for locale in locales:
                in_conflict = [
                    n for n, now in transaction.current(slug, locale.tag).items() if now.others and n in units
                ]
                keys = [UnitKey(slug, number, locale.tag) for number in in_conflict]
                for key, history in sorted(transaction.histories(keys).items()):
                    source, source_hash = units[key.number]
                    unit = FoundUnit(slug=slug, number=key.number, source=source, source_hash=source_hash)
                    texts = tuple(_texts(judged(history, facts)))
                    found.append(Conflict(id=unit.id, slug=slug, locale=locale.tag, source=source, texts=texts))
    return found


def _texts(history: UnitHistory) -> Iterator[ConflictText]:
    """The open texts of a unit, none twice, the current one first."""
    heads, rivals = open_texts(history)
    seen: set[str] = set()
    for place, event in enumerate((*heads, *rivals)):
        body = event.body
        if body["target"] not in seen:
            seen.add(body["target"])
            yield ConflictText(
                event=event.hash,
                by=body["by"],
                target=body["target"],
                on=event.time[:10],
                current=place == 0 and bool(heads),
            )


def choose(
    workspace: Workspace, store: Store, *, id_: str, locale: Locale, place: int, by: str, reason: str
) -> ConflictText:
    """Make the text at a place of its conflict the current one. Raises PolicyError if there is none, or none such."""
    with store.write() as transaction:
        unit = find_unit(transaction, id_)
        history = judged(transaction.histories([unit.key(locale)])[unit.key(locale)], transaction.facts())
        texts = list(_texts(history))
        if len(texts) < 2:
            raise PolicyError(f"{id_} in {locale}: there is no conflict to settle")
        if not 1 <= place <= len(texts):
            raise PolicyError(f"{id_} in {locale}: there is no text {place}: `signoff conflicts` numbers {len(texts)}")
        chosen = texts[place - 1]
        # All that she could see, and the choices that were made before: what they set aside stays so.
        seen = [
            event.hash
            for event in history.events
            if event.kind in (EventKind.TEXT, EventKind.EDITORIAL, EventKind.CHOICE) or is_rival(event)
        ]
        body = unit.about(locale) | {
            "chosen": chosen.event,
            "target": chosen.target,
            "target_hash": text_hash(chosen.target),
            "supersedes": [hash_ for hash_ in seen if hash_ != chosen.event],
            "reason": in_words(reason),
        }
        act(workspace, transaction, EventKind.CHOICE, body, by)
    return chosen


# -- questions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """What a reviewer asks on a unit."""

    id: str
    number: int
    slug: str
    locale: str
    source: str
    target: str
    by: str
    on: str
    about: str
    """`translation` or `english`."""
    question: str
    event: str


def open_questions_in(store: Store, locales: Sequence[Locale]) -> list[OpenQuestion]:
    """Every open question in some locales, the oldest of each article first; those on the English before the others."""
    with store.read() as transaction:
        slugs = transaction.articles()
        found = [q for slug in slugs for locale in locales for q in questions_on(transaction, slug, locale)]
    return sorted(found, key=lambda question: question.about != "english")


def questions_on(transaction: Transaction, slug: str, locale: Locale) -> list[OpenQuestion]:
    """The open questions on an article in a locale, by sentence, the oldest of each first."""
    current = transaction.current(slug, locale.tag)
    asked = [number for number, now in current.items() if now.questions]
    if not asked:
        return []
    facts = transaction.facts()
    units = {
        number: FoundUnit(slug=slug, number=number, source=source, source_hash=source_hash)
        for number, source_hash, source, _ in transaction.article(slug)[1]
    }
    histories = transaction.histories(UnitKey(slug, number, locale.tag) for number in asked if number in units)
    return [
        OpenQuestion(
            id=units[key.number].id,
            number=key.number,
            slug=slug,
            locale=locale.tag,
            source=units[key.number].source,
            target=current[key.number].target,
            by=event.body["by"],
            on=event.time[:10],
            about=event.body.get("about", "translation"),
            question=event.body["question"],
            event=event.hash,
        )
        for key, history in sorted(histories.items())
        for event in open_question_events(judged(history, facts))
    ]


def answerers(workspace: Workspace) -> tuple[str, ...]:
    """Whom a question waits on: the ids of the roster's content leads."""
    return tuple(person.id for person in roster_of(workspace).values() if set(LEAD) & set(person.roles))


def answer(workspace: Workspace, store: Store, *, id_: str, locale: Locale, by: str, text: str) -> list[str]:
    """Answer all that is asked on a unit; returns the questions. Raises PolicyError if nothing is."""
    with store.write() as transaction:
        unit = find_unit(transaction, id_)
        history = judged(transaction.histories([unit.key(locale)])[unit.key(locale)], transaction.facts())
        asked = open_question_events(history)
        if not asked:
            raise PolicyError(f"{id_} in {locale}: nobody asks anything there")
        body = unit.about(locale) | {"questions": [event.hash for event in asked], "answer": in_words(text)}
        act(workspace, transaction, EventKind.ANSWER, body, by)
    return [f"{event.body['by']}: {event.body['question']}" for event in asked]


# -- signatures that are taken back ------------------------------------------------------------------------------------


def retract(store: Store, *, id_: str, locale: Locale, by: str, reason: str) -> int:
    """Take back one's own sign-offs on a unit's current text; returns how many. Raises PolicyError if there is none."""
    with store.write() as transaction:
        unit = find_unit(transaction, id_)
        facts = transaction.facts()
        history = transaction.histories([unit.key(locale)])[unit.key(locale)]
        target = current_text(judged(history, facts)).target
        mine = [event for event in standing(history, facts, target) if event.body["by"] == by]
        if not mine:
            raise PolicyError(f"{id_} in {locale}: no sign-off of {by} stands on its text")
        # One that an editorial act carried on stands on the sentence that this one was.
        for number in sorted({event.body["number"] for event in mine}):
            here = [event for event in mine if event.body["number"] == number]
            where = {"slug": here[0].body["slug"], "number": number, "locale": locale.tag}
            said = {"sign_offs": [event.hash for event in here], "by": by, "reason": in_words(reason)}
            source = {"source_hash": here[0].body["source_hash"]}
            transaction.append(EventKind.RETRACTION, where | source | said)
    return len(mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPage:
    """A page that has sign-offs which a revocation would lapse."""

    slug: str
    locale: str
    units: int
    live: bool
    """Whether the newest release has it."""


def affected_by_revocation(store: Store, person: str, since: date) -> list[AffectedPage]:
    """The pages whose sentences a person signed since a day, whether these sign-offs stand or not."""
    with store.read() as transaction:
        live = page_bodies(transaction.last_event(EventKind.RELEASE)).keys()
        units = {
            (transaction.renames.home(e.body["slug"], e.body["number"]), e.body["number"], e.body["locale"])
            for e in transaction.each_event(EventKind.SIGN_OFF)
            if e.body["by"] == person and e.time[:10] >= since.isoformat()
        }
    pages = Counter((slug, locale) for slug, _, locale in units)
    return [
        AffectedPage(slug=slug, locale=locale, units=count, live=(slug, locale) in live)
        for (slug, locale), count in sorted(pages.items())
    ]


def revoke(workspace: Workspace, store: Store, *, person: str, since: date, by: str, reason: str) -> Event:
    """Lapse all sign-offs of a person since a day, those to come too. Raises PolicyError for who may not."""
    people = roster_of(workspace)
    if by not in people or not {Role.CONTENT_LEAD, Role.PUBLISHER} & set(people[by].roles):
        raise PolicyError(f"{by} may not revoke: that is for a content lead or a publisher of the roster")
    with store.write() as transaction:
        known = {entry["id"] for entry in transaction.facts().roster_entries.values()} | people.keys()
        if person not in known:
            raise PolicyError(f"{person!r} was never on the roster")
        body = {"person": person, "since": since.isoformat(), "by": by, "reason": in_words(reason)}
        return transaction.append(EventKind.REVOCATION, body)


# -- every act ---------------------------------------------------------------------------------------------------------


def act(workspace: Workspace, transaction: Transaction, kind: EventKind, body: Mapping[str, Any], by: str) -> Event:
    """Append an act of a person. Raises PolicyError if they may not act so."""
    people = roster_of(workspace)
    on_roster(people, by)
    entry = record_roster(transaction, workspace.ledger, people)[by]
    whole = {**body, "by": by, "roster_entry": entry, **transaction.under_policy()}
    if why := why_may_not_act(kind, whole, transaction.facts()):
        raise PolicyError(f"{why}: nothing was done")
    return transaction.append(kind, whole)


def in_words(text: str) -> str:
    """What a person says, on one line. Raises PolicyError if it says nothing, or too much."""
    words = " ".join(text.split())
    if not words or len(words) > MAX_WORDS:
        raise PolicyError(f"say it in words, at most {MAX_WORDS} characters of them: it stands in the ledger for good")
    return words
