"""What is a DPoP proof? A JWT for one request, signed by the key that it brings along (RFC 9449 4.2, 4.3 steps 2 to 7).

Whoever reads one learns which key its sender holds, and nothing of who they are: the key is their own, so that everything here
is bounded before it is worked on. For which request it is, and whether it was used before, is judged by others.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from poolkeeper.crypto import base64url
from poolkeeper.crypto.foreign_jws import Jwk, Key, public_key, signed_by

# Public keys alone: with an HMAC the proof would hold its own secret, with `none` it would prove nothing.
ALGORITHMS = ("ES256", "ES384", "ES512", "PS256", "RS256")
# An RSA key of 4,096 bits with its signature makes 2 KB.
MAX_PROOF = 6 * 1024
MOST_RSA_BITS = 4_096
# RFC 7518 6.2.2, 6.3.2, 6.4.1.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_COORDINATES = {"P-256": 32, "P-384": 48, "P-521": 66}

_Short = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class BadDpop(Exception):  # noqa: N818 - what is said of the proof
    """A proof that proves nothing. Its text says why, to whoever sent it: it tells them nothing that they do not know."""


class _Header(msgspec.Struct, frozen=True):
    typ: str
    alg: str
    jwk: dict[str, Any]
    crit: Any = msgspec.UNSET
    b64: Any = msgspec.UNSET


class DpopClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a proof says: for which request it is, of when, and, beside an access token, of which token (`ath`)."""

    jti: _Short
    htm: Annotated[str, msgspec.Meta(max_length=32)]
    htu: Annotated[str, msgspec.Meta(max_length=2_048)]
    iat: Annotated[float, msgspec.Meta(ge=0, lt=2**53)]
    ath: str = ""
    nonce: _Short | None = None


_decode_header = msgspec.json.Decoder(_Header).decode
_decode_claims = msgspec.json.Decoder(DpopClaims).decode


@dataclass(frozen=True, slots=True)
class ClaimedDpop:
    """A proof taken apart: nothing of it is true until `verify` has passed. `jkt` is the thumbprint of its key."""

    claims: DpopClaims
    jkt: str
    _algorithm: str
    _key: Key
    _signed: bytes
    _signature: bytes

    def verify(self) -> None:
        """Pass if the key of this proof signed it. Raises BadDpop."""
        if not signed_by(self._key, self._algorithm, self._signed, self._signature):
            raise BadDpop("The proof is not signed by its key")


def read(text: str) -> ClaimedDpop:
    """Take a proof apart. Raises BadDpop."""
    segments = text.split(".") if len(text) <= MAX_PROOF and text.isascii() else []
    if len(segments) != 3:
        raise BadDpop("The proof is not three segments of a bearable length")
    try:
        header = _decode_header(base64url.decode(segments[0]))
        claims = _decode_claims(base64url.decode(segments[1]))
        signature = base64url.decode(segments[2])
    except (ValueError, msgspec.MsgspecError, RecursionError):
        raise BadDpop("The proof is no JWT with typ, alg and jwk, jti, htm, htu and iat") from None
    key, jkt = _key(header)
    signed = text[: len(segments[0]) + 1 + len(segments[1])].encode()
    return ClaimedDpop(claims, jkt, header.alg, key, signed, signature)


def _key(header: _Header) -> tuple[Key, str]:
    """Return the key of a header without extensions that we do not support, and its thumbprint. Raises BadDpop."""
    rows = (
        (header.typ != "dpop+jwt", "typ is not dpop+jwt"),
        (header.alg not in ALGORITHMS, "alg is not supported"),
        (header.crit is not msgspec.UNSET or header.b64 is not msgspec.UNSET, "An extension is not supported"),
        (bool(_PRIVATE.intersection(header.jwk)), "jwk holds a private key"),
    )
    for bad, why in rows:
        if bad:
            raise BadDpop(why)
    try:
        jwk = msgspec.convert(header.jwk, Jwk)
        key = Key(public_key(jwk), jwk.alg)
        jkt = _thumbprint(jwk)
    except (ValueError, msgspec.MsgspecError):
        raise BadDpop("jwk is no public key that is supported") from None
    if isinstance(key.public, RSAPublicKey) and key.public.key_size > MOST_RSA_BITS:
        raise BadDpop("jwk is too large")
    return key, jkt


def _thumbprint(jwk: Jwk) -> str:
    """Return the thumbprint of a key by SHA-256 (RFC 7638 section 3).

    Raises ValueError for numbers that are not written as RFC 7518 6.2.1 and 6.3.1 have it: a key has one thumbprint.
    """
    if jwk.kty == "EC":
        members = {"crv": jwk.crv, "kty": jwk.kty, "x": jwk.x, "y": jwk.y}
        size = _COORDINATES[jwk.crv or ""]
        regular = all(len(base64url.decode(coordinate or "")) == size for coordinate in (jwk.x, jwk.y))
    else:
        members = {"e": jwk.e, "kty": jwk.kty, "n": jwk.n}
        regular = not any(base64url.decode(number or "").startswith(b"\x00") for number in (jwk.n, jwk.e))
    if not regular:
        raise ValueError("a number of another length")
    return base64url.encode(hashlib.sha256(msgspec.json.encode(members, order="sorted")).digest())
