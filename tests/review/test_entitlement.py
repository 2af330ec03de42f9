"""Who may sign: nobody by accident, and nobody who was not qualified, for that language and role, on that day."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import Desk, Somebody, accept, files_below, rewrite, stand_ins

from pipeline.errors import ConfigError, LocalizationError, PolicyError
from pipeline.store.ledger import EventKind
from review.merge import Result
from review.policy import POLICIES

STANDARD = b"Rest is good.\n"
CRITICAL = b"Take 5 mg every evening.\n"


def test_a_qualified_person_signs_and_the_page_goes_out(make_desk: MakeDesk) -> None:
    """The plain case, in a real workspace under the real policy."""
    desk = make_desk({"a.txt": STANDARD}, demo=False)
    desk.run()
    assert desk.review("a", "ana").count(Result.SIGNED) == 1
    assert [page.state for page in desk.publish().pages] == ["published"]
    assert desk.prove().unproven == ()


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Somebody(id="x", valid_to="2026-05-31"), "no qualification that was valid on 2026-06-01"),
        (Somebody(id="x", valid_from="2026-06-02"), "no qualification that was valid on 2026-06-01"),
        (Somebody(id="x", qualified=False), "no qualification that was valid on 2026-06-01"),
        (Somebody(id="x", locales=("ca",)), "not on the roster for es"),
        (Somebody(id="x", roles=("publisher",)), "asks for no such sign-off"),
        (Somebody(id="x", roles=("auditor", "content lead")), "asks for no such sign-off"),
        (Somebody(id="x", roles=()), "is no auditor"),
    ],
)
def test_who_is_not_entitled_signs_nothing(make_desk: MakeDesk, person: Somebody, why: str) -> None:
    """The text is kept, no sign-off counts, the page is held and the reason is told."""
    desk = make_desk({"a.txt": STANDARD}, demo=False, people=[person])
    desk.run()
    report = desk.review("a", "x", rewrite)
    (page,) = desk.publish(by="x" if "publisher" in person.roles else "").pages
    assert page.state == "held"
    assert why in " ".join([*(entry.reason for entry in report.entries), *page.reasons])
    assert desk.states("a")[1] != "signed-off"
    assert desk.prove().unproven == ()


@pytest.mark.parametrize("day", ["2026-01-01", "2026-06-01"])
def test_the_first_and_the_last_day_count(make_desk: MakeDesk, day: str) -> None:
    """Both ends of a qualification are inclusive."""
    desk = make_desk({"a.txt": STANDARD}, demo=False, people=[Somebody(id="x", valid_to="2026-06-01")])
    desk.clock.on(day)
    desk.run()
    desk.review("a", "x")
    assert desk.states("a") == {1: "signed-off"}


def test_an_expiry_takes_back_nothing_that_was_signed_before(make_desk: MakeDesk) -> None:
    """An expiry blocks sign-offs made after it and none before."""
    desk = make_desk(
        {"a.txt": b"Rest is good.\nWalk a little.\n"}, demo=False, people=[Somebody(id="x", valid_to="2026-06-01")]
    )
    desk.run()
    desk.review("a", "x")
    desk.clock.on("2026-06-02")
    desk.run()
    assert desk.review("a", "x", rewrite).count(Result.SIGNED) == 0
    assert set(desk.states("a").values()) == {"proposed"}


def test_a_clock_that_goes_back_does_not_bring_a_qualification_back(make_desk: MakeDesk) -> None:
    """The day that counts is the one in the ledger, and the report says the same as the board."""
    desk = make_desk({"a.txt": STANDARD}, demo=False, people=[Somebody(id="x", valid_to="2026-05-31")])
    desk.run()
    desk.clock.on("2026-05-30")
    report = desk.review("a", "x")
    assert (report.count(Result.SIGNED), desk.states("a")) == (0, {1: "draft"})


def test_an_unknown_reviewer_is_refused_before_anything_is_kept(make_desk: MakeDesk) -> None:
    """A person who is not in signoff.toml cannot even hand a file in."""
    desk = make_desk({"a.txt": STANDARD})
    desk.run()
    path = desk.edited("a", accept)
    before = files_below(desk.root)
    with pytest.raises(PolicyError, match="'mallory' is not on the roster; there are: demo-linguist, demo-clinician"):
        desk.import_(path, "mallory", "all")
    assert files_below(desk.root) == before


def test_who_leaves_the_roster_signs_no_more_and_keeps_what_was_signed(make_desk: MakeDesk) -> None:
    """A person is struck from signoff.toml: an old sign-off counts on, a new one is refused."""
    desk = make_desk({"a.txt": STANDARD}, demo=False)
    desk.run()
    desk.review("a", "ana")
    toml = desk.root / "signoff.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('"ana"', '"bea"'), encoding="utf-8")
    assert [page.state for page in desk.publish().pages] == ["published"]
    with pytest.raises(PolicyError):
        desk.review("a", "ana")


def test_two_roles_of_one_person_are_one_person(make_desk: MakeDesk) -> None:
    """A linguist who is a medical reviewer too does not sign a critical text alone."""
    both = Somebody(id="x", roles=("linguist", "medical reviewer"))
    desk = make_desk({"a.txt": CRITICAL}, demo=False, people=[both])
    desk.run()
    for _ in range(3):
        desk.review("a", "x")
        desk.run()
    assert desk.states("a") == {1: "reviewed"}
    assert [page.state for page in desk.publish().pages] == ["held"]


def test_two_linguists_are_no_medical_reviewer(make_desk: MakeDesk) -> None:
    """The second step of a critical text is a medical reviewer's."""
    people = [Somebody(id="x"), Somebody(id="y")]
    desk = make_desk({"a.txt": CRITICAL}, demo=False, people=people)
    desk.run()
    desk.sign_all("a", "x", "y")
    (page,) = desk.publish().pages
    assert any("still needs a medical reviewer" in reason for reason in page.reasons)


