"""Look concepts up: `signoff terms search`.

Takes   a Matcher, a text, and the locales it may be in
Gives   the concepts that it names, in the order of the termbase
"""

from collections.abc import Iterable

from pipeline.model import Locale
from pipeline.terms.matching import Matcher
from pipeline.terms.model import Concept
from pipeline.terms.stems import fold


def search(matcher: Matcher, text: str, locales: Iterable[Locale]) -> tuple[Concept, ...]:
    """Concepts of which a term stands in the text (in any form), or whose id, terms or forms hold the text."""
    named = {match.concept.id for locale in locales for match in matcher.all_matches(text, locale)}
    wanted = fold(" ".join(text.split()))
    return tuple(
        concept
        for concept in matcher.termbase.concepts
        if concept.id in named or (wanted and any(wanted in fold(word) for word in _words(concept)))
    )


def _words(concept: Concept) -> tuple[str, ...]:
    return (concept.id, *(word for term in concept.terms for word in term.wordings))
