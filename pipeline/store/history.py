"""What happened to one unit, and which text is current because of it.

Takes   the events about a unit, from any number of chains
Gives   its current text with origin, and whether two people's texts are in conflict
Always  a function of the set of events: the order in which chains arrived does not matter; a machine's text never
        stands before a person's
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.model import Origin, OriginKind, ReviewState, text_hash, visible_text
from pipeline.store.ledger import Event, EventKind, digest

UNIT_KINDS = (
    EventKind.TEXT,
    EventKind.KEPT,
    EventKind.QUESTION,
    EventKind.ANSWER,
    EventKind.CHOICE,
    EventKind.EDITORIAL,
    EventKind.SIGN_OFF,
    EventKind.RETRACTION,
)
"""What can be said of one unit."""


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
class PolicyBook:
    """The policies that a workspace knows; handed in by review/policy.py, since pipeline knows nothing of policy."""

    in_force: str
    """The id of the one that every new event names."""
    profiles: Mapping[str, Mapping[str, Any]]
    """By id. A policy that only a ledger knows is none: else a line from elsewhere could say that nobody need sign."""
    own: frozenset[str] = frozenset()
    """The ids of those that the workspace brings itself: their files can be edited."""

    @property
    def version(self) -> str:
        """A hash of all of them: what was judged by other ones must be judged again."""
        return digest([[id_, profile] for id_, profile in sorted(self.profiles.items())])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # itself, so that what it comes to can be remembered
class Facts:
    """What holds for all units: the roster entries and policies that events name."""

    roster_entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the hash of the entry."""
    policies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By policy id: those in the ledger that are just what the policy book has under that id."""
    policy_hashes: Mapping[str, str] = field(default_factory=dict)
    """Of those, by id."""
    other_policies: frozenset[str] = frozenset()
    """Ids under which the ledger has a text that the policy book has not."""
    withdrawn: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """Pairs that nobody may use any more, by `withdrawn_pair`: by whom, when and why, as a sentence."""
    revoked: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By person: the day since when no sign-off of theirs counts, and by whom and why, as a sentence."""

    redacted: frozenset[str] = frozenset()
    """The hashes of personal fields that were erased: whoever has a copy of them must not show it."""

    def why_revoked(self, by: str, day: str) -> str:
        """Why no sign-off that a person made on a day counts, as a sentence; empty if it may."""
        since, why = self.revoked.get(by, ("", ""))
        return why if since and day >= since else ""

    def why_withdrawn(self, source: str, target: str, locale: str) -> str:
        """Why this pair of texts may not be used, as a sentence; empty if it may."""
        return self.withdrawn.get(withdrawn_pair(source, target, locale), "") if self.withdrawn else ""


def withdrawn_pair(source: str, target: str, locale: str) -> tuple[str, str, str]:
    """What a withdrawal holds for: the locale, and what a reader sees of both texts. Tags make no text a good one."""
    return locale, text_hash(visible_text(source)), text_hash(visible_text(target))


def revocations(events: Iterable[Event]) -> dict[str, tuple[str, str]]:
    """By person the earliest day that revocation events name, and why."""
    found: dict[str, tuple[str, str]] = {}
    for event in events:
        body = event.body
        why = f"all sign-offs of {body['person']} since {body['since']} were revoked by {body['by']}: {body['reason']}"
        if body["person"] not in found or body["since"] < found[body["person"]][0]:
            found[body["person"]] = (body["since"], why)
    return found


def withdrawals(events: Iterable[Event]) -> dict[tuple[str, str, str], str]:
    """The pairs that withdrawal events name; those that were withdrawn twice by the first."""
    found: dict[tuple[str, str, str], str] = {}
    for event in events:
        body = event.body
        why = f"withdrawn by {body['by']} on {event.time[:10]}: {body['reason']}"
        found.setdefault(withdrawn_pair(body["source"], body["target"], body["locale"]), why)
    return found


FACTS_FROM = (EventKind.ROSTER, EventKind.POLICY, EventKind.WITHDRAWAL, EventKind.REVOCATION, EventKind.REDACTION)


