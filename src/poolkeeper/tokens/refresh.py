"""What is a refresh token? `base64url(version, session id, generation, MAC)`: the row behind it keeps the rest.

Nothing in the database makes one: the MAC is under a key derived from the pool's sealed secret (attacks.md 63).
"""

import hashlib
import hmac
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from poolkeeper.model.pool import Pool

_VERSION = 1
_MAC = 16
_LENGTH = 1 + 16 + 4 + _MAC


class BadRefreshToken(Exception):  # noqa: N818 - what is said of the token
    """A text that is no refresh token of this pool."""


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What a refresh token says: which session, and which generation of its tokens."""

    session_id: str
    generation: int


def write(pool: Pool, token: RefreshToken) -> str:
    """Return the token's text."""
    body = bytes((_VERSION,)) + uuid.UUID(token.session_id).bytes + token.generation.to_bytes(4)
    return urlsafe_b64encode(body + _mac(pool, body)).rstrip(b"=").decode()


def read(pool: Pool, text: str) -> RefreshToken:
    """Return what a refresh token of this pool says.

    Raises BadRefreshToken for anything that `write` did not write for this very pool, another spelling included.
    """
    if len(text) != (_LENGTH * 4 + 2) // 3 or not text.isascii():
        raise BadRefreshToken
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise BadRefreshToken from None
    body, mac = raw[:-_MAC], raw[-_MAC:]
    canonical = urlsafe_b64encode(raw).rstrip(b"=").decode() == text
    if len(raw) != _LENGTH or not canonical or not hmac.compare_digest(mac, _mac(pool, body)) or body[0] != _VERSION:
        raise BadRefreshToken
    return RefreshToken(session_id=str(uuid.UUID(bytes=body[1:17])), generation=int.from_bytes(body[17:21]))


def _mac(pool: Pool, body: bytes) -> bytes:
    key = hmac.digest(pool.secret, b"refresh token", hashlib.sha256)
    return hmac.digest(key, pool.pool_id.encode() + b"\x00" + body, hashlib.sha256)[:_MAC]
