"""What does it cost to come back from a provider? The callback of OpenID Connect, with the provider in this process.

The provider's ID tokens are signed beforehand, for the nonce of each sign-in that was begun; the server asks for one by its
code and verifies it. Keys and discovery are asked for once.
"""

import http.client
import json
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from calls import Refused, call, get
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from flows import PEOPLE, a_place
from world import World

CALLBACK = "https://app.example/callback"
_CLIENT, _NAME = "bench", "Bench"
_LIFE = 3600


@dataclass(slots=True)
class _Provider:
    """A provider with one key; `tokens` are its ID tokens by code."""

    url: str = ""
    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))
    tokens: dict[str, str] = field(default_factory=dict)

    def said(self, path: str) -> object:
        """Return what is told at a path by GET."""
        if path == "/keys":
            public = self.key.public_key().public_numbers()
            return {
                "keys": [{"kty": "RSA", "kid": "one", "use": "sig", "n": _number(public.n), "e": _number(public.e)}]
            }
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def sign(self, subject: str, nonce: str) -> str:
        """Return an ID token."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": _CLIENT, "sub": subject, "nonce": nonce, "iat": now, "exp": now + _LIFE}
        head = {"alg": "RS256", "kid": "one"}
        signed = ".".join(_spelt(json.dumps(part).encode()) for part in (head, {**claims, "email": "a@example.com"}))
        return f"{signed}.{_spelt(self.key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def callbacks(world: World, count: int) -> list[bytes]:
    """Begin `count` sign-ins at a provider and return the requests with which browsers come back from it."""
    provider, port = _running(), world.server.port
    place = a_place(world)
    call(
        port,
        "CreateIdentityProvider",
        {
            "UserPoolId": place.pool_id,
            "ProviderName": _NAME,
            "ProviderType": "OIDC",
            "ProviderDetails": {
                "client_id": _CLIENT,
                "client_secret": "secret",
                "authorize_scopes": "openid email",
                "oidc_issuer": provider.url,
                "attributes_request_method": "GET",
            },
            "AttributeMapping": {"email": "email"},
        },
        signed=True,
    )
    asked = {
        "UserPoolId": place.pool_id,
        "ClientName": "app",
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"],
        "CallbackURLs": [CALLBACK],
        "SupportedIdentityProviders": [_NAME],
    }
    client_id = call(port, "CreateUserPoolClient", asked, signed=True)["UserPoolClient"]["ClientId"]
    fields = {"client_id": client_id, "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}
    made = [
        _departure(provider, port, f"/oauth2/authorize?{urlencode(fields)}", number) for number in range(count + PEOPLE)
    ]
    for request in made[:PEOPLE]:  # the first sign-in of each person makes a user
        _come_back(port, *request)
    return [get(port, path, Cookie=cookie) for path, cookie in made[PEOPLE:]]


def _departure(provider: _Provider, port: int, path: str, number: int) -> tuple[str, str]:
    """Leave for the provider; return the path of the way back and the cookie that goes with it. Raises Refused."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers.get("location", "")).query).items()}
    if "nonce" not in asked:
        raise Refused(f"/oauth2/authorize: {answer.status} {answer.headers.get('location')}")
    code = f"code-{number}"
    provider.tokens[code] = provider.sign(f"user-{number % PEOPLE}", asked["nonce"])
    query = urlencode({"code": code, "state": asked["state"]})
    return f"/oauth2/idpresponse?{query}", answer.headers["set-cookie"].partition(";")[0]


def _come_back(port: int, path: str, cookie: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if "code=" not in answer.headers.get("location", ""):
        raise Refused(f"/oauth2/idpresponse: {answer.status} {answer.headers.get('location')}")


def _running() -> _Provider:
    """Run a provider until the benchmarks end."""
    provider = _Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    return provider


def _handler(provider: _Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body leave in one piece

        def do_GET(self) -> None:
            self._answer(provider.said(self.path))

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            token = provider.tokens[form["code"][0]]
            self._answer({"access_token": "a-token", "token_type": "Bearer", "id_token": token})

        def _answer(self, said: object) -> None:
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _number(value: int) -> str:
    return _spelt(value.to_bytes((value.bit_length() + 7) // 8))


def _spelt(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
