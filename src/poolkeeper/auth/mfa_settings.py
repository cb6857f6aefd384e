"""How do a user's second factors change? One compare-and-set, with what belongs to it in the same transaction.

What is turned off is told: to the operator by an event, and to the owner by mail where it was done by an access token,
which may be a thief's (attacks.md 48).
"""

from collections.abc import Callable

from poolkeeper import events
from poolkeeper.auth import mfa_guard, names
from poolkeeper.call import Call
from poolkeeper.lookup import Bearer
from poolkeeper.messaging import notices
from poolkeeper.model.event import Kind
from poolkeeper.model.mfa_preference import without_token
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import METHODS, Mfa
from poolkeeper.model.user import User
from poolkeeper.store import software_tokens, users
from poolkeeper.store.db import Conflict, Transaction

Decide = Callable[[User], Mfa]


async def change_own(call: Call, found: Bearer, decide: Decide) -> None:
    """Change the bearer's second factors by what they are at that moment; `decide` may run again.

    Raises UserNotFoundException, NotAuthorizedException as mfa_guard has it, and whatever `decide` raises.
    """
    pool = found.pool

    async def body(tx: Transaction) -> list[str]:
        user = await names.fresh(tx, pool, found.user.sub)
        mfa = decide(user)
        off = _turned_off(user.mfa, mfa)
        if mfa != user.mfa:
            mfa_guard.require_proof_for_factor(call, found, user)
        if off:
            await notices.mfa_turned_off(call, tx, pool, user, off)
        await store(tx, user, mfa, now=call.now)
        return off

    _tell(call, pool, found.user.sub, await call.db.write(body), by="user")


async def change(call: Call, pool: Pool, user_id: str, decide: Decide) -> None:
    """Change a user's second factors for an administrator.

    Raises UserNotFoundException, and whatever `decide` raises.
    """

    async def body(tx: Transaction) -> list[str]:
        user = await names.fresh(tx, pool, user_id)
        mfa = decide(user)
        await store(tx, user, mfa, now=call.now)
        return _turned_off(user.mfa, mfa)

    _tell(call, pool, user_id, await call.db.write(body), by="administrator")


async def forget_token(call: Call, pool: Pool, user_id: str) -> None:
    """Take a user's software token away for an administrator, the pending one too, and the method with it.

    Raises UserNotFoundException.
    """

    async def body(tx: Transaction) -> list[str]:
        user = await names.fresh(tx, pool, user_id)
        mfa = without_token(user.mfa)
        await software_tokens.delete(tx, pool_id=pool.pool_id, user_id=user_id)
        await store(tx, user, mfa, now=call.now)
        return _turned_off(user.mfa, mfa)

    _tell(call, pool, user_id, await call.db.write(body), by="administrator")


async def store(tx: Transaction, user: User, mfa: Mfa, *, now: int) -> None:
    """Write the second factors of a user that was read in the same transaction."""
    if mfa == user.mfa:
        return
    place = {"pool_id": user.pool_id, "user_id": user.sub}
    if await users.set_mfa(tx, **place, mfa=mfa.text, version=user.version, now=now) != 1:
        raise Conflict


def _turned_off(before: Mfa, after: Mfa) -> list[str]:
    return [name for name in METHODS if name in before.enabled and name not in after.enabled]


def _tell(call: Call, pool: Pool, user_id: str, off: list[str], *, by: str) -> None:
    if off:
        place = {"pool_id": pool.pool_id, "user_id": user_id}
        events.record(call, Kind.MFA_TURNED_OFF, **place, methods=" ".join(off), by=by)
