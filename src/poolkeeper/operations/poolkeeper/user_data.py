"""ExportUser, EraseUser: all that is stored about one user, to be read or removed."""

import msgspec

from poolkeeper.accounts import user_data
from poolkeeper.aws.generated.poolkeeper import (
    EraseUserRequest,
    EraseUserResponse,
    ExportUserRequest,
    ExportUserResponse,
)
from poolkeeper.call import Call
from poolkeeper.lookup import require_pool_and_user


async def export_user(call: Call, req: ExportUserRequest) -> ExportUserResponse:
    """Return everything that is stored about a user as JSON, without secrets.

    Raises ResourceNotFoundException, UserNotFoundException.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    document = msgspec.json.encode(await user_data.export(call, pool, user)).decode()
    return ExportUserResponse(user_pool_id=pool.pool_id, username=user.username, user_sub=user.sub, document=document)


async def erase_user(call: Call, req: EraseUserRequest) -> EraseUserResponse:
    """Remove a user and everything that names them, and return what that was.

    Raises ResourceNotFoundException, UserNotFoundException.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    removed = await user_data.erase(call, pool, user)
    return EraseUserResponse(
        user_pool_id=pool.pool_id, username=user.username, user_sub=user.sub, removed=dict(removed)
    )
