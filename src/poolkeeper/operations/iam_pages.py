"""Where does a list of iam go on? Pages by Marker and MaxItems, with IsTruncated while there is more."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeVar

from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, ValidationException
from poolkeeper.model.iam import Entity, Kind, folded
from poolkeeper.operations.paging import Page, PageRequest
from poolkeeper.store import iam_entities

T = TypeVar("T")

USUAL_PAGE = 100
_AT_ONCE = 1_000


def page_request(call: Call, listing: str, marker: str | None, max_items: int | None) -> PageRequest:
    """Return which page of which list a caller wants; a digest of the listing keeps a marker to its 320 characters."""
    return PageRequest(call, sha256(listing.encode()).hexdigest()[:16], marker, max_items or USUAL_PAGE)


def after(wanted: PageRequest) -> str:
    """Return the name after which a page begins, empty for the first one.

    Raises ValidationException for a marker of another list, an old or an altered one.
    """
    try:
        return wanted.after()
    except InvalidParameterException as fault:
        # UNVERIFIED: the words; an altered Marker against AWS would settle them.
        raise ValidationException("Invalid Marker.", detail=fault.message) from None


def page(wanted: PageRequest, items: Sequence[T], name: Callable[[T], str]) -> Page[T]:
    """Return a page of a complete list of items, in the order of their names."""
    last_name = after(wanted)
    remaining = [item for item in sorted(items, key=name) if name(item) > last_name]
    return wanted.cut(remaining, name)


async def page_of_entities(wanted: PageRequest, kind: Kind, *, path_prefix: str | None) -> Page[Entity]:
    """Return a page of users, groups, roles or policies below a path, in the order of their names."""
    last_name = after(wanted)
    entities: list[Entity] = []
    more = True
    while more and len(entities) < wanted.limit:
        rows = await iam_entities.page(wanted.call.db, kind, after=last_name, limit=_AT_ONCE)
        entities += [row for row in rows if row.path.startswith(path_prefix or "/")]
        more = len(rows) == _AT_ONCE
        last_name = rows[-1].name if rows else last_name
    return wanted.cut(entities, lambda entity: folded(entity.name))
