"""What does a user have to sign in with? A password, addresses, passkeys and apps, by what was read of the user."""

from poolkeeper.accounts import passkeys
from poolkeeper.call import Call
from poolkeeper.model.first_factor import Means
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import in_force, passkey_is_two
from poolkeeper.model.user import User


async def of_user(call: Call, pool: Pool, user: User) -> Means:
    """Return what a user has, whether or not the pool lets a sign-in begin with it."""
    return Means(
        password=user.credential is not None,
        email=bool(user.attributes.get("email")),
        phone=bool(user.attributes.get("phone_number")),
        passkey=await passkeys.available(call, pool, user.sub),
        totp=user.mfa.totp,
        verified=frozenset(name for name in ("email", "phone_number") if user.verified(name)),
        two_factors=in_force(pool.mfa, user.mfa, user.attributes),
        passkey_is_two=passkey_is_two(pool.mfa, user.mfa),
    )
