"""Who is it, by a WebIdentityToken? The subject of a token of an identity pool, a user pool or a provider that IAM knows.

Errors and sentences: STS API Reference, AssumeRoleWithWebIdentity (identity-security.md 2.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.crypto import base64url, certified_jws
from poolkeeper.crypto.jws import BadToken
from poolkeeper.errors import (
    ExpiredTokenException,
    ExternalServiceException,
    IDPCommunicationErrorException,
    InvalidIdentityTokenException,
    NotAuthorizedException,
)
from poolkeeper.identities import issuer, provider_logins, tokens, user_pool_logins
from poolkeeper.identities.login import VerifiedLogin
from poolkeeper.lookup import find_pool
from poolkeeper.model.iam import Provider, ProviderKind, provider_arn
from poolkeeper.model.identity_pool import IdentityPool, UserPoolProvider, pool_of_aws_name
from poolkeeper.model.pool import POOL_ID
from poolkeeper.model.principal import WebIdentity
from poolkeeper.store import iam_providers

NO_JWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"


class _Issued(msgspec.Struct, frozen=True):
    iss: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Whom a token vouches for. `provider_names` are its issuer's names in trust policies, `provider` its name in STS's answer.

    `identity_pool_id` is the pool that issued the token, empty for other issuers.
    """

    web_identity: WebIdentity
    provider_names: tuple[str, ...]
    provider: str
    tags: Mapping[str, str] = field(default_factory=dict)
    identity_pool_id: str = ""


async def vouched(call: Call, token: str) -> Vouched:
    """Return whom a WebIdentityToken vouches for.

    Raises InvalidIdentityTokenException, ExpiredTokenException, IDPCommunicationErrorException.
    """
    name = _issuer_of(token)
    if name in issuer.names_of(call.settings):
        return await _of_identity_pool(call, token)
    provider = await iam_providers.find(call.db, ProviderKind.OIDC, name)
    if provider is None:
        raise InvalidIdentityTokenException(f"No OpenIDConnect provider found in your account for https://{name}")
    try:
        login = await _login(call, provider, token)
    except ExternalServiceException as fault:
        raise IDPCommunicationErrorException(fault.message, detail=fault.detail) from None
    except NotAuthorizedException as fault:
        sentence = fault.message.removeprefix("Invalid login token. ")
        kind = ExpiredTokenException if sentence.startswith("Token expired") else InvalidIdentityTokenException
        raise kind(sentence, detail=fault.detail) from None
    audience = login.claims["aud"]
    identity = WebIdentity(
        provider=name,
        audience=audience if isinstance(audience, str) else str(audience[0]),
        subject=login.subject,
    )
    arn = provider_arn(call.settings.account_id, ProviderKind.OIDC, name)
    return Vouched(web_identity=identity, provider_names=(arn, name), provider=arn)


async def _of_identity_pool(call: Call, token: str) -> Vouched:
    try:
        claims = await tokens.read(call, token)
    except tokens.Expired:
        raise ExpiredTokenException(f"Token expired: current date/time {call.now // SECOND} is after its end") from None
    except BadToken as fault:
        raise InvalidIdentityTokenException("Couldn't verify signed token.", detail=str(fault)) from None
    aws_name, own_name = issuer.names_of(call.settings)
    identity = WebIdentity(
        provider=aws_name, audience=claims.aud, subject=claims.sub, methods=claims.amr, alias=own_name
    )
    return Vouched(
        web_identity=identity,
        provider_names=(aws_name, own_name, provider_arn(call.settings.account_id, ProviderKind.OIDC, own_name)),
        provider=aws_name,
        tags=claims.session_tags,
        identity_pool_id=claims.aud,
    )


async def _login(call: Call, provider: Provider, token: str) -> VerifiedLogin:
    """Verify a token of a provider that IAM knows, for one of the provider's client ids."""
    client_ids = msgspec.json.decode(provider.client_ids or "[]", type=list[str])
    own = f"{call.settings.issuer_base.partition('://')[2]}/"
    if pool_of_aws_name(provider.name) is not None or provider.name.startswith(own):
        entries = [UserPoolProvider(provider.name, client_id, checks_server=False) for client_id in client_ids]
        # A pool at AWS is a provider like any other.
        if entries and POOL_ID.fullmatch(entries[0].pool_id) and await find_pool(call.house, entries[0].pool_id):
            return await user_pool_logins.verified(call, entries, token)
    arn = provider_arn(call.settings.account_id, ProviderKind.OIDC, provider.name)
    return await provider_logins.verified(call, _trusting(arn), provider.name, token)


def _trusting(arn: str) -> IdentityPool:
    """Return an identity pool that names one provider, and so takes its tokens."""
    document = {"AllowUnauthenticatedIdentities": False, "OpenIdConnectProviderARNs": [arn]}
    return IdentityPool.of(
        identity_pool_id="", region="", version=0, document=document, tags={}, roles={}, principal_tags={}
    )


def _issuer_of(token: str) -> str:
    """Return the issuer that a token claims, without its scheme and not verified.

    Raises InvalidIdentityTokenException for a text that is no JWT.
    """
    segments = token.split(".") if len(token) <= certified_jws.MAX_TOKEN and token.isascii() else []
    try:
        payload = base64url.decode(segments[1]) if len(segments) == 3 else b""
        name = msgspec.json.decode(payload, type=_Issued).iss
    except (ValueError, msgspec.MsgspecError, RecursionError):
        raise InvalidIdentityTokenException(NO_JWT) from None
    if not name.isprintable():
        raise InvalidIdentityTokenException(NO_JWT)
    return name.partition("://")[2] if "://" in name else name
