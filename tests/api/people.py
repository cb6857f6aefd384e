"""How do tests speak of users' attributes? Short ways between plain dictionaries and the lists that AWS has."""

from collections.abc import Mapping
from typing import Any

from api.world import PoolOfTests, World


def listed(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    """Return attributes as requests have them."""
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def enlist(pool: PoolOfTests, name: str, attributes: Mapping[str, str], *, permanent: bool = True) -> None:
    """Create a user by an administrator's hand as `pool.user` does, with attributes of whatever names."""
    pool.user(name, permanent=permanent)
    pool.admin("admin_update_user_attributes", name, UserAttributes=listed(attributes))


def held(pool: PoolOfTests, name: str) -> dict[str, str]:
    """Return all attributes of a user but its sub, as an administrator sees them."""
    answer = pool.admin("admin_get_user", name)
    return {one["Name"]: one["Value"] for one in answer["UserAttributes"] if one["Name"] != "sub"}


def seen(world: World, access_token: str) -> dict[str, str]:
    """Return all attributes but the sub that a user sees of itself."""
    answer = world.unsigned.get_user(AccessToken=access_token)
    return {one["Name"]: one["Value"] for one in answer["UserAttributes"] if one["Name"] != "sub"}


def update(world: World, access_token: str, attributes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Call UpdateUserAttributes; return where codes went."""
    answer = world.unsigned.update_user_attributes(AccessToken=access_token, UserAttributes=listed(attributes))
    details: list[dict[str, Any]] = answer["CodeDeliveryDetailsList"]
    return details


def verify(world: World, access_token: str, attribute: str, code: str) -> None:
    """Call VerifyUserAttribute."""
    world.unsigned.verify_user_attribute(AccessToken=access_token, AttributeName=attribute, Code=code)
