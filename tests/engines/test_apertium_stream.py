"""What is sent to Apertium and what is read back: nothing of a text is lost or taken for stream syntax."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.apertium_stream import decode, encode, unknown_words

TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Co")), max_size=60)


@given(TEXTS, st.integers(min_value=0, max_value=10**6))
def test_reading_undoes_writing(text: str, number: int) -> None:
    """A frame that came through unchanged gives the text and its number back, whatever its characters."""
    decoded = decode(encode(text, number))
    assert (decoded.text, decoded.frame_number) == (text, number)


@given(TEXTS)
def test_a_frame_has_no_bare_syntax_but_its_end(text: str) -> None:
    """All stream syntax of a text is escaped or masked, so no text can hang or kill a stage by its characters."""
    frame = encode(text, 0).removesuffix("[0]")
    bare = frame.replace("\\\\", "").split("\\")
    assert not set("[]^$@/<>{}") & set(bare[0] + "".join(part[1:] for part in bare[1:]))
    assert not set("*#~^") & set(frame)


PARTS = st.sampled_from(["word", " ", ".", "[x]", "\ue101", "\ue201", "\ue102", "\ue202", "\ue303"])


@given(st.lists(PARTS, max_size=14))
def test_pairs_survive_when_nothing_moves(parts: list[str]) -> None:
    """However pairs are nested, torn or empty: if the engine moves nothing, each is where it was, blanks aside."""
    text = "".join(part for place, part in enumerate(parts) if part not in parts[:place] or part[0] < "\ue000")
    back = decode(encode(text, 3)).text
    assert sorted(back) == sorted(text)
    assert [c for c in back if c < "\ue000"] == [c for c in text if c < "\ue000"]


def test_a_pair_goes_as_a_word_bound_blank() -> None:
    """A pair binds to its words without the blanks at its edges; nested pairs bind to the same words."""
    assert encode("a \ue101b \ue102c\ue202 \ue201d", 5) == "a [[t:p:1]]b[[/]] [[t:p:1; t:p:2]]c[[/]] d[5]"


def test_torn_pairs_are_merged_and_named() -> None:
    """Words of one pair that the engine parted are joined again, and the pair is called a guess."""
    decoded = decode("[[t:p:1]]retirada[[/]] de [[t:p:1; t:p:2]]droga[[/]].[]")
    assert decoded.text == "\ue101retirada de \ue102droga\ue202\ue201."
    assert decoded.guessed == (1,)


def test_pairs_that_cross_are_parted_again() -> None:
    """Pairs stay nested even if the engine mixed their words."""
    decoded = decode("[[t:p:1]]a b c[[/]] [[t:p:2]]d[[/]] [[t:p:1]]e[[/]] [[t:p:2]]f g[[/]][]")
    assert decoded.text.replace("\ue101", "(").replace("\ue201", ")").count("(") == 1
    assert decoded.text.index("\ue201") < decoded.text.index("\ue102") or "\ue102" not in decoded.text


def test_marks_are_read_from_lexical_units_only() -> None:
    """A star in the text is no mark; marked words are given without their tags, each once, in order."""
    cut = r"^El<det>$ \* ^*Klonopin$ ^@be sick<vblex><pri>$ ^*Klonopin$ ^*a\/b$ ^*x$[]"
    assert unknown_words(cut) == ["Klonopin", "be sick", "a/b"]
