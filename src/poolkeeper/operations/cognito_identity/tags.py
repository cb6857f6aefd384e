"""TagResource, UntagResource, ListTagsForResource: the tags of an identity pool, by its ARN."""

from poolkeeper.aws.generated.cognito_identity import (
    ListTagsForResourceInput,
    ListTagsForResourceResponse,
    TagResourceInput,
    TagResourceResponse,
    UntagResourceInput,
    UntagResourceResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.model.tags import tags_fault
from poolkeeper.operations.identity_pool_answers import changed, encoded, pool_of_arn
from poolkeeper.store import identity_pools
from poolkeeper.store.db import Conflict, Transaction


async def tag_resource(call: Call, req: TagResourceInput) -> TagResourceResponse:
    """Add tags to an identity pool; a key that it has already gets the new value.

    Raises InvalidParameterException, ResourceNotFoundException.
    """

    async def add(tx: Transaction, pool: IdentityPool) -> int:
        return await _store(tx, call, pool, {**pool.tags, **req.tags})

    await changed(call, (await pool_of_arn(call, req.resource_arn)).identity_pool_id, add)
    return TagResourceResponse()


async def untag_resource(call: Call, req: UntagResourceInput) -> UntagResourceResponse:
    """Remove tags from an identity pool by their keys; a key that it does not have is no error.

    Raises InvalidParameterException, ResourceNotFoundException.
    """
    removed_keys = frozenset(req.tag_keys)

    async def remove(tx: Transaction, pool: IdentityPool) -> int:
        return await _store(tx, call, pool, {key: value for key, value in pool.tags.items() if key not in removed_keys})

    await changed(call, (await pool_of_arn(call, req.resource_arn)).identity_pool_id, remove)
    return UntagResourceResponse()


async def list_tags_for_resource(call: Call, req: ListTagsForResourceInput) -> ListTagsForResourceResponse:
    """Return the tags of an identity pool. Raises InvalidParameterException, ResourceNotFoundException."""
    pool = await pool_of_arn(call, req.resource_arn)
    return ListTagsForResourceResponse(tags=dict(pool.tags))


async def _store(tx: Transaction, call: Call, pool: IdentityPool, tags: dict[str, str]) -> int:
    """Store the tags of a pool. Raises Conflict, so that concurrent changes are all kept."""
    if (fault := tags_fault(tags)) is not None:
        raise InvalidParameterException(fault)
    stored = await identity_pools.replace(
        tx,
        identity_pool_id=pool.identity_pool_id,
        expected_version=pool.version,
        name=pool.document["IdentityPoolName"],
        document=encoded(pool.document),
        tags=encoded(tags),
        now=call.now,
    )
    if stored != 1:
        raise Conflict
    return stored
