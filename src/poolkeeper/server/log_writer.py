"""Who writes the log? A thread with a bounded queue: a reader that stands still costs lines, never an answer.

A pipe holds some 64 KiB; when nobody reads it, a writer waits. So nobody but the thread writes. A line that
finds no place in the queue is dropped and counted; the log says so as soon as it is read again.
"""

import contextlib
import os
import select
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

MOST_BYTES = 4 * 1024 * 1024
# What is written to a pipe at once does not mix with what other processes write, up to this many bytes: pipe(7).
WHOLE = 4096
_ALONE = 65_536
# The log says how many lines it lacks as soon as the target is back: the writer looks for it this often.
_TRY_AGAIN_SECONDS = 1.0
# Lines are gathered for so long: a thread that woke for each of them would cost a busy server more than the line.
_GATHER_SECONDS = 0.02


class LogWriter:
    """Takes whole lines from any thread, and writes them in their order: to a descriptor, or to the end of a file.

    A file is opened anew for all that has gathered, so to rotate it is to move it away. `tell` makes
    the line that says how many were dropped, `on_drop` hears of each at once. At most `most_bytes` are kept. Where the
    target is `shared` with other processes that write, lines longer than 4 KiB alone may mix.
    """

    def __init__(
        self,
        target: int | Path,
        *,
        tell: Callable[[int], bytes],
        on_drop: Callable[[], None] | None = None,
        most_bytes: int = MOST_BYTES,
        shared: bool = True,
    ) -> None:
        self._target = target
        self._tell = tell
        self._on_drop = on_drop
        self._most_bytes = most_bytes
        self._at_once = WHOLE if shared else _ALONE
        self._lines: list[bytes] = []
        self._size = 0
        self._dropped = 0
        self._unwritten = 0
        self._writing = False
        self._in_haste = False
        # Reentrant: a signal handler may log while a line is being taken.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None

    def __call__(self, line: bytes) -> None:
        """Have a line written, or drop it where too much waits already; return at once in either case."""
        with self._lock:
            if self._size + len(line) > self._most_bytes:
                self._dropped += 1
                if self._on_drop is not None:
                    self._on_drop()
                return
            if not self._lines:
                self._changed.notify_all()
            self._lines.append(line)
            self._size += len(line)
            if self._thread is None:
                # It must not keep the process alive: it may stand at a pipe that nobody reads.
                self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
                self._thread.start()

    def flush(self, seconds: float) -> bool:
        """Wait, at most so long, until everything is written, and say whether it is."""
        with self._changed:
            self._in_haste = True
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: not (self._lines or self._writing or self._dropped), seconds)
            self._in_haste = False
            return done and not self._unwritten

    def _write_all(self) -> None:
        while True:
            with self._changed:
                patience = _TRY_AGAIN_SECONDS if self._unwritten else None
                self._changed.wait_for(lambda: self._lines or self._dropped, patience)
                self._changed.wait_for(lambda: self._in_haste, _GATHER_SECONDS)
                lines, self._lines = self._lines, []
                dropped, self._dropped = self._dropped, 0
                self._writing = True
            lost = self._write_lines(lines, dropped)
            if self._on_drop is not None:
                for _ in range(lost):
                    self._on_drop()
            with self._changed:
                self._size -= sum(map(len, lines))
                self._writing = False
                self._changed.notify_all()

    def _write_lines(self, lines: list[bytes], dropped: int) -> int:
        """Write what has gathered, and return how many lines could not be written.

        One line stands for those that were lost before, and one behind the others for those that found no room.
        """
        unwritten, untold = len(lines), self._unwritten
        try:
            with _opened(self._target) as descriptor:
                if untold:
                    _write(descriptor, self._tell(untold))
                    untold = 0
                for piece in _pieces(lines, self._at_once):
                    _write(descriptor, piece)
                    unwritten -= piece.count(b"\n")
                if dropped:
                    _write(descriptor, self._tell(dropped))
        except OSError:  # the reader is gone, the disk is full, or the file must not be written
            lost = max(unwritten, 0)  # a line of several lines counts for more than one
            self._unwritten = untold + lost + dropped
            return lost
        self._unwritten = 0
        return 0


@contextlib.contextmanager
def _opened(target: int | Path) -> Iterator[int]:
    """Hand out a descriptor; a file's is closed again, and the file is its owner's alone."""
    if isinstance(target, int):
        yield target
        return
    descriptor = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, piece: bytes) -> None:
    """Write all of it, however long that takes. Raises OSError."""
    rest = memoryview(piece)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:  # somebody shares the descriptor who does not want to wait
            poll = select.poll()
            poll.register(descriptor, select.POLLOUT)
            poll.poll()


def _pieces(lines: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Join lines to pieces of at most so many bytes: a system call for each line would cost more than the line."""
    piece: list[bytes] = []
    size = 0
    for line in lines:
        if piece and size + len(line) > most:
            yield b"".join(piece)
            piece, size = [], 0
        piece.append(line)
        size += len(line)
    if piece:
        yield b"".join(piece)
