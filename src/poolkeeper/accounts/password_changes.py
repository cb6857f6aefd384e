"""How is a password changed that was not forgotten? With the old password, or by an administrator."""

from poolkeeper.accounts import names, own_word, passwords
from poolkeeper.accounts.compromised import PASSWORD_CHANGE
from poolkeeper.call import Call
from poolkeeper.defences import hourly
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.errors.refusals import Reason
from poolkeeper.lookup import Bearer, Subject
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, FORCE_CHANGE_PASSWORD, User
from poolkeeper.store.db import Transaction
from poolkeeper.tokens.verify import require_still

_CHANGES = "change:password"
# What was shown is not the bearer's password.
_WRONG = frozenset({Reason.WRONG_PASSWORD, Reason.PASSWORD_TOO_LONG, Reason.NO_PASSWORD})


async def change(call: Call, bearer: Bearer, *, before: str, after: str) -> None:
    """Change the bearer's password, which they prove by the old one; all sessions but the caller's end.

    A wrong old password counts towards the lockout as at sign-in (attacks.md 31), and among the changes of an hour. Raises
    NotAuthorizedException, LimitExceededException, and the refusals of new passwords.
    """
    user, pool = bearer.user, bearer.pool
    passwords.check_policy(pool, after)
    changes = {"pool_id": pool.pool_id, "subject_id": user.sub, "purpose": _CHANGES}
    await hourly.require_room(call.db, **changes, limit=hourly.PASSWORD_CHANGES, now=call.now)
    subject = Subject(name=user.username, subject_id=user.sub, user=user)
    try:
        proof = await passwords.prove(call, pool, subject, before)
    except NotAuthorizedException as refusal:
        if refusal.reason in _WRONG:
            await call.db.write(lambda tx: hourly.count(tx, **changes, now=call.now, by_name=None))
        raise
    chosen = await passwords.choose(call, pool, bearer.client, after, event=PASSWORD_CHANGE, user_id=user.sub)
    credential = await passwords.enrol(
        call, pool, sub=user.sub, username=user.username, chosen=chosen, after=proof.user
    )

    async def body(tx: Transaction) -> None:
        fresh = await require_still(tx, bearer)
        await hourly.count_if_room(tx, **changes, limit=hourly.PASSWORD_CHANGES, now=call.now, by_name=None)
        await passwords.store(
            tx, pool, fresh, credential, status=fresh.status, now=call.now, but_session=bearer.session.session_id
        )

    await call.db.write(body)


async def set_by_administrator(call: Call, pool: Pool, user: User, *, password: str, permanent: bool) -> None:
    """Set a user's password: for good (CONFIRMED), or until its first use (FORCE_CHANGE_PASSWORD). All sessions end.

    That vouches for the account: no first proof of an address removes this password. Raises the refusals of new passwords.
    """
    status = CONFIRMED if permanent else FORCE_CHANGE_PASSWORD
    # UNVERIFIED: that AWS looks at this one; an AdminSetUserPassword with Password123! in a pool in ENFORCED would settle it.
    chosen = await passwords.choose(call, pool, None, password, event=PASSWORD_CHANGE, user_id=user.sub)
    credential = await passwords.enrol(call, pool, sub=user.sub, username=user.username, chosen=chosen, after=user)

    async def body(tx: Transaction) -> None:
        fresh = await names.fresh(tx, pool, user.sub)
        await own_word.vouch(tx, pool.pool_id, user.sub)
        await passwords.store(tx, pool, fresh, credential, status=status, now=call.now)

    await call.db.write(body)
