"""Find the articles of a workspace and give their segments numbers for good.

Takes   source_content/<slug>.{txt,md,html}, and what the ledger knows of each article
Gives   ReadArticles: skeleton, numbered segments, and for each new one the segment whose edited form it is
Always  content is identity: an unchanged sentence keeps its number wherever it moved; an edited one gets a new number
        and knows its predecessor; a number is never given twice
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unicodedata import normalize

from pipeline.align import align
from pipeline.config import Workspace
from pipeline.errors import ArticleError
from pipeline.extract import MAX_BYTES, Furniture, Rules, extract
from pipeline.model import Article, ArticleFormat, Segment, Skeleton, slug_in_id
from pipeline.po import MAX_ENTRIES, MAX_TEXT_BYTES, too_long
from pipeline.protected import Protect
from pipeline.store import Transaction
from pipeline.store.ledger import EventKind
from pipeline.store.renames import FIELD as RENAMED_FROM

RENAMED_PERCENT = 60
"""A new file is another one renamed if so much of the longer one, in letters, is in sentences that both have."""
RENAMED_SENTENCES = 3
"""And so many sentences must be equal, unless all are."""

SITE_FILES = {"index.html", "feed.xml"}
"""What the site itself calls its files: no part of a slug may be one."""
COMPANION = "sentences"
"""Below each article's address the page of its sentences."""
FORMATS = {f".{format_.value}": format_ for format_ in ArticleFormat}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArticle:
    """An article of today with its numbered segments."""

    article: Article
    skeleton: Skeleton
    segments: tuple[Segment, ...]
    predecessors: Mapping[int, tuple[int, ...]]
    """For the number of a segment that was edited: the number it had before; of a merged one all of them, the likest
    first; both halves of a split one have the same.
    """
    former: Mapping[int, str]
    """The sources of those earlier segments, by their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSegment:
    """A segment that the ledger knows."""

    number: int
    source_hash: str
    source: str
    predecessors: tuple[int, ...] = ()
    """The numbers of the segments whose edited form it is, the likest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """What the ledger knows of an article: every segment it ever had, and which are in it, in order."""

    sha256: str = ""
    rules: Mapping[str, Any] | None = None
    """The extraction rules that its newest revision was cut with."""
    numbers: tuple[int, ...] = ()
    next_number: int = 1
    segments: Mapping[int, KnownSegment]


def find_articles(workspace: Workspace, slugs: Sequence[str] = ()) -> list[Path]:
    """The article files, sorted by slug; only those named if any are.

    Raises ArticleError for a slug that is not there, two files with one slug, or two slugs with one id or one look.
    """
    folder = workspace.source_content
    if not folder.is_dir():
        raise ArticleError(str(folder), None, "there is no such folder: put the English articles there")
    found: dict[str, Path] = {}
    ids: dict[str, str] = {}
    looks: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix not in FORMATS or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        slug = slug_of(folder, path)
        if slug in found:
            raise ArticleError(str(path), None, f"has the same slug as {found[slug].name}: rename one of the two")
        if (other_file := looks.setdefault(normalize("NFC", slug), path)) != path:
            two = f"{path.name!a} and {other_file.name!a}"
            raise ArticleError(str(path), None, f"reads as another article, for {two} look alike: rename one of them")
        if ids.setdefault(slug_in_id(slug).casefold(), slug) != slug:
            other = ids[slug_in_id(slug).casefold()]
            raise ArticleError(str(path), None, f"gives the same unit ids as {other}: rename one of the two")
        found[slug] = path
    for slug in slugs:
        if slug not in found:
            raise ArticleError(
                slug, None, f"no such article in {folder.name}/; there are: {', '.join(found) or 'none'}"
            )
    return [path for slug, path in found.items() if not slugs or slug in slugs]


def slug_of(folder: Path, path: Path) -> str:
    """The slug of an article file: its path below the folder without its ending."""
    slug = path.relative_to(folder).with_suffix("").as_posix()
    if not slug.isprintable() or slug.split("/")[0] in ("assets", "404"):
        raise ArticleError(str(path), None, "this name cannot be a page's address: rename the file")
    return slug


