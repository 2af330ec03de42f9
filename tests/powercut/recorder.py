"""Watch a program with strace and note what it does to one folder.

Takes   a command line and the folder `root`; the folder's content before the start counts as safe on the disk
Gives   a Trace (disk.py): writes, name changes, syncs below `root` and reports on stdout, as the calls finished
Always  what was noted explains the folder as the program left it, byte for byte; else TraceError, never a guess

When processes use one name or one file at the same moment and no lock orders them, the log may show their calls in
another order than the kernel took them; that ends in a TraceError too: record again, or order them.

Not followed: chmod and times (a restored file has the mode it was created with); the content of SQLite's `-shm`
files, which are shared memory and rebuilt by SQLite. Refused when they touch `root`: copying inside the kernel
(copy_file_range, sendfile, splice, reflinks), writing through shared memory, moving files across the edge of
`root`, punching holes, io_uring and AIO.
"""

import os
import re
import signal
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from .disk import ROOT, Entry, Kind, NameChange, Node, Op, Reported, Resize, Sync, Trace, Tree, Write

_CALLS = (
    "open",
    "openat",
    "openat2",
    "creat",
    "close",
    "close_range",
    "dup",
    "dup2",
    "dup3",
    "fcntl",
    "lseek",
    "read",
    "readv",
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "truncate",
    "ftruncate",
    "fallocate",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "mkdirat",
    "mknod",
    "mknodat",
    "fsync",
    "fdatasync",
    "sync",
    "syncfs",
    "copy_file_range",
    "sendfile",
    "splice",
    "mmap",
    "ioctl",
    "chdir",
    "fchdir",
    "clone",
    "clone3",
    "fork",
    "vfork",
    "execve",
    "execveat",
    "io_uring_setup",
    "io_submit",
)
_FORKS = ("clone", "clone3", "fork", "vfork")
_LONGEST_BYTES = 1 << 26
"""strace keeps the first so many bytes of a write, 64 MiB; a longer one is refused."""


class TraceError(Exception):
    """The program could not be watched, or did something to the folder that is not simulated."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One system call that succeeded."""

    began: int
    """Lines of the log where it began and finished."""
    at: int
    thread: int
    name: str
    text: str
    """The arguments as strace prints them."""
    result: int

    @property
    def args(self) -> list[str]:
        return self.text.split(", ")  # no string holds a comma: strace -xx writes them in hexadecimal


@dataclass(slots=True)
class _Open:
    """An open file of the kernel: shared by all descriptors that dup and fork made of it."""

    inode: int
    path: str
    offset: int = 0
    append: bool = False
    waits: bool = False
    """O_SYNC or O_DSYNC: a write returns when it is safe."""


@dataclass(slots=True)
class _Process:
    """What threads share: descriptors of files below `root`, and the current folder."""

    cwd: list[str]
    files: dict[int, _Open] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    """The line of the log that gave a descriptor its present file."""
    closed_by_exec: set[int] = field(default_factory=set)

    def set(self, number: int, file: _Open, at: int, *, closed_by_exec: bool) -> None:
        """The descriptor is this file now."""
        self.files[number], self.since[number] = file, at
        (self.closed_by_exec.add if closed_by_exec else self.closed_by_exec.discard)(number)

    def close(self, number: int, call: _Call) -> None:
        """The descriptor is closed, unless another thread got the same number while the call was on its way."""
        if self.since.get(number, -1) < call.began:
            self.files.pop(number, None)


