"""One archive of everything that cannot be made again, and the way back.

Takes   an open store; a `.tar.gz`
Gives   the archive; the files in their places
Always  the archive is consistent while others write; a restore overwrites nothing: the store that was there is moved
        aside, and a ledger file is only replaced by a longer one that begins with it
"""

import gzip
import io
import tarfile
import tempfile
import zlib
from pathlib import Path

from pipeline.durable import make_folder, replace_file, sync_folder
from pipeline.errors import StoreError
from pipeline.store import Store
from pipeline.store.ledger import check_links, read_lines

STORE = "store.sqlite"
MAX_BYTES = 4 * 1024**3
"""Of all files of an archive together, unpacked."""


def write_backup(store: Store, archive: Path) -> int:
    """Write the archive; returns how many files it holds."""
    members: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="signoff-backup-") as scratch:
        copy = Path(scratch) / STORE
        store.copy_to(copy)
        members[STORE] = copy.read_bytes()
    # The store was copied first: what the files below have more, a restored store reads from them.
    for folder, name in ((store.private / "returned", "returned"), (store.ledger, "ledger")):
        for path in sorted(folder.rglob("*")):
            # A name with a dot in front is a file that somebody is just writing.
            if path.is_file() and not path.name.startswith("."):
                data = path.read_bytes()
                whole = data[: data.rfind(b"\n") + 1] if path.suffix == ".jsonl" else data
                members[f"{name}/{path.relative_to(folder).as_posix()}"] = whole
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    replace_file(archive, buffer.getvalue())
    return len(members)


def read_backup(archive: Path, private: Path, ledger: Path) -> Path | None:
    """Put an archive's files in their places; returns where the store that was there is now.

    Raises StoreError or LedgerError, and changes nothing, for an archive that is not one of ours or is damaged.
    """
    files = _members(archive)
    for name, data in files.items():
        path = ledger.parent / name
        if name.endswith(".jsonl"):
            check_links(read_lines(data, f"{archive}: {name}"), f"{archive}: {name}")
            there = path.read_bytes() if path.exists() else b""
            if not there.startswith(data) and not data.startswith(there):
                raise StoreError(f"{path}: is not the ledger that the backup was made of: move it away first")
    aside = _move_aside(private)
    for name, data in files.items():
        path = private / name if name == STORE or name.startswith("returned/") else ledger.parent / name
        if not (name.startswith("ledger/") and path.exists() and path.stat().st_size >= len(data)):
            replace_file(path, data)
    return aside


def _members(archive: Path) -> dict[str, bytes]:
    """The files of an archive of ours by name. Raises StoreError."""
    files: dict[str, bytes] = {}
    try:
        with gzip.open(archive) as file:
            # All of it first: the checksum stands at the end, and tarfile takes a damaged header for the end.
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise StoreError(f"{archive}: is larger than any backup: over {MAX_BYTES // 1024**3} GB")
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                if not _ours(member.name) or not member.isfile() or member.name in files:
                    raise StoreError(f"{archive}: is no backup of a Signoff workspace ({member.name!r} is in it)")
                inside = tar.extractfile(member)
                files[member.name] = inside.read() if inside else b""
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise StoreError(f"{archive}: cannot be read as a backup: {error}") from error
    if not files.get(STORE, b"").startswith(b"SQLite format 3\0"):
        raise StoreError(f"{archive}: is no backup of a Signoff workspace (no store in it)")
    return files


def _ours(name: str) -> bool:
    """No path is ever built from what an archive says, but for these three shapes."""
    parts = name.split("/")
    plain = all(part and part not in (".", "..") and "\\" not in part for part in parts)
    return (
        plain
        and name.isprintable()
        and (name == STORE or (parts[0] in ("returned", "ledger") and 2 <= len(parts) <= 3))
    )


def _move_aside(private: Path) -> Path | None:
    """Rename the store's files so that the way back stays open."""
    if not (private / STORE).exists():
        return None
    number = 1
    while (private / f"before-restore-{number}").exists():
        number += 1
    aside = private / f"before-restore-{number}"
    make_folder(aside)
    for path in sorted(private.glob(f"{STORE}*")):
        path.rename(aside / path.name)
    sync_folder(aside)
    sync_folder(private)
    return aside
