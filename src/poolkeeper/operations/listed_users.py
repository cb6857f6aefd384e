"""How do lists show a user? The rows of store/search.py and of a group's members."""

from collections.abc import Mapping, Sequence

import msgspec

from poolkeeper.aws.generated.cognito_idp import UserType
from poolkeeper.errors import InvalidParameterException
from poolkeeper.operations.shapes import attribute_list, seconds
from poolkeeper.store.db import Row

_decode = msgspec.json.Decoder(dict[str, str]).decode


def listed_user(row: Row, wanted: Sequence[str] | None = None) -> UserType:
    """Return a row of store/search.py or of a group's members as lists answer it.

    Raises InvalidParameterException where the user lacks an attribute that is `wanted`.
    """
    attributes = _decode(row[4])
    return UserType(
        username=row[1],
        attributes=attribute_list(attributes if wanted is None else _restricted(attributes, wanted)),
        user_create_date=seconds(row[5]),
        user_last_modified_date=seconds(row[6]),
        enabled=bool(row[3]),
        user_status=row[2],
    )


def is_there(row: Row) -> bool:
    """Say whether an index row still has its user, which may have gone in the same moment."""
    return row[1] is not None


def _restricted(attributes: Mapping[str, str], wanted: Sequence[str]) -> dict[str, str]:
    missing = [name for name in wanted if name not in attributes]
    if missing:
        raise InvalidParameterException("One or more requested attributes do not exist.")
    return {name: value for name, value in attributes.items() if name in wanted}
