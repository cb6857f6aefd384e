"""How does the server of a test begin at once? It is forked by a process that has loaded everything before.

The process of the tests has one nursery, started at its first need, and asks it for servers; each ends with the process
that asked for it. The nursery makes a blank data folder once (server/blank.py), copies of which are the servers' own. What
this file loads before `run` is the standard library's: it is the tests' process that waits for it.
"""

import atexit
import contextlib
import gc
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poolkeeper.forks import ended, leaving, read_exactly

_LENGTH = struct.Struct("!Q")
_PROGRAM = "from poolkeeper.nursery import run; run()"


@dataclass(frozen=True, slots=True)
class Child:
    """A server that was forked. It ends when `_held` is closed; `_alive` is at its end when the server is."""

    pid: int
    _nursery: "Nursery"
    _held: int
    _alive: int

    def runs(self) -> bool:
        """Say whether it has not ended."""
        return not self._ends_within(0)

    def end(self, seconds: float) -> None:
        """Let it end in peace, or by force where it does not within so many seconds."""
        os.close(self._held)
        with contextlib.suppress(RuntimeError):  # Where the nursery was killed, nobody is left to ask.
            if not self._ends_within(seconds):
                self._nursery.ask({"kill": self.pid})
            self._nursery.ask({"bury": self.pid})
        os.close(self._alive)

    def _ends_within(self, seconds: float) -> bool:
        return bool(select.select([self._alive], [], [], seconds)[0])


class Nursery:
    """The process that forks servers, as the process of the tests sees it; threads may share it."""

    def __init__(self) -> None:
        self._mine = os.getpid()
        self._lock = threading.Lock()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._door, theirs = socket.socketpair()
        with theirs:
            # A session of its own: Ctrl+C is for the tests, and their end is the nursery's.
            self._process = subprocess.Popen(  # noqa: S603 - this Python, and a text of ours
                [sys.executable, "-c", _PROGRAM],
                stdin=theirs.fileno(),
                stdout=self._said,
                stderr=self._said,
                start_new_session=True,
            )
        atexit.register(self._close)

    @property
    def usable(self) -> bool:
        """Say whether it is this process's, which may be a fork of the one that started it, and has not died."""
        return self._mine == os.getpid() and self._process.poll() is None

    def start(self, environment: Mapping[str, str], log: Path, *, blank: Path | None) -> Child:
        """Fork a server that has this environment alone and writes into `log`; `blank` is the data folder to make.

        Raises RuntimeError, with what it said, where the nursery has died.
        """
        reading, lifeline = os.pipe()
        alive, living = os.pipe()
        log_file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        request = {
            "environment": dict(environment),
            "folder": str(Path.cwd()),
            "blank": None if blank is None else str(blank),
        }
        try:
            pid = self.ask(request, reading, log_file, living)
        except BaseException:
            os.close(lifeline)
            os.close(alive)
            raise
        finally:
            for descriptor in (reading, log_file, living):
                os.close(descriptor)
        return Child(pid, self, lifeline, alive)

    def ask(self, request: Mapping[str, Any], *descriptors: int) -> int:
        """Ask for something and return the answer, a number."""
        body = json.dumps(request).encode()
        try:
            with self._lock:
                socket.send_fds(self._door, [_LENGTH.pack(len(body))], descriptors)
                self._door.sendall(body)
                (answer,) = _LENGTH.unpack(read_exactly(self._door, _LENGTH.size))
        except (OSError, EOFError):
            self._said.seek(0)
            report = self._said.read().decode(errors="replace")
            raise RuntimeError(f"Poolkeeper did not start:\n{report}") from None
        return int(answer)

    def _close(self) -> None:
        if self._mine == os.getpid():
            self._door.close()
            self._process.wait()
            self._said.close()


_LOCK = threading.Lock()
_NURSERIES: list[Nursery] = []


def nursery() -> Nursery:
    """Return the nursery of this process, and start it where there is none: that takes no time, its first server does."""
    with _LOCK:
        if not (_NURSERIES and _NURSERIES[-1].usable):
            _NURSERIES.append(Nursery())
        return _NURSERIES[-1]


def run() -> None:
    """Answer, as the nursery, at the socket that is the standard input, until its other end is closed."""
    gc.disable()  # Nothing that is loaded is garbage, and to look for some takes a tenth of the time.
    from poolkeeper.server import launch  # noqa: F401, PLC0415 - loaded here, so that no server has to

    gc.freeze()  # What is loaded stays shared between the servers.
    gc.enable()
    with contextlib.ExitStack() as stack:
        door = stack.enter_context(socket.socket(fileno=os.dup(0)))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="poolkeeper-nursery-")))
        for request, descriptors in _requests(door):
            if "kill" in request:
                os.kill(request["kill"], signal.SIGKILL)
                answer = 0
            elif "bury" in request:
                answer = abs(ended(request["bury"]))
            else:
                answer = _fork(request, descriptors, folder / "blank", door)
            door.sendall(_LENGTH.pack(answer))


def _requests(door: socket.socket) -> Iterator[tuple[dict[str, Any], list[int]]]:
    while True:
        head, descriptors, _, _ = socket.recv_fds(door, _LENGTH.size, 3)
        if not head:
            return
        head += read_exactly(door, _LENGTH.size - len(head))
        yield json.loads(read_exactly(door, *_LENGTH.unpack(head))), descriptors
        for descriptor in descriptors:
            os.close(descriptor)


def _fork(request: Mapping[str, Any], descriptors: list[int], blank: Path, door: socket.socket) -> int:
    if request["blank"] is not None and not blank.exists():
        _make_blank(blank)
    pid = os.fork()
    if pid == 0:
        with leaving():
            door.close()
            _be_a_server(request, descriptors, blank)
    return pid


def _make_blank(blank: Path) -> None:
    """Make the blank folder in a process of its own: threads and loops do not outlive a fork. A server can do without."""
    pid = os.fork()
    if pid == 0:
        with leaving():
            _fill(blank)
    if ended(pid) != 0:
        shutil.rmtree(blank, ignore_errors=True)


def _fill(blank: Path) -> None:
    import asyncio  # noqa: PLC0415 - the nursery's, not the tests'

    from poolkeeper.clock import SystemClock  # noqa: PLC0415 - as above
    from poolkeeper.entropy import Entropy  # noqa: PLC0415 - as above
    from poolkeeper.server.blank import make  # noqa: PLC0415 - as above
    from poolkeeper.settings import Settings  # noqa: PLC0415 - as above

    asyncio.run(make(Settings(data=blank, dev=True), SystemClock(), Entropy()))


def _be_a_server(request: Mapping[str, Any], descriptors: list[int], blank: Path) -> None:
    """Run `poolkeeper serve --dev` in this process until the other end of the standard input is closed."""
    lifeline, log, living = descriptors
    os.set_inheritable(living, False)  # noqa: FBT003 - os takes it by position alone
    for ours, its in ((lifeline, 0), (log, 1), (log, 2)):
        os.dup2(ours, its)
    os.close(lifeline)
    os.close(log)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["folder"])
    if request["blank"] is not None and blank.exists() and not Path(request["blank"]).exists():
        shutil.copytree(blank, request["blank"])
    threading.Thread(target=_end_with_whoever_holds, daemon=True).start()
    from poolkeeper.cli import main  # noqa: PLC0415 - loaded already

    main(["serve", "--dev"])


def _end_with_whoever_holds() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
