"""Who may have tokens? The one gate: every user token leaves through here, checked as everything stands at that moment."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from poolkeeper import lookup, triggers
from poolkeeper.auth import lockout, passwords, state
from poolkeeper.auth.attempt import Attempt, Proven
from poolkeeper.call import Call
from poolkeeper.errors import (
    NotAuthorizedException,
    PasswordResetRequiredException,
    ServiceError,
    UserNotConfirmedException,
)
from poolkeeper.lookup import Bearer, Subject, user_by_id
from poolkeeper.model import levels
from poolkeeper.model.client import Client
from poolkeeper.model.factors import CUSTOM, DEVICE, PASSWORD, level
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import decide
from poolkeeper.model.session import Session, Sighting
from poolkeeper.model.user import (
    CONFIRMED,
    EXTERNAL_PROVIDER,
    FORCE_CHANGE_PASSWORD,
    RESET_REQUIRED,
    UNCONFIRMED,
    User,
)
from poolkeeper.store import sessions
from poolkeeper.store.db import Database, Transaction
from poolkeeper.tokens import issue as tokens
from poolkeeper.tokens.claims import SIGN_IN_SCOPE

# What a status is answered with after a right proof (contract, user pools 3.2). FORCE_CHANGE_PASSWORD is not here: it
# leads to a challenge, and a session for it is opened for a custom challenge alone.
_REFUSALS: Mapping[str, ServiceError] = {
    UNCONFIRMED: UserNotConfirmedException("User is not confirmed."),
    RESET_REQUIRED: PasswordResetRequiredException("Password reset required for the user"),
    EXTERNAL_PROVIDER: NotAuthorizedException(passwords.INCORRECT),
}
# Which of the sources of PreTokenGeneration a sign-in is, by the challenge that was answered last (contract 4.1).
_SOURCES: Mapping[str, str] = {
    "NEW_PASSWORD_REQUIRED": "TokenGeneration_NewPasswordChallenge",
    "DEVICE_PASSWORD_VERIFIER": "TokenGeneration_AuthenticateDevice",
}
# As much of a User-Agent as DeviceType may be long (AWS: SessionDescriptionType).
_LONGEST_USER_AGENT = 1024

Renew = Callable[[Bearer], Awaitable[Bearer]]


def require_good_standing(user: User) -> None:
    """Raise what a user's state is answered with, after the proof: it tells nothing to a stranger.

    Raises NotAuthorizedException, UserNotConfirmedException, PasswordResetRequiredException.
    """
    if not user.enabled:
        raise NotAuthorizedException("User is disabled.")
    if (refusal := _REFUSALS.get(user.status)) is not None:
        raise type(refusal)(refusal.message)


async def admit(attempt: Attempt, proven: Proven) -> tokens.Tokens:
    """Open a session for a proven user and issue its first tokens.

    The session is opened by one conditional statement, so that a user who was disabled, locked, given another password
    or another second factor since the proof gets none (attacks.md 2, 3, 4, 25, 32). Triggers, in order:
    PostAuthentication, PreTokenGeneration; when one fails there are neither tokens nor a session.
    """
    call, pool, client = attempt.call, attempt.pool, attempt.client
    _require_proofs(pool, proven)
    device_key, new_device = _device(call, pool, proven)
    overrides = await _ask_triggers(attempt, proven, new_device=new_device)
    attempt, proven = await as_it_is_now(attempt, proven)
    pool, client = attempt.pool, attempt.client
    _require_proofs(pool, proven)

    session = _new_session(call, pool, client, proven, device_key)
    if not await _open(call, pool, session, proven):
        await _refuse(call, pool, proven)
    if proven.failures:
        await lockout.clear(call, pool, _subject(proven.user))
    return await tokens.issue(
        call,
        pool,
        client,
        proven.user,
        proven.memberships,
        session,
        with_refresh=True,
        overrides=overrides,
        new_device=new_device,
    )


async def readmit(
    call: Call, bearer: Bearer, *, source: str, metadata: Mapping[str, str], renew: Renew | None = None
) -> tokens.Tokens:
    """Issue the next tokens of a session that was found alive by its refresh token.

    `renew` moves it on to its next refresh token, once everything that can refuse has been asked; without it the old
    token stays. Triggers: PreTokenGeneration, by the name `source`.
    """
    _require_alive(call, bearer)
    overrides = await triggers.pre_token_generation(
        call,
        bearer.pool,
        bearer.client,
        source=source,
        user=bearer.user,
        memberships=bearer.memberships,
        scopes=(SIGN_IN_SCOPE,),
        metadata=metadata,
    )
    if overrides is not None:  # a trigger ran meanwhile
        again = await lookup.bearer(call, bearer.pool.pool_id, bearer.session.session_id)
        if again is None:
            raise NotAuthorizedException("Refresh Token has been revoked")
        bearer = again
        _require_alive(call, bearer)
    generation = bearer.session.generation
    if renew is not None:
        bearer = await renew(bearer)
    if bearer.session.generation == generation:  # a rotation has noted the use in its own statement
        await _note_use(call, bearer)
    return await tokens.issue(
        call,
        bearer.pool,
        bearer.client,
        bearer.user,
        bearer.memberships,
        bearer.session,
        with_refresh=renew is not None,
        overrides=overrides,
    )


def sighting(call: Call, pool: Pool) -> Sighting | None:
    """Return what a session keeps of the request that it is used by, None in a pool that does not track sessions."""
    if pool.tracking is None:
        return None
    return Sighting(at=call.now, address=call.client_address, user_agent=call.user_agent[:_LONGEST_USER_AGENT])


async def _note_use(call: Call, bearer: Bearer) -> None:
    """Keep that a session was used, where the pool tracks sessions; one that has ended meanwhile is refused."""
    seen = sighting(call, bearer.pool)
    if seen is None:
        return
    place = {"pool_id": bearer.pool.pool_id, "session_id": bearer.session.session_id}
    if await sessions.note_use(call.db, **place, seen=seen) != 1:
        raise NotAuthorizedException("Refresh Token has been revoked")


def _require_alive(call: Call, bearer: Bearer) -> None:
    if bearer.session.revoked_at is not None:
        raise NotAuthorizedException("Refresh Token has been revoked")
    if bearer.session.expires_at <= call.now:
        raise NotAuthorizedException("Refresh Token has expired")
    require_good_standing(bearer.user)
    if bearer.user.status == FORCE_CHANGE_PASSWORD and CUSTOM not in bearer.session.factors:
        raise NotAuthorizedException("Refresh Token has been revoked")


def _require_proofs(pool: Pool, proven: Proven) -> None:
    """Refuse whatever path led here without the proofs that pool and user demand: the flow has a defect."""
    user = proven.user
    require_good_standing(user)
    if user.status == FORCE_CHANGE_PASSWORD and not _custom_alone(proven):
        raise NotAuthorizedException(passwords.INCORRECT, detail="a temporary password was not changed")
    if decide(pool.mfa, user.mfa, user.attributes, proven.factors) is not None:
        raise NotAuthorizedException(passwords.INCORRECT, detail="a second factor is missing")
    if proven.journey.conversation:
        raise NotAuthorizedException(passwords.INCORRECT, detail="the pool's own challenges have not ended")
    if level(proven.factors) < levels.target(pool.document, proven.journey.target):
        raise NotAuthorizedException(passwords.INCORRECT, detail="the level that was asked for is not reached")


def _custom_alone(proven: Proven) -> bool:
    """Say whether nothing but custom challenges was proved: who has a temporary password gets in by them (3.2)."""
    return CUSTOM in proven.factors and PASSWORD not in proven.factors


async def _ask_triggers(
    attempt: Attempt, proven: Proven, *, new_device: tuple[str, str] | None
) -> triggers.TokenOverrides | None:
    call, pool, client = attempt.call, attempt.pool, attempt.client
    await triggers.post_authentication(
        call, pool, client, user=proven.user, new_device=new_device is not None, metadata=attempt.metadata
    )
    return await triggers.pre_token_generation(
        call,
        pool,
        client,
        source=_SOURCES.get(attempt.answered, "TokenGeneration_Authentication"),
        user=proven.user,
        memberships=proven.memberships,
        scopes=(SIGN_IN_SCOPE,),
        metadata=attempt.metadata,
    )


async def as_it_is_now(attempt: Attempt, proven: Proven) -> tuple[Attempt, Proven]:
    """Return attempt and evidence with pool, client and user as they are, read again where a function was asked since.

    Functions change users and pools by the API, and what they changed counts. Raises NotAuthorizedException where the
    user is gone or has another password: the proof was of the one before.
    """
    invocations = attempt.call.trace.invocations
    if attempt.invocations == invocations:
        return attempt, proven
    pool, client, subject = await lookup.require_client_and_subject(
        attempt.call, attempt.client.client_id, proven.user.sub, pool_id=attempt.pool.pool_id
    )
    if subject.user is None or subject.user.sub != proven.user.sub:
        raise NotAuthorizedException(passwords.INCORRECT)
    if subject.user.credential_version != proven.user.credential_version:
        raise NotAuthorizedException(passwords.INCORRECT)
    fresh = replace(proven, user=subject.user, memberships=subject.memberships)
    return replace(attempt, pool=pool, client=client, invocations=invocations), fresh


def _device(call: Call, pool: Pool, proven: Proven) -> tuple[str | None, tuple[str, str] | None]:
    """Return the device that the sign-in came from and, for one that is not known yet, its (key, group key)."""
    if pool.devices is None:
        return None, None
    if proven.journey.device_key:
        return proven.journey.device_key, None
    device_key = f"{pool.region}_{call.entropy.uuid()}"
    return device_key, (device_key, pool.device_group_key)


def _new_session(call: Call, pool: Pool, client: Client, proven: Proven, device_key: str | None) -> Session:
    """Return the session to open."""
    return Session(
        session_id=call.entropy.uuid(),
        user_id=proven.user.sub,
        client_id=client.client_id,
        event_id=call.entropy.uuid(),
        auth_time=call.now,
        expires_at=call.now + client.refresh_validity,
        revoked_at=None,
        generation=0,
        rotated_at=None,
        factors=proven.factors,
        device_key=device_key,
        acr=_acr(pool, proven),
    )


def _acr(pool: Pool, proven: Proven) -> str | None:
    """Return the name of the level that was reached, None where none was asked for."""
    return levels.name_of(pool.document, level(proven.factors)) if proven.journey.target else None


async def _open(call: Call, pool: Pool, session: Session, proven: Proven) -> bool:
    """Open a session, with what has to stand or fall with it.

    In a pool that tracks sessions the least recently used ones make room for it, and only if it was opened. Sign-ins of
    one user wait there for each other, since none could count what the others have not committed.
    """
    tracking = pool.tracking

    async def insert(writer: Database | Transaction) -> bool:
        return await sessions.open_if_allowed(
            writer,
            pool_id=pool.pool_id,
            session_id=session.session_id,
            user_id=session.user_id,
            client_id=session.client_id,
            event_id=session.event_id,
            factors=" ".join(session.factors),
            device_key=session.device_key,
            by_device=DEVICE in session.factors and pool.devices is not None,
            acr=session.acr,
            credential_version=proven.user.credential_version,
            status=FORCE_CHANGE_PASSWORD if _custom_alone(proven) and not proven.user.confirmed else CONFIRMED,
            mfa=proven.user.mfa.text or "",
            now=session.auth_time,
            expires_at=session.expires_at,
            seen=sighting(call, pool),
        )

    async def body(tx: Transaction) -> bool:
        of_user = {"pool_id": pool.pool_id, "user_id": session.user_id}
        if tracking is not None:
            await sessions.hold_user(tx, **of_user)
        await state.spend(tx, pool_id=pool.pool_id, spends=proven.spends)
        opened = await insert(tx)
        if opened and tracking is not None:
            await sessions.evict(tx, **of_user, but=session.session_id, most=tracking.most, now=call.now)
        return opened

    alone = proven.spends is None and tracking is None
    return await (insert(call.db) if alone else call.db.write(body))


async def _refuse(call: Call, pool: Pool, proven: Proven) -> None:
    """Say why the session could not be opened, from what is true now."""
    user = await user_by_id(call, pool.pool_id, proven.user.sub)
    if user is None or user.credential_version != proven.user.credential_version:
        raise NotAuthorizedException(passwords.INCORRECT)
    require_good_standing(user)
    await lockout.require_unlocked(call, pool, _subject(user))
    raise NotAuthorizedException(passwords.INCORRECT)


def _subject(user: User) -> Subject:
    return Subject(name=user.username, subject_id=user.sub, user=user)
