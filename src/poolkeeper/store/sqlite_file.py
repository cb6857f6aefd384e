"""Who may use an SQLite file? It is made for its owner alone, and one server process holds it by a lock beside it."""

import fcntl
import os
from pathlib import Path

from poolkeeper.store.db import Unavailable


def prepare(path: Path, *, exclusive: bool) -> int | None:
    """See that the file is there, and lock it: return the descriptor of `<path>-lock`, None where none is asked for."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(_open(path))
        lock = _open(Path(f"{path}-lock")) if exclusive else None
    except OSError as fault:
        raise Unavailable(f"{path} cannot be used: {fault}") from fault
    if lock is None:
        return None

    try:
        # A file of its own: closing a descriptor of the database would drop SQLite's own locks on it.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        os.close(lock)
        raise Unavailable(
            f"another process serves {path}: SQLite has one server process, PostgreSQL has as many as you like"
        ) from fault
    return lock


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
