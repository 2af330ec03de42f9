"""Findings that a named person waived or dismissed: they never return for the same two texts.

Takes   a unit's id, who acts, and why
Gives   one event in the ledger that names each finding by its check and the words it points at; or a PolicyError
Always  a waiver holds for exactly one source, one target and one locale: change a character of either and the finding
        is back; whoever waives must be on the roster for the locale, in a role that signs, qualified on that day, and
        that is judged again from the ledger wherever the waiver counts

An *error* is waived: it blocks, and somebody answers for letting the text pass. A *warning* or a *note* is dismissed.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.articles import find_articles, known_article, numbered_article, read_article, slug_of
from pipeline.config import Workspace
from pipeline.errors import ArticleError, PolicyError
from pipeline.export import Judges
from pipeline.model import Finding, Locale, Segment, Severity, Unit, slug_in_id, text_hash
from pipeline.store import Store, Transaction
from pipeline.store.history import Facts
from pipeline.store.ledger import Event, EventKind
from review.policy import Policy, policy_in_force
from review.roster import Person, record_roster, roster_of
from review.signoffs import why_not_entitled

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


def waivers_of(events: list[Event], facts: Facts) -> Waivers:
    """Those that count."""
    by_pair: defaultdict[_Pair, set[_Named]] = defaultdict(set)
    counting = [event for event in events if not why_not_entitled(event.body, facts, event.time[:10])]
    for event in counting:
        body = event.body
        pair = (body["locale"], body["source_hash"], body["target_hash"])
        by_pair[pair] |= {(named["check"], named["source"], named["target"]) for named in body["findings"]}
    return Waivers(
        by_pair={pair: frozenset(named) for pair, named in by_pair.items()},
        events=tuple(event.hash for event in counting),
    )


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
    people, policy = roster_of(workspace), policy_in_force(workspace.settings.policy, demo=workspace.settings.demo)
    if by not in people:
        raise PolicyError(f"{by} is not on the roster in signoff.toml")
    with store.write() as transaction:
        entry = record_roster(transaction, workspace.ledger, people, policy)[by]
        unit = _unit(workspace, transaction, id_, locale)
        found = [f for f in judges.findings(unit) if f.severity in VERDICTS[verdict] and check in ("", f.check)]
        if not found:
            kinds = " or ".join(severity.value for severity in VERDICTS[verdict])
            raise PolicyError(f"{id_} in {locale} has no {kinds}{f' of {check}' if check else ''}: nothing to do")
        body = _body(unit, found, people[by], entry, policy) | {"verdict": verdict, "reason": reason}
        if why := why_not_entitled(body, transaction.facts(), transaction.now()[:10]):
            raise PolicyError(f"nothing was {verdict}: {why}")
        transaction.append(EventKind.WAIVER, body)
    return tuple(found)


def _unit(workspace: Workspace, transaction: Transaction, id_: str, locale: Locale) -> Unit:
    segment = _segment(workspace, transaction, id_)
    current = transaction.current(segment.slug, locale.tag).get(segment.number)
    if current is None or not current.target:
        raise PolicyError(f"{id_} has no text in {locale} yet: signoff run")
    return Unit(segment=segment, target_locale=locale, target=current.target, origin=current.origin)


def _segment(workspace: Workspace, transaction: Transaction, id_: str) -> Segment:
    for path in find_articles(workspace):
        if not id_.startswith(f"{slug_in_id(slug_of(workspace.source_content, path))}:"):
            continue  # every id begins so: no other article need be cut
        try:
            article, skeleton, cut = read_article(workspace, path)
        except ArticleError:  # another command says so; the sentence may stand in another article
            continue
        read = numbered_article(known_article(transaction, article.slug), article, skeleton, cut)
        if found := next((s for s in read.segments if id_ in (s.id, s.id.rpartition(":")[0])), None):
            return found
    raise PolicyError(f"no sentence of today's articles has the id {id_!r}: it stands as msgctxt in the PO file")


def _body(unit: Unit, found: list[Finding], person: Person, entry: str, policy: Policy) -> dict[str, Any]:
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
        "policy": policy.id,
        "findings": [
            dict(zip(("check", "source", "target"), _named(finding, source, target), strict=True)) for finding in found
        ],
    }
