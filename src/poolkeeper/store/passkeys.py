"""SQL of passkeys: the keys by which users sign in without a password."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Exported, Table, Walk


class PasskeyRow(msgspec.Struct, frozen=True, gc=False):
    """A passkey as it lies there: `details` is JSON."""

    credential_id: str
    user_id: str
    public_key: bytes
    sign_count: int
    details: str
    created_at: int


async def insert(
    tx: Transaction,
    *,
    pool_id: str,
    credential_id: str,
    user_id: str,
    public_key: bytes,
    sign_count: int,
    details: str,
    now: int,
) -> bool:
    """Add a passkey; False when anybody of the pool has one of that id."""
    inserted = await tx.execute(
        """
        INSERT INTO passkeys (pool_id, credential_id, user_id, public_key, sign_count, details, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (pool_id, credential_id) DO NOTHING
        """,
        pool_id,
        credential_id,
        user_id,
        public_key,
        sign_count,
        details,
        now,
    )
    return inserted == 1


async def count(reader: Reader, *, pool_id: str, user_id: str) -> int:
    """Return how many passkeys a user has."""
    row = await reader.fetch_one("SELECT COUNT(*) FROM passkeys WHERE pool_id = $1 AND user_id = $2", pool_id, user_id)
    return 0 if row is None else int(row[0])


async def page(reader: Reader, *, pool_id: str, user_id: str, after: tuple[int, str], limit: int) -> list[PasskeyRow]:
    """Return up to `limit` passkeys of a user.

    Oldest first, from behind `after`, which is (created at, credential id).
    """
    rows = await reader.fetch(
        """
        SELECT credential_id, user_id, public_key, sign_count, details, created_at FROM passkeys
        WHERE pool_id = $1 AND user_id = $2 AND (created_at > $3 OR (created_at = $3 AND credential_id > $4))
        ORDER BY created_at, credential_id LIMIT $5
        """,
        pool_id,
        user_id,
        *after,
        limit,
    )
    return [PasskeyRow(*row) for row in rows]


async def find(reader: Reader, *, pool_id: str, credential_id: str) -> PasskeyRow | None:
    """Return one passkey, whoever of the pool has it."""
    row = await reader.fetch_one(
        """
        SELECT credential_id, user_id, public_key, sign_count, details, created_at FROM passkeys
        WHERE pool_id = $1 AND credential_id = $2
        """,
        pool_id,
        credential_id,
    )
    return None if row is None else PasskeyRow(*row)


async def use(tx: Transaction, *, pool_id: str, credential_id: str, user_id: str, sign_count: int) -> int:
    """Store the count of a use; 0 when the passkey is gone, or its count has come as far meanwhile (attacks.md 51).

    An authenticator that does not count says 0 each time.
    """
    return await tx.execute(
        """
        UPDATE passkeys SET sign_count = CAST($4 AS bigint)
        WHERE pool_id = $1 AND credential_id = $2 AND user_id = $3
          AND (sign_count < CAST($4 AS bigint) OR (sign_count = 0 AND CAST($4 AS bigint) = 0))
        """,
        pool_id,
        credential_id,
        user_id,
        sign_count,
    )


async def delete(tx: Transaction, *, pool_id: str, credential_id: str, user_id: str) -> int:
    """Remove a passkey of a user; 0 when that user has none of that id."""
    return await tx.execute(
        "DELETE FROM passkeys WHERE pool_id = $1 AND credential_id = $2 AND user_id = $3",
        pool_id,
        credential_id,
        user_id,
    )


async def delete_all(tx: Transaction, *, pool_id: str, user_id: str) -> int:
    """Remove every passkey of a user."""
    return await tx.execute("DELETE FROM passkeys WHERE pool_id = $1 AND user_id = $2", pool_id, user_id)


TABLE = Table(
    name="passkeys",
    key=("pool_id", "credential_id"),
    owner="user",
    of_a_user="DELETE FROM passkeys WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "credential_id",
            "sign_count",
            "details",
            "created_at",
        ),
        """SELECT credential_id, sign_count, details, created_at
           FROM passkeys WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="""SELECT credential_id FROM passkeys WHERE pool_id = $1 AND credential_id > $2
                ORDER BY credential_id LIMIT 500""",
        delete="DELETE FROM passkeys WHERE pool_id = $1 AND credential_id > $2 AND credential_id <= $3",
    ),
    at_reset="DELETE FROM passkeys WHERE pool_id >= ''",
)
