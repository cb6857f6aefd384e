"""How does one sign in right after signing up? The Session of SignUp, and the one that ConfirmSignUp gives for it.

ConfirmSignUp's Session is good for USER_AUTH alone, where it stands for the address that was proved a moment ago
(userpools.md 3.5, 3.6). SignUp's Session is for ConfirmSignUp. In a sign-in with a preferred challenge it proves nothing:
it says that the person who asks for the code that confirms the user is the one who signed up.
"""

from poolkeeper.auth import sealed_session
from poolkeeper.call import Call
from poolkeeper.clock import HOUR, MINUTE
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Subject
from poolkeeper.model.client import Client
from poolkeeper.model.factors import SIGNED_UP
from poolkeeper.model.journey import Journey
from poolkeeper.model.user import User
from poolkeeper.store.db import Transaction

SIGN_UP = "SIGN_UP"
CONFIRMED_SIGN_UP = "CONFIRMED_SIGN_UP"
_FLOW = "USER_AUTH"
# Mail can be slow, and the page that waits for the code is still open.
_AT_PAGES = HOUR
# How long after the confirmation, the user's last change, the page that waited for it may go on.
_AFTER_LINK = 10 * MINUTE


def after_sign_up(call: Call, client: Client, user: User, *, name: str, at_pages: bool = False) -> str | None:
    """Return the Session of a user who has just signed up by `name`, None where the client has no flow that takes it.

    The pages have such a flow whatever the client allows.
    """
    return _sealed(call, client, user, name=name, step=SIGN_UP, factors=(), at_pages=at_pages)


def after_confirmation(
    call: Call, client: Client, subject: Subject, given_session: str | None, *, at_pages: bool = False
) -> str | None:
    """Return the Session of a user who has just proved an address, if `given_session` is from that very sign-up.

    One that has expired, or is another user's, is no error: the answer is None then.
    """
    sign_up = _begun(call, client, subject, given_session)
    if sign_up is None or subject.user is None:
        return None
    step, factors = CONFIRMED_SIGN_UP, (SIGNED_UP,)
    return _sealed(call, client, subject.user, name=sign_up.name, step=step, factors=factors, at_pages=at_pages)


async def after_link(call: Call, client: Client, subject: Subject, given_session: str) -> str:
    """Return the Session of a user whose address a link has proved, wherever it was opened; spend `given_session`.

    Whoever opened the link need not be who signed up, so the Session stands for the password that was chosen at sign-up:
    without a password there is none. There is none minutes later either, when somebody else may be at the browser that
    waited. Raises NotAuthorizedException.
    """
    sign_up, user = _begun(call, client, subject, given_session), subject.user
    if sign_up is None or user is None or not user.confirmed or user.credential is None:
        raise refused(Reason.SESSION_OF_SIGN_UP)
    if call.now - user.updated_at > _AFTER_LINK:
        raise refused(Reason.SESSION_EXPIRED)

    async def body(tx: Transaction) -> None:
        await sealed_session.spend(tx, pool_id=client.pool_id, spends=(sign_up.nonce, sign_up.expires_at))

    await call.db.write(body)
    session = after_confirmation(call, client, subject, given_session, at_pages=True)
    if session is None:
        raise refused(Reason.SESSION_OF_SIGN_UP)
    return session


def is_of_sign_up(call: Call, client: Client, subject: Subject, given_session: str | None) -> bool:
    """Say whether `given_session` is from the very sign-up that created this user, with the same password."""
    return _begun(call, client, subject, given_session) is not None


def _begun(
    call: Call, client: Client, subject: Subject, given_session: str | None
) -> sealed_session.ChallengeState | None:
    user = subject.user
    if user is None or given_session is None:
        return None
    try:
        sign_up = sealed_session.open_challenge(call, given_session, client=client, step=SIGN_UP)
    except NotAuthorizedException:
        return None
    return sign_up if (sign_up.subject_id, sign_up.credential_version) == (user.sub, user.credential_version) else None


def _sealed(
    call: Call, client: Client, user: User, *, name: str, step: str, factors: tuple[str, ...], at_pages: bool
) -> str | None:
    if not at_pages and f"ALLOW_{_FLOW}" not in client.flows:
        return None
    sealed = sealed_session.ChallengeState(
        pool_id=client.pool_id,
        client_id=client.client_id,
        name=name,
        subject_id=user.sub,
        step=step,
        factors=factors,
        failures=0,
        credential_version=user.credential_version,
        nonce=call.entropy.token(16),
        expires_at=call.now + (max(_AT_PAGES, client.challenge_validity) if at_pages else client.challenge_validity),
        journey=Journey(flow=_FLOW, shown=user.username),
        detail="",
    )
    return sealed_session.seal_challenge(call, sealed)
