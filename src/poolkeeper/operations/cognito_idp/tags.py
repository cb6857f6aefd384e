"""TagResource, UntagResource, ListTagsForResource: the tags of a pool, by its ARN."""

from collections.abc import Mapping
from typing import Any

from poolkeeper.aws.generated.cognito_idp import (
    ListTagsForResourceRequest,
    ListTagsForResourceResponse,
    TagResourceRequest,
    TagResourceResponse,
    UntagResourceRequest,
    UntagResourceResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, ResourceNotFoundException
from poolkeeper.lookup import require_pool
from poolkeeper.model.pool import pool_arn
from poolkeeper.model.tags import tags_fault
from poolkeeper.operations.pool_documents import amend


async def tag_resource(call: Call, req: TagResourceRequest) -> TagResourceResponse:
    """Add tags to a pool; a key that it has already gets the new value.

    Raises InvalidParameterException, ResourceNotFoundException.
    """

    def tagged(document: Mapping[str, Any]) -> dict[str, Any]:
        tags = {**document.get("UserPoolTags", {}), **req.tags}
        if (fault := tags_fault(tags)) is not None:
            raise InvalidParameterException(fault)
        return _with_tags(document, tags)

    await amend(call, await _require_pool_id(call, req.resource_arn), tagged)
    return TagResourceResponse()


async def untag_resource(call: Call, req: UntagResourceRequest) -> UntagResourceResponse:
    """Remove tags from a pool by their keys; a key that it does not have is no error.

    Raises InvalidParameterException, ResourceNotFoundException.
    """
    gone = frozenset(req.tag_keys)

    def untagged(document: Mapping[str, Any]) -> dict[str, Any]:
        tags = document.get("UserPoolTags", {})
        return _with_tags(document, {key: value for key, value in tags.items() if key not in gone})

    await amend(call, await _require_pool_id(call, req.resource_arn), untagged)
    return UntagResourceResponse()


async def list_tags_for_resource(call: Call, req: ListTagsForResourceRequest) -> ListTagsForResourceResponse:
    """Return the tags of a pool.

    Raises InvalidParameterException, ResourceNotFoundException.
    """
    pool = await require_pool(call, await _require_pool_id(call, req.resource_arn))
    return ListTagsForResourceResponse(tags=dict(pool.document.get("UserPoolTags", {})))


def _with_tags(document: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
    """Return the document with other tags, without the member where there are none (clients.md 9)."""
    bare = {name: value for name, value in document.items() if name != "UserPoolTags"}
    return {**bare, "UserPoolTags": dict(tags)} if tags else bare


async def _require_pool_id(call: Call, arn: str) -> str:
    """Return the id of the pool that an ARN names; it must be a pool's, and that pool must be there under that ARN."""
    resource, slash, pool_id = arn.partition(":userpool/")
    if not slash or not resource.startswith("arn:aws:cognito-idp:"):
        # UNVERIFIED: the words; the ARN of a function against AWS would settle them.
        raise InvalidParameterException(f"{arn} is not the ARN of a user pool.")
    pool = await require_pool(call, pool_id)
    if arn != pool_arn(region=pool.region, account_id=call.settings.account_id, pool_id=pool.pool_id):
        raise ResourceNotFoundException(f"User pool {pool_id} does not exist.")
    return pool_id
