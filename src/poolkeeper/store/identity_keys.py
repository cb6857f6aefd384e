"""SQL of the keys that sign the tokens of identity pools."""

import msgspec

from poolkeeper.store.db import Database, Reader
from poolkeeper.store.table import Sealed, Table


class StoredKey(msgspec.Struct, frozen=True, gc=False):
    """A key as it lies there: the private half sealed, the certificate as DER."""

    kid: str
    private_key: bytes
    certificate: bytes
    signs_from: int


async def insert(db: Database, *, kid: str, private_key: bytes, certificate: bytes, signs_from: int) -> int:
    """Add a key that signs from a moment on."""
    return await db.execute(
        "INSERT INTO identity_keys (shard, kid, private_key, certificate, signs_from) VALUES (0, $1, $2, $3, $4)",
        kid,
        private_key,
        certificate,
        signs_from,
    )


async def every(reader: Reader) -> list[StoredKey]:
    """Return all keys, the newest first."""
    rows = await reader.fetch(
        """
        SELECT kid, private_key, certificate, signs_from FROM identity_keys
        WHERE shard = 0 ORDER BY signs_from DESC, kid
        """
    )
    return [StoredKey(row[0], bytes(row[1]), bytes(row[2]), row[3]) for row in rows]


async def delete(db: Database, kid: str) -> int:
    """Remove a key: what it signed is good no more."""
    return await db.execute("DELETE FROM identity_keys WHERE shard = 0 AND kid = $1", kid)


TABLE = Table(
    name="identity_keys",
    key=("shard", "kid"),
    owner="server",
    sealed=(
        Sealed(
            "private_key",
            start=(-1, ""),
            walk="""SELECT shard, kid, private_key FROM identity_keys
                    WHERE shard > $1 OR (shard = $1 AND kid > $2) ORDER BY shard, kid LIMIT $3""",
            put="UPDATE identity_keys SET private_key = $3 WHERE shard = $1 AND kid = $2 AND private_key = $4",
        ),
    ),
    at_reset="",
)
