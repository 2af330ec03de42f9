"""Content-addressed: what is made from the same is not made again, and a memo is never trusted."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from sample_site import EN, ES, SITE, SLUG, SPANISH, arabic, page, pages

from pipeline.publish import (
    Built,
    Memo,
    Page,
    PagePlan,
    SiteInfo,
    Written,
    build,
    render_site,
    site_files,
    write_release,
)
from pipeline.publish.page import planned


class Counting:
    """A builder that notes what it is asked for."""

    def __init__(self) -> None:
        self.built: list[str] = []

    def __call__(self, one: Page) -> Built:
        self.built.append(str(one.path))
        return build(one)


def publish(tmp_path: Path, some: list[Page], info: SiteInfo = SITE) -> tuple[list[str], Written]:
    """Build with the memo of last time; which pages were rendered, and whether anything was written."""
    counting = Counting()
    memo = Memo.load(tmp_path / "memo.json")
    files = site_files(some, info, preview=False, builder=counting, memo=memo)
    written = write_release(files, tmp_path / "site")
    memo.save()
    return counting.built, written


def on_disk(site: Path) -> dict[PurePosixPath, bytes]:
    return {PurePosixPath(p.relative_to(site).as_posix()): p.read_bytes() for p in site.rglob("*") if p.is_file()}


def test_only_what_changed_is_rendered(tmp_path: Path) -> None:
    """Nothing the second time; one page when one text changed; the site is what a build from nothing gives."""
    assert len(publish(tmp_path, pages())[0]) == 3
    assert publish(tmp_path, pages()) == ([], Written.UNCHANGED)
    changed = [page(EN), page(ES, (*SPANISH[:8], "Coma menos sal, por favor.", *SPANISH[9:])), pages()[2]]
    inode = (tmp_path / "site/en" / SLUG / "index.html").stat().st_ino
    assert publish(tmp_path, changed) == ([f"es/{SLUG}"], Written.RELEASED)
    assert (tmp_path / "site/en" / SLUG / "index.html").stat().st_ino == inode, "the very file"
    assert on_disk(tmp_path / "site") == dict(render_site(changed, SITE, preview=False))


@pytest.mark.parametrize("what", ["name", "a language gone", "theme"])
def test_what_stands_round_a_page_counts(tmp_path: Path, what: str) -> None:
    """Another site name, a sister that left, a template of the site's own: the pages are made again."""
    publish(tmp_path, pages())
    info, some = SITE, pages()
    if what == "name":
        info = replace(SITE, name="Clearer Health")
    elif what == "theme":
        (tmp_path / "theme").mkdir()
        (tmp_path / "theme" / "site.css").write_text("p { color: teal }")
        info = replace(SITE, theme=tmp_path / "theme")
    else:
        some = some[:2]
    assert len(publish(tmp_path, some, info)[0]) == len(some)
    assert on_disk(tmp_path / "site") == dict(render_site(some, info, preview=False))


@pytest.mark.parametrize("memo", [b"", b"[]", b'{"format": 1, "files": {"a": 1}}', b"\xff", b'{"format": 9}'])
def test_a_broken_memo_costs_time_only(tmp_path: Path, memo: bytes) -> None:
    """Whatever lies in its place, the site comes out right."""
    (tmp_path / "memo.json").write_bytes(memo)
    assert len(publish(tmp_path, pages())[0]) == 3
    assert on_disk(tmp_path / "site") == dict(render_site(pages(), SITE, preview=False))


def test_a_page_changed_by_hand_is_made_again(tmp_path: Path) -> None:
    """The memo knows the hash of what it made: other bytes on the disk are not taken over, however old they look."""
    publish(tmp_path, pages())
    target = tmp_path / "site/es" / SLUG / "index.html"
    before = target.stat()
    target.write_text(target.read_text().replace("Coma menos sal", "Coma mucho sal"))
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert publish(tmp_path, pages())[1] is Written.RELEASED
    assert on_disk(tmp_path / "site") == dict(render_site(pages(), SITE, preview=False))


def test_pages_are_loaded_one_by_one_and_only_if_needed(tmp_path: Path) -> None:
    """A plan's page is asked for when its turn comes, and never if it is as it was: memory is that of one page."""
    alive: list[str] = []

    def plans() -> Iterator[PagePlan]:
        for index in range(5):
            one = replace(page(ES, arabic()), slug=f"a{index}")

            def load(one: Page = one) -> Page:
                alive.append(one.slug)
                return one

            yield replace(planned(one), load=load)

    for expected in (5, 0):
        alive.clear()
        memo = Memo.load(tmp_path / "memo.json")
        write_release(site_files(list(plans()), SITE, preview=False, memo=memo), tmp_path / "site")
        memo.save()
        assert len(alive) == expected


def test_a_template_of_the_sites_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    """A block can be changed, the rest is inherited; content in it is escaped all the same."""
    own = '{% extends "base.html" %}{% block main %}<h1>{{ site.name }}</h1>{% endblock %}'
    (tmp_path / "not_found.html").write_text(own)
    info = replace(SITE, name="<b>Ours</b>", theme=tmp_path)
    lost = dict(render_site(pages(), info, preview=False))[PurePosixPath("404.html")].decode()
    assert "<h1>&lt;b&gt;Ours&lt;/b&gt;</h1>" in lost
    assert "Content-Security-Policy" in lost
