"""How does a user choose a first factor? USER_AUTH: the choice, and the way into each factor.

    begin: the Session of ConfirmSignUp --> a proof
           that of SignUp               --> a note that whoever signed up goes on, where a PREFERRED_CHALLENGE is named
           PREFERRED_CHALLENGE          --> that one, with its parameter in the same request or asked for
           anything else                --> SELECT_CHALLENGE --> ANSWER: that one

Source: userpools.md 3.6. A ghost has a choice too, made up and always the same (userpools.md 7.4).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import msgspec

from poolkeeper.auth import pause, sealed_session, sign_up_session
from poolkeeper.auth.challenge import BARE, Because, Challenge, FirstFactors, Step
from poolkeeper.auth.means import available, means_of
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.steps import beginning, one_time_code, passkey, password, srp, step_up
from poolkeeper.defences import ghosts, lockout
from poolkeeper.errors import InvalidParameterException
from poolkeeper.model import first_factor
from poolkeeper.model.factors import DEVICE
from poolkeeper.store.db import Transaction

STEP = "SELECT_CHALLENGE"


async def start(sign_in: SignIn) -> Challenge | Proven:
    """Call PreAuthentication, then go on with what the client prefers, or let it choose."""
    return await _start(sign_in, step_up.aim_of)


async def start_at_pages(sign_in: SignIn) -> Challenge | Proven:
    """Begin as `start` does, aiming at the best level that the app asks for and the person can reach."""
    return await _start(sign_in, step_up.best_aim_of)


async def _start(sign_in: SignIn, aim_of: Callable[[SignIn], Awaitable[step_up.Aim | None]]) -> Challenge | Proven:
    attempt = sign_in.attempt
    if attempt.pool.devices is None:  # else an answer may name a device, which has a lock of its own (attacks.md 23)
        lockout.require_unlocked_then(attempt.call, sign_in.subject)
    sign_in = _noted(sign_in)
    attempt = sign_in.attempt
    aim = None if attempt.given_session is not None else await aim_of(sign_in)
    await beginning.pre_authentication(sign_in)
    if attempt.given_session is not None:
        return await _signed_up(sign_in)
    if aim is None:
        return await _offer(sign_in, available(attempt.pool, await means_of(sign_in)))
    if isinstance(aim.sign_in, Proven) and aim.complete:
        return aim.sign_in
    return await _offer(aim.sign_in, aim.begins)


async def select(sign_in: SignIn) -> Challenge | Proven:
    """Take the choice, with the chosen challenge's own parameter or without."""
    sign_in = _taken_up(sign_in)
    chosen, offered = sign_in.attempt.require("ANSWER"), sign_in.detail.split()
    if chosen not in offered or chosen not in available(sign_in.attempt.pool, await means_of(sign_in)):
        # UNVERIFIED: the error; one ANSWER that is not among the AvailableChallenges would settle it.
        raise InvalidParameterException("The selected challenge is not available")
    return await WAYS[chosen](sign_in)


async def answer_password(sign_in: SignIn) -> Challenge | Proven:
    """Take the password that PASSWORD asked for."""
    return await _password(_taken_up(sign_in))


async def answer_srp(sign_in: SignIn) -> Challenge | Proven:
    """Take the public value that PASSWORD_SRP asked for."""
    return await _srp(_taken_up(sign_in))


def _taken_up(sign_in: SignIn) -> SignIn:
    """Return the sign-in with the device that an answer names (userpools.md 3.4), until one has proved itself."""
    if DEVICE in sign_in.factors:
        return sign_in
    return sign_in.on(sign_in.journey.on_device(sign_in.attempt.given))


def _noted(sign_in: SignIn) -> SignIn:
    """Return the sign-in without the Session of its user's sign-up, which its journey notes instead."""
    attempt = sign_in.attempt
    if "PREFERRED_CHALLENGE" not in attempt.given:
        return sign_in
    if not sign_up_session.is_of_sign_up(attempt.call, attempt.client, sign_in.subject, attempt.given_session):
        return sign_in
    journey = msgspec.structs.replace(sign_in.journey, signed_up=True)
    return replace(sign_in, attempt=replace(attempt, given_session=None), journey=journey)


async def _signed_up(sign_in: SignIn) -> Proven:
    """Take the Session of ConfirmSignUp for the first factor; every parameter but USERNAME is ignored (userpools.md 3.6)."""
    resumed = await pause.resume(sign_in.attempt, step=sign_up_session.CONFIRMED_SIGN_UP)
    return pause.require_proven(resumed).on(sign_in.journey)


async def _offer(sign_in: SignIn, choices: tuple[str, ...]) -> Challenge | Proven:
    """Go on with the preferred challenge where it is among the choices, else let the client choose."""
    preferred = sign_in.attempt.given.get("PREFERRED_CHALLENGE", "")
    if preferred in choices:
        return await WAYS[preferred](sign_in)
    return await pause.ask(
        sign_in, step=STEP, reason=Because.CHOICE, facts=FirstFactors(choices=choices), detail=" ".join(choices)
    )


async def _password(sign_in: SignIn) -> Challenge | Proven:
    if "PASSWORD" not in sign_in.attempt.given:
        return await _ask_for(sign_in, first_factor.PASSWORD)
    return await password.prove(sign_in)


async def _srp(sign_in: SignIn) -> Challenge:
    """Begin the exchange; its own sealed block leads on from here, without earlier proofs."""
    attempt = sign_in.attempt
    if "SRP_A" not in attempt.given:
        return await _ask_for(sign_in, first_factor.PASSWORD_SRP)
    challenge = await srp.exchange(sign_in)

    async def body(tx: Transaction) -> None:
        await sealed_session.spend(tx, pool_id=attempt.pool.pool_id, spends=sign_in.spends)

    if sign_in.spends is not None:
        await attempt.call.db.write(body)
    return challenge


async def _passkey(sign_in: SignIn) -> Challenge:
    """Ask for a passkey, which stands alone: earlier proofs are dropped."""
    bare = SignIn(attempt=sign_in.attempt, subject=sign_in.subject, journey=sign_in.journey, spends=sign_in.spends)
    return await passkey.ask(bare)


async def _email(sign_in: SignIn) -> Challenge:
    return await _code(sign_in, first_factor.EMAIL_OTP)


async def _sms(sign_in: SignIn) -> Challenge:
    return await _code(sign_in, first_factor.SMS_OTP)


async def _code(sign_in: SignIn, challenge: str) -> Challenge:
    """Send a code to a user's address, or pretend to send one to a ghost's."""
    attempt, user = sign_in.attempt, sign_in.user
    lockout.require_unlocked_then(attempt.call, sign_in.subject)
    attribute = one_time_code.CHALLENGES[challenge].attribute
    made_up = ghosts.address(attempt.pool, sign_in.subject, attribute)
    return await one_time_code.send(
        sign_in,
        challenge=challenge,
        destination=made_up if user is None else user.attributes[attribute],
        reason=Because.FIRST_FACTOR,
    )


async def _ask_for(sign_in: SignIn, challenge: str) -> Challenge:
    """Ask for the parameter of a chosen challenge, which did not come with the choice."""
    return await pause.ask(sign_in, step=challenge, reason=Because.FIRST_FACTOR, facts=BARE)


WAYS: Mapping[str, Step] = {
    first_factor.PASSWORD: _password,
    first_factor.PASSWORD_SRP: _srp,
    first_factor.EMAIL_OTP: _email,
    first_factor.SMS_OTP: _sms,
    first_factor.WEB_AUTHN: _passkey,
}
