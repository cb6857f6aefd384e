"""How is a password looked up among a billion? By binary search in a sorted file of the first 64 bits of SHA-1 hashes.

    PKSHA1-8 | count | prefix prefix ...     numbers of eight bytes, the highest first; the prefixes ascend

Two passwords share a prefix once in 18 quintillion, so a prefix in the file means a password in the list. The file is read and
not mapped: if it is truncated under a running server, a read returns too few bytes, and no signal kills the server.
"""

import logging
import os
import threading
from pathlib import Path

MAGIC = b"PKSHA1-8"
WIDTH = 8
HEAD = len(MAGIC) + WIDTH
# How many prefixes are checked when a file is opened; in a smaller file, all.
_SAMPLES = 4_096

_log = logging.getLogger("poolkeeper.compromised")

Identity = tuple[int, int, int, int]


class UnusableFile(Exception):  # noqa: N818 - what is wrong with a file, said to a person
    """A file that is no file of prefixes, or only a part of one."""


class PrefixFile:
    """One open file; it is closed when nobody refers to it any more."""

    def __init__(self, path: Path) -> None:
        """Open a file; its head and some thousand samples must be right. Raises UnusableFile, OSError."""
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        stat = os.fstat(self._descriptor)
        self.identity = _identity(stat)
        head = os.pread(self._descriptor, HEAD, 0)
        if len(head) != HEAD or not head.startswith(MAGIC):
            raise UnusableFile("it was not made by `poolkeeper passwords build`")
        self.count = int.from_bytes(head[len(MAGIC) :])
        if stat.st_size != HEAD + self.count * WIDTH:
            raise UnusableFile(f"{stat.st_size} bytes are not the {self.count} passwords that its head tells of")
        self._require_order()

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)

    def has(self, prefix: bytes) -> bool:
        """Say whether the file has a prefix. Raises UnusableFile where the file has been cut off, OSError."""
        low, high = 0, self.count
        while low < high:
            middle = (low + high) // 2
            middle_prefix = self._at(middle)
            if middle_prefix == prefix:
                return True
            low, high = (middle + 1, high) if middle_prefix < prefix else (low, middle)
        return False

    def _at(self, index: int) -> bytes:
        prefix = os.pread(self._descriptor, WIDTH, HEAD + index * WIDTH)
        if len(prefix) != WIDTH:
            raise UnusableFile("it was cut off while it was in use")
        return prefix

    def _require_order(self) -> None:
        step = max(1, self.count // _SAMPLES)
        before = b""
        for index in range(0, self.count, step):
            prefix = self._at(index)
            if prefix <= before:
                raise UnusableFile(f"its prefixes do not ascend (at number {index})")
            before = prefix


class WatchedFile:
    """A file that may be replaced while several threads use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._opened: PrefixFile | None = None
        self._unusable: Identity | None = None

    def has(self, prefix: bytes) -> bool | None:
        """Say whether the present file has a prefix; None where it cannot be read, and the log says why."""
        opened = self._latest()
        if opened is None:
            return None
        try:
            return opened.has(prefix)
        except (UnusableFile, OSError) as fault:
            self._complain(opened.identity, fault)
            return None

    def _latest(self) -> PrefixFile | None:
        """Return the present file, or the one that it replaced where it cannot be used."""
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
                    self._opened = None  # the same file, with other content by now
                self._complain(identity, fault)
            return self._opened

    def _complain(self, identity: Identity, fault: Exception) -> None:
        """Log what is wrong with the file, once for each of its states."""
        if identity != self._unusable:
            self._unusable = identity
            _log.warning("%s cannot be used: %s", self._path, fault)


def _identity(stat: os.stat_result) -> Identity:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns
