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
from poolkeeper.oauth.dpop import NonceWanted, next_nonce_header, nonce_header, with_key_proof
from poolkeeper.tokens.claims import attribute_claims
from poolkeeper.tokens.dpop import spend
from poolkeeper.tokens.verify import require_bearer_and_scopes, require_signed_here

# AWS's own error messages; as on its page, the challenge around them names no scheme (oauth-federation.md 3.2).
_BAD_REQUEST = "Bad OAuth2 request at UserInfo Endpoint"
_DEAD = "Access token is expired, disabled, or deleted, or the user has globally signed out."
_NO_OPENID = "Access token does not contain openid scope"


async def user_info(visit: Visit) -> Response:
    """Answer with `sub`, `username` and the attributes that the client may read and the scopes cover.

    The token comes in the Authorization header, beside a proof where it is bound to a key (RFC 9449 7.1), or in a form
    (RFC 6750 section 2.2). Raises Refusal.
    """
    visit, token = await _read_access_token(visit)
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
    attributes = of_scopes(readable(user.attributes, client.readable), scopes)
    claims = attribute_claims(attributes)
    if not token_bearer.pool.user_info_booleans:
        # UNVERIFIED: that `identities` is a string as `email_verified` is; the userInfo of a federated user would settle it.
        claims |= {name: attributes[name] for name in (*VERIFIED.values(), identities.ATTRIBUTE) if name in attributes}
    return answer({"sub": user.sub, **claims, "username": user.username}, headers=next_nonce_header(visit))


async def _read_access_token(visit: Visit) -> tuple[Visit, str]:
    """Return the visit with the key that its sender proved to hold, and the one access token of the request.

    A proof may cost more than a signature of ours, so it is verified only beside a token of ours. Raises Refusal for no
    token, two, or one in the address.
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
        return with_key_proof(visit, token=in_header), in_header
    except NotAuthorizedException as fault:
        raise _refusal("invalid_token", _DEAD, 401, detail=fault.detail or fault.message, by_key=True) from None
    except NonceWanted as fault:
        raise _refusal("use_dpop_nonce", str(fault), 401, by_key=True, extra_headers=nonce_header(visit)) from None
    except BadDpop as fault:
        raise _refusal("invalid_dpop_proof", str(fault), 401, by_key=True) from None


def _refusal(
    error: str,
    description: str,
    status: int,
    *,
    detail: str = "",
    by_key: bool = False,
    extra_headers: Mapping[str, str] | None = None,
) -> Refusal:
    """Return a refusal with its challenge, which is for DPoP if a key came with the token or must (RFC 9449 7.1)."""
    challenge = f'error="{error}", error_description="{description}"'
    if by_key:
        challenge = f'DPoP {challenge}, algs="{" ".join(ALGORITHMS)}"'
    headers = {"www-authenticate": challenge, **(extra_headers or {})}
    return Refusal(error, description, detail=detail, status=status, headers=headers)
