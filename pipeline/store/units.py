"""Where units stand: their histories, the `current` table, and what the memory holds of them.

Takes   the events about units, the policies by which they are judged
Gives   histories, Current per unit, Facts; `current` and the memory brought up to date before a commit
Always  every row is a function of the ledger: `check_current` builds them all again and names those that differ
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.model import ReviewState, text_hash
from pipeline.store.exports import ExportTables, origin_from, origin_json
from pipeline.store.history import (
    FACTS_FROM,
    UNIT_KINDS,
    Current,
    Exported,
    Facts,
    Other,
    PolicyBook,
    Projection,
    UnitHistory,
    UnitKey,
    facts_of,
)
from pipeline.store.ledger import Event, EventKind, in_order, stored_event
from pipeline.store.memory import MemoryEntry, signed_entries, update_units
from pipeline.store.schema import CURRENT, EVENT, EXPORTED

_JUDGED = (EventKind.ANSWER, EventKind.CHOICE, EventKind.EDITORIAL, EventKind.SIGN_OFF)
"""Acts that count only if the roster entry and policy that they name allow it."""

FEW = 50
"""So many units of an article are asked for by their numbers."""


MANY = 2000
"""Units whose histories are in memory at a time: each is ten kilobytes or more, and a change of policy touches all."""


class UnitTables(ExportTables):
    """The table `current`, the signed half of the memory, and what both are judged by."""

    def __init__(
        self, connection: sa.Connection, ledger: Path, *, projection: Projection, policies: PolicyBook | None
    ) -> None:
        super().__init__(connection, ledger)
        self.projection, self.policies = projection, policies
        self._facts: Facts | None = None
        self._touched: set[UnitKey] = set()
        self._begun: dict[UnitKey, Exported] = {}
        """Units of which nothing is known but the export that this transaction has just written."""

    def facts(self) -> Facts:
        """Roster entries and policies that were ever in force."""
        if self._facts is None:
            known = self.policies.profiles if self.policies else {}
            self._facts = facts_of(self.events(*FACTS_FROM), known)
        return self._facts

    def histories(self, keys: Iterable[UnitKey]) -> dict[UnitKey, UnitHistory]:
        """What the ledger says about each of some units: of their number, and of the sentence that has it."""
        wanted = set(keys)
        begun = {key: UnitHistory(key=key, exports=(self._begun[key],)) for key in wanted & self._begun.keys()}
        wanted -= begun.keys()
        sources = self._source_hashes({key.slug for key in wanted})
        exports: dict[UnitKey, list[tuple[tuple[str, str, int], Exported]]] = {key: [] for key in wanted}
        events: dict[UnitKey, list[Event]] = {key: [] for key in wanted}
        asked: dict[tuple[str, str], dict[int, UnitKey]] = {}
        for key in wanted:
            for slug in self.renames.places(key.slug, key.number):
                asked.setdefault((slug, key.locale), {})[key.number] = key
        for (slug, locale), by_number in sorted(asked.items()):
            # Many by reading all of the article: a long list of numbers costs more than the rows that it keeps out.
            few = len(by_number) <= FEW
            exported = (
                sa.select(EXPORTED, EVENT.c.time, EVENT.c.chain, EVENT.c.seq)
                .join(EVENT, EVENT.c.hash == EXPORTED.c.event)
                .where(EXPORTED.c.slug == slug, EXPORTED.c.locale == locale)
            )
            for row in self.connection.execute(exported.where(EXPORTED.c.number.in_(by_number)) if few else exported):
                if row.number not in by_number:
                    continue
                key = by_number[row.number]
                if row.source_hash != sources.get((key.slug, key.number), row.source_hash):
                    continue
                out = Exported(
                    event=row.event,
                    export_id=row.export_id,
                    time=row.time,
                    target=row.target,
                    origin=origin_from(json.loads(row.origin)),
                )
                exports[key].append(((row.time, row.chain, row.seq), out))
            said = sa.select(EVENT.c.line, EVENT.c.hash, EVENT.c.number).where(
                EVENT.c.slug == slug, EVENT.c.locale == locale, EVENT.c.kind.in_([kind.value for kind in UNIT_KINDS])
            )
            for row in self.connection.execute(said.where(EVENT.c.number.in_(by_number)) if few else said):
                if row.number not in by_number:
                    continue
                key = by_number[row.number]
                event = stored_event(row.line, row.hash)
                said_of = event.body.get("source_hash") or text_hash(event.body["source"])
                if said_of == sources.get((key.slug, key.number), said_of):
                    events[key].append(event)
        found = begun | {
            key: UnitHistory(
                key=key,
                exports=tuple(out for _, out in sorted(exports[key], key=lambda pair: pair[0])),
                events=tuple(in_order(events[key])),
            )
            for key in wanted
        }
        return self._with_formers(found)

    def _with_formers(self, found: dict[UnitKey, UnitHistory]) -> dict[UnitKey, UnitHistory]:
        """With the histories of what units were before an editorial change; a former number is always lower."""
        named = {
            (key, UnitKey(key.slug, event.body["former"], key.locale))
            for key, history in found.items()
            for event in history.events
            if event.kind is EventKind.EDITORIAL and 0 < event.body["former"] < key.number
        }
        if named:
            known = self.histories({former for _, former in named})
            for key in {key for key, _ in named}:
                formers = {former.number: known[former] for heir, former in named if heir == key}
                found[key] = replace(found[key], formers=formers)
        return found

    def judge(self, history: UnitHistory) -> Current:
        """Where a unit stands by its history."""
        return self.projection(history, self.facts())

    def current(self, slug: str, locale: str) -> dict[int, Current]:
        """Where the units of an article stand in a locale, by segment number."""
        rows = self.connection.execute(sa.select(CURRENT).where(CURRENT.c.slug == slug, CURRENT.c.locale == locale))
        return {row.number: _current(row) for row in rows}

    def locales_of(self, slug: str) -> list[str]:
        """The target locales in which an article has or had texts, sorted."""
        return list(
            self.connection.execute(
                sa.select(CURRENT.c.locale).where(CURRENT.c.slug == slug).distinct().order_by(CURRENT.c.locale)
            ).scalars()
        )

    def without_text(self) -> dict[tuple[str, str], set[int]]:
        """The units that went out without a text, by article and locale."""
        query = sa.select(CURRENT.c.slug, CURRENT.c.locale, CURRENT.c.number).where(CURRENT.c.target == "")
        found: dict[tuple[str, str], set[int]] = {}
        for row in self.connection.execute(query):
            found.setdefault((row.slug, row.locale), set()).add(row.number)
        return found

    # -- before the commit --------------------------------------------------------------------------------------------

    def touch_signed(self) -> None:
        """Have every unit that stands signed judged again before the commit, and so put into the memory."""
        signed = sa.select(CURRENT.c.slug, CURRENT.c.number, CURRENT.c.locale)
        rows = self.connection.execute(signed.where(CURRENT.c.state == ReviewState.SIGNED_OFF.value))
        self._touched |= {UnitKey(row.slug, row.number, row.locale) for row in rows}

    def touch_judged(self) -> None:
        """Have every unit that somebody acted on judged again before the commit."""
        self._touched |= self._units(EVENT.c.kind.in_([kind.value for kind in _JUDGED]))

    def _units(self, *conditions: sa.ColumnElement[bool]) -> set[UnitKey]:
        """The units of some events."""
        query = sa.select(EVENT.c.slug, EVENT.c.number, EVENT.c.locale).distinct()
        rows = self.connection.execute(query.where(EVENT.c.number > 0, *conditions))
        return {UnitKey(row.slug, row.number, row.locale) for row in rows}

    def project(self) -> None:
        """Bring `current` up to date for the units that this transaction touched. Called before the commit."""
        touched, self._touched = self._touched, set()
        if not touched:
            return
        at_home = self._with_heirs(self._at_home(touched))
        known = (at_home | touched) - self._begun.keys()
        if known:
            gone = sa.text("DELETE FROM current WHERE slug = :s AND number = :n AND locale = :l")
            places = [{"s": key.slug, "n": key.number, "l": key.locale} for key in known]
            self.connection.execute(gone, places)
        left = known - at_home  # where a renamed article had them
        update_units(self.connection, {(k.slug, k.number, k.locale): None for k in left})
        for some in _whole_articles(at_home):
            self._project(some)

    def _project(self, keys: set[UnitKey]) -> None:
        """The rows of `current`, and what the memory holds, of some units that have no row."""
        facts = self.facts()
        sources = self._source_hashes({key.slug for key in keys})
        histories = self.histories(keys)
        stand = {key: self.projection(history, facts) for key, history in histories.items()}
        self.connection.execute(
            CURRENT.insert(), [_current_row(key, current, sources) for key, current in stand.items()]
        )
        memory = {key: _memory_entry(histories[key], stand[key]) for key in keys - self._begun.keys()}
        update_units(self.connection, {(k.slug, k.number, k.locale): entry for k, entry in memory.items()})

    def _with_heirs(self, keys: set[UnitKey]) -> set[UnitKey]:
        """With the units that take sign-offs over from these, since an edit of the English changed nothing."""
        heirs = [
            (UnitKey(e.body["slug"], e.body["former"], e.body["locale"]), e.body["number"])
            for e in self.events(EventKind.EDITORIAL)
        ]
        found = set(keys)
        for former, number in sorted(heirs, key=lambda pair: pair[1]):  # a former number is always lower
            home = self._at_home([former]).pop()
            if home in found:
                found.add(UnitKey(home.slug, number, home.locale))
        return found

    def _at_home(self, keys: Iterable[UnitKey]) -> set[UnitKey]:
        """Units under the slug that they have now."""
        return {UnitKey(self.renames.home(key.slug, key.number), key.number, key.locale) for key in keys}

    def check_current(self) -> list[str]:
        """Rebuild every row of `current` from the events and name those that differ."""
        rows = {
            UnitKey(row.slug, row.number, row.locale): dict(row._mapping)
            for row in self.connection.execute(sa.select(CURRENT))
        }
        keys = {
            UnitKey(row.slug, row.number, row.locale)
            for row in self.connection.execute(
                sa.union(
                    sa.select(EXPORTED.c.slug, EXPORTED.c.number, EXPORTED.c.locale),
                    sa.select(EVENT.c.slug, EVENT.c.number, EVENT.c.locale).where(
                        EVENT.c.kind.in_([kind.value for kind in UNIT_KINDS]), EVENT.c.number > 0
                    ),
                )
            )
        }
        keys = self._at_home(keys)
        facts = self.facts()
        histories = self.histories(keys)
        sources = self._source_hashes({key.slug for key in keys})
        stand = {key: self.projection(history, facts) for key, history in sorted(histories.items())}
        wrong = [
            f"{key.slug}:{key.number:04d} in {key.locale}: the cached state is not what the ledger says"
            for key, current in stand.items()
            if rows.get(key) != _current_row(key, current, sources)
        ]
        signed = {key: entry for key in stand if (entry := _memory_entry(histories[key], stand[key]))}
        remembered = {UnitKey(e.slug, e.number, e.locale): e for e in signed_entries(self.connection)}
        wrong += [
            f"{key.slug}:{key.number:04d} in {key.locale}: the translation memory is not what the ledger says"
            for key in sorted(signed.keys() | remembered.keys())
            if signed.get(key) != remembered.get(key)
        ]
        return wrong + [
            f"{key.slug}:{key.number:04d} in {key.locale}: not in the ledger" for key in rows if key not in keys
        ]


def _whole_articles(keys: Iterable[UnitKey]) -> Iterator[set[UnitKey]]:
    """Units in portions of about `MANY`, those of an article together: they are read, and lead to one another."""
    portion: set[UnitKey] = set()
    for _, of_article in groupby(sorted(keys, key=lambda key: key.slug), key=lambda key: key.slug):
        portion.update(of_article)
        if len(portion) >= MANY:
            yield portion
            portion = set()
    if portion:
        yield portion


def _memory_entry(history: UnitHistory, current: Current) -> MemoryEntry | None:
    """What the memory holds of a unit: its text while it stands signed off; None otherwise."""
    if current.state is not ReviewState.SIGNED_OFF:
        return None
    signed = [event for event in history.sign_offs() if event.hash in current.signatures]
    last = signed[-1].body
    # An editorial event names today's English for sign-offs that name the former one.
    own = [e.body for e in history.events if e.kind in (EventKind.EDITORIAL, EventKind.SIGN_OFF)]
    pair = [body for body in own if body["target"] == current.target][-1]
    return MemoryEntry(
        source_hash=pair["source_hash"],
        source=pair["source"],
        locale=history.key.locale,
        target=current.target,
        slug=history.key.slug,
        number=history.key.number,
        context_hash=last["context_hash"],
        provenance={
            "policy": last["policy"],
            "signatures": [
                {"by": event.body["by"], "role": event.body["role"], "time": event.time} for event in signed
            ],
        },
    )


def _current_row(key: UnitKey, current: Current, sources: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    return {
        "slug": key.slug,
        "number": key.number,
        "locale": key.locale,
        "source_hash": sources.get((key.slug, key.number), ""),
        "target": current.target,
        "origin": json.dumps(origin_json(current.origin), sort_keys=True),
        "state": current.state.value,
        "text_event": current.text_event,
        "questions": json.dumps([*current.questions, *current.answers])
        if current.questions or current.answers
        else "[]",
        "others": json.dumps([[o.event, o.by, o.target] for o in current.others]) if current.others else "[]",
    }


def _current(row: sa.Row[Any]) -> Current:
    questions = json.loads(row.questions)  # open ones are texts, answered ones pairs
    return Current(
        target=row.target,
        origin=origin_from(json.loads(row.origin)),
        state=ReviewState(row.state),
        text_event=row.text_event,
        questions=tuple(open_ for open_ in questions if isinstance(open_, str)),
        answers=tuple((asked[0], asked[1]) for asked in questions if isinstance(asked, list)),
        others=tuple(Other(event=event, by=by, target=target) for event, by, target in json.loads(row.others)),
    )
