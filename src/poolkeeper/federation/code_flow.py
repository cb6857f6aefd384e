"""How does a person sign in at another provider? In three steps: send them there, read the answer, learn who they are.

Between the first and the second step the caller keeps an `Attempt`: it names the provider (RFC 9700 4.4: an answer of another
provider is refused), and it serves once.
"""

import hmac
from collections.abc import Collection, Mapping
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

from poolkeeper.crypto import base64url
from poolkeeper.federation.facebook import FACEBOOK
from poolkeeper.federation.google import GOOGLE
from poolkeeper.federation.login_with_amazon import LOGIN_WITH_AMAZON
from poolkeeper.federation.oidc import OIDC
from poolkeeper.federation.sign_in_with_apple import SIGN_IN_WITH_APPLE
from poolkeeper.federation.upstream import (
    Answer,
    Attempt,
    Endpoints,
    Exchanged,
    FederationRefused,
    Hints,
    Kind,
    Profile,
    Upstream,
    exchange,
    plain,
)
from poolkeeper.providers import Providers, ProviderUnavailable

KINDS: Mapping[str, Kind] = {
    "OIDC": OIDC,
    "Google": GOOGLE,
    "SignInWithApple": SIGN_IN_WITH_APPLE,
    "Facebook": FACEBOOK,
    "LoginWithAmazon": LOGIN_WITH_AMAZON,
}

_NO_HINTS = Hints()
_MAX_CODE = 8_192
_MAX_USER = 4_096


async def begin(
    providers: Providers,
    provider_type: str,
    upstream: Upstream,
    attempt: Attempt,
    *,
    now: int,
    hints: Hints = _NO_HINTS,
) -> str:
    """Return the address at the provider to which the browser is sent. Raises FederationRefused."""
    kind = KINDS[provider_type]
    endpoints = await kind.endpoints(providers, upstream, now)
    parameters = {
        "client_id": upstream.client_id,
        "redirect_uri": attempt.redirect_uri,
        "response_type": "code",
        "scope": upstream.scopes,
        "state": attempt.state,
        "nonce": attempt.nonce if kind.nonce else "",
        "response_mode": kind.response_mode(upstream),
    }
    if endpoints.pkce:
        parameters["code_challenge"] = base64url.encode(sha256(attempt.code_verifier.encode()).digest())
        parameters["code_challenge_method"] = "S256"
    if kind.hints:
        parameters |= {"prompt": hints.prompt, "login_hint": hints.login_hint, "acr_values": hints.acr_values}
        parameters["max_age"] = hints.max_age
    url = _require_web_address(providers, endpoints.authorize_url)
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{url}{'&' if urlsplit(url).query else '?'}{query}"


def answers_by_form(provider_type: str, upstream: Upstream) -> bool:
    """Say whether a provider posts its answer (OAuth 2.0 Form Post Response Mode), as its page's address may also demand."""
    modes = parse_qs(urlsplit(upstream.authorize_url).query).get("response_mode", [])
    return "form_post" in (*modes, KINDS[provider_type].response_mode(upstream))


async def read_answer(
    providers: Providers,
    provider_type: str,
    upstream: Upstream,
    attempt: Attempt,
    parameters: Mapping[str, str],
    *,
    now: int,
) -> Answer:
    """Return what the provider answered through the browser, by GET or by POST.

    Raises FederationRefused: `state` first, then `issuer`, since an error may also come from another provider, then `denied`.
    """
    if not hmac.compare_digest(parameters.get("state", "").encode(), attempt.state.encode()):
        raise FederationRefused("state", "the answer has another state, or none")
    endpoints = await KINDS[provider_type].endpoints(providers, upstream, now)
    _require_issuer(parameters.get("iss"), upstream, endpoints)
    if "error" in parameters:
        error, description = plain(parameters["error"]), plain(parameters.get("error_description"))
        raise FederationRefused("denied", f"the provider answered {error}", error=error, description=description)
    code, user = parameters.get("code", ""), parameters.get("user", "")
    if not code or len(code) > _MAX_CODE or not code.isascii() or not code.isprintable():
        raise FederationRefused("answer", "neither a code nor an error")
    return Answer(code=code, user=user if len(user) <= _MAX_USER else "")


async def finish(
    providers: Providers,
    provider_type: str,
    upstream: Upstream,
    attempt: Attempt,
    answer: Answer,
    *,
    wanted: Collection[str],
    now: int,
) -> Profile:
    """Exchange the code and return who signed in; `wanted` are the claims that the pool maps. Raises FederationRefused."""
    kind = KINDS[provider_type]
    endpoints = await kind.endpoints(providers, upstream, now)
    tokens = await exchange(providers, upstream, endpoints, attempt, answer.code, kind.secret(upstream, now))
    return await kind.identify(
        Exchanged(
            providers=providers,
            upstream=upstream,
            endpoints=endpoints,
            attempt=attempt,
            answer=answer,
            tokens=tokens,
            wanted=tuple(wanted),
            now=now,
        )
    )


def _require_issuer(claimed: str | None, upstream: Upstream, endpoints: Endpoints) -> None:
    """Pass an answer of this provider (RFC 9207 2.4): its `iss` is right, or is absent and not promised."""
    if claimed is None and endpoints.names_issuer:
        raise FederationRefused("issuer", "the answer has no iss, which the provider promises")
    if claimed is not None and upstream.issuers and claimed not in upstream.issuers:
        raise FederationRefused("issuer", f"the answer is that of {claimed[:200]!r}")


def _require_web_address(providers: Providers, url: str) -> str:
    try:
        return providers.require_web_address(url)
    except ProviderUnavailable as fault:
        raise FederationRefused("unavailable", str(fault)) from None
