"""What is asked before the first proof of every flow? The pool's own code, whether it lets anybody try."""

from poolkeeper import triggers
from poolkeeper.auth.sign_in import SignIn


async def pre_authentication(sign_in: SignIn) -> None:
    """Ask PreAuthentication, as every flow does before the first proof."""
    attempt = sign_in.attempt
    await triggers.pre_authentication(
        attempt.call,
        attempt.pool,
        attempt.client,
        subject=attempt.subject,
        validation_data=attempt.validation_data,
    )
