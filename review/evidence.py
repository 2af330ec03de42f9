"""What proves a page, for an auditor who distrusts us: every sentence with who answers for it, and the inventory.

Takes   the files of `ledger/`, nothing else: no store, no settings
Gives   the evidence of a page as plain data (docs/evidence.schema.json), a readable sheet of it, a folder to check it
        without us; a line per translated page
Always  read from checked lines by the same judgement as `verify`; a sentence that nobody signed says so; the same
        ledger gives the same bytes
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from pipeline.errors import PublishError
from pipeline.model import Locale, OriginKind, Segment, visible_text
from pipeline.publish.pages import SiteInfo
from pipeline.store.history import UnitHistory, UnitKey
from pipeline.store.ledger import Event, EventKind, digest, in_order
from pipeline.store.pins import page_as_pinned
from pipeline.store.walked import WalkedLedger
from review.proof import proof_in_folder
from review.signoffs import author_of, signed_by, why_in_english, why_not_entitled
from review.waivers import waived_in

FORMAT = 1
"""The version of the evidence's shape."""
ACTS_SHOWN = (
    EventKind.QUESTION,
    EventKind.ANSWER,
    EventKind.CHOICE,
    EventKind.EDITORIAL,
    EventKind.RETRACTION,
)
JSON_NAME, SHEET_NAME = "evidence.json", "evidence.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A translated page of the newest release: a line of the inventory."""

    slug: str
    locale: str
    language: str
    """Its name in English."""
    title: str
    address: str
    issued_on: str
    """The day of the first release that held the page just so."""
    reviewed_on: str
    """The day of the newest sign-off on it."""
    oldest_sign_off_on: str
    """The day from which its next review is reckoned: that of the sentence that was signed longest ago."""
    reviewers: tuple[str, ...]
    """Each as "Name, role"."""
    sentences: int
    in_original: int
    """Sentences that nobody signed and that the page shows in the original."""
    revision: str
    """SHA-256 of the article that it was translated from."""
    original_on: str
    """The day of that article."""
    original_changed: bool
    """Whether the site shows a later original beside it."""


