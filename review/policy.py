"""Who must sign before a sentence may be published: data, versioned, named by every sign-off.

Takes   the id of a policy, which `signoff.toml` names
Gives   for each risk class the steps that different people must take, in order
Always  a published version never changes: old sign-offs are judged by the policy they name; a change is a new version
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.errors import PolicyError
from pipeline.model import Risk


class Role(StrEnum):
    """What a person may act as."""

    CONTENT_LEAD = "content lead"
    LINGUIST = "linguist"
    REVISER = "reviser"
    MEDICAL_REVIEWER = "medical reviewer"
    PUBLISHER = "publisher"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One person's act: the roles that may take it, and whether the text's last editor may."""

    roles: tuple[Role, ...]
    may_be_editor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A version of the rules. Each step needs a person of its own."""

    id: str
    title: str
    demo: bool
    """Whether stand-ins may sign; such sign-offs count only in a workspace that is marked as a demo."""
    steps: Mapping[Risk, tuple[Step, ...]]

    def profile(self) -> dict[str, Any]:
        """The policy as it stands in the ledger."""
        return {
            "title": self.title,
            "demo": self.demo,
            "steps": {
                risk.value: [
                    {"roles": [role.value for role in step.roles], "may_be_editor": step.may_be_editor}
                    for step in steps
                ]
                for risk, steps in self.steps.items()
            },
        }


_LANGUAGE = (Role.LINGUIST, Role.REVISER, Role.MEDICAL_REVIEWER)
_STEPS = {
    # One qualified person, who may sign their own post-edit of a machine draft.
    Risk.STANDARD: (Step(roles=_LANGUAGE, may_be_editor=True),),
    # Two different people, and the medical reviewer is not the last editor of that exact text.
    Risk.CRITICAL: (
        Step(roles=_LANGUAGE, may_be_editor=True),
        Step(roles=(Role.MEDICAL_REVIEWER,), may_be_editor=False),
    ),
}

POLICIES: dict[str, Policy] = {
    policy.id: policy
    for policy in (
        Policy(
            id="medical-2026-1",
            title="One qualified person for a standard sentence, two for a critical one",
            demo=False,
            steps=_STEPS,
        ),
        Policy(
            id="demo-2026-1",
            title="Like medical-2026-1, signed by stand-ins who are not people: never to be relied on",
            demo=True,
            steps=_STEPS,
        ),
    )
}


def policy_in_force(policy_id: str, *, demo: bool) -> Policy:
    """The policy that a workspace names. Raises PolicyError if unknown, or if a demo policy meets a real workspace."""
    if policy_id not in POLICIES:
        raise PolicyError(f"unknown policy {policy_id!r} in signoff.toml; there are: {', '.join(POLICIES)}")
    policy = POLICIES[policy_id]
    if policy.demo and not demo:
        raise PolicyError(
            f"policy {policy_id} lets stand-ins sign and this workspace is not a demo: "
            "name a real policy such as medical-2026-1 in signoff.toml, or mark the workspace with [site] demo = true"
        )
    return policy
