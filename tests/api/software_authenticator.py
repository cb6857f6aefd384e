"""What is an authenticator without hardware? A key in memory that answers as navigator.credentials does, or wrongly.

Everything that a browser or an authenticator puts into an answer can be said otherwise, and is signed then: by a test
that plays the attacker. Source: WebAuthn Level 3, 5.1, 6.1, 6.5; RFC 9053 for the form of keys.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ORIGIN = "http://localhost:3000"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def b64(raw: bytes) -> str:
    """Return base64url without padding, as WebAuthn has it everywhere."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Return what `b64` was given."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One key. `count` is what it says at its next use (None: it does not count); `flags` are PRESENT and VERIFIED."""

    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int | None = None
    flags: int = PRESENT | VERIFIED
    origin: str = ORIGIN
    user_handle: str | None = None

    @property
    def id(self) -> str:
        return b64(self.credential_id)

    def create(self, options: dict[str, Any], **otherwise: Any) -> dict[str, Any]:
        """Answer CredentialCreationOptions as PublicKeyCredential.toJSON() does.

        `otherwise` replaces what the browser says: `type`, `challenge`, `origin`, `crossOrigin`; what the authenticator
        says: `rp_id`, `flags`, `public_key`, `fmt`, `att_stmt`; and members of the answer: `id`, `rawId`.
        """
        self.user_handle = options["user"]["id"]
        public_key = otherwise.pop("public_key", None) or cose(self.key)
        flags = otherwise.pop("flags", self.flags)
        head = self._head(otherwise.pop("rp_id", options["rp"]["id"]), flags | ATTESTED)
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + public_key
        attestation = {
            "fmt": otherwise.pop("fmt", "none"),
            "attStmt": otherwise.pop("att_stmt", {}),
            "authData": head + attested,
        }
        members: dict[str, Any] = {name: otherwise.pop(name) for name in ("id", "rawId") if name in otherwise}
        return {
            "id": self.id,
            "rawId": self.id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": b64(self._client_data("webauthn.create", options["challenge"], otherwise)),
                "attestationObject": b64(cbor2.dumps(attestation)),
                "transports": ["internal", "hybrid"],
            },
            **members,
        }

    def get(self, options: dict[str, Any], **otherwise: Any) -> dict[str, Any]:
        """Answer CREDENTIAL_REQUEST_OPTIONS with a signed assertion; `otherwise` as in `create`, and `userHandle`."""
        head = self._head(otherwise.pop("rp_id", options["rpId"]), otherwise.pop("flags", self.flags))
        handle = otherwise.pop("userHandle", self.user_handle)
        client_data = self._client_data("webauthn.get", options["challenge"], otherwise)
        return {
            "id": self.id,
            "rawId": self.id,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": b64(client_data),
                "authenticatorData": b64(head),
                "signature": b64(self._sign(head + hashlib.sha256(client_data).digest())),
                **({} if handle is None else {"userHandle": handle}),
            },
        }

    def text(self, options: dict[str, Any], **otherwise: Any) -> str:
        """Return the assertion as CREDENTIAL has it."""
        return json.dumps(self.get(options, **otherwise))

    def copy(self, **changes: Any) -> "Authenticator":
        """Return another authenticator with the same key: a stolen one, unless it is changed."""
        return replace(self, **changes)

    def _head(self, rp_id: str, flags: int) -> bytes:
        count = self.count or 0
        if self.count is not None:
            self.count += 1
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4)

    def _client_data(self, ceremony: str, challenge: str, otherwise: dict[str, Any]) -> bytes:
        said = {"type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **otherwise}
        return json.dumps(said).encode()

    def _sign(self, message: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, PKCS1v15(), SHA256())
        return self.key.sign(message, ec.ECDSA(SHA256()))


def cose(key: Key, *, algorithm: int | None = None) -> bytes:
    """Return the public half of a key as a COSE_Key, for ES256 or RS256 or what else is said."""
    if isinstance(key, rsa.RSAPrivateKey):
        n, e = key.public_key().public_numbers().n, key.public_key().public_numbers().e
        parts = {1: 3, 3: algorithm or -257, -1: n.to_bytes(-(-n.bit_length() // 8)), -2: e.to_bytes(3)}
    else:
        point, size = key.public_key().public_numbers(), -(-key.curve.key_size // 8)
        curve = {256: 1, 384: 2, 521: 3}[key.curve.key_size]
        parts = {1: 2, 3: algorithm or -7, -1: curve, -2: point.x.to_bytes(size), -3: point.y.to_bytes(size)}
    return cbor2.dumps(parts)
