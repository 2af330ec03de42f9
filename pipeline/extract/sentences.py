"""Where sentences end: spans over the visible text of one block.

Takes   the text of a block, its markup left out; OBJECT stands for an inline part, MARK for a footnote's
Gives   [start, end) of each sentence in code points, without blanks at the edges, in order
Always  every character that is not blank is in exactly one span; linear time; when unsure, no end
"""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

OBJECT = "\ufffc"
"""An inline part that reads like a word: code, an image."""
MARK = "\ufff9"
"""An inline part that belongs to what is on its left: a footnote mark."""

_OPENERS = "\"'“‘«‹([{¿¡*_"
_CLOSERS = r"[\"'”’»›)\]}*_]{0,6}"
_CITATION = r"\[\^?[0-9A-Za-z][0-9A-Za-z,;–\- ]{0,20}\]"
_SUPERSCRIPT = r"[¹²³⁰⁴-⁹⁻]"
_GLUED = r"(?<=[^\W\d][.!?”)])[0-9]{1,3}(?:[,–-][0-9]{1,3}){0,6}(?=\s)"
"""The `1` of `disorders.1 Ask`, but not of `7.1 Ask`."""
_CANDIDATE = re.compile(
    r"(?<![.!?…])([.!?…]++)"  # the run's first character only, so that "......" is read once
    rf"{_CLOSERS}((?:{_CITATION}|{_SUPERSCRIPT}|{MARK}|†|‡|{_GLUED}){{0,12}})"  # these belong to the left
    r"(\s++)(?=\S)"
)
_NUMBER = re.compile(r"[0-9]")
_LABEL = re.compile(r"[0-9]|(?:[A-Z]{1,2}[0-9]+|[B-HJ-Z]|[IVX]{2,5})(?![^\W_])")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MARKER = re.compile(r"\s*(?:[•●▪‣*–-]\s*)?(?:[0-9]{1,3}|[A-Za-z]|[IVXivx]{1,5})[.)]\s")
_LOOK = 32
"""How many characters to look back or ahead; longer tokens are ordinary words."""


@dataclass(frozen=True)
class Ends:
    """The abbreviations of one language by what may follow them; `sentence_ends/<language>.toml` explains each."""

    never: frozenset[str]
    label: frozenset[str]
    before_digit: frozenset[str]
    dose: frozenset[str]
    name: frozenset[str]
    before_letter: frozenset[str]
    starters: frozenset[str]


@lru_cache(maxsize=8)
def sentence_ends(language: str) -> Ends:
    """The data of a language. Raises FileNotFoundError for one without a table."""
    text = files(__package__).joinpath("sentence_ends", f"{language}.toml").read_text(encoding="utf-8")
    return Ends(**{name: frozenset(words) for name, words in tomllib.loads(text).items()})


def split_sentences(text: str, language: str = "en") -> list[tuple[int, int]]:
    """The sentences of a block, as spans without blanks at the edges.

    >>> split_sentences("Dr. Lee gave 5 mg. It helped.")
    [(0, 18), (19, 29)]
    """
    ends = sentence_ends(language)
    start = len(text) - len(text.lstrip())
    stop = len(text.rstrip())
    marker = _MARKER.match(text)
    first = marker.end() if marker else start
    spans = []
    for match in _CANDIDATE.finditer(text, start):
        if match.end() <= first or not _ends(text, match, start, ends):
            continue
        spans.append((start, match.start(3)))
        start = match.end()
    if start < stop:
        spans.append((start, stop))
    return spans


def _ends(text: str, match: re.Match[str], start: int, ends: Ends) -> bool:
    """Whether the sentence that began at `start` ends at this candidate."""
    after = text[match.end() : match.end() + _LOOK]
    opened = after.lstrip(_OPENERS)
    if not _starts_sentence(opened, in_bracket=after[:1] in "(["):
        return False
    if match.group(1) != ".":
        return True
    before = text[max(start, match.start() - _LOOK) : match.start()]
    left = before.rsplit(maxsplit=1)[-1].lstrip(_OPENERS) if before.strip() and not before[-1].isspace() else ""
    return _full_stop_ends(left, before[: len(before) - len(left)], opened, ends)


def _starts_sentence(text: str, *, in_bracket: bool) -> bool:
    """Whether this can be the beginning of a sentence: a capital, a digit, an object, or `mRNA`."""
    first = text[:1]
    if first.isdigit():
        return not in_bracket
    return first.isupper() or first.istitle() or first == OBJECT or bool(re.match(r"[a-z]{1,2}[A-Z]", text))


def _full_stop_ends(left: str, before: str, after: str, ends: Ends) -> bool:
    """Whether one full stop behind `left` ends a sentence that would go on with `after`."""
    word = left.lower()
    if not left or word in ends.never:
        return False
    found = _WORD.match(after)
    starter = found is not None and found.group().lower().replace("’", "'") in ends.starters
    if word in ends.label and _LABEL.match(after):
        return False
    if word in ends.before_digit and _NUMBER.match(after):
        return False
    if word in ends.name:
        return starter
    if word in ends.dose:
        return not _NUMBER.match(after)
    if left.isdigit() and len(left) <= 3:
        # "Do this: 1. Start low. 2. Go slow.": markers in the line; but "Patients: 24. Mean age: 41."
        return bool(before.strip()) and not (left == "1" and before.rstrip().endswith(":"))
    if len(left) == 1 and left.isupper():
        words = before.split()
        return starter or (bool(words) and words[-1].lower() in ends.before_letter)
    if _INITIALS.fullmatch(left):
        return starter
    return True
