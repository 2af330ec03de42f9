"""Put right what the checks call an error in a machine's draft, where there is one certain way to do it.

Takes   an engine's Draft of a segment as it lies in the cache; the judges, whose checks say what is wrong
Gives   the Draft as it is to stand; of several engines' drafts of one segment the one with the fewest errors
Always  a repair stays only if the checks then find fewer errors, and nothing that they had not found before; each is
        said in a doubt (`repaired: …`) and in the draft's version; a draft without an error is not touched. Pure: the
        same draft is mended in the same way, so the cache holds what engines said and nothing else

A draft is looked at with the quick checks (`Judges.draft_findings`); one in which they find an error, with all of them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.engines import LEFT_UNTRANSLATED, REPAIRED, Draft, TermHint
from pipeline.export import Judges
from pipeline.model import Finding, Locale, Origin, OriginKind, Segment, Severity, Unit
from pipeline.numerals import localize_numbers

MOST_REPAIRS = 8
"""In one draft. One with more errors is for a person to write anew."""
_ENGINE = Origin(kind=OriginKind.ENGINE)
_WORD = re.compile(r"[^\W_]+")
_SEPARATED = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)+(?!\w|[.,]\d)")
"""A number with separators, whatever stands beside it but letters: numerals.py leaves `3.0-7.2` alone, which may be a
date or a version; here the checks have said that it is none."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a draft is mended with."""

    judges: Judges
    source_locale: Locale
    target_locale: Locale

    def findings(self, draft: Draft, segment: Segment, *, all_checks: bool = False) -> tuple[Finding, ...]:
        """What the checks say of a draft."""
        unit = Unit(segment=segment, target_locale=self.target_locale, target=draft.text, origin=_ENGINE)
        quick = self.judges.draft_findings
        return self.judges.findings(unit) if all_checks or quick is None else quick(unit)

    def hints(self, source: str) -> tuple[TermHint, ...]:
        """The terms of a source; none without a termbase."""
        return self.judges.term_hints(source, self.target_locale) if self.judges.term_hints else ()


def mended(draft: Draft, segment: Segment, bench: Bench) -> tuple[Draft, int]:
    """The draft as it is to stand, the very same object if nothing is to be done; and how many errors it still has."""
    if bench.judges.term_hints:
        from pipeline.repair import repair

        draft = repair(draft, segment.source, bench.hints(segment.source), bench.source_locale)
    if draft.instead:
        draft = replace(draft, doubts=(*draft.doubts, REPAIRED + draft.instead), instead="")
    if not errors(bench.findings(draft, segment)):
        return draft, 0
    found, said = bench.findings(draft, segment, all_checks=True), list[str]()
    tried = {draft.text}
    while len(said) < MOST_REPAIRS:
        for text, what in _candidates(draft.text, segment.source, found, bench):
            if text in tried or not text.strip():  # nothing would be left of it
                continue
            tried.add(text)
            after = bench.findings(replace(draft, text=text), segment, all_checks=True)
            if errors(after) < errors(found) and not _named(after) - _named(found):
                draft, found = replace(draft, text=text), after
                said.append(REPAIRED + what)
                break
        else:
            break
    if said:
        draft = replace(draft, version=f"{draft.version}, repaired", doubts=(*draft.doubts, *said))
    return draft, errors(found)


def best_of(drafts: Sequence[Draft], segment: Segment, bench: Bench) -> tuple[Draft, int]:
    """Of one segment's drafts the first with the fewest errors once it is mended, not mended yet; and their number.

    The others are in its `beaten`; why it is another engine's than the first one's, in `instead`.
    """
    left = [_errors_left(draft, segment, bench) for draft in drafts]
    at = min(range(len(drafts)), key=lambda place: len(left[place]))
    best, others = drafts[at], tuple(other for place, other in enumerate(drafts) if place != at)
    instead = f"the draft is {best.engine}'s; in {drafts[0].engine}'s, {left[0][0].message}" if at else ""
    return replace(best, beaten=others, instead=instead) if others else best, len(left[at])


def errors(found: Sequence[Finding]) -> int:
    """How many of the findings block."""
    return sum(finding.severity is Severity.ERROR for finding in found)


def _errors_left(draft: Draft, segment: Segment, bench: Bench) -> list[Finding]:
    stands, left = mended(draft, segment, bench)
    if not left:
        return []
    found = bench.findings(stands, segment, all_checks=True)
    return [finding for finding in found if finding.severity is Severity.ERROR]


def _named(found: Sequence[Finding]) -> Counter[tuple[str, Severity, str]]:
    """The findings, wherever they stand in a text."""
    return Counter((finding.check, finding.severity, finding.message) for finding in found)


