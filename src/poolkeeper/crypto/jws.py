"""How are our tokens signed and checked? RS256 compact JWS (RFC 7515, RFC 7518 section 3.3) and nothing else.

The algorithm belongs to the key and is never read from a token; a header that `sign` would not have written byte for
byte is refused, which leaves no room for `none`, `crit`, `jwk`, `jku`, `zip`, a second `alg` or another spelling.
"""

from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

ALGORITHM = "RS256"
MAX_TOKEN = 16_384

_BITS = 2048
_EXPONENT = 65537
_KID_BYTES = 32
_PADDING = PKCS1v15()
_HASH = SHA256()


class BadToken(Exception):  # noqa: N818 - what is said of the token, not of us
    """A token that is not ours, or not as we signed it. The message is for the log."""


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    kid: str
    alg: str


def generate() -> RSAPrivateKey:
    """Make a key pair of 2048 bits (tens of milliseconds; OpenSSL's own randomness)."""
    return generate_private_key(_EXPONENT, _BITS)


def export_private(key: RSAPrivateKey) -> bytes:
    """Return the pair as PKCS #8 DER, bare: to be sealed."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def import_private(der: bytes) -> RSAPrivateKey:
    """Read what `export_private` wrote and a seal has kept: the costly checks of a foreign key are left out.

    Raises ValueError for anything but an RSA key of 2048 bits.
    """
    key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey) or key.key_size != _BITS:
        raise ValueError("not an RSA key of 2048 bits")
    return key


def key_id(random_bytes: bytes) -> str:
    """Return 32 random bytes as a `kid` that looks like Cognito's: base64 with its padding.

    Raises ValueError for another number of bytes.
    """
    if len(random_bytes) != _KID_BYTES:
        raise ValueError("a kid is made of 32 bytes")
    return b64encode(random_bytes).decode()


def public_jwk(kid: str, key: RSAPrivateKey | RSAPublicKey) -> dict[str, str]:
    """Return the JWK (RFC 7517) of a key, built from its public numbers alone."""
    numbers = (key.public_key() if isinstance(key, RSAPrivateKey) else key).public_numbers()
    return {
        "alg": ALGORITHM,
        "e": _number(numbers.e),
        "kid": kid,
        "kty": "RSA",
        "n": _number(numbers.n),
        "use": "sig",
    }


def sign(payload: bytes, *, kid: str, key: RSAPrivateKey) -> str:
    """Return the compact JWS of `payload` with the header `{"kid": ..., "alg": "RS256"}`."""
    signed = f"{_header_segment(kid)}.{_encode(payload)}"
    return f"{signed}.{_encode(key.sign(signed.encode(), _PADDING, _HASH))}"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A token taken apart: what it claims, until `verify` has said that one of our keys signed it."""

    kid: str
    payload: bytes
    signed: bytes
    signature: bytes

    def verify(self, keys: Mapping[str, RSAPublicKey]) -> bytes:
        """Return the payload if one of `keys` (by kid) signed it.

        Raises BadToken.
        """
        key = keys.get(self.kid)
        if key is None:
            raise BadToken("a kid that is none of ours")
        try:
            key.verify(self.signature, self.signed, _PADDING, _HASH)
        except InvalidSignature:
            raise BadToken("a signature that is not of this key") from None
        return self.payload


def read(token: str) -> Claimed:
    """Take a token apart, every byte of it spelt as we spell it; nothing of it is true yet.

    Raises BadToken for what has not the form of ours; a token above 16 KiB is not even split.
    """
    header, payload, signature = _segments(token)
    signed = token[: len(header) + 1 + len(payload)].encode()
    return Claimed(_claimed_kid(header), _decode(payload), signed, _decode(signature))


def open(token: str, keys: Mapping[str, RSAPublicKey]) -> bytes:  # noqa: A001 - read as jws.open, the opposite of sign
    """Return the payload of a token that one of `keys` (by kid) signed.

    Raises BadToken for everything else.
    """
    return read(token).verify(keys)


def peek(token: str) -> tuple[str, dict[str, Any]]:
    """Return the kid and the claims that a token claims, unverified: for finding the keys to open it with, no more.

    Raises BadToken where the token has not the form of ours or its payload is no JSON object.
    """
    claimed = read(token)
    try:
        claimed_claims = msgspec.json.decode(claimed.payload, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadToken("claims that are no JSON object") from None
    return claimed.kid, claimed_claims


def _segments(token: str) -> tuple[str, str, str]:
    if len(token) > MAX_TOKEN:
        raise BadToken("above 16 KiB")
    segments = token.split(".")
    if len(segments) != 3 or not token.isascii():
        raise BadToken("not three segments")
    return segments[0], segments[1], segments[2]


@lru_cache(maxsize=4096)
def _claimed_kid(segment: str) -> str:
    try:
        header = msgspec.json.decode(_decode(segment), type=_Header)
        ours = _header_segment(header.kid)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise BadToken("a header that is not ours") from None
    if segment != ours:
        raise BadToken("a header that is not spelt as ours")
    return header.kid


@lru_cache(maxsize=1024)
def _header_segment(kid: str) -> str:
    return _encode(msgspec.json.encode(_Header(kid=kid, alg=ALGORITHM)))


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(segment: str) -> bytes:
    """Decode base64url of one spelling: no padding, no foreign characters, no stray bits (RFC 4648 section 3.5)."""
    try:
        raw = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        raise BadToken("not base64url") from None
    if _encode(raw) != segment:
        raise BadToken("base64url of another spelling")
    return raw


def _number(value: int) -> str:
    return _encode(value.to_bytes((value.bit_length() + 7) // 8))
