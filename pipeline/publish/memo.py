"""What was built before, so that an unchanged page is not rendered again.

Takes   a file in the workspace's private folder, or none
Gives   for every file of the site what it was made from and the hash of its bytes; made anew only if that changed
Always  a lost, broken or foreign memo costs time and nothing else: the bytes on the disk are compared by their hash
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.durable import replace_file

FORMAT = 1


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file of a site: where, the SHA-256 of its bytes, and how to have them."""

    path: PurePosixPath
    sha256: str
    data: Callable[[], bytes]


@dataclass(slots=True)
class Memo:
    """What is known of the files of one site."""

    place: Path | None = None
    """Where it is kept; None for a memo that knows nothing and is not kept."""
    site: Path | None = None
    """Where the site lies that was built before: bytes that are still there need not be made to be looked at."""
    _before: Mapping[str, Any] = field(default_factory=dict)
    _now: dict[str, dict[str, Any]] = field(default_factory=dict)
    _spool: Any = None
    """Bytes made by this process, so that nothing is rendered twice in it; on the disk, not in memory."""
    _spooled: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By SHA-256: where in the spool, and how many bytes."""
    _newest: tuple[str, bytes] = "", b""
    """The SHA-256 and bytes of the file that was made last: it is mostly asked for next."""

    @classmethod
    def load(cls, place: Path, site: Path | None = None) -> "Memo":
        """The memo at a place; an empty one if there is none that can be read."""
        try:
            known = json.loads(place.read_bytes())
            files = known["files"] if known["format"] == FORMAT else {}
            if not all(isinstance(one, dict) for one in files.values()):
                files = {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            files = {}
        return cls(place=place, site=site, _before=files)

    def __enter__(self) -> "Memo":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is asked of the memo after that."""
        if self._spool is not None:
            self._spool.close()

    def forget(self) -> None:
        """Know nothing any more: what it said was not so."""
        self._before, self._now = {}, {}

    def save(self) -> None:
        """Keep what was built, if it is not what is kept already. Nothing is asked of the memo after that."""
        self.__exit__()
        if self.place is not None and self._now != self._before:
            self._before = self._now
            replace_file(self.place, json.dumps({"format": FORMAT, "files": self._now}, ensure_ascii=False).encode())

    def recall(self, path: PurePosixPath, made_from: str) -> Mapping[str, Any] | None:
        """What was noted of a file when it was last made, if it was made from the same."""
        for known in (self._now, self._before):
            entry = known.get(str(path))
            if entry is not None and entry.get("made_from") == made_from and isinstance(entry.get("sha256"), str):
                return entry
        return None

    def keep(self, path: PurePosixPath, entry: Mapping[str, Any], make: Callable[[], bytes]) -> SiteFile:
        """A file that is as it was."""
        self._now[str(path)] = dict(entry)
        sha256 = str(entry["sha256"])
        return SiteFile(path, sha256, lambda: self._made(path, sha256, make))

    def note(self, path: PurePosixPath, made_from: str, data: bytes, **known: Any) -> SiteFile:
        """A file that was made now."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._now[str(path)] = {"made_from": made_from, "sha256": sha256, **known}
        if self.place is not None and sha256 not in self._spooled:
            if self._spool is None:
                self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
            start = self._spool.seek(0, 2)
            self._spool.write(data)
            self._spooled[sha256] = (start, len(data))
        self._newest = sha256, data
        if self.place is not None:  # a caller may keep many of these
            return SiteFile(path, sha256, lambda: self._spooled_bytes(sha256))
        return SiteFile(path, sha256, lambda: data)

    def _made(self, path: PurePosixPath, sha256: str, make: Callable[[], bytes]) -> bytes:
        if sha256 in self._spooled:
            return self._spooled_bytes(sha256)
        there = self.site / path if self.site else None
        if there and there.is_file() and hashlib.sha256(data := there.read_bytes()).hexdigest() == sha256:
            return data
        return make()

    def _spooled_bytes(self, sha256: str) -> bytes:
        if self._newest[0] == sha256:
            return self._newest[1]
        start, length = self._spooled[sha256]
        self._spool.seek(start)
        return bytes(self._spool.read(length))
