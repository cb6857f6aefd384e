"""How does one sign in with a password in the request? USER_PASSWORD_AUTH and its administrator's twin."""

from poolkeeper import triggers
from poolkeeper.auth import new_password, passwords
from poolkeeper.auth.attempt import Attempt, Outcome


async def start(attempt: Attempt) -> Outcome:
    """Check the password, then go where the user's state leads: tokens, a challenge or a refusal."""
    triggers.refuse_configured(attempt.pool, "PreAuthentication")
    if attempt.subject.user is None:
        triggers.refuse_configured(attempt.pool, "UserMigration")

    proven = await passwords.prove(attempt.call, attempt.pool, attempt.subject, attempt.require("PASSWORD"))
    return await new_password.after_password(attempt, proven)
