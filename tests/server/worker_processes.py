"""Which processes answer beneath a server? The children that it has begun to serve."""

from pathlib import Path

from server.program import Served


def workers_of(server: Served) -> list[int]:
    """Return the process ids of a server's workers."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            worker = b"spawn_main" in (entry / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if parent == server.process.pid and worker:
            found.append(int(entry.name))
    return found
