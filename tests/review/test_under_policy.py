"""Every event says under which policy it was made: its id, and the hash of its text, which is in the ledger before."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polib
import pytest
from conftest import MakeDesk
from workspaces import Change, Desk, Somebody, accept, edit_po, files_below

from pipeline.memory_files import import_tmx
from pipeline.model import Locale
from pipeline.store.ledger import Event, EventKind, digest, in_order, read_ledger
from review.acts import answer, choose, retract, revoke
from review.editorial import editorial
from review.policy import POLICIES
from review.redaction import redact
from review.sending import extend, recall, send
from review.waivers import waive

ES = Locale.parse("es")
ARTICLE = b"Rest is good for you.\n\nTake 5 mg every evening.\n\nThe pain is in the left arm.\n\nWalk a little.\n"
PEOPLE = (
    Somebody(id="ana"),
    Somebody(id="eva"),
    Somebody(id="dr-vega", roles=("medical reviewer",)),
    Somebody(id="lea", roles=("content lead",)),
)
TMX = """<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header creationtool="t" creationtoolversion="1" segtype="sentence" o-tmf="t" adminlang="en"
srclang="en" datatype="plaintext"/><body><tu><tuv xml:lang="en"><seg>Sleep well.</seg></tuv>
<tuv xml:lang="es"><seg>Duerma bien.</seg></tuv></tu></body></tmx>
"""


def writes(number: int, text: str, comment: str = "") -> Change:
    """What an editor does: another text for one sentence, the others accepted."""

    def change(entry: polib.POEntry) -> None:
        accept(entry)
        if f":{number:04d}:" in entry.msgctxt:
            entry.msgstr = text or entry.msgstr
            entry.tcomment = comment or entry.tcomment

    return change


def id_of(desk: Desk, number: int) -> str:
    """The id of a sentence."""
    with desk.store() as store, store.read() as transaction:
        return next(f"a:{n:04d}:{hash_[:8]}" for n, hash_, _, _ in transaction.article("a")[1] if n == number)


def everything_happens(desk: Desk) -> None:
    """Each kind of event at least once, by the functions that the commands call."""
    w, judges = desk.workspace, desk.judges
    desk.run()
    tmx = desk.root / "old.tmx"
    tmx.write_text(TMX, encoding="utf-8")
    with desk.store() as store:
        import_tmx(w, store, tmx, by="lea")
        pack = send(w, store, judges, locale=ES, reviewer="ana", by="lea", out=desk.root / "pack").pack.id
        extend(store, pack, due=date(2026, 7, 1), by="lea")
    desk.import_(edit_po(desk.root / "pack" / "a.es.po", writes(1, "Descanse."), desk.root / "a.po"), "ana", "all")
    left, right = (writes(3, f"El dolor está en el brazo {side}.") for side in ("izquierdo", "derecho"))
    files = [desk.edited("a", left, name="left.po"), desk.edited("a", right, name="right.po")]
    for by, file in zip(("ana", "eva"), files, strict=True):
        desk.clock.tick()
        desk.import_(file, by)
    with desk.store() as store:
        choose(w, store, id_=id_of(desk, 3), locale=ES, place=2, by="eva", reason="a mirror image")
        waive(w, store, judges, id_=id_of(desk, 3), locale=ES, by="eva", verdict="waived", reason="a mirror image")
    desk.run()
    desk.review("a", "ana", writes(1, "", "? is it rest or sleep"))
    with desk.store() as store:
        answer(w, store, id_=id_of(desk, 1), locale=ES, by="lea", text="rest")
    desk.sign_all("a", "dr-vega", "ana")
    with desk.store() as store:
        retract(store, id_=id_of(desk, 4), locale=ES, by="ana", reason="too soon")
    desk.publish()
    desk.write("a.txt", ARTICLE.replace(b"Rest is", b"Resting is"))
    desk.run()
    with desk.store() as store:
        editorial(w, store, judges, id_=id_of(desk, 5), locales=[ES], by="lea", reason="grammar")
        revoke(w, store, person="eva", since=date(2026, 6, 1), by="lea", reason="left")
        again = send(w, store, judges, locale=ES, reviewer="ana", by="lea", out=desk.root / "again").pack.id
        recall(store, again, by="lea")
    desk.withdraw(by="lea", target="Descanse.")
    toml = desk.root / "signoff.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace(PEOPLE[1].toml(), ""), encoding="utf-8")
    with desk.store() as store:
        redact(desk.workspace, store, person="eva", by="lea", reason="asked for it")


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk({"a.txt": ARTICLE}, demo=False, people=PEOPLE)


def test_events_of_every_kind_name_their_policy(desk: Desk) -> None:
    """Machines' events as well as people's; the policy's own event comes before all others."""
    everything_happens(desk)
    events = read_ledger(desk.root / "ledger")
    assert {event.kind for event in events} == set(EventKind), "a new kind belongs into this test"
    profile = POLICIES["medical-2026-1"].profile()
    named = {(event.body.get("policy"), event.body.get("policy_hash")) for event in events}
    assert named == {("medical-2026-1", digest(profile))}
    assert (events[0].kind, events[0].body["profile"]) == (EventKind.POLICY, profile)
    assert desk.check().wrong == ()


