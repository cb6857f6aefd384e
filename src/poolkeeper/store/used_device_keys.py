"""SQL of the keys of devices that are used up: whoever has a token of one does not confirm it again."""

from poolkeeper.store.db import Database, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Table, Walk


async def keep(tx: Transaction, *, pool_id: str, device_key: str, expires_at: int) -> bool:
    """Keep that a device key is used up; False when that was kept before."""
    row_count = await tx.execute(
        """
        INSERT INTO used_device_keys (pool_id, device_key, expires_at) VALUES ($1, $2, $3)
        ON CONFLICT (pool_id, device_key) DO NOTHING
        """,
        pool_id,
        device_key,
        expires_at,
    )
    return row_count == 1


async def copy(database: Database, _now: int) -> None:
    """Copy the keys that lie among the nonces until version 16, 500 at a time, by the range of their keys.

    Part of migration 16 (store/migrate.py): how many there are is not bounded, and a statement is (attacks.md part 4, rule 6).
    May run again, and beside another process that does the same.
    """
    pool_id = ""
    while pools := await database.fetch(
        "SELECT pool_id FROM pools WHERE pool_id > $1 ORDER BY pool_id LIMIT 500", pool_id
    ):
        for row in pools:
            pool_id = row[0]
            await _copy_of_a_pool(database, pool_id)


async def _copy_of_a_pool(database: Database, pool_id: str) -> None:
    after = "device "
    while rows := await database.fetch(
        """
        SELECT nonce FROM nonces WHERE pool_id = $1 AND nonce > $2 AND nonce < 'device!' ORDER BY nonce LIMIT 500
        """,
        pool_id,
        after,
    ):
        last = rows[-1][0]
        await database.execute(
            """
            INSERT INTO used_device_keys (pool_id, device_key, expires_at)
            SELECT pool_id, SUBSTR(nonce, 8), expires_at FROM nonces
            WHERE pool_id = $1 AND nonce > $2 AND nonce <= $3
            ON CONFLICT (pool_id, device_key) DO NOTHING
            """,
            pool_id,
            after,
            last,
        )
        after = last


TABLE = Table(
    name="used_device_keys",
    key=("pool_id", "device_key"),
    owner="pool",
    of_a_pool=Walk(
        start=("",),
        keys="""SELECT device_key FROM used_device_keys WHERE pool_id = $1 AND device_key > $2
                ORDER BY device_key LIMIT 500""",
        delete="DELETE FROM used_device_keys WHERE pool_id = $1 AND device_key > $2 AND device_key <= $3",
    ),
    expiring=(
        Expiring(
            kept=CLOCKS_APART,
            delete="""DELETE FROM used_device_keys WHERE pool_id = $1 AND device_key IN (
                          SELECT device_key FROM used_device_keys
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    at_reset="DELETE FROM used_device_keys WHERE pool_id >= ''",
)
