"""How does one sign in by what one likes best? USER_AUTH: the choice of a first factor, and the way into each.

    begin: the Session of ConfirmSignUp --> a proof
           PREFERRED_CHALLENGE          --> that one, with its parameter in the same request or asked for
           anything else                --> SELECT_CHALLENGE --> ANSWER: that one

Source: contract, user pools 3.6. Somebody unknown has a choice too, made up and always the same (7.4).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from poolkeeper.auth import (
    ghosts,
    lockout,
    one_time_codes,
    passkeys,
    passwords,
    sign_up_session,
    srp_flow,
    state,
    step_up,
    steps,
)
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.auth.journeys import taken_up
from poolkeeper.auth.means import available, means_of
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.model import first_factor
from poolkeeper.store.db import Transaction

STEP = "SELECT_CHALLENGE"


@dataclass(frozen=True, slots=True)
class Before:
    """What came before a choice: proofs, of a user who has some, and the state that led here and is used up."""

    so_far: Proven | None = None
    spends: tuple[str, int] | None = None


Way = Callable[[Attempt, Before], Awaitable[Challenge | Proven]]
"""What a chosen challenge does."""


async def start(attempt: Attempt) -> Challenge | Proven:
    """Ask PreAuthentication, then go on with what the client prefers, or let it choose."""
    call, pool = attempt.call, attempt.pool
    if pool.devices is None:  # elsewhere a device may be named that has a lock of its own (attacks.md 23)
        lockout.require_unlocked_then(call, attempt.subject)
    aim = None if attempt.given_session is not None else await step_up.aim_of(attempt)
    await steps.pre_authentication(attempt)
    if attempt.given_session is not None:
        return await _signed_up(attempt)
    if aim is None:
        return await _offer(attempt, available(attempt, await means_of(attempt)), Before())
    if aim.credit is not None and aim.complete:
        return aim.credit
    return await _offer(aim.attempt, aim.begins, Before(so_far=aim.credit))


async def select(attempt: Attempt) -> Challenge | Proven:
    """Take the choice, with the chosen challenge's own parameter or without."""
    resumed = await steps.resume(attempt, step=STEP)
    chosen, attempt = attempt.require("ANSWER"), taken_up(attempt, resumed)
    offered = resumed.sealed.detail.split()
    if chosen not in offered or chosen not in available(attempt, await means_of(attempt)):
        # UNVERIFIED: the error; one ANSWER that is not among the AvailableChallenges would settle it.
        raise InvalidParameterException("The selected challenge is not available")
    return await WAYS[chosen](attempt, _before(attempt, resumed))


async def answer_password(attempt: Attempt) -> Challenge | Proven:
    """Take the password that PASSWORD asked for."""
    resumed = await steps.resume(attempt, step=first_factor.PASSWORD)
    attempt = taken_up(attempt, resumed)
    return await _password(attempt, _before(attempt, resumed))


async def answer_srp(attempt: Attempt) -> Challenge | Proven:
    """Take the public value that PASSWORD_SRP asked for."""
    resumed = await steps.resume(attempt, step=first_factor.PASSWORD_SRP)
    attempt = taken_up(attempt, resumed)
    return await _srp(attempt, _before(attempt, resumed))


async def _signed_up(attempt: Attempt) -> Proven:
    """Take the Session of ConfirmSignUp for the first factor; all but USERNAME is ignored then (contract 3.6)."""
    resumed = await steps.resume(attempt, step=sign_up_session.CONFIRMED_SIGN_UP)
    if resumed.subject.user is None:
        raise NotAuthorizedException(state.INVALID)
    return replace(resumed.proven(resumed.subject.user), journey=attempt.journey)


async def _offer(attempt: Attempt, choices: tuple[str, ...], before: Before) -> Challenge | Proven:
    """Go on with the preferred challenge where it is among the choices, else let the client choose."""
    preferred = attempt.given.get("PREFERRED_CHALLENGE", "")
    if preferred in choices:
        return await WAYS[preferred](attempt, before)
    return await steps.ask(
        attempt, step=STEP, parameters={}, so_far=before.so_far, detail=" ".join(choices), available=choices
    )


async def _password(attempt: Attempt, before: Before) -> Challenge | Proven:
    if "PASSWORD" not in attempt.given:
        return await _ask_for(attempt, first_factor.PASSWORD, before)
    proven = await passwords.prove(attempt.call, attempt.pool, attempt.subject, attempt.require("PASSWORD"))
    earlier = () if before.so_far is None else before.so_far.factors
    failures = 0 if before.so_far is None else before.so_far.failures
    return replace(
        proven,
        factors=(*earlier, *proven.factors),
        failures=max(failures, proven.failures),
        spends=before.spends,
        journey=attempt.journey,
    )


async def _srp(attempt: Attempt, before: Before) -> Challenge:
    """Begin the exchange; its own sealed block leads on from here, and takes no earlier proofs along."""
    if "SRP_A" not in attempt.given:
        return await _ask_for(attempt, first_factor.PASSWORD_SRP, before)
    challenge = await srp_flow.exchange(attempt)

    async def body(tx: Transaction) -> None:
        await state.spend(tx, pool_id=attempt.pool.pool_id, spends=before.spends)

    if before.spends is not None:
        await attempt.call.db.write(body)
    return challenge


async def _passkey(attempt: Attempt, before: Before) -> Challenge:
    return await passkeys.ask(attempt, spends=before.spends)


async def _email(attempt: Attempt, before: Before) -> Challenge:
    return await _code(attempt, before, first_factor.EMAIL_OTP)


async def _sms(attempt: Attempt, before: Before) -> Challenge:
    return await _code(attempt, before, first_factor.SMS_OTP)


async def _code(attempt: Attempt, before: Before, challenge: str) -> Challenge:
    """Send a code to the address that somebody has, or pretend to."""
    lockout.require_unlocked_then(attempt.call, attempt.subject)
    attribute, user = one_time_codes.CHALLENGES[challenge].attribute, attempt.subject.user
    made_up = ghosts.address(attempt.pool, attempt.subject, attribute)
    return await one_time_codes.send(
        attempt,
        challenge=challenge,
        destination=made_up if user is None else user.attributes[attribute],
        so_far=before.so_far,
        spends=before.spends,
    )


async def _ask_for(attempt: Attempt, challenge: str, before: Before) -> Challenge:
    """Ask for the parameter of a chosen challenge, which did not come with the choice."""
    return await steps.ask(attempt, step=challenge, parameters={}, so_far=before.so_far, spends=before.spends)


def _before(attempt: Attempt, resumed: steps.Resumed) -> Before:
    user = resumed.subject.user
    so_far = None if user is None else replace(resumed.proven(user), journey=attempt.journey)
    return Before(so_far=so_far, spends=resumed.spends)


WAYS: Mapping[str, Way] = {
    first_factor.PASSWORD: _password,
    first_factor.PASSWORD_SRP: _srp,
    first_factor.EMAIL_OTP: _email,
    first_factor.SMS_OTP: _sms,
    first_factor.WEB_AUTHN: _passkey,
}
