"""SQL of the devices that users confirmed."""

import msgspec

from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import Exported, Sealed, Table, Walk


class DeviceRow(msgspec.Struct, frozen=True, gc=False):
    """A device as it lies there: the verifier is sealed, times are milliseconds."""

    device_key: str
    name: str
    salt: bytes
    verifier: bytes
    remembered: int
    address: str
    user_agent: str
    created_at: int
    updated_at: int
    authenticated_at: int


async def insert(
    tx: Transaction,
    *,
    pool_id: str,
    user_id: str,
    device_key: str,
    name: str,
    salt: bytes,
    verifier: bytes,
    remembered: bool,
    address: str,
    user_agent: str,
    now: int,
) -> bool:
    """Add a device of a user who is there; False when the key was confirmed before."""
    inserted = await tx.execute(
        """
        INSERT INTO devices (pool_id, user_id, device_key, name, salt, verifier, remembered, address, user_agent,
                             created_at, updated_at, authenticated_at)
        SELECT u.pool_id, u.user_id, CAST($3 AS text), CAST($4 AS text), CAST($5 AS bytea), CAST($6 AS bytea),
               CAST($7 AS smallint), CAST($8 AS text), CAST($9 AS text), CAST($10 AS bigint), CAST($10 AS bigint),
               CAST($10 AS bigint)
        FROM users u WHERE u.pool_id = $1 AND u.user_id = $2
        ON CONFLICT (pool_id, user_id, device_key) DO NOTHING
        """,
        pool_id,
        user_id,
        device_key,
        name,
        salt,
        verifier,
        int(remembered),
        address,
        user_agent,
        now,
    )
    return inserted == 1


async def find(reader: Reader, *, pool_id: str, user_id: str, device_key: str) -> DeviceRow | None:
    """Return a device of a user."""
    row = await reader.fetch_one(
        """
        SELECT device_key, name, salt, verifier, remembered, address, user_agent, created_at, updated_at,
               authenticated_at
        FROM devices WHERE pool_id = $1 AND user_id = $2 AND device_key = $3
        """,
        pool_id,
        user_id,
        device_key,
    )
    return None if row is None else DeviceRow(*row)


async def page(
    reader: Reader, *, pool_id: str, user_id: str, after: str, only_remembered: bool, limit: int
) -> list[DeviceRow]:
    """Return up to `limit` devices of a user in the order of their keys, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT device_key, name, salt, verifier, remembered, address, user_agent, created_at, updated_at,
               authenticated_at
        FROM devices WHERE pool_id = $1 AND user_id = $2 AND device_key > $3 AND remembered >= $4
        ORDER BY device_key LIMIT $5
        """,
        pool_id,
        user_id,
        after,
        int(only_remembered),
        limit,
    )
    return [DeviceRow(*row) for row in rows]


async def set_remembered(
    tx: Transaction, *, pool_id: str, user_id: str, device_key: str, remembered: bool, now: int
) -> int:
    """Say whether a device is remembered; 0 when there is no such device."""
    return await tx.execute(
        """
        UPDATE devices SET remembered = $4, updated_at = $5
        WHERE pool_id = $1 AND user_id = $2 AND device_key = $3
        """,
        pool_id,
        user_id,
        device_key,
        int(remembered),
        now,
    )


async def note_proof(
    db: Database, *, pool_id: str, user_id: str, device_key: str, address: str, user_agent: str, now: int
) -> int:
    """Keep by whom a device proved itself; 0 when it is not remembered any more."""
    return await db.execute(
        """
        UPDATE devices SET address = $4, user_agent = $5, authenticated_at = $6
        WHERE pool_id = $1 AND user_id = $2 AND device_key = $3 AND remembered = 1
        """,
        pool_id,
        user_id,
        device_key,
        address,
        user_agent,
        now,
    )


async def delete(tx: Transaction, *, pool_id: str, user_id: str, device_key: str) -> int:
    """Forget a device; 0 when there is no such device."""
    return await tx.execute(
        "DELETE FROM devices WHERE pool_id = $1 AND user_id = $2 AND device_key = $3", pool_id, user_id, device_key
    )


async def delete_all(tx: Transaction, *, pool_id: str, user_id: str) -> int:
    """Forget every device of a user."""
    return await tx.execute("DELETE FROM devices WHERE pool_id = $1 AND user_id = $2", pool_id, user_id)


TABLE = Table(
    name="devices",
    key=("pool_id", "user_id", "device_key"),
    owner="user",
    of_a_user="DELETE FROM devices WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "device_key",
            "name",
            "remembered",
            "address",
            "user_agent",
            "created_at",
            "updated_at",
            "authenticated_at",
        ),
        """SELECT device_key, name, remembered, address, user_agent, created_at, updated_at, authenticated_at
           FROM devices WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT user_id FROM devices WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM devices WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    sealed=(
        Sealed(
            "verifier",
            start=("", "", ""),
            walk="""SELECT pool_id, user_id, device_key, verifier FROM devices
                    WHERE pool_id > $1 OR (pool_id = $1 AND (user_id > $2 OR (user_id = $2 AND device_key > $3)))
                    ORDER BY pool_id, user_id, device_key LIMIT $4""",
            put="UPDATE devices SET verifier = $4 WHERE pool_id = $1 AND user_id = $2 AND device_key = $3 AND verifier = $5",
        ),
    ),
    at_reset="DELETE FROM devices WHERE pool_id >= ''",
)
