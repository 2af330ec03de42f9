"""Findings that a named person waived or dismissed: they never return for the same two texts.

Takes   a unit's id, who acts, and why
Gives   one event in the ledger that names each finding by its check and the words it points at; or a PolicyError. For a
        sign-off, which findings on its two texts were waived when it was made, by whom and why
Always  a waiver holds for exactly one source, one target and one locale: change a character of either and the finding
        is back; whoever waives must be on the roster for the locale, in a role that signs, qualified on that day, and
        that is judged again from the ledger wherever the waiver counts

An *error* is waived: it blocks, and somebody answers for letting the text pass. A *warning* or a *note* is dismissed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.config import Workspace
from pipeline.errors import PolicyError
from pipeline.export import Judges
from pipeline.model import Finding, Locale, Severity, Unit, text_hash
from pipeline.store import Store, Transaction
from pipeline.store.history import Facts
from pipeline.store.ledger import Event, EventKind
from review.policy import Policy, policy_in_force
from review.roster import Person, on_roster, record_roster, roster_of
from review.signoffs import why_not_entitled
from review.units import todays_sentence

VERDICTS = {"waived": (Severity.ERROR,), "dismissed": (Severity.WARNING, Severity.NOTE)}
"""Which findings an act is about."""
MAX_REASON = 4000

_Pair = tuple[str, str, str]
"""Locale, hash of the source, hash of the target."""
_Named = tuple[str, str, str]
"""A finding: its check, the words of the source and of the target that it points at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waivers:
    """The waivers that count."""

    by_pair: Mapping[_Pair, frozenset[_Named]]
    events: tuple[str, ...] = ()
    """Their hashes."""


NO_WAIVERS = Waivers(by_pair={})


def read_waivers(store: Store) -> Waivers:
    """The waivers in the ledger by people who were entitled to them."""
    with store.read() as transaction:
        events = transaction.events(EventKind.WAIVER)
        return waivers_of(events, transaction.facts()) if events else NO_WAIVERS


def waivers_of(events: Iterable[Event], facts: Facts) -> Waivers:
    """Those that count."""
    by_pair: defaultdict[_Pair, set[_Named]] = defaultdict(set)
    counting = _counting(events, facts)
    for event in counting:
        body = event.body
        pair = (body["locale"], body["source_hash"], body["target_hash"])
        by_pair[pair] |= {(named["check"], named["source"], named["target"]) for named in body["findings"]}
    return Waivers(
        by_pair={pair: frozenset(named) for pair, named in by_pair.items()},
        events=tuple(event.hash for event in counting),
    )


def _counting(events: Iterable[Event], facts: Facts) -> list[Event]:
    return [event for event in events if not why_not_entitled(event.body, facts, event.time[:10])]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaivedFinding:
    """A finding that did not hold up a sign-off, since somebody answers for it; as the sign-off's event names it."""

    check: str
    source: str
    """The words of the source that it pointed at; empty for none."""
    target: str
    verdict: str
    """`waived`, an error; `dismissed`, a warning or a note."""
    by: str
    reason: str
    waiver: str
    """The hash of the event."""


def waived_pairs(transaction: Transaction, locale: str) -> dict[tuple[str, str], list[WaivedFinding]]:
    """What was waived or dismissed in a locale and counts, oldest first, by the hashes of source and target."""
    found: defaultdict[tuple[str, str], list[WaivedFinding]] = defaultdict(list)
    for event in _counting(transaction.events(EventKind.WAIVER, locale=locale), transaction.facts()):
        body = event.body
        found[body["source_hash"], body["target_hash"]] += [
            WaivedFinding(
                **{key: named[key] for key in ("check", "source", "target")},
                **{key: body[key] for key in ("verdict", "by", "reason")},
                waiver=event.hash,
            )
            for named in body["findings"]
        ]
    return dict(found)


def waived_in(sign_off: Mapping[str, Any]) -> list[WaivedFinding]:
    """What the body of a sign-off says was waived when it was made; those of the first version do not say."""
    return [WaivedFinding(**named) for named in sign_off.get("waived", ())]


def without_waived(found: tuple[Finding, ...], unit: Unit, waivers: Waivers) -> tuple[Finding, ...]:
    """The findings that nobody waived or dismissed."""
    if not found or not waivers.by_pair:
        return found
    source, target = unit.segment.source, unit.target
    gone = waivers.by_pair.get((unit.target_locale.tag, text_hash(source), text_hash(target)), frozenset())
    return tuple(finding for finding in found if _named(finding, source, target) not in gone)


def _named(finding: Finding, source: str, target: str) -> _Named:
    def words(text: str, span: tuple[int, int] | None) -> str:
        return text[slice(*span)] if span else ""

    return finding.check, words(source, finding.source_span), words(target, finding.target_span)


def waive(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    *,
    id_: str,
    locale: Locale,
    by: str,
    verdict: str,
    reason: str,
    check: str = "",
) -> tuple[Finding, ...]:
    """Waive the errors of a unit, or dismiss its warnings and notes; with `check`, only those of one check.

    Raises PolicyError if there is no such unit or finding, or if the person may not act; then nothing was done.
    """
    if not reason.strip() or len(reason) > MAX_REASON:
        raise PolicyError(f"a finding is {verdict} with a reason of 1 to {MAX_REASON} characters")
    people, policy = roster_of(workspace), policy_in_force(workspace)
    on_roster(people, by)
    with store.write() as transaction:
        entry = record_roster(transaction, workspace.ledger, people)[by]
        unit = _unit(transaction, id_, locale)
        found = [f for f in judges.findings(unit) if f.severity in VERDICTS[verdict] and check in ("", f.check)]
        if not found:
            kinds = " or ".join(severity.value for severity in VERDICTS[verdict])
            raise PolicyError(f"{id_} in {locale} has no {kinds}{f' of {check}' if check else ''}: nothing to do")
        body = waiver_body(unit, found, people[by], entry, policy) | {"verdict": verdict, "reason": reason}
        body |= transaction.under_policy()
        if why := why_not_entitled(body, transaction.facts(), transaction.now()[:10]):
            raise PolicyError(f"nothing was {verdict}: {why}")
        transaction.append(EventKind.WAIVER, body)
    return tuple(found)


def _unit(transaction: Transaction, id_: str, locale: Locale) -> Unit:
    _, segment = todays_sentence(transaction, id_)
    current = transaction.current(segment.slug, locale.tag).get(segment.number)
    if current is None or not current.target:
        raise PolicyError(f"{id_} has no text in {locale} yet: signoff run")
    return Unit(segment=segment, target_locale=locale, target=current.target, origin=current.origin)


def waiver_body(unit: Unit, found: list[Finding], person: Person, entry: str, policy: Policy) -> dict[str, Any]:
    """The event, without verdict and reason."""
    source, target = unit.segment.source, unit.target
    signing = {role for steps in policy.steps.values() for step in steps for role in step.roles}
    role = next((role for role in person.roles if role in signing), person.roles[0])
    return {
        "slug": unit.segment.slug,
        "number": unit.segment.number,
        "locale": unit.target_locale.tag,
        "source": source,
        "source_hash": text_hash(source),
        "target": target,
        "target_hash": text_hash(target),
        "by": person.id,
        "role": role.value,
        "roster_entry": entry,
        "findings": [
            dict(zip(("check", "source", "target"), _named(finding, source, target), strict=True)) for finding in found
        ],
    }