class EvidenceRoom:
    """A ledger folder, opened to be asked for evidence. Raises LedgerError, PublishError."""

    def __init__(self, ledger: Path) -> None:
        self.folder = ledger
        self.walked = WalkedLedger(ledger)
        if self.walked.release is None:
            raise PublishError(f"{ledger} knows of no release: publish first")
        self.release = self.walked.release
        self.proof = proof_in_folder(ledger, self.walked, self.release)
        site = self.release.body["site"]
        self.site = SiteInfo(
            name=site["name"], base_url=site["base_url"], source_locale=Locale.parse(site["source_locale"])
        )
        self.issued = _issued(self.walked)

    # -- one page ---------------------------------------------------------------------------------------------------

    def page(self, slug: str, locale: Locale) -> dict[str, Any]:
        """The evidence of a page of the newest release. Raises PublishError if it has no such page."""
        pinned, facts = self.proof.pinned(slug, locale), self.proof.facts(slug, locale)
        exports = [e for name in self._names(slug) for e in self.walked.exports(name)]
        body = self.proof.pages[slug, locale.tag]
        sentences = [
            self._sentence(segment, target_hash, locale, exports) for segment, target_hash in pinned.by_id.values()
        ]
        return {
            "format": FORMAT,
            "site": {"name": self.site.name, "address": self.site.url(f"{locale}/{slug}"), "demo": self.proof.demo},
            "page": {
                "slug": slug,
                "locale": locale.tag,
                "language": _english_name(locale),
                "source_locale": self.site.source_locale.tag,
                "revision": body["revision"],
                "issued_on": self.issued[slug, locale.tag],
                "original_on": facts.original_on.isoformat() if facts and facts.original_on else "",
                "original_changed": facts is not None and facts.stale,
            },
            "release": {
                "event": self.release.hash,
                "time": self.release.time,
                "by": self.release.body.get("by", ""),
                "by_name": self._publisher(),
                "policy": self.release.body["policy"],
                "heads": dict(self.release.body["heads"]),
            },
            "sentences": sentences,
            "unsigned": sum(not sentence["signatures"] for sentence in sentences),
        }

    def _names(self, slug: str) -> tuple[str, ...]:
        return self.proof.renames.names(slug)

    def _publisher(self) -> str:
        by = self.release.body.get("by", "")
        return self.proof.name(self.release.body.get("roster_entry", ""), by) if by else ""

    def _sentence(self, segment: Segment, target_hash: str, locale: Locale, exports: Sequence[Event]) -> dict[str, Any]:
        history = self.proof.history(UnitKey(segment.slug, segment.number, locale.tag))
        facts, demo = self.proof.facts_of_ledger, self.proof.demo
        said = [event for event in history.sign_offs() if event.body["target_hash"] == target_hash]
        target = str(said[-1].body["target"]) if said and target_hash else ""
        events = signed_by(history, facts, target, segment.source_hash, demo=demo) if target else []
        return {
            "id": segment.id,
            "kind": segment.kind.value,
            "headings": list(segment.heading_path),
            "source": visible_text(segment.source),
            "source_hash": segment.source_hash,
            "target": visible_text(target),
            "target_hash": target_hash,
            "in_original": not target_hash,
            "kept_in_original": why_in_english(events),
            "risk": "critical" if any(e.body["risk"] == "critical" for e in events) else "standard" if events else "",
            "origin": _origin(author_of(history, target), target, segment, locale, exports),
            "signatures": [self._signature(event) for event in events],
            "acts": self._acts(history, segment, target_hash),
        }

    def _acts(self, history: UnitHistory, segment: Segment, target_hash: str) -> list[dict[str, str]]:
        """What people did to the sentence beside signing it, in order; only what counts."""
        facts = self.proof.facts_of_ledger
        signers = {e.body["by"]: e.time for e in history.sign_offs() if e.body["target_hash"] == target_hash}
        revoked = [
            event
            for event in self.walked.general
            if event.kind is EventKind.REVOCATION and signers.get(event.body["person"], "")[:10] >= event.body["since"]
        ]
        waived = [
            event
            for slug in self._names(segment.slug)
            for event in self.walked.waivers(slug)
            if (event.body["number"], event.body["locale"]) == (segment.number, history.key.locale)
            and (event.body["source_hash"], event.body["target_hash"]) == (segment.source_hash, target_hash)
            and not why_not_entitled(event.body, facts, event.time[:10])
        ]
        own = [event for event in history.events if event.kind in ACTS_SHOWN]
        return [self._act(event) for event in in_order([*own, *revoked, *waived])]

    def _act(self, event: Event) -> dict[str, str]:
        body = event.body
        return {
            "kind": event.kind.value,
            "by": body["by"],
            "name": self.proof.name(body.get("roster_entry", ""), body["by"]),
            "time": event.time,
            "about": _about(event),
            "said": str(body.get("question") or body.get("answer") or body.get("reason") or ""),
            "event": event.hash,
        }

    def _signature(self, event: Event) -> dict[str, Any]:
        body = event.body
        entry = self.proof.facts_of_ledger.roster_entries[body["roster_entry"]]
        return {
            "by": body["by"],
            "name": self.proof.name(body["roster_entry"], body["by"]),
            "role": body["role"],
            "time": event.time,
            "entered_by": body["attested_by"],
            "own_key": bool(body.get("statement")),
            "signed_source": visible_text(body["source"]),
            "policy": body["policy"],
            "qualifications": [
                {key: q.get(key, "") for key in ("basis", "domain", "verified_by", "valid_from", "valid_to")}
                for q in entry["qualifications"]
                if q["valid_from"] <= event.time[:10] and (not q["valid_to"] or event.time[:10] <= q["valid_to"])
            ],
            "findings": [_finding(found) for found in body.get("findings", ())],
            "waived": [f"{one.check}, {one.verdict} by {one.by}: {one.reason}" for one in waived_in(body)],
            "event": event.hash,
        }

    # -- all pages --------------------------------------------------------------------------------------------------

    def inventory(self) -> Iterator[Material]:
        """Every translated page of the newest release, by article and locale."""
        for slug, tag in sorted(self.proof.pages):
            locale = Locale.parse(tag)
            if locale != self.site.source_locale:
                yield self._material(self.page(slug, locale))

    def _material(self, page: Mapping[str, Any]) -> Material:
        signatures = [signature for sentence in page["sentences"] for signature in sentence["signatures"]]
        newest = [max(s["time"] for s in one["signatures"])[:10] for one in page["sentences"] if one["signatures"]]
        titles = [one for one in page["sentences"] if one["kind"] in ("title", "heading")] or page["sentences"][:1]
        return Material(
            slug=page["page"]["slug"],
            locale=page["page"]["locale"],
            language=page["page"]["language"],
            title=titles[0]["target"] or titles[0]["source"] if titles else "",
            address=page["site"]["address"],
            issued_on=page["page"]["issued_on"],
            reviewed_on=max(newest, default=""),
            oldest_sign_off_on=min(newest, default=""),
            reviewers=tuple(sorted({f"{s['name']}, {s['role']}" for s in signatures})),
            sentences=len(page["sentences"]),
            in_original=sum(one["in_original"] for one in page["sentences"]),
            revision=page["page"]["revision"],
            original_on=page["page"]["original_on"],
            original_changed=page["page"]["original_changed"],
        )


