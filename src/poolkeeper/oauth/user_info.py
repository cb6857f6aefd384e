"""/oauth2/userInfo: what an app may know of the person whose access token it shows (OpenID Connect Core 5.3)."""

from starlette.responses import Response

from poolkeeper.errors import NotAuthorizedException
from poolkeeper.hosted.visit import Visit
from poolkeeper.model import identities
from poolkeeper.model.attributes import VERIFIED, readable
from poolkeeper.model.scopes import OPENID, of_scopes
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.tokens.claims import attribute_claims
from poolkeeper.tokens.verify import require_bearer_and_scopes

# AWS's own sentences, and a challenge that names no scheme, as its page has it (oauth-federation.md 3.2).
_BAD_REQUEST = "Bad OAuth2 request at UserInfo Endpoint"
_DEAD = "Access token is expired, disabled, or deleted, or the user has globally signed out."
_NO_OPENID = "Access token does not contain openid scope"


async def user_info(visit: Visit) -> Response:
    """Answer `sub`, `username` and the attributes that client and scopes let through.

    The token comes in the Authorization header, or in a form (RFC 6750 section 2.2). Raises Refusal.
    """
    try:
        found, scopes = await require_bearer_and_scopes(visit.call, _shown(visit))
    except NotAuthorizedException as fault:
        raise _refusal("invalid_token", _DEAD, 401, detail=fault.detail or fault.message) from None
    if found.pool.pool_id != visit.place.pool.pool_id:
        raise _refusal("invalid_token", _DEAD, 401, detail="the token is of another pool")
    if OPENID not in scopes:
        # UNVERIFIED: the status; the sentence is from a public report (simov/grant 189).
        raise _refusal("invalid_token", _NO_OPENID, 401)

    user, client = found.user, found.client
    told = of_scopes(readable(user.attributes, client.readable), scopes)
    claims = attribute_claims(told)
    if not found.pool.user_info_booleans:
        # UNVERIFIED: that `identities` is a text as the marks are; the userInfo of a federated user would settle it.
        claims |= {name: told[name] for name in (*VERIFIED.values(), identities.ATTRIBUTE) if name in told}
    return answer({"sub": user.sub, **claims, "username": user.username})


def _shown(visit: Visit) -> str:
    """Return the one access token of a request. Raises Refusal for none, two, or one in the address."""
    scheme, _, in_header = visit.headers.get("authorization", "").partition(" ")
    in_form = visit.form.get("access_token", "")
    in_header = in_header.strip() if scheme.lower() == "bearer" else ""
    if bool(in_header) == bool(in_form) or "access_token" in visit.query:
        raise _refusal("invalid_request", _BAD_REQUEST, 400)
    return in_header or in_form


def _refusal(error: str, description: str, status: int, *, detail: str = "") -> Refusal:
    challenge = f'error="{error}", error_description="{description}"'
    return Refusal(error, description, detail=detail, status=status, headers={"www-authenticate": challenge})
