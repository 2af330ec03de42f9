"""Law 2: every letter that a reader sees is in exactly one segment, or declared as not for translation.

Three witnesses: the documents themselves, in which every word is there once; markdown-it and Lexbor, parsers that
extraction does not use; and the documentation of the packages on this machine.
"""

import re
import sys
import sysconfig
import unicodedata
from collections import Counter
from collections.abc import Container
from html import unescape
from itertools import islice
from pathlib import Path
from random import Random

import pyromark
import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from selectolax.lexbor import LexborHTMLParser

from pipeline.errors import ArticleError
from pipeline.extract import MARKDOWN_OPTIONS, body_start, extract, fill
from pipeline.model import ArticleFormat, Segment, Skeleton, visible_text

from .articles import letters
from .documents import WORD, html_document, markdown_document

MD, HTML = ArticleFormat.MARKDOWN, ArticleFormat.HTML
MAKERS = {MD: markdown_document, HTML: html_document}
OPAQUE = ["script", "style", "code", "pre", "svg", "math", "template", "iframe"]
SPOKEN = ("alt", "placeholder", "aria-label", "label", "value", "content")


def in_segments(segments: tuple[Segment, ...]) -> Counter[str]:
    """The words of the texts that people translate."""
    return Counter(word for segment in segments for word in WORD.findall(visible_text(segment.source)))


def declared(skeleton: Skeleton, segments: tuple[Segment, ...]) -> Counter[str]:
    """The words inside of placeables, and those of what is left alone elsewhere."""
    kept = [f"{p.opening} {p.closing}" for segment in segments for p in segment.placeables]
    held = [(segment.start, segment.end) for segment in segments]
    for part in skeleton.left_alone:
        if not any(start <= part.start < end for start, end in held):
            kept.append(skeleton.data[part.start : part.end].decode())
    return Counter(word for text in kept for word in WORD.findall(text))


def shown(markup: str, spoken: Container[str] = SPOKEN) -> str:
    """What a browser shows of a page, code and the like left out, and the attributes that it speaks or shows."""
    page = LexborHTMLParser(markup)
    page.strip_tags(OPAQUE)
    for node in page.css("body [translate=no], body .notranslate"):
        node.decompose()
    texts = [node.text() or "" for node in page.css("head, body")]
    for node in page.css("body *, meta[content]"):
        texts += [value or "" for name, value in node.attributes.items() if name in spoken]
    return " ".join(texts)


@pytest.mark.parametrize("article_format", MAKERS)
@pytest.mark.parametrize("shard", range(4))
def test_every_word_is_in_one_segment_or_declared(article_format: ArticleFormat, shard: int) -> None:
    """Each word of a made-up document is there exactly once, and what a browser shows of it is in a segment."""
    markdown_it = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin).use(deflist_plugin)
    for seed in range(shard, 240, 4):
        text = MAKERS[article_format](Random(seed))
        skeleton, segments = extract(text.encode(), article_format, slug="made-up")
        translated = in_segments(segments)
        assert translated + declared(skeleton, segments) == Counter(WORD.findall(text)), seed
        body = text.encode()[body_start(text.encode()) :].decode()
        page = shown(markdown_it.render(body) if article_format is MD else text)
        formulas = set(WORD.findall(" ".join(re.findall(r"\$\$.*?\$\$", text, re.DOTALL))))
        assert set(WORD.findall(page)) - formulas <= set(translated), seed
        assert fill(skeleton, {s.position: s.source for s in segments}).data == text.encode()


def package_documents(endings: tuple[str, ...], most: int) -> list[Path]:
    """Documents that packages left on this machine, not more than three of one folder."""
    found: list[Path] = []
    for root in ("/usr/share/doc", sysconfig.get_path("purelib"), sys.prefix):
        folders: Counter[Path] = Counter()
        for path in islice(sorted(p for ending in endings for p in Path(root).rglob(f"*{ending}")), 2000):
            folders[path.parent] += 1
            if folders[path.parent] <= 3 and path.is_file() and 200 < path.stat().st_size < 300_000:
                found.append(path)
    return found[:most]


@pytest.mark.parametrize(
    ("article_format", "endings"), [(MD, (".md", ".markdown")), (HTML, (".html", ".htm"))], ids=("md", "html")
)
def test_every_letter_of_package_documents_is_in_a_segment(
    article_format: ArticleFormat, endings: tuple[str, ...]
) -> None:
    """Documents that nobody wrote for this test go out and back, and lose no letter that a browser shows."""
    paths = package_documents(endings, 60)
    if not paths:
        pytest.skip(f"no package on this machine has documents in {endings}")
    for path in paths:
        data = path.read_bytes()
        try:
            skeleton, segments = extract(data, article_format, slug="found")
        except ArticleError as refused:
            assert refused.line or "empty" in str(refused), path
            continue
        assert fill(skeleton, {s.position: s.source for s in segments}).data == data, path
        body = data[body_start(data) :].decode()
        page = shown(pyromark.html(body, options=MARKDOWN_OPTIONS) if article_format is MD else body, ("alt",))
        # an address or a footnote's number is shown, and stands alone in its line
        held = [
            visible_text(s.source) + "".join(unescape(p.opening) for p in s.placeables if p.alone) for s in segments
        ]
        held += [data[part.start : part.end].decode() for part in skeleton.left_alone if "nothing but" in part.reason]
        numbers = "".join(re.findall(r'footnote-\w+"[^<]*<[^>]*>([0-9]+)', page))
        missing = Counter(letters(unicodedata.normalize("NFC", page))) - Counter(letters("".join(held) + numbers))
        assert not [letter for letter in missing if not letter.isdigit()], path
