"""Which identity pool does a request mean? The pool of the id that it sends, its own or an identity's.

Settings are decoded once per version.
"""

import msgspec

from poolkeeper.call import Call, House
from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.model.identity import Identity
from poolkeeper.model.identity_ids import mark_in
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.store import identities, identity_pools
from poolkeeper.store.db import Reader
from poolkeeper.store.identity_pools import StoredIdentityPool

_decode = msgspec.json.Decoder().decode


async def require_pool(call: Call, identity_pool_id: str) -> IdentityPool:
    """Return an identity pool by its id; raises ResourceNotFoundException, also for a deleted pool."""
    pool = await find_pool(call.house, identity_pool_id)
    if pool is None:
        raise unknown_pool(identity_pool_id)
    call.trace.pool_id = identity_pool_id
    return pool


async def find_pool(house: House, identity_pool_id: str) -> IdentityPool | None:
    """Return an identity pool by its id, None where there is none."""
    return await pool_at(house, identity_pool_id, await identity_pools.version(house.db, identity_pool_id))


async def pool_at(house: House, identity_pool_id: str, version: int | None) -> IdentityPool | None:
    """Return an identity pool at `version` or later, from memory where its version is the same; None for no version."""
    pool_in_memory = house.memory.identity_pools.get(identity_pool_id)
    if version is not None and pool_in_memory is not None and pool_in_memory.version == version:
        return pool_in_memory
    row = None if version is None else await identity_pools.find(house.db, identity_pool_id)
    if row is None:
        house.memory.identity_pools.drop(identity_pool_id)
        return None
    pool = pool_of(row)
    house.memory.identity_pools.put(identity_pool_id, pool)
    return pool


async def pool_of_identity(call: Call, identity_id: str) -> IdentityPool | None:
    """Return the identity pool of an identity's id; None for an id that none of our pools made."""
    identity_pool_id = await pool_id_of(call, identity_id)
    return None if identity_pool_id is None else await find_pool(call.house, identity_pool_id)


async def pool_id_of(call: Call, identity_id: str) -> str | None:
    """Return the pool's id for an identity's id, even where the pool is deleted; None for an id that none of our pools made."""
    mark = mark_in(identity_id)
    if mark is None:
        return None
    memory = call.house.memory.pool_of_mark
    identity_pool_id = memory.get(mark) or await identity_pools.of_mark(call.db, mark)
    if identity_pool_id is None or identity_pool_id.partition(":")[0] != identity_id.partition(":")[0]:
        return None
    memory.put(mark, identity_pool_id)
    call.trace.pool_id = identity_pool_id
    return identity_pool_id


async def require_pool_of(call: Call, identity_id: str) -> IdentityPool:
    """Return the identity pool of an identity's id; raises ResourceNotFoundException."""
    pool = await pool_of_identity(call, identity_id)
    if pool is None:
        raise unknown_identity(identity_id)
    return pool


async def require_identity(reader: Reader, pool: IdentityPool, identity_id: str) -> Identity:
    """Return an identity of this pool and of no other; raises ResourceNotFoundException."""
    identity = await identities.find(reader, identity_pool_id=pool.identity_pool_id, identity_id=identity_id)
    if identity is None:
        raise unknown_identity(identity_id)
    return identity


def unknown_pool(identity_pool_id: str) -> ResourceNotFoundException:
    """Return the error for an identity pool that does not exist."""
    return ResourceNotFoundException(f"IdentityPool '{identity_pool_id}' not found.")


def unknown_identity(identity_id: str) -> ResourceNotFoundException:
    """Return the error for an identity that does not exist."""
    # UNVERIFIED: the words; DescribeIdentity of an id that is not there would settle them.
    return ResourceNotFoundException(f"Identity '{identity_id}' not found.")


def pool_of(row: StoredIdentityPool) -> IdentityPool:
    """Decode the row of an identity pool."""
    return IdentityPool.of(
        identity_pool_id=row.identity_pool_id,
        region=row.region,
        version=row.version,
        document=_decode(row.document),
        tags=_decode(row.tags),
        roles=_decode(row.roles),
        principal_tags=_decode(row.principal_tags),
    )
