"""SQL of what a user or ghost did within the last hour: the times, in a row for each purpose."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Exported, Nobodys, Table, Walk


class Counted(msgspec.Struct, frozen=True, gc=False):
    """What a user or ghost did within the last hour: `times` is a JSON list of milliseconds."""

    times: str
    version: int


async def find(reader: Reader, *, pool_id: str, subject_id: str, purpose: str) -> Counted | None:
    """Return what a user or ghost did for one purpose within the last hour."""
    row = await reader.fetch_one(
        "SELECT times, version FROM hourly WHERE pool_id = $1 AND subject_id = $2 AND purpose = $3",
        pool_id,
        subject_id,
        purpose,
    )
    return None if row is None else Counted(*row)


class Noted(msgspec.Struct, frozen=True, gc=False):
    """What stands in a row of counts once one more is noted: a JSON list of milliseconds, some perhaps an hour old."""

    times: str
    version: int

    @property
    def begun(self) -> bool:
        """Whether the row was not there before."""
        return self.version == 1


async def note(tx: Transaction, *, pool_id: str, subject_id: str, purpose: str, now: int, hour: int) -> Noted:
    """Note one more time, in one statement, and return all that are noted; `hour` ms later it is forgotten.

    Of several at once each waits for the one before, so none is lost. `times` is never an empty list.
    """
    row = await tx.fetch_one(
        """
        INSERT INTO hourly (pool_id, subject_id, purpose, times, version, expires_at)
        VALUES ($1, $2, $3, $4, 1, $6)
        ON CONFLICT (pool_id, subject_id, purpose) DO UPDATE SET
            times = CASE
                WHEN hourly.expires_at <= $5 THEN excluded.times
                ELSE SUBSTR(hourly.times, 1, LENGTH(hourly.times) - 1) || ',' || SUBSTR(excluded.times, 2)
            END,
            version = hourly.version + 1, expires_at = excluded.expires_at
        RETURNING times, version
        """,
        pool_id,
        subject_id,
        purpose,
        f"[{now}]",
        now,
        now + hour,
    )
    assert row is not None, "an upsert without a condition touches its row"
    return Noted(*row)


async def put(
    tx: Transaction, *, pool_id: str, subject_id: str, purpose: str, times: str, expected_version: int, expires_at: int
) -> int:
    """Store those times if nobody else has since `expected_version`."""
    return await tx.execute(
        """
        UPDATE hourly SET times = $4, version = version + 1, expires_at = $6
        WHERE pool_id = $1 AND subject_id = $2 AND purpose = $3 AND version = $5
        """,
        pool_id,
        subject_id,
        purpose,
        times,
        expected_version,
        expires_at,
    )


TABLE = Table(
    name="hourly",
    key=("pool_id", "subject_id", "purpose"),
    owner="subject",
    of_a_user="DELETE FROM hourly WHERE pool_id = $1 AND subject_id = $2",
    exported=Exported(
        (
            "purpose",
            "times",
            "expires_at",
        ),
        """SELECT purpose, times, expires_at
           FROM hourly WHERE pool_id = $1 AND subject_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT subject_id FROM hourly WHERE pool_id = $1 AND subject_id > $2 ORDER BY subject_id LIMIT 500",
        delete="DELETE FROM hourly WHERE pool_id = $1 AND subject_id > $2 AND subject_id <= $3",
    ),
    expiring=(
        Expiring(
            kept=CLOCKS_APART,
            delete="""DELETE FROM hourly WHERE pool_id = $1 AND (subject_id, purpose) IN (
                          SELECT subject_id, purpose FROM hourly
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    of_nobody=Nobodys(
        look="""SELECT c.expires_at, c.subject_id, c.purpose, CASE WHEN u.user_id IS NULL THEN 1 ELSE 0 END
                FROM hourly c LEFT JOIN users u ON u.pool_id = c.pool_id AND u.user_id = c.subject_id
                WHERE c.pool_id = $1 AND (c.expires_at, c.subject_id, c.purpose) < ($2, $3, $4)
                  AND ((c.purpose >= 'ask:' AND c.purpose < 'ask;') OR (c.purpose >= 'send:' AND c.purpose < 'send;')
                       OR (c.purpose >= 'wrong:' AND c.purpose < 'wrong;'))
                ORDER BY c.expires_at DESC, c.subject_id DESC, c.purpose DESC LIMIT 500""",
        drop="""DELETE FROM hourly WHERE pool_id = $1 AND (expires_at, subject_id, purpose) < ($2, $3, $4)
                AND (expires_at, subject_id, purpose) >= ($5, $6, $7)
                AND ((purpose >= 'ask:' AND purpose < 'ask;') OR (purpose >= 'send:' AND purpose < 'send;')
                     OR (purpose >= 'wrong:' AND purpose < 'wrong;'))
                AND NOT EXISTS (SELECT 1 FROM users u WHERE u.pool_id = $1 AND u.user_id = hourly.subject_id)""",
    ),
    at_reset="DELETE FROM hourly WHERE pool_id >= ''",
)
