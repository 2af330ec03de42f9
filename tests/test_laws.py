"""The laws of the promise, over any sequence of what people and machines do to a small workspace.

4  doing it again changes nothing            5  machines never overwrite people
6  a sign-off holds for exactly one pair     7  what is published ⊆ what is signed
8  returned files lose nothing
"""

import shutil
import tempfile
from pathlib import Path
from typing import Literal

import polib
import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule
from workspaces import Clock, Desk, StandIn, accept, files_below, make_workspace

from pipeline.model import text_hash
from pipeline.store.ledger import EventKind, read_ledger
from review.merge import Result

SENTENCES = (
    "Rest is good.",
    "Walk a little.",
    "Take 5 mg every evening.",
    "Do not drink alcohol with it.",
    "Ask **your** doctor.",
    "See [the leaflet](https://a.example).",
)
PEOPLE = ("demo-linguist", "demo-clinician")
SLUGS = ("a", "b")

articles = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4).map(lambda chosen: " ".join(chosen) + "\n")
edits = st.lists(
    st.sampled_from(["accept", "accept", "accept", "ok", "rewrite", "rewrite", "empty", "leave", "drop", "lose a tag"]),
    min_size=4,
    max_size=4,
)


def change(entry: polib.POEntry, how: str, words: str) -> None:
    """What a reviewer may do to one entry."""
    if how in ("accept", "ok", "rewrite", "lose a tag"):
        entry.flags = []
    match how:
        case "ok":
            entry.tcomment = "ok"
        case "rewrite" | "rewrite and leave fuzzy":
            entry.msgstr = f"{entry.msgstr} {words}."
        case "empty":
            entry.msgstr = ""
        case "lose a tag":
            entry.msgstr = "Todo distinto 5."


