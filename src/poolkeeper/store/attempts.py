"""SQL of what strangers may try: lockouts, hourly counts and the codes that are waited for."""

import msgspec

from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Nobodys, Table, Walk


class Lockout(msgspec.Struct, frozen=True, gc=False):
    """How many wrong proofs of a user or ghost count; times are milliseconds."""

    failures: int
    last_failure_at: int
    locked_until: int


class Counted(msgspec.Struct, frozen=True, gc=False):
    """What a user or ghost did within the last hour: `times` is JSON, as each purpose writes it."""

    times: str
    version: int


async def lockout(reader: Reader, *, pool_id: str, subject_id: str, bucket: str) -> Lockout | None:
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


async def count_failure(
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


async def clear_failures(writer: Database | Transaction, *, pool_id: str, subject_id: str, bucket: str) -> int:
    """Forget the wrong proofs of a user who has given a right one."""
    return await writer.execute(
        "DELETE FROM lockouts WHERE pool_id = $1 AND subject_id = $2 AND bucket = $3", pool_id, subject_id, bucket
    )


async def hourly(reader: Reader, *, pool_id: str, subject_id: str, purpose: str) -> Counted | None:
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


async def note_hourly(tx: Transaction, *, pool_id: str, subject_id: str, purpose: str, now: int, hour: int) -> Noted:
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


async def put_hourly(
    tx: Transaction, *, pool_id: str, subject_id: str, purpose: str, times: str, expected_version: int, expires_at: int
) -> int:
    """Store those times if nobody else has since `expected_version` (0: there was no row)."""
    if expected_version == 0:
        return await tx.execute(
            """
            INSERT INTO hourly (pool_id, subject_id, purpose, times, version, expires_at)
            VALUES ($1, $2, $3, $4, 1, $5)
            ON CONFLICT (pool_id, subject_id, purpose) DO NOTHING
            """,
            pool_id,
            subject_id,
            purpose,
            times,
            expires_at,
        )
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


async def put_code(
    tx: Transaction,
    *,
    pool_id: str,
    subject_id: str,
    purpose: str,
    digest: bytes,
    attribute: str,
    destination: str,
    now: int,
    expires_at: int,
    sent: bool = True,
) -> None:
    """Make this the newest and only code of its purpose (attacks.md 41).

    One that is not `sent` takes no place of one that could still be spent, and proves the same address.
    """
    await tx.execute(
        """
        INSERT INTO codes (pool_id, subject_id, purpose, digest, attribute, destination, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (pool_id, subject_id, purpose) DO UPDATE SET
            digest = excluded.digest, attribute = excluded.attribute, destination = excluded.destination,
            created_at = excluded.created_at, expires_at = excluded.expires_at, consumed_at = NULL
        WHERE $9 = 1 OR codes.destination <> excluded.destination OR codes.consumed_at IS NOT NULL
           OR codes.expires_at <= excluded.created_at
        """,
        pool_id,
        subject_id,
        purpose,
        digest,
        attribute,
        destination,
        now,
        expires_at,
        int(sent),
    )


class KeptCode(msgspec.Struct, frozen=True, gc=False):
    """The newest code of a purpose: a digest of it, and the address in `attribute` that it would prove."""

    digest: bytes
    attribute: str
    destination: str
    expires_at: int
    consumed_at: int | None

    def is_awaited(self, now: int) -> bool:
        """Say whether it could still be spent."""
        return self.consumed_at is None and self.expires_at > now


async def code(reader: Reader, *, pool_id: str, subject_id: str, purpose: str) -> KeptCode | None:
    """Return the newest code of a purpose."""
    row = await reader.fetch_one(
        """
        SELECT digest, attribute, destination, expires_at, consumed_at FROM codes
        WHERE pool_id = $1 AND subject_id = $2 AND purpose = $3
        """,
        pool_id,
        subject_id,
        purpose,
    )
    return None if row is None else KeptCode(*row)


async def consume_code(tx: Transaction, *, pool_id: str, subject_id: str, purpose: str, digest: bytes, now: int) -> int:
    """Spend a code: of any number of callers one sees 1, the others 0 (attacks.md 40)."""
    return await tx.execute(
        """
        UPDATE codes SET consumed_at = $5
        WHERE pool_id = $1 AND subject_id = $2 AND purpose = $3 AND digest = $4 AND consumed_at IS NULL
          AND expires_at > $5
        """,
        pool_id,
        subject_id,
        purpose,
        digest,
        now,
    )


async def drop_code(tx: Transaction, *, pool_id: str, subject_id: str, purpose: str) -> int:
    """Drop the code of one purpose: what it would have proved is no longer asked."""
    return await tx.execute(
        "DELETE FROM codes WHERE pool_id = $1 AND subject_id = $2 AND purpose = $3", pool_id, subject_id, purpose
    )


async def drop_codes(tx: Transaction, *, pool_id: str, subject_id: str) -> int:
    """Drop all codes of a user: a credential has changed (attacks.md 41)."""
    return await tx.execute("DELETE FROM codes WHERE pool_id = $1 AND subject_id = $2", pool_id, subject_id)


TABLES = (
    Table(
        name="codes",
        key=("pool_id", "subject_id", "purpose"),
        owner="subject",
        of_a_user="DELETE FROM codes WHERE pool_id = $1 AND subject_id = $2",
        of_a_pool=Walk(
            start=("",),
            keys="SELECT subject_id FROM codes WHERE pool_id = $1 AND subject_id > $2 ORDER BY subject_id LIMIT 500",
            delete="DELETE FROM codes WHERE pool_id = $1 AND subject_id > $2 AND subject_id <= $3",
        ),
        expiring=(
            Expiring(
                kept=CLOCKS_APART,
                delete="""DELETE FROM codes WHERE pool_id = $1 AND (subject_id, purpose) IN (
                              SELECT subject_id, purpose FROM codes
                              WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                          ) RETURNING expires_at""",
            ),
        ),
        of_nobody=Nobodys(
            look="""SELECT c.expires_at, c.subject_id, c.purpose, CASE WHEN u.user_id IS NULL THEN 1 ELSE 0 END
                    FROM codes c LEFT JOIN users u ON u.pool_id = c.pool_id AND u.user_id = c.subject_id
                    WHERE c.pool_id = $1 AND (c.expires_at, c.subject_id, c.purpose) < ($2, $3, $4)
                    ORDER BY c.expires_at DESC, c.subject_id DESC, c.purpose DESC LIMIT 500""",
            drop="""DELETE FROM codes WHERE pool_id = $1 AND (expires_at, subject_id, purpose) < ($2, $3, $4)
                    AND (expires_at, subject_id, purpose) >= ($5, $6, $7)
                    AND NOT EXISTS (SELECT 1 FROM users u WHERE u.pool_id = $1 AND u.user_id = codes.subject_id)""",
        ),
        restored="""DELETE FROM codes WHERE pool_id = $1 AND (subject_id, purpose) IN (
                        SELECT subject_id, purpose FROM codes WHERE pool_id = $1 LIMIT 500
                    )""",
        emptied="DELETE FROM codes WHERE pool_id >= ''",
    ),
    Table(
        name="lockouts",
        key=("pool_id", "subject_id", "bucket"),
        owner="subject",
        of_a_user="DELETE FROM lockouts WHERE pool_id = $1 AND subject_id = $2",
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
        emptied="DELETE FROM lockouts WHERE pool_id >= ''",
    ),
    Table(
        name="hourly",
        key=("pool_id", "subject_id", "purpose"),
        owner="subject",
        of_a_user="DELETE FROM hourly WHERE pool_id = $1 AND subject_id = $2",
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
            # Budgets of numbers and pools are of other purposes, and stay.
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
        emptied="DELETE FROM hourly WHERE pool_id >= ''",
    ),
)
