"""A disk that is really full: a tmpfs of a few pages, seen only by the commands that are typed inside.

Takes   a folder, and how large the disk is that is put there
Gives   what starts a command inside, and the folder as it looks from there
Always  no rights are needed where the kernel lets anybody have a mount namespace; elsewhere the test is skipped, and
        says so. The disk is gone when the test ends
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """The namespace of a process that does nothing but hold it open."""

    mount: Path
    holder: int

    @property
    def inside(self) -> tuple[str, ...]:
        """What starts a command in it."""
        return ("nsenter", "--preserve-credentials", "--user", "--mount", f"--target={self.holder}", "--wd=.")

    def seen(self, path: Path) -> Path:
        """A path inside, as it is named outside."""
        return Path(f"/proc/{self.holder}/root{path}")

    def make_room(self) -> None:
        """Somebody cleans up."""
        done = subprocess.run(
            [*self.inside, "mount", "-o", "remount,size=64m", str(self.mount)], check=False, capture_output=True
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def small_disk(mount: Path, kilobytes: int) -> Iterator[SmallDisk]:
    """A disk of that size at `mount`, an empty folder."""
    if not shutil.which("unshare") or not shutil.which("nsenter"):
        pytest.skip("a small disk needs unshare and nsenter of util-linux")
    mount.mkdir(parents=True, exist_ok=True)
    holder = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
         'mount -t tmpfs -o "size=$1" tmpfs "$2" && echo mounted && exec sleep 600', "sh",
         f"{kilobytes}k", str(mount)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout and holder.stderr
        if holder.stdout.readline() != "mounted\n":
            pytest.skip(f"no mount namespace is to be had here: {holder.stderr.read().strip()}")
        yield SmallDisk(mount, holder.pid)
    finally:
        holder.kill()
        holder.communicate()
