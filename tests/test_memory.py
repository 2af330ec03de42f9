"""The translation memory: only what is signed, offered with where it comes from, never as a text that counts."""

import shutil
import sqlite3
from pathlib import Path

import polib
import pytest
import sqlalchemy as sa
from conftest import MakeDesk
from hypothesis import given, settings
from hypothesis import strategies as st
from workspaces import Desk, drafted, rewrite

from pipeline.model import text_hash
from pipeline.similarity import LEAST_PERCENT, folded, lookup_words, rarest, score_percent
from pipeline.store.memory import (
    MemoryEntry,
    all_entries,
    build_index,
    memory_version,
    remember,
    similar_sources,
    update_units,
)
from pipeline.store.schema import MEMORY_ORDER, MEMORY_SOURCE, MEMORY_TARGET, MEMORY_WORD, METADATA

PAIN = b"# Pain\n\nTake the tablet every evening with a glass of water. Rest is good.\n"
ALIKE = b"# Sleep\n\nTake the tablet every morning with a glass of water. Rest is good.\n"
SAME_PLACE = b"# Other\n\nTake the tablet every evening with a glass of water. Rest is good.\n"


def entries(desk: Desk, tag: str = "es") -> list[MemoryEntry]:
    with desk.store() as store, store.read() as transaction:
        return list(all_entries(transaction.connection, [tag]))


def in_po(desk: Desk, slug: str, source: str) -> polib.POEntry:
    found = polib.pofile(str(desk.po(slug))).find(source)
    assert found is not None
    return found


def comments(desk: Desk, slug: str) -> dict[str, str]:
    return {entry.msgid: entry.comment for entry in polib.pofile(str(desk.po(slug)))}


# -- the score --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "earlier", "score"),
    [
        ("Take 2 tablets.", "Take 3 tablets.", 93),
        ("Take 2 tablets.", "Take 2 tablets.", 100),
        ("Do <b1>not</b1> stop.", "Do not stop.", 85),  # two tags, a character each, of fourteen
        ("<b1>Stop.</b1>", "<b2>Stop.</b2>", 99),  # alike but for the number of a tag: not equal
        ("a", "b", 0),
        ("x" * 400, "x" * 399 + "y", 99),
    ],
)
def test_the_score_is_the_formula_of_the_docs(source: str, earlier: str, score: int) -> None:
    """100 * (1 - d / longer) over code points, rounded down; a tag is one; 100 only for equal texts."""
    assert score_percent(source, earlier) == score_percent(earlier, source) == score


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_only_equal_texts_have_a_score_of_100(source: str, earlier: str) -> None:
    """Whatever the texts."""
    if source or earlier:
        score = score_percent(source, earlier)
        assert 0 <= score <= 100
        assert (score == 100) is (source == earlier)


# -- what it holds ----------------------------------------------------------------------------------------------------


def test_only_signed_text_is_in_the_memory_with_who_signed_it(make_desk: MakeDesk) -> None:
    """Drafts and proposed texts are not; a signed one has its people, roles, day and policy."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    assert entries(desk) == []
    desk.review("pain", "demo-linguist", rewrite, attest=None)
    assert entries(desk) == []
    desk.run()
    desk.sign_all("pain")
    found = {entry.source: entry for entry in entries(desk)}
    rest = found["Rest is good."]
    assert (rest.target, rest.place, rest.signed) == ("Resto iso goodo. Sí.", "pain:0003", True)
    assert rest.provenance["policy"] == "demo-2026-1"
    assert {s["by"]: (s["role"], s["time"][:10]) for s in rest.provenance["signatures"]} == {
        "demo-linguist": ("linguist", "2026-06-01"),
        "demo-clinician": ("medical reviewer", "2026-06-01"),
    }


def test_a_text_that_lost_its_sign_off_leaves_the_memory(make_desk: MakeDesk) -> None:
    """An edited text is a proposal again, until somebody signs it."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    desk.sign_all("pain")
    assert len(entries(desk)) == 3
    desk.run()
    desk.review("pain", "demo-linguist", rewrite, attest=None)
    assert entries(desk) == []
    assert desk.check().wrong == ()


