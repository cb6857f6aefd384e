"""How does a command of a test begin at once? It is forked by a process that has loaded the program before.

To load it takes two seconds of a processor, and the tests run hundreds of commands. What is forked is the same program:
its descriptors, environment, folder and signals are its own, and it ends as a process of its own.
"""

import atexit
import gc
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

_LENGTH = struct.Struct("!I")
_TESTS = Path(__file__).parent.parent


@dataclass(slots=True)
class Forked:
    """A command that was forked, with as much of `subprocess.Popen` as tests ask of it."""

    args: list[str]
    pid: int
    _alive: int
    returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self._code(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code when it has ended. Raises TimeoutExpired."""
        code = self._code(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _code(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._alive], [], [], timeout)[0]:
            os.close(self._alive)
            self.returncode = _forker().ask({"bury": self.pid})
        return self.returncode


class _Forker:
    """The process that forks, as the tests' process sees it; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._door, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from server.forked import run; run()"],
                stdin=theirs.fileno(),
                cwd=_TESTS,
                start_new_session=True,
            )
        atexit.register(self._close)

    def ask(self, asked: Mapping[str, Any], *descriptors: int) -> int:
        """Ask for something and return the answer, a number."""
        body = json.dumps(asked).encode()
        with self._lock:
            socket.send_fds(self._door, [_LENGTH.pack(len(body))], descriptors)
            self._door.sendall(body)
            return int(json.loads(_read(self._door)))

    def _close(self) -> None:
        self._door.close()
        self._process.wait()


_FORKERS: dict[int, _Forker] = {}


def _forker() -> _Forker:
    """Return the forker of this process."""
    return _FORKERS.get(os.getpid()) or _FORKERS.setdefault(os.getpid(), _Forker())


def fork(
    arguments: Sequence[str], *, environment: Mapping[str, str], folder: Path, stdin: int, stdout: int, stderr: int
) -> Forked:
    """Run `poolkeeper` with arguments as `subprocess.Popen` would run it."""
    alive, living = os.pipe()
    asked = {"arguments": list(arguments), "environment": dict(environment), "folder": str(folder)}
    try:
        pid = _forker().ask(asked, stdin, stdout, stderr, living)
    finally:
        os.close(living)
    return Forked(["poolkeeper", *arguments], pid, alive)


def run() -> None:
    """Be the forker: answer at the socket that is the standard input, until its other end is closed."""
    gc.disable()
    import poolkeeper.cli.program  # noqa: PLC0415 - loaded here, so that no command has to
    import poolkeeper.server.launch  # noqa: F401, PLC0415 - as above

    gc.freeze()
    gc.enable()
    door = socket.socket(fileno=os.dup(0))
    while True:
        head, descriptors, _, _ = socket.recv_fds(door, _LENGTH.size, 4)
        if not head:
            return
        asked = json.loads(_exactly(door, *_LENGTH.unpack(head)))
        if "bury" in asked:
            answer = os.waitstatus_to_exitcode(os.waitpid(asked["bury"], 0)[1])
        elif (answer := os.fork()) == 0:
            door.close()
            _be(asked, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        body = json.dumps(answer).encode()
        door.sendall(_LENGTH.pack(len(body)) + body)


def _be(asked: Mapping[str, Any], descriptors: list[int]) -> NoReturn:
    """Be the command, and end with its code."""
    code = 1
    try:
        *standard, living = descriptors
        os.set_inheritable(living, False)  # noqa: FBT003 - os takes it by position alone
        for number, descriptor in enumerate(standard):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.environ.clear()
        os.environ.update(asked["environment"])
        time.tzset()
        os.chdir(asked["folder"])
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the process
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - as above
        sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115 - as above
        sys.argv = [str(Path(sys.executable).with_name("poolkeeper")), *asked["arguments"]]
        from poolkeeper.cli import main  # noqa: PLC0415 - loaded already

        main()
        code = 0
    except SystemExit as end:
        code = _code_of(end)
    except BaseException:  # noqa: BLE001 - told where the tests read it
        sys.excepthook(*sys.exc_info())
    finally:
        threading._shutdown()  # type: ignore[attr-defined] # as the interpreter does at its end
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _code_of(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    print(end.code, file=sys.stderr)
    return 1


def _read(door: socket.socket) -> bytes:
    return _exactly(door, *_LENGTH.unpack(_exactly(door, _LENGTH.size)))


def _exactly(door: socket.socket, length: int) -> bytes:
    read = b""
    while len(read) < length:
        part = door.recv(length - len(read))
        if not part:
            raise EOFError("the forker has ended")
        read += part
    return read
