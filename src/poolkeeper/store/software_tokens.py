"""SQL of software tokens: one a user, with the secret that counts and the one that waits for its first code."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Exported, Sealed, Table, Walk


class TokenRow(msgspec.Struct, frozen=True, gc=False):
    """A user's token: two sealed secrets, that which counts and that which waits for its first code."""

    secret: bytes | None
    pending: bytes | None
    last_step: int
    friendly_name: str | None


async def find(reader: Reader, *, pool_id: str, user_id: str) -> TokenRow | None:
    """Return a user's token."""
    row = await reader.fetch_one(
        "SELECT secret, pending, last_step, friendly_name FROM software_tokens WHERE pool_id = $1 AND user_id = $2",
        pool_id,
        user_id,
    )
    return None if row is None else TokenRow(*row)


async def put_pending(tx: Transaction, *, pool_id: str, user_id: str, pending: bytes, now: int) -> None:
    """Keep a new secret beside the one that counts, in the place of any that was waiting before."""
    await tx.execute(
        """
        INSERT INTO software_tokens (pool_id, user_id, pending, last_step, version, created_at)
        VALUES ($1, $2, $3, 0, 1, $4)
        ON CONFLICT (pool_id, user_id) DO UPDATE SET
            pending = excluded.pending, version = software_tokens.version + 1
        """,
        pool_id,
        user_id,
        pending,
        now,
    )


async def adopt(
    tx: Transaction,
    *,
    pool_id: str,
    user_id: str,
    pending: bytes,
    secret: bytes,
    step: int,
    friendly_name: str | None,
) -> int:
    """Let the pending secret count from now on, its first code used; 0 when another one has begun to wait since."""
    return await tx.execute(
        """
        UPDATE software_tokens
        SET secret = $4, pending = NULL, last_step = $5, friendly_name = CAST($6 AS text), version = version + 1
        WHERE pool_id = $1 AND user_id = $2 AND pending = $3
        """,
        pool_id,
        user_id,
        pending,
        secret,
        step,
        friendly_name,
    )


async def advance(tx: Transaction, *, pool_id: str, user_id: str, secret: bytes, step: int) -> int:
    """Use the code of a time step: of any number of callers one sees 1, the others 0 (attacks.md 45)."""
    return await tx.execute(
        """
        UPDATE software_tokens SET last_step = $4, version = version + 1
        WHERE pool_id = $1 AND user_id = $2 AND secret = $3 AND last_step < $4
        """,
        pool_id,
        user_id,
        secret,
        step,
    )


async def delete(tx: Transaction, *, pool_id: str, user_id: str) -> int:
    """Forget a user's token, the pending one too."""
    return await tx.execute("DELETE FROM software_tokens WHERE pool_id = $1 AND user_id = $2", pool_id, user_id)


TABLE = Table(
    name="software_tokens",
    key=("pool_id", "user_id"),
    owner="user",
    of_a_user="DELETE FROM software_tokens WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "friendly_name",
            "created_at",
        ),
        """SELECT friendly_name, created_at
           FROM software_tokens WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT user_id FROM software_tokens WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM software_tokens WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    sealed=(
        Sealed(
            "secret",
            start=("", ""),
            walk="""SELECT pool_id, user_id, secret FROM software_tokens
                    WHERE pool_id > $1 OR (pool_id = $1 AND user_id > $2)
                    ORDER BY pool_id, user_id LIMIT $3""",
            put="UPDATE software_tokens SET secret = $3 WHERE pool_id = $1 AND user_id = $2 AND secret = $4",
        ),
        Sealed(
            "pending",
            start=("", ""),
            walk="""SELECT pool_id, user_id, pending FROM software_tokens
                    WHERE pool_id > $1 OR (pool_id = $1 AND user_id > $2)
                    ORDER BY pool_id, user_id LIMIT $3""",
            put="UPDATE software_tokens SET pending = $3 WHERE pool_id = $1 AND user_id = $2 AND pending = $4",
        ),
    ),
    at_reset="DELETE FROM software_tokens WHERE pool_id >= ''",
)
