"""AdminCreateUser, AdminGetUser, AdminDeleteUser: users in an administrator's hands."""

from poolkeeper.accounts import invited, users
from poolkeeper.aws.generated.cognito_idp import (
    AdminCreateUserRequest,
    AdminCreateUserResponse,
    AdminDeleteUserRequest,
    AdminGetUserRequest,
    AdminGetUserResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import require_pool, require_pool_and_user
from poolkeeper.operations.shapes import attribute_dict, attribute_list, mfa_options, seconds, setting_list, user_type
from poolkeeper.store.db import Transaction


async def admin_create_user(
    call: Call, req: AdminCreateUserRequest, *, chosen_sub: str | None = None
) -> AdminCreateUserResponse:
    """Create a user and invite them, unless MessageAction is SUPPRESS; RESEND invites a user again."""
    invitation = invited.Invitation(
        temporary_password=req.temporary_password,
        silent=req.message_action == "SUPPRESS",
        mediums=tuple(req.desired_delivery_mediums or ()),
        metadata=req.client_metadata or {},
    )
    if req.message_action == "RESEND":
        pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
        return AdminCreateUserResponse(user=user_type(await invited.invite_again(call, pool, user, invitation)))
    created = await invited.create(
        call,
        await require_pool(call, req.user_pool_id),
        req.username,
        attribute_dict(req.user_attributes),
        invitation,
        takes_aliases=bool(req.force_alias_creation),
        validation_data=None if req.validation_data is None else attribute_dict(req.validation_data),
        sub=chosen_sub,
    )
    return AdminCreateUserResponse(user=user_type(created))


async def admin_get_user(call: Call, req: AdminGetUserRequest) -> AdminGetUserResponse:
    """Return everything about a user, whatever its app clients may read."""
    _, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    return AdminGetUserResponse(
        username=user.username,
        user_attributes=attribute_list(user.attributes),
        user_create_date=seconds(user.created_at),
        user_last_modified_date=seconds(user.updated_at),
        enabled=user.enabled,
        user_status=user.status,
        mfa_options=mfa_options(user.mfa),
        preferred_mfa_setting=user.mfa.preferred,
        user_mfa_setting_list=setting_list(user.mfa),
    )


async def admin_delete_user(call: Call, req: AdminDeleteUserRequest) -> None:
    """Remove a user with everything that is keyed by their sub; their names are free at once."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)

    async def delete(tx: Transaction) -> bool:
        return await users.delete(call, tx, pool, user.sub)

    if not await call.db.write(delete):
        raise refused(Reason.UNKNOWN_USER)