def read_article(workspace: Workspace, path: Path) -> tuple[Article, Skeleton, tuple[Segment, ...]]:
    """Read and cut one article file. Raises ArticleError with file, line and what to do."""
    slug = slug_of(workspace.source_content, path)
    if not path.resolve().is_relative_to(workspace.source_content.resolve()):
        raise ArticleError(str(path), None, "is a link out of source_content/: put the file itself there")
    if why := _taken(slug):
        raise ArticleError(str(path), None, f"{why}: rename the file")
    try:
        if not path.is_file():
            raise ArticleError(path.name, None, "is no plain file: put the article's text there")
        if path.stat().st_size > MAX_BYTES:
            raise ArticleError(path.name, None, f"is larger than {MAX_BYTES:,} bytes: divide the article")
        article = Article(slug=slug, format=FORMATS[path.suffix], data=path.read_bytes())
    except OSError as error:
        raise ArticleError(str(path), None, f"cannot be read: {error.strerror}") from error
    skeleton, segments = extract(article.data, article.format, slug=slug, rules=workspace.settings.rules)
    _refuse_unwritable(path.name, article, segments)
    return article, skeleton, segments


def parent_of_companion(slug: str) -> str:
    """The article whose sentences the site shows at this address; empty if it is no such address."""
    parent, _, last = slug.rpartition("/")
    return parent if last.casefold() == COMPANION else ""


def _refuse_unwritable(name: str, article: Article, segments: Sequence[Segment]) -> None:
    """Raise ArticleError if no PO file can carry the article: said here, it stops no other."""
    if len(segments) > MAX_ENTRIES:
        raise ArticleError(name, None, f"has more than {MAX_ENTRIES:,} sentences: divide the article")
    for segment in segments:
        if too_long(segment.source):
            line = article.data.count(b"\n", 0, segment.start) + 1
            raise ArticleError(name, line, f"a sentence has more than {MAX_TEXT_BYTES:,} bytes: divide it")


def _taken(slug: str) -> str:
    """Why an article cannot have this address, as a clause: the site has something of its own there."""
    parts = slug.casefold().split("/")
    if own := SITE_FILES.intersection(parts):
        return f"cannot be a page's address, for the site has a file {own.pop()} of its own"
    if parent := parent_of_companion(slug):
        return f"cannot be a page's address: there the site shows the sentences of an article {parent}"
    return ""


def known_article(transaction: Transaction, slug: str) -> KnownArticle:
    """What the ledger knows of an article; empty for one never seen."""
    row, segments = transaction.article(slug)
    known = {
        number: KnownSegment(number=number, source_hash=source_hash, source=source, predecessors=predecessors)
        for number, source_hash, source, predecessors in segments
    }
    if row is None:
        return KnownArticle(segments=known)
    sha256, rules, numbers, next_number = row
    return KnownArticle(sha256=sha256, rules=rules, numbers=tuple(numbers), next_number=next_number, segments=known)


def rules_json(rules: Rules) -> dict[str, Any]:
    """Extraction rules as they stand in a revision event, so that anybody can cut the article again as it was cut."""
    return {
        "furniture": [{"pattern": f.pattern, "element": f.element, "to_end": f.to_end} for f in rules.furniture],
        "headings": list(rules.headings),
        "not_headings": list(rules.not_headings),
        "front_matter_keys": list(rules.front_matter_keys),
        # only where there are any, so that the revisions of workspaces without them stay as they are
        **({"protect": [{"name": p.name, "pattern": p.pattern} for p in rules.protect]} if rules.protect else {}),
    }


def rules_from(value: Mapping[str, Any]) -> Rules:
    """Undo `rules_json`."""
    return Rules(
        furniture=tuple(Furniture(**furniture) for furniture in value["furniture"]),
        headings=tuple(value["headings"]),
        not_headings=tuple(value["not_headings"]),
        front_matter_keys=tuple(value["front_matter_keys"]),
        protect=tuple(Protect(**protect) for protect in value.get("protect", ())),
    )


def recorded_article(
    transaction: Transaction, slug: str, *, sha256: str = "", numbers: Sequence[int] = ()
) -> ReadArticle | None:
    """An article as a revision event holds it: the newest, or the one with these bytes and numbers.

    None if there is no such revision, or if this version cuts it otherwise: then its numbers mean nothing.
    """
    names = transaction.renames.names(slug) if sha256 else (slug,)
    revisions = [
        event
        for name in reversed(names)
        for event in transaction.events(EventKind.REVISION, slug=name)
        if not sha256 or (event.body["sha256"], event.body["numbers"]) == (sha256, list(numbers))
    ]
    if not revisions:
        return None
    body = revisions[-1].body
    format_ = ArticleFormat(body["format"])
    article = Article(slug=slug, format=format_, data=transaction.revision(body["sha256"], body["format"]))
    skeleton, segments = extract(article.data, format_, slug=slug, rules=rules_from(body["rules"]))
    known = known_article(transaction, slug)
    hashes = [known.segments[number].source_hash for number in body["numbers"] if number in known.segments]
    if hashes != [segment.source_hash for segment in segments]:
        return None
    return ReadArticle(
        article=article,
        skeleton=skeleton,
        segments=tuple(replace(s, number=n) for s, n in zip(segments, body["numbers"], strict=True)),
        predecessors={n: s.predecessors for n, s in known.segments.items() if s.predecessors},
        former={n: s.source for n, s in known.segments.items()},
    )


