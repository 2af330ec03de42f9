"""What people do to a unit beside signing it: choose between two texts, answer a question, take a signature back, say
that an edit of the English changed nothing.

Takes   a unit's id, who acts, and why
Gives   one event of theirs in the ledger; or a PolicyError that says why it may not be, and nothing is done
Always  whoever acts is on the roster and may act so; that is judged again from the ledger wherever the act counts
        (signoffs.py, `judged`), so that a line from elsewhere is worth no more than its person
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.articles import ReadArticle, recorded_article
from pipeline.changes import word_changes
from pipeline.config import Workspace
from pipeline.errors import PolicyError
from pipeline.export import Judges
from pipeline.model import Locale, Origin, OriginKind, Risk, Segment, Severity, Unit, slug_in_id, tags_of, text_hash
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
from review.policy import Role, policy_in_force
from review.roster import record_roster, roster_of
from review.signoffs import judged, standing, why_may_not_act

MAX_WORDS = 4000
"""Characters of a reason or an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundUnit:
    """The segment that an id names."""

    slug: str
    number: int
    source: str
    source_hash: str

    @property
    def id(self) -> str:
        """As in a PO file's msgctxt."""
        return f"{slug_in_id(self.slug)}:{self.number:04d}:{self.source_hash[:8]}"

    def key(self, locale: Locale) -> UnitKey:
        """The unit in a locale."""
        return UnitKey(self.slug, self.number, locale.tag)

    def about(self, locale: Locale) -> dict[str, Any]:
        """How events name it."""
        where = {"slug": self.slug, "number": self.number, "locale": locale.tag}
        return where | {"source_hash": self.source_hash}


def find_unit(transaction: Transaction, id_: str) -> FoundUnit:
    """The segment of an id, `first:0004:9e731582` or `first:0004`: a number is never used again. Raises PolicyError."""
    for slug in transaction.articles():
        if id_.startswith(f"{slug_in_id(slug)}:"):
            for number, source_hash, source, _ in transaction.article(slug)[1]:
                found = FoundUnit(slug=slug, number=number, source=source, source_hash=source_hash)
                if id_ in (found.id, found.id.rpartition(":")[0]):
                    return found
    raise PolicyError(
        f"no sentence has the id {id_!r}: it stands as msgctxt in the PO file, and in `signoff conflicts`"
    )


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
            "reason": _words(reason),
        }
        _act(workspace, transaction, EventKind.CHOICE, body, by)
    return chosen


# -- questions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """What a reviewer asks on a unit."""

    id: str
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
    found = []
    with store.read() as transaction:
        facts = transaction.facts()
        for slug in transaction.articles():
            units = {number: (source, hash_) for number, hash_, source, _ in transaction.article(slug)[1]}
            for locale in locales:
                current = transaction.current(slug, locale.tag)
                asked = [UnitKey(slug, n, locale.tag) for n, now in current.items() if now.questions and n in units]
                for key, history in sorted(transaction.histories(asked).items()):
                    source, source_hash = units[key.number]
                    unit = FoundUnit(slug=slug, number=key.number, source=source, source_hash=source_hash)
                    found += [
                        OpenQuestion(
                            id=unit.id,
                            slug=slug,
                            locale=locale.tag,
                            source=source,
                            target=current[key.number].target,
                            by=event.body["by"],
                            on=event.time[:10],
                            about=event.body.get("about", "translation"),
                            question=event.body["question"],
                            event=event.hash,
                        )
                        for event in open_question_events(judged(history, facts))
                    ]
    return sorted(found, key=lambda question: question.about != "english")


