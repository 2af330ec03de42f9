"""Several people return files of one export, in any order and format: what they wrote is the same in the end, lost is
nothing.
"""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workspaces import ENGINE, Desk, Somebody, StandIn, files_below, make_workspace

from pipeline.model import Locale
from pipeline.po import PoEntry, read_po
from pipeline.store.ledger import EventKind
from review.formats import FORMATS
from review.signing import Attest

ARTICLE = b"Rest is good.\n\nTake 5 mg every evening.\n\nWalk a little.\n"
ENTITLED = ("ana", "dr-vega")
PEOPLE = (
    Somebody(id="ana"),
    Somebody(id="dr-vega", roles=("medical reviewer",)),
    Somebody(id="expired", valid_to="2026-02-01"),
    Somebody(id="elsewhere", locales=("fr",)),
    Somebody(id="lead", roles=("content lead",)),
    Somebody(id="unproven", qualified=False),
)


@dataclass(frozen=True, slots=True)
class Return:
    """One person's file: what she did to each of the three entries."""

    by: str
    attest: Attest | None
    hows: tuple[str, ...]
    format: str


hows = st.sampled_from(("as sent", "hers", "hers", "one wording", "another wording", "empty", "fuzzy", "gone", "asks"))
returns = st.builds(
    Return,
    st.sampled_from([person.id for person in PEOPLE]),
    st.sampled_from((None, "edited", "all")),
    st.tuples(hows, hows, hows),
    st.sampled_from(("po", "po", "xliff", "xlsx", "docx")),
)


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.engines.ENGINES", {ENGINE: lambda settings: StandIn()})
        root = tmp_path_factory.mktemp("drafted") / "workspace"
        desk = Desk(make_workspace(root, articles={"a.md": ARTICLE}, demo=False, people=PEOPLE))
        desk.run()
        yield desk


def returned(desk: Desk, one: Return) -> tuple[str, bytes, set[str]]:
    """The file as that person saved it, in the format that she has it in: its name, its bytes, the texts in it."""
    sent = read_po(desk.po("a").read_bytes(), "a.po")
    entries = tuple(
        entry for was, how in zip(sent.entries, one.hows, strict=True) if (entry := edited(was, how, one.by))
    )
    format_ = FORMATS[one.format]
    data = format_.write(replace(sent, entries=entries), Locale.parse("en"))
    return f"{one.by}{format_.ending}", data, {entry.target for entry in entries if entry.target}


def edited(entry: PoEntry, how: str, by: str) -> PoEntry | None:
    """What a person did to one entry; None if she took it out."""
    accepted = replace(entry, fuzzy=False, translator_comments=("ok",))
    match how:
        case "hers":
            return replace(accepted, target=f"{entry.target} {by.capitalize()} opina.")
        case "one wording" | "another wording":
            return replace(accepted, target=entry.target + (" Así." if how.startswith("one") else " De otro modo."))
        case "empty":
            return replace(accepted, target="")
        case "fuzzy":
            return replace(entry, target=f"{entry.target} Quizá.", fuzzy=True)
        case "asks":
            return replace(accepted, translator_comments=("? is this right",))
        case "gone":
            return None
    return accepted


def outcome(desk: Desk, order: tuple[tuple[int, Return], ...]) -> dict[int, tuple[frozenset[str], bool]]:
    """Import the files in this order; per unit the texts that stand or wait for a choice, and whether it is held."""
    with tempfile.TemporaryDirectory(prefix="signoff-order-") as folder:
        copy = Desk(Path(shutil.copytree(desk.root, Path(folder) / "workspace")), desk.clock)
        attested: set[tuple[str, str]] = set()
        for place, one in order:
            name, data, texts = returned(desk, one)
            path = copy.root / "desk" / f"{place}.{name}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            copy.import_(path, one.by, one.attest)
            before = files_below(copy.root)
            copy.import_(path, one.by, one.attest)
            assert files_below(copy.root) == before, "importing twice changed something"
            if one.attest and one.by in ENTITLED:
                attested |= {(one.by, text) for text in texts}
            with copy.store() as store, store.read() as transaction:
                events = transaction.events()
            said = {event.body.get("target") for event in events}
            said |= {e["target"] for event in events if event.kind is EventKind.EXPORT for e in event.body["entries"]}
            assert texts <= said, "a returned text was lost"
            signed = {(e.body["by"], e.body["target"]) for e in events if e.kind is EventKind.SIGN_OFF}
            assert signed <= attested, "something is signed that nobody entitled attested"
        with copy.store() as store, store.read() as transaction:
            now = transaction.current("a", "es")
        assert copy.check().wrong == ()
        return {
            number: (frozenset({unit.target, *(other.target for other in unit.others)}), bool(unit.others))
            for number, unit in now.items()
        }


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(returns, min_size=2, max_size=3))
def test_kept_texts_and_conflicts_do_not_depend_on_the_order(drafted: Desk, files: list[Return]) -> None:
    """In every order the same texts stand against each other; none is lost; nobody signs who may not."""
    found = [outcome(drafted, order) for order in itertools.permutations(enumerate(files))]
    assert all(one == found[0] for one in found), found
