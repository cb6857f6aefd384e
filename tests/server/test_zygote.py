"""Do workers come from one process that has loaded everything? It is in nobody's way, and its end is no silence."""

import os
import signal
from pathlib import Path

from server import program
from server.operating import json_lines, new_pool
from server.program import Place, Served, serving
from server.worker_processes import workers_of, zygote_of
from waiting import wait_for


def _parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _shared(pid: int) -> tuple[int, int]:
    """Return how much of a process's memory is its own, and how much it shares with others, in KiB."""
    rows = dict(line.split(":") for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    sizes = {name: int(text.split()[0]) for name, text in rows.items()}
    return (
        sizes["Private_Clean"] + sizes["Private_Dirty"],
        sizes["Shared_Clean"] + sizes["Shared_Dirty"],
    )


def test_workers_share_what_the_zygote_has_loaded(two_workers: Place) -> None:
    """Most of a worker's memory is the zygote's too, and one that follows a dead one has the same parent."""
    with serving(two_workers) as server:
        zygote = zygote_of(server)
        workers = workers_of(server)
        assert _parent_of(zygote) == server.process.pid
        for worker in workers:
            own, shared = _shared(worker)
            assert shared > own, (own, shared)
        os.kill(workers[0], signal.SIGKILL)
        wait_for(lambda: len(set(workers_of(server)) - {workers[0]}) == 2)
        assert zygote_of(server) == zygote


def test_a_signal_to_all_processes_is_a_stop_in_peace(two_workers: Place) -> None:
    """A manager of services may send it to each: the zygote leaves it to the others, and nobody is left behind."""
    with serving(two_workers) as server:
        new_pool(two_workers)
        everybody = [zygote_of(server), *workers_of(server)]
        for one in (*everybody, server.process.pid):
            os.kill(one, signal.SIGTERM)
        assert server.ended() == 0
        wait_for(lambda: not any(Path(f"/proc/{one}").exists() for one in everybody))
    assert [line.get("message") for line in json_lines(server.said())][-2:] == ["Stopping.", "Stopped."]


def test_a_server_that_lost_its_zygote_ends_at_the_first_worker_it_cannot_replace(two_workers: Place) -> None:
    """Until then it answers; whoever minds it is told by the exit code, and by a line."""
    server: Served = program.start(two_workers)
    try:
        program.wait_until_healthy(server, two_workers)
        workers = workers_of(server)
        os.kill(zygote_of(server), signal.SIGKILL)
        new_pool(two_workers)
        os.kill(workers[0], signal.SIGKILL)
    finally:
        code = server.ended()
    assert code == 1
    messages = [line.get("message") for line in json_lines(server.said())]
    assert "the process that starts workers has ended, and so does the server" in messages
    assert messages[-1] == "Stopped."
    wait_for(lambda: not any(Path(f"/proc/{one}").exists() for one in workers))
