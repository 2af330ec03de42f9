"""One archive of everything that cannot be made again, and the way back.

Takes   an open store; a `.tar.gz`
Gives   the archive; the files in their places
Always  the archive is consistent while others write; a restore overwrites nothing: the store that was there is moved
        aside, and a ledger file is only replaced by a longer one that begins with it
"""

import io
import tarfile
import tempfile
from pathlib import Path

from pipeline.durable import make_folder, replace_file, sync_folder
from pipeline.errors import StoreError
from pipeline.store import Store

MAX_BYTES = 16 * 1024**3


def write_backup(store: Store, archive: Path) -> int:
    """Write the archive; returns how many files it holds."""
    with tempfile.TemporaryDirectory(prefix="signoff-backup-") as scratch:
        copy = Path(scratch) / "store.sqlite"
        store.copy_to(copy)
        returned, ledger = store.private / "returned", store.ledger
        members = [(copy, "store.sqlite")]
        members += [(path, f"returned/{path.name}") for path in sorted(returned.glob("*")) if path.is_file()]
        members += [
            (path, f"ledger/{path.relative_to(ledger).as_posix()}")
            for path in sorted(ledger.rglob("*"))
            if path.is_file()
        ]
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for path, name in members:
                tar.add(path, name, recursive=False)
    replace_file(archive, buffer.getvalue())
    return len(members)


def read_backup(archive: Path, private: Path, ledger: Path) -> Path | None:
    """Put an archive's files in their places; returns where the store that was there is now.

    Raises StoreError, and changes nothing, for an archive that is not one of ours or is damaged.
    """
    try:
        with tarfile.open(archive, "r:gz") as tar:
            files = {member.name: _bytes(tar, member) for member in tar.getmembers()}
    except (tarfile.TarError, EOFError, OSError) as error:
        raise StoreError(f"{archive}: cannot be read as a backup: {error}") from error
    names = [name for name in files if not _ours(name)]
    if names or "store.sqlite" not in files:
        raise StoreError(f"{archive}: is no backup of a Signoff workspace ({names[0] if names else 'no store in it'})")
    for name, data in files.items():
        path = ledger.parent / name
        if name.endswith(".jsonl") and path.exists():
            there = path.read_bytes()
            if not there.startswith(data) and not data.startswith(there):
                raise StoreError(f"{path}: is not the ledger that the backup was made of: move it away first")
    aside = _move_aside(private)
    for name, data in files.items():
        path = private / name if name == "store.sqlite" or name.startswith("returned/") else ledger.parent / name
        if not (name.startswith("ledger/") and path.exists() and path.stat().st_size >= len(data)):
            replace_file(path, data)
    return aside


def _ours(name: str) -> bool:
    """No path is ever built from what an archive says, but for these three shapes."""
    parts = name.split("/")
    plain = all(part and part not in (".", "..") and "\\" not in part for part in parts)
    return plain and (name == "store.sqlite" or (parts[0] in ("returned", "ledger") and 2 <= len(parts) <= 3))


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member) if member.isfile() else None
    if file is None or member.size > MAX_BYTES:
        raise StoreError(f"{tar.name!r}: {member.name} is no plain file")
    return file.read()


def _move_aside(private: Path) -> Path | None:
    """Rename the store's files so that the way back stays open."""
    if not (private / "store.sqlite").exists():
        return None
    number = 1
    while (private / f"before-restore-{number}").exists():
        number += 1
    aside = private / f"before-restore-{number}"
    make_folder(aside)
    for path in sorted(private.glob("store.sqlite*")):
        path.rename(aside / path.name)
    sync_folder(aside)
    sync_folder(private)
    return aside
