"""The formats that an article can be written in, each with its reader. A new format is a file and a line here."""

from collections.abc import Callable

from pipeline.extract import html, markdown, plain_text
from pipeline.extract.pieces import Reading
from pipeline.extract.rules import Rules
from pipeline.model import ArticleFormat

Reader = Callable[[bytes, Rules], Reading]
"""Takes the bytes of an article and what was set by hand; raises UnreadableError for what it cannot read as a whole."""

FORMATS: dict[ArticleFormat, Reader] = {
    ArticleFormat.PLAIN_TEXT: plain_text.read,
    ArticleFormat.MARKDOWN: markdown.read,
    ArticleFormat.HTML: html.read,
}
