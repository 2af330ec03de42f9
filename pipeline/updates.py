"""What changed in an article since its reviewers last got it, and what that costs them.

Takes   today's article, the numbers that last went out in a locale, where its units stand
Gives   an ArticleChange: sentences that are new, edited, moved, deleted; words to review, words to confirm
Always  a sentence that keeps its sign-off costs nothing; what waited for review before the change is not counted again
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.align import in_place
from pipeline.articles import ReadArticle
from pipeline.changes import word_count
from pipeline.model import ReviewState, Segment
from pipeline.store.history import Current


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleChange:
    """One article in one locale, beside the last file that its reviewers got."""

    slug: str
    locale: str
    first: bool
    """Whether nothing of it went out in this locale before."""
    new: int
    edited: int
    """Sentences that came from others: edited, both halves of a split one, a merged one."""
    moved: int
    restored: int
    """Sentences that were taken out once and are back."""
    deleted: int
    unchanged: int
    review_words: int
    """Words of the new, edited and restored sentences that nobody has signed off."""
    confirm: int
    """Critical sentences that are signed, and must be confirmed since what stands before them is not what was."""
    confirm_words: int
    pairs: tuple[tuple[int, int], ...]
    """(former number, today's number) of every edited sentence."""


def article_change(
    read: ReadArticle,
    locale: str,
    before: Sequence[int] | None,
    stood: Mapping[int, Current],
    to_confirm: Sequence[Segment],
) -> ArticleChange | None:
    """What changed since `before`, the numbers that last went out, in order; None if nothing did.

    `stood` is where the units stood before this run drafted anything.
    """
    place = {number: index for index, number in enumerate(before or ())}
    kept = {i: place[s.number] for i, s in enumerate(read.segments) if s.number in place}
    arrived = [segment for segment in read.segments if segment.number not in place]
    pairs = [(old, s.number) for s in arrived for old in _origins(read, s.number, place)]
    edited = {new for _, new in pairs}
    restored = {s.number for s in arrived if s.number in stood} - edited
    gone = place.keys() - {segment.number for segment in read.segments} - {old for old, _ in pairs}
    moved = len(kept) - len(in_place(kept))
    if before is not None and not (arrived or gone or moved or to_confirm):
        return None
    return ArticleChange(
        slug=read.article.slug,
        locale=locale,
        first=before is None,
        new=len(arrived) - len(edited) - len(restored),
        edited=len(edited),
        moved=moved,
        restored=len(restored),
        deleted=len(gone),
        unchanged=len(kept) - moved,
        review_words=sum(word_count(s.source) for s in arrived if not _signed(stood.get(s.number))),
        confirm=len(to_confirm),
        confirm_words=sum(word_count(segment.source) for segment in to_confirm),
        pairs=tuple(pairs),
    )


def _signed(current: Current | None) -> bool:
    return current is not None and current.state is ReviewState.SIGNED_OFF


def _origins(read: ReadArticle, number: int, known: Mapping[int, int]) -> Iterator[int]:
    """The sentences of before that one comes from, through as many edits as there were in between."""
    waiting, seen = list(read.predecessors.get(number, ())), {number}
    while waiting:
        old = waiting.pop(0)
        if old in known:
            yield old
        elif old not in seen:
            seen.add(old)
            waiting += read.predecessors.get(old, ())
