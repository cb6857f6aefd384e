"""Who owns a file that a command writes? The owner of the file that it replaces; a new one belongs to its folder's owner.

An operator says `sudo poolkeeper ...` for a server that runs as another user: what would be root's alone, it could not
read. Files are given away by their descriptors: a name may lead elsewhere by then.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path


def keep(descriptor: int, former: os.stat_result) -> None:
    """Give a file the owner, group and mode of the one whose place it is to take.

    Raises PermissionError where this user may not.
    """
    about = os.fstat(descriptor)
    if (about.st_uid, about.st_gid) != (former.st_uid, former.st_gid):
        os.fchown(descriptor, former.st_uid, former.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(former.st_mode))


def adopt(descriptor: int, folder: Path) -> None:
    """Give a file that root has just made in a folder to the folder's owner, where root may."""
    about = folder.stat()
    if os.geteuid() == 0 and about.st_uid != 0:
        with suppress(PermissionError):
            os.fchown(descriptor, about.st_uid, about.st_gid)


def make_folder(folder: Path) -> None:
    """Make a folder where there is none, for its owner alone, and those above it; root's are adopted too.

    Raises OSError.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        adopt(descriptor, folder.parent)
    finally:
        os.close(descriptor)
