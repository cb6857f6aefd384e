"""How does a session go on? REFRESH_TOKEN_AUTH, GetTokensFromRefreshToken, the refresh grant: new tokens, and with rotation a new key."""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from poolkeeper.auth import gate
from poolkeeper.auth.attempt import require_given
from poolkeeper.auth.opening import sighting
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.defences.client_proof import require_refresh_secret_hash
from poolkeeper.errors import InvalidParameterException, RefreshTokenReuseException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer, bearer, require_client, require_client_of
from poolkeeper.model.pool import Pool
from poolkeeper.model.tokens import Tokens
from poolkeeper.store import sessions
from poolkeeper.tokens import dpop, refresh

FLOWS = frozenset({"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"})
_ALLOWED_BY = "ALLOW_REFRESH_TOKEN_AUTH"
# A second use so soon after a rotation is a client that lost an answer, not a thief: the family lives (attacks.md 64).
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
    found, _ = await require_session(call, client_id=client_id, token=token)
    if _ALLOWED_BY not in found.client.flows or found.client.rotation:
        raise InvalidParameterException("REFRESH_TOKEN_AUTH flow not enabled for this client")
    require_refresh_secret_hash(found.client, given=given.get("SECRET_HASH"), user=found.user)
    require_device(found, given.get("DEVICE_KEY"))
    return await gate.readmit(call, found, source="TokenGeneration_RefreshTokens", metadata={})


async def exchange(
    call: Call,
    found: Bearer,
    *,
    generation: int,
    metadata: Mapping[str, str],
    source: str = "TokenGeneration_Authentication",
    scopes: tuple[str, ...] | None = None,
) -> Tokens:
    """Give a session found by its refresh token its next tokens, rotating where the client does.

    It answers GetTokensFromRefreshToken, and the refresh grant under another `source`; `scopes` are of these tokens
    alone. Raises RefreshTokenReuseException for a token that was rotated out longer ago than the grace period.
    """
    told: dict[str, Any] = {"source": source, "metadata": metadata, "scopes": scopes}
    if not found.client.rotation:
        return await gate.readmit(call, found, **told)
    if generation != found.session.generation:
        await _require_grace(call, found, generation)

        async def once_more(bearer: Bearer) -> Bearer:
            """Give the present refresh token once more: the answer with it was lost on its way."""
            _require_its_key(call, bearer)
            return bearer

        return await gate.readmit(call, found, renew=once_more, **told)

    async def renew(bearer: Bearer) -> Bearer:
        return await _rotated(call, bearer, generation)

    return await gate.readmit(call, found, renew=renew, **told)


async def require_session(call: Call, *, client_id: str, token: str, pool: Pool | None = None) -> tuple[Bearer, int]:
    """Return what a refresh token leads to, read in one round trip, and the generation that it is of.

    Raises ResourceNotFoundException for an unknown client, NotAuthorizedException for a token that is none of this
    client's (attacks.md 63, 65), that is bound to a key which the request does not show, or whose session has ended.
    `pool` is given where `client_id` is an address, which belongs to no pool alone.
    """
    by_url = pool is not None
    pool = pool or await _pool(call, client_id)
    try:
        claimed = refresh.read(pool, token)
    except refresh.BadRefreshToken:
        raise refused(Reason.REFRESH_UNREADABLE) from None
    found = await bearer(call, pool.pool_id, claimed.session_id)
    if found is None:
        if not by_url:
            await require_client(call, client_id)
        raise refused(Reason.REFRESH_REVOKED)
    if found.client.shown_id != client_id:
        raise refused(Reason.REFRESH_OF_ANOTHER_CLIENT)
    dpop.require_key(call, found.client, bound_to=claimed.jkt or found.session.jkt)
    if claimed.generation > found.session.generation:
        raise refused(Reason.REFRESH_FROM_NOWHERE)
    if claimed.generation < found.session.generation and not found.client.rotation:
        raise refused(Reason.REFRESH_REUSED)
    return found, claimed.generation


def require_device(found: Bearer, device_key: str | None) -> None:
    """Refuse a refresh that does not name the device which the session came from, in pools that track devices.

    A session from before tracking was turned on has none. Raises NotAuthorizedException.
    """
    expected = found.session.device_key
    if found.pool.devices is None or expected is None:
        return
    if not hmac.compare_digest(expected.encode(), (device_key or "").encode()):
        raise refused(Reason.REFRESH_WITHOUT_DEVICE)


async def _pool(call: Call, client_id: str) -> Pool:
    """Return the pool of a client, from memory where it is known: its secret, which opens the token, never changes."""
    memory = call.house.memory
    pool_id = memory.pool_of_client.get(client_id)
    known = None if pool_id is None else memory.pools.get(pool_id)
    return known if known is not None else (await require_client(call, client_id))[0]


def _require_its_key(call: Call, found: Bearer) -> None:
    """Refuse a token from before the session came to be bound to a key, to whoever does not show that: the next one is bound."""
    dpop.require_key(call, found.client, bound_to=found.session.jkt)


async def _rotated(call: Call, found: Bearer, generation: int) -> Bearer:
    """Move the session on from `generation`; whoever comes second finds it there already."""
    session = found.session
    place = {"pool_id": found.pool.pool_id, "session_id": session.session_id}
    seen = sighting(call, found.pool)
    jkt = "" if found.client.confidential else call.jkt
    moved = await sessions.rotate(call.db, **place, generation=generation, now=call.now, jkt=jkt, seen=seen)
    if moved == 1:
        return replace(found, session=replace(session, generation=generation + 1, rotated_at=call.now))
    again = await bearer(call, found.pool.pool_id, session.session_id)
    if again is None or again.session.revoked_at is not None:
        raise refused(Reason.REFRESH_REVOKED)
    if again.session.generation != generation:
        await _require_grace(call, again, generation)
    _require_its_key(call, again)
    return again


async def _require_grace(call: Call, found: Bearer, generation: int) -> None:
    """Pass for the token of the generation before, within the grace: it gets the same successor, as often as asked."""
    session, grace = found.session, found.client.rotation_grace
    rotated_at = session.rotated_at or 0
    if generation == session.generation - 1 and call.now <= rotated_at + grace:
        return
    if call.now > rotated_at + grace + _MERCY:
        await sessions.revoke(call.db, pool_id=found.pool.pool_id, session_id=session.session_id, now=call.now)
    raise RefreshTokenReuseException("Refresh token has been reused")
