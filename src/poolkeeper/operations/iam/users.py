"""CreateUser, GetUser, UpdateUser, DeleteUser, ListUsers: who has access keys."""

from poolkeeper.aws.generated.iam import (
    CreateUserRequest,
    CreateUserResponse,
    DeleteUserRequest,
    GetUserRequest,
    GetUserResponse,
    ListUsersRequest,
    ListUsersResponse,
    UpdateUserRequest,
    User,
)
from poolkeeper.call import Call
from poolkeeper.model.access_key import key_arn
from poolkeeper.model.iam import Entity, Kind
from poolkeeper.operations import iam_answers, iam_pages
from poolkeeper.operations.iam_boundaries import boundary_id
from poolkeeper.operations.iam_changes import add, change, new_id, remove, rename
from poolkeeper.operations.iam_lookup import require_user_or_caller
from poolkeeper.store import access_keys, iam_memberships
from poolkeeper.store.db import Transaction


async def create_user(call: Call, req: CreateUserRequest) -> CreateUserResponse:
    """Create a user, who may do nothing until a policy allows it.

    Raises EntityAlreadyExistsException, InvalidInputException, LimitExceededException, NoSuchEntityException.
    """
    tags = iam_answers.tagged("{}", req.tags)
    user_id = new_id(call, Kind.USER)

    async def create(tx: Transaction) -> User:
        user = Entity(
            kind=Kind.USER.value,
            name=req.user_name,
            entity_id=user_id,
            path=req.path or "/",
            created_at=call.now,
            updated_at=call.now,
            tags=tags,
            boundary_id=await boundary_id(call, tx, req.permissions_boundary),
        )
        await add(tx, Kind.USER, user)
        return iam_answers.user(call, user, **await iam_answers.detail_members(call, tx, user))

    return CreateUserResponse(user=await change(call, create))


async def get_user(call: Call, req: GetUserRequest) -> GetUserResponse:
    """Return a user, by default the caller, who may be the account's root.

    Raises NoSuchEntityException, ValidationException.
    """
    user = await require_user_or_caller(call, call.db, req.user_name)
    if user is None:
        return GetUserResponse(user=await _root(call))
    return GetUserResponse(user=iam_answers.user(call, user, **await iam_answers.detail_members(call, call.db, user)))


async def update_user(call: Call, req: UpdateUserRequest) -> None:
    """Change the name or the path of a user: their ARN changes; their id, keys and policies stay.

    Raises EntityAlreadyExistsException, NoSuchEntityException.
    """
    await rename(call, Kind.USER, req.user_name, new_name=req.new_user_name, new_path=req.new_path)


async def delete_user(call: Call, req: DeleteUserRequest) -> None:
    """Remove a user who has no keys, policies and groups left.

    Raises DeleteConflictException, NoSuchEntityException.
    """
    await remove(call, Kind.USER, req.user_name, hangs=_hangs)


async def list_users(call: Call, req: ListUsersRequest) -> ListUsersResponse:
    """Return the users below a path, a page at a time, in the order of their names."""
    wanted = iam_pages.page_request(call, f"ListUsers {req.path_prefix}", req.marker, req.max_items)
    page = await iam_pages.page_of_entities(wanted, Kind.USER, path_prefix=req.path_prefix)
    return ListUsersResponse(
        users=[iam_answers.user(call, user) for user in page.items],
        is_truncated=page.is_truncated,
        marker=page.token,
    )


async def _hangs(tx: Transaction, user: Entity) -> str:
    """Return, as AWS says it, what of a user must go first beside policies; empty where nothing must."""
    if await access_keys.of_user(tx, user.entity_id):
        return "must delete access keys first."
    if await iam_memberships.groups_of(tx, user.entity_id):
        return "must remove users from group first."
    return ""


async def _root(call: Call) -> User:
    """Return the account's root for GetUser: no name, no path, the account's id (AWS: "IAM identifiers")."""
    assert call.caller is not None, "the table asks for a signature"
    key = await access_keys.find(call.db, call.caller.access_key_id)
    return User(
        user_id=call.settings.account_id,
        arn=key_arn(account_id=call.settings.account_id, name="root", root=True),
        create_date=iam_answers.moment(key.created_at if key is not None else call.now),
    )
