"""How does a test prove that it holds a key? By the proofs of RFC 9449 4.2, with JWK and thumbprint from joserfc; by wrong ones on demand."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import import_key

from api.forge import jwt, segment
from api.world import ClientOfTests, World
from oauth.hosted import CALLBACK, NAME, Answer, code_client, of_client, post, read
from oauth.machines import CREDENTIALS, pool_with_server

TOKEN, USER_INFO, PAR = "/oauth2/token", "/oauth2/userInfo", "/oauth2/par"
_CURVES = {
    "ES256": (ec.SECP256R1(), SHA256(), 32),
    "ES384": (ec.SECP384R1(), SHA384(), 48),
    "ES512": (ec.SECP521R1(), SHA512(), 66),
}


@dataclass(frozen=True)
class Holder:
    """Somebody who holds a private key, and makes proofs of that."""

    world: World
    algorithm: str
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key, as joserfc writes it."""
        return dict(self._key.as_dict(private=False))

    @property
    def private_jwk(self) -> dict[str, Any]:
        return dict(self._key.as_dict(private=True))

    @property
    def jkt(self) -> str:
        """The thumbprint, as joserfc computes it (RFC 7638)."""
        members: dict[str, Any] = {
            name: self.jwk[name] for name in ("crv", "e", "kty", "n", "x", "y") if name in self.jwk
        }
        return str(import_key(members).thumbprint())

    @property
    def _key(self) -> Any:
        return import_key(
            self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "RSA" if isinstance(self.private, rsa.RSAPrivateKey) else "EC",
        )

    def proof(
        self,
        path: str = TOKEN,
        *,
        method: str = "POST",
        token: str = "",
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """Return a proof for a request; a claim or a member of the header that is None is left out."""
        known = {
            "jti": uuid.uuid4().hex,
            "htm": method,
            "htu": self.world.url + path,
            "iat": self.world.clock.now() // 1000,
            **({"ath": hash_of(token)} if token else {}),
            **claims,
        }
        head = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.jwk, **(header or {})}
        return jwt(_without(head), _without(known), self.sign)

    def header(self, path: str = TOKEN, **given: Any) -> dict[str, str]:
        """Return the header of a proof."""
        return {"DPoP": self.proof(path, **given)}

    def sign(self, signed: bytes) -> bytes:
        """Sign as the algorithm has it."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            pad = padding.PSS(padding.MGF1(SHA256()), 32) if self.algorithm == "PS256" else padding.PKCS1v15()
            return self.private.sign(signed, pad, SHA256())
        _, hashed, size = _CURVES[self.algorithm]
        r, s = decode_dss_signature(self.private.sign(signed, ec.ECDSA(hashed)))
        return r.to_bytes(size) + s.to_bytes(size)


def holder(world: World, algorithm: str = "ES256") -> Holder:
    """Make somebody with a new key."""
    if algorithm in _CURVES:
        return Holder(world, algorithm, ec.generate_private_key(_CURVES[algorithm][0]))
    return Holder(world, algorithm, rsa.generate_private_key(65537, 2048))


def hash_of(token: str) -> str:
    """Return `ath`."""
    return segment(hashlib.sha256(token.encode()).digest())


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a public app client and `ada`."""
    pool = pool_with_server(world)
    pool.user(NAME, email="ada@example.com")
    return code_client(pool)


@pytest.fixture
def machine(client: ClientOfTests) -> ClientOfTests:
    """Make an app client that stands for itself."""
    return client.pool.client(**CREDENTIALS)


@pytest.fixture
def ada(world: World) -> Holder:
    """Make somebody who holds a key."""
    return holder(world)


def ask(machine: ClientOfTests, proof: str, **headers: str) -> Answer:
    """Ask for a token of the client's own with a proof."""
    fields = {"grant_type": "client_credentials", **of_client(machine)}
    return post(machine.world, TOKEN, fields, {"DPoP": proof, **headers})


def exchange_with(client: ClientOfTests, code: str, headers: Mapping[str, str], **more: str) -> Answer:
    """Exchange a code, with headers."""
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **of_client(client), **more}
    return post(client.world, TOKEN, fields, headers)


def refresh_with(client: ClientOfTests, token: str, headers: Mapping[str, str], **more: str) -> Answer:
    """Ask for the next tokens, with headers."""
    fields = {"grant_type": "refresh_token", "refresh_token": token, **of_client(client), **more}
    return post(client.world, TOKEN, fields, headers)


def user_info_with(held: Holder, token: str, **given: Any) -> Answer:
    """Ask who the bearer of a token is, with a proof for it."""
    proof = held.proof(USER_INFO, **{"method": "GET", "token": token, **given})
    return read(*held.world.get(USER_INFO, {"Authorization": f"DPoP {token}", "DPoP": proof}))


def challenge_of(answer: Answer) -> str:
    """Return the challenge of a refusal."""
    return answer.headers["www-authenticate"]


def _without(members: Mapping[str, Any]) -> bytes:
    return json.dumps({name: value for name, value in members.items() if value is not None}).encode()
