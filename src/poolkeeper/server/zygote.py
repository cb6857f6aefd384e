"""How does a worker begin at once? It is forked by a process that has loaded everything, and has neither threads nor loops.

The parent of a server has both, and they do not outlive a fork: so it forks the zygote before it has any, and asks it for
each worker. What nobody writes after that is in memory once for all of them.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator, Sequence

from poolkeeper.forks import ended, leaving, read_exactly

_ASKED = struct.Struct("!cI")
_ANSWER = struct.Struct("!i")
_FORK, _BURY = b"f", b"b"
_READY = b"r"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class ZygoteGone(Exception):  # noqa: N818 - as Unavailable, it says what is
    """The zygote has ended: it starts no more workers."""


class Worker:
    """A worker as its parent sees it. `ready` and `alive` are what it was when it was last looked at."""

    def __init__(self, pid: int, lifeline: socket.socket) -> None:
        self.pid = pid
        self.ready = False
        self.alive = True
        self._lifeline = lifeline
        lifeline.settimeout(0)

    def fileno(self) -> int:
        """Return the descriptor that is readable when there is something to look at."""
        return self._lifeline.fileno()

    def look(self) -> None:
        """Take note of what became of it: it has told that it answers, or has ended."""
        with contextlib.suppress(BlockingIOError):
            told = self._lifeline.recv(1)
            self.ready = self.ready or told == _READY
            self.alive = told != b""

    def signal(self, number: int) -> None:
        """Send it a signal, unless it has ended. Its process id is nobody else's before it is buried."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def forget(self) -> None:
        """Close its lifeline: where it lives, it stops."""
        self._lifeline.close()


class Zygote:
    """The process that forks workers, as their parent sees it."""

    def __init__(self, door: socket.socket) -> None:
        self._door = door

    def start(self, place: int) -> Worker:
        """Start the worker of a place. Raises ZygoteGone."""
        ours, its = socket.socketpair()
        try:
            with its:
                return Worker(self._ask(_FORK, place, its.fileno()), ours)
        except BaseException:
            ours.close()
            raise

    def bury(self, worker: Worker) -> int:
        """Return the exit code of a worker that has ended; negative: the signal that ended it. Raises ZygoteGone."""
        worker.forget()
        return self._ask(_BURY, worker.pid)

    def end(self) -> None:
        """Let it go, and what it holds with it: listeners above all. A handler of a signal may do so at any time."""
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)

    def _ask(self, kind: bytes, number: int, *descriptors: int) -> int:
        try:
            socket.send_fds(self._door, [_ASKED.pack(kind, number)], descriptors)
            (answer,) = _ANSWER.unpack(read_exactly(self._door, _ANSWER.size))
        except (OSError, EOFError):
            raise ZygoteGone from None
        return int(answer)


def look_at(workers: Sequence[Worker], seconds: float) -> None:
    """Look at all workers that have something to tell, within so many seconds."""
    told = select.poll()
    living = {worker.fileno(): worker for worker in workers if worker.alive}
    for descriptor in living:
        told.register(descriptor, select.POLLIN)
    for descriptor, _ in told.poll(seconds * 1000):
        living[descriptor].look()


def tell_ready(lifeline: socket.socket) -> None:
    """Tell the parent, as a worker, that requests are answered."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # The parent is gone, and so is the worker soon.
        lifeline.send(_READY)


@contextlib.contextmanager
def zygote(work: Callable[[int, socket.socket], None]) -> Iterator[Zygote]:
    """Fork the zygote of a server, for as long as the block; `work` is what a worker does, given its place and its lifeline.

    The lifeline's other end is the parent's alone: it is readable when the parent is gone. Ask before there are threads.
    """
    ours, its = socket.socketpair()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        with leaving():
            ours.close()
            _answer(its, work)
    its.close()
    made = Zygote(ours)
    try:
        yield made
    finally:
        made.end()
        ours.close()
        ended(pid)


def _answer(door: socket.socket, work: Callable[[int, socket.socket], None]) -> None:
    """Answer, as the zygote, until the parent is gone or lets go; signals that reach all processes are not for this one."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    gc.freeze()  # What is loaded is no garbage, and stays shared as long as nobody looks whether it is.
    while True:
        head, descriptors, _, _ = socket.recv_fds(door, _ASKED.size, 1)
        if not head:
            return
        kind, number = _ASKED.unpack(head + read_exactly(door, _ASKED.size - len(head)))
        answer = _fork(door, descriptors[0], work, number) if kind == _FORK else ended(number)
        door.sendall(_ANSWER.pack(answer))


def _fork(door: socket.socket, descriptor: int, work: Callable[[int, socket.socket], None], place: int) -> int:
    with socket.socket(fileno=descriptor) as lifeline:
        pid = os.fork()
        if pid == 0:
            with leaving():
                door.close()
                lifeline.set_inheritable(False)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                work(place, lifeline)
    return pid
