"""How does a session open? By one conditional statement, in a transaction with all that depends on it."""

from collections.abc import Awaitable, Callable

from poolkeeper.auth import sealed_session
from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer
from poolkeeper.model.admission import Admitted
from poolkeeper.model.client import Client
from poolkeeper.model.factors import DEVICE, FEDERATED
from poolkeeper.model.pool import Pool
from poolkeeper.model.session import LONGEST_USER_AGENT, Session, Sighting
from poolkeeper.store import browser_sessions, sessions
from poolkeeper.store.db import Database, Transaction
from poolkeeper.tokens import dpop

Within = Callable[[Transaction, str], Awaitable[None]]
"""What is written in the transaction that opens a session, or not at all: called with the session's id."""


def with_first(first: Callable[[Transaction], Awaitable[None]], within: Within | None) -> Within:
    """Return a `Within` that calls `first` before another one."""

    async def both(tx: Transaction, session_id: str) -> None:
        await first(tx)
        if within is not None:
            await within(tx, session_id)

    return both


class _NotOpened(Exception):  # noqa: N818 - no error: what came within is taken back
    """Raised in a transaction whose session was not opened, so that all of it is rolled back."""


def new_session(call: Call, client: Client, admitted: Admitted) -> Session:
    """Return the session to open: without a refresh token it ends with its first access token."""
    validity = client.refresh_validity if admitted.want.refresh_token else client.access_validity
    event_id = admitted.event_id or call.entropy.uuid()
    # Without revocation the claim event_id names the session (tokens/claims.py).
    session_id = event_id if admitted.event_id and not client.revocable else call.entropy.uuid()
    return Session(
        session_id=session_id,
        user_id=admitted.user_id,
        client_id=client.client_id,
        event_id=event_id,
        auth_time=admitted.auth_time,
        expires_at=call.now + validity,
        revoked_at=None,
        generation=0,
        rotated_at=None,
        factors=admitted.factors,
        device_key=admitted.device_key,
        acr=admitted.acr,
        scopes=admitted.want.scopes,
        opened_at=call.now,
        browser_session_id=admitted.browser_session_id,
        resource=admitted.want.resource,
        client_url=admitted.want.client_url,
    )


async def open_session(
    call: Call,
    pool: Pool,
    session: Session,
    admitted: Admitted,
    *,
    spends: tuple[str, int] | None,
    within: Within | None,
) -> bool:
    """Open a session, together with what is `within`; False where what was judged is not true any more.

    In a pool that tracks sessions the least recently used ones make room for it, and only if it was opened. Sign-ins of
    one user wait there for each other, since none could count what the others have not committed. A session whose
    proofs were taken over, by a step-up, must still be alive, and so must the browser session that this one comes from:
    whoever ends the browser session waits, and then sees this session.
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
            past_lock=FEDERATED in session.factors,
            acr=session.acr,
            scopes=" ".join(session.scopes),
            resource=session.resource,
            client_url=session.client_url,
            browser_session_id=session.browser_session_id,
            credential_version=admitted.credential_version,
            status=admitted.status,
            mfa=admitted.mfa,
            auth_time=session.auth_time,
            now=session.opened_at,
            expires_at=session.expires_at,
            seen=sighting(call, pool),
        )

    async def body(tx: Transaction) -> bool:
        of_user, origin = {"pool_id": pool.pool_id, "user_id": session.user_id}, admitted.origin
        if origin and await sessions.held(tx, pool_id=pool.pool_id, session_id=origin) is None:
            raise refused(Reason.TOKEN_REVOKED)
        if tracking is not None:
            await sessions.hold_user(tx, **of_user)
        await sealed_session.spend(tx, pool_id=pool.pool_id, spends=spends)
        await dpop.spend_within(tx, call, pool.pool_id)
        if within is not None:
            await within(tx, session.session_id)
        opened = await insert(tx)
        if opened and (
            browser := session.browser_session_id
        ):  # After the user's lock: every other transaction takes that first too.
            opened = await browser_sessions.hold(tx, pool_id=pool.pool_id, session_id=browser)
        if opened and tracking is not None:
            await sessions.evict(tx, **of_user, but=session.session_id, most=tracking.most, now=call.now)
        if not opened and (within is not None or session.browser_session_id or call.key_proof):
            raise _NotOpened
        return opened

    beside = admitted.origin or session.browser_session_id or within or call.key_proof
    alone = spends is None and tracking is None and not beside
    try:
        return await (insert(call.db) if alone else call.db.write(body))
    except _NotOpened:
        return False


async def note_use(call: Call, bearer: Bearer) -> None:
    """Record that a session was used, where the pool tracks sessions; refuse one that has ended meanwhile."""
    seen = sighting(call, bearer.pool)
    if seen is None:
        return
    session_key = {"pool_id": bearer.pool.pool_id, "session_id": bearer.session.session_id}
    if await sessions.note_use(call.db, **session_key, seen=seen) != 1:
        raise refused(Reason.REFRESH_OVERTAKEN)


def sighting(call: Call, pool: Pool) -> Sighting | None:
    """Return what a session records of a request that uses it, None in a pool that does not track sessions."""
    if pool.tracking is None:
        return None
    return Sighting(
        at=call.now, address=call.address or call.client_address, user_agent=call.user_agent[:LONGEST_USER_AGENT]
    )
