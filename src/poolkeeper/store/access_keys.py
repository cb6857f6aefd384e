"""SQL of access keys and of the facts about this installation."""

from collections.abc import Sequence

from poolkeeper.model.access_key import StoredKey
from poolkeeper.store.db import Database, Reader, Row, Transaction


async def insert(tx: Database | Transaction, key: StoredKey) -> int:
    """Add an access key; 0 when the id is taken."""
    return await tx.execute(
        """
        INSERT INTO access_keys (access_key_id, secret, name, enabled, root, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (access_key_id) DO NOTHING
        """,
        key.access_key_id,
        key.sealed_secret,
        key.name,
        int(key.enabled),
        int(key.root),
        key.created_at,
    )


async def find(reader: Reader, access_key_id: str) -> StoredKey | None:
    """Return an access key by its id."""
    row = await reader.fetch_one(
        "SELECT access_key_id, secret, name, enabled, root, created_at FROM access_keys WHERE access_key_id = $1",
        access_key_id,
    )
    return None if row is None else _key(row)


async def every(reader: Reader) -> Sequence[StoredKey]:
    """Return all access keys, oldest first."""
    rows = await reader.fetch(
        """
        SELECT access_key_id, secret, name, enabled, root, created_at FROM access_keys
        ORDER BY created_at, access_key_id
        """
    )
    return [_key(row) for row in rows]


async def set_enabled(db: Database, access_key_id: str, *, enabled: bool) -> int:
    """Switch an access key on or off."""
    return await db.execute("UPDATE access_keys SET enabled = $2 WHERE access_key_id = $1", access_key_id, int(enabled))


async def set_secret(tx: Database | Transaction, access_key_id: str, sealed_secret: bytes) -> int:
    """Replace the sealed secret of an access key."""
    return await tx.execute("UPDATE access_keys SET secret = $2 WHERE access_key_id = $1", access_key_id, sealed_secret)


async def delete(db: Database, access_key_id: str) -> int:
    """Remove an access key."""
    return await db.execute("DELETE FROM access_keys WHERE access_key_id = $1", access_key_id)


async def fact(reader: Reader, name: str) -> bytes | None:
    """Return a fact about this installation."""
    row = await reader.fetch_one("SELECT value FROM server_facts WHERE name = $1", name)
    return None if row is None else bytes(row[0])


async def put_fact(tx: Database | Transaction, name: str, value: bytes) -> None:
    """Store a fact about this installation."""
    await tx.execute(
        """
        INSERT INTO server_facts (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """,
        name,
        value,
    )


async def put_new_fact(tx: Database | Transaction, name: str, value: bytes) -> int:
    """Store a fact that nobody has stored yet; 0 when somebody has."""
    return await tx.execute(
        "INSERT INTO server_facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, value
    )


def _key(row: Row) -> StoredKey:
    return StoredKey(
        access_key_id=row[0],
        sealed_secret=bytes(row[1]),
        name=row[2],
        enabled=bool(row[3]),
        root=bool(row[4]),
        created_at=row[5],
    )
