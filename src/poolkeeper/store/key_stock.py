"""SQL of the stock that signing keys come from."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Sealed, Table


class StockedKey(msgspec.Struct, frozen=True, gc=False):
    """A key that no pool has yet."""

    kid: str
    private_key: bytes
    public_jwk: str


async def size(reader: Reader) -> int:
    """Return how many keys are in stock."""
    row = await reader.fetch_one("SELECT COUNT(kid) FROM key_stock WHERE shard = 0")
    return int(row[0]) if row is not None else 0


async def put(tx: Transaction, *, kid: str, private_key: bytes, public_jwk: str) -> None:
    """Add one key to the stock."""
    await tx.execute(
        "INSERT INTO key_stock (shard, kid, private_key, public_jwk) VALUES (0, $1, $2, $3)",
        kid,
        private_key,
        public_jwk,
    )


async def take(tx: Transaction, count: int) -> list[StockedKey]:
    """Take up to `count` keys out of the stock: the caller that deletes a row has it, and no other."""
    rows = await tx.fetch(
        """
        DELETE FROM key_stock
        WHERE shard = 0 AND kid IN (SELECT kid FROM key_stock WHERE shard = 0 ORDER BY kid LIMIT $1)
        RETURNING kid, private_key, public_jwk
        """,
        count,
    )

    return [StockedKey(*row) for row in rows]


TABLE = Table(
    name="key_stock",
    key=("shard", "kid"),
    owner="server",
    sealed=(
        Sealed(
            "private_key",
            start=(-1, ""),
            walk="""SELECT shard, kid, private_key FROM key_stock
                    WHERE shard > $1 OR (shard = $1 AND kid > $2) ORDER BY shard, kid LIMIT $3""",
            put="UPDATE key_stock SET private_key = $3 WHERE shard = $1 AND kid = $2 AND private_key = $4",
            by_last_key=True,
        ),
    ),
    at_reset="",
)
