"""Do the servers of tests come from one process that has loaded everything? Each is its own, and none outlives who asked for it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from poolkeeper.nursery import Nursery, nursery
from poolkeeper.testing import PoolkeeperServer, poolkeeper_server
from ports import free_port
from waiting import wait_for

SEED = """
[[user_pools]]
id = "us-east-1_Books"
PoolName = "books"
"""


def _environment(folder: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "POOLKEEPER_DATA": str(folder / "data"), "POOLKEEPER_LOG_FORMAT": "json", **more}


def _jwks(server: PoolkeeperServer) -> bytes:
    return httpx.get(f"{server.url}/us-east-1_Books/.well-known/jwks.json").content


def test_two_servers_have_one_parent_and_nothing_else_in_common() -> None:
    """What one makes the other has not; neither warns of what is only the nursery's doing."""
    with poolkeeper_server(SEED) as one, poolkeeper_server(SEED) as other:
        one.client().create_user_pool(PoolName="another")
        assert len(one.client().list_user_pools(MaxResults=10)["UserPools"]) == 2
        assert len(other.client().list_user_pools(MaxResults=10)["UserPools"]) == 1
        one.reset()
        assert _jwks(one)
        assert (one.folder / "data" / "sealing.keys").stat().st_mode & 0o777 == 0o600
        for server in (one, other):
            assert "Warning" not in server.log()
            assert "were there before it" not in server.log()


def test_data_of_ones_own_are_not_made_ahead(tmp_path: Path) -> None:
    """A second server over them finds what the first one left."""
    for expected in (1, 2):
        with poolkeeper_server(settings={"data": tmp_path / "kept"}) as server:
            client = server.client()
            assert len(client.list_user_pools(MaxResults=10)["UserPools"]) == expected
            client.create_user_pool(PoolName="another")


def test_a_child_is_forked_by_the_nursery_and_ends_by_force_where_it_must(tmp_path: Path) -> None:
    """Its pipe tells its end; a server that is stopped in the middle does not keep anybody waiting."""
    own = Nursery()
    child = own.start(
        _environment(tmp_path, POOLKEEPER_PORT=str(free_port()), POOLKEEPER_TLS_PORT="0"),
        tmp_path / "log",
        blank=tmp_path / "data",
    )
    wait_for(lambda: "is ready in" in (tmp_path / "log").read_text())
    assert child.runs()
    assert f"PPid:\t{own._process.pid}\n" in Path(f"/proc/{child.pid}/status").read_text()
    os.kill(child.pid, signal.SIGSTOP)  # It hears of no end.
    child.end(0)
    assert not Path(f"/proc/{child.pid}").exists()


def test_a_server_that_does_not_start_is_no_mystery(tmp_path: Path) -> None:
    """What it said is in its log, and the nursery goes on."""
    child = nursery().start(_environment(tmp_path, POOLKEEPER_PORT="nonsense"), tmp_path / "log", blank=None)
    wait_for(lambda: not child.runs())
    child.end(0)
    assert "port" in (tmp_path / "log").read_text()
    with poolkeeper_server(SEED) as server:
        assert _jwks(server)


def test_servers_end_and_another_nursery_takes_its_place_where_one_is_killed() -> None:
    """The block ends in peace all the same."""
    with poolkeeper_server(SEED) as server:
        gone = nursery()
        gone._process.kill()
        gone._process.wait()
        assert _jwks(server)
        with pytest.raises(RuntimeError, match="Poolkeeper did not start"):
            gone.ask({"bury": 0})
        assert nursery() is not gone
        with poolkeeper_server(SEED) as other:
            assert _jwks(other)
    with pytest.raises(httpx.ConnectError):
        _jwks(server)


def test_a_fork_of_the_tests_has_a_nursery_of_its_own(tmp_path: Path) -> None:
    """Two processes that spoke at one door would take each other's answers."""
    program = tmp_path / "forking.py"
    program.write_text(
        "import os\nfrom poolkeeper.nursery import nursery\nfrom poolkeeper.testing import poolkeeper_server\n"
        "with poolkeeper_server() as ours:\n"
        "    if (pid := os.fork()) == 0:\n"
        "        with poolkeeper_server() as its:\n"
        "            code = 7 if its.outbox() == [] else 1\n"
        "        nursery()._close()\n"
        "        os._exit(code)\n"
        "    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7\n"
        "    assert ours.outbox() == []\n"
    )
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_pytest_loads_a_server_before_the_first_test_that_asks_for_one(tmp_path: Path) -> None:
    """While others run; a list of tests alone loads none."""
    (tmp_path / "test_it.py").write_text(
        "from poolkeeper import nursery\n\n"
        "def test_first():\n    assert len(nursery._NURSERIES) == 1\n\n"
        "def test_it(poolkeeper):\n    assert poolkeeper.outbox() == []\n    assert len(nursery._NURSERIES) == 1\n"
    )
    (tmp_path / "conftest.py").write_text(
        "from poolkeeper import nursery\n"
        "def pytest_sessionfinish(session):\n    print('NURSERIES', len(nursery._NURSERIES))\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", "-s", "-W", "error"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}

    def run(*more: str) -> str:
        done = subprocess.run(
            [*command, *more, str(tmp_path)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    told = run()
    assert "2 passed" in told
    assert "NURSERIES 1" in told
    assert "NURSERIES 0" in run("--collect-only")
