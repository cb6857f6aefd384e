"""Which role does an ARN name? One that IAM here holds, by account, path and name."""

from poolkeeper.call import House
from poolkeeper.model.iam import Entity, Kind, entity_arn
from poolkeeper.store import iam_entities


async def find_role(house: House, arn: str) -> Entity | None:
    """Return the role that has exactly this ARN, None where there is none."""
    return role_of(house, arn, await iam_entities.find(house.db, Kind.ROLE, name_in(arn)))


def role_of(house: House, arn: str, role: Entity | None) -> Entity | None:
    """Return the role that IAM holds by the name in an ARN, if it has the whole ARN."""
    if role is None or entity_arn(house.settings.account_id, Kind.ROLE, path=role.path, name=role.name) != arn:
        return None
    return role


def name_in(arn: str) -> str:
    """Return the name that the ARN of a role ends in."""
    return arn.rpartition("/")[2]
