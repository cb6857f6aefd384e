"""SQL of what each mailbox and number has been sent, and how often its codes were guessed."""

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Table, Walk


async def take(
    tx: Transaction, *, pool_id: str, destination: str, budget: str, limit: int, now: int, expires_at: int
) -> bool:
    """Count one more of a budget, in one statement; False, and nothing counted, where `limit` are counted already.

    `expires_at` is the end of the hour that begins where none is under way. Of several at once each waits for the one
    before, so no more than `limit` are ever counted.
    """
    row_count = await tx.execute(
        """
        INSERT INTO destinations (pool_id, destination, budget, counted, expires_at) VALUES ($1, $2, $3, 1, $5)
        ON CONFLICT (pool_id, destination, budget) DO UPDATE SET
            counted = CASE WHEN destinations.expires_at <= $4 THEN 1 ELSE destinations.counted + 1 END,
            expires_at = CASE
                WHEN destinations.expires_at <= $4 THEN excluded.expires_at ELSE destinations.expires_at
            END
        WHERE destinations.expires_at <= $4 OR destinations.counted < $6
        """,
        pool_id,
        destination,
        budget,
        now,
        expires_at,
        limit,
    )
    return row_count == 1


async def counted(reader: Reader, *, pool_id: str, destination: str, budget: str, now: int) -> int:
    """Return how many are counted of a budget in the hour that is under way."""
    row = await reader.fetch_one(
        """
        SELECT counted FROM destinations
        WHERE pool_id = $1 AND destination = $2 AND budget = $3 AND expires_at > $4
        """,
        pool_id,
        destination,
        budget,
        now,
    )
    return 0 if row is None else int(row[0])


TABLE = Table(
    name="destinations",
    key=("pool_id", "destination", "budget"),
    owner="pool",
    of_a_pool=Walk(
        start=("",),
        keys="""SELECT destination FROM destinations WHERE pool_id = $1 AND destination > $2
                ORDER BY destination LIMIT 500""",
        delete="DELETE FROM destinations WHERE pool_id = $1 AND destination > $2 AND destination <= $3",
    ),
    expiring=(
        Expiring(
            kept=CLOCKS_APART,
            delete="""DELETE FROM destinations WHERE pool_id = $1 AND (destination, budget) IN (
                          SELECT destination, budget FROM destinations
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    at_reset="DELETE FROM destinations WHERE pool_id >= ''",
)
