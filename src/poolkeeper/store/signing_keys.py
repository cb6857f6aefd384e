"""SQL of the signing keys of pools."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Sealed, Table, Walk


class SigningKey(msgspec.Struct, frozen=True, gc=False):
    """A key of a pool: the private half is sealed, the public one JSON."""

    kid: str
    purpose: str
    private_key: bytes
    public_jwk: str


async def add(
    tx: Transaction, *, pool_id: str, kid: str, purpose: str, private_key: bytes, public_jwk: str, now: int
) -> None:
    """Add one signing key; `purpose` is `id` or `access`."""
    await tx.execute(
        """
        INSERT INTO signing_keys (pool_id, kid, purpose, private_key, public_jwk, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        pool_id,
        kid,
        purpose,
        private_key,
        public_jwk,
        now,
    )


async def of_pool(reader: Reader, pool_id: str) -> list[SigningKey]:
    """Return the signing keys of a pool that is not deleted, ID token's first."""
    rows = await reader.fetch(
        """
        SELECT k.kid, k.purpose, k.private_key, k.public_jwk
        FROM signing_keys k JOIN pools p ON p.pool_id = k.pool_id AND p.state = 'ACTIVE'
        WHERE k.pool_id = $1 ORDER BY k.purpose DESC, k.created_at DESC, k.kid
        """,
        pool_id,
    )
    return [SigningKey(*row) for row in rows]


async def exist(reader: Reader, pool_id: str) -> bool:
    """Say whether there are signing keys under an id, be there a pool or not."""
    return await reader.fetch_one("SELECT kid FROM signing_keys WHERE pool_id = $1 LIMIT 1", pool_id) is not None


TABLE = Table(
    name="signing_keys",
    key=("pool_id", "kid"),
    owner="pool",
    of_a_pool=Walk(
        start=("",),
        keys="SELECT kid FROM signing_keys WHERE pool_id = $1 AND kid > $2 ORDER BY kid LIMIT 500",
        delete="DELETE FROM signing_keys WHERE pool_id = $1 AND kid > $2 AND kid <= $3",
    ),
    sealed=(
        Sealed(
            "private_key",
            start=("", ""),
            walk="""SELECT pool_id, kid, private_key FROM signing_keys
                    WHERE pool_id > $1 OR (pool_id = $1 AND kid > $2) ORDER BY pool_id, kid LIMIT $3""",
            put="UPDATE signing_keys SET private_key = $3 WHERE pool_id = $1 AND kid = $2 AND private_key = $4",
        ),
    ),
    at_reset="",
)
