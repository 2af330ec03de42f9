"""A sentence that stays English on purpose: a brand, an address, the name of a hotline.

Takes   a unit's id, who decides it, and why
Gives   the English as the unit's text, with the waiver and the sign-off of that person; or a PolicyError, and nothing
Always  it is signed like any other text: by everybody that the policy asks for, each typing the same; pages and
        `verify` take it for English only where a sign-off that counts says so
"""

from dataclasses import asdict, dataclass
from typing import Any

from pipeline.config import Workspace
from pipeline.errors import PolicyError
from pipeline.export import Judges
from pipeline.model import Locale, Origin, OriginKind, Severity, Unit, text_hash, visible_text
from pipeline.store import Store, Transaction
from pipeline.store.history import UnitHistory, UnitKey, current_text, replaced_by_edit
from pipeline.store.ledger import EventKind
from review.acts import in_words
from review.policy import policy_in_force
from review.roster import on_roster, record_roster, roster_of
from review.signoffs import (
    IN_ENGLISH,
    author_of,
    counting,
    domains_on,
    judged,
    missing_steps,
    next_step,
    why_not_entitled,
)
from review.units import todays_sentence
from review.waivers import waived_pairs, waiver_body


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEnglish:
    """What was decided."""

    id: str
    locale: str
    text: str
    role: str
    still_needs: tuple[str, ...]
    """Who must decide the same before it is published."""


def keep_english(
    workspace: Workspace,
    store: Store,
    judges: Judges,
    *,
    id_: str,
    locale: Locale,
    by: str,
    reason: str,
    entered_by: str,
) -> KeptEnglish:
    """Keep a sentence in English, and sign that. Raises PolicyError if the person may not, or has done so."""
    people = roster_of(workspace)
    policy = policy_in_force(workspace)
    reason = in_words(reason)
    on_roster(people, by)
    with store.write() as transaction:
        _, segment = todays_sentence(transaction, id_)
        key = UnitKey(segment.slug, segment.number, locale.tag)
        risk, rules = judges.risk(segment)
        entry = record_roster(transaction, workspace.ledger, people)[by]
        under = transaction.under_policy()
        facts, today = transaction.facts(), transaction.now()[:10]
        history = judged(transaction.histories([key])[key], facts)
        english = text_hash(segment.source)
        pair: dict[str, Any] = {
            "slug": segment.slug,
            "number": segment.number,
            "locale": locale.tag,
            "source": segment.source,
            "source_hash": segment.source_hash,
            "target": segment.source,
            "target_hash": english,
            "by": by,
            **under,
        }
        if why := facts.why_withdrawn(segment.source, segment.source, locale.tag):
            raise PolicyError(f"{id_} in {locale}: its English was {why}")
        history = _with_english(transaction, history, pair)
        step = next_step(segment, history, facts, risk, policy.profile(), demo=policy.demo)
        if step is None:
            raise PolicyError(f"{id_} in {locale}: is kept in English already, and signed by everybody it needs")
        roles = [role.value for role in people[by].roles]
        if not step.may_be_taken(by, roles, domains_on(facts.roster_entries[entry], today)):
            fits = " or ".join(step.step["roles"])
            raise PolicyError(f"{id_} in {locale}: it needs a {fits} who has not signed it yet")
        role = next(role for role in roles if role in step.step["roles"])
        unit = Unit(
            segment=segment,
            target_locale=locale,
            target=segment.source,
            origin=Origin(kind=OriginKind.PERSON, name=by),
        )
        found = judges.findings(unit)
        if errors := [f for f in found if f.severity is Severity.ERROR]:
            waiver = waiver_body(unit, errors, people[by], entry, policy) | {"verdict": "waived", "reason": reason}
            transaction.append(EventKind.WAIVER, {**waiver, **under})
        body = pair | {
            "context_hash": segment.context_hash,
            "visible_hash": text_hash(visible_text(segment.source)),
            "role": role,
            "roster_entry": entry,
            "verdict": "approved",
            "attest": "edited",
            "attested_by": entered_by,
            "risk": risk.value,
            "risk_rules": list(rules),
            "findings": [[f.check, f.severity.value, f.message] for f in found],
            "waived": [
                asdict(one) for one in waived_pairs(transaction, locale.tag).get((segment.source_hash, english), ())
            ],
            "supersedes": [],
            IN_ENGLISH: reason,
        }
        if why := why_not_entitled(body, facts, today) or facts.why_revoked(by, today):
            raise PolicyError(f"{id_} in {locale}: {why}: nothing was done")
        transaction.append(EventKind.SIGN_OFF, body)
        history = judged(transaction.histories([key])[key], facts)
        signed = counting(history, facts, segment.source, segment.source_hash, demo=policy.demo)
        needs = missing_steps(signed, author_of(history, segment.source), facts)
    text = visible_text(segment.source)
    return KeptEnglish(id=id_, locale=locale.tag, text=text, role=role, still_needs=tuple(needs))


def _with_english(transaction: Transaction, history: UnitHistory, pair: dict[str, Any]) -> UnitHistory:
    """The history with the English as the current text; the event is written if it is not that already."""
    current = current_text(history)
    if current.target == pair["target"] and current.origin.kind is OriginKind.PERSON:
        return history
    transaction.append(EventKind.TEXT, pair | {"supersedes": replaced_by_edit(history, current)})
    return judged(transaction.histories([history.key])[history.key], transaction.facts())
