"""How does a list of any length become a file of prefixes? It is sorted piece by piece on disk, merged, and renamed at the end.

    lines --> runs of sorted prefixes, each in a file --> fewer, longer runs --> one file, each prefix once

A piece that continues the run before it is added to that run, so a sorted list is a single run. The memory that this takes
depends on neither length nor order.
"""

import hashlib
import heapq
import os
import re
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from poolkeeper.risk.compromised.prefix_file import MAGIC, WIDTH

Progress = Callable[[str], None]
# A SHA-1 hash as in files of breached passwords, with or without the number of times that it was seen.
_HASH = re.compile(rb"([0-9A-Fa-f]{40})(?::([0-9]+))?")
_PIECE = 1 << 20
_RUNS_AT_ONCE = 64
_READ = 1 << 13
# A longer line holds no password that a pool would accept.
_LONGEST_LINE = 4_096


class UnusableList(Exception):  # noqa: N818 - said to a person
    """A list that no file can be made of."""


def build(lines: BinaryIO, path: Path, *, plain: bool, progress: Progress, piece: int = _PIECE) -> int:
    """Make a file of the prefixes of a list, and return how many they are; a former file stays in use until the end.

    A list whose first line is a SHA-1 hash is a list of hashes, unless it is `plain`; in all other lists each line is a
    password. `progress` is called with the progress. Raises UnusableList and OSError, with nothing changed: also where
    `path` is another kind of file, such as the list itself where an operator swaps the two names.
    """
    _require_made_here(path)
    folder = path.absolute().parent
    with tempfile.TemporaryDirectory(prefix=".poolkeeper-passwords-", dir=folder) as scratch:
        runs = _Runs(Path(scratch))
        read = 0
        keys = _keys(lines, plain=plain)
        while keys_read := sorted(islice(keys, piece)):
            runs.add(keys_read)
            read += len(keys_read)
            progress(f"{read:,} passwords read")
        runs.close()
        if not read:
            raise UnusableList("there is no password in it")
        while len(runs.files) > _RUNS_AT_ONCE:
            progress(f"{len(runs.files)} pieces are merged")
            runs = runs.merged()
        new_file = Path(scratch) / "made"
        count = _write(new_file, runs.ascending(), lambda written: progress(f"{written:,} of {read:,} written"), piece)
        new_file.chmod(0o644)
        new_file.replace(path)
        _sync(folder)
    return count


def _require_made_here(path: Path) -> None:
    """Raise UnusableList for a file that exists and was not made here."""
    if path.exists():
        with path.open("rb") as file:
            if file.read(len(MAGIC)) not in {MAGIC, b""}:
                raise UnusableList("it is there and is no file of passwords of this command, which would be lost")


class _Runs:
    """Sorted runs of prefixes, each in a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._newest: BinaryIO | None = None
        self._last = -1
        self.files: list[Path] = []

    def add(self, keys: list[int]) -> None:
        """Write sorted keys, at the end of the newest run if they continue it."""
        if self._newest is None or keys[0] < self._last:
            self.begin()
        assert self._newest is not None, "as it was begun"
        self._last = keys[-1]
        self._newest.write(_packed(keys))

    def begin(self) -> None:
        """Begin a new run."""
        self.close()
        self.files.append(self._folder / f"run-{len(self.files)}-{id(self):x}")
        self._newest = self.files[-1].open("wb")

    def close(self) -> None:
        """End the newest run."""
        if self._newest is not None:
            self._newest.close()
        self._newest = None

    def merged(self) -> "_Runs":
        """Return fewer runs of the same keys, and remove these."""
        fewer = _Runs(self._folder)
        for first in range(0, len(self.files), _RUNS_AT_ONCE):
            group = self.files[first : first + _RUNS_AT_ONCE]
            fewer.begin()
            for keys in _pieces(_merged(group), _READ):
                fewer.add(keys)
            for done in group:
                done.unlink()
        fewer.close()
        return fewer

    def ascending(self) -> Iterator[int]:
        """Yield all keys in order, with duplicates."""
        return _merged(self.files)


def _keys(lines: BinaryIO, *, plain: bool) -> Iterator[int]:
    hashed: bool | None = False if plain else None
    for number, line in enumerate(_lines(lines), 1):
        if not line:
            continue
        hash_match = _HASH.fullmatch(line) if hashed is not False else None
        if hashed is None:
            hashed = hash_match is not None
        if not hashed:
            yield _number(hashlib.sha1(line, usedforsecurity=False).digest())
        elif hash_match is None:
            raise UnusableList(
                f"line {number} is no SHA-1 hash, as the first line was; --plain takes lines for passwords"
            )
        elif hash_match[2] is None or hash_match[2].strip(
            b"0"
        ):  # hashes that were seen 0 times are padding of an answer
            yield _number(bytes.fromhex(hash_match[1].decode()))


def _lines(lines: BinaryIO) -> Iterator[bytes]:
    """Yield lines without their ends; a line that is too long comes empty, and is never held as a whole."""
    too_long = False
    while line := lines.readline(_LONGEST_LINE):
        ended = line.endswith(b"\n")
        yield b"" if too_long or (not ended and len(line) == _LONGEST_LINE) else line.rstrip(b"\r\n")
        too_long = not ended


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:WIDTH])


def _packed(keys: Iterable[int]) -> bytes:
    """Return numbers as bytes, which sort like the numbers."""
    packed = array("Q", keys)
    if sys.byteorder == "little":
        packed.byteswap()
    return packed.tobytes()


def _merged(files: list[Path]) -> Iterator[int]:
    with ExitStack() as opened:
        runs = [_unpacked(opened.enter_context(file.open("rb"))) for file in files]
        yield from heapq.merge(*runs)


def _unpacked(run: BinaryIO) -> Iterator[int]:
    while data := run.read(_READ * WIDTH):
        keys = array("Q", data)
        if sys.byteorder == "little":
            keys.byteswap()
        yield from keys


def _pieces(keys: Iterator[int], size: int) -> Iterator[list[int]]:
    while piece := list(islice(keys, size)):
        yield piece


def _write(path: Path, ascending: Iterator[int], written: Callable[[int], None], piece: int) -> int:
    """Write the file, each prefix once; look-ups rely on its order, so it is checked here."""
    count, last = 0, -1
    with path.open("wb") as file:
        file.write(MAGIC + bytes(WIDTH))
        for keys in _pieces(ascending, piece):
            fresh = []
            for key in keys:
                assert key >= last, "runs are sorted"
                if key != last:
                    fresh.append(key)
                last = key
            file.write(_packed(fresh))
            count += len(fresh)
            written(count)
        file.seek(len(MAGIC))
        file.write(count.to_bytes(WIDTH))
        file.flush()
        os.fsync(file.fileno())
    return count


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
