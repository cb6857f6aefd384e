"""Who may use an SQLite file, and is it whole? Made for its owner alone, held by one server by a lock beside it, and marked.

What a running server wrote last is in the WAL, not in the file: a copy of the file alone lacks it, and SQLite cannot tell.
So a server that opens the file draws a number and puts it into the file's header (`user_version`) and into the lock beside
it; one that stops in peace puts nought there. A file with a number that no lock beside it knows is a bare copy.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from poolkeeper import owners
from poolkeeper.entropy import Entropy
from poolkeeper.store.db import Unavailable

_SQLITE = b"SQLite format 3\0"
# Where user_version stands in the header of a file (sqlite.org/fileformat2.html, 1.3), big-endian.
_MARK_AT, _MARK_LENGTH, _LARGEST = 60, 4, 2**31 - 1
# Marks that the lock remembers: of servers that were killed one after the other the newest may be in the WAL alone.
_MARKS = 8


class BareCopy(Unavailable):
    """A copy of a running server's file without its WAL."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.absolute()} is a copy of a running server's file without its WAL")
        self.path = path.absolute()


def prepare(path: Path, *, exclusive: bool) -> int | None:
    """See that the file is there, and lock it: return the descriptor of `<path>-lock`, None where none is asked for."""
    try:
        owners.make_folder(path.parent)
        os.close(_open(path))
    except OSError as fault:
        raise _unusable(path, fault) from fault
    return lock(path) if exclusive else None


def lock(path: Path) -> int:
    """Take the lock beside a file and return its descriptor.

    Raises Unavailable where another process has it.
    """
    try:
        descriptor = _open(_lock_of(path))
    except OSError as fault:
        raise _unusable(path, fault) from fault
    try:
        # A file of its own: closing a descriptor of the database would drop SQLite's own locks on it.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        os.close(descriptor)
        raise Unavailable(
            f"another process serves {path}: SQLite has one server process, PostgreSQL has as many as you like"
        ) from fault
    return descriptor


def new_mark(descriptor: int, entropy: Entropy) -> int:
    """Draw a mark, and add it to those that the lock knows, before it gets into the file."""
    mark = entropy.below(_LARGEST) + 1
    _write(descriptor, [*_known(os.pread(descriptor, 4096, 0)), mark][-_MARKS:])
    return mark


def forget(descriptor: int, path: Path) -> None:
    """Forget all marks, once a file has none. Not while this process has it open: that would drop SQLite's locks."""
    if mark_of(path) == 0:
        _write(descriptor, ())


def mark_of(path: Path) -> int:
    """Return the mark in a file's header as it lies on the disk, whatever the WAL says; 0 where there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        head = os.pread(descriptor, _MARK_AT + _MARK_LENGTH, 0)
        return int.from_bytes(head[_MARK_AT:]) if head.startswith(_SQLITE) else 0
    finally:
        os.close(descriptor)


def is_bare(path: Path) -> bool:
    """Say whether a file is a copy that somebody took of a running server's, or one that is not of this place.

    Raises Unavailable where it cannot be read.
    """
    try:
        mark = mark_of(path)
        return mark != 0 and mark not in _known(_lock_of(path).read_bytes() if _lock_of(path).exists() else b"")
    except OSError as fault:
        raise _unusable(path, fault) from fault


def _lock_of(path: Path) -> Path:
    return Path(f"{path}-lock")


def _known(content: bytes) -> list[int]:
    return [int(word) for word in content.split() if word.isdigit()]


def _write(descriptor: int, marks: Sequence[int]) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, " ".join(str(mark) for mark in marks).encode(), 0)
    os.fsync(descriptor)


def _open(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    owners.adopt(descriptor, path.parent)
    return descriptor


def _unusable(path: Path, fault: OSError) -> Unavailable:
    return Unavailable(f"{path.absolute()} cannot be used: {fault.strerror}")
