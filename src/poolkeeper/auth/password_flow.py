"""How does one sign in with a password in the request? USER_PASSWORD_AUTH and its administrator's twin."""

from dataclasses import replace

from poolkeeper.auth import lockout, passwords, steps
from poolkeeper.auth.attempt import Attempt, Proven


async def start(attempt: Attempt) -> Proven:
    """Check the password. Triggers: PreAuthentication; before it, for somebody unknown, UserMigration (migration.py)."""
    lockout.require_unlocked_then(attempt.call, attempt.subject)
    await steps.pre_authentication(attempt)
    proven = await passwords.prove(attempt.call, attempt.pool, attempt.subject, attempt.require("PASSWORD"))
    return replace(proven, journey=attempt.journey)
