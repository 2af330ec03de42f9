"""Which article's units are whose after files were renamed: one thread of numbers through several slugs.

Takes   the revision events of the slugs that took part in a rename, in the order of the union
Gives   for a unit every slug under which people spoke of it, and the slug under which it lives now
Always  a function of the set of events; a number belongs to one thread for good: a later article under a slug that was
        left begins with numbers of its own, so nothing that was signed before counts for it; a rename that does not fit
        what came before it (of an article that has gone elsewhere, onto one that is there) joins nothing
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.store.ledger import Event

FIELD = "renamed_from"
"""Of a revision event's body, if the article had another slug before: {"slug": …, "before": its next number then}."""
_NO_END = 1 << 62


@dataclass(slots=True, eq=False)
class _Thread:
    """The units of one article through all its names."""

    first: int
    """Its lowest number."""
    home: str
    ends: dict[str, int] = field(default_factory=dict)
    """For each slug that it had, the number that is the first not to be its own there; the newest name last."""


class Renames:
    """What the revisions of some slugs come to."""

    def __init__(self, revisions: Iterable[Event]) -> None:
        self._at: dict[str, list[_Thread]] = {}
        self._living: dict[str, _Thread] = {}
        for event in revisions:
            self._follow(event.body)

    def _follow(self, body: Mapping[str, Any]) -> None:
        slug, origin = body["slug"], body.get(FIELD)
        here = self._living.get(slug)
        if here is None and origin and self._moves(slug, origin):
            return
        if here is None:
            self._begin(slug)
        elif origin and origin["slug"] in here.ends and self._at[origin["slug"]] == [here]:
            # Two stores saw the same rename, each with what it knew.
            old = origin["slug"]
            here.ends[old] = max(here.ends[old], origin["before"])

    def _moves(self, slug: str, origin: Mapping[str, Any]) -> bool:
        """Take a thread to a slug that nobody had but itself. False if it cannot be."""
        thread = self._living.get(origin["slug"])
        if thread is None or not self.may_become(origin["slug"], slug):
            return False
        del self._living[origin["slug"]]
        thread.ends[origin["slug"]] = origin["before"]
        thread.ends.pop(slug, None)
        thread.ends[slug] = _NO_END
        thread.home = slug
        self._living[slug] = thread
        if thread not in self._at.setdefault(slug, []):
            self._at[slug].append(thread)
        return True

    def _begin(self, slug: str) -> None:
        before = self._at.setdefault(slug, [])
        thread = _Thread(first=max((t.ends[slug] for t in before), default=1), home=slug, ends={slug: _NO_END})
        before.append(thread)
        self._living[slug] = thread

    def _thread(self, slug: str, number: int) -> _Thread | None:
        threads = self._at.get(slug, ())
        return next((t for t in threads if t.first <= number < t.ends[slug]), None)

    def home(self, slug: str, number: int) -> str:
        """The slug under which a unit lives now."""
        thread = self._thread(slug, number)
        return thread.home if thread else slug

    def places(self, slug: str, number: int) -> tuple[str, ...]:
        """Every slug under which a unit was spoken of, this one first."""
        thread = self._thread(slug, number)
        others = [other for other, end in thread.ends.items() if number < end and other != slug] if thread else []
        return (slug, *others)

    def may_become(self, old_slug: str, slug: str) -> bool:
        """Whether an article may take a slug that has no article now: nobody had it, or only this very article."""
        return all(thread is self._living.get(old_slug) for thread in self._at.get(slug, ()))

    def names(self, slug: str) -> tuple[str, ...]:
        """Every slug that the article of this one had, the newest first; this one alone if it never had another."""
        thread = self._living.get(slug)
        return tuple(reversed(thread.ends)) if thread else (slug,)

    def left(self) -> dict[str, str]:
        """Slugs that no article has any more, each with the one that its article has now."""
        return {
            slug: threads[-1].home
            for slug, threads in sorted(self._at.items())
            if slug not in self._living and threads[-1].home != slug
        }


NONE = Renames(())
