"""What must be true of a workspace when the power comes back, or after a `kill -9`.

Takes   a workspace folder as a crash left it, and what the command had written on stdout until then
Gives   a sentence for everything that is lost, torn or half done; nothing when all is as it must be
Always  looks twice: at the files alone, as `git` and `signoff verify` find them, then through the store, opened as the
        next command opens it
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workspaces import Desk

from pipeline.errors import LocalizationError
from pipeline.model import Locale
from pipeline.po import read_po
from pipeline.store import Transaction
from pipeline.store.ledger import Event, EventKind, parse_event
from pipeline.store.schema import CURRENT
from review.ledger_check import check_ledger
from review.merge import Result
from review.roster import personal_fields

from .disk import Cut

Check = Callable[[Path, str], list[str]]
"""Looks at a crashed workspace, knowing what was reported: what is wrong with it, a sentence each."""


@contextmanager
def as_after(cut: Cut, folder: Path) -> Iterator[Path]:
    """The folder that a cut left, for as long as it is looked at."""
    cut.rebuild(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def failures(cuts: Iterator[Cut], into: Path, check: Check, *, enough: int = 10) -> tuple[int, list[str]]:
    """How many cuts there were, and for each one that is not as it must be: how the power went, and what is wrong.

    Stops when it has found `enough` of those.
    """
    looked_at, found = 0, []
    for cut in cuts:
        with as_after(cut, into / str(looked_at)) as folder:
            wrong = check(folder, cut.reported)
        looked_at += 1
        if wrong:
            found.append("\n  ".join([cut.describe(), *wrong]))
            if len(found) == enough:
                break
    assert looked_at, "no cut at all would prove nothing"
    return looked_at, found


def wrong_after_a_crash(root: Path, reported: str) -> list[str]:
    """Everything that a crash may not do to a workspace. `reported` is stdout of commands with `--json`."""
    reports = list(_reports(reported))
    wrong = _not_in_files(root, reports)
    try:
        with Desk(root).store() as store:
            wrong += check_ledger(store).wrong
            with store.read() as transaction:
                checked = transaction.connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
                wrong += [] if checked == ["ok"] else [f"the store: {row}" for row in checked]
                wrong += _not_in_store(transaction, reports)
                wrong += _torn_beside_the_chains(root, transaction)
                wrong += _torn_po(root, transaction)
                wrong += _torn_site(root, transaction)
                wrong += _doubled(transaction)
    except Exception as error:  # noqa: BLE001 - a torn database may fail anywhere, and each way is a finding
        wrong.append(f"{type(error).__name__}: {error}")
    return wrong


def _torn_beside_the_chains(root: Path, transaction: Transaction) -> list[str]:
    """Revisions and names that events speak of and that are not there, whole. Nobody has erased a name here."""
    ledger = root / "ledger"
    named = [f"{e.body['sha256']}.{e.body['format']}" for e in transaction.events(EventKind.REVISION)]
    wrong = [f"revision {name} is lost" for name in named if not (ledger / "revisions" / name).is_file()]
    for path in (ledger / "revisions").glob("[!.]*"):
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem:
            wrong.append(f"{path.name}: is not the revision that its name says")
    people = [person for event in transaction.events(EventKind.ROSTER) for person in event.body["people"]]
    return wrong + [
        f"the name of {person['id']} is lost" for person in people if not personal_fields(ledger, person["personal"])
    ]


# What was reported -----------------------------------------------------------------------------------------------


def _reports(reported: str) -> Iterator[Mapping[str, Any]]:
    """The JSON objects among the lines; a last line without its line feed was not reported."""
    for line in reported.split("\n")[:-1]:
        if line.startswith("{"):
            yield json.loads(line)


def _promised(reports: Sequence[Mapping[str, Any]]) -> Iterator[tuple[EventKind, str, int]]:
    """The events that import reports speak of: (kind, hash of the returned file, segment number)."""
    for report in reports:
        for entry in report.get("entries", ()):
            number = int(entry["id"].split(":")[1])
            if entry["result"] == Result.SIGNED and entry["reason"].startswith("signed as"):
                yield EventKind.SIGN_OFF, report["sha256"], number
            if entry["result"] == Result.PROPOSED:
                yield EventKind.TEXT, report["sha256"], number


def _missing(events: Sequence[Event], reports: Sequence[Mapping[str, Any]], where: str) -> list[str]:
    """What was reported and is not among the events."""
    there = {(event.kind, event.body.get("file"), event.body.get("number")) for event in events}
    missing = [
        f"{where} lost: {kind} of segment {number}"
        for kind, file, number in _promised(reports)
        if (kind, file, number) not in there
    ]
    releases = [event.hash for event in events if event.kind is EventKind.RELEASE]
    missing += [
        f"{where} lost: release {report['release']}"
        for report in reports
        if "release" in report and not any(release.startswith(report["release"]) for release in releases)
    ]
    exported = {(event.body["locale"], event.body["slug"]) for event in events if event.kind is EventKind.EXPORT}
    for report in reports:
        for name in report.get("written", ()):
            _, locale, slug = name.removesuffix(".po").split("/", 2)
            if (locale, slug) not in exported:
                missing.append(f"{where} lost: the export of {name}")
    return missing


def _not_in_files(root: Path, reports: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was reported and cannot be found by somebody who has the files only and opens no store."""
    events = []
    for path in sorted((root / "ledger").glob("*.jsonl")):
        for line in path.read_bytes().split(b"\n")[:-1]:
            try:
                events.append(parse_event(line, path.name))
            except LocalizationError:
                break
    wrong = _missing(events, reports, "ledger/")
    for report in reports:
        wrong += [f"{name}: reported, not there" for name in report.get("written", ()) if not (root / name).is_file()]
        if "entries" in report:
            kept = root / ".signoff" / "returned" / report["sha256"]
            if not kept.is_file() or hashlib.sha256(kept.read_bytes()).hexdigest() != report["sha256"]:
                wrong.append(f"the returned file {report['sha256'][:12]} is lost or torn")
        if "written" in report:
            wrong += [
                f"{name} of the run's report is torn"
                for name in ("run.json", "run.html")
                if not _ended(root / ".signoff" / "logs" / name)
            ]
        if "release" in report:
            manifest = root / "site" / "release.json"
            if f'"event": "{report["release"]}'.encode() not in (manifest.read_bytes() if manifest.is_file() else b""):
                wrong.append(f"release {report['release']} was reported, and is not the site")
    return wrong


