"""Where does a list of the account's things go on? Pages of Marker and MaxItems, IsTruncated while there is more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, TypeVar

from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, ValidationException
from poolkeeper.model.iam import Entity, Kind, folded
from poolkeeper.operations import paging
from poolkeeper.store import iam_entities

T = TypeVar("T")

USUAL_PAGE = 100
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What one answer lists; `marker` is where the next one begins, None at the end."""

    items: Sequence[T]
    marker: str | None

    @property
    def is_truncated(self) -> bool:
        return self.marker is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of which list was asked for. `listing` names the operation and all that it filters by."""

    call: Call
    listing: str
    marker: str | None
    max_items: int | None

    @property
    def limit(self) -> int:
        return self.max_items or USUAL_PAGE

    def after(self) -> str:
        """Return the name behind which the page begins, empty for the first one.

        Raises ValidationException for a marker of another list, an old or an altered one.
        """
        try:
            return paging.read_token(self.call, self.marker, listing=self._digest())
        except InvalidParameterException as fault:
            # UNVERIFIED: the words; an altered Marker against AWS would settle them.
            raise ValidationException("Invalid Marker.", detail=fault.message) from None

    def cut(self, items: Sequence[T], name: Callable[[T], str]) -> Page[T]:
        """Return a page of the items behind the marker, of which one more than the page holds is enough."""
        shown = items[: self.limit]
        more = len(items) > self.limit
        return Page(
            shown,
            paging.write_token(self.call, listing=self._digest(), after=name(shown[-1])) if more else None,
        )

    def _digest(self) -> str:
        """Return the listing's name at a length that leaves a marker within its 320 characters."""
        return sha256(self.listing.encode()).hexdigest()[:16]


def page(asked: Asked, items: Sequence[T], name: Callable[[T], str]) -> Page[T]:
    """Return a page of items that are all there, in the order of their names."""
    after = asked.after()
    behind = [item for item in sorted(items, key=name) if name(item) > after]
    return asked.cut(behind, name)


async def page_of_entities(asked: Asked, kind: Kind, *, path_prefix: str | None) -> Page[Entity]:
    """Return a page of users, groups, roles or policies below a path, in the order of their names."""
    after = asked.after()
    kept: list[Entity] = []
    more = True
    while more and len(kept) <= asked.limit:
        rows = await iam_entities.page(asked.call.db, kind, after=after, limit=_AT_ONCE)
        kept += [row for row in rows if row.path.startswith(path_prefix or "/")]
        more = len(rows) == _AT_ONCE
        after = rows[-1].name if rows else after
    return asked.cut(kept, lambda entity: folded(entity.name))
