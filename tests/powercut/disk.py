"""What a disk may hold after a power cut: a small model of files, folders and syncs.

Takes   a Trace: what a program wrote, named, synced and reported, in order (recorder.py makes one)
Gives   Cuts: every kind of folder that the program could find when the power comes back
Always  a Cut holds only what the rules below allow; the same seed gives the same Cuts

A program that writes is not done when the call returns: the change waits in memory (it is *pending*) until a sync
of that file or folder makes it *safe*. The power may go at any moment. Then all that was safe is there, and of
the pending changes any part may be. The rules, which are those of POSIX with what journals of file systems add:

 1. What lay in the folder before the program started is safe.
 2. Bytes of a file are pending until `fsync` or `fdatasync` of that file. They reach the disk in sectors of 512
    bytes, in any order: a long write may be torn, a short one may be lost while a later one is there. One sector
    is never torn: it is as it was at one moment since the last sync.
 3. The length of a file is pending too, and may land before its bytes: the missing ones are then zeros. Lengths
    of one file land in order, and bytes written after a truncation do not land before the truncation.
 4. A name (create, rename, exchange, link, unlink, mkdir, rmdir) belongs to its folder and is pending until a sync
    of the *folder*. Syncing a file does not save its name. A change is atomic: a rename or an exchange is done or
    not done, and no name is torn; one that touches two folders is safe after a sync of both.
 5. Changes of names in one folder land in order; those of different folders in any order (`NameOrder` has a
    milder and a stricter rule). A folder whose own name is lost is lost with all that is in it.
 6. `close`, `sync_file_range` and the end of the program save nothing; `sync` and `syncfs` save everything.

Where a cut is tried: after each sync, name change and report, and before each sync, since that is when most is
pending. Between two of these points only pending changes come on top, and a disk that lost the last of them is
among the disks of the later point, which has reported as much or more: so no disk is missed.
"""

import hashlib
import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

SECTOR_BYTES = 512
"""What a disk writes as a whole: the smallest sector in use."""
ROOT = 0
"""The inode of the folder that is watched. An inode is the file or folder itself, whatever its name is."""
_KEEP_BYTES = 1 << 26
"""How many bytes of computed file contents are kept for the next states: 64 MiB."""


class NameOrder(StrEnum):
    """In which order changes of names reach the disk."""

    PER_FOLDER = "in order within each folder"
    """The default: a folder's changes in order, folders independent, a name safe only by a sync of its folder."""
    JOURNAL = "one journal"
    """As ext4 and XFS do today: all changes in one order, and any sync makes all earlier ones safe."""
    ANY = "any"
    """As strict as POSIX can be read: any subset of the pending changes."""


class Kind(Enum):
    """What an inode is."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symlink"


@dataclass(frozen=True, slots=True)
class Node:
    """An inode: what it is for all its life."""

    kind: Kind
    mode: int
    """Permission bits, at the start or as created; `chmod` is not followed."""
    target: str = ""
    """Where a symlink points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Bytes written into a file."""

    at: int
    """When the call was finished: a number that grows along the trace. All operations have it."""
    inode: int
    path: str
    """The name at that time, below the watched folder. All operations but a report have it."""
    offset: int
    data: bytes

    def __str__(self) -> str:
        return f"write {self.path} [{self.offset}, {self.offset + len(self.data)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    """A file cut or grown to `size` bytes."""

    at: int
    inode: int
    path: str
    size: int

    def __str__(self) -> str:
        return f"resize {self.path} to {self.size}"


class Entry(NamedTuple):
    """From now on, `name` in `folder` is `inode`, or nothing."""

    folder: int
    name: str
    inode: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChange:
    """One atomic change of names: create, mkdir, symlink, link, rename, exchange, unlink, rmdir."""

    at: int
    path: str
    what: str
    """For people: `rename a.tmp -> a`."""
    entries: tuple[Entry, ...]

    @property
    def folders(self) -> frozenset[int]:
        """The inodes of the folders that change."""
        return frozenset(entry.folder for entry in self.entries)

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """What was finished before the call began is safe now: of one file or folder, or of all (`inode` None)."""

    at: int
    began: int
    inode: int | None
    path: str
    call: str
    """`fsync`, `fdatasync`, `sync`, `syncfs`, or `O_SYNC` for a write that waits for the disk."""
    is_folder: bool

    def __str__(self) -> str:
        return f"{self.call} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """Bytes on the program's stdout: from here on the world believes them."""

    at: int
    data: bytes

    def __str__(self) -> str:
        return f"report {self.data.decode(errors='replace').strip()!r}"


