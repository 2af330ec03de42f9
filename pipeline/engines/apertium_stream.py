"""Write a text in Apertium's stream format, and read what comes back.

Takes   a text with placeables as private-use characters (see pipeline/engines/__init__.py)
Gives   the frame to send; of the reply: the words marked unknown (from the cut before the generator) and the text
Always  every character but the placeables' survives as itself: `\\ [ ] $ @ / < > { }` are escaped, `* # ~` cannot
        be and travel as private-use characters; so does `^`, which even escaped hangs eng-spa and eng-cat at the end
        of a text. A reply tells which frame it answers

Source: wiki.apertium.org, "Apertium stream format" and "Word-bound blanks". Tried on 1,652 medical sentences: a
placeable that stands alone survives as a plain character; a pair goes as a word-bound blank, `[[t:p:1]]word[[/]]`,
which follows its words through every reordering and is lost in 1 to 2 % (then draft.py repairs and says so).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.engines import ALONE, CLOSING, MOST_PLACEABLES, OPENING

_MASKS = {"*": "\ue0f1", "#": "\ue0f2", "~": "\ue0f3", "^": "\ue0f4"}
_SAFE = str.maketrans({character: "\\" + character for character in r"\[]$@/<>{}"} | _MASKS)
_UNSAFE = re.compile(r"[\\\[\]$@/<>{}*#~^]")
_UNMASK = str.maketrans({mask: character for character, mask in _MASKS.items()})
_MASKED = re.compile(f"[{''.join(_MASKS.values())}]")
_PLACEABLE = re.compile(
    f"[{chr(OPENING + 1)}-{chr(OPENING + MOST_PLACEABLES)}{chr(CLOSING + 1)}-{chr(CLOSING + MOST_PLACEABLES)}"
    f"{chr(ALONE + 1)}-{chr(ALONE + MOST_PLACEABLES)}]"
)
_UNKNOWN_UNIT = re.compile(r"\^(?<!\\\^)[*@]((?:[^\\$^<]|\\.)*)(?:<(?:[^\\$^]|\\.)*)?\$", re.DOTALL)
"""The word, without its tags. It begins with the sign, not with what is not before it: so it is found at once."""
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PLAIN_REPLY = re.compile(r"([^\\\[\]]*)\[([0-9]{1,9})\]([^\\\[\]]*)")
"""A reply without bound blanks and escapes: most are."""
_REPLY_PART = re.compile(
    r"\[\[(?P<open>[^\]]*)\]\]|(?P<blank>\[[^\]]*\])|\\(?P<escaped>.)|(?P<plain>[^\\\[]+|\[)", re.DOTALL
)
_PAIR_NUMBER = re.compile(r"t:p:([0-9]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """One reply, read."""

    text: str
    """With the placeables' characters where the engine put them; some may be missing."""
    guessed: tuple[int, ...]
    """The numbers of the pairs whose extent is a guess, because the engine tore their words apart."""
    frame_number: int | None
    """Of the frame that this answers; None if the engine lost it."""


def encode(text: str, frame_number: int) -> str:
    """The text as one frame without its NUL.

    It ends with a superblank: without one final full stops vanish and a stage hangs. The number in it comes back
    with the reply, so that no text can ever be given another text's draft.

    >>> encode("Do \\ue101not\\ue201 stop.", 7)
    'Do [[t:p:1]]not[[/]] stop.[7]'
    """
    if not _PLACEABLE.search(text):
        return f"{_escaped(text)}[{frame_number}]"
    pairs = _pairs_around_words(text)
    frame, open_pairs, position = list[str](), list[int](), 0
    for found in _PLACEABLE.finditer(text):
        frame += _bound(text[position : found.start()], open_pairs)
        position, code = found.end(), ord(found[0])
        if code - OPENING in pairs:
            open_pairs.append(code - OPENING)
        elif code - CLOSING in pairs:
            open_pairs.remove(code - CLOSING)
        else:
            frame.append(found[0])
    frame += _bound(text[position:], open_pairs)
    return f"{''.join(frame)}[{frame_number}]"


def _escaped(text: str) -> str:
    return text.translate(_SAFE) if _UNSAFE.search(text) else text  # `translate` alone takes ten times as long


def _unmasked(text: str) -> str:
    return text.translate(_UNMASK) if _MASKED.search(text) else text


def _bound(text: str, pairs: list[int]) -> Iterator[str]:
    """Escaped text, bound to its pairs without the blanks at its edges: a bound blank swallows what follows."""
    escaped = _escaped(text)
    if not pairs or not (core := escaped.strip()):
        yield escaped
        return
    start = escaped.index(core)
    yield escaped[:start]
    yield f"[[{'; '.join(f't:p:{number}' for number in pairs)}]]{core}[[/]]"
    yield escaped[start + len(core) :]


