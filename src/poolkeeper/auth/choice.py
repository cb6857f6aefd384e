"""How does one sign in by what one likes best? USER_AUTH: the choice of a first factor, and the way into each.

    begin: the Session of ConfirmSignUp --> a proof
           PREFERRED_CHALLENGE          --> that one, with its parameter in the same request or asked for
           anything else                --> SELECT_CHALLENGE --> ANSWER: that one

Source: contract, user pools 3.6. Somebody unknown has a choice too, made up and always the same (7.4).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from poolkeeper import triggers
from poolkeeper.auth import (
    ghosts,
    lockout,
    one_time_codes,
    passkeys,
    passwords,
    sign_up_session,
    srp_flow,
    state,
    steps,
)
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.model import first_factor
from poolkeeper.model.first_factor import Means
from poolkeeper.model.second_factor import in_force, passkey_is_two
from poolkeeper.store.db import Transaction

STEP = "SELECT_CHALLENGE"

Way = Callable[[Attempt, steps.Resumed | None], Awaitable[Challenge | Proven]]
"""What a chosen challenge does; the state that led to the choice is spent by what follows, if it came by one."""


async def start(attempt: Attempt) -> Challenge | Proven:
    """Ask PreAuthentication, then go on with what the client prefers, or let it choose."""
    call, pool = attempt.call, attempt.pool
    if pool.devices is None:  # elsewhere a device may be named that has a lock of its own (attacks.md 23)
        lockout.require_unlocked_then(call, attempt.subject)
    await triggers.pre_authentication(
        call, pool, attempt.client, subject=attempt.subject, validation_data=attempt.validation_data
    )
    if attempt.given_session is not None:
        return await _signed_up(attempt)
    available = await available_to(attempt)
    preferred = attempt.given.get("PREFERRED_CHALLENGE", "")
    if preferred in available:
        return await WAYS[preferred](attempt, None)
    return await steps.ask(attempt, step=STEP, parameters={}, detail=" ".join(available), available=available)


async def select(attempt: Attempt) -> Challenge | Proven:
    """Take the choice, with the chosen challenge's own parameter or without."""
    resumed = await steps.resume(attempt, step=STEP)
    chosen, attempt = attempt.require("ANSWER"), _taken_up(attempt, resumed)
    if chosen not in resumed.sealed.detail.split() or chosen not in await available_to(attempt):
        # UNVERIFIED: the error; one ANSWER that is not among the AvailableChallenges would settle it.
        raise InvalidParameterException("The selected challenge is not available")
    return await WAYS[chosen](attempt, resumed)


async def answer_password(attempt: Attempt) -> Challenge | Proven:
    """Take the password that PASSWORD asked for."""
    resumed = await steps.resume(attempt, step=first_factor.PASSWORD)
    return await _password(_taken_up(attempt, resumed), resumed)


async def answer_srp(attempt: Attempt) -> Challenge | Proven:
    """Take the public value that PASSWORD_SRP asked for."""
    resumed = await steps.resume(attempt, step=first_factor.PASSWORD_SRP)
    return await _srp(_taken_up(attempt, resumed), resumed)


async def available_to(attempt: Attempt) -> tuple[str, ...]:
    """Return the challenges that whoever the name means may begin with."""
    pool, means = attempt.pool, await means_of(attempt)
    return first_factor.choices(pool.first_factors, means, srp=pool.srp)


async def means_of(attempt: Attempt) -> Means:
    """Return what a user has to begin with, and for nobody what a user of that name might have, at the same cost."""
    pool, subject, user = attempt.pool, attempt.subject, attempt.subject.user
    by_passkey = passkeys.possible(pool)
    passkey = by_passkey and bool(await passkeys.usable(attempt.call, pool, subject.subject_id))
    if user is None:
        made_up = ghosts.means(pool, subject)
        return replace(made_up, passkey=by_passkey and made_up.passkey)
    return Means(
        password=user.credential is not None,
        email=bool(user.attributes.get("email")),
        phone=bool(user.attributes.get("phone_number")),
        passkey=passkey,
        totp=user.mfa.totp,
        two_factors=in_force(pool.mfa, user.mfa, user.attributes),
        passkey_is_two=passkey_is_two(pool.mfa, user.mfa),
    )


