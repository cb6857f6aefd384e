"""Which requests ask for lists? Pages of users, users by what is known of them, groups and their members."""

from collections.abc import Callable
from typing import Any

from calls import call, cycled, post
from world import GROUP, World

_WALK = 8


def user_pages(world: World, count: int) -> list[bytes]:
    """Walk a few pages of 60 users, and return the requests of that walk over and over."""
    port, listing = world.server.port, {"UserPoolId": world.pool_id, "Limit": 60}
    walk = [listing]
    while len(walk) < _WALK and (token := call(port, "ListUsers", walk[-1], signed=True).get("PaginationToken")):
        walk.append({**listing, "PaginationToken": token})
    return cycled([post(port, "ListUsers", page, signed=True) for page in walk], count)


def users_by_email(world: World, count: int) -> list[bytes]:
    return _found(world, count, 'email = "{}"', lambda name: name)


def users_by_prefix(world: World, count: int) -> list[bytes]:
    """Ask for all but the last sign of each user's name: ten users of a small world, one of a large one."""
    return _found(world, count, 'email ^= "{}"', lambda name: name.partition("@")[0][:-1])


def _found(world: World, count: int, condition: str, part: Callable[[str], str]) -> list[bytes]:
    def request(name: str) -> dict[str, Any]:
        return {"UserPoolId": world.pool_id, "Filter": condition.format(part(name))}

    port = world.server.port
    return cycled([post(port, "ListUsers", request(user.name), signed=True) for user in world.users], count)


def group_pages(world: World, count: int) -> list[bytes]:
    return cycled([post(world.server.port, "ListGroups", {"UserPoolId": world.pool_id}, signed=True)], count)


def group_members(world: World, count: int) -> list[bytes]:
    listing = {"UserPoolId": world.pool_id, "GroupName": GROUP}
    return cycled([post(world.server.port, "ListUsersInGroup", listing, signed=True)], count)