def _pairs_around_words(text: str) -> frozenset[int]:
    """The pairs that are closed in order and hold a letter or digit; any other is sent as two plain characters."""
    good, stack = set[int](), list[tuple[int, int]]()
    for found in _PLACEABLE.finditer(text):
        code = ord(found[0])
        if OPENING < code <= OPENING + MOST_PLACEABLES:
            stack.append((code - OPENING, found.end()))
        elif CLOSING < code <= CLOSING + MOST_PLACEABLES and stack and stack[-1][0] == code - CLOSING:
            number, start = stack.pop()
            if any(character.isalnum() for character in text[start : found.start()]):
                good.add(number)
    return frozenset(good)


UNIT_SIGNS = frozenset(
    {"mg", "mcg", "µg", "μg", "kg", "ng", "mL", "ml", "dL", "dl", "cm", "mm", "kcal", "mmol", "mEq", "mmHg", "IU", "Hz"}
)
"""Signs that stand the same in every language of the Latin script: no doubt for a reviewer."""


def unknown_words(cut: str) -> list[str]:
    """Words that the dictionaries lack, in order, each once: `*` not analysed, `@` analysed but not translated.

    >>> unknown_words("^El<det>$ ^*Klonopin$ ^@meds<n><pl>$")
    ['Klonopin', 'meds']
    """
    if "^*" not in cut and "^@" not in cut:
        return []
    words = dict[str, None]()
    for unit in _UNKNOWN_UNIT.finditer(cut):
        bare = _ESCAPED.sub(r"\1", unit[1]) if "\\" in unit[1] else unit[1]
        # A lone letter and the sign of a unit are rightly copied.
        if sum(character.isalpha() for character in bare) > 1 and bare not in UNIT_SIGNS:
            words[_unmasked(bare)] = None
    return list(words)


def decode(reply: str) -> Decoded:
    """Read the text that came out of the tail.

    >>> decode("No [[t:p:1]]pare[[/]] de [[t:p:1]]tomar[[/]].[7]").text
    'No \\ue101pare de tomar\\ue201.'
    """
    if plain := _PLAIN_REPLY.fullmatch(reply):
        return Decoded(text=_unmasked(plain[1] + plain[3]), guessed=(), frame_number=int(plain[2]))
    runs = list(_runs(reply))
    holders = dict[int, list[int]]()
    for place, (_, pairs) in enumerate(runs):
        for number in pairs:
            holders.setdefault(number, []).append(place)
    spans = {number: (places[0], places[-1] + 1) for number, places in holders.items()}
    guessed = {
        number
        for number, (first, last) in spans.items()
        if any(number not in pairs and _PLACEABLE.sub("", text).strip() for text, pairs in runs[first:last])
    }
    if _cross(spans):  # two torn pairs overlap: keep the longest piece of each
        spans = {number: _longest_piece(places) for number, places in holders.items()}
    if _cross(spans):
        spans = {}
    numbers = [part["blank"][1:-1] for part in _REPLY_PART.finditer(reply) if part["blank"]]
    return Decoded(
        text=_with_pairs([text for text, _ in runs], spans),
        guessed=tuple(sorted(guessed)),
        frame_number=int(numbers[0]) if len(numbers) == 1 and numbers[0].isdecimal() else None,
    )


def _runs(reply: str) -> Iterator[tuple[str, frozenset[int]]]:
    """Pieces of text, each with the pairs that are bound to it."""
    pairs, text = frozenset[int](), ""
    for part in _REPLY_PART.finditer(reply):
        if part["open"] is not None:
            if text:
                yield _unmasked(text), pairs
            text, pairs = "", frozenset(int(number) for number in _PAIR_NUMBER.findall(part["open"]))
        elif part["blank"] is None:  # the frame's number, wherever a stage may have put it, is no text
            text += part["escaped"] or part["plain"]
    if text:
        yield _unmasked(text), pairs


def _longest_piece(places: list[int]) -> tuple[int, int]:
    pieces = [[places[0], places[0] + 1]]
    for place in places[1:]:
        if place <= pieces[-1][1] + 1:  # a blank between two words is a run of its own
            pieces[-1][1] = place + 1
        else:
            pieces.append([place, place + 1])
    best = max(pieces, key=lambda piece: piece[1] - piece[0])
    return best[0], best[1]


def _outer_first(spans: dict[int, tuple[int, int]]) -> list[tuple[int, int, int]]:
    """(start, end, number), an outer pair before its inner ones: pairs are numbered in the order of opening."""
    return sorted(((start, end, number) for number, (start, end) in spans.items()), key=lambda s: (s[0], -s[1], s[2]))


def _cross(spans: dict[int, tuple[int, int]]) -> bool:
    stack = list[int]()
    for start, end, _ in _outer_first(spans):
        while stack and stack[-1] <= start:
            stack.pop()
        if stack and stack[-1] < end:
            return True
        stack.append(end)
    return False


def _with_pairs(texts: list[str], spans: dict[int, tuple[int, int]]) -> str:
    """The texts joined, with the pairs' characters put around their spans."""
    ordered, text = _outer_first(spans), []
    for place, piece in enumerate([*texts, ""]):
        text += [chr(CLOSING + number) for _, end, number in reversed(ordered) if end == place]
        text += [chr(OPENING + number) for start, _, number in ordered if start == place]
        text.append(piece)
    return "".join(text)