def number_segments(
    segments: Sequence[Segment], known: KnownArticle
) -> tuple[tuple[Segment, ...], dict[int, tuple[int, ...]]]:
    """Give each segment its number; returns them with {new number: the numbers it had before its edit}.

    An equal sentence keeps its number wherever it moved, one that was gone and comes back has its old one (align.py).
    """
    before = [known.segments[number] for number in known.numbers]
    in_it = set(known.numbers)
    gone = [segment for number, segment in sorted(known.segments.items()) if number not in in_it]
    laid = align(before, segments, gone)
    numbers: list[int] = []
    predecessors: dict[int, tuple[int, ...]] = {}
    next_number = known.next_number
    for index in range(len(segments)):
        if index in laid.kept:
            numbers.append(before[laid.kept[index]].number)
        elif index in laid.restored:
            numbers.append(gone[laid.restored[index]].number)
        else:
            numbers.append(next_number)
            if index in laid.origins:
                predecessors[next_number] = tuple(before[old].number for old in laid.origins[index])
            next_number += 1
    numbered = (s if s.number == n else replace(s, number=n) for s, n in zip(segments, numbers, strict=True))
    return tuple(numbered), predecessors


def numbered_article(
    known: KnownArticle, article: Article, skeleton: Skeleton, segments: Sequence[Segment]
) -> ReadArticle:
    """An article with the numbers that its segments have, or would be given next."""
    numbered, predecessors = number_segments(segments, known)
    return ReadArticle(
        article=article,
        skeleton=skeleton,
        segments=numbered,
        predecessors={n: s.predecessors for n, s in known.segments.items() if s.predecessors} | predecessors,
        former={n: s.source for n, s in known.segments.items()},
    )


def articles_today(
    workspace: Workspace, transaction: Transaction, refused: list[str], slugs: Sequence[str] = ()
) -> Iterator[ReadArticle]:
    """Each article as it lies there today, numbered and not recorded; why one cannot be read is added to `refused`.

    Raises ArticleError as `find_articles` does.
    """
    for path in find_articles(workspace, slugs):
        try:
            article, skeleton, segments = read_article(workspace, path)
        except ArticleError as error:
            refused.append(str(error))
            continue
        yield numbered_article(known_article(transaction, article.slug), article, skeleton, segments)


Cut = tuple[Article, Skeleton, tuple[Segment, ...]]
"""An article as it was read and cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A file that is another one renamed: its units keep numbers, texts and sign-offs."""

    old: str
    new: str
    equal: int
    sentences: int
    """So many of the new file's sentences stood in the old one, of so many."""


def gone_articles(transaction: Transaction, workspace: Workspace) -> dict[str, KnownArticle]:
    """The articles that the ledger knows and whose file is gone, by slug."""
    folder = workspace.source_content
    files = {slug_of(folder, path) for path in find_articles(workspace)}
    known = {slug: known_article(transaction, slug) for slug in transaction.articles() if slug not in files}
    return {slug: article for slug, article in known.items() if article.numbers}


def find_renames(transaction: Transaction, gone: Mapping[str, KnownArticle], cut: Sequence[Cut]) -> list[Rename]:
    """Which new articles are old ones whose file is gone.

    As git does, by what they hold: RENAMED_PERCENT of the letters, RENAMED_SENTENCES. Where two would fit equally
    well, such as two copies, the one with the same file name is taken, else none: unsure is no rename.
    """
    if not gone:
        return []
    had = set(transaction.articles())
    new = {one[0].slug: one[2] for one in cut if one[0].slug not in had}
    having: dict[str, list[str]] = {}
    for old, article in gone.items():
        for source_hash in _sentences(article):
            having.setdefault(source_hash, []).append(old)
    ranks: dict[tuple[str, str], tuple[int, bool]] = {}
    for slug, segments in new.items():
        for old in _candidates(segments, having):
            if (percent := _alike(gone[old], segments)) >= RENAMED_PERCENT and transaction.renames.may_become(
                old, slug
            ):
                ranks[old, slug] = (percent, _same_name(old, slug))
    best = Counter[tuple[str, str]]()
    for side in (0, 1):
        best.update(_clear_winners(ranks, side))
    return [
        Rename(old=old, new=slug, equal=_equal(gone[old], new[slug]).total(), sentences=len(new[slug]))
        for (old, slug), sides in sorted(best.items())
        if sides == 2
    ]


