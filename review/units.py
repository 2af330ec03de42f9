"""Find a unit by its id, as it stands in a PO file's msgctxt, on a command line or in a form.

Takes   an id, `first:0004:9e731582`
Gives   the sentence that the ledger knows under it; with `todays_sentence` only one that today's English still has
Always  one way for every act on one unit; only the article that the id names is looked at
"""

from dataclasses import dataclass
from typing import Any

from pipeline.articles import ReadArticle, recorded_article
from pipeline.errors import PolicyError
from pipeline.model import Locale, Segment, slug_in_id
from pipeline.store import Transaction
from pipeline.store.history import UnitKey


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundUnit:
    """The segment that an id names."""

    slug: str
    number: int
    source: str
    source_hash: str

    @property
    def id(self) -> str:
        """As in a PO file's msgctxt."""
        return f"{slug_in_id(self.slug)}:{self.number:04d}:{self.source_hash[:8]}"

    def key(self, locale: Locale) -> UnitKey:
        """The unit in a locale."""
        return UnitKey(self.slug, self.number, locale.tag)

    def about(self, locale: Locale) -> dict[str, Any]:
        """How events name it."""
        where = {"slug": self.slug, "number": self.number, "locale": locale.tag}
        return where | {"source_hash": self.source_hash}


def find_unit(transaction: Transaction, id_: str) -> FoundUnit:
    """The segment of an id, today's or one that was; `first:0004` names it, too. Raises PolicyError."""
    for slug in transaction.articles():
        if id_.startswith(f"{slug_in_id(slug)}:"):
            for number, source_hash, source, _ in transaction.article(slug)[1]:
                found = FoundUnit(slug=slug, number=number, source=source, source_hash=source_hash)
                if id_ in (found.id, found.id.rpartition(":")[0]):
                    return found
    raise PolicyError(
        f"no sentence has the id {id_!r}: it stands as msgctxt in the PO file, and in `signoff conflicts`"
    )


def todays_sentence(transaction: Transaction, id_: str) -> tuple[ReadArticle, Segment]:
    """The segment of an id in the article as the last run recorded it. Raises PolicyError if it is not in it."""
    unit = find_unit(transaction, id_)
    read = recorded_article(transaction, unit.slug)
    segment = next((s for s in read.segments if s.number == unit.number), None) if read else None
    if read is None or segment is None:
        raise PolicyError(f"{id_} is not in today's English: signoff run")
    return read, segment
