"""Which role does an ARN name? One that IAM here holds, by account, path and name."""

from poolkeeper.call import House
from poolkeeper.model.iam import Entity, Kind, entity_arn
from poolkeeper.store import iam_entities


async def find_role(house: House, arn: str) -> Entity | None:
    """Return the role that has exactly this ARN, None where there is none."""
    role = await iam_entities.find(house.db, Kind.ROLE, arn.rpartition("/")[2])
    if role is None or entity_arn(house.settings.account_id, Kind.ROLE, path=role.path, name=role.name) != arn:
        return None
    return role
