"""AdminEnableUser, AdminDisableUser, AdminResetUserPassword: whether and how a user may sign in at all."""

from poolkeeper.accounts import backchannel, recovery
from poolkeeper.aws.generated.cognito_idp import (
    AdminDisableUserRequest,
    AdminDisableUserResponse,
    AdminEnableUserRequest,
    AdminEnableUserResponse,
    AdminResetUserPasswordRequest,
    AdminResetUserPasswordResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import require_pool_and_user
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store import authorization_codes, browser_sessions, sessions, users
from poolkeeper.store.db import Transaction


async def admin_enable_user(call: Call, req: AdminEnableUserRequest) -> AdminEnableUserResponse:
    """Let a user sign in again; ended sessions stay ended."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await _set_enabled(call, pool, user, enabled=True)
    return AdminEnableUserResponse()


async def admin_disable_user(call: Call, req: AdminDisableUserRequest) -> AdminDisableUserResponse:
    """Disable a user and end all their sessions, so that their tokens become invalid (attacks.md 32)."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await _set_enabled(call, pool, user, enabled=False)
    return AdminDisableUserResponse()


async def admin_reset_user_password(call: Call, req: AdminResetUserPasswordRequest) -> AdminResetUserPasswordResponse:
    """Make a user choose another password before the next sign-in, with the code that is sent now; all sessions end.

    Triggers: CustomMessage. Raises NotAuthorizedException for a user who is disabled or has not chosen a password yet,
    InvalidParameterException where there is no verified address to recover by.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await recovery.reset_by_administrator(call, pool, user, metadata=req.client_metadata)
    return AdminResetUserPasswordResponse()


async def _set_enabled(call: Call, pool: Pool, user: User, *, enabled: bool) -> None:
    async def body(tx: Transaction) -> int:
        changed = await users.set_enabled(tx, pool_id=pool.pool_id, user_id=user.sub, enabled=enabled, now=call.now)
        if not enabled:
            of_user = {"pool_id": pool.pool_id, "user_id": user.sub}
            await sessions.revoke_all(tx, **of_user, now=call.now)
            await backchannel.before_all_end(call, tx, **of_user)
            await browser_sessions.end_all(tx, **of_user, now=call.now)
            await authorization_codes.drop_open(tx, **of_user)
        return changed

    if await call.db.write(body) != 1:
        raise refused(Reason.UNKNOWN_USER)
