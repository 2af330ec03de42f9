"""Articles cut into segments and put together again: `extract` out, `fill` back.

Takes   the bytes of source_content/<slug>.{txt,md,html}
Gives   a Skeleton and its Segments (model.py) in reading order; and the article with texts in their place
Always  fill(skeleton, {s.position: s.source for s in segments}).data == the article, byte for byte
"""

from pipeline.extract.extraction import MAX_BYTES, extract, title_position
from pipeline.extract.filling import Filled, Kept, as_shown, check_fits, fill, put_in
from pipeline.extract.formats import FORMATS
from pipeline.extract.front_matter import body_start
from pipeline.extract.markdown import MARKDOWN_OPTIONS
from pipeline.extract.pieces import Role
from pipeline.extract.placeables import Part, TagError, parts_of
from pipeline.extract.rules import NO_RULES, Furniture, Rules
from pipeline.extract.sentences import split_sentences

__all__ = [
    "FORMATS",
    "MARKDOWN_OPTIONS",
    "MAX_BYTES",
    "NO_RULES",
    "Filled",
    "Furniture",
    "Kept",
    "Part",
    "Role",
    "Rules",
    "TagError",
    "as_shown",
    "body_start",
    "check_fits",
    "extract",
    "fill",
    "parts_of",
    "put_in",
    "split_sentences",
    "title_position",
]
