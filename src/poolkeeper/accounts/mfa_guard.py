"""May an access token change the MFA of its user? Always, as on AWS, or only soon after a sign-in that used MFA.

The operator chooses (`mfa_change_seconds`). With the limit a stolen token turns nothing off, adds no factor of the thief's,
and leads no code to another address (attacks.md 48); the owner of the account must sign in, or step up, first.
"""

from collections.abc import Mapping

from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer
from poolkeeper.model.factors import DEVICE, PASSWORD
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import ATTRIBUTES, decide, in_force
from poolkeeper.model.user import User


def require_proof(call: Call, bearer: Bearer, user: User) -> None:
    """Raise NotAuthorizedException unless the bearer has proved lately what a sign-in of `user` would demand now.

    A remembered device stands for an old proof, so it does not count here.
    """
    seconds = call.settings.mfa_change_seconds
    if not seconds:
        return
    proved = [factor for factor in bearer.session.factors if factor != DEVICE]
    late = call.now - bearer.session.auth_time > seconds * SECOND
    if late or decide(bearer.pool.mfa, user.mfa, user.attributes, proved) is not None:
        raise refused(Reason.PROOF_TOO_OLD)


def require_proof_for_factor(call: Call, bearer: Bearer, user: User) -> None:
    """Raise as `require_proof` where `user` gets a second factor and has one already."""
    if is_guarded(bearer.pool, user):
        require_proof(call, bearer, user)


def require_proof_for_addresses(call: Call, bearer: Bearer, user: User, given: Mapping[str, str]) -> None:
    """Raise as `require_proof` where the address of a user's MFA codes would change or go."""
    pool = bearer.pool
    changed = {name for name, value in given.items() if value != user.attributes.get(name, "")}
    demand = decide(pool.mfa, user.mfa, user.attributes, (PASSWORD,))
    demanded_methods = () if demand is None else (demand.challenge, *demand.choices)
    if {ATTRIBUTES[method] for method in (*demanded_methods, *user.mfa.enabled) if method in ATTRIBUTES}.intersection(
        changed
    ):
        require_proof(call, bearer, user)


def is_guarded(pool: Pool, user: User) -> bool:
    """Say whether a user signs in with a second factor, or has turned one on."""
    return bool(user.mfa.enabled) or in_force(pool.mfa, user.mfa, user.attributes)
