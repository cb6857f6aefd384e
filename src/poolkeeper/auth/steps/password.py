"""How does a user sign in with a password in the request? USER_PASSWORD_AUTH, its ADMIN_ twin, and the page."""

from poolkeeper.accounts import compromised, passwords
from poolkeeper.auth import watching
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.steps import beginning, step_up
from poolkeeper.defences import lockout
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model import first_factor


async def start(sign_in: SignIn) -> Proven:
    """Check the password. Triggers: PreAuthentication; before it, for an unknown name, UserMigration (migration.py)."""
    attempt = sign_in.attempt
    lockout.require_unlocked_then(attempt.call, sign_in.subject)
    await beginning.pre_authentication(sign_in)
    beginning.require_a_password(sign_in)
    return await prove(sign_in)


async def prove(sign_in: SignIn) -> Proven:
    """Check the password of the request; where it is right, check too whether it is known from breaches.

    Raises as `passwords.prove` and `compromised.at_sign_in` do.
    """
    attempt = sign_in.attempt
    password = attempt.require("PASSWORD")
    proof = await passwords.prove(
        attempt.call, attempt.pool, sign_in.subject, password, kept_out=watching.keeps_out(sign_in)
    )
    await compromised.at_sign_in(attempt.call, attempt.pool, attempt.client, proof, password)
    return sign_in.proved(proof)


async def start_at_pages(sign_in: SignIn) -> Proven:
    """Check the password, aiming at the level that the app asks for, if it asks for one."""
    aim = await step_up.best_aim_of(sign_in, first=(first_factor.PASSWORD,))
    return await start(sign_in if aim is None else aim.sign_in)


async def never_asked(_sign_in: SignIn) -> Proven:
    """Refuse the answer to a challenge that no sign-in ever asks: no Session belongs to it.

    Raises NotAuthorizedException.
    """
    # UNVERIFIED: that AWS asks for no ADMIN_NO_SRP_AUTH in any flow; one Session that came with it would refute it.
    raise refused(Reason.SESSION_NOT_ASKED)
