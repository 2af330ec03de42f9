"""What stands signed: from what people did to a unit, by the policy they did it under.

Takes   a unit's history, roster entries and policies, all from the ledger
Gives   its review state; for publishing, evidence or the reasons that hold it back
Always  unsure means held: a sign-off counts for exactly one source and one target, by a person who was on the roster
        for that locale and role, qualified on that day; nothing here looks at the store, so `verify` judges the same
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pipeline.model import Finding, Origin, ReviewState, Risk, Segment, Severity, text_hash, visible_text
from pipeline.store.history import Current, Facts, UnitHistory, current_text, is_rival
from pipeline.store.ledger import Event, EventKind, in_order
from review.policy import Role

IN_ENGLISH = "in_english"
"""Of a sign-off, if its text is the original, kept on purpose: why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One sign-off that counts, as a reader may see it."""

    by: str
    role: str
    on: str
    """The day, `2026-01-31`."""
    entry: str
    """The hash of the roster entry."""
    attested_by: str
    event: str
    by_key: bool = False
    """Whether the person signed the returned file with a key of their own; else it rests on `attested_by`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a text may be published."""

    target: str
    origin: Origin
    signatures: tuple[Signature, ...]
    policy: str
    demo: bool
    in_english: str = ""
    """Why the text stays in the original on purpose; empty for a translation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Why a text may not be published, each reason a sentence that says who can act."""

    reasons: tuple[str, ...]


def project(history: UnitHistory, facts: Facts) -> Current:
    """The review state of a unit: the Projection that the store caches."""
    history = judged(history, facts)
    current = current_text(history)
    signatures = standing(history, facts, current.target)
    if not signatures:
        return current
    done = not missing_steps(signatures, author_of(history, current.target), facts)
    settled = done and not current.questions
    state = ReviewState.SIGNED_OFF if settled else ReviewState.REVIEWED
    return replace(current, state=state, signatures=tuple(event.hash for event in signatures))


LEAD = (Role.CONTENT_LEAD,)
WRITERS = (Role.LINGUIST, Role.REVISER, Role.MEDICAL_REVIEWER, Role.CONTENT_LEAD)

ACTS: Mapping[EventKind, tuple[Role, ...]] = {
    EventKind.ANSWER: LEAD,
    EventKind.CHOICE: WRITERS,
    EventKind.EDITORIAL: LEAD,
}
"""Who may do what besides signing. A choice between two texts is for people who are on the roster for the language."""


def judged(history: UnitHistory, facts: Facts) -> UnitHistory:
    """The history without the acts of people who may not act so: a ledger from elsewhere may hold any line."""
    if not any(event.kind in ACTS for event in history.events):
        return history
    events = tuple(e for e in history.events if e.kind not in ACTS or not why_may_not_act(e.kind, e.body, facts))
    formers = {number: judged(former, facts) for number, former in history.formers.items()}
    return replace(history, events=events, formers=formers)


def why_may_not_act(kind: EventKind, body: Mapping[str, Any], facts: Facts) -> str:
    """Why one of ACTS does not count, as a sentence; empty if it does."""
    by, entry = body["by"], facts.roster_entries.get(body["roster_entry"])
    if entry is None or entry["id"] != by:
        return f"{by} is not on the roster"
    if why := _why_no_policy(body["policy"], body.get("policy_hash"), facts):
        return why
    if entry["stand_in"] and not facts.policies[body["policy"]]["demo"]:
        return f"{by} is a stand-in, not a person"
    if not any(role.value in entry["roles"] for role in ACTS[kind]):
        return f"{by} is no {' or '.join(role.value for role in ACTS[kind])}"
    if kind is EventKind.CHOICE and body["locale"] not in entry["locales"]:
        return f"{by} is not on the roster for {body['locale']}"
    return ""


def _why_no_policy(id_: str, hash_: str | None, facts: Facts) -> str:
    """Why the policy that an act names cannot bear it out, as a sentence; empty if it can.

    `hash_` is that of the policy's text; None for an old act, which names the id alone.
    """
    if id_ not in facts.policies:
        if id_ in facts.other_policies:
            return f"policy {id_} in the ledger is not the one of that name that is known here"
        return f"policy {id_} is not in the ledger"
    if hash_ is not None and hash_ != facts.policy_hashes[id_]:
        return f"policy {id_} was another text when this was done"
    return ""


def standing(history: UnitHistory, facts: Facts, target: str) -> list[Event]:
    """The sign-offs on exactly this target text by people who were entitled to them, oldest first.

    None counts on a pair that was withdrawn, whenever it was made: such a pair is poisoned for good. Nor does one that
    its signer took back, or whose signer's were revoked. Those on the former English count if an editorial act carried
    the text on, and it was them that the act was about.
    """
    taken_back = {
        (hash_, event.body["by"])
        for event in history.events
        if event.kind is EventKind.RETRACTION
        for hash_ in event.body["sign_offs"]
    }
    target_hash = text_hash(target)
    own = [
        event
        for event in history.events
        if event.kind is EventKind.SIGN_OFF
        and event.body["target_hash"] == target_hash
        and event.body["target"] == target
        and event.body["verdict"] == "approved"
        and (event.hash, event.body["by"]) not in taken_back
        and not facts.why_revoked(event.body["by"], event.time[:10])
        and not facts.why_withdrawn(event.body["source"], target, event.body["locale"])
        and not why_not_entitled(event.body, facts, event.time[:10])
    ]
    carried = {
        event.hash: event
        for act in _carrying(history, facts, target)
        for event in standing(history.formers[act.body["former"]], facts, target)
        if act.body["former_source_hash"] == _english_of(history.formers[act.body["former"]], event)
    }
    return in_order([*own, *carried.values()]) if carried else own


def _carrying(history: UnitHistory, facts: Facts, target: str) -> list[Event]:
    """The editorial acts that carried exactly this text on to this unit."""
    return [
        event
        for event in history.events
        if event.kind is EventKind.EDITORIAL
        and event.body["target"] == target
        and event.body["former"] in history.formers
        and not facts.why_withdrawn(event.body["source"], target, event.body["locale"])
        and not why_may_not_act(event.kind, event.body, facts)
    ]


def _english_of(history: UnitHistory, sign_off: Event) -> str:
    """For which English of this very unit a sign-off counts: its own, or what an editorial act carried it on to."""
    if any(event.hash == sign_off.hash for event in history.events):
        return str(sign_off.body["source_hash"])
    acts = [e for e in history.events if e.kind is EventKind.EDITORIAL and e.body["former"] in history.formers]
    carried = [act for act in acts if sign_off in history.formers[act.body["former"]].sign_offs()]
    return str(carried[-1].body["source_hash"]) if carried else ""


def why_not_entitled(body: Mapping[str, Any], facts: Facts, day: str) -> str:
    """Why a sign-off does not count, as a sentence; empty if it does. `day` is when it was made, ISO."""
    policy = body["policy"], body.get("policy_hash")
    signed = bool(body.get("statement"))
    return _why_not_entitled(
        facts, body["roster_entry"], body["by"], body["role"], body["locale"], policy, body.get("risk"), signed, day
    )


@lru_cache(maxsize=1024)  # a person signs thousands of sentences in a day
def _why_not_entitled(
    facts: Facts,
    roster_entry: str,
    by: str,
    role: str,
    locale: str,
    named_policy: tuple[str, str | None],
    risk: str | None,
    signed: bool,
    day: str,
) -> str:
    """The same of all that counts in it: the policy's id and hash, whether it was signed with the person's own key."""
    entry = facts.roster_entries.get(roster_entry)
    if entry is None or entry["id"] != by:
        return f"{by} is not on the roster"
    if why := _why_no_policy(*named_policy, facts):
        return why
    id_, policy = named_policy[0], facts.policies[named_policy[0]]
    if entry["stand_in"] and not policy["demo"]:
        return f"{by} is a stand-in, not a person"
    if role not in entry["roles"]:
        return f"{by} is no {role}"
    if not any(role in step["roles"] for step in _all_steps(policy)):
        return f"{by} would sign as {role}, and policy {id_} asks for no such sign-off"
    if locale not in entry["locales"]:
        return f"{by} is not on the roster for {locale}"
    if risk in policy.get("signatures", ()) and not signed:  # a waiver has no risk
        return f"policy {id_} asks for a signature with {by}'s own key on a {risk} text"
    qualified_for = domains_on(entry, day)
    if not qualified_for:
        return f"{by} has no qualification that was valid on {day}"
    if not any(role in s["roles"] and in_domain(s, qualified_for) for s in _all_steps(policy)):
        asked = dict.fromkeys(d for s in _all_steps(policy) if role in s["roles"] for d in s["domains"])
        return f"{by} has no qualification for {' or '.join(asked)} that was valid on {day}"
    return ""


def _all_steps(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [step for steps in policy["steps"].values() for step in steps]


def domains_on(entry: Mapping[str, Any], day: str) -> tuple[str, ...]:
    """What each qualification of a roster entry that was valid on a day is for; empty where it does not say."""
    return tuple(
        str(q.get("domain", ""))
        for q in entry["qualifications"]
        if q["valid_from"] <= day and (not q["valid_to"] or day <= q["valid_to"])
    )


def in_domain(step: Mapping[str, Any], domains: Sequence[str]) -> bool:
    """Whether one of these domains is what a policy's step asks for: `medicine` takes `medicine/cardiology`, too."""
    asked = [wanted.casefold() for wanted in step.get("domains", ())]
    return not asked or any(
        has.casefold() == wanted or has.casefold().startswith(f"{wanted}/") for has in domains for wanted in asked
    )


