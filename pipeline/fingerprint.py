"""A hash of our own code: what was made by another version of it is made again.

Takes   the file of a package's `__init__`
Gives   one hash over the package's code and data files
"""

import hashlib
from functools import cache
from pathlib import Path

ENDINGS = frozenset({".py", ".toml", ".html", ".css"})


@cache
def code_hash(package_file: str) -> str:
    """SHA-256 over the names and bytes of a package's files, in order of their names."""
    total = hashlib.sha256()
    folder = Path(package_file).parent
    for path in sorted(path for path in folder.rglob("*") if path.suffix in ENDINGS):
        total.update(f"{path.relative_to(folder).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
