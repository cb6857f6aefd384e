"""Whose is an account that says an address? Of who proves it first: what others left in the account goes then.

Whoever signs up says an address and chooses a password, and whoever has a token can lead an account to another address:
anybody can say anybody's. ConfirmSignUp and VerifyUserAttribute are answers of whoever did so: the password stays. A code
that is sent while signing in may be the first thing that the address's owner hears of the account.
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
    """Say whether a code to an address of a user is the first proof of it, and the user's own word all there was.

    `user` was read in the same transaction. What an administrator or an import wrote is none, nor what PreSignUp confirmed.
    """
    if user.verified(attribute) and user.status != UNCONFIRMED:
        return False
    return attribute in await own_word.held(tx, user.pool_id, user.sub)


async def take_over(tx: Transaction, pool: Pool, user: User, attribute: str, *, watch: Watch, now: int) -> User:
    """Return the user with nothing left of who was there before an address was proved; `user` has it proved by now.

    The password and what was proved by it, sessions, passkeys, devices and second factors go, and so does the other
    address, proved or not: by its codes one signs in, or resets the password.
    """
    # UNVERIFIED: whether AWS keeps that password; SignUp with one, then EMAIL_OTP without ConfirmSignUp, then the password.
    place = {"pool_id": pool.pool_id, "user_id": user.sub}
    await own_word.vouch(tx, **place, names=(attribute,))
    writes = {key: "" for name, mark in VERIFIED.items() if name != attribute for key in (name, mark)}
    await watch.saw(tx, user, writes=writes, mfa=NOTHING)
    if await names.write(tx, pool, user, writes, now=now):
        user = await names.fresh(tx, pool, user.sub)
    if await users.drop_credential(tx, **place, version=user.version, now=now) != 1:
        raise Conflict
    await codes.drop_all(tx, pool_id=pool.pool_id, subject_id=user.sub)
    await sessions.revoke_all(tx, **place, now=now)
    await passkeys.delete_all(tx, **place)
    await devices.delete_all(tx, **place)
    await software_tokens.delete(tx, **place)
    return await names.fresh(tx, pool, user.sub)
