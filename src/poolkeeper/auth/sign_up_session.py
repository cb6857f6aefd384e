"""How does one sign in right after signing up? The Session of SignUp, and the one that ConfirmSignUp gives for it.

A class of its own: SignUp's is good for ConfirmSignUp alone, and ConfirmSignUp's for USER_AUTH alone, where it stands for
the address that was proved a moment ago (contract, user pools 3.5, 3.6).
"""

from poolkeeper.auth import state
from poolkeeper.call import Call
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.lookup import Subject
from poolkeeper.model.client import Client
from poolkeeper.model.factors import SIGNED_UP
from poolkeeper.model.user import User

SIGN_UP = "SIGN_UP"
CONFIRMED_SIGN_UP = "CONFIRMED_SIGN_UP"
_FLOW = "USER_AUTH"


def after_sign_up(call: Call, client: Client, user: User, *, name: str) -> str | None:
    """Return the Session of a user who has just signed up by `name`, None where the client has no flow to use it in."""
    return _sealed(call, client, user, name=name, step=SIGN_UP, factors=())


def after_confirmation(call: Call, client: Client, subject: Subject, given: str | None) -> str | None:
    """Return the Session of a user who has just proved an address, if `given` is the one of that very sign-up.

    One that has expired, or is another's, stops nothing: there is none to go on with then.
    """
    user = subject.user
    if user is None or given is None:
        return None
    try:
        begun = state.open_challenge(call, given, client=client, step=SIGN_UP)
    except NotAuthorizedException:
        return None
    if (begun.subject_id, begun.credential_version) != (user.sub, user.credential_version):
        return None
    return _sealed(call, client, user, name=begun.name, step=CONFIRMED_SIGN_UP, factors=(SIGNED_UP,))


def _sealed(call: Call, client: Client, user: User, *, name: str, step: str, factors: tuple[str, ...]) -> str | None:
    if f"ALLOW_{_FLOW}" not in client.flows:
        return None
    sealed = state.ChallengeState(
        pool_id=client.pool_id,
        client_id=client.client_id,
        name=name,
        subject_id=user.sub,
        step=step,
        factors=factors,
        failures=0,
        credential_version=user.credential_version,
        nonce=call.entropy.token(16),
        expires_at=call.now + client.challenge_validity,
        journey=state.Journey(flow=_FLOW, shown=user.username),
        detail="",
    )
    return state.seal_challenge(call, sealed)
