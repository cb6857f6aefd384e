"""What is a refresh token? `base64url(version, session id, generation, MAC)`: the row behind it keeps the rest.

A token that is bound to a key of its client is of the second version: the key's thumbprint stands before the MAC (RFC 9449 5).

The database alone is not enough to make one: the key of the MAC is derived from the pool's sealed secret (attacks.md 63).
"""

import hashlib
import hmac
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from poolkeeper.crypto import base64url
from poolkeeper.model.pool import Pool

_VERSION, _BOUND = 1, 2
_MAC, _THUMBPRINT = 16, 32
_UNBOUND_LENGTH = 1 + 16 + 4 + _MAC
_LENGTHS = {_VERSION: _UNBOUND_LENGTH, _BOUND: _UNBOUND_LENGTH + _THUMBPRINT}
_TEXT_LENGTHS = frozenset((length * 4 + 2) // 3 for length in _LENGTHS.values())


class BadRefreshToken(Exception):  # noqa: N818 - what is said of the token
    """A text that is no refresh token of this pool."""


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What a refresh token says: its session, its generation, and the thumbprint of the key that binds it, empty for none."""

    session_id: str
    generation: int
    jkt: str = ""


def write(pool: Pool, token: RefreshToken) -> str:
    """Return the text of a token, with the MAC of its pool."""
    version, bound_to = (_BOUND, base64url.decode(token.jkt)) if token.jkt else (_VERSION, b"")
    body = bytes((version,)) + uuid.UUID(token.session_id).bytes + token.generation.to_bytes(4) + bound_to
    return urlsafe_b64encode(body + _mac(pool, body)).rstrip(b"=").decode()


def read(pool: Pool, text: str) -> RefreshToken:
    """Return what a refresh token of this pool says.

    Raises BadRefreshToken for anything that `write` did not write for this very pool, also for another spelling of that.
    """
    if len(text) not in _TEXT_LENGTHS or not text.isascii():
        raise BadRefreshToken
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise BadRefreshToken from None
    body, mac = raw[:-_MAC], raw[-_MAC:]
    canonical = urlsafe_b64encode(raw).rstrip(b"=").decode() == text
    if not canonical or not hmac.compare_digest(mac, _mac(pool, body)) or _LENGTHS.get(body[0]) != len(raw):
        raise BadRefreshToken
    return RefreshToken(
        session_id=str(uuid.UUID(bytes=body[1:17])),
        generation=int.from_bytes(body[17:21]),
        jkt=base64url.encode(body[21:]),
    )


def _mac(pool: Pool, body: bytes) -> bytes:
    key = hmac.digest(pool.secret, b"refresh token", hashlib.sha256)
    return hmac.digest(key, pool.pool_id.encode() + b"\x00" + body, hashlib.sha256)[:_MAC]
