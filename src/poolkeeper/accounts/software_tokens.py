"""How is an authenticator app set up, and what does it prove? Its secret waits for a first code; each code counts once.

Source: userpools.md 3.8, identity-security.md 5.2; RFC 6238. A secret is stored sealed, and shown once: when it is drawn.
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
# AWS's error message, by public reports.
_NOT_ENABLED = "Code mismatch and fail enable Software Token MFA"
_GONE = "Software Token MFA does not exist for the user."


def require_offered(pool: Pool) -> None:
    """Raise SoftwareTokenMFANotFoundException where the pool takes no new software tokens."""
    if SOFTWARE_TOKEN_MFA not in pool.mfa.methods:
        raise SoftwareTokenMFANotFoundException(_NOT_OFFERED)


def draw(call: Call, pool: Pool, user_id: str) -> tuple[str, Keep]:
    """Draw a secret; return it as it is typed, and a function that stores it until its first code.

    The user's former token goes on working until then (attacks.md 46).
    """
    secret = call.entropy.bytes(totp.SECRET_BYTES)
    return totp.typed(secret), _keeper_of(call, pool, user_id, secret)


async def give(call: Call, pool: Pool, user_id: str, secret: bytes) -> None:
    """Give a user an app whose secret the operator chose, as if its code of the step before this one had been shown.

    So the code that the app shows now is not used up.
    """
    keep, first = _keeper_of(call, pool, user_id, secret), totp.code(secret, call.now // totp.STEP - 1)

    async def body(tx: Transaction) -> None:
        await keep(tx)
        await adopt(tx, call, pool, await names.fresh(tx, pool, user_id), code=first, name=None, enable=True)

    await call.db.write(body)


async def adopt(
    tx: Transaction, call: Call, pool: Pool, user: User, *, code: str, name: str | None, enable: bool
) -> None:
    """Adopt the pending secret by its first code, for a user who was read in the same transaction.

    `name` is what the user calls the app. `enable` turns the method on at once: in a sign-in (userpools.md 3.5).
    Raises EnableSoftwareTokenMFAException for a wrong code, and where no secret waits for one.
    """
    user_key = {"pool_id": pool.pool_id, "user_id": user.sub}
    row = await software_tokens.find(tx, **user_key)
    if row is None or row.pending is None:
        # UNVERIFIED: what AWS says where nothing was associated; VerifySoftwareToken alone would settle it.
        raise EnableSoftwareTokenMFAException(_NOT_ENABLED)
    pending = row.pending
    secret = call.house.sealer.open_column(pending, **_sealed_column(pool, user.sub, "pending"))
    step = totp.accepted_step(secret, code, now=call.now)
    if step is None:
        raise EnableSoftwareTokenMFAException(_NOT_ENABLED)

    sealed = call.house.sealer.seal_column(secret, **_sealed_column(pool, user.sub, "secret"))
    adopted = await software_tokens.adopt(tx, **user_key, pending=pending, secret=sealed, step=step, friendly_name=name)
    if adopted != 1:
        raise Conflict
    await store(tx, user, with_token(user.mfa, enabled=enable), now=call.now)


async def verify(call: Call, bearer: Bearer, *, code: str, name: str | None) -> None:
    """Adopt the pending secret of the bearer; a former one is replaced, and the user gets a mail about that.

    Wrong codes count towards the lockout. Raises as `adopt` does, SoftwareTokenMFANotFoundException where the pool takes
    no software tokens, and NotAuthorizedException where the token is not valid any more or the user is locked.
    """
    pool, user = bearer.pool, bearer.user
    require_offered(pool)
    subject = Subject(name=user.username, subject_id=user.sub, user=user)
    async with lockout.trial(call, pool, subject) as trial:

        async def body(tx: Transaction) -> bool:
            before = await require_still(tx, bearer)
            await adopt(tx, call, pool, before, code=code, name=name, enable=False)
            mfa_guard.require_proof_for_factor(call, bearer, before)
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
    """Return the proof by the first code of an app that is set up in a sign-in, and the function that judges the code.

    The proof is valid if, and only if, that function's transaction commits. `still_wanted` checks the user at that moment,
    and raises where the app is not wanted any more (attacks.md 46).
    """

    async def take(tx: Transaction) -> None:
        fresh = await names.fresh(tx, pool, user.sub)
        still_wanted(fresh)
        await adopt(tx, call, pool, fresh, code=code, name=name, enable=True)

    return Proof(user=user, factor=TOTP), take


async def friendly_name(call: Call, user: User) -> str | None:
    """Return the name that a user gave their app, None for none."""
    row = await software_tokens.find(call.db, pool_id=user.pool_id, user_id=user.sub)
    return None if row is None else row.friendly_name or None


async def prove(tx: Transaction, call: Call, pool: Pool, user: User, given_code: str) -> Proof:
    """Return the proof by a code of the user's app, which can never be used again (attacks.md 45).

    The last step only moves forward. Raises CodeMismatchException, ExpiredCodeException, and
    SoftwareTokenMFANotFoundException where the app was removed since.
    """
    user_key = {"pool_id": pool.pool_id, "user_id": user.sub}
    row = await software_tokens.find(tx, **user_key)
    if row is None or row.secret is None:
        raise SoftwareTokenMFANotFoundException(_GONE)
    sealed = row.secret
    secret = call.house.sealer.open_column(sealed, **_sealed_column(pool, user.sub, "secret"))
    step = totp.accepted_step(secret, given_code, now=call.now)
    if step is None:
        raise refused(Reason.APP_CODE_WRONG)
    if step <= row.last_step:
        raise refused(Reason.APP_CODE_USED)
    if await software_tokens.advance(tx, **user_key, secret=sealed, step=step) != 1:
        raise Conflict
    return Proof(user=user, factor=TOTP)


def _keeper_of(call: Call, pool: Pool, user_id: str, secret: bytes) -> Keep:
    """Return a function that stores a secret until its first code."""
    sealed = call.house.sealer.seal_column(secret, **_sealed_column(pool, user_id, "pending"))

    async def keep(tx: Transaction) -> None:
        await software_tokens.put_pending(tx, pool_id=pool.pool_id, user_id=user_id, pending=sealed, now=call.now)

    return keep


def _sealed_column(pool: Pool, user_id: str, column: str) -> dict[str, str]:
    return {"table": "software_tokens", "key": f"{pool.pool_id}/{user_id}", "column": column}
