"""Where does UserMigration come into a sign-in? Before the password is checked, for a name that nobody has.

accounts/migration.py does the migration.
"""

from dataclasses import replace

from poolkeeper.accounts.migration import TRIGGER, migrate
from poolkeeper.auth.attempt import Attempt
from poolkeeper.defences import lockout
from poolkeeper.errors import InvalidLambdaResponseException, UserNotFoundException
from poolkeeper.lookup import require_pool_and_subject
from poolkeeper.model.password_policy import MAXIMUM_LENGTH


async def for_sign_in(attempt: Attempt) -> Attempt:
    """Return the attempt of a user who was migrated just now, if UserMigration takes this name and password.

    The password is proved again like any other, against what was stored: the migration itself proves nothing.
    The function is called for one name at a time, and its refusal counts as a wrong password, so that nobody can guess
    passwords of the older directory faster than here. Raises NotAuthorizedException while locked, UserNotFoundException
    where the function failed and the client does not hide who exists.
    """
    call, pool, client, subject = attempt.call, attempt.pool, attempt.client, attempt.subject
    password = attempt.require("PASSWORD")
    if subject.user is not None or not pool.triggers.get(TRIGGER) or len(password) > MAXIMUM_LENGTH:
        return attempt
    async with lockout.trial(call, pool, subject) as trial:
        _, migrated = await require_pool_and_subject(call, pool.pool_id, subject.name)
        if migrated.user is None:
            try:
                migrated = await migrate(
                    call,
                    pool,
                    client,
                    migrated,
                    source="UserMigration_Authentication",
                    password=password,
                    validation_data=attempt.validation_data,
                )
            except (UserNotFoundException, InvalidLambdaResponseException):  # what the function itself said
                await trial.failed()
                raise
            if migrated.user is None and not client.hides_existence:
                await trial.failed()  # a hidden ghost's password is checked later, and counted, like a user's
    return replace(attempt, subject=migrated)
