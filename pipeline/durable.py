"""Write files so that a crash or a power cut leaves the old one or the new one, whole.

Takes   a path and its bytes
Gives   the file, on the disk when the call returns
Always  temp, fsync, rename, fsync of the folder; a temp file that a crash left behind is never read
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import WorkspaceBusyError


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create a folder and its missing parents, each name durable."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` at `path`: readers see the old bytes or the new ones, never a part. Makes the folder if missing."""
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def keep_file(path: Path, data: bytes) -> None:
    """Store content-addressed bytes: like `replace_file`, but a file that is there with this length stays."""
    if not (path.is_file() and path.stat().st_size == len(data)):
        replace_file(path, data)


@contextmanager
def locked(path: Path, *, busy: str, wait: bool = False) -> Iterator[None]:
    """Hold an advisory lock on `path` (made if missing); it falls with the process, so a crash leaves no stale one.

    Raises WorkspaceBusyError with the sentence `busy` when another process holds it and `wait` is False.
    """
    make_folder(path.parent)
    with path.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise WorkspaceBusyError(busy) from error
        yield
