"""Whether an import that is killed makes somebody twice, or forgets a row: a server that is killed in the middle, again and again."""

import asyncio
import os
import random
import signal
import sqlite3
import time
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from server import operating, program
from server.program import Place, Served

KILLS, ROWS = 4, 2_500
COLUMNS = "cognito:username,email,email_verified,cognito:mfa_enabled"
ROLE = "arn:aws:iam::000000000000:role/import-logs"


def line(number: int) -> str:
    """Return one row: of ten, one has no address, and one has the name of the row before."""
    name = number - 1 if number % 10 == 5 else number
    return f"user{name},{'none' if number % 10 == 0 else f'user{number}@mail.example'},true,false"


def asked(where: Place, database: str, sql: str) -> list[tuple[Any, ...]]:
    """Ask the database itself, beside whatever runs."""
    if not database:
        with sqlite3.connect(where.data / "poolkeeper.sqlite3", timeout=10) as connection:
            return connection.execute(sql).fetchall()

    async def fetched() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(database)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return asyncio.run(fetched())


def begin(where: Place) -> dict[str, str]:
    """Make a pool with an import of all rows, under way; return what names it."""
    idp = operating.client_of(where)
    pool_id = idp.create_user_pool(PoolName="imported", AliasAttributes=["email"])["UserPool"]["Id"]
    made = idp.create_user_import_job(UserPoolId=pool_id, JobName="killed", CloudWatchLogsRoleArn=ROLE)["UserImportJob"]
    content = "\n".join([COLUMNS, *map(line, range(1, ROWS + 1)), ""])
    address = f"{where.endpoint}{urlsplit(made['PreSignedUrl']).path}?{urlsplit(made['PreSignedUrl']).query}"
    assert httpx.put(address, content=content.encode(), trust_env=False).status_code == 200
    named = {"UserPoolId": pool_id, "JobId": made["JobId"]}
    idp.start_user_import_job(**named)
    return named


def job_of(where: Place, named: dict[str, str]) -> dict[str, Any]:
    """Return the job as the server tells it."""
    found: dict[str, Any] = operating.client_of(where).describe_user_import_job(**named)["UserImportJob"]
    return found


def done(job: dict[str, Any]) -> int:
    """Return how many rows are done."""
    return int(job["ImportedUsers"] + job["SkippedUsers"] + job["FailedUsers"])


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_every_row_is_imported_once(request: pytest.FixtureRequest, tmp_path: Any, engine: str) -> None:
    """Killed with rows on their way, it goes on: users, names, counts and faults are as if nothing had happened."""
    database = request.getfixturevalue("postgres").create_database() if engine == "postgresql" else ""
    where = program.place(tmp_path, **({"database": database} if database else {}), **operating.KEY)
    served = program.start(where, "--dev")
    program.wait_until_healthy(served, where)
    named, reached, chance = begin(where), list[int](), random.Random(7)
    for _ in range(KILLS):
        before = reached[-1] if reached else 0
        wait_for_rows(where, served, named, before + ROWS // 20)
        time.sleep(chance.random() / 4)  # anywhere in a batch, and not behind its commit alone
        os.kill(served.process.pid, signal.SIGKILL)
        served.ended()
        reached.append(int(asked(where, database, "SELECT imported + skipped + failed FROM import_jobs")[0][0]))
        let_go(where, database)
        served = program.start(where, "--dev")
        program.wait_until_healthy(served, where)
    try:
        job = wait_for_rows(where, served, named, ROWS)
        while job["Status"] == "InProgress":
            job = job_of(where, named)
    finally:
        served.stop()

    assert [0, *reached, ROWS] == sorted({0, *reached, ROWS})
    failed, skipped = ROWS // 10, ROWS // 10
    assert (job["Status"], job["ImportedUsers"]) == ("Succeeded", ROWS - failed - skipped)
    assert (job["SkippedUsers"], job["FailedUsers"]) == (skipped, failed)
    names = sorted(row[0] for row in asked(where, database, "SELECT username FROM users"))
    assert names == sorted(f"user{number}" for number in range(1, ROWS + 1) if number % 10 not in {0, 5})
    (held,) = asked(where, database, "SELECT COUNT(*), COUNT(DISTINCT user_id) FROM aliases")
    assert tuple(held) == (3 * len(names), len(names))
    assert int(asked(where, database, "SELECT SUM(users) FROM tallies")[0][0]) == len(names)
    rows = [row[0] for row in asked(where, database, "SELECT row_number FROM import_faults ORDER BY row_number")]
    assert rows == list(range(11, ROWS + 2, 10))


def wait_for_rows(where: Place, served: Served, named: dict[str, str], rows: int) -> dict[str, Any]:
    """Wait until so many rows are done, and return the job."""
    until = time.monotonic() + 240
    while done(job := job_of(where, named)) < rows:
        assert time.monotonic() < until, (job, served.said()[-4000:])
        time.sleep(0.01)
    return job


def let_go(where: Place, database: str) -> None:
    """End the lease that the dead server holds, and the wait after a try that failed, as some minutes would."""
    statement = "UPDATE due SET lease_until = 0, due_at = 0, attempts = 0 WHERE kind = 'import'"
    if not database:
        with sqlite3.connect(where.data / "poolkeeper.sqlite3", timeout=10) as connection:
            connection.execute(statement)
        return
    asked(where, database, statement)
