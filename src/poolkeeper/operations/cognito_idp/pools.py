"""CreateUserPool, DescribeUserPool, DeleteUserPool, ListUserPools: pools as a whole."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from poolkeeper.aws.generated.cognito_idp import (
    CreateUserPoolRequest,
    CreateUserPoolResponse,
    DeleteUserPoolRequest,
    DescribeUserPoolRequest,
    DescribeUserPoolResponse,
    ListUserPoolsRequest,
    ListUserPoolsResponse,
    UserPoolDescriptionType,
    UserPoolType,
)
from poolkeeper.call import Call
from poolkeeper.decoding import secret_key
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import require_pool
from poolkeeper.model.domain import MEMBERS
from poolkeeper.model.job import DELETE_POOL, KEY_STOCK, shard_of
from poolkeeper.model.pool import Pool, pool_arn
from poolkeeper.model.pool_rules import UNSET, new_pool_document
from poolkeeper.operations import chosen_ids
from poolkeeper.operations.paging import PageRequest
from poolkeeper.operations.pool_documents import within_tier
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import due, pool_replicas, pools, signing_keys, tallies
from poolkeeper.store.db import Conflict, Transaction
from poolkeeper.tokens import keys

_SUFFIX_LENGTH = 9
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d", re.ASCII)
# UNVERIFIED: the words; DeleteUserPool of a pool with a domain would settle them.
_HAS_A_DOMAIN = "User pool cannot be deleted. It has a domain configured that should be deleted first."
_PROTECTED = (
    "The user pool cannot be deleted because deletion protection is activated. "
    "Deletion protection must be inactivated first."
)


async def create_user_pool(
    call: Call, req: CreateUserPoolRequest, *, chosen_id: str | None = None
) -> CreateUserPoolResponse:
    """Create a pool, with two signing keys from the stock; where that is empty, with keys made now.

    Raises InvalidParameterException for a region that clients could not read out of the pool's id (clients.md 2), and
    for a chosen id that is taken.
    """
    if len(call.region) > 32 or not _REGION.fullmatch(call.region):
        raise InvalidParameterException(f"{call.region[:64]} does not have the form of a region's name.")
    chosen_id = chosen_id or chosen_ids.of_pool(call, req.user_pool_tags or {})
    pool_id = chosen_id or f"{call.region}_{call.entropy.alphanumeric(_SUFFIX_LENGTH)}"
    document = msgspec.json.encode(within_tier(call, new_pool_document(msgspec.to_builtins(req)))).decode()
    secret = call.house.sealer.seal_column(call.entropy.bytes(32), **secret_key(pool_id))
    new_keys: list[keys.NewKey] = []

    async def create(tx: Transaction) -> None:
        if chosen_id is not None and await pools.was_ever(tx, pool_id):
            raise chosen_ids.taken("a pool", pool_id)
        # A reset in development leaves the keys of a pool that the seed makes again (store/emptying.py).
        has_keys = chosen_id is not None and await signing_keys.exist(tx, pool_id)
        pair = [] if has_keys else [*await keys.take(call.house, tx), *new_keys][: len(keys.PURPOSES)]
        if not has_keys and len(pair) < len(keys.PURPOSES):
            raise _StockIsEmptyError
        await pools.insert(
            tx,
            pool_id=pool_id,
            region=call.region,
            name=req.pool_name,
            document=document,
            preferences="{}",
            secret=secret,
            now=call.now,
        )
        if not has_keys:
            await keys.give(call.house, tx, pool_id, pair, now=call.now)
            await due.hasten(tx, shard=shard_of(KEY_STOCK), job_id=KEY_STOCK, due_at=call.now)

    try:
        await call.db.write(create)
    except _StockIsEmptyError:
        new_keys += [await call.house.heavy.run(call.asker, keys.make, call.house) for _ in keys.PURPOSES]
        await call.db.write(create)
    return CreateUserPoolResponse(user_pool=await described(call, await require_pool(call, pool_id)))


async def describe_user_pool(call: Call, req: DescribeUserPoolRequest) -> DescribeUserPoolResponse:
    """Return every setting of a pool, its schema and its approximate number of users."""
    pool = await require_pool(call, req.user_pool_id)
    return DescribeUserPoolResponse(user_pool=await described(call, pool))


async def delete_user_pool(call: Call, req: DeleteUserPoolRequest) -> None:
    """Take a pool out of reach at once; the worker removes its rows in batches.

    Raises InvalidParameterException while DeletionProtection is ACTIVE, and while the pool has a domain.
    """
    pool = await require_pool(call, req.user_pool_id)

    async def delete(tx: Transaction) -> None:
        row = await pools.find(tx, pool.pool_id)
        if row is None:
            return
        settings = msgspec.json.decode(row.document)
        if settings.get("DeletionProtection") == "ACTIVE":
            raise InvalidParameterException(_PROTECTED)
        if any(member in settings for member in MEMBERS.values()):
            raise InvalidParameterException(_HAS_A_DOMAIN)
        if await pools.mark_deleted(tx, pool.pool_id, expected_version=row.version, now=call.now) != 1:
            raise Conflict
        job_id = f"{DELETE_POOL}-{pool.pool_id}"
        await due.add(tx, job_id=job_id, kind=DELETE_POOL, pool_id=pool.pool_id, now=call.now)

    await call.db.write(delete)
    call.house.memory.pools.drop(pool.pool_id)
    call.house.memory.pool_keys.drop(pool.pool_id)


async def list_user_pools(call: Call, req: ListUserPoolsRequest) -> ListUserPoolsResponse:
    """Return the pools of the signature's region, a page at a time, in the order of their ids."""
    wanted = PageRequest(call, f"ListUserPools {call.region}", req.next_token, req.max_results)
    after = wanted.after()
    own = await pools.page(call.db, region=call.region, after=after, limit=wanted.limit)
    by_replica = await pool_replicas.pools_in_region(call.db, region=call.region, after=after, limit=wanted.limit)
    page = wanted.cut(sorted([*own, *by_replica], key=lambda row: row.pool_id), lambda row: row.pool_id)
    replicas = await _regions(call, [row.pool_id for row in page.items])
    return ListUserPoolsResponse(
        user_pools=[
            UserPoolDescriptionType(
                id=row.pool_id,
                name=row.name,
                lambda_config=msgspec.json.decode(row.document, type=UserPoolType).lambda_config,
                creation_date=seconds(row.created_at),
                last_modified_date=seconds(row.updated_at),
                replica_regions=replicas.get(row.pool_id),
            )
            for row in page.items
        ],
        next_token=page.token,
    )


