"""Which part of a request that breaks a limit of its model do policies judge? The beginnings of its texts, lists and maps.

Such a request is refused in any case. But a caller whom no policy allows the call must not learn what else is wrong with it,
so policies come first, and what they judge must be small.
"""

from itertools import islice
from typing import Any

from poolkeeper.aws.shape import Shape

MOST_MEMBERS = 50
# One more than an ARN may have, so that an ARN that is too long stays too long.
MOST_CHARACTERS = 2_049


def trimmed(value: Any) -> Any:
    """Return a request, or a value in one, with the beginnings of its texts, lists and maps."""
    if isinstance(value, Shape):
        return type(value)(**{name: trimmed(getattr(value, name)) for name in value.__struct_fields__})
    if isinstance(value, str):
        return value[:MOST_CHARACTERS]
    if isinstance(value, list):
        return [trimmed(member) for member in value[:MOST_MEMBERS]]
    if isinstance(value, dict):
        return {trimmed(key): trimmed(member) for key, member in islice(value.items(), MOST_MEMBERS)}
    return value
