"""Today's articles as they lie in `source_content/`, cut only when somebody asks for one.

Takes   a workspace
Gives   by slug the hash of each file, and the article cut, or why it cannot be
Always  what is asked for twice is read twice: nothing but hashes and reasons is kept
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.articles import FORMATS, Cut, find_articles, read_article, record_revisions, rules_json, slug_of
from pipeline.config import Workspace
from pipeline.errors import ArticleError
from pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Today:
    """The article files of a workspace."""

    workspace: Workspace
    paths: Mapping[str, Path] = field(default_factory=dict)
    """By slug, in order."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """By slug the SHA-256 of the bytes; not of what cannot be read, or is a link."""
    refused: dict[str, str] = field(default_factory=dict)
    """By slug why an article cannot be read; of those that somebody asked for."""

    @classmethod
    def read(cls, workspace: Workspace) -> "Today":
        """Look at all files. Raises ArticleError for a name that cannot be a slug."""
        paths = {slug_of(workspace.source_content, path): path for path in find_articles(workspace)}
        return cls(workspace, dict(sorted(paths.items())), {s: sha for s, p in paths.items() if (sha := _sha256(p))})

    def cut(self, slug: str) -> Cut | None:
        """An article as it is cut; None if it cannot be read, and then it is among the refused."""
        try:
            return read_article(self.workspace, self.paths[slug])
        except ArticleError as error:
            self.refused[slug] = str(error)
            return None

    def is_revision(self, slug: str, sha256: str, format_: str) -> bool:
        """Whether an article is, byte for byte, a revision that is known."""
        return self.hashes.get(slug) == sha256 and FORMATS[self.paths[slug].suffix].value == format_

    def record(self, store: Store) -> None:
        """Put today's English into the ledger, as `run` does: no page could be proven against bytes nobody kept."""
        rules = rules_json(self.workspace.settings.rules)
        with store.read() as transaction:
            known = transaction.newest_revisions()
        new = [
            slug
            for slug in self.paths
            if slug not in known
            or known[slug].rules != rules
            or not self.is_revision(slug, known[slug].sha256, known[slug].format)
        ]
        cut = [article for slug in new if (article := self.cut(slug))]
        if cut:
            with store.write() as transaction:
                record_revisions(transaction, self.workspace, cut)


def _sha256(path: Path) -> str:
    try:
        return "" if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:  # whoever asks for the article hears why
        return ""
