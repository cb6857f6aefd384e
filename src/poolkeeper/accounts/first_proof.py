"""Who owns an account with an unproved address? Whoever proves the address first: what others left in the account goes.

Whoever signs up claims an address and chooses a password, and whoever has a token can set another address: anybody can
claim anybody's address. ConfirmSignUp and VerifyUserAttribute come from the person who claimed it: the password stays. A
code that is sent at a sign-in may be the first that the address's owner hears of the account.
"""

from poolkeeper.accounts import names, own_word
from poolkeeper.accounts.account_changes import Watch
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import NOTHING
from poolkeeper.model.user import UNCONFIRMED, User
from poolkeeper.store import codes, devices, passkeys, sessions, software_tokens, users
from poolkeeper.store.db import Conflict, Transaction


async def is_news(tx: Transaction, user: User, attribute: str) -> bool:
    """Say whether a code would be the first proof of a user's address, which only their own word vouched for so far.

    `user` was read in the same transaction. An address from an administrator or an import, or one that PreSignUp confirmed,
    is not by the user's own word.
    """
    if user.verified(attribute) and user.status != UNCONFIRMED:
        return False
    return attribute in await own_word.held(tx, user.pool_id, user.sub)


async def take_over(tx: Transaction, pool: Pool, user: User, attribute: str, *, watch: Watch, now: int) -> User:
    """Return the user without anything from before an address was proved; `user` has proved it now.

    The password and what was proved by it, sessions, passkeys, devices and second factors go, and so does the other
    address, proved or not: its codes would let its owner sign in, or reset the password.
    """
    # UNVERIFIED: whether AWS keeps that password; SignUp with one, then EMAIL_OTP without ConfirmSignUp, then the password.
    user_key = {"pool_id": pool.pool_id, "user_id": user.sub}
    await own_word.vouch(tx, **user_key, names=(attribute,))
    writes = {key: "" for name, mark in VERIFIED.items() if name != attribute for key in (name, mark)}
    await watch.saw(tx, user, writes=writes, mfa=NOTHING)
    if await names.write(tx, pool, user, writes, now=now):
        user = await names.fresh(tx, pool, user.sub)
    if await users.drop_credential(tx, **user_key, version=user.version, now=now) != 1:
        raise Conflict
    await codes.drop_all(tx, pool_id=pool.pool_id, subject_id=user.sub)
    await sessions.revoke_all(tx, **user_key, now=now)
    await passkeys.delete_all(tx, **user_key)
    await devices.delete_all(tx, **user_key)
    await software_tokens.delete(tx, **user_key)
    return await names.fresh(tx, pool, user.sub)
