"""Where workspaces are rebuilt, thousands of times: in memory if there is a place for it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED_MEMORY = Path("/dev/shm")  # Linux; elsewhere the disk does


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder that is gone after the tests."""
    in_memory = SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK)
    with tempfile.TemporaryDirectory(prefix="signoff-", dir=SHARED_MEMORY if in_memory else None) as folder:
        yield Path(folder)