def test_two_medical_reviewers_may_sign_a_critical_text(make_desk: MakeDesk) -> None:
    """A medical reviewer may take the first step, another the second, whoever of the two wrote it."""
    people = [Somebody(id="x", roles=("medical reviewer",)), Somebody(id="y", roles=("medical reviewer",))]
    desk = make_desk({"a.txt": CRITICAL}, demo=False, people=people)
    desk.run()
    desk.review("a", "x", rewrite)
    desk.run()
    desk.review("a", "y")
    assert desk.states("a") == {1: "signed-off"}


# -- stand-ins --------------------------------------------------------------------------------------------------------


def test_a_real_workspace_refuses_stand_ins(make_desk: MakeDesk) -> None:
    """They are no people: the line in signoff.toml is named."""
    desk = make_desk({"a.txt": STANDARD}, demo=False, people=stand_ins("es"))
    desk.run()
    with pytest.raises(ConfigError, match=r"signoff\.toml:\d+: a stand-in is no person"):
        desk.review("a", "demo-linguist")


def test_a_real_workspace_refuses_the_demo_policy(make_desk: MakeDesk) -> None:
    """Nothing runs under it: neither a machine's act nor a person's."""
    desk = make_desk({"a.txt": STANDARD}, demo=False)
    desk.run()
    toml = desk.root / "signoff.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("medical-2026-1", "demo-2026-1"), encoding="utf-8")
    for act in (desk.run, lambda: desk.review("a", "ana"), desk.publish):
        with pytest.raises(PolicyError, match="lets stand-ins sign and this workspace is not a demo"):
            act()


def test_a_stand_in_does_not_sign_under_the_real_policy(make_desk: MakeDesk) -> None:
    """Not even in a demo."""
    desk = make_desk({"a.txt": STANDARD}, policy="medical-2026-1")
    desk.run()
    desk.review("a", "demo-linguist")
    assert desk.states("a") == {1: "draft"}
    assert [page.state for page in desk.publish().pages] == ["held"]


