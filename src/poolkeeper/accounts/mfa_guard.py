"""May an access token change the MFA of its user? Always, as AWS has it, or only soon after a sign-in that used it.

The operator says so (`mfa_change_seconds`). A token that was stolen turns nothing off then, adds no factor of the
thief's, and leads no code to another address (attacks.md 48); its owner signs in, or steps up, first.
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


def require_proof(call: Call, found: Bearer, user: User) -> None:
    """Raise NotAuthorizedException unless the bearer has proved lately what `user` is asked for at a sign-in now.

    A remembered device stands for a proof of long ago, so it is none here.
    """
    seconds = call.settings.mfa_change_seconds
    if not seconds:
        return
    proved = [one for one in found.session.factors if one != DEVICE]
    late = call.now - found.session.auth_time > seconds * SECOND
    if late or decide(found.pool.mfa, user.mfa, user.attributes, proved) is not None:
        raise refused(Reason.PROOF_TOO_OLD)


def require_proof_for_factor(call: Call, found: Bearer, user: User) -> None:
    """Raise as `require_proof` where `user` comes by another second factor beside those that are asked for already."""
    if is_guarded(found.pool, user):
        require_proof(call, found, user)


def require_proof_for_addresses(call: Call, found: Bearer, user: User, given: Mapping[str, str]) -> None:
    """Raise as `require_proof` where a code of the user's MFA goes to what would be another value, or none."""
    pool = found.pool
    changed = {name for name, value in given.items() if value != user.attributes.get(name, "")}
    demand = decide(pool.mfa, user.mfa, user.attributes, (PASSWORD,))
    asked = () if demand is None else (demand.challenge, *demand.choices)
    if {ATTRIBUTES[method] for method in (*asked, *user.mfa.enabled) if method in ATTRIBUTES}.intersection(changed):
        require_proof(call, found, user)


def is_guarded(pool: Pool, user: User) -> bool:
    """Say whether a user signs in with a second factor, or has turned one on."""
    return bool(user.mfa.enabled) or in_force(pool.mfa, user.mfa, user.attributes)
