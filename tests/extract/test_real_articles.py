"""The five real articles, where they lie beside the project (`../shared/articles`)."""

from pathlib import Path

import pytest

from pipeline.extract import extract, fill, title_position
from pipeline.model import ArticleFormat, SegmentKind

from .articles import letters

FOLDER = Path(__file__).parents[3] / "shared" / "articles"
ARTICLES = sorted(FOLDER.glob("*.txt"))
SEGMENTS = {"000": 208, "001": 128, "002": 62, "003": 84, "004": 119}
"""How many segments each article has; read one by one when the numbers were set."""


@pytest.mark.skipif(not ARTICLES, reason="the real articles are not in ../shared/articles")
@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.name[:3])
def test_a_real_article_goes_out_and_back(path: Path) -> None:
    """Byte for byte, every letter in a segment or a marker, and every segment can be replaced."""
    data = path.read_bytes()
    skeleton, segments = extract(data, ArticleFormat.PLAIN_TEXT, slug=path.stem)
    assert fill(skeleton, {s.position: s.source for s in segments}).data == data
    held = sum(len(letters(s.source)) for s in segments) + sum(len(letters(b.marker)) for b in skeleton.blocks)
    assert held == len(letters(data.decode()))
    assert len(segments) == SEGMENTS.get(path.name[:3], len(segments))
    assert fill(skeleton, {s.position: s.source.upper() + "!" for s in segments}).kept == ()
    assert title_position(skeleton, segments) is not None
    assert all(b.guessed for b in skeleton.blocks if b.kind in (SegmentKind.HEADING, SegmentKind.TITLE))
