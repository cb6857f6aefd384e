"""How do tests import users? A job with its file, sent as curl does, started, and waited for."""

import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from api.world import PoolOfTests, World

ROLE = "arn:aws:iam::000000000000:role/import-logs"
ENDED = {"Succeeded", "Failed", "Stopped", "Expired"}


def create(pool: PoolOfTests, algorithm: str | None = None) -> dict[str, Any]:
    """Create a job and return it."""
    more = {} if algorithm is None else {"PasswordHashingAlgorithm": algorithm}
    made: dict[str, Any] = pool.world.signed.create_user_import_job(
        UserPoolId=pool.pool_id, JobName="tests", CloudWatchLogsRoleArn=ROLE, **more
    )["UserImportJob"]
    return made


def describe(pool: PoolOfTests, job_id: str) -> dict[str, Any]:
    """Return a job as it is now."""
    found: dict[str, Any] = pool.world.signed.describe_user_import_job(UserPoolId=pool.pool_id, JobId=job_id)
    return dict(found["UserImportJob"])


def upload(world: World, job: Mapping[str, Any], content: bytes, **headers: str) -> tuple[int, str]:
    """PUT a file to a job's address; return (status, what was said)."""
    path = "?".join(urlsplit(job["PreSignedUrl"])[2:4])
    status, _, body = world.http("PUT", path, body=content, headers=headers)
    return status, body.decode().strip()


def curl(url: str, *arguments: str) -> str:
    """Send a file by curl and return the status that it tells."""
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *arguments, url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def start(pool: PoolOfTests, job_id: str) -> dict[str, Any]:
    """Start a job and return it."""
    begun: dict[str, Any] = pool.world.signed.start_user_import_job(UserPoolId=pool.pool_id, JobId=job_id)
    return dict(begun["UserImportJob"])


def ended(pool: PoolOfTests, job_id: str) -> dict[str, Any]:
    """Wait for a job's end and return it."""
    for _ in range(3_000):
        job = describe(pool, job_id)
        if job["Status"] in ENDED:
            return job
        time.sleep(0.02)
    raise AssertionError(f"it has not ended: {job}")


def header(pool: PoolOfTests, algorithm: str | None = None) -> list[str]:
    """Return the columns of a pool's file."""
    columns: list[str] = pool.world.signed.get_csv_header(UserPoolId=pool.pool_id)["CSVHeader"]
    return [*columns, *([] if algorithm is None else ["cognito:password_hash"])]


def file_of(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return a file with these columns; MFA is off where a row does not say."""
    known = {"cognito:mfa_enabled": "false"}
    lines = [",".join(({**known, **row}).get(name, "").replace(",", "\\,") for name in columns) for row in rows]
    return "\n".join([",".join(columns), *lines, ""]).encode()


def imported(pool: PoolOfTests, rows: Iterable[Mapping[str, str]], algorithm: str | None = None) -> dict[str, Any]:
    """Import rows and return the job once it has ended."""
    job = create(pool, algorithm)
    content = file_of(header(pool, algorithm), rows)
    assert upload(pool.world, job, content) == (200, "")
    start(pool, job["JobId"])
    return ended(pool, job["JobId"])


def counts(job: Mapping[str, Any]) -> tuple[str, int, int, int]:
    """Return a job's status and its counts: imported, skipped, failed."""
    return job["Status"], job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]


def faults(pool: PoolOfTests, job_id: str) -> list[tuple[int, str, str]]:
    """Return why rows of a job were not taken, as (row, column, reason)."""
    rows = pool.world.rows(
        "SELECT row_number, column_name, reason FROM import_faults WHERE pool_id = $1 AND job_id = $2 ORDER BY row_number",
        pool.pool_id,
        job_id,
    )
    return [(int(row[0]), str(row[1]), str(row[2])) for row in rows]


def parts(pool: PoolOfTests) -> int:
    """Return how many parts of files a pool has."""
    return int(pool.world.rows("SELECT COUNT(number) FROM import_parts WHERE pool_id = $1", pool.pool_id)[0][0])