Pending = Write | Resize | NameChange
Op = Pending | Sync | Reported


class Tree:
    """Folders and files as they are at one moment; `apply` moves it on."""

    def __init__(self) -> None:
        self.folders: dict[int, dict[str, int]] = {ROOT: {}}
        self.files: dict[int, bytearray] = {}

    def copy(self) -> "Tree":
        """Another tree with the same content, to be changed by itself."""
        tree = Tree()
        tree.folders = {inode: dict(names) for inode, names in self.folders.items()}
        tree.files = {inode: bytearray(data) for inode, data in self.files.items()}
        return tree

    def apply(self, op: Pending) -> None:
        """Carry out one operation."""
        if isinstance(op, NameChange):
            for folder, name, inode in op.entries:
                _name(self.folders.setdefault(folder, {}), name, inode)
        else:
            _change(self.files.setdefault(op.inode, bytearray()), op)


def _name(names: dict[str, int], name: str, inode: int | None) -> None:
    if inode is None:
        names.pop(name, None)
    else:
        names[name] = inode


def _resize(content: bytearray, size: int) -> None:
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


def _size_after(size: int, op: Write | Resize) -> int:
    return op.size if isinstance(op, Resize) else max(size, op.offset + len(op.data)) if op.data else size


def _change(content: bytearray, op: Write | Resize) -> None:
    _resize(content, _size_after(len(content), op))
    if isinstance(op, Write):
        content[op.offset : op.offset + len(op.data)] = op.data


class Fate(NamedTuple):
    """What became of one pending operation when the power went. A name change has landed if `size` is true."""

    size: bool
    sectors: frozenset[int] | None
    """Which sectors of the file landed, counted from the file's start; None: all that were written."""


LANDED = Fate(True, None)
LOST = Fate(False, frozenset())
ZEROS = Fate(True, frozenset())
"""The file is as long as it was made, but the bytes are not there."""


