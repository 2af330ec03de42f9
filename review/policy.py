"""Who must sign before a sentence may be published: data, versioned, named by every sign-off.

Takes   the id of a policy, which `signoff.toml` names: one of ours (review/policies/<id>.toml), or of the workspace's
        own (policies/<id>.toml in it)
Gives   for each risk class the steps that different people must take, in order
Always  a published version never changes: old sign-offs are judged by the policy they name; a change is a new version.
        What is critical takes two people, and whoever approves it did not write it, whatever a policy says
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.config import Table, Workspace
from pipeline.errors import ConfigError, PolicyError
from pipeline.model import Risk
from pipeline.store.history import PolicyBook


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
    domains: tuple[str, ...] = ()
    """What a qualification must be for, `cardiology`; any of them will do, and all if none is named."""


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
                        **({"domains": list(step.domains)} if step.domains else {}),
                    }
                    for step in steps
                ]
                for risk, steps in self.steps.items()
            },
        }


FOLDER = Path(__file__).resolve().parent / "policies"
MAX_BYTES = 64 * 1024
"""Of a policy's file."""
CRITICAL_STEPS = 2
"""A critical sentence takes so many different people at least: a promise that no policy may lower."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def read_policy(path: Path) -> Policy:
    """The policy of one file; its id is the file's name without the ending. Raises ConfigError with the line."""
    if not _ID.fullmatch(path.stem):
        raise ConfigError(path, None, "a policy's name has letters A to Z, digits, and . _ - only: rename the file")
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise ConfigError(path, None, f"is no plain file of at most {MAX_BYTES // 1024} kB")
    return _parsed(path, path.read_bytes())


@lru_cache(maxsize=64)
def _parsed(path: Path, data: bytes) -> Policy:
    try:
        text = data.decode()
        values = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(path, None, f"is no TOML: {error}") from error
    top = Table(path, text, (), values)
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
    if all(step.may_be_editor for step in policy.steps[Risk.CRITICAL]):
        raise ConfigError(
            path,
            None,
            "lets whoever wrote a critical text take every step: one [[critical]] needs may_be_editor = false",
        )
    if len(policy.steps[Risk.CRITICAL]) < CRITICAL_STEPS:
        raise ConfigError(
            path,
            None,
            "lets one person alone sign a critical text, which always takes two different people: add a [[critical]]",
        )
    return policy


def _step(table: Table) -> Step:
    step = Step(
        name=table.string("name", ""),
        roles=roles_in(table, "roles"),
        may_be_editor=table.flag("may_be_editor"),
        domains=tuple(dict.fromkeys(" ".join(domain.split()) for domain in table.strings("domains"))),
    )
    table.done()
    if not all(step.domains):
        raise table.error("domains", 'a domain is a word such as "cardiology"; leave the key out to ask for none')
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


def policies_beside(ledger: Path) -> Mapping[str, Policy]:
    """Every policy that counts for a ledger, by id: ours, and those in `policies/` beside it.

    So they are found in a workspace and in a folder of evidence alike. Raises ConfigError with the line of a mistake.
    """
    found = dict(POLICIES)
    for path in sorted((ledger.parent / "policies").glob("*.toml")):
        if path.stem in POLICIES:
            raise ConfigError(path, None, "has the id of a policy that comes with Signoff: give it another name")
        found[path.stem] = read_policy(path)
    return found


def profiles_beside(ledger: Path) -> dict[str, dict[str, Any]]:
    """The same as they stand in a ledger."""
    return {id_: policy.profile() for id_, policy in policies_beside(ledger).items()}


def policy_book(workspace: Workspace) -> PolicyBook:
    """What the store is told of the workspace's policies. Raises ConfigError, PolicyError."""
    profiles = profiles_beside(workspace.ledger)
    own = frozenset(profiles) - frozenset(POLICIES)
    return PolicyBook(in_force=policy_in_force(workspace).id, profiles=profiles, own=own)


def policy_in_force(workspace: Workspace) -> Policy:
    """The policy that a workspace names. Raises ConfigError for a mistake in a policy of its own.

    Raises PolicyError if there is none of that name, or if a demo policy meets a real workspace.
    """
    policy_id, demo = workspace.settings.policy, workspace.settings.demo
    policies = policies_beside(workspace.ledger)
    if policy_id not in policies:
        raise PolicyError(
            f"unknown policy {policy_id!r} in signoff.toml; there are: {', '.join(policies)}; a policy of your own "
            "is a file policies/<name>.toml"
        )
    policy = policies[policy_id]
    if policy.demo and not demo:
        raise PolicyError(
            f"policy {policy_id} lets stand-ins sign and this workspace is not a demo: "
            "name a real policy such as medical-2026-1 in signoff.toml, or mark the workspace with [site] demo = true"
        )
    return policy
