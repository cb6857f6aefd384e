"""SQL of import jobs: their rows, how far they have come, and why rows of their files were not taken."""

from collections.abc import Sequence

import msgspec

from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import Table, Walk


class ImportRow(msgspec.Struct, frozen=True, gc=False):
    """One job. `upload` is its file, empty where none is whole; `header` are its columns in JSON, once they were read.

    `row_count` counts the rows of the file without its header, `next_byte` and `next_row` are where the job goes on.
    """

    job_id: str
    name: str
    role_arn: str
    algorithm: str | None
    status: str
    upload: str
    row_count: int
    header: str | None
    next_byte: int
    next_row: int
    imported: int
    skipped: int
    failed: int
    message: str | None
    version: int
    created_at: int
    start_before: int
    started_at: int | None
    completed_at: int | None


class FaultRow(msgspec.Struct, frozen=True, gc=False):
    """Why a row of a file was not taken; `column_name` is empty where it is the whole row."""

    row_number: int
    column_name: str
    reason: str


async def insert(tx: Transaction, *, pool_id: str, row: ImportRow) -> None:
    """Add a job that has no file yet."""
    await tx.execute(
        """
        INSERT INTO import_jobs (pool_id, job_id, name, role_arn, algorithm, status, upload, uploading, row_count, header,
                                 next_byte, next_row, imported, skipped, failed, message, version, created_at, start_before,
                                 started_at, completed_at)
        VALUES ($1, $2, $3, $4, $5, $6, '', '', 0, NULL, 0, 1, 0, 0, 0, NULL, 1, $7, $8, NULL, NULL)
        """,
        pool_id,
        row.job_id,
        row.name,
        row.role_arn,
        row.algorithm,
        row.status,
        row.created_at,
        row.start_before,
    )


async def find(reader: Reader, *, pool_id: str, job_id: str) -> ImportRow | None:
    """Return a job, None where there is none."""
    row = await reader.fetch_one(
        """
        SELECT job_id, name, role_arn, algorithm, status, upload, row_count, header, next_byte, next_row, imported, skipped,
               failed, message, version, created_at, start_before, started_at, completed_at
        FROM import_jobs WHERE pool_id = $1 AND job_id = $2
        """,
        pool_id,
        job_id,
    )
    return None if row is None else ImportRow(*row)


async def page(reader: Reader, *, pool_id: str, after: str, limit: int) -> Sequence[ImportRow]:
    """Return up to `limit` jobs of a pool in the order of their ids, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT job_id, name, role_arn, algorithm, status, upload, row_count, header, next_byte, next_row, imported, skipped,
               failed, message, version, created_at, start_before, started_at, completed_at
        FROM import_jobs WHERE pool_id = $1 AND job_id > $2 ORDER BY job_id LIMIT $3
        """,
        pool_id,
        after,
        limit,
    )
    return [ImportRow(*row) for row in rows]


async def count(reader: Reader, *, pool_id: str) -> int:
    """Return how many jobs a pool has."""
    row = await reader.fetch_one("SELECT COUNT(job_id) FROM import_jobs WHERE pool_id = $1", pool_id)
    return 0 if row is None else int(row[0])


async def has_hashes(reader: Reader, *, pool_id: str) -> bool:
    """Say whether a job of a pool ever imported users with hashes of their passwords."""
    row = await reader.fetch_one(
        "SELECT 1 FROM import_jobs WHERE pool_id = $1 AND algorithm IS NOT NULL AND imported > 0 LIMIT 1", pool_id
    )
    return row is not None


async def begin_upload(db: Database, *, pool_id: str, job_id: str, upload: str, now: int) -> bool:
    """Let a file come, in the place of one that is still coming; False where the job takes none any more."""
    changed = await db.execute(
        """
        UPDATE import_jobs SET uploading = $3
        WHERE pool_id = $1 AND job_id = $2 AND status = 'Created' AND start_before > $4
        """,
        pool_id,
        job_id,
        upload,
        now,
    )
    return changed == 1


async def still_uploading(tx: Transaction, *, pool_id: str, job_id: str, upload: str) -> bool:
    """Say whether a file may go on coming: no other took its place, and the job was not started. Holds the row until the commit."""
    row_count = await tx.execute(
        """
        UPDATE import_jobs SET uploading = $3
        WHERE pool_id = $1 AND job_id = $2 AND uploading = $3 AND status = 'Created'
        """,
        pool_id,
        job_id,
        upload,
    )
    return row_count == 1


async def finish_upload(db: Database, *, pool_id: str, job_id: str, upload: str, row_count: int) -> bool:
    """Make a file that is whole the one of its job; False where another took its place, or the job was started."""
    changed = await db.execute(
        """
        UPDATE import_jobs SET upload = $3, uploading = '', row_count = $4
        WHERE pool_id = $1 AND job_id = $2 AND uploading = $3 AND status = 'Created'
        """,
        pool_id,
        job_id,
        upload,
        row_count,
    )
    return changed == 1


