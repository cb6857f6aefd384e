"""How does a session go on? REFRESH_TOKEN_AUTH, GetTokensFromRefreshToken, the refresh grant: new tokens, also by rotation."""

import hmac
from collections.abc import Mapping
from dataclasses import replace

from poolkeeper import lookup
from poolkeeper.auth import gate
from poolkeeper.auth.attempt import require_given
from poolkeeper.auth.opening import sighting
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.defences.client_proof import require_refresh_secret_hash
from poolkeeper.errors import InvalidParameterException, RefreshTokenReuseException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer, require_client, require_client_of
from poolkeeper.model.pool import Pool
from poolkeeper.model.tokens import Tokens
from poolkeeper.store import sessions
from poolkeeper.tokens import dpop, refresh

FLOWS = frozenset({"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"})
_ALLOWED_BY = "ALLOW_REFRESH_TOKEN_AUTH"
# So soon after a rotation a second use means that a client lost an answer, not that a thief came: the session lives on
# (attacks.md 64).
_MERCY = 10 * SECOND


async def begin(call: Call, *, client_id: str, given: Mapping[str, str], pool_id: str | None = None) -> Tokens:
    """Answer REFRESH_TOKEN_AUTH: new ID and access tokens, the same refresh token as before.

    `pool_id` is given by administrators alone. Raises InvalidParameterException where the client does not allow the
    flow, which it cannot together with rotation; NotAuthorizedException, and UserNotConfirmed and its like where the
    user's state has changed.
    """
    token = require_given(given, "REFRESH_TOKEN")
    if pool_id is not None:
        await require_client_of(call, pool_id, client_id)
    bearer, _ = await require_session(call, client_id=client_id, token=token)
    if _ALLOWED_BY not in bearer.client.flows or bearer.client.rotation:
        raise InvalidParameterException("REFRESH_TOKEN_AUTH flow not enabled for this client")
    require_refresh_secret_hash(bearer.client, given=given.get("SECRET_HASH"), user=bearer.user)
    require_device(bearer, given.get("DEVICE_KEY"))
    readmission = await gate.readmit(call, bearer, source="TokenGeneration_RefreshTokens", metadata={})
    return await gate.reissue(call, readmission)


async def exchange(
    call: Call,
    bearer: Bearer,
    *,
    generation: int,
    metadata: Mapping[str, str],
    source: str = "TokenGeneration_Authentication",
    scopes: tuple[str, ...] | None = None,
) -> Tokens:
    """Issue the next tokens of a session, and rotate its refresh token where the client wants that.

    It answers GetTokensFromRefreshToken, and the refresh grant under another `source`; `scopes` apply to these tokens
    alone. Raises RefreshTokenReuseException for a token that was rotated out longer ago than the grace period.
    """
    rotates, is_present = bearer.client.rotation, generation == bearer.session.generation
    if rotates and not is_present:
        await _require_grace(call, bearer, generation)
    readmission = await gate.readmit(call, bearer, source=source, metadata=metadata, scopes=scopes)
    if not rotates:
        return await gate.reissue(call, readmission)
    if is_present:
        return await gate.reissue(call, readmission, renewed=await _rotated(call, readmission.bearer, generation))
    # Within the grace period the present token is given once more: the answer with it was lost on its way.
    _require_its_key(call, readmission.bearer)
    return await gate.reissue(call, readmission, renewed=readmission.bearer)


async def require_session(call: Call, *, client_id: str, token: str, pool: Pool | None = None) -> tuple[Bearer, int]:
    """Return the bearer of a refresh token, read in one round trip, and the token's generation.

    Raises ResourceNotFoundException for an unknown client, NotAuthorizedException for a token that is not this
    client's (attacks.md 63, 65), that is bound to a key which the request does not show, or whose session has ended.
    `pool` is given where `client_id` is an address, which belongs to no pool alone.
    """
    by_url = pool is not None
    pool = pool or await _pool(call, client_id)
    try:
        claimed = refresh.read(pool, token)
    except refresh.BadRefreshToken:
        raise refused(Reason.REFRESH_UNREADABLE) from None
    bearer = await lookup.bearer(call, pool.pool_id, claimed.session_id)
    if bearer is None:
        if not by_url:
            await require_client(call, client_id)
        raise refused(Reason.REFRESH_REVOKED)
    if bearer.client.shown_id != client_id:
        raise refused(Reason.REFRESH_OF_ANOTHER_CLIENT)
    dpop.require_key(call, bearer.client, bound_to=claimed.jkt or bearer.session.jkt)
    if claimed.generation > bearer.session.generation:
        raise refused(Reason.REFRESH_FROM_NOWHERE)
    if claimed.generation < bearer.session.generation and not bearer.client.rotation:
        raise refused(Reason.REFRESH_REUSED)
    return bearer, claimed.generation


def require_device(bearer: Bearer, device_key: str | None) -> None:
    """Refuse a refresh that does not name the device which the session came from, in pools that track devices.

    A session from before tracking was turned on has none. Raises NotAuthorizedException.
    """
    expected = bearer.session.device_key
    if bearer.pool.devices is None or expected is None:
        return
    if not hmac.compare_digest(expected.encode(), (device_key or "").encode()):
        raise refused(Reason.REFRESH_WITHOUT_DEVICE)


async def _pool(call: Call, client_id: str) -> Pool:
    """Return the pool of a client, from memory where it is there: its secret, which opens the token, never changes."""
    memory = call.house.memory
    pool_id = memory.pool_of_client.get(client_id)
    cached_pool = None if pool_id is None else memory.pools.get(pool_id)
    return cached_pool if cached_pool is not None else (await require_client(call, client_id))[0]


def _require_its_key(call: Call, bearer: Bearer) -> None:
    """Refuse a token from before the session came to be bound to a key, to whoever does not show that: the next one is bound."""
    dpop.require_key(call, bearer.client, bound_to=bearer.session.jkt)


async def _rotated(call: Call, bearer: Bearer, generation: int) -> Bearer:
    """Move the session on from `generation`; whoever comes second finds it there already."""
    session = bearer.session
    session_key = {"pool_id": bearer.pool.pool_id, "session_id": session.session_id}
    seen = sighting(call, bearer.pool)
    jkt = "" if bearer.client.confidential else call.jkt
    moved = await sessions.rotate(call.db, **session_key, generation=generation, now=call.now, jkt=jkt, seen=seen)
    if moved == 1:
        return replace(bearer, session=replace(session, generation=generation + 1, rotated_at=call.now))
    reread = await lookup.bearer(call, bearer.pool.pool_id, session.session_id)
    if reread is None or reread.session.revoked_at is not None:
        raise refused(Reason.REFRESH_REVOKED)
    if reread.session.generation != generation:
        await _require_grace(call, reread, generation)
    _require_its_key(call, reread)
    return reread


async def _require_grace(call: Call, bearer: Bearer, generation: int) -> None:
    """Pass for the token of the generation before, within the grace: it gets the same successor, as often as asked."""
    session, grace = bearer.session, bearer.client.rotation_grace
    if session.gave_before(generation, grace=grace, now=call.now):
        return
    if call.now > (session.rotated_at or 0) + grace + _MERCY:
        await sessions.revoke(call.db, pool_id=bearer.pool.pool_id, session_id=session.session_id, now=call.now)
    raise RefreshTokenReuseException("Refresh token has been reused")
