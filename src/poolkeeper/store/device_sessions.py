"""SQL of Sessions of a device's challenge, kept for clients that do not send them back: sealed, found by what they do send."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Exported, Sealed, Table, Walk


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A sealed Session, which says itself whether it has expired."""

    document: bytes


async def put(tx: Transaction, *, pool_id: str, user_id: str, kept_id: str, document: bytes, expires_at: int) -> None:
    """Keep a Session of a user, in the place of the one that was there."""
    await tx.execute(
        """
        INSERT INTO device_sessions (pool_id, user_id, kept_id, document, expires_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (pool_id, user_id, kept_id) DO UPDATE SET
            document = excluded.document, expires_at = excluded.expires_at
        """,
        pool_id,
        user_id,
        kept_id,
        document,
        expires_at,
    )


async def find(reader: Reader, *, pool_id: str, user_id: str, kept_id: str) -> Kept | None:
    """Return a Session of a user."""
    row = await reader.fetch_one(
        "SELECT document FROM device_sessions WHERE pool_id = $1 AND user_id = $2 AND kept_id = $3",
        pool_id,
        user_id,
        kept_id,
    )
    return None if row is None else Kept(*row)


TABLE = Table(
    name="device_sessions",
    key=("pool_id", "user_id", "kept_id"),
    owner="user",
    of_a_user="DELETE FROM device_sessions WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        ("expires_at",),
        """SELECT expires_at
           FROM device_sessions WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT user_id FROM device_sessions WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM device_sessions WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    expiring=(
        Expiring(
            kept=CLOCKS_APART,
            delete="""DELETE FROM device_sessions WHERE pool_id = $1 AND (user_id, kept_id) IN (
                          SELECT user_id, kept_id FROM device_sessions
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    sealed=(
        Sealed(
            "document",
            start=("", "", ""),
            walk="""SELECT pool_id, user_id, kept_id, document FROM device_sessions
                    WHERE pool_id > $1 OR (pool_id = $1 AND (user_id > $2 OR (user_id = $2 AND kept_id > $3)))
                    ORDER BY pool_id, user_id, kept_id LIMIT $4""",
            put="""UPDATE device_sessions SET document = $4
                   WHERE pool_id = $1 AND user_id = $2 AND kept_id = $3 AND document = $5""",
        ),
    ),
    after_restore="""DELETE FROM device_sessions WHERE pool_id = $1 AND (user_id, kept_id) IN (
                    SELECT user_id, kept_id FROM device_sessions WHERE pool_id = $1 LIMIT 500
                )""",
    at_reset="DELETE FROM device_sessions WHERE pool_id >= ''",
)
