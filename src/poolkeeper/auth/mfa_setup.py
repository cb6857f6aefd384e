"""How does somebody set up the second factor that a pool demands, before there are tokens? MFA_SETUP and what serves it.

    MFA_SETUP --> AssociateSoftwareToken --> VerifySoftwareToken --> answered, with the Session of the last
              --> answered with an address --> EMAIL_OTP or SMS_MFA to it, which makes it the user's

The Session in hand says that the first factor was proved and nothing more, so every step asks anew whether the pool still
wants something set up: whoever has come by a factor since is not given a second one by somebody else (attacks.md 46).
"""

from dataclasses import replace

import msgspec

from poolkeeper.auth import gate, lockout, names, one_time_codes, software_token, state, steps
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.call import Call
from poolkeeper.errors import (
    EnableSoftwareTokenMFAException,
    InvalidParameterException,
    InvalidUserPoolConfigurationException,
    NotAuthorizedException,
)
from poolkeeper.lookup import require_client_and_subject
from poolkeeper.model.factors import EMAIL_OTP, FIRST, SMS_MFA, SOFTWARE_TOKEN_MFA, TOTP
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import Demand, decide
from poolkeeper.model.user import User
from poolkeeper.store.db import Transaction

STEP = "MFA_SETUP"
# By which keys an address is handed over, and the challenge that proves it (contract, user pools 3.4).
# UNVERIFIED: the keys of a phone number; no page shows SMS being set up by an answer.
_ADDRESSES = (
    ("EMAIL", EMAIL_OTP),
    ("email", EMAIL_OTP),
    ("PHONE_NUMBER", SMS_MFA),
    ("phone_number", SMS_MFA),
)


async def ask(attempt: Attempt, proven: Proven, demand: Demand) -> Challenge:
    """Ask for a second factor to be set up.

    Raises InvalidUserPoolConfigurationException where the pool leaves this user nothing to set up.
    """
    if not demand.choices:
        # UNVERIFIED: which of the modelled errors, and the words; a pool that requires e-mail MFA, recovers by e-mail
        # and has a user with a phone number alone would settle both.
        raise InvalidUserPoolConfigurationException("The user has no second factor that the user pool allows.")
    parameters = {
        "MFAS_CAN_SETUP": msgspec.json.encode(demand.choices).decode(),
        "USER_ID_FOR_SRP": proven.user.username,
    }
    return await steps.ask(attempt, step=STEP, parameters=parameters, so_far=proven)


async def answer(attempt: Attempt) -> Challenge | Proven:
    """Take the Session of a verified software token for a proof, or send a code to the address that is handed over."""
    resumed = await steps.resume(attempt, step=STEP)
    user = await _require_welcome(attempt, resumed)
    if TOTP in resumed.sealed.factors:
        if not user.mfa.totp:
            raise NotAuthorizedException(state.INVALID)
        return resumed.proven(user)
    for key, challenge in _ADDRESSES:
        if attempt.given.get(key):
            return await _prove_address(attempt, resumed, user, challenge, attempt.given[key])
    # UNVERIFIED: the error and the words; an answer with the Session of AssociateSoftwareToken would settle them.
    raise InvalidParameterException("User has not verified software token mfa")


async def associate(call: Call, session: str) -> tuple[str, Challenge]:
    """Draw a software token's secret in the middle of a sign-in; return how it is typed, and the Session that follows.

    Raises NotAuthorizedException for a Session that does not ask for one.
    """
    attempt, resumed, user = await _taken_up(call, session)
    secret, keep = software_token.draw(call, attempt.pool, user.sub)
    return secret, await steps.ask(attempt, step=STEP, parameters={}, so_far=resumed.proven(user), record=keep)


async def verify(call: Call, session: str, *, code: str, name: str | None) -> Challenge:
    """Let a software token count, and the sign-in with it; return the Session that answers MFA_SETUP.

    A wrong code leaves the Session as it was and counts along the lockout curve. Raises EnableSoftwareTokenMFAException.
    """
    attempt, resumed, user = await _taken_up(call, session)
    pool = attempt.pool
    async with lockout.trial(call, pool, resumed.subject) as trial:

        async def record(tx: Transaction) -> None:
            _require_wanted(pool, await names.fresh(tx, pool, user.sub), resumed, SOFTWARE_TOKEN_MFA)
            await software_token.adopt(tx, call, pool, user.sub, code=code, name=name, enable=True)

        so_far = resumed.proven(user, TOTP, failures=trial.failures)
        try:
            return await steps.ask(attempt, step=STEP, parameters={}, so_far=so_far, record=record)
        except EnableSoftwareTokenMFAException:
            await trial.failed()
            raise


async def _taken_up(call: Call, session: str) -> tuple[Attempt, steps.Resumed, User]:
    """Take up a Session that comes alone: it says itself which client's and whose it is."""
    claimed = state.open_alone(call, session)
    pool, client, subject = await require_client_and_subject(
        call, claimed.client_id, claimed.subject_id, pool_id=claimed.pool_id
    )
    attempt = Attempt(
        call=call, pool=pool, client=client, subject=subject, given={}, journey=claimed.journey, given_session=session
    )
    resumed = await steps.resume(attempt, step=STEP)
    user = await _require_welcome(attempt, resumed)
    _require_wanted(pool, user, resumed, SOFTWARE_TOKEN_MFA)
    return replace(attempt, subject=resumed.subject), resumed, user


async def _require_welcome(attempt: Attempt, resumed: steps.Resumed) -> User:
    """Return who is setting up, unless a lock or the user's state forbids it (attacks.md 25)."""
    await lockout.require_unlocked(attempt.call, attempt.pool, resumed.subject)
    user = resumed.subject.user
    if user is None:
        raise NotAuthorizedException(state.INVALID)
    gate.require_good_standing(user)
    return user


def _require_wanted(pool: Pool, user: User, resumed: steps.Resumed, method: str) -> None:
    """Raise NotAuthorizedException unless this user must still set something up, and may choose `method`.

    What a sign-in began with must be good for two factors: a code alone, from before the pool demanded a second one, is not.
    """
    demand = decide(pool.mfa, user.mfa, user.attributes, resumed.sealed.factors)
    if not FIRST.intersection(resumed.sealed.factors):
        raise NotAuthorizedException(state.INVALID)
    if demand is None or demand.challenge != STEP or method not in demand.choices:
        raise NotAuthorizedException(state.INVALID)


async def _prove_address(
    attempt: Attempt, resumed: steps.Resumed, user: User, challenge: str, address: str
) -> Challenge:
    """Send a code to an address that becomes the user's by it.

    Raises InvalidParameterException for what is no address, AliasExistsException for somebody else's name.
    """
    pool, attribute = attempt.pool, one_time_codes.CHALLENGES[challenge].attribute
    _require_wanted(pool, user, resumed, challenge)
    pool.schema.check_values({attribute: address})
    await names.require_free(attempt.call.db, pool, user.sub, attribute=attribute, name=address)
    return await one_time_codes.send(
        replace(attempt, subject=resumed.subject),
        challenge=challenge,
        destination=address,
        so_far=resumed.proven(user),
        setting_up=True,
    )