class Workspace(RuleBasedStateMachine):
    """Two articles, two people, one locale; every act is the real one."""

    files = Bundle("files")

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.engine = StandIn()
        self.patch.setattr("pipeline.engines.ENGINES", {"stand-in": lambda settings: self.engine})
        self.folder = Path(tempfile.mkdtemp(prefix="signoff-laws-"))
        self.desk = Desk(self.folder, Clock())
        self.words = 0
        self.published = 0
        self.attested: set[tuple[str, str, str]] = set()
        """(person, source, target) of every entry that somebody handed in with an attestation."""

    def teardown(self) -> None:
        note(f"{self.published} pages were published")
        self.patch.undo()
        shutil.rmtree(self.folder)

    @initialize(one=articles, two=articles)
    def start(self, one: str, two: str) -> None:
        make_workspace(self.folder, articles={"a.md": one.encode(), "b.md": two.encode()})
        self.desk.run()

    @rule(slug=st.sampled_from(SLUGS), text=articles)
    def edit_english(self, slug: str, text: str) -> None:
        self.desk.write(f"{slug}.md", text.encode())

    @rule()
    def time_passes(self) -> None:
        self.desk.clock.tick()

    @rule(again=st.booleans())
    def run(self, again: bool) -> None:
        """Law 5: a PO file that is not ours stays as it is. Law 4: a second run does nothing."""
        before = self.locales()
        ours = self.known_files()
        report = self.desk.run()
        after = self.locales()
        for name, data in before.items():
            if data not in ours[name]:
                assert after[name] == data
                assert f"locales/{name}" in report.edited
        if again:
            asked, everything = len(self.engine.asked), files_below(self.folder, without=[".signoff/logs"])
            assert self.desk.run().written == []
            assert len(self.engine.asked) == asked
            assert files_below(self.folder, without=[".signoff/logs"]) == everything

    def locales(self) -> dict[str, bytes]:
        return files_below(self.folder / "locales")

    def known_files(self) -> dict[str, list[bytes]]:
        """Bytes in `locales/` that Signoff wrote, or that came back through an import."""
        import hashlib

        known: dict[str, set[str]] = {}
        for event in read_ledger(self.folder / "ledger"):
            if event.kind is EventKind.EXPORT or (
                event.kind is EventKind.RETURNED and event.body["outcome"] != "refused"
            ):
                known.setdefault(f"{event.body['locale']}/{event.body['slug']}.po", set()).add(event.body["file"])
        return {
            name: [data] if hashlib.sha256(data).hexdigest() in known.get(name, set()) else []
            for name, data in self.locales().items()
        }

    @rule(target=files, slug=st.sampled_from(SLUGS), hows=edits, in_place=st.booleans())
    def edit_po(self, slug: str, hows: list[str], in_place: bool) -> Path:
        """Somebody edits a PO file, where it lies or a copy of it, now or to be handed in much later."""
        po = polib.pofile(str(self.desk.po(slug)), wrapwidth=0)
        for entry, how in zip(list(po), hows, strict=False):
            self.words += 1
            if how == "drop":
                po.remove(entry)
            else:
                change(entry, how, f"n{self.words}".replace("1", "uno").rstrip("0123456789") + "o" * (self.words % 7))
        path = self.desk.po(slug) if in_place else self.folder / "desk" / f"{slug}.{self.words}.po"
        path.parent.mkdir(exist_ok=True)
        po.save(str(path))
        return path

    @rule(path=files, by=st.sampled_from(PEOPLE), attest=st.sampled_from([None, "edited", "all", "all"]))
    def import_po(self, path: Path, by: str, attest: Literal["edited", "all"] | None) -> None:
        """Law 8: every returned text that says something is current or kept. Law 6: nothing is signed by itself."""
        signed_before = self.sign_offs()
        entries = [(entry.msgid, entry.msgstr) for entry in polib.pofile(str(path), wrapwidth=0)]
        report = self.desk.import_(path, by, attest)
        if report.outcome != "refused":
            here = self.everything_said()
            lost = [target for _, target in entries if target and target not in here]
            assert lost == []
        if attest:
            self.attested |= {(by, source, target) for source, target in entries}
        new = self.sign_offs() - signed_before
        assert {(who, source, target) for who, source, target, _ in new} <= self.attested
        assert all(who == by for who, _, _, _ in new)
        if attest is None:
            assert not new
            assert report.count(Result.SIGNED) == 0
        # Law 4 for imports: the same once more changes nothing.
        before = files_below(self.folder, without=[".signoff/logs"])
        self.desk.import_(path, by, attest)
        assert files_below(self.folder, without=[".signoff/logs"]) == before

    def sign_offs(self) -> set[tuple[str, str, str, str]]:
        return {
            (event.body["by"], event.body["source"], event.body["target"], event.hash)
            for event in read_ledger(self.folder / "ledger")
            if event.kind is EventKind.SIGN_OFF
        }

    def everything_said(self) -> set[str]:
        """Every target text that the ledger holds."""
        said: set[str] = set()
        for event in read_ledger(self.folder / "ledger"):
            if event.kind is EventKind.EXPORT:
                said |= {entry["target"] for entry in event.body["entries"]}
            elif "target" in event.body:
                said.add(event.body["target"])
        return said

    @rule()
    def publish(self) -> None:
        """Law 7: verify finds nothing unproven, and every text of every page was signed by enough people."""
        self.desk.publish()
        assert self.desk.prove().unproven == ()
        before = files_below(self.folder, without=[".signoff/logs"])
        self.desk.publish()
        assert files_below(self.folder, without=[".signoff/logs"]) == before
        events = read_ledger(self.folder / "ledger")
        release = [event for event in events if event.kind is EventKind.RELEASE][-1]
        signers: dict[tuple[str, int, str], set[str]] = {}
        for event in events:
            if event.kind is EventKind.SIGN_OFF:
                body = event.body
                assert body["target_hash"] == text_hash(body["target"])
                signers.setdefault((body["slug"], body["number"], body["target_hash"]), set()).add(body["by"])
        critical = {
            (event.body["slug"], new["number"])
            for event in events
            if event.kind is EventKind.REVISION
            for new in event.body["new"]
            if "5 mg" in new["source"] or "alcohol" in new["source"]
        }
        pins = {hash_: held for e in events if e.kind is EventKind.PINS for hash_, held in e.body["pins"].items()}
        self.published += sum(page["locale"] == "es" for page in release.body["pages"])
        for page in release.body["pages"]:
            for number, target_hash in pins[page["pins"]] if page["locale"] == "es" else ():
                signed = signers.get((page["slug"], number, target_hash), set())
                assert len(signed) >= (2 if (page["slug"], number) in critical else 1)

    @rule(slug=st.sampled_from(SLUGS), both=st.booleans())
    def sign_everything(self, slug: str, both: bool) -> None:
        """The short way to a page: a fresh PO file, accepted by one person or by both."""
        self.desk.run()
        if f"locales/es/{slug}.po" in self.desk.run().edited:
            return
        for by in PEOPLE if both else PEOPLE[:1]:
            path = self.desk.edited(slug, accept, name=f"{slug}.{by}.po")
            self.import_po(path, by, "all")

    @precondition(lambda self: (self.folder / "ledger").is_dir())
    @rule()
    def lose_the_store(self) -> None:
        """A fresh clone goes on where this one was."""
        shutil.rmtree(self.folder / ".signoff")

    @invariant()
    def the_ledger_is_whole(self) -> None:
        """Every line, every link, every cached state."""
        if (self.folder / "signoff.toml").exists():
            assert self.desk.check().wrong == ()


Workspace.TestCase.settings = settings(
    max_examples=10, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLaws = Workspace.TestCase
