"""Only what something happened to is judged again, and the note that says so can bring nothing on the site."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeDesk
from workspaces import Desk, files_below

from pipeline.model import Finding, Locale, Unit
from pipeline.store.ledger import EventKind
from review.acts import retract
from review.judged import PLACE
from review.publisher import Cause, ReleaseName
from review.putting_out import PublishReport, put_out
from review.releases import publish

ARTICLES = {f"{slug}.md": f"# {slug}\n\nRest is good. Walk a {slug}.\n".encode() for slug in ("ear", "eye", "nose")}
ES = Locale.parse("es")


@pytest.fixture
def live(make_desk: MakeDesk) -> Desk:
    """Three articles, signed in two languages and published twice: the second release of a roster knows it."""
    desk = make_desk(ARTICLES, locales=("es", "ca"))
    desk.run()
    for slug in ("ear", "eye", "nose"):
        for tag in ("es", "ca"):
            desk.sign_all(slug, "demo-linguist", tag=tag)
    published(desk)
    return desk


def published(desk: Desk, *, version: str = "", to: str = "") -> tuple[PublishReport, set[str]]:
    """A publish, and of which pages a sentence was judged."""
    asked: set[str] = set()
    real = desk.judges

    def findings(unit: Unit) -> tuple[Finding, ...]:
        asked.add(f"{unit.target_locale}/{unit.segment.slug}")
        return real.findings(unit)

    judges = replace(real, findings=findings, version=real.version + version)
    with desk.store() as store:
        name = ReleaseName(person=None, cause=Cause.PUBLISH)
        locales = desk.locales(*to.split())
        report = publish(desk.workspace, store, judges, locales=locales, out=desk.root / "site", name=name)
    return report, asked


ALL = {f"{tag}/{slug}" for tag in ("es", "ca") for slug in ("ear", "eye", "nose")}


def note(desk: Desk) -> Path:
    return desk.root / ".signoff" / PLACE


def rewrite_one(desk: Desk) -> None:
    def change(entry: Any) -> None:
        entry.flags = []
        entry.msgstr = "Camino." if "Walk" in entry.msgid else entry.msgstr

    desk.review("eye", "demo-linguist", change)


def edit_english(desk: Desk) -> None:
    desk.write("eye.md", ARTICLES["eye.md"].replace(b"good", b"fine"))


def test_nothing_is_judged_where_nothing_happened(live: Desk) -> None:
    """The second time no sentence is looked at, and not a byte of the site changes."""
    before = files_below(live.root / "site")
    report, judged = published(live)
    assert (judged, {page.state for page in report.pages}) == (set(), {"unchanged"})
    assert files_below(live.root / "site") == before


@pytest.mark.parametrize(("change", "pages"), [(rewrite_one, {"es/eye"}), (edit_english, {"es/eye", "ca/eye"})])
def test_only_the_pages_that_something_happened_to_are_judged(
    live: Desk, change: Callable[[Desk], None], pages: set[str]
) -> None:
    """A text that was changed and signed, an English sentence that was edited: the site is as if all were judged."""
    change(live)
    assert published(live)[1] == pages
    quick = files_below(live.root / "site")
    note(live).unlink()
    assert published(live)[1] == ALL
    assert files_below(live.root / "site") == quick
    assert live.prove().unproven == ()


def test_one_language_alone_leaves_the_others_known(live: Desk) -> None:
    """`--to es` looks at what happened in Spanish; afterwards nothing has to be judged in Catalan."""
    rewrite_one(live)
    assert published(live, to="es")[1] == {"es/eye"}
    assert published(live)[1] == set()


def test_what_a_run_writes_into_po_files_is_judged_once(live: Desk) -> None:
    """The texts that were signed go out again with the next run: looked at once, not until there is a new release."""
    live.run()
    assert published(live)[1] == ALL
    assert published(live)[1] == set()


def test_another_check_setting_or_name_judges_everything(live: Desk) -> None:
    """What every page depends on: the checks, `signoff.toml`, the people's names."""
    assert published(live, version="2")[1] == ALL
    settings = live.root / "signoff.toml"
    settings.write_text(settings.read_text().replace('name = "Test site"', 'name = "Another"'))
    assert published(live, version="2")[1] == ALL
    for path in (live.root / "ledger" / "personal").iterdir():
        path.unlink()
    assert published(live, version="2")[1] == ALL
    published(live, version="2")  # the release wrote a roster with today's names
    assert published(live, version="2")[1] == set()


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"key": 1, "release": 2, "pages": 3}'])
def test_a_broken_note_costs_time_only(live: Desk, data: bytes) -> None:
    """Whatever lies in its place, all is judged, and the site is the same."""
    before = files_below(live.root / "site")
    note(live).write_bytes(data)
    assert published(live)[1] == ALL
    assert files_below(live.root / "site") == before


