"""At whom do people sign in in these tests? A provider on loopback with all its endpoints, which can be told to misbehave."""

import asyncio
import contextlib
import hmac
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

from functions.receiver import Answer, Received
from poolkeeper.federation import code_flow
from poolkeeper.federation.upstream import Attempt, FederationRefused, Hints, Profile, Upstream
from poolkeeper.providers import Providers
from poolkeeper.secret import Secret
from tokens.issuer import CLIENT, NOW, Issuer, document, issuing, knowing

SECRET = "the secret of & our client+"
CALLBACK = "https://prefix.auth.example.com/oauth2/idpresponse"
ATTEMPT = Attempt(redirect_uri=CALLBACK, state="a-state", nonce="a-nonce", code_verifier="v" * 43)
NO_HINTS = Hints()


def parameters(text: str) -> dict[str, str]:
    """Return the parameters of a query or a form, each of which stands once."""
    pairs = parse_qsl(text, keep_blank_values=True)
    assert len(pairs) == len(dict(pairs)), "a parameter stands twice"
    return dict(pairs)


def hashed(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


@dataclass(slots=True)
class Provider:
    """A provider's authorize, token and userInfo endpoints. `answered`, `id_token`, `tokens` and `user` change what they say."""

    issuer: Issuer
    secret: str = SECRET
    basic: bool = False
    answered: dict[str, str | None] = field(default_factory=dict)
    id_token: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=lambda: {"sub": "user-1", "email": "user@example.com"})
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    made: int = 0
    access_token: str = "an-access-token"
    received: list[Received] = field(default_factory=list)

    def authorize(self, request: Received) -> Answer:
        """Send the browser back with a code, as if the person had agreed."""
        asked = parameters(urlsplit(request.path).query)
        self.made += 1
        code = f"code-{self.made}-of-{self.issuer.url.rpartition(':')[2]}"
        self.codes[code] = asked
        given = {"code": code, "state": asked["state"], **self.answered}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        return Answer(status=302, headers={"Location": f"{asked['redirect_uri']}?{query}"})

    def token(self, request: Received) -> Answer:
        """Exchange a code, once, for whom it was made for (RFC 6749 4.1.3, RFC 7636 4.6)."""
        self.received.append(request)
        form = parameters(request.body.decode())
        asked = self.codes.pop(form.get("code", ""), None)
        if not self._knows(request, form):
            return Answer(status=401, body=b'{"error": "invalid_client"}')
        if asked is None or form["grant_type"] != "authorization_code" or form["redirect_uri"] != asked["redirect_uri"]:
            return Answer(status=400, body=b'{"error": "invalid_grant"}')
        if asked.get("code_challenge") != (hashed(form["code_verifier"]) if "code_verifier" in form else None):
            return Answer(status=400, body=b'{"error": "invalid_grant"}')
        told = {"access_token": self.access_token, "token_type": "Bearer", "expires_in": 300}
        changes = {"nonce": asked.get("nonce"), **self.id_token}
        told["id_token"] = self.issuer.token(**changes)
        return document({name: value for name, value in {**told, **self.tokens}.items() if value is not None})

    def userinfo(self, request: Received) -> Answer:
        """Tell who brings the access token."""
        self.received.append(request)
        if request.headers.get("authorization") != f"Bearer {self.access_token}":
            return Answer(status=401, body=b'{"error": "invalid_token"}')
        return document(self.user)

    def _knows(self, request: Received, form: dict[str, str]) -> bool:
        header = request.headers.get("authorization", "")
        if self.basic:
            name, _, secret = b64decode(header.partition(" ")[2]).decode().partition(":")
            given = (unquote_plus(name), unquote_plus(secret))
            return given == (CLIENT, self.secret) and not {"client_id", "client_secret"} & form.keys()
        return not header and (form.get("client_id"), form.get("client_secret", "")) == (CLIENT, self.secret)

    def upstream(self, **changes: Any) -> Upstream:
        """Return this provider as a pool would have it set up, found by discovery."""
        given: dict[str, Any] = {
            "client_id": CLIENT,
            "client_secret": Secret(self.secret),
            "scopes": "openid email",
            "issuers": (self.issuer.url,),
        }
        return Upstream(**{**given, **changes})

    def given(self, **changes: Any) -> Upstream:
        """Return this provider with all its endpoints given."""
        paths = {"authorize_url": "authorize", "token_url": "token", "attributes_url": "userinfo", "jwks_uri": "keys"}
        return self.upstream(**{**{name: f"{self.issuer.url}/{path}" for name, path in paths.items()}, **changes})


@contextlib.asynccontextmanager
async def providing() -> AsyncIterator[Provider]:
    """Run a provider."""
    async with issuing() as (issuer, _):
        provider = Provider(issuer)
        issuer.said = {"token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]}
        issuer.more = {"/authorize": provider.authorize, "/token": provider.token, "/userinfo": provider.userinfo}
        yield provider


async def visit(providers: Providers, url: str) -> dict[str, str]:
    """Go where a browser is sent, and return what it brings back to the callback."""
    answer = await providers.call("GET", url, headers={})
    assert answer.status == 302
    back = answer.headers["location"]
    assert back.startswith(f"{CALLBACK}?")
    return parameters(urlsplit(back).query)


async def sign_in(
    providers: Providers,
    upstream: Upstream,
    *,
    kind: str = "OIDC",
    wanted: tuple[str, ...] = (),
    attempt: Attempt = ATTEMPT,
    hints: Hints = NO_HINTS,
    more: dict[str, str] | None = None,
) -> Profile:
    """Sign in from the first step to the last."""
    url = await code_flow.begin(providers, kind, upstream, attempt, now=NOW * 1000, hints=hints)
    given = await visit(providers, url) | (more or {})
    answer = await code_flow.read_answer(providers, kind, upstream, attempt, given, now=NOW * 1000)
    return await code_flow.finish(providers, kind, upstream, attempt, answer, wanted=wanted, now=NOW * 1000)


async def refusal(signing_in: Awaitable[Any]) -> FederationRefused:
    """Return why a sign-in came to nothing."""
    try:
        await signing_in
    except FederationRefused as refused:
        return refused
    raise AssertionError("the sign-in was taken")


def asked(url: str) -> dict[str, str]:
    """Return what an authorize address asks."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def proves(secret: str, message: str, proof: str) -> bool:
    return hmac.new(secret.encode(), message.encode(), "sha256").hexdigest() == proof


def told(value: Any) -> Callable[[Received], Answer]:
    """Return an endpoint that says one thing."""
    return lambda _request: Answer(body=json.dumps(value).encode())


def story(told: Callable[[Provider, Providers], Awaitable[None]]) -> None:
    """Run a story with one provider."""

    async def run() -> None:
        async with providing() as provider, knowing() as providers:
            await told(provider, providers)

    asyncio.run(run())