def _candidates(segments: Sequence[Segment], having: Mapping[str, Sequence[str]]) -> list[str]:
    """The articles that have most of some sentences; those that very many articles have say nothing."""
    some = [having[s.source_hash] for s in segments if len(having.get(s.source_hash, ())) in range(1, 50)]
    votes = Counter(old for those in some for old in those)
    return sorted(votes, key=lambda old: (-votes[old], old))[:10]


def _clear_winners(ranks: Mapping[tuple[str, str], tuple[int, bool]], side: int) -> list[tuple[str, str]]:
    """For each old article (side 0) or new one (side 1) the pair that ranks above all its others, if there is one."""
    pairs: dict[str, list[tuple[str, str]]] = {}
    for pair in ranks:
        pairs.setdefault(pair[side], []).append(pair)
    ordered = [sorted(rivals, key=lambda pair: ranks[pair], reverse=True) for rivals in pairs.values()]
    return [first for first, *others in ordered if not others or ranks[first] > ranks[others[0]]]


def _same_name(old: str, new: str) -> bool:
    return old.rpartition("/")[2] == new.rpartition("/")[2]


def _sentences(known: KnownArticle) -> Counter[str]:
    return Counter(known.segments[number].source_hash for number in known.numbers)


def _equal(known: KnownArticle, segments: Sequence[Segment]) -> Counter[str]:
    return _sentences(known) & Counter(segment.source_hash for segment in segments)


def _alike(known: KnownArticle, segments: Sequence[Segment]) -> int:
    """How much two articles have in common: 0 to 100, rounded down; 0 where too few sentences say so."""
    equal = _equal(known, segments)
    if equal.total() < RENAMED_SENTENCES and not equal.total() == len(segments) == len(known.numbers):
        return 0
    letters = {segment.source_hash: len(segment.source) for segment in segments}
    before = sum(len(known.segments[number].source) for number in known.numbers)
    longer = max(before, sum(len(segment.source) for segment in segments))
    return 100 * sum(letters[source_hash] * times for source_hash, times in equal.items()) // max(longer, 1)


def record_revisions(
    transaction: Transaction,
    workspace: Workspace,
    cut: Sequence[Cut],
    gone: Mapping[str, KnownArticle] | None = None,
) -> tuple[list[ReadArticle], list[Rename]]:
    """Number articles and append their revisions; an article whose file was renamed goes on under its new slug.

    `gone` is what `gone_articles` gives, if somebody has asked already.
    """
    gone = gone_articles(transaction, workspace) if gone is None else gone
    renames = find_renames(transaction, gone, cut)
    old = {rename.new: rename.old for rename in renames}
    rules = workspace.settings.rules
    return [record_revision(transaction, *one, rules, old_slug=old.get(one[0].slug, "")) for one in cut], renames


def record_revision(
    transaction: Transaction,
    article: Article,
    skeleton: Skeleton,
    segments: Sequence[Segment],
    rules: Rules,
    *,
    old_slug: str = "",
) -> ReadArticle:
    """Number an article's segments and append its revision, unless the newest one is just this.

    With `old_slug` it is that article under a new name.
    """
    known = known_article(transaction, old_slug or article.slug)
    read = numbered_article(known, article, skeleton, segments)
    numbers = tuple(segment.number for segment in read.segments)
    if not old_slug and (known.sha256, known.rules, known.numbers) == (article.sha256, rules_json(rules), numbers):
        return read
    transaction.keep_revision(article.sha256, article.format.value, article.data)
    new: list[Segment | KnownSegment] = [s for s in read.segments if s.number not in known.segments]
    renamed = {RENAMED_FROM: {"slug": old_slug, "before": known.next_number}} if old_slug else {}
    if old_slug:  # its event says by itself what every number stands for
        new = [*known.segments.values(), *new]
    transaction.append(
        EventKind.REVISION,
        {
            **renamed,
            "slug": article.slug,
            "in_id": slug_in_id(article.slug),
            "format": article.format.value,
            "sha256": article.sha256,
            "rules": rules_json(rules),
            "numbers": list(numbers),
            "next_number": max([known.next_number, *(n + 1 for n in numbers)]),
            "new": [
                {
                    "number": segment.number,
                    "source_hash": segment.source_hash,
                    "source": segment.source,
                    "predecessor": read.predecessors.get(segment.number, (0,))[0],
                    "other_predecessors": list(read.predecessors.get(segment.number, ())[1:]),
                }
                for segment in new
            ],
        },
    )
    return read
