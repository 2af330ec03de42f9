"""One review that every editor is told to do, and what must come of it.

Takes   a desk, an editor that can be driven
Gives   a pack's file before and after, imported with `--attest all`; the row that docs/editors.md has about it
Always  every entry ends as its step says; what was typed is kept; only what was signed counts as signed; the same file
        a second time changes nothing
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import polib
import pytest
from conftest import MakeDesk
from workspaces import Desk

from pipeline.model import Locale, ReviewState
from review.formats import FORMATS, read_returned
from review.intake import FileReport
from review.merge import Result
from review.sending import send

DOCS = Path(__file__).parents[2] / "docs" / "editors.md"
ARTICLE = (
    "Rest is good for you.\n\nWalk a little every day.\n\nSleep well at night.\n\nDo not drink alcohol with it.\n\n"
    "Take **one tablet** twice a day.\n\nSee [the leaflet](https://a.example/l) for more.\n\nDrink enough water.\n\n"
    "Call a nurse if the pain in your back, your arm or your leg does not go away after a few days at home.\n"
)
FORMER = ARTICLE.replace("Walk a little", "Walk")
"""What was there before: so that one entry has a former English (`#|`)."""


class Act(StrEnum):
    """What a reviewer does to one entry."""

    REWRITE = "writes another text"
    LEAVE = "leaves it as it is"
    ACCEPT = "says that it is right"
    OK = "says that it is right, with the comment ok"
    ASK = "asks a question in a comment"
    EMPTY = "empties it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry, in the order of the file."""

    source: str
    """How its English begins."""
    act: Act
    text: str = ""
    """What she types: a translation or a comment."""
    ends: Result


REVIEW = (
    Step(source="Rest is", act=Act.REWRITE, text='Descansar es «muy» bueno: "sí".', ends=Result.SIGNED),
    Step(source="Walk a", act=Act.LEAVE, ends=Result.NEEDS_WORK),
    Step(source="Sleep", act=Act.ACCEPT, ends=Result.SIGNED),
    Step(source="Do not", act=Act.ACCEPT, ends=Result.NEEDS_VERDICT),
    Step(source="Take", act=Act.OK, text="ok", ends=Result.SIGNED),
    Step(source="See", act=Act.ASK, text="? tú o usted", ends=Result.NEEDS_WORK),
    Step(source="Drink", act=Act.EMPTY, ends=Result.NOT_REVIEWED),
    Step(source="Call", act=Act.ACCEPT, ends=Result.SIGNED),
)
ARABIC = (
    replace(REVIEW[0], text="الراحة مفيدة لك، «نعم»."),
    *(Step(source=step.source, act=Act.LEAVE, ends=Result.NEEDS_WORK) for step in REVIEW[1:]),
)
"""Right to left: drafts of the stand-in engine would be held there as another language."""


