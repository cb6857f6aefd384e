"""Which code does an authenticator app show? TOTP with HMAC-SHA-1, six digits, steps of 30 seconds (RFC 6238, 4226)."""

import hashlib
import hmac
from base64 import b32decode, b32encode

SECRET_BYTES = 32
STEP = 30_000
_SKEW = 1
# RFC 4226, requirement 6: 128 bits at least; more than a block of SHA-1 adds nothing.
_SHORTEST, _LONGEST = 16, 64


def accepted_step(secret: bytes, given: str, *, now: int) -> int | None:
    """Return the time step whose code `given` is, None where it is none of those around `now` (milliseconds).

    One step early and one step late are accepted (userpools.md 3.8). All are computed whatever fits, so that the
    time taken tells nothing.
    """
    current = now // STEP
    steps = range(current - _SKEW, current + _SKEW + 1)
    fitting = [step for step in steps if hmac.compare_digest(code(secret, step).encode(), given.encode())]
    return max(fitting, default=None)


def code(secret: bytes, step: int, *, digits: int = 6) -> str:
    """Return the code of one time step: dynamic truncation of its HMAC (RFC 4226 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def typed(secret: bytes) -> str:
    """Return a secret as people and QR codes carry it: base32 without padding."""
    return b32encode(secret).decode().rstrip("=")


def secret_of(text: str) -> bytes | None:
    """Return the secret that people and QR codes carry as this text, None for what is no base32 or no secret of that length."""
    plain = "".join(text.split()).upper().rstrip("=")
    try:
        secret = b32decode(plain + "=" * (-len(plain) % 8))
    except ValueError:
        return None
    return secret if _SHORTEST <= len(secret) <= _LONGEST else None
