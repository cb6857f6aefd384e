"""How does a worker begin at once? It is forked by a process that has loaded everything, and has neither threads nor loops.

The parent of a server has both, and they do not outlive a fork: so it forks the zygote before it has any, and asks it for
each worker. What nobody writes after that is in memory once for all of them.
"""

import contextlib
import errno
import gc
import os
import select
import signal
import socket
import struct
from collections.abc import Callable, Iterator, Sequence

from poolkeeper.forks import ended, flush, leaving, read_exactly

Work = Callable[[int, socket.socket], None]

_ASKED = struct.Struct("!cI")
_ANSWER = struct.Struct("!i")
_FORK, _BURY, _CLOSE = b"f", b"b", b"c"
_READY = b"r"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What is asked takes milliseconds; a zygote that is stopped must not stop its parent.
_SECONDS = 10


class ZygoteGone(Exception):  # noqa: N818 - as Unavailable, it says what is
    """The zygote has ended: it starts no more workers."""


class CannotFork(Exception):  # noqa: N818 - as Unavailable, it says what is
    """There is no room for another process at the moment."""


class Worker:
    """A worker as its parent sees it. `ready` and `alive` are its state at the last look."""

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
        """Read what it has sent: a byte once it answers requests, end of file once it has ended."""
        with contextlib.suppress(BlockingIOError):
            sent = self._lifeline.recv(1)
            self.ready = self.ready or sent == _READY
            self.alive = sent != b""

    def signal(self, number: int) -> None:
        """Send it a signal, unless it has ended. Until it is buried, its process id is nobody else's."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def forget(self) -> None:
        """Close its lifeline; a worker that still lives then stops."""
        self._lifeline.close()


class Zygote:
    """The process that forks workers, as their parent sees it. It is asked for one thing at a time, never by a handler of signals."""

    def __init__(self, door: socket.socket) -> None:
        self._door = door
        door.settimeout(_SECONDS)

    def start(self, slot: int) -> Worker:
        """Start the worker of a slot. Raises ZygoteGone, CannotFork."""
        ours, its = socket.socketpair()
        with contextlib.ExitStack() as stack:
            stack.callback(ours.close)
            with its:
                pid = self._ask(_FORK, slot, its.fileno())
            if pid < 0:
                raise CannotFork(os.strerror(-pid))
            stack.pop_all()
        return Worker(pid, ours)

    def bury(self, worker: Worker) -> int:
        """Return the exit code of a worker that has ended; negative: the signal that ended it. Raises ZygoteGone."""
        worker.forget()
        return self._ask(_BURY, worker.pid)

    def close_listeners(self) -> None:
        """Let it close the listeners: no connection must wait at a process that takes none. Raises ZygoteGone."""
        self._ask(_CLOSE, 0)

    def _ask(self, kind: bytes, number: int, *descriptors: int) -> int:
        try:
            socket.send_fds(self._door, [_ASKED.pack(kind, number)], descriptors)
            (answer,) = _ANSWER.unpack(read_exactly(self._door, _ANSWER.size))
        except (OSError, EOFError):
            raise ZygoteGone from None
        return int(answer)


def look_at(workers: Sequence[Worker], seconds: float, *, wake: socket.socket | None = None) -> None:
    """Look at all workers that have something to tell, within so many seconds, or until something comes at `wake`."""
    poller = select.poll()
    living = {worker.fileno(): worker for worker in workers if worker.alive}
    for descriptor in (*living, *(() if wake is None else (wake.fileno(),))):
        poller.register(descriptor, select.POLLIN)
    for descriptor, _ in poller.poll(seconds * 1000):
        if descriptor in living:
            living[descriptor].look()


def tell_ready(lifeline: socket.socket) -> None:
    """Tell the parent, as a worker, that requests are answered."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # The parent is gone, and so is the worker soon.
        lifeline.send(_READY)


@contextlib.contextmanager
def zygote(work: Work, listeners: Sequence[socket.socket]) -> Iterator[Zygote]:
    """Fork the zygote of a server, for as long as the block; `work` is what a worker does, given its slot and its lifeline.

    The lifeline's other end is the parent's alone: it is readable when the parent is gone. Ask before there are threads.
    """
    ours, its = socket.socketpair()
    flush()
    pid = os.fork()
    if pid == 0:
        with leaving():
            ours.close()
            _answer(its, work, listeners)
    its.close()
    try:
        yield Zygote(ours)
    finally:
        ours.close()
        ended(pid)


def _answer(door: socket.socket, work: Work, listeners: Sequence[socket.socket]) -> None:
    """Answer, as the zygote, until the parent is gone; signals that reach all processes are not for this one."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    gc.freeze()  # What is loaded is no garbage, and stays shared as long as nobody looks whether it is.
    with contextlib.suppress(BrokenPipeError):  # The asker is gone.
        while True:
            head, descriptors, _, _ = socket.recv_fds(door, _ASKED.size, 1)
            if not head:
                return
            kind, number = _ASKED.unpack(head + read_exactly(door, _ASKED.size - len(head)))
            if kind == _FORK:
                answer = _fork(door, descriptors[0], work, number)
            elif kind == _BURY:
                answer = ended(number)
            else:
                answer = 0
                for listener in listeners:
                    listener.close()
            door.sendall(_ANSWER.pack(answer))


def _fork(door: socket.socket, descriptor: int, work: Work, slot: int) -> int:
    """Fork a worker; return its process id, or the number of the error as a negative one.

    Signals wait until the worker answers them as every process does: one that was ignored for it would be lost.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        with socket.socket(fileno=descriptor) as lifeline:
            pid = os.fork()
            if pid == 0:
                with leaving():
                    door.close()
                    lifeline.set_inheritable(False)
                    for number in _SIGNALS:
                        signal.signal(number, signal.SIG_DFL)
                    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
                    work(slot, lifeline)
            return pid
    except OSError as fault:
        return -(fault.errno or errno.EAGAIN)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
