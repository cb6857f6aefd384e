"""How are tokens of others checked? Compact JWS (RFC 7515) by their public keys (RFC 7517, 7518): RSA and elliptic curves.

A key says which algorithms it may verify, and a token's header can only choose among them: there is no `none`, no key of an
HMAC, and whatever the header brings along or points at (`jwk`, `jku`, `x5c`, `x5u`) is not looked at. A `kid` is a word that
is compared, never a path.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from poolkeeper.crypto import base64url

# Two hundred groups by their ids make 8 KiB; GetId's `Logins` take 50,000 characters.
MAX_TOKEN = 64 * 1024
# A header may carry a chain of certificates.
_MAX_HEADER = 16 * 1024
_MAX_KEYS = 64
# RFC 7518 3.3 asks for 2048; the time that a signature takes grows with modulus and exponent.
_RSA_BITS = range(2048, 8192 + 1)
_RSA_EXPONENTS = range(3, 2**32)

Hash = type[SHA256] | type[SHA384] | type[SHA512]
PublicKey = RSAPublicKey | ec.EllipticCurvePublicKey
Fault = Literal["malformed", "algorithm", "unknown-key", "signature"]


class BadForeignToken(Exception):  # noqa: N818 - what is said of the token, not of us
    """A token that nobody whom we know has signed. The message is for the log, `fault` for whoever judges.

    `malformed`: no compact JWS of a JSON object, or of a kind that we do not read. `algorithm`: one that is not
    taken. `unknown-key`: no key of that `kid` for that algorithm. `signature`: not by that key.
    """

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault: Fault = fault


@dataclass(frozen=True, slots=True)
class _Rsa:
    hashed: Hash
    pss: bool = False


@dataclass(frozen=True, slots=True)
class _Curve:
    hashed: Hash
    name: str
    curve: type[ec.EllipticCurve]
    size: int  # Bytes of a coordinate, and of each half of a signature.


ALGORITHMS: Mapping[str, _Rsa | _Curve] = {
    "RS256": _Rsa(SHA256),
    "RS384": _Rsa(SHA384),
    "RS512": _Rsa(SHA512),
    "PS256": _Rsa(SHA256, pss=True),
    "PS384": _Rsa(SHA384, pss=True),
    "PS512": _Rsa(SHA512, pss=True),
    "ES256": _Curve(SHA256, "P-256", ec.SECP256R1, 32),
    "ES384": _Curve(SHA384, "P-384", ec.SECP384R1, 48),
    "ES512": _Curve(SHA512, "P-521", ec.SECP521R1, 66),
}
_CURVES = {curve.name: curve for curve in ALGORITHMS.values() if isinstance(curve, _Curve)}

# RFC 8725 3.11: an access token (RFC 9068) or a logout token is no ID token, though the same key signs it. Identity pools
# write JWS (identity-security.md 1.5).
_KINDS = frozenset({"jwt", "jws", "application/jwt"})
_ACCESS_KINDS = frozenset({"at+jwt", "application/at+jwt"})


class _Header(msgspec.Struct, frozen=True):
    alg: str
    kid: str | None = None
    typ: str | None = None
    cty: str | None = None
    crit: Any = msgspec.UNSET
    b64: Any = msgspec.UNSET


class Jwk(msgspec.Struct, frozen=True):
    """A public key as it is written (RFC 7517 4, RFC 7518 6): the members that are gone by, others are passed over."""

    kty: str
    kid: str | None = None
    use: str | None = None
    key_ops: list[str] | None = None
    alg: str | None = None
    n: str | None = None
    e: str | None = None
    crv: str | None = None
    x: str | None = None
    y: str | None = None


class _Jwks(msgspec.Struct, frozen=True):
    keys: list[msgspec.Raw]


_decode_header = msgspec.json.Decoder(_Header).decode
_decode_jwks = msgspec.json.Decoder(_Jwks).decode
_decode_jwk = msgspec.json.Decoder(Jwk).decode
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, and the one algorithm that it is for, where its owner says so."""

    public: PublicKey
    algorithm: str | None

    def fits(self, algorithm: str) -> bool:
        """Say whether this key may verify by `algorithm`."""
        if self.algorithm not in {None, algorithm}:
            return False
        way = ALGORITHMS[algorithm]
        if isinstance(way, _Rsa):
            return isinstance(self.public, RSAPublicKey)
        return isinstance(self.public, ec.EllipticCurvePublicKey) and isinstance(self.public.curve, way.curve)


