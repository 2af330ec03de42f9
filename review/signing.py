"""Sign a returned text: what the reviewer's attestation covers, the checks let pass, and she is entitled to.

Takes   a text that the merge would let her sign (merge.py), and what stands in the store of its unit
Gives   a sign-off event; or what the entry ends as instead, and why
Always  one explicit attestation, one person, one role, one pair of texts; the event holds what was found and waived
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from pipeline.export import Judges
from pipeline.model import Locale, Origin, OriginKind, Risk, Segment, Severity, Unit, text_hash, visible_text
from pipeline.store import Transaction
from pipeline.store.history import UnitHistory
from pipeline.store.ledger import EventKind
from review.due import review_due
from review.merge import Merged, Result, Verdict, approval
from review.policy import Policy, Role
from review.roster import Person
from review.signoffs import author_of, counting, in_domain, open_steps, why_not_entitled
from review.statements import Signed
from review.waivers import WaivedFinding, waived_pairs

Attest = Literal["edited", "all"]
"""What a reviewer answers for: the texts that she edited, or all that she returned."""


@dataclass(slots=True, kw_only=True)
class Signing:
    """One person's signing of one returned file."""

    transaction: Transaction
    judges: Judges
    policy: Policy
    review_within_days: int | None
    person: Person
    roster_entry: str
    attest: Attest | None
    attested_by: str
    """Who typed the command."""
    signed: Signed | None
    """Her own statement on the file."""
    slug: str
    locale: Locale
    export_id: str
    file: str
    """The hash of its bytes."""
    contexts_sent: Mapping[int, str]
    """The context hash of each segment in the article as it was sent, by number."""
    waived: Mapping[tuple[str, str], list[WaivedFinding]] | None = field(default=None, init=False)
    """By the hashes of both texts; read when the first sign-off asks."""

    def sign(
        self, segment: Segment, target: str, history: UnitHistory, merged: Merged, said: Verdict, shown: list[str]
    ) -> tuple[Result, str]:
        """Sign the text if the attestation covers it, the checks let it pass and the person is entitled.

        Gives what the entry ends as, and why. `shown` are the rival texts that stood before the reviewer's eyes.
        """
        risk, rules = self.judges.risk(segment)
        result = approval(merged, self.attest, risk=risk, verdict_ok=said is Verdict.OK)
        unit = Unit(
            segment=segment,
            target_locale=self.locale,
            target=target,
            origin=Origin(kind=OriginKind.PERSON, name=self.person.id),
        )
        findings = self.judges.findings(unit)
        errors = [f for f in findings if f.severity is Severity.ERROR]
        if why := self.transaction.facts().why_withdrawn(segment.source, target, self.locale.tag):
            return Result.HELD, f"this text was {why} (kept, not signed): write another one"
        if errors and (result is Result.SIGNED or merged.becomes_current):
            return Result.HELD, "; ".join(f.message for f in errors) + " (kept as proposed, not signed)"
        if result is Result.NEEDS_VERDICT:
            return result, f"critical ({', '.join(rules)}) and unchanged: it needs its own `ok`"
        if result is not Result.SIGNED and self.attest == "edited" and said is Verdict.OK:
            return (
                Result.NEEDS_VERDICT,
                "`ok` is written here, and --attest edited signs only changed texts: --attest all",
            )
        if result is not Result.SIGNED:
            return result, merged.reason
        body = pair_body(self.transaction, self.slug, self.locale.tag, segment, target) | {
            "context_hash": self.contexts_sent.get(segment.number, ""),
            "visible_hash": text_hash(visible_text(target)),
            "by": self.person.id,
            "role": self._role(segment, target, history, risk).value,
            "roster_entry": self.roster_entry,
            "verdict": "approved",
            "attest": self.attest,
            "attested_by": self.attested_by,
            "risk": risk.value,
            "risk_rules": list(rules),
            "export_id": self.export_id,
            "file": self.file,
            "findings": [[f.check, f.severity.value, f.message] for f in findings],
            "waived": [asdict(one) for one in self._waived().get((segment.source_hash, text_hash(target)), ())],
            "supersedes": [] if merged.becomes_current else shown,
        }
        if self.signed:
            body["statement"] = self.signed.hash
        today = self.transaction.now()[:10]
        facts = self.transaction.facts()
        if why := why_not_entitled(body, facts, today) or facts.why_revoked(self.person.id, today):
            return Result.HELD, f"{merged.reason}; not signed: {why}"
        moved = risk is Risk.CRITICAL and body["context_hash"] != segment.context_hash
        again = "; what stands before it is not what was sent: it must be confirmed in a new file" if moved else ""
        if self._signed_already(body, history):
            return Result.SIGNED, f"was signed by the same person before{again}"
        self.transaction.append(EventKind.SIGN_OFF, body)
        by_key = " with her own key" if self.signed else ""
        return Result.SIGNED, f"signed as {body['role']}{by_key}{again}"

    def _waived(self) -> Mapping[tuple[str, str], list[WaivedFinding]]:
        if self.waived is None:
            self.waived = waived_pairs(self.transaction, self.locale.tag)
        return self.waived

    def _signed_already(self, body: Mapping[str, Any], history: UnitHistory) -> bool:
        same = ("by", "role", "target_hash", "source_hash", "context_hash", "policy", "risk", "roster_entry")
        taken_back = {h for e in history.events if e.kind is EventKind.RETRACTION for h in e.body["sign_offs"]}
        within = self.review_within_days
        # In the second half of its time a sign-off can be renewed: it is due for review before it has ended.
        signed = [
            e
            for e in history.events
            if e.kind is EventKind.SIGN_OFF
            and e.hash not in taken_back
            and not (within and review_due(e.time[:10], (within + 1) // 2) < self.transaction.now()[:10])
        ]
        as_sure = [e for e in signed if e.body.get("statement") or "statement" not in body]
        return not body["supersedes"] and any(all(e.body[k] == body[k] for k in same) for e in as_sure)

    def _role(self, segment: Segment, target: str, history: UnitHistory, risk: Risk) -> Role:
        """Of a person's roles, the first that takes a step which is still open; else their first that signs at all."""
        facts = self.transaction.facts()
        given = counting(history, facts, target, segment.source_hash, demo=self.policy.demo)
        signing = [r for r in self.person.roles if any(r in step.roles for step in self.policy.steps[risk])]
        author = author_of(history, target)
        left = open_steps(given, author, facts) if given else self.policy.profile()["steps"][risk.value]
        domains = self.person.domains_on(date.fromisoformat(self.transaction.now()[:10]))
        for role in signing:
            if any(role.value in step["roles"] and in_domain(step, domains) for step in left):
                return role
        return (signing or list(self.person.roles) or [Role.AUDITOR])[0]


def pair_body(transaction: Transaction, slug: str, locale: str, segment: Segment, target: str) -> dict[str, Any]:
    """What an event on a pair of texts begins with."""
    return {
        "slug": slug,
        "number": segment.number,
        "locale": locale,
        "source": segment.source,
        "source_hash": segment.source_hash,
        "target": target,
        "target_hash": text_hash(target),
        **transaction.under_policy(),
    }