def _pages_of(release: Event) -> dict[tuple[str, str], str]:
    return {(page["slug"], page["locale"]): digest(page_as_pinned(page)) for page in release.body["pages"]}


def _issued(walked: WalkedLedger) -> dict[tuple[str, str], str]:
    """By page, the day since which the releases have held it just so."""
    releases = [((event.time, event.chain, event.seq), _pages_of(event)) for event in walked.releases()]
    since: dict[tuple[str, str], tuple[str, str]] = {}
    for (time, _, _), pages in sorted(releases, key=lambda release: release[0]):
        since = {
            page: before if (before := since.get(page, ("", "")))[0] == now else (now, time[:10])
            for page, now in pages.items()
        }
    return {page: day for page, (_, day) in since.items()}


def _origin(author: str, target: str, segment: Segment, locale: Locale, exports: Sequence[Event]) -> dict[str, Any]:
    """Where a text came from: the person who wrote it, and the machine's draft that it was made from."""
    drafts = [
        entry
        for event in exports
        if event.body["locale"] == locale.tag
        for entry in event.body["entries"]
        if (entry["number"], entry["source_hash"]) == (segment.number, segment.source_hash)
        and entry["origin"]["kind"] in (OriginKind.ENGINE.value, OriginKind.MEMORY.value)
    ]
    first = next((entry for entry in drafts if entry["target"] == target), drafts[0] if drafts else None)
    drafted = first["origin"] if first else {"kind": "", "name": "", "version": ""}
    return {
        "author": author,
        "draft": {key: drafted[key] for key in ("kind", "name", "version")},
        "draft_text": visible_text(first["target"]) if first and first["target"] != target else "",
    }


def _about(event: Event) -> str:
    """What an act is about, in a few words."""
    body = event.body
    match event.kind:
        case EventKind.WAIVER:
            return f"{body['verdict']}: {', '.join(dict.fromkeys(named['check'] for named in body['findings']))}"
        case EventKind.REVOCATION:
            return f"all sign-offs of {body['person']} since {body['since']}"
        case EventKind.RETRACTION:
            return ", ".join(body["sign_offs"])
        case EventKind.EDITORIAL:
            return f"edited from: {visible_text(body['former_source'])}"
        case EventKind.CHOICE:
            return f"chose: {visible_text(body['target'])}"
        case _:
            return str(body.get("about", ""))


def _finding(found: object) -> str:
    """A finding of the checks as it stood when it was signed: `note: no full stop (end_mark)`."""
    if isinstance(found, list) and len(found) == 3:
        return f"{found[1]}: {found[2]} ({found[0]})"
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def _english_name(locale: Locale) -> str:
    return str(locale.babel.get_display_name("en") or locale.tag)


# -- files --------------------------------------------------------------------------------------------------------


