"""How do lists show a user? The rows of store/search.py and of a group's members."""

from collections.abc import Mapping, Sequence

import msgspec

from poolkeeper.aws.generated.cognito_idp import UserType
from poolkeeper.errors import InvalidParameterException
from poolkeeper.operations.shapes import attribute_list, seconds
from poolkeeper.store.search import UserInList

_decode = msgspec.json.Decoder(dict[str, str]).decode


def listed_user(row: UserInList, requested: Sequence[str] | None = None) -> UserType:
    """Return a row of store/search.py or of a group's members for a list.

    Raises InvalidParameterException where the user lacks a `requested` attribute.
    """
    attributes = _decode(row.attributes or "{}")
    return UserType(
        username=row.username,
        attributes=attribute_list(attributes if requested is None else _restricted(attributes, requested)),
        user_create_date=seconds(row.created_at or 0),
        user_last_modified_date=seconds(row.updated_at or 0),
        enabled=bool(row.enabled),
        user_status=row.status,
    )


def is_there(row: UserInList) -> bool:
    """Say whether an index row still has its user, who may have been deleted in the same moment."""
    return row.username is not None


def _restricted(attributes: Mapping[str, str], requested: Sequence[str]) -> dict[str, str]:
    missing = [name for name in requested if name not in attributes]
    if missing:
        raise InvalidParameterException("One or more requested attributes do not exist.")
    return {name: value for name, value in attributes.items() if name in requested}
