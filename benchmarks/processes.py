"""What do a server's processes use? CPU time and memory of a process and all its descendants, from the kernel (Linux)."""

import time
from collections.abc import Iterable
from pathlib import Path


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        # The second field is the program's name in parentheses, which may hold spaces: proc(5).
        found[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    return found


def tree(pid: int) -> set[int]:
    """Return `pid` and the ids of all its descendants."""
    parents = _parents()
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    return family


def cpu(pid: int) -> int:
    """Return the CPU time, user and system, of a process and its living descendants, in nanoseconds."""
    return sum(_process_cpu(member) for member in tree(pid))


def _process_cpu(pid: int) -> int:
    # The clock of another process, as clock_getcpuclockid(3) makes it: the sum of utime and stime in /proc/PID/stat,
    # in nanoseconds where stat has ticks of 10 ms.
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return 0


def memory(members: Iterable[int]) -> int:
    """Return the resident memory of processes, in bytes; shared pages count in each."""
    total = 0
    for member in members:
        try:
            status = Path(f"/proc/{member}/status").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))
    return total
