"""What an answer is looked at for besides its tags: repairs, refusals and doubts that need no other knowledge.

Takes   the text as it was sent and the answer, placeables as private-use characters
Gives   the answer repaired; why it is no draft; what a reviewer should look at
Always  pure functions in linear time; draft.py decides what becomes of their findings
"""

import html
import re

_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z]{2,8}\d{0,2});")
_MARKUP = re.compile(
    r"</?[A-Za-z][A-Za-z0-9-]{0,20}(?:\s[^<>=]{1,100}=[^<>]{0,500}|\s?/)?>|<!--|<!DOCTYPE", re.IGNORECASE
)
_END = re.compile(r"[.!?…]++[\"'”’»)\]]{0,4}(?=\s|$)|[。！？]++")
MOST_APART = 1
"""How many sentences more or less a draft may have without a doubt: languages part sentences differently."""
SHORTER = 0.7
"""A draft of this share of its source, or less, has not room for all of it where sentences are missing as well."""
_DENSE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of scripts that need few of them: their lengths say nothing beside ours."""


def unescaped(source: str, answer: str) -> str:
    """The answer with its HTML entities read, once, where the source had none.

    >>> unescaped("Don't.", "No lo haga &amp; d&#39;acord.")
    "No lo haga & d'acord."
    >>> unescaped("Write &amp; here.", "Escriba &amp; aquí.")
    'Escriba &amp; aquí.'
    """
    if "&" not in answer or _ENTITY.search(source):
        return answer
    return _ENTITY.sub(lambda found: html.unescape(found[0]), answer)


def markup_of_its_own(source: str, draft: str) -> str:
    """HTML in the draft, and none in the source: a page of an error, or tags that nobody asked for."""
    if "<" not in draft or not (found := _MARKUP.search(draft)) or _MARKUP.search(source):
        return ""
    return f"the engine answered with markup: {found[0][:40]!r}"


def sentences_apart(source: str, draft: str) -> str:
    """A doubt, where the draft ends other sentences than the source, by the same rough count; "" if they agree."""
    before, after = _ends(source), _ends(draft)
    if abs(before - after) <= MOST_APART:
        return ""
    return f"the source has {before} sentence{'' if before == 1 else 's'}, the draft {after}"


def lost_sentence(source: str, draft: str) -> str:
    """Why this is no draft: it ends fewer sentences than the source and is much shorter; "" if it is one.

    Shorter alone may be the language's way, and two sentences may have become one: `sentences_apart` asks about that.

    >>> lost_sentence("Take it at night. Do not drive afterwards.", "Tómelo por la noche.")
    'the engine lost a sentence: the source has 2, the draft 1'
    >>> lost_sentence("Take it at night. Do not drive.", "Tómelo por la noche, y no conduzca.")
    ''
    """
    if (
        len(draft) > SHORTER * len(source)
        or _DENSE.search(draft)
        or (before := _ends(source)) <= (after := _ends(draft))
    ):
        return ""
    return f"the engine lost a sentence: the source has {before}, the draft {after}"


def _ends(text: str) -> int:
    """A rough count of sentences, the same for every language."""
    return max(1, len(_END.findall(text)))
