"""GetUser, DeleteUser: what users may read of themselves, and how they delete themselves."""

from poolkeeper.accounts import users
from poolkeeper.aws.generated.cognito_idp import DeleteUserRequest, GetUserRequest, GetUserResponse
from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer
from poolkeeper.model.attributes import readable
from poolkeeper.operations.shapes import attribute_list, mfa_options, setting_list
from poolkeeper.store.db import Transaction
from poolkeeper.tokens.verify import require_still


async def get_user(call: Call, req: GetUserRequest, bearer: Bearer) -> GetUserResponse:  # noqa: ARG001 - its token led to the bearer
    """Return the bearer's attributes that the app client may read."""
    attributes = readable(bearer.user.attributes, bearer.client.readable)
    return GetUserResponse(
        username=bearer.user.username,
        user_attributes=attribute_list(attributes),
        mfa_options=mfa_options(bearer.user.mfa),
        preferred_mfa_setting=bearer.user.mfa.preferred,
        user_mfa_setting_list=setting_list(bearer.user.mfa),
    )


async def delete_user(call: Call, req: DeleteUserRequest, bearer: Bearer) -> None:  # noqa: ARG001 - its token led to the bearer
    """Remove the bearer with everything that is keyed by their sub; their names are free at once. The answer is empty."""

    async def body(tx: Transaction) -> bool:
        user = await require_still(tx, bearer)
        return await users.delete(call, tx, bearer.pool, user.sub)

    if not await call.db.write(body):
        raise refused(Reason.UNKNOWN_USER)
