"""How does a program end with the server, however that ends? The system is asked to see to it, and the program begins here.

Started as `python tied.py <server's process id> <socket> <program> <argument>...` and becomes that program, which keeps the
socket and the three standard files alone: uvloop hands on whatever else its process holds open for others.
"""

import contextlib
import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1  # prctl(2). It outlives exec, and holds for the program, not for what the program starts.


def main(server: int, number: int, command: list[str]) -> None:
    """Become `command`."""
    for descriptor in map(int, os.listdir("/dev/fd")):  # noqa: PTH208 - by its numbers
        if descriptor > 2 and descriptor != number:
            with contextlib.suppress(OSError):  # The list itself was open, too.
                os.close(descriptor)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # The server passes it over, and we have inherited that.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != server:  # It ended before anybody was asked.
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - there is nothing in it that a shell would be for


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