def record(
    argv: Sequence[str | Path], *, root: Path, cwd: Path, env: Mapping[str, str] | None = None, timeout_s: float = 120.0
) -> Trace:
    """Run a program in `cwd` and note what it does below `root`, itself and in all processes it starts.

    A program that fails is recorded as well: see `Trace.exit_code`. Raises TraceError if strace is missing or may
    not attach, at the timeout (the program is killed), and for what is not simulated.
    """
    root = root.resolve(strict=True)
    initial, nodes = _snapshot(root)
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "strace.log"
        command = [
            "strace",
            "--seccomp-bpf",
            "-f",
            "-y",
            "-xx",
            "-s",
            str(_LONGEST_BYTES),
            "-e",
            "signal=none",
            "-e",
            "raw=read,readv",
            "-e",
            "trace=" + ",".join(_CALLS),
            "-o",
            str(log),
            "--",
            *map(str, argv),
        ]
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise TraceError("strace is not installed; on Debian: apt-get install strace") from error
        with process:
            assert process.stdout is not None
            stdout_name = f"pipe:[{os.fstat(process.stdout.fileno()).st_ino}]"
            try:
                stdout, stderr = process.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired as error:
                os.killpg(process.pid, signal.SIGKILL)
                raise TraceError(f"the program was not done after {timeout_s} s and was killed: {argv}") from error
        lines = log.read_text("ascii").splitlines() if log.exists() else []
    complaint = stderr.decode(errors="replace")
    calls = list(_calls(lines))
    if not any(call.name == "execve" for call in calls):
        raise TraceError(f"strace could not run the program (is ptrace allowed here?): {complaint.strip()}")
    replay = _Replay(root, initial, nodes, str(cwd.resolve()), stdout_name)
    replay.run(calls)
    replay.compare(stdout)
    return Trace(initial=initial, nodes=nodes, ops=tuple(replay.ops), exit_code=process.returncode, stderr=complaint)


def _snapshot(root: Path) -> tuple[Tree, dict[int, Node]]:
    """The folder as it is. TraceError for anything but files, folders and symlinks."""
    tree = Tree()
    numbers: dict[int, int] = {}
    nodes = {ROOT: Node(Kind.FOLDER, 0o755)}

    def read(folder: Path, inode: int) -> None:
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            status = entry.stat(follow_symlinks=False)
            # a file may have several names (hard links): it is one inode
            number = numbers.setdefault(status.st_ino, len(nodes))
            tree.folders[inode][entry.name] = number
            mode = stat.S_IMODE(status.st_mode)
            if entry.is_symlink():
                nodes[number] = Node(Kind.SYMLINK, mode, str(Path(entry.path).readlink()))
            elif entry.is_dir():
                nodes[number] = Node(Kind.FOLDER, mode)
                tree.folders[number] = {}
                read(Path(entry.path), number)
            elif entry.is_file():
                nodes[number] = Node(Kind.FILE, mode)
                tree.files[number] = bytearray(Path(entry.path).read_bytes())
            else:
                raise TraceError(f"{entry.path}: neither file, folder nor symlink: not simulated")

    read(root, ROOT)
    return tree, nodes


_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)", re.DOTALL)
_UNFINISHED = " <unfinished ...>"
_RESULT = re.compile(r"(-?(?:0x)?[0-9a-f]+)")


