"""A target is the translation and nothing about it: no "Here is the translation:", no note of a machine."""

import re
from collections.abc import Iterator

from pipeline.model import Finding, Severity
from review.checks.context import Context

_TRANSLATION = (
    r"(?:translat\w{1,6}|traducci[oó]n?|traducid\w{1,3}|traduction|traduit\w{0,3}|tradu[cç][aã]o|traduzid\w{1,3}"
    r"|tradución|traduzione|tradott\w|übersetzung|übersetzt)"
)
_NO_END = r"[^\n.:!?]{0,60}"
_ABOUT = re.compile(
    rf"\A[\W_]{{0,5}}(?:{_NO_END}[!.,]\s{{0,3}})?{_NO_END}{_TRANSLATION}{_NO_END}:"  # Here is the translation:
    r"|\((?:[^()\n]{0,40}\b)?(?:translator['’]s note|n\. ?d\. ?t\.|nota d[eo]l? traduc?tor|note du traducteur)"
    rf"|\([^()\n]{{0,20}}{_TRANSLATION}[^()\n]{{0,60}}\)"
    r"|\b(?:as an ai|language model|modelo de lenguaje|modelo de linguagem|modèle de langage)\b"
    r"|\A(?:sure|certainly|of course|here(?: is|['’]s| you go))\b[^\n]{0,80}[:!]"
    r"|```",
    re.IGNORECASE,
)
_SIGNS = ("transl", "tradu", "tradott", "bersetz", "n.d.t", "n. d", "an ai", "model", "modèle", "```")
"""One of these is in every text that the pattern finds, but for its first words."""
_SAME = re.compile(r"translat|language model|\bAI\b|```", re.IGNORECASE)


def not_chatter(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR where the target speaks about a translation, of which the source says nothing."""
    lower = target.lower()
    if not any(sign in lower for sign in _SIGNS) and not lower.startswith(("sure", "certainly", "of course", "here")):
        return
    match = _ABOUT.search(target)
    if match and not _SAME.search(source) and not source.lower().startswith(match[0].lower()[:8]):
        yield Finding(
            check="not_chatter",
            severity=Severity.ERROR,
            message=f"speaks about the translation instead of being it: {match[0].strip()[:60]}",
            target_span=match.span(),
        )
