"""What could somebody sign in with? A user's passwords, addresses, passkeys and tokens, and a ghost's as it might have them."""

from dataclasses import replace

from poolkeeper.auth import ghosts, passkeys
from poolkeeper.auth.attempt import Attempt
from poolkeeper.model import first_factor
from poolkeeper.model.first_factor import Means
from poolkeeper.model.second_factor import in_force, passkey_is_two


async def means_of(attempt: Attempt) -> Means:
    """Return what a user has, and for nobody what a user of that name might have, at the same cost."""
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
        verified=frozenset(name for name in ("email", "phone_number") if user.verified(name)),
        two_factors=in_force(pool.mfa, user.mfa, user.attributes),
        passkey_is_two=passkey_is_two(pool.mfa, user.mfa),
    )


def available(attempt: Attempt, means: Means) -> tuple[str, ...]:
    """Return the challenges that a sign-in may begin with."""
    return first_factor.choices(attempt.pool.first_factors, means, srp=attempt.pool.srp)
