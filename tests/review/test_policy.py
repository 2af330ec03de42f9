"""Policies are data: what ships is fixed for ever, and what is wrong in a file is named with its line."""

from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Somebody

from pipeline.errors import ConfigError
from pipeline.model import Risk
from review.merge import Result
from review.policy import POLICIES, read_policy
from review.roster import Person, roster_of

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHm0yyjsRkVt1kZm0oeVo9j1Ud0YzyzhK0tKXyYzS1c"


def test_no_policy_lets_one_person_alone_approve_what_is_critical() -> None:
    """Author and approver are two people, whatever a policy asks for beside that."""
    for policy in POLICIES.values():
        assert len(policy.steps[Risk.CRITICAL]) >= 2
        assert not any(step.may_be_editor for step in policy.steps[Risk.CRITICAL][1:])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('titel = "x"\n', "needs title"),
        ('title = "x"\n[[standard]]\nroles = ["lingvist"]\n', r":3: unknown role 'lingvist'"),
        ('title = "x"\n[[standard]]\nroles = []\n', ":3: a step without roles"),
        ('title = "x"\n[[standard]]\nroles = ["linguist"]\n', r"has no \[\[critical\]\]"),
        ('title = "x"\n[[standard]]\nroles = ["linguist"]\neditor = true\n', ":4: unknown key 'editor'"),
    ],
)
def test_a_mistake_in_a_policy_is_named_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    """A rule that is silently ignored could let an unsigned sentence out."""
    path = tmp_path / "x-2026-1.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=why):
        read_policy(path)


def test_under_iso_17100_each_step_is_another_persons(make_desk: MakeDesk) -> None:
    """Post-edit, revise, medical review, release: the page goes out after the last one, and not before."""
    people = [
        Somebody(id="ana", roles=("linguist",)),
        Somebody(id="rob", roles=("reviser", "linguist")),
        Somebody(id="dr-vega", roles=("medical reviewer",)),
        Somebody(id="pia", roles=("publisher",)),
    ]
    desk = make_desk({"a.txt": b"Take 5 mg.\n"}, demo=False, people=people, policy="iso-17100-2026-1")
    desk.run()
    for by in ("ana", "rob", "dr-vega"):
        assert desk.review("a", by).count(Result.SIGNED) == 1
        (page,) = desk.publish(by="pia").pages
        assert page.state == "held"
    assert "still needs a publisher or content lead (release)" in page.reasons[0]
    desk.review("a", "pia")
    assert [page.state for page in desk.publish(by="pia").pages] == ["published"]
    assert desk.prove().unproven == ()


def with_person(make_desk: MakeDesk, *lines: str) -> Person:
    """The person `x`, whose table in signoff.toml has these lines too."""
    table = ["[[person]]", 'id = "x"', 'name = "X"', 'roles = ["linguist"]', 'locales = ["es"]', *lines]
    return roster_of(make_desk({"a.txt": b"Rest.\n"}, demo=False, more="\n".join(table)).workspace)["x"]


QUALIFICATION = ("[[person.qualification]]", 'basis = "MA"', 'verified_by = "lea"')


def test_a_person_has_a_key_and_qualifications_have_a_domain(make_desk: MakeDesk) -> None:
    """They stand in the roster entry that every sign-off names; the key without its comment."""
    lines = (f'public_key = "{KEY} x@example.org"', *QUALIFICATION, 'domain = "psychiatry"', "valid_from = 2026-01-01")
    person = with_person(make_desk, *lines)
    assert person.public_key == KEY
    assert person.entry("")["public_key"] == KEY
    assert person.entry("")["qualifications"][0]["domain"] == "psychiatry"


@pytest.mark.parametrize(
    "key", ["ssh-dss AAAA", KEY[:20], "AAAA", f"{KEY[:12]}AAAAB3NzaC1yc2EAAA", "-----BEGIN OPENSSH PRIVATE KEY-----"]
)
def test_what_is_no_public_key_is_refused_with_its_line(make_desk: MakeDesk, key: str) -> None:
    """A key that cannot verify anything would look like evidence."""
    with pytest.raises(ConfigError, match=r"signoff.toml:\d+: is no OpenSSH public key"):
        with_person(make_desk, f'public_key = "{key}"')


def test_a_key_is_one_persons_alone(make_desk: MakeDesk) -> None:
    """Two people with one key could sign for each other."""
    more = f'public_key = "{KEY}"\n[[person]]\nid = "y"\nname = "Y"\nroles = []\nlocales = []\npublic_key = "{KEY} z"'
    with pytest.raises(ConfigError, match="is the key of x too"):
        with_person(make_desk, more)


def test_a_qualification_cannot_end_before_it_begins(make_desk: MakeDesk) -> None:
    """It would never be valid, and nobody would know why."""
    with pytest.raises(ConfigError, match="ends on 2026-04-30, before it begins"):
        with_person(make_desk, *QUALIFICATION, "valid_from = 2026-05-01", "valid_to = 2026-04-30")