async def start(tx: Transaction, *, pool_id: str, job_id: str, now: int) -> bool:
    """Let a job begin whose file is whole; False where it has none, was started before, or has expired."""
    changed = await tx.execute(
        """
        UPDATE import_jobs SET status = 'Pending', uploading = '', started_at = $3, version = version + 1
        WHERE pool_id = $1 AND job_id = $2 AND status = 'Created' AND upload <> '' AND start_before > $3
        """,
        pool_id,
        job_id,
        now,
    )
    return changed == 1


async def stop(tx: Transaction, *, pool_id: str, job_id: str) -> bool:
    """Tell a job that runs to stop; False where it does not run."""
    changed = await tx.execute(
        """
        UPDATE import_jobs SET status = 'Stopping', version = version + 1
        WHERE pool_id = $1 AND job_id = $2 AND status IN ('Pending', 'InProgress')
        """,
        pool_id,
        job_id,
    )
    return changed == 1


async def advance(tx: Transaction, *, pool_id: str, row: ImportRow, seen: int) -> bool:
    """Keep how far a job has come; False where somebody else did, or it was told to stop, since version `seen`."""
    changed = await tx.execute(
        """
        UPDATE import_jobs SET status = 'InProgress', header = $3, next_byte = $4, next_row = $5, imported = $6, skipped = $7,
                               failed = $8, message = $9, version = version + 1
        WHERE pool_id = $1 AND job_id = $2 AND version = $10
        """,
        pool_id,
        row.job_id,
        row.header,
        row.next_byte,
        row.next_row,
        row.imported,
        row.skipped,
        row.failed,
        row.message,
        seen,
    )
    return changed == 1


async def end(tx: Transaction, *, pool_id: str, job_id: str, status: str, message: str, seen: int, now: int) -> bool:
    """End a job; False where something has changed since version `seen`. It has no file any more."""
    changed = await tx.execute(
        """
        UPDATE import_jobs SET status = $3, message = $4, completed_at = $5, upload = '', uploading = '',
                               version = version + 1
        WHERE pool_id = $1 AND job_id = $2 AND version = $6
        """,
        pool_id,
        job_id,
        status,
        message,
        now,
        seen,
    )
    return changed == 1


async def add_faults(tx: Transaction, *, pool_id: str, job_id: str, faults: Sequence[FaultRow]) -> None:
    """Keep why rows were not taken; what is known of one stays as it is."""
    await tx.fetch_each(
        """
        INSERT INTO import_faults (pool_id, job_id, row_number, column_name, reason) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (pool_id, job_id, row_number) DO NOTHING
        """,
        [(pool_id, job_id, fault.row_number, fault.column_name, fault.reason) for fault in faults],
    )


async def faults(reader: Reader, *, pool_id: str, job_id: str, after: int, limit: int) -> Sequence[FaultRow]:
    """Return why rows of a file were not taken, in their order, from behind row `after`."""
    rows = await reader.fetch(
        """
        SELECT row_number, column_name, reason FROM import_faults
        WHERE pool_id = $1 AND job_id = $2 AND row_number > $3 ORDER BY row_number LIMIT $4
        """,
        pool_id,
        job_id,
        after,
        limit,
    )
    return [FaultRow(*row) for row in rows]


async def end_all(tx: Transaction, pool_id: str, *, message: str, now: int) -> int:
    """End what runs in a pool, and leave jobs that were not started without their files: the database was restored."""
    ended = await tx.execute(
        """
        UPDATE import_jobs SET status = 'Stopped', message = $2, completed_at = $3, upload = '', uploading = '',
                               version = version + 1
        WHERE pool_id = $1 AND status IN ('Pending', 'InProgress', 'Stopping')
        """,
        pool_id,
        message,
        now,
    )
    await tx.execute(
        """
        UPDATE import_jobs SET upload = '', uploading = '', row_count = 0, version = version + 1
        WHERE pool_id = $1 AND status = 'Created' AND (upload <> '' OR uploading <> '')
        """,
        pool_id,
    )
    return ended


TABLES = (
    Table(
        name="import_jobs",
        key=("pool_id", "job_id"),
        owner="pool",
        of_a_pool=Walk(
            start=("",),
            keys="SELECT job_id FROM import_jobs WHERE pool_id = $1 AND job_id > $2 ORDER BY job_id LIMIT 500",
            delete="DELETE FROM import_jobs WHERE pool_id = $1 AND job_id > $2 AND job_id <= $3",
        ),
        at_reset="DELETE FROM import_jobs WHERE pool_id >= ''",
    ),
    Table(
        name="import_faults",
        key=("pool_id", "job_id", "row_number"),
        owner="pool",
        of_a_pool=Walk(
            start=("", -1),
            keys="""SELECT job_id, row_number FROM import_faults WHERE pool_id = $1 AND (job_id, row_number) > ($2, $3)
                    ORDER BY job_id, row_number LIMIT 500""",
            delete="""DELETE FROM import_faults WHERE pool_id = $1 AND (job_id, row_number) > ($2, $3)
                      AND (job_id, row_number) <= ($4, $5)""",
        ),
        at_reset="DELETE FROM import_faults WHERE pool_id >= ''",
    ),
)
