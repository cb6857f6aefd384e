"""How are tokens signed that are meant for other systems? RS512 or RS256, by a key that has a certificate.

Identity pools' tokens are shown to clouds and object stores, some of which take no key without one (identity-security.md
2.4). A header that `sign` would not have written byte for byte is refused, as in jws.py.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from poolkeeper.crypto import base64url
from poolkeeper.crypto.jws import BadToken, public_jwk

ALGORITHMS = {"RS512": SHA512(), "RS256": SHA256()}
MAX_TOKEN = 20_000
"""What STS takes for a WebIdentityToken; identity pools' tokens are no longer."""

_PADDING = PKCS1v15()
_MAX_HEADER = 160
_VALID_DAYS = 3_650


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    kid: str
    typ: str
    alg: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A token taken apart: what it claims, until `verify` has said that one of our keys signed it."""

    kid: str
    algorithm: str
    payload: bytes
    signed: bytes
    signature: bytes

    def verify(self, keys: Mapping[str, RSAPublicKey]) -> bytes:
        """Return the payload if one of `keys` (by kid) signed it; raises BadToken."""
        key = keys.get(self.kid)
        if key is None:
            raise BadToken("a kid that is none of ours")
        try:
            key.verify(self.signature, self.signed, _PADDING, ALGORITHMS[self.algorithm])
        except InvalidSignature:
            raise BadToken("a signature that is not of this key") from None
        return self.payload


def certificate(key: RSAPrivateKey, *, name: str, serial: int, now: int) -> bytes:
    """Return a certificate of a key, signed by itself, as DER; it says nothing but a name, and is good for ten years."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = now // 1000 - 86_400
    signed_certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime.fromtimestamp(begins, UTC))
        .not_valid_after(datetime.fromtimestamp(begins + _VALID_DAYS * 86_400, UTC))
        .sign(key, SHA256())
    )
    return signed_certificate.public_bytes(Encoding.DER)


def thumbprint(certificate: bytes) -> str:
    """Return the SHA-1 of a certificate in hexadecimal digits: a name by which others know it, and no proof of anything."""
    return hashlib.sha1(certificate, usedforsecurity=False).hexdigest()


def certified_jwk(kid: str, key: RSAPublicKey, *, algorithm: str, certificate: bytes) -> dict[str, str | list[str]]:
    """Return the JWK of a key with its certificate (RFC 7517 section 4.7)."""
    return {**public_jwk(kid, key), "alg": algorithm, "x5c": [b64encode(certificate).decode()]}


def sign(payload: bytes, *, kid: str, key: RSAPrivateKey, algorithm: str) -> str:
    """Return the compact JWS of `payload` with the header `{"kid": ..., "typ": "JWS", "alg": ...}`."""
    signed = f"{_header_segment(kid, algorithm)}.{base64url.encode(payload)}"
    return f"{signed}.{base64url.encode(key.sign(signed.encode(), _PADDING, ALGORITHMS[algorithm]))}"


def read(token: str) -> Claimed:
    """Take a token apart, every byte of it spelt as we spell it; nothing of it is true yet. Raises BadToken."""
    segments = token.split(".") if len(token) <= MAX_TOKEN and token.isascii() else []
    if len(segments) != 3 or len(segments[0]) > _MAX_HEADER:
        raise BadToken("not three segments, or too long")
    header, payload, signature = segments
    try:
        claimed_header = msgspec.json.decode(base64url.decode(header), type=_Header)
        decoded = base64url.decode(payload), base64url.decode(signature)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        raise BadToken("not a token of ours, or of another spelling") from None
    if claimed_header.alg not in ALGORITHMS or header != _header_segment(claimed_header.kid, claimed_header.alg):
        raise BadToken("a header that is not ours")
    return Claimed(claimed_header.kid, claimed_header.alg, decoded[0], f"{header}.{payload}".encode(), decoded[1])


@lru_cache(maxsize=64)
def _header_segment(kid: str, algorithm: str) -> str:
    return base64url.encode(msgspec.json.encode(_Header(kid=kid, typ="JWS", alg=algorithm)))
