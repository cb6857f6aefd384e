"""What would the disk hold if the power went now? A VFS below the SQLite that Python uses, which knows what was synced.

It is a copy of SQLite's own VFS with three doors watched: write, truncate and sync (sqlite.org/c3ref/io_methods.html).
A file that is deleted is gone at once, as on a file system that keeps a journal. What was not synced when the power goes is kept, dropped or torn, each sector of 512 bytes by itself and by the seed.
"""

import _sqlite3
import ctypes
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECTOR = 512
NAME = "powercut"

_OK = 0
_IOERR_WRITE = 778
_IOERR_FSYNC = 1034
_IOERR_TRUNCATE = 1546

_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("path_length", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
        ("delete", ctypes.c_void_p),
        ("rest", ctypes.c_void_p * 14),
    )


class _Methods(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        ("close", ctypes.c_void_p),
        ("read", ctypes.c_void_p),
        ("write", ctypes.c_void_p),
        ("truncate", ctypes.c_void_p),
        ("sync", ctypes.c_void_p),
        ("rest", ctypes.c_void_p * 13),
    )


@dataclass
class _File:
    """What is safe of one file, and what was done to it since: (offset, bytes), or (length, None) for a truncation."""

    durable: bytearray
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Cut:
    """The disk after a power cut, by file name, and how many changes had been acknowledged by then."""

    files: dict[str, bytes]
    acknowledged: int


@dataclass
class Disk:
    """The disk under test. `on_operation` is called before each write, truncation and sync, with its number from 1.

    When it returns False, the operation fails as a bad disk lets it fail: a write after half of its bytes.
    """

    on_operation: Callable[[int], bool] = lambda number: True
    operations: int = 0
    syncs: int = 0
    _files: dict[str, _File] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)

    def opened(self, handle: int, path: Path) -> None:
        self._names[handle] = path.name
        if path.name not in self._files:
            self._files[path.name] = _File(bytearray(path.read_bytes() if path.exists() else b""))

    def deleted(self, path: Path) -> None:
        self._files.pop(path.name, None)

    def goes_well(self, handle: int, change: tuple[int, bytes | None] | None) -> bool:
        """Note a change (None: a sync) and ask whether it is to succeed."""
        self.operations += 1
        if change is not None:
            self._files[self._names[handle]].pending.append(change)
        return self.on_operation(self.operations)

    def synced(self, handle: int) -> None:
        self.syncs += 1
        file = self._files[self._names[handle]]
        for position, data in file.pending:
            _apply(file.durable, position, data)
        file.pending.clear()

    def cut(self, chance: random.Random, acknowledged: int) -> Cut:
        """Say what is left when the power goes now."""
        return Cut({name: _left(file, chance) for name, file in self._files.items()}, acknowledged)


@contextmanager
def registered(disk: Disk) -> Iterator[None]:
    """Let `?vfs=powercut` mean this disk. Files that are opened in here are closed in here."""
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    plain = library.sqlite3_vfs_find(None).contents
    shim = _Vfs.from_buffer_copy(plain)
    shim.next = None
    shim.name = NAME.encode()
    kept: dict[int, tuple[_Methods, tuple[Any, ...]]] = {}
    open_plainly, delete_plainly = _OPEN(plain.open), _DELETE(plain.delete)

    def opening(vfs: int, name: int | None, file: int, flags: int, flags_out: int | None) -> int:
        code = open_plainly(vfs, name, file, flags, flags_out)
        methods = ctypes.c_void_p.from_address(file)
        if code == _OK and name and methods.value:
            if methods.value not in kept:
                kept[methods.value] = _watched(disk, methods.value)
            disk.opened(file, Path(ctypes.string_at(name).decode()))
            methods.value = ctypes.addressof(kept[methods.value][0])
        return int(code)

    def deleting(vfs: int, name: int, sync: int) -> int:
        disk.deleted(Path(ctypes.string_at(name).decode()))
        return int(delete_plainly(vfs, name, sync))

    opener, deleter = _OPEN(opening), _DELETE(deleting)
    shim.open = ctypes.cast(opener, ctypes.c_void_p).value
    shim.delete = ctypes.cast(deleter, ctypes.c_void_p).value
    assert library.sqlite3_vfs_register(ctypes.byref(shim), 0) == _OK
    try:
        yield
    finally:
        library.sqlite3_vfs_unregister(ctypes.byref(shim))


def _watched(disk: Disk, address: int) -> tuple[_Methods, tuple[Any, ...]]:
    """Return the methods at `address` with the three doors watched, and the callbacks, which must be kept alive."""
    methods = _Methods.from_buffer_copy(_Methods.from_address(address))
    write_plainly = _WRITE(methods.write)
    truncate_plainly = _TRUNCATE(methods.truncate)

    def write(file: int, data: int, length: int, offset: int) -> int:
        if disk.goes_well(file, (offset, ctypes.string_at(data, length))):
            return int(write_plainly(file, data, length, offset))
        write_plainly(file, data, length // 2, offset)
        return _IOERR_WRITE

    def truncate(file: int, size: int) -> int:
        return int(truncate_plainly(file, size)) if disk.goes_well(file, (size, None)) else _IOERR_TRUNCATE

    def sync(file: int, _: int) -> int:
        # The real sync is spared: the disk that counts is the one in memory.
        if not disk.goes_well(file, None):
            return _IOERR_FSYNC
        disk.synced(file)
        return _OK

    callbacks = (_WRITE(write), _TRUNCATE(truncate), _SYNC(sync))
    methods.write, methods.truncate, methods.sync = (
        ctypes.cast(callback, ctypes.c_void_p).value for callback in callbacks
    )
    return methods, callbacks


def _apply(content: bytearray, position: int, data: bytes | None) -> None:
    if data is None:
        del content[position:]
        return
    content.extend(bytes(max(0, position - len(content))))
    content[position : position + len(data)] = data


def _left(file: _File, chance: random.Random) -> bytes:
    content = bytearray(file.durable)
    for position, data in file.pending:
        if data is None:
            if chance.random() < 0.5:
                _apply(content, position, None)
            continue
        for start in range(0, len(data), SECTOR):
            sector = data[start : start + SECTOR]
            # Kept, dropped, or torn at a byte.
            fate = chance.choice((len(sector), 0, chance.randrange(len(sector) + 1)))
            if fate:
                _apply(content, position + start, sector[:fate])
    return bytes(content)
