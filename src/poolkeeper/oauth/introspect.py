"""/oauth2/introspect: what does a token say that an API was shown? App clients that have a secret may ask (RFC 7662)."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from poolkeeper.clock import SECOND
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.hosted.visit import Visit
from poolkeeper.lookup import bearer
from poolkeeper.model.client import Client
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.oauth.client_authentication import authenticated_client
from poolkeeper.tokens import refresh
from poolkeeper.tokens.verify import claimed_kind, require_living

# The claims that are answered: the members of RFC 7662 section 2.2, and those that RFC 8693 4.1, RFC 9449 6.2 and RFC 9470 6.2
# add to them.
_ANSWERED_CLAIMS = (
    "scope",
    "client_id",
    "username",
    "exp",
    "iat",
    "sub",
    "aud",
    "iss",
    "jti",
    "act",
    "cnf",
    "acr",
    "amr",
    "auth_time",
    "token_use",
)
_INACTIVE: Mapping[str, Any] = {"active": False}


async def introspect(visit: Visit) -> Response:
    """Answer whether a token is active, and what it says if it is (RFC 7662 section 2.2). Raises Refusal.

    Every app client of the pool that has a secret may ask about access and ID tokens, since an API is often a client of its own.
    A client that registered itself learns of its own tokens alone, and so does every client of refresh tokens.
    `token_type_hint` is ignored, as RFC 7662 section 2.1 allows.
    """
    client = await authenticated_client(visit)
    if not client.confidential:
        raise Refusal("unauthorized_client", "Only a client with a secret may ask about tokens")
    token = visit.form.get("token")
    if not token:
        raise Refusal("invalid_request", "token is missing")
    if claimed_kind(token) is None:
        return answer(await _refresh_token_members(visit, client, token))
    try:
        living = await require_living(visit.call, visit.place.pool.pool_id, token)
    except NotAuthorizedException as fault:
        visit.call.trace.detail = fault.detail or fault.message
        return answer(_INACTIVE)
    if client.registered_itself and living.client.shown_id != client.shown_id:
        visit.call.trace.detail = "the token of another client, asked about by one that registered itself"
        return answer(_INACTIVE)
    claims = {"client_id": living.client.shown_id, **living.claims}
    if living.bearer is not None:
        claims["username"] = living.bearer.user.username
    members = {name: claims[name] for name in _ANSWERED_CLAIMS if name in claims}
    return answer(
        {"active": True, **members, **({"token_type": _token_type(living.claims)} if living.kind == "access" else {})}
    )


def _token_type(claims: Mapping[str, Any]) -> str:
    """Return the `token_type` of an access token: DPoP if it is bound to a key (RFC 9449 6.2)."""
    return "DPoP" if "cnf" in claims else "Bearer"


async def _refresh_token_members(visit: Visit, client: Client, token: str) -> Mapping[str, Any]:
    """Return the answer for a refresh token: inactive if it is another client's, or refreshes no more."""
    call, pool = visit.call, visit.place.pool
    try:
        refresh_token = refresh.read(pool, token)
    except refresh.BadRefreshToken:
        return _INACTIVE
    session_bearer = await bearer(call, pool.pool_id, refresh_token.session_id)
    if session_bearer is None or session_bearer.client.shown_id != client.shown_id or not session_bearer.user.enabled:
        return _INACTIVE
    session = session_bearer.session
    if session.revoked_at is not None or session.expires_at <= call.now:
        return _INACTIVE
    generation = refresh_token.generation
    is_in_grace = client.rotation and session.gave_before(generation, grace=client.rotation_grace, now=call.now)
    if generation != session.generation and not is_in_grace:
        return _INACTIVE
    jkt = refresh_token.jkt or session.jkt
    return {
        "active": True,
        "scope": " ".join(session.scopes),
        "client_id": client.shown_id,
        "username": session_bearer.user.username,
        "exp": session.expires_at // SECOND,
        "sub": session_bearer.user.sub,
        **({"cnf": {"jkt": jkt}} if jkt else {}),
    }