Keys = Mapping[str, tuple[Key, ...]]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A token taken apart: what it claims, until `verify` has passed."""

    algorithm: str
    kid: str
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes
    typ: str = ""

    @property
    def says_access(self) -> bool:
        """Whether its header says that it is an access token (RFC 9068 2.1)."""
        return self.typ in _ACCESS_KINDS

    def verify(self, keys: Keys) -> None:
        """Pass if a key of its `kid` among `keys` signed this token.

        RFC 7517 4.5 lets keys of different kinds share a `kid`. Raises BadForeignToken.
        """
        fitting = [key for key in keys.get(self.kid, ()) if key.fits(self.algorithm)]
        if not fitting:
            raise BadForeignToken("unknown-key", f"no key {self.kid[:64]!r} for {self.algorithm}")
        if not any(_signed_by(key.public, self.algorithm, self.signed, self.signature) for key in fitting):
            raise BadForeignToken("signature", f"not signed by the key {self.kid!r}")


def read(token: str, *, access: bool = False) -> Claimed:
    """Take a token apart; nothing of it is true yet.

    With `access` it may be an access token by its `typ`. Raises BadForeignToken: `malformed` above 64 KiB, for whatever is
    not spelt as RFC 7515 has it, for extensions (`crit`), and for a `typ` that is none of these; `algorithm` for one that
    no public key verifies.
    """
    segments = token.split(".") if len(token) <= MAX_TOKEN and token.isascii() else []
    if len(segments) != 3 or len(segments[0]) > _MAX_HEADER:
        raise BadForeignToken("malformed", "not three segments of a bearable length")
    try:
        header = _decode_header(base64url.decode(segments[0]))
        claims = _decode_object(base64url.decode(segments[1]))
        signature = base64url.decode(segments[2])
    except (ValueError, msgspec.MsgspecError, RecursionError) as fault:
        raise BadForeignToken("malformed", f"not a signed JSON object: {fault}") from None
    typ = (header.typ or "jwt").lower()
    kid = _require_readable(header, known=typ in (_KINDS | _ACCESS_KINDS if access else _KINDS))
    signed = token[: len(segments[0]) + 1 + len(segments[1])].encode()
    return Claimed(header.alg, kid, claims, signed, signature, typ)


def _require_readable(header: _Header, *, known: bool) -> str:
    """Return the `kid` of a header without extensions that we do not support; `known`: its `typ` is one that is read.

    Raises BadForeignToken.
    """
    rows: tuple[tuple[bool, Fault, str], ...] = (
        (header.alg not in ALGORITHMS, "algorithm", f"the algorithm {header.alg[:32]!r}"),
        (header.crit is not msgspec.UNSET, "malformed", "an extension that must be understood (crit)"),
        (header.b64 not in {msgspec.UNSET, True}, "malformed", "a payload that is not base64url (RFC 7797)"),
        (not known, "malformed", f"a token of another kind, {(header.typ or '')[:32]!r}"),
        (header.cty is not None and header.cty.lower() == "jwt", "malformed", "a token in a token"),
        (not header.kid, "unknown-key", "no kid"),
    )
    for bad, fault, message in rows:
        if bad:
            raise BadForeignToken(fault, message)
    return header.kid or ""


def read_keys(document: bytes) -> dict[str, tuple[Key, ...]]:
    """Return the keys of a JWK Set by `kid`: those that verify signatures in a way of ours, the first 64.

    What cannot be used is passed over (RFC 7517 5), a weak RSA key or a point that is not on its curve among it. Raises
    ValueError for what is no JWK Set.
    """
    try:
        listed = _decode_jwks(document).keys
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as fault:
        raise ValueError(f"not a JWK Set: {fault}") from None
    keys: dict[str, tuple[Key, ...]] = {}
    for raw in listed[:_MAX_KEYS]:
        try:
            jwk = _decode_jwk(raw)
            if jwk.kid and _verifies(jwk):
                keys[jwk.kid] = (*keys.get(jwk.kid, ()), Key(public_key(jwk), jwk.alg))
        except (ValueError, msgspec.MsgspecError, RecursionError):
            continue
    return keys


def _verifies(jwk: Jwk) -> bool:
    """Say whether its owner lets this key verify signatures in a way that we know."""
    return (
        jwk.use in {None, "sig"}
        and (jwk.key_ops is None or "verify" in jwk.key_ops)
        and (jwk.alg is None or jwk.alg in ALGORITHMS)
    )


def public_key(jwk: Jwk) -> PublicKey:
    """Build a key from its numbers. Raises ValueError."""
    if jwk.kty == "RSA":
        n, e = _number(jwk.n), _number(jwk.e)
        if n.bit_length() not in _RSA_BITS or e not in _RSA_EXPONENTS:
            raise ValueError("an RSA key too small or too slow")
        return RSAPublicNumbers(e, n).public_key()
    if jwk.kty == "EC" and jwk.crv in _CURVES:
        return ec.EllipticCurvePublicNumbers(_number(jwk.x), _number(jwk.y), _CURVES[jwk.crv].curve()).public_key()
    raise ValueError("a kind of key that is not ours")


def _number(text: str | None) -> int:
    if not text:
        raise ValueError("no number")
    return int.from_bytes(base64url.decode(text))


def signed_by(key: Key, algorithm: str, signed: bytes, signature: bytes) -> bool:
    """Say whether a key signed these bytes by an algorithm of ours, which must be one for that kind of key."""
    return key.fits(algorithm) and _signed_by(key.public, algorithm, signed, signature)


def _signed_by(public: PublicKey, algorithm: str, signed: bytes, signature: bytes) -> bool:
    way = ALGORITHMS[algorithm]
    try:
        if isinstance(way, _Rsa) and isinstance(public, RSAPublicKey):
            hashed = way.hashed()
            pad = padding.PSS(padding.MGF1(hashed), hashed.digest_size) if way.pss else padding.PKCS1v15()
            public.verify(signature, signed, pad, hashed)
            return True
        if isinstance(way, _Curve) and isinstance(public, ec.EllipticCurvePublicKey):
            if len(signature) != 2 * way.size:  # RFC 7518 3.4: both halves at full length.
                return False
            r, s = signature[: way.size], signature[way.size :]
            der = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
            public.verify(der, signed, ec.ECDSA(way.hashed()))
            return True
    except InvalidSignature:
        return False
    return False
