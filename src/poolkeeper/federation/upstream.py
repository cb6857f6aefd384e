"""What does a client of a sign-in provider need? The values of the code flow, and the two calls to the provider.

No error message holds anything private (secrets, codes, tokens, claims): a refusal says only which check refused.
"""

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote_plus, urlencode

import msgspec

from poolkeeper.providers import Providers, ProviderUnavailable
from poolkeeper.secret import Secret

_MAX_ANSWER = 256 * 1024
_MAX_SUBJECT = 255  # OpenID Connect Core 2; nobody's ids are longer.
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_ERROR = re.compile(r"[A-Za-z_]{1,64}")
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode

Reason = Literal["state", "issuer", "denied", "answer", "exchange", "id-token", "nonce", "user-info", "unavailable"]


class FederationRefused(Exception):  # noqa: N818 - what is said of a sign-in, not an accident of ours
    """A sign-in at another provider that failed. The message is for the log.

    `state`: the answer belongs to another request. `issuer`: it is another provider's (RFC 9207). `denied`: the provider
    refuses, with its own `error` and `description`, cut to what RFC 6749 4.1.2.1 allows. `answer`: it has neither code nor error.
    `exchange`: the code brought no tokens. `id-token`, `nonce`: the ID token is not for this sign-in. `user-info`: the claims
    cannot be read or are another person's. `unavailable`: the provider cannot be reached. `status` is the HTTP status of its
    answer where that is the reason.
    """

    def __init__(
        self, reason: Reason, message: str, *, error: str = "", description: str = "", status: int = 0
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason: Reason = reason
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A provider as it was set up. An empty endpoint is discovered; `issuers` is empty where the provider has no ID tokens.

    `client_secret` is empty for a public client, and for Apple, where it is made of `team_id`, `key_id` and `private_key`.
    """

    client_id: str
    client_secret: Secret
    scopes: str
    issuers: tuple[str, ...] = ()
    authorize_url: str = ""
    token_url: str = ""
    attributes_url: str = ""
    jwks_uri: str = ""
    attributes_by_post: bool = False
    team_id: str = ""
    key_id: str = ""
    private_key: Secret = field(default_factory=lambda: Secret(""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-in under way: the values that its answer must match. It is stored sealed and serves once (attacks.md 102)."""

    redirect_uri: str
    state: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """The app's wishes that the provider may heed (OpenID Connect Core 3.1.2.1); empty where the app has none."""

    prompt: str = ""
    login_hint: str = ""
    acr_values: str = ""
    max_age: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The provider's answer through the browser: a code, and the unsigned `user` that Apple sends the first time."""

    code: str = field(repr=False)
    user: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The addresses of a provider. `basic`: the Authorization header has the secret; `names_issuer`: answers carry `iss`."""

    authorize_url: str
    token_url: str
    attributes_url: str
    jwks_uri: str = ""
    basic: bool = False
    pkce: bool = True
    names_issuer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The tokens that the code was exchanged for; `response` is the provider's complete answer."""

    access_token: Secret
    id_token: Secret
    response: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who signed in: the provider's own id of the person, and their verified claims by the provider's names.

    `id_token` and `user_info` are the two sources of `claims`, `token_response` has the tokens; InboundFederation gets all.
    """

    subject: str
    claims: Mapping[str, Any] = field(repr=False)
    id_token: Mapping[str, Any] = field(repr=False)
    user_info: Mapping[str, Any] = field(repr=False)
    token_response: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """What `Kind.identify` needs. `wanted` are the claims that the pool maps, `now` is in milliseconds since the epoch."""

    providers: Providers
    upstream: Upstream
    endpoints: Endpoints
    attempt: Attempt
    answer: Answer
    tokens: Tokens
    wanted: tuple[str, ...]
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What differs between types of providers; `code_flow.py` does the rest for all of them."""

    endpoints: Callable[[Providers, Upstream, int], Awaitable[Endpoints]]
    identify: Callable[[Exchanged], Awaitable[Profile]]
    secret: Callable[[Upstream, int], Secret] = lambda upstream, _now: upstream.client_secret
    response_mode: Callable[[Upstream], str] = lambda _upstream: ""
    nonce: bool = True
    hints: bool = True


async def given_endpoints(_providers: Providers, upstream: Upstream, _now: int) -> Endpoints:
    """Return the endpoints of a provider's settings, without discovery."""
    return Endpoints(
        authorize_url=upstream.authorize_url,
        token_url=upstream.token_url,
        attributes_url=upstream.attributes_url,
        jwks_uri=upstream.jwks_uri,
    )


async def exchange(
    providers: Providers, upstream: Upstream, endpoints: Endpoints, attempt: Attempt, code: str, secret: Secret
) -> Tokens:
    """Exchange a code for tokens (RFC 6749 4.1.3), always by POST: addresses get into logs.

    Raises FederationRefused.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": attempt.redirect_uri}
    headers = dict(_FORM)
    if endpoints.pkce:
        form["code_verifier"] = attempt.code_verifier
    if endpoints.basic and secret:
        headers["Authorization"] = _basic(upstream.client_id, secret)
    else:
        form["client_id"] = upstream.client_id
        if secret:
            form["client_secret"] = secret.reveal()
    answer = await fetch(
        providers, "POST", endpoints.token_url, reason="exchange", headers=headers, body=urlencode(form).encode()
    )
    access_token, kind = answer.get("access_token"), answer.get("token_type", "bearer")
    if (
        not isinstance(access_token, str)
        or not access_token
        or not access_token.isascii()
        or not access_token.isprintable()
    ):
        raise FederationRefused("exchange", "the token endpoint answered no access token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise FederationRefused("exchange", "the token endpoint answered no bearer token")
    id_token = answer.get("id_token")
    return Tokens(
        access_token=Secret(access_token),
        id_token=Secret(id_token if isinstance(id_token, str) else ""),
        response=answer,
    )


async def fetch_claims(exchanged: Exchanged, url: str, *, by_post: bool = False) -> dict[str, Any]:
    """Return the claims that a provider gives for the access token. Raises FederationRefused."""
    bearer = {"Authorization": f"Bearer {exchanged.tokens.access_token.reveal()}"}
    method, headers = ("POST", bearer | _FORM) if by_post else ("GET", bearer)
    return await fetch(exchanged.providers, method, url, reason="user-info", headers=headers)


async def fetch(
    providers: Providers, method: str, url: str, *, reason: Reason, headers: Mapping[str, str], body: bytes = b""
) -> dict[str, Any]:
    """Return the JSON object of a provider's successful answer. Raises FederationRefused with `reason`, or `unavailable`."""
    try:
        response = await providers.call(method, url, headers=headers, body=body, max_bytes=_MAX_ANSWER)
    except ProviderUnavailable as fault:
        raise FederationRefused("unavailable", str(fault)) from None
    try:
        document = _decode_object(response.body)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        document = {}
    if response.status != 200:
        error = document.get("error")
        # Only the error's name: descriptions quote the request.
        error = error if isinstance(error, str) and _ERROR.fullmatch(error) else "no error name"
        # The address without its query: Facebook's holds a proof made of token and secret.
        address = url.partition("?")[0]
        raise FederationRefused(reason, f"HTTP {response.status} of {address}, {error}", status=response.status)
    if not document:
        raise FederationRefused(reason, "no JSON object")
    return document


def require_subject(claims: Mapping[str, Any], name: str) -> str:
    """Return the provider's id of the person. Raises FederationRefused where the claim is no such id."""
    subject = claims.get(name)
    if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT or not subject.isprintable():
        raise FederationRefused("user-info", f"no {name} that could name a person")
    return subject


def plain(text: Any) -> str:
    """Return a provider's text, cut to what RFC 6749 4.1.2.1 allows in an answer; empty for anything but a text."""
    start = text[:200] if isinstance(text, str) else ""
    return "".join(character for character in start if " " <= character <= "~" and character not in '"\\')


def _basic(client_id: str, secret: Secret) -> str:
    """RFC 6749 2.3.1: both halves are form-encoded first."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret.reveal())}"
    return f"Basic {b64encode(pair.encode()).decode()}"
