"""CreateGroup, GetGroup, UpdateGroup, DeleteGroup, ListGroups and their members: users who share policies."""

from poolkeeper.aws.generated.iam import (
    AddUserToGroupRequest,
    CreateGroupRequest,
    CreateGroupResponse,
    DeleteGroupRequest,
    GetGroupRequest,
    GetGroupResponse,
    Group,
    ListGroupsForUserRequest,
    ListGroupsForUserResponse,
    ListGroupsRequest,
    ListGroupsResponse,
    RemoveUserFromGroupRequest,
    UpdateGroupRequest,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    LimitExceededException,
    NoSuchEntityException,
)
from poolkeeper.model.iam import GROUPS_OF_A_USER, Entity, Kind, folded
from poolkeeper.operations import iam_answers, iam_pages
from poolkeeper.operations.iam_changes import add, change, new_id, remove, rename
from poolkeeper.operations.iam_lookup import require
from poolkeeper.store import iam_memberships
from poolkeeper.store.db import Transaction


async def create_group(call: Call, req: CreateGroupRequest) -> CreateGroupResponse:
    """Create a group.

    Raises EntityAlreadyExistsException, LimitExceededException.
    """
    group = Entity(
        kind=Kind.GROUP.value,
        name=req.group_name,
        entity_id=new_id(call, Kind.GROUP),
        path=req.path or "/",
        created_at=call.now,
        updated_at=call.now,
    )

    async def create(tx: Transaction) -> Group:
        await add(tx, Kind.GROUP, group)
        return iam_answers.group(call, group)

    return CreateGroupResponse(group=await change(call, create))


async def get_group(call: Call, req: GetGroupRequest) -> GetGroupResponse:
    """Return a group and the users in it, a page of them at a time, in the order of their names.

    Raises NoSuchEntityException, ValidationException.
    """
    group = await require(call.db, Kind.GROUP, req.group_name)
    wanted = iam_pages.page_request(call, f"GetGroup {req.group_name}", req.marker, req.max_items)
    members = await iam_memberships.users_of(call.db, group.entity_id)
    page = iam_pages.page(wanted, members, lambda user: folded(user.name))
    return GetGroupResponse(
        group=iam_answers.group(call, group),
        users=[iam_answers.user(call, user) for user in page.items],
        is_truncated=page.is_truncated,
        marker=page.token,
    )


async def update_group(call: Call, req: UpdateGroupRequest) -> None:
    """Change the name or the path of a group: its ARN changes, its members and policies stay.

    Raises EntityAlreadyExistsException, NoSuchEntityException.
    """
    await rename(call, Kind.GROUP, req.group_name, new_name=req.new_group_name, new_path=req.new_path)


async def delete_group(call: Call, req: DeleteGroupRequest) -> None:
    """Remove a group that has neither members nor policies.

    Raises DeleteConflictException, NoSuchEntityException.
    """

    async def hangs(tx: Transaction, group: Entity) -> str:
        return "must remove users from group first." if await iam_memberships.users_of(tx, group.entity_id) else ""

    await remove(call, Kind.GROUP, req.group_name, hangs=hangs)


async def list_groups(call: Call, req: ListGroupsRequest) -> ListGroupsResponse:
    """Return the groups below a path, a page at a time, in the order of their names."""
    wanted = iam_pages.page_request(call, f"ListGroups {req.path_prefix}", req.marker, req.max_items)
    page = await iam_pages.page_of_entities(wanted, Kind.GROUP, path_prefix=req.path_prefix)
    return ListGroupsResponse(
        groups=[iam_answers.group(call, group) for group in page.items],
        is_truncated=page.is_truncated,
        marker=page.token,
    )


async def add_user_to_group(call: Call, req: AddUserToGroupRequest) -> None:
    """Put a user into a group; it is no error where they are in it already.

    Raises LimitExceededException, NoSuchEntityException.
    """

    async def join(tx: Transaction) -> None:
        group = await require(tx, Kind.GROUP, req.group_name)
        user = await require(tx, Kind.USER, req.user_name)
        before = [former_group.entity_id for former_group in await iam_memberships.groups_of(tx, user.entity_id)]
        if group.entity_id not in before and len(before) >= GROUPS_OF_A_USER:
            raise LimitExceededException(f"Cannot exceed quota for GroupsPerUser: {GROUPS_OF_A_USER}")
        await iam_memberships.add(tx, user_id=user.entity_id, group_id=group.entity_id)

    await change(call, join)


async def remove_user_from_group(call: Call, req: RemoveUserFromGroupRequest) -> None:
    """Take a user out of a group.

    Raises NoSuchEntityException, also where the user is not in it.
    """

    async def leave(tx: Transaction) -> None:
        group = await require(tx, Kind.GROUP, req.group_name)
        user = await require(tx, Kind.USER, req.user_name)
        if not await iam_memberships.remove(tx, user_id=user.entity_id, group_id=group.entity_id):
            # UNVERIFIED: the words; a user of another group against AWS would settle them.
            raise NoSuchEntityException(f"The user with name {req.user_name} is not in the group {req.group_name}.")

    await change(call, leave)


async def list_groups_for_user(call: Call, req: ListGroupsForUserRequest) -> ListGroupsForUserResponse:
    """Return the groups that a user is in, a page at a time, in the order of their names.

    Raises NoSuchEntityException, ValidationException.
    """
    user = await require(call.db, Kind.USER, req.user_name)
    wanted = iam_pages.page_request(call, f"ListGroupsForUser {req.user_name}", req.marker, req.max_items)
    page = iam_pages.page(
        wanted, await iam_memberships.groups_of(call.db, user.entity_id), lambda group: folded(group.name)
    )
    return ListGroupsForUserResponse(
        groups=[iam_answers.group(call, group) for group in page.items],
        is_truncated=page.is_truncated,
        marker=page.token,
    )
