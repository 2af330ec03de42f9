"""Which articles stand as the last run left them: those need not even be cut.

Takes   the workspace, its article files, the store, the judges
Gives   of each such article how many segments it has; and what a PO file is made from, as a hash
Always  when in doubt an article does not stand: the flow looks at it, and finds the same or better

An article stands when its bytes are those of its newest revision, cut by the rules of today, and in each locale every
unit has a text and the PO file has the bytes that were written, from just the events, judges and code of today.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.articles import FORMATS, rules_json, slug_of
from pipeline.config import Workspace
from pipeline.export import Judges
from pipeline.fingerprint import code_hash
from pipeline.model import Locale
from pipeline.store import Transaction
from pipeline.store.drafts import back_translation_counts
from pipeline.store.ledger import digest
from pipeline.store.memory import memory_version


def made_from(of_all: Sequence[Any], sha256: str, numbers: Sequence[int], events: int, back: int = 0) -> str:
    """A hash of all that a PO file depends on: `made_of_all`, its English, how many events there are about it.

    And how many back-translations: there may come more for the same drafts.
    """
    return digest([*of_all, sha256, list(numbers), events, *([back] if back else [])])


def made_of_all(workspace: Workspace, transaction: Transaction, judges: Judges, locale: Locale) -> list[Any]:
    """What every PO file of a locale depends on: the settings, the judges, the memory, our own code."""
    return [
        rules_json(workspace.settings.rules),
        workspace.settings.base_url,
        judges.version,
        memory_version(transaction.connection, locale.tag),
        sum(tag == locale.tag for tag, _, _ in transaction.facts().withdrawn),
        code_hash(__file__),
    ]


def standing_articles(
    workspace: Workspace, transaction: Transaction, judges: Judges, paths: Iterable[Path], locales: Sequence[Locale]
) -> dict[Path, int]:
    """The article files that stand in all of these locales, each with its number of segments."""
    written = transaction.all_written()
    if not written:
        return {}
    events, wanting = transaction.event_counts(), transaction.without_text()
    back = back_translation_counts(transaction)
    known = transaction.newest_revisions()
    of_all = {locale: made_of_all(workspace, transaction, judges, locale) for locale in locales}
    rules = rules_json(workspace.settings.rules)
    found: dict[Path, int] = {}
    for path in paths:
        slug = slug_of(workspace.source_content, path)
        revision = known.get(slug)
        if revision is None or path.is_symlink() or revision.format != FORMATS[path.suffix].value:
            continue
        if revision.rules != rules or _sha256(path) != revision.sha256:
            continue
        if all(
            _stands(workspace, slug, locale, revision.numbers, written, wanting)
            and written[slug, locale.tag][0]
            == made_from(
                of_all[locale],
                revision.sha256,
                revision.numbers,
                events.get((slug, locale.tag), 0),
                back.get((slug, locale.tag), 0),
            )
            for locale in locales
            if workspace.target(locale).takes(slug)
        ):
            found[path] = len(revision.numbers)
    return found


def _stands(
    workspace: Workspace,
    slug: str,
    locale: Locale,
    numbers: Sequence[int],
    written: Mapping[tuple[str, str], tuple[str, str]],
    wanting: Mapping[tuple[str, str], set[int]],
) -> bool:
    """Whether a PO file has the bytes that were written and no unit of its article is without a text."""
    place = (slug, locale.tag)
    if place not in written or not wanting.get(place, set()).isdisjoint(numbers):
        return False
    return _sha256(workspace.locales / locale.tag / f"{slug}.po") == written[place][1]


def _sha256(path: Path) -> str:
    """Of a file's bytes; empty for what cannot be read: whoever needs it will say so."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
