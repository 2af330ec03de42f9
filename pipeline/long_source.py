"""Sources longer than an engine takes: cut at ends of sentences, and their drafts joined again.

Takes   a source with tags, and the engine's limit in code points
Gives   parts to draft one by one; one draft of their drafts
Always  "".join of the parts is the source but for blanks between them; no pair of tags is cut in two
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.draft import Drafted
from pipeline.engines import Failure
from pipeline.extract.sentences import split_sentences
from pipeline.model import Locale, tags_of

WITHOUT_BLANKS = frozenset({"zh", "ja", "th", "lo", "km", "my"})
"""Languages that write no blank between sentences."""


def split_source(source: str, max_characters: int, source_locale: Locale) -> list[str]:
    """As few parts as there must be; a sentence that is longer than the limit stays whole, and fails by itself.

    >>> split_source("One <b1>is. Two</b1> is. Three is.", 26, Locale.parse("en"))
    ['One <b1>is. Two</b1> is.', 'Three is.']
    """
    if len(source) <= max_characters:
        return [source]
    parts, start, last = list[str](), 0, 0
    for cut in [*_cuts(source, source_locale), len(source)]:
        if len(source[start:cut].strip()) > max_characters and last > start:
            parts.append(source[start:last].strip())
            start = last
        last = cut
    return [*parts, source[start:].strip()]


def join_drafts(parts: Sequence[Drafted], target_locale: Locale) -> Drafted:
    """One draft of the drafts of a source's parts; the first failure if one failed."""
    if len(parts) == 1:
        return parts[0]
    drafts = []
    for part in parts:
        if isinstance(part, Failure):
            return part
        drafts.append(part)
    between = "" if target_locale.language in WITHOUT_BLANKS else " "
    doubts = [doubt for draft in drafts for doubt in draft.doubts]
    doubts.append(f"too long for the engine: drafted in {len(drafts)} parts")
    return replace(drafts[0], text=between.join(draft.text for draft in drafts), doubts=tuple(dict.fromkeys(doubts)))


def _cuts(source: str, source_locale: Locale) -> list[int]:
    """Where a sentence has ended and the next begins, outside of all pairs; tags read as blanks."""
    bare = list(source)
    inside = [0] * (len(source) + 1)
    depth, position = 0, 0
    for tag in tags_of(source):
        inside[position : tag.start() + 1] = [depth] * (tag.start() + 1 - position)
        inside[tag.start() + 1 : tag.end()] = [1] * (tag.end() - tag.start() - 1)
        position = tag.end()
        bare[tag.start() : tag.end()] = " " * (tag.end() - tag.start())
        depth += 0 if tag[4] else -1 if tag[1] else 1
    inside[position:] = [depth] * (len(source) + 1 - position)
    spans = split_sentences("".join(bare), source_locale.language)
    cuts = []
    for (_, end), (start, _) in pairwise(spans):
        if place := next((place for place in (start, end) if inside[place] == 0), None):
            cuts.append(place)
    return cuts
