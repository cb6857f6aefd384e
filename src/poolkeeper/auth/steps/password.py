"""How does one sign in with a password in the request? USER_PASSWORD_AUTH, its administrator's twin, and the page for it."""

from poolkeeper.accounts import compromised, passwords
from poolkeeper.auth import watching
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.steps import beginning, step_up
from poolkeeper.defences import lockout
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model import first_factor


async def start(sign_in: SignIn) -> Proven:
    """Check the password. Triggers: PreAuthentication; before it, for somebody unknown, UserMigration (migration.py)."""
    attempt = sign_in.attempt
    lockout.require_unlocked_then(attempt.call, sign_in.subject)
    await beginning.pre_authentication(sign_in)
    beginning.require_a_password(sign_in)
    return await prove(sign_in)


async def prove(sign_in: SignIn) -> Proven:
    """Check the password of the request, and then, of one that was right, whether it is known from breaches.

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
    """Check the password, on the way to the level that the app asks for, if it asks for one."""
    aim = await step_up.best_aim_of(sign_in, first=(first_factor.PASSWORD,))
    return await start(sign_in if aim is None else aim.sign_in)


async def never_asked(_sign_in: SignIn) -> Proven:
    """Refuse the answer to a challenge that no sign-in ever comes to: no Session is of it.

    Raises NotAuthorizedException.
    """
    # UNVERIFIED: that AWS asks for no ADMIN_NO_SRP_AUTH in any flow; one Session that came with it would refute it.
    raise refused(Reason.SESSION_NOT_ASKED)
