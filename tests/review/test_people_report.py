"""Who did how much: counted from the ledger, each thing once."""

import csv
import io
from datetime import date
from pathlib import Path

from conftest import MakeDesk
from workspaces import Desk, Somebody, accept, edit_po

from pipeline.analyze import WORDS_PER_HOUR
from pipeline.model import Locale
from review.people_report import PersonRow, as_csv, people_report
from review.sending import send


def report(desk: Desk, **period: str) -> dict[str, PersonRow]:
    """The rows by person."""
    with desk.store() as store, store.read() as transaction:
        return {row.person: row for row in people_report(transaction, WORDS_PER_HOUR, **period)}


def test_words_edits_turnaround_and_lateness_are_counted(make_desk: MakeDesk) -> None:
    """Ana rewrites one sentence and accepts the other, two days late; importing again counts nothing twice."""
    people = [Somebody(id="-ana"), Somebody(id="ben", roles=("medical reviewer",))]
    desk = make_desk({"a.txt": b"Rest is good.\nWalk a little now.\n"}, demo=False, people=people)
    desk.run()
    with desk.store() as store:
        sent = send(
            desk.workspace, store, desk.judges, locale=Locale.parse("es"), reviewer="-ana", by="lea",
            out=desk.root / "pack", due=date(2026, 6, 2),
        )  # fmt: skip

    def rewrite_one(entry: object) -> None:
        accept(entry)  # type: ignore[arg-type]
        if entry.msgid == "Rest is good.":  # type: ignore[attr-defined]
            entry.msgstr = "Resto iso goodo!"  # type: ignore[attr-defined]

    po = next(Path(path) for path in sent.files if path.endswith(".po"))
    back = edit_po(po, rewrite_one, desk.root / "back.po")
    desk.clock.on("2026-06-04")
    for _ in range(2):
        desk.import_(back, "-ana", "all")
    row = report(desk)["-ana"]
    assert (row.files, row.edited, row.edited_words, row.signed, row.signed_words) == (1, 1, 3, 2, 7)
    assert (row.turnaround_days, row.late, row.edit_percent) == (3.0, 1, 6.2)
    assert row.hours == round(3 / WORDS_PER_HOUR["new"] + 4 / WORDS_PER_HOUR["second-person"], 2)
    assert report(desk, until="2026-06-03") == {}
    (headings, told) = csv.reader(io.StringIO(as_csv(report(desk).values()).decode()))
    assert (headings[:2], told[:2]) == (["person", "locale"], ["'-ana", "es"])