def author_of(history: UnitHistory, target: str) -> str:
    """Who last wrote exactly this text; empty for a machine."""
    wrote = [
        e
        for e in history.events
        if (e.kind in (EventKind.TEXT, EventKind.EDITORIAL) or is_rival(e)) and e.body["target"] == target
    ]
    if not wrote:
        return ""
    if wrote[-1].kind is EventKind.EDITORIAL:
        former = history.formers.get(wrote[-1].body["former"])
        return author_of(former, target) if former else ""
    return str(wrote[-1].body["by"])


def missing_steps(signatures: list[Event], author: str, facts: Facts) -> list[str]:
    """The steps of the policy that nobody has taken yet, as `step_name` says them; empty when all are taken."""
    return [step_name(step) for step in open_steps(signatures, author, facts)]


def step_name(step: Mapping[str, Any]) -> str:
    """A policy's step for people to read: who may take it, for what they are qualified, and what it is called."""
    who = " or ".join(step["roles"])
    qualified = f" for {' or '.join(step['domains'])}" if step.get("domains") else ""
    return f"{who}{qualified}" + (f" ({step['name']})" if step.get("name") else "")


def open_steps(signatures: list[Event], author: str, facts: Facts) -> list[Mapping[str, Any]]:
    """The steps that nobody has taken yet of the policy that the newest of some signatures names, in its order.

    The risk is the highest that any signature was given at: a class may be raised later, never quietly lowered.
    """
    critical = any(event.body["risk"] == Risk.CRITICAL.value for event in signatures)
    risk = Risk.CRITICAL if critical else Risk.STANDARD
    signed = tuple((e.body["by"], e.body["role"], e.body["roster_entry"], e.time[:10]) for e in signatures)
    return list(_open_steps(facts, signatures[-1].body["policy"], risk, signed, author))


