"""How do a user's second factors change? One compare-and-set, with the software token in the same transaction."""

from collections.abc import Callable

from poolkeeper.auth import names
from poolkeeper.call import Call
from poolkeeper.model.mfa_preference import without_token
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import Mfa
from poolkeeper.model.user import User
from poolkeeper.store import software_tokens, users
from poolkeeper.store.db import Conflict, Transaction


async def change(call: Call, pool: Pool, user_id: str, decide: Callable[[User], Mfa]) -> None:
    """Change a user's second factors by what they are at that moment; `decide` may run again.

    Raises UserNotFoundException, and whatever `decide` raises.
    """

    async def body(tx: Transaction) -> None:
        user = await names.fresh(tx, pool, user_id)
        await store(tx, user, decide(user), now=call.now)

    await call.db.write(body)


async def forget_token(call: Call, pool: Pool, user_id: str) -> None:
    """Take a user's software token away, the pending one too, and the method with it.

    Raises UserNotFoundException.
    """

    async def body(tx: Transaction) -> None:
        user = await names.fresh(tx, pool, user_id)
        await software_tokens.delete(tx, pool_id=pool.pool_id, user_id=user_id)
        await store(tx, user, without_token(user.mfa), now=call.now)

    await call.db.write(body)


async def store(tx: Transaction, user: User, mfa: Mfa, *, now: int) -> None:
    """Write the second factors of a user that was read in the same transaction."""
    if mfa == user.mfa:
        return
    place = {"pool_id": user.pool_id, "user_id": user.sub}
    if await users.set_mfa(tx, **place, mfa=mfa.text, version=user.version, now=now) != 1:
        raise Conflict
