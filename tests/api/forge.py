"""How does a test forge a token? JWTs of any header, claims and signature, made with the keys of a pool or with others."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from api.world import World
from poolkeeper.tokens import keys

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Forger:
    """What somebody could do who had a pool's private keys, or only its public ones."""

    kid: str
    private: RSAPrivateKey
    jwks: Mapping[str, Any]

    @property
    def jwk(self) -> dict[str, str]:
        return next(dict(one) for one in self.jwks["keys"] if one["kid"] == self.kid)

    def sign(self, claims: Mapping[str, Any] | bytes, **header: Any) -> str:
        """Return a token that the pool's own key for access tokens signs, under any header."""
        return jwt({"kid": self.kid, "alg": "RS256", **header}, claims, by_key(self.private))


def forger(world: World, pool_id: str) -> Forger:
    """Take the key that signs a pool's access tokens out of the running server."""
    held = world.run(lambda: keys.of_pool(world.house, pool_id))
    assert held is not None
    return Forger(held.access.kid, held.access.private, json.loads(held.jwks))


def by_key(key: RSAPrivateKey) -> Sign:
    """Return what signs as RS256 does."""
    return lambda signed: key.sign(signed, PKCS1v15(), SHA256())


def by_secret(secret: bytes) -> Sign:
    """Return what signs as HS256 does."""
    return lambda signed: hmac.digest(secret, signed, hashlib.sha256)


def jwt(header: Mapping[str, Any] | bytes, claims: Mapping[str, Any] | bytes, sign: Sign) -> str:
    """Return a compact JWS; header and claims may be bytes that are no JSON."""
    signed = f"{segment(_json(header))}.{segment(_json(claims))}"
    return f"{signed}.{segment(sign(signed.encode()))}"


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token, unverified."""
    claims: dict[str, Any] = json.loads(unsegment(token.split(".")[1]))
    return claims


def segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsegment(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _json(part: Mapping[str, Any] | bytes) -> bytes:
    return part if isinstance(part, bytes) else json.dumps(part, separators=(",", ":")).encode()
