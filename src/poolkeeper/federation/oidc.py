"""Who signed in at an OpenID provider? The person of its ID token, whose userInfo must be of the same person.

Source: OpenID Connect Core 1.0 sections 3.1.3 and 5.3; what Cognito asks for: docs/cognito/oauth-federation.md 7.1, 7.2.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256, sha384, sha512
from typing import Any

from poolkeeper.crypto import base64url, foreign_jws
from poolkeeper.federation.upstream import (
    Endpoints,
    Exchanged,
    FederationRefused,
    Kind,
    Profile,
    Upstream,
    fetch_claims,
    plain,
)
from poolkeeper.providers import Providers, ProviderUnavailable
from poolkeeper.tokens.foreign import FEDERATION_SKEW, ForeignTokenRefused, Trusted, verify

_HASHES = {"256": sha256, "384": sha384, "512": sha512}


async def endpoints(providers: Providers, upstream: Upstream, now: int) -> Endpoints:
    """Return this provider's endpoints: those of its settings, and for the rest those of its discovery document.

    The document is not fetched where the settings have authorize, token and key addresses, as they must for a provider
    without discovery.
    Raises FederationRefused.
    """
    if upstream.authorize_url and upstream.token_url and upstream.jwks_uri:
        return Endpoints(
            authorize_url=upstream.authorize_url,
            token_url=upstream.token_url,
            attributes_url=upstream.attributes_url,
            jwks_uri=upstream.jwks_uri,
        )
    try:
        metadata = await providers.metadata(upstream.issuers[0], now)
    except ProviderUnavailable as fault:
        raise FederationRefused("unavailable", str(fault)) from None
    challenges = metadata.code_challenge_methods_supported
    methods = metadata.token_endpoint_auth_methods_supported or ("client_secret_basic",)  # RFC 8414 2
    return Endpoints(
        authorize_url=upstream.authorize_url or metadata.authorization_endpoint or "",
        token_url=upstream.token_url or metadata.token_endpoint or "",
        attributes_url=upstream.attributes_url or metadata.userinfo_endpoint or "",
        jwks_uri=upstream.jwks_uri or metadata.jwks_uri,
        basic="client_secret_post" not in methods,
        # A provider that does not mention PKCE ignores its parameters (RFC 6749 3.1).
        pkce=not challenges or "S256" in challenges,
        names_issuer=bool(metadata.authorization_response_iss_parameter_supported),
    )


async def identify(exchanged: Exchanged) -> Profile:
    """Return who signed in. Raises FederationRefused."""
    id_token = await verified_id_token(exchanged)
    user_info: dict[str, Any] = {}
    if exchanged.endpoints.attributes_url:
        upstream = exchanged.upstream
        user_info = await fetch_claims(
            exchanged, exchanged.endpoints.attributes_url, by_post=upstream.attributes_by_post
        )
        if user_info.get("sub") != id_token["sub"]:  # Core 5.3.2: else we would take the claims of another person.
            raise FederationRefused("user-info", "userInfo has another sub than the ID token")
    return profile(exchanged, id_token, user_info)


def profile(exchanged: Exchanged, id_token: Mapping[str, Any], user_info: Mapping[str, Any]) -> Profile:
    """Return the profile of an ID token's subject; the ID token's claims win over others (oauth-federation.md 7.2)."""
    return Profile(
        subject=id_token["sub"],
        claims={**user_info, **id_token},
        id_token=id_token,
        user_info=user_info,
        token_response=exchanged.tokens.response,
    )


async def verified_id_token(exchanged: Exchanged) -> Mapping[str, Any]:
    """Return the claims of the ID token of this very sign-in (Core 3.1.3.7). Raises FederationRefused."""
    token = exchanged.tokens.id_token.reveal()
    if not token:
        raise FederationRefused("id-token", "the token endpoint answered no ID token")
    trusted = Trusted(
        issuers=exchanged.upstream.issuers,
        audiences=(exchanged.upstream.client_id,),
        jwks_uri=exchanged.endpoints.jwks_uri,
    )
    try:
        claims = await verify(exchanged.providers, token, trusted, now=exchanged.now, skew_seconds=FEDERATION_SKEW)
    except ForeignTokenRefused as refused:
        if refused.reason == "unavailable":
            raise FederationRefused("unavailable", str(refused)) from None
        description = _another_issuer(token) if refused.reason == "issuer" else ""
        raise FederationRefused("id-token", f"{refused.reason}: {refused}", description=description) from None
    _require_same_sign_in(claims, exchanged)
    _require_same_access_token(claims, token, exchanged.tokens.access_token.reveal())
    return claims


def _another_issuer(token: str) -> str:
    """Return AWS's error description for an `iss` that differs from oidc_issuer, even by a slash at the end (measured.md 12)."""
    return f"Bad id_token issuer {plain(foreign_jws.read(token).claims.get('iss'))}"


def _require_same_sign_in(claims: Mapping[str, Any], exchanged: Exchanged) -> None:
    """Pass a token with our nonce that was made for no other client."""
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), exchanged.attempt.nonce.encode()):
        raise FederationRefused("nonce", "the ID token has another nonce, or none")
    if is_for_another_party(claims, exchanged.upstream.client_id):
        raise FederationRefused("id-token", "the ID token was made for another party (azp)")


def is_for_another_party(claims: Mapping[str, Any], client_id: str) -> bool:
    """Say whether a verified token was made for another client than one that is among its audiences (Core 3.1.3.7)."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    party = claims.get("azp")
    return party != client_id and (several or party is not None)


def _require_same_access_token(claims: Mapping[str, Any], token: str, access_token: str) -> None:
    """Pass if the access token came with the ID token, where the ID token says so (Core 3.1.3.6)."""
    claimed = claims.get("at_hash")
    if claimed is None:
        return
    digest = _HASHES[foreign_jws.read(token).algorithm[-3:]](access_token.encode()).digest()
    expected = base64url.encode(digest[: len(digest) // 2])
    if not isinstance(claimed, str) or not hmac.compare_digest(claimed.encode(), expected.encode()):
        raise FederationRefused("id-token", "the ID token came with another access token (at_hash)")


OIDC = Kind(endpoints=endpoints, identify=identify)
