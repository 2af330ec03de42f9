"""Segments keep their numbers: whatever is moved, edited, deleted or put back, a number is one sentence's for good."""

from pathlib import Path

import pytest
from conftest import MakeDesk
from hypothesis import given, settings
from hypothesis import strategies as st
from workspaces import Desk

from pipeline.articles import KnownArticle, KnownSegment, number_segments
from pipeline.errors import ArticleError
from pipeline.model import Segment, SegmentKind


def segments(*sources: str) -> tuple[Segment, ...]:
    """An article's sentences, straight from the extraction."""
    return tuple(
        Segment(
            slug="a",
            number=position + 1,
            position=position,
            source=source,
            kind=SegmentKind.PARAGRAPH,
            heading_path=(),
            block=position,
            start=position,
            end=position + 1,
        )
        for position, source in enumerate(sources)
    )


def revise(known: KnownArticle, *sources: str) -> tuple[KnownArticle, dict[int, tuple[int, ...]]]:
    """The next revision of an article, as the ledger would know it, and the edits that were seen."""
    numbered, predecessors = number_segments(segments(*sources), known)
    numbers = tuple(segment.number for segment in numbered)
    new = {
        s.number: KnownSegment(
            number=s.number, source_hash=s.source_hash, source=s.source, predecessors=predecessors.get(s.number, ())
        )
        for s in numbered
        if s.number not in known.segments
    }
    after = KnownArticle(
        numbers=numbers,
        next_number=max([known.next_number, *(number + 1 for number in numbers)]),
        segments={**known.segments, **new},
    )
    return after, predecessors


NONE = KnownArticle(segments={})
Edits = dict[int, tuple[int, ...]]


@pytest.mark.parametrize(
    ("before", "after", "numbers", "edits"),
    [
        ("abc", "abc", (1, 2, 3), {}),
        ("abc", "bca", (2, 3, 1), {}),
        ("abc", "aXc", (1, 4, 3), {4: (2,)}),
        ("abc", "Xabc", (4, 1, 2, 3), {}),
        ("abc", "ac", (1, 3), {}),
        ("abc", "aXYc", (1, 4, 5, 3), {}),
        ("aab", "aab", (1, 2, 3), {}),
        ("aab", "ab", (2, 3), {}),
        ("aab", "baa", (3, 1, 2), {}),
        ("abc", "", (), {}),
        ("abc", "XYZ", (4, 5, 6), {}),
    ],
)
def test_numbers_follow_sentences(before: str, after: str, numbers: tuple[int, ...], edits: Edits) -> None:
    """Equal, moved, edited, new, deleted and repeated sentences, a letter each; test_align.py has real ones."""
    known, _ = revise(NONE, *before)
    known, found = revise(known, *after)
    if before == "aab" and after in ("ab", "baa"):  # of two equal sentences either may be the one that stayed
        assert sorted(known.numbers) in (sorted(numbers), [1, 3])
        assert {known.segments[n].source for n in known.numbers} == set(after)
    else:
        assert (known.numbers, found) == (numbers, edits)


def test_a_sentence_that_comes_back_has_its_old_number() -> None:
    """What people signed of it counts again."""
    known, _ = revise(NONE, *"abc")
    known, _ = revise(known, *"ac")
    known, _ = revise(known, *"acb")
    assert known.numbers == (1, 3, 2)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text("abcde", max_size=8), min_size=1, max_size=6))
def test_a_number_is_one_sentences_for_good(revisions: list[str]) -> None:
    """Over any sequence of revisions: numbers are distinct, never reused, and every equal sentence keeps its own."""
    known = NONE
    for sources in revisions:
        before = known
        known, predecessors = revise(known, *sources)
        assert [known.segments[number].source for number in known.numbers] == list(sources)
        assert len(set(known.numbers)) == len(known.numbers)
        assert all(known.segments[n] == before.segments[n] for n in before.segments)
        assert all(new >= before.next_number > max(old) for new, old in predecessors.items())
        assert not {number for old in predecessors.values() for number in old} & set(known.numbers)
        kept = len(set(known.numbers) & set(before.numbers))
        common = sum(min(sources.count(letter), _count(before, letter)) for letter in set(sources))
        assert kept == common


