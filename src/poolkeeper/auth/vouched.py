"""Whom does an identity provider's token vouch for that an app shows? Held to what a sign-in there is held to (RFC 8693, 7522).

    an OpenID provider   an ID token, or an access token that is a JWT: for our client there, by its keys of now
    a SAML provider      an assertion that answers nobody, as of a sign-in that begins there, once

A token chooses no address: it is verified by a provider that the pool has, of its own settings alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from poolkeeper.accounts import saml_word
from poolkeeper.accounts.identity_providers import provider_by_name, providers_of
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.errors import InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.federation import shown_tokens
from poolkeeper.federation.identity_provider import IdentityProvider
from poolkeeper.federation.saml import bindings, responses
from poolkeeper.federation.saml.faults import BadMessage
from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.federation.upstream import Profile, Upstream
from poolkeeper.model.exchange import ACCESS_TOKEN, ANY_JWT, SAML2
from poolkeeper.model.pool import Pool
from poolkeeper.tokens.foreign import ForeignTokenRefused
from poolkeeper.tokens.issuer import accepted_issuers

_OIDC = "OIDC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a provider says of somebody, verified.

    `claims` are a JWT's, none of an assertion; `scopes` those of an access token, None of what stands for a sign-in. `since`
    (milliseconds) is when the person signed in there, as far as it says; `not_after` (seconds) its end.
    """

    said: Profile | Assertion = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
    scopes: tuple[str, ...] | None
    since: int
    not_after: int


async def provider_that_issued(call: Call, pool: Pool, token: str, kind: str) -> str | None:
    """Return the name of the provider that a token claims to be of, None for the pool itself and for nobody's.

    Raises InvalidParameterException where several could be meant, NotAuthorizedException for an assertion of nobody's.
    """
    known = (await providers_of(call.house, pool)).values()
    if kind == SAML2:
        entity_id = await _saml_issuer(call, token)
        names = [provider.name for provider in known if provider.is_saml and provider.issuer == entity_id]
        if not names:
            raise refused(Reason.PROVIDER_TOKEN, detail=f"of no provider of the pool: {entity_id[:200]!r}")
    else:
        claims = shown_tokens.claimed(token)
        issuer, audience = claims.get("iss"), claims.get("aud")
        if issuer in accepted_issuers(call.settings, pool):
            return None
        listed = audience if isinstance(audience, list) else [audience]
        names = [provider.name for provider in known if _is_meant(provider, issuer, listed)]
    if len(names) > 1:
        raise InvalidParameterException(f"The token may be of {' or '.join(names)}")
    return names[0] if names else None


async def require_provider(call: Call, pool: Pool, name: str, kind: str) -> IdentityProvider:
    """Return the provider of a name, if it is of the protocol that a type of token belongs to. Raises InvalidParameterException."""
    provider = await provider_by_name(call.house, pool, name)
    # UNVERIFIED: error and words, and that tokens of social providers are not taken; a call with each would settle it.
    if provider is None:
        raise InvalidParameterException(f"Identity provider {name} does not exist.")
    if provider.type not in {_OIDC, "SAML"}:
        raise InvalidParameterException(f"Tokens of {provider.type} cannot be exchanged")
    if provider.is_saml is not (kind == SAML2):
        raise InvalidParameterException(f"{name} issues no tokens of this type")
    return provider


async def require_word(
    call: Call, pool: Pool, provider: IdentityProvider, token: str, kind: str, *, addresses: Collection[str]
) -> Word:
    """Return what a token of a provider says, to one of our `addresses` where it is an assertion.

    Raises NotAuthorizedException, and TooManyRequestsException where the provider's keys cannot be had.
    """
    if isinstance(provider.upstream, Upstream):
        word = await _of_jwt(call, provider, provider.upstream, token, kind)
    else:
        word = await _of_assertion(call, pool, provider, token, addresses)
    if word.not_after * SECOND <= call.now:  # within what clocks may differ by: what came of it would be over already
        raise refused(Reason.PROVIDER_TOKEN, detail=f"{provider.name}: expired at {word.not_after}")
    return word


async def _of_jwt(call: Call, provider: IdentityProvider, upstream: Upstream, token: str, kind: str) -> Word:
    try:
        shown = await shown_tokens.verified(call.house.providers, upstream, token, now=call.now)
    except ForeignTokenRefused as fault:
        reason = Reason.PROVIDER_AWAY if fault.reason == "unavailable" else Reason.PROVIDER_TOKEN
        raise refused(reason, detail=f"{provider.name}: {fault.reason}: {fault}") from None
    if kind != ANY_JWT and (kind == ACCESS_TOKEN) is (shown.scopes is None):
        raise refused(Reason.PROVIDER_TOKEN, detail=f"{provider.name}: a token of another type")
    # UNVERIFIED: what AWS does with `act` in a provider's token: whom it names is nobody that we know, and would be lost or ours.
    if "act" in shown.claims:
        raise refused(Reason.PROVIDER_TOKEN, detail=f"{provider.name}: somebody acts for its subject")
    at = shown.claims.get("auth_time")
    known = isinstance(at, int | float) and not isinstance(at, bool) and 0 <= at <= call.now // SECOND
    return Word(
        said=shown.profile,
        claims=shown.claims,
        scopes=shown.scopes,
        since=min(call.now, int(shown.claims["auth_time" if known else "iat"] * SECOND)),
        not_after=int(shown.claims["exp"]),
    )


async def _of_assertion(
    call: Call, pool: Pool, provider: IdentityProvider, token: str, addresses: Collection[str]
) -> Word:
    """Return what an assertion says, which nobody here has asked for: the provider must be one that may begin (IDPInit)."""
    if not saml_word.saml_of(provider).begins:
        raise refused(Reason.PROVIDER_TOKEN, detail=f"{provider.name}: sign-ins do not begin at this provider")
    try:
        assertion = await saml_word.believed(
            call,
            pool,
            provider,
            bindings.from_token(token),
            addresses=addresses,
            request_id=None,
            shown=True,
        )
    except BadMessage as fault:
        raise refused(Reason.PROVIDER_TOKEN, detail=f"{provider.name}: {fault}") from None
    return Word(
        said=assertion,
        claims={},
        scopes=None,
        since=min(call.now, assertion.authenticated_at),
        not_after=(assertion.session_expires or assertion.expires) // SECOND,
    )


async def _saml_issuer(call: Call, token: str) -> str:
    try:
        return await call.house.heavy.run(call.asker, responses.issuer_of, bindings.from_token(token))
    except BadMessage as fault:
        raise refused(Reason.PROVIDER_TOKEN, detail=str(fault)) from None


def _is_meant(provider: IdentityProvider, issuer: object, audience: Collection[object]) -> bool:
    upstream = provider.upstream
    return (
        provider.type == _OIDC
        and isinstance(upstream, Upstream)
        and issuer in upstream.issuers
        and upstream.client_id in audience
    )
