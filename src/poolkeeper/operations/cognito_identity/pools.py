"""CreateIdentityPool, UpdateIdentityPool, DescribeIdentityPool, DeleteIdentityPool, ListIdentityPools: pools as a whole."""

import re

import msgspec

from poolkeeper.aws.generated.cognito_identity import (
    CreateIdentityPoolInput,
    DeleteIdentityPoolInput,
    DescribeIdentityPoolInput,
    IdentityPool,
    IdentityPoolShortDescription,
    ListIdentityPoolsInput,
    ListIdentityPoolsResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.identities import issuer
from poolkeeper.identities.pools import require_pool, unknown_pool
from poolkeeper.model import identity_pool
from poolkeeper.model.identity_ids import LONGEST_REGION, mark_of, new_identity_pool_id
from poolkeeper.model.identity_pool_rules import new_document, replaced_document
from poolkeeper.model.job import DELETE_IDENTITY_POOL
from poolkeeper.model.tags import tags_fault
from poolkeeper.operations import chosen_ids
from poolkeeper.operations.identity_pool_answers import changed, described, encoded
from poolkeeper.operations.paging import PageRequest
from poolkeeper.store import due, identity_pools
from poolkeeper.store.db import Transaction

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d", re.ASCII)


async def create_identity_pool(
    call: Call, req: CreateIdentityPoolInput, *, chosen_id: str | None = None
) -> IdentityPool:
    """Create an identity pool; the first one also makes the key that signs identities' tokens. A seed chooses its id.

    Raises InvalidParameterException, LimitExceededException.
    """
    if len(call.region) > LONGEST_REGION or not _REGION.fullmatch(call.region):
        raise InvalidParameterException(f"{call.region[:64]} does not have the form of a region's name.")
    document = new_document(msgspec.to_builtins(req))
    tags = _tags(req.identity_pool_tags)
    await issuer.keys_of(call.house)

    async def create(tx: Transaction) -> str:
        while True:
            identity_pool_id = chosen_id or new_identity_pool_id(call.region, call.entropy.uuid())
            if await identity_pools.insert(
                tx,
                identity_pool_id=identity_pool_id,
                region=call.region,
                mark=mark_of(identity_pool_id),
                name=req.identity_pool_name,
                document=encoded(document),
                tags=encoded(tags),
                now=call.now,
            ):
                return identity_pool_id
            if chosen_id is not None:
                raise chosen_ids.taken("an identity pool", chosen_id)

    return described(await require_pool(call, await call.db.write(create)))


async def update_identity_pool(call: Call, req: IdentityPool) -> IdentityPool:
    """Replace all settings of an identity pool: what is left out goes back to its default. Roles stay.

    Tags stay too unless the request has some: infrastructure tools change them by other operations. Raises
    InvalidParameterException, ResourceNotFoundException, ConcurrentModificationException.
    """
    settings = msgspec.to_builtins(req)

    async def replace(tx: Transaction, pool: identity_pool.IdentityPool) -> int:
        # UNVERIFIED: that tags which are left out stay; UpdateIdentityPool without them against AWS would settle it.
        tags = pool.tags if req.identity_pool_tags is None else _tags(req.identity_pool_tags)
        return await identity_pools.replace(
            tx,
            identity_pool_id=pool.identity_pool_id,
            expected_version=pool.version,
            name=req.identity_pool_name,
            document=encoded(replaced_document(pool.document, settings)),
            tags=encoded(tags),
            now=call.now,
        )

    return described(await changed(call, req.identity_pool_id, replace))


async def describe_identity_pool(call: Call, req: DescribeIdentityPoolInput) -> IdentityPool:
    """Return every setting of an identity pool. Raises ResourceNotFoundException."""
    return described(await require_pool(call, req.identity_pool_id))


async def delete_identity_pool(call: Call, req: DeleteIdentityPoolInput) -> None:
    """Take an identity pool out of reach at once; the worker removes its identities in batches.

    Raises ResourceNotFoundException.
    """
    identity_pool_id = req.identity_pool_id

    async def delete(tx: Transaction) -> None:
        if await identity_pools.mark_deleted(tx, identity_pool_id, now=call.now) != 1:
            raise unknown_pool(identity_pool_id)
        job_id = f"{DELETE_IDENTITY_POOL}-{identity_pool_id}"
        await due.add(tx, job_id=job_id, kind=DELETE_IDENTITY_POOL, pool_id=identity_pool_id, now=call.now)

    await call.db.write(delete)
    call.trace.pool_id = identity_pool_id
    call.house.memory.identity_pools.drop(identity_pool_id)


async def list_identity_pools(call: Call, req: ListIdentityPoolsInput) -> ListIdentityPoolsResponse:
    """Return the identity pools of the signature's region, a page at a time, in the order of their ids."""
    wanted = PageRequest(call, f"ListIdentityPools {call.region}", req.next_token, req.max_results)
    rows = await identity_pools.page(call.db, region=call.region, after=wanted.after(), limit=wanted.limit)
    page = wanted.cut(rows, lambda row: row.identity_pool_id)
    return ListIdentityPoolsResponse(
        identity_pools=[
            IdentityPoolShortDescription(identity_pool_id=row.identity_pool_id, identity_pool_name=row.name)
            for row in page.items
        ],
        next_token=page.token,
    )


def _tags(request_tags: dict[str, str] | None) -> dict[str, str]:
    """Return the tags of a request. Raises InvalidParameterException."""
    tags = request_tags or {}
    if (fault := tags_fault(tags)) is not None:
        raise InvalidParameterException(fault)
    return tags
