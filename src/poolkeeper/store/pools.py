"""SQL of user pools: their rows, their signing keys and the stock that keys come from."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Sealed, Table, Walk


class PoolRow(msgspec.Struct, frozen=True, gc=False):
    """A pool as it lies there: `document` and `preferences` are JSON, the secret is sealed."""

    pool_id: str
    region: str
    version: int
    document: str
    preferences: str
    secret: bytes
    created_at: int
    updated_at: int


class PoolInList(msgspec.Struct, frozen=True, gc=False):
    """A pool in a list."""

    pool_id: str
    name: str
    document: str
    created_at: int
    updated_at: int


class SigningKey(msgspec.Struct, frozen=True, gc=False):
    """A key of a pool: the private half is sealed, the public one JSON."""

    kid: str
    purpose: str
    private_key: bytes
    public_jwk: str


class StockedKey(msgspec.Struct, frozen=True, gc=False):
    """A key that no pool has yet."""

    kid: str
    private_key: bytes
    public_jwk: str


async def insert(
    tx: Transaction,
    *,
    pool_id: str,
    region: str,
    name: str,
    document: str,
    preferences: str,
    secret: bytes,
    now: int,
) -> None:
    """Add a pool. Its version begins with the time: of two pools that have one id one after the other none is at the other's."""
    await tx.execute(
        """
        INSERT INTO pools (pool_id, region, state, version, name, document, preferences, secret, created_at, updated_at)
        VALUES ($1, $2, 'ACTIVE', $7, $3, $4, $5, $6, $7, $7)
        """,
        pool_id,
        region,
        name,
        document,
        preferences,
        secret,
        now,
    )


async def find(reader: Reader, pool_id: str) -> PoolRow | None:
    """Return the whole row of a pool that is not deleted."""
    row = await reader.fetch_one(
        """
        SELECT pool_id, region, version, document, preferences, secret, created_at, updated_at
        FROM pools WHERE pool_id = $1 AND state = 'ACTIVE'
        """,
        pool_id,
    )
    return None if row is None else PoolRow(*row)


async def was_ever(reader: Reader, pool_id: str) -> bool:
    """Say whether a pool has this id, or had it and still has rows."""
    return await reader.fetch_one("SELECT pool_id FROM pools WHERE pool_id = $1", pool_id) is not None


async def version(reader: Reader, pool_id: str) -> int | None:
    """Return the version of a pool that is not deleted."""
    row = await reader.fetch_one("SELECT version FROM pools WHERE pool_id = $1 AND state = 'ACTIVE'", pool_id)
    return None if row is None else int(row[0])


async def replace(tx: Transaction, *, pool_id: str, name: str, document: str, expected_version: int, now: int) -> int:
    """Store new settings if nobody else has since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE pools SET name = $3, document = $4, version = version + 1, updated_at = $5
        WHERE pool_id = $1 AND version = $2 AND state = 'ACTIVE'
        """,
        pool_id,
        expected_version,
        name,
        document,
        now,
    )


async def replace_preferences(
    tx: Transaction, *, pool_id: str, preferences: str, expected_version: int, now: int
) -> int:
    """Store Poolkeeper's own settings of a pool if nobody else has changed it since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE pools SET preferences = $3, version = version + 1, updated_at = $4
        WHERE pool_id = $1 AND version = $2 AND state = 'ACTIVE'
        """,
        pool_id,
        expected_version,
        preferences,
        now,
    )


async def mark_deleted(tx: Transaction, pool_id: str, *, expected_version: int, now: int) -> int:
    """Take a pool out of reach if nobody has changed it since; its rows are the worker's from now on."""
    return await tx.execute(
        """
        UPDATE pools SET state = 'DELETED', version = version + 1, updated_at = $3
        WHERE pool_id = $1 AND version = $2 AND state = 'ACTIVE'
        """,
        pool_id,
        expected_version,
        now,
    )


async def hold_deleted(tx: Transaction, pool_id: str) -> bool:
    """Keep the row of a deleted pool where it is until the transaction ends; False where there is none, or a living pool's."""
    held = await tx.execute("UPDATE pools SET state = 'DELETED' WHERE pool_id = $1 AND state = 'DELETED'", pool_id)
    return held == 1


async def forget(tx: Transaction, pool_id: str) -> int:
    """Remove the row of a deleted pool, last of all."""
    return await tx.execute("DELETE FROM pools WHERE pool_id = $1 AND state = 'DELETED'", pool_id)


