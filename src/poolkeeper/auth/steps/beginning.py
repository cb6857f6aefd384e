"""What comes before the first proof of a flow? PreAuthentication is called, and a user without a password is told so."""

from poolkeeper import triggers
from poolkeeper.auth.sign_in import SignIn
from poolkeeper.errors.refusals import Reason, refused


async def pre_authentication(sign_in: SignIn) -> None:
    """Call PreAuthentication, as every flow does before the first proof."""
    attempt = sign_in.attempt
    await triggers.pre_authentication(
        attempt.call,
        attempt.pool,
        attempt.client,
        subject=attempt.subject,
        validation_data=attempt.validation_data,
    )


def require_a_password(sign_in: SignIn) -> None:
    """Tell a user who was imported without a password to reset it, unless the client hides who exists (userpools.md 3.2, 7.4).

    Raises PasswordResetRequiredException.
    """
    user = sign_in.subject.user
    if user is not None and user.enabled and user.awaits_first_password and not sign_in.attempt.client.hides_existence:
        raise refused(Reason.RESET_REQUIRED)