def demo_turned_real(desk: Desk, people: tuple[Somebody, ...] = ()) -> None:
    toml = desk.root / "signoff.toml"
    text = toml.read_text(encoding="utf-8").partition("[[person]]")[0]
    text = text.replace("demo-2026-1", "medical-2026-1").replace("demo = true", "demo = false")
    toml.write_text("\n".join([text, *(person.toml() for person in people)]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("people", [stand_ins("es"), (Somebody(id="ana"), Somebody(id="dr-vega"))])
def test_what_a_demo_signed_never_counts_in_a_real_workspace(make_desk: MakeDesk, people: tuple[Somebody, ...]) -> None:
    """Its ledger may be copied, its workspace turned into a real one: its pages come down, and need signing again."""
    desk = make_desk({"a.txt": STANDARD}, people=people)
    desk.run()
    desk.sign_all("a")
    assert [page.state for page in desk.publish().pages] == ["published"]
    demo_turned_real(desk, (Somebody(id="eva"),))
    (page,) = desk.publish().pages
    assert (page.state, page.live) == ("held", False)
    assert not desk.page("a").exists()
    assert desk.prove().unproven == ()
    desk.run()
    desk.review("a", "eva")
    assert [page.state for page in desk.publish().pages] == ["published"]
    assert desk.prove().unproven == ()


def test_a_demo_ledger_copied_into_a_real_workspace_publishes_nothing(make_desk: MakeDesk) -> None:
    """Events travel, entitlement does not."""
    demo = make_desk({"a.txt": STANDARD}, name="demo")
    demo.run()
    demo.sign_all("a")
    demo.publish()
    real = make_desk({"a.txt": STANDARD}, name="real", demo=False)
    shutil.copytree(demo.root / "ledger", real.root / "ledger")
    real.run()
    (page,) = real.publish().pages
    assert page.state == "held"
    assert real.prove().unproven == ()


# -- a policy that somebody else wrote --------------------------------------------------------------------------------


@pytest.mark.parametrize("policy_id", ["medical-2026-1", "easy-2026-1"])
def test_a_policy_that_somebody_else_wrote_signs_nothing(make_desk: MakeDesk, policy_id: str) -> None:
    """A ledger from elsewhere cannot bring a policy of its own, nor change one that has a name."""
    desk = make_desk({"a.txt": CRITICAL}, demo=False)
    desk.run()
    desk.review("a", "ana")
    anybody = [{"roles": ["linguist"], "may_be_editor": True}]
    easy = {"title": "One is enough", "demo": False, "steps": {"standard": anybody, "critical": anybody}}
    with desk.store() as store, store.write() as transaction:
        transaction.append(EventKind.POLICY, {"id": policy_id, "profile": easy})
        (signed,) = transaction.events(EventKind.SIGN_OFF)
        transaction.append(EventKind.SIGN_OFF, {**signed.body, "policy": policy_id})
    assert desk.states("a")[1] != "signed-off"
    assert [page.state for page in desk.publish().pages] == ["held"]
    assert desk.prove().unproven == ()


def test_a_published_policy_never_changes() -> None:
    """Old sign-offs are judged by these very words: a change is a new version under a new id."""
    from pipeline.store.ledger import digest

    assert {policy_id: digest(policy.profile())[:16] for policy_id, policy in POLICIES.items()} == PUBLISHED


PUBLISHED = {
    "medical-2026-1": "0d3234e65f0494d1",
    "keyed-medical-2026-1": "89ea0d4274840c3a",
    "iso-17100-2026-1": "b95db627781efd15",
    "demo-2026-1": "77084ed7bc84b91b",
}


# -- forged sign-offs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"by": "dr-vega"},
        {"role": "medical reviewer"},
        {"roster_entry": "0" * 64},
        {"locale": "ca"},
        {"verdict": "rejected"},
        {"target": "Otra cosa."},
        {"target_hash": "0" * 64},
        {"source_hash": "0" * 64},
        {"visible_hash": "0" * 64},
        {"policy": "demo-2026-1"},
        {"number": 2},
    ],
    ids=str,
)
def test_a_sign_off_that_is_wrong_in_one_field_does_not_count(make_desk: MakeDesk, change: dict[str, object]) -> None:
    """A sign-off holds for exactly one pair, person, role, language and policy: one field off, and it is nothing."""
    desk = make_desk({"a.txt": STANDARD}, demo=False)
    desk.run()
    desk.review("a", "ana")
    good = desk.root / "ledger"
    with desk.store() as store, store.read() as transaction:
        (signed,) = transaction.events(EventKind.SIGN_OFF)
        others = [event for event in transaction.events() if event.kind is not EventKind.SIGN_OFF]
    forged = Desk(desk.root.parent / "forged", desk.clock)
    shutil.copytree(desk.root, forged.root, ignore=shutil.ignore_patterns(".signoff", "*.jsonl", "desk"))
    with forged.store() as store, store.write() as transaction:
        for event in (*others, replace(signed, body={**signed.body, **change})):
            transaction.append(event.kind, event.body)
    assert good.is_dir()
    assert [page.state for page in forged.publish().pages] == ["held"]
    assert [page.state for page in desk.publish().pages] == ["published"]


def test_texts_of_any_sort_do_not_break_the_file_of_a_person(make_desk: MakeDesk, tmp_path: Path) -> None:
    """A file that is no PO file is refused with its line, its bytes kept, and nothing else happens."""
    desk = make_desk({"a.txt": STANDARD})
    desk.run()
    path = tmp_path / "broken.po"
    path.write_bytes(b'msgid "a"\nmsgstr "b\n')
    report = desk.import_(path, "demo-linguist", "all")
    assert (report.outcome, report.line, report.entries) == ("refused", 2, [])
    assert desk.states("a") == {1: "draft"}
    with pytest.raises(LocalizationError):
        desk.import_(tmp_path / "none.po", "nobody", "all")
