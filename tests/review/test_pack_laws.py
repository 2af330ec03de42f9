"""The laws of packs, whatever is sent, recalled and returned in whatever order, against the real store."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workspaces import Desk, Somebody, StandIn, make_workspace

from pipeline.errors import PackError
from pipeline.model import Locale
from pipeline.store.ledger import EventKind
from review.packs import read_packs
from review.sending import recall, send

PEOPLE = (
    Somebody(id="ana", roles=("linguist",)),
    Somebody(id="eva", roles=("linguist", "reviser")),
    Somebody(id="dr-vega", roles=("medical reviewer",)),
)
ARTICLE = b"Rest is good. Walk a little.\n\nTake 5 mg every evening.\n"

WHO = st.sampled_from([person.id for person in PEOPLE])
ACTS = st.one_of(
    st.fixed_dictionaries({"do": st.just("send"), "who": WHO}),
    st.fixed_dictionaries({"do": st.just("recall"), "which": st.integers(0, 9)}),
    st.fixed_dictionaries(
        {
            "do": st.just("return"),
            "which": st.integers(0, 9),
            "texts": st.lists(st.sampled_from(["", "=", "Descanse.", "Tome 5 mg cada noche."]), min_size=3, max_size=3),
            "fuzzy": st.booleans(),
            "ok": st.booleans(),
            "attest": st.sampled_from([None, "edited", "all"]),
            "as_sent": st.booleans(),
            "who": WHO,
        }
    ),
)


@pytest.mark.usefixtures("stand_in")
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=2, max_size=8))
def test_the_laws_of_packs(stand_in: StandIn, acts: list[dict[str, Any]]) -> None:
    """No unit is out twice; no returned text is lost; what came from a recalled or another's pack signs nothing."""
    with TemporaryDirectory() as folder:
        desk = Desk(make_workspace(Path(folder) / "w", articles={"a.txt": ARTICLE}, demo=False, people=PEOPLE))
        desk.run()
        files: list[tuple[str, str, Path]] = []
        returned: set[str] = set()
        recalled: set[str] = set()
        for act in acts:
            desk.clock.tick()
            play(desk, act, files, recalled, returned)
            out = [unit for pack in packs_of(desk).values() if pack.state == "open" for unit in pack.out]
            assert len(out) == len(set(out)), "a unit is in two open packs"
        with desk.store() as store, store.read() as transaction:
            exports = transaction.events(EventKind.EXPORT)
            kept = {event.body["target"] for event in transaction.events(EventKind.TEXT, EventKind.KEPT)}
        kept |= {entry["target"] for event in exports for entry in event.body["entries"]}
        assert returned <= kept, "a returned text was lost"
        assert desk.check().wrong == ()


def packs_of(desk: Desk) -> Mapping[str, Any]:
    """As the ledger has them."""
    with desk.store() as store, store.read() as transaction:
        return read_packs(transaction)


def play(
    desk: Desk,
    act: dict[str, Any],
    files: list[tuple[str, str, Path]],
    recalled: set[str],
    returned: set[str],
) -> None:
    """One act; `files` are (pack, reviewer, PO file) of all that was sent."""
    match act["do"]:
        case "send":
            with desk.store() as store:
                try:
                    report = send(
                        desk.workspace, store, desk.judges, locale=Locale.parse("es"), reviewer=act["who"], by="lea",
                        out=desk.root / f"pack-{len(files)}",
                    )  # fmt: skip
                except PackError:
                    return
            files.append((report.pack.id, act["who"], desk.root / f"pack-{len(files)}" / "a.es.po"))
        case "recall" if files:
            pack = files[act["which"] % len(files)][0]
            with desk.store() as store:
                try:
                    recall(store, pack, by="lea")
                except PackError:
                    return
            recalled.add(pack)
        case "return" if files:
            pack, reviewer, path = files[act["which"] % len(files)]
            by = reviewer if act["as_sent"] else act["who"]
            po = polib.pofile(str(path), wrapwidth=0)
            for entry, text in zip(po, act["texts"], strict=False):
                entry.msgstr = entry.msgstr if text == "=" else text
                entry.flags = ["fuzzy"] if act["fuzzy"] else []
                entry.tcomment = "ok" if act["ok"] else ""
            back = desk.root / "back.po"
            po.save(str(back))
            before = taken(desk)
            desk.import_(back, by, act["attest"])
            returned |= {entry.msgstr for entry in po if entry.msgstr}
            assert pack not in recalled or taken(desk) == before, "something of a recalled pack was taken"
            assert by == reviewer or taken(desk) == before, "something of another's pack was taken"


def taken(desk: Desk) -> int:
    """How many texts became current, and sign-offs were made."""
    with desk.store() as store, store.read() as transaction:
        return len(transaction.events(EventKind.TEXT, EventKind.SIGN_OFF))
