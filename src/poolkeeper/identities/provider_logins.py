"""Is this a login at another provider, for an app that the identity pool names? Yes, if its ID token or access token is good.

The pool names OpenID providers of IAM by ARN, with their client ids; it can also name Google and Apple with a single client
id (identity-security.md 1.3). Facebook and Amazon are asked which user and which app an access token belongs to.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.errors import ExternalServiceException
from poolkeeper.identities.login import BAD_SIGNATURE, NOT_A_TOKEN, OTHER_ISSUER, VerifiedLogin, invalid, unsupported
from poolkeeper.model.iam import ProviderKind, provider_arn
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.providers import ProviderUnavailable, is_loopback
from poolkeeper.store import iam_providers
from poolkeeper.tokens.foreign import IDENTITY_POOL_SKEW, ForeignTokenRefused, Trusted, verify

GOOGLE, APPLE, FACEBOOK, AMAZON = "accounts.google.com", "appleid.apple.com", "graph.facebook.com", "www.amazon.com"
# UNVERIFIED: what stands in `amr` between a provider and its user; decoded tokens of such logins would settle it.
_WAY = "OIDC"
_ISSUERS: Mapping[str, tuple[str, ...]] = {
    GOOGLE: ("https://accounts.google.com", "accounts.google.com"),
    APPLE: ("https://appleid.apple.com",),
}
_SENTENCES = {
    "malformed": NOT_A_TOKEN,
    "algorithm": BAD_SIGNATURE,
    "unknown-key": BAD_SIGNATURE,
    "signature": BAD_SIGNATURE,
    "issuer": OTHER_ISSUER,
    "audience": "Incorrect token audience.",
    # UNVERIFIED: the words for not-yet; a token of the future would settle them.
    "not-yet": "Token is not valid yet.",
    # UNVERIFIED: the words for subject; a token without one would settle them.
    "subject": NOT_A_TOKEN,
}
_ASKED_OF: Mapping[str, tuple[str, str]] = {
    # the address that says who the token's user is, and the one that says for which app it was made
    FACEBOOK: ("https://graph.facebook.com/me?fields=id&access_token=", "https://graph.facebook.com/app?access_token="),
    AMAZON: ("https://api.amazon.com/auth/o2/tokeninfo?access_token=",) * 2,
}
_MEMBERS: Mapping[str, tuple[str, str]] = {FACEBOOK: ("id", "id"), AMAZON: ("user_id", "aud")}


async def verified(call: Call, pool: IdentityPool, name: str, token: str) -> VerifiedLogin:
    """Return the login that a token of another provider proves.

    Raises NotAuthorizedException, ExternalServiceException where the provider cannot be asked.
    """
    arn = provider_arn(call.settings.account_id, ProviderKind.OIDC, name)
    app = pool.login_providers.get(name)
    if arn in pool.oidc_provider_arns:
        apps = [app] if app is not None and name in _ISSUERS else []
        claims = await _of_oidc(call, name, [*await _client_ids(call, name), *apps], token)
        return _login(name, arn, str(claims["sub"]), claims)
    if app is not None and name in _ISSUERS:
        claims = await _of_oidc(call, name, [app], token)
        return _login(name, name, str(claims["sub"]), claims)
    if app is not None and name in _ASKED_OF:
        return _login(name, name, await _of_access_token(call, name, app, token), {})
    raise unsupported(f"the provider {name}")


def issuers_of(call: Call, name: str) -> tuple[str, ...]:
    """Return the issuers that an OpenID provider's name means: with https, in development on this machine with http too."""
    if name in _ISSUERS:
        return _ISSUERS[name]
    if call.settings.dev and is_loopback(f"http://{name}"):
        return f"http://{name}", f"https://{name}"
    return (f"https://{name}",)


async def _client_ids(call: Call, name: str) -> Sequence[str]:
    provider = await iam_providers.find(call.db, ProviderKind.OIDC, name)
    if provider is None:
        raise unsupported(f"IAM has no OpenID provider {name}")
    return msgspec.json.decode(provider.client_ids or "[]", type=list[str])


async def _of_oidc(call: Call, name: str, audiences: Sequence[str], token: str) -> Mapping[str, Any]:
    trusted = Trusted(issuers=issuers_of(call, name), audiences=audiences)
    try:
        return await verify(call.house.providers, token, trusted, now=call.now, skew_seconds=IDENTITY_POOL_SKEW)
    except ForeignTokenRefused as fault:
        if fault.reason == "unavailable":
            raise ExternalServiceException(f"The provider {name} cannot be reached.", detail=str(fault)) from None
        if fault.reason == "expired":
            sentence = f"Token expired: {fault.expired_at} >= {call.now // SECOND}"
        elif fault.reason == "missing":
            sentence = f"Missing a required claim: {fault.claim}"
        else:
            sentence = _SENTENCES[fault.reason]
        raise invalid(sentence, str(fault)) from None


async def _of_access_token(call: Call, name: str, app: str, token: str) -> str:
    """Return the user of an access token that was made for our app (attacks.md 137); another app's token is refused."""
    (user_url, app_url), (user_member, app_member) = _ASKED_OF[name], _MEMBERS[name]
    ask = _asking(call, name, token)
    if str((await ask(app_url)).get(app_member)) != app:
        raise unsupported(f"an access token of another app at {name}")
    user = (await ask(user_url)).get(user_member)
    if not isinstance(user, str) or not user or len(user) > 255 or not user.isprintable():
        raise invalid(NOT_A_TOKEN, f"{name} names no user")
    return user


def _asking(call: Call, name: str, token: str) -> Callable[[str], Awaitable[dict[str, Any]]]:
    async def ask(url: str) -> dict[str, Any]:
        try:
            answer = await call.house.providers.call("GET", url + quote(token, safe=""), headers={})
        except ProviderUnavailable as fault:
            raise ExternalServiceException(f"The provider {name} cannot be reached.", detail=str(fault)) from None
        try:
            document = msgspec.json.decode(answer.body, type=dict[str, Any]) if answer.status == 200 else None
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            document = None
        if document is None:
            # UNVERIFIED: the words; a token that Facebook does not know against AWS would settle them.
            raise invalid(NOT_A_TOKEN, f"{name} answered {answer.status}")
        return document

    return ask


def _login(name: str, mapping_key: str, subject: str, claims: Mapping[str, Any]) -> VerifiedLogin:
    return VerifiedLogin(provider=name, subject=subject, name=name, mapping_key=mapping_key, way=_WAY, claims=claims)
