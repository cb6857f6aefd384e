"""Who may have tokens? The one gate: every user token leaves through here, checked as everything stands at that moment."""

from collections.abc import Mapping

from poolkeeper import triggers
from poolkeeper.auth import lockout, passwords, state
from poolkeeper.auth.passwords import Proven
from poolkeeper.call import Call
from poolkeeper.errors import (
    NotAuthorizedException,
    NotImplementedException,
    PasswordResetRequiredException,
    ServiceError,
    UserNotConfirmedException,
)
from poolkeeper.lookup import Bearer, Subject, user_by_id
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.session import Session
from poolkeeper.model.user import EXTERNAL_PROVIDER, FORCE_CHANGE_PASSWORD, RESET_REQUIRED, UNCONFIRMED, User
from poolkeeper.store import sessions
from poolkeeper.store.db import Database, Transaction
from poolkeeper.tokens import issue as tokens

# What a status is answered with after a right password (contract, user pools 3.2). FORCE_CHANGE_PASSWORD is not here:
# it leads to a challenge, and a session for it cannot be opened.
_REFUSALS: Mapping[str, ServiceError] = {
    UNCONFIRMED: UserNotConfirmedException("User is not confirmed."),
    RESET_REQUIRED: PasswordResetRequiredException("Password reset required for the user"),
    EXTERNAL_PROVIDER: NotAuthorizedException(passwords.INCORRECT),
}


def require_good_standing(user: User) -> None:
    """Raise what a user's state is answered with, after the proof: it tells nothing to a stranger.

    Raises NotAuthorizedException, UserNotConfirmedException, PasswordResetRequiredException.
    """
    if not user.enabled:
        raise NotAuthorizedException("User is disabled.")
    if (refusal := _REFUSALS.get(user.status)) is not None:
        raise type(refusal)(refusal.message)


def require_second_factor(pool: Pool) -> None:
    """Raise NotImplementedException where the pool demands a second factor, which cannot be asked for yet."""
    if pool.mfa == "ON":
        raise NotImplementedException("The user pool requires MFA, and Poolkeeper cannot ask for a second factor yet.")


async def admit(call: Call, pool: Pool, client: Client, proven: Proven) -> tokens.Tokens:
    """Open a session for a proven user and issue its first tokens.

    The session is opened by one conditional statement, so that a user who was disabled, locked or given another
    password since the proof gets none (attacks.md 2, 3, 25, 32).
    """
    user = proven.user
    require_good_standing(user)
    require_second_factor(pool)
    triggers.refuse_configured(pool, "PostAuthentication", "PreTokenGeneration", "PreTokenGenerationConfig")

    session = _new_session(call, client, user)
    if not await _open(call, pool, session, proven):
        await _refuse(call, pool, proven)
    if proven.failures:
        await lockout.clear(call, pool, Subject(name=user.username, subject_id=user.sub, user=user))
    return await tokens.issue(call, pool, client, user, proven.memberships, session, with_refresh=True)


async def readmit(call: Call, bearer: Bearer, *, with_refresh: bool) -> tokens.Tokens:
    """Issue the next tokens of a session that was found alive by its refresh token."""
    if bearer.session.revoked_at is not None:
        raise NotAuthorizedException("Refresh Token has been revoked")
    if bearer.session.expires_at <= call.now:
        raise NotAuthorizedException("Refresh Token has expired")
    require_good_standing(bearer.user)
    if bearer.user.status == FORCE_CHANGE_PASSWORD:
        raise NotAuthorizedException("Refresh Token has been revoked")
    triggers.refuse_configured(bearer.pool, "PreTokenGeneration", "PreTokenGenerationConfig")
    return await tokens.issue(
        call, bearer.pool, bearer.client, bearer.user, bearer.memberships, bearer.session, with_refresh=with_refresh
    )


def _new_session(call: Call, client: Client, user: User) -> Session:
    """Return the session to open; with revocation off tokens name it by `event_id` alone, so the two are one (3.11)."""
    session_id = call.entropy.uuid()
    return Session(
        session_id=session_id,
        user_id=user.sub,
        client_id=client.client_id,
        event_id=call.entropy.uuid() if client.revocable or client.rotation else session_id,
        auth_time=call.now,
        expires_at=call.now + client.refresh_validity,
        revoked_at=None,
        generation=0,
        rotated_at=None,
    )


async def _open(call: Call, pool: Pool, session: Session, proven: Proven) -> bool:
    async def insert(writer: Database | Transaction) -> bool:
        return await sessions.open_if_allowed(
            writer,
            pool_id=pool.pool_id,
            session_id=session.session_id,
            user_id=session.user_id,
            client_id=session.client_id,
            event_id=session.event_id,
            credential_version=proven.user.credential_version,
            now=session.auth_time,
            expires_at=session.expires_at,
        )

    async def body(tx: Transaction) -> bool:
        await state.spend(tx, pool_id=pool.pool_id, spends=proven.spends)
        return await insert(tx)

    return await (insert(call.db) if proven.spends is None else call.db.write(body))


async def _refuse(call: Call, pool: Pool, proven: Proven) -> None:
    """Say why the session could not be opened, from what is true now."""
    user = await user_by_id(call, pool.pool_id, proven.user.sub)
    if user is None or user.credential_version != proven.user.credential_version:
        raise NotAuthorizedException(passwords.INCORRECT)
    require_good_standing(user)
    await lockout.require_unlocked(call, pool, Subject(name=user.username, subject_id=user.sub, user=user))
    raise NotAuthorizedException(passwords.INCORRECT)
