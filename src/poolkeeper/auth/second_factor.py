"""How is a second factor asked for? The challenge that the MFA decision calls for, once the first factor is proved."""

from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.errors import NotImplementedException
from poolkeeper.model.second_factor import decide


async def ask_if_demanded(attempt: Attempt, proven: Proven) -> Challenge | None:
    """Ask for the factor that pool and user demand, None where nothing is missing."""
    user = proven.user
    if decide(attempt.pool.mfa, user.mfa, user.attributes, proven.factors) is None:
        return None
    raise NotImplementedException("The user pool requires MFA, and Poolkeeper cannot ask for a second factor yet.")
