"""Put the termbase's wording where a machine left an English word untranslated.

Takes   a draft whose doubts name the words it left untranslated; its source; the terms of the source (TermHint)
Gives   the draft with those of the words that are terms replaced by the preferred target term, and said so in a doubt
Always  nothing else is touched, never a placeable, and a word only if it stands in the draft as often as in the source
        and each time as that term: another word of the target language may be spelled the same. Deterministic

The term comes in the form in which the termbase has it: number, gender and the words around it are left to the
reviewer, who is told. Words that the termbase wants as they are (drug names) are no longer called untranslated.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.engines import LEFT_UNTRANSLATED, Draft, TermHint
from pipeline.model import Locale, tags_of
from pipeline.terms.stems import stem

_BETWEEN = r"[ \u00a0-]"
_WORD = re.compile(r"[^\W_]+")
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A term of the source as it is written there, and what it is to be."""

    surface: str
    target: str
    """The surface itself where it is to stay."""
    itself: bool
    """Whether the surface is the term, not a plural or possessive of it."""


def repair(draft: Draft, source: str, hints: Sequence[TermHint], source_locale: Locale) -> Draft:
    """The draft with the terms that it left untranslated; the very same object if there is nothing to do."""
    unknown = {word for doubt in draft.doubts for word in _listed(doubt)}
    if not unknown or not hints:
        return draft
    text, said, settled = draft.text, list[str](), set[str]()
    for wanted in _wanted(source, hints, source_locale):
        words = _WORD.findall(wanted.surface)
        if not all(word in unknown for word in words):
            continue
        if wanted.target != wanted.surface:
            replaced = _replace(source, text, wanted)
            if replaced is None:
                continue
            text = replaced
            said.append(f"termbase: {wanted.surface} → {wanted.target}{'' if wanted.itself else ' (not inflected)'}")
        settled.update(words)
    if not settled:
        return draft
    doubts = [left for doubt in draft.doubts if (left := _without(doubt, settled))]
    version = f"{draft.version}, terms put in" if said else draft.version
    return replace(draft, text=text, version=version, doubts=(*doubts, *said))


def _wanted(source: str, hints: Sequence[TermHint], source_locale: Locale) -> list[_Wanted]:
    """The terms, each surface once; none that is meant in two ways, has a tag in it or has no target.

    A form that is more than a plural of the term may be another part of speech (`misused`, of `misuse`): none either.
    """
    meant: dict[str, set[str]] = {}
    itself: dict[str, bool] = {}
    for hint in hints:
        surface = source[slice(*hint.span)]
        if next(tags_of(surface), None) is None:
            same = hint.do_not_translate or surface.casefold() in {text.casefold() for text in hint.accepted}
            known = hint.accepted and _stems(surface, source_locale) == _stems(hint.term, source_locale)
            target = surface if same else hint.accepted[0] if known else ""
            meant.setdefault(surface, set()).add(target)
            itself[surface] = surface.casefold() == hint.term.casefold()
    counts = Counter(source[slice(*hint.span)] for hint in hints)
    return [
        _Wanted(surface, target, itself[surface])
        for surface, targets in meant.items()
        if len(targets) == 1
        and (target := next(iter(targets)))
        and counts[surface] == len(list(_pattern(surface).finditer(_bare(source))))
    ]


def _replace(source: str, text: str, wanted: _Wanted) -> str | None:
    """The text with each occurrence replaced; None if it does not have as many as the source."""
    pattern, pieces, position = _pattern(wanted.surface), list[str](), 0
    any_case = re.compile(pattern.pattern, re.IGNORECASE)
    if len(any_case.findall(_bare(text))) != len(any_case.findall(_bare(source))):
        return None
    spans = [tag.span() for tag in tags_of(text)] + [(len(text), len(text))]
    first_of_source, count = _first(source, pattern), 0
    for start, end in spans:
        for found in pattern.finditer(text, position, start):
            # The capital of a sentence's first word is not the word's own: El Somnolencia.
            moved = first_of_source and bool(_LETTER.search(_bare(text[: found.start()])))
            pieces += [text[position : found.start()], wanted.target if moved else in_case(found[0], wanted.target)]
            position, count = found.end(), count + 1
        pieces.append(text[position:end])
        position = end
    # One that a tag stands in, or that the draft tore apart, is left to the reviewer with all others.
    return "".join(pieces) if count == len(pattern.findall(_bare(source))) else None


def _first(source: str, pattern: re.Pattern[str]) -> bool:
    """Whether a source begins with the words."""
    bare = _bare(source)
    found = pattern.search(bare)
    return found is not None and not _LETTER.search(bare[: found.start()])


def _pattern(surface: str) -> re.Pattern[str]:
    """The surface as whole words in this very case, whatever blank or hyphen is between them."""
    return re.compile(rf"(?<![^\W_]){_BETWEEN.join(map(re.escape, _WORD.findall(surface)))}(?![^\W_])")


def _bare(text: str) -> str:
    """The text with a mark no word has in the place of each tag."""
    pieces, position = list[str](), 0
    for tag in tags_of(text):
        pieces += [text[position : tag.start()], "\0"]
        position = tag.end()
    return "".join([*pieces, text[position:]])


def _stems(text: str, locale: Locale) -> list[str]:
    return [stem(word, locale.language) for word in _WORD.findall(text)]


def in_case(found: str, target: str) -> str:
    """The target as the word that it stands for is written: `Withdrawal` → `Abstinencia`, `DOSE` → `DOSIS`."""
    if len(found) > 3 and found.isupper():
        return target.upper()
    return target[0].upper() + target[1:] if found[0].isupper() else target


def _listed(doubt: str) -> list[str]:
    return doubt.removeprefix(LEFT_UNTRANSLATED).split(", ") if doubt.startswith(LEFT_UNTRANSLATED) else []


def _without(doubt: str, settled: set[str]) -> str:
    """A doubt without the words that are settled; "" if none is left."""
    if not (words := _listed(doubt)):
        return doubt
    left = [word for word in words if word not in settled]
    return LEFT_UNTRANSLATED + ", ".join(left) if left else ""
