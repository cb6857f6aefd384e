"""What does a server answer while its PostgreSQL waits for a standby, is frozen or away? Bounded answers, and no traceback."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

import postgres_server
from server.operating import KEY, client_of, json_lines, new_pool, new_user, sign_in, with_ring
from server.program import Place, place, serving


@pytest.fixture
def own_postgres() -> Iterator[postgres_server.PostgresServer]:
    """Run a PostgreSQL that a test may freeze and kill."""
    with postgres_server.running() as server:
        yield server


@contextmanager
def stopped(processes: Sequence[int]) -> Iterator[None]:
    """Freeze processes until the block ends."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call was answered, its error code where it was refused, and the seconds that it took."""
    begun = time.monotonic()
    try:
        answer = call()
    except ClientError as fault:
        answer = fault.response["Error"]["Code"]
    return answer, time.monotonic() - begun


def health(where: Place) -> int:
    return httpx.get(f"{where.endpoint}/health", trust_env=False, timeout=20).status_code


def test_sign_ins_that_cannot_be_kept_are_refused_and_everything_else_goes_on(
    own_postgres: postgres_server.PostgresServer, tmp_path: Path
) -> None:
    """While the only synchronous standby is gone nobody is let in, nobody waits for long, and reads go on (attacks.md F6)."""
    database = own_postgres.create_database()
    where = with_ring(place(tmp_path, database=database, database_write_connections="2", **KEY))
    with serving(where) as server, ThreadPoolExecutor(8) as threads:
        pool_id, client_id = new_pool(where)
        tokens = new_user(where, pool_id, client_id)["AuthenticationResult"]
        own_postgres.set("synchronous_standby_names", "nobody")
        entering: list[Future[tuple[Any, float]]] = [
            threads.submit(timed, lambda: sign_in(where, client_id, "ada")) for _ in range(8)
        ]
        time.sleep(1)
        reader, over = client_of(where), time.monotonic() + 5.5
        while time.monotonic() < over:
            user, seconds = timed(lambda: reader.get_user(AccessToken=tokens["AccessToken"]))
            assert user["Username"] == "ada"
            assert seconds < 2
            assert timed(lambda: health(where))[0] == 200
        refused = [one.result() for one in entering if one.done()]
        own_postgres.set("synchronous_standby_names", "")
        answers = [one.result() for one in entering]
        assert "AuthenticationResult" in sign_in(where, client_id, "ada")

    assert len(refused) >= 6
    assert {answer for answer, _ in refused} == {"InternalErrorException"}
    assert max(seconds for _, seconds in refused) < 10
    assert len(answers) == 8
    assert "Traceback" not in server.said()
    assert server.said().count("the worker waits for the database") <= 1


def test_health_tells_of_a_frozen_database_within_two_seconds(
    own_postgres: postgres_server.PostgresServer, tmp_path: Path
) -> None:
    """Every process of it is stopped, so nothing is answered and nothing refused: 503, and 200 when it goes on (F9)."""
    where = with_ring(place(tmp_path, database=own_postgres.create_database(), **KEY))
    with serving(where):
        with stopped(own_postgres.processes()):
            found = [timed(lambda: health(where)) for _ in range(3)]
        assert health(where) == 200
    assert [status for status, _ in found] == [503] * 3
    assert max(seconds for _, seconds in found) < 4


def test_documents_that_cannot_be_read_leave_a_line_and_no_traceback(
    own_postgres: postgres_server.PostgresServer, tmp_path: Path
) -> None:
    """Twenty clients ask for keys while the database is away; each is told the id of its line (attacks.md F5)."""
    where = with_ring(place(tmp_path, database=own_postgres.create_database(), **KEY))
    with serving(where) as server:
        pool_id, client_id = new_pool(where)
        own_postgres.kill()
        with ThreadPoolExecutor(20) as threads:
            keys = f"{where.endpoint}/{pool_id}/.well-known/jwks.json"
            answers = list(threads.map(lambda _: httpx.get(keys, trust_env=False, timeout=30), range(20)))
        assert timed(lambda: sign_in(where, client_id, "ada"))[0] == "InternalErrorException"
        own_postgres.start()
        assert httpx.get(keys, trust_env=False, timeout=30).status_code == 200
    assert {answer.status_code for answer in answers} == {503}
    assert not [line for line in json_lines(server.said()) if "traceback" in line]
    assert "Traceback" not in server.said()
    told = [line for line in json_lines(server.said()) if "was not served" in line.get("message", "")]
    assert len(told) == 20
