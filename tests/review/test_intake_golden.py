"""What becomes of a returned file: run, edit the PO as an editor would, import; each case is a folder.

`case.json`: the article, the acts in order, and what stands at the end. An edit is keyed by the unit's number;
`results` of an import are the result of each entry it names, `ledger` the kinds of what people did, in order.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import polib
import pytest
from conftest import MakeDesk
from workspaces import Desk, accept

from pipeline.store.ledger import EventKind
from review.intake import FileReport

CASES = sorted((Path(__file__).resolve().parent.parent / "golden" / "intake").iterdir())
OF_PEOPLE = (EventKind.TEXT, EventKind.KEPT, EventKind.SIGN_OFF)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_returned_file(case: Path, make_desk: MakeDesk) -> None:
    """Every entry ends as the case says, and no returned text is lost."""
    told: dict[str, Any] = json.loads((case / "case.json").read_text(encoding="utf-8"))
    desk = make_desk({f"a.{told.get('format', 'txt')}": told["article"].encode()})
    returned: set[str] = set()
    for act in told["acts"]:
        play(desk, act, returned)
    states = {str(number): state for number, state in desk.states("a").items()}
    assert {number: states.get(number) for number in told["states"]} == told["states"]
    with desk.store() as store, store.read() as transaction:
        events = transaction.events(*OF_PEOPLE)
        current = {str(number): now for number, now in transaction.current("a", "es").items()}
    assert [event.kind.value for event in events] == told["ledger"]
    for number, text in told.get("texts", {}).items():
        assert current[number].target == text
    sent = {event["target"] for event in told_exports(desk)}
    assert returned <= sent | {event.body["target"] for event in events}, "a returned text was lost"
    if "published" in told:
        assert [page.state == "published" for page in desk.publish().pages] == [told["published"]]
        assert desk.prove().unproven == ()
    assert desk.check().wrong == ()


def told_exports(desk: Desk) -> list[dict[str, str]]:
    """Every entry that was ever exported."""
    with desk.store() as store, store.read() as transaction:
        return [entry for event in transaction.events(EventKind.EXPORT) for entry in event.body["entries"]]


def play(desk: Desk, act: dict[str, Any], returned: set[str]) -> None:
    """One act of a case; adds the texts that come back to `returned`."""
    desk.clock.tick()
    match act["do"]:
        case "run":
            desk.run()
        case "english":
            desk.write("a.txt", act["article"].encode())
        case "put aside":
            shutil.copy(desk.po("a"), desk.root / act["as"])
        case "day":
            desk.clock.on(act["is"])
        case "import":
            path, texts = edited(desk, act)
            report = desk.import_(path, act["by"], act.get("attest"))
            expect(report, act)
            # Of a file that is refused as a whole the bytes are kept, and nothing is read.
            kept = (desk.root / ".signoff" / "returned" / report.sha256).read_bytes()
            assert kept == path.read_bytes()
            returned |= texts if report.outcome != "refused" else set()


def edited(desk: Desk, act: dict[str, Any]) -> tuple[Path, set[str]]:
    """The PO file as it comes back, and the texts in it."""
    po = polib.pofile(str(desk.root / act["file"] if "file" in act else desk.po("a")), wrapwidth=0)
    for name in act.get("headers lost", []):
        del po.metadata[name]
    po.metadata |= act.get("headers", {})
    entries = {str(int(entry.msgctxt.split(":")[1])): entry for entry in po}
    for number in entries if act.get("accept") == "all" else ():
        accept(entries[number])
    for number, edit in act.get("edits", {}).items():
        entry = entries[number]
        if edit.get("removed"):
            po.remove(entry)
            continue
        entry.msgstr = edit.get("target", entry.msgstr)
        entry.msgid = edit.get("source", entry.msgid)
        if "id" in edit:
            entry.msgctxt = edit["id"] or None  # type: ignore[assignment]  # polib's word for "no context"
        entry.tcomment = edit.get("comment", entry.tcomment)
        entry.flags = ["fuzzy"] if edit.get("fuzzy") else []
        entry.obsolete = edit.get("obsolete", False)
    for new in act.get("added", []):
        po.append(polib.POEntry(**new))
    path = desk.root / "back.po"
    po.save(str(path))
    return path, {entry.msgstr for entry in po if entry.msgstr}


def expect(report: FileReport, act: dict[str, Any]) -> None:
    """The report says what the case says."""
    assert report.outcome == act.get("outcome", "accepted"), report.reason
    by_number: dict[str, list[str]] = {}
    for entry in report.entries:
        parts = entry.id.split(":")
        key = str(int(parts[1])) if len(parts) == 3 and parts[1].isdigit() else entry.id
        by_number.setdefault(key, []).append(entry.result.value)
        assert entry.reason
    results = {key: found[0] if len(found) == 1 else found for key, found in by_number.items()}
    assert {key: results.get(key) for key in act.get("results", {})} == act.get("results", {})