@lru_cache(maxsize=1024)  # the same people sign thousands of sentences
def _open_steps(
    facts: Facts, policy: str, risk: Risk, signed: tuple[tuple[str, str, str, str], ...], author: str
) -> tuple[Mapping[str, Any], ...]:
    """The same of what counts in the signatures: by whom, in which role, on which roster entry, on which day."""
    steps = facts.policies[policy]["steps"][risk.value]
    given = [(by, role, domains_on(facts.roster_entries[entry], day)) for by, role, entry, day in signed]

    def taken(index: int, used: frozenset[str]) -> tuple[int, ...]:
        """Which of the steps from `index` on can be given to different people: the most that can."""
        if index == len(steps):
            return ()
        best = taken(index + 1, used)
        for by, role, domains in given:
            fits = role in steps[index]["roles"] and (steps[index]["may_be_editor"] or by != author)
            if fits and by not in used and in_domain(steps[index], domains):
                best = max(best, (index, *taken(index + 1, used | {by})), key=len)
        return best

    done = taken(0, frozenset())
    return tuple(step for index, step in enumerate(steps) if index not in done)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What a text waits for."""

    step: Mapping[str, Any]
    """The first step of the policy that nobody has taken, as its profile has it."""
    author: str
    """Who last wrote the text; empty for a machine."""
    taken_by: frozenset[str]
    """Who took another step: each needs a person of its own."""

    def may_be_taken(self, by: str, roles: Sequence[str], domains: Sequence[str]) -> bool:
        """Whether a person with these roles, whose qualifications are for these domains, may take it."""
        fits = any(role in self.step["roles"] for role in roles) and in_domain(self.step, domains)
        return fits and by not in self.taken_by and (self.step["may_be_editor"] or by != self.author)


def next_step(
    segment: Segment, history: UnitHistory, facts: Facts, risk: Risk, profile: Mapping[str, Any], *, demo: bool
) -> NextStep | None:
    """Whose turn it is with a unit's text, in the policy's order; None when everybody has signed it where it stands.

    `profile` is that of the policy in force, for a text that nobody has signed; what is signed goes on by its own.
    """
    history = judged(history, facts)
    target = current_text(history).target
    signatures = counting(history, facts, target, segment.source_hash, demo=demo)
    if risk is Risk.CRITICAL:
        signatures = [event for event in signatures if event.body["context_hash"] == segment.context_hash]
        if all(event.body["risk"] != Risk.CRITICAL.value for event in signatures):
            signatures = []
    author = author_of(history, target)
    left = open_steps(signatures, author, facts) if signatures else profile["steps"][risk.value]
    if not left:
        return None
    return NextStep(step=left[0], author=author, taken_by=frozenset(event.body["by"] for event in signatures))


def signed_by(history: UnitHistory, facts: Facts, target: str, source_hash: str, *, demo: bool) -> list[Event]:
    """The sign-offs that make exactly this pair publishable; none unless every step of the policy was taken."""
    signatures = counting(history, facts, target, source_hash, demo=demo)
    if signatures and not missing_steps(signatures, author_of(history, target), facts):
        return signatures
    return []


def counting(history: UnitHistory, facts: Facts, target: str, source_hash: str, *, demo: bool) -> list[Event]:
    """The standing sign-offs on exactly this pair; those under a demo policy count only in a demo, and only there."""
    visible_hash = text_hash(visible_text(target))
    return [
        event
        for event in standing(history, facts, target)
        if _english_of(history, event) == source_hash
        and event.body["visible_hash"] == visible_hash
        and facts.policies[event.body["policy"]]["demo"] is demo
    ]


def may_publish(
    segment: Segment,
    history: UnitHistory,
    facts: Facts,
    findings: Callable[[Current], Iterable[Finding]],
    risk: Risk,
    *,
    demo: bool,
) -> Evidence | Held:
    """Whether a unit's text may go on a page of today's English: the gate. It fails closed.

    `findings` gives what the checks say about the current text; `risk` is the segment's class today.
    """
    history = judged(history, facts)
    current = current_text(history)
    name = f"{segment.id} in {history.key.locale}"
    if current.state is ReviewState.UNTRANSLATED:
        po = f"locales/{history.key.locale}/{segment.slug}.po"
        todo = f"no engine drafted it: a person translates it in {po}" if history.exports else "signoff run"
        return Held(reasons=(f"{name}: not translated yet: {todo}",))
    reasons = [f"{name}: {f.message} ({f.check})" for f in findings(current) if f.severity is Severity.ERROR]
    reasons += [f"{name}: an open question by {question}" for question in current.questions]
    if current.others:
        rivals = ", ".join(other.by for other in current.others)
        reasons.append(f"{name}: the text of {rivals} is in conflict with the current one: somebody must choose")
    if why := facts.why_withdrawn(segment.source, current.target, history.key.locale):
        reasons.append(f"{name}: this text was {why}: it needs another one")
    signatures = counting(history, facts, current.target, segment.source_hash, demo=demo)
    reasons += [f"{name}: {reason}" for reason in _unsigned(segment, signatures, history, facts, risk)]
    if reasons:
        return Held(reasons=tuple(reasons))
    return Evidence(
        target=current.target,
        origin=current.origin,
        signatures=signatures_of(signatures),
        policy=signatures[-1].body["policy"],
        demo=demo,
        in_english=why_in_english(signatures),
    )


def why_in_english(sign_offs: Sequence[Event]) -> str:
    """Why a text stays in the original on purpose, by the sign-offs on it that count; empty for a translation."""
    kept = [event.body for event in sign_offs if event.body.get(IN_ENGLISH)]
    return next((str(body[IN_ENGLISH]) for body in kept if body["source"] == body["target"]), "")


def to_confirm(segment: Segment, history: UnitHistory, facts: Facts, risk: Risk, *, demo: bool) -> tuple[str, ...]:
    """Why people must sign again what they signed, since it stands elsewhere today or became critical; mostly empty.

    The gate's own words, for whoever asks before publishing: the board, the reviewer's file.
    """
    current = project(history, facts)
    signatures = counting(history, facts, current.target, segment.source_hash, demo=demo)
    if current.state is ReviewState.SIGNED_OFF or (signatures and _moved(segment, signatures, risk)):
        return tuple(_unsigned(segment, signatures, history, facts, risk))
    return ()


def _moved(segment: Segment, signatures: list[Event], risk: Risk) -> bool:
    """Whether nobody signed a critical sentence as what it is, where it stands today."""
    here = [event for event in signatures if event.body["context_hash"] == segment.context_hash]
    return risk is Risk.CRITICAL and all(event.body["risk"] != Risk.CRITICAL.value for event in here)


def _unsigned(segment: Segment, signatures: list[Event], history: UnitHistory, facts: Facts, risk: Risk) -> list[str]:
    """What is missing to call the text signed, each a sentence; empty when nothing is."""
    if not signatures:
        return ["nobody has signed this text"]
    if risk is Risk.CRITICAL:
        here = [event for event in signatures if event.body["context_hash"] == segment.context_hash]
        if not here:
            return ["critical, and what stands before it changed: it must be confirmed again"]
        if all(event.body["risk"] != Risk.CRITICAL.value for event in here):
            return ["was signed as standard and is critical today: it must be signed again"]
        signatures = here
    author = author_of(history, signatures[-1].body["target"])
    return [f"still needs a {step}" for step in missing_steps(signatures, author, facts)]


def signatures_of(events: list[Event]) -> tuple[Signature, ...]:
    """Sign-off events as a reader may see them."""
    return tuple(
        Signature(
            by=event.body["by"],
            role=event.body["role"],
            on=event.time[:10],
            entry=event.body["roster_entry"],
            attested_by=event.body["attested_by"],
            event=event.hash,
            by_key=bool(event.body.get("statement")),
        )
        for event in events
    )
