"""/oauth2/register: an app registers itself, with a token of the pool, or without one if the pool is open to all (RFC 7591)."""

from starlette.responses import Response

from poolkeeper.accounts.registration import register
from poolkeeper.clock import SECOND
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.forms import MOST_BYTES
from poolkeeper.hosted.visit import Visit
from poolkeeper.lookup import find_pool
from poolkeeper.model.pool import Pool
from poolkeeper.model.registration import REGISTER_SCOPE, BadRegistration, allowed_flows, is_enabled, is_open
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.tokens.verify import scopes_of

_CREATED = 201


async def registration(visit: Visit) -> Response:
    """Make an app client from the metadata in a JSON body, and answer with it (RFC 7591 3.2.1). Raises Refusal."""
    pool = await find_pool(visit.call.house, visit.place.pool.pool_id)
    if pool is None or not is_enabled(pool):
        # UNVERIFIED: what AWS answers where dynamic registration is off; one call would settle it.
        raise Refusal("access_denied", "Dynamic client registration is not enabled", status=403)
    if len(visit.body) > MOST_BYTES:
        raise Refusal("invalid_client_metadata", "The body is too large")
    by_token = await _by_token(visit, pool)
    if not allowed_flows(pool, by_token=by_token):
        raise Refusal("access_denied", "This kind of registration is not allowed", status=403)
    try:
        registered = await register(visit.call, pool, visit.body, by_token=by_token)
    except BadRegistration as fault:
        raise Refusal(fault.error, fault.description) from None
    members = {"client_id": registered.client_id, "client_id_issued_at": visit.call.now // SECOND}
    if registered.secret is not None:
        members |= {"client_secret": registered.secret.reveal(), "client_secret_expires_at": 0}
    return answer({**members, **registered.registration.answered_metadata}, status=_CREATED)


async def _by_token(visit: Visit, pool: Pool) -> bool:
    """Return True for a token that may register apps, False if none was shown and the pool is open. Raises Refusal."""
    scheme, _, token = visit.headers.get("authorization", "").partition(" ")
    if not scheme:
        if is_open(pool):
            return False
        raise _refusal("invalid_token", "an initial access token is missing")
    if scheme.lower() != "bearer":
        raise _refusal("invalid_token", "another scheme than Bearer")
    try:
        scopes = await scopes_of(visit.call, pool.pool_id, token.strip())
    except NotAuthorizedException as fault:
        raise _refusal("invalid_token", fault.detail or fault.message) from None
    if REGISTER_SCOPE not in scopes:
        raise _refusal("insufficient_scope", f"scopes {' '.join(scopes)[:200]}", status=403)
    return True


def _refusal(error: str, detail: str, *, status: int = 401) -> Refusal:
    """Return a refusal with its challenge (RFC 6750 section 3)."""
    challenge = f'Bearer error="{error}", scope="{REGISTER_SCOPE}"'
    return Refusal(error, detail=detail, status=status, headers={"www-authenticate": challenge})
