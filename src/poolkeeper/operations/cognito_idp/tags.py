"""TagResource, UntagResource, ListTagsForResource: the tags of a pool, or of one of its replicas, by its ARN."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from poolkeeper.aws.generated.cognito_idp import (
    ListTagsForResourceRequest,
    ListTagsForResourceResponse,
    TagResourceRequest,
    TagResourceResponse,
    UntagResourceRequest,
    UntagResourceResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, OperationNotEnabledException
from poolkeeper.lookup import require_pool, unknown_pool
from poolkeeper.model.pool import Pool, pool_arn
from poolkeeper.model.tags import tags_fault
from poolkeeper.operations.pool_documents import amend
from poolkeeper.store import pool_replicas
from poolkeeper.store.db import Conflict, Reader, Transaction
from poolkeeper.store.pool_replicas import ReplicaRow

Tags = Mapping[str, str]


async def tag_resource(call: Call, req: TagResourceRequest) -> TagResourceResponse:
    """Add tags to a pool; a key that it has already gets the new value.

    Raises InvalidParameterException, OperationNotEnabledException, ResourceNotFoundException.
    """

    def tagged(before: Tags) -> dict[str, str]:
        tags = {**before, **req.tags}
        if (fault := tags_fault(tags)) is not None:
            raise InvalidParameterException(fault)
        return tags

    await _change(call, req.resource_arn, tagged)
    return TagResourceResponse()


async def untag_resource(call: Call, req: UntagResourceRequest) -> UntagResourceResponse:
    """Remove tags from a pool by their keys; a key that it does not have is no error.

    Raises InvalidParameterException, OperationNotEnabledException, ResourceNotFoundException.
    """
    removed_keys = frozenset(req.tag_keys)
    await _change(call, req.resource_arn, lambda tags: {key: tags[key] for key in tags if key not in removed_keys})
    return UntagResourceResponse()


async def list_tags_for_resource(call: Call, req: ListTagsForResourceRequest) -> ListTagsForResourceResponse:
    """Return the tags of a pool.

    Raises InvalidParameterException, ResourceNotFoundException.
    """
    pool, region = await _require_pool_and_region(call, req.resource_arn)
    if region == pool.region:
        return ListTagsForResourceResponse(tags=dict(pool.document.get("UserPoolTags", {})))
    row = await _require_replica(call.db, pool.pool_id, region)
    return ListTagsForResourceResponse(tags=msgspec.json.decode(row.tags))


async def _change(call: Call, arn: str, change: Callable[[Tags], dict[str, str]]) -> None:
    """Change the tags of the pool or replica of an ARN, from what they are at that moment; `change` may run again."""
    pool, region = await _require_pool_and_region(call, arn)
    if call.trace.replica_region not in {"", region}:
        # UNVERIFIED: the words; TagResource with the primary's ARN in a replica's region would settle them.
        raise OperationNotEnabledException(
            f"Tags in {region} are not changed by the replica of this user pool in {call.trace.replica_region}."
        )
    if region == pool.region:
        await amend(call, pool.pool_id, lambda document: _with_tags(document, change(document.get("UserPoolTags", {}))))
        return

    async def body(tx: Transaction) -> None:
        row = await _require_replica(tx, pool.pool_id, region)
        tags = msgspec.json.encode(change(msgspec.json.decode(row.tags))).decode()
        if await pool_replicas.set_tags(tx, row, tags=tags, now=call.now) != 1:
            raise Conflict

    await call.db.write(body)


def _with_tags(document: Mapping[str, Any], tags: Tags) -> dict[str, Any]:
    """Return the document with other tags, without the member where there are none (clients.md 9)."""
    bare = {name: value for name, value in document.items() if name != "UserPoolTags"}
    return {**bare, "UserPoolTags": dict(tags)} if tags else bare


async def _require_replica(reader: Reader, pool_id: str, region: str) -> ReplicaRow:
    row = await pool_replicas.find(reader, pool_id=pool_id, region=region)
    if row is None:
        raise unknown_pool(pool_id)
    return row


async def _require_pool_and_region(call: Call, arn: str) -> tuple[Pool, str]:
    """Return the pool of an ARN, and the region in it: the pool's own, or that of a replica."""
    resource, slash, pool_id = arn.partition(":userpool/")
    if not slash or not resource.startswith("arn:aws:cognito-idp:"):
        # UNVERIFIED: the words; the ARN of a function against AWS would settle them.
        raise InvalidParameterException(f"{arn} is not the ARN of a user pool.")
    pool = await require_pool(call, pool_id)
    region = resource.split(":")[3]
    if arn != pool_arn(region=region, account_id=call.settings.account_id, pool_id=pool.pool_id):
        raise unknown_pool(pool_id)
    return pool, region
