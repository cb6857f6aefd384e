"""Where does a list of iam go on? Pages by Marker and MaxItems, with IsTruncated while there is more."""

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
    """What one answer lists; `marker` leads to the next page, None at the end."""

    items: Sequence[T]
    marker: str | None

    @property
    def is_truncated(self) -> bool:
        return self.marker is not None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of which list a caller wants. `listing` names the operation and all that it filters by."""

    call: Call
    listing: str
    marker: str | None
    max_items: int | None

    @property
    def limit(self) -> int:
        return self.max_items or USUAL_PAGE

    def after(self) -> str:
        """Return the name after which the page begins, empty for the first one.

        Raises ValidationException for a marker of another list, an old or an altered one.
        """
        try:
            return paging.read_token(self.call, self.marker, listing=self._digest())
        except InvalidParameterException as fault:
            # UNVERIFIED: the words; an altered Marker against AWS would settle them.
            raise ValidationException("Invalid Marker.", detail=fault.message) from None

    def cut(self, items: Sequence[T], name: Callable[[T], str]) -> Page[T]:
        """Return a page of the items after the marker; one more item than the page holds is enough."""
        shown = items[: self.limit]
        has_more = len(items) > self.limit
        return Page(
            shown,
            paging.write_token(self.call, listing=self._digest(), after=name(shown[-1])) if has_more else None,
        )

    def _digest(self) -> str:
        """Return a digest of the listing, so short that a marker keeps to its 320 characters."""
        return sha256(self.listing.encode()).hexdigest()[:16]


def page(page_request: PageRequest, items: Sequence[T], name: Callable[[T], str]) -> Page[T]:
    """Return a page of a complete list of items, in the order of their names."""
    after = page_request.after()
    remaining = [item for item in sorted(items, key=name) if name(item) > after]
    return page_request.cut(remaining, name)


async def page_of_entities(page_request: PageRequest, kind: Kind, *, path_prefix: str | None) -> Page[Entity]:
    """Return a page of users, groups, roles or policies below a path, in the order of their names."""
    after = page_request.after()
    entities: list[Entity] = []
    more = True
    while more and len(entities) <= page_request.limit:
        rows = await iam_entities.page(page_request.call.db, kind, after=after, limit=_AT_ONCE)
        entities += [row for row in rows if row.path.startswith(path_prefix or "/")]
        more = len(rows) == _AT_ONCE
        after = rows[-1].name if rows else after
    return page_request.cut(entities, lambda entity: folded(entity.name))
