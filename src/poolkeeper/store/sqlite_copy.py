"""How is an SQLite file copied whole, beside a running server too? By SQLite's online backup, checked, as one file."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from poolkeeper import owners
from poolkeeper.store.sqlite_file import BareCopy, is_bare

_PATIENCE_SECONDS = 5
# The source is only read: what has no room, or may not be written, is the copy.
_OF_THE_TARGET = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC}
)


class CopyError(Exception):
    """A copy that was not made. The message names the file and says why."""


def copy(source: Path, target: Path, *, for_place: Path | None = None) -> None:
    """Copy a database as it is at one moment, with what is in its WAL, to a new file for its owner alone.

    `for_place`: the copy will stand there, and belongs to whom the file there belongs, or to the folder's owner.
    Raises CopyError where the source is no database or is damaged, or the target is there already or cannot be written;
    what was begun of it is removed then. Raises BareCopy where the source lacks its WAL.
    """
    if not source.is_file():
        raise CopyError(f"there is no file {source.absolute()}")
    if is_bare(source):
        raise BareCopy(source)
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise CopyError(f"{target.absolute()} is there already") from None
    except OSError as fault:
        raise CopyError(f"{target.absolute()} cannot be written: {fault.strerror}") from None
    try:
        with os.fdopen(descriptor):
            _make_fit(descriptor, for_place)
        _copy(source, target)
    except BaseException:
        remove(target)
        raise


def remove(target: Path) -> None:
    """Remove a copy that was begun, with whatever SQLite left beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{target}{ending}").unlink(missing_ok=True)


def close_up(path: Path) -> None:
    """Make one file of a database that nobody else has open: no WAL beside it, no mark of a server in it, all on the disk.

    Raises CopyError where somebody has it open, or it is damaged.
    """
    try:
        connection = sqlite3.connect(_address(path), uri=True, isolation_level=None, timeout=_PATIENCE_SECONDS)
        try:
            connection.execute("PRAGMA user_version=0")
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as fault:
        raise CopyError(f"{path.absolute()}: {fault}") from fault
    if mode != "delete":
        raise CopyError(f"{path.absolute()} is in use")
    sync(path)
    sync(path.parent)


def put_in_place(draft: Path, path: Path, *, aside: Path) -> bool:
    """Put a database that was closed up in the place of another one, which is kept `aside`; say whether there was one.

    At no moment is there none. Raises CopyError where somebody has the other one open.
    """
    there = path.exists()
    if there:
        _set_aside(path, aside)
    draft.replace(path)
    sync(path.parent)
    return there


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_fit(descriptor: int, target: Path | None) -> None:
    """Give a new file the owner of the file that it replaces, or of the folder."""
    if target is None:
        return
    try:
        owners.keep(descriptor, target.stat())
    except FileNotFoundError:
        owners.adopt(descriptor, target.parent)
    except PermissionError:
        raise CopyError(f"{target.absolute()} is another user's: run this as that user, or as root") from None


def _copy(source: Path, target: Path) -> None:
    try:
        reading = sqlite3.connect(f"{_address(source)}?mode=ro", uri=True, timeout=_PATIENCE_SECONDS)
        writing = sqlite3.connect(_address(target), uri=True)
        try:
            # In one go: the server writes on into its WAL meanwhile, and the copy is of one moment.
            reading.backup(writing)
            (verdict,) = writing.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            reading.close()
            writing.close()
    except sqlite3.Error as fault:
        if getattr(fault, "sqlite_errorcode", 0) in _OF_THE_TARGET:
            raise CopyError(f"{target.absolute()} cannot be written: {fault}") from fault
        raise CopyError(f"{source.absolute()} is no whole SQLite database: {fault}") from fault
    if verdict != "ok":
        raise CopyError(f"{source.absolute()} is damaged: {verdict}")


def _set_aside(path: Path, aside: Path) -> None:
    try:
        close_up(path)
    except CopyError as fault:
        if isinstance(fault.__cause__, sqlite3.DatabaseError) and not isinstance(
            fault.__cause__, sqlite3.OperationalError
        ):
            # No database any more: what is beside it must not be read into the new one.
            for name in ("-wal", "-shm"):
                if (beside := Path(f"{path}{name}")).exists():
                    beside.replace(f"{aside}{name}")
        else:
            raise
    aside.hardlink_to(path)


def _address(path: Path) -> str:
    return f"file:{quote(str(path.absolute()))}"
