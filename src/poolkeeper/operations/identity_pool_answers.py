"""How does an identity pool look on the wire, and how is it changed? Shared by the operations of cognito-identity."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from poolkeeper.aws.generated.cognito_identity import IdentityPool as IdentityPoolShape
from poolkeeper.call import Call
from poolkeeper.errors import ConcurrentModificationException, InvalidParameterException
from poolkeeper.identities.pools import pool_of, require_pool, unknown_pool
from poolkeeper.model.identity_ids import identity_pool_arn
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.store import identity_pools
from poolkeeper.store.db import Transaction

Store = Callable[[Transaction, IdentityPool], Awaitable[int]]

_BUSY = "Only one request to update resource type Identity Pool can be processed at a time"


def encoded(value: Any) -> str:
    """Return a part of a pool for its row."""
    return msgspec.json.encode(value).decode()


def described(pool: IdentityPool) -> IdentityPoolShape:
    """Return an identity pool for the answers of Create, Update and Describe: what was not given is left out."""
    settings = {**pool.document, "IdentityPoolId": pool.identity_pool_id}
    if pool.tags:
        settings["IdentityPoolTags"] = dict(pool.tags)
    return msgspec.convert(settings, IdentityPoolShape)


async def changed(call: Call, identity_pool_id: str, store: Store) -> IdentityPool:
    """Change an identity pool from what it is at that moment, and return the changed pool.

    `store` gets the pool and may run again; it returns how many rows changed. Raises ResourceNotFoundException,
    ConcurrentModificationException where another request changed it in that moment.
    """

    async def body(tx: Transaction) -> int:
        row = await identity_pools.find(tx, identity_pool_id)
        if row is None:
            raise unknown_pool(identity_pool_id)
        return await store(tx, pool_of(row))

    if await call.db.write(body) != 1:
        raise ConcurrentModificationException(_BUSY)
    return await require_pool(call, identity_pool_id)


async def pool_of_arn(call: Call, arn: str) -> IdentityPool:
    """Return the identity pool that an ARN names.

    Raises InvalidParameterException, ResourceNotFoundException.
    """
    resource, slash, identity_pool_id = arn.partition(":identitypool/")
    if not slash or not resource.startswith("arn:aws:cognito-identity:"):
        # UNVERIFIED: the words; the ARN of a user pool against AWS would settle them.
        raise InvalidParameterException(f"{arn} is not the ARN of an identity pool.")
    pool = await require_pool(call, identity_pool_id)
    account = call.settings.account_id
    if arn != identity_pool_arn(region=pool.region, account_id=account, identity_pool_id=identity_pool_id):
        raise unknown_pool(identity_pool_id)
    return pool
