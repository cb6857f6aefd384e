"""Does an authenticator's answer hold? The rules of WebAuthn Level 3 (7.1, 7.2): ours first, the library's after them.

Ours say what is wrong, by a name that callers can tell apart; the library judges the same answer once more, and the
signature (webauthn_library.py, which is not loaded at start: that takes 75 ms and 6 MiB).
"""

import hashlib
import hmac
import re

from poolkeeper.crypto.webauthn_answers import (
    Assertion,
    BadCredential,
    Expected,
    Fault,
    NewKey,
    Registration,
    Use,
    decoded,
    read_client_data,
)

_HEAD = 37  # the hash of the relying party, the flags, the count: what all authenticator data begins with
_PRESENT, _VERIFIED = 0x01, 0x04
_ORIGIN = re.compile(r"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::[0-9]{1,5})?")
# The base point of P-256, which everybody has the private key of: for spending the time of a key that is not there.
DECOY_KEY = bytes.fromhex(
    "a5010203262001"
    "2158206b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "2258204fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


def judge_registration(given: Registration, expected: Expected) -> NewKey:
    """Return the key that may be kept (WebAuthn Level 3, 7.1).

    Raises BadCredential.
    """
    from poolkeeper.crypto import webauthn_library as library  # noqa: PLC0415 - only who has passkeys pays for it

    origin = _require_client_data(given.client_data, "webauthn.create", expected)
    authenticator_data = library.authenticator_data(given.attestation)
    _require_head(authenticator_data, expected)
    attested_id, public_key = library.attested_key(authenticator_data)
    if attested_id != given.credential_id:
        raise BadCredential(Fault.MALFORMED, "the attested key is another one")
    library.require_supported(public_key)
    library.accept_registration(given, authenticator_data, expected, origin)
    return NewKey(credential_id=given.credential_id, public_key=public_key, sign_count=_count(authenticator_data))


def judge_assertion(given: Assertion, expected: Expected, *, public_key: bytes, sign_count: int) -> Use:
    """Judge one use of the key `public_key`, which was last seen with `sign_count` (WebAuthn Level 3, 7.2).

    Raises BadCredential.
    """
    from poolkeeper.crypto import webauthn_library as library  # noqa: PLC0415 - only who has passkeys pays for it

    origin = _require_client_data(given.client_data, "webauthn.get", expected)
    _require_head(given.authenticator_data, expected)
    library.accept_assertion(given, expected, origin, public_key)
    count = _count(given.authenticator_data)
    if (count or sign_count) and count <= sign_count:
        raise BadCredential(Fault.COUNT, f"sign count {count} came after {sign_count}: the key may have been copied")
    return Use(sign_count=count, user_verified=bool(given.authenticator_data[32] & _VERIFIED))


def is_origin_of(origin: str, relying_party: str) -> bool:
    """Say whether a page of `origin` may speak for a relying party: its own name or one below it, on any port.

    By https, or by http where the name is the machine's own (WebAuthn Level 3, 5.1.2; Secure Contexts 3.1).
    """
    parts = _ORIGIN.fullmatch(origin)
    if parts is None:
        return False
    scheme, host = parts[1], parts[2]
    local = host == "localhost" or host.endswith(".localhost")
    return (scheme == "https" or local) and (host == relying_party or host.endswith(f".{relying_party}"))


def _require_client_data(raw: bytes, ceremony: str, expected: Expected) -> str:
    """Return the origin of a ceremony that was this one, on a page of this relying party and in nobody's frame."""
    data = read_client_data(raw)
    if data.type != ceremony:
        raise BadCredential(Fault.MALFORMED, f"client data of {data.type}")
    if not hmac.compare_digest(decoded(data.challenge), expected.challenge):
        raise BadCredential(Fault.CHALLENGE, "another challenge")
    if not is_origin_of(data.origin, expected.relying_party):
        raise BadCredential(Fault.ORIGIN, f"origin {data.origin}")
    if data.cross_origin:
        # A frame in a page of somebody else, who decides what the user sees around it (WebAuthn Level 3, 13.4.2).
        raise BadCredential(Fault.ORIGIN, "a frame in another site's page")
    return data.origin


def _require_head(authenticator_data: bytes, expected: Expected) -> None:
    if len(authenticator_data) < _HEAD:
        raise BadCredential(Fault.MALFORMED, "authenticator data of a few bytes")
    if not hmac.compare_digest(authenticator_data[:32], hashlib.sha256(expected.relying_party.encode()).digest()):
        raise BadCredential(Fault.RELYING_PARTY, "another relying party")
    flags = authenticator_data[32]
    if not flags & _PRESENT:
        raise BadCredential(Fault.USER_ABSENT, "nobody was present")
    if expected.user_verified and not flags & _VERIFIED:
        raise BadCredential(Fault.USER_NOT_VERIFIED, "the user was not verified")


def _count(authenticator_data: bytes) -> int:
    return int.from_bytes(authenticator_data[33:_HEAD])
