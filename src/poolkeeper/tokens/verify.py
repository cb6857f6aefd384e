"""Is this a token of ours, and does it still hold? Signature, kind, issuer, times; then session and user as they are now."""

from typing import Annotated

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.crypto import jws
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.lookup import Bearer, bearer
from poolkeeper.tokens import keys
from poolkeeper.tokens.claims import SIGN_IN_SCOPE
from poolkeeper.tokens.issuer import accepted_issuers

_INVALID = "Invalid Access Token"
_REVOKED = "Access Token has been revoked"


Issuer = Annotated[str, msgspec.Meta(pattern=r"\A[^\x00]*\Z")]
Time = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class AccessClaims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims of an access token that we rely on; `msgspec` refuses numbers that are no integers (attacks.md 60).

    The issuer leads to the keys before anybody has vouched for it, so it may hold nothing that a database refuses.
    """

    iss: Issuer
    sub: str
    client_id: str
    token_use: str
    exp: Time
    iat: Time
    event_id: str = ""
    origin_jti: str = ""
    scope: str = ""


_decode = msgspec.json.Decoder(AccessClaims).decode


async def require_bearer(call: Call, access_token: str) -> Bearer:
    """Return whom an access token speaks for, as everything stands at this moment.

    Raises NotAuthorizedException: `Invalid Access Token` for what is none of ours, `Access Token has expired`, and
    `Access Token has been revoked` where the session has ended or anything it hangs on is gone (attacks.md 32, 66).
    """
    claimed, claims = _read(access_token)
    pool_id = claims.iss.rpartition("/")[2]
    await _require_signed(call, claimed, pool_id)
    if claims.token_use != "access":  # noqa: S105 - a kind of token
        raise NotAuthorizedException(_INVALID, detail=f"a token for {claims.token_use}")
    if claims.exp * SECOND <= call.now:
        raise NotAuthorizedException("Access Token has expired")

    found = await bearer(call, pool_id, claims.origin_jti or claims.event_id)
    if found is None or found.session.revoked_at is not None:
        raise NotAuthorizedException(_REVOKED)
    if claims.iss not in accepted_issuers(call.settings, found.pool):
        raise NotAuthorizedException(_INVALID, detail="issuer of another form")
    if claims.sub != found.user.sub or claims.client_id != found.client.client_id:
        raise NotAuthorizedException(_INVALID, detail="claims of another session")
    if not found.user.enabled:
        raise NotAuthorizedException("User is disabled.")
    if SIGN_IN_SCOPE not in claims.scope.split():
        raise NotAuthorizedException("Access Token does not have required scopes")
    return found


def claimed_kind(token: str) -> str | None:
    """Return the `token_use` that a text claims as a JWT of ours would, None where it is none; nothing is verified."""
    try:
        kind = jws.peek(token)[1].get("token_use")
    except jws.BadToken:
        return None
    return kind if isinstance(kind, str) else None


def _read(token: str) -> tuple[jws.Claimed, AccessClaims]:
    """Take a token apart, with claims that nobody has vouched for yet: they say whose keys will tell."""
    try:
        claimed = jws.read(token)
        return claimed, _decode(claimed.payload)
    except (jws.BadToken, msgspec.MsgspecError, RecursionError, UnicodeError) as fault:
        raise NotAuthorizedException(_INVALID, detail=str(fault)) from None


async def _require_signed(call: Call, claimed: jws.Claimed, pool_id: str) -> None:
    pool_keys = await keys.of_pool(call.house, pool_id)
    if pool_keys is not None and claimed.kid not in pool_keys.public:
        pool_keys = await keys.reload(call.house, pool_id)
    if pool_keys is None:
        raise NotAuthorizedException(_INVALID, detail="no such pool")
    try:
        claimed.verify(pool_keys.public)
    except jws.BadToken as fault:
        raise NotAuthorizedException(_INVALID, detail=str(fault)) from None
