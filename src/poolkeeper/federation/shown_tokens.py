"""What does a token say that an app got of an OpenID provider itself? What its claims say, once they are verified (RFC 8693).

It is held to what an ID token of a sign-in is held to, but for what only a sign-in can know: nonce and at_hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from poolkeeper.crypto import foreign_jws
from poolkeeper.crypto.foreign_jws import BadForeignToken
from poolkeeper.federation.oidc import is_for_another_party
from poolkeeper.federation.upstream import Profile, Upstream
from poolkeeper.providers import Providers
from poolkeeper.tokens.foreign import FEDERATION_SKEW, ForeignTokenRefused, Trusted, verify


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownToken:
    """A verified token of a provider; `scopes` are those of an access token, None of an ID token, which has none."""

    claims: Mapping[str, Any] = field(repr=False)
    scopes: tuple[str, ...] | None

    @property
    def profile(self) -> Profile:
        """Whom it is about, as a sign-in would tell it that brought this token alone."""
        id_token = self.claims if self.scopes is None else {}
        return Profile(
            subject=self.claims["sub"], claims=self.claims, id_token=id_token, user_info={}, token_response={}
        )


def claimed(token: str) -> Mapping[str, Any]:
    """Return the unverified claims of a token, or nothing if it cannot be read."""
    try:
        return foreign_jws.read(token, access=True).claims
    except BadForeignToken:
        return {}


async def verified(providers: Providers, upstream: Upstream, token: str, *, now: int) -> ShownToken:
    """Return what a token says that this provider made for our client there. `now` is in milliseconds.

    Raises ForeignTokenRefused: as `verify`, `audience` where another client was meant, and `malformed` for a logout token.
    """
    trusted = Trusted(
        issuers=upstream.issuers, audiences=(upstream.client_id,), jwks_uri=upstream.jwks_uri, access=True
    )
    claims = await verify(providers, token, trusted, now=now, skew_seconds=FEDERATION_SKEW)
    # RFC 9068 2.2: of an access token, the client that it was made for stands in `client_id`.
    made_for = claims.get("client_id", upstream.client_id)
    if is_for_another_party(claims, upstream.client_id) or (made_for is not None and made_for != upstream.client_id):
        raise ForeignTokenRefused("audience", "a token that was made for another party")
    if "events" in claims:  # OpenID Connect Back-Channel Logout 1.0 2.4, of providers that leave out its `typ`
        raise ForeignTokenRefused("malformed", "a logout token")
    return ShownToken(claims=claims, scopes=_scopes(claims) if _is_access(token, claims) else None)


def _is_access(token: str, claims: Mapping[str, Any]) -> bool:
    """Say whether a token is an access token by any of the marks in use: it may do less than an ID token stands for.

    The header's `typ` (RFC 9068), scopes, and the words of Cognito and of Keycloak.
    """
    return (
        foreign_jws.read(token, access=True).says_access
        or bool({"scope", "scp"} & claims.keys())
        or claims.get("token_use") == "access"
        or claims.get("typ") == "Bearer"
    )


def _scopes(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the scopes of an access token: `scope` of RFC 9068, or `scp` as several providers write it."""
    claim = claims.get("scope", claims.get("scp", ""))
    listed = claim.split(" ") if isinstance(claim, str) else claim
    return tuple(scope for scope in listed if isinstance(scope, str) and scope) if isinstance(listed, list) else ()
