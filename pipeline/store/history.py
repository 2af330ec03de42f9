"""What happened to one unit, and which text is current because of it.

Takes   the events about a unit, from any number of chains
Gives   its current text with origin, and whether two people's texts are in conflict
Always  a function of the set of events: the order in which chains arrived does not matter; a machine's text never
        stands before a person's
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.model import Origin, OriginKind, ReviewState, text_hash, visible_text
from pipeline.store.ledger import Event, EventKind


@dataclass(frozen=True, slots=True, order=True)
class UnitKey:
    """Which unit: a segment's article and number, and the target locale's tag."""

    slug: str
    number: int
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A text that went out in a PO file."""

    event: str
    export_id: str
    time: str
    target: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What holds for all units: the roster entries and policies that events name."""

    roster_entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the hash of the entry."""
    policies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By policy id."""
    withdrawn: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """Pairs that nobody may use any more, by `withdrawn_pair`: by whom, when and why, as a sentence."""

    def why_withdrawn(self, source: str, target: str, locale: str) -> str:
        """Why this pair of texts may not be used, as a sentence; empty if it may."""
        return self.withdrawn.get(withdrawn_pair(source, target, locale), "") if self.withdrawn else ""


def withdrawn_pair(source: str, target: str, locale: str) -> tuple[str, str, str]:
    """What a withdrawal holds for: the locale, and what a reader sees of both texts. Tags make no text a good one."""
    return locale, text_hash(visible_text(source)), text_hash(visible_text(target))


def withdrawals(events: Iterable[Event]) -> dict[tuple[str, str, str], str]:
    """The pairs that withdrawal events name; those that were withdrawn twice by the first."""
    found: dict[tuple[str, str, str], str] = {}
    for event in events:
        body = event.body
        why = f"withdrawn by {body['by']} on {event.time[:10]}: {body['reason']}"
        found.setdefault(withdrawn_pair(body["source"], body["target"], body["locale"]), why)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitHistory:
    """All that the ledger says about one unit, oldest first."""

    key: UnitKey
    exports: tuple[Exported, ...] = ()
    events: tuple[Event, ...] = ()
    """Texts, kept texts, sign-offs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """Where a unit stands: its row in the `current` table."""

    target: str
    origin: Origin
    state: ReviewState
    text_event: str = ""
    """The hash of the person's text event; empty for a machine's text."""
    others: tuple["Other", ...] = ()
    """Other people's texts that wait for somebody to choose: the unit is in conflict while there are any."""
    questions: tuple[str, ...] = ()
    """What reviewers asked and did not settle since, each "who: what"."""
    signatures: tuple[str, ...] = ()
    """The sign-off events that count for it: what the projection tells the memory. The `current` table has them not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A person's text that stands against the current one."""

    event: str
    by: str
    target: str


Projection = Callable[[UnitHistory, Facts], Current]
"""How far people have come with a unit: handed in by review/signoffs.py, since pipeline knows nothing of policy."""


def open_texts(history: UnitHistory) -> tuple[list[Event], list[Event]]:
    """People's texts that no event supersedes, oldest first: those that became current, and those in conflict."""
    superseded = {gone for event in history.events for gone in event.body.get("supersedes", ())}
    still = [event for event in history.events if event.hash not in superseded]
    heads = [event for event in still if event.kind is EventKind.TEXT]
    rivals = [event for event in still if event.kind is EventKind.KEPT and event.body["result"] == "conflict"]
    return heads, rivals


def open_questions(history: UnitHistory) -> tuple[str, ...]:
    """The questions whose asker has neither signed nor rewritten the unit since: only she can say that she is sure."""
    questions: dict[str, dict[str, None]] = {}
    for event in history.events:
        by = str(event.body["by"])
        if event.kind is EventKind.QUESTION:
            questions.setdefault(by, {})[str(event.body["question"])] = None
        elif event.kind in (EventKind.TEXT, EventKind.SIGN_OFF):
            questions.pop(by, None)
    return tuple(f"{by}: {question}" for by, asked in questions.items() for question in asked)


def replaced_by_edit(history: UnitHistory, current: Current) -> list[str]:
    """The events that a person's new text supersedes: every open text that is just the current one.

    It may have been written more than once, in two stores or by two people; all of them are edited now.
    """
    heads, rivals = open_texts(history)
    return [event.hash for event in (*heads, *rivals) if event.body["target"] == current.target]


def current_text(history: UnitHistory) -> Current:
    """The text that stands: the person's text that no later event supersedes, else the newest draft that went out.

    Two people's texts that nobody chose between (kept by a merge, or from two stores) are a conflict unless they are
    equal: the older one stays current. Whoever edits or signs the unit with both before their eyes has chosen: that
    event supersedes the other text.
    """
    heads, rivals = open_texts(history)
    if heads:
        current = Current(
            target=heads[0].body["target"],
            origin=Origin(kind=OriginKind.PERSON, name=heads[0].body["by"]),
            state=ReviewState.PROPOSED,
            text_event=heads[0].hash,
        )
    elif history.exports:
        last = history.exports[-1]
        state = ReviewState.DRAFT if last.target else ReviewState.UNTRANSLATED
        current = Current(target=last.target, origin=last.origin, state=state)
    else:
        current = Current(target="", origin=Origin(), state=ReviewState.UNTRANSLATED)
    others = tuple(
        Other(event=event.hash, by=event.body["by"], target=event.body["target"])
        for event in (*heads[1:], *rivals)
        if event.body["target"] != current.target
    )
    return replace(current, others=others, questions=open_questions(history))


def current_machine_only(history: UnitHistory, facts: Facts) -> Current:
    """The projection without people: for tools that only draft."""
    return current_text(history)
