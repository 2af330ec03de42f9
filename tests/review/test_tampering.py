"""Whoever changes a character, an event or a file of what was published is found, though the rest was made to agree."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import MakeDesk
from test_releases import reseal
from workspaces import Desk

from pipeline.errors import LocalizationError
from pipeline.store.ledger import canonical

ARTICLE = (
    b"---\ntitle: Pain\ndescription: What to do.\n---\n\n# Pain\n\nRest is *good*. See [the page](https://x.test/).\n\n"
    b"![A bed](bed.png)\n\n| Dose | Time |\n|---|---|\n| 5 mg | noon |\n\n- Walk a little.\n"
)


@pytest.fixture
def live(make_desk: MakeDesk) -> Desk:
    """A page with a title, metadata, a table, a picture and a link; real people, published twice."""
    desk = make_desk({"pain.md": ARTICLE}, demo=False)
    desk.run()
    desk.sign_all("pain", "ana", "dr-vega")
    desk.publish()
    assert desk.page("pain").exists()
    return desk


def proven(desk: Desk) -> bool:
    """Whether verify is green; a ledger that cannot be read is not."""
    try:
        return desk.prove().unproven == ()
    except LocalizationError:
        return False


def named_by_the_reader(desk: Desk) -> bool:
    """Whether the page itself is named: not only its hash, which is another's word."""
    return any(found.page == "es/pain/index.html" for found in desk.prove().unproven)


def texts_on(page: str) -> Iterator[tuple[int, int, bool]]:
    """Where letters stand: texts and attributes' values, and whether they are words to a reader or tell of them."""
    for found in re.finditer(r'>([^<>]*\w[^<>]*)<| ([a-z-]+)="([^"]*\w[^"]*)"', page):
        if found[1] is not None:
            yield *found.span(1), True
        else:
            yield *found.span(3), found[2] in ("alt", "title", "src", "datetime") or found[2].startswith("data-")


def test_one_changed_character_anywhere_on_the_page_is_found(live: Desk) -> None:
    """In every text and attribute, with release.json made to agree; words are named by the reader itself."""
    assert proven(live)
    page, site = live.page("pain"), live.root / "site"
    text = page.read_text(encoding="utf-8")
    manifest = (site / "release.json").read_bytes()
    places = list(texts_on(text))
    assert sum(words for _, _, words in places) > 40
    for start, end, words in places:
        at = next(i for i in range(start, end) if text[i].isalnum())
        other = "x" if text[at] != "x" else "y"
        page.write_text(text[:at] + other + text[at + 1 :], encoding="utf-8")
        reseal(site)
        assert not proven(live), text[max(0, start - 40) : end + 10]
        assert not words or named_by_the_reader(live), text[max(0, start - 40) : end + 10]
    page.write_text(text, encoding="utf-8")
    (site / "release.json").write_bytes(manifest)
    assert proven(live)


INSERTED = (
    "<p>Take twice as much.</p>",
    "Take twice as much.",
    '<img src="x.png" alt="Take twice as much.">',
    '<p title="Take twice as much."></p>',
    '<p aria-label="Take twice as much."></p>',
    '<span data-unit="pain:0099:00000000">Take twice as much.</span>',
    '<p data-kept="1">Take twice as much.</p>',
    "<script>document.write('Take twice as much.')</script>",
    "<style>p::after{content:'Take twice as much.'}</style>",
    '<p style="content:none"></p>',
    "<template>x</template>",
    "<svg><text>Take twice as much.</text></svg>",
    '<iframe src="https://x.test/"></iframe>',
    '<a href="https://evil.test/">More</a>',
    '<a href="javascript:alert(1)">Paino</a>',
    "<input value='Take twice as much.'>",
    '<meta http-equiv="refresh" content="0;url=https://evil.test/">',
    "<details><summary>More</summary></details>",
    "&#84;ake",
    "\u202eTake twice as much.",
)


@pytest.mark.parametrize("inserted", INSERTED)
def test_whatever_is_put_into_the_article_is_found(live: Desk, inserted: str) -> None:
    """Text, attribute, element, style, link: nothing may be there that the ledger does not know."""
    page = live.page("pain")
    text = page.read_text(encoding="utf-8")
    for anchor in ("<table", "</main>", "<footer"):
        assert text.count(anchor) >= 1
        page.write_text(text.replace(anchor, inserted + anchor, 1), encoding="utf-8")
        reseal(live.root / "site")
        assert named_by_the_reader(live), anchor


# -- the ledger -------------------------------------------------------------------------------------------------------


def lines_of(desk: Desk) -> tuple[Path, list[bytes]]:
    (path,) = (desk.root / "ledger").glob("*.jsonl")
    return path, path.read_bytes().splitlines(keepends=True)


def relinked(lines: list[bytes]) -> list[bytes]:
    """The chain calculated anew, as somebody would who knows how it is made: numbers and links fit."""
    out: list[bytes] = []
    prev = ""
    for seq, line in enumerate(lines, 1):
        out.append(canonical(json.loads(line) | {"seq": seq, "prev": prev}) + b"\n")
        prev = hashlib.sha256(out[-1].rstrip(b"\n")).hexdigest()
    return out


def test_any_event_taken_out_is_found(live: Desk) -> None:
    """Every one of them, from the first to the last."""
    path, lines = lines_of(live)
    for gone in range(len(lines)):
        path.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
        assert not proven(live), lines[gone][:200]
    path.write_bytes(b"".join(lines))
    assert proven(live)


def test_any_two_events_exchanged_are_found(live: Desk) -> None:
    """A reordered chain is no chain."""
    path, lines = lines_of(live)
    for at in range(len(lines) - 1):
        path.write_bytes(b"".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]))
        assert not proven(live)


@pytest.mark.parametrize("kind", [b'"sign-off"', b'"roster"', b'"policy"', b'"revision"', b'"pins"', b'"release"'])
def test_a_chain_made_anew_without_an_event_does_not_prove_the_old_site(live: Desk, kind: bytes) -> None:
    """A chain proves order, not honesty; but the release's event has another hash then, and the site names the old."""
    path, lines = lines_of(live)
    gone = next(i for i, line in enumerate(lines) if b'"kind":' + kind in line)
    path.write_bytes(b"".join(relinked(lines[:gone] + lines[gone + 1 :])))
    assert not proven(live)


def test_a_site_of_a_release_before_a_withdrawal_is_found(live: Desk) -> None:
    """Though it was proven then: whoever serves the old copy serves what was withdrawn."""
    old = live.root.parent / "old"
    shutil.copytree(live.root / "site", old)
    live.withdraw(source="Walk a little.", by="ana")
    assert proven(live)
    reasons = " ".join(found.reason for found in live.prove(old).unproven)
    assert "this is not the newest release in the ledger" in reasons
    assert "the newest release has no such page" in reasons


def test_a_page_of_an_older_release_on_the_newest_site_is_found(live: Desk) -> None:
    """Signed once is not enough: it must be the text that the newest release holds."""
    from workspaces import rewrite

    before = live.page("pain").read_bytes()
    live.review("pain", "ana", lambda e: rewrite(e) if e.msgid.startswith("Walk") else None, attest="edited")
    live.publish()
    assert proven(live)
    assert live.page("pain").read_bytes() != before
    live.page("pain").write_bytes(before)
    reseal(live.root / "site")
    reasons = " ".join(found.reason for found in live.prove().unproven)
    assert "signed once, and is not the one that the newest release holds" in reasons
