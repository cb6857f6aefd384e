"""Is this an ID token of a user pool here, for a client that the identity pool names? The pool's own keys verify it.

Nothing goes over HTTP: the user pool is on this server, whatever address its tokens name (identity-security.md 1.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.crypto import jws
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.identities.login import BAD_SIGNATURE, NOT_A_TOKEN, OTHER_ISSUER, VerifiedLogin, invalid, unsupported
from poolkeeper.lookup import bearer, find_pool
from poolkeeper.model.identity_pool import UserPoolProvider, pool_of_aws_name, provider_of_pool
from poolkeeper.model.pool import POOL_ID, Pool
from poolkeeper.settings import Settings
from poolkeeper.tokens import keys
from poolkeeper.tokens.issuer import accepted_issuers
from poolkeeper.tokens.verify import Issuer, Time

_WAY, _ID = "CognitoSignIn", "id"
_LONGEST_SUB = 256
# UNVERIFIED: the words; a signed-out user's token with ServerSideTokenCheck against AWS would settle them.
_REVOKED = "Token has been revoked."


class _Claims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that are relied on; the subject is looked up before the token is verified.

    An access token is recognized by its missing `aud`. `azp` is the app client that had a token derived for another audience.
    """

    iss: Issuer
    sub: Annotated[str, msgspec.Meta(pattern=r"\A[^\x00]*\Z", max_length=_LONGEST_SUB)]
    exp: Time
    token_use: str
    aud: str | None = None
    azp: str = ""
    event_id: str = ""
    origin_jti: str = ""


_decode = msgspec.json.Decoder(_Claims).decode
_decode_all = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Claim:
    """A token taken apart: do not trust its claims before `verified` passes. `pool` is the user pool if it was read already."""

    token: jws.Claimed
    claims: _Claims
    pool: Pool | None = None


def read(token: str) -> Claim:
    """Take a token apart without verifying it. Raises NotAuthorizedException for a text that is no token of ours."""
    try:
        claimed = jws.read(token)
        return Claim(claimed, _decode(claimed.payload))
    except (jws.BadToken, msgspec.MsgspecError, RecursionError, UnicodeError) as fault:
        raise invalid(NOT_A_TOKEN, str(fault)) from None


def pool_id_named(settings: Settings, name: str) -> str | None:
    """Return the id of the user pool that a provider's name means, in AWS's spelling or in ours; None for another provider."""
    return pool_of_aws_name(name) or _pool_of_own_name(settings, name)


async def verified(
    call: Call, providers: Sequence[UserPoolProvider], token: str, claim: Claim | None = None
) -> VerifiedLogin:
    """Return the login that an ID token of a user pool proves; `providers` are the identity pool's entries for that pool.

    `claim` is the token if it was read already. Raises NotAuthorizedException.
    """
    pool_id = providers[0].pool_id
    claim = claim or read(token)
    claimed, claims, pool = claim.token, claim.claims, claim.pool
    if pool is None or pool.pool_id != pool_id:
        pool = await find_pool(call.house, pool_id) if POOL_ID.fullmatch(pool_id) else None
    if pool is None:
        raise invalid(BAD_SIGNATURE, f"there is no user pool {pool_id} here")
    if claims.iss not in accepted_issuers(call.settings, pool):
        raise invalid(OTHER_ISSUER, claims.iss)
    await _require_signed(call, pool, claimed)
    if claims.aud is None:
        raise invalid("Missing a required claim: aud")
    if claims.token_use != _ID:
        raise invalid(NOT_A_TOKEN, f"a token for {claims.token_use}")
    if claims.exp * SECOND <= call.now:
        raise invalid(f"Token expired: {claims.exp} >= {call.now // SECOND}")

    provider = next((entry for entry in providers if entry.client_id == claims.aud), None)
    if provider is None or claims.azp not in {"", claims.aud}:
        raise unsupported(f"an ID token for the client {claims.aud}, made for {claims.azp or claims.aud}")
    if provider.checks_server:
        await _require_alive(call, pool, claims)
    return VerifiedLogin(
        provider=provider_of_pool(pool_id),
        subject=claims.sub,
        name=provider.name,
        mapping_key=provider.mapping_key,
        way=_WAY,
        claims=_decode_all(claimed.payload),
    )


def _pool_of_own_name(settings: Settings, name: str) -> str | None:
    for base in (settings.issuer_base, *settings.former_base_urls):
        host = base.rstrip("/").partition("://")[2]
        if name.startswith(f"{host}/"):
            return name[len(host) + 1 :]
    return None


async def _require_signed(call: Call, pool: Pool, claimed: jws.Claimed) -> None:
    pool_keys = await keys.of_pool(call.house, pool.pool_id)
    if pool_keys is not None and claimed.kid not in pool_keys.public:
        pool_keys = await keys.reload(call.house, pool.pool_id)
    try:
        claimed.verify({} if pool_keys is None else pool_keys.public)
    except jws.BadToken as fault:
        raise invalid(BAD_SIGNATURE, str(fault)) from None


async def _require_alive(call: Call, pool: Pool, claims: _Claims) -> None:
    """Pass while the token's session has not ended and its user is enabled (ServerSideTokenCheck)."""
    identity_pool_id = call.trace.pool_id
    owner = await bearer(call, pool.pool_id, claims.origin_jti or claims.event_id)
    call.trace.pool_id = identity_pool_id
    if owner is None or owner.session.revoked_at is not None or owner.user.sub != claims.sub:
        raise invalid(_REVOKED, "its session has ended")
    if not owner.user.enabled:
        raise refused(Reason.USER_DISABLED)
