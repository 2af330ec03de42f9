"""The laws of packs, whatever is sent, asked, answered, chosen, recalled and returned, in whatever order and format.

Against the real store: no returned text is lost; importing twice changes nothing; nothing is signed but by an explicit
act of a person entitled to it; no unit is out twice, or while somebody waits for an answer on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workspaces import Desk, Somebody, StandIn, files_below, make_workspace

from pipeline.errors import PackError, PolicyError
from pipeline.model import Locale
from pipeline.po import PoEntry
from pipeline.store.ledger import EventKind
from review.acts import answer, choose, conflicts, open_questions_in
from review.formats import FORMATS
from review.packs import read_packs
from review.sending import recall, send

EN, ES = Locale.parse("en"), Locale.parse("es")
ENTITLED = ("ana", "eva", "dr-vega")
PEOPLE = (
    Somebody(id="ana", roles=("linguist",)),
    Somebody(id="eva", roles=("linguist", "reviser")),
    Somebody(id="dr-vega", roles=("medical reviewer",)),
    Somebody(id="lea", roles=("content lead",)),
    Somebody(id="expired", valid_to="2026-02-01"),
)
ARTICLE = b"Rest is good. Walk a little.\n\nTake 5 mg every evening.\n"
EDITED = ARTICLE.replace(b"Walk a little", b"Walk every day")

WHO = st.sampled_from(["ana", "ana", "eva", "dr-vega", "expired"])
TEXTS = st.lists(st.sampled_from(["", "=", "Descanse.", "Tome 5 mg cada noche."]), min_size=3, max_size=3)
SEND = st.fixed_dictionaries({"do": st.just("send"), "who": WHO, "format": st.sampled_from(list(FORMATS))})
RETURN = st.fixed_dictionaries(
    {
        "do": st.just("return"),
        "which": st.integers(0, 9),
        "texts": TEXTS,
        "fuzzy": st.booleans(),
        "comments": st.sampled_from([(), ("ok",), ("ok",), ("? is this right",), ("? en: who is meant",)]),
        "attest": st.sampled_from([None, "edited", "all", "all"]),
        "as_sent": st.sampled_from([True, True, False]),
        "who": WHO,
    }
)
OTHERS = st.one_of(
    st.fixed_dictionaries({"do": st.just("recall"), "which": st.integers(0, 9)}),
    st.fixed_dictionaries({"do": st.just("answer")}),
    st.fixed_dictionaries({"do": st.just("choose"), "place": st.integers(1, 2)}),
    st.fixed_dictionaries({"do": st.just("edit the English")}),
)


@dataclass
class Played:
    """What was done so far."""

    files: list[tuple[str, str, Path]] = field(default_factory=list)
    """(pack, reviewer, file) of all that was sent."""
    recalled: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    """Every text that came back."""
    attested: set[tuple[str, str]] = field(default_factory=set)
    """(person, text) of everything that somebody entitled handed in with an attestation."""


@pytest.mark.usefixtures("stand_in")
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=SEND, acts=st.lists(st.one_of(SEND, RETURN, RETURN, OTHERS), min_size=2, max_size=9))
def test_the_laws_of_packs(stand_in: StandIn, first: dict[str, Any], acts: list[dict[str, Any]]) -> None:
    """Whatever people do, what stands above holds after each act."""
    with TemporaryDirectory() as folder:
        desk = Desk(make_workspace(Path(folder) / "w", articles={"a.txt": ARTICLE}, demo=False, people=PEOPLE))
        desk.run()
        played = Played()
        for act in (first, *acts):
            desk.clock.tick()
            play(desk, act, played)
            check(desk, played)
        assert desk.check().wrong == ()


def check(desk: Desk, played: Played) -> None:
    """The laws, as the store stands."""
    with desk.store() as store, store.read() as transaction:
        packs = read_packs(transaction)
        events = transaction.events()
        now = transaction.current("a", "es")
    out = [unit for pack in packs.values() if pack.state == "open" for unit in pack.out]
    assert len(out) == len(set(out)), "a unit is in two open packs"
    said = {event.body.get("target") for event in events}
    said |= {e["target"] for event in events if event.kind is EventKind.EXPORT for e in event.body["entries"]}
    assert played.returned <= said, "a returned text was lost"
    signed = {(e.body["by"], e.body["target"]) for e in events if e.kind is EventKind.SIGN_OFF}
    assert signed <= played.attested, "something is signed that nobody entitled attested"
    assert not [n for n, unit in now.items() if unit.questions and unit.state.value == "signed-off"]


def packs_of(desk: Desk) -> Mapping[str, Any]:
    """As the ledger has them."""
    with desk.store() as store, store.read() as transaction:
        return read_packs(transaction)


def play(desk: Desk, act: dict[str, Any], played: Played) -> None:
    """One act, if it can be done now."""
    match act["do"]:
        case "send":
            send_one(desk, act, played)
        case "recall" if played.files:
            pack = played.files[act["which"] % len(played.files)][0]
            with desk.store() as store:
                try:
                    recall(store, pack, by="lea")
                except PackError:
                    return
            played.recalled.add(pack)
        case "return" if played.files:
            return_one(desk, act, played)
        case "answer":
            with desk.store() as store:
                for id_ in dict.fromkeys(question.id for question in open_questions_in(store, [ES])):
                    answer(desk.workspace, store, id_=id_, locale=ES, by="lea", text="It is right.")
                assert open_questions_in(store, [ES]) == []
        case "choose":
            with desk.store() as store:
                for one in conflicts(store, [ES]):
                    choose(desk.workspace, store, id_=one.id, locale=ES, place=act["place"], by="eva", reason="better")
                assert conflicts(store, [ES]) == []
        case "edit the English":
            desk.write("a.txt", EDITED)
            desk.run()


def send_one(desk: Desk, act: dict[str, Any], played: Played) -> None:
    """A pack for one person; nothing of it is with somebody else, or waits for an answer."""
    with desk.store() as store, store.read() as transaction:
        asked = {("a", n) for n, unit in transaction.current("a", "es").items() if unit.questions}
    out = desk.root / f"pack-{len(played.files)}"
    with desk.store() as store:
        how = {"locale": ES, "reviewer": act["who"], "by": "lea", "out": out, "format_": act["format"]}
        try:
            report = send(desk.workspace, store, desk.judges, **how)
        except (PackError, PolicyError):
            return
    assert act["who"] in ENTITLED
    assert not report.pack.out & asked, "a sentence went out that waits for an answer"
    played.files.append((report.pack.id, act["who"], out / f"a.es{FORMATS[act['format']].ending}"))


def return_one(desk: Desk, act: dict[str, Any], played: Played) -> None:
    """A file of a pack comes back, edited in its own format, from its reviewer or from somebody else; twice."""
    pack, reviewer, path = played.files[act["which"] % len(played.files)]
    by = reviewer if act["as_sent"] else act["who"]
    format_ = next(format_ for format_ in FORMATS.values() if format_.ending == path.suffix)
    file = format_.read(path.read_bytes(), path.name)

    def edited(entry: PoEntry, text: str) -> PoEntry:
        target = entry.target if text == "=" else text
        return replace(entry, target=target, fuzzy=act["fuzzy"], translator_comments=act["comments"])

    texts = (*act["texts"], *("=" for _ in file.entries))
    entries = tuple(edited(entry, text) for entry, text in zip(file.entries, texts, strict=False))
    back = desk.root / "back" / path.name
    back.parent.mkdir(exist_ok=True)
    back.write_bytes(format_.write(replace(file, entries=entries), EN))
    before = taken(desk)
    desk.import_(back, by, act["attest"])
    played.returned |= {entry.target for entry in entries if entry.target}
    if act["attest"] and by in ENTITLED:
        played.attested |= {(by, entry.target) for entry in entries}
    assert pack not in played.recalled or taken(desk) == before, "something of a recalled pack was taken"
    assert by == reviewer or taken(desk) == before, "something of another's pack was taken"
    everything = files_below(desk.root, without=[".signoff/logs"])
    desk.import_(back, by, act["attest"])
    assert files_below(desk.root, without=[".signoff/logs"]) == everything, "importing twice changed something"


def taken(desk: Desk) -> int:
    """How many texts became current, and sign-offs were made."""
    with desk.store() as store, store.read() as transaction:
        return len(transaction.events(EventKind.TEXT, EventKind.SIGN_OFF))
