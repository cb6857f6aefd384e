"""SQL of identity pools, and of the directory that finds one by the mark in the ids of its identities."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table


class StoredIdentityPool(msgspec.Struct, frozen=True, gc=False):
    """A row as it lies there: `document`, `roles`, `principal_tags` and `tags` are JSON."""

    identity_pool_id: str
    region: str
    version: int
    document: str
    roles: str
    principal_tags: str
    tags: str


class ListedIdentityPool(msgspec.Struct, frozen=True, gc=False):
    """An identity pool as a list tells it."""

    identity_pool_id: str
    name: str


class TaggedIdentityPool(msgspec.Struct, frozen=True, gc=False):
    """An identity pool and its tags, as JSON."""

    identity_pool_id: str
    tags: str


class PoolRoles(msgspec.Struct, frozen=True, gc=False):
    """The roles of an identity pool, as JSON."""

    identity_pool_id: str
    roles: str


async def insert(
    tx: Transaction, *, identity_pool_id: str, region: str, mark: str, name: str, document: str, tags: str, now: int
) -> bool:
    """Add an identity pool at version 1 without roles, and its mark in the directory; False where that is taken."""
    marked = await tx.execute(
        """
        INSERT INTO directory (kind, value, pool_id) VALUES ('identity_pool', $1, $2)
        ON CONFLICT (kind, value) DO NOTHING
        """,
        mark,
        identity_pool_id,
    )
    if marked != 1:
        return False
    await tx.execute(
        """
        INSERT INTO identity_pools (
            identity_pool_id, region, state, version, name, document, roles, principal_tags, tags, created_at, updated_at
        )
        VALUES ($1, $2, 'ACTIVE', 1, $3, $4, '{}', '{}', $5, $6, $6)
        """,
        identity_pool_id,
        region,
        name,
        document,
        tags,
        now,
    )
    return True


async def find(reader: Reader, identity_pool_id: str) -> StoredIdentityPool | None:
    """Return an identity pool that is not deleted."""
    row = await reader.fetch_one(
        """
        SELECT identity_pool_id, region, version, document, roles, principal_tags, tags
        FROM identity_pools WHERE identity_pool_id = $1 AND state = 'ACTIVE'
        """,
        identity_pool_id,
    )
    return None if row is None else StoredIdentityPool(*row)


async def was_ever(reader: Reader, identity_pool_id: str) -> bool:
    """Say whether an id has a row, be it of a pool that is deleted and whose rows go."""
    return (
        await reader.fetch_one("SELECT 1 FROM identity_pools WHERE identity_pool_id = $1", identity_pool_id) is not None
    )


async def version(reader: Reader, identity_pool_id: str) -> int | None:
    """Return the version of an identity pool that is not deleted."""
    row = await reader.fetch_one(
        "SELECT version FROM identity_pools WHERE identity_pool_id = $1 AND state = 'ACTIVE'", identity_pool_id
    )
    return None if row is None else int(row[0])


async def of_mark(reader: Reader, mark: str) -> str | None:
    """Return the id of the identity pool whose identities have a mark, also where the pool is deleted."""
    row = await reader.fetch_one("SELECT pool_id FROM directory WHERE kind = 'identity_pool' AND value = $1", mark)
    return None if row is None else str(row[0])


async def replace(
    tx: Transaction, *, identity_pool_id: str, expected_version: int, name: str, document: str, tags: str, now: int
) -> int:
    """Store new settings and tags if nobody else has changed the pool since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE identity_pools SET name = $3, document = $4, tags = $5, version = version + 1, updated_at = $6
        WHERE identity_pool_id = $1 AND version = $2 AND state = 'ACTIVE'
        """,
        identity_pool_id,
        expected_version,
        name,
        document,
        tags,
        now,
    )


async def replace_roles(tx: Transaction, *, identity_pool_id: str, expected_version: int, roles: str, now: int) -> int:
    """Store roles and role mappings if nobody else has changed the pool since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE identity_pools SET roles = $3, version = version + 1, updated_at = $4
        WHERE identity_pool_id = $1 AND version = $2 AND state = 'ACTIVE'
        """,
        identity_pool_id,
        expected_version,
        roles,
        now,
    )


async def replace_principal_tags(
    tx: Transaction, *, identity_pool_id: str, expected_version: int, principal_tags: str, now: int
) -> int:
    """Store the maps of principal tags if nobody else has changed the pool since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE identity_pools SET principal_tags = $3, version = version + 1, updated_at = $4
        WHERE identity_pool_id = $1 AND version = $2 AND state = 'ACTIVE'
        """,
        identity_pool_id,
        expected_version,
        principal_tags,
        now,
    )


async def mark_deleted(tx: Transaction, identity_pool_id: str, *, now: int) -> int:
    """Take an identity pool out of reach; its rows are the worker's from now on."""
    return await tx.execute(
        """
        UPDATE identity_pools SET state = 'DELETED', version = version + 1, updated_at = $2
        WHERE identity_pool_id = $1 AND state = 'ACTIVE'
        """,
        identity_pool_id,
        now,
    )


async def forget(tx: Transaction, identity_pool_id: str, *, mark: str) -> int:
    """Remove the row of a deleted identity pool and its mark, last of all."""
    await tx.execute(
        "DELETE FROM directory WHERE kind = 'identity_pool' AND value = $2 AND pool_id = $1", identity_pool_id, mark
    )
    return await tx.execute(
        "DELETE FROM identity_pools WHERE identity_pool_id = $1 AND state = 'DELETED'", identity_pool_id
    )


async def page(reader: Reader, *, region: str, after: str, limit: int) -> list[ListedIdentityPool]:
    """Return up to `limit` identity pools of a region in the order of their ids, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT identity_pool_id, name FROM identity_pools
        WHERE identity_pool_id > $1 AND identity_pool_id >= $2 AND identity_pool_id < $3 AND state = 'ACTIVE'
        ORDER BY identity_pool_id LIMIT $4
        """,
        after,
        f"{region}:",
        f"{region};",
        limit,
    )
    return [ListedIdentityPool(row[0], row[1]) for row in rows]


async def tagged(reader: Reader, *, region: str, after: str, limit: int) -> list[TaggedIdentityPool]:
    """Return up to `limit` identity pools of a region in the order of their ids, from behind `after`, with their tags."""
    rows = await reader.fetch(
        """
        SELECT identity_pool_id, tags FROM identity_pools
        WHERE identity_pool_id > $1 AND identity_pool_id >= $2 AND identity_pool_id < $3 AND state = 'ACTIVE'
        ORDER BY identity_pool_id LIMIT $4
        """,
        after,
        f"{region}:",
        f"{region};",
        limit,
    )
    return [TaggedIdentityPool(*row) for row in rows]


async def every(reader: Reader, *, after: str, limit: int) -> list[PoolRoles]:
    """Return up to `limit` identity pools of all regions from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT identity_pool_id, roles FROM identity_pools
        WHERE identity_pool_id > $1 AND state = 'ACTIVE' ORDER BY identity_pool_id LIMIT $2
        """,
        after,
        limit,
    )
    return [PoolRoles(*row) for row in rows]


TABLE = Table(
    name="identity_pools",
    key=("identity_pool_id",),
    owner="identity pool",
    at_reset="DELETE FROM identity_pools WHERE identity_pool_id >= ''",
)
