"""GetUser, DeleteUser: what users may see of themselves, and how they go."""

from poolkeeper.accounts import users
from poolkeeper.aws.generated.cognito_idp import DeleteUserRequest, GetUserRequest, GetUserResponse
from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer
from poolkeeper.model.attributes import readable
from poolkeeper.operations.shapes import attribute_list, mfa_options, setting_list
from poolkeeper.store.db import Transaction
from poolkeeper.tokens.verify import require_still


async def get_user(call: Call, req: GetUserRequest, found: Bearer) -> GetUserResponse:  # noqa: ARG001 - the token in it is what `found` was found by
    """Return the bearer's attributes, those that the app client may read."""
    attributes = readable(found.user.attributes, found.client.readable)
    return GetUserResponse(
        username=found.user.username,
        user_attributes=attribute_list(attributes),
        mfa_options=mfa_options(found.user.mfa),
        preferred_mfa_setting=found.user.mfa.preferred,
        user_mfa_setting_list=setting_list(found.user.mfa),
    )


async def delete_user(call: Call, req: DeleteUserRequest, found: Bearer) -> None:  # noqa: ARG001 - the token in it is what `found` was found by
    """Remove the bearer with everything that is keyed by its sub; its names are free at once, and nothing comes back."""

    async def body(tx: Transaction) -> bool:
        user = await require_still(tx, found)
        return await users.delete(call, tx, found.pool, user.sub)

    if not await call.db.write(body):
        raise refused(Reason.UNKNOWN_USER)