def test_a_memory_entry_that_was_forged_is_named(make_desk: MakeDesk) -> None:
    """`ledger verify` compares the memory with the events, as it does the states."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    desk.sign_all("pain")
    with sqlite3.connect(desk.root / ".signoff" / "store.sqlite") as connection:
        connection.execute("UPDATE memory_target SET target = 'Toma 50.' WHERE number = 2")
    assert desk.check().wrong == ("pain:0002 in es: the translation memory is not what the ledger says",)


def test_a_store_from_before_the_memory_is_filled_when_it_is_opened(make_desk: MakeDesk) -> None:
    """The migration puts in what is signed already."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    desk.sign_all("pain")
    before = entries(desk)
    with sqlite3.connect(desk.root / ".signoff" / "store.sqlite") as connection:
        for table in ("memory_target", "memory_source", "memory_word", "memory_order"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DELETE FROM meta WHERE key LIKE 'memory%'")
        connection.execute("PRAGMA user_version = 1")
    assert entries(desk) == before
    assert desk.check().wrong == ()


# -- what it offers ---------------------------------------------------------------------------------------------------


def test_a_match_in_context_is_named_and_one_elsewhere_is_too(make_desk: MakeDesk) -> None:
    """Same headings and same sentence before: in context. Both stand as drafts that somebody must sign there."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    desk.review("pain", "demo-linguist", rewrite)
    desk.sign_all("pain")
    desk.write("other.md", SAME_PLACE)
    desk.write("sleep.md", ALIKE)
    report = desk.run()
    assert report.from_memory == 3
    said = comments(desk, "other")["Rest is good."]
    assert "draft from memory: pain:0003, exact match in context, signed there" in said
    assert "exact match, signed there" in comments(desk, "sleep")["Rest is good."]
    entry = in_po(desk, "sleep", "Rest is good.")
    assert (entry.msgstr, entry.fuzzy) == ("Resto iso goodo. Sí.", True)
    assert set(desk.states("sleep").values()) == {"draft"}


def test_a_fuzzy_match_is_a_comment_and_never_a_text(make_desk: MakeDesk) -> None:
    """The signed text of a like sentence stands above the entry with the difference marked; msgstr is the draft."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    desk.review("pain", "demo-linguist", rewrite)
    desk.sign_all("pain")
    desk.write("sleep.md", ALIKE)
    desk.run()
    source = "Take the tablet every morning with a glass of water."
    earlier = "Take the tablet every evening with a glass of water."
    hint = (
        "memory, 94 % like: Take the tablet every {-evening-}{+morning+} with a glass of water. = "
        f"{drafted(earlier)} Sí. (pain:0002, signed by demo-linguist, 2026-06-01)"
    )
    assert hint in comments(desk, "sleep")[source]
    assert in_po(desk, "sleep", source).msgstr == drafted(source)


def test_a_repetition_in_a_run_is_drafted_once(make_desk: MakeDesk, stand_in: object) -> None:
    """The first occurrence goes to the engine, the others follow."""
    desk = make_desk({"a.md": b"Rest is good.\n\nSleep is good.\n\nRest is good.\n", "b.md": b"Rest is good.\n"})
    desk.run()
    assert stand_in.asked.count("Rest is good.") == 1  # type: ignore[attr-defined]
    assert set(desk.states("a").values()) | set(desk.states("b").values()) == {"draft"}


def test_signing_elsewhere_changes_a_po_file_once_and_then_no_more(make_desk: MakeDesk) -> None:
    """A hint that came is written by the next run; the run after that writes nothing."""
    desk = make_desk({"pain.md": PAIN, "sleep.md": ALIKE})
    desk.run()
    desk.sign_all("pain")
    assert "locales/es/sleep.po" in desk.run().written
    assert desk.run().written == []


# -- what is withdrawn ------------------------------------------------------------------------------------------------


def withdraw(desk: Desk, source: str, target: str) -> None:
    with desk.store() as store, store.write() as transaction:
        transaction.withdraw(source=source, target=target, locale="es", by="demo-clinician", reason="it harmed")


def test_a_withdrawn_pair_is_signed_no_more_and_offered_nowhere(make_desk: MakeDesk) -> None:
    """Its sign-offs stop to count, no match brings it, no engine's draft of it is used."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    desk.sign_all("pain")
    desk.publish()
    target = drafted("Rest is good.")
    withdraw(desk, "Rest is good.", target)
    assert desk.states("pain")[3] == "draft"
    assert [entry.source for entry in entries(desk)] == ["Pain", PAIN.decode().split("\n")[2][:52]]
    assert [unproven.text for unproven in desk.prove().unproven] == [target]
    assert [(page.state, page.live) for page in desk.publish().pages] == [("held", False)]
    assert not desk.page("pain").exists()
    desk.write("sleep.md", ALIKE)
    report = desk.run()
    assert {failed.id[:10] for failed in report.failed} == {"pain:0003:", "sleep:0003"}
    assert "withdrawn by demo-clinician on 2026-06-01: it harmed" in report.failed[0].reason
    for slug in ("pain", "sleep"):
        assert in_po(desk, slug, "Rest is good.").msgstr == ""
    assert desk.run().written == []
    assert desk.check().wrong == ()


def test_nobody_can_sign_a_withdrawn_pair_again(make_desk: MakeDesk) -> None:
    """A person who proposes it is told why it is held; the text is kept."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    edited = desk.edited("pain", rewrite)
    withdraw(desk, "Rest is good.", drafted("Rest is good.") + " Sí.")
    report = desk.import_(edited, "demo-linguist", "all")
    held = [entry for entry in report.entries if entry.id.startswith("pain:0003")]
    assert [entry.result.value for entry in held] == ["held"]
    assert "withdrawn by demo-clinician on 2026-06-01: it harmed" in held[0].reason
    assert desk.states("pain")[3] == "proposed"


def test_a_withdrawal_outlives_the_store(make_desk: MakeDesk) -> None:
    """Built again from the ledger, the pair is poisoned still, whatever came first."""
    desk = make_desk({"pain.md": PAIN})
    desk.run()
    desk.sign_all("pain")
    withdraw(desk, "Rest is good.", drafted("Rest is good."))
    before = (entries(desk), desk.states("pain"))
    shutil.rmtree(desk.root / ".signoff")
    assert (entries(desk), desk.states("pain")) == before
    assert desk.check().wrong == ()


def test_tags_do_not_make_a_withdrawn_text_another_one(make_desk: MakeDesk) -> None:
    """What a reader would see decides."""
    desk = make_desk({"pain.md": b"Rest is **good**.\n"})
    desk.run()
    desk.sign_all("pain")
    withdraw(desk, "Rest is good.", "Resto  iso goodo.")
    assert entries(desk) == []


# -- looking up -------------------------------------------------------------------------------------------------------

WORDS = [
    "take",
    "the",
    "tablet",
    "every",
    "evening",
    "morning",
    "with",
    "water",
    "do",
    "not",
    "stop",
    "medicine",
    "5",
    "50",
    "mg",
]


def sentences() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)


