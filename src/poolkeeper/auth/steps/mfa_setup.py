"""How does a user set up the second factor that a pool demands, before they have tokens? MFA_SETUP and its operations.

    MFA_SETUP --> AssociateSoftwareToken --> VerifySoftwareToken --> answered, with the Session of the last
              --> answered with an address --> EMAIL_OTP or SMS_MFA to it, which makes it the user's

The Session says only that the first factor was proved, so every step checks anew whether the pool still demands a set-up:
once the user has a factor, nobody else can add one in this way (attacks.md 46).
"""

from dataclasses import replace

from poolkeeper.accounts import names, software_tokens
from poolkeeper.auth import pause, sealed_session
from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.challenge import BARE, Because, Challenge, Methods
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.standing import require_good_standing
from poolkeeper.auth.steps import one_time_code
from poolkeeper.call import Call
from poolkeeper.defences import lockout
from poolkeeper.errors import (
    EnableSoftwareTokenMFAException,
    InvalidParameterException,
    InvalidUserPoolConfigurationException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import require_client_and_subject
from poolkeeper.model.factors import EMAIL_OTP, MFA_SETUP, SMS_MFA, SOFTWARE_TOKEN_MFA, TOTP
from poolkeeper.model.second_factor import Demand
from poolkeeper.model.user import User

STEP = MFA_SETUP
# The keys under which an address comes, and the challenge that proves it (userpools.md 3.4).
# UNVERIFIED: the keys of a phone number; no page shows SMS being set up by an answer.
_ADDRESSES = (
    ("EMAIL", EMAIL_OTP),
    ("email", EMAIL_OTP),
    ("PHONE_NUMBER", SMS_MFA),
    ("phone_number", SMS_MFA),
)


async def ask(proven: Proven, demand: Demand) -> Challenge:
    """Ask for a second factor to be set up.

    Raises InvalidUserPoolConfigurationException where the pool leaves this user nothing to set up.
    """
    if not demand.choices:
        # UNVERIFIED: which of the modelled errors, and the words; a pool that requires e-mail MFA, recovers by e-mail
        # and has a user with a phone number alone would settle both.
        raise InvalidUserPoolConfigurationException("The user has no second factor that the user pool allows.")
    facts = Methods(methods=demand.choices, shown=proven.user.username, to_set_up=True)
    return await pause.ask(proven, step=STEP, reason=Because.SET_UP, facts=facts)


async def answer(sign_in: SignIn) -> Challenge | Proven:
    """Take the Session of a verified software token for a proof, or send a code to the address in the answer."""
    proven = pause.require_proven(sign_in)
    if TOTP in proven.factors:
        if not proven.user.mfa.totp:
            raise refused(Reason.SESSION_NOT_ASKED)
        return proven
    given = proven.attempt.given
    for key, challenge in _ADDRESSES:
        if given.get(key):
            return await _prove_address(proven, challenge, given[key])
    # UNVERIFIED: the error and the words; an answer with the Session of AssociateSoftwareToken would settle them.
    raise InvalidParameterException("User has not verified software token mfa")


async def associate(call: Call, session: str) -> tuple[str, Challenge]:
    """Draw a software token's secret in the middle of a sign-in; return it as it is typed, and the next Session.

    Raises NotAuthorizedException for a Session that does not ask for a software token.
    """
    proven = await _taken_up(call, session)
    secret, keep = software_tokens.draw(call, proven.attempt.pool, proven.user.sub)
    return secret, await pause.ask(proven, step=STEP, reason=Because.SET_UP, facts=BARE, record=keep)


async def verify(call: Call, session: str, *, code: str, name: str | None) -> Challenge:
    """Verify a software token, which proves a second factor too; return the Session that answers MFA_SETUP.

    A wrong code leaves the Session as it was and counts towards the lockout. Raises EnableSoftwareTokenMFAException.
    """
    proven = await _taken_up(call, session)
    pool = proven.attempt.pool

    def still_wanted(user: User) -> None:
        pause.require_set_up_wanted(user, proven, SOFTWARE_TOKEN_MFA)

    async with lockout.trial(call, pool, proven.subject) as trial:
        proof, take = software_tokens.prove_first(
            call, pool, proven.user, code=code, name=name, still_wanted=still_wanted
        )
        so_far = proven.proved(replace(proof, failures=trial.failures))
        try:
            return await pause.ask(so_far, step=STEP, reason=Because.SET_UP, facts=BARE, record=take)
        except EnableSoftwareTokenMFAException:
            await trial.failed()
            raise


async def _taken_up(call: Call, session: str) -> Proven:
    """Take up a Session that comes alone: it says for which client and which user it is."""
    claimed = sealed_session.open_alone(call, session)
    pool, client, subject = await require_client_and_subject(
        call, claimed.client_id, claimed.subject_id, pool_id=claimed.pool_id
    )
    attempt = Attempt(call=call, pool=pool, client=client, subject=subject, given={}, given_session=session)
    sign_in = await pause.resume(attempt, step=STEP)
    proven = pause.require_proven(sign_in)
    await lockout.require_unlocked(call, pool, proven.subject)
    require_good_standing(proven.user)
    pause.require_set_up_wanted(proven.user, proven, SOFTWARE_TOKEN_MFA)
    return proven


async def _prove_address(proven: Proven, challenge: str, address: str) -> Challenge:
    """Send a code to an address, which becomes the user's with the right answer.

    Raises InvalidParameterException for a bad address, AliasExistsException for another user's name.
    """
    pool, user, attribute = proven.attempt.pool, proven.user, one_time_code.CHALLENGES[challenge].attribute
    pause.require_set_up_wanted(user, proven, challenge)
    pool.schema.check_values({attribute: address})
    await names.require_free(proven.attempt.call.db, pool, user.sub, attribute=attribute, name=address)
    return await one_time_code.send(
        proven, challenge=challenge, destination=address, reason=Because.SET_UP, setting_up=True
    )
