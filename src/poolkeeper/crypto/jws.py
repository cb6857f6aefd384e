"""How are our tokens signed and checked? RS256 compact JWS (RFC 7515, RFC 7518 section 3.3) and nothing else.

The algorithm belongs to the key and is never read from a token; a header that `sign` would not have written byte for
byte is refused, which leaves no room for `none`, `crit`, `jwk`, `jku`, `zip`, a second `alg` or another spelling.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

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

from poolkeeper.crypto import base64url

ALGORITHM = "RS256"
# A hundred groups whose names have 128 characters of four bytes make 68 KB; the rest is for what PreTokenGeneration adds.
MAX_TOKEN = 96 * 1024

_BITS = 2048
_EXPONENT = 65537
_KID_BYTES = 32
# Ours have 92: a longer one is not ours, and nothing of it is kept.
_MAX_HEADER = 128
_SIGNATURE = (_BITS // 8 * 4 + 2) // 3
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


def sign(payload: bytes, *, kid: str, key: RSAPrivateKey, typ: str = "") -> str:
    """Return the compact JWS of `payload` with the header `{"kid": ..., "alg": "RS256"}`, and `typ` where one is given."""
    signed = f"{_header_segment(kid, typ)}.{base64url.encode(payload)}"
    return f"{signed}.{base64url.encode(key.sign(signed.encode(), _PADDING, _HASH))}"


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

    Raises BadToken for what has not the form of ours: above 96 KiB it is not even split, and with a longer header or
    another length of signature than ours nothing of it is decoded.
    """
    header, payload, signature = _segments(token)
    signed = token[: len(header) + 1 + len(payload)].encode()
    return Claimed(_claimed_kid(header), _decode(payload), signed, _decode(signature))


def _segments(token: str) -> tuple[str, str, str]:
    if len(token) > MAX_TOKEN:
        raise BadToken("above 96 KiB")
    segments = token.split(".")
    if len(segments) != 3 or not token.isascii():
        raise BadToken("not three segments")
    if len(segments[0]) > _MAX_HEADER or len(segments[2]) != _SIGNATURE:
        raise BadToken("a header or a signature that is not as long as ours")
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
def _header_segment(kid: str, typ: str = "") -> str:
    header = {"kid": kid, "alg": ALGORITHM}
    return base64url.encode(msgspec.json.encode({**header, "typ": typ} if typ else header))


def _decode(segment: str) -> bytes:
    """Decode base64url of one spelling: no padding, no foreign characters, no stray bits (RFC 4648 section 3.5)."""
    try:
        return base64url.decode(segment)
    except ValueError:
        raise BadToken("not base64url, or of another spelling") from None


def _number(value: int) -> str:
    return base64url.encode(value.to_bytes((value.bit_length() + 7) // 8))
