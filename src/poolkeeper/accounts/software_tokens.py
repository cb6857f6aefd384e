"""How does an authenticator app become a user's, and prove them? A secret that waits for its first code, then one use of each.

Source: userpools.md 3.8, identity-security.md 5.2; RFC 6238. A secret lies sealed, and is told once: when it is drawn.
"""

from collections.abc import Awaitable, Callable

from poolkeeper import events
from poolkeeper.accounts import mfa_guard, names
from poolkeeper.accounts.mfa import store
from poolkeeper.call import Call
from poolkeeper.crypto import totp
from poolkeeper.defences import lockout
from poolkeeper.errors import (
    EnableSoftwareTokenMFAException,
    SoftwareTokenMFANotFoundException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer, Subject
from poolkeeper.messaging import notices
from poolkeeper.model.event import Kind
from poolkeeper.model.factors import SOFTWARE_TOKEN_MFA, TOTP
from poolkeeper.model.mfa_preference import with_token
from poolkeeper.model.pool import Pool
from poolkeeper.model.proof import Proof
from poolkeeper.model.user import User
from poolkeeper.store import software_tokens
from poolkeeper.store.db import Conflict, Transaction
from poolkeeper.tokens.verify import require_still

Keep = Callable[[Transaction], Awaitable[None]]

_NOT_OFFERED = "Software Token MFA has not been enabled by the userPool"
# What AWS says, as public reports have it.
_NOT_ENABLED = "Code mismatch and fail enable Software Token MFA"
_GONE = "Software Token MFA does not exist for the user."


def require_offered(pool: Pool) -> None:
    """Raise SoftwareTokenMFANotFoundException where the pool has no place for new software tokens."""
    if SOFTWARE_TOKEN_MFA not in pool.mfa.methods:
        raise SoftwareTokenMFANotFoundException(_NOT_OFFERED)


def draw(call: Call, pool: Pool, user_id: str) -> tuple[str, Keep]:
    """Draw a secret; return how it is typed, and what keeps it until its first code.

    The token that the user had before goes on working until then (attacks.md 46).
    """
    secret = call.entropy.bytes(totp.SECRET_BYTES)
    return totp.typed(secret), _waiting(call, pool, user_id, secret)


async def give(call: Call, pool: Pool, user_id: str, secret: bytes) -> None:
    """Give a user an app whose secret the operator chose, as if they had shown its code of the step before this one.

    So the code that it shows now is not used up.
    """
    keep, first = _waiting(call, pool, user_id, secret), totp.code(secret, call.now // totp.STEP - 1)

    async def body(tx: Transaction) -> None:
        await keep(tx)
        await adopt(tx, call, pool, await names.fresh(tx, pool, user_id), code=first, name=None, enable=True)

    await call.db.write(body)


async def adopt(
    tx: Transaction, call: Call, pool: Pool, user: User, *, code: str, name: str | None, enable: bool
) -> None:
    """Let the pending secret count on the evidence of its first code, for a user that was read in the same transaction.

    `name` is what the user calls the app. `enable` turns the method on at once: in a sign-in (userpools.md 3.5).
    Raises EnableSoftwareTokenMFAException for a wrong code, and where no secret waits for one.
    """
    place = {"pool_id": pool.pool_id, "user_id": user.sub}
    row = await software_tokens.find(tx, **place)
    if row is None or row.pending is None:
        # UNVERIFIED: what AWS says where nothing was associated; VerifySoftwareToken alone would settle it.
        raise EnableSoftwareTokenMFAException(_NOT_ENABLED)
    pending = row.pending
    secret = call.house.sealer.open_column(pending, **_place(pool, user.sub, "pending"))
    step = totp.accepted_step(secret, code, now=call.now)
    if step is None:
        raise EnableSoftwareTokenMFAException(_NOT_ENABLED)

    sealed = call.house.sealer.seal_column(secret, **_place(pool, user.sub, "secret"))
    adopted = await software_tokens.adopt(tx, **place, pending=pending, secret=sealed, step=step, friendly_name=name)
    if adopted != 1:
        raise Conflict
    await store(tx, user, with_token(user.mfa, enabled=enable), now=call.now)


async def verify(call: Call, found: Bearer, *, code: str, name: str | None) -> None:
    """Let the pending secret of the bearer count; one that counted before is replaced, and its owner told.

    Wrong codes count along the lockout curve. Raises as `adopt`, SoftwareTokenMFANotFoundException where the pool has no
    place for it, and NotAuthorizedException where the bearer is none any more or while they are locked.
    """
    pool, user = found.pool, found.user
    require_offered(pool)
    subject = Subject(name=user.username, subject_id=user.sub, user=user)
    async with lockout.trial(call, pool, subject) as trial:

        async def body(tx: Transaction) -> bool:
            before = await require_still(tx, found)
            await adopt(tx, call, pool, before, code=code, name=name, enable=False)
            mfa_guard.require_proof_for_factor(call, found, before)
            if before.mfa.totp:
                await notices.app_replaced(call, tx, pool, before)
            return before.mfa.totp

        try:
            replaced = await call.db.write(body)
        except EnableSoftwareTokenMFAException:
            await trial.failed()
            raise
    if replaced:
        events.record(call, Kind.SOFTWARE_TOKEN_REPLACED, pool_id=pool.pool_id, user_id=user.sub)


def prove_first(
    call: Call, pool: Pool, user: User, *, code: str, name: str | None, still_wanted: Callable[[User], None]
) -> tuple[Proof, Keep]:
    """Return the evidence of the first code of an app that is set up in a sign-in, and what judges and takes it.

    The evidence stands if, and only if, that commits. `still_wanted` is asked about the user as they are then, and
    raises where the app is not wanted any more (attacks.md 46).
    """

    async def take(tx: Transaction) -> None:
        fresh = await names.fresh(tx, pool, user.sub)
        still_wanted(fresh)
        await adopt(tx, call, pool, fresh, code=code, name=name, enable=True)

    return Proof(user=user, factor=TOTP), take


async def friendly_name(call: Call, user: User) -> str | None:
    """Return what a user calls their app, None where they gave it no name."""
    row = await software_tokens.find(call.db, pool_id=user.pool_id, user_id=user.sub)
    return None if row is None else row.friendly_name or None


async def prove(tx: Transaction, call: Call, pool: Pool, user: User, given: str) -> Proof:
    """Return the evidence that a code is one of the user's app; it is never used again (attacks.md 45).

    The last step only moves forward. Raises CodeMismatchException, ExpiredCodeException, and
    SoftwareTokenMFANotFoundException where the app was taken away since.
    """
    place = {"pool_id": pool.pool_id, "user_id": user.sub}
    row = await software_tokens.find(tx, **place)
    if row is None or row.secret is None:
        raise SoftwareTokenMFANotFoundException(_GONE)
    sealed = row.secret
    secret = call.house.sealer.open_column(sealed, **_place(pool, user.sub, "secret"))
    step = totp.accepted_step(secret, given, now=call.now)
    if step is None:
        raise refused(Reason.APP_CODE_WRONG)
    if step <= row.last_step:
        raise refused(Reason.APP_CODE_USED)
    if await software_tokens.advance(tx, **place, secret=sealed, step=step) != 1:
        raise Conflict
    return Proof(user=user, factor=TOTP)


def _waiting(call: Call, pool: Pool, user_id: str, secret: bytes) -> Keep:
    """Return what keeps a secret until its first code."""
    sealed = call.house.sealer.seal_column(secret, **_place(pool, user_id, "pending"))

    async def keep(tx: Transaction) -> None:
        await software_tokens.put_pending(tx, pool_id=pool.pool_id, user_id=user_id, pending=sealed, now=call.now)

    return keep


def _place(pool: Pool, user_id: str, column: str) -> dict[str, str]:
    return {"table": "software_tokens", "key": f"{pool.pool_id}/{user_id}", "column": column}
