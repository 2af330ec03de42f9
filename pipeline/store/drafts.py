"""Drafts that engines made, kept as soon as they are made, so that nothing is drafted (or paid for) twice.

Takes   drafts with the engine, its version and the locales; what became of drafts that were translated back
Gives   them back for the same source text, engine and version; for the same draft
Always  a cache: it can be lost, not wrong; a draft enters a unit's history only when it goes out in a PO file
"""

import json
from collections.abc import Iterable, Mapping, Sequence, Set

import sqlalchemy as sa

from pipeline.engines import Draft, Failure
from pipeline.store import Transaction
from pipeline.store.schema import BACK_TRANSLATION, CACHED_DRAFT


def cached_drafts(
    transaction: Transaction,
    engine: str,
    version: str,
    locales: tuple[str, str],
    source_hashes: Iterable[str],
) -> dict[str, tuple[Draft | Failure, str]]:
    """For each source hash that is there: the draft (or the failure that would come again), and its article's slug."""
    found: dict[str, tuple[Draft | Failure, str]] = {}
    hashes = sorted(source_hashes)
    for start in range(0, len(hashes), 500):
        query = sa.select(CACHED_DRAFT).where(
            CACHED_DRAFT.c.engine == engine,
            CACHED_DRAFT.c.version == version,
            CACHED_DRAFT.c.source_locale == locales[0],
            CACHED_DRAFT.c.target_locale == locales[1],
            CACHED_DRAFT.c.source_hash.in_(hashes[start : start + 500]),
        )
        for row in transaction.connection.execute(query):
            doubts = tuple(json.loads(row.doubts))
            drafted: Draft | Failure = (
                Draft(text=row.target, engine=row.engine, version=row.version, doubts=doubts)
                if row.target
                else Failure(reason=doubts[0])
            )
            found[row.source_hash] = (drafted, row.slug)
    return found


DraftKey = tuple[str, str, str]
"""What a kept draft is found by, in a pair of locales: its engine, the version, the source hash."""


def draft_key(draft: Draft, source_hash: str) -> DraftKey:
    """The key of a draft of this source."""
    return draft.engine, draft.version, source_hash


def keep_drafts(
    transaction: Transaction,
    engines: Sequence[tuple[str, str]],
    locales: tuple[str, str],
    slug: str,
    drafts: Mapping[str, Draft | Failure],
    kept: Set[DraftKey] = frozenset(),
) -> None:
    """Keep drafts by source hash; a failure is kept for each engine that was asked, unless a retry may mend it.

    Those in `kept` are durable already and are left out.
    """
    rows = []
    for source_hash, drafted in drafts.items():
        if isinstance(drafted, Draft):
            keyed = [(draft_key(one, source_hash), one) for one in (drafted, *drafted.beaten)]
            rows += [(*key, one.text, one.doubts) for key, one in keyed if key not in kept]
        elif drafted.final:
            rows += [(engine, version, source_hash, "", (drafted.reason,)) for engine, version in engines]
    if rows:
        transaction.connection.execute(
            sa.text(
                "INSERT INTO cached_draft (engine, version, source_locale, target_locale, source_hash, slug, target, "
                "doubts) VALUES (:engine, :version, :source_locale, :target_locale, :source_hash, :slug, :target, "
                ":doubts) ON CONFLICT DO NOTHING"
            ),
            [
                {
                    "engine": engine,
                    "version": version,
                    "source_locale": locales[0],
                    "target_locale": locales[1],
                    "source_hash": source_hash,
                    "slug": slug,
                    "target": target,
                    "doubts": json.dumps(list(doubts)),
                }
                for engine, version, source_hash, target, doubts in rows
            ],
        )


def back_translations(transaction: Transaction, slug: str, target_locale: str) -> dict[str, Draft]:
    """What an article's drafts say in the source language, by the draft's hash; drafts of long ago among them."""
    query = sa.select(BACK_TRANSLATION).where(
        BACK_TRANSLATION.c.target_locale == target_locale, BACK_TRANSLATION.c.slug == slug
    )
    rows = transaction.connection.execute(query)
    return {row.target_hash: Draft(text=row.text, engine=row.engine, version=row.version) for row in rows}


def back_translation_counts(transaction: Transaction) -> dict[tuple[str, str], int]:
    """How many there are of each article and locale."""
    slug, locale = BACK_TRANSLATION.c.slug, BACK_TRANSLATION.c.target_locale
    query = sa.select(slug, locale, sa.func.count().label("many")).group_by(slug, locale)
    return {(row.slug, row.target_locale): row.many for row in transaction.connection.execute(query)}


def keep_back_translations(
    transaction: Transaction, slug: str, target_locale: str, drafts: Mapping[str, Draft]
) -> None:
    """Keep them by the draft's hash; the first one stays."""
    rows = [
        {"locale": target_locale, "slug": slug, "hash": of, "engine": d.engine, "version": d.version, "text": d.text}
        for of, d in drafts.items()
    ]
    if rows:
        transaction.connection.execute(
            sa.text(
                "INSERT INTO back_translation (target_locale, slug, target_hash, engine, version, text) "
                "VALUES (:locale, :slug, :hash, :engine, :version, :text) ON CONFLICT DO NOTHING"
            ),
            rows,
        )
