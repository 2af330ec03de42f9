"""The site's own words, in English and as they were signed: they are an article like any other.

Takes   theme/words.toml; the pages of the article `_site`, which goes the way of all articles
Gives   the article's Markdown, for source_content/_site.md; the words of a language, once all of them are signed
Always  a language has all its words or none: until then they show in English, marked so
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.model import SegmentKind, visible_text

if TYPE_CHECKING:
    from pipeline.publish.pages import Page

SLUG = "_site"
"""The article of the site's words. It has no page of its own."""
THEME = Path(__file__).parent / "theme"


@dataclass(frozen=True, slots=True)
class Word:
    """One text of the site's own, in one language."""

    name: str
    units: tuple[tuple[str, str], ...]
    """The id and the visible text of each unit that it is made of."""

    @property
    def text(self) -> str:
        """As it stands on the page."""
        return " ".join(text for _, text in self.units)


@cache
def words() -> dict[str, str]:
    """The site's own words in English, by name, from `theme/words.toml`."""
    return {name: str(text) for name, text in tomllib.loads((THEME / "words.toml").read_text("utf-8")).items()}


def words_article() -> bytes:
    """The words as an article: a list, so that each is a block of its own."""
    return "\n".join(["# The site's own words", "", *(f"- {text}" for text in words().values()), ""]).encode()


def words_of(page: "Page") -> Sequence[Word]:
    """The words as a page of `_site` has them; none unless each of today's words is there."""
    names = {text: name for name, text in words().items()}
    blocks: dict[int, list[int]] = {}
    for segment in page.segments:
        if segment.kind is SegmentKind.LIST_ITEM and page.texts[segment.position].lang == page.locale:
            blocks.setdefault(segment.block, []).append(segment.position)
    found: dict[str, Word] = {}
    for positions in blocks.values():
        texts = [page.texts[position] for position in positions]
        name = names.get(" ".join(visible_text(text.source) for text in texts))
        if name:
            found[name] = Word(name, tuple((text.id, visible_text(text.target)) for text in texts))
    return [found[name] for name in words()] if found.keys() == words().keys() else []


def by_name(said: Sequence[Word]) -> Mapping[str, str]:
    """The texts of some words."""
    return {word.name: word.text for word in said}
