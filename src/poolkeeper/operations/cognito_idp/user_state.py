"""AdminEnableUser, AdminDisableUser, AdminResetUserPassword: whether and how a user may sign in at all."""

from poolkeeper.auth import names, status
from poolkeeper.aws.generated.cognito_idp import (
    AdminDisableUserRequest,
    AdminDisableUserResponse,
    AdminEnableUserRequest,
    AdminEnableUserResponse,
    AdminResetUserPasswordRequest,
    AdminResetUserPasswordResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import NotAuthorizedException, UserNotFoundException
from poolkeeper.lookup import require_pool_and_user
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, RESET_REQUIRED, User
from poolkeeper.operations.cognito_idp.outgoing import send
from poolkeeper.operations.cognito_idp.passwords import recovery_fault, reset_code
from poolkeeper.operations.cognito_idp.recipients import recovery_recipient
from poolkeeper.store import sessions, users
from poolkeeper.store.db import Transaction


async def admin_enable_user(call: Call, req: AdminEnableUserRequest) -> AdminEnableUserResponse:
    """Let a user sign in again; sessions that ended stay so."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await _set_enabled(call, pool, user, enabled=True)
    return AdminEnableUserResponse()


async def admin_disable_user(call: Call, req: AdminDisableUserRequest) -> AdminDisableUserResponse:
    """Keep a user out and end all its sessions, so that its tokens hold no more (attacks.md 32)."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await _set_enabled(call, pool, user, enabled=False)
    return AdminDisableUserResponse()


async def admin_reset_user_password(call: Call, req: AdminResetUserPasswordRequest) -> AdminResetUserPasswordResponse:
    """Make a user choose another password before the next sign-in, with the code that is sent now; all sessions end.

    Triggers: CustomMessage. Raises NotAuthorizedException for a user that is disabled or has no password of its own
    choice, InvalidParameterException where no verified address is there to recover by.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    _require_resettable(pool, user)
    recipient = recovery_recipient(pool, user)
    assert recipient is not None, "else there was a fault"
    one = await reset_code(call, pool, None, user, recipient, metadata=req.client_metadata)

    async def body(tx: Transaction) -> None:
        await _require_reset(tx, pool, await names.fresh(tx, pool, user.sub), now=call.now)
        await sessions.revoke_all(tx, pool_id=pool.pool_id, user_id=user.sub, now=call.now)
        await send(call, tx, pool, user.sub, one)

    await call.db.write(body)
    return AdminResetUserPasswordResponse()


async def _set_enabled(call: Call, pool: Pool, user: User, *, enabled: bool) -> None:
    async def body(tx: Transaction) -> int:
        changed = await users.set_enabled(tx, pool_id=pool.pool_id, user_id=user.sub, enabled=enabled, now=call.now)
        if not enabled:
            await sessions.revoke_all(tx, pool_id=pool.pool_id, user_id=user.sub, now=call.now)
        return changed

    if await call.db.write(body) != 1:
        raise UserNotFoundException("User does not exist.")


def _require_resettable(pool: Pool, user: User) -> None:
    fault = recovery_fault(pool, user)
    if user.enabled and user.status not in {CONFIRMED, RESET_REQUIRED}:
        fault = NotAuthorizedException("User password cannot be reset in the current state.")
    if fault is not None:
        raise fault


async def _require_reset(tx: Transaction, pool: Pool, fresh: User, *, now: int) -> None:
    """Let a user that was read in the same transaction in by no password but another one."""
    _require_resettable(pool, fresh)
    await status.move(tx, fresh, to=RESET_REQUIRED, now=now)
