"""What is a session token? Sealed claims in the hands of their holder; the secret beside it is derived, and nothing is stored.

The secret of a temporary key follows from the sealing key that sealed the token and from the key's id, so every process knows
it as long as the ring holds that key: a rotation ends no session. Requests carry the token in a header, whose length SDKs,
proxies and our own limit on heads bound, so its own is bounded: policies and tags that are too large are refused.
"""

import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

import msgspec

from poolkeeper.call import House
from poolkeeper.crypto.seal import SealError, key_id_of
from poolkeeper.errors import (
    ExpiredSecurityTokenException,
    PackedPolicyTooLargeException,
    UnrecognizedClientException,
)
from poolkeeper.model.principal import Claims
from poolkeeper.secret import Secret

PREFIX = "ASIA"
LONGEST_TOKEN = 4_096
LONGEST_SESSION_SECONDS = 129_600
"""GetSessionToken and GetFederationToken, 36 hours: nothing that is sealed for clients lives longer."""

# Bytes that policies and tags may come to, compressed; what else is in a token (names, ids, a source identity) takes less
# than the rest of LONGEST_TOKEN.
ROOM = 1_792

INVALID = "The security token included in the request is invalid."
EXPIRED = "The security token included in the request is expired"

_PURPOSE = "session token"
_SECRET_PURPOSE = "secret of a temporary key"  # noqa: S105 - a name for what is derived
_SECRET_BYTES = 30
_LAYOUT = b"\x01"
_LOOKAHEAD = 262  # what zlib keeps of a window for itself

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Claims).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Temporary:
    """Temporary credentials. `packed_percent` says how much of the room for policies and tags is taken; None: nothing is."""

    access_key_id: str
    secret: Secret
    token: str
    expires_at: int
    packed_percent: int | None


def issue(house: House, claims: Claims) -> Temporary:
    """Make temporary credentials for claims, whose access key id is chosen here.

    Raises PackedPolicyTooLargeException.
    """
    claims = msgspec.structs.replace(claims, access_key_id=PREFIX + house.entropy.base32(16))
    packed = _packed_size(claims)
    percent = None if packed is None else -(-packed * 100 // ROOM)
    if percent is not None and percent > 100:
        raise PackedPolicyTooLargeException(
            f"Packed policy consumes {percent}% of allotted space, please use smaller policy."
        )
    sealed = house.sealer.seal_blob(_LAYOUT + _compressed(_encode(claims)), purpose=_PURPOSE, now=claims.issued_at)
    token = b64encode(sealed).decode()
    if len(token) > LONGEST_TOKEN:
        raise PackedPolicyTooLargeException(
            f"The session token would be {len(token)} bytes long; {LONGEST_TOKEN} are allowed."
        )
    return Temporary(
        access_key_id=claims.access_key_id,
        secret=_secret(house, claims.access_key_id, key_id_of(sealed)),
        token=token,
        expires_at=claims.expires_at,
        packed_percent=percent,
    )


def opened(house: House, token: str, *, access_key_id: str, now: int) -> tuple[Claims, Secret]:
    """Return what a session token says that came beside an access key's id, and the secret of that key.

    Raises UnrecognizedClientException for a token that is none, is not of this key, or was sealed before the database was
    restored (a revocation since then is gone with it), ExpiredSecurityTokenException for one whose time is over.
    """
    if len(token) > LONGEST_TOKEN:
        raise UnrecognizedClientException(INVALID, detail="the session token is too long")
    try:
        sealed = b64decode(token, validate=True)
        if b64encode(sealed).decode() != token:
            raise UnrecognizedClientException(INVALID, detail="the session token is of another spelling")
        content = house.sealer.open_blob(sealed, purpose=_PURPOSE)
    except (ValueError, SealError) as fault:
        raise UnrecognizedClientException(INVALID, detail=f"the session token is none of ours: {fault}") from None
    if not content.startswith(_LAYOUT):
        raise UnrecognizedClientException(INVALID, detail="the session token was sealed by another Poolkeeper")

    claims = _decode(zlib.decompress(content[len(_LAYOUT) :]))
    if claims.access_key_id != access_key_id:
        raise UnrecognizedClientException(INVALID, detail="the session token is of another access key")
    if claims.issued_at <= house.restored_at:
        raise UnrecognizedClientException(INVALID, detail="the session is older than the database's last restore")
    if claims.expires_at <= now:
        raise ExpiredSecurityTokenException(EXPIRED)
    return claims, _secret(house, access_key_id, key_id_of(sealed))


def _secret(house: House, access_key_id: str, key_id: str) -> Secret:
    derived = house.sealer.derive(access_key_id, purpose=_SECRET_PURPOSE, key_id=key_id)
    return Secret(b64encode(derived[:_SECRET_BYTES]).decode())


def _packed_size(claims: Claims) -> int | None:
    """Return the bytes that policies and tags come to, None where there are none."""
    packed = (claims.policies, claims.policy_arns, claims.tags, claims.transitive_tag_keys)
    return len(_compressed(_encode(packed))) if any(packed) else None


def _compressed(content: bytes) -> bytes:
    """Compress as RFC 1950 says, with a window that is no larger than the content asks for.

    To clear one of 32 KiB takes several times as long as the rest (zlib's manual, deflateInit2: windowBits and memLevel).
    """
    window = min(max((len(content) + _LOOKAHEAD).bit_length(), 10), zlib.MAX_WBITS)
    stream = zlib.compressobj(9, zlib.DEFLATED, window, window - 7)
    return stream.compress(content) + stream.flush()
