"""How may an OpenID provider misbehave? Each way by a name, as a change of what it answers."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from federation.provider import (
    Provider,
)
from functions.receiver import Answer
from tokens.issuer import CLIENT, DISCOVERY, NOW, key


def at_hash(access_token: str) -> str:
    return urlsafe_b64encode(sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()


def _confused(provider: Provider) -> None:
    claims = json.dumps(provider.issuer.claims(nonce="a-nonce")).encode()
    head = json.dumps({"alg": "HS256", "kid": "one"}).encode()
    signed = ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in (head, claims))
    mac = hmac.digest(provider.issuer.published[0].as_pem(private=False), signed.encode(), "sha256")
    provider.tokens = {"id_token": f"{signed}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"}


def _unsigned(provider: Provider) -> None:
    claims = json.dumps(provider.issuer.claims(nonce="a-nonce")).encode()
    parts = (b'{"alg":"none","kid":"one"}', claims)
    provider.tokens = {"id_token": ".".join(urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts) + "."}


def _with(**changes: Any) -> Callable[[Provider], None]:
    """Return what changes a provider's members."""

    def change(provider: Provider) -> None:
        for name, value in changes.items():
            setattr(provider, name, value)

    return change


def _instead(path: str, answer: Answer) -> Callable[[Provider], None]:
    def change(provider: Provider) -> None:
        provider.issuer.faults[path] = answer

    return change


MISBEHAVIOUR: dict[str, tuple[str, Callable[[Provider], None]]] = {
    "the nonce of another sign-in": ("nonce", _with(id_token={"nonce": "another"})),
    "no nonce": ("nonce", _with(id_token={"nonce": None})),
    "a nonce that is a list": ("nonce", _with(id_token={"nonce": ["a-nonce"]})),
    "a token for another client": ("id-token", _with(id_token={"aud": "another-client"})),
    "a token made for another party": ("id-token", _with(id_token={"azp": "another-client"})),
    "several audiences and no party": ("id-token", _with(id_token={"aud": [CLIENT, "another-client"]})),
    "a token of another issuer": ("id-token", _with(id_token={"iss": "https://issuer.example"})),
    "an expired token": ("id-token", _with(id_token={"exp": NOW - 60})),
    "a token of tomorrow": ("id-token", _with(id_token={"iat": NOW + 86_400})),
    "no times": ("id-token", _with(id_token={"iat": None})),
    "another access token": ("id-token", _with(id_token={"at_hash": at_hash("another")})),
    "an at_hash of nothing": ("id-token", _with(id_token={"at_hash": ""})),
    "an HMAC by the public key": ("id-token", _confused),
    "no signature": ("id-token", _unsigned),
    "another's key": ("id-token", _with(id_token={"by": key("thief")})),
    "another's key of the same name": ("id-token", _with(id_token={"by": key("thief"), "header": {"kid": "one"}})),
    "an access token for an ID token": ("id-token", _with(id_token={"header": {"typ": "at+jwt"}})),
    "no ID token": ("id-token", _with(tokens={"id_token": None})),
    "an ID token that is a number": ("id-token", _with(tokens={"id_token": 7})),
    "no access token": ("exchange", _with(tokens={"access_token": None})),
    "an access token with a line break": ("exchange", _with(tokens={"access_token": "a\r\nX-Injected: yes"})),
    "a token of another kind": ("exchange", _with(tokens={"token_type": "mac"})),
    "an error": ("exchange", _instead("/token", Answer(status=400, body=b'{"error": "invalid_grant"}'))),
    "an error that quotes the code": (
        "exchange",
        _instead("/token", Answer(status=400, body=b'{"error": "code-1 is unknown"}')),
    ),
    "tokens as an error": ("exchange", _instead("/token", Answer(status=500, body=b'{"access_token": "x"}'))),
    "a page for tokens": ("exchange", _instead("/token", Answer(body=b"<html>"))),
    "a list for tokens": ("exchange", _instead("/token", Answer(body=b"[]"))),
    "a redirect for tokens": (
        "exchange",
        _instead("/token", Answer(status=307, headers={"Location": "http://127.0.0.1:1/"})),
    ),
    "tokens without end": ("unavailable", _instead("/token", Answer(body=b" " * 300_000))),
    "a broken connection": ("unavailable", _instead("/token", Answer(drop=True))),
    "tokens that never come": ("unavailable", _instead("/token", Answer(hang=True))),
    "userInfo of another": ("user-info", _with(user={"sub": "user-2", "email": "victim@example.com"})),
    "userInfo of nobody": ("user-info", _with(user={"email": "victim@example.com"})),
    "userInfo of another case": ("user-info", _with(user={"sub": "USER-1"})),
    "userInfo that is a page": ("user-info", _instead("/userinfo", Answer(body=b"<html>"))),
    "userInfo that is a token": (
        "user-info",
        _instead("/userinfo", Answer(body=b"a.b.c", headers={"Content-Type": "application/jwt"})),
    ),
    "userInfo refused": ("user-info", _instead("/userinfo", Answer(status=403, body=b"{}"))),
    "userInfo elsewhere": (
        "user-info",
        _instead("/userinfo", Answer(status=302, headers={"Location": "http://169.254.169.254/"})),
    ),
    "userInfo without end": ("unavailable", _instead("/userinfo", Answer(body=b" " * 300_000))),
    "no discovery": ("unavailable", _instead(DISCOVERY, Answer(status=404))),
    "no keys": ("unavailable", _instead("/keys", Answer(status=404))),
}
