"""Two revisions side by side: each sentence found again wherever it went, each edit with what it came from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.align import Alignment, align, in_place, shared_letters
from pipeline.model import text_hash


@dataclass(frozen=True)
class Line:
    """A sentence."""

    source: str

    @property
    def source_hash(self) -> str:
        return text_hash(self.source)


def lines(*sources: str) -> list[Line]:
    return [Line(source) for source in sources]


REST = "Rest until the fever is gone."
WALK = "Walk a little every morning."
TAKE = "Take 2 tablets with a glass of water in the evening."
TAKE_3 = "Take 3 tablets with a glass of water in the evening."
DRINK = "Do not drink alcohol while you use this medicine."
ASK = "Ask your doctor."
CALL = "Call an ambulance if somebody cannot be woken up, and stay with them until it arrives."
CALL_1 = "Call an ambulance if somebody cannot be woken up."
CALL_2 = "Stay with them until it arrives."


def laid(before: list[str], today: list[str], gone: list[str] | None = None) -> Alignment:
    return align(lines(*before), lines(*today), lines(*(gone or [])))


def test_an_edited_sentence_knows_what_it_was() -> None:
    """Also where its neighbour is new, and where something else went."""
    found = laid([REST, TAKE, DRINK], [REST, WALK, TAKE_3, DRINK])
    assert (found.kept, found.origins, found.moved) == ({0: 0, 3: 2}, {2: (1,)}, frozenset())


def test_an_edited_sentence_is_found_where_it_moved() -> None:
    """Its likeness says so, not its place."""
    found = laid([TAKE, REST, WALK, DRINK], [REST, WALK, DRINK, TAKE_3])
    assert (found.kept, found.origins) == ({0: 1, 1: 2, 2: 3}, {3: (0,)})


def test_two_edited_neighbours_that_changed_places_are_not_mixed_up() -> None:
    """What is likest belongs together."""
    edited = DRINK.replace("alcohol", "any alcohol")
    found = laid([REST, TAKE, DRINK, WALK], [REST, edited, TAKE_3, WALK])
    assert found.origins == {1: (2,), 2: (1,)}


def test_a_new_sentence_in_the_place_of_another_is_nobodys_edit() -> None:
    """A hint from a sentence that says something else would mislead."""
    assert laid([REST, TAKE, WALK], [REST, CALL, WALK]).origins == {}


def test_a_short_cell_is_known_by_its_place() -> None:
    """`Daily` became `Weekly`: no letter of it says so, its neighbours do."""
    assert laid([REST, "Daily", WALK], [REST, "Weekly", WALK]).origins == {1: (1,)}


def test_both_halves_of_a_split_sentence_come_from_it() -> None:
    """And a sentence that was there already does not."""
    found = laid([REST, CALL, WALK], [REST, CALL_1, CALL_2, WALK])
    assert found.origins == {1: (1,), 2: (1,)}


def test_a_merged_sentence_comes_from_both() -> None:
    """The likest first."""
    found = laid([REST, CALL_1, CALL_2, WALK], [REST, CALL, WALK])
    assert found.origins == {1: (1, 2)}


def test_a_copy_with_another_number_is_not_a_half_of_a_split() -> None:
    """One of the two is the edit, the other is new: nothing of the former sentence is left for it."""
    found = laid([REST, TAKE, WALK], [REST, TAKE_3, TAKE.replace("2", "4"), WALK])
    assert found.origins == {1: (1,)}


def test_a_moved_paragraph_keeps_its_sentences() -> None:
    """The fewest that could have moved are said to."""
    found = laid([REST, WALK, TAKE, DRINK, CALL], [TAKE, REST, WALK, DRINK, CALL])
    assert (found.kept, found.moved, found.origins) == ({0: 2, 1: 0, 2: 1, 3: 3, 4: 4}, frozenset({0}), {})


@pytest.mark.parametrize(
    ("before", "today", "kept"),
    [
        ([REST, ASK, WALK, ASK, TAKE], [WALK, ASK, TAKE], {0: 2, 1: 3, 2: 4}),
        ([REST, ASK, WALK, ASK, TAKE], [REST, ASK, WALK, TAKE], {0: 0, 1: 1, 2: 2, 3: 4}),
        ([REST, ASK, WALK, ASK, TAKE], [WALK, ASK, REST, ASK, TAKE], {0: 2, 1: 3, 2: 0, 3: 1, 4: 4}),
        ([ASK, ASK, ASK], [ASK, ASK, ASK], {0: 0, 1: 1, 2: 2}),
        ([REST, ASK, TAKE, ASK, WALK], [REST, TAKE_3, ASK, WALK], {0: 0, 2: 3, 3: 4}),
        ([CALL, ASK, TAKE, ASK, CALL_2], [TAKE_3, ASK], {1: 3}),
    ],
    ids=[
        "first gone",
        "second gone",
        "moved with its neighbour",
        "all equal",
        "beside an edit",
        "only an edit to go by",
    ],
)
def test_equal_sentences_are_told_apart_by_their_neighbours(
    before: list[str], today: list[str], kept: dict[int, int]
) -> None:
    """A sign-off belongs to one place."""
    assert laid(before, today).kept == kept


def test_a_sentence_that_comes_back_is_the_one_that_was_gone() -> None:
    """Also after an edit was taken back: then nothing is edited."""
    found = laid([REST, TAKE_3], [REST, TAKE], gone=[WALK, TAKE])
    assert (found.restored, found.origins) == ({1: 1}, {})


def test_as_many_ascend_as_can() -> None:
    """The longest ascending run."""
    assert in_place({}) == set()
    assert in_place({0: 3, 1: 0, 2: 1, 3: 2}) == {1, 2, 3}


SENTENCES = st.lists(st.sampled_from([REST, WALK, TAKE, TAKE_3, DRINK, ASK, CALL, CALL_1, CALL_2]), max_size=12)


@settings(deadline=None, max_examples=300)
@given(SENTENCES, SENTENCES, SENTENCES)
def test_whatever_the_revisions_the_answer_is_sound(before: list[str], today: list[str], gone: list[str]) -> None:
    """Equal ones are paired as often as can be, once each; nothing is kept, restored and edited at the same time."""
    found = laid(before, today, gone)
    assert all(today[new] == before[old] for new, old in found.kept.items())
    assert all(today[new] == gone[old] for new, old in found.restored.items())
    assert len(set(found.kept.values())) == len(found.kept)
    assert len(set(found.restored.values())) == len(found.restored)
    assert len(found.kept) == (Counter(before) & Counter(today)).total()
    assert len(found.kept) + len(found.restored) == (Counter(before + gone) & Counter(today)).total()
    assert not found.kept.keys() & found.restored.keys()
    assert not found.origins.keys() & (found.kept.keys() | found.restored.keys())
    assert not {old for origin in found.origins.values() for old in origin} & set(found.kept.values())
    assert align(lines(*before), lines(*today), lines(*gone)) == found


@pytest.mark.parametrize("how", ["nothing in common", "all equal", "two in turn", "each edited", "one long word each"])
def test_hostile_revisions_cost_no_more_than_linear_work(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many sentences there are, each is compared with a dozen others at most; benchmarks/ has the times."""
    size, compared = 2000, 0

    def counted(one: Sequence[str], other: Sequence[str]) -> int:
        nonlocal compared
        compared += 1
        return shared_letters(one, other)

    monkeypatch.setattr("pipeline.align.shared_letters", counted)
    match how:
        case "nothing in common":
            laid([f"a{n} is the of" for n in range(size)], [f"b{n} is the of" for n in range(size)])
        case "all equal":
            laid([ASK] * size, [ASK] * (size + 1))
        case "two in turn":
            laid([ASK, REST] * (size // 2), [REST, ASK, ASK] * (size // 3))
        case "each edited":
            laid([f"Take {n} tablets." for n in range(size)], [f"Take {n} pills." for n in range(size, 0, -1)])
        case "one long word each":
            laid([f"{n}" * 200 for n in range(size)], [f"{n}" * 200 for n in range(size, 2 * size)])
    assert compared <= 16 * size
