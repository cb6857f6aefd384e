"""SQL of access keys."""

from collections.abc import Sequence

from poolkeeper.model.access_key import StoredKey
from poolkeeper.store.db import Database, Reader, Row, Transaction
from poolkeeper.store.table import Sealed, Table


async def insert(tx: Database | Transaction, key: StoredKey) -> int:
    """Add an access key; 0 when the id is taken."""
    return await tx.execute(
        """
        INSERT INTO access_keys (access_key_id, secret, name, enabled, root, created_at, user_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (access_key_id) DO NOTHING
        """,
        key.access_key_id,
        key.sealed_secret,
        key.name,
        int(key.enabled),
        int(key.root),
        key.created_at,
        key.user_id,
    )


async def find(reader: Reader, access_key_id: str) -> StoredKey | None:
    """Return an access key by its id, with the name that its user has now."""
    row = await reader.fetch_one(
        """
        SELECT k.access_key_id, k.secret, COALESCE(u.name, k.name), k.enabled, k.root, k.created_at, u.entity_id, u.path,
               k.last_used_at, k.last_used_service, k.last_used_region
        FROM access_keys k
        LEFT JOIN iam_entities u ON u.kind = 'user' AND u.entity_id = k.user_id
        WHERE k.access_key_id = $1
        """,
        access_key_id,
    )
    return None if row is None else _key(row)


async def every(reader: Reader) -> Sequence[StoredKey]:
    """Return all access keys, oldest first."""
    rows = await reader.fetch(
        """
        SELECT k.access_key_id, k.secret, COALESCE(u.name, k.name), k.enabled, k.root, k.created_at, u.entity_id, u.path,
               k.last_used_at, k.last_used_service, k.last_used_region
        FROM access_keys k
        LEFT JOIN iam_entities u ON u.kind = 'user' AND u.entity_id = k.user_id
        ORDER BY k.created_at, k.access_key_id
        """
    )
    return [_key(row) for row in rows]


async def of_user(reader: Reader, user_id: str) -> Sequence[StoredKey]:
    """Return the access keys of a user, oldest first; all keys of the account are looked through."""
    rows = await reader.fetch(
        """
        SELECT k.access_key_id, k.secret, u.name, k.enabled, k.root, k.created_at, u.entity_id, u.path,
               k.last_used_at, k.last_used_service, k.last_used_region
        FROM access_keys k
        JOIN iam_entities u ON u.kind = 'user' AND u.entity_id = k.user_id
        WHERE k.user_id = $1
        ORDER BY k.created_at, k.access_key_id
        """,
        user_id,
    )
    return [_key(row) for row in rows]


async def set_enabled(tx: Database | Transaction, access_key_id: str, *, enabled: bool) -> int:
    """Switch an access key on or off."""
    return await tx.execute("UPDATE access_keys SET enabled = $2 WHERE access_key_id = $1", access_key_id, int(enabled))


async def set_secret(tx: Database | Transaction, access_key_id: str, sealed_secret: bytes) -> int:
    """Replace the sealed secret of an access key."""
    return await tx.execute("UPDATE access_keys SET secret = $2 WHERE access_key_id = $1", access_key_id, sealed_secret)


async def note_use(db: Database, access_key_id: str, *, service: str, region: str, now: int, before: int) -> int:
    """Keep a use of an access key, unless one later than `before` is kept."""
    return await db.execute(
        """
        UPDATE access_keys SET last_used_at = $2, last_used_service = $3, last_used_region = $4
        WHERE access_key_id = $1 AND (last_used_at IS NULL OR last_used_at <= $5)
        """,
        access_key_id,
        now,
        service,
        region,
        before,
    )


async def delete(tx: Database | Transaction, access_key_id: str) -> int:
    """Remove an access key."""
    return await tx.execute("DELETE FROM access_keys WHERE access_key_id = $1", access_key_id)


def _key(row: Row) -> StoredKey:
    return StoredKey(
        access_key_id=row[0],
        sealed_secret=bytes(row[1]),
        name=row[2],
        enabled=bool(row[3]),
        root=bool(row[4]),
        created_at=row[5],
        user_id=row[6],
        path=row[7] or "/",
        last_used_at=row[8],
        last_used_service=row[9],
        last_used_region=row[10],
    )


TABLE = Table(
    name="access_keys",
    key=("access_key_id",),
    owner="server",
    sealed=(
        Sealed(
            "secret",
            start=("",),
            walk="""SELECT access_key_id, secret FROM access_keys
                    WHERE access_key_id > $1 ORDER BY access_key_id LIMIT $2""",
            put="UPDATE access_keys SET secret = $2 WHERE access_key_id = $1 AND secret = $3",
        ),
    ),
    at_reset="DELETE FROM access_keys WHERE root = 0",
)
