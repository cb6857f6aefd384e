"""Does the server tell that its database takes no changes? While everybody can read, and before anybody signs in."""

import asyncio
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg
import httpx

from server import program
from server.program import Place, Served, serving


def test_health_and_the_doctor_tell_of_a_database_that_takes_no_changes(installed: Place) -> None:
    """A file that may not grow, a database that is read-only: 503 within two seconds each, and 200 when it is over."""
    with serving(installed) as server:
        assert "the database takes changes" in program.told(installed, "doctor")
        with refusing_changes(installed, server):
            slowest = wait_for(installed, httpx.codes.SERVICE_UNAVAILABLE)
            examined = subprocess.run(
                ["prlimit", "--fsize=0", program.program("poolkeeper"), "doctor"],
                env=installed.environment,
                cwd=installed.folder,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        slowest = max(slowest, wait_for(installed, httpx.codes.OK))
    assert slowest < 4
    assert examined.returncode == 1
    assert "BAD  the database takes no changes: " in examined.stdout


def test_a_database_that_takes_no_changes_is_backed_up_all_the_same(two_workers: Place) -> None:
    """What the database cannot keep is said: it does not know of this backup."""
    with serving(two_workers) as server:
        with refusing_changes(two_workers, server):
            said = program.told(two_workers, "backup", "back.up")
        wait_for(two_workers, httpx.codes.OK)
    assert "Warning: the database takes no changes, so it does not know of this backup" in said
    assert (two_workers.folder / "back.up").is_file()


@contextmanager
def refusing_changes(where: Place, server: Served) -> Iterator[None]:
    """Let the database answer whoever reads, and nobody who writes."""
    url = where.environment.get("POOLKEEPER_DATABASE")
    if url is None:
        before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
        yield
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
        return
    name = urlsplit(url).path[1:]
    asyncio.run(_say(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    yield
    asyncio.run(_say(url, f"ALTER DATABASE {name} RESET default_transaction_read_only"))


def wait_for(where: Place, status: int) -> float:
    """Ask /health until it answers so; return the seconds of its slowest answer."""
    slowest, deadline = 0.0, time.monotonic() + 30
    while True:
        begun = time.monotonic()
        answer = httpx.get(f"{where.endpoint}/health", trust_env=False, timeout=10).status_code
        slowest = max(slowest, time.monotonic() - begun)
        if answer == status:
            return slowest
        assert time.monotonic() < deadline, f"/health goes on to answer {answer}"
        time.sleep(0.2)


async def _say(url: str, sentence: str) -> None:
    """Say it to PostgreSQL, and let whoever is connected to the database come anew."""
    connection = await asyncpg.connect(url, server_settings={"default_transaction_read_only": "off"})
    try:
        await connection.execute(sentence)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
