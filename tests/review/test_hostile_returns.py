"""Whatever comes back, the import ends as it should: refused with the line, repaired, or accepted; nothing is lost."""

import shutil
import unicodedata
from collections import Counter
from pathlib import Path

import polib
import pytest
from hostile_returns import ARTICLE, OTHER_ARTICLE, UNITS, Case, cases
from workspaces import ENGINE, Desk, StandIn, files_below, make_workspace

from pipeline.store.ledger import EventKind, read_ledger

REVIEWER = "demo-linguist"


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace whose article went out once; it is copied for each group of cases."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.engines.ENGINES", {ENGINE: lambda settings: StandIn()})
        root = tmp_path_factory.mktemp("drafted") / "workspace"
        articles = {"a.md": ARTICLE, "b.md": OTHER_ARTICLE}
        desk = Desk(make_workspace(root, articles=articles, locales=("es", "ca")))
        desk.run()
        return desk


def test_there_are_enough_of_them_and_no_two_are_one(drafted: Desk) -> None:
    """At least 150 cases, each of its own name and bytes."""
    made = list(cases(drafted.po("a").read_bytes()))
    assert len(made) >= 150
    assert [name for name, n in Counter(case.name for case in made).items() if n > 1] == []


def _names() -> list[str]:
    """The names of all cases, as they are for any export: made once from one that has no store behind it."""
    from pipeline.extract import extract
    from pipeline.model import ArticleFormat, Locale
    from pipeline.po import PoEntry, PoFile, write_po

    _, segments = extract(ARTICLE, ArticleFormat.MARKDOWN, slug="a")
    entries = tuple(
        PoEntry(id=s.id, source=s.source, target=f"{s.source}o", fuzzy=True, notes=("paragraph",)) for s in segments
    )
    file = PoFile(article="a", target_locale=Locale.parse("es"), export_id="0" * 16, entries=entries)
    return [case.name for case in cases(write_po(file))]


@pytest.fixture(scope="module")
def by_name(drafted: Desk) -> dict[str, Case]:
    return {case.name: case for case in cases(drafted.po("a").read_bytes())}


@pytest.mark.parametrize("name", _names())
def test_it_ends_as_it_should(name: str, by_name: dict[str, Case], drafted: Desk, tmp_path: Path) -> None:
    """The outcome, the line, the result of every unit; no text lost; the same once more changes nothing."""
    desk = Desk(Path(shutil.copytree(drafted.root, tmp_path / "workspace")))
    assert complaints(by_name[name], desk) == []


def complaints(case: Case, desk: Desk) -> list[str]:
    """Import a case into a workspace that has only sent it; what is not as it should be, a sentence each."""
    path = desk.root / "desk" / "back.po"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(case.data)
    before = read_ledger(desk.root / "ledger")
    report = desk.import_(path, REVIEWER, "all")
    wrong = []
    if report.outcome != case.outcome:
        wrong.append(f"{report.outcome}, not {case.outcome}: {report.reason}")
    if case.line is not None and report.line != case.line:
        wrong.append(f"refused at line {report.line}, not {case.line}: {report.reason}")
    kept = desk.root / ".signoff" / "returned" / report.sha256
    if kept.read_bytes() != case.data:
        wrong.append("the raw bytes are not kept")
    events = [event for event in read_ledger(desk.root / "ledger") if event not in before]
    signed = [event.body["number"] for event in events if event.kind is EventKind.SIGN_OFF]
    if report.outcome == "refused":
        if not report.reason or {e.kind for e in events} - {EventKind.RETURNED, EventKind.ROSTER, EventKind.POLICY}:
            wrong.append("it was refused, and something entered")
        return wrong
    expected = {number: case.results.get(number, "signed") for number in UNITS}
    found: dict[int, list[str]] = {}
    with desk.store() as store, store.read() as transaction:
        ids = {f"a:{n:04d}:{hash_[:8]}": n for n, hash_, _, _ in transaction.article("a")[1]}
        sources = {source: n for n, _, source, _ in transaction.article("a")[1] if n not in (4, 5)}
    entries = polib.pofile(case.data.removeprefix(b"\xef\xbb\xbf").decode(), wrapwidth=0)
    for entry in report.entries:
        number = ids.get(entry.id, 0) or (sources.get(entry.source, 0) if not entry.id else 0)
        found.setdefault(number, []).append(entry.result.value)
        if not entry.reason:
            wrong.append(f"{entry.id}: no reason")
    right = all(result in found.get(number, ()) for number, result in expected.items())
    told = Counter(entry.result.value for entry in report.entries)
    if not right or told != Counter((*expected.values(), *case.others)):
        wrong.append(f"{found}, not {expected} and {list(case.others)}")
    if sorted(signed) != sorted(number for number, result in expected.items() if result == "signed"):
        wrong.append(f"signed {signed}")
    said = {text for event in read_ledger(desk.root / "ledger") for text in _texts(event.body)}
    lost = [e.msgstr for e in entries if e.msgstr and e.msgstr not in said and _trimmed(e.msgstr) not in said]
    wrong += [f"lost: {text!r}" for text in lost]
    everything = files_below(desk.root)
    desk.import_(path, REVIEWER, "all")
    if files_below(desk.root) != everything:
        wrong.append("the same once more changed something")
    return wrong + list(desk.check().wrong)


def _trimmed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _texts(body: object) -> list[str]:
    if not isinstance(body, dict):
        return []
    return [body.get("target", ""), *(entry.get("target", "") for entry in body.get("entries", []))]
