"""How is a pool's document changed? From what it is at that moment, and within its tier."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from poolkeeper.call import Call
from poolkeeper.errors import ConcurrentModificationException
from poolkeeper.lookup import unknown_pool
from poolkeeper.model.pool import Pool
from poolkeeper.model.tiers import require_pool_in_tier
from poolkeeper.store import pools
from poolkeeper.store.db import Conflict, Transaction


def within_tier(call: Call, document: dict[str, Any]) -> dict[str, Any]:
    """Return a pool's new document if its tier allows it; unless the operator wants strict tiers, every tier allows all.

    Raises FeatureUnavailableInTierException.
    """
    if call.settings.strict_tiers:
        require_pool_in_tier(document)
    return document


async def amend(call: Call, pool_id: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Change the settings of a pool from what they are at that moment, so that concurrent changes are all kept.

    `change` may run again. Raises ResourceNotFoundException, and whatever `change` raises.
    """

    async def body(tx: Transaction) -> None:
        row = await pools.find(tx, pool_id)
        if row is None:
            raise unknown_pool(pool_id)
        if (
            await _store(tx, call, pool_id, change(msgspec.json.decode(row.document)), expected_version=row.version)
            != 1
        ):
            raise Conflict

    await call.db.write(body)


async def replace(call: Call, pool: Pool, document: Mapping[str, Any]) -> None:
    """Store a new document of a pool, if the pool has not changed since it was read.

    Raises ConcurrentModificationException.
    """

    async def body(tx: Transaction) -> int:
        return await _store(tx, call, pool.pool_id, document, expected_version=pool.version)

    if await call.db.write(body) != 1:
        # UNVERIFIED: the words, made after those for app clients; two updates of one pool at once would settle them.
        raise ConcurrentModificationException("Only one request to update user pool can be processed at a time.")


async def _store(
    tx: Transaction, call: Call, pool_id: str, document: Mapping[str, Any], *, expected_version: int
) -> int:
    return await pools.replace(
        tx,
        pool_id=pool_id,
        name=document["Name"],
        document=msgspec.json.encode(document).decode(),
        expected_version=expected_version,
        now=call.now,
    )