def _ended(path: Path) -> bool:
    """Whether a report's file is there with its last character."""
    return path.is_file() and path.read_bytes().rstrip()[-1:] in (b"}", b">")


def _not_in_store(transaction: Transaction, reports: Sequence[Mapping[str, Any]]) -> list[str]:
    return _missing(transaction.events(), reports, "the store")


# What may not be half done ---------------------------------------------------------------------------------------


def _torn_po(root: Path, transaction: Transaction) -> list[str]:
    """PO files that are no export of ours, byte for byte, or cannot be read."""
    wrong = []
    for path in sorted((root / "locales").rglob("[!.]*.po")):
        name = path.relative_to(root / "locales")
        locale, slug = name.parts[0], name.relative_to(name.parts[0]).with_suffix("").as_posix()
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() not in transaction.known_files(slug, locale):
            wrong.append(f"{name}: is none of the files that were exported")
        elif read_po(data, str(name)).target_locale != Locale.parse(locale):
            wrong.append(f"{name}: is in another language")
    return wrong


def _torn_site(root: Path, transaction: Transaction) -> list[str]:
    """A site that is not exactly one release: `release.json`, every file that it names, and no other."""
    site = root / "site"
    if not site.exists():
        return []
    try:
        manifest = json.loads((site / "release.json").read_bytes())
        there = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
        hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}
    except (OSError, ValueError) as error:
        return [f"the site is torn: {error}"]
    hashes.pop("release.json")
    wrong = [] if hashes == manifest["files"] else ["the site is not what its release.json says"]
    if manifest["release"]["event"] not in {event.hash for event in transaction.events(EventKind.RELEASE)}:
        wrong.append("the site is a release that the ledger does not know")
    return wrong


def _doubled(transaction: Transaction) -> list[str]:
    """Acts that are in the ledger twice."""
    counts = Counter(
        (
            event.kind,
            event.body["number"],
            event.body["slug"],
            event.body["locale"],
            event.body["target_hash"],
            event.body["by"],
        )
        for event in transaction.events(EventKind.TEXT, EventKind.SIGN_OFF)
    )
    return [f"{kind} of {slug}:{number} is there twice" for (kind, number, slug, *_), n in counts.items() if n > 1]


# Where it all ends -----------------------------------------------------------------------------------------------

_BY_CHANCE = ("roster_entry", "personal", "supersedes", "shows", "heads")
"""Parts of events that hold a salt, or the hash of an event that holds its time."""


def end_state(root: Path) -> dict[str, Any]:
    """All that a rerun must come to: PO files, pages, current texts, and every event, how often, but for its time."""
    with Desk(root).store() as store, store.read() as transaction:
        rows = [dict(row._mapping) for row in transaction.connection.execute(CURRENT.select())]
        events = Counter(f"{e.kind} {json.dumps(_settled(e.body), sort_keys=True)}" for e in transaction.events())
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in ("locales", "site")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and path.name != "release.json"
    }
    current = sorted((r["slug"], r["number"], r["locale"], r["target"], r["state"], r["others"]) for r in rows)
    return {"files": files, "current": current, "events": events}


def _settled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _settled(inner) if key not in _BY_CHANCE else len(inner) for key, inner in value.items()}
    return [_settled(inner) for inner in value] if isinstance(value, list) else value