def without_comments(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same in a program that writes no comments: nobody can say `ok` or ask."""
    instead = {
        Act.OK: lambda step: replace(step, act=Act.ACCEPT, text="", ends=Result.NEEDS_VERDICT),
        Act.ASK: lambda step: replace(step, act=Act.LEAVE, text=""),
    }
    return tuple(instead.get(step.act, lambda step: step)(step) for step in steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A pack's file in an editor's hands."""

    desk: Desk
    tag: str
    path: Path
    """To be edited in place."""
    data: bytes
    """As it was sent."""

    @property
    def drafts(self) -> dict[str, str]:
        """Translations as they were sent, by English."""
        return {entry.source: entry.target for entry in read_returned(self.data, self.path.name).entries}

    def draft(self, step: Step) -> str:
        """The translation that the step finds."""
        return next(target for source, target in self.drafts.items() if source.startswith(step.source))


def send_pack(make_desk: MakeDesk, tmp_path: Path, *, tag: str = "es", format_: str = "po") -> Sent:
    """A pack of ARTICLE with its file laid out to be edited; one sentence was edited since the first draft."""
    desk = make_desk({"a.md": FORMER.encode()}, locales=(tag,))
    desk.run()
    desk.write("a.md", ARTICLE.encode())
    desk.run()
    with desk.store() as store:
        report = send(
            desk.workspace, store, desk.judges, locale=Locale.parse(tag), reviewer="demo-linguist", by="lea",
            out=tmp_path / "pack", format_=format_,
        )  # fmt: skip
    path = next(path for path in map(Path, report.files) if path.suffix == FORMATS[format_].ending)
    return Sent(desk=desk, tag=tag, path=path, data=path.read_bytes())


def take_back(sent: Sent, steps: Sequence[Step], back: Path | None = None, *, outcome: str = "accepted") -> FileReport:
    """Import what the editor saved and hold it against the steps."""
    back, desk = back or sent.path, sent.desk
    report = desk.import_(back, "demo-linguist", "all")
    assert report.outcome == outcome, report.reason
    ended = [(entry.source.split(" ")[0], entry.result) for entry in report.entries]
    assert ended == [(step.source.split(" ")[0], step.ends) for step in steps], report.entries
    asked = [question for entry in report.entries for question in entry.questions]
    assert asked == [step.text for step in steps if step.act is Act.ASK]
    _held_against(sent, steps, report)
    _nothing_twice(sent, back)
    return report


def _held_against(sent: Sent, steps: Sequence[Step], report: FileReport) -> None:
    """What she typed is the current text, what she did not touch is as it was, and only what she signed is signed."""
    numbers = [int(entry.id.split(":")[1]) for entry in report.entries]
    with sent.desk.store() as store, store.read() as transaction:
        current = transaction.current("a", sent.tag)
    for number, step in zip(numbers, steps, strict=True):
        text = step.text if step.act is Act.REWRITE else sent.draft(step)
        assert current[number].target == text, step
        signed = current[number].state in (ReviewState.REVIEWED, ReviewState.SIGNED_OFF)
        assert signed == (step.ends is Result.SIGNED), step
    assert sent.desk.check().wrong == ()


def _nothing_twice(sent: Sent, back: Path) -> None:
    """The same file again is known, and writes nothing into the ledger."""
    with sent.desk.store() as store, store.read() as transaction:
        before = len(list(transaction.events()))
    assert sent.desk.import_(back, "demo-linguist", "all").entries == []
    with sent.desk.store() as store, store.read() as transaction:
        assert len(list(transaction.events())) == before


def what_changed(sent: bytes, back: bytes, steps: Sequence[Step]) -> str:
    """What an editor did to a PO file besides what it was told to do, in words; read by polib."""
    before, after = (polib.pofile(data.decode("utf-8-sig"), wrapwidth=0) for data in (sent, back))
    said = [
        *_bytes_changed(back),
        *_names("adds {} to the header", after.metadata.keys() - before.metadata.keys(), after),
        *_names("drops {} from the header", before.metadata.keys() - after.metadata.keys(), before),
    ]
    other = {
        name for name in before.metadata.keys() & after.metadata.keys() if before.metadata[name] != after.metadata[name]
    }
    said += _names("changes {} in the header", other, before)
    if before.header.strip() != after.header.strip():
        said.append("changes the comment at the top")
    said += _entries_changed(before, after, steps)
    if after.obsolete_entries():
        said.append("sets entries aside")
    return "; ".join(said) or "nothing besides the edits"


def _bytes_changed(back: bytes) -> list[str]:
    said = ["writes a byte order mark"] if back.startswith(b"\xef\xbb\xbf") else []
    said += ["Windows line ends"] if b"\r\n" in back else []
    lines = back.decode("utf-8-sig").splitlines()
    inside = lines.index(next(line for line in lines if line.startswith("msgctxt")))
    if any(line.startswith('"') for line in lines[inside:]):
        widest = max(len(line) for line in lines[inside:] if line.startswith('"'))
        said.append(f"wraps long texts (widest line {widest})")
    return said


def _names(said: str, names: set[str], file: polib.POFile) -> list[str]:
    inorder = [f"`{name}`" for name in file.metadata if name in names]
    return [said.format(", ".join(inorder))] if inorder else []


def _entries_changed(before: polib.POFile, after: polib.POFile, steps: Sequence[Step]) -> list[str]:
    was, now = ([entry for entry in file if not entry.obsolete] for file in (before, after))
    if [entry.msgctxt for entry in was] != [entry.msgctxt for entry in now]:
        return ["changes order or ids"]
    seen: Counter[str] = Counter()
    untouched = 0
    for old, new, step in zip(was, now, steps, strict=True):
        if old.msgid != new.msgid:
            seen["changes the English"] += 1
        if old.comment.split() != new.comment.split():
            seen["changes `#.` comments"] += 1
        if step.act in (Act.OK, Act.ASK) and step.text not in new.tcomment:
            seen["loses the reviewer's comments"] += 1
        if step.act is Act.REWRITE and new.fuzzy:
            seen["keeps `fuzzy` on a text that was rewritten"] += 1
        if step.act is not Act.LEAVE:
            continue
        untouched += 1
        if new.msgstr != old.msgstr:
            seen["**empties** drafts that nobody opened" if not new.msgstr else "changes texts that nobody opened"] += 1
        elif old.fuzzy != new.fuzzy:
            seen["**clears `fuzzy`** where nobody looked"] += 1
        if old.previous_msgid != new.previous_msgid:
            seen["drops `#\\|`, the former English"] += 1
    return list(seen)


def row(program: str, version: str, file: str, changed: str, report: FileReport) -> str:
    """A line of the table in docs/editors.md."""
    counts = Counter(entry.result.value for entry in report.entries)
    ended = ", ".join(f"{count} {result}" for result, count in counts.items())
    return f"| {program} {version} | {file} | {changed} | {report.outcome}: {ended} |"


def stands_in_docs(row: str) -> None:
    """The docs say of this program what was seen just now. Of another version they cannot: that is said as a skip."""
    begins = "|".join(row.split("|")[:3])
    told = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith(begins)]
    if not told:
        pytest.skip(f"all is well, but docs/editors.md is of another version; of this one it would say: {row}")
    assert row in told