def empty_memory() -> sa.Connection:
    connection = sa.create_engine("sqlite://").connect()
    METADATA.create_all(connection)
    return connection


def entry(source: str, number: int, target: str = "x") -> MemoryEntry:
    return MemoryEntry(
        source_hash=text_hash(source), source=source, locale="es", target=target, slug="a", number=number
    )


def rows(connection: sa.Connection) -> dict[str, list[sa.Row[tuple[object, ...]]]]:
    tables = (MEMORY_SOURCE, MEMORY_TARGET, MEMORY_WORD, MEMORY_ORDER)
    return {table.name: sorted(connection.execute(sa.select(table))) for table in tables}


@settings(max_examples=60, deadline=None)
@given(st.lists(sentences(), unique=True, max_size=30), st.lists(sentences(), max_size=5))
def test_a_look_up_finds_what_comparing_with_all_would_find(sources: list[str], texts: list[str]) -> None:
    """In a memory of few sources; how near large ones come to it is measured in benchmarks/memory_lookup.py."""
    with empty_memory() as connection:
        remember(connection, [entry(source, number) for number, source in enumerate(sources)])
        found = similar_sources(connection, texts)
        for text in texts:
            scores = {s: score_percent(text, s) for s in sources}
            near = {s: score for s, score in scores.items() if score >= LEAST_PERCENT}
            sharing = {s for s in near if lookup_words(text) & set(rarest(lookup_words(s), {}))}
            assert {a.source: a.score_percent for a in found.get(text, [])} == {s: near[s] for s in sharing}
            assert all(s in sharing for s, score in near.items() if score == 100)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.none() | sentences()), max_size=25))
def test_kept_up_act_by_act_the_memory_is_the_one_built_at_once(acts: list[tuple[int, str | None]]) -> None:
    """After any signing and unsigning the tables hold what a new memory of the same entries would, row for row."""
    with empty_memory() as kept, empty_memory() as new:
        stands: dict[int, MemoryEntry] = {}
        for number, source in acts:
            now = entry(source, number, target=f"{source}!") if source else None
            update_units(kept, {("a", number, "es"): now})
            stands = {k: v for k, v in stands.items() if k != number} | ({number: now} if now else {})
        remember(new, stands.values())
        assert rows(kept) == rows(new)
        build_index(kept)
        assert rows(kept) == rows(new)


def test_a_unit_that_stands_as_before_leaves_the_version(tmp_path: Path) -> None:
    """Else every run would write every PO file anew."""
    with empty_memory() as connection:
        update_units(connection, {("a", 1, "es"): entry("Rest.", 1)})
        version = memory_version(connection, "es")
        update_units(connection, {("a", 1, "es"): entry("Rest.", 1)})
        assert memory_version(connection, "es") == version > 0
        assert memory_version(connection, "ca") == 0


def test_a_memory_that_grows_past_its_frozen_order_is_indexed_anew_and_finds_the_same() -> None:
    """Before and after 1,000 and 4,000 sources each sentence is found by itself, and by itself with a typing error."""
    with empty_memory() as connection:
        sources = [f"Take tablet number {n} of box {n * 7 % 1009} with some water." for n in range(4_100)]
        for start in range(0, len(sources), 1_025):
            part = sources[start : start + 1_025]
            remember(connection, [entry(source, start + n) for n, source in enumerate(part)])
            known = sources[: start + 1_025]
            for text in (known[0], known[-1], known[len(known) // 2]):
                assert similar_sources(connection, [text])[text][0].source == text
                typed = text.replace("tablet", "talbet")
                assert text in {alike.source for alike in similar_sources(connection, [typed])[typed]}
        frozen = connection.execute(sa.select(sa.func.count()).select_from(MEMORY_ORDER)).scalar_one()
        assert frozen > 4_000


def test_tags_count_for_the_score_and_not_for_finding() -> None:
    """A text is found by its words, whatever is bold in it."""
    assert lookup_words("Do <b1>not</b1> stop.") == lookup_words("Do not stop.")
    assert len(folded("<x1/>")) == 1
