"""May somebody of this status come in? By what they have proved, after the proof; and the status must still be theirs then."""

from collections.abc import Collection, Mapping

from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.factors import CUSTOM, FEDERATED, PASSWORD
from poolkeeper.model.user import (
    CONFIRMED,
    EXTERNAL_PROVIDER,
    FORCE_CHANGE_PASSWORD,
    RESET_REQUIRED,
    UNCONFIRMED,
    User,
)

# What a status is answered with after a right proof (userpools.md 3.2). FORCE_CHANGE_PASSWORD is not here: it
# leads to a challenge, and a session for it is opened for a custom challenge alone.
_REFUSALS: Mapping[str, Reason] = {
    UNCONFIRMED: Reason.USER_UNCONFIRMED,
    RESET_REQUIRED: Reason.RESET_REQUIRED,
    EXTERNAL_PROVIDER: Reason.EXTERNAL_USER,
}
# Statuses that speak of the password alone. UNVERIFIED: that AWS refuses an UNCONFIRMED user who was linked; whoever signed
# up with somebody else's address would wait there for the owner to come by a provider.
_OF_NO_PASSWORD = frozenset({EXTERNAL_PROVIDER, FORCE_CHANGE_PASSWORD, RESET_REQUIRED})


def require_good_standing(user: User, factors: Collection[str] = ()) -> None:
    """Raise what a user's state is answered with, after the proof: it tells nothing to a stranger.

    Who comes from an identity provider has no use for a password: that it is to be reset, temporary or not there is
    nothing to them. Nor is it to whoever came without one and signs in by a code (userpools.md 5.4). Raises
    NotAuthorizedException, UserNotConfirmedException, PasswordResetRequiredException.
    """
    if not user.enabled:
        raise refused(Reason.USER_DISABLED)
    if user.awaits_first_password or (FEDERATED in factors and user.status in _OF_NO_PASSWORD):
        return
    if (reason := _REFUSALS.get(user.status)) is not None:
        raise refused(reason)


def status_for(user: User, factors: Collection[str]) -> str:
    """Return the status that a user must still have when the session opens by these proofs."""
    if FEDERATED in factors or user.awaits_first_password:
        return user.status
    return FORCE_CHANGE_PASSWORD if _custom_alone(factors) and not user.confirmed else CONFIRMED


def _custom_alone(factors: Collection[str]) -> bool:
    """Say whether nothing but custom challenges was proved: who has a temporary password gets in by them (userpools.md 3.2)."""
    return CUSTOM in factors and PASSWORD not in factors
