"""The site's own words: a gettext catalog in English, and as they were signed, for they are an article like any other.

Takes   the templates (ours and the site's own) and pages.py, where Babel's extractors find them: `_("All articles")`;
        the pages of the article `_site`, which goes the way of all articles
Gives   the article's Markdown, for source_content/_site.md; the words of a language, once all of them are signed, as
        the gettext function that the templates call
Always  a language has all its words or none: until then they show in English, marked so; what was signed is text and
        never markup
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from markupsafe import Markup, escape

from pipeline.errors import PublishError
from pipeline.extract import extract
from pipeline.model import ArticleFormat, Locale, SegmentKind, visible_text
from pipeline.publish.page import Page

SLUG = "_site"
"""The article of the site's words. It has no page of its own."""
THEME = Path(__file__).parent / "theme"
CODE = Path(__file__).parent / "pages.py"
"""The one module that says words itself."""


def N_(message: str) -> str:
    """Marks a text in the code as one of the site's words, for the extractor; changes nothing."""
    return message


@dataclass(frozen=True, slots=True)
class Word:
    """One text of the site's own, in one language."""

    english: str
    units: tuple[tuple[str, str], ...]
    """The id and the visible text of each unit that it is made of."""

    @property
    def text(self) -> str:
        """As it stands on the page."""
        return " ".join(text for _, text in self.units)


# -- the catalog ---------------------------------------------------------------------------------------------------


def messages(theme: Path | None = None) -> tuple[str, ...]:
    """The site's own words in English, each once, in the order of the files that say them.

    `theme` is a folder with templates of the site's own: their words count, those of the ones they replace do not.
    Raises PublishError for a template that cannot be read, or a word that nobody could sign as it stands.
    """
    files = {path.name: path for folder in (THEME, theme) if folder for path in sorted(folder.glob("*.html"))}
    return _messages(tuple((str(path), path.read_bytes()) for path in (*files.values(), CODE)))


@lru_cache(maxsize=4)
def _messages(files: tuple[tuple[str, bytes], ...]) -> tuple[str, ...]:
    found = (message for path, data in files for message in _extracted(path, data))
    return tuple(dict.fromkeys(found))


def _extracted(path: str, data: bytes) -> Iterator[str]:
    from babel.messages.extract import extract as extracted  # 0.05 s: only who builds, proves or lists words needs it
    from jinja2 import TemplateSyntaxError

    method = "python" if path.endswith(".py") else "jinja2"
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
    try:
        for line, message, _, _ in extracted(method, io.BytesIO(data), keywords, options={"silent": "false"}):
            if not isinstance(message, str):
                raise PublishError(
                    f"{path}:{line}: {message[0]!r} has plural forms, and a signed sentence has one: say it without "
                    "the number, as a label beside it"
                )
            if message.strip():
                yield message
    except TemplateSyntaxError as error:
        raise PublishError(f"{path}:{error.lineno}: the template cannot be read: {error.message}") from error


def words_article(theme: Path | None = None) -> bytes:
    """The words as an article: a list, so that each is a block of its own. Raises PublishError."""
    english = messages(theme)
    article = "\n".join(["# The site's own words", "", *(f"- {text}" for text in english), ""]).encode()
    blocks: dict[int, list[str]] = {}
    for segment in extract(article, ArticleFormat.MARKDOWN, slug=SLUG)[1]:
        if segment.kind is SegmentKind.LIST_ITEM:
            blocks.setdefault(segment.block, []).append(segment.source)
    listed = {" ".join(sources) for sources in blocks.values()}
    if odd := [text for text in english if text not in listed]:
        raise PublishError(f"a template says {odd[0]!r}, which Markdown takes for more than words: say it plainly")
    return article


# -- as it was signed ----------------------------------------------------------------------------------------------


def words_of(page: Page, theme: Path | None = None) -> Sequence[Word]:
    """The words as a page of `_site` has them; none unless each of today's words is there."""
    english = messages(theme)
    known = set(english)
    blocks: dict[int, list[int]] = {}
    for segment in page.segments:
        if segment.kind is SegmentKind.LIST_ITEM and page.texts[segment.position].lang == page.locale:
            blocks.setdefault(segment.block, []).append(segment.position)
    found: dict[str, Word] = {}
    for positions in blocks.values():
        texts = [page.texts[position] for position in positions]
        message = " ".join(visible_text(text.source) for text in texts)
        if message in known:
            found[message] = Word(message, tuple((text.id, visible_text(text.target)) for text in texts))
    return [found[message] for message in english] if found.keys() == known else []


def by_english(said: Sequence[Word]) -> Mapping[str, str]:
    """The texts of some words."""
    return {word.english: word.text for word in said}


@lru_cache(maxsize=64)
def said_in(locale: Locale, said: tuple[tuple[str, str], ...]) -> Callable[[str], Markup]:
    """The gettext function of a language's signed words; without them every word stays English.

    They are compiled into a catalog in memory, as `pybabel compile` would on a disk. Jinja takes what gettext gives for
    safe, so it is escaped here: what people signed is text.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.support import Translations

    catalog, compiled = Catalog(locale=locale.babel, fuzzy=False), io.BytesIO()
    for english, text in said:
        catalog.add(english, text)
    write_mo(compiled, catalog)
    compiled.seek(0)
    translations = Translations(compiled)

    @cache
    def gettext(message: str) -> Markup:
        return escape(translations.gettext(message))

    return gettext
