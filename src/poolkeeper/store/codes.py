"""SQL of the codes that are waited for: the newest of each purpose, as its digest."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Exported, Nobodys, Table, Walk


async def put(
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

    A code that is not `sent` does not replace one that could still be spent and proves the same address.
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


async def find(reader: Reader, *, pool_id: str, subject_id: str, purpose: str) -> KeptCode | None:
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


async def consume(tx: Transaction, *, pool_id: str, subject_id: str, purpose: str, digest: bytes, now: int) -> int:
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


async def drop(tx: Transaction, *, pool_id: str, subject_id: str, purpose: str) -> int:
    """Drop the code of one purpose: what it would have proved is no longer asked."""
    return await tx.execute(
        "DELETE FROM codes WHERE pool_id = $1 AND subject_id = $2 AND purpose = $3", pool_id, subject_id, purpose
    )


async def drop_all(tx: Transaction, *, pool_id: str, subject_id: str) -> int:
    """Drop all codes of a user: a credential has changed (attacks.md 41)."""
    return await tx.execute("DELETE FROM codes WHERE pool_id = $1 AND subject_id = $2", pool_id, subject_id)


TABLE = Table(
    name="codes",
    key=("pool_id", "subject_id", "purpose"),
    owner="subject",
    of_a_user="DELETE FROM codes WHERE pool_id = $1 AND subject_id = $2",
    exported=Exported(
        (
            "purpose",
            "attribute",
            "destination",
            "created_at",
            "expires_at",
            "consumed_at",
        ),
        """SELECT purpose, attribute, destination, created_at, expires_at, consumed_at
           FROM codes WHERE pool_id = $1 AND subject_id = $2""",
    ),
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
    after_restore="""DELETE FROM codes WHERE pool_id = $1 AND (subject_id, purpose) IN (
                    SELECT subject_id, purpose FROM codes WHERE pool_id = $1 LIMIT 500
                )""",
    at_reset="DELETE FROM codes WHERE pool_id >= ''",
)
