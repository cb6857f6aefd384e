"""What do those who fork processes share? How a fork ends, and how they hear what is asked of them.

It loads the standard library alone: what forks servers of tests loads it before everything else.
"""

import contextlib
import os
import socket
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def leaving() -> Iterator[None]:
    """End this process, a fork, with the block: nothing that its parent does afterwards is the fork's to do."""
    code = 1
    try:
        yield
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001 - told where it can be read
        sys.excepthook(*sys.exc_info())
    finally:
        try:
            flush()
        finally:
            os._exit(code)


def flush() -> None:
    """Write out what is buffered, so that a fork does not write it once more; a process may have been given no streams."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def read_exactly(door: socket.socket, length: int) -> bytes:
    """Return the next bytes of a socket. Raises EOFError where its other end is closed before."""
    received = b""
    while len(received) < length:
        part = door.recv(length - len(received))
        if not part:
            raise EOFError
        received += part
    return received


def ended(pid: int) -> int:
    """Wait for the end of a fork of this process; return its exit code, or the signal that ended it as a negative number."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
