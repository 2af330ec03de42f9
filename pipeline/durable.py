"""Write files so that a crash or a power cut leaves the old one or the new one, whole.

Takes   a path and its bytes
Gives   the file, on the disk when the call returns
Always  temp, fsync, rename, fsync of the folder; a temp file that a crash left behind is never read
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import WorkspaceBusyError

_NAMED: set[Path] = set()
"""Folders whose own names this process has seen safe on the disk."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """An error of the system names the path: for a write or a sync, Python does not know it."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def sync_file(path: Path) -> None:
    """Make the bytes of a file durable that somebody else wrote, and its name."""
    _sync(path, os.O_RDONLY)
    sync_folder(path.parent)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        with naming(path):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create a folder and its missing parents, each name durable.

    A folder that is there already may have been made a moment ago by a process that was killed before it could sync
    the name, so that is done here, once a process. Its maker had its parents' names synced before.
    """
    if folder.is_dir():
        if folder not in _NAMED and os.access(folder.parent, os.R_OK):
            sync_folder(folder.parent)
    else:
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
    _NAMED.add(folder)


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` at `path`: readers see the old bytes or the new ones, never a part. Makes the folder if missing."""
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.tmp")
    with naming(path), _written_alone(temporary) as file:
        try:
            file.truncate()
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


@contextmanager
def _written_alone(temporary: Path) -> Iterator[BinaryIO]:
    """Open a temp file that only one process writes. One that a crash left behind is used again: they do not pile up.

    The lock is on the file, not on its name: whoever waited for it may find that it was renamed, and begins again.
    """
    while True:
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_named(descriptor, temporary):
                yield file
                return


def _is_named(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def keep_file(path: Path, data: bytes) -> None:
    """Store content-addressed bytes: like `replace_file`, but a file that is there with this length stays."""
    if path.is_file() and path.stat().st_size == len(data):
        sync_folder(path.parent)  # whoever put it there may have been killed before its name was safe
    else:
        replace_file(path, data)


@contextmanager
def locked(
    path: Path, *, busy: str, wait: bool = False, waiting: Callable[[str], None] = lambda busy: None
) -> Iterator[BinaryIO]:
    """Hold an advisory lock on `path` (made if missing); it falls with the process, so a crash leaves no stale one.

    Gives the open lock file, where the holder may leave a note for the next one.
    Raises WorkspaceBusyError with the sentence `busy` when another process holds it and `wait` is False; else that
    sentence is for `waiting`, before the wait.
    """
    make_folder(path.parent)
    with path.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if not wait:
                raise WorkspaceBusyError(busy) from error
            waiting(busy)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file
