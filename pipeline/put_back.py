"""Find the one sure place of a placeable that an engine lost or doubled; where none is sure, say so with None.

Takes   the source as it was sent and the answer without the lost placeable, each placeable one private-use character
Gives   the answer with the placeable, and in words where it was put
Always  the answer is otherwise unchanged; a place is sure beside, or around, something that stands exactly once in both
        texts as it is (a number, a name, a code, another placeable, a long word), and at the end of the text
"""

import re

from pipeline.engines import ALONE, MOST_PLACEABLES, OPENING

_PLACEABLE = f"[{chr(OPENING + 1)}-{chr(ALONE + MOST_PLACEABLES)}]"
_TOKEN = re.compile(rf"{_PLACEABLE}|[^\W_]+(?:[.,:'’/-][^\W_]+)*")
_END = re.compile(r"[\s.!?…:;,\"'”’»)\]]*\Z")
LONG_WORD = 6
"""Letters of a lower-case word that is the same word if it stands in both texts: `normal`, not `no` or `use`."""

Placed = tuple[str, str]
"""The text with the placeable, and where it is."""


def put_back_alone(source: str, draft: str, character: str) -> Placed | None:
    """Put what stands alone behind or before its unchanged neighbour, or at the end where nothing follows it.

    >>> put_back_alone("Take Xanax\\ue301 at night.", "Tome Xanax por la noche.", "\\ue301")
    ('Tome Xanax\\ue301 por la noche.', 'behind Xanax')
    """
    at = source.index(character)
    ways: list[Placed] = []
    before = next((found for found in reversed(_tokens(source)) if found.end() <= at), None)
    after = next((found for found in _tokens(source) if found.start() > at), None)
    if before and (gap := source[before.end() : at]) in ("", " ") and (place := _same(source, draft, before[0])):
        end = place[1]
        ways.append((draft[:end] + gap + character + draft[end:], f"behind {_word(before[0])}"))
    if after and (gap := source[at + 1 : after.start()]) in ("", " ") and (place := _same(source, draft, after[0])):
        start = place[0]
        ways.append((draft[:start] + character + gap + draft[start:], f"before {_word(after[0])}"))
    if not ways and before and _END.fullmatch(source, at + 1):
        end = _END.search(draft).start()  # type: ignore[union-attr]  # it matches the empty end
        gap = source[before.end() : at] if source[before.end() : at] in ("", " ") else ""
        return draft[:end] + gap + character + draft[end:], "at the end"
    # Neighbours that the translation parted say nothing.
    return ways[0] if ways and len({text for text, _ in ways}) == 1 else None


def put_back_pair(source: str, draft: str, opening: str, closing: str) -> Placed | None:
    """Put a pair around what it holds, if that stands in the draft as it is.

    >>> put_back_pair("Take \\ue1015 mg\\ue201 daily.", "Tome 5 mg al día.", "\\ue101", "\\ue201")
    ('Tome \\ue1015 mg\\ue201 al día.', 'around 5 mg')
    """
    held = source[source.index(opening) + 1 : source.index(closing)]
    if not held or held != held.strip() or not (place := _same(source, draft, held)):
        return None
    start, end = place
    return f"{draft[:start]}{opening}{held}{closing}{draft[end:]}", f"around {_word(held)}"


def undoubled(draft: str, character: str) -> str | None:
    """The draft with the character once, if it stands there several times in a row."""
    once = re.sub(rf"{character}(?:\s?{character})+", character, draft)
    return once if once.count(character) == 1 else None


def _tokens(text: str) -> list[re.Match[str]]:
    return list(_TOKEN.finditer(text))


def _same(source: str, draft: str, words: str) -> tuple[int, int] | None:
    """Where the words stand in the draft, if they mark a place: telling ones, once in each text."""
    telling = any(
        (len(token) == 1 and re.match(_PLACEABLE, token))
        or not token.islower()
        or len(token) >= LONG_WORD
        or any(map(str.isdigit, token))
        for token in _TOKEN.findall(words)
    )
    if not telling:
        return None
    whole = re.compile(rf"(?<![^\W_]){re.escape(words)}(?![^\W_])", re.IGNORECASE)
    places = list(whole.finditer(draft))
    once = len(places) == 1 and len(whole.findall(source)) == 1
    return places[0].span() if once and places[0][0] == words else None


def _word(words: str) -> str:
    """The words for people, who do not see placeables' characters."""
    return re.sub(_PLACEABLE, "…", words)
