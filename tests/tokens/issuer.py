"""Who makes the tokens that a test brings? An OpenID provider on loopback: discovery, keys, and whatever it is told to get wrong.

Its tokens are made by joserfc, an implementation of the same RFCs that shares no code with ours.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey, KeyParameters, RSAKey
from joserfc.jws import JWSRegistry

from functions.receiver import Answer, Received, Receiver, receiving
from poolkeeper.egress import Egress
from poolkeeper.providers import Providers
from poolkeeper.settings import Settings
from poolkeeper.tokens.foreign import ForeignTokenRefused, Trusted, verify

NOW = 1_700_000_000
CLIENT = "our-client"
DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/keys"
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@cache
def key(kid: str, algorithm: str = "RS256") -> RSAKey | ECKey:
    """Return a key pair by its name; a name has one pair throughout a run."""
    named: KeyParameters = {"kid": kid}
    if algorithm in CURVES:
        return ECKey.generate_key(CURVES[algorithm], named)
    return RSAKey.generate_key(2048, named)


@dataclass(slots=True)
class Issuer:
    """A provider. `published` are the keys of its JWK Set; `faults` says by path what is answered instead."""

    url: str = ""
    published: list[RSAKey | ECKey] = field(default_factory=lambda: [key("one")])
    said: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Answer] = field(default_factory=dict)
    more: dict[str, Callable[[Received], Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, request: Received) -> Answer:
        """Answer one request."""
        path = request.path.partition("?")[0]
        self.asked.append(path)
        if path in self.faults:
            return self.faults[path]
        if path in self.more:
            return self.more[path](request)
        if path == DISCOVERY:
            return document(self.metadata())
        if path == JWKS:
            return document({"keys": [key.as_dict(private=False) for key in self.published]})
        return Answer(status=404)

    def metadata(self) -> dict[str, Any]:
        """Return the discovery document."""
        return {
            "issuer": self.url,
            "jwks_uri": self.url + JWKS,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "response_types_supported": ["code"],
        } | self.said

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good ID token, changed; None takes one away."""
        claims = {"iss": self.url, "sub": "user-1", "aud": CLIENT, "iat": NOW, "exp": NOW + 300} | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(
        self,
        *,
        by: RSAKey | ECKey | None = None,
        algorithm: str = "RS256",
        header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """Return an ID token signed by a key, the first one that is published unless another is named."""
        signer = by or self.published[0]
        head = {"alg": algorithm, "kid": signer.kid} | (header or {})
        head = {name: value for name, value in head.items() if value is not None}
        rules = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        return jwt.encode(head, self.claims(**changes), signer, registry=rules)


def document(value: Any) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(body=msgspec.json.encode(value), headers={"Content-Type": "application/json"})


@contextlib.asynccontextmanager
async def issuing() -> AsyncIterator[tuple[Issuer, Receiver]]:
    """Run a provider on a free port."""
    issuer = Issuer()
    async with receiving(issuer.answer) as receiver:
        issuer.url = receiver.url
        yield issuer, receiver


@contextlib.asynccontextmanager
async def knowing(**settings: Any) -> AsyncIterator[Providers]:
    """Open what a house knows of providers, in development mode unless `settings` say otherwise."""
    given = Settings(**{"dev": True, **settings})
    egress = Egress(given)
    providers = Providers(given, egress)
    try:
        yield providers
    finally:
        await providers.close()
        await egress.close()
        await asyncio.sleep(0)


async def judge(
    providers: Providers, issuer: Issuer, token: str, *, at: float = NOW, skew: int = 60, **more: Any
) -> Any:
    """Return the claims of a token, or its refusal."""
    trusted = Trusted(**{"issuers": (issuer.url,), "audiences": (CLIENT,), **more})
    try:
        return await verify(providers, token, trusted, now=int(at * 1000), skew_seconds=skew)
    except ForeignTokenRefused as refused:
        return refused


def story(tell: Callable[[Issuer, Providers], Awaitable[None]]) -> None:
    """Run a story with one provider, on an event loop of its own."""

    async def run() -> None:
        async with issuing() as (issuer, _), knowing() as providers:
            await tell(issuer, providers)

    asyncio.run(run())
