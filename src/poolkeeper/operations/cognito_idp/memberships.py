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
from poolkeeper.operations import paging
from poolkeeper.operations.group_answers import described
from poolkeeper.operations.listed_users import is_there, listed_user
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
    limit = req.limit or paging.LARGEST_PAGE
    listing = f"AdminListGroupsForUser {pool.pool_id} {user.sub}"
    after = paging.read_token(call, req.next_token, listing=listing)
    all_rows = await groups.of_user(call.db, pool_id=pool.pool_id, user_id=user.sub)
    rows = [row for row in all_rows if row.group_name > after]
    return AdminListGroupsForUserResponse(
        groups=[described(pool, group_of(row)) for row in rows[:limit]],
        next_token=(
            paging.write_token(call, listing=listing, after=rows[limit - 1].group_name) if len(rows) > limit else None
        ),
    )


async def list_users_in_group(call: Call, req: ListUsersInGroupRequest) -> ListUsersInGroupResponse:
    """Return the members of a group, a page at a time, in the order of their ids.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    group = await require_group(call.db, pool, req.group_name)
    limit = req.limit or paging.LARGEST_PAGE
    listing = f"ListUsersInGroup {pool.pool_id} {group.group_id}"
    after = paging.read_token(call, req.next_token, listing=listing)
    rows = await groups.members(call.db, pool_id=pool.pool_id, group_id=group.group_id, after=after, limit=limit + 1)
    return ListUsersInGroupResponse(
        users=[listed_user(row) for row in rows[:limit] if is_there(row)],
        next_token=(
            paging.write_token(call, listing=listing, after=rows[limit - 1].user_id) if len(rows) > limit else None
        ),
    )