async def _regions(call: Call, pool_ids: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the regions of the pools with replicas, of a page of pools, each pool's own region first."""
    # UNVERIFIED: that the primary's region is one of them; ListUserPools of a pool with a replica would settle it.
    regions: dict[str, list[str]] = {}
    for region, of_region in groupby(pool_ids, key=lambda pool_id: pool_id.rpartition("_")[0]):
        ids = list(of_region)
        for row in await pool_replicas.of_pools(call.db, first=ids[0], last=ids[-1]):
            regions.setdefault(row.pool_id, [region]).append(row.region)
    return regions


async def described(call: Call, pool: Pool) -> UserPoolType:
    """Return a pool for the answers of Describe and Create: unset members are left out, except for a few."""
    settings: dict[str, Any] = {
        **UNSET,
        **pool.document,
        "Id": pool.pool_id,
        "Arn": pool_arn(
            region=call.trace.replica_region or pool.region, account_id=call.settings.account_id, pool_id=pool.pool_id
        ),
        "CreationDate": seconds(pool.created_at),
        "LastModifiedDate": seconds(pool.updated_at),
        "EstimatedNumberOfUsers": await tallies.estimated_users(call.db, pool.pool_id),
    }
    return msgspec.convert(settings, UserPoolType)


class _StockIsEmptyError(Exception):
    """Raised where there are not enough keys in stock: make some, outside of the transaction, and try again."""