def _count(known: KnownArticle, source: str) -> int:
    return sum(known.segments[number].source == source for number in known.numbers)


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("a.txt", "a.md"), "has the same slug as"),
        (("a/b.txt", "a.b.txt"), "gives the same unit ids as"),
        (("What is.txt", "what-is.txt"), "gives the same unit ids as"),
        (("what_is.md", "what-is.md"), "gives the same unit ids as"),
        (
            ("caf\xe9.md", "cafe\u0301.md"),
            r"'cafe\\u0301.md' and 'caf\\xe9.md' look alike|'caf\\xe9.md' and 'cafe\\u0301.md'",
        ),
        (("404.md",), "cannot be a page's address"),
        (("assets/a.md",), "cannot be a page's address"),
    ],
)
def test_two_articles_that_cannot_be_told_apart_are_refused(
    make_desk: MakeDesk, names: tuple[str, ...], says: str
) -> None:
    """Before anything is read."""
    desk = make_desk(dict.fromkeys(names, b"One.\n"))
    with pytest.raises(ArticleError, match=says):
        desk.run()


def test_a_link_out_of_the_folder_is_not_followed(make_desk: MakeDesk, tmp_path: Path) -> None:
    """What is published lies in the workspace."""
    (tmp_path / "secret.txt").write_bytes(b"Secret.\n")
    desk = make_desk({"a.txt": b"One.\n"})
    (desk.root / "source_content" / "b.txt").symlink_to(tmp_path / "secret.txt")
    report = desk.run()
    assert len(report.refused) == 1
    assert not (desk.root / "locales" / "es" / "b.po").exists()


def test_files_of_other_kinds_and_hidden_ones_are_no_articles(make_desk: MakeDesk) -> None:
    """An editor's backup is not published by accident."""
    desk = make_desk({"a.txt": b"One.\n", ".b.txt": b"Two.\n", "c.txt~": b"Three.\n", ".git/d.md": b"Four.\n"})
    assert desk.run().articles == 1


def test_changed_rules_make_a_new_revision(make_desk: MakeDesk) -> None:
    """What is furniture today is no sentence; when it is text again it has its old number and its sign-off."""
    desk = make_desk({"a.txt": b"Rest is good.\n\nShare this page\n\nWalk a little.\n"})
    desk.run()
    desk.sign_all("a", "demo-linguist")
    toml = desk.root / "signoff.toml"
    plain = toml.read_text(encoding="utf-8")
    toml.write_text(plain + '[[furniture]]\ntext = "Share this page"\n', encoding="utf-8")
    desk.run()
    assert "Share" not in desk.po("a").read_text(encoding="utf-8").replace("follows: Share", "")
    assert [page.state for page in desk.publish().pages] == ["published"]
    assert desk.prove().unproven == ()
    toml.write_text(plain, encoding="utf-8")
    desk.run()
    assert set(desk.states("a").values()) == {"signed-off"}
    assert [page.state for page in desk.publish().pages] == ["published"]
    assert desk.prove().unproven == ()


def revision_events(desk: Desk) -> int:
    """How many revisions the ledger knows."""
    return sum(path.read_bytes().count(b'"kind":"revision"') for path in (desk.root / "ledger").glob("*.jsonl"))


def test_an_unchanged_article_is_recorded_once(make_desk: MakeDesk) -> None:
    """A revision is an event only when something is new."""
    desk = make_desk({"a.txt": b"Rest is good.\n"})
    for _ in range(3):
        desk.run()
        desk.publish()
    assert revision_events(desk) == 1
