"""AdminAddUserToGroup, AdminRemoveUserFromGroup, AdminListGroupsForUser, ListUsersInGroup: who is in which group."""

from poolkeeper.aws.generated.cognito_idp import (
    AdminAddUserToGroupRequest,
    AdminListGroupsForUserRequest,
    AdminListGroupsForUserResponse,
    AdminRemoveUserFromGroupRequest,
    ListUsersInGroupRequest,
    ListUsersInGroupResponse,
)
from poolkeeper.call import Call
from poolkeeper.decoding import group_of
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import require_group, require_pool, require_pool_and_user
from poolkeeper.model.group import GROUPS_OF_A_USER
from poolkeeper.operations.group_answers import described
from poolkeeper.operations.listed_users import is_there, listed_user
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.store import groups
from poolkeeper.store.db import Transaction


async def admin_add_user_to_group(call: Call, req: AdminAddUserToGroupRequest) -> None:
    """Put a user into a group; a second call changes nothing. Tokens issued from now on name the group.

    Raises UserNotFoundException, ResourceNotFoundException, InvalidParameterException for the 101st group.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)

    async def add(tx: Transaction) -> None:
        group = await require_group(tx, pool, req.group_name)
        user_key = {"pool_id": pool.pool_id, "user_id": user.sub}
        added = await groups.add_member(tx, **user_key, group_id=group.group_id)
        if added == 1 and len(await groups.of_user(tx, **user_key)) > GROUPS_OF_A_USER:
            # UNVERIFIED: error and words, the model has no LimitExceededException here; a user's 101st group on AWS.
            raise InvalidParameterException(f"A user can be a member of at most {GROUPS_OF_A_USER} groups.")

    await call.db.write(add)


async def admin_remove_user_from_group(call: Call, req: AdminRemoveUserFromGroupRequest) -> None:
    """Take a user out of a group; it is no error where they are not in it.

    Raises UserNotFoundException, ResourceNotFoundException.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)

    async def remove(tx: Transaction) -> None:
        group = await require_group(tx, pool, req.group_name)
        await groups.remove_member(tx, pool_id=pool.pool_id, user_id=user.sub, group_id=group.group_id)

    await call.db.write(remove)


async def admin_list_groups_for_user(call: Call, req: AdminListGroupsForUserRequest) -> AdminListGroupsForUserResponse:
    """Return the groups of a user, a page at a time, in the order of their names.

    Raises UserNotFoundException.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    listing = f"AdminListGroupsForUser {pool.pool_id} {user.sub}"
    wanted = PageRequest(call, listing, req.next_token, req.limit or LARGEST_PAGE)
    after = wanted.after()
    rows = await groups.of_user(call.db, pool_id=pool.pool_id, user_id=user.sub)
    page = wanted.cut([row for row in rows if row.group_name > after], lambda row: row.group_name)
    return AdminListGroupsForUserResponse(
        groups=[described(pool, group_of(row)) for row in page.items], next_token=page.token
    )


async def list_users_in_group(call: Call, req: ListUsersInGroupRequest) -> ListUsersInGroupResponse:
    """Return the members of a group, a page at a time, in the order of their ids.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    group = await require_group(call.db, pool, req.group_name)
    listing = f"ListUsersInGroup {pool.pool_id} {group.group_id}"
    wanted = PageRequest(call, listing, req.next_token, req.limit or LARGEST_PAGE)
    members = {"pool_id": pool.pool_id, "group_id": group.group_id}
    rows = await groups.members(call.db, **members, after=wanted.after(), limit=wanted.limit)
    page = wanted.cut(rows, lambda row: row.user_id)
    return ListUsersInGroupResponse(
        users=[listed_user(row) for row in page.items if is_there(row)], next_token=page.token
    )
