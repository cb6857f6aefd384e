"""How do a user's second factors change? By one compare-and-set, with all that belongs to it in the same transaction.

The owner and the operator hear of what a change takes away (account_changes.py).
"""

from collections.abc import Callable

from poolkeeper.accounts import mfa_guard, names
from poolkeeper.accounts.account_changes import ADMINISTRATOR, USER, Watch
from poolkeeper.call import Call
from poolkeeper.lookup import Bearer
from poolkeeper.model.mfa_preference import without_token
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import Mfa
from poolkeeper.model.user import User
from poolkeeper.store import software_tokens, users
from poolkeeper.store.db import Conflict, Transaction
from poolkeeper.tokens.verify import require_still

Decide = Callable[[User], Mfa]


async def change_own(call: Call, bearer: Bearer, decide: Decide) -> None:
    """Change the bearer's second factors from what they are at that moment; `decide` may run again.

    Raises NotAuthorizedException where the token is not valid any more, as mfa_guard does, and whatever `decide` raises.
    """
    watch = Watch(call, bearer.pool, bearer.user.sub, by=USER)

    async def body(tx: Transaction) -> None:
        user = await require_still(tx, bearer)
        mfa = decide(user)
        if mfa != user.mfa:
            mfa_guard.require_proof_for_factor(call, bearer, user)
        await watch.saw(tx, user, mfa=mfa)
        await store(tx, user, mfa, now=call.now)

    await call.db.write(body)
    watch.tell()


async def change(call: Call, pool: Pool, user_id: str, decide: Decide) -> None:
    """Change a user's second factors for an administrator.

    Raises UserNotFoundException, and whatever `decide` raises.
    """
    watch = Watch(call, pool, user_id, by=ADMINISTRATOR)

    async def body(tx: Transaction) -> None:
        user = await names.fresh(tx, pool, user_id)
        mfa = decide(user)
        await watch.saw(tx, user, mfa=mfa)
        await store(tx, user, mfa, now=call.now)

    await call.db.write(body)
    watch.tell()


async def forget_token(call: Call, pool: Pool, user_id: str) -> None:
    """Remove a user's software token for an administrator, with the pending one and the method.

    Raises UserNotFoundException.
    """
    watch = Watch(call, pool, user_id, by=ADMINISTRATOR)

    async def body(tx: Transaction) -> None:
        user = await names.fresh(tx, pool, user_id)
        mfa = without_token(user.mfa)
        await watch.saw(tx, user, mfa=mfa)
        await software_tokens.delete(tx, pool_id=pool.pool_id, user_id=user_id)
        await store(tx, user, mfa, now=call.now)

    await call.db.write(body)
    watch.tell()


async def store(tx: Transaction, user: User, mfa: Mfa, *, now: int) -> None:
    """Write the second factors of a user that was read in the same transaction."""
    if mfa == user.mfa:
        return
    user_key = {"pool_id": user.pool_id, "user_id": user.sub}
    if await users.set_mfa(tx, **user_key, mfa=mfa.text, version=user.version, now=now) != 1:
        raise Conflict
