"""SQL of the wrong proofs that are counted of a user or ghost, and of the locks that come of them."""

import msgspec

from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Exported, Nobodys, Table, Walk


class Lockout(msgspec.Struct, frozen=True, gc=False):
    """How many wrong proofs of a user or ghost count; times are milliseconds."""

    failures: int
    last_failure_at: int
    locked_until: int


async def find(reader: Reader, *, pool_id: str, subject_id: str, bucket: str) -> Lockout | None:
    """Return what is counted of a user or ghost."""
    row = await reader.fetch_one(
        """
        SELECT failures, last_failure_at, locked_until FROM lockouts
        WHERE pool_id = $1 AND subject_id = $2 AND bucket = $3
        """,
        pool_id,
        subject_id,
        bucket,
    )
    return None if row is None else Lockout(*row)


async def count(
    writer: Database | Transaction, *, pool_id: str, subject_id: str, bucket: str, now: int, window: int
) -> None:
    """Count one wrong proof, in one statement, and lock along the curve: from the 5th on 2^(n-5) s, at most `window`.

    `window` (ms) is also the time without attempts after which counting begins anew (userpools.md 7.3).
    """
    await writer.execute(
        """
        INSERT INTO lockouts (pool_id, subject_id, bucket, failures, last_failure_at, locked_until, expires_at)
        VALUES ($1, $2, $3, 1, CAST($4 AS bigint), 0, CAST($4 AS bigint) + CAST($5 AS bigint))
        ON CONFLICT (pool_id, subject_id, bucket) DO UPDATE SET
            failures = CASE WHEN lockouts.last_failure_at + $5 < $4 THEN 1 ELSE lockouts.failures + 1 END,
            last_failure_at = $4,
            locked_until = CASE
                WHEN lockouts.last_failure_at + $5 < $4 OR lockouts.failures < 4 THEN 0
                WHEN lockouts.failures >= 14 THEN $4 + $5
                ELSE $4 + (1000 << CAST(lockouts.failures - 4 AS integer))
            END,
            expires_at = $4 + $5 + $5
        """,
        pool_id,
        subject_id,
        bucket,
        now,
        window,
    )


async def clear(writer: Database | Transaction, *, pool_id: str, subject_id: str, bucket: str) -> int:
    """Forget the wrong proofs of a user who has given a right one."""
    return await writer.execute(
        "DELETE FROM lockouts WHERE pool_id = $1 AND subject_id = $2 AND bucket = $3", pool_id, subject_id, bucket
    )


TABLE = Table(
    name="lockouts",
    key=("pool_id", "subject_id", "bucket"),
    owner="subject",
    of_a_user="DELETE FROM lockouts WHERE pool_id = $1 AND subject_id = $2",
    exported=Exported(
        (
            "bucket",
            "failures",
            "last_failure_at",
            "locked_until",
            "expires_at",
        ),
        """SELECT bucket, failures, last_failure_at, locked_until, expires_at
           FROM lockouts WHERE pool_id = $1 AND subject_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT subject_id FROM lockouts WHERE pool_id = $1 AND subject_id > $2 ORDER BY subject_id LIMIT 500",
        delete="DELETE FROM lockouts WHERE pool_id = $1 AND subject_id > $2 AND subject_id <= $3",
    ),
    expiring=(
        Expiring(
            kept=CLOCKS_APART,
            delete="""DELETE FROM lockouts WHERE pool_id = $1 AND (subject_id, bucket) IN (
                          SELECT subject_id, bucket FROM lockouts
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    of_nobody=Nobodys(
        look="""SELECT c.expires_at, c.subject_id, c.bucket, CASE WHEN u.user_id IS NULL THEN 1 ELSE 0 END
                FROM lockouts c LEFT JOIN users u ON u.pool_id = c.pool_id AND u.user_id = c.subject_id
                WHERE c.pool_id = $1 AND (c.expires_at, c.subject_id, c.bucket) < ($2, $3, $4)
                ORDER BY c.expires_at DESC, c.subject_id DESC, c.bucket DESC LIMIT 500""",
        drop="""DELETE FROM lockouts WHERE pool_id = $1 AND (expires_at, subject_id, bucket) < ($2, $3, $4)
                AND (expires_at, subject_id, bucket) >= ($5, $6, $7)
                AND NOT EXISTS (SELECT 1 FROM users u WHERE u.pool_id = $1 AND u.user_id = lockouts.subject_id)""",
    ),
    at_reset="DELETE FROM lockouts WHERE pool_id >= ''",
)
