"""What a check is given besides the two texts, and the shape of a check."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.model import Finding, Locale

if TYPE_CHECKING:
    from pipeline.terms import Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where a text pair stands, as far as checks need it."""

    source_locale: Locale
    target_locale: Locale
    terms: "Matcher | None" = None
    """The workspace's termbase; without one no term is asked for."""


Check = Callable[[str, str, Context], Iterator[Finding]]
"""(source, target, context) → findings. Spans are [start, end) in code points of the text as given, tags included."""
