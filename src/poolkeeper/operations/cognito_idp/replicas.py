"""CreateUserPoolReplica, DeleteUserPoolReplica, ListUserPoolReplicas, UpdateUserPoolReplica: a pool in other regions.

Nothing is copied: a replica is a row that makes this installation answer for the pool in that region's name (replicas.md).
"""

import msgspec

from poolkeeper.aws.generated.cognito_idp import (
    CreateUserPoolReplicaRequest,
    CreateUserPoolReplicaResponse,
    DeleteUserPoolReplicaRequest,
    DeleteUserPoolReplicaResponse,
    ListUserPoolReplicasRequest,
    ListUserPoolReplicasResponse,
    UpdateUserPoolReplicaRequest,
    UpdateUserPoolReplicaResponse,
    UserPoolReplicaType,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    InvalidParameterException,
    LimitExceededException,
    OperationNotEnabledException,
    ResourceNotFoundException,
    UserPoolTaggingException,
)
from poolkeeper.lookup import require_pool, unknown_pool
from poolkeeper.model.pool import Pool, pool_arn
from poolkeeper.model.replica import ACTIVE, DELETING, INACTIVE, MOST_REPLICAS, PRIMARY, SECONDARY, is_region
from poolkeeper.model.tags import tags_fault
from poolkeeper.model.tiers import require_replicas_in_tier
from poolkeeper.operations import paging
from poolkeeper.store import pool_replicas, pools
from poolkeeper.store.db import Conflict, Transaction
from poolkeeper.store.pool_replicas import ReplicaRow

# UNVERIFIED: all sentences of this module; one call each against AWS would settle them.
_NOT_INACTIVE = "A replica must be INACTIVE before it is deleted."
_NOT_ITS_OWN = "A replica changes no status but its own."


async def create_user_pool_replica(call: Call, req: CreateUserPoolReplicaRequest) -> CreateUserPoolReplicaResponse:
    """Let the pool be reached in another region's name too. The replica exists at once, and is INACTIVE at first.

    Raises InvalidParameterException, LimitExceededException, UserPoolTaggingException, FeatureUnavailableInTierException.
    """
    pool = await require_pool(call, req.user_pool_id)
    tags = req.user_pool_tags or {}
    if not is_region(req.region_name) or req.region_name == pool.region:
        raise InvalidParameterException(f"{req.region_name} is no region for a replica of this user pool.")
    if (fault := tags_fault(tags)) is not None:
        raise UserPoolTaggingException(fault)
    if call.settings.strict_tiers:
        require_replicas_in_tier(pool.document)
    row = ReplicaRow(pool.pool_id, req.region_name, INACTIVE, msgspec.json.encode(tags).decode())

    async def body(tx: Transaction) -> None:
        # A concurrent deletion of the pool comes before or after this: no row is left behind.
        if await pools.touch(tx, pool.pool_id) != 1:
            raise unknown_pool(pool.pool_id)
        if len(await pool_replicas.of_pool(tx, pool.pool_id)) >= MOST_REPLICAS:
            raise LimitExceededException(f"A user pool can have {MOST_REPLICAS} replicas at the most.")
        if not await pool_replicas.insert(tx, row, now=call.now):
            raise InvalidParameterException(f"This user pool has a replica in {req.region_name}.")

    await call.db.write(body)
    return CreateUserPoolReplicaResponse(user_pool_replica=_secondary(call, row, INACTIVE))


async def delete_user_pool_replica(call: Call, req: DeleteUserPoolReplicaRequest) -> DeleteUserPoolReplicaResponse:
    """Remove a replica; requests that are signed for its region reach the pool itself again.

    Raises InvalidParameterException for an ACTIVE one, ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)

    async def body(tx: Transaction) -> ReplicaRow:
        row = await _require_replica(tx, pool, req.region_name)
        if row.status != INACTIVE:
            raise InvalidParameterException(_NOT_INACTIVE)
        if await pool_replicas.delete(tx, pool_id=row.pool_id, region=row.region, status=INACTIVE) != 1:
            raise Conflict
        return row

    return DeleteUserPoolReplicaResponse(user_pool_replica=_secondary(call, await call.db.write(body), DELETING))


async def list_user_pool_replicas(call: Call, req: ListUserPoolReplicasRequest) -> ListUserPoolReplicasResponse:
    """Return the primary and all secondary replicas, on one page."""
    pool = await require_pool(call, req.user_pool_id)
    # No page has a token, so any given token is not ours.
    paging.read_token(call, req.next_token, listing=f"ListUserPoolReplicas {pool.pool_id}")
    primary = UserPoolReplicaType(
        region_name=pool.region, status=ACTIVE, role=PRIMARY, user_pool_arn=_arn(call, pool.pool_id, pool.region)
    )
    rows = await pool_replicas.of_pool(call.db, pool.pool_id)
    return ListUserPoolReplicasResponse(
        user_pool_replicas=[primary, *(_secondary(call, row, row.status) for row in rows)]
    )


async def update_user_pool_replica(call: Call, req: UpdateUserPoolReplicaRequest) -> UpdateUserPoolReplicaResponse:
    """Let a replica answer for users, or stop it from doing so.

    Raises InvalidParameterException for the primary, OperationNotEnabledException, ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    if req.region_name == pool.region:
        raise InvalidParameterException("The status of the primary replica cannot be changed.")
    if call.trace.replica_region not in {"", req.region_name}:
        raise OperationNotEnabledException(_NOT_ITS_OWN)

    async def body(tx: Transaction) -> ReplicaRow:
        row = await _require_replica(tx, pool, req.region_name)
        await pool_replicas.set_status(tx, pool_id=row.pool_id, region=row.region, status=req.status, now=call.now)
        return row

    return UpdateUserPoolReplicaResponse(user_pool_replica=_secondary(call, await call.db.write(body), req.status))


async def _require_replica(tx: Transaction, pool: Pool, region: str) -> ReplicaRow:
    row = await pool_replicas.find(tx, pool_id=pool.pool_id, region=region)
    if row is None:
        raise ResourceNotFoundException(f"User pool {pool.pool_id} has no replica in {region}.")
    return row


def _secondary(call: Call, row: ReplicaRow, status: str) -> UserPoolReplicaType:
    return UserPoolReplicaType(
        region_name=row.region, status=status, role=SECONDARY, user_pool_arn=_arn(call, row.pool_id, row.region)
    )


def _arn(call: Call, pool_id: str, region: str) -> str:
    return pool_arn(region=region, account_id=call.settings.account_id, pool_id=pool_id)
