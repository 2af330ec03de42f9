"""Keep what is too much for memory on the disk while a command works.

Takes   values, one after the other
Gives   each again, as often as it is asked for
Always  the file has no name and nobody else can open it: what comes back is what went in; it ends with the process
"""

import pickle
import tempfile
import weakref
from typing import Any


class Spool:
    """Values in a temporary file. The last one that was asked for is kept in memory: neighbours are asked together."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the spool is there
        weakref.finalize(self, self._file.close)
        self._last: tuple[int, Any] | None = None

    def put(self, value: object) -> int:
        """Keep a value; returns where."""
        place = self._file.seek(0, 2)
        pickle.dump(value, self._file, pickle.HIGHEST_PROTOCOL)
        return place

    def get(self, place: int) -> Any:
        """The value that was put there."""
        if self._last is None or self._last[0] != place:
            self._file.seek(place)
            self._last = place, pickle.load(self._file)  # noqa: S301 - our own, out of a file without a name
        return self._last[1]