async def page(reader: Reader, *, region: str, after: str, limit: int) -> list[PoolInList]:
    """Return up to `limit` pools of a region in the order of their ids, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT pool_id, name, document, created_at, updated_at
        FROM pools
        WHERE pool_id > $1 AND pool_id >= $2 AND pool_id < $3 AND state = 'ACTIVE'
        ORDER BY pool_id LIMIT $4
        """,
        after,
        f"{region}_",
        f"{region}`",
        limit,
    )
    return [PoolInList(*row) for row in rows]


async def ids(reader: Reader, *, after: str, limit: int) -> list[str]:
    """Return up to `limit` pool ids of all regions from behind `after`, deleted ones included: the worker's round."""
    rows = await reader.fetch("SELECT pool_id FROM pools WHERE pool_id > $1 ORDER BY pool_id LIMIT $2", after, limit)
    return [row[0] for row in rows]


async def count(reader: Reader) -> int:
    """Return how many pools there are."""
    row = await reader.fetch_one("SELECT COUNT(pool_id) FROM pools WHERE state = 'ACTIVE'")
    return int(row[0]) if row is not None else 0


async def estimated_users(reader: Reader, pool_id: str) -> int:
    """Return the pool's number of users as its tallies give it."""
    row = await reader.fetch_one("SELECT CAST(SUM(users) AS bigint) FROM tallies WHERE pool_id = $1", pool_id)
    return int(row[0] or 0) if row is not None else 0


async def tally(tx: Transaction, pool_id: str, *, shard: int, change: int) -> None:
    """Count `change` users more in one shard of the pool's tallies."""
    await tx.execute(
        """
        INSERT INTO tallies (pool_id, shard, users) VALUES ($1, $2, $3)
        ON CONFLICT (pool_id, shard) DO UPDATE SET users = tallies.users + excluded.users
        """,
        pool_id,
        shard,
        change,
    )


async def add_signing_key(
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


async def signing_keys(reader: Reader, pool_id: str) -> list[SigningKey]:
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


async def has_signing_keys(reader: Reader, pool_id: str) -> bool:
    """Say whether there are signing keys under an id, be there a pool or not."""
    return await reader.fetch_one("SELECT kid FROM signing_keys WHERE pool_id = $1 LIMIT 1", pool_id) is not None


async def stock_size(reader: Reader) -> int:
    """Return how many keys are in stock."""
    row = await reader.fetch_one("SELECT COUNT(kid) FROM key_stock WHERE shard = 0")
    return int(row[0]) if row is not None else 0


async def put_in_stock(tx: Transaction, *, kid: str, private_key: bytes, public_jwk: str) -> None:
    """Add one key to the stock."""
    await tx.execute(
        "INSERT INTO key_stock (shard, kid, private_key, public_jwk) VALUES (0, $1, $2, $3)",
        kid,
        private_key,
        public_jwk,
    )


async def take_from_stock(tx: Transaction, count: int) -> list[StockedKey]:
    """Take up to `count` keys out of the stock: whoever deletes a row has it, and nobody else."""
    rows = await tx.fetch(
        """
        DELETE FROM key_stock
        WHERE shard = 0 AND kid IN (SELECT kid FROM key_stock WHERE shard = 0 ORDER BY kid LIMIT $1)
        RETURNING kid, private_key, public_jwk
        """,
        count,
    )

    return [StockedKey(*row) for row in rows]


async def touch(tx: Transaction, pool_id: str) -> int:
    """Raise the version of a pool where what is read with it changes, which nothing tells that the pool has; 0: it is gone."""
    return await tx.execute("UPDATE pools SET version = version + 1 WHERE pool_id = $1 AND state = 'ACTIVE'", pool_id)


TABLES = (
    Table(
        name="pools",
        key=("pool_id",),
        owner="pool",
        sealed=(
            Sealed(
                "secret",
                start=("",),
                walk="SELECT pool_id, secret FROM pools WHERE pool_id > $1 ORDER BY pool_id LIMIT $2",
                put="UPDATE pools SET secret = $2 WHERE pool_id = $1 AND secret = $3",
            ),
        ),
        emptied="DELETE FROM pools WHERE pool_id >= ''",
    ),
    Table(
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
        emptied="",
    ),
    Table(
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
        emptied="",
    ),
    Table(
        name="tallies",
        key=("pool_id", "shard"),
        owner="pool",
        of_a_pool=Walk(
            start=(-1,),
            keys="SELECT shard FROM tallies WHERE pool_id = $1 AND shard > $2 ORDER BY shard LIMIT 500",
            delete="DELETE FROM tallies WHERE pool_id = $1 AND shard > $2 AND shard <= $3",
        ),
        emptied="DELETE FROM tallies WHERE pool_id >= ''",
    ),
)