def answer(workspace: Workspace, store: Store, *, id_: str, locale: Locale, by: str, text: str) -> list[str]:
    """Answer all that is asked on a unit; returns the questions. Raises PolicyError if nothing is."""
    with store.write() as transaction:
        unit = find_unit(transaction, id_)
        history = judged(transaction.histories([unit.key(locale)])[unit.key(locale)], transaction.facts())
        asked = open_question_events(history)
        if not asked:
            raise PolicyError(f"{id_} in {locale}: nobody asks anything there")
        body = unit.about(locale) | {"questions": [event.hash for event in asked], "answer": _words(text)}
        _act(workspace, transaction, EventKind.ANSWER, body, by)
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
            said = {"sign_offs": [event.hash for event in here], "by": by, "reason": _words(reason)}
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
        releases = transaction.events(EventKind.RELEASE)
        live = {(page["slug"], page["locale"]) for page in releases[-1].body["pages"]} if releases else set()
        units = {
            (transaction.renames.home(e.body["slug"], e.body["number"]), e.body["number"], e.body["locale"])
            for e in transaction.events(EventKind.SIGN_OFF)
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
        body = {"person": person, "since": since.isoformat(), "by": by, "reason": _words(reason)}
        return transaction.append(EventKind.REVOCATION, body)


# -- an edit of the English that changes nothing -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOn:
    """A text whose sign-offs go on for the new English."""

    locale: str
    target: str
    signed_by: tuple[str, ...]


def editorial(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    *,
    id_: str,
    locales: Sequence[Locale],
    by: str,
    reason: str,
) -> list[CarriedOn]:
    """Declare that the edit which made this sentence changed nothing: its former text and sign-offs go on.

    Raises PolicyError if there is no single sentence that it was, if digits, units, a negation, a tag or a term moved,
    or if in none of the locales a signed text of the former English waits for it.
    """
    with store.write() as transaction:
        unit = find_unit(transaction, id_)
        read = recorded_article(transaction, unit.slug)
        segment = next((s for s in read.segments if s.number == unit.number), None) if read else None
        if read is None or segment is None:
            raise PolicyError(f"{id_} is not in today's English: signoff run")
        line = _line_of(read, segment)
        carried = []
        for locale in locales:
            histories = transaction.histories([UnitKey(unit.slug, number, locale.tag) for number in line])
            facts = transaction.facts()
            for former in line:
                history = judged(histories[UnitKey(unit.slug, former, locale.tag)], facts)
                target = current_text(history).target
                if signed := standing(history, facts, target):
                    _refuse_change(judges, read, former, segment, target, signed, locale)
                    carried.append(
                        _carry(workspace, transaction, unit, locale, read, former, target, signed, by, reason)
                    )
                    break
    if not carried:
        named = ", ".join(map(str, locales))
        raise PolicyError(f"{id_}: in {named} no signed text of the former English waits for this sentence")
    return carried


def _line_of(read: ReadArticle, segment: Segment) -> list[int]:
    """The sentences that a segment was, the newest first. Raises PolicyError unless each came from one alone."""
    line, number = [], segment.number
    while before := read.predecessors.get(number, ()):
        heirs = [s for s in read.segments if before[0] in read.predecessors.get(s.number, ())]
        if len(before) > 1 or len(heirs) > 1 or before[0] in line or before[0] >= number:
            raise PolicyError(f"{segment.id} was split or merged: somebody must read it")
        number = before[0]
        line.append(number)
    if not line:
        raise PolicyError(f"{segment.id} is no edit of another sentence")
    return line


def _refuse_change(
    judges: Judges,
    read: ReadArticle,
    former: int,
    segment: Segment,
    target: str,
    signed: Sequence[Event],
    locale: Locale,
) -> None:
    """Raise PolicyError unless the edit touched nothing that a reader could be harmed by."""
    was = read.former[former]
    moved = [warning.lower() for warning in word_changes(was, segment.source).warnings]
    if sorted(tag[0] for tag in tags_of(was)) != sorted(tag[0] for tag in tags_of(segment.source)):
        moved.append("a tag changed")
    if was == segment.source:
        moved.append("what a tag stands for changed")
    if set(judges.terms(was, locale)) != set(judges.terms(segment.source, locale)):
        moved.append("a term changed")
    rules = judges.risk(segment)[0]
    if rules is Risk.CRITICAL and all(event.body["risk"] != Risk.CRITICAL.value for event in signed):
        moved.append("it was signed as standard and is critical now")
    unit = Unit(
        segment=segment, target_locale=locale, target=target, origin=Origin(kind=OriginKind.PERSON, name="former")
    )
    moved += [f.message for f in judges.findings(unit) if f.severity is Severity.ERROR]
    if moved:
        raise PolicyError(f"{segment.id} in {locale}: this is more than an editorial change: {', '.join(moved)}")


def _carry(
    workspace: Workspace,
    transaction: Transaction,
    unit: FoundUnit,
    locale: Locale,
    read: ReadArticle,
    former: int,
    target: str,
    signed: Sequence[Event],
    by: str,
    reason: str,
) -> CarriedOn:
    key = unit.key(locale)
    history = judged(transaction.histories([key])[key], transaction.facts())
    heads, rivals = open_texts(history)
    if heads or rivals:
        raise PolicyError(f"{unit.id} in {locale}: somebody wrote a text for the new English already: review that")
    hashes = {number: source_hash for number, source_hash, _, _ in transaction.article(unit.slug)[1]}
    body = unit.about(locale) | {
        "source": unit.source,
        "target": target,
        "target_hash": text_hash(target),
        "former": former,
        "former_source": read.former[former],
        "former_source_hash": hashes[former],
        "sign_offs": [event.hash for event in signed],
        "supersedes": [],
        "reason": _words(reason),
    }
    _act(workspace, transaction, EventKind.EDITORIAL, body, by)
    people = tuple(dict.fromkeys(str(event.body["by"]) for event in signed))
    return CarriedOn(locale=locale.tag, target=target, signed_by=people)


# -- every act ---------------------------------------------------------------------------------------------------------


def _act(workspace: Workspace, transaction: Transaction, kind: EventKind, body: Mapping[str, Any], by: str) -> Event:
    """Append an act of a person. Raises PolicyError if they may not act so."""
    people = roster_of(workspace)
    policy = policy_in_force(workspace.settings.policy, demo=workspace.settings.demo)
    if by not in people:
        raise PolicyError(f"{by!r} is not on the roster; there are: {_list(people)}")
    entry = record_roster(transaction, workspace.ledger, people, policy)[by]
    whole = {**body, "by": by, "roster_entry": entry, "policy": policy.id}
    if why := why_may_not_act(kind, whole, transaction.facts()):
        raise PolicyError(f"{why}: nothing was done")
    return transaction.append(kind, whole)


def _words(text: str) -> str:
    """What a person says, on one line. Raises PolicyError if it says nothing, or too much."""
    words = " ".join(text.split())
    if not words or len(words) > MAX_WORDS:
        raise PolicyError(f"say it in words, at most {MAX_WORDS} characters of them: it stands in the ledger for good")
    return words


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "nobody yet: add [[person]] to signoff.toml"
