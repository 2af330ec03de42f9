"""The whole site as files, and the one step that puts it in place of the last one.

Takes   the pages that may go out, and what their release is pinned to
Gives   site/<locale>/<slug>/index.html and all around it: indexes, sitemap, style, `release.json`
Always  a reader finds the old site or the new one, whole, whatever is cut off when; the same site is not written again
"""

import ctypes
import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any
from xml.sax.saxutils import escape

from pipeline.durable import make_folder
from pipeline.errors import PublishError
from pipeline.model import Locale
from pipeline.publish.addresses import Addresses, ToFile, ToPage, addresses_in
from pipeline.publish.memo import Memo, SiteFile
from pipeline.publish.page import Page, PagePlan, planned
from pipeline.publish.pages import (
    Built,
    Listed,
    SiteInfo,
    alternates,
    build,
    frame_hash,
    render,
    render_article,
    render_sentences,
    site_notices,
    style_of,
)
from pipeline.publish.words import SLUG as WORDS
from pipeline.publish.words import by_english, words_of

MANIFEST = "release.json"
FORMAT = 1
"""The version of `release.json`'s shape."""
FEED_ENTRIES = 100
"""Pages named by a feed."""


def render_site(
    pages: Sequence[Page | PagePlan],
    site: SiteInfo,
    *,
    preview: bool,
    release: Mapping[str, Any] | None = None,
    builder: Callable[[Page], Built] = build,
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Every file of the site with its bytes, `release.json` last: see `site_files`."""
    for file in site_files(pages, site, preview=preview, release=release, builder=builder):
        yield file.path, file.data()


def site_files(
    pages: Sequence[Page | PagePlan],
    site: SiteInfo,
    *,
    preview: bool,
    release: Mapping[str, Any] | None = None,
    builder: Callable[[Page], Built] = build,
    memo: Memo | None = None,
) -> Iterator[SiteFile]:
    """Every file of the site, `release.json` last. Looks at no clock, and at no disk but the theme's and the articles'.

    What `memo` knows to be made from the same is not made again. `builder` may know bodies that were built before.
    `release` is what the release is pinned to (ledger heads, policy) and stands in `release.json` under that name. One
    page is held in memory at a time. Raises PublishError for two pages at one address, and, except in a preview, for a
    page with `problems`.
    """
    plans = sorted(map(planned, pages), key=lambda plan: (plan.slug, plan.locale.tag))
    said = {plan.locale: found for plan in plans if plan.slug == WORDS and (found := words_of(plan.load(), site.theme))}
    plans = [plan for plan in plans if plan.slug != WORDS]
    site = replace(site, words={locale: by_english(found) for locale, found in said.items()})
    _addresses_are_distinct(plans)
    hashes: dict[str, str] = {}
    listed: list[dict[str, Any]] = []
    work = _Work(plans, site, preview=preview, builder=builder, memo=memo or Memo())
    for file, entry in work.files():
        hashes[str(file.path)] = file.sha256
        listed += [{"path": str(file.path), "sha256": file.sha256, **entry}] if entry else []
        yield file
    manifest = {
        "format": FORMAT,
        "site": site.name,
        "base_url": site.base_url,
        "source_locale": site.source_locale.tag,
        "preview": preview,
        "demo": site.demo,
        "pages": listed,
        "redirects": work.redirects,
        "words": {locale.tag: [list(map(list, word.units)) for word in found] for locale, found in said.items()},
        "files": dict(sorted(hashes.items())),
        "release": dict(release or {}),
    }
    yield _file(PurePosixPath(MANIFEST), _manifest_bytes(manifest))


def with_release(files: Iterable[SiteFile], release: Mapping[str, Any]) -> Iterator[SiteFile]:
    """The files of a site, pinned to a release: its `release.json` says so, and nothing else is another."""
    for file in files:
        if file.path == PurePosixPath(MANIFEST):
            manifest = {**json.loads(file.data()), "release": dict(release)}
            yield _file(file.path, _manifest_bytes(manifest))
        else:
            yield file


def _manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    return (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _file(path: PurePosixPath, data: bytes) -> SiteFile:
    return SiteFile(path, hashlib.sha256(data).hexdigest(), lambda: data)


def _addresses_are_distinct(plans: Sequence[PagePlan]) -> None:
    taken: set[PurePosixPath] = set()
    for plan in plans:
        for path in (plan.path, plan.path / "sentences"):
            if path in taken:
                raise PublishError(f"two pages would lie at {path}: rename the article {plan.slug}")
            taken.add(path)
        if plan.slug.split("/")[-1] in ("index.html", "feed.xml"):
            raise PublishError(f"the article {plan.slug} cannot be named like the site's own files")


_Entry = Mapping[str, Any] | None
_INDEX = PurePosixPath("index.html")


class _Work:
    """The making of one site."""

    def __init__(
        self,
        plans: Sequence[PagePlan],
        site: SiteInfo,
        *,
        preview: bool,
        builder: Callable[[Page], Built],
        memo: Memo,
    ) -> None:
        self.site, self.preview, self.builder, self.memo = site, preview, builder, memo
        self.by_slug: dict[str, list[PagePlan]] = {}
        for plan in plans:
            self.by_slug.setdefault(plan.slug, []).append(plan)
        self.listed: dict[Locale, list[Listed]] = {locale: [] for locale in sorted({plan.locale for plan in plans})}
        self.folders = [(locale, PurePosixPath(locale.tag)) for locale in self.listed]
        self.addresses = Addresses(
            published={slug: {plan.locale for plan in sisters} for slug, sisters in self.by_slug.items()},
            source_locale=site.source_locale,
            content=site.content,
            moved=site.moved,
        )
        self.assets: dict[PurePosixPath, ToFile] = {}
        self.redirects: dict[str, str] = {}
        self.frame = frame_hash(site, preview=preview)

    def files(self) -> Iterator[tuple[SiteFile, _Entry]]:
        """Every file but the manifest, with the manifest's entry if it is an article's page."""
        for sisters in self.by_slug.values():
            for plan in sisters:
                yield from self._article(plan, sisters)
        for slug, now in sorted(self.site.moved.items()):
            yield from self._moved(slug, now)
        yield from self._indexes()
        name, style = style_of(self.site.theme)
        yield _file(PurePosixPath(name), style), None
        for path, asset in sorted(self.assets.items()):
            yield SiteFile(path, asset.sha256, asset.source.read_bytes), None
        if not self.preview:
            yield _file(PurePosixPath("sitemap.xml"), self._sitemap().encode()), None
            for locale, articles in self.listed.items():
                yield _file(PurePosixPath(locale.tag, "feed.xml"), self._feed(locale, articles).encode()), None

    def _article(self, plan: PagePlan, sisters: Sequence[PagePlan]) -> Iterator[tuple[SiteFile, _Entry]]:
        """The page of an article and its companion: made, or as they were."""
        page, companion = plan.path / _INDEX, plan.path / "sentences" / _INDEX
        there = " ".join(sister.locale.tag for sister in sisters)
        made_from = hashlib.sha256(f"{self.frame}\0{plan.made_from}\0{there}".encode()).hexdigest()
        entry = {
            "slug": plan.slug,
            "locale": plan.locale.tag,
            "revision": plan.revision,
            "updated_on": plan.updated_on.isoformat() if plan.updated_on else None,
        }
        before, beside = self.memo.recall(page, made_from), self.memo.recall(companion, made_from)
        leads = self._leads(plan, before["leads"]) if before and beside else {}
        if before and beside and before["leads"] == leads:
            self.listed[plan.locale].append(Listed(plan=plan, **before["listed"]))
            yield self.memo.keep(page, before, lambda: self._page(plan, sisters, self._built(plan), leads)), entry
            yield self.memo.keep(companion, beside, lambda: self._companion(self._built(plan))), None
            return
        built = self._built(plan)
        listed = Listed.of(plan, built)
        self.listed[plan.locale].append(listed)
        leads = self._leads(plan, addresses_in(built.body.html))
        data = self._page(plan, sisters, built, leads)
        yield self.memo.note(page, made_from, data, listed=listed.known(), leads=leads), entry
        yield self.memo.note(companion, made_from, self._companion(built)), None

    def _built(self, plan: PagePlan) -> Built:
        built = self.builder(plan.load())
        if built.problems and not self.preview:
            raise PublishError(f"{plan.slug} in {plan.locale} cannot be published: {'; '.join(built.problems)}")
        return built

    def _page(self, plan: PagePlan, sisters: Sequence[PagePlan], built: Built, addresses: Iterable[str]) -> bytes:
        """`addresses` are all that the article has."""
        leads = {
            address: to
            for address in addresses
            if (to := self.addresses.find(address, plan.slug, plan.locale)) is not None
        }
        return render_article(built, sisters, self.site, preview=self.preview, leads=leads)

    def _companion(self, built: Built) -> bytes:
        return render_sentences(built, self.site, preview=self.preview)

    def _leads(self, plan: PagePlan, addresses: Iterable[str]) -> dict[str, str]:
        """Where the addresses of an article lead now; the files among them go on the site."""
        out: dict[str, str] = {}
        for address in sorted(addresses):
            to = self.addresses.find(address, plan.slug, plan.locale)
            if isinstance(to, ToFile):
                self.assets[to.path] = to
            out[address] = "" if to is None else f"{to.locale}/{to.slug}" if isinstance(to, ToPage) else str(to.path)
        return out

    def _moved(self, slug: str, now: str) -> Iterator[tuple[SiteFile, _Entry]]:
        """A page at each address that an article had, leading to where it is."""
        if slug in self.by_slug:
            return
        for listed in (one for some in self.listed.values() for one in some if one.plan.slug == now):
            path = PurePosixPath(listed.plan.locale.tag, slug)
            if any(path / _INDEX == plan.path / "sentences" / _INDEX for plan in self.by_slug[now]):
                continue
            self.redirects[str(path / _INDEX)] = str(listed.plan.path / _INDEX)
            page = render(
                "moved.html",
                site=self.site,
                locale=listed.plan.locale,
                path=path,
                preview=self.preview,
                canonical=self.site.url(listed.plan.path),
                alternates=[],
                switcher=[],
                to=listed,
                notices=site_notices(self.site, preview=self.preview),
                noindex=True,
            )
            yield _file(path / _INDEX, page), None

    def _indexes(self) -> Iterator[tuple[SiteFile, _Entry]]:
        """The list of articles of each language, the choice of languages, and what is shown for a page not found."""
        notices, default = site_notices(self.site, preview=self.preview), PurePosixPath()
        links = alternates(self.folders, self.site, default)
        for locale, articles in self.listed.items():
            path = PurePosixPath(locale.tag)
            page = render(
                "articles.html",
                site=self.site,
                locale=locale,
                path=path,
                preview=self.preview,
                articles=articles,
                canonical=self.site.url(path),
                alternates=links,
                switcher=self.folders,
                feed=not self.preview,
                notices=notices,
            )
            yield _file(path / _INDEX, page), None
        common: dict[str, Any] = {
            "site": self.site,
            "locale": self.site.source_locale,
            "preview": self.preview,
            "switcher": [],
        }
        choice = render(
            "languages.html",
            path=default,
            canonical=self.site.url(),
            alternates=links,
            chooser=self.folders,
            notices=notices,
            **common,
        )
        yield _file(_INDEX, choice), None
        lost = render(
            "not_found.html",
            path=None,
            canonical="",
            alternates=[],
            chooser=self.folders,
            notices=notices,
            noindex=True,
            **common,
        )
        yield _file(PurePosixPath("404.html"), lost), None

    def _sitemap(self) -> str:
        """Sitemaps 0.9 with the alternates that the pages themselves name; lastmod only where a day is known."""
        out = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
        ]
        days = {
            locale: [one.plan.updated_on for one in some if one.plan.updated_on] for locale, some in self.listed.items()
        }
        every_day = [day for some in days.values() for day in some]
        links = alternates(self.folders, self.site, PurePosixPath())
        out += _sitemap_entry(self.site.url(), max(every_day, default=None), links)
        for locale, path in self.folders:
            out += _sitemap_entry(self.site.url(path), max(days[locale], default=None), links)
        for sisters in self.by_slug.values():
            source = next((plan.path for plan in sisters if plan.locale == self.site.source_locale), None)
            links = alternates([(plan.locale, plan.path) for plan in sisters], self.site, source)
            for plan in sisters:
                out += _sitemap_entry(self.site.url(plan.path), plan.updated_on, links)
        return "\n".join([*out, "</urlset>", ""])

    def _feed(self, locale: Locale, articles: Sequence[Listed]) -> str:
        """Atom (RFC 4287): the pages of one language, the last changed first."""
        dated = [one for one in articles if one.plan.updated_on]
        dated.sort(key=lambda one: (-(one.plan.updated_on or date.min).toordinal(), one.plan.slug))
        here = self.site.url(PurePosixPath(locale.tag))
        last = dated[0].plan.updated_on if dated else None
        out = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{locale}">',
            f" <title>{_xml(self.site.name)}</title>",
            f" <id>{_xml(here)}</id>",
            f" <author><name>{_xml(self.site.name)}</name></author>",
            f' <link rel="alternate" href="{_xml(here)}"/>',
            f' <link rel="self" href="{_xml(here)}feed.xml"/>',
            f" <updated>{(last or date(1970, 1, 1)).isoformat()}T00:00:00Z</updated>",
        ]
        for one in dated[:FEED_ENTRIES]:
            address = _xml(self.site.url(one.plan.path))
            out += [
                " <entry>",
                f"  <title>{_xml(one.title)}</title>",
                f"  <id>{address}</id>",
                f'  <link href="{address}"/>',
                f"  <updated>{one.plan.updated_on}T00:00:00Z</updated>",
                *([f"  <summary>{_xml(one.description)}</summary>"] if one.description else []),
                " </entry>",
            ]
        return "\n".join([*out, "</feed>", ""])


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(text: str) -> str:
    """A text as XML 1.0 can hold it."""
    return escape(_NOT_XML.sub("", text), {'"': "&quot;"})


def _sitemap_entry(address: str, day: date | None, links: Sequence[tuple[str, str]]) -> list[str]:
    return [
        " <url>",
        f"  <loc>{escape(address)}</loc>",
        *([f"  <lastmod>{day.isoformat()}</lastmod>"] if day else []),
        *(f'  <xhtml:link rel="alternate" hreflang="{tag}" href="{escape(url)}"/>' for tag, url in links),
        " </url>",
    ]


# On disk ---------------------------------------------------------------------------------------------------------


class Written(StrEnum):
    """What `write_release` did."""

    RELEASED = "released"
    UNCHANGED = "unchanged"


def write_release(
    files: Iterable[SiteFile | tuple[PurePosixPath, bytes]],
    out: Path,
    *,
    forbidden: Iterable[Path] = (),
) -> Written:
    """Put a site at `out` in one step, and say whether anything had to be written.

    The new site grows beside the old one as `.<name>.new`; once all of it is written, every file and folder of it is
    synced; then both change places (`renameat2` with RENAME_EXCHANGE; where a file system cannot do that, two renames,
    and what is cut off between them is put right by the next call). The memory needed is that of one file. One call at
    a time: the caller holds a lock.
    Raises PublishError, before anything is touched, for an `out` that is not a site of ours, or inside `forbidden`.
    """
    _refuse(out, forbidden)
    make_folder(out.parent)
    new, old = out.with_name(f".{out.name}.new"), out.with_name(f".{out.name}.old")
    _recover(out, new, old)
    try:
        grown = _Grown(out, new)
        for file in files:
            grown.add(file if isinstance(file, SiteFile) else _file(*file))
        if not grown.is_another():
            _sync(out.parent)  # the call that put it there may have been cut off before its last step was safe
            return Written.UNCHANGED
    except PublishError:
        shutil.rmtree(new, ignore_errors=True)
        raise
    grown.sync()
    _put_in_place(new, out, old)
    return Written.RELEASED


class _Grown:
    """The new site as it grows beside the old one, from the first difference on."""

    def __init__(self, out: Path, new: Path) -> None:
        self.out, self.new = str(out), str(new)
        self.old_is_there = out.is_dir()
        self.same: list[str] = []
        """What is as it was, as long as nothing else was found."""
        self.begun = False
        self.written: list[str] = []
        self.folders: dict[str, None] = {}
        """Of the new site, each after the one that it lies in."""

    def add(self, file: SiteFile) -> None:
        """One file more: the very one of the old site if it holds the same bytes."""
        if file.path.is_absolute() or ".." in file.path.parts:
            raise PublishError(f"{file.path} would lie outside of the site")
        path = str(file.path)
        holds = self.old_is_there and _holds(f"{self.out}/{path}", file.sha256)
        if holds and not self.begun:
            self.same.append(path)
            return
        self._begin()
        if holds:
            self._take_over(path)
        else:
            self._write(path, file.data())

    def is_another(self) -> bool:
        """Whether this is another site than the old one. Asked once, when all files are there."""
        if not self.begun and (not self.old_is_there or set(self.same) != _files_below(self.out)):
            self._begin()
        return self.begun

    def sync(self) -> None:
        """Make all of it safe.

        One file after the other, but when all are written: the disk has most of it by then. Synced while they are
        written, each of them waits for the journal of the file system, eight times as long.
        """
        for path in self.written:
            _sync(path)
        for folder in reversed(self.folders):
            _sync(folder)

    def _begin(self) -> None:
        if self.begun:
            return
        self.begun = True
        self._folder(self.new)
        for path in self.same:
            self._take_over(path)

    def _place(self, path: str) -> str:
        """Where a file lies in the new site; its folder is there."""
        place = f"{self.new}/{path}"
        self._folder(place.rpartition("/")[0])
        return place

    def _folder(self, folder: str) -> None:
        if folder in self.folders:
            return
        if folder != self.new:
            self._folder(folder.rpartition("/")[0])
        # a text: of the thousands of files of a site, a Path takes as long to make as the folder
        os.mkdir(folder)  # noqa: PTH102
        self.folders[folder] = None

    def _take_over(self, path: str) -> None:
        """A file of the old site in the new one: the very file, where the file system can name a file twice."""
        place = self._place(path)
        try:
            os.link(f"{self.out}/{path}", place)
        except OSError:
            self._write(path, Path(self.out, path).read_bytes())

    def _write(self, path: str, data: bytes) -> None:
        place = self._place(path)
        with open(place, "xb") as file:  # noqa: PTH123
            file.write(data)
        self.written.append(place)


def _refuse(out: Path, forbidden: Iterable[Path]) -> None:
    if out.is_symlink():
        raise PublishError(f"{out} is a link: name the folder itself, so that it can be replaced in one step")
    if out.exists() and not out.is_dir():
        raise PublishError(f"{out} is a file: name a folder for the site")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise PublishError(f"{out} is not empty and has no {MANIFEST}: it is not a site of ours and is left as it is")
    place = out.resolve()
    for path in forbidden:
        if place.is_relative_to(path.resolve()) or path.resolve().is_relative_to(place):
            raise PublishError(f"{out} and {path} would lie one in the other: name another folder for the site")


def _recover(out: Path, new: Path, old: Path) -> None:
    """Put right what an earlier call left when it was cut off. The site at `out` is whole before and after."""
    for beside in (new, old):
        if beside.is_symlink() or (beside.exists() and not beside.is_dir()):
            raise PublishError(f"{beside} is in the way: remove it")
    if old.is_dir() and not out.exists():
        old.rename(out)
        _sync(out.parent)
    for beside in (new, old):
        if beside.is_dir():
            shutil.rmtree(beside)


def _holds(path: str, sha256: str) -> bool:
    """Whether a plain file with these bytes lies at a path."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb", buffering=0) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENXIO):
            return False
        raise


def _files_below(folder: str) -> set[str]:
    found = set()
    for place, folders, names in os.walk(folder):
        below = os.path.relpath(place, folder)
        links = [name for name in folders if Path(place, name).is_symlink()]
        found |= {name if below == "." else f"{below}/{name}" for name in (*names, *links)}
    return found


def _sync(path: Path | str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_in_place(new: Path, out: Path, old: Path) -> None:
    if not out.exists():
        new.rename(out)
        _sync(out.parent)
        return
    if exchange(new, out):
        _sync(out.parent)
        shutil.rmtree(new)
        return
    out.rename(old)
    _sync(out.parent)
    new.rename(out)
    _sync(out.parent)
    shutil.rmtree(old)


_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step: renameat2(2). False where system or file system cannot."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM):
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))
