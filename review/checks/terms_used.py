"""The terms of the source are in the target as the termbase wants them, and no forbidden ones.

A concept of which the target has none of the accepted terms is a WARNING, and an ERROR where the termbase calls the
concept critical (drug names). A forbidden term is reported where the source means its concept, and a concept that has
no term in the source language is forbidden wherever its term stands. A name that must stay as it is and does not is an
ERROR. A source term within a longer one is not looked for; in the target it may stand within a longer one.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from pipeline.model import Finding, Severity, visible_text
from review.checks.context import Context

if TYPE_CHECKING:  # a workspace without a termbase does not wait for it
    from pipeline.terms import Concept, Matcher, TermMatch

_MOST_NAMED = 4
"""How many accepted terms a message names."""


def terms_used(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR or a WARNING for each concept that the target words otherwise than the termbase says."""
    matcher = context.terms
    if matcher is None or context.source_locale.language == context.target_locale.language:
        return
    sources = matcher.matches(source, context.source_locale)
    forbidden = list(_forbidden(sources, matcher, target, context))
    yield from (finding for _, finding in forbidden)
    told = {concept.id for concept, _ in forbidden}
    there = {
        match.concept.id
        for match in (matcher.all_matches(target, context.target_locale) if sources else ())
        if not match.term.forbidden
    }
    for span, homonyms in groupby(sources, key=lambda match: match.span):
        concepts = [match.concept for match in homonyms]
        if any(_said(concept, source[slice(*span)], target, there, context) for concept in concepts):
            continue
        if not any(concept.id in told for concept in concepts):
            yield _missing(concepts, source, span, context)
        told |= {concept.id for concept in concepts}


def _said(concept: "Concept", written: str, target: str, there: set[str], context: Context) -> bool:
    """Whether the target has the concept, or the termbase does not say how it should."""
    if concept.do_not_translate:
        names = {visible_text(written), *(word for term in concept.terms for word in term.wordings)}
        seen = visible_text(target)
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", seen) for name in names)
    return concept.id in there or not concept.accepted(context.target_locale)


def _missing(concepts: "Sequence[Concept]", source: str, span: tuple[int, int], context: Context) -> Finding:
    written = visible_text(source[slice(*span)])
    if concepts[0].do_not_translate:
        message = f'"{written}" must stand in the target as it is'
    else:
        wanted = list(dict.fromkeys(t.text for concept in concepts for t in concept.accepted(context.target_locale)))
        named = ", ".join(wanted[:_MOST_NAMED]) + (" …" if wanted[_MOST_NAMED:] else "")
        message = f'the source has "{written}", the target none of its terms: {named}'
    hard = all(concept.critical or concept.do_not_translate for concept in concepts)
    return Finding(
        check="terms_used",
        severity=Severity.ERROR if hard else Severity.WARNING,
        message=message,
        source_span=span,
    )


def _forbidden(
    sources: "Sequence[TermMatch]", matcher: "Matcher", target: str, context: Context
) -> "Iterator[tuple[Concept, Finding]]":
    """Each forbidden term of the target, once per place, unless it is right for another concept of the source."""
    meant = {match.concept.id: match for match in reversed(sources)}
    for _, matches in groupby(matcher.matches(target, context.target_locale), key=lambda match: match.span):
        here = list(matches)
        if any(not match.term.forbidden and match.concept.id in meant for match in here):
            continue
        for match in here:
            concept = match.concept
            always = not concept.terms_for(context.source_locale)
            if match.term.forbidden and (always or concept.id in meant):
                where = meant.get(concept.id)
                yield concept, _wrong(match, where, target, context)
                break


def _wrong(match: "TermMatch", where: "TermMatch | None", target: str, context: Context) -> Finding:
    wanted = ", ".join(term.text for term in match.concept.accepted(context.target_locale)[:_MOST_NAMED])
    meant = f' for "{where.term.text}"' if where else ""
    instead = f": write {wanted}" if wanted else ""
    return Finding(
        check="terms_used",
        severity=Severity.ERROR if match.concept.critical else Severity.WARNING,
        message=f'"{visible_text(target[slice(*match.span)])}" is forbidden by the termbase{meant}{instead}',
        source_span=where.span if where else None,
        target_span=match.span,
    )
