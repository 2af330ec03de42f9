"""A page before it is HTML: an article in one locale, its texts, and what is known of them.

Takes   plain data from whoever judged the texts: review/page_desk.py
Gives   Page and its parts, for pages.py, words.py and site.py; PagePlan, a page that is made when it is asked for
Always  each segment has a text, and the slug is a path on the site; the same page has the same hash
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Flag, auto
from functools import lru_cache
from pathlib import PurePosixPath

from pipeline.errors import PublishError
from pipeline.model import Locale, Segment, Skeleton


class Notice(Flag):
    """What a page must say about itself, from its state and never by hand."""

    NONE = 0
    PREVIEW = auto()
    DEMO = auto()
    STALE = auto()
    FALLBACK = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Who answers for a page."""

    name: str
    role: str
    named: bool = True
    """Whether `name` is one: of somebody whose name was erased it is an id, and machines are told of no Person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """The text of one segment on one page, and its trace."""

    position: int
    id: str
    """The unit's id, `<slug>:<number>:<hash>`."""
    source: str
    target: str
    """What the page shows, with the placeables of `source`; on an English page the source."""
    lang: Locale
    """The language of `target`: the page's own, or the source's where a passage is kept in it."""
    state: str
    origin: str
    """Readable: `Apertium 3.8.3 eng-spa, draft`."""
    people: tuple[str, ...] = ()
    """Readable, who signed: `Ana Ruiz, linguist, 2026-11-03`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An article in one locale, ready to be built."""

    slug: str
    locale: Locale
    skeleton: Skeleton
    segments: tuple[Segment, ...]
    texts: Mapping[int, PageText]
    """By position; one for every segment."""
    revision: str
    """SHA-256 of the article's bytes that the page is pinned to."""
    source_locale: Locale
    """What the article is written in, and all of it that is never cut."""
    reviewers: tuple[Reviewer, ...] = ()
    reviewed_on: date | None = None
    updated_on: date | None = None
    original_on: date | None = None
    """The day on which the revision that the page rests on was first seen."""
    notices: Notice = Notice.NONE

    def __post_init__(self) -> None:
        parts = self.slug.split("/")
        if not all(parts) or any(part.startswith(".") or not part.isprintable() or "\\" in part for part in parts):
            raise PublishError(f"the slug {self.slug!r} cannot be a path on the site")
        missing = [segment.id for segment in self.segments if segment.position not in self.texts]
        if missing or len(self.segments) != len(self.skeleton.spans):
            raise PublishError(f"{self.slug} in {self.locale}: no text for {', '.join(missing) or 'some segments'}")

    @property
    def path(self) -> PurePosixPath:
        """The page's folder on the site."""
        return _folder(self.locale.tag, self.slug)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlan:
    """A page that is to be built, before its texts are looked at: a site of any size is a list of these."""

    slug: str
    locale: Locale
    revision: str
    updated_on: date | None
    made_from: str
    """A hash of all that `load` gives: while it stays, so does the page."""
    load: Callable[[], Page]

    @property
    def path(self) -> PurePosixPath:
        """The page's folder on the site."""
        return _folder(self.locale.tag, self.slug)


@lru_cache(maxsize=64)  # all pages of an article name one another, each several times
def _folder(tag: str, slug: str) -> PurePosixPath:
    return PurePosixPath(tag, slug)


def planned(page: Page | PagePlan) -> PagePlan:
    """The plan of a page that is there already."""
    if isinstance(page, PagePlan):
        return page
    return PagePlan(
        slug=page.slug,
        locale=page.locale,
        revision=page.revision,
        updated_on=page.updated_on,
        made_from=page_hash(page),
        load=lambda: page,
    )


def page_hash(page: Page) -> str:
    """A hash of everything on a page but its frame."""
    parts = [
        f"{page.slug}\0{page.locale}\0{page.source_locale}\0{page.revision}\0{page.notices.value}",
        f"{page.reviewed_on}\0{page.updated_on}\0{page.original_on}\0{page.reviewers}",
        str([(block.start, block.end) for block in page.skeleton.blocks if block.furniture]),
        str([(span.start, span.end) for span in page.skeleton.spans]),
    ]
    for at, text in sorted(page.texts.items()):
        parts += [f"{at} {text.id} {text.lang} {text.state}", text.source, text.target, text.origin, *text.people]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
