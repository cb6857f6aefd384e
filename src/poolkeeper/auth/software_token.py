"""How does an authenticator app prove a user? A secret that waits for its first code, then one use of each code.

Source: contract, user pools 3.8, identity 5.2; RFC 6238. A secret lies sealed, and is told once: when it is drawn.
"""

from dataclasses import replace

from poolkeeper.auth import gate, lockout, names, state, steps
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.auth.mfa_settings import store
from poolkeeper.call import Call
from poolkeeper.crypto import totp
from poolkeeper.errors import (
    CodeMismatchException,
    EnableSoftwareTokenMFAException,
    ExpiredCodeException,
    NotAuthorizedException,
    SoftwareTokenMFANotFoundException,
)
from poolkeeper.model.factors import SOFTWARE_TOKEN_MFA, TOTP
from poolkeeper.model.mfa_preference import with_token
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import Demand
from poolkeeper.model.user import User
from poolkeeper.store import software_tokens
from poolkeeper.store.db import Conflict, Transaction

STEP = SOFTWARE_TOKEN_MFA
_NOT_OFFERED = "Software Token MFA has not been enabled by the userPool"
# What AWS says, as public reports have it.
_NOT_ENABLED = "Code mismatch and fail enable Software Token MFA"
_WRONG = "Invalid code received for user"
_USED = "Your software token has already been used once."


def require_offered(pool: Pool) -> None:
    """Raise SoftwareTokenMFANotFoundException where the pool has no place for new software tokens."""
    if SOFTWARE_TOKEN_MFA not in pool.mfa.methods:
        raise SoftwareTokenMFANotFoundException(_NOT_OFFERED)


def draw(call: Call, pool: Pool, user_id: str) -> tuple[str, steps.Record]:
    """Draw a secret; return how it is typed, and what keeps it until its first code.

    The token that the user had before goes on working until then (attacks.md 46).
    """
    secret = call.entropy.bytes(totp.SECRET_BYTES)
    sealed = call.house.sealer.seal_column(secret, **_place(pool, user_id, "pending"))

    async def keep(tx: Transaction) -> None:
        await software_tokens.put_pending(tx, pool_id=pool.pool_id, user_id=user_id, pending=sealed, now=call.now)

    return totp.typed(secret), keep


async def adopt(
    tx: Transaction, call: Call, pool: Pool, user_id: str, *, code: str, name: str | None, enable: bool
) -> User:
    """Let the pending secret count on the evidence of its first code, and return the user as it was before.

    `name` is what the user calls the app. `enable` turns the method on at once: in a sign-in (contract, user pools 3.5).
    Raises EnableSoftwareTokenMFAException for a wrong code, and where no secret waits for one.
    """
    place = {"pool_id": pool.pool_id, "user_id": user_id}
    row = await software_tokens.find(tx, **place)
    if row is None or row[1] is None:
        # UNVERIFIED: what AWS says where nothing was associated; VerifySoftwareToken alone would settle it.
        raise EnableSoftwareTokenMFAException(_NOT_ENABLED)
    pending = bytes(row[1])
    secret = call.house.sealer.open_column(pending, **_place(pool, user_id, "pending"))
    step = totp.accepted_step(secret, code, now=call.now)
    if step is None:
        raise EnableSoftwareTokenMFAException(_NOT_ENABLED)

    sealed = call.house.sealer.seal_column(secret, **_place(pool, user_id, "secret"))
    adopted = await software_tokens.adopt(tx, **place, pending=pending, secret=sealed, step=step, friendly_name=name)
    if adopted != 1:
        raise Conflict
    user = await names.fresh(tx, pool, user_id)
    await store(tx, user, with_token(user.mfa, enabled=enable), now=call.now)
    return user


async def ask(attempt: Attempt, proven: Proven, demand: Demand) -> Challenge:  # noqa: ARG001 - one of a table of asks
    """Ask for a code of the user's authenticator app, by the name that the user gave it."""
    user = proven.user
    row = await software_tokens.find(attempt.call.db, pool_id=user.pool_id, user_id=user.sub)
    named = {} if row is None or not row[3] else {"FRIENDLY_DEVICE_NAME": row[3]}
    parameters = {"USER_ID_FOR_SRP": user.username, **named}
    return await steps.ask(attempt, step=STEP, parameters=parameters, so_far=proven)


async def answer(attempt: Attempt) -> Proven:
    """Take the code of an authenticator app, in the transaction that spends the Session.

    A wrong one and one that was used before leave the Session as it was and count along the lockout curve. Raises
    CodeMismatchException, ExpiredCodeException.
    """
    call, pool = attempt.call, attempt.pool
    given = attempt.require("SOFTWARE_TOKEN_MFA_CODE")
    resumed = await steps.resume(attempt, step=STEP)
    user = resumed.subject.user
    if user is None:
        raise NotAuthorizedException(state.INVALID)
    async with lockout.trial(call, pool, resumed.subject) as trial:
        gate.require_good_standing(user)

        async def body(tx: Transaction) -> None:
            await state.spend(tx, pool_id=pool.pool_id, spends=resumed.spends)
            await _use(tx, call, pool, user.sub, given)

        try:
            await call.db.write(body)
        except (CodeMismatchException, ExpiredCodeException):
            await trial.failed()
            raise
    return replace(resumed.proven(user, TOTP, failures=trial.failures), spends=None)


async def _use(tx: Transaction, call: Call, pool: Pool, user_id: str, given: str) -> None:
    """Use a code, which is never used again: the last step only moves forward (attacks.md 45)."""
    place = {"pool_id": pool.pool_id, "user_id": user_id}
    row = await software_tokens.find(tx, **place)
    if row is None or row[0] is None:
        raise CodeMismatchException(_WRONG)
    sealed = bytes(row[0])
    secret = call.house.sealer.open_column(sealed, **_place(pool, user_id, "secret"))
    step = totp.accepted_step(secret, given, now=call.now)
    if step is None:
        raise CodeMismatchException(_WRONG)
    if step <= row[2]:
        raise ExpiredCodeException(_USED)
    if await software_tokens.advance(tx, **place, secret=sealed, step=step) != 1:
        raise Conflict


def _place(pool: Pool, user_id: str, column: str) -> dict[str, str]:
    return {"table": "software_tokens", "key": f"{pool.pool_id}/{user_id}", "column": column}
