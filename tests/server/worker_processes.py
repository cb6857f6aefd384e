"""Which processes answer beneath a server? Those that its zygote has forked."""

from faults.kill_workers import children, workers
from server.program import Served


def workers_of(server: Served) -> list[int]:
    """Return the process ids of a server's workers."""
    return workers(server.process.pid)


def zygote_of(server: Served) -> int:
    """Return the process id of what forks a server's workers."""
    (zygote,) = children(server.process.pid)
    return zygote
