"""/oauth2/userInfo: what an app may know of the person whose access token it shows (OpenID Connect Core 5.3)."""

from collections.abc import Mapping

from starlette.responses import Response

from poolkeeper.crypto.dpop import ALGORITHMS, BadDpop
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.errors.refusals import UnprovedKey
from poolkeeper.hosted.visit import Visit
from poolkeeper.model import identities
from poolkeeper.model.attributes import VERIFIED, readable
from poolkeeper.model.scopes import OPENID, of_scopes
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.oauth.dpop import NonceWanted, next_nonce, nonce_header, proved
from poolkeeper.tokens.claims import attribute_claims
from poolkeeper.tokens.dpop import spend
from poolkeeper.tokens.verify import require_bearer_and_scopes, require_signed_here

# AWS's own sentences, and a challenge that names no scheme, as its page has it (oauth-federation.md 3.2).
_BAD_REQUEST = "Bad OAuth2 request at UserInfo Endpoint"
_DEAD = "Access token is expired, disabled, or deleted, or the user has globally signed out."
_NO_OPENID = "Access token does not contain openid scope"


async def user_info(visit: Visit) -> Response:
    """Answer `sub`, `username` and the attributes that client and scopes let through.

    The token comes in the Authorization header, beside a proof where it is bound to a key (RFC 9449 7.1), or in a form
    (RFC 6750 section 2.2). Raises Refusal.
    """
    visit, token = await _shown(visit)
    by_key = bool(visit.call.jkt)
    try:
        token_bearer, scopes = await require_bearer_and_scopes(visit.call, token)
    except NotAuthorizedException as fault:
        wants_key = by_key or isinstance(fault, UnprovedKey)
        raise _refusal("invalid_token", _DEAD, 401, detail=fault.detail or fault.message, by_key=wants_key) from None
    if token_bearer.pool.pool_id != visit.place.pool.pool_id:
        raise _refusal("invalid_token", _DEAD, 401, detail="the token is of another pool", by_key=by_key)
    if OPENID not in scopes:
        # UNVERIFIED: the status; the sentence is from a public report (simov/grant 189).
        raise _refusal("invalid_token", _NO_OPENID, 401, by_key=by_key)
    try:
        await spend(visit.call, token_bearer.pool.pool_id)
    except UnprovedKey as fault:
        raise _refusal("invalid_dpop_proof", fault.message, 401, detail=fault.detail or "", by_key=True) from None

    user, client = token_bearer.user, token_bearer.client
    claimed = of_scopes(readable(user.attributes, client.readable), scopes)
    claims = attribute_claims(claimed)
    if not token_bearer.pool.user_info_booleans:
        # UNVERIFIED: that `identities` is a text as the marks are; the userInfo of a federated user would settle it.
        claims |= {name: claimed[name] for name in (*VERIFIED.values(), identities.ATTRIBUTE) if name in claimed}
    return answer({"sub": user.sub, **claims, "username": user.username}, headers=next_nonce(visit))


async def _shown(visit: Visit) -> tuple[Visit, str]:
    """Return the one access token of a request, and the visit with the key that was shown beside it.

    A proof may cost more than a signature of ours: it is looked at beside a token of ours alone. Raises Refusal for none, two, or one in the address.
    """
    scheme, _, in_header = visit.headers.get("authorization", "").partition(" ")
    in_form = visit.form.get("access_token", "")
    in_header = in_header.strip() if scheme.lower() in {"bearer", "dpop"} else ""
    if bool(in_header) == bool(in_form) or "access_token" in visit.query:
        raise _refusal("invalid_request", _BAD_REQUEST, 400)
    if scheme.lower() != "dpop":
        return visit, in_header or in_form
    try:
        await require_signed_here(visit.call, in_header)
        return proved(visit, token=in_header), in_header
    except NotAuthorizedException as fault:
        raise _refusal("invalid_token", _DEAD, 401, detail=fault.detail or fault.message, by_key=True) from None
    except NonceWanted as fault:
        raise _refusal("use_dpop_nonce", str(fault), 401, by_key=True, more=nonce_header(visit)) from None
    except BadDpop as fault:
        raise _refusal("invalid_dpop_proof", str(fault), 401, by_key=True) from None


def _refusal(
    error: str,
    description: str,
    status: int,
    *,
    detail: str = "",
    by_key: bool = False,
    more: Mapping[str, str] | None = None,
) -> Refusal:
    """Return a refusal with its challenge, that of DPoP where the token comes or must come with a key (RFC 9449 7.1)."""
    challenge = f'error="{error}", error_description="{description}"'
    if by_key:
        challenge = f'DPoP {challenge}, algs="{" ".join(ALGORITHMS)}"'
    headers = {"www-authenticate": challenge, **(more or {})}
    return Refusal(error, description, detail=detail, status=status, headers=headers)
