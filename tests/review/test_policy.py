"""Policies are data: what ships is fixed for ever, and what is wrong in a file is named with its line."""

from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk, Somebody, accept, edit_po

from pipeline.errors import ConfigError, PackError, PolicyError
from pipeline.model import Locale, Risk
from pipeline.store.ledger import EventKind, digest, read_ledger
from review.evidence import EvidenceRoom, check_pack, write_pack
from review.ledger_check import check_exported
from review.merge import Result
from review.policy import POLICIES, policies_beside, profiles_beside, read_policy
from review.roster import Person, roster_of
from review.sending import send

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
        ('title = "x"\n[[standard]]\nroles = ["linguist"]\ndomains = [""]\n', ":4: a domain is a word"),
        (
            'title = "x"\n[[standard]]\nroles = ["linguist"]\n[[critical]]\nroles = ["linguist"]\nmay_be_editor = true',
            "lets whoever wrote a critical text take every step",
        ),
        (
            'title = "x"\n[[standard]]\nroles = ["linguist"]\n[[critical]]\nroles = ["medical reviewer"]',
            "one person alone sign a critical text, which always takes two different people",
        ),
        ('title = "x', "is no TOML"),
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


# -- policies of the workspace's own -----------------------------------------------------------------------------------

OWN = """title = "Ours: a cardiologist reads what is critical"
[[standard]]
roles = ["linguist"]
may_be_editor = true
[[critical]]
roles = ["linguist"]
may_be_editor = true
[[critical]]
roles = ["medical reviewer"]
domains = ["medicine/cardiology"]
name = "medical review"
"""
STAFF = (
    Somebody(id="ana"),
    Somebody(id="dr-skin", roles=("medical reviewer",), domain="medicine/dermatology"),
    Somebody(id="dr-any", roles=("medical reviewer",)),
    Somebody(id="dr-heart", roles=("medical reviewer",), domain="Medicine/Cardiology/Arrhythmia"),
)


@pytest.fixture
def own(make_desk: MakeDesk) -> Desk:
    """A real workspace with a policy of its own, drafted."""
    desk = make_desk({"a.txt": b"Take 5 mg.\n"}, demo=False, people=STAFF, policy="ours-2026-1")
    (desk.root / "policies").mkdir()
    (desk.root / "policies" / "ours-2026-1.toml").write_text(OWN, encoding="utf-8")
    desk.run()
    return desk


def test_a_workspace_brings_a_policy_of_its_own(own: Desk, tmp_path: Path) -> None:
    """It is recorded whole; sign-offs name it with its hash; page, proof, ledger and evidence go by it."""
    own.sign_all("a", "ana", "dr-heart")
    assert [page.state for page in own.publish().pages] == ["published"]
    assert (own.prove().unproven, own.check().wrong) == ((), ())
    events = read_ledger(own.root / "ledger")
    (policy,) = [event for event in events if event.kind is EventKind.POLICY]
    assert policy.body["profile"] == policies_beside(own.root / "ledger")["ours-2026-1"].profile()
    assert {e.body["policy_hash"] for e in events} == {digest(policy.body["profile"])}
    write_pack(EvidenceRoom(own.root / "ledger"), "a", Locale.parse("es"), tmp_path / "evidence")
    assert check_pack(tmp_path / "evidence") == []
    data = b"".join(event.line + b"\n" for event in events)
    assert check_exported(data, "x", profiles=profiles_beside(own.root / "ledger")).wrong == ()
    assert "policy ours-2026-1 in the ledger is not" in " ".join(check_exported(data, "x").wrong)


@pytest.mark.parametrize("by", ["dr-skin", "dr-any"])
def test_a_step_asks_for_a_qualification_in_its_domain(own: Desk, by: str) -> None:
    """A dermatologist, or somebody whose qualification does not say, is sent nothing and signs nothing there."""
    own.review("a", "ana")
    with own.store() as store, pytest.raises(PackError, match="for medicine/cardiology"):
        send(own.workspace, store, own.judges, locale=Locale.parse("es"), reviewer=by, by="lea", out=own.root / "pack")
    (entry,) = own.review("a", by).entries
    assert f"{by} has no qualification for medicine/cardiology that was valid" in entry.reason
    (page,) = own.publish().pages
    assert (page.state, page.can_act) == ("held", ("dr-heart (medical reviewer)",))
    assert "still needs a medical reviewer for medicine/cardiology (medical review)" in page.reasons[0]
    with own.store() as store:
        out = own.root / "pack"
        send(own.workspace, store, own.judges, locale=Locale.parse("es"), reviewer="dr-heart", by="lea", out=out)
    own.import_(edit_po(own.root / "pack" / "a.es.po", accept, own.root / "back.po"), "dr-heart", "all")
    assert [page.state for page in own.publish().pages] == ["published"]


def test_a_policy_that_is_edited_under_its_id_is_seen(own: Desk) -> None:
    """Nothing is done under the changed text, what was signed stands no more, and all is well with the file back."""
    own.sign_all("a", "ana", "dr-heart")
    path = own.root / "policies" / "ours-2026-1.toml"
    path.write_text(OWN.replace("may_be_editor = true\n[[critical]]", "may_be_editor = false\n[[critical]]"), "utf-8")
    for act in (lambda: own.review("a", "ana"), own.publish):
        with pytest.raises(PolicyError, match=r"policies/ours-2026-1\.toml is not what the ledger has under this id"):
            act()
    assert own.states("a") == {1: "draft"}
    path.write_text(OWN, encoding="utf-8")
    assert own.states("a") == {1: "signed-off"}
    assert [page.state for page in own.publish().pages] == ["published"]
    assert own.check().wrong == ()


@pytest.mark.parametrize(
    ("name", "why"), [("medical-2026-1", "has the id of a policy that comes with Signoff"), ("a b", "a policy's name")]
)
def test_a_workspace_cannot_pass_its_policy_off_as_another(make_desk: MakeDesk, name: str, why: str) -> None:
    """A file under the id of one of ours stops every command."""
    desk = make_desk({"a.txt": b"Rest.\n"}, demo=False)
    (desk.root / "policies").mkdir()
    (desk.root / "policies" / f"{name}.toml").write_text(OWN, encoding="utf-8")
    with pytest.raises(ConfigError, match=why):
        desk.run()