# -- repairs: each gives the text with one thing put right, and says what


def _candidates(text: str, source: str, found: Sequence[Finding], bench: Bench) -> Iterator[tuple[str, str]]:
    wrong = [finding for finding in found if finding.severity is Severity.ERROR]
    for repairs in REPAIRS:
        yield from repairs(text, source, wrong, bench)


def separators_put_right(text: str, source: str, wrong: Sequence[Finding], bench: Bench) -> Iterator[tuple[str, str]]:
    """Numbers that were copied from the source, also in ranges and rates, written as the target's locale does."""
    if not any(finding.check == "numbers_kept" for finding in wrong):
        return
    here, there, copied = bench.source_locale, bench.target_locale, set(_SEPARATED.findall(source))

    def written(found: re.Match[str]) -> str:
        return localize_numbers(found[0], found[0], here, there) if found[0] in copied else found[0]

    changed = _SEPARATED.sub(written, text)
    yield changed, f"numbers written as in {there}"


def numbers_put_back(text: str, source: str, wrong: Sequence[Finding], bench: Bench) -> Iterator[tuple[str, str]]:
    """The one number, or quantity, that differs: as the source has it, written as the target's locale does."""
    for check in ("numbers_kept", "quantities_kept"):
        of_check = [finding for finding in wrong if finding.check == check]
        if len(of_check) == 1 and of_check[0].source_span and of_check[0].target_span:
            there = source[slice(*of_check[0].source_span)]
            there = localize_numbers(there, there, bench.source_locale, bench.target_locale)
            yield _exchanged(text, of_check[0].target_span, there)


def protected_put_back(text: str, source: str, wrong: Sequence[Finding], bench: Bench) -> Iterator[tuple[str, str]]:
    """The one name, address or code that is missing, in the place of the one that the source does not have."""
    of_check = [finding for finding in wrong if finding.check == "protected_kept"]
    missing = [finding.source_span for finding in of_check if finding.source_span]
    new = [finding.target_span for finding in of_check if finding.target_span]
    if len(missing) == len(new) == 1:
        yield _exchanged(text, new[0], source[slice(*missing[0])])


def terms_put_in(text: str, source: str, wrong: Sequence[Finding], bench: Bench) -> Iterator[tuple[str, str]]:
    """The preferred term in the place of a forbidden one, or of the English one that still stands there."""
    from pipeline.repair import in_case, repair

    hints = {hint.span: hint for hint in bench.hints(source)}
    for finding in wrong:
        hint = hints.get(finding.source_span) if finding.check == "terms_used" and finding.source_span else None
        if hint is None:
            continue
        if finding.target_span:
            if hint.accepted:
                wanted = in_case(text[slice(*finding.target_span)], hint.accepted[0])
                yield _exchanged(text, finding.target_span, wanted)
            continue
        surface = source[slice(*hint.span)]
        if hint.do_not_translate:
            spelled = list(re.finditer(re.escape(surface), text, re.IGNORECASE))
            if len(spelled) == 1:
                start, end = spelled[0].span()
                space = " " * text[end : end + 1].isalpha()  # Apertium makes SAMHSAha of SAMHSA’s
                yield text[:start] + surface + space + text[end:], f"the name {surface} as the source has it"
            continue
        left = LEFT_UNTRANSLATED + ", ".join(_WORD.findall(surface))
        after = repair(Draft(text=text, engine="", version="", doubts=(left,)), source, [hint], bench.source_locale)
        if after.text != text:
            yield after.text, f"the termbase's {hint.accepted[0]} for {surface}"


def hidden_taken_out(text: str, source: str, wrong: Sequence[Finding], bench: Bench) -> Iterator[tuple[str, str]]:
    """A character that nobody sees."""
    for finding in wrong:
        if finding.check == "characters" and finding.target_span:
            start, end = finding.target_span
            if end - start == 1 and not text[start].isprintable():
                yield text[:start] + text[end:], f"U+{ord(text[start]):04X} taken out"


REPAIRS: tuple[Callable[[str, str, Sequence[Finding], Bench], Iterator[tuple[str, str]]], ...] = (
    separators_put_right,
    numbers_put_back,
    protected_put_back,
    terms_put_in,
    hidden_taken_out,
)
"""All that a machine puts right by itself. Lost and doubled placeables are put right before, in draft.py."""


def _exchanged(text: str, span: tuple[int, int], wanted: str) -> tuple[str, str]:
    start, end = span
    return text[:start] + wanted + text[end:], f"{wanted} where the engine wrote {text[start:end]}"
