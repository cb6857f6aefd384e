"""SQL of sealed challenge states that have been spent, by their nonces."""

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Table, Walk


async def spend(tx: Transaction, *, pool_id: str, nonce: str, expires_at: int) -> bool:
    """Spend a sealed challenge state; False when it was spent before."""
    spent = await tx.execute(
        """
        INSERT INTO nonces (pool_id, nonce, expires_at) VALUES ($1, $2, $3)
        ON CONFLICT (pool_id, nonce) DO NOTHING
        """,
        pool_id,
        nonce,
        expires_at,
    )
    return spent == 1


async def spent(reader: Reader, *, pool_id: str, nonce: str) -> bool:
    """Say whether a sealed challenge state has been spent."""
    row = await reader.fetch_one("SELECT expires_at FROM nonces WHERE pool_id = $1 AND nonce = $2", pool_id, nonce)
    return row is not None


TABLE = Table(
    name="nonces",
    key=("pool_id", "nonce"),
    owner="pool",
    of_a_pool=Walk(
        start=("",),
        keys="SELECT nonce FROM nonces WHERE pool_id = $1 AND nonce > $2 ORDER BY nonce LIMIT 500",
        delete="DELETE FROM nonces WHERE pool_id = $1 AND nonce > $2 AND nonce <= $3",
    ),
    expiring=(
        Expiring(
            kept=CLOCKS_APART,
            delete="""DELETE FROM nonces WHERE pool_id = $1 AND nonce IN (
                          SELECT nonce FROM nonces
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    at_reset="DELETE FROM nonces WHERE pool_id >= ''",
)
