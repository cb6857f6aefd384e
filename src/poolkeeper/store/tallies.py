"""SQL of how many users a pool has, as its tallies give it."""

from collections.abc import Mapping

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table, Walk


async def estimated_users(reader: Reader, pool_id: str) -> int:
    """Return the pool's number of users as its tallies give it."""
    row = await reader.fetch_one("SELECT CAST(SUM(users) AS bigint) FROM tallies WHERE pool_id = $1", pool_id)
    return int(row[0] or 0) if row is not None else 0


_ADD = """
    INSERT INTO tallies (pool_id, shard, users) VALUES ($1, $2, $3)
    ON CONFLICT (pool_id, shard) DO UPDATE SET users = tallies.users + excluded.users
"""


async def add(tx: Transaction, pool_id: str, *, shard: int, change: int) -> None:
    """Count `change` users more in one shard of the pool's tallies."""
    await tx.execute(_ADD, pool_id, shard, change)


async def add_each(tx: Transaction, pool_id: str, changes: Mapping[int, int]) -> None:
    """Count so many users more in some shards of the pool's tallies."""
    await tx.fetch_each(_ADD, [(pool_id, shard, change) for shard, change in sorted(changes.items())])


TABLE = Table(
    name="tallies",
    key=("pool_id", "shard"),
    owner="pool",
    of_a_pool=Walk(
        start=(-1,),
        keys="SELECT shard FROM tallies WHERE pool_id = $1 AND shard > $2 ORDER BY shard LIMIT 500",
        delete="DELETE FROM tallies WHERE pool_id = $1 AND shard > $2 AND shard <= $3",
    ),
    at_reset="DELETE FROM tallies WHERE pool_id >= ''",
)
