"""/oauth2/revoke: an app gives a token back, and the session that it belongs to ends (RFC 7009)."""

from starlette.responses import Response

from poolkeeper.errors import NotAuthorizedException
from poolkeeper.hosted.redirects import NOT_KEPT
from poolkeeper.hosted.visit import Visit
from poolkeeper.lookup import bearer
from poolkeeper.model.client import Client
from poolkeeper.oauth.answers import Refusal
from poolkeeper.oauth.client_authentication import authenticated_client
from poolkeeper.store import sessions
from poolkeeper.tokens import refresh
from poolkeeper.tokens.verify import claimed_kind, session_and_client_of


async def revoke(visit: Visit) -> Response:
    """End the session of a refresh, access or ID token, with every token that came of it.

    `token_type_hint` is ignored: a token says itself what it is. The answer is success also if the token is unknown or
    has expired, or its session has ended (RFC 7009 section 2.2). Raises Refusal.
    """
    client = await authenticated_client(visit)
    token = visit.form.get("token")
    if not token:
        raise Refusal("invalid_request", "token is missing")
    if not client.revocable:
        raise Refusal("invalid_request", "Token revocation is not enabled for this client")
    session_id = await _session_id(visit, client, token)
    call, pool = visit.call, visit.place.pool
    if session_id is not None:
        await sessions.revoke(call.db, pool_id=pool.pool_id, session_id=session_id, now=call.now)
    return Response(status_code=200, headers=NOT_KEPT)


async def _session_id(visit: Visit, client: Client, token: str) -> str | None:
    """Return the id of the session that a token of this client belongs to, None if the token means nothing here.

    Raises Refusal for a token that has no session, and for another client's token.
    """
    call, pool = visit.call, visit.place.pool
    kind = claimed_kind(token)
    if kind is None:
        try:
            session_id = refresh.read(pool, token).session_id
        except refresh.BadRefreshToken:
            return None
        session_bearer = await bearer(call, pool.pool_id, session_id)
        if session_bearer is None:
            return None
        client_id = session_bearer.client.shown_id
    else:
        try:
            session_and_client = await session_and_client_of(call, pool.pool_id, token, kind)
        except NotAuthorizedException:
            return None
        if session_and_client is None:
            raise Refusal("unsupported_token_type")
        session_id, client_id = session_and_client
        session_bearer = await bearer(call, pool.pool_id, session_id)
        if session_bearer is None:
            return None
        if client_id == client.shown_id != session_bearer.client.shown_id:
            # A token that was derived from another client's belongs to that client's session, which this one may not end.
            raise Refusal("unsupported_token_type")
    if client_id != client.shown_id:
        # UNVERIFIED: the error for another client's token; RFC 7009 section 2.1 refuses it without naming one.
        raise Refusal("invalid_grant", "The token was not issued to this client")
    return session_id