def as_the_first_version_wrote(event: Event) -> dict[str, object]:
    """The event's body: machines named no policy then, and nobody its hash."""
    people = ("sign-off", "text", "kept", "question", "answer", "choice", "editorial", "waiver", "returned", "release")
    later = {"policy_hash"} if event.kind in people else {"policy_hash", "policy"}
    return {key: value for key, value in event.body.items() if key not in later}


def rewritten(events: list[Event], body_of: Callable[[Event], dict[str, object]]) -> bytes:
    """One chain of these events with other bodies; what names an event by its hash names it by its new one."""
    lines, prev = [], ""
    hashes: dict[str, str] = {}
    for seq, event in enumerate(events, 1):
        text = json.dumps(body_of(event))
        for old, new in hashes.items():
            text = text.replace(old, new)
        one = replace(event, chain=events[0].chain, seq=seq, prev=prev, body=json.loads(text))
        lines.append(one.line)
        prev = hashes[event.hash] = one.hash
    return b"".join(line + b"\n" for line in lines)


def test_a_ledger_of_the_first_version_stays_what_it_is(desk: Desk, tmp_path: Path) -> None:
    """It verifies, the same texts stand signed, and a run goes on from it and changes nothing the second time."""
    everything_happens(desk)
    events = in_order(read_ledger(desk.root / "ledger"))
    old = Desk(tmp_path / "old", desk.clock)
    shutil.copytree(desk.root, old.root, ignore=shutil.ignore_patterns(".signoff", "*.jsonl", "site"))
    (old.root / "ledger" / f"{events[0].chain}.jsonl").write_bytes(rewritten(events, as_the_first_version_wrote))
    assert old.check().wrong == ()
    assert old.states("a") == desk.states("a")
    assert old.run().edited == []
    before = files_below(old.root, without=[".signoff"])
    old.run()
    assert files_below(old.root, without=[".signoff"]) == before


def test_another_policy_makes_no_draft_stale(desk: Desk) -> None:
    """A run after the change asks no engine and writes no byte; the next act names the new one."""
    desk.run()
    desk.review("a", "ana")
    desk.run()
    toml = desk.root / "signoff.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("medical-2026-1", "iso-17100-2026-1"), encoding="utf-8")
    before, states = files_below(desk.root, without=[".signoff"]), desk.states("a")
    assert desk.run().engine_calls == 0
    assert (files_below(desk.root, without=[".signoff"]), desk.states("a")) == (before, states)
    desk.review("a", "dr-vega")
    last = read_ledger(desk.root / "ledger")[-1]
    assert last.body["policy"] == "iso-17100-2026-1"
    assert desk.check().wrong == ()
