"""Articles that are broken at random, from a fixed seed: read as a whole or refused, and never changed by a text.

Each shard works for SECONDS; together they are the minute of fuzzing that every test run has. A failure names the
shard and the number of the article in it, and both make the same article again.
"""

import time
import unicodedata
from pathlib import Path
from random import Random

import pytest

from pipeline.errors import ArticleError
from pipeline.extract import extract, fill
from pipeline.model import ArticleFormat, tags_of, visible_text

from .articles import HTML_PARTS, MARKDOWN_PARTS, MARKDOWN_STARTS, WORDS, letters
from .documents import html_document, markdown_document

SECONDS = 13
GOLDEN = Path(__file__).parents[1] / "golden" / "extract"
TEXTS = [path.read_bytes().decode() for path in sorted(GOLDEN.glob("*/article.*"))]
HOSTILE = (
    *MARKDOWN_PARTS, *MARKDOWN_STARTS, *HTML_PARTS, *WORDS,
    "]]>", "-->", "--", "<![CDATA[", "{{", "}}", "{%", "$", "$$", "$x^2$", "===", "---", "+++", "~~~", "```", "\t",
    "\u00a0", "\u2028", "\ufeff", "\u200f", "\u0338", "\\", '"', "'", "`", "#", "&", "&#", "&amp", "<", ">", "|", "*",
    "_", "[", "]", "(", ")", "[!NOTE]", ": ", "[^note]", "[ref]: u", "%s", "\r", "\x85", "1.", "1)", "+ ", "=",
    "</p>", "</div>", "</title>", "</script>", "<plaintext>", "<p translate=no>", "title: &a [*a]\n", "é", "漢", "😀",
)  # fmt: skip


def broken(rnd: Random, article_format: ArticleFormat) -> str:
    """A document with some of its parts gone, doubled, moved, or between others' parts."""
    make = {ArticleFormat.MARKDOWN: markdown_document, ArticleFormat.HTML: html_document}
    text = rnd.choice(TEXTS) if rnd.random() < 0.4 else make.get(article_format, markdown_document)(rnd)
    for _ in range(rnd.randint(1, 12)):
        at = rnd.randrange(len(text) + 1)
        size = rnd.choice((0, 1, 2, 5, 20, 100))
        match rnd.randrange(6):
            case 0:
                text = text[:at] + text[at + size :]
            case 1:
                text = text[:at] + text[at : at + size] * 2 + text[at + size :]
            case 2:
                other = rnd.randrange(len(text) + 1)
                text = text[:at] + text[other : other + size] + text[at:]
            case 3 | 4:
                text = text[:at] + rnd.choice(HOSTILE) + text[at:]
            case _:
                text = text[:at] if rnd.random() < 0.1 else text.replace("\n", rnd.choice(("\n", "\r\n", "\r")))
    return text


def hostile_text(rnd: Random, source: str) -> str:
    """A text that has the tags of its source, if it is to go in, and whatever else could do harm."""
    text = rnd.choice(("", " ")).join(rnd.choice(HOSTILE) for _ in range(rnd.randint(1, 6)))
    tags = "".join(tag.group() for tag in tags_of(source))
    # NFC, as every target is: it joins the ">" of what looks like a tag with a U+0338 behind it
    return unicodedata.normalize("NFC", rnd.choice((text + tags, text + source, source + text, tags + text)))


@pytest.mark.parametrize("article_format", ArticleFormat)
@pytest.mark.parametrize("shard", range(2))
def test_a_broken_article_is_read_as_a_whole_or_refused(article_format: ArticleFormat, shard: int) -> None:
    """The sources give it back byte for byte; no text changes its structure, or is read back as another."""
    stop = time.monotonic() + SECONDS
    number = 0
    while time.monotonic() < stop:
        number += 1
        rnd = Random(f"{article_format} {shard} {number}")
        data = broken(rnd, article_format).encode()
        try:
            skeleton, segments = extract(data, article_format, slug="broken")
        except ArticleError as refused:
            assert str(refused)
            continue
        where = f"article {number} of shard {shard}: {data!r}"
        assert fill(skeleton, {s.position: s.source for s in segments}).data == data, where
        assert all(s.source == unicodedata.normalize("NFC", s.source).strip() for s in segments), where
        texts = {s.position: hostile_text(rnd, s.source) for s in segments if rnd.random() < 0.7}
        filled = fill(skeleton, texts)
        again, _ = extract(filled.data, article_format, slug="broken")
        if article_format is not ArticleFormat.PLAIN_TEXT:
            before = [(block.kind, block.level) for block in skeleton.blocks]
            assert before == [(block.kind, block.level) for block in again.blocks], where
        kept = {entry.position for entry in filled.kept}
        here = [s.source if s.position in kept else texts.get(s.position, s.source) for s in segments]
        there = [span.source for span in again.spans]
        assert letters("".join(map(visible_text, here))) == letters("".join(map(visible_text, there))), where