async def _signed_up(attempt: Attempt) -> Proven:
    """Take the Session of ConfirmSignUp for the first factor; all but USERNAME is ignored then (contract 3.6)."""
    resumed = await steps.resume(attempt, step=sign_up_session.CONFIRMED_SIGN_UP)
    if resumed.subject.user is None:
        raise NotAuthorizedException(state.INVALID)
    return replace(resumed.proven(resumed.subject.user), journey=attempt.journey)


async def _password(attempt: Attempt, resumed: steps.Resumed | None) -> Challenge | Proven:
    if "PASSWORD" not in attempt.given:
        return await _ask_for(attempt, first_factor.PASSWORD, resumed)
    proven = await passwords.prove(attempt.call, attempt.pool, attempt.subject, attempt.require("PASSWORD"))
    if resumed is None:
        return replace(proven, journey=attempt.journey)
    both = resumed.proven(proven.user, *proven.factors, failures=proven.failures)
    return replace(both, journey=attempt.journey)


async def _srp(attempt: Attempt, resumed: steps.Resumed | None) -> Challenge:
    """Begin the exchange; its own sealed block leads on from here."""
    if "SRP_A" not in attempt.given:
        return await _ask_for(attempt, first_factor.PASSWORD_SRP, resumed)
    challenge = await srp_flow.exchange(attempt)
    if resumed is not None:
        spends = resumed.spends

        async def body(tx: Transaction) -> None:
            await state.spend(tx, pool_id=attempt.pool.pool_id, spends=spends)

        await attempt.call.db.write(body)
    return challenge


async def _passkey(attempt: Attempt, resumed: steps.Resumed | None) -> Challenge:
    return await passkeys.ask(attempt, spends=None if resumed is None else resumed.spends)


async def _email(attempt: Attempt, resumed: steps.Resumed | None) -> Challenge:
    return await _code(attempt, resumed, first_factor.EMAIL_OTP)


async def _sms(attempt: Attempt, resumed: steps.Resumed | None) -> Challenge:
    return await _code(attempt, resumed, first_factor.SMS_OTP)


async def _code(attempt: Attempt, resumed: steps.Resumed | None, challenge: str) -> Challenge:
    """Send a code to the address that somebody has, or pretend to."""
    lockout.require_unlocked_then(attempt.call, attempt.subject)
    attribute, user = one_time_codes.CHALLENGES[challenge].attribute, attempt.subject.user
    made_up = ghosts.address(attempt.pool, attempt.subject, attribute)
    return await one_time_codes.send(
        attempt,
        challenge=challenge,
        destination=made_up if user is None else user.attributes[attribute],
        so_far=_so_far(attempt, resumed),
        spends=None if resumed is None else resumed.spends,
    )


async def _ask_for(attempt: Attempt, challenge: str, resumed: steps.Resumed | None) -> Challenge:
    """Ask for the parameter of a chosen challenge, which did not come with the choice."""
    return await steps.ask(
        attempt,
        step=challenge,
        parameters={},
        so_far=_so_far(attempt, resumed),
        spends=None if resumed is None else resumed.spends,
    )


def _taken_up(attempt: Attempt, resumed: steps.Resumed) -> Attempt:
    """Return the attempt as it was begun, by the name that was typed first."""
    return replace(attempt, subject=resumed.subject, journey=resumed.sealed.journey)


def _so_far(attempt: Attempt, resumed: steps.Resumed | None) -> Proven | None:
    """Return what was proved before the choice, None where there was no choice, or nobody to make it."""
    if resumed is None or resumed.subject.user is None:
        return None
    return replace(resumed.proven(resumed.subject.user), journey=attempt.journey)


WAYS: Mapping[str, Way] = {
    first_factor.PASSWORD: _password,
    first_factor.PASSWORD_SRP: _srp,
    first_factor.EMAIL_OTP: _email,
    first_factor.SMS_OTP: _sms,
    first_factor.WEB_AUTHN: _passkey,
}
