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
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any
from xml.sax.saxutils import escape

from pipeline.durable import make_folder
from pipeline.errors import PublishError
from pipeline.model import Locale
from pipeline.publish.pages import (
    Built,
    Page,
    SiteInfo,
    alternates,
    build,
    render,
    render_article,
    render_sentences,
    site_notices,
    style,
)

MANIFEST = "release.json"
FORMAT = 1
"""The version of `release.json`'s shape."""


def render_site(
    pages: Sequence[Page],
    site: SiteInfo,
    *,
    preview: bool,
    release: Mapping[str, Any] | None = None,
    builder: Callable[[Page], Built] = build,
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Every file of the site, `release.json` last. Looks at no clock and no disk but the theme's.

    `builder` may know bodies that were built before. `release` is what the release is pinned to (ledger heads, policy)
    and stands in `release.json` under that name. Raises PublishError for two pages at one address, and, except in a
    preview, for a page with `problems`.
    """
    pages = sorted(pages, key=lambda page: (page.slug, page.locale.tag))
    _addresses_are_distinct(pages)
    hashes: dict[str, str] = {}
    listed: list[dict[str, Any]] = []
    for path, data, entry in _files(pages, site, preview=preview, builder=builder):
        hashes[str(path)] = hashlib.sha256(data).hexdigest()
        listed += [{"path": str(path), "sha256": hashes[str(path)], **entry}] if entry else []
        yield path, data
    manifest = {
        "format": FORMAT,
        "site": site.name,
        "base_url": site.base_url,
        "source_locale": site.source_locale.tag,
        "preview": preview,
        "demo": site.demo,
        "pages": listed,
        "files": dict(sorted(hashes.items())),
        "release": dict(release or {}),
    }
    yield PurePosixPath(MANIFEST), (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _addresses_are_distinct(pages: Sequence[Page]) -> None:
    taken: set[PurePosixPath] = set()
    for page in pages:
        for path in (page.path, page.path / "sentences"):
            if path in taken:
                raise PublishError(f"two pages would lie at {path}: rename the article {page.slug}")
            taken.add(path)
        if page.slug.split("/")[-1] == "index.html":
            raise PublishError(f"the article {page.slug} cannot be named like the site's own files")


_Entry = Mapping[str, Any] | None


def _files(
    pages: Sequence[Page], site: SiteInfo, *, preview: bool, builder: Callable[[Page], Built]
) -> Iterator[tuple[PurePosixPath, bytes, _Entry]]:
    """Every file but the manifest, with the manifest's entry if it is an article's page."""
    index = PurePosixPath("index.html")
    by_slug: dict[str, list[Page]] = {}
    for page in pages:
        by_slug.setdefault(page.slug, []).append(page)
    titles: dict[Locale, list[Built]] = {locale: [] for locale in sorted({page.locale for page in pages})}
    for sisters in by_slug.values():
        for page in sisters:
            built = builder(page)
            if built.problems and not preview:
                raise PublishError(f"{page.slug} in {page.locale} cannot be published: {'; '.join(built.problems)}")
            titles[page.locale].append(built)
            entry = {
                "slug": page.slug,
                "locale": page.locale.tag,
                "revision": page.revision,
                "updated_on": page.updated_on.isoformat() if page.updated_on else None,
            }
            yield page.path / index, render_article(built, sisters, site, preview=preview), entry
            yield page.path / "sentences" / index, render_sentences(built, site, preview=preview), None
    folders = [(locale, PurePosixPath(locale.tag)) for locale in titles]
    default = PurePosixPath()
    for locale, articles in titles.items():
        path = PurePosixPath(locale.tag)
        yield (
            path / index,
            render(
                "articles.html",
                site=site,
                locale=locale,
                path=path,
                preview=preview,
                articles=articles,
                canonical=site.url(path),
                alternates=alternates(folders, site, default),
                switcher=folders,
                notices=site_notices(site, preview=preview),
            ),
            None,
        )
    yield (
        index,
        render(
            "languages.html",
            site=site,
            locale=site.source_locale,
            path=default,
            preview=preview,
            canonical=site.url(),
            alternates=alternates(folders, site, default),
            switcher=[],
            chooser=folders,
            notices=site_notices(site, preview=preview),
        ),
        None,
    )
    yield (
        PurePosixPath("404.html"),
        render(
            "not_found.html",
            site=site,
            locale=site.source_locale,
            path=None,
            preview=preview,
            canonical="",
            alternates=[],
            switcher=[],
            chooser=folders,
            notices=site_notices(site, preview=preview),
            noindex=True,
        ),
        None,
    )
    yield PurePosixPath(style()[0]), style()[1], None
    if not preview:
        yield PurePosixPath("sitemap.xml"), _sitemap(by_slug, titles, site).encode(), None


def _sitemap(by_slug: Mapping[str, Sequence[Page]], titles: Mapping[Locale, Sequence[Built]], site: SiteInfo) -> str:
    """Sitemaps 0.9 with the alternates that the pages themselves name; lastmod only where a day is known."""
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    folders = [(locale, PurePosixPath(locale.tag)) for locale in titles]
    days = {locale: [one.page.updated_on for one in built if one.page.updated_on] for locale, built in titles.items()}
    every_day = [day for some in days.values() for day in some]
    links = alternates(folders, site, PurePosixPath())
    out += _sitemap_entry(site.url(), max(every_day, default=None), links)
    for locale, path in folders:
        out += _sitemap_entry(site.url(path), max(days[locale], default=None), links)
    for sisters in by_slug.values():
        source = next((page.path for page in sisters if page.locale == site.source_locale), None)
        links = alternates([(page.locale, page.path) for page in sisters], site, source)
        for page in sisters:
            out += _sitemap_entry(site.url(page.path), page.updated_on, links)
    return "\n".join([*out, "</urlset>", ""])


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
    files: Iterable[tuple[PurePosixPath, bytes]],
    out: Path,
    *,
    forbidden: Iterable[Path] = (),
) -> Written:
    """Put a site at `out` in one step, and say whether anything had to be written.

    The new site grows beside the old one as `.<name>.new`, every file and folder of it synced; then both change places
    (`renameat2` with RENAME_EXCHANGE; where a file system cannot do that, two renames, and what is cut off between them
    is put right by the next call). The memory needed is that of one file. One call at a time: the caller holds a lock.
    Raises PublishError, before anything is touched, for an `out` that is not a site of ours, or inside `forbidden`.
    """
    _refuse(out, forbidden)
    make_folder(out.parent)
    new, old = out.with_name(f".{out.name}.new"), out.with_name(f".{out.name}.old")
    _recover(out, new, old)
    try:
        if not _grow(files, out, new):
            _sync(out.parent)  # the call that put it there may have been cut off before its last step was safe
            return Written.UNCHANGED
    except PublishError:
        shutil.rmtree(new, ignore_errors=True)
        raise
    _sync_folders(new)
    _put_in_place(new, out, old)
    return Written.RELEASED


def _grow(files: Iterable[tuple[PurePosixPath, bytes]], out: Path, new: Path) -> bool:
    """Write the new site beside the old one, from the first difference on. False if there is none."""
    same: list[PurePosixPath] = []
    changed = not out.is_dir()
    if changed:
        new.mkdir()
    for path, data in files:
        if path.is_absolute() or ".." in path.parts:
            raise PublishError(f"{path} would lie outside of the site")
        if not changed and _holds(out / path, data):
            same.append(path)
            continue
        if not changed:
            changed = True
            _copy(same, out, new)
        _write_synced(new / path, data)
    if not changed and {str(path) for path in same} == _files_below(out):
        return False
    if not changed:
        _copy(same, out, new)
    return True


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


def _holds(path: Path, data: bytes) -> bool:
    try:
        return not path.is_symlink() and path.stat().st_size == len(data) and path.read_bytes() == data
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return False


def _files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}


def _copy(paths: Iterable[PurePosixPath], out: Path, new: Path) -> None:
    new.mkdir()
    for path in paths:
        _write_synced(new / path, (out / path).read_bytes())


def _write_synced(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folders(folder: Path) -> None:
    for below in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        _sync(below)
    _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
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
