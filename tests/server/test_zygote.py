"""Do workers come from one process that has loaded everything? It is in nobody's way, and its end is no silence."""

import errno
import os
import signal
import socket
from pathlib import Path

import pytest

from poolkeeper.server.zygote import CannotFork, Worker, look_at, tell_ready, zygote
from ports import free_ports
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


def _worker_that_waits(_slot: int, lifeline: socket.socket) -> None:
    """Be a worker that is ready at once, and ends at a signal or with its parent."""
    tell_ready(lifeline)
    lifeline.recv(1)


def _until_ended(worker: Worker) -> None:
    def has_ended() -> bool:
        look_at([worker], 0.1)
        return not worker.alive

    wait_for(has_ended)


def test_a_signal_right_after_the_fork_is_not_lost() -> None:
    """The zygote ignores it; what it forks does not, not even for a moment."""
    with zygote(_worker_that_waits, []) as made:
        for number in range(40):
            worker = made.start(number)
            worker.signal(signal.SIGTERM)
            _until_ended(worker)
            assert made.bury(worker) == -signal.SIGTERM


def test_where_there_is_no_room_for_a_process_the_zygote_lives_on() -> None:
    """It says so, and is there for the next time."""

    def no_room() -> int:
        raise BlockingIOError(errno.EAGAIN, "no room")

    real = os.fork
    with pytest.MonkeyPatch.context() as patched:

        def fork_once() -> int:
            """Fork the zygote, in which there is no room for more."""
            patched.setattr(os, "fork", no_room)
            return real()

        patched.setattr(os, "fork", fork_once)
        with zygote(_worker_that_waits, []) as made:
            for number in range(2):
                with pytest.raises(CannotFork, match="unavailable"):
                    made.start(number)


def test_a_zygote_closes_the_listeners_when_it_is_told_to() -> None:
    """Else connections would wait at a process that takes none."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    with zygote(_worker_that_waits, [listener]) as made:
        listener.close()
        socket.create_connection(address).close()  # the zygote has it still
        made.close_listeners()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)


def test_workers_that_outlive_their_parent_do_not_keep_the_port_of_metrics(two_workers: Place) -> None:
    """One may finish a long request while the next server starts."""
    port = free_ports(1)[0]
    two_workers.environment["POOLKEEPER_METRICS_PORT"] = str(port)
    with serving(two_workers) as server:
        row = next(line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if _listens(line, port))
        assert f"socket:[{row[9]}]" in _open_in(server.process.pid)
        for worker in workers_of(server):
            assert f"socket:[{row[9]}]" not in _open_in(worker)


def _open_in(pid: int) -> set[str]:
    return {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}


def _listens(line: str, port: int) -> bool:
    _, local, _, state, *_ = line.split()
    return state == "0A" and int(local.rpartition(":")[2], 16) == port
