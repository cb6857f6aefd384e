"""How does a browser answer with a passkey? One P-256 key, which makes itself known and signs (WebAuthn Level 3, 6)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

ORIGIN = "http://localhost:3000"
RELYING_PARTY = "localhost"
_PRESENT_AND_VERIFIED, _ATTESTED = 0x05, 0x40


@dataclass(frozen=True, slots=True)
class Authenticator:
    """An authenticator with one key, which does not count its uses."""

    credential_id: bytes
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def registration(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Answer CredentialCreationOptions: the Credential of CompleteWebAuthnRegistration."""
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + self._public_key()
        data = _head(_PRESENT_AND_VERIFIED | _ATTESTED) + attested
        return self._credential(
            clientDataJSON=_client_data("webauthn.create", options["challenge"]),
            attestationObject=encode_cbor({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def assertion(self, options: Mapping[str, Any]) -> str:
        """Answer CREDENTIAL_REQUEST_OPTIONS: the text of CREDENTIAL."""
        data, client_data = _head(_PRESENT_AND_VERIFIED), _client_data("webauthn.get", options["challenge"])
        signature = self.key.sign(data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return json.dumps(self._credential(clientDataJSON=client_data, authenticatorData=data, signature=signature))

    def _public_key(self) -> bytes:
        """Return the public half as a COSE_Key (RFC 9053 7.1)."""
        point = self.key.public_key().public_numbers()
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})

    def _credential(self, **response: bytes) -> dict[str, Any]:
        name = _text(self.credential_id)
        members = {member: _text(value) for member, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": members}


def _head(flags: int) -> bytes:
    return sha256(RELYING_PARTY.encode()).digest() + bytes([flags]) + bytes(4)


def _client_data(ceremony: str, challenge: str) -> bytes:
    return json.dumps({"type": ceremony, "challenge": challenge, "origin": ORIGIN, "crossOrigin": False}).encode()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpadded(text: str) -> bytes:
    """Return what base64url without padding says."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
