"""Where is an address? The operator's files in MaxMind's format say so; a replaced file is read again."""

import logging
import shutil
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import maxminddb
import msgspec

_log = logging.getLogger("poolkeeper.places")
_log.addHandler(logging.NullHandler())  # a command that reads a file reports its faults itself


class Place(msgspec.Struct, frozen=True, gc=False):
    """What the files say of an address; empty (`""`, 0, None) where they say nothing."""

    country: str = ""
    city: str = ""
    asn: int = 0
    latitude: float | None = None
    longitude: float | None = None


class Finder(Protocol):
    """An object that can say where an address is."""

    def find(self, address: str, /) -> Place | None: ...


class Places:
    """The files of cities and of providers (ASN), in any order: what one file does not know, another may.

    A file is read from a copy that nobody else can shorten: to overwrite a file that is mapped into memory would end the
    process. Where a new file cannot be read, the former file stays in use; the log and `faults` say why.
    """

    def __init__(self, files: Iterable[str | Path] = ()) -> None:
        """Read each file; `faults` has those that cannot be read."""
        self._files = [_File(Path(file)) for file in files]
        for file in self._files:
            file.take_up()

    @property
    def faults(self) -> dict[str, str]:
        """Return the files that cannot be read, with the reason."""
        return {str(file.path): file.fault for file in self._files if file.fault}

    def find(self, address: str, /) -> Place | None:
        """Return the place of an address, None where no file knows it."""
        records = [record for file in self._files if (record := file.record(address))]
        return _place(records) if records else None

    def settled(self) -> None:
        """Wait until the files that were replaced have been read."""
        for file in self._files:
            if file.thread is not None:
                file.thread.join()


Mark = tuple[int, int, int]


class _File:
    """One file: its identity when it was read, and its reader."""

    __slots__ = ("_mark", "_reader", "fault", "path", "thread")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fault = ""
        self.thread: threading.Thread | None = None
        self._mark: Mark | None = None
        self._reader: Any = None

    def record(self, address: str) -> Mapping[str, Any] | None:
        """Return the record of an address. A thread reads a file that has changed, for later addresses."""
        if self._now() != self._mark and (self.thread is None or not self.thread.is_alive()):
            self.thread = threading.Thread(target=self.take_up, name="places", daemon=True)
            self.thread.start()
        if self._reader is None or not address.isascii():
            return None
        try:
            record = self._reader.get(address.partition("%")[0])
        except (ValueError, maxminddb.InvalidDatabaseError):  # no address, IPv6 in a file of IPv4, a broken record
            return None
        return record if isinstance(record, dict) else None

    def take_up(self) -> None:
        """Read the file; if it changes meanwhile, it is read again at the next look-up."""
        mark = self._now()
        try:
            reader = _opened(self.path)
        except OSError as fault:
            self._cannot_be_read(str(fault))
        except (ValueError, maxminddb.InvalidDatabaseError):  # the exception's message names the copy
            self._cannot_be_read("it is not in MaxMind's format")
        else:
            self.fault, self._reader = "", reader
        self._mark = mark

    def _cannot_be_read(self, why: str) -> None:
        self.fault = why
        _log.warning("place_files: %s cannot be read: %s", self.path, why)

    def _now(self) -> Mark | None:
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _opened(path: Path) -> Any:
    """Open a copy of the file, whose name is removed before anybody else could open it."""
    with path.open("rb") as source, tempfile.NamedTemporaryFile(prefix="poolkeeper-places-") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
        copy.flush()
        return maxminddb.open_database(copy.name, maxminddb.MODE_MMAP_EXT)


# (the field of a Place, its path in a record, its type); some makers write only the name of a country or city.
_SAID: Sequence[tuple[str, tuple[str, ...], type]] = (
    ("country", ("country", "iso_code"), str),
    ("country", ("country",), str),
    ("city", ("city", "names", "en"), str),
    ("city", ("city",), str),
    ("asn", ("autonomous_system_number",), int),
    ("latitude", ("location", "latitude"), float),
    ("longitude", ("location", "longitude"), float),
)


def _place(records: list[Mapping[str, Any]]) -> Place:
    """Return the place that the records describe; for each field the first record that has it counts."""
    fields: dict[str, Any] = {}
    for record in records:
        for name, path, kind in _SAID:
            value: Any = record
            for step in path:
                value = value.get(step) if isinstance(value, dict) else None
            if isinstance(value, kind):
                fields.setdefault(name, value)
    if "latitude" not in fields or "longitude" not in fields:
        fields = {name: value for name, value in fields.items() if name not in {"latitude", "longitude"}}
    return Place(**fields)
