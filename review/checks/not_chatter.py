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
    r"|\A(?:sure|certainly|of course|here(?: is|['’]s| you go)|aquí (?:tiene|está|va|te)|aqui (?:está|vai|tem)|voici"
    r"|ecco|hier ist|¡?claro|¡?por supuesto|com certeza|claro|bien sûr|certo|natürlich)\b[^\n]{0,80}[:!]\s"
    r"|\A[\W_]{0,5}(?:nota d[aeo]l? tradu[ct]?tora?|note du traducteur|translator['’]s note|nota della traduttrice"
    r"|nota del traduttore|anmerkung des übersetzers)\b"
    r"|```",
    re.IGNORECASE,
)
_SIGNS = ("transl", "tradu", "tradott", "bersetz", "n.d.t", "n. d", "an ai", "model", "modèle", "```", "anmerkung")
"""One of these is in every text that the pattern finds, but for its first words."""
_OPENINGS = (
    *("sure", "certainly", "of course", "here", "aquí", "aqui", "voici", "ecco", "hier", "claro", "¡claro"),
    *("por supuesto", "¡por supuesto", "com certeza", "bien sûr", "certo", "natürlich"),
)
"""What a machine begins with before it comes to the text."""
_SAME_OPENING = re.compile(r"\A\W{0,3}(?:here|this is|these are|sure|certain|of course|clear|note)", re.IGNORECASE)
_SAME = re.compile(r"translat|language model|\bAI\b|```", re.IGNORECASE)


def not_chatter(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR where the target speaks about a translation, of which the source says nothing."""
    lower = target.lower()
    if not any(sign in lower for sign in _SIGNS) and not lower.startswith(_OPENINGS):
        return
    if _SAME.search(source) or _SAME_OPENING.match(source):
        return
    match = _ABOUT.search(target)
    if match and not source.lower().startswith(match[0].lower()[:8]):
        yield Finding(
            check="not_chatter",
            severity=Severity.ERROR,
            message=f"speaks about the translation instead of being it: {match[0].strip()[:60]}",
            target_span=match.span(),
        )
