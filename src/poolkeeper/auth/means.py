"""What could somebody sign in with? What a user has (accounts/means.py), or what a ghost might have."""

from dataclasses import replace

from poolkeeper.accounts import passkeys
from poolkeeper.accounts.means import of_user
from poolkeeper.auth.sign_in import SignIn
from poolkeeper.defences import ghosts
from poolkeeper.model import first_factor
from poolkeeper.model.first_factor import Means
from poolkeeper.model.pool import Pool


async def means_of(sign_in: SignIn) -> Means:
    """Return what a user has, or for a ghost what a user of that name might have, at the same cost."""
    call, pool, subject, user = sign_in.attempt.call, sign_in.attempt.pool, sign_in.subject, sign_in.user
    if user is not None:
        return await of_user(call, pool, user)
    await passkeys.available(call, pool, subject.subject_id)
    made_up = ghosts.means(pool, subject)
    return replace(made_up, passkey=made_up.passkey and passkeys.possible(call.settings, pool))


def available(pool: Pool, means: Means) -> tuple[str, ...]:
    """Return the challenges that a sign-in may begin with."""
    return first_factor.choices(pool.first_factors, means, srp=pool.srp)
