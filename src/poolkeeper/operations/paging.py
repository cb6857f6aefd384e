"""Where does the next page begin? A sealed token says it, bound to the operation and to what it lists (attacks.md 152)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import HOUR
from poolkeeper.crypto import base64url
from poolkeeper.crypto.seal import SealError
from poolkeeper.errors import InvalidParameterException

LARGEST_PAGE = 60
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What one answer lists; `token` leads to the next page, None at the end."""

    items: Sequence[T]
    token: str | None

    @property
    def is_truncated(self) -> bool:
        return self.token is not None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of which list a caller wants, of `size` items. `listing` names the operation and all that it filters by."""

    call: Call
    listing: str
    token: str | None
    size: int

    @property
    def limit(self) -> int:
        """Return how many rows to read: one more than the page holds shows that there is another page."""
        return self.size + 1

    def after(self) -> str:
        """Return the key after which the page begins, an empty text for the first page.

        Raises InvalidParameterException for a token of another listing, an old or an altered one.
        """
        return read_token(self.call, self.token, listing=self.listing)

    def cut(self, rows: Sequence[T], key: Callable[[T], str]) -> Page[T]:
        """Return the page of the rows that were read; the next one begins after the `key` of its last item."""
        items = rows[: self.size]
        if len(rows) <= self.size:
            return Page(items, None)
        return Page(items, write_token(self.call, listing=self.listing, after=key(items[-1])))


class _Position(msgspec.Struct, frozen=True, array_like=True):
    listing: str
    after: str
    expires_at: int


def write_token(call: Call, *, listing: str, after: str) -> str:
    """Return the token of a page that begins after `after`; `listing` names operation, pool, filter and page size."""
    position = msgspec.msgpack.encode(_Position(listing, after, call.now + HOUR))
    sealed = call.house.sealer.seal_blob(position, purpose="page", now=call.now)
    return base64url.encode(sealed)


def read_token(call: Call, token: str | None, *, listing: str) -> str:
    """Return the key after which the page begins, an empty text for the first page.

    Raises InvalidParameterException for a token of another listing, an old or an altered one.
    """
    if token is None:
        return ""
    try:
        sealed = base64url.decode(token)
        position = msgspec.msgpack.decode(call.house.sealer.open_blob(sealed, purpose="page"), type=_Position)
    except (ValueError, SealError):
        position = None
    if position is None or position.listing != listing or position.expires_at <= call.now:
        raise InvalidParameterException(f"Paging marker {token} is invalid for request {call.request_id}")
    return position.after