def test_a_note_that_claims_too_much_brings_no_text_on_the_site(live: Desk) -> None:
    """A sign-off was taken back; a page was never signed: somebody who writes into the note gets neither published."""
    with live.store() as store:
        retract(store, id_=signed_id(live), locale=ES, by="demo-linguist", reason="I was wrong")
    assert live.page("eye").exists()
    live.write("tooth.md", b"# tooth\n\nRest is good.\n")
    live.run()
    with live.store() as store, store.read() as transaction:
        heads = transaction.heads()
    forged = json.loads(note(live).read_bytes())
    claim = dict(forged["pages"][0][2])
    forged |= {"pages": [*forged["pages"], ["tooth", "es", claim]], "heads": heads}
    note(live).write_text(json.dumps(forged))

    report, judged = published(live)

    # ca/eye since it names its sisters, and one of them has gone: what is rendered again is judged first
    assert judged == {"es/eye", "ca/eye", "es/tooth", "ca/tooth"}
    held = {(page.slug, page.locale) for page in report.pages if page.state == "held"}
    assert held == {("eye", "es"), ("tooth", "es"), ("tooth", "ca")}
    assert not live.page("eye").exists()
    assert not live.page("tooth").exists()
    assert live.prove().unproven == ()


def signed_id(desk: Desk) -> str:
    with desk.store() as store, store.read() as transaction:
        release = transaction.last_event(EventKind.RELEASE)
        assert release is not None
        known = {number: source_hash for number, source_hash, _, _ in transaction.article("eye")[1]}
    return f"eye:0003:{known[3][:8]}"


def test_a_note_with_wrong_hashes_and_days_changes_no_page(live: Desk) -> None:
    """What is rendered again because of it is judged first, and proven."""
    pages = {name: data for name, data in files_below(live.root / "site").items() if name.endswith("index.html")}
    forged = json.loads(note(live).read_bytes())
    for _, _, page in forged["pages"]:
        page["made_from"] = "0" * 64
    note(live).write_text(json.dumps(forged))
    assert published(live)[1] == ALL
    assert {n: d for n, d in files_below(live.root / "site").items() if n.endswith("index.html")} == pages
    assert live.prove().unproven == ()


def test_a_review_that_fell_due_since_is_judged(make_desk: MakeDesk) -> None:
    """No event says that time has passed."""
    desk = make_desk({"ear.md": ARTICLES["ear.md"]}, more="[pages]\nreview_within_days = 30\n")
    desk.run()
    desk.sign_all("ear", "demo-linguist")
    published(desk)
    desk.clock.on("2026-07-01")
    assert published(desk)[1] == set()
    desk.clock.on("2026-07-02")
    report, judged = published(desk)
    assert judged == {"es/ear"}
    assert [page.state for page in report.pages] == ["held"]


def test_what_came_between_the_judging_and_the_release_is_not_noted(
    live: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague signs while the site is built: the next publish judges that page, as nobody has."""
    rewrite_one(live)
    real = put_out

    def late(*args: Any) -> Any:
        with live.store() as store:
            retract(store, id_=signed_id(live), locale=ES, by="demo-linguist", reason="I was wrong")
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr("review.releases.put_out", late)
        published(live)
    assert not note(live).exists()
    assert "es/eye" in published(live)[1]
    assert live.prove().unproven == ()
