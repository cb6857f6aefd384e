"""SQL of the files of import jobs: parts of 256 KiB, sealed, so that a process without the disk of another goes on with them."""

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Sealed, Table, Walk


async def add(tx: Transaction, *, pool_id: str, job_id: str, upload: str, number: int, payload: bytes) -> None:
    """Add the next part of a file."""
    await tx.execute(
        "INSERT INTO import_parts (pool_id, job_id, upload, number, payload) VALUES ($1, $2, $3, $4, $5)",
        pool_id,
        job_id,
        upload,
        number,
        payload,
    )


async def find(reader: Reader, *, pool_id: str, job_id: str, upload: str, number: int) -> bytes | None:
    """Return a part of a file, sealed; None behind its end."""
    row = await reader.fetch_one(
        "SELECT payload FROM import_parts WHERE pool_id = $1 AND job_id = $2 AND upload = $3 AND number = $4",
        pool_id,
        job_id,
        upload,
        number,
    )
    return None if row is None else bytes(row[0])


async def drop(tx: Transaction, *, pool_id: str, job_id: str) -> int:
    """Remove up to twenty parts of files that their job no longer has; return how many went."""
    return await tx.execute(
        """
        DELETE FROM import_parts WHERE pool_id = $1 AND job_id = $2 AND (upload, number) IN (
            SELECT p.upload, p.number FROM import_parts p
            JOIN import_jobs j ON j.pool_id = p.pool_id AND j.job_id = p.job_id
            WHERE p.pool_id = $1 AND p.job_id = $2 AND p.upload <> j.upload AND p.upload <> j.uploading LIMIT 20
        )
        """,
        pool_id,
        job_id,
    )


async def drop_of_pool(tx: Transaction, pool_id: str) -> int:
    """Remove up to twenty parts of any job of a pool; return how many went."""
    return await tx.execute(
        """
        DELETE FROM import_parts WHERE pool_id = $1 AND (job_id, upload, number) IN (
            SELECT job_id, upload, number FROM import_parts WHERE pool_id = $1 LIMIT 20
        )
        """,
        pool_id,
    )


TABLE = Table(
    name="import_parts",
    key=("pool_id", "job_id", "upload", "number"),
    owner="pool",
    of_a_pool=Walk(
        start=("", "", -1),
        keys="""SELECT job_id, upload, number FROM import_parts
                WHERE pool_id = $1 AND (job_id, upload, number) > ($2, $3, $4)
                ORDER BY job_id, upload, number LIMIT 500""",
        delete="""DELETE FROM import_parts WHERE pool_id = $1 AND (job_id, upload, number) > ($2, $3, $4)
                  AND (job_id, upload, number) <= ($5, $6, $7)""",
    ),
    sealed=(
        Sealed(
            "payload",
            start=("", "", "", -1),
            walk="""SELECT pool_id, job_id, upload, number, payload FROM import_parts
                    WHERE pool_id > $1 OR (pool_id = $1 AND (job_id > $2
                        OR (job_id = $2 AND (upload > $3 OR (upload = $3 AND number > $4)))))
                    ORDER BY pool_id, job_id, upload, number LIMIT $5""",
            put="""UPDATE import_parts SET payload = $5
                   WHERE pool_id = $1 AND job_id = $2 AND upload = $3 AND number = $4 AND payload = $6""",
            most=8,
        ),
    ),
    at_reset="DELETE FROM import_parts WHERE pool_id >= ''",
)
