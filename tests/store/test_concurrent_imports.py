"""Two processes import at once, and one of them is killed between its commit and its files."""

import pytest
from conftest import MakeDesk
from workspaces import rewrite

from pipeline.store import Store
from pipeline.store.ledger import EventKind
from review.intake import FileReport, import_file


def test_who_comes_after_a_killed_import_knows_the_people_whom_it_recorded(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one was waiting for the store when the first was killed: no person is recorded twice, nothing signed
    twice when the first one's file comes again."""
    desk = make_desk({"a.txt": b"Rest is good.\n", "b.txt": b"Walk a little.\n"})
    desk.run()
    first = desk.edited("a", rewrite, name="a.po")
    second = desk.edited("b", rewrite, name="b.po")

    def import_in(store: Store, path: object) -> FileReport:
        return import_file(
            desk.workspace,
            store,
            desk.judges,
            path,  # type: ignore[arg-type]
            reviewer="demo-linguist",
            attest="edited",
            entered_by="test",
        )

    with desk.store() as waiting:
        with desk.store() as killed, monkeypatch.context() as patch:
            patch.setattr(Store, "_write_own_chain", lambda self: None)  # the power of `kill -9` right after the commit
            assert import_in(killed, first).outcome == "accepted"
        import_in(waiting, second)
        import_in(waiting, first)
    with desk.store() as store, store.read() as transaction:
        assert len(transaction.events(EventKind.ROSTER)) == 1
        assert len(transaction.events(EventKind.SIGN_OFF)) == 2
    assert desk.check().wrong == ()
