"""CreateGroup, GetGroup, UpdateGroup, DeleteGroup, ListGroups, and who is in them: users who share policies."""

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
    DeleteConflictException,
    EntityAlreadyExistsException,
    LimitExceededException,
    NoSuchEntityException,
)
from poolkeeper.model.iam import GROUPS_OF_A_USER, Entity, Kind, folded
from poolkeeper.operations import iam_answers, iam_pages
from poolkeeper.operations.iam_changes import change, new_id, require_room
from poolkeeper.operations.iam_lookup import require
from poolkeeper.store import iam_entities, iam_memberships, iam_policies
from poolkeeper.store.db import Transaction


async def create_group(call: Call, req: CreateGroupRequest) -> CreateGroupResponse:
    """Create a group.

    Raises EntityAlreadyExistsException, LimitExceededException.
    """
    made = Entity(
        kind=Kind.GROUP.value,
        name=req.group_name,
        entity_id=new_id(call, Kind.GROUP),
        path=req.path or "/",
        created_at=call.now,
        updated_at=call.now,
    )

    async def create(tx: Transaction) -> Group:
        await require_room(tx, Kind.GROUP)
        if not await iam_entities.insert(tx, Kind.GROUP, made):
            raise EntityAlreadyExistsException(f"Group with name {req.group_name} already exists.")
        return iam_answers.group(call, made)

    return CreateGroupResponse(group=await change(call, create))


async def get_group(call: Call, req: GetGroupRequest) -> GetGroupResponse:
    """Return a group and the users in it, a page of them at a time, in the order of their names.

    Raises NoSuchEntityException, ValidationException.
    """
    group = await require(call.db, Kind.GROUP, req.group_name)
    asked = iam_pages.Asked(call, f"GetGroup {req.group_name}", req.marker, req.max_items)
    members = await iam_memberships.users_of(call.db, group.entity_id)
    page = iam_pages.page(asked, members, lambda user: folded(user.name))
    return GetGroupResponse(
        group=iam_answers.group(call, group),
        users=[iam_answers.user(call, user) for user in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


async def update_group(call: Call, req: UpdateGroupRequest) -> None:
    """Give a group another name or path: its ARN changes, its members and policies stay.

    Raises EntityAlreadyExistsException, NoSuchEntityException.
    """

    async def update(tx: Transaction) -> None:
        group = await require(tx, Kind.GROUP, req.group_name)
        name = req.new_group_name or group.name
        if folded(name) != folded(group.name) and await iam_entities.has_name(tx, Kind.GROUP, name):
            raise EntityAlreadyExistsException(f"Group with name {name} already exists.")
        await iam_entities.rename(tx, Kind.GROUP, group.entity_id, name=name, path=req.new_path or group.path)

    await change(call, update)


async def delete_group(call: Call, req: DeleteGroupRequest) -> None:
    """Remove a group that nobody is in and that has no policies.

    Raises DeleteConflictException, NoSuchEntityException.
    """

    async def delete(tx: Transaction) -> None:
        group = await require(tx, Kind.GROUP, req.group_name)
        if await iam_memberships.users_of(tx, group.entity_id):
            raise DeleteConflictException("Cannot delete entity, must remove users from group first.")
        if await iam_policies.attached_to(tx, Kind.GROUP, group.entity_id):
            raise DeleteConflictException("Cannot delete entity, must detach all policies first.")
        if await iam_policies.inline_of(tx, group.entity_id):
            raise DeleteConflictException("Cannot delete entity, must delete policies first.")
        await iam_entities.delete(tx, Kind.GROUP, group.entity_id)

    await change(call, delete)


async def list_groups(call: Call, req: ListGroupsRequest) -> ListGroupsResponse:
    """Return the groups below a path, a page at a time, in the order of their names."""
    asked = iam_pages.Asked(call, f"ListGroups {req.path_prefix}", req.marker, req.max_items)
    page = await iam_pages.page_of_entities(asked, Kind.GROUP, path_prefix=req.path_prefix)
    return ListGroupsResponse(
        groups=[iam_answers.group(call, group) for group in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


async def add_user_to_group(call: Call, req: AddUserToGroupRequest) -> None:
    """Put a user into a group; one who is in it already is no error.

    Raises LimitExceededException, NoSuchEntityException.
    """

    async def add(tx: Transaction) -> None:
        group = await require(tx, Kind.GROUP, req.group_name)
        user = await require(tx, Kind.USER, req.user_name)
        before = [one.entity_id for one in await iam_memberships.groups_of(tx, user.entity_id)]
        if group.entity_id not in before and len(before) >= GROUPS_OF_A_USER:
            raise LimitExceededException(f"Cannot exceed quota for GroupsPerUser: {GROUPS_OF_A_USER}")
        await iam_memberships.add(tx, user_id=user.entity_id, group_id=group.entity_id)

    await change(call, add)


async def remove_user_from_group(call: Call, req: RemoveUserFromGroupRequest) -> None:
    """Take a user out of a group.

    Raises NoSuchEntityException, where the user is not in it too.
    """

    async def remove(tx: Transaction) -> None:
        group = await require(tx, Kind.GROUP, req.group_name)
        user = await require(tx, Kind.USER, req.user_name)
        if not await iam_memberships.remove(tx, user_id=user.entity_id, group_id=group.entity_id):
            # UNVERIFIED: the words; a user of another group against AWS would settle them.
            raise NoSuchEntityException(f"The user with name {req.user_name} is not in the group {req.group_name}.")

    await change(call, remove)


async def list_groups_for_user(call: Call, req: ListGroupsForUserRequest) -> ListGroupsForUserResponse:
    """Return the groups that a user is in, a page at a time, in the order of their names.

    Raises NoSuchEntityException, ValidationException.
    """
    user = await require(call.db, Kind.USER, req.user_name)
    asked = iam_pages.Asked(call, f"ListGroupsForUser {req.user_name}", req.marker, req.max_items)
    page = iam_pages.page(
        asked, await iam_memberships.groups_of(call.db, user.entity_id), lambda group: folded(group.name)
    )
    return ListGroupsForUserResponse(
        groups=[iam_answers.group(call, group) for group in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )
