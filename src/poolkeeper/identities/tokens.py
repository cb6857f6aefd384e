"""What does an identity show to others? The OpenID token of its pool, which is issued and read here.

Claims: identity-security.md 1.5. `aud` is the identity pool, `sub` the identity, `amr` says by which logins.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.crypto import certified_jws
from poolkeeper.crypto.jws import BadToken
from poolkeeper.identities import issuer
from poolkeeper.model.identity_ids import identity_pool_arn
from poolkeeper.model.identity_pool import AUTHENTICATED, UNAUTHENTICATED, IdentityPool

LIFETIME = 10 * MINUTE
DEVELOPER_LIFETIME = 15 * MINUTE
TAGS_CLAIM = "https://aws.amazon.com/tags"
_ARN_CLAIM = "https://cognito-identity.amazonaws.com/identity-pool-arn"

_Time = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
_Text = Annotated[str, msgspec.Meta(pattern=r"\A[^\x00]*\Z")]


class _Tags(msgspec.Struct, frozen=True):
    principal_tags: dict[str, list[str]] = {}


class IdentityClaims(msgspec.Struct, frozen=True, kw_only=True):
    """The verified claims of a token of ours. `tags` are the session tags that it carries, each a list of a single value."""

    iss: str
    sub: _Text
    aud: _Text
    amr: tuple[_Text, ...]
    exp: _Time
    iat: _Time
    tags: _Tags = msgspec.field(name=TAGS_CLAIM, default=_Tags())

    @property
    def session_tags(self) -> dict[str, str]:
        return {key: values[0] for key, values in self.tags.principal_tags.items() if values}


class Expired(BadToken):
    """A token of ours that has expired."""


_decode = msgspec.json.Decoder(IdentityClaims).decode
_encode = msgspec.json.Encoder().encode


def methods(logins: Sequence[str]) -> list[str]:
    """Return `amr`: for a guest a single word, for others the names of their logins, each provider before its user."""
    return [AUTHENTICATED, *logins] if logins else [UNAUTHENTICATED]


async def issue(
    call: Call,
    pool: IdentityPool,
    identity_id: str,
    amr: Sequence[str],
    *,
    tags: Mapping[str, str],
    lifetime: int = LIFETIME,
) -> str:
    """Sign the OpenID token of an identity, which lives for `lifetime` milliseconds."""
    keys = await issuer.keys_of(call.house)
    key = keys.signing(call.now)
    claims: dict[str, Any] = {
        "sub": identity_id,
        "aud": pool.identity_pool_id,
        "amr": list(amr),
        "iss": issuer.issuer_of(call.settings),
        _ARN_CLAIM: identity_pool_arn(
            region=pool.region, account_id=call.settings.account_id, identity_pool_id=pool.identity_pool_id
        ),
        "exp": (call.now + lifetime) // SECOND,
        "iat": call.now // SECOND,
    }
    if tags:
        # UNVERIFIED: the form of the claim, which is IAM's for tags in a JWT; a decoded token with tags would settle it.
        claims[TAGS_CLAIM] = {
            "principal_tags": {key: [value] for key, value in tags.items()},
            "transitive_tag_keys": [],
        }
    algorithm = call.settings.identity_token_algorithm
    return certified_jws.sign(_encode(claims), kid=key.kid, key=key.private, algorithm=algorithm)


async def read(call: Call, token: str) -> IdentityClaims:
    """Return the claims of a token that our issuer signed and that has not expired.

    Raises BadToken for a token of another issuer or from before the database was restored, Expired.
    """
    claimed = certified_jws.read(token)
    keys = await issuer.keys_of(call.house)
    if claimed.kid not in keys.public:
        keys = await issuer.reload(call.house)
    payload = claimed.verify(keys.public)
    try:
        claims = _decode(payload)
    except (msgspec.MsgspecError, RecursionError) as fault:
        raise BadToken(f"claims that are not ours: {fault}") from None
    if claims.iss not in {issuer.issuer_of(call.settings), issuer.AWS_ISSUER}:
        raise BadToken("the issuer had another name then")
    if claims.iat * SECOND <= call.house.restored_at - SECOND:
        raise BadToken("older than the database's last restore")
    if claims.exp * SECOND <= call.now:
        raise Expired("its time is over")
    return claims
