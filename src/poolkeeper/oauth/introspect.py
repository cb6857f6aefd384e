"""/oauth2/introspect: what is behind a token that an API was shown? Asked by app clients that have a secret (RFC 7662)."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from poolkeeper.clock import SECOND
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.hosted.visit import Visit
from poolkeeper.lookup import bearer
from poolkeeper.model.client import Client
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.oauth.client_authentication import authenticated
from poolkeeper.tokens import refresh
from poolkeeper.tokens.verify import claimed_kind, require_living

# What is told of a token: the members of RFC 7662 section 2.2 that are claims, and those that RFC 8693 4.1, RFC 9449 6.2 and
# RFC 9470 6.2 add to them.
_TOLD = (
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
    """Say whether a token holds, and what it says; of one that does not hold nothing is told.

    An access or ID token is told to every app client of its pool that has a secret, since an API is often one of its
    own, but for those that registered themselves: they, as with a refresh token every client, are told of what was given to
    them alone. `token_type_hint` is not looked at. Raises Refusal.
    """
    client = await authenticated(visit)
    if not client.confidential:
        raise Refusal("unauthorized_client", "Only a client with a secret may ask about tokens")
    token = visit.form.get("token")
    if not token:
        raise Refusal("invalid_request", "token is missing")
    if claimed_kind(token) is None:
        return answer(await _of_refresh(visit, client, token))
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
    members = {name: claims[name] for name in _TOLD if name in claims}
    return answer(
        {"active": True, **members, **({"token_type": _kind(living.claims)} if living.kind == "access" else {})}
    )


def _kind(claims: Mapping[str, Any]) -> str:
    """Return how an access token is shown: with a proof where it is bound to a key (RFC 9449 6.2)."""
    return "DPoP" if "cnf" in claims else "Bearer"


async def _of_refresh(visit: Visit, client: Client, token: str) -> Mapping[str, Any]:
    """Return what is told of a refresh token: nothing to another client, and nothing of one that was rotated out."""
    call, pool = visit.call, visit.place.pool
    try:
        read = refresh.read(pool, token)
    except refresh.BadRefreshToken:
        return _INACTIVE
    session_bearer = await bearer(call, pool.pool_id, read.session_id)
    if session_bearer is None or session_bearer.client.shown_id != client.shown_id or not session_bearer.user.enabled:
        return _INACTIVE
    session = session_bearer.session
    if session.revoked_at is not None or session.expires_at <= call.now or session.generation != read.generation:
        return _INACTIVE
    return {
        "active": True,
        "scope": " ".join(session.scopes),
        "client_id": client.shown_id,
        "username": session_bearer.user.username,
        "exp": session.expires_at // SECOND,
        "sub": session_bearer.user.sub,
        **({"cnf": {"jkt": read.jkt}} if read.jkt else {}),
    }