def evidence_json(evidence: Mapping[str, Any]) -> bytes:
    """The evidence as a file: UTF-8, the same bytes for the same evidence."""
    return (json.dumps(evidence, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "sheets"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def evidence_sheet(evidence: Mapping[str, Any]) -> bytes:
    """The evidence for reading and printing: one HTML file without script or anything from elsewhere."""
    locale, source = (Locale.parse(evidence["page"][key]) for key in ("locale", "source_locale"))
    return _templates().get_template("evidence.html").render(e=evidence, locale=locale, source=source).encode()


def inventory_sheet(materials: Sequence[Material], site: str, released: str) -> bytes:
    """The inventory for reading and printing."""
    rows = [(asdict(one), Locale.parse(one.locale)) for one in materials]
    return _templates().get_template("inventory.html").render(rows=rows, site=site, released=released).encode()


def write_pack(room: EvidenceRoom, slug: str, locale: Locale, folder: Path) -> dict[str, Any]:
    """Write a page's evidence into a folder that is not there yet, with what is needed to check it; returns it.

    Raises PublishError. The folder holds the sheet, the data, and of `ledger/` the chains, the article's revision, and
    the personal fields of those who signed the page.
    """
    evidence = room.page(slug, locale)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PublishError(f"{folder} is there already: name a new folder for the evidence")
    growing = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(growing, ignore_errors=True)
    for name in _needed(room, evidence):
        (growing / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(room.folder.parent / name, growing / name)
    (growing / SHEET_NAME).write_bytes(evidence_sheet(evidence))
    (growing / JSON_NAME).write_bytes(evidence_json(evidence))
    (growing / "README.txt").write_text(README.format(slug=slug, locale=locale), encoding="utf-8")
    if folder.is_dir():
        folder.rmdir()
    growing.rename(folder)
    return evidence


def _needed(room: EvidenceRoom, evidence: Mapping[str, Any]) -> list[str]:
    """The files that the evidence of a page rests on: of `ledger/`, and of the workspace's own policies beside it."""
    entries = room.proof.facts_of_ledger.roster_entries
    signed = {s["event"] for one in evidence["sentences"] for s in one["signatures"]}
    people = {
        entries[e.body["roster_entry"]]["personal"]
        for name in room.proof.renames.names(evidence["page"]["slug"])
        for e in room.walked.about(name)
        if e.hash in signed
    }
    publisher = entries.get(room.release.body.get("roster_entry", ""))
    people |= {publisher["personal"]} if publisher else set()
    people -= room.proof.facts_of_ledger.redacted
    format_ = room.proof.pages[evidence["page"]["slug"], evidence["page"]["locale"]]["format"]
    names = [path.name for path in sorted(room.folder.glob("*.jsonl"))]
    names.append(f"revisions/{evidence['page']['revision']}.{format_}")
    names += [name for one in sorted(people) if (room.folder / (name := f"personal/{one}.json")).is_file()]
    own = sorted((room.folder.parent / "policies").glob("*.toml"))
    return [f"ledger/{name}" for name in names] + [f"policies/{path.name}" for path in own]


def check_pack(folder: Path) -> list[str]:
    """What in an evidence folder does not follow from the ledger in it, each a sentence; empty when all does.

    Raises LedgerError, PublishError where nothing can be proven.
    """
    try:
        data = (folder / JSON_NAME).read_bytes()
        said = json.loads(data)
        page = said["page"]
        slug, locale = str(page["slug"]), Locale.parse(str(page["locale"]))
    except FileNotFoundError as error:
        raise PublishError(f"{folder} has no {JSON_NAME}: it is no evidence") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PublishError(f"{folder / JSON_NAME} cannot be read: {error}") from error
    evidence = EvidenceRoom(folder / "ledger").page(slug, locale)
    wrong = []
    if data != evidence_json(evidence):
        wrong += [
            f"{JSON_NAME}: {key} is not what the ledger says"
            for key in evidence
            if key != "sentences" and said.get(key) != evidence[key]
        ]
        there = said["sentences"] if isinstance(said.get("sentences"), list) else []
        wrong += [
            f"{JSON_NAME}: sentence {one['id']} is not what the ledger says"
            for one in evidence["sentences"]
            if one not in there
        ]
        wrong = wrong or [f"{JSON_NAME}: is not the file that the ledger gives"]
    sheet = folder / SHEET_NAME
    if (
        not sheet.is_file()
        or hashlib.sha256(sheet.read_bytes()).digest() != hashlib.sha256(evidence_sheet(evidence)).digest()
    ):
        wrong.append(f"{SHEET_NAME}: is not the sheet that the ledger gives")
    return wrong


README = """Evidence for {slug} in {locale}

evidence.html   to read and to print
evidence.json   the same as data; its shape is docs/evidence.schema.json of Signoff
ledger/         what it follows from: every event that ever happened, a line each; the English article; the names and
                proofs of those who signed (some may have been erased)
policies/       the policies that this workspace wrote itself, if it did: read who must sign by them

Check it with Signoff, on any machine, without the store, the site or a network:

  signoff evidence --check .

Check it without Signoff:

  1. In each ledger/*.jsonl the SHA-256 of a line (without its line feed) is the "prev" of the next one.
  2. The SHA-256 of the last lines at the time of the release is what "heads" in evidence.json names. Compare it with
     a copy of the heads that you got from elsewhere, or at another time: a chain proves order, not honesty.
  3. For each sentence find the line whose SHA-256 is its "event": it holds both texts, who signed, when, and as what.
  4. The SHA-256 of a file in ledger/revisions and ledger/personal is its name.
"""
