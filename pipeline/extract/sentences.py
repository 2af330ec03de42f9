"""Where sentences end: spans over the visible text of one block.

Takes   the text of a block, its markup left out; OBJECT stands for an inline part, MARK for a footnote's; its language
        and the `[[protect]]` rules of the workspace
Gives   [start, end) of each sentence in code points, without blanks at the edges, in order
Always  every character that is not blank is in exactly one span; none ends within a protected name; linear time; when
        unsure, no end

What a full stop means differs by language: `sentence_ends/<language>.toml`, explained in `sentence_ends/en.toml`.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from pipeline.protected import Protect, ProtectedSpan, named_spans

OBJECT = "\ufffc"
"""An inline part that reads like a word: code, an image."""
MARK = "\ufff9"
"""An inline part that belongs to what is on its left: a footnote mark."""

_OPENERS = "\"'“‘„‚«‹([{¿¡*_"
_CLOSERS = r"(?:[ \u00a0\u202f]?[»›](?!\w)|[\"'”’“«‹)\]}*_]){0,6}"
"""French sets a blank before `»`; in German `“` and `«` close."""
_CITATION = r"\[\^?[0-9A-Za-z][0-9A-Za-z,;–\- ]{0,20}\]"
_SUPERSCRIPT = r"[¹²³⁰⁴-⁹⁻]"
_GLUED = r"(?<=[^\W\d][.!?”)])[0-9]{1,3}(?:[,–-][0-9]{1,3}){0,6}(?=\s)"
"""The `1` of `disorders.1 Ask`, but not of `7.1 Ask`."""
_CANDIDATE = re.compile(
    r"([.!?…](?<![.!?…]{2})[.!?…]*+)"  # from the run's first character on, so that "......" is read once
    rf"{_CLOSERS}((?:{_CITATION}|{_SUPERSCRIPT}|{MARK}|†|‡|{_GLUED}){{0,12}})"  # these belong to the left
    r"(\s++|(?<=[a-z]{3}[.!?])(?=[A-Z][a-z]+\s))(?=\S)"  # "ended.The next": a forgotten blank
)
_NUMBER = re.compile(r"[0-9]")
_LABEL = re.compile(r"[0-9]|(?:[A-Z]{1,2}[0-9]+|[B-HJ-Z]|[IVX]{2,5})(?![^\W_])")
_INITIAL = re.compile(r"[^\W\d_]\.")
_INITIALS = re.compile(r"(?:[^\W\d_]\.(?:-|\s)?)+[^\W\d_]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MARKER = re.compile(r"\s*(?:[•●▪‣*–-]\s*)?(?:[0-9]{1,3}|[A-Za-z]|[IVXivx]{1,5})[.)]\s")
_LIKE_CAPITAL = re.compile(
    r"[a-z]{1,2}[A-Z]"  # mRNA, eGFR, pH
    r"|[α-ω](?:-|\d|\W)"  # α-Fetoprotein
    r"|[a-z]\)\s"  # b) the next item
    r"|[•●▪‣]\s?\S"
    r"|[$€£¥≥≤≈~±] ?\d"
)
_UNITS = frozenset("dghlmsL")
"""Units of one letter: behind a number they are words, not initials."""
_LOOK = 32
"""How many characters to look back or ahead; longer tokens are ordinary words."""
_WORD_BREAKS = re.compile(r"[\s(\[{—–]")


@dataclass(frozen=True)
class Ends:
    """What a full stop means in one language: its abbreviations by what may follow them (`sentence_ends/en.toml`)."""

    never: frozenset[str]
    label: frozenset[str]
    before_digit: frozenset[str]
    dose: frozenset[str]
    name: frozenset[str]
    before_letter: frozenset[str]
    joins: frozenset[str]
    starters: frozenset[str]
    ordinal_stop: bool
    """Whether `3.` is how the language writes an ordinal, so that a number with a full stop goes on."""


_NO_WORDS = frozenset[str]()
_UNKNOWN = Ends(
    never=_NO_WORDS,
    label=_NO_WORDS,
    before_digit=_NO_WORDS,
    dose=_NO_WORDS,
    name=_NO_WORDS,
    before_letter=_NO_WORDS,
    joins=_NO_WORDS,
    starters=_NO_WORDS,
    ordinal_stop=True,
)
_SHORT_UNKNOWN = 4
"""In a language without a table a shorter word before a full stop may be an abbreviation."""


@lru_cache(maxsize=128)
def has_rules(language: str) -> bool:
    """Whether there is a table for a language (`es`). Without one a full stop ends a sentence only after a long word.

    >>> has_rules("de"), has_rules("fi")
    (True, False)
    """
    return language.isalpha() and files(__package__).joinpath("sentence_ends", f"{language}.toml").is_file()


@lru_cache(maxsize=32)
def sentence_ends(language: str) -> Ends:
    """The table of a language. Raises FileNotFoundError for one without: ask `has_rules` first."""
    text = files(__package__).joinpath("sentence_ends", f"{language}.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    ordinal_stop = values.pop("ordinal_stop")
    return Ends(ordinal_stop=ordinal_stop, **{name: frozenset(words) for name, words in values.items()})


def split_sentences(text: str, language: str = "en", protect: Sequence[Protect] = ()) -> list[tuple[int, int]]:
    """The sentences of a block, as spans without blanks at the edges.

    >>> split_sentences("Dr. Lee gave 5 mg. It helped.")
    [(0, 18), (19, 29)]
    """
    ends = sentence_ends(language) if has_rules(language) else _UNKNOWN
    start = len(text) - len(text.lstrip())
    stop = len(text.rstrip())
    spans = []
    candidates = list(_CANDIDATE.finditer(text, start))
    if candidates:
        marker = _MARKER.match(text)
        first = marker.end() if marker else start
        within = _Within(text, protect)
    for match in candidates:
        if match.end() <= first or within(match.start(3)) or not _ends(text, match, start, ends, within):
            continue
        spans.append((start, match.start(3)))
        start = match.end()
    if start < stop:
        spans.append((start, stop))
    return spans


class _Within:
    """Whether a place is inside a protected name; asked in ascending order. And whether its end mark is the name's."""

    def __init__(self, text: str, protect: Sequence[Protect]) -> None:
        self.spans = sorted(named_spans(text, protect), key=lambda span: span.start, reverse=True) if protect else []
        self.open: list[ProtectedSpan] = []

    def __call__(self, at: int) -> bool:
        while self.spans and self.spans[-1].start < at:
            self.open.append(self.spans.pop())
        self.open = [span for span in self.open if span.end >= at]
        return any(span.end > at for span in self.open)

    def ends_with(self, at: int) -> bool:
        """Whether a name ends at the place asked last."""
        return any(span.end == at for span in self.open)


