"""What does EncodedData say of a device? Read, and believed no further than that it names this user of this app client.

AWS's libraries collect it and sign it with the id of the app client, which everybody knows: whoever takes one and alters it
is caught, whoever makes one is not (identity-security.md 4.2).
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from poolkeeper.model.session import LONGEST_USER_AGENT

_LONGEST = 16_384
_LONGEST_TEXT = 128
# What stays the same of a device for months where it has no DeviceId: versions, languages and screens do not. With one
# nothing else counts: the DeviceFingerprint of AWS's script for browsers holds the User-Agent, version and all.
_OF_A_DEVICE = (
    "DeviceFingerprint",
    "DeviceBrand",
    "DeviceHardware",
    "Product",
    "Platform",
    "DevicePlatform",
)


class _Envelope(msgspec.Struct):
    payload: str
    signature: str = ""
    version: str = ""


class _Payload(msgspec.Struct, rename="camel"):
    context_data: dict[str, Any] = {}
    username: str = ""
    user_pool_id: str = ""


_envelope_of = msgspec.json.Decoder(_Envelope).decode
_payload_of = msgspec.json.Decoder(_Payload).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What a client tells of its device. `forged`: it does not hold what it says, and nothing of it counts."""

    device: str = ""
    device_name: str = ""
    time_zone: str = ""
    user_agent: str = ""
    forged: bool = False


NOTHING = Fingerprint()
_FORGED = Fingerprint(forged=True)


def read(encoded: str | None, *, client_id: str, pool_id: str, names: Collection[str]) -> Fingerprint:
    """Return what EncodedData says of a device, if it is of this app client and pool and of one of `names`.

    Data that cannot be read are no error: whoever asks goes on without them (identity-security.md 4.2).
    """
    if not encoded:
        return NOTHING
    try:
        text = "".join(encoded[:_LONGEST].split())
        envelope = _envelope_of(b64decode(text + "=" * (-len(text) % 4), validate=True))
        payload = _payload_of(envelope.payload)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return _FORGED
    signed = (envelope.version + envelope.payload).encode()
    expected = b64encode(hmac.digest(client_id.encode(), signed, hashlib.sha256)).decode()
    if not hmac.compare_digest(expected.encode(), envelope.signature.encode()):
        return _FORGED
    if payload.user_pool_id != pool_id or payload.username not in names:
        return _FORGED
    return _fingerprint(payload.context_data)


def _fingerprint(context_data: Mapping[str, Any]) -> Fingerprint:
    own_id = _text(context_data, "DeviceId")
    of_device = [own_id] if own_id else [_text(context_data, name) for name in _OF_A_DEVICE]
    digest = hashlib.sha256("\x00".join(of_device).encode()).hexdigest()[:32]
    return Fingerprint(
        device=digest if any(of_device) else "",
        device_name=_text(context_data, "DeviceName"),
        time_zone=_text(context_data, "ClientTimezone"),
        user_agent=_text(context_data, "UserAgent", LONGEST_USER_AGENT),
    )


def _text(context_data: Mapping[str, Any], name: str, longest: int = _LONGEST_TEXT) -> str:
    value = context_data.get(name)
    return value[:longest] if isinstance(value, str) else ""