def _calls(lines: Sequence[str]) -> Iterator[_Call]:
    """The calls that succeeded, as they finished; a call that strace shows in two lines is joined."""
    begun: dict[int, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        match = _LINE.fullmatch(line)
        if match is None:
            continue  # +++ exited with 0 +++
        thread, resumed, name, text = int(match[1]), match[2], match[3] or match[2], match[4]
        if text.endswith(_UNFINISHED):
            begun[thread] = (number, text.removesuffix(_UNFINISHED))
            continue
        began, head = begun.pop(thread) if resumed else (number, "")
        text, equals, result = (head + text).rpartition(" = ")
        value = _RESULT.match(result)
        if equals and value and not value[1].startswith("-"):
            yield _Call(began, number, thread, name, text.rstrip().removesuffix(")"), int(value[1], 0))


_STRING = re.compile(r'"([^"]*)"(\.\.\.)?')
_DESCRIPTOR = re.compile(r"(\d+|AT_FDCWD)(?:<([^>]*)>)?")


def _bytes(text: str) -> bytes:
    """All strings among the arguments, joined."""
    parts = []
    for match in _STRING.finditer(text):
        if match[2]:
            raise TraceError(f"a single write of more than {_LONGEST_BYTES} bytes: not simulated")
        parts.append(bytes.fromhex(match[1].replace("\\x", "")))
    return b"".join(parts)


def _path(arg: str) -> str:
    return os.fsdecode(_bytes(arg))


def _descriptor(arg: str) -> tuple[int, str]:
    """The number of a file descriptor and the file that the kernel says it is: `3<\\x2f\\x61>` is (3, "/a")."""
    match = _DESCRIPTOR.match(arg)
    if match is None:
        return -1, ""
    name = os.fsdecode(bytes.fromhex((match[2] or "").replace("\\x", "")))
    return (-1 if match[1] == "AT_FDCWD" else int(match[1])), name


@lru_cache(maxsize=65536)
def _symlink_outside(path: str) -> str | None:
    """Where a symlink outside the watched folder points; /proc is different for each process and left alone."""
    try:
        return None if path.startswith("/proc/") else os.readlink(path)  # noqa: PTH115 - one call per path part
    except OSError:
        return None


class _Replay:
    """Follows the calls on a tree of its own and notes the operations."""

    def __init__(self, root: Path, initial: Tree, nodes: dict[int, Node], cwd: str, stdout_name: str) -> None:
        self.ops: list[Op] = []
        self._root, self._nodes, self._live = str(root), nodes, initial.copy()
        self._stdout_name, self._cwd = stdout_name, cwd
        self._processes: dict[int, _Process] = {}
        self._parents: dict[int, _Call] = {}
        self._handlers: dict[str, Callable[[_Call], None]] = {
            name: handler for name in _CALLS if (handler := getattr(self, f"_on_{name}", None))
        }

    def run(self, calls: Sequence[_Call]) -> None:
        """Follow all calls."""
        # A child's first line may stand before the line that says whose child it is: so look ahead.
        self._parents = {call.result: call for call in calls if call.name in _FORKS and call.result}
        for call in calls:
            self._process(call.thread)
            self._handlers[call.name](call)

    def _process(self, thread: int) -> _Process:
        process = self._processes.get(thread)
        if process is None:
            fork = self._parents.get(thread)
            if fork is None:
                if self._processes:
                    raise TraceError(f"thread {thread} has no parent in the log of strace")
                process = _Process([self._cwd])
            else:
                parent = self._process(fork.thread)
                shared_cwd = parent.cwd if "CLONE_FS" in fork.text else list(parent.cwd)
                process = (
                    parent
                    if "CLONE_FILES" in fork.text
                    else _Process(shared_cwd, dict(parent.files), dict(parent.since), set(parent.closed_by_exec))
                )
            self._processes[thread] = process
        return process

    # Paths and names

    def _below(self, path: str) -> bool:
        return path == self._root or path.startswith(self._root + "/")

    def _find(self, path: str) -> int | None:
        """The inode of a path without symlinks; None if it is not there or not below root."""
        inode: int | None = ROOT
        for name in path[len(self._root) + 1 :].split("/") if path != self._root else ():
            inode = self._live.folders.get(inode, {}).get(name) if inode is not None else None
        return inode if self._below(path) else None

    def _symlink(self, path: str) -> str | None:
        if not self._below(path):
            return _symlink_outside(path)
        inode = self._find(path)
        return self._nodes[inode].target if inode is not None and self._nodes[inode].kind is Kind.SYMLINK else None

    def _real(self, base: str, path: str, *, follow: bool = False) -> str:
        """An absolute path without symlinks, `.` and `..`; the last part is followed if asked."""
        done: list[str] = []
        todo = os.path.join(base, path).split("/")[::-1]  # noqa: PTH118 - pure text
        hops = 0
        while todo:
            part = todo.pop()
            if part == "..":
                del done[-1:]
            elif part not in ("", "."):
                here = "/" + "/".join([*done, part])
                target = self._symlink(here) if todo or follow else None
                if target is None:
                    done.append(part)
                elif (hops := hops + 1) > 40:
                    raise TraceError(f"{here}: symlinks in a circle")
                else:
                    done = [] if target.startswith("/") else done
                    todo.extend(target.split("/")[::-1])
        return "/" + "/".join(done)

    def _at(self, call: _Call, folder: str, path: str, *, follow: bool = False) -> str:
        """The real path of an `…at` call's two arguments."""
        return self._real(_descriptor(folder)[1] or self._process(call.thread).cwd[0], _path(path), follow=follow)

    def _here(self, call: _Call, path: str, *, follow: bool = False) -> str:
        """The real path of an argument that is relative to the current folder."""
        return self._real(self._process(call.thread).cwd[0], _path(path), follow=follow)

    def _short(self, path: str) -> str:
        return path[len(self._root) + 1 :] or "."

    def _slot(self, path: str) -> tuple[int, str]:
        """The folder (inode) and the name of a path below root."""
        folder, _, name = path.rpartition("/")
        inode = self._find(folder)
        if inode is None:
            raise TraceError(f"{path}: its folder is not known; the log of strace has a gap")
        return inode, name

    def _note(self, op: Write | Resize | NameChange) -> None:
        self._live.apply(op)
        self.ops.append(op)

    def _renames(self, call: _Call, path: str, what: str, *entries: tuple[str, int | None]) -> None:
        changes = tuple(Entry(*self._slot(place), inode) for place, inode in entries)
        self._note(NameChange(at=call.at, path=self._short(path), what=what, entries=changes))

    def _new(self, node: Node) -> int:
        inode = len(self._nodes)  # they are numbered without gaps
        self._nodes[inode] = node
        return inode

    def _make(self, call: _Call, path: str, node: Node, verb: str) -> int:
        inode = self._new(node)
        if node.kind is Kind.FOLDER:
            self._live.folders[inode] = {}
        self._renames(call, path, f"{verb} {self._short(path)}", (path, inode))
        return inode

    # Opening and descriptors

    def _on_open(self, call: _Call) -> None:
        self._opened(call, self._here(call, call.args[0], follow="O_NOFOLLOW" not in call.text))

    def _on_creat(self, call: _Call) -> None:
        self._opened(call, self._here(call, call.args[0], follow=True), flags="O_CREAT|O_TRUNC")

    def _on_openat(self, call: _Call) -> None:
        self._opened(call, self._at(call, call.args[0], call.args[1], follow="O_NOFOLLOW" not in call.text))

    _on_openat2 = _on_openat

    def _opened(self, call: _Call, path: str, flags: str = "") -> None:
        process, flags = self._process(call.thread), flags or call.text
        if not self._below(path):
            process.files.pop(call.result, None)
            return
        mode = re.search(r"\b(0[0-7]{3,4})\b", call.text)
        node = Node(Kind.FILE, int(mode[1], 8) & ~0o022 if mode else 0o644)
        if "O_TMPFILE" in flags:
            inode: int | None = self._new(node)  # it has no name
        else:
            inode = self._find(path)
        if inode is None:
            if "O_CREAT" not in flags:
                raise TraceError(f"{path} was opened but is not known; the log of strace has a gap")
            inode = self._make(call, path, node, "create")
        elif "O_TRUNC" in flags and self._live.files.get(inode):
            self._note(Resize(at=call.at, inode=inode, path=self._short(path), size=0))
        file = _Open(
            inode, self._short(path), append="O_APPEND" in flags, waits="O_SYNC" in flags or "O_DSYNC" in flags
        )
        process.set(call.result, file, call.at, closed_by_exec="O_CLOEXEC" in flags)

    def _open_file(self, call: _Call, arg: str) -> _Open | None:
        """The open file below root that a descriptor is, None for any other."""
        number, name = _descriptor(arg)
        if not self._below(name):
            return None
        file = self._process(call.thread).files.get(number)
        if file is None:
            raise TraceError(f"descriptor {number} is {name}, but where it was opened is not known: not simulated")
        return file

    def _on_close(self, call: _Call) -> None:
        self._process(call.thread).close(_descriptor(call.args[0])[0], call)

    def _on_close_range(self, call: _Call) -> None:
        first, last = int(call.args[0]), int(call.args[1])
        process = self._process(call.thread)
        for number in [number for number in process.files if first <= number <= last]:
            if "CLOEXEC" in call.text:
                process.closed_by_exec.add(number)
            else:
                process.close(number, call)

    def _on_dup(self, call: _Call) -> None:
        process = self._process(call.thread)
        file = process.files.get(_descriptor(call.args[0])[0])
        if file is None:
            process.files.pop(call.result, None)
        else:
            process.set(call.result, file, call.at, closed_by_exec="CLOEXEC" in call.text)

    _on_dup2 = _on_dup3 = _on_dup

    def _on_fcntl(self, call: _Call) -> None:
        process, number, command = self._process(call.thread), _descriptor(call.args[0])[0], call.args[1]
        if command.startswith("F_DUPFD"):
            self._on_dup(call)
        elif command == "F_SETFL" and number in process.files:
            process.files[number].append = "O_APPEND" in call.text
        elif command == "F_SETFD":
            (process.closed_by_exec.add if "FD_CLOEXEC" in call.text else process.closed_by_exec.discard)(number)

    def _on_ioctl(self, call: _Call) -> None:
        process, number, request = self._process(call.thread), _descriptor(call.args[0])[0], call.args[1]
        if request == "FIOCLEX":
            process.closed_by_exec.add(number)
        elif request == "FIONCLEX":
            process.closed_by_exec.discard(number)
        elif "FICLONE" in call.text or "FIDEDUPE" in call.text:
            self._refuse_copy(call)

    # Bytes

    def _on_lseek(self, call: _Call) -> None:
        if (file := self._open_file(call, call.args[0])) is not None:
            file.offset = call.result

    def _on_read(self, call: _Call) -> None:
        # raw, without the bytes that were read: the descriptor is hexadecimal and has no name
        if (file := self._process(call.thread).files.get(int(call.args[0], 0))) is not None:
            file.offset += call.result

    _on_readv = _on_read

    def _on_write(self, call: _Call) -> None:
        if _descriptor(call.args[0])[1] == self._stdout_name:
            self.ops.append(Reported(at=call.at, data=_bytes(call.text)[: call.result]))
        elif (file := self._open_file(call, call.args[0])) is not None:
            file.offset = self._wrote(call, file, file.offset)

    _on_writev = _on_write

    def _on_pwrite64(self, call: _Call) -> None:
        if (file := self._open_file(call, call.args[0])) is not None:
            offset = int(call.args[3 if call.name == "pwrite64" else -1])
            self._wrote(call, file, offset)

    _on_pwritev = _on_pwrite64

    def _on_pwritev2(self, call: _Call) -> None:
        if (file := self._open_file(call, call.args[0])) is not None:
            offset = int(call.args[-2])
            if offset == -1:
                file.offset = self._wrote(call, file, file.offset)
            else:
                self._wrote(call, file, offset)

    def _wrote(self, call: _Call, file: _Open, offset: int) -> int:
        """Note a write; gives the place where it ended."""
        if file.append:
            offset = len(self._live.files.get(file.inode, b""))
        if data := _bytes(call.text)[: call.result]:
            self._note(Write(at=call.at, inode=file.inode, path=file.path, offset=offset, data=data))
        if file.waits or "RWF_SYNC" in call.text or "RWF_DSYNC" in call.text:
            self.ops.append(
                Sync(at=call.at, began=call.at + 1, inode=file.inode, path=file.path, call="O_SYNC", is_folder=False)
            )
        return offset + call.result

    def _on_truncate(self, call: _Call) -> None:
        path = self._here(call, call.args[0], follow=True)
        if (inode := self._find(path)) is not None:
            self._note(Resize(at=call.at, inode=inode, path=self._short(path), size=int(call.args[1])))

    def _on_ftruncate(self, call: _Call) -> None:
        if (file := self._open_file(call, call.args[0])) is not None:
            self._note(Resize(at=call.at, inode=file.inode, path=file.path, size=int(call.args[1])))

    def _on_fallocate(self, call: _Call) -> None:
        if (file := self._open_file(call, call.args[0])) is not None:
            if call.args[1] not in ("0", "FALLOC_FL_KEEP_SIZE"):
                raise TraceError(f"{file.path}: fallocate {call.args[1]}: not simulated")
            end = int(call.args[2]) + int(call.args[3])
            if call.args[1] == "0" and end > len(self._live.files.get(file.inode, b"")):
                self._note(Resize(at=call.at, inode=file.inode, path=file.path, size=end))

    # Syncs

    def _on_fsync(self, call: _Call) -> None:
        if (file := self._open_file(call, call.args[0])) is not None:
            self.ops.append(
                Sync(
                    at=call.at,
                    began=call.began,
                    inode=file.inode,
                    path=file.path,
                    call=call.name,
                    is_folder=self._nodes[file.inode].kind is Kind.FOLDER,
                )
            )

    _on_fdatasync = _on_fsync

    def _on_sync(self, call: _Call) -> None:
        if call.name == "sync" or self._open_file(call, call.args[0]) is not None:
            self.ops.append(Sync(at=call.at, began=call.began, inode=None, path="*", call=call.name, is_folder=False))

    _on_syncfs = _on_sync

    # Names

    def _on_mkdir(self, call: _Call) -> None:
        self._made_folder(call, self._here(call, call.args[0]))

    def _on_mkdirat(self, call: _Call) -> None:
        self._made_folder(call, self._at(call, call.args[0], call.args[1]))

    def _made_folder(self, call: _Call, path: str) -> None:
        if self._below(path):
            self._make(call, path, Node(Kind.FOLDER, int(call.args[-1], 8) & ~0o022), "mkdir")

    def _on_symlink(self, call: _Call) -> None:
        self._made_symlink(call, self._here(call, call.args[1]))

    def _on_symlinkat(self, call: _Call) -> None:
        self._made_symlink(call, self._at(call, call.args[1], call.args[2]))

    def _made_symlink(self, call: _Call, path: str) -> None:
        if self._below(path):
            self._make(call, path, Node(Kind.SYMLINK, 0o777, _path(call.args[0])), "symlink")

    def _on_link(self, call: _Call) -> None:
        self._linked(call, self._here(call, call.args[0]), self._here(call, call.args[1]))

    def _on_linkat(self, call: _Call) -> None:
        args = call.args
        follow = "AT_SYMLINK_FOLLOW" in args[4]
        self._linked(call, self._at(call, args[0], args[1], follow=follow), self._at(call, args[2], args[3]))

    def _linked(self, call: _Call, old: str, new: str) -> None:
        if self._inside(old, new):
            self._renames(call, new, f"link {self._short(old)} -> {self._short(new)}", (new, self._known(old)))

    def _on_unlink(self, call: _Call) -> None:
        self._removed(call, self._here(call, call.args[0]))

    _on_rmdir = _on_unlink

    def _on_unlinkat(self, call: _Call) -> None:
        self._removed(call, self._at(call, call.args[0], call.args[1]))

    def _removed(self, call: _Call, path: str) -> None:
        if self._below(path):
            verb = "rmdir" if call.name == "rmdir" or "AT_REMOVEDIR" in call.text else "unlink"
            self._renames(call, path, f"{verb} {self._short(path)}", (path, None))

    def _on_rename(self, call: _Call) -> None:
        self._renamed(call, self._here(call, call.args[0]), self._here(call, call.args[1]))

    def _on_renameat(self, call: _Call) -> None:
        args = call.args
        self._renamed(call, self._at(call, args[0], args[1]), self._at(call, args[2], args[3]))

    _on_renameat2 = _on_renameat

    def _renamed(self, call: _Call, old: str, new: str) -> None:
        if not self._inside(old, new) or old == new:
            return
        moved = self._known(old)
        if "RENAME_EXCHANGE" in call.text:
            self._renames(
                call, new, f"exchange {self._short(old)} <-> {self._short(new)}", (old, self._known(new)), (new, moved)
            )
        elif moved != self._find(new):  # POSIX: two names of one file: rename does nothing
            self._renames(call, new, f"rename {self._short(old)} -> {self._short(new)}", (old, None), (new, moved))

    def _inside(self, old: str, new: str) -> bool:
        if self._below(old) != self._below(new):
            raise TraceError(f"{old} -> {new}: moving or linking across the edge of the watched folder: not simulated")
        return self._below(new)

    def _known(self, path: str) -> int:
        if (inode := self._find(path)) is None:
            raise TraceError(f"{path} is not known; the log of strace has a gap")
        return inode

    # Processes and folders

    def _on_clone(self, call: _Call) -> None:
        if call.result:
            self._process(call.result)

    _on_clone3 = _on_fork = _on_vfork = _on_clone

    def _on_execve(self, call: _Call) -> None:
        process = self._process(call.thread)
        for number in process.closed_by_exec:
            process.files.pop(number, None)
        process.closed_by_exec.clear()

    _on_execveat = _on_execve

    def _on_chdir(self, call: _Call) -> None:
        self._process(call.thread).cwd[0] = self._here(call, call.args[0], follow=True)

    def _on_fchdir(self, call: _Call) -> None:
        self._process(call.thread).cwd[0] = _descriptor(call.args[0])[1]

    # What is not simulated

    def _refuse_copy(self, call: _Call) -> None:
        target = call.args[2 if call.name in ("copy_file_range", "splice") else 0]
        if self._below(name := _descriptor(target)[1]):
            raise TraceError(f"{call.name} into {name}: copying inside the kernel is not simulated")

    _on_copy_file_range = _on_sendfile = _on_splice = _refuse_copy

    def _on_mmap(self, call: _Call) -> None:
        if "MAP_SHARED" in call.text and "PROT_WRITE" in call.text:
            name = _descriptor(call.args[4])[1]
            if self._below(name) and not name.endswith("-shm"):
                raise TraceError(f"{name}: writing through shared memory (mmap) is not simulated")

    def _on_mknod(self, call: _Call) -> None:
        if self._below(path := self._here(call, call.args[0])):
            raise TraceError(f"{path}: mknod is not simulated")

    def _on_mknodat(self, call: _Call) -> None:
        if self._below(path := self._at(call, call.args[0], call.args[1])):
            raise TraceError(f"{path}: mknod is not simulated")

    def _on_io_uring_setup(self, call: _Call) -> None:
        raise TraceError(f"{call.name}: what a program writes that way is not simulated")

    _on_io_submit = _on_io_uring_setup

    # The proof that nothing was missed

    def compare(self, stdout: bytes) -> None:
        """The noted operations lead to the folder and the stdout that are there. Raises TraceError."""
        if stdout != b"".join(op.data for op in self.ops if isinstance(op, Reported)):
            raise TraceError("stdout was written in a way that was not seen")
        found, nodes = _snapshot(Path(self._root))
        self._compare(self._root, ROOT, found, nodes, ROOT)

    def _compare(self, path: str, noted: int, found: Tree, nodes: dict[int, Node], there: int) -> None:
        node, real = self._nodes[noted], nodes[there]
        if (node.kind, node.target) != (real.kind, real.target):
            raise TraceError(f"{path}: is another {real.kind.value} than the {node.kind.value} that was seen made")
        if node.kind is Kind.FILE and not path.endswith("-shm"):
            if self._live.files.get(noted, b"") != found.files[there]:
                raise TraceError(f"{path}: its bytes are not those that were seen written; the trace missed a call")
        elif node.kind is Kind.FOLDER:
            ours, theirs = self._live.folders.get(noted, {}), found.folders[there]
            if ours.keys() != theirs.keys():
                missed = ", ".join(sorted(ours.keys() ^ theirs.keys()))
                raise TraceError(f"{path}: nobody was seen making or removing {missed}; the trace missed a call")
            for name, inode in ours.items():
                self._compare(f"{path}/{name}", inode, found, nodes, theirs[name])
