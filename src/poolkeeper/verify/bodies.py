"""Is the body the one that was signed? Hashed as it passes, and its end is not given out before that is known."""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from urllib.parse import unquote

from poolkeeper.verify.asking import Headers, Refused

# Bodies whose hash the client does not send are read before the question, up to this; more than that is 413.
MOST_HELD = 10 * 1024 * 1024
# What the server reads itself: the names of objects that are taken away.
MOST_HANDED = 128 * 1024
_PIECE = 65_536
_HASH = re.compile(r"[0-9a-f]{64}")

MISMATCH_STATUS = 400
MISMATCH = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>XAmzContentSHA256Mismatch</Code>'
    b"<Message>The provided 'x-amz-content-sha256' header does not match what was computed.</Message></Error>"
)
TOO_LARGE = b'{"message":"The body is too large to be checked before it is served."}'
HEADERS: Mapping[str, str] = {"content-type": "application/xml"}
JSON: Mapping[str, str] = {"content-type": "application/json"}


class BodyMismatch(OSError):  # noqa: N818 - what is said of the body
    """A body that is not the one that was signed, or was cut short."""


class Way(Enum):
    """What is done with a body."""

    CHECK = "its hash was signed and is compared as it passes"
    HOLD = "its hash was signed and not sent: it is read before"
    HAND = "the server reads it"
    PASS = "it is not signed"  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with the body of a request, and the hash that it must have."""

    way: Way
    expected: str = ""


def plan(method: str, query: str, headers: Headers) -> Plan:
    """Return what is to be done with a body; whether it may be so is the server's to say."""
    names = {unquote(parameter.partition("=")[0]) for parameter in query.split("&")}
    claimed = next((value for name, value in headers if name == "x-amz-content-sha256"), "")
    if method == "POST" and "delete" in names:
        return Plan(Way.HAND, claimed)
    if _HASH.fullmatch(claimed):
        return Plan(Way.CHECK, claimed)
    in_address = {"X-Amz-Algorithm", "X-Amz-Signature"} <= names and all(name != "authorization" for name, _ in headers)
    if claimed or in_address:
        return Plan(Way.PASS)
    return Plan(Way.HOLD)


class CheckedBody(io.RawIOBase):
    """A body that ends well only if it has the hash that was signed; `failed` says that it has not.

    `read` is that of what it comes from, `length` how many bytes there are, None: until there are no more.
    """

    def __init__(self, read: Callable[[int], bytes], length: int | None, expected: str) -> None:
        super().__init__()
        self._read, self._left, self._expected = read, length, expected
        self._hash = sha256()
        self._piece = memoryview(b"")
        self._next: bytes | None = None
        self.failed = False

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override] # as io calls it
        """Give out bytes; the last ones after the whole was found to be what was signed. Raises BodyMismatch."""
        if self.failed:
            raise BodyMismatch("the body is not the one that was signed")
        if not self._piece:
            self._piece = memoryview(self._following())
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def _following(self) -> bytes:
        """Return the next piece, once the one behind it is here or the end is known to be right."""
        if self._next is None:
            self._next = self._fetch()
        piece, self._next = self._next, self._fetch() if self._next else b""
        if not self._next and (self._left or self._hash.hexdigest() != self._expected):
            self.failed = True
            raise BodyMismatch("the body is not the one that was signed")
        return piece

    def _fetch(self) -> bytes:
        size = _PIECE if self._left is None else min(_PIECE, self._left)
        piece = self._read(size) if size else b""
        self._hash.update(piece)
        if self._left is not None:
            self._left -= len(piece)
        return piece


def require_any(planned: Plan, *, empty: bool) -> None:
    """Refuse a request without a body where one was signed: an application does not read what is not there."""
    if empty and planned.way is Way.CHECK and planned.expected != hash_of(b""):
        raise Refused(MISMATCH_STATUS, HEADERS, MISMATCH)


def hash_of(body: bytes) -> str:
    """Return the SHA-256 of a body that is here."""
    return sha256(body).hexdigest()
