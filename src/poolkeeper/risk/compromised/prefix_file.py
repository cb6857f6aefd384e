"""How is a password found among a billion? In a sorted file of the first 64 bits of SHA-1 hashes, by halving it.

    PKSHA1-8 | count | prefix prefix ...     numbers of eight bytes, the highest first; the prefixes ascend

Two passwords share a prefix once in 18 quintillion, so what is found was in the list. Reads go by the descriptor and not by a
mapping of the file: one that somebody cuts off under a running server is a read that comes short, and no signal that kills it.
"""

import logging
import os
import threading
from pathlib import Path

MAGIC = b"PKSHA1-8"
WIDTH = 8
HEAD = len(MAGIC) + WIDTH
# As many places are looked at when a file is opened; in a smaller one, all.
_SAMPLES = 4_096

_log = logging.getLogger("poolkeeper.compromised")

Identity = tuple[int, int, int, int]


class UnusableFile(Exception):  # noqa: N818 - what is wrong with a file, said to a person
    """It is no file of prefixes, or not all of one."""


class PrefixFile:
    """One open file; it is closed when nobody uses it any more."""

    def __init__(self, path: Path) -> None:
        """Open a file that is whole and in order, as far as its head and some thousand samples tell. Raises UnusableFile, OSError."""
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        found = os.fstat(self._descriptor)
        self.identity = _identity(found)
        head = os.pread(self._descriptor, HEAD, 0)
        if len(head) != HEAD or not head.startswith(MAGIC):
            raise UnusableFile("it was not made by `poolkeeper passwords build`")
        self.count = int.from_bytes(head[len(MAGIC) :])
        if found.st_size != HEAD + self.count * WIDTH:
            raise UnusableFile(f"{found.st_size} bytes are not the {self.count} passwords that its head tells of")
        self._require_order()

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)

    def has(self, prefix: bytes) -> bool:
        """Say whether a prefix is in it. Raises UnusableFile where the file ends before it should, OSError."""
        low, high = 0, self.count
        while low < high:
            middle = (low + high) // 2
            found = self._at(middle)
            if found == prefix:
                return True
            low, high = (middle + 1, high) if found < prefix else (low, middle)
        return False

    def _at(self, place: int) -> bytes:
        found = os.pread(self._descriptor, WIDTH, HEAD + place * WIDTH)
        if len(found) != WIDTH:
            raise UnusableFile("it was cut off while it was in use")
        return found

    def _require_order(self) -> None:
        step = max(1, self.count // _SAMPLES)
        before = b""
        for place in range(0, self.count, step):
            found = self._at(place)
            if found <= before:
                raise UnusableFile(f"its prefixes do not ascend (at number {place})")
            before = found


class WatchedFile:
    """A file that may be replaced while it is in use, and is asked from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._opened: PrefixFile | None = None
        self._unusable: Identity | None = None

    def has(self, prefix: bytes) -> bool | None:
        """Say whether a prefix is in the file as it is now; None where that cannot be told, and the log says why."""
        opened = self._latest()
        if opened is None:
            return None
        try:
            return opened.has(prefix)
        except (UnusableFile, OSError) as fault:
            self._complain(opened.identity, fault)
            return None

    def _latest(self) -> PrefixFile | None:
        """Return the file of today; where that cannot be used, the one that it took the place of."""
        try:
            identity = _identity(self._path.stat())
        except OSError as fault:
            self._complain((0, 0, 0, 0), fault)
            return self._opened
        with self._lock:
            if identity == self._unusable or (self._opened is not None and identity == self._opened.identity):
                return self._opened
            try:
                self._opened = PrefixFile(self._path)
            except (UnusableFile, OSError) as fault:
                if self._opened is not None and self._opened.identity[:2] == identity[:2]:
                    self._opened = None  # the same file, which is another by now
                self._complain(identity, fault)
            return self._opened

    def _complain(self, identity: Identity, fault: Exception) -> None:
        """Say once of each state of the file what is wrong with it."""
        if identity != self._unusable:
            self._unusable = identity
            _log.warning("%s cannot be used: %s", self._path, fault)


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
