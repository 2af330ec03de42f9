"""Who must sign before a sentence may be published: data, versioned, named by every sign-off.

Takes   the id of a policy, which `signoff.toml` names; policies/<id>.toml
Gives   for each risk class the steps that different people must take, in order
Always  a published version never changes: old sign-offs are judged by the policy they name; a change is a new version
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipeline.config import Table
from pipeline.errors import ConfigError, PolicyError
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
    name: str = ""
    """What the field calls the act (`revise`); empty where the roles say enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A version of the rules. Each step needs a person of its own."""

    id: str
    title: str
    demo: bool
    """Whether stand-ins may sign; such sign-offs count only in a workspace that is marked as a demo."""
    steps: Mapping[Risk, tuple[Step, ...]]
    signatures: tuple[Risk, ...] = ()
    """The risk classes whose sign-offs count only with a signature by the person's own key."""

    def profile(self) -> dict[str, Any]:
        """The policy as it stands in the ledger."""
        return {
            "title": self.title,
            "demo": self.demo,
            **({"signatures": [risk.value for risk in self.signatures]} if self.signatures else {}),
            "steps": {
                risk.value: [
                    {
                        "roles": [role.value for role in step.roles],
                        "may_be_editor": step.may_be_editor,
                        # only where there is one, so that the first versions stay what old ledgers say they are
                        **({"name": step.name} if step.name else {}),
                    }
                    for step in steps
                ]
                for risk, steps in self.steps.items()
            },
        }


FOLDER = Path(__file__).resolve().parent / "policies"


def read_policy(path: Path) -> Policy:
    """The policy of one file; its id is the file's name without the ending. Raises ConfigError with the line."""
    text = path.read_text(encoding="utf-8")
    top = Table(path, text, (), tomllib.loads(text))
    policy = Policy(
        id=path.stem,
        title=top.string("title"),
        demo=top.flag("demo"),
        signatures=tuple(Risk(risk) for risk in top.strings("signatures", [])),
        steps={risk: tuple(_step(table) for table in top.tables(risk.value)) for risk in Risk},
    )
    top.done()
    for risk, steps in policy.steps.items():
        if not steps:
            raise ConfigError(path, None, f"has no [[{risk.value}]]: nobody would have to sign such a sentence")
    return policy


def _step(table: Table) -> Step:
    step = Step(
        name=table.string("name", ""), roles=roles_in(table, "roles"), may_be_editor=table.flag("may_be_editor")
    )
    table.done()
    if not step.roles:
        raise table.error("roles", "a step without roles could be taken by nobody")
    return step


def roles_in(table: Table, key: str) -> tuple[Role, ...]:
    """A list of roles; must be there. Raises ConfigError for one that is none."""
    known = [role.value for role in Role]
    for role in table.strings(key, None):
        if role not in known:
            raise table.error(key, f"unknown role {role!r}; there are: {', '.join(known)}")
    return tuple(Role(role) for role in table.strings(key, None))


POLICIES: Mapping[str, Policy] = {
    policy.id: policy for policy in (read_policy(path) for path in sorted(FOLDER.glob("*.toml"), reverse=True))
}
"""Every policy that this version knows, by id; the default first."""
PROFILES: Mapping[str, Mapping[str, Any]] = {policy.id: policy.profile() for policy in POLICIES.values()}
"""Each as it stands in the ledger, made once: every sign-off is held against one."""


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
