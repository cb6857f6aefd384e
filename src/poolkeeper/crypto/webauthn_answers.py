"""What does an authenticator say? Its answers taken apart (WebAuthn Level 3, 5.8), and the names of what can be wrong."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

import msgspec

from poolkeeper.crypto import base64url

ES256 = -7
RS256 = -257
ALGORITHMS = (ES256, RS256)

# Longer than an answer of any authenticator, short enough for whatever its CBOR unfolds to.
_LONGEST = 16_384
_LONGEST_ID = 1_023
_NULL = msgspec.Raw(b"null")


class Fault(Enum):
    """What is wrong with an answer."""

    MALFORMED = auto()
    CHALLENGE = auto()
    ORIGIN = auto()
    RELYING_PARTY = auto()
    USER_ABSENT = auto()
    USER_NOT_VERIFIED = auto()
    UNSUPPORTED_KEY = auto()
    COUNT = auto()
    REFUSED = auto()


class BadCredential(Exception):  # noqa: N818 - what is said of the answer, not of us
    """An answer that does not hold. `fault` says why; the text is for the log."""

    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


class ClientData(msgspec.Struct, frozen=True):
    """What a browser says of the ceremony."""

    type: str
    challenge: str
    origin: str
    cross_origin: bool = msgspec.field(name="crossOrigin", default=False)


class _Attested(msgspec.Struct, frozen=True):
    client_data: str = msgspec.field(name="clientDataJSON")
    attestation: str = msgspec.field(name="attestationObject")
    transports: list[str] = []


class _Asserted(msgspec.Struct, frozen=True):
    client_data: str = msgspec.field(name="clientDataJSON")
    authenticator_data: str = msgspec.field(name="authenticatorData")
    signature: str
    user_handle: str | None = msgspec.field(name="userHandle", default=None)


class _RegistrationJson(msgspec.Struct, frozen=True):
    id: str
    raw_id: str = msgspec.field(name="rawId")
    type: Literal["public-key"]
    response: _Attested
    attachment: msgspec.Raw = msgspec.field(name="authenticatorAttachment", default=_NULL)


class _AssertionJson(msgspec.Struct, frozen=True):
    id: str
    raw_id: str = msgspec.field(name="rawId")
    type: Literal["public-key"]
    response: _Asserted


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What an authenticator says of a key that it made; nothing of it has been judged."""

    claimed_challenge: bytes
    credential_id: bytes
    client_data: bytes
    attestation: bytes
    transports: tuple[str, ...]
    attachment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What an authenticator signed, by which key and for whom; nothing of it has been judged."""

    credential_id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an answer must hold: the challenge, whom it is for, and whether the user must have been verified."""

    challenge: bytes
    relying_party: str
    user_verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that may be kept: its COSE form (RFC 9053) and the count that its next use must exceed."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a key that was judged good."""

    sign_count: int
    user_verified: bool


def read_registration(document: bytes) -> Registration:
    """Take the text of a RegistrationResponseJSON apart.

    Raises BadCredential for what has not its form.
    """
    try:
        given = msgspec.json.decode(document, type=_RegistrationJson)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as fault:
        raise BadCredential(Fault.MALFORMED, str(fault)) from None
    client_data = decoded(given.response.client_data)
    return Registration(
        claimed_challenge=decoded(read_client_data(client_data).challenge),
        credential_id=_credential_id(given.id, given.raw_id),
        client_data=client_data,
        attestation=decoded(given.response.attestation),
        transports=tuple(given.response.transports),
        attachment=_text(given.attachment),
    )


def read_assertion(text: str) -> Assertion:
    """Take the text of an AuthenticationResponseJSON apart.

    Raises BadCredential for what has not its form.
    """
    try:
        given = msgspec.json.decode(text, type=_AssertionJson)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as fault:
        raise BadCredential(Fault.MALFORMED, str(fault)) from None
    handle = given.response.user_handle
    return Assertion(
        credential_id=_credential_id(given.id, given.raw_id),
        client_data=decoded(given.response.client_data),
        authenticator_data=decoded(given.response.authenticator_data),
        signature=decoded(given.response.signature),
        user_handle=None if handle is None else decoded(handle),
    )


def read_client_data(raw: bytes) -> ClientData:
    """Take client data apart.

    Raises BadCredential for what has not its form.
    """
    try:
        return msgspec.json.decode(raw, type=ClientData)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as fault:
        raise BadCredential(Fault.MALFORMED, str(fault)) from None


def decoded(text: str) -> bytes:
    """Return the bytes that base64url spells.

    Raises BadCredential.
    """
    if len(text) > _LONGEST:
        raise BadCredential(Fault.MALFORMED, f"above {_LONGEST} characters")
    try:
        return base64url.decode(text)
    except ValueError as fault:
        raise BadCredential(Fault.MALFORMED, str(fault)) from None


def _text(value: msgspec.Raw) -> str | None:
    """Return a text, and None for a value of any other kind."""
    try:
        return msgspec.json.decode(value, type=str)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _credential_id(text: str, raw: str) -> bytes:
    identifier = decoded(raw)
    if text != raw or not 0 < len(identifier) <= _LONGEST_ID:
        raise BadCredential(Fault.MALFORMED, "id and rawId differ, are empty or too long")
    return identifier
