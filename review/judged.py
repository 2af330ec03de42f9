"""What the last publish found signed, so that only what something happened to is judged again.

Takes   the last release in the ledger, what was said since, and a note in the workspace's private folder
Gives   for a page of that release what the note says of it, if the page still stands just so
Always  the note can only spare work: a page stands if it is of the last release in the ledger, which was proven when it
        went out, and the ledger says nothing of it since; what nobody knows for sure is judged again

So whoever writes into the private folder can bring no text on the site: the texts are the release's, not the note's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pipeline
import review
from pipeline.config import FILE_NAME, Workspace
from pipeline.durable import replace_file
from pipeline.export import Judges
from pipeline.fingerprint import code_hash
from pipeline.store import Transaction
from pipeline.store.history import UNIT_KINDS
from pipeline.store.ledger import Event, EventKind, digest
from review.roster import signer_name

PLACE = "judged.json"
_OF_A_PAGE = frozenset({*UNIT_KINDS, EventKind.EXPORT, EventKind.RETURNED})
_OF_AN_ARTICLE = frozenset({EventKind.REVISION})
_OF_NO_PAGE = frozenset({EventKind.PINS, EventKind.RELEASE, EventKind.PACK, EventKind.MEMORY})
"""Events of any other kind may concern every page."""


@dataclass(frozen=True, slots=True)
class JudgedPage:
    """What was found of a page that went out whole."""

    made_from: str
    """The hash of all that it shows: `pages.page_hash`."""
    updated_on: str
    """A day, or empty."""
    signed_since: str
    """The day of the sign-off of the sentence that was signed longest ago; empty for an English page."""


@dataclass(slots=True)
class Judged:
    """The pages of the last release that stand as they did."""

    place: Path
    key: str
    pages: Mapping[tuple[str, str], JudgedPage]
    """By slug and locale."""
    heads: Mapping[str, str]
    """The ends of all chains when this was looked at."""

    def save(
        self,
        release: Event,
        heads: Mapping[str, str],
        ends: Mapping[str, str],
        pages: Mapping[tuple[str, str], JudgedPage],
    ) -> None:
        """Note what was found of the pages of a release.

        `heads` are the ends of all chains before the release was made: what came between the judging and the
        release was not judged, and then nothing is noted. `ends` are those from which on something new is said.
        """
        if heads != self.heads:
            self.place.unlink(missing_ok=True)
            return
        listed = [[slug, locale, asdict(page)] for (slug, locale), page in sorted(pages.items())]
        note = {"key": self.key, "release": release.hash, "heads": dict(ends), "pages": listed}
        data = json.dumps(note, sort_keys=True).encode()  # chains come in any order
        if not self.place.is_file() or self.place.read_bytes() != data:
            replace_file(self.place, data)


def read_judged(workspace: Workspace, transaction: Transaction, judges: Judges, last: Event | None) -> Judged:
    """What the note says of the pages of the last release that nothing happened to since."""
    place, key = workspace.private / PLACE, _key(workspace, transaction, judges)
    heads = transaction.heads()
    if last is None:
        return Judged(place, key, {}, heads)
    # judges who do not say what they are may be others today
    noted, noted_heads = _noted(place, key, last) if judges.version else ({}, {})
    standing = _untouched(noted, transaction.said_since(noted_heads)) if noted else {}
    # The note could be wrong about its heads. A text that went out since takes no sign-off away, whoever judged it.
    said = transaction.said_since(last.body["heads"]) if standing else None
    unsaid = None if said is None else [event for event in said if event[0] is not EventKind.EXPORT]
    return Judged(place, key, _untouched(standing, unsaid), heads)


def _key(workspace: Workspace, transaction: Transaction, judges: Judges) -> str:
    """A hash of all that is the same for every page: our code, the checks, settings, policies, the people's names."""
    facts = transaction.facts()
    names = {
        entry: signer_name(workspace.ledger, facts, entry, str(person["id"]))
        for entry, person in facts.roster_entries.items()
    }
    settings = (workspace.root / FILE_NAME).read_bytes().decode("utf-8", "replace")
    code = code_hash(str(pipeline.__file__)), code_hash(str(review.__file__))
    return digest([1, judges.version, *code, settings, facts.policies, names])


def _noted(place: Path, key: str, last: Event) -> tuple[dict[tuple[str, str], JudgedPage], dict[str, str]]:
    """The pages that a note names, and the ends of the chains that it knew.

    None if there is no note on just this release, or it cannot be read.
    """
    try:
        note = json.loads(place.read_bytes())
        if (note["key"], note["release"]) != (key, last.hash):
            return {}, {}
        heads = {str(chain): str(end) for chain, end in note["heads"].items()}
        noted = {(slug, locale): JudgedPage(**page) for slug, locale, page in note["pages"]}
        for page in noted.values():
            if not all(isinstance(value, str) for value in (page.made_from, page.updated_on, page.signed_since)):
                return {}, {}
            _ = [date.fromisoformat(day) for day in (page.updated_on, page.signed_since) if day]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}, {}
    return noted, heads


def _untouched(
    noted: Mapping[tuple[str, str], JudgedPage], said: Sequence[tuple[EventKind, str, str]] | None
) -> Mapping[tuple[str, str], JudgedPage]:
    """The pages that no event is about; none where one may concern every page, or nobody knows what was said."""
    if said is None:
        return {}
    pages: set[tuple[str, str]] = set()
    articles: set[str] = set()
    for kind, slug, locale in said:
        if kind in _OF_A_PAGE and slug and locale:
            pages.add((slug, locale))
        elif kind in _OF_AN_ARTICLE and slug:
            articles.add(slug)
        elif kind not in _OF_NO_PAGE:
            return {}
    return {key: page for key, page in noted.items() if key not in pages and key[0] not in articles}


def page_bodies(release: Event | None) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The pages of a release by slug and locale, as its event has them."""
    return {(page["slug"], page["locale"]): page for page in release.body["pages"]} if release else {}
