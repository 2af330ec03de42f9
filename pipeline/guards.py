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
_MARKS = ".!?…。！？"
MOST_APART = 1
"""How many sentences more or less a draft may have without a doubt: languages part sentences differently."""
SHORTER = 0.7
"""A draft of this share of its source, or less, has not room for all of it where sentences are missing as well."""
_TRANSLATION = r"(?:traducci[oó]n?|tradución|tradu[cç]ão|traduction|traduzione|übersetzung)"
_TALK = re.compile(
    r"(?:¡?\w+[!.,] )?(?:aquí|aqui|ací|voici|voilà|ecco|hier|esta|aquesta|questa|est[ea])\b"
    rf"[^.!?:]{{0,40}}\b{_TRANSLATION}\b[^.!?:]{{0,40}}:"
    r"|(?:lo siento|ho sento|síntoo|sinto(?: muito)?|lamento|desculpe|(?:je suis )?désolée?|mi dispiace"
    r"|es tut mir leid)\b[^.!?]{0,20}\b(?:no puedo|no puc|non podo|não posso|je ne peux|non posso|kann ich|ich kann)\b"
    r"|(?:no puedo|no puc|non podo|não posso|je ne peux pas|non posso|ich kann)\b[^.!?]{0,30}"
    r"\b(?:ayudar|ajudar|axudar|aider|vous aider|aiutar|helfen|tradu\w{1,6}|übersetzen)(?:te|le|lo|ti|la|os|vos)?\b"
    r"|(?:como|com a|en tant qu['’]|come|als) ?(?:un |una |uma )?"
    r"(?:modelo? d[ei] (?:lenguaje|linguagem|linguaxe)|model de llenguatge|modèle de langage|modello linguistico"
    r"|sprachmodell|ia\b|ki\b|int[eè]l·?lig[eè]ncia artificial|inteligencia artificial)",
    re.IGNORECASE,
)
"""A machine that announces its text, or says in the readers' language that it will not write one."""
_SAYS_SO_TOO = re.compile(
    r"\b(?:sorry|apolog|regret|can(?:['’]t|not| not)\b|unable|not (?:be )?able|translat|language model|AI\b)",
    re.IGNORECASE,
)
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


def talk(source: str, draft: str) -> str:
    """A refusal or an announcement in the language of the translation, of which the source has nothing.

    >>> talk("Take it at night.", "Lo siento, pero no puedo traducir esto.")
    "the engine answered with talk: 'Lo siento, pero no puedo traducir esto.'"
    >>> talk("Sorry, we cannot help you here.", "Lo siento, no podemos ayudarle aquí.")
    ''
    """
    if not _TALK.match(draft) or _SAYS_SO_TOO.search(source):
        return ""
    return f"the engine answered with talk: {draft[:60]!r}"


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
    if sum(map(text.count, _MARKS)) < 2:  # most: six times as fast as the search
        return 1
    return max(1, len(_END.findall(text)))
