"""How does a code that is sent while signing in prove an address? Sent with its challenge, judged with the answer, once.

As a second factor or as the first one, for users and for ghosts, of whom nobody hears that no message is written. A code
is a row of one sign-in alone: the sealed Session names it, so that nobody's asking again spoils another's. Wrong ones
count along the lockout curve, over all codes (contract, user pools 7.3; attacks.md 38-42).
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from poolkeeper.auth import codes, gate, hourly, lockout, names, state, status, steps
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.call import Call
from poolkeeper.errors import (
    CodeMismatchException,
    ExpiredCodeException,
    InvalidParameterException,
    LimitExceededException,
    NotAuthorizedException,
    TooManyRequestsException,
)
from poolkeeper.messaging import budget
from poolkeeper.messaging.compose import MEDIUMS, compose, mask, queue, require_way
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.factors import EMAIL, SMS
from poolkeeper.model.message import Message
from poolkeeper.model.names import looks_like_phone
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import decide
from poolkeeper.model.user import CONFIRMED, UNCONFIRMED, User
from poolkeeper.store import attempts
from poolkeeper.store.db import Transaction

KIND = "Authentication"
# A code to an address that becomes the user's only by it.
_SETTING_UP = "MfaSetup"
# Codes that one client address may have sent to one user or ghost within an hour: AWS says 5 to 20 (contract 7.3). By the
# address, or a stranger could use up what the user needs to sign in.
_SENDS = 20
_WRONG = "Invalid code or auth state for the user."


@dataclass(frozen=True, slots=True)
class Sent:
    """One challenge by a code that is sent: where to, how long the code is, what it proves, what the answer is called."""

    attribute: str
    digits: int
    factor: str
    answered_by: tuple[str, ...]


# fmt: off
CHALLENGES: Mapping[str, Sent] = {
    # challenge           to              digits  proves  answered by
    "SMS_MFA":   Sent("phone_number", 6,      SMS,    ("SMS_MFA_CODE",)),
    "SMS_OTP":   Sent("phone_number", 6,      SMS,    ("SMS_OTP_CODE",)),
    # AWS's pages name the answer in both ways where the code is a second factor (contract, user pools 3.4).
    "EMAIL_OTP": Sent("email",        8,      EMAIL,  ("EMAIL_OTP_CODE", "EMAIL_MFA_CODE")),
}
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    """A fresh code on its way: `purpose` names its row, `destination` is the exact address that it will prove."""

    purpose: str
    value: str = field(repr=False)
    attribute: str
    destination: str = field(repr=False)
    expires_at: int


async def send(
    attempt: Attempt,
    *,
    challenge: str,
    destination: str,
    so_far: Proven | None = None,
    spends: tuple[str, int] | None = None,
    setting_up: bool = False,
) -> Challenge:
    """Send a code to an address and ask for it; code, message and the spending of what led here are one transaction.

    `attempt.subject` is who is asked, a ghost too; without `so_far` the code is the first proof, and `spends` the state
    that led to it. `setting_up`: the address is not the user's yet. Triggers: CustomMessage. Raises
    TooManyRequestsException, and CodeDeliveryFailureException where nothing is set up that could send.
    """
    call, pool, kind = attempt.call, attempt.pool, CHALLENGES[challenge]
    code = _Code(
        purpose=f"{_SETTING_UP if setting_up else KIND}:{call.entropy.token(12)}",
        value=call.entropy.digits(kind.digits),
        attribute=kind.attribute,
        destination=destination,
        expires_at=call.now + attempt.client.challenge_validity,
    )
    user = attempt.subject.user if so_far is None else so_far.user
    subject_id = attempt.subject.subject_id if user is None else user.sub
    message = await _message(attempt, user, code)

    async def record(tx: Transaction) -> None:
        await _count(tx, call, pool, subject_id)
        await _keep(tx, call, pool, subject_id, code)
        if message is not None:
            await queue(call, tx, message)
        elif kind.attribute == "phone_number":
            await _pretend(tx, attempt)

    journey = attempt.journey if so_far is None else so_far.journey
    return await steps.ask(
        attempt,
        step=challenge,
        parameters={
            "CODE_DELIVERY_DELIVERY_MEDIUM": MEDIUMS[kind.attribute],
            "CODE_DELIVERY_DESTINATION": mask(kind.attribute, destination),
            "USER_ID_FOR_SRP": user.username if user is not None else journey.shown,
        },
        so_far=so_far,
        spends=spends,
        detail=code.purpose,
        record=record,
    )


async def judge(attempt: Attempt) -> Proven:
    """Take the code that answers a challenge: it is spent, its Session with it, and its address is verified.

    A wrong one leaves the Session as it was and counts. As the first proof it also confirms an UNCONFIRMED user
    (contract, user pools 3.6). Raises CodeMismatchException, and AliasExistsException where somebody else has verified
    that address as a name to sign in by.
    """
    call, kind = attempt.call, CHALLENGES[attempt.answered]
    given = _given(attempt, kind)
    resumed = await steps.resume(attempt, step=attempt.answered)
    async with lockout.trial(call, attempt.pool, resumed.subject) as trial:
        if resumed.sealed.factors:  # once something was proved the state is told, and the code is left alone
            _require_welcome(resumed.subject.user)

        async def body(tx: Transaction) -> User:
            return await _redeem(tx, attempt, resumed, given)

        try:
            user = await call.db.write(body)
        except CodeMismatchException:
            await trial.failed()
            raise
    return replace(resumed.proven(user, kind.factor, failures=trial.failures), spends=None)


def _require_welcome(user: User | None) -> None:
    """Refuse who has been deleted, or may not come in any more, since the first factor was proved."""
    if user is None:
        raise NotAuthorizedException(state.INVALID)
    gate.require_good_standing(user)


def _given(attempt: Attempt, kind: Sent) -> str:
    """Return the code in the answer, by whichever of its names it came.

    Raises InvalidParameterException.
    """
    for name in kind.answered_by:
        if name in attempt.given:
            return attempt.given[name]
    raise InvalidParameterException(f"Missing required parameter {kind.answered_by[0]}")


async def _redeem(tx: Transaction, attempt: Attempt, resumed: steps.Resumed, given: str) -> User:
    """Spend the Session and its code if `given` is it, and return the user with the address verified."""
    call, pool, subject_id = attempt.call, attempt.pool, resumed.subject.subject_id
    purpose = resumed.sealed.detail
    await state.spend(tx, pool_id=pool.pool_id, spends=resumed.spends)

    row = await attempts.code(tx, pool_id=pool.pool_id, subject_id=subject_id, purpose=purpose)
    digest = codes.digest(pool, subject_id, purpose, given)
    right = row is not None and hmac.compare_digest(digest, bytes(row[0]))
    if row is None or not right or resumed.subject.user is None:
        raise CodeMismatchException(_WRONG)
    place = {"pool_id": pool.pool_id, "subject_id": subject_id, "purpose": purpose}
    if await attempts.consume_code(tx, **place, digest=digest, now=call.now) != 1:
        raise ExpiredCodeException("Invalid code provided, please request a code again.")
    return await _take(tx, attempt, resumed, attribute=row[1], destination=row[2])


async def _take(tx: Transaction, attempt: Attempt, resumed: steps.Resumed, *, attribute: str, destination: str) -> User:
    """Return the user with the address that was proved; who may not come in gains nothing by it.

    A code that went to an address which is not the user's any more proves nothing (attacks.md 20).
    """
    pool, now = attempt.pool, attempt.call.now
    user = await names.fresh(tx, pool, resumed.subject.subject_id)
    if resumed.sealed.detail.startswith(_SETTING_UP):
        _require_nothing_else(pool, user, resumed, attempt.answered)
    elif user.attributes.get(attribute) != destination:
        raise ExpiredCodeException("Invalid code provided, please request a code again.")
    if not user.enabled:
        return user
    if await names.write(tx, pool, user, {attribute: destination, VERIFIED[attribute]: "true"}, now=now):
        user = await names.fresh(tx, pool, user.sub)
    if user.status != UNCONFIRMED or resumed.sealed.factors:
        return user
    return await status.move(tx, user, to=CONFIRMED, now=now)


def _require_nothing_else(pool: Pool, user: User, resumed: steps.Resumed, challenge: str) -> None:
    """Raise NotAuthorizedException where the user has come by another second factor since the set-up began.

    Whoever knows the password alone would otherwise put a mailbox of his own in its place.
    """
    demand = decide(pool.mfa, user.mfa, user.attributes, resumed.sealed.factors)
    if demand is None or challenge not in demand.choices or demand.challenge != "MFA_SETUP":
        raise NotAuthorizedException(state.INVALID)


async def _message(attempt: Attempt, user: User | None, code: _Code) -> Message | None:
    """Return the message of a code. A ghost gets none, and is told like a user where none can be sent (attacks.md 9)."""
    if user is None:
        require_way(attempt.call.settings, attempt.pool, attribute=code.attribute, kind=KIND)
        return None
    return await compose(
        attempt.call,
        attempt.pool,
        attempt.client,
        kind=KIND,
        user=user,
        attribute=code.attribute,
        destination=code.destination,
        code=code.value,
        valid_until=code.expires_at,
        metadata=attempt.metadata,
    )


async def _count(tx: Transaction, call: Call, pool: Pool, subject_id: str) -> None:
    """Count the sending of a code.

    Raises TooManyRequestsException, since signing in models no LimitExceededException.
    """
    place = {"pool_id": pool.pool_id, "subject_id": subject_id, "purpose": f"send:{KIND}:{call.client_address}"}
    try:
        await hourly.count_if_room(tx, **place, limit=_SENDS, now=call.now)
    except LimitExceededException as refusal:
        raise TooManyRequestsException(refusal.message) from None


async def _pretend(tx: Transaction, attempt: Attempt) -> None:
    """Go by the budgets of text messages as if nobody's code went out (attacks.md 9, 47)."""
    call, name = attempt.call, attempt.subject.name
    typed = name if looks_like_phone(name) else None
    await budget.pretend(tx, call.settings, pool_id=attempt.pool.pool_id, number=typed, kind=KIND, now=call.now)


async def _keep(tx: Transaction, call: Call, pool: Pool, subject_id: str, code: _Code) -> None:
    await attempts.put_code(
        tx,
        pool_id=pool.pool_id,
        subject_id=subject_id,
        purpose=code.purpose,
        digest=codes.digest(pool, subject_id, code.purpose, code.value),
        attribute=code.attribute,
        destination=code.destination,
        now=call.now,
        expires_at=code.expires_at,
    )