def _sectors(op: Write | Resize) -> range:
    """The sectors that a write touches; a resize touches none, what it cuts or grows is a matter of the length."""
    if isinstance(op, Resize) or not op.data:
        return range(0)
    return range(op.offset // SECTOR_BYTES, (op.offset + len(op.data) - 1) // SECTOR_BYTES + 1)


def content_after(safe: bytes | bytearray, ops: Sequence[Write | Resize], fates: Sequence[Fate]) -> bytes:
    """One file after the cut: its safe bytes, and of its pending operations what their fates say (rules 2 and 3)."""
    sizes = list(accumulate(ops, _size_after, initial=len(safe)))
    changed = [i for i, fate in enumerate(fates) if fate.size and sizes[i] != sizes[i + 1]]
    lengths_landed = changed[-1] + 1 if changed else 0
    memory, disk = bytearray(safe), bytearray(safe)
    for i, (op, fate) in enumerate(zip(ops, fates, strict=True)):
        _change(memory, op)
        if sizes[i + 1] < sizes[i]:
            if i >= lengths_landed:
                break  # the truncation did not land, so what came after it has no place on the disk
            _resize(disk, min(len(disk), sizes[i + 1]))
        for sector in _sectors(op):
            if fate.sectors is None or sector in fate.sectors:
                start = sector * SECTOR_BYTES
                piece = memory[start : start + SECTOR_BYTES]
                if len(disk) < start:
                    _resize(disk, start)
                disk[start : start + len(piece)] = piece  # the whole sector, with earlier pending writes to it
    _resize(disk, sizes[lengths_landed])
    return bytes(disk)


class Item(NamedTuple):
    """One path in a rebuilt folder."""

    node: Node
    data: bytes
    """A file's bytes; empty for a folder or symlink."""
    digest: bytes


def _digest(node: Node, data: bytes) -> bytes:
    return hashlib.blake2b(data or node.target.encode(), digest_size=16, salt=node.kind.value.encode()).digest()


class Disk:
    """What is safe and what is pending, moved along a trace by `take`."""

    def __init__(self, trace: "Trace", names: NameOrder) -> None:
        self._nodes, self._names = trace.nodes, names
        self._safe = trace.initial.copy()
        self.pending: list[Pending] = []
        self._unsynced: dict[int, set[int]] = {}
        """Per pending name change (its `at`): which of its folders were not synced since."""
        self._version: dict[int, int] = {}
        self._contents: dict[tuple[int, int, tuple[Fate, ...]], Item] = {}
        self._kept_bytes = 0

    def take(self, op: Op) -> None:
        """The next operation of the trace has happened."""
        if isinstance(op, Sync):
            self._sync(op)
        elif not isinstance(op, Reported):
            self.pending.append(op)
            if isinstance(op, NameChange):
                self._unsynced[op.at] = set(op.folders)

    def _sync(self, sync: Sync) -> None:
        safe = {
            id(op)
            for op in self.pending
            if op.at < sync.began and not isinstance(op, NameChange) and sync.inode in (None, op.inode)
        }
        ordered: set[int] = set()  # folders where a later change became safe, so the earlier ones did too
        for op in reversed(self.pending):
            if isinstance(op, NameChange) and op.at < sync.began:
                unsynced = self._unsynced[op.at]
                if sync.inode is None or self._names is NameOrder.JOURNAL:
                    unsynced.clear()
                else:
                    unsynced.discard(sync.inode)
                if not unsynced or not ordered.isdisjoint(op.folders):
                    safe.add(id(op))
                    if self._names is not NameOrder.ANY:
                        ordered |= op.folders
        for op in self.pending:
            if id(op) in safe:
                self._safe.apply(op)
                if not isinstance(op, NameChange):
                    self._version[op.inode] = op.at
        self.pending = [op for op in self.pending if id(op) not in safe]

    def possible(self, fates: list[Fate]) -> list[Fate]:
        """The fates, where a name change is lost because one that it builds on is lost (rule 5)."""
        if self._names is NameOrder.ANY:
            return fates
        lost: set[int] = set()
        result = []
        for op, fate in zip(self.pending, fates, strict=True):
            if isinstance(op, NameChange):
                folders = frozenset((ROOT,)) if self._names is NameOrder.JOURNAL else op.folders
                if not fate.size or not lost.isdisjoint(folders):
                    lost |= folders
                    fate = LOST
            result.append(fate)
        return result

    def tree_after(self, fates: list[Fate]) -> dict[str, Item]:
        """The whole folder after the cut, parents before children. Fates as `possible` gives them."""
        folders = dict(self._safe.folders)
        own: set[int] = set()
        data: dict[int, tuple[list[Write | Resize], list[Fate]]] = {}
        for op, fate in zip(self.pending, fates, strict=True):
            if not isinstance(op, NameChange):
                ops, fates_of_file = data.setdefault(op.inode, ([], []))
                ops.append(op)
                fates_of_file.append(fate)
            elif fate.size:
                for folder, name, inode in op.entries:
                    if folder not in own:
                        own.add(folder)
                        folders[folder] = dict(folders.get(folder, {}))
                    _name(folders[folder], name, inode)
        tree: dict[str, Item] = {}
        waiting = [("", ROOT)]
        seen = {ROOT}  # under NameOrder.ANY a moved folder may have two names: the first one found keeps it
        while waiting:
            prefix, folder = waiting.pop()
            for name, inode in folders.get(folder, {}).items():
                kind = self._nodes[inode].kind
                if kind is Kind.FOLDER:
                    if inode in seen:
                        continue
                    seen.add(inode)
                    waiting.append((f"{prefix}{name}/", inode))
                tree[prefix + name] = self._item(inode, *data.get(inode, ((), ())))
        return tree

    def _item(self, inode: int, ops: Sequence[Write | Resize], fates: Sequence[Fate]) -> Item:
        key = (inode, self._version.get(inode, -1), tuple(fates))
        item = self._contents.get(key)
        if item is None:
            node = self._nodes[inode]
            safe = self._safe.files.get(inode, bytearray())
            content = content_after(safe, ops, fates) if ops else bytes(safe)
            if self._kept_bytes > _KEEP_BYTES:
                self._contents.clear()
                self._kept_bytes = 0
            item = self._contents[key] = Item(node, content, _digest(node, content))
            self._kept_bytes += len(content)
        return item


def _scenarios(pending: Sequence[Pending], rng: random.Random, at_most: int) -> Iterator[list[Fate]]:
    """What may have become of the pending operations, the telling cases first, then at random."""

    def fates(landed: Callable[[Pending], Fate]) -> list[Fate]:
        return [landed(op) for op in pending]

    def by_kind(names: Fate, data: Fate) -> list[Fate]:
        return fates(lambda op: names if isinstance(op, NameChange) else data)

    always = [fates(lambda op: LOST)]
    if pending:
        always += [fates(lambda op: LANDED), by_kind(LANDED, LOST), by_kind(LANDED, ZEROS), by_kind(LOST, LANDED)]
    yield from always[:at_most]
    room = at_most - len(always)
    if not pending or room <= 0:
        return
    count = len(pending)
    inodes = sorted({op.inode for op in pending if not isinstance(op, NameChange)})
    orderly: list[tuple[str, int]] = [("first", i) for i in range(1, count)]
    orderly += [("all but", i) for i in range(count)] + [("all but file", inode) for inode in inodes]
    if len(orderly) > (room + 1) // 2:
        orderly = rng.sample(orderly, (room + 1) // 2)
    for how, which in orderly:
        if how == "all but file":
            yield fates(lambda op: LOST if not isinstance(op, NameChange) and op.inode == which else LANDED)  # noqa: B023
        else:
            yield [LANDED if (i < which if how == "first" else i != which) else LOST for i in range(count)]
    for _ in range(room - len(orderly)):
        share = rng.choice((0.2, 0.5, 0.8))
        yield fates(lambda op: _random_fate(op, rng, share))  # noqa: B023


def _random_fate(op: Pending, rng: random.Random, share: float) -> Fate:
    """Landed with probability `share`, else lost; one write in three is torn, half of those as its first part."""
    if isinstance(op, Write) and rng.random() < 1 / 3:
        sectors = _sectors(op)
        if rng.random() < 0.5:
            return Fate(rng.random() < 0.5, frozenset(sectors[: rng.randint(0, len(sectors))]))
        return Fate(rng.random() < 0.5, frozenset(sector for sector in sectors if rng.random() < share))
    return LANDED if rng.random() < share else LOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One folder that a power cut could leave, and what the program had reported by then."""

    reported: str
    """All of stdout up to the cut."""
    after: Op
    """The last operation that was finished when the power went."""
    pending: tuple[Pending, ...] = field(repr=False)
    fates: tuple[Fate, ...] = field(repr=False)
    """What became of each pending operation."""
    tree: dict[str, Item] = field(repr=False)
    """What is on the disk: path below the watched folder to file, folder or symlink."""

    def describe(self) -> str:
        """One line: when the power went and what was lost."""
        lost = [text for op, fate in zip(self.pending, self.fates, strict=True) if (text := _loss(op, fate))]
        shown = "; ".join(lost[:6]) + (f"; and {len(lost) - 6} more" if len(lost) > 6 else "")
        kept = len(self.pending) - len(lost)
        return f"power cut after «{self.after}»: {shown or 'nothing'} lost, {kept} pending landed"

    def rebuild(self, into: Path) -> None:
        """Write the folder into `into`, which must be absent or empty (FileExistsError). Owned by the caller."""
        into.mkdir(parents=True, exist_ok=True)
        if any(into.iterdir()):
            raise FileExistsError(f"{into}: rebuild a power cut into a folder of its own")
        base = f"{into}/"
        for path, item in self.tree.items():
            if item.node.kind is Kind.FOLDER:
                os.mkdir(base + path, item.node.mode | 0o700)  # noqa: PTH102 - thousands of trees: pathlib is slow here
            elif item.node.kind is Kind.SYMLINK:
                os.symlink(item.node.target, base + path)  # noqa: PTH211
            else:
                file = os.open(base + path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, item.node.mode | 0o600)
                with open(file, "wb", buffering=0) as stream:  # noqa: PTH123
                    stream.write(item.data)


def _loss(op: Pending, fate: Fate) -> str:
    """What is missing of one operation, or nothing."""
    touched = range(0) if isinstance(op, NameChange) else _sectors(op)
    if fate == LOST:
        return str(op)
    if fate.sectors is not None and not set(touched) <= fate.sectors:
        length = " and its length" if fate.size else ""
        return f"{op} torn: {len(fate.sectors)} of {len(touched)} sectors{length} landed"
    return "" if fate.size else f"{op}: its length"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a program did to the watched folder and reported on stdout, in the order in which the calls finished."""

    initial: Tree
    """The folder before the program started; do not change it."""
    nodes: dict[int, Node] = field(repr=False)
    """Every inode that was ever there."""
    ops: tuple[Op, ...]
    exit_code: int
    """The program's; minus the signal's number if it was killed."""
    stderr: str

    @property
    def stdout(self) -> str:
        """All that was reported."""
        return b"".join(op.data for op in self.ops if isinstance(op, Reported)).decode(errors="replace")

    @property
    def syncs(self) -> tuple[Sync, ...]:
        """The program's syncs, to choose from for `drop_syncs`."""
        return tuple(op for op in self.ops if isinstance(op, Sync))

    def drop_syncs(self, dropped: Callable[[Sync], bool]) -> "Trace":
        """The trace of the same program without some of its syncs. ValueError if it made none of these."""
        if not any(dropped(sync) for sync in self.syncs):
            raise ValueError("the program made no such sync, so dropping it would prove nothing")
        return replace(self, ops=tuple(op for op in self.ops if not (isinstance(op, Sync) and dropped(op))))

    def cuts(
        self, seed: int, per_cut: int, *, names: NameOrder = NameOrder.PER_FOLDER, points: int | None = None
    ) -> Iterator[Cut]:
        """The folders that a power cut could leave, in the order of time, at most `per_cut` for each moment.

        For each moment: nothing pending landed; all; only names; names and lengths but no bytes; only bytes; each
        first part of the pending operations, all but one, all but one file; and random subsets with writes torn
        at sectors. What is more than `per_cut` is drawn by `seed`. `points` bounds the moments in the same way; the
        end is always one. No two cuts have the same folder and the same report.
        """
        moments = self._moments(seed, points)
        disk, reported, seen = Disk(self, names), b"", set()
        for place, op in enumerate(self.ops):
            disk.take(op)
            reported += op.data if isinstance(op, Reported) else b""
            if place not in moments:
                continue
            pending = tuple(disk.pending)
            for fates in _scenarios(pending, random.Random(f"{seed} {op.at}"), per_cut):
                fates = disk.possible(fates)
                tree = disk.tree_after(fates)
                state = hashlib.blake2b(reported, digest_size=16)
                for path, item in sorted(tree.items()):
                    state.update(path.encode(errors="surrogateescape") + b"\0" + item.digest)
                if (key := state.digest()) not in seen:
                    seen.add(key)
                    yield Cut(
                        reported=reported.decode(errors="replace"),
                        after=op,
                        pending=pending,
                        fates=tuple(fates),
                        tree=tree,
                    )

    def _moments(self, seed: int, points: int | None) -> set[int]:
        """The places in `ops` after which the power is cut: the rule at the top of this file."""
        last = len(self.ops) - 1
        found = [
            i
            for i, op in enumerate(self.ops)
            if i == last or not isinstance(op, Write | Resize) or isinstance(self.ops[i + 1], Sync)
        ]
        if points is not None and len(found) > points:
            found = [*random.Random(seed).sample(found[:-1], max(points - 1, 0)), last]
        return set(found)