def facts_of(events: Iterable[Event], known: Mapping[str, Mapping[str, Any]]) -> Facts:
    """What the events of FACTS_FROM among some come to. `known` are the profiles of a PolicyBook."""
    entries: dict[str, Mapping[str, Any]] = {}
    policies: dict[str, Mapping[str, Any]] = {}
    others: set[str] = set()
    withdrawn: list[Event] = []
    revoked: list[Event] = []
    redacted: set[str] = set()
    for event in events:
        match event.kind:
            case EventKind.ROSTER:
                entries |= {digest(entry): entry for entry in event.body["people"]}
            case EventKind.POLICY:
                id_, profile = event.body["id"], event.body["profile"]
                if known.get(id_) == profile:
                    policies[id_] = profile
                else:
                    others.add(id_)
            case EventKind.WITHDRAWAL:
                withdrawn.append(event)
            case EventKind.REVOCATION:
                revoked.append(event)
            case EventKind.REDACTION:
                redacted |= set(event.body["personal"])
    return Facts(
        roster_entries=entries,
        policies=policies,
        policy_hashes={id_: digest(profile) for id_, profile in policies.items()},
        other_policies=frozenset(others),
        withdrawn=withdrawals(withdrawn),
        revoked=revocations(revoked),
        redacted=frozenset(redacted),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitHistory:
    """All that the ledger says about one unit, oldest first."""

    key: UnitKey
    exports: tuple[Exported, ...] = ()
    events: tuple[Event, ...] = ()
    """Those of UNIT_KINDS."""
    formers: Mapping[int, "UnitHistory"] = field(default_factory=dict)
    """By number: the histories of the sentences that this one was, as its editorial events name them."""

    def sign_offs(self) -> tuple[Event, ...]:
        """Every sign-off on it, and on what it was before an edit that changed nothing."""
        own = tuple(event for event in self.events if event.kind is EventKind.SIGN_OFF)
        return own + tuple(event for former in self.formers.values() for event in former.sign_offs())


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
    """What reviewers asked and nobody settled since, each "who: what"."""
    answers: tuple[tuple[str, str], ...] = ()
    """What was answered: (question, answer), each "who: what"."""
    withdrawn: str = ""
    """Why this text may not be used any more, as a sentence, for the file that asks for another. The `current` table
    has it not."""
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
    """People's texts that no event supersedes, oldest first: those that became current, and those in conflict.

    A text that was chosen is as one that became current. Two choices that contradict each other (made in two stores)
    leave both of their texts open: a conflict again.
    """
    choices = [event for event in history.events if event.kind is EventKind.CHOICE]
    old = {gone for event in choices for gone in event.body["supersedes"]}
    standing = [event for event in choices if event.hash not in old]
    chosen = {event.body["chosen"] for event in standing}
    replaced = {gone for event in standing for gone in event.body["supersedes"]} - chosen
    heads: list[Event] = []
    rivals: list[Event] = []
    for event in history.events:
        if event.kind is not EventKind.CHOICE:
            replaced.update(event.body.get("supersedes", ()))
        if event.kind in _TEXTS:
            heads.append(event)
        elif is_rival(event):
            (heads if event.hash in chosen else rivals).append(event)
    return [e for e in heads if e.hash not in replaced], [e for e in rivals if e.hash not in replaced]


_TEXTS = (EventKind.TEXT, EventKind.EDITORIAL)


def is_rival(event: Event) -> bool:
    """Whether it is a text that came back in conflict with the current one."""
    return event.kind is EventKind.KEPT and event.body["result"] == "conflict"


def open_question_events(history: UnitHistory) -> tuple[Event, ...]:
    """The questions that nobody answered and whose asker has neither signed nor rewritten the unit since."""
    if not _asked(history):
        return ()
    answered = {
        asked for event in history.events if event.kind is EventKind.ANSWER for asked in event.body["questions"]
    }
    questions: dict[str, list[Event]] = {}
    for event in history.events:
        if event.kind is EventKind.QUESTION and event.hash not in answered:
            questions.setdefault(str(event.body["by"]), []).append(event)
        elif event.kind in (EventKind.TEXT, EventKind.SIGN_OFF):
            questions.pop(str(event.body["by"]), None)
    return tuple(event for asked in questions.values() for event in asked)


def open_questions(history: UnitHistory) -> tuple[str, ...]:
    """Those questions, each "who: what", none twice."""
    return tuple(dict.fromkeys(f"{e.body['by']}: {e.body['question']}" for e in open_question_events(history)))


def answers(history: UnitHistory) -> tuple[tuple[str, str], ...]:
    """What was asked and answered, each (question, answer) as "who: what"."""
    asked = {e.hash: f"{e.body['by']}: {e.body['question']}" for e in _asked(history)}
    return (
        tuple(
            (asked[question], f"{event.body['by']}: {event.body['answer']}")
            for event in history.events
            if event.kind is EventKind.ANSWER
            for question in event.body["questions"]
            if question in asked
        )
        if asked
        else ()
    )


def _asked(history: UnitHistory) -> list[Event]:
    return [event for event in history.events if event.kind is EventKind.QUESTION]


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
        target, origin, state = heads[0].body["target"], _origin(history, heads[0]), ReviewState.PROPOSED
    elif history.exports:
        target, origin = history.exports[-1].target, history.exports[-1].origin
        state = ReviewState.DRAFT if target else ReviewState.UNTRANSLATED
    else:
        target, origin, state = "", Origin(), ReviewState.UNTRANSLATED
    return Current(
        target=target,
        origin=origin,
        state=state,
        text_event=heads[0].hash if heads else "",
        others=tuple(
            Other(event=event.hash, by=event.body["by"], target=event.body["target"])
            for event in (*heads[1:], *rivals)
            if event.body["target"] != target
        ),
        questions=open_questions(history),
        answers=answers(history),
    )


def _origin(history: UnitHistory, head: Event) -> Origin:
    """Who wrote a person's text; of one that an editorial event carried on, whoever wrote it for the former English."""
    if head.kind is EventKind.EDITORIAL and head.body["former"] in history.formers:
        former = current_text(history.formers[head.body["former"]])
        if former.target == head.body["target"]:
            return former.origin
    return Origin(kind=OriginKind.PERSON, name=head.body["by"])


def current_machine_only(history: UnitHistory, facts: Facts) -> Current:
    """The projection without people: for tools that only draft."""
    return current_text(history)
