"""CreateGroup, GetGroup, UpdateGroup, DeleteGroup, ListGroups: the groups of a pool."""

from poolkeeper.aws.generated.cognito_idp import (
    CreateGroupRequest,
    CreateGroupResponse,
    DeleteGroupRequest,
    GetGroupRequest,
    GetGroupResponse,
    ListGroupsRequest,
    ListGroupsResponse,
    UpdateGroupRequest,
    UpdateGroupResponse,
)
from poolkeeper.call import Call
from poolkeeper.decoding import group_of
from poolkeeper.errors import GroupExistsException, LimitExceededException, ResourceNotFoundException
from poolkeeper.lookup import UNKNOWN_GROUP, require_group, require_pool
from poolkeeper.model.group import GROUPS_OF_A_POOL, Group
from poolkeeper.model.job import DELETE_GROUP
from poolkeeper.operations.group_answers import described
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.store import due, groups
from poolkeeper.store.db import Transaction


async def create_group(call: Call, req: CreateGroupRequest) -> CreateGroupResponse:
    """Create a group.

    Raises GroupExistsException, LimitExceededException.
    """
    pool = await require_pool(call, req.user_pool_id)
    group_id = call.entropy.uuid()

    async def create(tx: Transaction) -> Group:
        if await groups.count(tx, pool.pool_id) >= GROUPS_OF_A_POOL:
            # UNVERIFIED: the words; the 10,001st group of a pool on AWS would settle them.
            raise LimitExceededException("The number of groups in the user pool has reached its limit.")
        inserted = await groups.insert(
            tx,
            pool_id=pool.pool_id,
            group_name=req.group_name,
            group_id=group_id,
            description=req.description,
            role_arn=req.role_arn,
            precedence=req.precedence,
            now=call.now,
        )
        if not inserted:
            raise GroupExistsException("A group with the name already exists")
        return await require_group(tx, pool, req.group_name)

    return CreateGroupResponse(group=described(pool, await call.db.write(create)))


async def get_group(call: Call, req: GetGroupRequest) -> GetGroupResponse:
    """Return a group.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    return GetGroupResponse(group=described(pool, await require_group(call.db, pool, req.group_name)))


async def update_group(call: Call, req: UpdateGroupRequest) -> UpdateGroupResponse:
    """Change description, role and precedence, each where it is given: Terraform sends only what has changed.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)

    async def update(tx: Transaction) -> Group:
        await groups.update(
            tx,
            pool_id=pool.pool_id,
            group_name=req.group_name,
            description=req.description,
            role_arn=req.role_arn,
            precedence=req.precedence,
            now=call.now,
        )
        return await require_group(tx, pool, req.group_name)

    return UpdateGroupResponse(group=described(pool, await call.db.write(update)))


async def delete_group(call: Call, req: DeleteGroupRequest) -> None:
    """Remove a group: its members leave it at once, and the worker removes their rows later.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)

    async def delete(tx: Transaction) -> None:
        group_id = await groups.delete(tx, pool_id=pool.pool_id, group_name=req.group_name)
        if group_id is None:
            raise ResourceNotFoundException(UNKNOWN_GROUP)
        job_id = f"{DELETE_GROUP}-{group_id}"
        await due.add(tx, job_id=job_id, kind=DELETE_GROUP, pool_id=pool.pool_id, now=call.now)

    await call.db.write(delete)


async def list_groups(call: Call, req: ListGroupsRequest) -> ListGroupsResponse:
    """Return the groups of a pool, a page at a time, in the order of their names."""
    pool = await require_pool(call, req.user_pool_id)
    wanted = PageRequest(call, f"ListGroups {pool.pool_id}", req.next_token, req.limit or LARGEST_PAGE)
    rows = await groups.page(call.db, pool.pool_id, after=wanted.after(), limit=wanted.limit)
    page = wanted.cut(rows, lambda row: row.group_name)
    return ListGroupsResponse(groups=[described(pool, group_of(row)) for row in page.items], next_token=page.token)
