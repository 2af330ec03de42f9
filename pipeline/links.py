"""No link leads Signoff out of its workspace: what it writes lands where it seems to.

Takes   a workspace, before anything in it is opened
Gives   nothing, or a ConfigError that names the link
Always  like git, which adds nothing beyond a symbolic link: a link in a clone could have a ledger, a PO file or the
        store written anywhere that its reader may write
"""

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.config import Workspace
from pipeline.errors import ConfigError


def refuse_links(workspace: Workspace) -> None:
    """Raises ConfigError for a symbolic link in a folder that Signoff writes, in the theme, or to a folder of articles.

    A link to one article is judged where that article is read: the others can be done.
    """
    for folder in (workspace.locales, workspace.ledger, workspace.private):
        for link in _links(folder):
            raise ConfigError(link, None, "is a link, and Signoff writes here: put the file or folder itself there")
    for link in _links(workspace.root / "theme"):  # what it leads to would be put on the site
        raise ConfigError(link, None, "is a link, and links are not followed: put the file or folder itself there")
    for link in _links(workspace.source_content):
        if link == workspace.source_content or link.is_dir():
            raise ConfigError(link, None, "is a link to a folder, and links are not followed: put the folder there")


def _links(folder: Path) -> Iterator[Path]:
    """The symbolic links below a folder, or the folder itself if it is one; none is followed."""
    if folder.is_symlink():
        yield folder
    elif folder.is_dir():
        waiting = [str(folder)]
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        yield Path(entry.path)
                    elif entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