def _ends(text: str, match: re.Match[str], start: int, ends: Ends, within: _Within) -> bool:
    """Whether the sentence that began at `start` ends at this candidate."""
    after = text[match.end() : match.end() + _LOOK]
    opened = _without_openers(after)
    if not _starts_sentence(opened, in_bracket=after[:1] in "(["):
        return False
    if within.ends_with(match.end(1)) or not match[3]:  # "Buzz!" is the name's own mark
        return _is_starter(opened, ends)
    if match.group(1) != ".":
        return True
    before = text[max(start, match.start() - _LOOK) : match.start()]
    if before[-1:].isspace():  # "reported . The", but not ". . . The"
        return not opened.startswith(".") and not before.rstrip().endswith(".")
    left = _WORD_BREAKS.split(before)[-1].lstrip(_OPENERS)
    return _full_stop_ends(left, before[: len(before) - len(left)], opened, ends)


def _without_openers(text: str) -> str:
    """What a sentence begins with behind its quotes and brackets: `Oui` of `« Oui »` and `Ja` of `»Ja«`."""
    if text[:1] in "»›" and text[1:2].isalnum():
        return text[1:]
    opened = text.lstrip(_OPENERS)
    return opened.lstrip() if text[:1] in "«‹" else opened


def _starts_sentence(text: str, *, in_bracket: bool) -> bool:
    """Whether this can be the beginning of a sentence: a capital, a digit, an object, or `mRNA`."""
    first = text[:1]
    if first.isdigit():
        return not in_bracket
    return first.isupper() or first.istitle() or first == OBJECT or bool(_LIKE_CAPITAL.match(text))


def _is_starter(text: str, ends: Ends) -> bool:
    """Whether a text begins with a word that starts sentences and is no name: `I was`, but not `I. Newton`."""
    found = _WORD.match(text)
    return found is not None and not _INITIAL.match(text) and found.group().lower().replace("’", "'") in ends.starters


def _full_stop_ends(left: str, before: str, after: str, ends: Ends) -> bool:
    """Whether one full stop behind `left` ends a sentence that would go on with `after`."""
    word = left.lower()
    if not left:  # a quote or a bracket stands before it
        return True
    if word in ends.never:
        return False
    if ends is _UNKNOWN and len(left) < _SHORT_UNKNOWN:
        return False
    if word in ends.label and _LABEL.match(after):
        return False
    if word in ends.before_digit and _NUMBER.match(after):
        return False
    if word in ends.name:
        return _is_starter(after, ends)
    if word in ends.dose:
        return not _NUMBER.match(after)
    if left.isdigit() and len(left) <= 3:
        if ends.ordinal_stop:
            return _is_starter(after, ends)
        # "Do this: 1. Start low. 2. Go slow.": markers in the line; but "Patients: 24. Mean age: 41."
        return bool(before.strip()) and not (left == "1" and before.rstrip().endswith(":"))
    if left in _UNITS and before.rstrip()[-1:].isdigit():  # "1.76 m."
        return not _NUMBER.match(after)
    if len(left) == 1 and left.islower():  # "c. 5 %", "z. B."
        return not (_NUMBER.match(after) or _INITIAL.match(after))
    if len(left) == 1 and left.isupper():
        return _is_starter(after, ends) or _follows_letter_word(before, ends)
    return _INITIALS.fullmatch(left) is None or _is_starter(after, ends)


def _follows_letter_word(before: str, ends: Ends) -> bool:
    """Whether a capital letter is a label here, as in `vitamin D.` or `hepatitis A and B.`"""
    words = before.split()
    while words and (words[-1].lower() in ends.joins or re.fullmatch(r"[A-Z],?", words[-1])):
        words.pop()
    return bool(words) and words[-1].lower() in ends.before_letter
